"""The one place of the benchmarks that reads clocks and counters of the operating system."""

from __future__ import annotations

import resource
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(slots=True)
class Lap:
    """Seconds by the wall and of this process's own CPU time, all its threads together."""

    wall_s: float = 0.0
    own_s: float = 0.0


@contextmanager
def timed() -> Iterator[Lap]:
    """The lap is filled in when the block ends."""
    lap = Lap()
    wall, own = time.perf_counter(), time.process_time()
    yield lap
    lap.wall_s, lap.own_s = time.perf_counter() - wall, time.process_time() - own


def wall_s() -> float:
    return time.perf_counter()


def pause(seconds: float) -> None:
    time.sleep(seconds)


def peak_bytes() -> int:
    """The most memory that this process ever had resident."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT
