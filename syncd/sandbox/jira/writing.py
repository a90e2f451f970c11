"""Fields as a client writes them → fields as the world keeps them; refused as Jira refuses, every fault at once.

Called by the routes that create and edit issues.
"""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from syncd.sandbox.jira import document, shapes
from syncd.sandbox.jira.call import Refusal
from syncd.sandbox.jira.shapes import EPIC_LINK, EPIC_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from syncd.sandbox.jira.call import Call
    from syncd.sandbox.jira.shapes import Json

    Read = Callable[["Writing", Any], Json]

_SUMMARY_LIMIT = 255
_TOO_LONG = "The entered text is too long. It exceeds the allowed limit of 32,767 characters."
_NOT_ADF = "Operation value must be an Atlassian Document (see the Atlassian Document Format)"


class Wrong(Exception):  # noqa: N818 - a client's mistake, told to it
    pass


class Writing:
    """The fields of one request for one project; ``take`` collects faults by field."""

    def __init__(self, call: Call, project: str) -> None:
        self.call = call
        self.world = call.world
        self.project = project
        self.errors: dict[str, str] = {}

    def take(self, given: Json) -> Json:
        """The wire's fields. Raises Refusal with 400 that names each field at fault."""
        fields: Json = {}
        for name, value in given.items():
            read = _READ.get(name)
            if read is None:
                self.errors[name] = f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
                continue
            try:
                fields |= read(self, value)
            except Wrong as wrong:
                self.errors[name] = str(wrong)
        return fields

    def check(self) -> None:
        if self.errors:
            raise Refusal(400, **self.errors)

    def summary(self, value: object) -> Json:
        if not isinstance(value, str) or not value.strip():
            raise Wrong("You must specify a summary of the issue.")
        if "\n" in value or "\r" in value:
            raise Wrong("The summary is invalid because it contains newline characters.")
        if len(value) > _SUMMARY_LIMIT:
            raise Wrong("Summary must be less than 255 characters.")
        return {"summary": value}

    def description(self, value: object) -> Json:
        return {"description": self.text(value)}

    def text(self, value: object) -> object:
        """A text in the version's form: ADF in 3, a string in 2."""
        if value is None:
            return None
        if self.call.adf:
            if document.fault(value):
                raise Wrong(_NOT_ADF)
            if len(json.dumps(value, ensure_ascii=False, separators=(",", ":"))) > document.LIMIT:
                raise Wrong("CONTENT_LIMIT_EXCEEDED")
            return value
        if not isinstance(value, str):
            raise Wrong("Operation value must be a string")
        if len(value) > document.LIMIT:
            raise Wrong(_TOO_LONG)
        return value if self.world.data_center else document.of_text(value)

    def issue_type(self, value: object) -> Json:
        return {"issuetype": _pick(self.world.types.values(), value, "Specify a valid issue type")}

    def priority(self, value: object) -> Json:
        return {"priority": _pick(self.world.priorities.values(), value, "Specify a valid priority")}

    def resolution(self, value: object) -> Json:
        if value is None:
            return {"resolution": None}
        return {"resolution": _pick(self.world.resolutions.values(), value, "Specify a valid resolution")}

    def labels(self, value: object) -> Json:
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise Wrong("data was not an array")
        for label in value:
            if not label or any(letter.isspace() for letter in label):
                raise Wrong(f"The label '{label}' can't contain spaces.")
        return {"labels": sorted(dict.fromkeys(value))}

    def fix_versions(self, value: object) -> Json:
        return {"fixVersions": self._rows(self.world.project_versions[self.project], value, "Version")}

    def components(self, value: object) -> Json:
        return {"components": self._rows(self.world.project_components[self.project], value, "Component")}

    def _rows(self, known: list[Json], value: object, what: str) -> list[Json]:
        if not isinstance(value, list):
            raise Wrong("data was not an array")
        return [_pick(known, one, f"{what} is not valid") for one in value]

    def assignee(self, value: object) -> Json:
        return {"assignee": self._person(value)}

    def reporter(self, value: object) -> Json:
        return {"reporter": self._person(value)}

    def _person(self, value: object) -> Json | None:
        if value is None:
            return None
        names = ("key", "name") if self.world.data_center else ("accountId", "id")
        if not isinstance(value, dict):
            raise Wrong("expected an Object")
        word = next((value[name] for name in names if name in value), None)
        if word is None:
            return None
        found = self.world.find_user(str(word))
        if found is None:
            raise Wrong(f"User '{word}' cannot be assigned issues.")
        return found

    def due(self, value: object) -> Json:
        if value is None or value == "":
            return {"duedate": None}
        try:
            return {"duedate": date.fromisoformat(str(value)).isoformat()}
        except ValueError:
            raise Wrong("Error parsing date string: it must be of the format 'yyyy-MM-dd'") from None

    def parent(self, value: object) -> Json:
        if value is None:
            return self.world.parent_fields(None)
        word = value.get("key") or value.get("id") if isinstance(value, dict) else value
        ident = self.world.find(str(word))
        if ident is None or not self.world.visible(ident):
            raise Wrong("Could not find valid 'id' or 'key' using 'parent' value.")
        return self.world.parent_fields(ident)

    def security(self, value: object) -> Json:
        if value is None:
            return {"security": None}
        return {"security": _pick(self.world.security_levels.values(), value, "Security level is not valid")}

    def epic_name(self, value: object) -> Json:
        return {EPIC_NAME: value}

    def project_field(self, value: object) -> Json:
        _pick([self.world.project_stub(self.project)], value, "valid project is required")
        return {}


_READ: dict[str, Read] = {
    "summary": Writing.summary,
    "description": Writing.description,
    "issuetype": Writing.issue_type,
    "priority": Writing.priority,
    "resolution": Writing.resolution,
    "labels": Writing.labels,
    "fixVersions": Writing.fix_versions,
    "components": Writing.components,
    "assignee": Writing.assignee,
    "reporter": Writing.reporter,
    "duedate": Writing.due,
    "parent": Writing.parent,
    "security": Writing.security,
    "project": Writing.project_field,
    EPIC_LINK: Writing.parent,
    EPIC_NAME: Writing.epic_name,
}


def _pick(rows: Iterable[Json], value: object, refusal: str) -> Json:
    """The row that a value names by id, name or key."""
    if not isinstance(value, dict):
        raise Wrong("expected an Object")
    for row in rows:
        for name in ("id", "key", "name"):
            if name in value and str(value[name]).lower() == str(row.get(name, "")).lower():
                return row
    raise Wrong(refusal)


def label_changes(writing: Writing, held: list[str], operations: object) -> list[str]:
    """``update.labels``: set, add and remove, in order."""
    labels = list(held)
    for operation in operations if isinstance(operations, list) else [operations]:
        if not isinstance(operation, dict) or len(operation) != 1:
            writing.errors["labels"] = "Each operation must be an object with one verb"
            break
        ((verb, value),) = operation.items()
        given = value if isinstance(value, list) else [value]
        if verb == "set":
            labels = list(given)
        elif verb == "add":
            labels += [one for one in given if one not in labels]
        elif verb == "remove":
            labels = [one for one in labels if one not in given]
        else:
            writing.errors["labels"] = f"Field 'labels' does not support operation '{verb}'"
    return labels


def stub_of_new(issue: Json) -> Json:
    """What a create answers."""
    return {"id": issue["id"], "key": issue["key"], "self": shapes.link(f"issue/{issue['id']}")}
