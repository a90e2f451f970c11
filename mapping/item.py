"""An item: one ticket or epic as a tracker told it, with one progress.

Made by the connectors' ``parse``, kept by the store, read by the rules. Knows nothing of gates.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Progress(StrEnum):
    """How far an item is; readiness.md §1."""

    TODO = "todo"
    DOING = "doing"
    DONE = "done"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person (or a bot) as one tracker knows them; ``id`` is the tracker's own and never changes."""

    tracker: str
    id: str
    name: str
    email: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One ticket or epic.

    ``id`` is the identity (Jira's numeric id, Linear's UUID); ``key`` and ``url`` may change.
    ``progress`` is None when the status fits nothing we know or the payload could not be read.
    ``problem`` says why an item is not to be trusted ("" when it is); any problem makes its gate CAN'T TELL.
    ``remark`` says how a contradictory status was decided ("" when it was plain).
    ``priority`` runs from 1 (most urgent) to 5; None when the tracker has not said or the word is unknown.
    ``parent`` is the id or key of the item that it is a part of; an epic only holds items.
    ``labels`` is None when the tracker has not told them (all).
    ``moved_at`` is when the status last changed, None where the tracker does not tell. All times are aware, in UTC.
    ``creator`` is the name of who made it, None where the tracker does not tell.
    """

    tracker: str
    id: str
    key: str
    url: str
    title: str
    status: str
    status_id: str
    progress: Progress | None
    type: str = ""
    problem: str = ""
    remark: str = ""
    priority: int | None = None
    labels: tuple[str, ...] | None = ()
    assignee: str | None = None
    parent: str | None = None
    created: datetime | None = None
    updated: datetime | None = None
    moved_at: datetime | None = None
    restricted: bool = False
    creator: str | None = None

    @property
    def ref(self) -> tuple[str, str]:
        """The identity over all trackers: (tracker, id)."""
        return self.tracker, self.id

    @property
    def live(self) -> bool:
        """Whether the item counts: dropped ones count neither as done nor towards ``expect``."""
        return self.progress is not Progress.DROPPED

    @property
    def finished(self) -> bool:
        return self.progress in (Progress.DONE, Progress.DROPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One change of a ticket's status, from its history. ``id`` is the tracker's id of the history entry."""

    id: str
    at: datetime
    by: Account | None
    status: str
    status_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A sign-off ticket: the item as it is now and the moves that made it so, oldest first."""

    item: Item
    moves: tuple[Move, ...]
