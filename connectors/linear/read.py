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
from connectors.errors import DeniedError, MissingError, PermanentError, TemporaryError, TrackerError
from connectors.linear import parse, related, select
from connectors.linear.client import Client, in_pages
from connectors.linear.related import Launched
from mapping.item import Item, Ticket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from connectors.base import Query, Settings
    from connectors.linear.select import Filter
    from mapping.item import Account, Move

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
        self._kin: dict[Convention, frozenset[str]] = {}
        self._ways: dict[Convention, frozenset[str]] = {}

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
        )

    def lead(self, project: str) -> Account | None:
        """A team's one active owner. Linear has no lead of a team, and with several owners none is singled out."""
        teams = parse.nodes(self._client.ask("team", {"filter": select.named("team", project)}).get("teams"))
        if not teams:
            raise self._unknown("team", project)
        members = self._client.nodes("members", ("team", "memberships"), {"team": parse.text(teams[0].get("id"))})
        owners = [member.get("user") for member in members if isinstance(member, dict) and member.get("owner") is True]
        found = [owner for raw in owners if (owner := parse.account(raw, self.name)) is not None and owner.active]
        return found[0] if len(found) == 1 else None

    def person(self, email: str) -> Account | None:
        """The active account with this e-mail, else a disabled one: its owner is told, not silently dropped."""
        users = parse.nodes(self._client.ask("person", {"email": email}).get("users"))
        found = [account for raw in users if (account := parse.account(raw, self.name)) is not None]
        return max(found, key=lambda account: account.active, default=None)

    def read(self, queries: Mapping[str, Query], keep: Callable[[Sequence[Item]], None]) -> Reading:
        seen: set[str] = set()

        def page(raws: list[Any]) -> list[str]:
            items = [self._item(raw) for raw in raws]
            keep([item for item in items if item.id not in seen])
            seen.update(item.id for item in items)
            return [item.id for item in items]

        return self._afresh(queries, "items", page)

    def census(self, queries: Mapping[str, Query]) -> Reading:
        return self._afresh(queries, "ids", lambda raws: [self._id(raw) for raw in raws])

    def words(self) -> str:
        """Of all workflow states that this token sees, archived ones too: id, name and type."""
        states = sorted(parse.state(raw) for raw in self._client.nodes("workflow_states", ("workflowStates",), {}))
        return hashlib.sha256(json.dumps(states).encode()).hexdigest()

    def changed(self, since: datetime, now: datetime) -> frozenset[str]:  # noqa: ARG002  # no upper bound (F3)
        """Archiving and trashing do not move ``updatedAt``, so both times are asked, in one request."""
        window = {"gte": (since - OVERLAP).astimezone(UTC).isoformat().replace("+00:00", "Z")}
        return self._ids({"or": [{"updatedAt": window}, {"archivedAt": window}]}, trashed=True)

    def matching(self, queries: Mapping[str, Query], ids: Iterable[str]) -> Reading:
        wanted = sorted(set(ids))
        items: dict[str, Item] = {}

        def among(query: Query) -> list[str]:
            found = {item.id: item for item in self._among(wanted, query)}
            items.update(found)
            return list(found)

        members, failed = self._reading(queries, among)
        rest = self.lookup(id_ for id_ in wanted if id_ not in items)
        return Reading(items={**rest, **items}, members=members, failed=failed)

    def lookup(self, ids: Iterable[str]) -> Mapping[str, Item]:
        parts = in_pages(sorted(set(ids)))
        return {item.id: item for part in parts for item in self._items(select.these(part))}

    def ticket(self, key: str) -> Ticket:
        """The moves by Linear's own history, oldest first. Raises MissingError for a trashed ticket too."""
        raw: Any = None
        moves: list[Move] = []
        with self._naming("issue", key):
            for answer, entries in self._client.pages("ticket", ("issue", "history"), {"id": key}):
                raw = answer.get("issue")
                moves += [move for entry in entries if (move := parse.move(entry, self.name)) is not None]
        if parse.is_trashed(raw):
            raise self._unknown("issue", key)
        return Ticket(item=self._item(raw), moves=tuple(sorted(moves, key=lambda move: (move.at, move.id))))

    def explain(self, query: Query) -> tuple[Explained, ...]:
        if isinstance(query, Selector):
            how = ", ".join(f"{key} = {value}" for key, value in query.terms.items())
            return (Explained(how=how, count=len(self._ids(select.issue_filter(query)))),)
        told = [(how, len(self._ids(select.within(query, way)))) for how, way in select.ways(query)]
        launch = self._launched(query)
        tops = select.tops(query, launch.id)
        kin = [(how, related.below(self._client, [top]) - {launch.id}) for how, top in tops]
        kin += [(f"linked to {query.launch_key}", launch.linked)] if launch.id else []
        told += [(how, self._count(query, ids)) for how, ids in kin]
        return tuple(Explained(how=how, count=count) for how, count in told)

    def close(self) -> None:
        self._client.close()

    def _afresh(self, queries: Mapping[str, Query], document: str, page: Callable[[list[Any]], list[str]]) -> Reading:
        """The members of each query, page by page; ``page`` tells the ids of what it was given."""
        members, failed = self._reading(queries, lambda query: self._whole(query, document, page))
        # asked after all items: what is renamed while we read is missed now, not taken for what never was
        asked = {name: query for name, query in queries.items() if name in members}
        ways = {name: self._existing_ways(query) for name, query in asked.items() if isinstance(query, Convention)}
        return Reading(items={}, members=members, failed=failed, ways=ways)

    def _reading(
        self, queries: Mapping[str, Query], read: Callable[[Query], Iterable[str]]
    ) -> tuple[dict[str, frozenset[str]], dict[str, TrackerError]]:
        """Reads each query; one that is refused is ``failed``. What has to wait is the whole tracker's error."""
        self._launches.clear()
        self._kin.clear()
        self._ways.clear()
        members: dict[str, frozenset[str]] = {}
        failed: dict[str, TrackerError] = {}
        for name, query in queries.items():
            try:
                members[name] = frozenset(read(query))
            except TemporaryError:
                raise
            except TrackerError as error:
                failed[name] = error
        return members, failed

    def _whole(self, query: Query, document: str, page: Callable[[list[Any]], list[str]]) -> set[str]:
        first, *rest = in_pages(sorted(self._related(query))) or [[]]
        filters = [select.issue_filter(query, first)]
        if isinstance(query, Convention):
            filters += [select.within(query, select.these(part)) for part in rest]
        found: set[str] = set()
        for each in filters:
            for _, raws in self._client.pages(document, ("issues",), {"filter": each}):
                found.update(page([raw for raw in raws if not parse.is_trashed(raw)]))
        if not found:
            self._check_names(query)
        return found

    def _among(self, ids: list[str], query: Query) -> list[Item]:
        """The items of these ids that a query finds, as many ids a request as a page holds."""
        kin = self._related(query)
        asked = [select.among(part, select.issue_filter(query, sorted(kin & set(part)))) for part in in_pages(ids)]
        return [item for each in asked for item in self._items(each)]

    def _items(self, found: Filter) -> Iterator[Item]:
        for raw in self._client.nodes("items", ("issues",), {"filter": found}):
            if not parse.is_trashed(raw):
                yield self._item(raw)

    def _item(self, raw: Any) -> Item:  # noqa: ANN401  # JSON
        """One item; its other labels are fetched where it carries more than a page of them."""
        if parse.has_more_labels(raw):
            variables = {"id": parse.text(raw.get("id"))}
            labels = list(self._client.nodes("labels", ("issue", "labels"), variables))
            raw = {**raw, "labels": {"nodes": labels}}
        item = parse.item(raw, tracker=self.name, statuses=self._statuses, now=self._client.now)
        if not item.id:
            raise self._client.malformed("an issue without an id")
        return item

    def _ids(self, found: Filter, *, trashed: bool = False) -> frozenset[str]:
        raws = self._client.nodes("ids", ("issues",), {"filter": found})
        kept = (raw for raw in raws if trashed or not parse.is_trashed(raw))
        return frozenset(self._id(raw) for raw in kept)

    def _id(self, raw: Any) -> str:  # noqa: ANN401  # JSON
        if not (found := parse.identity(raw)):
            raise self._client.malformed("an issue without an id")
        return found

    def _count(self, query: Convention, ids: frozenset[str]) -> int:
        """How many of these are the convention's team's."""
        parts = in_pages(sorted(ids))
        return sum(len(self._ids(select.within(query, select.these(part)))) for part in parts)

    def _related(self, query: Query) -> frozenset[str]:
        """What a convention finds by what it is to other issues: below the launch issue or one named like the release,
        or linked to the launch issue. Read once a reading for all gates of a release.
        """
        if not isinstance(query, Convention):
            return frozenset()
        release = replace(query, project="")
        if release not in self._kin:
            launch = self._launched(query)
            tops = [top for _, top in select.tops(query, launch.id)]
            self._kin[release] = (related.below(self._client, tops) | launch.linked) - {launch.id}
        return self._kin[release]

    def _launched(self, query: Convention) -> Launched:
        key = query.launch_key
        if key is None:
            return Launched()
        if key not in self._launches:
            with self._naming("issue", key):
                self._launches[key] = related.launched(self._client, key)
        return self._launches[key]

    def _existing_ways(self, query: Convention) -> frozenset[str]:
        """Which of a convention's names there are at all; none where Linear refuses to tell (a scope, a plan)."""
        release = replace(query, project="")
        if release not in self._ways:
            try:
                found = self._existing(select.carriers(query, self._launched(query).id))
            except PermanentError:
                found = frozenset()
            self._ways[release] = frozenset({"issue": "issue of this name"}.get(key, key) for key in found)
        return self._ways[release]

    def _issue(self, document: str, key: str) -> dict[str, Any]:
        """One issue by key or id. Raises MissingError; also for one in the trash."""
        with self._naming("issue", key):
            raw = self._client.ask(document, {"id": key}).get("issue")
        if not isinstance(raw, dict) or not raw.get("id") or parse.is_trashed(raw):
            raise self._unknown("issue", key)
        return raw

    def _check_names(self, query: Query) -> None:
        """A selector that matched nothing may be one that names what is not there; Linear itself does not say so.

        Raises MissingError.
        """
        named = select.names(query)
        if not named:
            return
        for key in sorted(named.keys() - self._existing(named)):
            raise self._unknown(key, query.terms[key] if isinstance(query, Selector) else query.project)

    def _existing(self, named: Mapping[str, Filter]) -> frozenset[str]:
        """Of what is named by these filters (variables of ``names.graphql``), what there is: one request."""
        flags = {f"has{key.title()}": key in named for key in (*select.SELECTOR_KEYS - {"filter"}, "issue")}
        answer = self._client.ask("names", {**named, **flags})
        found = {key: [one for one in parse.nodes(answer.get(key)) if not parse.is_trashed(one)] for key in named}
        return frozenset(key for key, there in found.items() if there)

    @contextmanager
    def _naming(self, what: str, value: str) -> Iterator[None]:
        """Linear's "Entity not found" does not say which: we do."""
        try:
            yield
        except MissingError:
            raise self._unknown(what, value) from None

    def _unknown(self, what: str, value: object) -> MissingError:
        hint = "check its spelling, and that this token may see it"
        return MissingError(self.name, f'Linear shows this token no {what} "{value}"', hint)
