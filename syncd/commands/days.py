"""The demo's days: the daemon's jobs, each when it is due, on a clock that leaps from one to the next.

Called by ``demo`` and by the tests of its story. ``syncd.schedule`` does the same on the machine's clock; here nobody
waits, one job follows the other on one thread, and so the same days pass the same way on every machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from connectors.base import Hint

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from syncd.clock import Turned
    from syncd.daemon import Job
    from syncd.schedule import Jobs

_TAKES_S: Final = 1.0
"""How long each job takes by the clock."""


class Days:
    def __init__(self, daemon: Jobs, clock: Turned) -> None:
        self._daemon = daemon
        self._clock = clock
        self._due: dict[tuple[str, str, timedelta | None], tuple[datetime, Job]] = {}
        for job in daemon.first():
            self._put(job)
            if job.kind in ("poll", "sweep"):
                poll, sweep = daemon.every[job.name]
                self._repeat(job, poll if job.kind == "poll" else sweep, job.at or clock())

    def until(self, moment: datetime, stopped: Callable[[], bool] = lambda: False) -> None:
        """All that is due by then is done, and then it is then. Once it is ``stopped`` nothing begins any more."""
        while not stopped():
            key = min(self._due, key=lambda it: self._due[it][0])
            at, job = self._due[key]
            if at > moment:
                break
            del self._due[key]
            self._clock.turn(at)
            self._clock.wait(_TAKES_S)
            if key[2] is not None:
                self._repeat(job, key[2], at)
            for each in self._daemon.run(job):
                self._put(each)
        self._clock.turn(moment)

    def hinted(self, tracker: str) -> None:
        """Something changed there, as a webhook would tell."""
        for job in self._daemon.hinted(tracker, Hint()):
            self._put(job)

    def _put(self, job: Job) -> None:
        """The earlier of two times wins."""
        key, at = (job.kind, job.name, None), job.at or self._clock()
        if key not in self._due or at < self._due[key][0]:
            self._due[key] = at, job

    def _repeat(self, job: Job, every: timedelta, since: datetime) -> None:
        self._due[job.kind, job.name, every] = since + every, job
