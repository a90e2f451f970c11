"""What a convention finds by what issues are to each other: links to the launch issue, and trees below it.

Called by the source and by what reads for it. No IssueFilter can ask for "linked to" or "below at any depth", so ids
are read here, of any team and for all releases at once; which of them are a convention's own is decided afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors.base import Convention
from connectors.errors import MissingError, PermanentError, TemporaryError, TrackerError
from connectors.linear import kin, parse, select
from connectors.linear.client import PAGE, in_pages

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from connectors.base import Query
    from connectors.linear.client import Client
    from connectors.linear.kin import Parent
    from connectors.linear.select import Filter

Family = dict[str, "Parent | None"]

MAX_LEVELS = 30
"""No plan is so deep: a tree that is deeper is told, never cut."""

_LEVELS_UP = 5
LAUNCHES = 40
_TOPS = 50
_LINKS = (("relations", "relations", "relatedIssue"), ("inverse_relations", "inverseRelations", "issue"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Launched:
    """The launch issue's id and the ids of the issues linked to it, by any link in either direction."""

    id: str = ""
    linked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """By the name of each convention's query: the ids of any team that it finds so, or why that cannot be told.
    ``launches``: by their keys, those that there are; "" stands for none.
    """

    ids: Mapping[str, frozenset[str]] = field(default_factory=dict)
    failed: Mapping[str, TrackerError] = field(default_factory=dict)
    launches: Mapping[str, Launched] = field(default_factory=dict)


def conventions(queries: Mapping[str, Query]) -> dict[str, Convention]:
    return {name: query for name, query in queries.items() if isinstance(query, Convention)}


def read(client: Client, queries: Mapping[str, Query]) -> Related:
    """All that is related to the releases of these queries, read afresh. Raises TemporaryError."""
    asked = conventions(queries)
    try:
        launches = launched(client, keys(asked))
        family, deep = down(client, tops(asked, launches))
    except TemporaryError:
        raise
    except TrackerError as error:
        return Related(failed=dict.fromkeys(asked, error))
    return weigh(client, asked, launches, family, deep)


def keys(asked: Mapping[str, Convention]) -> frozenset[str]:
    """The keys of the launch issues of these conventions."""
    return frozenset(query.launch_key for query in asked.values() if query.launch_key)


def tops(asked: Mapping[str, Convention], launches: Mapping[str, Launched]) -> list[Filter]:
    """The issues below which everything carries one of these releases."""
    names = sorted({name for query in asked.values() for name in select.release_names(query)})
    ids = sorted({launch.id for launch in launches.values()} - {""})
    return [select.titled(name) for name in names] + ([select.these(ids)] if ids else [])


def weigh(
    client: Client,
    asked: Mapping[str, Convention],
    launches: Mapping[str, Launched],
    family: Family,
    deep: Collection[str] = (),
) -> Related:
    """What of a family each convention finds. ``deep``: where it was left, being too deep."""
    ids: dict[str, frozenset[str]] = {}
    failed: dict[str, TrackerError] = {}
    kept: dict[tuple[str, frozenset[str]], frozenset[str]] = {}
    for name, query in asked.items():
        launch = launches.get(query.launch_key or "")
        if launch is None:
            failed[name] = client.unknown("issue", query.launch_key)
            continue
        names = frozenset(one.lower() for one in select.release_names(query) if one)
        release = (launch.id, names)
        if release not in kept:
            kept[release] = kin.below(family, kin.Tops(launch=launch.id, names=names), family)
        if not kept[release].isdisjoint(deep):
            failed[name] = _too_deep(client)
            continue
        ids[name] = (kept[release] | launch.linked) - {launch.id}
    return Related(ids=ids, failed=failed, launches=launches)


