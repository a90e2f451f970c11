"""Linear's webhooks: which issues to look at again.

Signed with ``Linear-Signature``, HMAC-SHA256 of the raw body in hex; ``Linear-Delivery`` names a delivery;
``webhookTimestamp`` is when it was sent (trackers.md §5.5). Events of labels, projects and cycles name no issue: then
all that changed is looked at.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from connectors import hook
from connectors.base import Hint
from connectors.errors import MalformedError

if TYPE_CHECKING:
    from collections.abc import Mapping

_ID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_OF_ISSUE: Final = (("data", "id"),)
_OF_OTHERS: Final = (("data", "issueId"), ("data", "issue", "id"), ("data", "relatedIssueId"))


def hint(headers: Mapping[str, str], body: bytes, secret: str) -> Hint:
    """Raises DeniedError for a missing or wrong signature, MalformedError for a body that is no event of Linear."""
    hook.check_signature("linear", "sha256", hook.header(headers, "Linear-Signature"), body, secret)
    event = hook.parsed("linear", body)
    if not isinstance(event.get("action"), str) or not isinstance(event.get("type"), str):
        raise MalformedError("linear", "the webhook's body names no action or type")
    places = _OF_ISSUE if event["type"] == "Issue" else _OF_OTHERS
    found = hook.ids((hook.member(event, *place) for place in places), _ID)
    sent = event.get("webhookTimestamp")
    return Hint(
        ids=found,
        deleted=found if _deletes(event) else frozenset(),
        delivery=hook.delivery(hook.header(headers, "Linear-Delivery")),
        at=hook.moment(hook.header(headers, "Linear-Timestamp") if sent is None else sent),
    )


def _deletes(event: dict[str, Any]) -> bool:
    """Whether the issue was deleted: what lies in the trash is not there for us. One that was only archived still
    counts, so a removal that tells of an archive and of no trash must be looked at first.
    """
    if event["type"] != "Issue":
        return False
    archived = hook.member(event, "data", "archivedAt") is not None
    return hook.member(event, "data", "trashed") is True or (event["action"] == "remove" and not archived)
