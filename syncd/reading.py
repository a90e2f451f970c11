"""Look at one tracker and save what was seen: the half of the pass that writes to no tracker.

Each look runs under a right of its own, may be killed at any line and is repaired by the next. Called by the commands
and by the daemon; what is read means, the rules decide later.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

from config import questions
from connectors.errors import TemporaryError, TrackerError
from syncd import reopening, strays
from syncd.claim import PATIENCE_S, Claim
from syncd.departures import SECOND_LOOK
from syncd.facts import Facts, facts_of, refresh
from syncd.outside import Outside
from syncd.own import Owners, mark_of
from syncd.pull import Reckoning, behind
from syncd.store.model import Failure
from syncd.store.spool import Spool
from syncd.visit import Visit, refused, sentence, visit
from syncd.wanted import PartId, Questions, Wanted
from syncd.write import settings_of

if TYPE_CHECKING:
    from connectors.base import Source
    from syncd.store.model import SummaryState, Taken


_FARTHEST = timedelta(days=2)
"""A census that would look back further reads everything: it lists what changed anywhere, not only in the gates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a tracker is looked at: completely, at the ids of everything, at what changed, or at what was named. ``ids``
    are those that were named, of which ``deleted`` are said to be gone for good. ``shown``: what the last look at
    changes saw, by id. ``last``: when the census before this one was taken, by the tracker's clock; None: not known.
    """

    way: Literal["complete", "census", "changes", "named"] = "complete"
    ids: frozenset[str] = frozenset()
    deleted: frozenset[str] = frozenset()
    shown: Mapping[str, Shown] = field(default_factory=dict)
    last: datetime | None = None


class Shown(NamedTuple):
    """A probe showed an id with this ``stamp`` first at ``at``; ``again``: it was looked at once more since, after the
    nodes of an index had the time to agree.
    """

    stamp: str
    at: datetime
    again: bool = False


@dataclass(slots=True)
class Seen:
    """What came of looking at one tracker.

    ``items``: how many were read; ``changed``: how many ids were looked at, None for all; ``missed``: the former
    members that cannot be found; ``own``: our own issues and the launch issues among what changed; ``shown``: what a
    look at changes saw, None when it was none or has to be repeated. ``failures``: the parts that were not read, and
    why; ``blind``: those of them for the launch issue's sake; ``error``: why the tracker could not be read at all.
    """

    tracker: str
    items: int = 0
    changed: int | None = None
    missed: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    shown: Mapping[str, Shown] | None = None
    failures: dict[PartId, TrackerError] = field(default_factory=dict)
    blind: frozenset[PartId] = frozenset()
    error: TrackerError | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads trackers into the store. ``patience_s``: how long to wait for another process that reads the same one."""

    questions: Questions
    outside: Outside
    patience_s: float = PATIENCE_S

    def visit(self, tracker: str, open_source: Callable[[str], Source]) -> Visit:
        """Who are we there now; the beginning of every pass."""
        known = self.outside.store.tracker(tracker)
        account = (known.account_id, known.account_name) if known and known.account_id else None
        return visit(tracker, open_source, account)

    def learn(self, visit: Visit, releases: Collection[str], changed: Collection[str] | None) -> Facts:
        """What the tracker tells beside its items, and our own summaries there, before one can be taken for an item.

        ``changed``: the ids that changed there, None when that is not known: as where nothing was read whole, for then
        nobody asks what changed.
        """
        with self._claim(visit.name):
            known = self.outside.store.watermarks(visit.name)
            return self.learned(visit, releases, changed if known else None)

    def read(self, visit: Visit, releases: Collection[str], look: Look) -> Seen:
        """Look at a tracker for these releases and save what was seen, or that it could not be.

        Parts that were never read whole are read so, whichever way the others are looked at. Raises StoreError.
        """
        with self._claim(visit.name) as claim:
            return _Reading(self, visit, releases, claim).done(look)

    def learned(self, visit: Visit, releases: Collection[str], changed: Collection[str] | None) -> Facts:
        """The same, for who has the right to read this tracker already."""
        store = self.outside.store
        facts = facts_of(self.questions.config, store)
        facts = refresh(visit, releases, facts, store, self.outside.now(), None if visit.error else changed)
        store.keep_only(self.questions.all_places(facts))
        known = {it.mark.release: it for it in store.summaries()}
        for release in releases if visit.error is None else ():
            if questions.summary_tracker(self.questions.config, release) == visit.name:
                self._recognise(release, visit.name, facts, known.get(release))
        if {it.mark.release for it in store.summaries() if it.ref} != {name for name, it in known.items() if it.ref}:
            facts = refresh(visit, releases, facts_of(self.questions.config, store), store, self.outside.now(), ())
        return facts

    def wanted(self, tracker: str, releases: Collection[str], facts: Facts) -> Wanted:
        own = Owners(self.questions.config, facts, self.outside.store).own()[tracker]
        return self.questions.wanted(tracker, releases, facts, own)

    def _claim(self, tracker: str) -> Claim:
        it = self.outside
        return Claim(f"read {tracker}", it.store, it.now, it.wait, self.patience_s)

    def _recognise(self, release: str, tracker: str, facts: Facts, known: SummaryState | None) -> None:
        """Find our own summary again after a lost store. One that is named in the file is not taken here: first it must
        be known whose it is.
        """
        if known and (known.ref or known.intent_at):
            return
        settings = settings_of(self.questions.config, release, facts.launch(release), known)
        if settings is None or settings.issue is not None:
            return
        with suppress(TrackerError), closing(self.outside.open_summary(tracker, settings)) as writer:
            ref = writer.find()
            if ref is not None:
                self.outside.store.created(mark_of(replace(settings, generation=writer.generation), tracker), ref)


