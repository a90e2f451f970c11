"""The daemon alive on the trial's clock, as ``syncd/schedule.py`` keeps it alive on the machine's: one job at a time.

A job that waits takes in every further wish for it; polls and sweeps come again and again. Nothing here decides
anything.
"""

from __future__ import annotations

import heapq
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any
from unittest import mock

from config.schema import Config
from connectors.base import Hint
from connectors.deadline import Deadline
from syncd import app, claim
from syncd.daemon import Daemon, Job
from syncd.sandbox.jira import JiraSandbox, JiraWorld
from syncd.sandbox.linear import LinearSandbox, LinearWorld
from syncd.store.store import open_store
from syncd.told import told
from tests.simulation.within import within
from tests.trial import START, Clock, Trial, settle_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from requests import PreparedRequest, Response

REQUEST_S = 0.05


@contextmanager
def near(folder: Path, at: datetime = START) -> Iterator[Trial]:
    """A trial whose trackers are asked without a socket; each answer takes a moment of the trial's clock."""
    clock = Clock(at)
    jira, linear = JiraWorld(clock), LinearWorld(clock)
    settle_in(jira, linear, at)
    linear.label("atlas-2")
    jira_site, linear_site = JiraSandbox(jira), LinearSandbox(linear)

    def slowly(_: PreparedRequest, send: Callable[[], Response]) -> Response:
        clock.pass_by(seconds=REQUEST_S)
        return send()

    with ExitStack() as stack:
        stack.enter_context(within({"eng.example": jira_site, "gtm.example": linear_site}, slowly))
        stack.enter_context(mock.patch.object(Deadline, "__enter__", lambda it: it))  # its thread is not needed
        stack.enter_context(mock.patch.object(Deadline, "__exit__", return_value=None))
        yield Trial(
            folder=folder,
            jira=jira,
            linear=linear,
            jira_site=jira_site,
            linear_site=linear_site,
            jira_url="https://eng.example",
            linear_url="https://gtm.example",
            clock=clock,
            environ={"JIRA_TOKEN": jira.token, "LINEAR_TOKEN": linear.token},
        )


