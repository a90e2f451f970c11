"""Routes that other clients of Jira use and syncd does not: lists in pages, one field at a time, removals.

Entered in the table by import.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncd.sandbox.jira.call import Call, Refusal, Reply, route
from syncd.sandbox.jira.issue_routes import permit
from syncd.sandbox.jira.part_routes import find_comment, link_of
from syncd.sandbox.jira.world import project_key
from syncd.sandbox.jira.writing import Writing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncd.sandbox.jira.shapes import Json

_PAGE = 50


def page(call: Call, rows: Sequence[object], most: int = 1000) -> Json:
    """One page of a list by its offset."""
    start, size = call.number("startAt", 0, 1 << 40), call.number("maxResults", _PAGE, most) or _PAGE
    last = start + size >= len(rows)
    shown = rows[start : start + size]
    return {"maxResults": size, "startAt": start, "total": len(rows), "isLast": last, "values": shown}


@route("GET", "label", query="startAt maxResults", where="cloud")
def labels(call: Call) -> Json:
    held = {label for raw in call.world.issues.values() for label in raw["fields"].get("labels") or []}
    return page(call, sorted(map(str, held)))


@route("GET", "priority/search", query="startAt maxResults id priorityName onlyDefault", where="cloud")
def priorities(call: Call) -> Json:
    return page(call, list(call.world.priorities.values()))


@route("GET", "field/search", query="startAt maxResults type id query", where="cloud")
def fields(call: Call) -> Json:
    word = call.query.get("query", "").lower()
    kind = call.query.get("type")
    only = call.words("id")
    rows = [row for row in call.world.fields if word in str(row["name"]).lower()]
    rows = [row for row in rows if kind is None or (kind == "custom") == bool(row.get("custom"))]
    shown = [row for row in rows if not only or row["id"] in only]
    return page(call, [{name: row[name] for name in ("id", "name", "schema") if name in row} for row in shown])


@route("GET", "user/bulk", query="startAt maxResults accountId", where="cloud")
def people(call: Call) -> Json:
    asked = call.query.getlist("accountId")
    if not asked:
        raise Refusal(400, "The 'accountId' query parameter is required.")
    return page(call, [user for word in asked if (user := call.world.users.get(word))], 200)


@route("GET", "version/<ident>", query="expand")
def version(call: Call, ident: str) -> Json:
    for key, rows in call.world.project_versions.items():
        for row in rows:
            if str(row.get("id")) == ident and key not in call.world.private:
                return row
    raise Refusal(404, f"Could not find version for id '{ident}'")


@route("GET", "issue/<word>/editmeta")
def editable(call: Call, word: str) -> Json:
    call.issue(word)
    names = {"summary", "description", "labels", "assignee", "priority", "fixVersions", "components", "duedate"}
    rows = [row for row in call.world.fields if row["id"] in names]
    return {"fields": {row["id"]: _editable(row) for row in rows}}


def _editable(row: Json) -> Json:
    verbs = ["add", "set", "remove"] if row["id"] == "labels" else ["set"]
    required = row["id"] == "summary"
    return {"required": required, "schema": row["schema"], "name": row["name"], "key": row["id"], "operations": verbs}


@route("PUT", "issue/<word>/assignee", body="accountId name key")
def assign(call: Call, word: str) -> Reply:
    ident = call.issue(word)
    permit(call, "EDIT_ISSUES", "edit")
    work = Writing(call, project_key(call.world.issues[ident]))
    given = {name: value for name, value in call.body.items() if value is not None}
    changed = work.take({"assignee": given or None})
    work.check()
    call.world.change(ident, changed)
    return Reply(204)


@route("DELETE", "issue/<word>", query="deleteSubtasks")
def remove(call: Call, word: str) -> Reply:
    ident = call.issue(word)
    permit(call, "DELETE_ISSUES", "delete")
    call.world.delete(ident)
    return Reply(204)


@route("DELETE", "issue/<word>/comment/<ident>")
def remove_comment(call: Call, word: str, ident: str) -> Reply:
    row = find_comment(call, word, ident)
    call.world.shelves[call.issue(word)].comments.remove(row)
    return Reply(204)


@route("DELETE", "issueLink/<ident>")
def remove_link(call: Call, ident: str) -> Reply:
    link_of(call, ident)
    permit(call, "LINK_ISSUES", "link")
    call.world.disconnect(ident)
    return Reply(204)
