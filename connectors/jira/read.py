"""A Jira as a ``Source``: what a pass reads of it. It cannot write: its client lets nothing through that would.

Called by syncd through ``connectors.base.Source``. Which issues a query means is decided by ``select``, the lists are
read by ``search``, and an issue becomes an item in ``parse``; here they are put together.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import quote

from connectors.base import Explained, Launch, Reading
from connectors.errors import DeniedError, MalformedError, MissingError, TrackerError
from connectors.jira import members, search, talk
from connectors.jira.matching import Matching
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
from connectors.jira.pool import Pool
from connectors.jira.projects import Projects
from mapping.item import Progress, Ticket

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from connectors.base import Carriers, Convention, Identity, Query, Settings
    from connectors.jira.client import Client
    from connectors.jira.search import Rows
    from mapping.health import Health
    from mapping.item import Account, Item
    from mapping.talk import Talk

_OVERLAP_MIN = 10
_CHANGES_PAGE = 100
_MOST_PAGES = 200


class JiraSource:
    """See ``connectors.base.Source`` for what each method promises."""

    def __init__(self, settings: Settings) -> None:
        self.name = settings.name
        self._pool = Pool(settings)
        self._client = self._pool.client
        self._projects = Projects(self._pool)
        self._people = talk.People(self._client)
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
        raw = mapping(self._client.get(_issue(key), fields="summary,duedate,assignee,project,status"))
        fields = mapping(raw.get("fields"))
        number, now_key, status = identity(raw.get("id")), text(raw.get("key")), mapping(fields.get("status"))
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
            status=text(status.get("name")),
            is_over=text(mapping(status.get("statusCategory")).get("key")) == "done",
        )

    def lead(self, project: str) -> Account | None:
        return account(self._projects.project(project).get("lead"), self.name)

    def person(self, email: str) -> Account | None:
        """By the e-mail that Jira shows; where it hides all e-mails, the only one whom the search for it finds."""
        self._client.open()
        asked = {"query": email} if self._client.cloud else {"username": email}
        told = self._client.get("user/search", **asked)
        if not isinstance(told, list):
            raise MalformedError(self.name, "Jira does not tell who has an e-mail", "try again")
        users = [mapping(user) for user in told]
        wanted = email.casefold()
        shown = [user for user in users if text(user.get("emailAddress")).casefold() == wanted]
        hidden = [user for user in users if not user.get("emailAddress") and user.get("accountType") != "app"]
        # a name is anybody's to choose: one that holds the address proves nothing
        hidden = [user for user in hidden if wanted not in text(user.get("displayName")).casefold()]
        found = shown or (hidden if len(users) == 1 else [])
        one = account(found[0], self.name) if len(found) == 1 else None
        return replace(one, email=email) if one else None

    def read(self, queries: Mapping[str, Query], keep: Callable[[Sequence[Item]], None]) -> Reading:
        """The ids first, then the contents in bulk, side by side. An item is handed over once."""
        words = self._pool.beside(self._words)
        told = self.census(queries)
        told = replace(told, words=words())
        gone = members.unreadable(self._pool, told.members.values(), self._parsed, keep)
        return members.without(self.name, told, gone)

    def census(self, queries: Mapping[str, Query]) -> Reading:
        self._projects.forget()
        self._people.forget()
        return members.census(self._pool, self._projects, queries)

    def words(self) -> str:
        """Statuses and their categories; "" where Jira refuses to tell them, which must not keep anybody from reading
        the issues. The list of resolutions is left alone: it is deprecated on Cloud.
        """
        return self._words(self._client)

    def _words(self, client: Client) -> str:
        try:
            told = client.get("status")
        except (DeniedError, MissingError):
            return ""
        if not isinstance(told, list) or not told or not all(identity(mapping(row).get("id")) for row in told):
            raise MalformedError(self.name, "Jira does not tell its statuses", "try again")
        return hashlib.sha256("\n".join(sorted(map(_meaning, told))).encode()).hexdigest()

    def changed(self, since: datetime, now: datetime, talks: Collection[str] = ()) -> Mapping[str, str]:  # noqa: ARG002  # see below
        """Relative minutes: a literal date would be read in the account's own zone (trackers.md §1.2). ``talks`` need
        no question of their own: a comment, and its edit, move the issue's ``updated``. A deleted one may not; the
        census reads all comments anyway.
        """
        minutes = max(math.ceil((now - since).total_seconds() / 60), 0) + _OVERLAP_MIN
        return search.stamped(self._client, f"updated >= -{minutes}m")

    def matching(self, queries: Mapping[str, Query], ids: Iterable[str]) -> Reading:
        """As ``Source`` says, and further: what stands below these issues moves with them, so where that may matter it
        is looked at too. All that was looked at is in ``items``, whether it is a member or not.
        """
        told = Matching(self._pool, self._projects, queries, ids)
        return Reading(
            items={item.id: item for item in self._parsed(self._client, told.rows)},
            members=told.members,
            failed=told.failed,
            ways=members.ways_of(told.asked),
        )

    def lookup(self, ids: Iterable[str]) -> Mapping[str, Item]:
        return {item.id: item for item in self._parsed(self._client, search.look_up(self._client, ids))}

    def ticket(self, key: str) -> Ticket:
        self._client.open()
        fields = ",".join(FIELDS)
        if self._client.cloud:
            raw = self._client.get(_issue(key), fields=fields)
            histories = self._changelog(key)
        else:
            raw = self._client.get(_issue(key), fields=fields, expand="changelog")
            histories = sequence(mapping(mapping(raw).get("changelog")).get("histories"))
        item = self._parsed(self._client, {key: raw})[0]
        if not item.id:
            raise MalformedError(self.name, f"what Jira tells of {key} is no issue", "is url right?")
        return Ticket(item=item, moves=moves(histories, self.name))

    def comments(self, issue: str) -> Talk:
        self._client.open()
        return talk.read(self._client, self._people, issue)

    def healths(self, projects: Collection[str]) -> Mapping[str, Health]:  # noqa: ARG002  # Jira has no such word
        return {}

    def carriers(self, conventions: Mapping[str, Convention]) -> Callable[[], Carriers]:
        if self._client.cloud:
            return self._pool.beside(lambda client: members.carriers(client, conventions, ""))
        return lambda: self._carriers(conventions)

    def _carriers(self, conventions: Mapping[str, Convention]) -> Carriers:
        """Data Center: by which field an epic is named has to be asked for first."""
        try:
            epic_link = self._projects.epic_link()
        except TrackerError as error:
            return dict.fromkeys(conventions, error)
        return members.carriers(self._client, conventions, epic_link)

    def explain(self, query: Query) -> tuple[Explained, ...]:
        counted = []
        for way in self._projects.ways(query):
            told = members.fitting(self._client, way, self._projects.epic_link() if way.roots else "")
            if isinstance(told, TrackerError):
                raise told
            counted.append(Explained(how=way.how, count=len(told)))
        return tuple(counted)

    def close(self) -> None:
        self._pool.close()

    def _parsed(self, client: Client, rows: Rows) -> list[Item]:
        terms = replace(self._terms, now=client.now, browse=client.browse)
        return [parse(raw, terms) for raw in rows.values()]

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


def _meaning(row: object) -> str:
    told = mapping(row)
    category = mapping(told.get("statusCategory"))
    return repr((identity(told.get("id")), text(told.get("name")), text(category.get("key"))))


def _date(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
