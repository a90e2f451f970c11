"""The fields of JQL that are compared by equality: what an issue holds there, and what a word in a query stands for.

Called by match.py. Both sides are sets of lower-case tokens (ids and names), so that a status may be asked for by
either. A field's ``resolve`` refuses, in Jira's words, a word that stands for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from syncd.sandbox.jira import document
from syncd.sandbox.jira.jql import JqlError
from syncd.sandbox.jira.shapes import CATEGORIES, EPIC_LINK, EPIC_NAME, is_epic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from syncd.sandbox.jira.shapes import Json
    from syncd.sandbox.jira.world import JiraWorld

    Read = Callable[[Json], set[str]]
    Resolve = Callable[[JiraWorld, str, str], set[str]]

_NONE: set[str] = set()
_NAMES = ("id", "key", "name", "accountId", "value")


@dataclass(frozen=True)
class Field:
    """``read``: raw issue → tokens; ``resolve``: world, word, field as written → tokens."""

    read: Read
    resolve: Resolve
    empty_words: frozenset[str] = frozenset()
    people: bool = False
    issues: bool = False


def tokens(value: Any) -> set[str]:  # noqa: ANN401 - any field's value, recorded ones included
    """The ids and names by which a value can be asked for."""
    if isinstance(value, dict):
        return {str(value[word]).lower() for word in _NAMES if value.get(word) is not None}
    if isinstance(value, list):
        return {token for part in value for token in tokens(part)}
    return _NONE if value is None else {str(value).lower()}


def _read(name: str) -> Read:
    return lambda issue: tokens(issue["fields"].get(name))


def _one_of(rows: Callable[[JiraWorld], Iterable[Json]]) -> Resolve:
    def resolve(world: JiraWorld, word: str, field: str) -> set[str]:
        wanted = word.lower()
        if any(wanted in tokens(row) for row in rows(world)):
            return {wanted}
        raise JqlError(f"The value '{word}' does not exist for the field '{field}'.")

    return resolve


def _anything(_world: JiraWorld, word: str, _field: str) -> set[str]:
    return {word.lower()}


def project_keys(world: JiraWorld, word: str) -> list[str]:
    """The visible projects with this key, id or name."""
    wanted = word.lower()
    return [key for key, row in world.projects.items() if key not in world.private and wanted in tokens(row)]


def _project(world: JiraWorld, word: str, field: str) -> set[str]:
    keys = project_keys(world, word)
    if not keys:
        raise JqlError(f"The value '{word}' does not exist for the field '{field}'.")
    return {key.lower() for key in keys}


def _project_of(issue: Json) -> set[str]:
    return {str(issue["key"]).rpartition("-")[0].lower()}


def _person(world: JiraWorld, word: str, field: str) -> set[str]:
    user = world.find_user(word)
    if user is None:
        raise JqlError(f"The value '{word}' does not exist for the field '{field}'.")
    return {str(user.get("accountId") or user["key"]).lower()}


def _read_person(name: str) -> Read:
    def read(issue: Json) -> set[str]:
        user = issue["fields"].get(name)
        return {str(user.get("accountId") or user.get("key") or user.get("name")).lower()} if user else _NONE

    return read


def _category(world: JiraWorld, word: str, field: str) -> set[str]:
    wanted = word.lower()
    rows: list[Json] = [{"id": number, "key": key, "name": name} for key, (number, name, _) in CATEGORIES.items()]
    rows += [row["statusCategory"] for row in world.status_rows.values() if row.get("statusCategory")]
    found = next((row for row in rows if wanted in tokens(row)), None)
    if found is None:
        raise JqlError(f"The value '{word}' does not exist for the field '{field}'.")
    return {found["key"]}


def _read_category(issue: Json) -> set[str]:
    status = issue["fields"].get("status")
    row = status.get("statusCategory") if isinstance(status, dict) else None
    return {row["key"]} if isinstance(row, dict) and "key" in row else _NONE


def _issue(world: JiraWorld, word: str, field: str) -> set[str]:
    ident = world.find(word)
    if ident is None or not world.visible(ident):
        kind = "ID" if word.isdigit() else "key"
        raise JqlError(f"An issue with {kind} '{word}' does not exist for field '{field}'.")
    return {ident}


def _read_parent(issue: Json) -> set[str]:
    parent = issue["fields"].get("parent")
    return {str(parent["id"])} if isinstance(parent, dict) and "id" in parent else _NONE


def _epic(world: JiraWorld, word: str, field: str) -> set[str]:
    """An epic may be named by its key, its id or its name."""
    ident = world.find(word)
    if ident is not None:
        return _issue(world, ident, field) | {world.issues[ident]["key"].lower()}
    wanted = word.lower()
    named = (i for i in world.issues.values() if wanted in _epic_names(i) and world.visible(i["id"]))
    found = {token for epic in named for token in (epic["id"], epic["key"].lower())}
    if not found:
        raise JqlError(f"The value '{word}' does not exist for the field '{field}'.")
    return found


def _epic_names(issue: Json) -> set[str]:
    fields = issue["fields"]
    return (
        {str(fields.get(name)).lower() for name in ("summary", EPIC_NAME)}
        if is_epic(fields.get("issuetype"))
        else _NONE
    )


def _read_epic(issue: Json) -> set[str]:
    return tokens(issue["fields"].get(EPIC_LINK)) | _read_parent(issue)


def _every(rows: Callable[[JiraWorld], dict[str, list[Json]]]) -> Resolve:
    return _one_of(lambda world: (row for group in rows(world).values() for row in group))


_KEY = Field(lambda issue: {issue["id"]}, _issue, issues=True)
_TYPE = Field(_read("issuetype"), _one_of(lambda world: world.types.values()))
_EPIC = Field(_read_epic, _epic, issues=True)
_LEVEL = Field(_read("security"), _one_of(lambda world: world.security_levels.values()))
FIELDS = {
    "project": Field(_project_of, _project),
    "key": _KEY,
    "issuekey": _KEY,
    "issue": _KEY,
    "id": _KEY,
    "parent": Field(_read_parent, _issue, issues=True),
    "epic link": _EPIC,
    "cf[10014]": _EPIC,
    "issuetype": _TYPE,
    "type": _TYPE,
    "status": Field(_read("status"), _one_of(lambda world: world.status_rows.values())),
    "statuscategory": Field(_read_category, _category),
    "resolution": Field(
        _read("resolution"),
        _one_of(lambda world: world.resolutions.values()),
        empty_words=frozenset({"unresolved"}),
    ),
    "priority": Field(_read("priority"), _one_of(lambda world: world.priorities.values())),
    "labels": Field(_read("labels"), _anything),
    "fixversion": Field(_read("fixVersions"), _every(lambda world: world.project_versions)),
    "affectedversion": Field(_read("versions"), _every(lambda world: world.project_versions)),
    "component": Field(_read("components"), _every(lambda world: world.project_components)),
    "assignee": Field(_read_person("assignee"), _person, people=True),
    "reporter": Field(_read_person("reporter"), _person, people=True),
    "creator": Field(_read_person("creator"), _person, people=True),
    "level": _LEVEL,
    "security": _LEVEL,
}
TEXTS = {
    "summary": ("summary",),
    "description": ("description",),
    "text": ("summary", "description"),
}


def custom(world: JiraWorld, name: str) -> Field | None:
    """A custom field by its name or as ``cf[10011]``."""
    for row in world.fields:
        if row.get("custom") and name in {str(clause).lower() for clause in row.get("clauseNames", [])}:
            return Field(_read(row["id"]), _anything)
    return None


def text_of(issue: Json, names: Iterable[str]) -> str:
    return "\n".join(filter(None, (document.text(issue["fields"].get(name)) for name in names)))


def call(world: JiraWorld, field: Field, name: str, arguments: tuple[str, ...]) -> set[str]:
    """What a function stands for."""
    if field.people and name.lower() == "currentuser" and not arguments:
        return {world.me.lower()}
    if field.issues and name.lower() == "linkedissues" and len(arguments) in {1, 2}:
        return _linked(world, *arguments)
    raise JqlError(f"Unable to find JQL function '{name}({', '.join(arguments)})'.")


def _linked(world: JiraWorld, key: str, kind: str = "") -> set[str]:
    ident = world.find(key)
    if ident is None or not world.visible(ident):
        raise JqlError(f"Issue '{key}' could not be found in function 'linkedIssues'.")
    wanted = kind.lower()
    by_name = kind != "" and not any(
        wanted in _link_words(row, "inward", "outward") for row in world.link_types.values()
    )
    if by_name and not any(wanted in _link_words(row, "name") for row in world.link_types.values()):
        raise JqlError(f"Issue link type '{kind}' could not be found in function 'linkedIssues'.")
    found = set[str]()
    for row in world.issues[ident]["fields"].get("issuelinks") or []:
        for side, word in (("outwardIssue", "outward"), ("inwardIssue", "inward")):
            words = _link_words(row.get("type") or {}, "name" if by_name else word)
            if isinstance(row.get(side), dict) and (not kind or wanted in words):
                found.add(str(row[side].get("id")))
    return found


def _link_words(row: Json, *names: str) -> set[str]:
    return {str(row.get(name)).lower() for name in names}
