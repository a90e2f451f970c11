"""Readiness: the judged whole. The value that ``judge`` returns and that the report, the commands and the store
read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mapping.item import Item
from mapping.record import Hold, Signature, Waiver


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
    risen; None when nothing depends on that.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What one person has to do next. ``unblocks`` names the gates that wait for it."""

    who: str
    what: str
    gate: str | None = None
    by: datetime | None = None
    unblocks: tuple[str, ...] = ()
    key: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One tracker, for "can this be trusted". ``items`` counts what we hold of it for this release."""

    tracker: str
    last_complete: datetime | None
    items: int
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """The verdict with all it rests on. ``valid_until`` is the lease as it would be if written now."""

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

    @property
    def launchable(self) -> bool:
        """Whether the verdict says so and may be trusted at all; readers look at ``valid_until`` again."""
        return self.verdict.launchable and self.valid_until > self.computed_at
