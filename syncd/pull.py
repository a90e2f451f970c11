"""Pull one tracker's part of a pass and save it: items, members, sights and cursor in one transaction.

Called by the pass. An error of one query blinds its gate and no other; an error of the tracker blinds all that read it.
Nothing here judges.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from connectors.base import Query, Reading, Source
from connectors.errors import TrackerError
from mapping.item import Item, Ticket
from syncd.departures import departures
from syncd.store.model import Part, Taken
from syncd.store.store import Store
from syncd.visit import Visit, refused, sentence

PartId = tuple[str, str]
"""(release id, gate id)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a pass wants of one tracker. ``blind``: parts that cannot be asked for in this pass, and why."""

    tracker: str
    kind: str
    queries: dict[PartId, tuple[Query, ...]]
    tickets: dict[PartId, str]
    blind: dict[PartId, TrackerError] = field(default_factory=dict)

    @property
    def parts(self) -> tuple[PartId, ...]:
        return tuple(dict.fromkeys((*self.queries, *self.tickets, *self.blind)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """``tickets``: the sign-off tickets that were read. ``failures``: the parts that were not, and why."""

    tickets: Mapping[PartId, Ticket] = field(default_factory=dict)
    failures: Mapping[PartId, TrackerError] = field(default_factory=dict)


def pull(visit: Visit, wanted: Wanted, store: Store, now: datetime) -> Pulled:
    """A complete reading of everything wanted. Raises StoreError only: a tracker's failure is a fact to be saved."""
    try:
        reading = visit.ask(lambda source: source.read(_named(wanted)))
    except TrackerError as error:
        return _failed(error, wanted, store)
    return _Saving(visit, wanted, store, now).saved(reading)


def pull_changes(visit: Visit, wanted: Wanted, store: Store, now: datetime) -> Pulled:
    """An incremental reading: only what changed since the watermark, of what was read whole before.

    Renews what we know of every part, and never counts as a complete reading. Where something was never read whole, or
    the last reading failed, it is a complete one.
    """
    known = store.tracker(wanted.tracker)
    if known is None or known.watermark is None or known.error or not _all_read(wanted, store):
        return pull(visit, wanted, store, now)
    watermark = known.watermark
    try:
        changed = visit.ask(lambda source: source.changed(watermark, visit.tracker_now))
        reading = visit.ask(lambda source: _read_again(source, wanted, changed))
    except TrackerError as error:
        return _failed(error, wanted, store)
    return _Saving(visit, wanted, store, now, changed).saved(reading)


def _all_read(wanted: Wanted, store: Store) -> bool:
    for release, gate in wanted.queries:
        sights = store.sights(release).get(gate, ())
        if not any(sight.tracker == wanted.tracker and sight.complete_at for sight in sights):
            return False
    return True


def _read_again(source: Source, wanted: Wanted, changed: frozenset[str]) -> Reading:
    if not changed:
        return Reading(items={}, members=dict.fromkeys(_named(wanted), frozenset()), failed={})
    return source.matching(_named(wanted), changed)


def _named(wanted: Wanted) -> dict[str, Query]:
    return {_name(part, n): query for part, queries in wanted.queries.items() for n, query in enumerate(queries)}


def _name(part: PartId, n: int) -> str:
    return f"{part[0]}/{part[1]}/{n}"


def _failed(error: TrackerError, wanted: Wanted, store: Store) -> Pulled:
    store.failed(wanted.tracker, wanted.kind, sentence(error), wanted.parts, refused=refused(error))
    return Pulled(failures=dict.fromkeys(wanted.parts, error))


@dataclass(slots=True)
class _Saving:
    """One reading on its way into the store. ``changed``: the ids that were read again, None for a complete reading."""

    visit: Visit
    wanted: Wanted
    store: Store
    now: datetime
    changed: frozenset[str] | None = None
    tickets: dict[PartId, Ticket] = field(default_factory=dict)
    failures: dict[PartId, TrackerError] = field(default_factory=dict)

    def saved(self, reading: Reading) -> Pulled:
        self.failures.update(self.wanted.blind)
        if self.changed is None or self.changed:
            self._read_tickets()
        members = {part: self._members(part, reading) for part in self.wanted.parts}
        found = self._looked_up(members)
        parts = tuple(self._part(part, members[part], found) for part in self.wanted.parts)
        self.store.save(self._taken(parts, {**found, **reading.items}))
        return Pulled(tickets=self.tickets, failures=self.failures)

    def _read_tickets(self) -> None:
        for part, key in self.wanted.tickets.items():
            try:
                self.tickets[part] = self._ticket(key)
            except TrackerError as error:
                self.failures[part] = error

    def _ticket(self, key: str) -> Ticket:
        return self.visit.ask(lambda source: source.ticket(key))

    def _members(self, part: PartId, reading: Reading) -> frozenset[str]:
        """All ids of the part now; one query that was not read whole makes the part's failure."""
        members: set[str] = set() if self.changed is None else self._unchanged(part, self.changed)
        for n, _ in enumerate(self.wanted.queries.get(part, ())):
            failure = reading.failed.get(_name(part, n))
            if isinstance(failure, TrackerError):
                self.failures.setdefault(part, failure)
            members |= reading.members.get(_name(part, n), frozenset())
        return frozenset(members)

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
        failure = self.failures.get(part)
        if failure is not None:
            return Part(release=release, gate=gate, problem=sentence(failure), refused=refused(failure))
        left = frozenset(found)
        if self.changed is None and self._absent(part, members):
            left = departures(self._before(part), members, found, self.now).left
        return Part(release=release, gate=gate, members=members, left=left)

    def _before(self, part: PartId) -> dict[str, tuple[Item, datetime | None]]:
        """The part's items as last kept, with since when each cannot be found."""
        release, gate = part
        missed = self.store.members(release, gate, self.wanted.tracker)
        seen = self.store.items(release).get(gate, [])
        vanished = [item for sight in self.store.sights(release).get(gate, ()) for item in sight.vanished]
        return {item.id: (item, missed[item.id]) for item in (*seen, *vanished) if item.tracker == self.wanted.tracker}

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
