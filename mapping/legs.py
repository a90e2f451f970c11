"""The legs of hand-offs: where each baton is, who holds it, since when and for how many working hours.

Called by ``judge``: ``legs_of`` for the memory of one gate, ``handoffs`` once all are judged. Decides no state.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from mapping.calendar import shift_working_hours, utc, working_hours
from mapping.finding import Finding, contact_of, manager_of, owner_of
from mapping.handoff import Baton, is_at_work, upstream_of
from mapping.readiness import HandOff, Leg, State

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mapping.case import Case
    from mapping.gate import Gate, Release
    from mapping.judged import Judged
    from mapping.timing import Timeline

_HOUR = timedelta(hours=1)
_A_DAY = 8
_BY_THE_HOUR = 2 * _A_DAY


def legs_of(case: Case, state: State) -> dict[str, tuple[Leg, datetime | None]]:
    """Upstream gate id → its leg and since when, for the memory. None: it was so when it was first looked at."""
    past = case.view.past.legs if case.view.past else {}
    found: dict[str, tuple[Leg, datetime | None]] = {}
    for baton in case.batons:
        name, leg = baton.upstream.id, _leg(baton, state)
        before = past.get(name)
        same = before is not None and before[0] is leg and leg is not Leg.OFFERED
        found[name] = leg, before[1] if before and same else _began(case, baton, leg, known=before is not None)
    return found


def _leg(baton: Baton, state: State) -> Leg:
    if state.settled:
        return Leg.DONE
    if baton.returned:
        return Leg.RETURNED
    if baton.offered is None:
        return Leg.NOT_OFFERED
    return Leg.ACCEPTED if baton.arrived else Leg.OFFERED


def _began(case: Case, baton: Baton, leg: Leg, *, known: bool) -> datetime | None:
    """What was said or seen at a time of its own, else this moment, if it was another leg before."""
    now = case.view.timeline.now
    words = [a.at for a in case.view.said.acceptances if a.upstream == baton.upstream.id]
    said = words[-1] if leg is Leg.ACCEPTED and words else baton.returned.at if baton.returned else None
    if leg is Leg.OFFERED:
        return baton.offered
    if said is not None and leg is not Leg.DONE:
        return min(utc(said), now)
    return now if known else None


def handoffs(judged: Sequence[Judged], release: Release, timeline: Timeline) -> tuple[HandOff, ...]:
    """Every hand-off of the release, by the ids of its gates. One from an advisory gate only informs: it has no clock
    and is never dropped.
    """
    by_id = {each.readiness.id: each for each in judged}
    found = [*_clocked(judged, release, timeline), *_informing(by_id, release)]
    return tuple(sorted(found, key=lambda each: (each.upstream, each.downstream)))


def _clocked(judged: Sequence[Judged], release: Release, timeline: Timeline) -> Iterator[HandOff]:
    for each in judged:
        receiver = each.case.view.gate
        for baton in each.case.batons:
            leg, since = each.memory.legs[baton.upstream.id]
            back = baton.returned if leg is Leg.RETURNED else None
            hidden = receiver.confidential or baton.upstream.confidential
            yield HandOff(
                upstream=baton.upstream.id,
                downstream=receiver.id,
                leg=leg,
                holder=_holder(leg, baton.upstream, receiver, release, untold=baton.untold),
                since=since,
                hours=_hours(since, release, timeline) if since and leg is not Leg.DONE else 0,
                by=baton.by if leg is Leg.OFFERED else None,
                dropped=baton.dropped and leg is Leg.OFFERED,
                untold=baton.untold and leg is Leg.NOT_OFFERED,
                reason=back.reason if back and not hidden else "",
            )


def _informing(judged: Mapping[str, Judged], release: Release) -> Iterator[HandOff]:
    advisory = {gate.id: gate for gate in release.gates if not gate.required}
    for each in judged.values():
        receiver = each.case.view.gate
        for name in sorted(advisory.keys() & set(receiver.after) - {receiver.id}):
            leg = _told_leg(judged[name], each)
            holder = _holder(leg, advisory[name], receiver, release, untold=False)
            yield HandOff(upstream=name, downstream=receiver.id, leg=leg, holder=holder)


def _told_leg(before: Judged, receiver: Judged) -> Leg:
    case = before.case
    upstream = upstream_of(case, before.state)
    arrived = is_at_work(receiver.case.view.criteria)
    offered = case.view.timeline.now if upstream.gives else None
    return _leg(Baton(upstream=upstream.gate, offered=offered, arrived=arrived), receiver.state)


def _holder(leg: Leg, upstream: Gate, receiver: Gate, release: Release, *, untold: bool) -> str:
    if leg is Leg.DONE:
        return ""
    if untold:
        return contact_of(upstream, release)
    holds = upstream if leg in (Leg.NOT_OFFERED, Leg.RETURNED) else receiver
    return owner_of(holds) or manager_of(release)


def _hours(since: datetime, release: Release, timeline: Timeline) -> int:
    """Whole working hours, past two days whole days of eight: that is how often a judgement may change by it."""
    told = int(working_hours(since, timeline.now, release.zone, release.holidays) / _HOUR)
    step = 1 if told < _BY_THE_HOUR else _A_DAY
    hours = told // step * step
    timeline.passed(shift_working_hours(since, (hours + step) * _HOUR, release.zone, release.holidays))
    return hours


def returned_todos(judged: Sequence[Judged], release: Release) -> Mapping[str, Sequence[Finding]]:
    """Gate id → what its owner is asked about hand-offs that came back to it."""
    found: dict[str, list[Finding]] = defaultdict(list)
    for each in judged:
        receiver = each.case.view.gate
        for baton in each.case.batons if not each.state.settled else ():
            back, upstream = baton.returned, baton.upstream
            if back:
                hidden = receiver.confidential or upstream.confidential
                why = f": {back.reason}" if back.reason and not hidden else ""
                found[upstream.id].append(
                    Finding(
                        reason="a hand-off came back",
                        actor=owner_of(upstream) or manager_of(release),
                        todo=f"settle why {back.by} returned {upstream.name} to you for {receiver.name}{why}",
                        kind=f"returned {receiver.id}",
                    )
                )
    return found