class _Reading:
    """One look at one tracker, under its claim."""

    def __init__(self, reader: Reader, visit: Visit, releases: Collection[str], claim: Claim) -> None:
        self.reader = reader
        self.visit = visit
        self.releases = releases
        self.claim = claim
        self.store = reader.outside.store
        self.now = reader.outside.now()
        self.seen = Seen(tracker=visit.name)
        self.look = Look()

    def done(self, look: Look) -> Seen:
        self.look = look
        facts = facts_of(self.reader.questions.config, self.store)
        wanted = self.reader.wanted(self.visit.name, self.releases, facts)
        whole = look.way in ("complete", "census")
        try:
            carriers = strays.asked(self.visit, self.releases if whole else (), facts)
            self._look(look, wanted)
            for told in carriers:
                strays.look(self.visit, told(), facts, self.store, wanted.own, self.now)
            if whole:
                reopening.look(self.visit, self.releases, facts.config, self.store, self.now)
        except TemporaryError as lost:
            if lost.source == "syncd":  # the right to go on
                raise
            self._failed(lost, wanted)
        except TrackerError as error:
            self._failed(error, wanted)
        return self.seen

    def _look(self, look: Look, wanted: Wanted) -> None:
        if self.visit.error is not None:
            raise self.visit.error
        unread, since = behind(wanted, self.store)
        if look.way == "complete":
            self._completely(wanted)
            return
        rest = wanted.only(wanted.asked.keys() - unread)
        if since is not None:
            self._beside(look, rest, since)
        if unread and look.way != "named":
            self._completely(wanted.only(unread))

    def _beside(self, look: Look, wanted: Wanted, since: datetime) -> None:
        """Look at parts that were read whole before, some other way than completely."""
        if look.way == "census":
            words = self.visit.ask(lambda source: source.words())
            known = self.store.tracker(self.visit.name)
            last = self._last_census(wanted)
            if last is None or (known and words not in ("", known.words)):
                self._completely(wanted)
            else:
                self._save(wanted, lambda it: it.census(last))
            return
        if look.way == "named":
            self._among(wanted, look.ids, look)
            return
        talks = facts_of(self.reader.questions.config, self.store).talks_at(self.visit.name)
        stamps = self.visit.ask(lambda source: source.changed(since, self.visit.tracker_now, talks))
        shown = {id_: _shown(stamp, look.shown.get(id_), self.now) for id_, stamp in stamps.items()}
        ids = look.ids.union(id_ for id_, it in shown.items() if not it.stamp or it != look.shown.get(id_))
        self._among(self._wanted_after(ids, wanted), ids, look)
        self.store.renew_facts(self.visit.name, self.now)
        if not self.seen.failures:
            self.seen.shown = shown

    def _last_census(self, wanted: Wanted) -> datetime | None:
        """By the tracker's clock, not later than it was: who has just begun goes by the oldest complete reading. None
        where that is not known, or longer ago than is worth looking back.
        """
        now, last = self.visit.tracker_now, self.look.last
        if last is None:
            whole = self.store.complete_at(self.visit.name)
            oldest = min((at for part, at in whole.items() if part in wanted.asked), default=None)
            last = oldest and now - (self.now - oldest)
        return last if last and timedelta() <= now - last <= _FARTHEST else None

    def _among(self, wanted: Wanted, ids: frozenset[str], look: Look) -> None:
        self.seen.changed, self.seen.own = len(ids - wanted.own), ids & wanted.own
        self._save(wanted, lambda it: it.among(ids, moves=look.way == "changes"))

    def _wanted_after(self, changed: frozenset[str], wanted: Wanted) -> Wanted:
        """What is wanted once the launch issue and the tickets among what changed were read: of parts whose question is
        another one now nothing, for the next look reads them whole.
        """
        if not changed:
            return wanted
        facts = self.reader.learned(self.visit, self.releases, changed)
        now = self.reader.wanted(wanted.tracker, self.releases, facts)
        return now.only([part for part, asked in wanted.asked.items() if now.asked.get(part) == asked])

    def _completely(self, wanted: Wanted) -> None:
        if wanted.asked:
            self._save(wanted, lambda it: it.completely())

    def _save(self, wanted: Wanted, pull: Callable[[Reckoning], Taken]) -> None:
        with Spool() as spool:
            reckoning = Reckoning(
                visit=self.visit,
                wanted=wanted,
                store=self.store,
                spool=spool,
                now=self.now,
                alive=self.claim.keep,
                deleted=self.look.deleted,
            )
            taken = pull(reckoning)
            self.claim.renew()
            self.store.save(taken)
            self.seen.items += spool.count
        self.seen.failures |= reckoning.failures
        self.seen.blind |= wanted.blind.keys()
        self.seen.missed |= reckoning.missed
        self._completely(wanted.only(reckoning.doubtful))

    def _failed(self, error: TrackerError, wanted: Wanted) -> None:
        """Nothing was learned, and every gate that rests on this tracker is told why.

        Not where the tracker answers and only more than the changes could not be had for now: the next look at changes
        would take that word back, and each of the two would be written. What was read before gets old by itself.
        """
        self.seen.error = error
        self.seen.failures = dict.fromkeys(wanted.asked, error)
        passing = self.visit.error is None and not refused(error)
        if passing and self.look.way in ("complete", "census"):
            wanted = wanted.only(behind(wanted, self.store)[0])
            if not wanted.asked:
                return
        problem = Failure(
            tracker=wanted.tracker,
            kind=wanted.kind,
            problem=sentence(error),
            refused=refused(error),
            whole=refused(error) and self.visit.error is None,
            parts=wanted.asked,
        )
        self.store.failed(problem)


def _shown(stamp: str, before: Shown | None, now: datetime) -> Shown:
    if before is None or before.stamp != stamp:
        return Shown(stamp, now)
    return before._replace(again=before.again or now - before.at >= SECOND_LOOK)
