"""A Jira as a ``Source``: what a pass reads of it. It cannot write: its client lets nothing through that would.

Called by syncd through ``connectors.base.Source``. Which issues a query means is decided by ``select``, the lists are
read by ``search``, and an issue becomes an item in ``parse``; here they are put together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import quote

from connectors.base import Convention, Explained, Launch, Reading
from connectors.errors import DeniedError, MalformedError, MissingError, PermanentError, TemporaryError, TrackerError
from connectors.jira import search
from connectors.jira.client import Client, reads_only
from connectors.jira.parse import (
    DROPPED_RESOLUTIONS,
    FIELDS,
    Terms,
    account,
    identity,
    mapping,
    moves,
    parse,
    sequence,
    text,
)
from connectors.jira.select import Project, Way, epics_named, joined, numbered, of_convention, of_selector
from mapping.item import Progress, Ticket

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from connectors.base import Identity, Query, Settings
    from connectors.jira.search import Rows
    from mapping.item import Account, Item

_OVERLAP_MIN = 10
_CHANGES_PAGE = 100
_MOST_PAGES = 200


@dataclass(frozen=True, slots=True)
class _Asked:
    """A query resolved to its ways; ``roots`` themselves are never members by way of being above them. ``rests_on``:
    see ``Way``; None for a selector.
    """

    name: str
    ways: tuple[Way, ...]
    rests_on: frozenset[str] | None


class JiraSource:
    """See ``connectors.base.Source`` for what each method promises. Lives for one pass: projects are read once."""

    def __init__(self, settings: Settings) -> None:
        self.name = settings.name
        self._client = Client(settings, reads_only)
        self._projects: dict[str, Mapping[str, object]] = {}
        self._epics_read: dict[str, dict[str, str]] = {}
        dropped = settings.dropped_resolutions
        self._terms = Terms(
            tracker=settings.name,
            browse=settings.url.rstrip("/"),
            statuses={word.strip().casefold(): Progress(told) for word, told in settings.statuses.items()},
            dropped=DROPPED_RESOLUTIONS if dropped is None else frozenset(word.strip().casefold() for word in dropped),
        )

    def identify(self) -> Identity:
        return self._client.identify()

    def launch(self, key: str) -> Launch:
        raw = mapping(self._client.get(_issue(key), fields="summary,duedate,assignee,project"))
        fields = mapping(raw.get("fields"))
        number, now_key = identity(raw.get("id")), text(raw.get("key"))
        project = text(mapping(fields.get("project")).get("key")) or now_key.rpartition("-")[0]
        if not number or not now_key or not project:
            raise MalformedError(self.name, f"what Jira tells of {key} is no issue", "is url right?")
        return Launch(
            id=number,
            key=now_key,
            url=f"{self._client.browse}/browse/{quote(now_key, safe='')}",
            title=text(fields.get("summary")),
            due=_date(fields.get("duedate")),
            assignee=account(fields.get("assignee"), self.name),
            project=project,
        )

    def lead(self, project: str) -> Account | None:
        return account(self._project(project).get("lead"), self.name)

    def person(self, email: str) -> Account | None:
        """By the e-mail that Jira shows; where it hides all e-mails, the only one whom the search for it finds."""
        self._client.open()
        asked = {"query": email} if self._client.cloud else {"username": email}
        users = [mapping(user) for user in sequence(self._client.get("user/search", **asked))]
        wanted = email.casefold()
        shown = [user for user in users if text(user.get("emailAddress")).casefold() == wanted]
        hidden = [user for user in users if not user.get("emailAddress") and user.get("accountType") != "app"]
        # a name is anybody's to choose: one that holds the address proves nothing
        hidden = [user for user in hidden if wanted not in text(user.get("displayName")).casefold()]
        found = shown or (hidden if len(users) == 1 else [])
        one = account(found[0], self.name) if len(found) == 1 else None
        return replace(one, email=email) if one else None

    def read(self, queries: Mapping[str, Query]) -> Reading:
        asked, failed = self._resolve(queries)
        members: dict[str, Rows] = {}
        known: Rows = {}
        descendants: dict[tuple[str, ...], Rows] = {}
        for query in asked:
            try:
                members[query.name] = self._members(query.ways, descendants)
                known.update(_better(known, members[query.name]))
            except (PermanentError, MalformedError) as error:
                failed[query.name] = _one_query(error)
        contents = search.contents(self._client, known)
        whole = {name: frozenset(rows) for name, rows in members.items()}
        return replace(self._reading(whole, contents, failed), ways=_ways_of(asked))

    def changed(self, since: datetime, now: datetime) -> frozenset[str]:
        """Relative minutes: a literal date would be read in the account's own zone (trackers.md §1.2)."""
        minutes = max(math.ceil((now - since).total_seconds() / 60), 0) + _OVERLAP_MIN
        return frozenset(search.find(self._client, f"updated >= -{minutes}m"))

    def matching(self, queries: Mapping[str, Query], ids: Iterable[str]) -> Reading:
        contents = search.look_up(self._client, ids)
        if not contents:
            return self._reading(dict.fromkeys(queries, frozenset()), contents, {})
        asked, failed = self._resolve(queries)
        members: dict[str, frozenset[str]] = {}
        descendants: dict[tuple[str, ...], Rows] = {}
        questions: list[tuple[str, str, list[str]]] = []
        for query in asked:
            members[query.name] = frozenset()
            try:
                questions += self._questions(query, list(contents), descendants)
            except (PermanentError, MalformedError) as error:
                failed[query.name] = _one_query(error)
        answers = search.matches(self._client, [jql for _, jql, _ in questions], list(contents))
        for (name, _, among), answer in zip(questions, answers, strict=True):
            if isinstance(answer, frozenset):
                members[name] |= answer & set(among)
            else:
                failed[name] = answer
        whole = {name: ids for name, ids in members.items() if name not in failed}
        return replace(self._reading(whole, contents, failed), ways=_ways_of(asked))

    def lookup(self, ids: Iterable[str]) -> Mapping[str, Item]:
        return self._items(search.look_up(self._client, ids))

    def ticket(self, key: str) -> Ticket:
        self._client.open()
        fields = ",".join(FIELDS)
        if self._client.cloud:
            raw = self._client.get(_issue(key), fields=fields)
            histories = self._changelog(key)
        else:
            raw = self._client.get(_issue(key), fields=fields, expand="changelog")
            histories = sequence(mapping(mapping(raw).get("changelog")).get("histories"))
        item = parse(raw, self._now())
        if not item.id:
            raise MalformedError(self.name, f"what Jira tells of {key} is no issue", "is url right?")
        return Ticket(item=item, moves=moves(histories, self.name))

    def explain(self, query: Query) -> tuple[Explained, ...]:
        descendants: dict[tuple[str, ...], Rows] = {}
        return tuple(Explained(how=way.how, count=len(self._members((way,), descendants))) for way in self._ways(query))

    def close(self) -> None:
        self._client.close()

    def _resolve(self, queries: Mapping[str, Query]) -> tuple[list[_Asked], dict[str, TrackerError]]:
        asked, failed = [], dict[str, TrackerError]()
        for name, query in queries.items():
            try:
                ways = self._ways(query)
                rests_on = frozenset(way.rests_on for way in ways if way.rests_on)
                asked.append(_Asked(name, joined(ways), rests_on if isinstance(query, Convention) else None))
            except (PermanentError, MalformedError) as error:
                failed[name] = _one_query(error)
        return asked, failed

    def _ways(self, query: Query) -> tuple[Way, ...]:
        if not isinstance(query, Convention):
            return (of_selector(self.name, query.terms),)
        raw = self._project(query.project)
        of_project = f"project/{quote(query.project, safe='')}/versions"
        versions = (text(each.get("name")).casefold() for each in self._listed(raw, "versions", of_project))
        kinds = self._listed(raw, "issueTypes", "issuetype")
        project = Project(
            key=text(raw.get("key")) or query.project,
            versions=frozenset(versions),
            epic_types=tuple(identity(kind.get("id")) for kind in kinds if _is_epic(kind)),
        )
        epics = self._epics(query.release_name, project)
        ways = of_convention(query, project, epics, cloud=self._client.cloud)
        if not ways:
            raise PermanentError(self.name, f"nothing tells what of {project.key} belongs to it", "write a selector")
        return ways

    def _epics(self, name: str, project: Project) -> tuple[str, ...]:
        jql = epics_named(name, project)
        if not jql:
            return ()
        if jql not in self._epics_read:
            rows = search.contents(self._client, search.find(self._client, jql))
            titles = {number: text(mapping(mapping(raw).get("fields")).get("summary")) for number, raw in rows.items()}
            if not all(titles.values()):
                raise MalformedError(self.name, f"Jira does not tell what an epic like {name} is called", "try again")
            self._epics_read[jql] = titles
        epics = self._epics_read[jql].items()
        return tuple(number for number, title in epics if title.strip().casefold() == name.strip().casefold())

    def _project(self, key: str) -> Mapping[str, object]:
        if key not in self._projects:
            try:
                self._projects[key] = mapping(self._client.get(f"project/{quote(key, safe='')}"))
            except MissingError as error:
                raise MissingError(self.name, f"there is no project {key!r}", error.hint) from None
        return self._projects[key]

    def _listed(self, project: Mapping[str, object], name: str, resource: str) -> list[Mapping[str, object]]:
        """What a project has of these. A list that is not there is asked for: what is unknown would match nothing."""
        told = project.get(name)
        if not isinstance(told, list):
            told = self._client.get(resource)
        if not isinstance(told, list):
            raise MalformedError(self.name, f"Jira does not tell the {name} of {text(project.get('key'))}", "try again")
        return [mapping(each) for each in told]

    def _members(self, ways: Iterable[Way], descendants: dict[tuple[str, ...], Rows]) -> Rows:
        found: Rows = {}
        for way in ways:
            if way.jql:
                found.update(_better(found, search.find(self._client, way.jql)))
                continue
            rows = self._below(way, descendants)
            if way.narrow and rows:
                fitting = search.matches(self._client, [way.narrow], list(rows))[0]
                if not isinstance(fitting, frozenset):
                    raise fitting
                rows = {number: raw for number, raw in rows.items() if number in fitting}
            found.update(_better(found, rows))
        return found

    def _below(self, way: Way, descendants: dict[tuple[str, ...], Rows]) -> Rows:
        if way.roots not in descendants:
            descendants[way.roots] = search.below(self._client, way.roots)
        rows = descendants[way.roots]
        return {number: raw for number, raw in rows.items() if number not in way.roots}

    def _questions(
        self, query: _Asked, ids: list[str], descendants: dict[tuple[str, ...], Rows]
    ) -> list[tuple[str, str, list[str]]]:
        """(query, JQL, among which ids): what the server has to decide for this query."""
        found = []
        for way in query.ways:
            among = ids if way.jql else [number for number in ids if number in self._below(way, descendants)]
            if among:
                found.append((query.name, way.jql or way.narrow or numbered("id", among), among))
        return found

    def _reading(
        self, members: Mapping[str, frozenset[str]], contents: Rows, failed: Mapping[str, TrackerError]
    ) -> Reading:
        whole, broken = dict(members), dict(failed)
        for name, ids in members.items():
            gone = [number for number in ids if number not in contents]
            if gone:
                del whole[name]
                broken[name] = TemporaryError(
                    self.name,
                    f"the search finds {len(ids)} issues, and {len(gone)} of them cannot be read (id {gone[0]})",
                    "they were just deleted or hidden; the next pass looks again",
                )
        return Reading(items=self._items(contents), members=whole, failed=broken)

    def _items(self, rows: Rows) -> dict[str, Item]:
        terms = self._now()
        return {number: parse(raw, terms) for number, raw in rows.items()}

    def _now(self) -> Terms:
        return replace(self._terms, now=self._client.now, browse=self._client.browse)

    def _changelog(self, key: str) -> list[object]:
        histories: list[object] = []
        for _ in range(_MOST_PAGES):
            page = mapping(
                self._client.get(f"{_issue(key)}/changelog", startAt=len(histories), maxResults=_CHANGES_PAGE)
            )
            values, total = page.get("values"), page.get("total")
            if not isinstance(values, list):
                raise MalformedError(self.name, f"Jira tells no history of {key}", "try again")
            histories += values
            if page.get("isLast") is True or not values or (isinstance(total, int) and len(histories) >= total):
                return histories
        raise MalformedError(self.name, f"the history of {key} has no end", "sign with a younger ticket")


def _issue(key: str) -> str:
    return f"issue/{quote(key, safe='')}"


def _ways_of(asked: Iterable[_Asked]) -> dict[str, frozenset[str]]:
    return {query.name: query.rests_on for query in asked if query.rests_on is not None}


def _is_epic(kind: Mapping[str, object]) -> bool:
    """By its level in the hierarchy (Cloud); Data Center tells none, and there the name decides."""
    level = kind.get("hierarchyLevel")
    return level >= 1 if isinstance(level, int) else text(kind.get("name")).casefold() == "epic"


def _better(known: Rows, rows: Rows) -> Rows:
    """Rows, with what is known already kept where they bring an id only."""
    return {number: known.get(number) if raw is None else raw for number, raw in rows.items()}


def _one_query(error: PermanentError | MalformedError) -> TrackerError:
    """An error of one query; a refused account is the whole tracker's and goes on."""
    if isinstance(error, DeniedError):
        raise error
    return error


def _date(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
