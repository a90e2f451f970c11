"""What a change does to an issue: its fields, its history, its time stamps. Called by the world (people who work) and
by the mutations (clients who write); neither sets a field of an issue in any other way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from syncd.sandbox.linear.markdown import derived
from syncd.sandbox.linear.rows import REACHED_AT, Row, identifier, issue_url

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOLD = {
    "state": ("fromState", "toState"),
    "title": ("fromTitle", "toTitle"),
    "assignee": ("fromAssignee", "toAssignee"),
    "priority": ("fromPriority", "toPriority"),
    "dueDate": ("fromDueDate", "toDueDate"),
}
"""Which fields the history tells about, and in which of its own."""


def change(issue: Row, fields: Mapping[str, Any], entry: Row) -> bool:
    """Sets the fields of an issue; ``entry`` is the empty row of its history, kept only where it tells something.

    Whether anything changed; nothing is touched when not. Archiving is no such change: it bumps nothing.
    """
    new = {name: _as_stored(name, value) for name, value in fields.items()}
    new = {name: value for name, value in new.items() if issue[name] != value}
    if not new:
        return False
    _tell(issue, new, entry)
    _move_children(issue, new)
    issue.update(new)
    issue["updatedAt"] = entry["createdAt"]
    if "state" in new:
        reach(issue, entry["createdAt"])
    if "title" in new or "team" in new:
        issue["url"] = issue_url(issue)
    return True


def reach(issue: Row, at: str) -> None:
    """Sets the time stamps that belong to the issue's state, and clears those that no longer hold."""
    kind = issue["state"]["type"]
    for name in ("completedAt", "canceledAt"):
        if REACHED_AT.get(kind) != name:
            issue[name] = None
    if kind in ("triage", "backlog", "unstarted"):
        issue["startedAt"] = None
    elif kind in REACHED_AT:
        issue[REACHED_AT[kind]] = issue[REACHED_AT[kind]] or at


def transfer(issue: Row, team: Row, number: int) -> None:
    """Moves an issue to another team: the id stays, the identifier changes, the old one is kept."""
    issue["previousIdentifiers"] = [*issue["previousIdentifiers"], issue["identifier"]]
    issue["team"], issue["number"] = team, number
    issue["identifier"] = identifier(issue)
    issue["url"] = issue_url(issue)


def _as_stored(name: str, value: Any) -> Any:  # noqa: ANN401 - a field holds whatever the schema says
    return derived(value) if name == "description" and value is not None else value


def _tell(issue: Row, new: Row, entry: Row) -> None:
    told: Row = {}
    for name, (before, after) in _TOLD.items():
        if name in new:
            told |= {before: issue[name], after: new[name]}
    if "labels" in new:
        told["addedLabels"] = [label for label in new["labels"] if label not in issue["labels"]]
        told["removedLabels"] = [label for label in issue["labels"] if label not in new["labels"]]
    if told:
        issue["history"].append(entry | {"issue": issue} | told)


def _move_children(issue: Row, new: Row) -> None:
    if "parent" not in new:
        return
    if issue["parent"]:
        issue["parent"]["children"].remove(issue)
    if new["parent"]:
        new["parent"]["children"].append(issue)
