"""What became of items that a selector no longer shows. Pure: decides, changes nothing.

Called by the pass after each reading. What an absence means for the gate, the rules decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from mapping.item import Item

SECOND_LOOK = timedelta(minutes=5)
"""A finished item that cannot be found leaves at a second look this much later (sync.md §1, census)."""
MASS_SHARE = 0.2
MASS_COUNT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Departures:
    """``left``: out of the gate for good. ``missed``: not to be found, kept and shown as vanished."""

    left: frozenset[str]
    missed: frozenset[str]


def departures(
    absent: Mapping[str, tuple[Item, datetime | None]],
    whole: int,
    found: Collection[str],
    deleted: Collection[str],
    now: datetime,
    besides: int = 0,
) -> Departures:
    """Sort the items that were members and are not any more: id → item and when it was first missed. ``whole`` is how
    many members there were in all, ``besides`` how many of them are missed already and were not looked for now.

    One that can be read by id (``found``) has left the scope. One that cannot is missed: an unfinished one stays so
    until the manager admits it or a webhook names it as ``deleted``, a finished one leaves at the second look, and
    nothing leaves unnamed while many vanished at once, which looks like lost permission (readiness.md §4).
    """
    readable = absent.keys() & set(found)
    named = (absent.keys() - readable) & set(deleted)
    lost = absent.keys() - readable - named
    if is_mass(len(lost) + besides, whole):
        return Departures(left=frozenset(readable | named), missed=frozenset(lost))
    settled = {id_ for id_ in lost if _settled(*absent[id_], now)}
    return Departures(left=frozenset(readable | named | settled), missed=frozenset(lost - settled))


def is_mass(gone: int, whole: int) -> bool:
    """Whether so many of a gate's items at once look like an accident (readiness.md §4)."""
    return gone >= MASS_COUNT and gone > MASS_SHARE * whole


def _settled(item: Item, missed_at: datetime | None, now: datetime) -> bool:
    return item.finished and missed_at is not None and now - missed_at >= SECOND_LOOK
