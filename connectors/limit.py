"""What a tracker says about its rate limits, in one form for all of them. Pure.

The policies ``connectors.jira.limits`` and ``connectors.linear.limits`` build these values; ``pace`` obeys them. Every
pause is bounded here, whatever was asked for.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

MAX_RETRY_AFTER_S = 3600.0
"""The longest pause that a tracker may ask for: Jira's quota resets within the hour, and a Data Center that blocks an
account asks for 9223372036854775807 seconds (trackers.md §2)."""

_SECONDS = r"\d{1,400}(\.\d{1,20})?"

EVERYTHING = ""
"""The scope of what is said about the whole tracker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer as far as limits are concerned. ``now`` is its ``Date``, None when it had none."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(default=b"", repr=False)
    now: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A wish to be left alone. ``scope`` is for what: one of the request's scopes. ``pause_s`` is for how long; 0: only
    be slower, None: it did not say. ``refused``: this request was not carried out, so it may be sent again.
    """

    scope: str = EVERYTHING
    pause_s: float | None = 0.0
    refused: bool = False


def is_trackers_own(answered: Answered) -> bool:
    """Whether a refusal carries what a tracker's own carries. A gateway's may come after the request was passed on."""
    names = [name.lower() for name in answered.headers]
    if any(name.startswith("x-ratelimit-") or name == "ratelimit-reason" for name in names):
        return True
    return "retry-after" in names and answered.body.lstrip()[:1] == b"{"


class Limits(Protocol):
    """The policy of one kind of tracker: a module with these two functions."""

    def scopes(self, method: str, path: str, sent: bytes) -> tuple[str, ...]:
        """What a request belongs to, before it is sent: the whole tracker, its endpoint, the issue that it writes."""

    def limit(self, scopes: tuple[str, ...], answered: Answered) -> Limit | None:
        """What the answer says about limits; None when it says that all is well, or nothing."""


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds that the answer asks to wait (RFC 9110 §10.2.3: a number or a date), from 0 to ``MAX_RETRY_AFTER_S``.

    A date is counted from the answer's own ``Date``. None when nothing usable was asked for.
    """
    asked = (headers.get("Retry-After") or "").strip()
    if re.fullmatch(rf"{_SECONDS}(\s*,\s*{_SECONDS})*", asked, re.ASCII):  # a proxy may merge several into one
        return bounded(max(map(float, asked.split(","))))
    return until(http_date(asked), http_date(headers.get("Date")))


def until(then: datetime | None, now: datetime | None) -> float | None:
    """Seconds from ``now`` to ``then``, bounded; None when one of them is not known."""
    return None if then is None or now is None else bounded((then - now).total_seconds())


def bounded(pause_s: float) -> float | None:
    """A pause from 0 to ``MAX_RETRY_AFTER_S``; None for what is no number."""
    return None if math.isnan(pause_s) else min(max(pause_s, 0.0), MAX_RETRY_AFTER_S)


def http_date(text: str | None) -> datetime | None:
    """An HTTP date as an aware time in UTC; None for anything else."""
    try:
        parsed = parsedate_to_datetime(text or "")
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def count(headers: Mapping[str, str], name: str) -> int | None:
    """A header that counts something; None when it is absent or no number: absent means "not told"."""
    said = (headers.get(name) or "").strip()
    return int(said) if re.fullmatch(r"\d{1,30}", said, re.ASCII) else None
