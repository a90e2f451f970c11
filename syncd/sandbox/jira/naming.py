"""An issue in names, as tests and the demo speak of it → its fields as the wire has them.

Called by the world's ``add``, ``edit`` and ``move``. Versions, components and security levels are made when they are
new; a status, type, person or issue that is unknown raises KeyError.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from syncd.sandbox.jira import catalogue
from syncd.sandbox.jira.shapes import EPIC_LINK, EPIC_NAME, is_epic, stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from syncd.sandbox.jira.shapes import Json
    from syncd.sandbox.jira.world import JiraWorld


class Words(TypedDict, total=False):
    """What ``add`` may say of an issue; None or "" empties a field. ``description`` is in the site's form."""

    description: Any
    type: str
    status: str
    assignee: str | None
    reporter: str | None
    labels: Iterable[str]
    fix_versions: Iterable[str]
    components: Iterable[str]
    parent: str | None
    due: date | str | None
    resolution: str | None
    priority: str | None
    security: str | None


class Edited(Words, total=False):
    """What ``edit`` may change."""

    summary: str


def blank(world: JiraWorld, project: str, by: Json, now: datetime) -> Json:
    """The fields of an issue of which nothing was said."""
    time = stamp(now, world.zone)
    fields: Json = {
        "summary": "",
        "description": None,
        "status": world.status_rows[catalogue.STATUSES[0][0]],
        "project": world.project_stub(project),
        "priority": world.priorities["3"],
        "labels": [],
        "fixVersions": [],
        "versions": [],
        "components": [],
        "assignee": None,
        "reporter": by,
        "creator": by,
        "resolution": None,
        "resolutiondate": None,
        "created": time,
        "updated": time,
        "duedate": None,
        "issuelinks": [],
        "subtasks": [],
        "security": None,
        EPIC_LINK: None,
    }
    return fields if world.data_center else {**fields, "statuscategorychangedate": time}


def fields_of(world: JiraWorld, project: str, words: Mapping[str, Any]) -> Json:
    """The wire's fields for what was said, and for nothing else."""
    fields: Json = {name: words[name] for name in ("summary", "description") if name in words}
    if "type" in words:
        fields["issuetype"] = _named(world.types, words["type"])
        if is_epic(fields["issuetype"]):
            fields[EPIC_NAME] = words.get("summary")
    if "status" in words:
        fields["status"] = status(world, words["status"])
    for name in ("assignee", "reporter"):
        if name in words:
            fields[name] = _person(world, words[name])
    return fields | _lists(world, project, words) | _rest(world, words)


def _lists(world: JiraWorld, project: str, words: Mapping[str, Any]) -> Json:
    fields: Json = {}
    if "labels" in words:
        fields["labels"] = list(words["labels"])
    if "fix_versions" in words:
        fields["fixVersions"] = [world.version(project, name) for name in words["fix_versions"]]
    if "components" in words:
        fields["components"] = [world.component(project, name) for name in words["components"]]
    return fields


def _rest(world: JiraWorld, words: Mapping[str, Any]) -> Json:
    fields: Json = {}
    if "parent" in words:
        fields |= world.parent_fields(world.known(words["parent"]) if words["parent"] else None)
    if "due" in words:
        fields["duedate"] = str(words["due"]) if words["due"] else None
    if "resolution" in words:
        fields["resolution"] = resolution(world, words["resolution"])
    if "priority" in words:
        fields["priority"] = _named(world.priorities, words["priority"]) if words["priority"] else None
    if "security" in words:
        fields["security"] = world.security(words["security"]) if words["security"] else None
    return fields


def status(world: JiraWorld, word: str) -> Json:
    """The status of this name or id."""
    ident = word if word in world.status_rows else world.statuses[word][0]
    return world.status_rows[ident]


def resolution(world: JiraWorld, name: str | None) -> Json | None:
    """The resolution of this name, None for no name."""
    return _named(world.resolutions, name) if name else None


def _named(rows: Mapping[str, Json], name: str) -> Json:
    for row in rows.values():
        if row["name"].lower() == name.lower():
            return row
    raise KeyError(name)


def _person(world: JiraWorld, word: str | None) -> Json | None:
    found = world.find_user(word)
    if word and found is None:
        raise KeyError(word)
    return found
