"""Who has to do what next, what unblocks most first; readiness.md §10. Called by ``judge``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mapping.calendar import utc
from mapping.finding import Finding, manager_of
from mapping.readiness import Ask, State

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mapping.gate import Release
    from mapping.judged import Judged

_ASKED = (
    State.ON_HOLD,
    State.NOT_STARTED,
    State.BLOCKED,
    State.UNKNOWN,
    State.AT_RISK,
    State.SIGN_OFF_DUE,
    State.EXCEPTION,
)


def asks(judged: Sequence[Judged], release: Release) -> tuple[Ask, ...]:
    """One ask for each thing to do; ``judged`` are all gates, worst first. Who waits for another is asked nothing."""
    after = _downstream(release)
    names = {gate.id: gate.name for gate in release.gates}
    found = [
        (_rank(each, finding, len(after[each.readiness.id])), _ask(each, finding, after, names))
        for each in judged
        for finding in _findings(each)
    ]
    found.sort(key=lambda pair: pair[0])
    unique = dict.fromkeys(ask for _, ask in found)
    return (*_about_the_release(release), *unique, *_speakers(judged, release))


def _findings(judged: Judged) -> Iterator[Finding]:
    """What there is to ask, the ignorance beside a blocked gate included."""
    if judged.state not in _ASKED:
        return
    beside = judged.case.unseen if judged.state is State.BLOCKED else ()
    yield from (finding for finding in (*judged.findings, *beside) if finding.todo)


def _rank(judged: Judged, finding: Finding, unblocks: int) -> tuple[object, ...]:
    """Required gates first, exceptions last (they hold up nobody), then by how many wait, by day, by gate."""
    due = finding.by or judged.readiness.due
    late = utc(due).isoformat() if due else "~"
    patient = judged.state is State.EXCEPTION
    return not judged.readiness.required, patient, -unblocks, late, judged.readiness.id, finding.todo


def _ask(judged: Judged, finding: Finding, after: Mapping[str, Sequence[str]], names: Mapping[str, str]) -> Ask:
    return Ask(
        who=finding.actor,
        what=finding.todo,
        gate=judged.readiness.id,
        by=finding.by or judged.readiness.due,
        unblocks=tuple(names[waiter] for waiter in after[judged.readiness.id]),
        key=finding.key,
        url=finding.url,
    )


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


def _about_the_release(release: Release) -> Iterator[Ask]:
    names = tuple(sorted(gate.name for gate in release.gates if gate.required))
    if release.target is None:
        yield Ask(
            who=manager_of(release),
            what=f"set the target of {release.name}: without it nothing is ever late",
            unblocks=names,
            key=release.launch_key,
            url=release.launch_url,
        )


def _speakers(judged: Sequence[Judged], release: Release) -> Iterator[Ask]:
    """One question for all the gates that nobody mentioned."""
    names = sorted(each.readiness.name for each in judged if each.state is State.NOT_STARTED and each.readiness.asked)
    if names:
        listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
        yield Ask(who=manager_of(release), what=f"Who speaks for {listed}?")
