"""Which of some issues are in which query now: from their own fields where these tell, else by the server.

Called by ``read``. An epic is decided from the issue upwards, by its ancestors. What stands below an issue comes and
goes with it, and nobody tells where it stood before; so that is looked at too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.base import Convention
from connectors.errors import MissingError, TrackerError
from connectors.jira import search
from connectors.jira.fits import Known, fits, parent_of, stands
from connectors.jira.members import resolve
from connectors.jira.parse import FIELDS, identity, is_epic, mapping, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from connectors.base import Query
    from connectors.jira.client import Client
    from connectors.jira.members import Asked
    from connectors.jira.pool import Pool
    from connectors.jira.projects import Projects
    from connectors.jira.search import Rows
    from connectors.jira.select import Way

_DECIDING = ("project", "fixVersions", "components")
_DEEPEST = 50


class Matching:
    """One look at some issues. ``rows`` are those that were looked at: the ones that were asked for, and what stands
    below them where that may matter.
    """

    def __init__(self, pool: Pool, projects: Projects, queries: Mapping[str, Query], ids: Iterable[str]) -> None:
        self._pool, self._projects = pool, projects
        pool.client.open()
        self._fields = (
            *FIELDS,
            *_DECIDING,
            *_links(queries),
            *filter(None, (projects.epic_link(), projects.epic_name())),
        )
        self.rows = self._read(sorted(ids), self._fields)
        self.asked: list[Asked] = []
        self.members: dict[str, frozenset[str]] = {}
        self.failed: dict[str, TrackerError] = {}
        if self.rows:
            self._decide(queries)
        else:
            self.members = dict.fromkeys(queries, frozenset())

    def _decide(self, queries: Mapping[str, Query]) -> None:
        names = [query.release_name for query in queries.values() if isinstance(query, Convention)]
        self._projects.look_again({number: self._epic_title(raw) for number, raw in self.rows.items()}, names)
        self.asked, self.failed = resolve(self._projects, queries)
        ways = [way for query in self.asked for way in query.ways]
        if names or any(way.roots for way in ways):
            self.rows |= self._read(sorted(self._below() - self.rows.keys()), self._fields)
        known = self._known(ways)
        found, open_ = self._told(known)
        for name, answer in self._asked_of_the_server(open_).items():
            if isinstance(answer, TrackerError):
                self.failed[name] = answer
            else:
                found[name] |= answer
        self.members = {name: frozenset(ids) for name, ids in found.items() if name not in self.failed}

    def _told(self, known: Known) -> tuple[dict[str, set[str]], list[tuple[str, Way, list[str]]]]:
        """What the fields tell: the members of each query, and (query, way, ids) that they leave open."""
        found: dict[str, set[str]] = {}
        left: list[tuple[str, Way, list[str]]] = []
        for query in self.asked:
            lost = [word for way in query.ways for word in _issues(way) if word not in known.issues]
            if lost:
                said = f"there is no issue {lost[0]}, or this account may not see it"
                self.failed[query.name] = MissingError(self._pool.client.name, said, "correct the key in the file")
                continue
            found[query.name] = set()
            for way in query.ways:
                answers = {number: self._answer(way, raw, known) for number, raw in self.rows.items()}
                found[query.name] |= {number for number, answer in answers.items() if answer}
                among = [number for number, answer in answers.items() if answer is None]
                if among:
                    left.append((query.name, way, among))
        return found, left

    def _answer(self, way: Way, raw: object, known: Known) -> bool | None:
        """A way whose terms the server has not taken yet may hold a word that it refuses: that is not "no"."""
        if not stands(way, raw, known):
            return False
        if not (way.jql or way.narrow):
            return True
        return fits(way, raw, known) if way in self._projects.taken else None

    def _asked_of_the_server(
        self, questions: Sequence[tuple[str, Way, list[str]]]
    ) -> dict[str, frozenset[str] | TrackerError]:
        """Query → which of the ids that were left open it has by any of its ways; all in one request on Cloud."""
        among: dict[str, set[str]] = {}
        for _, way, ids in questions:
            among.setdefault(way.jql or way.narrow, set()).update(ids)
        told = dict(zip(among, self._matches(among), strict=True))
        found: dict[str, frozenset[str] | TrackerError] = {}
        for name, way, ids in questions:
            answer, before = told[way.jql or way.narrow], found.get(name, frozenset())
            if isinstance(answer, TrackerError):
                found[name] = answer
                continue
            self._projects.taken.add(way)
            found[name] = before if isinstance(before, TrackerError) else before | (answer & set(ids))
        return found

    def _matches(self, among: Mapping[str, set[str]]) -> list[frozenset[str] | TrackerError]:
        if self._pool.client.cloud:
            return search.matches(self._pool.client, list(among), sorted(set[str]().union(*among.values())))
        answers: list[frozenset[str] | TrackerError] = []
        taken = {way.jql or way.narrow for way in self._projects.taken}

        def ask(client: Client, question: tuple[str, set[str]]) -> frozenset[str] | TrackerError:
            jql, ids = question
            return search.matches(client, [jql], sorted(ids), taken=taken)[0]

        self._pool.each(list(among.items()), ask, answers.append)
        return answers

    def _known(self, ways: Sequence[Way]) -> Known:
        words = {word for way in ways for term, values in way.terms if term == "project" for word in values}
        return Known(
            projects={word: self._projects.number(word) for word in sorted(words)},
            issues=self._projects.issues({word for way in ways for word in _issues(way)}),
            epic_link=self._projects.epic_link(),
            above=self._above() if any(way.roots for way in ways) else {},
        )

    def _below(self) -> set[str]:
        """What stands below these issues; a sub-task has nothing there."""
        roots = [number for number, raw in self.rows.items() if _kind(raw).get("subtask") is not True]
        epics = [number for number in roots if self._is_epic(self.rows[number])]
        return search.below(self._pool.client, roots, self._projects.epic_link(), epics) if roots else set()

    def _is_epic(self, raw: object) -> bool:
        return is_epic(_kind(raw), mapping(mapping(raw).get("fields")).get(self._projects.epic_name()))

    def _epic_title(self, raw: object) -> str:
        return text(mapping(mapping(raw).get("fields")).get("summary")) if self._is_epic(raw) else ""

    def _above(self) -> dict[str, frozenset[str]]:
        """Id → the ids of all its ancestors, read level by level until there are no more."""
        link = self._projects.epic_link()
        rows, numbers, absent = dict(self.rows), _numbers(self.rows), set[str]()
        for _ in range(_DEEPEST):
            parents = {parent_of(raw, link) for raw in rows.values()}
            unread = parents - rows.keys() - numbers.keys() - absent - {""}
            if not unread:
                break
            new = self._read(sorted(unread), ("parent", *filter(None, (link,))))
            rows |= new
            numbers |= _numbers(new)
            absent |= unread - new.keys() - numbers.keys()
        above = {number: numbers.get(told := parent_of(raw, link), told) for number, raw in rows.items()}
        return {number: frozenset(_line(number, above)) for number in self.rows}

    def _read(self, ids: Sequence[str], fields: Sequence[str]) -> Rows:
        found: Rows = {}
        batches = list(search.chunks(ids, search.BULK))
        self._pool.each(batches, lambda client, some: search.look_up(client, some, fields), found.update)
        return found


def _links(queries: Mapping[str, Query]) -> tuple[str, ...]:
    """Links are heavy: they are read only where one may decide."""
    return ("issuelinks",) if any(isinstance(each, Convention) and each.launch_key for each in queries.values()) else ()


def _issues(way: Way) -> set[str]:
    """The words of a way that name issues by their key."""
    return {word for term, values in way.terms if term in {"child_of", "linked_to"} for word in values}


def _kind(raw: object) -> Mapping[str, object]:
    return mapping(mapping(mapping(raw).get("fields")).get("issuetype"))


def _numbers(rows: Rows) -> dict[str, str]:
    return {text(mapping(raw).get("key")): identity(mapping(raw).get("id")) for raw in rows.values()}


def _line(number: str, above: Mapping[str, str]) -> Iterable[str]:
    seen = {number, ""}
    while (number := above.get(number, "")) not in seen:
        seen.add(number)
        yield number
