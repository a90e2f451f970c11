"""Routes about the site and its people, and about projects. Entered in the table by import."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncd.sandbox.jira import catalogue, shapes
from syncd.sandbox.jira.call import Call, Refusal, route
from syncd.sandbox.jira.shapes import link, stamp

if TYPE_CHECKING:
    from syncd.sandbox.jira.shapes import Json

_PAGE = 50


@route("GET", "serverInfo", query="doHealthCheck")
def server_info(call: Call) -> Json:
    now = call.world.now()
    info: Json = {
        "baseUrl": call.base,
        "version": "10.3.24" if call.world.data_center else "1001.0.0-SNAPSHOT",
        "versionNumbers": [10, 3, 24] if call.world.data_center else [1001, 0, 0],
        "deploymentType": "Server" if call.world.data_center else "Cloud",
        "buildNumber": 10030024 if call.world.data_center else 100290,
        "buildDate": stamp(now, call.world.zone),
        "serverTime": stamp(now, call.world.zone),
        "scmInfo": "0" * 40,
        "serverTitle": "syncd sandbox",
    }
    if not call.world.data_center:
        info["defaultLocale"] = {"locale": "en_US"}
    return info


@route("GET", "myself", query="expand")
def myself(call: Call) -> Json:
    if call.anonymous:
        raise Refusal(401, "You are not authenticated. Authentication required to perform this operation.")
    return {**call.world.users[call.world.me], "locale": "en_US", "expand": "groups,applicationRoles"}


@route("GET", "field")
def fields(call: Call) -> list[Json]:
    return call.world.fields


@route("GET", "status")
def statuses(call: Call) -> list[Json]:
    return list(call.world.status_rows.values())


@route("GET", "statuscategory")
def categories(_call: Call) -> list[Json]:
    return [shapes.category(key) for key in shapes.CATEGORIES]


@route("GET", "issuetype")
def issue_types(call: Call) -> list[Json]:
    return list(call.world.types.values())


@route("GET", "priority")
def priorities(call: Call) -> list[Json]:
    return list(call.world.priorities.values())


@route("GET", "resolution")
def resolutions(call: Call) -> list[Json]:
    return list(call.world.resolutions.values())


@route("GET", "issueLinkType")
def link_types(call: Call) -> Json:
    return {"issueLinkTypes": list(call.world.link_types.values())}


@route("GET", "mypermissions", query="projectKey projectId issueKey issueId permissions")
def permissions(call: Call) -> Json:
    """Cloud wants to be told which permissions are meant; Data Center lists them all."""
    asked = call.words("permissions")
    if asked is None and not call.world.data_center:
        raise Refusal(400, "The 'permissions' query parameter is required.")
    for name, check in (("projectKey", call.project), ("projectId", call.project), ("issueKey", call.issue)):
        if name in call.query:
            check(call.query[name])
    unknown = sorted(set(asked or ()) - set(catalogue.PERMISSIONS))
    if unknown:
        raise Refusal(400, f"Unrecognized permission: {', '.join(unknown)}")
    names = asked or catalogue.PERMISSIONS
    return {"permissions": {name: _permission(call, number, name) for number, name in enumerate(names, 10)}}


def _permission(call: Call, number: int, name: str) -> Json:
    held = name not in call.world.denied and not call.anonymous
    title = name.replace("_", " ").capitalize()
    kind = "GLOBAL" if name == "ADMINISTER" else "PROJECT"
    return {"id": str(number), "key": name, "name": title, "type": kind, "description": "", "havePermission": held}


@route("GET", "user", query="accountId username key expand")
def user(call: Call) -> Json:
    word = call.query.get("key" if "key" in call.query else "username") or call.query.get("accountId")
    found = call.world.find_user(word)
    if found is None:
        name = "accountId" if "accountId" in call.query else "username"
        raise Refusal(404, f"Specified user does not exist or you do not have required permissions ({name}).")
    return found


@route("GET", "user/search", query="query username accountId startAt maxResults property includeActive includeInactive")
def user_search(call: Call) -> list[Json]:
    """People whose name or e-mail has a word that begins so."""
    word = call.query.get("query") or call.query.get("username") or call.query.get("accountId")
    if word is None:
        raise Refusal(400, "Either the 'query', 'accountId' or 'property' parameter must be provided.")
    start, size = call.number("startAt", 0, 1 << 40), call.number("maxResults", _PAGE, 1000)
    # Data Center leaves the inactive out unless it is told otherwise; Cloud does not know the two parameters
    everybody = not call.world.data_center or call.query.get("includeInactive") == "true"
    found = [one for one in call.world.users.values() if _fits(one, word.lower()) and (everybody or one["active"])]
    return found[start : start + size]


def _fits(user: Json, word: str) -> bool:
    names = [str(user.get(name, "")).lower() for name in ("displayName", "emailAddress", "name", "accountId", "key")]
    begins = [part for name in names for part in (name, *name.split())]
    return word == "." or any(part.startswith(word) for part in begins)


# --- projects


@route("GET", "project/search", query="startAt maxResults orderBy id keys query typeKey expand status action")
def project_search(call: Call) -> Json:
    start, size = call.number("startAt", 0, 1 << 40), call.number("maxResults", _PAGE, 100) or _PAGE
    wanted = {key.upper() for key in call.words("keys") or []}
    word = call.query.get("query", "").lower()
    rows = [row for row in _seen(call) if _asked(row, wanted, word)]
    page = rows[start : start + size]
    more = start + size < len(rows)
    return {
        "self": link(f"project/search?startAt={start}&maxResults={size}"),
        "maxResults": size,
        "startAt": start,
        "total": len(rows),
        "isLast": not more,
        "values": [_row(call, row) for row in page],
    }


def _asked(row: Json, keys: set[str], word: str) -> bool:
    return (not keys or row["key"].upper() in keys) and (word in row["key"].lower() or word in row["name"].lower())


def _seen(call: Call) -> list[Json]:
    hidden = call.world.private
    rows = [row for key, row in call.world.projects.items() if key not in hidden]
    return [row for row in rows if not call.anonymous or row["key"] in call.world.public]


@route("GET", "project", query="expand recent properties")
def project_list(call: Call) -> list[Json]:
    return [_row(call, row) for row in _seen(call)]


def _row(call: Call, row: Json) -> Json:
    """A project as lists show it: people and versions only where they were asked for."""
    expand = call.words("expand") or []
    return {name: value for name, value in row.items() if name != "lead" or "lead" in expand}


@route("GET", "project/<word>", query="expand properties")
def project(call: Call, word: str) -> Json:
    key = call.project(word)
    return {
        "description": "",
        "assigneeType": "UNASSIGNED",
        **call.world.projects[key],
        "versions": call.world.project_versions[key],
        "components": call.world.project_components[key],
        "issueTypes": list(call.world.types.values()),
    }


@route("GET", "project/<word>/statuses")
def project_statuses(call: Call, word: str) -> list[Json]:
    call.project(word)
    rows = list(call.world.status_rows.values())
    return [{**kind, "statuses": rows} for kind in call.world.types.values()]


@route("GET", "project/<word>/versions", query="expand")
def project_versions(call: Call, word: str) -> list[Json]:
    return call.world.project_versions[call.project(word)]


@route("GET", "project/<word>/components")
def project_components(call: Call, word: str) -> list[Json]:
    return call.world.project_components[call.project(word)]


@route("GET", "issue/createmeta/<word>/issuetypes", query="startAt maxResults")
def creatable_types(call: Call, word: str) -> Json:
    call.project(word)
    return _meta(call, "issueTypes", list(call.world.types.values()))


@route("GET", "issue/createmeta/<word>/issuetypes/<ident>", query="startAt maxResults")
def creatable_fields(call: Call, word: str, ident: str) -> Json:
    call.project(word)
    if ident not in call.world.types:
        raise Refusal(404, f"No issue type could be found with id '{ident}'.")
    required = {"summary", "issuetype", "project"}
    names = {
        *required,
        "description",
        "labels",
        "assignee",
        "priority",
        "fixVersions",
        "components",
        "duedate",
        "parent",
    }
    rows = [_meta_field(row, row["id"] in required) for row in call.world.fields if row["id"] in names]
    return _meta(call, "fields", rows)


def _meta_field(row: Json, required: bool) -> Json:  # noqa: FBT001 - one row of a table
    return {
        "fieldId": row["id"],
        "key": row["id"],
        "name": row["name"],
        "required": required,
        "hasDefaultValue": False,
        "operations": ["set"],
        "schema": row["schema"],
    }


def _meta(call: Call, name: str, rows: list[Json]) -> Json:
    """Cloud names the rows by what they are, Data Center ``values``."""
    start, size = call.number("startAt", 0, 1 << 40), call.number("maxResults", _PAGE, 200) or _PAGE
    page = rows[start : start + size]
    named = "values" if call.world.data_center else name
    return {"maxResults": size, "startAt": start, "total": len(rows), named: page}
