"""Pull one tracker's part of a pass: what to save of it, in one transaction, and which parts could not be read.

Called by the pass, which saves. There are four ways to look: completely, at the ids of everything (a census), at what
changed, at what a webhook named. An error of one query blinds its gate and no other; an error of the tracker is raised.
Nothing here judges or writes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from connectors.base import Reading
from connectors.errors import PermanentError, TrackerError
from syncd.departures import departures, is_mass
from syncd.store.model import Part, Taken
from syncd.store.spool import Spool
from syncd.store.store import Store
from syncd.visit import Visit, refused, sentence
from syncd.wanted import PartId, Wanted

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from mapping.item import Item

TOO_FAR_BEHIND = timedelta(hours=1)
"""A part that could not be read for so long, while others could, is read whole: its window would only grow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """One reading on its way into the store. ``alive`` is called while it is read, which may take minutes.
    ``deleted``: the ids that a webhook called gone for good.

    ``failures``: the parts that were not read, and why. ``doubtful``: the parts of which so much left at once that only
    a complete reading may say so; they are left out of what is to be saved. ``missed``: the ids of former members that
    cannot be found, even by id.
    """

    visit: Visit
    wanted: Wanted
    store: Store
    spool: Spool
    now: datetime
    alive: Callable[[], None]
    deleted: frozenset[str] = frozenset()
    failures: dict[PartId, TrackerError] = field(default_factory=dict)
    doubtful: set[PartId] = field(default_factory=set)
    missed: set[str] = field(default_factory=set)

    def completely(self) -> Taken:
        """Everything wanted, read afresh."""
        reading = self.visit.ask(lambda source: source.read(self.wanted.named, self._keep))
        return self._taken(reading, complete=True)

    def census(self, since: datetime) -> Taken:
        """The ids of everything, both ways: what is new or was not readable is read, what is gone is looked up.

        What changed ``since`` the census before (by the tracker's clock) is read once more: it may have been out of
        sight then, and no probe looks back so far.
        """
        reading = self.visit.ask(lambda source: source.census(self.wanted.named))
        changed = self.visit.ask(lambda source: source.changed(since, self.visit.tracker_now))
        ids = frozenset[str]().union(*reading.members.values()) - self.wanted.own
        known = self.store.known_ids(self.wanted.tracker, ids) - self.store.missed_of(self.wanted.tracker)
        new = (ids - known) | (ids & changed.keys())
        found = self.visit.ask(lambda source: source.lookup(sorted(new))) if new else {}
        self._keep(list(found.values()))
        return self._taken(reading, unread=new - found.keys() - known)

    def among(self, ids: frozenset[str], *, moves: bool) -> Taken:
        """These ids alone. ``moves``: they are all that changed, so that the watermark may move."""
        asked = ids - self.wanted.own
        reading = Reading(items={}, members=dict.fromkeys(self.wanted.named, frozenset()), failed={})
        if asked:
            reading = self.visit.ask(lambda source: source.matching(self.wanted.named, asked))
        self._keep(list(reading.items.values()))
        return self._taken(reading, among=asked | reading.items.keys(), moves=moves)

    def _keep(self, items: Sequence[Item]) -> None:
        self.spool.add(item for item in items if item.id not in self.wanted.own)
        self.alive()

    def _taken(
        self,
        reading: Reading,
        *,
        complete: bool = False,
        among: frozenset[str] | None = None,
        unread: frozenset[str] = frozenset(),
        moves: bool = False,
    ) -> Taken:
        self.failures.update(self.wanted.blind)
        members = {part: self._members(part, reading, unread) for part in self.wanted.asked}
        absent = self._absent(members, among)
        self._compare_ways(reading, absent)
        found = self._looked_up(absent, reading)
        if among is not None:
            self.doubtful.update(part for part, gone in absent.items() if self._is_mass(part, gone.keys() & found))
        parts = tuple(
            self._part(part, ids, absent.get(part, {}), found, reading)
            for part, ids in members.items()
            if part not in self.doubtful
        )
        return Taken(
            tracker=self.wanted.tracker,
            kind=self.wanted.kind,
            account=self.visit.account,
            started_at=self.now,
            watermark=self.visit.tracker_now if complete or moves else None,
            complete=complete,
            parts=parts,
            contents=self.spool,
            among=among,
            words=reading.words,
        )

    def _members(self, part: PartId, reading: Reading, unread: frozenset[str]) -> frozenset[str]:
        """The part's ids; one query that was not read whole makes the part's failure."""
        ids: set[str] = set()
        for name in self.wanted.queries.get(part, {}):
            if name in reading.members:
                ids |= reading.members[name]
            else:
                self._fail(part, reading.failed.get(name))
        if ids & unread:
            self._fail(part, TrackerError(self.wanted.tracker, f"{len(ids & unread)} of its items cannot be read"))
        return frozenset(ids - self.wanted.own)

    def _fail(self, part: PartId, failure: TrackerError | None) -> None:
        error = failure or TrackerError(self.wanted.tracker, "the answer leaves a query out")
        self.failures.setdefault(part, error)

    def _absent(
        self, members: Mapping[PartId, frozenset[str]], among: frozenset[str] | None
    ) -> dict[PartId, dict[str, datetime | None]]:
        """Former members that were looked for and are not there any more, with since when each is missed."""
        tracker = self.wanted.tracker
        known = None if among is None else self.store.members_among(tracker, among)
        absent = {}
        for part, ids in members.items():
            if part not in self.failures:
                before = self.store.members(*part, tracker) if known is None else known.get(part, {})
                absent[part] = {id_: missed for id_, missed in before.items() if id_ not in ids}
        return {part: gone for part, gone in absent.items() if gone}

    def _compare_ways(self, reading: Reading, absent: dict[PartId, dict[str, datetime | None]]) -> None:
        """A fix version or an epic that existed and is gone may have taken items along: that must not look like less
        work. Where nothing is missing, nobody misses it.
        """
        known = self.store.ways(self.wanted.tracker) if absent and reading.ways else {}
        for part in absent.keys() & known.keys():
            gone = sorted(known[part] - self._ways(part, reading))
            if gone:
                said = f"the {' and the '.join(gone)} by which items were found is gone or was renamed"
                hint = "rename it back, or write selectors for this gate"
                self._fail(part, PermanentError(self.wanted.tracker, said, hint))
                del absent[part]

    def _is_mass(self, part: PartId, left: Collection[str]) -> bool:
        return is_mass(len(left), self.store.count_members(*part, self.wanted.tracker))

    def _ways(self, part: PartId, reading: Reading) -> frozenset[str]:
        return frozenset[str]().union(*(reading.ways.get(name, ()) for name in self.wanted.queries.get(part, {})))

    def _looked_up(self, absent: Mapping[PartId, Mapping[str, datetime | None]], reading: Reading) -> frozenset[str]:
        """Those of the absent that can be read by their id: they have left; what cannot is missed."""
        ids = frozenset[str]().union(*absent.values()) - reading.items.keys()
        if not ids:
            return frozenset(reading.items)
        try:
            found = self.visit.ask(lambda source: source.lookup(sorted(ids)))
        except TrackerError as error:
            self.failures.update(dict.fromkeys(absent, error))
            return frozenset()
        self._keep(list(found.values()))
        self.missed.update(ids - found.keys())
        return frozenset(found) | reading.items.keys()

    def _part(
        self,
        part: PartId,
        members: frozenset[str],
        absent: Mapping[str, datetime | None],
        found: frozenset[str],
        reading: Reading,
    ) -> Part:
        release, gate = part
        asked = self.wanted.asked[part]
        failure = self.failures.get(part)
        if failure is not None:
            return Part(release=release, gate=gate, asked=asked, problem=sentence(failure), refused=refused(failure))
        left = self._left(part, absent, found) if absent else frozenset()
        ways = self._ways(part, reading) if reading.ways else None
        return Part(release=release, gate=gate, asked=asked, members=members, left=left, ways=ways)

    def _left(self, part: PartId, absent: Mapping[str, datetime | None], found: frozenset[str]) -> frozenset[str]:
        items = self.store.items_by_id(self.wanted.tracker, absent)
        gone = {id_: (items[id_], missed) for id_, missed in absent.items() if id_ in items}
        whole = self.store.count_members(*part, self.wanted.tracker)
        besides = len(self.store.missed(*part, self.wanted.tracker) - absent.keys())
        return departures(gone, whole, found, self.deleted, self.now, besides).left


def behind(wanted: Wanted, store: Store) -> tuple[frozenset[PartId], datetime | None]:
    """The parts that have to be read whole, and since when the others have to be looked at (None: there are none)."""
    known = store.watermarks(wanted.tracker)
    marks = {part: known[part] for part in wanted.asked if part in known}
    newest = max(marks.values(), default=None)
    recent = {part: mark for part, mark in marks.items() if newest is not None and newest - mark < TOO_FAR_BEHIND}
    return frozenset(wanted.asked.keys() - recent.keys()), min(recent.values(), default=None)
