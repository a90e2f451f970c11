"""Who has to do what next, what unblocks most first; readiness.md §8 and §10. Called by ``judge``.

An ask that nobody reacts to for a working day goes to the next in the list of owners, too. Since when it stands is the
memory's, by a name that does not change with its counts, so that a missed run delays nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from mapping.calendar import shift_working_hours, utc
from mapping.finding import Finding, manager_of
from mapping.gate import Person
from mapping.legs import returned_todos
from mapping.ownership import ASSIGNEE, owner_todos
from mapping.readiness import Ask, State, WaiverStanding
from mapping.state import about_added
from mapping.waiving import waiver_todos
from mapping.wording import day

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mapping.gate import Release
    from mapping.judged import Judged
    from mapping.record import Hold
    from mapping.timing import Timeline

_ASKED = (
    State.ON_HOLD,
    State.NOT_STARTED,
    State.BLOCKED,
    State.UNKNOWN,
    State.AT_RISK,
    State.SIGN_OFF_DUE,
    State.EXCEPTION,
)
_A_WORKING_DAY = timedelta(hours=8)
_MOST = 100
_MOST_NAMES = 5
_MOST_SILENT = 3
"""So many are named in the question who speaks for them; the page lists all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """One ask before it is known since when it stands. ``name`` is its own; ``line`` who is asked, in order.
    ``advisory``: nothing that is required needs it; ``held``: it is to lift a hold; ``patient``: it holds up nobody;
    ``now``: it is for now, not for a day; ``own``: its own gate is among those that wait for it.
    """

    ask: Ask
    name: str
    line: Sequence[Person] = ()
    advisory: bool = False
    held: bool = False
    patient: bool = False
    now: bool = False
    own: bool = False


def asks(
    judged: Sequence[Judged],
    holds: Sequence[Hold],
    waivers: Sequence[WaiverStanding],
    release: Release,
    past: Mapping[str, datetime],
    timeline: Timeline,
) -> tuple[tuple[Ask, ...], dict[str, datetime]]:
    """One ask for each thing to do, and since when each stands, for the memory; ``judged`` are all gates, worst first.

    Who holds the release comes first. Who waits for another is asked nothing. At most a hundred.
    """
    wanted = [
        *_to_be_lifted(holds, release),
        *_about_the_release(release),
        *_of_gates(judged, waivers, release),
        *_speakers(judged, release),
    ]
    found = _each_once(wanted)[:_MOST]
    since = {it.name: min(past.get(it.name, timeline.now), timeline.now) for it in found}
    made = tuple(_passed_on(it, since[it.name], release, timeline) for it in found)
    return made, dict(sorted(since.items()))


def _of_gates(judged: Sequence[Judged], waivers: Sequence[WaiverStanding], release: Release) -> list[_Wanted]:
    after = _downstream(release)
    names = {gate.id: gate.name for gate in release.gates}
    more = waiver_todos(waivers, judged, release), returned_todos(judged, release)
    found = []
    for each in judged:
        own = each.readiness.id
        waiting = tuple(names[waiter] for waiter in after[own])
        extra = (
            *(f for todos in more for f in todos.get(own, ())),
            *owner_todos(each),
            *_unadmitted(each),
            *_wished(each),
        )
        found += [_wanted(each, finding, release, waiting) for finding in (*_findings(each), *extra)]
    return sorted(_each_once(sorted(found, key=_rank)), key=_rank)


def _findings(judged: Judged) -> Iterator[Finding]:
    """What there is to ask, the ignorance beside a blocked gate included."""
    if judged.state not in _ASKED:
        return
    beside = judged.case.unseen if judged.state is State.BLOCKED else ()
    yield from (finding for finding in (*judged.findings, *beside) if finding.todo)


def _unadmitted(judged: Judged) -> Iterator[Finding]:
    """What came after the freeze, also where something else is worse."""
    if judged.case.scope.added and judged.state is not State.NOT_NEEDED:
        yield about_added(judged.case, judged.case.scope.added)


