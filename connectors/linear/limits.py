"""Linear's rate limits: which requests they join, and what an answer says, whatever its HTTP status. Pure.

Facts: trackers.md §5.1, §5.2. Handed to ``wire`` by the client.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from connectors.limit import EVERYTHING, Limit, bounded, count, is_trackers_own, retry_after_s
from connectors.linear.refusal import codes

if TYPE_CHECKING:
    from connectors.limit import Answered

_TOO_MANY, _UNAVAILABLE = 429, 503
_CODE = "RATELIMITED"
_CHANGE = "mutation "
_CHANGES = re.compile(rb'"query":\s*"\s*mutation\b')
_OPERATION = re.compile(rb'"operationName":\s*"(\w+)"')


def scopes(method: str, path: str, sent: bytes) -> tuple[str, ...]:
    """The whole workspace, and the operation: all of Linear is one path."""
    named = _OPERATION.search(sent)
    kind = _CHANGE if _CHANGES.search(sent) else ""
    return EVERYTHING, f"{method} {path} {kind}{named[1].decode() if named else ''}".strip()


def limit(scopes: tuple[str, ...], answered: Answered) -> Limit | None:
    """Refused: nothing of it was carried out, and where it changes something Linear itself says so. Absent headers mean
    "not told".
    """
    code, partial = _code(answered)
    if code == _CODE or answered.status == _TOO_MANY:
        own = code == _CODE or is_trackers_own(answered)
        return _refused(scopes, answered, carried_out=partial or (_CHANGE in scopes[1] and not own))
    if answered.status == _UNAVAILABLE:
        return Limit(pause_s=retry_after_s(answered.headers))
    return Limit() if any(_is_near(answered, what) for what in ("Requests", "Complexity")) else None


def _refused(scopes: tuple[str, ...], answered: Answered, *, carried_out: bool) -> Limit:
    """``carried_out``: some of it was, or may have been. What is used up waits until its reset. An endpoint's limit
    stops that operation alone.
    """
    asked_s = retry_after_s(answered.headers)
    for what, scope in (("Endpoint-Requests", scopes[1]), ("Complexity", EVERYTHING)):
        if count(answered.headers, f"X-RateLimit-{what}-Remaining") == 0:
            reset_s = _reset_s(answered, what)
            return Limit(scope=scope, pause_s=asked_s if reset_s is None else reset_s, refused=not carried_out)
    reset_s = _reset_s(answered, "Requests")
    return Limit(pause_s=asked_s if reset_s is None else reset_s, refused=not carried_out)


def _reset_s(answered: Answered, what: str) -> float | None:
    """Until the reset, which Linear tells in epoch milliseconds."""
    reset_ms = count(answered.headers, f"X-RateLimit-{what}-Reset")
    if reset_ms is None or answered.now is None:
        return None
    return bounded(reset_ms / 1000 - answered.now.timestamp())


def _is_near(answered: Answered, what: str) -> bool:
    most = count(answered.headers, f"X-RateLimit-{what}-Limit")
    left = count(answered.headers, f"X-RateLimit-{what}-Remaining")
    return most is not None and left is not None and left * 5 < most


def _code(answered: Answered) -> tuple[str, bool]:
    """(the code that speaks of a limit or "", whether some of it was carried out)."""
    if _CODE.encode() not in answered.body.upper():
        return "", False
    try:
        told: Any = json.loads(answered.body)
    except (ValueError, RecursionError):
        return "", False
    if not isinstance(told, dict) or not isinstance(told.get("errors"), list):
        return "", False
    done = told.get("data")
    partial = isinstance(done, dict) and any(value is not None for value in done.values())
    return (_CODE if any(_CODE in codes(error) for error in told["errors"]) else ""), partial
