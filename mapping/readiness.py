"""Readiness: the judged whole. The value that ``judge`` returns and that the report, the commands and the store
read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mapping.item import Item
from mapping.record import Closing, Decision, Hold, Question, Signature, Waiver


class State(StrEnum):
    """The eleven gate states in the order of readiness.md §2: the first that matches is shown."""

    ON_HOLD = "on_hold"
    NOT_NEEDED = "not_needed"
    NOT_STARTED = "not_started"
    WAITING = "waiting"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"
    AT_RISK = "at_risk"
    ON_TRACK = "on_track"
    SIGN_OFF_DUE = "sign_off_due"
    EXCEPTION = "exception"
    READY = "ready"

    @property
    def good(self) -> bool:
        """Whether a launch may rest on it."""
        return self in (State.EXCEPTION, State.READY)

    @property
    def settled(self) -> bool:
        """Whether nothing more is to come of it."""
        return self.good or self is State.NOT_NEEDED


class Verdict(StrEnum):
    """The seven verdicts in the order of readiness.md §3: the first that matches is the release's."""

    ON_HOLD = "on_hold"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"
    AT_RISK = "at_risk"
    ON_TRACK = "on_track"
    READY_WITH_EXCEPTIONS = "ready_with_exceptions"
    READY = "ready"

    @property
    def launchable(self) -> bool:
        return self in (Verdict.READY, Verdict.READY_WITH_EXCEPTIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class GateReadiness:
    """One gate, judged.

    ``shown`` is the state in words ("WAITING FOR Documentation"). ``reason`` is one sentence in absolute terms (no
    relative times). ``open_items`` are the blockers that keep it unmet, most urgent first. ``done``/``total`` count
    live items. ``unknown`` is set beside BLOCKED too: neither hides the other. ``facts_at`` is when the counts were
    last known true. ``read_by`` is when all of it should be read afresh, for it is met and could rise or has
    risen; None when nothing depends on that. ``sign_off_key`` names its sign-off ticket, "" without one.
    ``good_until`` is when it was last seen READY or EXCEPTION, None while it is and where it never was.
    """

    id: str
    name: str
    state: State
    shown: str
    reason: str
    actor: str
    required: bool
    unknown: bool
    done: int
    total: int
    since: datetime
    due: datetime | None = None
    owner: str = ""
    open_items: tuple[Item, ...] = ()
    signed: Signature | None = None
    facts_at: datetime | None = None
    confidential: bool = False
    asked: bool = False
    sign_off: bool = True
    previous: State | None = None
    read_by: datetime | None = None
    sign_off_key: str = ""
    good_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What one person has to do next. ``unblocks`` names the gates that wait for it, or the release. ``before`` says
    who was asked when and did not react, "" where nobody was.
    """

    who: str
    what: str
    gate: str | None = None
    by: datetime | None = None
    unblocks: tuple[str, ...] = ()
    key: str = ""
    url: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One tracker, for "can this be trusted". ``items`` counts what we hold of it for this release; ``shown`` is its
    name with its kind, "" where that is not known.
    """

    tracker: str
    last_complete: datetime | None
    items: int
    error: str = ""
    shown: str = ""


class WaiverState(StrEnum):
    """What became of a waiver; readiness.md §5."""

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    FULFILLED = "fulfilled"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverStanding:
    """One waiver that was ever asked for. ``until`` is when it ends, at most 30 days after it was made; ``ends_soon``:
    it is in force, and 48 hours or less are left. ``url`` is the item's, "" when it is out of sight. ``hidden``: the
    item is restricted, so that what was said about it is nobody's business.
    """

    waiver: Waiver
    state: WaiverState
    until: datetime
    ends_soon: bool = False
    url: str = ""
    hidden: bool = False


class Leg(StrEnum):
    """Where a hand-off stands; readiness.md §6."""

    NOT_OFFERED = "not_offered"
    OFFERED = "offered"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOff:
    """One baton between two gates (ids). ``holder`` acts next; ``since`` is when this leg began, None when it is not
    known; ``hours`` how many working hours it lasts by now, past two
    days in whole days of eight; ``by`` when it counts as dropped. ``untold``: its upstream
    gate cannot be told.
    """

    upstream: str
    downstream: str
    leg: Leg
    holder: str
    since: datetime | None = None
    hours: int = 0
    by: datetime | None = None
    dropped: bool = False
    untold: bool = False
    reason: str = ""


class Kind(StrEnum):
    """What happened to the scope since the freeze; readiness.md §7."""

    ADDED = "added"
    FOUND = "found"
    SPLIT = "split"
    REMOVED = "removed"
    MOVED = "moved"
    REOPENED = "reopened"
    VANISHED = "vanished"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeChange:
    """One item that is another scope now than at the freeze. ``by`` did it, "" where nobody tells; ``at`` is when it
    happened or was first seen. ``to`` names the release that it moved to. ``admitted``: the manager settled it, by
    ``admitted_by``. ``title`` is "" where it is nobody's business.
    """

    kind: Kind
    gate: str
    tracker: str
    id: str
    key: str
    url: str
    title: str = ""
    by: str = ""
    at: datetime | None = None
    to: str = ""
    admitted: bool = False
    admitted_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The scope against its baseline. ``frozen_at`` is when the baseline was taken, None before the freeze; ``late``:
    that was after the freeze, so that what happened between is unknown; ``items``: how many it has. ``shrunk``: gate
    id → how many items had left when it turned good. ``strays`` are keys of items that look like the release and are in
    no gate; ``shared``: key → the other releases that the item is in.
    """

    frozen_at: datetime | None = None
    late: bool = False
    changes: tuple[ScopeChange, ...] = ()
    shrunk: Mapping[str, int] = field(default_factory=dict)
    items: int = 0
    strays: tuple[tuple[str, str], ...] = ()
    shared: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSet:
    """One target that the release ever had: ``where`` it was set ("the file", "the launch issue", "a comment").
    ``by`` and ``reason`` are "" while nobody has said them; ``target`` is None where it was taken away. ``said``: the
    id of the record that tells both.
    """

    target: datetime | None
    at: datetime
    where: str
    by: str = ""
    reason: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """The verdict with all it rests on. ``valid_until`` is the lease as it would be if written now.

    ``all_waivers`` are those that were ever asked for, ``waivers`` those that set an open item aside now.
    ``decisions`` oldest first, the last one counts; ``since_decided``: what changed since it, a sentence each.
    ``targets`` oldest first, the last one counts. ``cleared``: the last decision was GO, and nothing required is worse
    since. ``closed``: the release is over.
    """

    release: str
    name: str
    verdict: Verdict
    shown: str
    reason: str
    computed_at: datetime
    valid_until: datetime
    gates: tuple[GateReadiness, ...]
    target: datetime | None = None
    managers: tuple[str, ...] = ()
    asks: tuple[Ask, ...] = ()
    holds: tuple[Hold, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    sources: tuple[Source, ...] = ()
    remarks: tuple[str, ...] = ()
    launch_key: str = ""
    launch_url: str = ""
    all_waivers: tuple[WaiverStanding, ...] = ()
    handoffs: tuple[HandOff, ...] = ()
    scope: Scope = field(default_factory=Scope)
    targets: tuple[TargetSet, ...] = ()
    questions: tuple[Question, ...] = ()
    decisions: tuple[Decision, ...] = ()
    since_decided: tuple[str, ...] = ()
    cleared: bool = False
    closed: Closing | None = None

    @property
    def launchable(self) -> bool:
        """Whether the verdict says so and may be trusted at all; readers look at ``valid_until`` again. What is over
        cannot be launched.
        """
        return self.verdict.launchable and self.valid_until > self.computed_at and self.closed is None