def launched(client: Client, wanted: Collection[str]) -> dict[str, Launched]:
    """The launch issues of these keys with their links, and "" for none; those that there are not are absent. One that
    moved to another team is asked for by its old key.
    """
    found = {"": Launched()}
    numbered = {key: select.keyed(key) for key in wanted}
    called = {key.upper(): key for key in wanted}
    now = _launches(client, [one for one in numbered.values() if one is not None])
    found |= {called[launch_key]: launch for launch_key, launch in now.items() if launch_key in called}
    moved = {key: id_ for key in sorted(set(wanted) - found.keys()) if (id_ := _moved(client, key))}
    asked = [select.these([id_]) for id_ in sorted(set(moved.values()))]
    by_id = {launch.id: launch for launch in _launches(client, asked).values()}
    return found | {key: by_id[id_] for key, id_ in moved.items() if id_ in by_id}


def down(client: Client, above: list[Filter]) -> tuple[Family, frozenset[str]]:
    """All that stands below these issues, level by level, archived and trashed ones too; and where it was left, being
    too deep. A level costs a request for each page of parents; an issue is gone into once.
    """
    family: Family = {}
    asked = [select.below(above[start : start + _TOPS]) for start in range(0, len(above), _TOPS)]
    parents: list[str] = []
    for _ in range(MAX_LEVELS):
        level = list(_nodes(client, "below", asked))
        parents = sorted({parse.identity(raw) for raw in level if parse.has_children(raw)} - family.keys())
        for raw in level:
            family |= kin.ancestry(raw)
        if not parents:
            break
        asked = [select.below([select.these(part)]) for part in in_pages(parents)]
    return family, frozenset(parents)


def up(client: Client, family: Family, ids: Iterable[str]) -> None:
    """Completes the family with all that stands above these issues. Raises PermanentError where that has no end."""
    wanted = list(ids)
    for _ in range(MAX_LEVELS // _LEVELS_UP):
        ends = kin.unknown(family, wanted)
        if not ends:
            return
        asked = [select.these(part) for part in in_pages(sorted(ends))]
        for raw in _nodes(client, "above", asked):
            family |= kin.ancestry(raw)
        family |= {id_: None for id_ in ends if id_ not in family}  # it is gone meanwhile
    if kin.unknown(family, wanted):
        raise _too_deep(client)


def _launches(client: Client, asked: list[Filter]) -> dict[str, Launched]:
    """By the key that each has now, in capitals."""
    parts = [{"or": asked[start : start + LAUNCHES]} for start in range(0, len(asked), LAUNCHES)]
    raws = [raw for raw in _nodes(client, "launches", parts, LAUNCHES) if not parse.is_trashed(raw)]
    return {parse.identifier(raw).upper(): _linked(client, raw) for raw in raws}


def _linked(client: Client, raw: Any) -> Launched:  # noqa: ANN401  # JSON
    id_, linked = parse.identity(raw), set[str]()
    for document, name, end in _LINKS:
        links = parse.all_nodes(raw, name)
        if links is None:
            links = list(client.nodes(document, ("issue", name), {"id": id_}))
        linked |= {parse.linked(link, end) for link in links}
    return Launched(id=id_, linked=frozenset(linked - {"", id_}))


def _moved(client: Client, key: str) -> str:
    """The id of the issue that once had this key, "" when there is none."""
    try:
        raw = client.ask("launch", {"id": key}).get("issue")
    except MissingError:
        return ""
    return "" if parse.is_trashed(raw) else parse.identity(raw)


def _nodes(client: Client, document: str, filters: Iterable[Filter], first: int = PAGE) -> Iterator[Any]:
    for each in filters:
        for raw in client.nodes(document, ("issues",), {"filter": each}, first=first):
            if not parse.identity(raw):
                raise client.malformed("an issue without an id")
            yield raw


def _too_deep(client: Client) -> PermanentError:
    said = f"issues stand more than {MAX_LEVELS} levels below one that carries the release"
    return PermanentError(client.name, said, "is an issue its own parent? else write a selector")
