"""Selectors and conventions as Linear's ``IssueFilter``. Pure; called by the source.

A value is an id (a UUID), else a name in any case; a team also its key, a release also its version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from connectors.base import Convention, Selector

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectors.base import Query

SELECTOR_KEYS = frozenset({"team", "project", "milestone", "initiative", "release", "label", "filter"})
CARRIERS = ("label", "project", "release")
"""What an issue may itself carry a release by."""

Filter = dict[str, Any]

_DIGITS = 9


def issue_filter(query: Query, related: Sequence[str] = ()) -> Filter:
    """The filter of a query. ``related``: ids that a convention finds by what they are to other issues."""
    if isinstance(query, Selector):
        return _all([_term(key, value) for key, value in sorted(query.terms.items())])
    found = [way for _, way in ways(query)] + ([these(related)] if related else [])
    return within(query, {"or": found})


def release_names(convention: Convention) -> list[str]:
    """By which names the convention knows its release."""
    return list(dict.fromkeys((convention.release_name, convention.release_id)))


def ways(convention: Convention) -> list[tuple[str, Filter]]:
    """How an issue of the team may itself carry the release, each with its words and its filter."""
    names = release_names(convention)
    return [(f"{key} = {' or '.join(names)}", _term(key, names)) for key in CARRIERS]


def tops(convention: Convention, launch: str) -> list[tuple[str, Filter]]:
    """The issues below which everything carries the release, with the words for that. ``launch`` is the launch issue's
    id, "" for none.
    """
    names = release_names(convention)
    named_so = _any([titled(name) for name in names])
    found = [(f"under an issue named {' or '.join(names)}", named_so)]
    return found + ([(f"under {convention.launch_key}", these([launch]))] if launch else [])


def below(parents: Sequence[Filter]) -> Filter:
    """The issues directly below those of any of these filters."""
    return {"parent": _any(list(parents))}


def titled(name: str) -> Filter:
    return {"title": {"eqIgnoreCase": name}}


def keyed(key: str) -> Filter | None:
    """The issue that has this key now, by its team and number; None for what is no key."""
    team, _, number = key.rpartition("-")
    if not (team and number.isascii() and number.isdigit() and len(number) <= _DIGITS):
        return None
    return {"team": {"key": {"eqIgnoreCase": team}}, "number": {"eq": int(number)}}


def these(ids: Sequence[str]) -> Filter:
    return {"id": {"in": list(ids)}}


def within(query: Convention, way: Filter) -> Filter:
    """One way of a convention, narrowed to its team."""
    return _all([_term("team", query.project), way])


def among(ids: Sequence[str], found: Filter) -> Filter:
    """Those of these issues that a filter finds."""
    return _all([found, these(ids)])


def names(query: Query) -> dict[str, Filter]:
    """What a query names and must exist, each with its filter. A convention must have its team only."""
    terms = query.terms if isinstance(query, Selector) else {"team": query.project}
    return {key: named(key, value) for key, value in terms.items() if key != "filter"}


def carriers(convention: Convention, launch: str) -> dict[str, Filter]:
    """What carries the release by its name, and may be renamed: the same. The launch issue (its id, "" for
    none) is known by its key, whatever its name.
    """
    found = {key: named(key, release_names(convention)) for key in CARRIERS}
    _, named_so = tops(convention, "")[0]
    return found | {"issue": _all([named_so, *([{"id": {"neq": launch}}] if launch else [])])}


def named(key: str, value: Any) -> Filter:  # noqa: ANN401  # as people write it: one value or a list
    """The filter of a team, project, milestone, initiative, release or label with this id or name."""
    values = value if isinstance(value, list | tuple) else [value]
    return _any([choice for one in values for choice in _choices(key, str(one))])


def also(key: str) -> tuple[str, ...]:
    """By which other field than its name people may call a thing of this kind."""
    return {"team": ("key",), "release": ("version",)}.get(key, ())


def _choices(key: str, value: str) -> list[Filter]:
    if _is_id(value):
        return [{"id": {"eq": value.lower()}}]
    return [{field: {"eqIgnoreCase": value}} for field in ("name", *also(key))]


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
