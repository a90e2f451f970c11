"""The one place where the clock is read and where syncd waits. Everything else is told the time."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LEAP = timedelta(minutes=1)
"""By how much a clock must have been set to be noticed; what waits is late by no more than that."""


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def wait(duration_s: float) -> None:
    """Do nothing for ``duration_s`` seconds."""
    time.sleep(duration_s)


def elapsed() -> timedelta:
    """Since some fixed moment; no setting of the clock changes it."""
    return timedelta(seconds=time.monotonic())


class Turned:
    """A clock that stands still until it is turned, for the demo, which plays days in seconds. It never goes back."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def __call__(self) -> datetime:
        return self._at

    def wait(self, duration_s: float) -> None:
        """Whoever waits has waited."""
        self._at += timedelta(seconds=duration_s)

    def turn(self, at: datetime) -> None:
        self._at = max(self._at, at)


class Leaps:
    """Whether the machine's clock was set, forward or back, since the last question; together also in small steps."""

    def __init__(self, now: Callable[[], datetime] = now, elapsed: Callable[[], timedelta] = elapsed) -> None:
        self._now, self._elapsed = now, elapsed
        self._began = now() - elapsed()

    def noticed(self) -> bool:
        began = self._now() - self._elapsed()
        leapt = abs(began - self._began) > LEAP
        if leapt:
            self._began = began
        return leapt
