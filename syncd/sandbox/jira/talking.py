"""What people say on an issue: comments as the wire shows them, written, edited and removed.

Called by the world's verbs and by the routes. Each of them moves the issue's ``updated``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from syncd.sandbox.jira.shapes import link, moment_of, stamp

if TYPE_CHECKING:
    from datetime import datetime

    from syncd.sandbox.jira.shapes import Json
    from syncd.sandbox.jira.world import JiraWorld

_MENTION = re.compile(r"@\[([^\[\]\n]+)\]")
NOBODY = ""
"""As the author: an anonymous comment (Data Center), or one whose author is gone."""


def body_of(world: JiraWorld, words: str | Json) -> str | Json:
    """Words in the site's form: a paragraph a line; ``@[Dana]`` mentions a person by name, id, login or e-mail. What
    is no string is taken as it is.
    """
    if not isinstance(words, str):
        return words
    if world.data_center:
        return _MENTION.sub(lambda found: f"[~{_person(world, found[1])['name']}]", words)
    paragraphs = [{"type": "paragraph", "content": _inline(world, line)} for line in words.split("\n")]
    return {"type": "doc", "version": 1, "content": paragraphs}


def add(world: JiraWorld, ident: str, body: object, by: str | None = None, **more: object) -> Json:
    """A new comment; ``by`` is a person, None for the account itself. ``more`` are further members of it, such as
    ``visibility``, ``properties`` and ``created``.
    """
    number = world.fresh_id()
    author = _author(world, by)
    now = stamp(world.now(), world.zone)
    row: Json = {"self": link(f"issue/{ident}/comment/{number}"), "id": number}
    row |= {"body": body, "created": now, "updated": now, **author, **_updater(author), **more}
    if not world.data_center:
        row["jsdPublic"] = True
    rows = world.shelves[ident].comments
    rows.append(row)
    rows.sort(key=lambda one: moment_of(one["created"]) or world.now())
    world.change(ident, {}, rows=[])
    return row


def edit(world: JiraWorld, ident: str, number: str, body: object, by: str | None = None) -> Json:
    row = find(world, ident, number)
    row |= {"body": body, "updated": stamp(world.now(), world.zone), **_updater(_author(world, by))}
    world.change(ident, {}, rows=[])
    return row


def remove(world: JiraWorld, ident: str, number: str) -> None:
    world.shelves[ident].comments.remove(find(world, ident, number))
    world.change(ident, {}, rows=[])


def find(world: JiraWorld, ident: str, number: str) -> Json:
    """Raises KeyError."""
    found = next((row for row in world.shelves[ident].comments if row["id"] == number), None)
    if found is None:
        raise KeyError(number)
    return found


def created(world: JiraWorld, at: datetime | None) -> Json:
    """The time at which a comment is said to have been written, where that is not now."""
    return {} if at is None else dict.fromkeys(("created", "updated"), stamp(at, world.zone))


def _author(world: JiraWorld, by: str | None) -> Json:
    if by == NOBODY:
        return {}
    return {"author": world.users[world.me] if by is None else _person(world, by)}


def _updater(author: Json) -> Json:
    return {"updateAuthor": author["author"]} if author else {}


def _person(world: JiraWorld, word: str) -> Json:
    found = world.find_user(word)
    if found is None:
        raise KeyError(word)
    return found


def _inline(world: JiraWorld, line: str) -> list[Json]:
    nodes: list[Json] = []
    for place, part in enumerate(_MENTION.split(line)):
        if place % 2:
            user = _person(world, part)
            attrs = {"id": user["accountId"], "text": f"@{user['displayName']}", "accessLevel": ""}
            nodes.append({"type": "mention", "attrs": attrs})
        elif part:
            nodes.append({"type": "text", "text": part})
    return nodes
