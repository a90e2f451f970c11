"""When jobs run: on their own threads, one at a time, none lost, none twice. The jobs here wait for the test."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from queue import SimpleQueue
from threading import Event
from typing import TYPE_CHECKING

from structlog.testing import capture_logs

from connectors.base import Hint
from syncd import clock, schedule
from syncd.daemon import Job
from syncd.schedule import Schedule

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

PATIENCE_S = 20
OFTEN = timedelta(milliseconds=20), timedelta(days=1)
READ = Job(kind="read", name="eng", thread="read eng")
LOOK = Job(kind="look", name="eng", thread="read eng")
OTHER = Job(kind="read", name="gtm", thread="read gtm")
LAST = Job(kind="read", name="last", thread="read last")
POLL = Job(kind="poll", name="eng", thread="read eng")
POLL_OTHER = Job(kind="poll", name="gtm", thread="read gtm")


@dataclass
class Scripted:
    """A daemon whose jobs do what the test says, and tell that they began."""

    beginning: list[Job] = field(default_factory=list)
    act: Callable[[Job], list[Job]] = lambda _: []
    every: Mapping[str, tuple[timedelta, timedelta]] = field(default_factory=dict)
    began: SimpleQueue[str] = field(default_factory=SimpleQueue)

    def first(self) -> list[Job]:
        return self.beginning

    def run(self, job: Job) -> list[Job]:
        self.began.put(f"{job.kind} {job.name}")
        return self.act(job)

    def hinted(self, tracker: str, _: Hint) -> list[Job]:
        return [Job(kind="look", name=tracker, thread=f"read {tracker}")]

    def next(self) -> str:
        return self.began.get(timeout=PATIENCE_S)


@contextmanager
def started(daemon: Scripted) -> Iterator[Schedule]:
    running = Schedule(daemon)
    running.start()
    try:
        yield running
    finally:
        running.stop()


def at(job: Job, **span: float) -> Job:
    return replace(job, at=clock.now() + timedelta(**span))


def held(daemon: Scripted, gate: Event) -> None:
    """Jobs of eng last until the gate opens."""

    def hold(job: Job) -> list[Job]:
        if job.name == "eng":
            gate.wait(PATIENCE_S)
        return []

    daemon.act = hold


def test_a_wish_for_a_job_that_runs_already_is_kept_and_several_are_one() -> None:
    gate, daemon = Event(), Scripted([READ])
    held(daemon, gate)
    with started(daemon) as running:
        assert daemon.next() == "read eng"
        for _ in range(3):
            running.begin_with([READ])
        running.begin_with([LOOK])
        gate.set()
        assert [daemon.next(), daemon.next()] == ["read eng", "look eng"]
        assert daemon.began.empty()


def test_the_earlier_of_two_times_wins_and_the_other_is_forgotten() -> None:
    soon = [at(READ, seconds=0.1), at(READ, seconds=-1), at(READ, seconds=0.2), at(OTHER, seconds=0.3)]
    daemon = Scripted(soon)
    with started(daemon):
        assert [daemon.next(), daemon.next()] == ["read eng", "read gtm"]


def test_a_job_that_is_hours_late_runs_all_the_same() -> None:
    daemon = Scripted([at(READ, hours=-5)])
    with started(daemon):
        assert daemon.next() == "read eng"


def test_what_follows_a_job_runs_at_its_time() -> None:
    daemon = Scripted([READ])
    daemon.act = lambda job: [LOOK] if job.kind == "read" else []
    with started(daemon):
        assert [daemon.next(), daemon.next()] == ["read eng", "look eng"]


def test_jobs_of_one_tracker_never_overlap_and_a_slow_tracker_holds_up_no_other() -> None:
    gate, daemon = Event(), Scripted([READ, LOOK])
    held(daemon, gate)
    with started(daemon) as running:
        daemon.next()
        running.begin_with([OTHER])
        assert daemon.next() == "read gtm"
        assert daemon.began.empty()
        gate.set()
        assert daemon.next().endswith("eng")


def test_a_tracker_is_polled_again_and_again_but_never_twice_at_once() -> None:
    gate, daemon = Event(), Scripted([POLL, POLL_OTHER], every={"eng": OFTEN, "gtm": OFTEN})
    held(daemon, gate)
    with started(daemon):
        heard = [daemon.next() for _ in range(6)]
        assert heard.count("poll eng") == 1  # its time came as often as the other's
        gate.set()
        while daemon.next() != "poll eng":
            pass


def test_a_new_configuration_polls_at_once_even_while_the_old_one_does() -> None:
    seldom = timedelta(days=1), timedelta(days=1)
    gate, daemon = Event(), Scripted([POLL], every={"eng": seldom})
    held(daemon, gate)
    with started(daemon) as running:
        assert daemon.next() == "poll eng"
        running.begin_with([POLL])
        gate.set()
        assert daemon.next() == "poll eng"


def test_a_tracker_that_left_the_configuration_is_polled_no_more() -> None:
    daemon = Scripted([POLL, POLL_OTHER], every={"eng": OFTEN, "gtm": OFTEN})
    with started(daemon) as running:
        while daemon.next() != "poll eng":
            pass
        daemon.every = {"gtm": OFTEN}
        running.begin_with([LAST])
        while daemon.next() != "read last":
            pass
        assert [daemon.next() for _ in range(5)] == ["poll gtm"] * 5


def test_five_hundred_hints_are_at_most_one_look_that_waits() -> None:
    gate, daemon = Event(), Scripted([READ])
    held(daemon, gate)
    with started(daemon) as running:
        assert daemon.next() == "read eng"
        for _ in range(500):
            running.hinted("eng", Hint())
        gate.set()
        assert daemon.next() == "look eng"
        running.begin_with([OTHER])
        assert daemon.next() == "read gtm"


def test_a_fault_of_ours_is_logged_and_the_job_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "AFTER_A_FAULT", timedelta(0))
    daemon, left = Scripted([READ]), [1]

    def fail_once(_: Job) -> list[Job]:
        if left:
            raise ZeroDivisionError(left.pop())
        return []

    daemon.act = fail_once
    with capture_logs() as lines, started(daemon):
        assert [daemon.next(), daemon.next()] == ["read eng", "read eng"]
    assert [(line["event"], line["kind"], line["name"]) for line in lines] == [("job_failed", "read", "eng")]


def test_after_the_stop_nothing_begins() -> None:
    gate, daemon = Event(), Scripted([READ, LOOK])
    held(daemon, gate)
    running = Schedule(daemon)
    running.start()
    daemon.next()
    running.stop()
    running.begin_with([OTHER])
    running.hinted("gtm", Hint())
    gate.set()
    for thread in threading.enumerate():
        if thread.name.startswith("read "):
            thread.join(PATIENCE_S)
    assert daemon.began.empty()


def test_a_clock_that_was_set_holds_up_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "LOOK_S", 0.01)
    seldom = timedelta(days=1), timedelta(days=1)
    was_set, daemon = Event(), Scripted([at(POLL, seconds=0), at(LOOK, hours=2)], every={"eng": seldom})

    def leapt() -> bool:
        noticed = was_set.is_set()
        was_set.clear()
        return noticed

    running = Schedule(daemon, leapt)
    running.start()
    try:
        assert daemon.next() == "poll eng"
        was_set.set()
        assert {daemon.next(), daemon.next()} == {"look eng", "poll eng"}
    finally:
        running.stop()
