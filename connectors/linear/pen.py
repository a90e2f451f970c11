"""The pen: the only client that can write to Linear, and it writes one issue: the one whose id it holds.

Used by the summary's writer alone. No method takes an issue's id to write to, so no other issue can be written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.errors import PermanentError
from connectors.linear import documents
from connectors.linear.client import Client

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.base import Settings


class Pen(Client):
    """``own`` is the id of the summary issue; "" until it is known, and then it never changes."""

    def __init__(self, settings: Settings, own: str = "") -> None:
        super().__init__(settings)
        self.own = own

    def claim(self, issue_id: str) -> str:
        """Binds the pen to this issue, or checks that it is bound to it. Raises PermanentError for any other."""
        if not issue_id or self.own not in {"", issue_id}:
            raise PermanentError(
                self.name,
                f"the issue {issue_id} is not this release's summary, so nothing is written to it",
                "syncd writes to one issue a release; look at `summary` in the configuration",
            )
        self.own = issue_id
        return issue_id

    def create(self, own: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Creates the issue under this id. Raises ConflictError when it exists, LostAnswerError when unknown."""
        made = self._tell("issue_create", {"input": {**fields, "id": self.claim(own)}}, "issueCreate")
        issue = made.get("issue")
        return issue if isinstance(issue, dict) else {}

    def update(self, fields: Mapping[str, Any]) -> None:
        self._tell("issue_update", {"id": self.claim(self.own), "input": dict(fields)}, "issueUpdate")

    def attach(self, fields: Mapping[str, Any]) -> None:
        """Writes the attachment with this ``url``: Linear replaces the one that is there (trackers.md §5.4)."""
        self._tell("attachment_create", {"input": {**fields, "issueId": self.claim(self.own)}}, "attachmentCreate")

    def block(self, other: str, fields: Mapping[str, Any]) -> None:
        """Makes the issue block the other one. The link is written on ours."""
        link = {**fields, "issueId": self.claim(self.own), "relatedIssueId": other, "type": "blocks"}
        self._tell("relation_create", {"input": link}, "issueRelationCreate")

    def comment(self, fields: Mapping[str, Any]) -> None:
        """Posts a comment on the issue. Raises ConflictError when the comment of this id exists, or did."""
        self._tell("comment_create", {"input": {**fields, "issueId": self.claim(self.own)}}, "commentCreate")

    def _tell(self, name: str, variables: Mapping[str, Any], field: str) -> dict[str, Any]:
        answer = self._send(documents.mutation(name), variables, writes=True).get(field)
        payload = answer if isinstance(answer, dict) else {}
        if payload.get("success") is not True:
            raise PermanentError(self.name, f"Linear says that {field} had no success, and not why", "try again")
        return payload
