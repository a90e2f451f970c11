"""What people changed about the release itself: who owns a gate, who is away, when the target is.

Called by ``judge`` before anything else, and where a new command is decided. Pure. The file and the launch issue say
what holds first; what a manager said in a comment stands over it, and a target that is moved there later over that.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

from mapping.calendar import utc
from mapping.readiness import TargetSet
from mapping.record import Absence, Ownership, TargetMove

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from mapping.gate import Gate, Person, Release
    from mapping.record import Record
    from mapping.timing import Timeline

IN_A_COMMENT = "a comment"


def amended(release: Release, records: Sequence[Record], targets: Sequence[TargetSet], timeline: Timeline) -> Release:
    """``records`` are those that stand, ``targets`` as ``targets_of`` gives them."""
    owners = {r.gate: r.person for r in records if isinstance(r, Ownership)}
    absent = [r for r in records if isinstance(r, Absence) and timeline.began(r.at) and not timeline.passed(r.until)]
    away = {r.by: r.until for r in absent}
    return replace(
        release,
        gates=tuple(_owned(gate, owners.get(gate.id), away) for gate in release.gates),
        managers=_present_first(release.managers, away),
        away=dict(sorted(away.items())),
        target=targets[-1].target if targets else release.target,
        target_from=targets[-1].where if targets else release.target_from,
        target_unexplained=_is_unexplained(targets),
    )


def targets_of(
    past: Sequence[TargetSet], release: Release, records: Iterable[Record], now: datetime
) -> tuple[TargetSet, ...]:
    """Every target that the release ever had, oldest first. ``release.target`` is what file and launch issue say now.

    Where the past is lost, what they say now counts as what was there first.
    """
    moves = [r for r in records if isinstance(r, TargetMove)]
    found = list(past)
    if not found and release.target is not None:
        first = min((utc(m.at) for m in moves), default=utc(now))
        found.append(TargetSet(target=release.target, at=min(first, utc(now)), where=release.target_from))
    for move in moves:
        _take(move, found)
    base = next((t for t in reversed(found) if t.where != IN_A_COMMENT), None)
    if found and (base is None or base.target != release.target) and not (base is None and release.target is None):
        found.append(_told(release, found[-1], now))
    return tuple(found)


def _is_unexplained(targets: Sequence[TargetSet]) -> bool:
    moved = [now for before, now in itertools.pairwise(targets) if now.target != before.target]
    return bool(moved) and not targets[-1].reason and not moved[-1].reason


def _take(move: TargetMove, found: list[TargetSet]) -> None:
    """A move that is known changes nothing; one to where the target is already says why it is there."""
    if any(t.said == move.id for t in found):
        return
    if found and found[-1].target == utc(move.target) and not found[-1].reason:
        found[-1] = replace(found[-1], by=move.by, reason=move.reason, said=move.id)
        return
    found.append(
        TargetSet(
            target=utc(move.target),
            at=utc(move.at),
            where=IN_A_COMMENT,
            by=move.by,
            reason=move.reason,
            said=move.id,
        )
    )


def _told(release: Release, last: TargetSet, now: datetime) -> TargetSet:
    known = replace(last, at=utc(now), where=release.target_from)
    return known if last.target == release.target else TargetSet(target=release.target, at=utc(now), where=known.where)


def _owned(gate: Gate, named: Person | None, away: Collection[str]) -> Gate:
    owners = gate.owners if named is None else (named, *(p for p in gate.owners if p.name != named.name))
    return replace(
        gate,
        owners=_present_first(owners, away),
        owner_untold=gate.owner_untold and named is None,
        asked=gate.asked and named is None,
    )


def _present_first(people: Sequence[Person], away: Collection[str]) -> tuple[Person, ...]:
    return tuple(sorted(people, key=lambda person: person.name in away))
