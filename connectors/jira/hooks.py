"""Jira's webhooks: which issues to look at again.

Signed with ``X-Hub-Signature: METHOD=HEX`` over the raw body; ``X-Atlassian-Webhook-Identifier`` stays the same over
retries; ``timestamp`` is the event's time in epoch milliseconds (trackers.md §1.10). A Server tells of a comment
without its issue, and events of versions, sprints and projects name no issue: then all that changed is looked at.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from connectors import hook
from connectors.base import Hint
from connectors.errors import DeniedError, MalformedError

if TYPE_CHECKING:
    from collections.abc import Mapping

FRESH_S: Final = 2 * 3600.0
"""Jira sends again up to five times, 5 to 15 minutes apart, with the time of the event, and the cascade of a bulk
change up to 15 minutes late."""

_METHODS: Final = frozenset({"sha256", "sha384", "sha512"})
_ID: Final = re.compile(r"[0-9]{1,19}", re.ASCII)
_PLACES: Final = (
    ("issue", "id"),
    ("worklog", "issueId"),
    ("issueLink", "sourceIssueId"),
    ("issueLink", "destinationIssueId"),
)


def hint(headers: Mapping[str, str], body: bytes, secret: str) -> Hint:
    """Raises DeniedError for a missing, weak or wrong signature, MalformedError for a body that is no event of Jira."""
    method, _, told = hook.header(headers, "X-Hub-Signature").partition("=")
    if method.lower() not in _METHODS:
        raise DeniedError("jira", "the webhook is not signed with SHA-256 or better", "give it a secret in Jira")
    hook.check_signature("jira", method.lower(), told, body, secret)
    event = hook.parsed("jira", body)
    name = event.get("webhookEvent")
    if not isinstance(name, str):
        raise MalformedError("jira", "the webhook's body names no webhookEvent")
    found = hook.ids((hook.member(event, *place) for place in _PLACES), _ID)
    return Hint(
        ids=found,
        deleted=found if name == "jira:issue_deleted" else frozenset(),
        delivery=hook.delivery(hook.header(headers, "X-Atlassian-Webhook-Identifier")),
        at=hook.moment(event.get("timestamp")),
    )
