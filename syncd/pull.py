"""Pull one tracker's part of a pass: what to save of it, in one transaction, and which parts could not be read.

Called by the pass, which saves. An error of one query blinds its gate and no other; an error of the tracker blinds all
that read it. Nothing here judges or writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from connectors.base import Query, Reading, Source
from connectors.errors import PermanentError, TrackerError
from mapping.item import Item, Ticket
from syncd.departures import departures
from syncd.store.model import Part, Taken
from syncd.store.store import Store
from syncd.visit import Visit, refused, sentence

PartId = tuple[str, str]
"""(release id, gate id)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a pass wants of one tracker: ``asked`` names the question of every part. ``own``: ids of launch issues and
    summaries, which are never items. ``blind``: parts that cannot be asked for in this pass, and why. ``ways``: the
    ways of a part's conventions that existed before.
    """

    tracker: str
    kind: str
    own: frozenset[str] = frozenset()
    asked: dict[PartId, str] = field(default_factory=dict)
    queries: dict[PartId, list[Query]] = field(default_factory=dict)
    tickets: dict[PartId, str] = field(default_factory=dict)
    blind: dict[PartId, TrackerError] = field(default_factory=dict)
    ways: dict[PartId, frozenset[str]] = field(default_factory=dict)

    @property
    def named(self) -> dict[str, Query]:
        return {name(part, n): query for part, queries in self.queries.items() for n, query in enumerate(queries)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """``taken`` is what to save, None when the tracker as a whole could not be read. ``failures``: the parts that were
    not read, and why. ``tickets``: the sign-off tickets that were. ``ways``: what there is of each part's conventions.
    """

    wanted: Wanted
    taken: Taken | None = None
    failures: Mapping[PartId, TrackerError] = field(default_factory=dict)
    tickets: Mapping[PartId, Ticket] = field(default_factory=dict)
    ways: Mapping[PartId, frozenset[str]] = field(default_factory=dict)


def pull(visit: Visit, wanted: Wanted, store: Store, now: datetime) -> Pulled:
    """A complete reading of everything wanted. Raises StoreError only: a tracker's failure is a fact to be saved."""
    try:
        reading = visit.ask(lambda source: source.read(wanted.named))
    except TrackerError as error:
        return _failed(error, wanted)
    return _Reckoning(visit, wanted, store, now).done(reading)


def pull_changes(visit: Visit, wanted: Wanted, store: Store, now: datetime) -> Pulled:
    """An incremental reading: only what changed since every part was read last.

    Renews what we know of every part, and never counts as a complete reading. Where something was never read whole, or
    its last reading failed, it is a complete one.
    """
    since = _watermark(wanted, store)
    if since is None:
        return pull(visit, wanted, store, now)
    try:
        changed = visit.ask(lambda source: source.changed(since, visit.tracker_now))
        reading = visit.ask(lambda source: _read_again(source, wanted, changed))
    except TrackerError as error:
        return _failed(error, wanted)
    return _Reckoning(visit, wanted, store, now, changed).done(reading)


def placed(release: str, pulled: Pulled) -> list[TrackerError]:
    """What went wrong with this release's parts, each with its gate where it is not the whole tracker's trouble."""
    if pulled.taken is None:
        return [error for part, error in pulled.failures.items() if part[0] == release][:1]
    blind = pulled.wanted.blind
    return [
        error if blind.get(part) is error else type(error)(error.source, f"{part[1]}: {error.message}", error.hint)
        for part, error in pulled.failures.items()
        if part[0] == release
    ]


def name(part: PartId, n: int) -> str:
    """What the n-th query of a part is called in a reading."""
    return f"{part[0]}/{part[1]}/{n}"


def _watermark(wanted: Wanted, store: Store) -> datetime | None:
    """How far all of the parts were read; None when one of them has to be read whole."""
    known = {release: store.watermarks(release) for release, _ in wanted.asked}
    marks = [known[release].get((gate, wanted.tracker)) for release, gate in wanted.asked]
    found = [mark for mark in marks if mark is not None]
    return min(found) if found and len(found) == len(marks) else None


def _read_again(source: Source, wanted: Wanted, changed: frozenset[str]) -> Reading:
    if not changed:
        return Reading(items={}, members=dict.fromkeys(wanted.named, frozenset()), failed={})
    return source.matching(wanted.named, changed)


def _failed(error: TrackerError, wanted: Wanted) -> Pulled:
    return Pulled(wanted=wanted, failures=dict.fromkeys(wanted.asked, error))


