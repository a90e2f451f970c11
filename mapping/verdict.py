"""The verdict over the required gates and how long it may be trusted; readiness.md §3. Called by ``judge``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mapping.calendar import shift, utc
from mapping.finding import told_by
from mapping.readiness import State, Verdict
from mapping.record import Hold
from mapping.said import attested_until
from mapping.timing import lease
from mapping.two_people import waived_until
from mapping.wording import WORST_FIRST, counted, state_words, verdict_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from mapping.gate import Release
    from mapping.judged import Judged
    from mapping.record import Decision, Record, Waiver
    from mapping.timing import Timeline


def verdict_of(
    judged: Sequence[Judged], records: Sequence[Record], unheard: str, release: Release, timeline: Timeline
) -> tuple[Verdict, str, str]:
    """The verdict, its words and one sentence why. ``judged`` are all gates, worst first; ``unheard``: why what people
    say on the summary issue is not known, "" when it is.
    """
    required = [each for each in judged if each.readiness.required]
    held = [r for r in records if isinstance(r, Hold) and r.gate is None]
    late = release.target is not None and timeline.passed(release.target)
    verdict = _first_that_matches(required, held=bool(held), late=late, deaf=bool(unheard))
    blind = any(each.state is State.UNKNOWN or each.readiness.unknown for each in required)
    reason = unheard if verdict is Verdict.UNKNOWN and not blind else _reason(verdict, required, held, release)
    return verdict, _shown(verdict, required), reason


def _first_that_matches(required: Sequence[Judged], *, held: bool, late: bool, deaf: bool) -> Verdict:
    states = {each.state for each in required}
    unsettled = {state for state in states if not state.settled}
    if held or State.ON_HOLD in states:
        return Verdict.ON_HOLD
    if State.BLOCKED in states or (late and unsettled - {State.UNKNOWN}):
        return Verdict.BLOCKED
    if deaf or any(each.readiness.unknown for each in required) or State.UNKNOWN in states:
        return Verdict.UNKNOWN
    if State.AT_RISK in states:
        return Verdict.AT_RISK
    if unsettled or not any(state.good for state in states):
        return Verdict.ON_TRACK
    return Verdict.READY_WITH_EXCEPTIONS if State.EXCEPTION in states else Verdict.READY


def _shown(verdict: Verdict, required: Sequence[Judged]) -> str:
    if verdict is Verdict.READY_WITH_EXCEPTIONS:
        number = sum(len(each.findings) for each in required if each.state is State.EXCEPTION)
        return f"READY WITH {counted(number, 'EXCEPTION').upper()}"
    return verdict_words(verdict)


def _reason(verdict: Verdict, required: Sequence[Judged], held: Sequence[Hold], release: Release) -> str:
    if held:
        return f"{held[0].by} holds the release: {held[0].reason}"
    if verdict is Verdict.READY:
        ready = sum(each.state is State.READY for each in required)
        if ready < len(required):
            return f"{ready} of {len(required)} required gates {_is(ready)} ready, the others are not needed"
        return f"all {ready} required gates are ready" if ready > 1 else "the one required gate is ready"
    told = list(_that_tell(verdict, required))
    if not told:
        return "no required gate is ready" if required else "no gate is required"
    first, more = told[0], len(told) - 1
    late = verdict is Verdict.BLOCKED and first.state is not State.BLOCKED and release.target is not None
    since = f"the target passed {told_by(release.target, release)}; " if late and release.target else ""
    others = f"; {counted(more, 'more gate')} {_likewise(verdict, first.state, more)}" if more else ""
    return f"{since}{first.readiness.name}: {first.readiness.reason}{others}"


def _likewise(verdict: Verdict, named: State, more: int) -> str:
    """What the others that the verdict comes from are."""
    if verdict is Verdict.READY_WITH_EXCEPTIONS:
        return "is an exception, too" if more == 1 else "are exceptions, too"
    if verdict is Verdict.UNKNOWN:
        return "cannot be told, either"
    if verdict is Verdict.ON_TRACK or named.value != verdict.value:
        return f"{_is(more)} not ready, either"
    return f"{_is(more)} {verdict.value.replace('_', ' ')}, too"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def _that_tell(verdict: Verdict, required: Sequence[Judged]) -> Iterator[Judged]:
    """The gates that the verdict comes from; where none has its very state, all that are unfinished."""
    named = State.EXCEPTION if verdict is Verdict.READY_WITH_EXCEPTIONS else State(verdict.value)
    same = [each for each in required if each.state is named]
    passed_over = (State.UNKNOWN,) if verdict is Verdict.BLOCKED else ()
    unfinished = [each for each in required if not each.state.settled and each.state not in passed_over]
    unfinished.sort(key=lambda each: each.state is State.WAITING)  # another gate is why
    return iter(unfinished if verdict is Verdict.ON_TRACK or not same else same)


def valid_until(judged: Sequence[Judged], release: Release, timeline: Timeline) -> datetime:
    """Until when the verdict may be trusted if it were written now: the lease, or the first end of what it rests on."""
    ends = [shift(timeline.now, lease(timeline, release))]
    for each in judged:
        if each.readiness.required and each.state.good:
            ends.extend(_ends(each))
    return min(ends)


def _ends(judged: Judged) -> Iterator[datetime]:
    case = judged.case
    if case.sign_off.needed and case.sign_off.standing:
        yield max(utc(s.expires_at) for s in case.sign_off.standing if s.expires_at is not None)
    yield from (waived_until(waiver) for waiver in case.view.criteria.waivers)
    if case.vouched and case.view.said.attestation:
        yield attested_until(case.view.said.attestation)


def since_decided(decisions: Sequence[Decision], judged: Sequence[Judged]) -> Iterator[str]:
    """What is another state now than when the last decision was taken, a sentence for each required gate."""
    if not decisions:
        return
    before = decisions[-1].states
    for each in judged:
        told = each.readiness
        was = before.get(told.id)
        if told.required and was is not None and was != each.state.value:
            yield f"{told.name} was {state_words(State(was))} and is {told.shown}: {told.reason}."


def cleared(decisions: Sequence[Decision], judged: Sequence[Judged], verdict: Verdict) -> bool:
    """Whether GO was said last and stands: the verdict still allows it, or, against its advice, no gate is worse. A
    gate that was not there when it was said may be anything.
    """
    if not decisions or not decisions[-1].go:
        return False
    states = decisions[-1].states
    worse = any(
        each.readiness.id not in states
        or WORST_FIRST.index(each.state) < WORST_FIRST.index(State(states[each.readiness.id]))
        for each in judged
        if each.readiness.required and not each.state.settled
    )
    return verdict is not Verdict.ON_HOLD and (not worse if decisions[-1].override else verdict.launchable)


def holds_in_force(records: Sequence[Record], release: Release) -> tuple[Hold, ...]:
    """The release's own holds first, then those of its gates."""
    known = {gate.id for gate in release.gates}
    found = [r for r in records if isinstance(r, Hold) and (r.gate is None or r.gate in known)]
    return tuple(sorted(found, key=lambda hold: hold.gate or ""))


def waivers_in_force(judged: Sequence[Judged]) -> tuple[Waiver, ...]:
    """The waivers that set an open blocker aside now, of all gates."""
    found = [waiver for each in judged for waiver in each.case.view.criteria.waivers]
    return tuple(sorted(found, key=lambda waiver: (waiver.gate, waiver.id, waiver.item)))
