"""A process that fails or dies at its n-th database operation, over a scene that begins again each time.

The real daemon, store and client libraries on a virtual clock; the trackers' sandboxes without a socket. Called by the
tests of crashes.
"""

from __future__ import annotations

import copy
import itertools
import os
import shutil
import socket
import sqlite3
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self
from unittest import mock

import sqlalchemy as sa
from sqlalchemy import event

from connectors.deadline import Deadline
from connectors.pace import Pace
from syncd import app, claim
from syncd.daemon import Daemon
from syncd.sandbox.jira import JiraSandbox, JiraWorld
from syncd.sandbox.linear import LinearSandbox, LinearWorld
from tests.simulation.shelf import quick_store
from tests.simulation.within import within
from tests.trial import START, Clock, Trial, settle_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from requests import PreparedRequest, Response

    from syncd.daemon import Job

JIRA_HOST, LINEAR_HOST = "eng.sandbox.invalid", "gtm.sandbox.invalid"
REGULAR = frozenset({"poll", "sweep"})
BUSY = sqlite3.SQLITE_BUSY
FULL = sqlite3.SQLITE_FULL


class Death(BaseException):
    """Nothing catches this: the process is gone."""


@dataclass
class Trip:
    """Counts the database operations; strikes at the ``at``-th, 0 for never. ``kind``: "locked" (that one fails),
    "full" (that one and all that follow), "death" (the same, and nothing catches it).
    """

    kind: str = "locked"
    at: int = 0
    begun: int = 0

    def step(self) -> None:
        self.begun += 1
        if self.at and (self.begun == self.at or (self.begun > self.at and self.kind != "locked")):
            raise self._fault()

    def _fault(self) -> BaseException:
        if self.kind == "death":
            return Death()
        fault = sqlite3.OperationalError(self.kind)
        fault.sqlite_errorcode = BUSY if self.kind == "locked" else FULL
        return fault

    @property
    def struck(self) -> bool:
        return 0 < self.at <= self.begun


@contextmanager
def tripping(trip: Trip) -> Iterator[None]:
    """Every SQLite connection that is opened inside runs into ``trip``."""

    class Cursor(sqlite3.Cursor):
        def execute(self, sql: str, values: Any = (), /) -> Self:
            trip.step()
            return super().execute(sql, values)

        def executemany(self, sql: str, values: Any, /) -> Self:
            trip.step()
            return super().executemany(sql, values)

    class Connection(sqlite3.Connection):
        def cursor(self, factory: Any = Cursor) -> Any:
            return super().cursor(factory)

        def commit(self) -> None:
            trip.step()
            super().commit()

    def connect(_: object, __: object, ___: object, words: dict[str, Any]) -> None:
        words["factory"] = Connection

    event.listen(sa.Engine, "do_connect", connect)
    try:
        yield
    finally:
        event.remove(sa.Engine, "do_connect", connect)


@dataclass
class Moment:
    """The worlds and the database as they were, to begin from again."""

    worlds: tuple[Clock, JiraWorld, LinearWorld]
    database: bytes | None


class Scene(Trial):
    """A trial without sockets, whose trackers, clock and database go back to a moment that was kept. Each request may
    meet something: ``meets`` sees (request, send) as ``within`` says.
    """

    meets: Callable[..., Response] | None = None

    def carried(self, request: PreparedRequest, send: Callable[[], Response]) -> Response:
        return self.meets(request, send) if self.meets else send()

    @property
    def database(self) -> Path:
        return self.folder / "syncd.db"

    def moment(self) -> Moment:
        kept = self.database.read_bytes() if self.database.exists() else None
        return Moment(_copied((self.clock, self.jira, self.linear)), kept)

    def back_to(self, moment: Moment) -> None:
        self.clock, self.jira, self.linear = _copied(moment.worlds)
        self.jira_site.world = self.jira
        self.jira_site.requests.clear()
        self.linear_site = LinearSandbox(self.linear)
        if moment.database is None:
            self.database.unlink(missing_ok=True)
        else:
            self.database.write_bytes(moment.database)

    def now(self) -> datetime:
        return self.clock()

    def wait(self, duration_s: float) -> None:
        self.clock.wait(duration_s)

    def pace(self, *_: object) -> Pace:
        """One request at a time, so that each run does the same in the same order."""
        return Pace(now=lambda: self.now().timestamp(), wait=self.wait, most=1, chance=lambda: 0.0)