@dataclass(slots=True)
class _Reckoning:
    """One reading against what is kept. ``changed``: the ids that were read again, None for a complete reading."""

    visit: Visit
    wanted: Wanted
    store: Store
    now: datetime
    changed: frozenset[str] | None = None
    tickets: dict[PartId, Ticket] = field(default_factory=dict)
    failures: dict[PartId, TrackerError] = field(default_factory=dict)
    ways: dict[PartId, frozenset[str]] = field(default_factory=dict)

    def done(self, reading: Reading) -> Pulled:
        self.failures.update(self.wanted.blind)
        if self.changed is None or self.changed:
            self._read_tickets()
        items = {id_: item for id_, item in reading.items.items() if id_ not in self.wanted.own}
        members = {part: self._members(part, reading, items) for part in self.wanted.asked}
        found = self._looked_up(members)
        parts = tuple(self._part(part, members[part], found) for part in self.wanted.asked)
        taken = self._taken(parts, {**found, **items})
        return Pulled(wanted=self.wanted, taken=taken, failures=self.failures, tickets=self.tickets, ways=self.ways)

    def _read_tickets(self) -> None:
        for part, key in self.wanted.tickets.items():
            try:
                self.tickets[part] = self._ticket(key)
            except TrackerError as error:
                said = f"the sign-off ticket {key} cannot be read: {error.message}"
                self.failures[part] = type(error)(error.source, said, error.hint)

    def _ticket(self, key: str) -> Ticket:
        return self.visit.ask(lambda source: source.ticket(key))

    def _members(self, part: PartId, reading: Reading, items: Mapping[str, Item]) -> frozenset[str]:
        """All ids of the part now; one query that was not read whole makes the part's failure."""
        members: set[str] = set() if self.changed is None else self._unchanged(part, self.changed)
        ways = set[str]()
        for n, _ in enumerate(self.wanted.queries.get(part, ())):
            query = name(part, n)
            if query in reading.failed or query not in reading.members:
                self._fail(part, reading.failed.get(query))
                continue
            members |= {id_ for id_ in reading.members[query] if id_ in items}
            ways |= reading.ways.get(query, frozenset())
        if self.changed is None:
            self._compare_ways(part, frozenset(ways), frozenset(members))
        return frozenset(members)

    def _fail(self, part: PartId, failure: TrackerError | None) -> None:
        error = failure or TrackerError(self.wanted.tracker, "the answer leaves a query out")
        self.failures.setdefault(part, error)

    def _compare_ways(self, part: PartId, ways: frozenset[str], members: frozenset[str]) -> None:
        """A fix version or an epic that existed and is gone may have taken items along: that must not look like less
        work. Where nothing is missing, nobody misses it.
        """
        gone = sorted(self.wanted.ways.get(part, frozenset()) - ways)
        if gone and self._absent(part, members):
            said = f"the {' and the '.join(gone)} by which items were found is gone or was renamed"
            hint = "rename it back, or write selectors for this gate"
            self._fail(part, PermanentError(self.wanted.tracker, said, hint))
        elif part not in self.failures:
            self.ways[part] = ways

    def _unchanged(self, part: PartId, changed: frozenset[str]) -> set[str]:
        known = self.store.members(*part, self.wanted.tracker)
        return {id_ for id_, missed_at in known.items() if missed_at is None} - changed

    def _looked_up(self, members: Mapping[PartId, frozenset[str]]) -> Mapping[str, Item]:
        """Former members that the selectors no longer show, by id: what can be read has left, what cannot is missed."""
        absent = {part: self._absent(part, members[part]) for part in members if part not in self.failures}
        ids: set[str] = set().union(*absent.values())
        try:
            return self.visit.ask(lambda source: source.lookup(sorted(ids))) if ids else {}
        except TrackerError as error:
            self.failures.update({part: error for part, gone in absent.items() if gone})
            return {}

    def _absent(self, part: PartId, members: frozenset[str]) -> set[str]:
        absent = self.store.members(*part, self.wanted.tracker).keys() - members
        return set(absent if self.changed is None else absent & self.changed)

    def _part(self, part: PartId, members: frozenset[str], found: Mapping[str, Item]) -> Part:
        release, gate = part
        asked = self.wanted.asked[part]
        failure = self.failures.get(part)
        if failure is not None:
            return Part(release=release, gate=gate, asked=asked, problem=sentence(failure), refused=refused(failure))
        left = frozenset(found)
        if self.changed is None and self._absent(part, members):
            left = departures(self._before(part), members, found, self.now).left
        return Part(release=release, gate=gate, asked=asked, members=members, left=left)

    def _before(self, part: PartId) -> dict[str, tuple[Item, datetime | None]]:
        """The part's items as last kept, with since when each cannot be found."""
        release, gate = part
        missed = self.store.members(release, gate, self.wanted.tracker)
        seen = self.store.items(release).get(gate, [])
        vanished = [item for sight in self.store.sights(release).get(gate, ()) for item in sight.vanished]
        return {it.id: (it, missed.get(it.id)) for it in (*seen, *vanished) if it.tracker == self.wanted.tracker}

    def _taken(self, parts: tuple[Part, ...], items: Mapping[str, Item]) -> Taken:
        return Taken(
            tracker=self.wanted.tracker,
            kind=self.wanted.kind,
            account=self.visit.account,
            started_at=self.now,
            watermark=self.visit.tracker_now,
            complete=self.changed is None,
            parts=parts,
            items=tuple(items.values()),
        )
