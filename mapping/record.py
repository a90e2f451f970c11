"""Records: what people said. Collected at the edge, kept for ever, read by the rules.

Each but ``Ending`` is one thing that one person said at one time; ``mapping.standing`` tells what stands of them. The
id of what was said in a comment begins with the comment's own name, up to the last dot. ``by`` is a name that is one
person's in the release; ``speaker`` is the account that said it, by which the person is known again under another name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mapping.gate import Person
from mapping.item import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """An owner's word that a gate is ready (``ready``) or is not (a not-ready vote with its reason).

    ``expires_at`` is fixed when it is made; None for a not-ready vote, which stands until countermanded.
    ``url`` and ``key`` name the ticket or comment it was said with.
    """

    id: str
    gate: str
    by: str
    at: datetime
    ready: bool = True
    expires_at: datetime | None = None
    reason: str = ""
    key: str = ""
    url: str = ""
    speaker: Account | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """ON HOLD: of one gate, or of the whole release when ``gate`` is None. Stands as long as the record is passed
    in.
    """

    id: str
    by: str
    at: datetime
    reason: str
    gate: str | None = None
    speaker: Account | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unhold:
    """Lifts every hold of that gate, or of the release, that was said before."""

    id: str
    by: str
    at: datetime
    gate: str | None = None
    speaker: Account | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotNeeded:
    """An owner declared the gate not needed; in force once a manager confirmed it."""

    id: str
    gate: str
    by: str
    at: datetime
    reason: str
    confirmed_by: str | None = None
    speaker: Account | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """One open item is set aside until a date. In force when a second person approved it, before ``until``, and while
    the item's digest is ``digest``: a material change supersedes it. ``label`` is what people call it ("W1"), ``key``
    what they call the item. ``denied_by``: somebody said no, before it was approved or after. ``revoked_at``: who asked
    for it took that back.
    """

    id: str
    gate: str
    item: tuple[str, str]
    digest: str
    by: str
    at: datetime
    until: datetime
    reason: str
    approved_by: str | None = None
    follow_up: str = ""
    label: str = ""
    key: str = ""
    approved_at: datetime | None = None
    denied_by: str | None = None
    denied_at: datetime | None = None
    denial: str = ""
    revoked_at: datetime | None = None
    speaker: Account | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A second person agrees: to the waiver of this label, or that this gate is not needed."""

    id: str
    by: str
    at: datetime
    subject: str
    speaker: Account | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """A second person does not agree, or does no longer."""

    id: str
    by: str
    at: datetime
    subject: str
    reason: str
    speaker: Account | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """An owner vouches for a gate that cannot be read, for 24 h at most."""

    id: str
    gate: str
    by: str
    at: datetime
    until: datetime
    reason: str
    speaker: Account | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """The owner of ``downstream`` took the baton from ``upstream``."""

    id: str
    upstream: str
    downstream: str
    by: str
    at: datetime
    speaker: Account | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """The owner of ``downstream`` gave the baton back to ``upstream``, with the reason."""

    id: str
    upstream: str
    downstream: str
    by: str
    at: datetime
    reason: str
    speaker: Account | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """The manager settled an added or vanished item (``item``), or all of a gate's (``item`` None)."""

    id: str
    gate: str
    by: str
    at: datetime
    reason: str
    item: tuple[str, str] | None = None
    speaker: Account | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Somebody asks somebody; open until ``answered_at``. ``label`` is "Q1"."""

    id: str
    by: str
    at: datetime
    whom: str
    text: str
    label: str = ""
    url: str = ""
    answered_at: datetime | None = None
    speaker: Account | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The person who was asked said something on the summary issue."""

    id: str
    by: str
    at: datetime
    question: str
    speaker: Account | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """The manager names who owns a gate."""

    id: str
    gate: str
    by: str
    at: datetime
    person: Person
    speaker: Account | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Somebody is away; who comes after them in a list is asked meanwhile."""

    id: str
    by: str
    at: datetime
    until: datetime
    speaker: Account | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetMove:
    """The manager moves the target, or says why it was moved elsewhere to that very time."""

    id: str
    by: str
    at: datetime
    target: datetime
    reason: str
    speaker: Account | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """GO or NO-GO. ``evidence`` is the sha of what it was taken on; ``override``: it was not launchable then.
    ``against``: the words of each required gate that advised against; ``states``: gate id → state id at that time.
    """

    id: str
    by: str
    at: datetime
    go: bool
    reason: str = ""
    override: bool = False
    evidence: str = ""
    against: tuple[str, ...] = ()
    states: Mapping[str, str] = field(default_factory=dict)
    speaker: Account | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """The release is over: launched, or cancelled with a reason."""

    id: str
    by: str
    at: datetime
    launched: bool
    reason: str = ""
    speaker: Account | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """A comment was edited or deleted: what it said that helps is taken back. ``of`` begins the ids of its records. Who
    deleted it no tracker tells.
    """

    id: str
    at: datetime
    of: str
    speaker: Account | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A waiver is over for good, by itself: its item was finished (``fulfilled``) or became another one. ``waiver`` is
    the waiver's own name in the memory, ``label`` and ``key`` as there. Nobody says it: it is noticed.
    """

    id: str
    gate: str
    at: datetime
    waiver: str
    fulfilled: bool
    label: str = ""
    key: str = ""
    by: str = ""
    speaker: Account | None = None


Record = (
    Signature
    | Hold
    | Unhold
    | NotNeeded
    | Waiver
    | Approval
    | Denial
    | Attestation
    | Acceptance
    | Return
    | Admission
    | Question
    | Answer
    | Ownership
    | Absence
    | TargetMove
    | Decision
    | Closing
    | Withdrawal
    | Ending
)
