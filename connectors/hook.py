"""What all trackers' webhooks have in common: a signature over the raw body, a JSON object, a time, bounded ids.

Called by the connectors' ``hint``. Nothing of a body is looked at before its signature is known to be right.
"""

from __future__ import annotations

import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from connectors.errors import DeniedError, MalformedError

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Mapping

MOST_IDS = 100
"""A webhook is about one ticket or two; one that names more is answered by looking at all that changed."""

_LONGEST_NAME = 200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def header(headers: Mapping[str, str], name: str) -> str:
    """The header's value whatever its case, "" when it is missing."""
    return next((value.strip() for key, value in headers.items() if key.lower() == name.lower()), "")


def check_signature(source: str, method: str, told: str, body: bytes, secret: str) -> None:
    """Raises DeniedError unless ``told`` is the HMAC of the body in hex. An empty secret signs nothing."""
    right = hmac.new(secret.encode(), body, method).hexdigest()
    given = told.strip().lower().encode(errors="replace")
    if not hmac.compare_digest(right.encode(), given) or not secret:
        raise DeniedError(
            source,
            "the webhook's signature is missing or wrong",
            "the secret at the tracker and webhook_secret must be the same, and no proxy may change the body",
        )


def parsed(source: str, body: bytes) -> dict[str, Any]:
    """The body as a JSON object. Raises MalformedError."""
    try:
        told = json.loads(body.decode())
    except (ValueError, RecursionError):  # no UTF-8, no JSON, a number without end, or nested without end
        told = None
    if not isinstance(told, dict):
        raise MalformedError(source, "the webhook's body is no JSON object")
    return told


def member(told: object, *path: str) -> Any:  # noqa: ANN401 - whatever the tracker put there
    """What stands at this path of a JSON value, None where there is nothing."""
    for name in path:
        told = told.get(name) if isinstance(told, dict) else None
    return told


def ids(told: Iterable[object], form: re.Pattern[str]) -> frozenset[str]:
    """Those that look like an id of this tracker; none at all when there are too many."""
    texts = (str(it) for it in told if isinstance(it, str | int) and not isinstance(it, bool))
    found = frozenset(text for text in texts if form.fullmatch(text))
    return found if len(found) <= MOST_IDS else frozenset()


def moment(told: object) -> datetime | None:
    """A time as epoch milliseconds (a number or its digits) or as ISO text with a zone; None for anything else."""
    if isinstance(told, str) and told.isascii() and told.isdigit() and len(told) <= len(str(2**63)):
        told = int(told)
    try:
        if isinstance(told, int | float) and not isinstance(told, bool):
            return _EPOCH + timedelta(milliseconds=told)
        at = datetime.fromisoformat(told) if isinstance(told, str) else None
        return at.astimezone(UTC) if at and at.tzinfo else None
    except (ValueError, OverflowError):
        return None


def delivery(told: str) -> str:
    """A delivery's name as the tracker gave it; one that is no name counts as none."""
    return told if len(told) <= _LONGEST_NAME and told.isprintable() else ""
