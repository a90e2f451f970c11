"""What a convention finds by what issues are to each other: links to the launch issue, and trees below it.

Called by the source. No IssueFilter can ask for "linked to" or "below at any depth", so ids are read here, of any
team; the source then asks which of them are its team's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.errors import PermanentError
from connectors.linear import parse, select
from connectors.linear.client import in_pages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectors.linear.client import Client
    from connectors.linear.select import Filter

MAX_LEVELS = 30
"""No plan is so deep: a tree that is deeper is told, never cut."""

_LINKS = (("relations", "relations", "relatedIssue"), ("inverse_relations", "inverseRelations", "issue"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Launched:
    """The launch issue's id and the ids of the issues linked to it, by any link in either direction."""

    id: str = ""
    linked: frozenset[str] = frozenset()


def launched(client: Client, key: str) -> Launched:
    """The launch issue of this key and its links. Raises MissingError."""
    launch, linked = "", set[str]()
    for document, field, end in _LINKS:
        for answer, links in client.pages(document, ("issue", field), {"id": key}):
            launch = parse.identity(answer["issue"])
            linked |= {parse.linked(link, end) for link in links}
    if not launch:
        raise client.malformed("an issue without an id")
    return Launched(id=launch, linked=frozenset(linked - {"", launch}))


def below(client: Client, tops: Sequence[Filter]) -> frozenset[str]:
    """The ids of all that stands below these issues, level by level, archived and trashed ones too.

    A level costs a request for each page of parents; an issue is gone into once. Raises PermanentError where it is too
    deep.
    """
    found: set[str] = set()
    asked = [select.below(tops)]
    for _ in range(MAX_LEVELS):
        level = {
            parse.identity(raw): raw for each in asked for raw in client.nodes("below", ("issues",), {"filter": each})
        }
        if "" in level:
            raise client.malformed("an issue without an id")
        parents = sorted(id_ for id_, raw in level.items() if id_ not in found and parse.has_children(raw))
        found |= level.keys()
        if not parents:
            return frozenset(found)
        asked = [select.below([select.these(part)]) for part in in_pages(parents)]
    said = f"issues stand more than {MAX_LEVELS} levels below one that carries the release"
    raise PermanentError(client.name, said, "is an issue its own parent? else write a selector")
