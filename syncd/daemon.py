"""What follows what: the daemon's jobs, without a clock, a thread or a scheduler of its own.

Run by ``schedule``, each job when it is due and on the thread that it names, and by the simulation on a clock that it
turns itself. What a job does is ``reading`` and ``settling``; here is only decided which comes next. Everything in
memory here may be lost at any time: the store knows what is still to be judged, and the next sweep finds the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING

from config import questions
from connectors.errors import TemporaryError, TrackerError
from syncd import log
from syncd.facts import facts_of
from syncd.hints import Named
from syncd.inforce import InForce, Pending, put_in_force
from syncd.meter import Meter
from syncd.reading import Look, Reader, Seen
from syncd.settling import Passed, settle
from syncd.store.errors import StoreError
from syncd.visit import refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from config.schema import Config
    from connectors.base import Hint
    from syncd.outside import Outside

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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """What a job is to look at, and for which releases."""

    job: Job
    pending: Pending
    releases: Collection[str]
    look: Look
    named: Named = field(default_factory=Named)


class Daemon:
    """``run`` may be called by several threads at once, with jobs of different threads; ``hinted`` by any."""

    def __init__(self, config: Config, outside: Outside, meter: Meter | None = None) -> None:
        self.meter = meter or Meter()
        self._lock = Lock()
        self._visits: set[str] = set()
        self._force = put_in_force(config, outside, {})

    @property
    def every(self) -> Mapping[str, tuple[timedelta, timedelta]]:
        """Tracker → how often it is polled and swept."""
        force = self._force
        return {name: (it.poll, it.sweep) for name, it in force.config.trackers.items() if name in force.pending}

    @property
    def outside(self) -> Outside:
        """What is in force now."""
        return self._force.outside

    def first(self) -> list[Job]:
        """What to do at the start, and when no time holds any more since the clock was set: look at every tracker, and
        say a word about each release however slow they are.
        """
        with self._lock:
            force = self._force = replace(self._force, began=self._force.outside.now())
        polls = [_job("poll", name) for name in force.pending]
        sweeps = [_job("sweep", name, force.began + force.config.trackers[name].poll) for name in force.pending]
        return [*polls, *sweeps, *(_settle(force, release) for release in force.config.releases)]

    def reload(self, config: Config, outside: Outside) -> list[Job]:
        """A new configuration in force; what to do first. What runs now ends with the old one, whose readings the store
        forgets where another question is asked now.
        """
        with self._lock:
            self._force = put_in_force(config, outside, self._force.pending)
        return self.first()

    def hinted(self, tracker: str, hint: Hint) -> list[Job]:
        """A webhook came. Many at once make one look."""
        pending = self._force.pending.get(tracker)
        if pending is None:
            return []
        pending.hints.hear(hint)
        return [_job("look", tracker)]

    def run(self, job: Job) -> list[Job]:
        """Does it; what must follow. A tracker or a store that fails ends the job and not the daemon."""
        force = self._force
        try:
            return self._settled(force, job.name) if job.kind == "settle" else self._looked(force, job)
        except (StoreError, TrackerError) as error:
            ours = isinstance(error, TrackerError) and error.source == "syncd"  # another process does it, which is well
            level = log.logger("daemon").info if ours else log.logger("daemon").warning
            level("job_refused", job=job.kind, name=job.name, problem=str(error))
        if job.kind == "poll":  # it comes again by itself
            return []
        rest = force.config.trackers[job.name].poll if job.kind == "sweep" else RETRY
        return [replace(job, at=force.outside.now() + rest)]

    def _looked(self, force: InForce, job: Job) -> list[Job]:
        task = self._task(force, job)
        if task is None:
            return []
        try:
            return self._seen(force, task)
        except Exception:
            self._put_back(task)
            raise

    def _task(self, force: InForce, job: Job) -> _Task | None:
        """None when somebody else did it, or the configuration no longer has the tracker."""
        pending = force.pending.get(job.name)
        if pending is None:
            return None
        hints, everyone = pending.hints, force.reading(job.name)
        if job.kind == "read":
            with self._lock:
                releases = [it for it in everyone if it in pending.complete]
                pending.complete = set()
            look = Look(deleted=hints.deleted)
            return _Task(job=job, pending=pending, releases=releases, look=look) if releases else None
        if job.kind == "sweep":
            look = Look(way="census", deleted=hints.deleted, last=pending.swept_at)
            return _Task(job=job, pending=pending, releases=everyone, look=look)
        named = hints.take(force.outside.now())
        if job.kind == "look" and not named.calls_for_a_look:
            return None
        look = Look(way="named", ids=named.ids, deleted=named.deleted)
        if job.kind == "poll" or named.anything:
            look = replace(look, way="changes", shown=pending.shown)
        return _Task(job=job, pending=pending, releases=everyone, look=look, named=named)

    def _put_back(self, task: _Task) -> None:
        """What was to be looked at still is: the next poll does it, if nothing does before."""
        task.pending.hints.put_back(task.named)
        if task.job.kind == "read":
            with self._lock:
                task.pending.complete |= set(task.releases)

    def _seen(self, force: InForce, task: _Task) -> list[Job]:
        name, pending, began = task.job.name, task.pending, force.outside.now()
        reader = Reader(force.questions, force.outside, patience_s=0)
        visit = reader.visit(name, lambda tracker: pending.opened.of(force.outside, tracker))
        whole = task.look.way in ("complete", "census")
        reader.learn(visit, task.releases, changed=None if whole else task.look.ids)
        seen = reader.read(visit, task.releases, task.look)
        pending.tried = True
        if task.job.kind == "read":
            pending.read_at |= dict.fromkeys(task.releases, began)
        if task.job.kind == "sweep" and seen.error is None:  # a part that failed is read whole before it counts again
            pending.swept_at = visit.tracker_now
        took = force.outside.now() - began
        self.meter.passed(name, took.total_seconds())
        _tell(task.job, task.look, seen, took)
        visits = _whose(force, name, seen.own) if seen.own else set()  # somebody, perhaps we, wrote to it
        if task.job.kind == "sweep":
            visits |= {it for it in task.releases if questions.summary_tracker(force.config, it) == name}
        with self._lock:
            self._visits |= visits
        _decide(force, task, seen)
        return [*self._once_more(force, task, seen), *_following(force, task, seen, visits)]

    def _once_more(self, force: InForce, task: _Task, seen: Seen) -> list[Job]:
        """What no other job would do again, when it could not be done."""
        passing = [it for part, it in seen.failures.items() if part not in seen.blind and not refused(it)]
        error = seen.error or next(iter(passing), None)
        if error is None:
            return []
        if seen.error or task.job.kind != "read":
            self._put_back(task)
        if task.job.kind == "sweep" or (seen.error and task.job.kind == "read"):
            rest = max(force.config.trackers[task.job.name].poll, _pause(error))
            return [replace(task.job, at=force.outside.now() + rest)]
        return []

    def _settled(self, force: InForce, release: str) -> list[Job]:
        if release not in force.config.releases:
            return []
        if not _is_due(force, release) and force.outside.now() < force.began + FIRST_WORD:
            return [_settle(force, release, force.began + FIRST_WORD)]
        with self._lock:
            visits = release in self._visits
            self._visits.discard(release)  # what is heard of from now on calls for another visit
        rested_at, passed = _rested_at(force, release), None
        look = visits and rested_at <= force.outside.now()
        try:
            passed = settle(force.questions, release, force.outside, write=True, look=look, patience_s=0)
        finally:
            if visits and (passed is None or passed.outcome is None):
                with self._lock:
                    self._visits.add(release)
        if passed.outcome is not None and passed.outcome.kind != "unchanged":
            self.meter.wrote(questions.summary_tracker(force.config, release), passed.outcome.kind)
        _told(passed)
        waits = visits and not look and passed.outcome is None
        times = [*([passed.again_at] if passed.again_at else []), *([rested_at] if waits else [])]
        again = [_settle(force, release, max(min(times), force.outside.now() + _SOON))] if times else []
        return again + self._reads(force, release, passed.reads)

    def _reads(self, force: InForce, release: str, wanted: Collection[str]) -> list[Job]:
        """These trackers completely, for this release, and no other any more; none more often than it is polled,
        whatever comes of it.
        """
        jobs, now = [], force.outside.now()
        with self._lock:
            for name in force.trackers[release]:
                pending, last = force.pending[name], force.pending[name].read_at.get(release)
                if name in wanted:
                    pending.complete.add(release)
                    jobs.append(_job("read", name, last and min(last, now) + force.config.trackers[name].poll))
                else:
                    pending.complete.discard(release)
        return jobs


def _settle(force: InForce, release: str, at: datetime | None = None) -> Job:
    """On a thread of its own for each tracker that is written to: a long reading holds up no summary."""
    home = questions.summary_tracker(force.config, release)
    return Job(kind="settle", name=release, thread=f"write {home}", at=at)


def _job(kind: str, tracker: str, at: datetime | None = None) -> Job:
    return Job(kind=kind, name=tracker, thread=f"read {tracker}", at=at)


def _decide(force: InForce, task: _Task, seen: Seen) -> None:
    """What this look says of ids that were missed before or called deleted: nothing, where it could not see them."""
    hints, tracker = task.pending.hints, task.job.name
    hints.miss(seen.missed, force.outside.now())
    if not seen.failures and seen.error is None and task.job.kind != "read":
        hints.found(seen.missed, None if task.job.kind == "sweep" else task.look.ids)
    if task.look.deleted and seen.error is None:
        known, read = (
            force.outside.store.members_among(tracker, task.look.deleted),
            force.outside.store.watermarks(tracker),
        )
        looked_at = read.keys() - seen.failures.keys() if task.look.way != "named" else set()
        open_ = [known[part] for part in known if part not in looked_at or part[0] not in task.releases]
        hints.decided(task.look.deleted.difference(*open_))


def _following(force: InForce, task: _Task, seen: Seen, visits: set[str]) -> list[Job]:
    tracker, pending = task.job.name, task.pending
    if seen.shown is not None:
        pending.shown = seen.shown
    second_look = pending.hints.next_at
    # said again after each look: an earlier one takes the place of a job that waits
    jobs = [_job("look", tracker, second_look)] if second_look else []
    touched = [it for it in force.outside.store.touched() if it in force.config.releases]
    jobs += [_settle(force, it) for it in sorted({*touched, *visits}) if _is_due(force, it)]
    return jobs + [_job("poll", name) for name in _unread(force, tracker, touched)]


def _whose(force: InForce, tracker: str, ids: Collection[str]) -> set[str]:
    """The releases whose summary issue is among these."""
    known = force.outside.store.summaries()
    return {it.mark.release for it in known if it.ref and it.ref.id in ids and it.mark.tracker == tracker}


def _is_due(force: InForce, release: str) -> bool:
    """The first word on a release waits until every tracker had its chance to answer."""
    if all(force.pending[name].tried for name in force.trackers[release]):
        return True
    return force.outside.store.judgement(release) is not None


def _unread(force: InForce, tracker: str, touched: Iterable[str]) -> set[str]:
    """The other trackers that are asked something else now, since this one told something new of a launch: what was
    read in answer to the old question is forgotten.
    """
    store = force.outside.store
    facts = facts_of(force.config, store)
    asked = {place for release in touched for place in force.questions.places(release, facts)}
    tried = {it for it in asked if it[2] != tracker and force.pending[it[2]].tried}
    seen = {release: store.sights(release) for release in {it[0] for it in tried}}
    known = {(release, gate, it.tracker) for release in seen for gate, sights in seen[release].items() for it in sights}
    return {name for _, _, name in tried - known}


def _rested_at(force: InForce, release: str) -> datetime:
    """From when on a mere visit, which may end in a write, comes not too soon after the last write. One that lies ahead
    of us, since the clock was set back, says nothing.
    """
    known, now = force.outside.store.summary(release), force.outside.now()
    accepted = known.accepted if known else None
    return accepted.at + force.config.min_write_interval if accepted and accepted.at <= now else now


def _pause(error: TrackerError) -> timedelta:
    """How long a tracker that could not be read is left in peace."""
    asked = error.retry_after_s if isinstance(error, TemporaryError) else None
    return max(RETRY, timedelta(seconds=asked or 0))


def _tell(job: Job, look: Look, seen: Seen, took: timedelta) -> None:
    way = "complete" if look.way == "changes" and seen.changed is None else look.way  # nothing was read whole before
    facts = {"tracker": job.name, "way": way, "items": seen.items, "took_s": round(took.total_seconds(), 3)}
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
