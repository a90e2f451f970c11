"""What became of every waiver that was ever asked for, and who has to do what about it; readiness.md §5.

Called by ``judge`` once all gates are judged. What a waiver does to its gate is ``criteria``'s.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from mapping.calendar import shift, utc
from mapping.finding import Finding, manager_of, owner_of, told_by
from mapping.readiness import State, WaiverStanding, WaiverState
from mapping.record import Waiver
from mapping.said import name_of
from mapping.two_people import seconds, waived_until, waives

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from mapping.gate import Gate, Release
    from mapping.item import Item
    from mapping.judged import Judged
    from mapping.memory import GateMemory
    from mapping.record import Record
    from mapping.timing import Timeline

_WARNING = timedelta(hours=48)


def waivings(
    judged: Sequence[Judged], records: Sequence[Record], release: Release, timeline: Timeline
) -> tuple[WaiverStanding, ...]:
    """One for each waiver and gate, oldest first; ``records`` as ``standing`` gives them."""
    gates = {each.readiness.id: each for each in judged}
    said = (record for record in records if isinstance(record, Waiver))
    found = [_standing(waiver, gates.get(waiver.gate), release, timeline) for waiver in said]
    return tuple(sorted(found, key=lambda it: (utc(it.waiver.at), it.waiver.id, it.waiver.gate, repr(it.waiver))))


def _standing(waiver: Waiver, gate: Judged | None, release: Release, timeline: Timeline) -> WaiverStanding:
    item = _item(waiver, gate)
    state = _state(waiver, gate.memory if gate else None, release, timeline)
    until = waived_until(waiver)
    soon = state is WaiverState.APPROVED and timeline.passed(shift(until, -_WARNING))
    url, hidden = (item.url, item.restricted) if item else ("", False)
    return WaiverStanding(waiver=waiver, state=state, until=until, ends_soon=soon, url=url, hidden=hidden)


def _item(waiver: Waiver, gate: Judged | None) -> Item | None:
    items = gate.case.view.criteria.items if gate else ()
    return next((item for item in items if item.ref == waiver.item), None)


def _state(waiver: Waiver, memory: GateMemory | None, release: Release, timeline: Timeline) -> WaiverState:
    """What happened to it first. Nothing that comes later changes what it was."""
    until, ends = waived_until(waiver), sorted(_ends(waiver, memory))
    if ends and ends[0][0] < until:
        return ends[0][1]
    if ends or timeline.passed(until):
        return WaiverState.EXPIRED
    agreed = timeline.began(waiver.at) and waives(waiver, release, timeline)
    return WaiverState.APPROVED if agreed else WaiverState.PENDING


def _ends(waiver: Waiver, memory: GateMemory | None) -> Iterator[tuple[datetime, WaiverState]]:
    """What ended it before its time, and when. Of what an older memory knows no more than that it is over: at once."""
    if waiver.revoked_at:
        yield utc(waiver.revoked_at), WaiverState.REVOKED
    if waiver.denied_at:
        yield utc(waiver.denied_at), WaiverState.DENIED
    name = name_of(waiver)
    if memory and name in memory.spent:
        how, at = memory.ended.get(name, (WaiverState.SUPERSEDED, waiver.at))
        yield utc(at), how


def waiver_todos(
    standings: Sequence[WaiverStanding], judged: Sequence[Judged], release: Release
) -> Mapping[str, Sequence[Finding]]:
    """Gate id → what is to be done about its waivers: to approve or deny one, to finish before one ends."""
    gates = {each.readiness.id: each for each in judged}
    found: dict[str, list[Finding]] = defaultdict(list)
    for it in standings:
        each = gates.get(it.waiver.gate)
        if each is None or each.state is State.NOT_NEEDED:
            continue
        if it.state is WaiverState.PENDING:
            found[it.waiver.gate].extend(_to_answer(it, each.case.view.gate, release))
        elif it.ends_soon:
            found[it.waiver.gate].append(_to_finish(it, each.case.view.gate, release))
    return found


def label_of(waiver: Waiver) -> str:
    """What people call it and its item: "W1 on ENG-9"."""
    return f"{waiver.label or waiver.id} on {waiver.key or waiver.item[1]}"


def _to_answer(it: WaiverStanding, gate: Gate, release: Release) -> Iterator[Finding]:
    """An ask to the second person; none where there is nobody else, which ``check`` tells."""
    waiver = it.waiver
    second = _second(waiver, gate, release)
    why = f": {waiver.reason}" if waiver.reason and not gate.confidential and not it.hidden else ""
    wanted = f"which {waiver.by} asks for until {told_by(it.until, release)}{why}"
    if second:
        yield Finding(
            reason="a waiver waits for a second person",
            actor=second,
            todo=f"approve or deny the waiver {label_of(waiver)}, {wanted}",
            kind=f"answer {name_of(waiver)}",
            key=waiver.key,
            url=it.url,
        )


def _second(waiver: Waiver, gate: Gate, release: Release) -> str:
    """Who can agree, and is there where anybody is; "" where there is nobody else."""
    others = seconds(waiver.by, [p.name for p in gate.owners], [p.name for p in release.managers])
    gone = {p.name for p in (*gate.owners, *release.managers) if not p.active}
    return next((name for name in others if name not in gone), others[0] if others else "")


def _to_finish(it: WaiverStanding, gate: Gate, release: Release) -> Finding:
    waiver = it.waiver
    return Finding(
        reason="a waiver ends soon",
        actor=waiver.follow_up or owner_of(gate) or manager_of(release),
        todo=f"{label_of(waiver)} ends {told_by(it.until, release)}: finish it before, or ask for another waiver",
        by=it.until,
        kind=f"follow up {name_of(waiver)}",
        key=waiver.key,
        url=it.url,
    )
