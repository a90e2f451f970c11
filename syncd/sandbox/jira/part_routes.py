"""Routes of what hangs on an issue: comments, properties, remote links, links. Entered in the table by import."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncd.sandbox.jira import render, shapes, talking
from syncd.sandbox.jira.call import NOT_FOUND, Call, Refusal, Reply, route
from syncd.sandbox.jira.issue_routes import fitting, properties_of
from syncd.sandbox.jira.shapes import link
from syncd.sandbox.jira.writing import Writing, Wrong

if TYPE_CHECKING:
    from syncd.sandbox.jira.shapes import Json

_KEY_LIMIT = 255
_PAGE = 100
_ALL = 1_048_576
_REMOTE = "globalId application relationship object"


@route("GET", "issue/<word>/comment", query="startAt maxResults orderBy expand")
def comments(call: Call, word: str) -> Json:
    """Cloud shows no more than a page of them, Data Center all of them unless it is told otherwise."""
    rows = call.world.shelves[call.issue(word)].comments
    most = _ALL if call.world.data_center else _PAGE
    start, size = call.number("startAt", 0, 1 << 40), call.number("maxResults", most, most)
    order = call.query.get("orderBy", "created")
    if order.lstrip("+-") != "created":
        raise Refusal(400, f"Sorting by {order} is not supported.")
    ordered = rows[::-1] if order.startswith("-") else rows
    page = [render.comment(call, row) for row in ordered[start : start + size]]
    return {"startAt": start, "maxResults": size, "total": len(rows), "comments": page}


@route("GET", "issue/<word>/comment/<ident>", query="expand")
def comment(call: Call, word: str, ident: str) -> Json:
    return render.comment(call, find_comment(call, word, ident))


def find_comment(call: Call, word: str, ident: str) -> Json:
    """A comment of a visible issue. Refused with 404."""
    try:
        return talking.find(call.world, call.issue(word), ident)
    except KeyError:
        raise Refusal(404, f"Can not find a comment for the id: {ident}.") from None


@route("POST", "issue/<word>/comment", query="expand", body="body visibility properties author")
def add_comment(call: Call, word: str) -> Reply:
    ident = call.issue(word)
    _permit(call, "ADD_COMMENTS", "comment on")
    shown: Json = {"visibility": call.body["visibility"]} if call.body.get("visibility") else {}
    held = [{"key": key, "value": value} for key, value in properties_of(call).items()]
    row = talking.add(call.world, ident, _body(call), **shown, properties=held)
    return Reply(201, render.comment(call, row))


@route("PUT", "issue/<word>/comment/<ident>", query="notifyUsers overrideEditableFlag expand", body="body visibility")
def edit_comment(call: Call, word: str, ident: str) -> Json:
    find_comment(call, word, ident)
    _permit(call, "ADD_COMMENTS", "comment on")
    return render.comment(call, talking.edit(call.world, call.issue(word), ident, _body(call)))


def _body(call: Call) -> object:
    if not call.body.get("body"):
        raise Refusal(400, comment="Comment body can not be empty!")
    try:
        return Writing(call, "").text(call.body["body"])
    except Wrong as wrong:
        raise Refusal(400, comment=str(wrong)) from None


def _permit(call: Call, permission: str, verb: str) -> None:
    if call.anonymous or permission in call.world.denied:
        raise Refusal(403, f"You do not have the permission to {verb} this issue.")


# --- properties


@route("GET", "issue/<word>/properties")
def properties(call: Call, word: str) -> Json:
    ident = call.issue(word)
    keys = call.world.shelves[ident].properties
    return {"keys": [{"self": link(f"issue/{ident}/properties/{key}"), "key": key} for key in keys]}


@route("GET", "issue/<word>/properties/<key>")
def get_property(call: Call, word: str, key: str) -> Json:
    held = call.world.shelves[call.issue(word)].properties
    if key not in held:
        raise Refusal(404, f"The property with key '{key}' does not exist.")
    return {"key": key, "value": held[key]}


@route("PUT", "issue/<word>/properties/<key>", body=None)
def set_property(call: Call, word: str, key: str) -> Reply:
    """A property does not move ``updated``."""
    held = call.world.shelves[call.issue(word)].properties
    _permit(call, "EDIT_ISSUES", "edit")
    if len(key) > _KEY_LIMIT:
        raise Refusal(400, f"The property key must not be longer than {_KEY_LIMIT} characters.")
    status = 200 if key in held else 201
    held[key] = fitting(call.body)
    return Reply(status, {})


@route("DELETE", "issue/<word>/properties/<key>")
def delete_property(call: Call, word: str, key: str) -> Reply:
    get_property(call, word, key)
    _permit(call, "EDIT_ISSUES", "edit")
    del call.world.shelves[call.issue(word)].properties[key]
    return Reply(204)


# --- remote links


@route("GET", "issue/<word>/remotelink", query="globalId")
def remote_links(call: Call, word: str) -> object:
    rows = call.world.shelves[call.issue(word)].remote_links
    wanted = call.query.get("globalId")
    if wanted is None:
        return rows
    found = next((row for row in rows if row.get("globalId") == wanted), None)
    if found is None:
        raise Refusal(404, f"No remote issue link found for the given globalId: {wanted}")
    return found


@route("POST", "issue/<word>/remotelink", body=_REMOTE)
def add_remote_link(call: Call, word: str) -> Reply:
    """The same ``globalId`` again replaces the link; what is left out becomes null."""
    ident = call.issue(word)
    given = call.body.get("object")
    if not isinstance(given, dict) or not given.get("url") or not given.get("title"):
        raise Refusal(400, object="'object' with 'url' and 'title' is required.")
    rows = call.world.shelves[ident].remote_links
    name = call.body.get("globalId")
    held = next((row for row in rows if name and row.get("globalId") == name), None)
    number = held["id"] if held else int(call.world.fresh_id())
    address = link(f"issue/{ident}/remotelink/{number}")
    new = {"id": number, "self": address, **{part: call.body.get(part) for part in _REMOTE.split()}}
    if held:
        held |= new
    else:
        rows.append(new)
    return Reply(200 if held else 201, {"id": number, "self": address})


# --- links


@route("POST", "issueLink", body="type inwardIssue outwardIssue comment")
def add_link(call: Call) -> Reply:
    """A link that exists already is accepted and changes nothing; the answer has no body."""
    if call.anonymous or "LINK_ISSUES" in call.world.denied:
        raise Refusal(401, "You do not have permission to link issues in this project.")
    kind = _kind(call)
    inward, outward = _end(call, "inwardIssue"), _end(call, "outwardIssue")
    if inward == outward:
        raise Refusal(400, "You cannot link an issue to itself.")
    call.world.connect(kind, inward, outward)
    return Reply(201)


def _kind(call: Call) -> Json:
    given = call.body.get("type")
    named = given if isinstance(given, dict) else {}
    for row in call.world.link_types.values():
        if named.get("id") == row["id"] or str(named.get("name", "")).lower() == row["name"].lower():
            return row
    raise Refusal(404, f"No issue link type with name '{named.get('name')}' found.")


def _end(call: Call, side: str) -> str:
    given = call.body.get(side)
    word = str(given.get("key") or given.get("id") or "") if isinstance(given, dict) else ""
    if not word:
        raise Refusal(400, f"'{side}' with a key or an id is required.")
    return call.issue(word)


@route("GET", "issueLink/<ident>")
def get_link(call: Call, ident: str) -> Json:
    row = link_of(call, ident)
    ends = {side: shapes.stub(call.world.issues[row[end]]) for side, end in _SIDES}
    return {"id": ident, "self": link(f"issueLink/{ident}"), "type": row["type"], **ends}


def link_of(call: Call, ident: str) -> Json:
    """A link between visible issues. Refused with 404."""
    row = call.world.links.get(ident)
    if row is None or not (call.world.visible(row["inward"]) and call.world.visible(row["outward"])):
        raise Refusal(404, f"No issue link with id '{ident}' exists." if row is None else NOT_FOUND)
    return row


_SIDES = (("inwardIssue", "inward"), ("outwardIssue", "outward"))
