"""Records: what people said. Collected at the edge, kept for ever, read by the rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


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


@dataclass(frozen=True, slots=True, kw_only=True)
class NotNeeded:
    """An owner declared the gate not needed; in force once a manager confirmed it."""

    id: str
    gate: str
    by: str
    at: datetime
    reason: str
    confirmed_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """One open item is set aside until a date. In force when a second person approved it, before ``until``, and while
    the item's digest is ``digest``: a material change supersedes it.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """An owner vouches for a gate that cannot be read, for 24 h at most."""

    id: str
    gate: str
    by: str
    at: datetime
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """The owner of ``downstream`` took the baton from ``upstream``."""

    id: str
    upstream: str
    downstream: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """The manager settled a vanished item (``item``), or all of a gate's (``item`` None)."""

    id: str
    gate: str
    by: str
    at: datetime
    reason: str
    item: tuple[str, str] | None = None


Record = Signature | Hold | NotNeeded | Waiver | Attestation | Acceptance | Admission
