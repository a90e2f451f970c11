"""Rows: how the sandbox keeps Linear's objects, one plain dict each, keyed by the names of the GraphQL schema.

References are the other rows themselves, so that a rename shows everywhere at once. Called by the world and by what
changes it. Holds no state.
"""

from __future__ import annotations

import random
import re
import uuid
from datetime import UTC, datetime
from typing import Any

Row = dict[str, Any]

WEB = "https://linear.example/acme"

WORKFLOW = (
    ("Triage", "triage"),
    ("Backlog", "backlog"),
    ("Todo", "unstarted"),
    ("In Progress", "started"),
    ("In Review", "started"),
    ("Done", "completed"),
    ("Canceled", "canceled"),
    ("Duplicate", "duplicate"),
)
"""The states that each new team begins with: (name, type)."""

REACHED_AT = {
    "started": "startedAt",
    "completed": "completedAt",
    "canceled": "canceledAt",
    "duplicate": "canceledAt",
}
"""Which time stamp an issue gets when it comes to a state of this type."""


def iso(moment: datetime) -> str:
    """The moment as Linear writes it: UTC, milliseconds. Such strings sort like the moments."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60]


class Ids:
    """Version 4 UUIDs, the same ones in the same order for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - names of rows, no secrets

    def fresh(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))


def stamped(row_id: str, at: str, **fields: Any) -> Row:  # noqa: ANN401 - a field holds whatever the schema says
    return {"id": row_id, "createdAt": at, "updatedAt": at, "archivedAt": None, **fields}


def identifier(issue: Row) -> str:
    return f"{issue['team']['key']}-{issue['number']}"


def issue_url(issue: Row) -> str:
    return f"{WEB}/issue/{issue['identifier']}/{slug(issue['title'])}"


def open_issue(row_id: str, at: str, team: Row, number: int, title: str) -> Row:
    """A new issue of this team with nothing said about it yet, in no state."""
    issue = stamped(row_id, at, team=team, number=number, title=title, previousIdentifiers=[])
    for name in ("description", "estimate", "dueDate", "trashed", "startedAt", "completedAt", "canceledAt"):
        issue[name] = None
    for name in ("state", "project", "projectMilestone", "assignee", "creator", "parent"):
        issue[name] = None
    for name in ("labels", "releases", "children", "relations", "inverseRelations"):
        issue[name] = []
    for name in ("attachments", "comments", "history"):
        issue[name] = []
    issue |= {"priority": 0, "sortOrder": -number, "identifier": identifier({"team": team, "number": number})}
    return issue | {"url": issue_url(issue), "branchName": f"{issue['identifier'].lower()}-{slug(title)}"}
