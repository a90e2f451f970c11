"""Sight: what we know of our own knowledge. The health argument of ``judge``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mapping.item import Item

TALK = "#talk"
STRAYS = "#strays"
"""What is no gate among the keys of ``judge``'s items and health: the comments of the summary issue, and the items that
look like the release and were asked for beside its gates.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """How well one gate's part of one tracker is seen.

    ``observed_at``: when what we hold was last known to be whole and true, by OUR clock; None when never. A failed
    reading never renews it. ``complete_at``: the last complete reading, which is the only ground for READY.
    ``problem``: why the last attempt failed or was incomplete, a sentence; "" when it did not. With a problem the
    gate reads CAN'T TELL when ``refused`` (a person must act: 401, 403, 404, changed account, refused query,
    truncated answer) and otherwise once ``observed_at`` is older than the limit of readiness.md §3.
    ``vanished``: items that were in the selector and can no longer be found, not even by id. ``changed_at``: when
    something of what we hold was last changed by another reading than a complete one.
    """

    tracker: str
    observed_at: datetime | None = None
    complete_at: datetime | None = None
    problem: str = ""
    refused: bool = False
    vanished: tuple[Item, ...] = ()
    changed_at: datetime | None = None
