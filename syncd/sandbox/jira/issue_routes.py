"""Routes of one issue: reading, creating, editing, moving. Entered in the table by import."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from syncd.sandbox.jira import render, writing
from syncd.sandbox.jira.call import Call, Refusal, Reply, route
from syncd.sandbox.jira.world import project_key

if TYPE_CHECKING:
    from syncd.sandbox.jira.shapes import Json

_PROPERTY_LIMIT = 32_768
_READ = "fields fieldsByKeys expand properties updateHistory failFast"
_UPDATE = "fields update properties historyMetadata transition"
_EDIT = "notifyUsers overrideScreenSecurity overrideEditableFlag returnIssue expand"


@route("GET", "issue/<word>", query=_READ)
def read(call: Call, word: str) -> Json:
    raw = call.world.issues[call.issue(word)]
    fields = call.words("fields") or ["*all"]
    # GET always shows the identity, even where only ``id`` was asked for
    return render.issue(call, raw, [*fields, "key"], call.words("expand") or [], call.words("properties") or [])


@route("POST", "issue", query="updateHistory", body=_UPDATE)
def create(call: Call) -> Reply:
    """Creates an issue, its labels and properties in the same call."""
    given = dict(_object(call, "fields"))
    key = _project(call, given)
    if call.anonymous or "CREATE_ISSUES" in call.world.denied:
        raise Refusal(400, project="You do not have permission to create issues in this project.")
    work = writing.Writing(call, key)
    fields = work.take(given)
    _labels(call, work, fields, [])
    if "summary" not in given:
        work.errors["summary"] = "You must specify a summary of the issue."
    if "issuetype" not in given:
        work.errors["issuetype"] = "Specify an issue type"
    properties = properties_of(call)
    work.check()
    new = call.world.create(key, fields)
    ident = call.world.keys[new]
    call.world.shelves[ident].properties.update(properties)
    return Reply(201, writing.stub_of_new(call.world.issues[ident]))


def _project(call: Call, given: Json) -> str:
    project = given.get("project")
    word = str(project.get("key") or project.get("id") or "") if isinstance(project, dict) else ""
    try:
        return call.project(word)
    except Refusal:
        raise Refusal(400, project="valid project is required" if word else "project is required") from None


@route("PUT", "issue/<word>", query=_EDIT, body=_UPDATE)
def edit(call: Call, word: str) -> Reply:
    ident = call.issue(word)
    permit(call, "EDIT_ISSUES", "edit")
    if call.query.get("notifyUsers") == "false" and {"ADMINISTER", "ADMINISTER_PROJECTS"} <= call.world.denied:
        raise Refusal(403, "To discard the user notification either admin or project admin permissions are required.")
    raw = call.world.issues[ident]
    work = writing.Writing(call, project_key(raw))
    fields = work.take(_object(call, "fields"))
    _labels(call, work, fields, raw["fields"].get("labels") or [])
    properties = properties_of(call)
    work.check()
    if fields:
        call.world.change(ident, fields)
    call.world.shelves[ident].properties.update(properties)
    if call.query.get("returnIssue") == "true":
        return Reply(200, render.issue(call, call.world.issues[ident], ["*all"]))
    return Reply(204)


def _labels(call: Call, work: writing.Writing, fields: Json, held: list[str]) -> None:
    """Only labels can be changed by ``update``; other verbs are refused, not ignored."""
    for name, operations in _object(call, "update").items():
        if name != "labels":
            work.errors[name] = f"Field '{name}' cannot be set by 'update' in this sandbox."
        elif name in fields:
            work.errors[name] = f"Field '{name}' cannot appear in both 'fields' and 'update'"
        else:
            fields |= work.take({"labels": writing.label_changes(work, held, operations)})


def _object(call: Call, name: str) -> Json:
    given = call.body.get(name) or {}
    if not isinstance(given, dict):
        raise Refusal(400, f"'{name}' must be an object.")
    return given


def properties_of(call: Call) -> Json:
    rows = call.body.get("properties") or []
    if not isinstance(rows, list) or not all(isinstance(row, dict) and "key" in row for row in rows):
        raise Refusal(400, "'properties' must be an array of objects with a key and a value.")
    return {str(row["key"]): fitting(row.get("value")) for row in rows}


def fitting(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """A property's value, refused where it is longer than Jira keeps."""
    if len(json.dumps(value)) > _PROPERTY_LIMIT:
        raise Refusal(400, f"The property value is too long. It exceeds the limit of {_PROPERTY_LIMIT} characters.")
    return value


def permit(call: Call, permission: str, verb: str) -> None:
    """Refuses with 403 where the account lacks a permission."""
    if call.anonymous or permission in call.world.denied:
        raise Refusal(403, f"You do not have permission to {verb} issues in this project.")


@route("GET", "issue/<word>/changelog", query="startAt maxResults", where="cloud")
def changelog(call: Call, word: str) -> Json:
    rows = call.world.shelves[call.issue(word)].histories
    start, size = call.number("startAt", 0, 1 << 40), call.number("maxResults", 100, 100) or 100
    return {
        "self": call.base,
        "maxResults": size,
        "startAt": start,
        "total": len(rows),
        "isLast": start + size >= len(rows),
        "values": rows[start : start + size],
    }


@route(
    "GET", "issue/<word>/transitions", query="expand transitionId skipRemoteOnlyCondition includeUnavailableTransitions"
)
def transitions(call: Call, word: str) -> Json:
    call.issue(word)
    rows = [] if _still(call) else [_transition(row) for row in call.world.status_rows.values()]
    only = call.query.get("transitionId")
    return {"expand": "transitions", "transitions": [row for row in rows if only in {None, row["id"]}]}


def _still(call: Call) -> bool:
    return call.anonymous or "TRANSITION_ISSUES" in call.world.denied


def _transition(status: Json) -> Json:
    """Every status can be reached from every other; a transition's id is not its status's."""
    return {
        "id": f"1{status['id']}",
        "name": status["name"],
        "to": status,
        "hasScreen": False,
        "isGlobal": True,
        "isInitial": False,
        "isAvailable": True,
        "isConditional": False,
    }


@route("POST", "issue/<word>/transitions", body=f"{_UPDATE} historyMetadata")
def transit(call: Call, word: str) -> Reply:
    ident = call.issue(word)
    wanted = str(_object(call, "transition").get("id", ""))
    status = call.world.status_rows.get(wanted.removeprefix("1"))
    if _still(call) or status is None or not wanted.startswith("1"):
        raise Refusal(400, "It seems that you have tried to perform an illegal workflow operation.")
    work = writing.Writing(call, project_key(call.world.issues[ident]))
    fields = work.take(_object(call, "fields"))
    work.check()
    if "resolution" not in fields:
        done = status["statusCategory"]["key"] == "done"
        fields["resolution"] = next(iter(call.world.resolutions.values())) if done else None
    call.world.change(ident, {**fields, "status": status})
    return Reply(204)
