"""Fills a sandbox with recorded answers of real sites, as they were recorded.

Called by the sandbox command, the demo and tests. It never raises for what a file holds: it says what it skipped.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from syncd.sandbox import recorded
from syncd.sandbox.jira.shapes import link, moment_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from syncd.sandbox.jira.shapes import Json
    from syncd.sandbox.jira.world import JiraWorld

    Take = Callable[[JiraWorld, Json], str]

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*-\d+")
_BROKEN = (KeyError, TypeError, ValueError, AttributeError, IndexError)


def load(paths: Iterable[str | Path], world: JiraWorld) -> list[str]:
    """Loads files (and directories of them); returns sentences: what was loaded, what was skipped and why.

    Lists of projects, statuses and the like go in first, whatever the order of the files, then issues, then versions.
    """
    files = [recorded.read(path) for path in recorded.files_in(Path(path) for path in paths)]
    notes = {file.path: _Note(file) for file in files}
    with world.lock:
        for kinds in (
            {"project", "status", "user", "field", "link type", "issue type", "named"},
            {"issue"},
            {"version"},
        ):
            for file in files:
                _load_file(world, file, kinds, notes[file.path])
    return [sentence for note in notes.values() for sentence in note.sentences()]


class _Note:
    """What became of one file."""

    def __init__(self, file: recorded.Recorded) -> None:
        self.name = file.path.name
        self.problems = Counter(file.problems)
        self.loaded = Counter[str]()

    def sentences(self) -> list[str]:
        done = ", ".join(f"{number} {_plural(kind, number)}" for kind, number in self.loaded.items())
        said = [f"{self.name}: loaded {done}."] if done else []
        for problem, number in self.problems.items():
            times = f" ({number} times)" if number > 1 else ""
            said.append(f"{self.name}: skipped: {problem}{times}.")
        return said or [f"{self.name}: skipped: holds nothing."]


def _plural(kind: str, number: int) -> str:
    if number == 1:
        return kind
    return f"{kind}es" if kind.endswith("s") else f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"


def _load_file(world: JiraWorld, file: recorded.Recorded, kinds: set[str], note: _Note) -> None:
    for record in file.records:
        kind = _kind(record)
        if kind not in _TAKE and "issue" in kinds:
            note.problems["is nothing that the sandbox serves"] += 1
        if kind is None or kind not in kinds:
            continue
        try:
            problem = _TAKE[kind](world, record)
        except _BROKEN as error:
            problem = f"a {kind} that is broken ({type(error).__name__}: {error})"
        if problem:
            note.problems[problem] += 1
        else:
            note.loaded[kind] += 1


# kind, members that it has, and others of which it has one
_SHAPES: tuple[tuple[str, set[str], set[str]], ...] = (
    ("issue", {"key", "fields"}, set()),
    ("user", {"displayName"}, {"accountId", "name", "key"}),
    ("status", {"id", "name", "statusCategory"}, set()),
    ("link type", {"inward", "outward", "name"}, set()),
    ("field", {"id", "name"}, {"clauseNames", "navigable", "schema"}),
    ("issue type", {"id", "name", "subtask"}, set()),
    ("version", {"name", "archived", "released"}, set()),
    ("status category", {"key", "name", "colorName"}, set()),
    ("project", {"key", "name"}, set()),
)


def _kind(record: object) -> str | None:
    """What a record is, by its members."""
    if not isinstance(record, dict):
        return None
    has = record.keys()
    for kind, all_of, one_of in _SHAPES:
        if all_of <= has and (not one_of or has & one_of):
            return kind
    address = str(record.get("self", ""))
    return next((kind for kind in ("priority", "resolution") if "name" in has and f"/{kind}/" in address), None)


def _take_project(world: JiraWorld, row: Json) -> str:
    key = str(row["key"])
    if not _KEY.fullmatch(f"{key}-1"):
        return f"a project whose key is {key!r}"
    held = world.projects.get(key)
    ident = str(row.get("id") or (held or {}).get("id") or world.fresh_id())
    lead = row.get("lead")
    if isinstance(lead, dict):
        _take_user(world, lead)
    mine = {"id": ident, "key": key, "self": link(f"project/{ident}")}
    world.projects[key] = {"lead": None, **(held or {}), **row, **mine}
    for version in row.get("versions") or []:
        _add(world.project_versions[key], version)
    for component in row.get("components") or []:
        _add(world.project_components[key], component)
    return ""


def _take_status(world: JiraWorld, row: Json) -> str:
    category = row.get("statusCategory")
    if isinstance(category, dict) and "id" in row:
        world.statuses.setdefault(str(row["name"]), (str(row["id"]), str(category.get("key"))))
        world.status_rows[str(row["id"])] = {**row, "id": str(row["id"])}
    return ""


def _take_user(world: JiraWorld, row: Json) -> str:
    ident = row.get("accountId") or row.get("key") or row.get("name")
    if not ident:
        return "a user without an account id, a key or a name"
    world.users.setdefault(str(ident), row if "accountId" in row or "key" in row else {**row, "key": str(ident)})
    return ""


def _take_field(world: JiraWorld, row: Json) -> str:
    world.fields[:] = [*(held for held in world.fields if held["id"] != row["id"]), row]
    return ""


def _take_link_type(world: JiraWorld, row: Json) -> str:
    ident = str(row.get("id") or world.fresh_id())
    same = [held for held, old in world.link_types.items() if old["name"].lower() == str(row["name"]).lower()]
    for held in same:
        del world.link_types[held]
    world.link_types[ident] = {**row, "id": ident}
    return ""


def _take_type(world: JiraWorld, row: Json) -> str:
    _named(world.types, {"hierarchyLevel": -1 if row.get("subtask") else 0, **row, "id": str(row["id"])})
    return ""


def _take_priority(world: JiraWorld, row: Json) -> str:
    _named(world.priorities, row)
    return ""


def _take_resolution(world: JiraWorld, row: Json) -> str:
    _named(world.resolutions, row)
    return ""


def _named(rows: dict[str, Json], row: object) -> None:
    """Enters a type, priority, resolution or level; where the ids of two sites meet, both stay."""
    if isinstance(row, dict) and row.get("name"):
        ident = str(row.get("id", row["name"]))
        same = ident not in rows or rows[ident]["name"] == row["name"]
        rows[ident if same else f"{ident} {row['name']}"] = row


def _take_version(world: JiraWorld, row: Json) -> str:
    project = str(row.get("projectId"))
    for key, held in world.projects.items():
        if held["id"] == project:
            _add(world.project_versions[key], row)
            return ""
    return "a version of a project that is not among the files"


def _add(rows: list[Json], row: object) -> None:
    if isinstance(row, dict) and row.get("name") and all(held.get("name") != row["name"] for held in rows):
        rows.append(row)


def _take_issue(world: JiraWorld, row: Json) -> str:
    """An issue is served as it was recorded; only its own address is made ours."""
    key, fields = str(row["key"]), row["fields"]
    if not isinstance(fields, dict) or not _KEY.fullmatch(key):
        return "an issue without fields or a proper key"
    ident = str(row.get("id") or world.fresh_id())
    if ident in world.shelves or key.upper() in world.keys:
        return "an issue whose id or key is there already"
    _site_of(world, key, fields)
    issue = {**row, "id": ident, "key": key, "self": link(f"issue/{ident}")}
    changelog = issue.pop("changelog", None)
    created = moment_of(fields.get("created")) or world.now()
    world.place(issue, created, moment_of(fields.get("updated")) or created)
    if isinstance(changelog, dict):
        histories = [one for one in changelog.get("histories") or [] if isinstance(one, dict)]
        world.shelves[ident].histories += sorted(histories, key=lambda one: str(moment_of(one.get("created"))))
    return ""


def _site_of(world: JiraWorld, key: str, fields: Json) -> None:
    """Enters the project, status, type, people, versions and the like that an issue speaks of."""
    prefix = key.rpartition("-")[0]
    project = fields.get("project")
    if prefix not in world.projects:
        said: Json = project if isinstance(project, dict) and project.get("key") == prefix else {}
        _take_project(world, {"name": prefix, **said, "key": prefix})
    status, kind = fields.get("status"), fields.get("issuetype")
    if isinstance(status, dict) and str(status.get("id")) not in world.status_rows:
        _take_status(world, status)
    if isinstance(kind, dict) and kind.get("name"):
        _take_type(world, {"id": kind["name"], **kind})
    for name in ("assignee", "reporter", "creator"):
        if isinstance(fields.get(name), dict):
            _take_user(world, fields[name])
    _named(world.priorities, fields.get("priority"))
    _named(world.resolutions, fields.get("resolution"))
    _named(world.security_levels, fields.get("security"))
    for rows, name in (
        (world.project_versions, "fixVersions"),
        (world.project_versions, "versions"),
        (world.project_components, "components"),
    ):
        for one in _rows(fields.get(name)):
            _add(rows[prefix], one)


def _rows(value: Any) -> list[Any]:  # noqa: ANN401 - any field's value
    return value if isinstance(value, list) else []


_TAKE: dict[str, Take] = {
    "project": _take_project,
    "status": _take_status,
    "user": _take_user,
    "field": _take_field,
    "link type": _take_link_type,
    "issue type": _take_type,
    "priority": _take_priority,
    "resolution": _take_resolution,
    "version": _take_version,
    "issue": _take_issue,
}
