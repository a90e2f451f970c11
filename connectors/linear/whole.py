"""A complete reading or a census: every issue of every query, several queries in a request where they fit.

Called by the source, which says what is to be done with each page. An issue is told as often as queries find it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from connectors.base import Convention, Reading, Selector
from connectors.errors import TemporaryError, TrackerError
from connectors.linear import parse, related, select
from connectors.linear.client import in_pages
from connectors.linear.together import Pages, existing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from connectors.base import Query
    from connectors.linear.client import Client
    from connectors.linear.related import Related
    from connectors.linear.select import Filter
    from connectors.linear.together import Key, Shape

Named = tuple[str, str]


def read(
    client: Client,
    queries: Mapping[str, Query],
    kindred: Related,
    shape: Shape,
    page: Callable[[Sequence[Any]], list[str]],
) -> Reading:
    """``page`` gets each page without what is in the trash, and tells the ids of it. Raises TemporaryError."""
    asked = {name: query for name, query in queries.items() if name not in kindred.failed}
    found: defaultdict[str, set[str]] = defaultdict(set)
    failed = dict(kindred.failed)
    alike = _alike(_filters(asked, kindred))
    read_pages = Pages(client, shape, {keys[0]: each for each, keys in alike})
    names = {keys[0]: [name for name, _ in keys] for _, keys in alike}
    for key, raws in read_pages:
        try:
            ids = page([raw for raw in raws if not parse.is_trashed(raw)])
        except TemporaryError:
            raise
        except TrackerError as error:
            read_pages.failed[key] = error
            continue
        for name in names[key]:
            found[name].update(ids)
    failed |= {name: error for key, error in read_pages.failed.items() for name in names[key]}
    # asked after all items: what is renamed while we read is missed now, not taken for what never was
    named = _named({name: query for name, query in asked.items() if name not in failed and not found.get(name)})
    carriers = _carriers({name: query for name, query in asked.items() if name not in failed}, kindred)
    there, refused = existing(client, named | carriers)
    for name, kind in sorted(named.keys() - there):
        failed[name] = refused.get((name, kind)) or client.unknown(kind, _value(queries[name], kind))
    members = {name: frozenset(found.pop(name, ())) for name in asked if name not in failed}
    return Reading(items={}, members=members, failed=failed, ways=_ways(members, queries, there & carriers.keys()))


def _filters(asked: Mapping[str, Query], kindred: Related) -> dict[Key, Filter]:
    """A query's filter; what a convention finds by relations may take some more, as many ids a filter as a page."""
    filters: dict[Key, Filter] = {}
    for name, query in asked.items():
        first, *rest = in_pages(sorted(kindred.ids.get(name, ()))) or [[]]
        filters[name, 0] = select.issue_filter(query, first)
        if isinstance(query, Convention):
            more = (select.within(query, select.these(part)) for part in rest)
            filters |= {(name, number): each for number, each in enumerate(more, 1)}
    return filters


def _alike(filters: Mapping[Key, Filter]) -> list[tuple[Filter, list[Key]]]:
    """Each filter once, with all that ask by it: two gates may have the same selector."""
    found: dict[str, tuple[Filter, list[Key]]] = {}
    for key, each in filters.items():
        found.setdefault(json.dumps(each, sort_keys=True, default=str), (each, []))[1].append(key)
    return list(found.values())


def _named(empty: Mapping[str, Query]) -> dict[Named, tuple[str, Filter]]:
    """What queries that matched nothing name: it may not be there at all, and Linear itself does not say so."""
    return {(name, kind): (kind, each) for name, query in empty.items() for kind, each in select.names(query).items()}


def _carriers(asked: Mapping[str, Query], kindred: Related) -> dict[Named, tuple[str, Filter]]:
    """By what conventions know their releases."""
    found: dict[Named, tuple[str, Filter]] = {}
    for name, query in related.conventions(asked).items():
        launch = kindred.launches[query.launch_key or ""]
        found |= {(name, kind): (kind, each) for kind, each in select.carriers(query, launch.id).items()}
    return found


def _ways(
    members: Mapping[str, Any], queries: Mapping[str, Query], there: Collection[Named]
) -> dict[str, frozenset[str]]:
    """Which of its ways each convention has; none where Linear refuses to tell (a scope, a plan)."""
    words = {"issue": "issue of this name"}
    asked = related.conventions({name: queries[name] for name in members})
    return {name: frozenset(words.get(kind, kind) for one, kind in there if one == name) for name in asked}


def _value(query: Query, kind: str) -> object:
    """What a query names of this kind."""
    return query.terms[kind] if isinstance(query, Selector) else query.project
