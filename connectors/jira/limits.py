"""Jira's rate limits, Cloud's and Data Center's: which requests they join, and what an answer says. Pure.

Facts: trackers.md §1.8 (Cloud), §2 (Data Center). Handed to ``wire`` by the client.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from connectors.limit import EVERYTHING, MAX_RETRY_AFTER_S, Limit, count, is_trackers_own, retry_after_s, until

if TYPE_CHECKING:
    from connectors.limit import Answered

_REFUSED, _UNAVAILABLE = 429, 503
_QUOTAS = ("jira-quota-global-based", "jira-quota-tenant-based")
_NAMED = re.compile(r"/(?:[^/]*\d[^/]*|[A-Z][^/]*)")
"""A part of a path that names one thing: a number, a key."""

_WRITTEN = re.compile(r"/issue/([^/]+)")
_ASKING = re.compile(r"/(?:search(?:/jql)?|issue/bulkfetch|jql/match)$")


def scopes(method: str, path: str, sent: bytes) -> tuple[str, ...]:  # noqa: ARG001  # other trackers tell by the body
    """The whole site; the endpoint, which is method and path without what names one thing; the issue that is written
    (20 writes in 2 s, 100 in 30 s).
    """
    endpoint = f"{method} {_NAMED.sub('/*', path)}"
    written = _WRITTEN.search(path)
    if not written or _reads(endpoint):
        return EVERYTHING, endpoint
    return EVERYTHING, endpoint, f"writes of {written[1]}"


def limit(scopes: tuple[str, ...], answered: Answered) -> Limit | None:
    """429: not carried out, where Jira itself says so. 503: nobody knows, so that only what reads may be sent again."""
    if answered.status == _REFUSED:
        told = _refused(scopes, answered)
        return told if _may_come_twice(scopes[1]) or is_trackers_own(answered) else replace(told, refused=False)
    if answered.status == _UNAVAILABLE:
        asked_s = retry_after_s(answered.headers)
        return Limit(pause_s=asked_s, refused=asked_s is not None and _reads(scopes[1]))
    if count(answered.headers, "X-RateLimit-Remaining") == 0:
        asked_s = retry_after_s(answered.headers)
        return Limit(pause_s=(_token_s(answered) or 0.0) if asked_s is None else asked_s)
    return Limit() if _is_near(answered) else None


def _refused(scopes: tuple[str, ...], answered: Answered) -> Limit:
    """How long Jira asks to wait counts; other headers only where it does not say, and for quotas, which it cuts."""
    reason = answered.headers.get("RateLimit-Reason", "").strip().lower()
    asked_s = retry_after_s(answered.headers)
    if count(answered.headers, "X-RateLimit-Limit") == 0:
        return Limit(pause_s=MAX_RETRY_AFTER_S, refused=True)  # an administrator has blocked the account
    if reason in _QUOTAS:
        pause_s = _later(asked_s, _reset_s(answered))
        return Limit(pause_s=_next_hour_s(answered) if pause_s is None else pause_s, refused=True)
    if reason == "jira-per-issue-on-write":
        return Limit(scope=scopes[-1], pause_s=asked_s, refused=True)
    if reason == "jira-burst-based":
        return Limit(scope=scopes[1], pause_s=_reset_s(answered) if asked_s is None else asked_s, refused=True)
    return Limit(pause_s=asked_s or _later(asked_s, _token_s(answered)), refused=True)


def _reads(endpoint: str) -> bool:
    return endpoint.startswith("GET ") or (endpoint.startswith("POST ") and _ASKING.search(endpoint) is not None)


def _may_come_twice(endpoint: str) -> bool:
    """A second POST makes a second issue, comment or link."""
    return not endpoint.startswith("POST ") or _reads(endpoint)


def _later(first_s: float | None, second_s: float | None) -> float | None:
    told = [pause_s for pause_s in (first_s, second_s) if pause_s is not None]
    return max(told, default=None)


def _reset_s(answered: Answered) -> float | None:
    """Until the reset, which Cloud tells in ISO 8601."""
    try:
        reset = datetime.fromisoformat(answered.headers.get("X-RateLimit-Reset", "").strip())
    except ValueError:
        return None
    return until(reset.replace(tzinfo=reset.tzinfo or UTC), answered.now)


def _next_hour_s(answered: Answered) -> float | None:
    """A quota is filled at the top of the UTC hour."""
    if answered.now is None:
        return None
    hour = answered.now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return until(hour + timedelta(hours=1), answered.now)


def _token_s(answered: Answered) -> float | None:
    """Until a Data Center's bucket has one token more; None where there is no bucket."""
    interval_s = count(answered.headers, "X-RateLimit-Interval-Seconds")
    tokens = count(answered.headers, "X-RateLimit-FillRate") or 1
    return None if interval_s is None else min(interval_s / tokens, MAX_RETRY_AFTER_S)


def _is_near(answered: Answered) -> bool:
    most, left = count(answered.headers, "X-RateLimit-Limit"), count(answered.headers, "X-RateLimit-Remaining")
    low = most is not None and left is not None and left * 5 < most
    return low or answered.headers.get("X-RateLimit-NearLimit", "").strip().lower() == "true"