def _copied(worlds: tuple[Clock, JiraWorld, LinearWorld]) -> tuple[Clock, JiraWorld, LinearWorld]:
    locks = [it.lock for it in worlds[1:]]  # they cannot be copied, and nobody competes for them here
    return copy.deepcopy(worlds, {id(lock): lock for lock in locks})


@contextmanager
def scene(folder: Path, template: Path) -> Iterator[Scene]:
    """``template``: an empty database with all tables."""
    clock = Clock(START)
    jira, linear = JiraWorld(clock), LinearWorld(clock)
    settle_in(jira, linear, START)
    it = Scene(
        folder=folder,
        jira=jira,
        linear=linear,
        jira_site=JiraSandbox(jira),
        linear_site=LinearSandbox(linear),
        jira_url=f"https://{JIRA_HOST}",
        linear_url=f"https://{LINEAR_HOST}",
        clock=clock,
        environ={"JIRA_TOKEN": jira.token, "LINEAR_TOKEN": linear.token},
    )
    shutil.copyfile(template, it.database)

    def linear_site(*args: Any) -> Any:  # another one for each beginning
        return it.linear_site(*args)

    hosts: dict[str, Any] = {JIRA_HOST: it.jira_site, LINEAR_HOST: linear_site}
    with ExitStack() as stack:
        stack.enter_context(within(hosts, it.carried))
        stack.enter_context(mock.patch.object(app, "_pace", it.pace))
        stack.enter_context(mock.patch.object(Deadline, "__enter__", lambda it: it))  # its thread is not needed
        stack.enter_context(mock.patch.object(Deadline, "__exit__", return_value=None))
        yield it


class Process:
    """One life of the daemon: its jobs in the order of their time, one at a time."""

    _numbers = itertools.count(1)

    def __init__(self, scene: Scene, config: Any) -> None:
        self.scene, self.config = scene, config
        self.store = quick_store(config.database_url)
        self.daemon = Daemon(config, app.outside(config, self.store, scene.now, scene.wait))
        self._us = f"{socket.gethostname()} {os.getpid()} {next(self._numbers)}"
        self._jobs: dict[tuple[str, str], tuple[datetime, int, Job]] = {}

    def run(self, job: Job) -> None:
        with mock.patch.object(claim, "_OURS", self._us):
            self.put(self.daemon.run(job))

    def put(self, jobs: list[Job]) -> None:
        """A job that waits already takes in a further wish for it; the earlier time wins."""
        for job in jobs:
            wish = (job.at or self.scene.now(), next(self._numbers), job)
            known = self._jobs.get((job.kind, job.name), wish)
            self._jobs[job.kind, job.name] = min(known, wish, key=lambda it: it[0])

    def live(self, **span: float) -> None:
        """All that comes due in this time; it is polled and swept, too."""
        until = self.scene.now() + timedelta(**span)
        while self._jobs:
            at, _, job = min(self._jobs.values(), key=lambda it: it[:2])
            if at > until:
                break
            del self._jobs[job.kind, job.name]
            self.scene.clock.at = max(at, self.scene.now())
            self.run(job)
            if job.kind in REGULAR:
                poll, sweep = self.daemon.every[job.name]
                self.put([replace(job, at=self.scene.now() + (poll if job.kind == "poll" else sweep))])
        self.scene.clock.at = until

    def end(self) -> None:
        self.store.close()
