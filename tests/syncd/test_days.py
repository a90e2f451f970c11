"""The demo's days: every job is done when it is due, on a clock that leaps from one to the next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from syncd.clock import Turned
from syncd.commands.days import Days
from syncd.daemon import Job

if TYPE_CHECKING:
    from connectors.base import Hint

BEGIN = datetime(2026, 12, 7, 14, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass
class Told:
    """A daemon that notes what it was told to do, and when; ``follows`` says what must follow."""

    clock: Turned
    follows: Callable[[Job], list[Job]] = lambda _: []
    ran: list[tuple[str, timedelta]] = field(default_factory=list)

    @property
    def every(self) -> dict[str, tuple[timedelta, timedelta]]:
        return {"eng": (2 * HOUR, 24 * HOUR)}

    def first(self) -> list[Job]:
        return [_job("poll")]

    def run(self, job: Job) -> list[Job]:
        self.ran.append((job.kind, self.clock() - BEGIN))
        return self.follows(job)

    def hinted(self, tracker: str, hint: Hint) -> list[Job]:  # noqa: ARG002 - as the daemon has it
        return [_job("look")]


def _job(kind: str, at: datetime | None = None) -> Job:
    return Job(kind=kind, name="eng", thread="read eng", at=at)


def _hours(daemon: Told) -> list[tuple[str, int]]:
    """In whole hours; each job takes a moment."""
    return [(kind, at // HOUR) for kind, at in daemon.ran]


def test_what_comes_again_and_again_does_and_the_clock_ends_where_it_was_told_to() -> None:
    clock = Turned(BEGIN)
    daemon = Told(clock)
    Days(daemon, clock).until(BEGIN + 5 * HOUR)
    assert _hours(daemon) == [("poll", 0), ("poll", 2), ("poll", 4)]
    assert clock() == BEGIN + 5 * HOUR
    clock.turn(BEGIN)
    assert clock() == BEGIN + 5 * HOUR


def test_what_follows_is_done_at_its_time_and_once_the_earlier_of_two_times() -> None:
    clock = Turned(BEGIN)
    wishes = [_job("settle", BEGIN + 3 * HOUR), _job("settle", BEGIN + HOUR), _job("settle", BEGIN + 2 * HOUR)]
    daemon = Told(clock, lambda job: wishes if job.kind == "poll" and clock() < BEGIN + HOUR else [])
    Days(daemon, clock).until(BEGIN + 3 * HOUR)
    assert _hours(daemon) == [("poll", 0), ("settle", 1), ("poll", 2)]


def test_a_hint_calls_for_a_look_at_once_and_nothing_begins_once_it_is_stopped() -> None:
    clock = Turned(BEGIN)
    daemon = Told(clock)
    days = Days(daemon, clock)
    days.until(BEGIN + HOUR)
    days.hinted("eng")
    days.until(BEGIN + HOUR)
    assert _hours(daemon) == [("poll", 0), ("look", 1)]
    days.until(BEGIN + 9 * HOUR, stopped=lambda: True)
    assert _hours(daemon) == [("poll", 0), ("look", 1)]
