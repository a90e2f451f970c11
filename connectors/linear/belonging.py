"""Whether an issue belongs to a query, from its own fields: what ``select`` asks Linear, answered here. Pure.

Called where some issues are read whose place may have changed. It must decide as Linear does for the same query, or a
ticket would come and go with the way it was read: the tests hold one against the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.base import Convention
from connectors.linear import parse, select

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from connectors.base import Query


def is_plain(query: Query) -> bool:
    """Whether an issue's fields decide; a ``filter`` is Linear's to answer."""
    return isinstance(query, Convention) or "filter" not in query.terms


def needs(query: Query, kind: str) -> bool:
    """Whether an issue's releases ("release") or initiatives ("initiative") decide: a token may not see them."""
    return kind == "release" if isinstance(query, Convention) else kind in query.terms


def belongs(query: Query, raw: object, related: Collection[str]) -> bool:
    """Whether this issue (as ``details.graphql`` asks for it) belongs to a plain query. ``related``: the ids that a
    convention finds by what they are to other issues.
    """
    if not isinstance(query, Convention):
        return all(_carries(raw, key, value) for key, value in query.terms.items())
    names = select.release_names(query)
    carried = any(_carries(raw, key, names) for key in select.CARRIERS)
    return _carries(raw, "team", query.project) and (carried or parse.identity(raw) in related)


def _carries(raw: object, key: str, value: object) -> bool:
    """Whether one of what the issue has of this kind has this id or name, or one of these."""
    listed = value if isinstance(value, list | tuple) else [value]
    wanted = {str(one).lower() for one in listed}
    return any(_called(thing, key) & wanted for thing in parse.things(raw, key))


def _called(thing: Mapping[str, object], key: str) -> set[str]:
    """How people may call it: its name in any case (a team also by its key, a release by its version), or its id."""
    fields = ("id", "name", *select.also(key))
    return {parse.text(thing.get(field)).lower() for field in fields} - {""}
