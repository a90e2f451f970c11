"""The pen: the only way in which anything is written to a Jira, and it writes to ONE issue.

Called by ``write``. Each method sends one request; what may be sent is decided by ``_may_send`` from the path, below
the client library, so that no fault above can write to another issue.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from connectors.errors import LostAnswerError, PermanentError
from connectors.jira.client import Client, reads_only
from connectors.jira.parse import identity, mapping, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.base import Settings


class Pen:
    """Writes to the issue ``own`` (a numeric id) and no other; without one it can create it, once."""

    def __init__(self, settings: Settings) -> None:
        self.name = settings.name
        self.own = ""
        self._linking = False
        self.client = Client(settings, self._may_send)

    def claim(self, number: str) -> str:
        """The id, from now on the only one that is written to. Raises PermanentError for a second one."""
        if not re.fullmatch(r"[0-9]{1,18}", number, re.ASCII) or self.own not in {"", number}:
            said = f"this writer owns issue {self.own or 'none'} and is asked to write to {number[:40]!r}"
            raise PermanentError(self.name, said, "this is a fault in syncd: nothing was written; please report it")
        self.own = number
        return number

    def create(self, details: Mapping[str, object]) -> tuple[str, str]:
        """Creates our issue and owns it: (id, key)."""
        made = mapping(self.client.write("POST", "issue", details))
        number, key = identity(made.get("id")), text(made.get("key"))
        if not number or not key:
            raise LostAnswerError(self.name, "Jira did not say which issue it created", "the next pass looks for it")
        return self.claim(number), key

    def edit(self, details: Mapping[str, object], *, quiet: bool) -> None:
        """Changes our issue; ``quiet`` mails nobody, which needs an administrator's rights."""
        params = {"notifyUsers": "false"} if quiet else {}
        self.client.write("PUT", f"issue/{self.own}", details, **params)

    def block(self, kind: str, launch_key: str) -> None:
        """Our issue blocks the launch issue. The direction is as measured, not as the words suggest (trackers.md
        §1.6): the issue that blocks is the inward one.
        """
        ends = {"inwardIssue": {"id": self.own}, "outwardIssue": {"key": launch_key}}
        self._linking = True
        try:
            self.client.write("POST", "issueLink", {"type": {"id": kind}, **ends})
        finally:
            self._linking = False

    def transition(self, number: str) -> None:
        self.client.write("POST", f"issue/{self.own}/transitions", {"transition": {"id": number}})

    def comment(self, body: Any, properties: Mapping[str, object]) -> None:  # noqa: ANN401  # ADF is a tree, wiki markup a string
        told = [{"key": key, "value": value} for key, value in properties.items()]
        self.client.write("POST", f"issue/{self.own}/comment", {"body": body} | ({"properties": told} if told else {}))

    def _may_send(self, method: str, resource: str) -> bool:
        if reads_only(method, resource):
            return True
        if resource == "issueLink":  # its path names no issue, so that only ``block`` may send it
            return method == "POST" and self._linking
        if not self.own:
            return (method, resource) == ("POST", "issue")
        return (method, resource) in {
            ("PUT", f"issue/{self.own}"),
            ("POST", f"issue/{self.own}/transitions"),
            ("POST", f"issue/{self.own}/comment"),
        }
