"""What people say: comments on issues, and the updates in which a project tells how it stands.

Called by the world's verbs and by the mutations, which hold the world's lock. Whether a comment moves its issue's
``updatedAt`` is for the world to say: nobody knows it of Linear.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from syncd.sandbox.linear.markdown import derived
from syncd.sandbox.linear.rows import Row, iso, stamped

if TYPE_CHECKING:
    from datetime import datetime

    from syncd.sandbox.linear.world import LinearWorld

_MENTION = re.compile(r"@\[([^\[\]\n]+)\]")
_ESCAPED = re.compile(r"([\\`*_~\[\]<>#|-])")


def typed(world: LinearWorld, words: str) -> str:
    """The Markdown that Linear derives of words that a person typed: a paragraph a line, no letter of them is markup.
    ``@[Dana]`` mentions her.
    """
    return "\n\n".join(_paragraph(world, line) for line in words.split("\n"))


def add(world: LinearWorld, issue: Row, body: str, by: str | None, *, at: datetime | None, row_id: str | None) -> Row:
    """A new comment; ``by`` is a person, None for the key's own user."""
    comment = stamped(row_id or world.ids.fresh(), iso(at or world.clock()), body=derived(body), issue=issue)
    comment |= {"user": _author(world, by), "parent": None, "editedAt": None, "resolvedAt": None}
    comment |= {"botActor": None, "externalUser": None, "url": f"{issue['url']}#comment-{comment['id'][:8]}"}
    issue["comments"].append(comment)
    world.comments[comment["id"]] = comment
    _noticed(world, issue)
    return comment


def edit(world: LinearWorld, comment: Row, body: str) -> None:
    now = iso(world.clock())
    comment.update(body=derived(body), editedAt=now, updatedAt=now)
    _noticed(world, comment["issue"])


def remove(world: LinearWorld, comment: Row) -> None:
    """Answers to it stay."""
    comment["issue"]["comments"].remove(comment)
    del world.comments[comment["id"]]
    for other in comment["issue"]["comments"]:
        if other["parent"] is comment:
            other["parent"] = None
    _noticed(world, comment["issue"])


def update(world: LinearWorld, project: Row, health: str | None, by: str | None, words: str) -> None:
    """The project's people say how it stands: a word of Linear's, such as ``atRisk``, None for none any more."""
    now = iso(world.clock())
    project.update(health=health, healthUpdatedAt=now if health else None, updatedAt=now)
    if health:
        told = stamped(world.ids.fresh(), now, body=derived(words), health=health, project=project, editedAt=None)
        told |= {"user": _author(world, by), "url": f"{project['url']}/updates#{told['id'][:8]}"}
        project["lastUpdate"] = told
    world.version += 1


def _noticed(world: LinearWorld, issue: Row) -> None:
    if world.talk_moves:
        issue["updatedAt"] = iso(world.clock())
    world.version += 1


def _author(world: LinearWorld, by: str | None) -> Row | None:
    return world.viewer if by is None else world.find_user(by or None)


def _paragraph(world: LinearWorld, line: str) -> str:
    parts = _MENTION.split(line)
    return "".join(
        _called(world, part) if place % 2 else _ESCAPED.sub(r"\\\1", part) for place, part in enumerate(parts)
    )


def _called(world: LinearWorld, who: str) -> str:
    user = world.find_user(who)
    return f"@{user['displayName'] if user else who}"
