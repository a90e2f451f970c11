"""The values that go into the store and come out of it. Made by the pass, read by the pass and the commands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from connectors.base import Ref
from mapping.item import Account, Item
from mapping.readiness import Readiness


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One gate's part of one tracker, as it was read.

    Without a ``problem``: ``members`` are ALL ids of the part, ``left`` those former members that can be read and
    no longer belong (or that the rules have given up looking for); any other former member counts as missed.
    With a ``problem`` (a sentence) nothing was learned: members stay as they are. ``refused``: a person must act.
    ``asked`` names the question: the answer to another one is no ground to go on from.
    """

    release: str
    gate: str
    asked: str = ""
    members: frozenset[str] = frozenset()
    left: frozenset[str] = frozenset()
    problem: str = ""
    refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One reading of one tracker, saved as a whole.

    ``started_at`` is when it began by our clock; ``watermark`` by the tracker's, kept for the parts that were read.
    ``complete`` tells whether all items of the parts were read afresh. ``items``: all that were read; those that
    belong to no part are not kept.
    """

    tracker: str
    kind: str
    account: Account
    started_at: datetime
    watermark: datetime
    complete: bool
    parts: tuple[Part, ...]
    items: Iterable[Item]

    @property
    def problem(self) -> str:
        """Why the tracker was not read whole, "" when it was."""
        return next((part.problem for part in self.parts if part.problem), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerState:
    """``account_id`` is who we were at the last good reading, "" before the first; ``error`` is the last one, if it
    still holds.
    """

    name: str
    kind: str
    account_id: str
    account_name: str
    complete_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What was judged last. ``memory`` belongs to the rules and means nothing here. ``readiness`` is None when an
    other version of syncd wrote it and it cannot be read: judge again.
    """

    memory: str
    readiness: Readiness | None
    wake_at: datetime | None
    judged_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Which summary issue is meant: ``text`` is the unique mark that it carries in ``tracker``."""

    release: str
    tracker: str
    text: str
    generation: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What the summary's tracker last accepted. ``verdict`` is the verdict's id; ``remarks`` say what was refused;
    ``loud``: the tracker told its watchers. ``text`` is the report in plain text, to compare the next one with.
    """

    digest: str
    at: datetime
    valid_until: datetime
    verdict: str
    remarks: tuple[str, ...] = ()
    loud: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryState:
    """``intent_at``: since when a create may be under way whose answer nobody has seen; None when none is.
    ``complaint``: what was last said in a comment about an issue that could not be written; "" once it could.
    """

    mark: Mark
    intent_at: datetime | None
    ref: Ref | None
    accepted: Accepted | None
    complaint: str = ""
