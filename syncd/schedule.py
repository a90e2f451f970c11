"""When: the daemon's jobs on APScheduler 3, each on the thread that it names. What a job does is the daemon's.

Called by ``commands.run``, by the reload and, for hints, by the HTTP threads. It must not know what a job means.
Nothing is lost and nothing runs twice at once: a thread runs one job at a time, a job that did not begin yet takes in
every further wish for it, and no delay is too long for a job to be run.
"""

from __future__ import annotations

import gc
import logging
from dataclasses import replace
from datetime import UTC, timedelta
from itertools import count
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Protocol

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from syncd import clock, log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from connectors.base import Hint
    from syncd.daemon import Job

AFTER_A_FAULT = timedelta(minutes=1)
"""A job that ended by a fault of ours is tried again so much later: nobody else would remember it."""
LOOK_S = 2.0
"""How often it is looked whether the machine's clock was set."""
_ANY_NUMBER = 1000
"""APScheduler forgets a one-off job for ever that comes up while ``max_instances`` of its id run or wait for their
thread (schedulers/base.py, ``_process_jobs``). Here it is at most two: one runs, and one waits.
"""


class Jobs(Protocol):
    """What is asked of the daemon."""

    @property
    def every(self) -> Mapping[str, tuple[timedelta, timedelta]]:
        """Tracker → how often it is polled, and swept."""

    def first(self) -> list[Job]: ...

    def run(self, job: Job) -> list[Job]: ...

    def hinted(self, tracker: str, hint: Hint) -> list[Job]: ...


class Schedule:
    """Start it, tell it of hints and of a new configuration, stop it. Its methods may be called from any thread.

    ``leapt``: whether the machine's clock was set since the last question.
    """

    def __init__(self, daemon: Jobs, leapt: Callable[[], bool] | None = None) -> None:
        self._daemon = daemon
        self._leapt = leapt or clock.Leaps().noticed
        self._scheduler = BackgroundScheduler(timezone=UTC, job_defaults={"misfire_grace_time": None})
        self._lock = Lock()
        self._threads: set[str] = set()
        self._regular: set[str] = set()
        self._pending: dict[tuple[str, str], tuple[int, datetime, Job]] = {}
        self._numbers = count()
        self._stopped = False
        self._ended = Event()
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # the daemon's own line tells of each job

    def start(self) -> None:
        self._scheduler.start()
        self.begin_with(self._daemon.first())
        Thread(target=self._watch, name="clock", daemon=True).start()

    def begin_with(self, jobs: Iterable[Job]) -> None:
        """What a configuration begins with: all of it once, its polls and sweeps again and again from then on. Those of
        trackers that are no more end.
        """
        for job in jobs:
            self._put(job)
            if job.kind in ("poll", "sweep"):
                self._repeat(job)
        with self._lock:
            if self._stopped:
                return
            for ident in [it for it in self._regular if it.split()[1] not in self._daemon.every]:
                self._regular.discard(ident)
                self._scheduler.remove_job(ident)

    def hinted(self, tracker: str, hint: Hint) -> None:
        """A webhook came. Returns at once; most hints of a burst find a job that waits already."""
        for job in self._daemon.hinted(tracker, hint):
            self._put(job)

    def stop(self) -> None:
        """Nothing begins any more. What runs is not waited for."""
        with self._lock:
            self._stopped = True
        self._ended.set()
        self._scheduler.pause()
        self._scheduler.remove_all_jobs()  # it stumbles over one that comes due while it shuts down
        self._scheduler.shutdown(wait=False)

    def _watch(self) -> None:
        """Times that were counted by a clock that has been set since mean nothing: what waits is done now, and all
        begins anew.
        """
        while not self._ended.wait(LOOK_S):
            if self._leapt():
                log.logger("schedule").warning("clock_was_set")
                with self._lock:
                    waiting = [replace(job, at=None) for _, _, job in self._pending.values()]
                for job in waiting:
                    self._put(job)
                self.begin_with(self._daemon.first())

    def _repeat(self, job: Job) -> None:
        """From one interval after the job's own time on. What comes due while it is still at work is left out."""
        poll, sweep = self._daemon.every[job.name]
        interval = poll if job.kind == "poll" else sweep
        ident = f"{job.kind} {job.name} again"
        with self._lock:
            if self._stopped:
                return
            self._know(job.thread)
            self._regular.add(ident)
            self._scheduler.add_job(
                self._run,
                IntervalTrigger(seconds=interval.total_seconds(), timezone=UTC),
                (replace(job, at=None),),
                id=ident,
                executor=job.thread,
                next_run_time=(job.at or clock.now()) + interval,
                replace_existing=True,
            )

    def _put(self, job: Job) -> None:
        """Once, at its time; the earlier of two times wins as long as it did not begin."""
        key, at = (job.kind, job.name), job.at or clock.now()
        with self._lock:
            if self._stopped or (key in self._pending and self._pending[key][1] <= at):
                return
            self._know(job.thread)
            number = next(self._numbers)
            self._pending[key] = number, at, job
            self._scheduler.add_job(
                self._begin,
                DateTrigger(at, UTC),
                (job, number),
                id=f"{job.kind} {job.name}",
                executor=job.thread,
                max_instances=_ANY_NUMBER,
                replace_existing=True,
            )

    def _know(self, thread: str) -> None:
        if thread not in self._threads:
            self._threads.add(thread)
            self._scheduler.add_executor(ThreadPoolExecutor(1, {"thread_name_prefix": thread}), thread)

    def _begin(self, job: Job, number: int) -> None:
        """On the job's own thread. One that an earlier time has taken the place of does nothing."""
        with self._lock:
            if self._pending.get((job.kind, job.name), (None,))[0] != number:
                return
            del self._pending[job.kind, job.name]
        self._run(job)

    def _run(self, job: Job) -> None:
        if self._stopped:
            return
        try:
            following = self._daemon.run(job)
        except Exception:  # noqa: BLE001 - a fault of ours must not end what the thread is for
            log.logger("schedule").exception("job_failed", kind=job.kind, name=job.name)
            following = [replace(job, at=clock.now() + AFTER_A_FAULT)]
        for each in following:
            self._put(each)
        gc.collect(1)  # garbage in cycles that waits leaves holes in the heap, which are never given back
