"""``judge``: all the rules in one pure function. Start reading here; then ``state`` and ``verdict``.

Called by the pass after every reading. Raises nothing, reads no clock, keeps nothing: what it needs of the past comes
in as memory and goes out again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from mapping.amend import amended, targets_of
from mapping.asks import asks
from mapping.baseline import known_in
from mapping.blindness import blindness, deafness
from mapping.calendar import utc
from mapping.case import Case, View, is_legible, is_met
from mapping.criteria import criteria, item_name, missed
from mapping.ended import endings_known
from mapping.finding import due_of, owner_of
from mapping.gate import Release
from mapping.handoff import Upstream, batons, received, upstream_of
from mapping.item import Item
from mapping.judged import Judged
from mapping.legs import handoffs, legs_of
from mapping.memory import Facts, GateMemory, Memory, Series, caught_up
from mapping.readiness import GateReadiness, Readiness, State, TargetSet, WaiverState
from mapping.record import Closing, Decision, Question, Record
from mapping.remarks import remarks, sources
from mapping.said import said_about
from mapping.scope import doubts, scope_of, scope_of_gate
from mapping.sight import STRAYS, TALK, Sight
from mapping.signing import Signed, sign_off
from mapping.soak import advance, next_reading, settling
from mapping.standing import standing
from mapping.state import shown, state_of
from mapping.timing import SKEW, Timeline, expect_by
from mapping.verdict import cleared, holds_in_force, since_decided, valid_until, verdict_of, waivers_in_force
from mapping.waiving import waivings
from mapping.wording import worst_first

if TYPE_CHECKING:
    from mapping.finding import Finding
    from mapping.gate import Gate


def judge(
    items: Mapping[str, Sequence[Item]],
    records: Sequence[Record],
    health: Mapping[str, Sequence[Sight]],
    configuration: Release,
    memory: Memory,
    now: datetime,
) -> tuple[Readiness, Memory, datetime | None]:
    """The readiness of one release, the memory to go on with, and when time alone next changes something (None: never).

    ``items`` and ``health`` are keyed by gate id. The same input gives the same output, in whatever order it comes.
    """
    timeline = Timeline(now)
    said = standing(records)
    targets = targets_of(memory.targets, configuration, said, now)
    release = amended(configuration, said, targets, timeline)
    world = _World(
        items=items,
        records=said,
        health=health,
        release=release,
        timeline=timeline,
        targets=targets,
        frozen=known_in(gate.baseline for gate in memory.gates.values()),
        ended=endings_known(records, utc(now)),
    )
    judged: dict[str, Judged] = {}
    for gate in _upstream_first(release.gates):
        judged[gate.id] = _judge_gate(gate, world, memory.gates.get(gate.id), judged)
    ordered = sorted(judged.values(), key=lambda each: worst_first(each.readiness))
    gates = {**memory.gates, **{name: each.memory for name, each in judged.items()}}
    readiness, asked = _readiness(world, ordered, memory.asked)
    remembered = replace(memory, gates=dict(sorted(gates.items())), targets=targets, asked=asked)
    return readiness, remembered, timeline.wake_at


@dataclass(frozen=True, slots=True, kw_only=True)
class _World:
    items: Mapping[str, Sequence[Item]]
    records: tuple[Record, ...]
    health: Mapping[str, Sequence[Sight]]
    release: Release
    timeline: Timeline
    targets: tuple[TargetSet, ...]
    frozen: frozenset[str]
    ended: Mapping[str, Mapping[str, tuple[WaiverState, datetime]]]


def _upstream_first(gates: Iterable[Gate]) -> list[Gate]:
    """Each gate after those that it waits for; a cycle, which is refused elsewhere, comes last."""
    left = {gate.id: gate for gate in sorted(gates, key=lambda g: (g.id, repr(g)))}
    found: list[Gate] = []
    while left:
        free = [g for g in left.values() if not any(name in left and name != g.id for name in g.after)]
        found += free or left.values()
        left = {gate.id: gate for gate in left.values() if free and gate not in free}
    return found


def _judge_gate(gate: Gate, world: _World, past: GateMemory | None, before: Mapping[str, Judged]) -> Judged:
    release, timeline = world.release, world.timeline
    past = caught_up(past, timeline.now, SKEW) if past else None
    sights = tuple(world.health.get(gate.id, ()))
    ended = {**world.ended.get(gate.id, {}), **(past.ended if past else {})}
    spent = frozenset(ended) | (past.spent if past else frozenset())
    said = said_about(gate, world.records, spent, release, timeline)
    gone = missed((i for s in sights for i in s.vanished), past.vanished if past else {}, timeline.now)
    found = criteria(gate, world.items.get(gate.id, ()), sights, said, gone, release)
    begins = expect_by(release)
    view = View(
        gate=gate,
        release=release,
        timeline=timeline,
        sights=sights,
        said=said,
        past=past,
        criteria=found,
        had_item=bool(found.items) or (past is not None and past.had_item),
        started=begins is not None and timeline.passed(begins),
        ended=ended,
    )
    case = _case(view, before, world.frozen)
    state, findings = state_of(case)
    return _judged(case, state, findings, gone)


def _case(view: View, before: Mapping[str, Judged], frozen: frozenset[str]) -> Case:
    past, release, timeline = view.past, view.release, view.timeline
    blind = blindness(view)
    taken = received(view, batons(view, _upstream(view.gate, before)))
    signed = Signed(
        blockers=view.criteria.blockers,
        digest=view.criteria.digest([(b.upstream.id, b.arrived) for b in taken]),
        legible=is_legible(view, blind),
        told=not any(baton.dark for baton in taken if baton.offered is None),
        read_at=min((utc(s.observed_at) for s in view.sights if s.observed_at), default=None),
        seen=past.seen if past else {},
        seen_at=past.seen_at if past else None,
    )
    signing = sign_off(view.gate, view.said.signatures, signed, past.bound if past else {}, release, timeline)
    met = is_met(view, taken)
    series = advance(
        past.series if past else Series(),
        view.sights,
        timeline,
        met=met,
        clean=not view.criteria.waivers,
        blind=bool(blind),
    )
    waits = settling(view, series, signing.standing) if met else ""
    scope = scope_of_gate(view, blind, frozen)
    return Case(view=view, blind=blind, batons=taken, series=series, sign_off=signing, waits=waits, scope=scope)


def _upstream(gate: Gate, before: Mapping[str, Judged]) -> dict[str, Upstream]:
    """What was judged before and hands over to ``gate``, as it sees that."""
    cases = {name: (before[name].case, before[name].state) for name in gate.after if name in before}
    return {name: upstream_of(case, state) for name, (case, state) in cases.items()}


def _judged(case: Case, state: State, findings: tuple[Finding, ...], gone: Mapping[str, datetime]) -> Judged:
    memory = _remember(case, state, gone)
    return Judged(
        case=case, state=state, findings=findings, memory=memory, readiness=_gate_readiness(case, findings, memory)
    )


def _remember(case: Case, state: State, gone: Mapping[str, datetime]) -> GateMemory:
    view, past, now = case.view, case.view.past, case.view.timeline.now
    done = frozenset(item.ref for item in view.criteria.blockers if item.finished and item.live)
    same = past is not None and past.state is state
    return GateMemory(
        state=state,
        since=past.since if past and same else now,
        previous=past.previous if past and same else past.state if past else None,
        series=case.series,
        done_when_ready=done if state.good else past.done_when_ready if past else frozenset(),
        facts=_facts(case),
        had_item=view.had_item,
        offered={b.upstream.id: b.offered for b in case.batons if b.offered is not None},
        bound=dict(sorted(case.sign_off.bound.items())),
        vanished=dict(gone),
        seen=_seen(case),
        seen_at=_read_at(view) if case.legible else past.seen_at if past else None,
        spent=frozenset(view.criteria.spent) | frozenset(view.ended) | (past.spent if past else frozenset()),
        ended={**{name: (how, now) for name, how in view.criteria.spent.items()}, **view.ended},
        legs=legs_of(case, state),
        heeded={b.upstream.id: b.heeded for b in case.batons if b.heeded},
        unfrozen=case.scope.unfrozen,
        baseline=case.scope.baseline,
        good_until=_good_until(past, state, now),
    )


def _good_until(past: GateMemory | None, state: State, now: datetime) -> datetime | None:
    if past is None or state.good:
        return None
    return now if past.state.good else past.good_until


def _seen(case: Case) -> dict[str, str]:
    """What there was to see when all of it was last read."""
    if not case.legible:
        return case.view.past.seen if case.view.past else {}
    return dict(sorted((item_name(i), i.progress) for i in case.view.criteria.blockers if i.progress))


def _facts(case: Case) -> Facts:
    """The counts as they are, or, while a whole source is out of sight, as they last were."""
    view = case.view
    if any(finding.wide for finding in case.blind) and view.past and view.past.facts:
        return view.past.facts
    return Facts(done=view.criteria.done, total=view.criteria.total, at=_read_at(view))


def _read_at(view: View) -> datetime | None:
    """The oldest of its readings, None where one of them tells no time."""
    times = [utc(s.observed_at) for s in view.sights if s.observed_at is not None]
    return min(times) if times and len(times) == len(view.sights) else None


def _gate_readiness(case: Case, findings: tuple[Finding, ...], memory: GateMemory) -> GateReadiness:
    gate, state, facts = case.view.gate, memory.state, memory.facts or _facts(case)
    is_unknown = bool(case.unseen) and state in (State.BLOCKED, State.UNKNOWN)
    reason = findings[0].reason
    if state is State.BLOCKED and is_unknown:
        reason = f"{reason}; besides, {case.unseen[0].reason}"
    return GateReadiness(
        id=gate.id,
        name=gate.name,
        state=state,
        shown=shown(state, case),
        reason=reason,
        actor=findings[0].actor,
        required=gate.required,
        unknown=is_unknown,
        done=facts.done,
        total=facts.total,
        since=memory.since,
        due=due_of(gate, case.view.release),
        owner=owner_of(gate),
        open_items=case.view.criteria.open,
        signed=case.sign_off.standing[0] if case.sign_off.standing else None,
        facts_at=facts.at,
        confidential=gate.confidential,
        asked=gate.asked,
        sign_off=case.sign_off.needed,
        previous=memory.previous,
        read_by=_read_by(case),
        sign_off_key=gate.sign_off_key or "",
        good_until=memory.good_until,
    )


def _read_by(case: Case) -> datetime | None:
    """Nothing that is unmet can rise, and a reading that fails cannot make it."""
    if not case.met or case.blind or not case.view.is_read:
        return None
    return next_reading(case.view, case.series, case.sign_off.standing)


def _readiness(
    world: _World, judged: Sequence[Judged], past: Mapping[str, datetime]
) -> tuple[Readiness, dict[str, datetime]]:
    """With since when each of its asks stands. Nobody is asked for a release that is over."""
    release, timeline = world.release, world.timeline
    closed = next((r for r in reversed(world.records) if isinstance(r, Closing)), None)
    waivers = waivings(judged, world.records, release, timeline)
    holds = holds_in_force(world.records, release)
    asked, since = ((), {}) if closed else asks(judged, holds, waivers, release, past, timeline)
    unheard = deafness(world.health.get(TALK, ()), release, world.timeline)
    verdict, words, reason = verdict_of(judged, world.records, unheard, release, world.timeline)
    decisions = tuple(r for r in world.records if isinstance(r, Decision))
    readiness = Readiness(
        release=release.id,
        name=release.name,
        verdict=verdict,
        shown=words,
        reason=reason,
        computed_at=world.timeline.now,
        valid_until=valid_until(judged, release, world.timeline),
        gates=tuple(each.readiness for each in judged),
        target=release.target,
        managers=tuple(person.name for person in release.managers),
        asks=asked,
        holds=holds,
        waivers=waivers_in_force(judged),
        sources=sources(judged, release),
        remarks=(*remarks(judged, release), *doubts(judged, world.health.get(STRAYS, ()), release)),
        launch_key=release.launch_key,
        launch_url=release.launch_url,
        scope=scope_of(judged, world.items.get(STRAYS, ()), release),
        targets=world.targets,
        questions=tuple(r for r in world.records if isinstance(r, Question) and r.answered_at is None),
        decisions=decisions,
        since_decided=tuple(since_decided(decisions, judged)),
        cleared=cleared(decisions, judged, verdict) and (closed is None or closed.launched),
        closed=closed,
        all_waivers=waivers,
        handoffs=handoffs(judged, release, timeline),
    )
    return readiness, since
