"""The one place where the clock is read and where syncd waits. Everything else is told the time."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def wait(duration_s: float) -> None:
    """Do nothing for ``duration_s`` seconds."""
    time.sleep(duration_s)
