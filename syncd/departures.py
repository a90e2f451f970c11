"""What became of items that a selector no longer shows. Pure: decides, changes nothing.

Called by the pass after a complete reading. What an absence means for the gate, the rules decide.
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
    before: Mapping[str, tuple[Item, datetime | None]],
    now_members: Collection[str],
    found: Collection[str],
    now: datetime,
) -> Departures:
    """Sort the items that were members ``before`` (id → item and when it was first missed) and are not any more.

    One that can be read by id (``found``) has left the scope. One that cannot is missed: an unfinished one stays so
    until the manager admits it, a finished one leaves at the second look, and nothing leaves while many vanished at
    once, which looks like lost permission (readiness.md §4).
    """
    absent = before.keys() - set(now_members)
    readable = absent & set(found)
    lost = absent - readable
    if len(lost) >= MASS_COUNT and len(lost) > MASS_SHARE * len(before):
        return Departures(left=frozenset(readable), missed=frozenset(lost))
    settled = {id_ for id_ in lost if _settled(*before[id_], now)}
    return Departures(left=frozenset(readable | settled), missed=frozenset(lost - settled))


def _settled(item: Item, missed_at: datetime | None, now: datetime) -> bool:
    return item.finished and missed_at is not None and now - missed_at >= SECOND_LOOK
