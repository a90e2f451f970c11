"""The comments of one issue, all of them or an error; and which issues were lately commented on.

Called by ``read``. Whom a comment mentions is asked for once a reading, by display names, which are unique in a
workspace. It makes no sense of the words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.errors import PermanentError
from connectors.linear import lines, parse
from mapping.item import Account
from mapping.talk import LONGEST, Comment, Talk

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from connectors.linear.client import Client
    from connectors.linear.select import Filter

PAGE = 100
MOST = 5000
_MOST_NAMES, _NAMES_OF_ONE, _NAMES_AT_ONCE = 1000, 50, 250
"""Of how many possible names one reading asks, for one comment and in one request: whoever is mentioned beyond them
keeps the name, and one comment cannot crowd out the others.
"""

NOBODY = "somebody whom Linear does not name"


def read(client: Client, key: str) -> Talk:
    """Raises MissingError, PermanentError where there is more than is read, MalformedError where Linear does not tell
    all.
    """
    issue: object = None
    raws: dict[str, Mapping[str, Any]] = {}
    for answer, nodes in client.pages("comments", ("issue", "comments"), {"id": key}, first=PAGE):
        issue = answer.get("issue")
        raws |= {parse.identity(raw): raw for raw in nodes if isinstance(raw, dict)}
        if "" in raws or not all(isinstance(raw, dict) for raw in nodes):
            raise client.malformed(f"a comment of {key} has no id")
        if len(raws) > MOST:
            said = f"{key} has more than {MOST} comments, and no more are read"
            raise PermanentError(client.name, said, "delete old ones")
    if parse.is_trashed(issue):
        raise client.unknown("issue", key)
    people = _people(client, raws.values())
    found = [_comment(client, raw, key, people) for raw in raws.values()]
    return Talk(issue=parse.identity(issue), comments=tuple(sorted(found, key=lambda one: (one.at, one.id))))


def comment(raw: Mapping[str, Any], tracker: str, accounts: Mapping[str, str]) -> Comment | None:
    """One comment of the API; None for what has no id or no time. ``accounts`` as in ``lines.lines``. Who cannot be
    told is an account without an id: a bot, somebody outside, a user who is gone. Only its author can edit a comment.
    """
    number, at = parse.identity(raw), parse.moment(raw.get("createdAt"))
    if not number or at is None:
        return None
    by = parse.account(raw.get("user"), tracker) or Account(tracker=tracker, id="", name=_stranger(raw))
    edited_at, body = parse.moment(raw.get("editedAt")), raw.get("body")
    return Comment(
        id=number,
        by=by,
        at=at,
        lines=lines.lines(body, accounts) if isinstance(body, str) else (),
        edited_at=edited_at,
        edited_by=by if edited_at else None,
        url=parse.text(raw.get("url")),
    )


def said_since(talks: Collection[str], window: Mapping[str, str]) -> Filter:
    """The comments on these issues that came or changed in a window of time."""
    return {"issue": {"id": {"in": sorted(talks)}}, "updatedAt": dict(window)}


def newest(client: Client, answer: Mapping[str, Any], said: Filter) -> dict[str, str]:
    """Issue id → when its newest comment came or changed, out of the probe's answer; what is more than its page shows
    is asked for.
    """
    rows, more = client.page(answer, ("comments",))
    found: dict[str, str] = {}
    for row in client.nodes("said", ("comments",), {"filter": said}) if more else rows:
        issue = parse.linked(row, "issue")
        found[issue] = max(found.get(issue, ""), parse.stamp(row))
    found.pop("", None)
    return found


def _comment(client: Client, raw: Mapping[str, Any], key: str, accounts: Mapping[str, str]) -> Comment:
    body = raw.get("body")
    if isinstance(body, str) and len(body) > LONGEST:
        said = f"a comment of {key} is longer than {LONGEST} characters"
        raise PermanentError(client.name, said, f"shorten or delete it: {parse.text(raw.get('url'))}")
    if (found := comment(raw, client.name, accounts)) is None:
        raise client.malformed(f"it does not tell when a comment of {key} was written")
    return found


def _people(client: Client, raws: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Display name in lower case → id, of whomever these comments may mention; the newest come first."""
    bodies = [body for raw in raws if isinstance(body := raw.get("body"), str) and len(body) <= LONGEST]
    told = [_few(lines.names(body)) for body in bodies if "@" in body or "/profiles/" in body]
    asked = list(dict.fromkeys(name for names in told for name in names))
    found: dict[str, str] = {}
    for start in range(0, min(len(asked), _MOST_NAMES), _NAMES_AT_ONCE):
        found |= _called(client, asked[start : start + _NAMES_AT_ONCE])
    return found


def _few(names: Iterable[str]) -> list[str]:
    return sorted(names, key=lambda name: (len(name), name))[:_NAMES_OF_ONE]


def _called(client: Client, names: Sequence[str]) -> dict[str, str]:
    """``names`` are what people wrote: one that Linear does not take as a name must not hide what was said."""
    either = [{"displayName": {"eqIgnoreCase": name}} for name in names]
    try:
        users = list(client.nodes("called", ("users",), {"filter": {"or": either}}))
    except PermanentError:
        return {}
    return {parse.display_name(user).lower(): parse.identity(user) for user in users if parse.identity(user)}


def _stranger(raw: Mapping[str, Any]) -> str:
    return parse.name(raw.get("botActor")) or parse.name(raw.get("externalUser")) or NOBODY
