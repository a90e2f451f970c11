"""Shows an issue: the fields that were asked for, other issues inside it as they are now, texts in the version's form.

Called by the routes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncd.sandbox.jira import document, shapes
from syncd.sandbox.jira.search import as_indexed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from syncd.sandbox.jira.call import Call
    from syncd.sandbox.jira.shapes import Json

_IDENTITY = {"id", "key"}
_HISTORIES_AT_MOST = 40


def only_identity(fields: Iterable[str]) -> bool:
    """Whether nothing but the id and the key was asked for."""
    return set(fields) <= _IDENTITY


def issue(call: Call, raw: Json, fields: list[str], expand: Iterable[str] = (), properties: Iterable[str] = ()) -> Json:
    """One issue. ``fields``: names, ``*all``, ``*navigable``, ``-name``; [] or ["id"] shows the bare id."""
    if fields in ([], ["id"]):
        return {"id": raw["id"]}
    shown: Json = {name: raw[name] for name in ("expand", "id", "self", "key") if name in raw}
    if not only_identity(fields):
        shown["fields"] = _fields(call, raw, fields)
    shelf = call.world.shelves[raw["id"]]
    if "changelog" in expand:
        shown["changelog"] = _changelog(call, shelf.histories)
    if "names" in expand:
        shown["names"] = {row["id"]: row["name"] for row in call.world.fields}
    if properties:
        every = "*all" in properties
        shown["properties"] = {k: v for k, v in shelf.properties.items() if every or k in properties}
    return shown


def _changelog(call: Call, histories: list[Json]) -> Json:
    """Cloud shows the newest first and no more than a page of them; Data Center all, oldest first."""
    rows = histories if call.world.data_center else histories[::-1][:_HISTORIES_AT_MOST]
    return {"startAt": 0, "maxResults": len(rows), "total": len(histories), "histories": rows}


def _fields(call: Call, raw: Json, wanted: list[str]) -> Json:
    held = raw["fields"]
    if {"*all", "*navigable"} & set(wanted):
        left_out = {name[1:] for name in wanted if name.startswith("-")}
        names: Iterable[str] = [name for name in held if name not in left_out]
        fields = {name: held[name] for name in names}
        if "*all" in wanted:
            fields["comment"] = comments(call, raw["id"])
    elif wanted and all(name.startswith("-") for name in wanted):
        fields = {name: value for name, value in held.items() if f"-{name}" not in wanted}
    else:
        fields = {name: held[name] for name in wanted if name in held}
        if "comment" in wanted:
            fields["comment"] = comments(call, raw["id"])
    return _fresh(call, fields)


def _fresh(call: Call, fields: Json) -> Json:
    """Other issues inside an issue are shown as they are now; texts in the form of the version asked."""
    if fields.get("issuelinks"):
        fields["issuelinks"] = [row for held in fields["issuelinks"] if (row := _link(call, held))]
    if isinstance(fields.get("parent"), dict):
        fields["parent"] = _stub(call, fields["parent"])
    if "description" in fields:
        fields["description"] = text(call, fields["description"])
    return fields


def _link(call: Call, row: Json) -> Json | None:
    side = "outwardIssue" if "outwardIssue" in row else "inwardIssue"
    held = row.get(side)
    if not isinstance(held, dict):
        return row
    gone = held.get("id") in call.world.shelves and not call.world.visible(held["id"])
    return None if gone else {**row, side: _stub(call, held)}


def _stub(call: Call, held: Json) -> Json:
    ident = str(held.get("id"))
    now = as_indexed(call.world, ident, 0) if ident in call.world.issues else None
    return held if now is None else shapes.stub(now)


def text(call: Call, value: object) -> object:
    """A description or a comment's body: ADF in version 3, words in version 2."""
    if call.adf and isinstance(value, str):
        return document.of_text(value)
    if not call.adf and isinstance(value, dict):
        return document.text(value).rstrip("\n")
    return value


def comment(call: Call, row: Json) -> Json:
    """One comment. Its properties are told to whoever asks for them."""
    expanded = "properties" in (call.words("expand") or [])
    shown = {name: value for name, value in row.items() if name != "properties"}
    if expanded:
        shown["properties"] = row.get("properties", [])
    return {**shown, "body": text(call, row["body"])} if "body" in row else shown


def comments(call: Call, ident: str) -> Json:
    rows = [comment(call, row) for row in call.world.shelves[ident].comments]
    return {"comments": rows, "maxResults": len(rows), "total": len(rows), "startAt": 0}
