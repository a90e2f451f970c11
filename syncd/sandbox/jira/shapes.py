"""The JSON shapes of Jira's answers, as recorded sites show them. Pure; called by the world and its routes.

``self`` addresses begin with ``ORIGIN``; the application replaces it by the address that the client called.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import tzinfo

Json = dict[str, Any]

ORIGIN = "http://jira.origin.invalid/rest/api/3"
EXPANDS = "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations"
EPIC_LINK = "customfield_10014"
EPIC_NAME = "customfield_10011"
CATEGORIES = {
    "undefined": (1, "No Category", "medium-gray"),
    "new": (2, "To Do", "blue-gray"),
    "done": (3, "Done", "green"),
    "indeterminate": (4, "In Progress", "yellow"),
}
_ZONELESS = re.compile(r"([+-]\d\d):?(\d\d)$")


def link(path: str) -> str:
    """The ``self`` address of a resource below the REST root."""
    return f"{ORIGIN}/{path}"


def stamp(moment: datetime, zone: tzinfo) -> str:
    """A time as Jira writes it: ``2024-07-31T14:34:31.027-0300``, in the account's zone."""
    local = moment.astimezone(zone)
    return f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond // 1000:03d}{local:%z}"


def moment_of(text: object) -> datetime | None:
    """The instant of a Jira time, None where the text is none."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(_ZONELESS.sub(r"\1:\2", text))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo("UTC"))


def category(key: str) -> Json:
    number, name, colour = CATEGORIES[key]
    return {
        "self": link(f"statuscategory/{number}"),
        "id": number,
        "key": key,
        "colorName": colour,
        "name": name,
    }


def status(ident: str, name: str, category_key: str) -> Json:
    return {
        "self": link(f"status/{ident}"),
        "description": "",
        "iconUrl": "",
        "name": name,
        "id": ident,
        "statusCategory": category(category_key),
    }


def issue_type(ident: str, name: str, level: int) -> Json:
    return {
        "self": link(f"issuetype/{ident}"),
        "id": ident,
        "description": "",
        "iconUrl": "",
        "name": name,
        "subtask": level < 0,
        "hierarchyLevel": level,
    }


def is_epic(kind: object) -> bool:
    """Whether an issue type is that of epics: by its level, or by its name where the site tells none."""
    if not isinstance(kind, dict):
        return False
    return bool(kind["hierarchyLevel"] == 1 if "hierarchyLevel" in kind else kind.get("name") == "Epic")


def named(kind: str, ident: str, name: str, **more: object) -> Json:
    """A priority, resolution, component or security level: an id and a name under its own path."""
    return {"self": link(f"{kind}/{ident}"), "id": ident, "name": name, **more}


def version(ident: str, name: str, project_id: str) -> Json:
    return {
        "self": link(f"version/{ident}"),
        "id": ident,
        "name": name,
        "archived": False,
        "released": False,
        "projectId": int(project_id),
    }


def cloud_user(ident: str, name: str, email: str | None, *, active: bool, zone: str) -> Json:
    user = {
        "self": link(f"user?accountId={ident}"),
        "accountId": ident,
        "accountType": "atlassian",
        "avatarUrls": {},
        "displayName": name,
        "active": active,
        "timeZone": zone,
    }
    return user if email is None else {**user, "emailAddress": email}


def server_user(key: str, login: str, name: str, email: str | None, *, active: bool, zone: str) -> Json:
    user = {
        "self": link(f"user?username={login}"),
        "key": key,
        "name": login,
        "avatarUrls": {},
        "displayName": name,
        "active": active,
        "timeZone": zone,
    }
    return user if email is None else {**user, "emailAddress": email}


def stub(issue: Json) -> Json:
    """A linked issue or a parent, as it shows inside another issue."""
    fields = issue["fields"]
    shown = {name: fields[name] for name in ("summary", "status", "priority", "issuetype") if name in fields}
    return {"id": issue["id"], "key": issue["key"], "self": issue["self"], "fields": shown}


def link_type(ident: str, name: str, inward: str, outward: str) -> Json:
    return {"id": ident, "name": name, "inward": inward, "outward": outward, "self": link(f"issueLinkType/{ident}")}
