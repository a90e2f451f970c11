"""What follows what: the daemon's jobs, without a clock, a thread or a scheduler of its own.

Run by ``schedule``, each job when it is due and on the thread that it names, and by the simulation on a clock that it
turns itself. What a job does is ``reading`` and ``settling``; here is only decided which comes next. Everything in
memory here may be lost at any time: the store knows what is still to be judged, and the next sweep finds the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING

from config import questions
from connectors.base import Source
from connectors.errors import TemporaryError, TrackerError
from syncd import log
from syncd.departures import SECOND_LOOK
from syncd.facts import facts_of
from syncd.meter import Meter
from syncd.reading import Look, Reader, Seen
from syncd.settling import Passed, settle
from syncd.store.errors import StoreError
from syncd.wanted import Questions, trackers_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from config.schema import Config
    from connectors.base import Hint
    from syncd.outside import Outside
    from syncd.visit import Visit

FIRST_WORD = timedelta(minutes=1)
"""A release that was never judged waits no longer than this for a tracker that does not answer."""
RETRY = timedelta(seconds=30)
_SOON = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """``kind``: "poll" (what changed), "sweep" (the ids of everything), "look" (what webhooks named) or "read" (all
    of it afresh) of a tracker; "settle" of a release. ``thread``: jobs of one thread never overlap. ``at`` None: now.
    """

    kind: str
    name: str
    thread: str
    at: datetime | None = None


@dataclass(slots=True)
class _Pending:
    """What is known of a tracker between two jobs: ids to look at, those said to be deleted, those to look for again at
    a time; the releases that want it read completely; when it was last read so for each; what the last probe saw;
    the source that we read with, and one of an older configuration, to be closed on the thread that used it.
    """

    ids: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    anything: bool = False
    later: list[tuple[datetime, frozenset[str]]] = field(default_factory=list)
    complete: set[str] = field(default_factory=set)
    read_at: dict[str, datetime] = field(default_factory=dict)
    stamps: Mapping[str, str] = field(default_factory=dict)
    tried: bool = False
    source: Source | None = None
    old: Source | None = None

    def for_another(self) -> _Pending:
        """What goes on under another configuration: what was named still is, and nothing counts as read."""
        old = self.source or self.old
        return _Pending(ids=self.ids, deleted=self.deleted, anything=self.anything, later=self.later, old=old)


class Daemon:
    """``run`` may be called by several threads at once, with jobs of different threads; ``hinted`` by any."""

    def __init__(self, config: Config, outside: Outside, meter: Meter | None = None) -> None:
        self.meter = meter or Meter()
        self._lock = Lock()
        self._visits: set[str] = set()
        self._pending: dict[str, _Pending] = {}
        self._take(config, outside)

    @property
    def every(self) -> Mapping[str, tuple[timedelta, timedelta]]:
        """Tracker → how often it is polled and swept."""
        return {name: (it.poll, it.sweep) for name, it in self._config.trackers.items() if name in self._pending}

    @property
    def outside(self) -> Outside:
        """What is in force now."""
        return self._outside

    def first(self) -> list[Job]:
        """What to do at the start: look at every tracker, and say a word about each release however slow they are."""
        polls = [self._job("poll", name) for name in self._pending]
        sweeps = [self._job("sweep", name, self._began + self._config.trackers[name].poll) for name in self._pending]
        return [*polls, *sweeps, *(self._settle(release) for release in self._config.releases)]

    def reload(self, config: Config, outside: Outside) -> list[Job]:
        """A new configuration in force; what to do first. What runs now ends with the old one, whose readings the store
        forgets where another question is asked now.
        """
        with self._lock:
            self._take(config, outside)
        return self.first()

    def hinted(self, tracker: str, hint: Hint) -> list[Job]:
        """A webhook came. Many at once make one look."""
        with self._lock:
            pending = self._pending.get(tracker)
            if pending is None:
                return []
            pending.ids |= hint.ids
            pending.deleted |= hint.deleted
            pending.anything |= not hint.ids
        return [self._job("look", tracker)]

    def run(self, job: Job) -> list[Job]:
        """Does it; what must follow. A tracker or a store that fails ends the job and not the daemon."""
        try:
            return self._settled(job.name) if job.kind == "settle" else self._looked(job)
        except (StoreError, TrackerError) as error:
            log.logger("daemon").warning("job_refused", job=job.kind, name=job.name, problem=str(error))
        regular = job.kind in ("poll", "sweep")
        return [] if regular else [replace(job, at=self._outside.now() + RETRY)]

    def _take(self, config: Config, outside: Outside) -> None:
        self._config = config
        self._outside = outside
        self._questions = Questions(config)
        self._began = outside.now()
        old = self._pending
        self._trackers = {release: trackers_of(config, [release]) for release in config.releases}
        names = sorted(set().union(*self._trackers.values()))
        self._pending = {name: old[name].for_another() if name in old else _Pending() for name in names}

    def _looked(self, job: Job) -> list[Job]:
        pending = self._pending.get(job.name)
        if pending is None:  # a tracker that the configuration no longer has
            return []
        releases, look = self._look(job, pending)
        if look is None:
            return []
        began = self._outside.now()
        reader = Reader(self._questions, self._outside, patience_s=0)
        whole = look.way in ("complete", "census")
        try:
            visit = self._visit(reader, job.name, pending)
            reader.learn(visit, releases, changed=None if whole else look.ids)
            seen = reader.read(visit, releases, look)
        except (StoreError, TrackerError):
            self._put_back(pending, look, releases)
            raise
        pending.tried = True
        if look.way == "complete":
            pending.read_at |= dict.fromkeys(releases, began)
        took = self._outside.now() - began
        self.meter.passed(job.name, took.total_seconds())
        _tell(job, look, seen, took)
        again = []
        if seen.error is not None and (look.deleted or look.way == "complete"):  # no other look does what these do
            self._put_back(pending, look, releases)
            rest = self._config.trackers[job.name].poll if look.way == "complete" else RETRY
            again = [replace(job, at=self._outside.now() + max(rest, _pause(seen.error)))]
        visits = self._whose(job.name, seen.own) if seen.own else set()  # somebody, perhaps we, wrote to it
        if job.kind == "sweep":
            visits |= {it for it in releases if questions.summary_tracker(self._config, it) == job.name}
        self._visits |= visits
        return again + self._following(job.name, pending, seen, visits)

    def _put_back(self, pending: _Pending, look: Look, releases: Collection[str]) -> None:
        """What was to be looked at still is."""
        with self._lock:
            pending.ids |= look.ids
            pending.deleted |= look.deleted
            pending.complete |= set(releases) if look.way == "complete" else set()

    def _look(self, job: Job, pending: _Pending) -> tuple[Collection[str], Look | None]:
        """What the job is to look at for which releases; None when somebody else did."""
        everyone = [it for it, trackers in self._trackers.items() if job.name in trackers]
        with self._lock:
            if job.kind == "read":
                wanting, pending.complete = pending.complete, set()
                releases = [it for it in everyone if it in wanting]
                return releases, Look() if releases else None
            if job.kind == "look":
                return everyone, self._named(pending)
        return everyone, Look(way="census") if job.kind == "sweep" else Look(way="changes", stamps=pending.stamps)

    def _named(self, pending: _Pending) -> Look | None:
        now = self._outside.now()
        due = [ids for at, ids in pending.later if at <= now]
        pending.later[:] = [(at, ids) for at, ids in pending.later if at > now]
        ids, deleted = frozenset(pending.ids).union(*due), frozenset(pending.deleted)
        anything, pending.anything = pending.anything, False
        pending.ids.clear()
        pending.deleted.clear()
        if anything:
            return Look(way="changes", ids=ids, deleted=deleted, stamps=pending.stamps)
        return Look(way="named", ids=ids, deleted=deleted) if ids else None

    def _visit(self, reader: Reader, tracker: str, pending: _Pending) -> Visit:
        def opened(name: str) -> Source:
            if pending.old is not None:
                pending.old.close()
                pending.old = None
            if pending.source is None:
                pending.source = self._outside.open_source(name)
            return pending.source

        return reader.visit(tracker, opened)

    def _following(self, tracker: str, pending: _Pending, seen: Seen, visits: set[str]) -> list[Job]:
        jobs = self._second_look(tracker, pending, seen)
        if seen.stamps is not None:
            pending.stamps = seen.stamps
        touched = [it for it in self._outside.store.touched() if it in self._config.releases]
        jobs += [self._settle(it) for it in sorted({*touched, *visits}) if self._is_due(it)]
        return jobs + [self._job("poll", name) for name in self._unread(tracker, touched)]

    def _second_look(self, tracker: str, pending: _Pending, seen: Seen) -> list[Job]:
        """The next one, said again after each look: an earlier one takes the place of a job that waits."""
        with self._lock:
            if seen.missed:
                pending.later.append((self._outside.now() + SECOND_LOOK, seen.missed))
            times = [at for at, _ in pending.later]
        return [self._job("look", tracker, min(times))] if times else []

    def _whose(self, tracker: str, ids: Collection[str]) -> set[str]:
        """The releases whose summary issue is among these."""
        known = self._outside.store.summaries()
        return {it.mark.release for it in known if it.ref and it.ref.id in ids and it.mark.tracker == tracker}

    def _is_due(self, release: str) -> bool:
        """The first word on a release waits until every tracker had its chance to answer."""
        if all(self._pending[name].tried for name in self._trackers[release]):
            return True
        return self._outside.store.judgement(release) is not None

    def _unread(self, tracker: str, touched: Iterable[str]) -> set[str]:
        """The other trackers that are asked something else now, since this one told something new of a launch: what
        was read in answer to the old question is forgotten.
        """
        facts = facts_of(self._config, self._outside.store)
        asked = {place for release in touched for place in self._questions.places(release, facts)}
        tried = {it for it in asked if it[2] != tracker and self._pending[it[2]].tried}
        seen = {release: self._outside.store.sights(release) for release in {it[0] for it in tried}}
        known = {
            (release, gate, it.tracker) for release in seen for gate, sights in seen[release].items() for it in sights
        }
        return {name for _, _, name in tried - known}

    def _settled(self, release: str) -> list[Job]:
        if release not in self._config.releases:
            return []
        if not self._is_due(release) and self._outside.now() < self._began + FIRST_WORD:
            return [self._settle(release, self._began + FIRST_WORD)]
        rested_at = self._rested_at(release)
        visits = release in self._visits
        look = visits and rested_at <= self._outside.now()
        passed = settle(self._questions, release, self._outside, write=True, look=look, patience_s=0)
        if passed.outcome is not None:
            self._visits.discard(release)
            if passed.outcome.kind != "unchanged":
                self.meter.wrote(questions.summary_tracker(self._config, release), passed.outcome.kind)
        _told(passed)
        now = self._outside.now()
        times = [*([passed.again_at] if passed.again_at else []), *([rested_at] if visits and not look else [])]
        again = [self._settle(release, max(min(times), now + _SOON))] if times else []
        return again + self._reads(release, passed.reads)

    def _rested_at(self, release: str) -> datetime:
        """From when on a mere visit, which may end in a write, comes not too soon after the last write."""
        known = self._outside.store.summary(release)
        now = self._outside.now()
        return min(now, known.accepted.at) + self._config.min_write_interval if known and known.accepted else now

    def _reads(self, release: str, wanted: Collection[str]) -> list[Job]:
        """These trackers completely, for this release, and no other any more; none more often than it is polled,
        whatever comes of it.
        """
        jobs, now = [], self._outside.now()
        with self._lock:
            for name in self._trackers[release]:
                pending, last = self._pending[name], self._pending[name].read_at.get(release)
                if name in wanted:
                    pending.complete.add(release)
                    jobs.append(self._job("read", name, last and min(last, now) + self._config.trackers[name].poll))
                else:
                    pending.complete.discard(release)
        return jobs

    def _job(self, kind: str, tracker: str, at: datetime | None = None) -> Job:
        return Job(kind=kind, name=tracker, thread=f"read {tracker}", at=at)

    def _settle(self, release: str, at: datetime | None = None) -> Job:
        """On a thread of its own for each tracker that is written to: a long reading holds up no summary."""
        home = questions.summary_tracker(self._config, release)
        return Job(kind="settle", name=release, thread=f"write {home}", at=at)


def _pause(error: TrackerError) -> timedelta:
    """How long a tracker that could not be read is left in peace."""
    asked = error.retry_after_s if isinstance(error, TemporaryError) else None
    return max(RETRY, timedelta(seconds=asked or 0))


def _tell(job: Job, look: Look, seen: Seen, took: timedelta) -> None:
    facts = {"tracker": job.name, "way": look.way, "items": seen.items, "took_s": round(took.total_seconds(), 3)}
    if seen.changed is not None:
        facts["looked_at"] = seen.changed
    problems = sorted({str(error) for error in seen.failures.values()})
    if problems:
        log.logger("daemon").warning("tracker_read", **facts, problems=problems[:5])
    else:
        log.logger("daemon").info("tracker_read", **facts)


def _told(passed: Passed) -> None:
    facts = {
        "release": passed.release,
        "verdict": passed.draft.readiness.verdict.value,
        "wrote": passed.outcome.kind if passed.outcome else "nothing",
    }
    problems = [str(error) for error in passed.problems] + list(passed.outcome.problems if passed.outcome else ())
    if problems:
        log.logger("daemon").warning("release_settled", **facts, problems=problems[:5])
    else:
        log.logger("daemon").info("release_settled", **facts)