def _wished(judged: Judged) -> Iterator[Finding]:
    """What takes the manager's word, too."""
    view, wished = judged.case.view, judged.case.view.said.wished
    if wished and judged.state is not State.NOT_NEEDED:
        todo = (
            f"say whether {view.gate.name} is not needed, as {wished.by} says{view.quoted(wished.reason)}: "
            f"/approve {view.gate.id}, or /deny {view.gate.id} with a reason"
        )
        yield Finding(reason="its owner says that it is not needed", actor=view.manager, todo=todo, kind="not needed")


def _rank(it: _Wanted) -> tuple[object, ...]:
    """Required gates first, a held one before all others and what holds up nobody last, then by how many wait, by day,
    by gate.
    """
    late = "" if it.now else utc(it.ask.by).isoformat() if it.ask.by else "~"
    return it.advisory, not it.held, it.patient, it.own - len(it.ask.unblocks), late, it.ask.gate, it.ask.what


def _wanted(judged: Judged, finding: Finding, release: Release, waiting: tuple[str, ...]) -> _Wanted:
    gate, held = judged.case.view.gate, judged.state is State.ON_HOLD and finding.kind == "hold"
    line = _line(finding.actor, gate.owners) or _line(finding.actor, release.managers)
    ask = Ask(
        who=line[0].name if line else finding.actor,
        what=finding.todo,
        gate=gate.id,
        by=_by(judged, finding),
        unblocks=_waiting(judged, finding, release, waiting),
        key=finding.key,
        url=finding.url,
    )
    return _Wanted(
        ask=ask,
        name=f"{gate.id} {finding.kind or judged.state} {ask.who}",
        line=line,
        advisory=not gate.required,
        patient=finding.kind == ASSIGNEE or judged.state is State.EXCEPTION,
        now=_is_blind(judged, finding) and judged.state is not State.BLOCKED,
        own=_is_blind(judged, finding),
        held=held,
    )


def _is_blind(judged: Judged, finding: Finding) -> bool:
    """Whether it is why the gate cannot be told; that work is late to begin is no such thing."""
    return finding in judged.case.unseen and not finding.late


def _by(judged: Judged, finding: Finding) -> datetime | None:
    """To restore sight is for now, as is what fell after its day: neither has until a day."""
    due, until = judged.readiness.due, judged.readiness.good_until
    if finding.by is not None:
        due = finding.by
    fell = due is not None and until is not None and utc(due) < utc(until)
    return None if fell or _is_blind(judged, finding) else due


def _waiting(judged: Judged, finding: Finding, release: Release, downstream: tuple[str, ...]) -> tuple[str, ...]:
    """Who takes what is nobody's wait. Whoever restores sight has the gate itself wait, and a hold the release."""
    if finding.kind == ASSIGNEE:
        return ()
    if _is_blind(judged, finding):
        return judged.readiness.name, *downstream
    if finding.kind == "hold" and judged.readiness.required:
        return (release.name,)
    return downstream


def _line(actor: str, people: Sequence[Person]) -> Sequence[Person]:
    """Who is asked, in order: from that person on; nobody whose account is switched off if anybody else is there."""
    known = [person.name for person in people]
    if actor not in known:
        return ()
    after = people[known.index(actor) :]
    return [p for p in after if p.active] or [p for p in people if p.active] or after


def _each_once(wanted: Iterable[_Wanted]) -> list[_Wanted]:
    """What one person is to do for several gates is one ask, and whoever waits for any of them waits for it."""
    kept: dict[tuple[str, str], _Wanted] = {}
    for it in wanted:
        said = it.ask.who, it.ask.what
        first = kept.get(said)
        if first is None:
            kept[said] = it
            continue
        waiting = dict.fromkeys((*first.ask.unblocks, *it.ask.unblocks))
        kept[said] = replace(first, ask=replace(first.ask, unblocks=tuple(waiting)))
    return list(kept.values())


