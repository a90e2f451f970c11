"""The values that go into the store and come out of it. Made by the pass, read by the pass and the commands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from connectors.base import Launch, Ref
from mapping.document import Line
from mapping.health import Health
from mapping.item import Account, Item, Ticket
from mapping.readiness import Readiness
from mapping.record import Record
from mapping.talk import Talk


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One gate's part of one tracker, as it was read.

    Without a ``problem``: ``members`` are all ids of the part (of those that were looked at), ``left`` those former
    members that can be read and no longer belong (or that the rules have given up looking for); any other former
    member that was looked at counts as missed. With a ``problem`` (a sentence) nothing was learned: members stay as
    they are. ``refused``: a person must act. ``asked`` names the question: the answer to another one is no ground to go
    on from. ``ways`` that exist, None when they were not asked for.
    """

    release: str
    gate: str
    asked: str = ""
    members: frozenset[str] = frozenset()
    left: frozenset[str] = frozenset()
    problem: str = ""
    refused: bool = False
    ways: frozenset[str] | None = None


class Content(NamedTuple):
    """One item as it is kept: the canonical text of its fields, and the digest of that."""

    id: str
    key: str
    digest: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One reading of one tracker, saved as a whole.

    ``started_at`` is when it began by our clock; ``watermark`` by the tracker's, kept for the parts that were read,
    None when this reading saw too little to move it. ``complete`` tells whether all items of the parts were read
    afresh. ``among``: the ids that were looked at, None for all. ``contents`` are read once, in batches; what
    belongs to no part is not kept. ``words``: what the statuses mean now, "" when that was not asked; kept only
    when no other part was read with older ones.
    """

    tracker: str
    kind: str
    account: Account
    started_at: datetime
    watermark: datetime | None
    complete: bool
    parts: tuple[Part, ...]
    contents: Iterable[Content]
    among: frozenset[str] | None = None
    words: str = ""

    @property
    def problem(self) -> str:
        """Why the tracker was not read whole, "" when it was."""
        return next((part.problem for part in self.parts if part.problem), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A tracker, or some of its parts, that could not be read: ``problem`` says why, ``refused`` that a person must
    act.

    ``parts``: (release, gate) → what was asked. ``whole``: what was refused shows in whole readings only, so that the
    parts are to be read whole until they can be.
    """

    tracker: str
    kind: str
    problem: str
    refused: bool = False
    whole: bool = False
    parts: Mapping[tuple[str, str], str]


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
    words: str = ""


UNNOTICED = ("person", "health")
"""The kinds of facts of which no change in their tracker tells."""
Told = Launch | Ticket | Account | Talk | Health | tuple[Item, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What a tracker told of one thing beside its items: of ``kind`` "launch" or "ticket" by its key, "lead" by its
    project, "person" by their e-mail, "talk" by the id of the summary issue or the key of a sign-off ticket,
    "health" by the project, "strays" by the release, "mover" by the id of an item that was reopened.

    ``content`` None: it told that there is none, or was never asked (then ``read_at`` is None, too). ``title`` is what
    it was called when it was first read. ``tried_at``: when it was last asked for. ``problem``: why it could not be
    read now; the content is then as last read.
    """

    tracker: str
    kind: str
    name: str
    content: Told = None
    title: str = ""
    read_at: datetime | None = None
    problem: str = ""
    refused: bool = False
    tried_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A comment of ours on the summary issue that is to be posted: a paragraph for each of ``lines``. ``name`` is its
    own for ever. ``tried_at``: since when a try may have got through without an answer.
    """

    name: str
    at: datetime
    lines: tuple[Line, ...]
    tried_at: datetime | None = None


FROM_THE_FIRST = datetime(1970, 1, 1, tzinfo=UTC).isoformat()
"""Since when an issue is listened to that we made ourselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What is to be kept of comments that were heard, all of it or nothing. Under the comment "" stands since when the
    issue is listened to, an ISO time.

    ``names``: (tracker, issue, comment) → the comment's name, with which the ids of its records begin; None when it is
    gone.
    """

    names: Mapping[tuple[str, str, str], str | None]
    records: tuple[Record, ...] = ()
    notices: tuple[Notice, ...] = ()


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
class Evidence:
    """One exhibit by its name, ``sha``, without its text: the ``number``-th of its release, which follows ``previous``
    ("" for the first). ``why`` it was taken and ``marks``: see ``mapping.occasion``. ``at`` is when it was judged,
    ``version`` by which syncd.
    """

    release: str
    sha: str
    number: int
    previous: str
    at: datetime
    why: tuple[str, ...]
    version: str
    marks: Mapping[str, str] = field(default_factory=dict)


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
