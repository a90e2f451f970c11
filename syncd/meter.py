"""What the daemon counts while it runs: writes, how long passes took, webhooks. Begins at nothing with each start.

Fed by the daemon and by the HTTP threads, read by ``web.metrics``. Knows nothing of how it is shown.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

BOUNDS_S = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
"""Upper ends of the classes in which passes are counted; a last class takes the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """How long something took: how many fell into each class of ``BOUNDS_S`` and above, and all together."""

    counts: tuple[int, ...] = (0,) * (len(BOUNDS_S) + 1)
    sum_s: float = 0.0

    def and_one(self, duration_s: float) -> Spans:
        place = bisect_left(BOUNDS_S, duration_s)
        counts = tuple(count + (at == place) for at, count in enumerate(self.counts))
        return Spans(counts=counts, sum_s=self.sum_s + duration_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """``passes``: tracker → spans. ``writes``: (tracker, kind) → how many. ``hooks``: (tracker, outcome) → how many."""

    passes: Mapping[str, Spans] = field(default_factory=dict)
    writes: Mapping[tuple[str, str], int] = field(default_factory=dict)
    hooks: Mapping[tuple[str, str], int] = field(default_factory=dict)


class Meter:
    """One for the process. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._passes: dict[str, Spans] = {}
        self._writes: Counter[tuple[str, str]] = Counter()
        self._hooks: Counter[tuple[str, str]] = Counter()

    def passed(self, tracker: str, duration_s: float) -> None:
        """A pass over this tracker ended, well or not."""
        with self._lock:
            self._passes[tracker] = self._passes.get(tracker, Spans()).and_one(duration_s)

    def wrote(self, tracker: str, kind: str) -> None:
        """The tracker accepted a write of this kind: an ``Outcome.kind`` such as "created" or "updated"."""
        with self._lock:
            self._writes[tracker, kind] += 1

    def hooked(self, tracker: str, outcome: str) -> None:
        """A webhook of this tracker was answered."""
        with self._lock:
            self._hooks[tracker, outcome] += 1

    def measured(self) -> Measured:
        with self._lock:
            return Measured(passes=dict(self._passes), writes=dict(self._writes), hooks=dict(self._hooks))