def _passed_on(it: _Wanted, since: datetime, release: Release, timeline: Timeline) -> Ask:
    """To the next in the line after each working day."""
    who, asked, told = it.ask.who, since, []
    for number, person in enumerate(it.line[1:_MOST_NAMES], 1):
        due = shift_working_hours(since, number * _A_WORKING_DAY, release.zone, release.holidays)
        if not timeline.passed(due):
            break
        told.append(f"{who} was asked {day(asked, release.zone, release.target)}")
        who, asked = person.name, due
    return replace(it.ask, who=who, before=", ".join(told))


def _downstream(release: Release) -> dict[str, list[str]]:
    """For each gate all gates that wait for it, directly or not. An advisory gate holds up nobody."""
    next_ones: dict[str, list[str]] = {gate.id: [] for gate in release.gates}
    required = {gate.id for gate in release.gates if gate.required}
    for gate in sorted(release.gates, key=lambda g: g.id):
        for upstream in sorted(set(gate.after) & required - {gate.id}):
            next_ones[upstream].append(gate.id)
    return {start: _reached(start, next_ones) for start in next_ones}


def _reached(start: str, next_ones: Mapping[str, Sequence[str]]) -> list[str]:
    seen: dict[str, None] = {}
    left = list(next_ones[start])
    while left:
        found = left.pop(0)
        if found not in seen and found != start:
            seen[found] = None
            left.extend(next_ones[found])
    return list(seen)


def _to_be_lifted(holds: Sequence[Hold], release: Release) -> Iterator[_Wanted]:
    """Of whoever holds the release; what holds a gate is the gate's."""
    for hold in holds:
        if hold.gate is None:
            line = _line(hold.by, release.managers)
            who = line[0].name if line else hold.by
            what = "lift the hold on the release, or say what it waits for"
            ask = Ask(who=who, what=what, unblocks=(release.name,))
            yield _Wanted(ask=ask, name=f"#hold {who}", line=line)


def _about_the_release(release: Release) -> Iterator[_Wanted]:
    names = tuple(sorted(gate.name for gate in release.gates if gate.required))
    if release.target is None:
        what = f"set the target of {release.name}: without it nothing is ever late"
        yield _of_the_manager(what, "target", release, unblocks=names)
    if release.target_unexplained and release.target is not None:
        date = day(release.target, release.zone, release.target)
        what = f"say why {release.target_from} moves the target to {date}: /target {date} because REASON"
        yield _of_the_manager(what, "why the target moved", release)
    if release.launch_is_over:
        what = f"say /launched or /cancel, or reopen {release.launch_key}: it is {release.launch_status} there"
        yield _of_the_manager(what, "the launch issue is over", release)


def _speakers(judged: Sequence[Judged], release: Release) -> Iterator[_Wanted]:
    """One question for all the gates that nobody mentioned, and how it is answered."""
    silent = [each.readiness for each in judged if each.state is State.NOT_STARTED and each.readiness.asked]
    silent.sort(key=lambda gate: (gate.name, gate.id))
    if silent:
        *others, last = [gate.name for gate in silent]
        if len(others) >= _MOST_SILENT:
            others, last = others[:_MOST_SILENT], f"{len(others) + 1 - _MOST_SILENT} more"
        listed = f"{', '.join(others)} and {last}" if others else last
        each = ", and so for each" if others else ""
        what = f"Who speaks for {listed}? Write /owner {silent[0].id} PERSON{each}"
        yield _of_the_manager(what, "speakers", release)


def _of_the_manager(what: str, kind: str, release: Release, unblocks: tuple[str, ...] = ()) -> _Wanted:
    line = _line(manager_of(release), release.managers)
    who = line[0].name if line else manager_of(release)
    key, url = (release.launch_key, release.launch_url) if unblocks else ("", "")
    return _Wanted(ask=Ask(who=who, what=what, unblocks=unblocks, key=key, url=url), name=f"#{kind} {who}", line=line)
