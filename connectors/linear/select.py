"""Selectors and conventions as Linear's ``IssueFilter``. Pure; called by the source.

A value is an id (a UUID), else a name in any case; a team also its key, a release also its version.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from connectors.base import Convention, Selector

if TYPE_CHECKING:
    from connectors.base import Query

SELECTOR_KEYS = frozenset({"team", "project", "milestone", "initiative", "release", "label", "filter"})

Filter = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relatives:
    """The launch issue's id and the ids of the issues that are linked to it, by any link in either direction."""

    launch: str
    linked: frozenset[str]


def issue_filter(query: Query, relatives: Relatives | None = None) -> Filter:
    """The filter of a query. ``relatives`` are the launch issue's, for a convention with a ``launch_key``."""
    if isinstance(query, Selector):
        return _all([_term(key, value) for key, value in sorted(query.terms.items())])
    return _all([_term("team", query.project), {"or": [found for _, found in ways(query, relatives)]}])


def ways(convention: Convention, relatives: Relatives | None) -> list[tuple[str, Filter]]:
    """How an issue of the team may carry the release, each with its words and its filter."""
    names = list(dict.fromkeys((convention.release_name, convention.release_id)))
    shown = " or ".join(names)
    found = [
        (f"label = {shown}", _term("label", names)),
        (f"project = {shown}", _term("project", names)),
        (f"release = {shown}", _term("release", names)),
        (f"under an issue named {shown}", {"parent": _any([{"title": {"eqIgnoreCase": name}} for name in names])}),
    ]
    if relatives is not None:
        found.append((f"child of {convention.launch_key}", {"parent": {"id": {"eq": relatives.launch}}}))
    if relatives is not None and relatives.linked:
        found.append((f"linked to {convention.launch_key}", {"id": {"in": sorted(relatives.linked)}}))
    return found


def within(query: Convention, way: Filter) -> Filter:
    """One way of a convention, narrowed to its team."""
    return _all([_term("team", query.project), way])


def among(ids: list[str], found: Filter | None = None) -> Filter:
    """These issues, or those of them that a filter finds."""
    return _all([*([] if found is None else [found]), {"id": {"in": ids}}])


def names(query: Query) -> dict[str, Filter]:
    """What a query names and must exist: the variables of ``names.graphql``. A convention must have its team only."""
    terms = query.terms if isinstance(query, Selector) else {"team": query.project}
    return {key: named(key, value) for key, value in terms.items() if key != "filter"}


def named(key: str, value: Any) -> Filter:  # noqa: ANN401  # as people write it: one value or a list
    """The filter of a team, project, milestone, initiative, release or label with this id or name."""
    values = value if isinstance(value, list | tuple) else [value]
    return _any([choice for one in values for choice in _choices(key, str(one))])


def _choices(key: str, value: str) -> list[Filter]:
    if _is_id(value):
        return [{"id": {"eq": value}}]
    also = {"team": "key", "release": "version"}.get(key)
    return [{field: {"eqIgnoreCase": value}} for field in ("name", also) if field is not None]


def _term(key: str, value: Any) -> Filter:  # noqa: ANN401  # the same, or a whole filter
    if key == "filter":
        return dict(value)
    found = named(key, value)
    places: dict[str, Filter] = {
        "team": {"team": found},
        "project": {"project": found},
        "milestone": {"projectMilestone": found},
        "initiative": {"project": {"initiatives": {"some": found}}},
        "release": {"releases": {"some": found}},
        "label": {"labels": {"some": found}},
    }
    return places[key]


def _all(filters: list[Filter]) -> Filter:
    return filters[0] if len(filters) == 1 else {"and": filters}


def _any(filters: list[Filter]) -> Filter:
    return filters[0] if len(filters) == 1 else {"or": filters}


def _is_id(value: str) -> bool:
    try:
        return str(UUID(value)) == value.lower()
    except ValueError:
        return False
