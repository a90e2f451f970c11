"""The source: one Linear workspace, read only. It holds a client that can load no mutation.

Called by the pass and by ``check``. Linear has no lead of a team, no types and no custom fields. An archived issue
still counts (auto-archiving hides old finished work), a trashed one is not there.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from connectors.base import Convention, Explained, Identity, Launch, Reading, Selector
from connectors.errors import DeniedError, MissingError, TrackerError
from connectors.linear import among, healths, parse, related, select, talk, whole
from connectors.linear.client import Client, in_pages
from connectors.linear.rest import complete
from connectors.linear.together import IDS, ITEMS
from mapping.item import Ticket

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from connectors.base import Carriers, Query, Settings
    from connectors.linear.related import Launched
    from connectors.linear.select import Filter
    from connectors.linear.together import Shape
    from mapping.health import Health
    from mapping.item import Account, Item, Move
    from mapping.talk import Talk

OVERLAP = timedelta(minutes=10)
"""How far before the watermark the probe looks (sync.md §1)."""


def open_source(settings: Settings) -> LinearSource:
    return LinearSource(settings)


class LinearSource:
    """``connectors.base.Source`` for Linear."""

    def __init__(self, settings: Settings) -> None:
        self.name = settings.name
        self._statuses = settings.statuses
        self._client = Client(settings)
        self._launches: dict[str, Launched] = {}

    def identify(self) -> Identity:
        viewer = parse.account(self._client.ask("viewer", {}).get("viewer"), self.name)
        if viewer is None:
            raise DeniedError(self.name, "Linear answers, and takes us for nobody", "check the token")
        if self._client.now is None:
            raise self._client.malformed("it has no Date", "is a proxy in between that removes it?")
        return Identity(account=viewer, now=self._client.now)

    def launch(self, key: str) -> Launch:
        raw = self._issue("launch", key)
        return Launch(
            id=parse.text(raw.get("id")),
            key=parse.text(raw.get("identifier")),
            url=parse.text(raw.get("url")),
            title=parse.text(raw.get("title")),
            due=parse.day(raw.get("dueDate")),
            assignee=parse.account(raw.get("assignee"), self.name),
            project=parse.key(raw.get("team")),
            status=parse.state(raw.get("state"))[1],
            is_over=parse.state(raw.get("state"))[2] in ("completed", "canceled", "duplicate"),
        )

    def lead(self, project: str) -> Account | None:
        """A team's one active owner. Linear has no lead of a team, and with several owners none is singled out."""
        teams = self._client.listed(self._client.ask("team", {"filter": select.named("team", project)}), "teams")
        if not teams:
            raise self._client.unknown("team", project)
        members = self._client.nodes("members", ("team", "memberships"), {"team": parse.text(teams[0].get("id"))})
        owners = [member.get("user") for member in members if isinstance(member, dict) and member.get("owner") is True]
        found = [owner for raw in owners if (owner := parse.account(raw, self.name)) is not None and owner.active]
        return found[0] if len(found) == 1 else None

    def person(self, email: str) -> Account | None:
        """The active account with this e-mail, else a disabled one: its owner is told, not silently dropped."""
        users = self._client.listed(self._client.ask("person", {"email": email}), "users")
        found = [account for raw in users if (account := parse.account(raw, self.name)) is not None]
        return max(found, key=lambda account: account.active, default=None)

    def read(self, queries: Mapping[str, Query], keep: Callable[[Sequence[Item]], None]) -> Reading:
        words = self.words()
        seen: set[str] = set()

        def page(raws: Sequence[Any]) -> list[str]:
            items = self._items(raws)
            keep([item for item in items if item.id not in seen])
            seen.update(item.id for item in items)
            return [item.id for item in items]

        return replace(self._afresh(queries, ITEMS, page), words=words)

    def census(self, queries: Mapping[str, Query]) -> Reading:
        return self._afresh(queries, IDS, lambda raws: [self._id(raw) for raw in raws])

    def words(self) -> str:
        """Of all workflow states that this token sees, archived ones too: id, name and type."""
        states = sorted(parse.state(raw) for raw in self._client.nodes("workflow_states", ("workflowStates",), {}))
        return hashlib.sha256(json.dumps(states).encode()).hexdigest()

    def changed(self, since: datetime, now: datetime, talks: Collection[str] = ()) -> Mapping[str, str]:  # noqa: ARG002  # no upper bound (F3)
        """Archiving and trashing do not move ``updatedAt``, so both times are asked, in one request. Whether a comment
        moves it nobody says, so comments are asked for by their own time. One that was deleted shows nowhere here.
        """
        window = {"gte": (since - OVERLAP).astimezone(UTC).isoformat().replace("+00:00", "Z")}
        variables = {"filter": {"or": [{"updatedAt": window}, {"archivedAt": window}]}}
        if not talks:
            return self._stamps(self._client.nodes("changed", ("issues",), variables))
        variables["said"] = talk.said_since(talks, window)
        pages = list(self._client.pages("changed_said", ("issues",), variables))
        found = self._stamps(raw for _, nodes in pages for raw in nodes)
        said = talk.newest(self._client, pages[0][0], variables["said"])
        return found | {issue: f"{found.get(issue, '')} {stamp}" for issue, stamp in said.items()}

    def matching(self, queries: Mapping[str, Query], ids: Iterable[str]) -> Reading:
        """Members may be told of more issues than these: what was looked at is in ``items``."""
        found, launches = among.read(self._client, queries, ids, self._launches.values(), self._item)
        self._launches |= launches
        return found

    def lookup(self, ids: Iterable[str]) -> Mapping[str, Item]:
        asked = [select.these(part) for part in in_pages(sorted(set(ids)))]
        pages = (nodes for each in asked for _, nodes in self._client.pages("items", ("issues",), {"filter": each}))
        kept = ([raw for raw in nodes if not parse.is_trashed(raw)] for nodes in pages)
        return {item.id: item for nodes in kept for item in self._items(nodes)}

    def ticket(self, key: str) -> Ticket:
        """The moves by Linear's own history, oldest first. Raises MissingError for a trashed ticket too."""
        raw: Any = None
        moves: list[Move] = []
        with self._naming("issue", key):
            for answer, entries in self._client.pages("ticket", ("issue", "history"), {"id": key}):
                raw = answer.get("issue")
                moves += [move for entry in entries if (move := parse.move(entry, self.name)) is not None]
        if parse.is_trashed(raw):
            raise self._client.unknown("issue", key)
        return Ticket(item=self._items([raw])[0], moves=tuple(sorted(moves, key=lambda move: (move.at, move.id))))

    def comments(self, issue: str) -> Talk:
        with self._naming("issue", issue):
            return talk.read(self._client, issue)

    def healths(self, projects: Collection[str]) -> Mapping[str, Health]:
        return healths.read(self._client, projects)

    def carriers(self, conventions: Mapping[str, Convention]) -> Callable[[], Carriers]:
        return lambda: {name: self._carriers(convention) for name, convention in conventions.items()}

    def explain(self, query: Query) -> tuple[Explained, ...]:
        if isinstance(query, Selector):
            how = ", ".join(f"{key} = {value}" for key, value in query.terms.items())
            return (Explained(how=how, count=len(self._ids(select.issue_filter(query)))),)
        told = [(how, len(self._ids(select.within(query, way)))) for how, way in select.ways(query)]
        launch = self._launched(query)
        tops = select.tops(query, launch.id)
        kin = [(how, frozenset(related.down(self._client, [top])[0]) - {launch.id}) for how, top in tops]
        kin += [(f"linked to {query.launch_key}", launch.linked)] if launch.id else []
        told += [(how, self._count(query, ids)) for how, ids in kin]
        return tuple(Explained(how=how, count=count) for how, count in told)

    def close(self) -> None:
        self._client.close()

    def _afresh(
        self, queries: Mapping[str, Query], shape: Shape, page: Callable[[Sequence[Any]], list[str]]
    ) -> Reading:
        kindred = related.read(self._client, queries)
        self._launches = dict(kindred.launches)
        return whole.read(self._client, queries, kindred, shape, page)

    def _items(self, raws: Sequence[Any]) -> list[Item]:
        return [self._item(raw) for raw in complete(self._client, raws)]

    def _item(self, raw: Any) -> Item:  # noqa: ANN401  # JSON
        item = parse.item(raw, tracker=self.name, statuses=self._statuses, now=self._client.now)
        if not item.id:
            raise self._client.malformed("an issue without an id")
        return item

    def _stamps(self, raws: Iterable[Any]) -> dict[str, str]:
        return {self._id(raw): " ".join(str(raw.get(name)) for name in ("updatedAt", "archivedAt")) for raw in raws}

    def _ids(self, found: Filter) -> frozenset[str]:
        raws = self._client.nodes("ids", ("issues",), {"filter": found})
        return frozenset(self._id(raw) for raw in raws if not parse.is_trashed(raw))

    def _id(self, raw: Any) -> str:  # noqa: ANN401  # JSON
        if not (found := parse.identity(raw)):
            raise self._client.malformed("an issue without an id")
        return found

    def _count(self, query: Convention, ids: Collection[str]) -> int:
        """How many of these are the convention's team's."""
        parts = in_pages(sorted(ids))
        return sum(len(self._ids(select.within(query, select.these(part)))) for part in parts)

    def _carriers(self, convention: Convention) -> frozenset[str] | TrackerError:
        try:
            launch = self._launched(convention)
            found = [way for _, way in select.ways(convention)]
            found.append(select.below([top for _, top in select.tops(convention, launch.id)]))
            found += [select.these(part) for part in in_pages(sorted(launch.linked))]
            return self._ids({"or": found})
        except TrackerError as error:
            return error

    def _launched(self, query: Convention) -> Launched:
        key = query.launch_key or ""
        found = related.launched(self._client, {key} - {""})
        if key not in found:
            raise self._client.unknown("issue", key)
        return found[key]

    def _issue(self, document: str, key: str) -> dict[str, Any]:
        """One issue by key or id. Raises MissingError; also for one in the trash."""
        with self._naming("issue", key):
            raw = self._client.ask(document, {"id": key}).get("issue")
        if not isinstance(raw, dict) or not raw.get("id") or parse.is_trashed(raw):
            raise self._client.unknown("issue", key)
        return raw

    @contextmanager
    def _naming(self, what: str, value: str) -> Iterator[None]:
        try:
            yield
        except MissingError:
            raise self._client.unknown(what, value) from None
