"""Which issues each query has, by complete reading: ids alone, and then the contents of all of them.

Called by ``read``. Side by side and bounded: of what was read, ids stay in memory and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connectors.base import Convention, Reading
from connectors.errors import DeniedError, MalformedError, PermanentError, TemporaryError, TrackerError
from connectors.jira import search
from connectors.jira.client import RefusedError
from connectors.jira.select import Way, anywhere, joined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from connectors.base import Carriers, Query
    from connectors.jira.client import Client
    from connectors.jira.pool import Pool
    from connectors.jira.projects import Projects
    from connectors.jira.search import Rows
    from mapping.item import Item

Answer = list[str] | TrackerError


@dataclass(frozen=True, slots=True)
class Asked:
    """A query resolved to its ways. ``rests_on``: see ``Way``; None for a selector."""

    name: str
    ways: tuple[Way, ...]
    rests_on: frozenset[str] | None


def resolve(projects: Projects, queries: Mapping[str, Query]) -> tuple[list[Asked], dict[str, TrackerError]]:
    """The queries with their ways, and why others have none."""
    asked, failed = [], dict[str, TrackerError]()
    projects.read_ahead(queries.values())
    for name, query in queries.items():
        try:
            ways = projects.ways(query)
            rests_on = frozenset(way.rests_on for way in ways if way.rests_on)
            asked.append(Asked(name, ways, rests_on if isinstance(query, Convention) else None))
        except (PermanentError, MalformedError) as error:
            failed[name] = one_query(error)
    return asked, failed


def census(pool: Pool, projects: Projects, queries: Mapping[str, Query]) -> Reading:
    """Each way is asked once, whatever number of queries has it."""
    asked, failed = resolve(projects, queries)
    ways = list(dict.fromkeys(way for query in asked for way in joined(query.ways)))
    answers: list[frozenset[str] | TrackerError] = []
    shared: dict[str, str] = {}

    def take(answer: Answer) -> None:
        if isinstance(answer, TrackerError):
            answers.append(answer)
        else:
            # one string for an id, however many queries have it
            same = answer if len(ways) == 1 else [shared.setdefault(each, each) for each in answer]
            answers.append(frozenset(same))

    link = projects.epic_link() if any(way.roots for way in ways) else ""
    pool.each(ways, lambda client, way: fitting(client, way, link), take)
    by_way = dict(zip(ways, answers, strict=True))
    members: dict[str, frozenset[str]] = {}
    for query in asked:
        answer = _together(by_way[way] for way in joined(query.ways))
        if isinstance(answer, TrackerError):
            failed[query.name] = answer
        else:
            members[query.name] = answer
            projects.taken.update(query.ways)
    return Reading(items={}, members=members, failed=failed, ways=ways_of(asked))


def _together(answers: Iterable[frozenset[str] | TrackerError]) -> frozenset[str] | TrackerError:
    found = frozenset[str]()
    for answer in answers:
        if isinstance(answer, TrackerError):
            return answer
        found = found | answer if found else answer
    return found


def unreadable(
    pool: Pool,
    groups: Iterable[frozenset[str]],
    parsed: Callable[[Client, Rows], list[Item]],
    keep: Callable[[list[Item]], None],
) -> frozenset[str]:
    """Reads the contents of all issues of these groups once, each batch handed to ``keep``, and tells which cannot be
    read, after a second look.
    """
    gone: list[str] = []

    def read(client: Client, batch: list[str]) -> tuple[list[Item], list[str]]:
        rows = search.look_up(client, batch)
        rows |= search.look_up(client, [each for each in batch if each not in rows])
        return parsed(client, rows), [each for each in batch if each not in rows]

    def take(told: tuple[list[Item], list[str]]) -> None:
        items, missing = told
        gone.extend(missing)
        if items:
            keep(items)

    ordered = sorted(frozenset[str]().union(*groups), key=lambda each: (len(each), each))
    pool.each(list(search.chunks(ordered, search.BULK)), read, take)
    return frozenset(gone)


def without(source: str, reading: Reading, gone: frozenset[str]) -> Reading:
    """The reading, in which a query with a member that cannot be read was not read whole."""
    members, failed = dict(reading.members), dict(reading.failed)
    for name, ids in reading.members.items() if gone else ():
        missing = ids & gone
        if missing:
            del members[name]
            failed[name] = TemporaryError(
                source,
                f"the search finds {len(ids)} issues, and {len(missing)} of them cannot be read (id {min(missing)})",
                "they were just deleted or hidden; the next pass looks again",
            )
    return replace(reading, members=members, failed=failed)


def fitting(client: Client, way: Way, epic_link: str) -> Answer:
    """The ids that a way leads to, or why that query fails alone. ``epic_link``: see ``search.below``."""
    try:
        if way.jql:
            return search.find(client, way.jql)
        found = sorted(search.below(client, way.roots, epic_link))
        if not way.narrow or not found:
            return found
        fits = search.matches(client, [way.narrow], found)[0]
        return fits if isinstance(fits, TrackerError) else sorted(fits)
    except (PermanentError, MalformedError) as error:
        return one_query(error)


def carriers(client: Client, conventions: Mapping[str, Convention], epic_link: str) -> Carriers:
    """See ``Source.carriers``. Where the tracker does not answer, nothing more is asked."""
    found: dict[str, frozenset[str] | TrackerError] = {}
    lost: TemporaryError | None = None
    for name, convention in conventions.items():
        found[name] = told = lost or _carriers(client, convention, epic_link)
        lost = told if isinstance(told, TemporaryError) else None
    return found


def _carriers(client: Client, convention: Convention, epic_link: str) -> frozenset[str] | TrackerError:
    whole, without_version = anywhere(convention, epic_link)
    try:
        return frozenset(search.find(client, whole))
    except RefusedError:  # perhaps no project has a version of this name
        pass
    except TrackerError as error:
        return error
    try:
        return frozenset(search.find(client, without_version) if without_version else ())
    except TrackerError as error:
        return error


def one_query(error: PermanentError | MalformedError) -> TrackerError:
    """An error of one query; a refused account is the whole tracker's and goes on."""
    if isinstance(error, DeniedError):
        raise error
    return error


def ways_of(asked: Iterable[Asked]) -> dict[str, frozenset[str]]:
    """For ``Reading.ways``: what each convention rests on."""
    return {query.name: query.rests_on for query in asked if query.rests_on is not None}