@dataclass
class Living:
    """``ran``: every job that was run, with its time. ``name``: of the process, for its rights in the store."""

    trial: Trial
    config: Config
    name: str = "here 1 a"
    ran: list[tuple[datetime, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """The process starts: nothing is known but what the store holds."""
        clock = self.trial.clock
        self.outside = app.outside(self.config, open_store(self.config.database_url), clock, clock.wait)
        self.daemon = Daemon(self.config, self.outside)
        self._heap: list[tuple[datetime, int, Job, timedelta | None]] = []
        self._pending: dict[tuple[str, str], int] = {}
        self._numbers = count()
        self._generation = 0
        self._begin_with(self.daemon.first())

    def end(self) -> None:
        self.outside.store.close()

    def reload(self, config: Config) -> None:
        clock = self.trial.clock
        self.config = config
        self.outside = app.outside(config, self.outside.store, clock, clock.wait)
        self._begin_with(self.daemon.reload(config, self.outside))

    def clock_was_set(self) -> None:
        """It is noticed: what waits is done now, and all begins anew."""
        waiting = [it[2] for it in self._heap if it[3] is None and it[1] == self._pending.get((it[2].kind, it[2].name))]
        self._heap.clear()
        self._pending.clear()
        for job in waiting:
            self._put(replace(job, at=None))
        self._begin_with(self.daemon.first())

    def hint(self, tracker: str, *ids: str, deleted: Iterable[str] = ()) -> None:
        gone = frozenset(deleted)
        for job in self.daemon.hinted(tracker, Hint(ids=gone.union(ids), deleted=gone)):
            self._put(job)

    def run(self, **span: float) -> None:
        """Time goes on, and everything is done when it is due."""
        until = self.trial.clock.at + timedelta(**span)
        while self._heap and self._heap[0][0] <= until:
            at, number, job, every = heapq.heappop(self._heap)
            self.trial.clock.at = max(self.trial.clock.at, at)
            if every is not None:
                if job.name in self.daemon.every and number >= self._generation:
                    self._again(replace(job, at=at + every), every)
                    self._run(job)
            elif self._pending.get((job.kind, job.name)) == number:
                del self._pending[job.kind, job.name]
                self._run(job)
        self.trial.clock.at = max(self.trial.clock.at, until)

    def _begin_with(self, jobs: Iterable[Job]) -> None:
        self._generation = next(self._numbers)
        for job in jobs:
            self._put(job)
            if job.kind in ("poll", "sweep"):
                poll, sweep = self.daemon.every[job.name]
                every = poll if job.kind == "poll" else sweep
                self._again(replace(job, at=(job.at or self.trial.clock.at) + every), every)

    def _again(self, job: Job, every: timedelta) -> None:
        assert job.at is not None
        heapq.heappush(self._heap, (job.at, next(self._numbers), job, every))

    def _put(self, job: Job) -> None:
        """The earlier of two times wins."""
        key, at = (job.kind, job.name), job.at or self.trial.clock.at
        waiting = [it for it in self._heap if it[1] == self._pending.get(key)]
        if waiting and waiting[0][0] <= at:
            return
        number = self._pending[key] = next(self._numbers)
        heapq.heappush(self._heap, (at, number, job, None))

    def _run(self, job: Job) -> None:
        self.ran.append((self.trial.clock.at, job.kind, job.name))
        assert len(self.ran) < 20_000, f"it never rests: {self.ran[-5:]}"
        with mock.patch.object(claim, "_OURS", self.name):
            following = self.daemon.run(job)
        for each in following:
            self._put(each)

    def do(self, kind: str, name: str) -> None:
        """This job now, whatever else is due."""
        self._run(Job(kind=kind, name=name, thread=""))

    # What can be seen from outside

    def status(self, release: str = "") -> dict[str, Any]:
        release = release or next(iter(self.config.releases))
        found = told(self.config, release, self.outside, self.trial.clock.at)
        return found.document if found else {"verdict": "", "launchable": False, "gates": []}

    def gate(self, name: str = "engineering", release: str = "") -> dict[str, Any]:
        return next((gate for gate in self.status(release)["gates"] if gate["id"] == name), {"state": ""})

    def state(self, name: str = "engineering", release: str = "") -> str:
        return str(self.gate(name, release)["state"])

    def blockers(self, name: str = "engineering") -> list[str]:
        return [it["key"] for it in self.gate(name)["blockers"]]

    def jobs(self, kind: str, name: str = "eng") -> int:
        return sum(1 for _, *job in self.ran if job == [kind, name])


def gate(items: str, more: str = "sign_off: false", *, soak: str = "0s") -> str:
    """A release of one gate, ``engineering``."""
    return f"""
  atlas-2:
    launch: eng/REL-1
    timing: {{soak: {soak}}}
    gates: {{engineering: {{owner: dana, items: {items}, {more}}}}}
"""


ENG = "eng/ENG"
BOTH = "[{tracker: eng, label: atlas-2}, {tracker: gtm, team: MKT, label: atlas-2}]"
EACH = """
  atlas-2:
    launch: eng/REL-1
    timing: {soak: 0s}
    gates:
      engineering: {owner: dana, items: eng/ENG, sign_off: false}
      marketing: {owner: maya, items: gtm/MKT, sign_off: false}
"""


@contextmanager
def living(town: Trial, releases: str, *, poll: str = "60s", sweep: str = "1h") -> Iterator[Living]:
    """The daemon over this configuration, alive for the first three minutes, and ten seconds."""
    alive = Living(town, town.configure(releases, poll=poll, sweep=sweep))
    try:
        alive.run(minutes=3, seconds=10)
        yield alive
    finally:
        alive.end()
