"""The pace: one rate gate a tracker, shared by all of its requests.

Made by the composition root, one a tracker, with the clock and the wait of the day; handed to the connectors in their
settings and asked by ``wire`` for each request. It knows no tracker's headers: the policies beside the clients read
those. It never repeats a request itself, and says of one only then that it may be sent again when it was refused.
"""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

from connectors.limit import EVERYTHING, MAX_RETRY_AFTER_S, Limit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PATIENCE_S = 60.0
"""How long one request waits for pauses in all; a longer pause is the next pass's."""

TRIES = 4
"""How often one request is sent at most, Jira's own recipe (trackers.md §1.8)."""

SHORTEST_S = 1.0
"""The shortest pause after a refusal, whatever was asked for; doubled with each try where nothing was."""

QUEUE_S = 120.0
"""How long the requests that wait for their turn see none of those before them come through, by the machine's own
time. A slow tracker's queue is long and moves; each request has a deadline, so that one that stands still is broken."""

SLOW_S = 5.0
"""An answer that took longer than this says that the tracker has enough to do. It is no refusal: it never makes the
pace slower than it was at first, as a tracker that always takes so long must be read all the same."""

JITTER = 0.3
"""By how much of itself a pause is longer at most, so that not all come back at the same moment."""

_FIRST = 4
_MOMENT_S = 0.001
"""What is left of a pause may be too short for a clock to show that it has passed."""


class PausedError(Exception):
    """The tracker wants to be left alone: nothing was sent. ``retry_after_s`` is for how long yet, None: not told."""

    def __init__(self, retry_after_s: float | None) -> None:
        super().__init__("the tracker asks for patience")
        self.retry_after_s = retry_after_s


class StuckError(Exception):
    """None of the requests that are under way comes through: nothing was sent."""


class Pace:
    """How many requests may be under way at a time, what is to be left alone until when, and what was asked so far.

    ``now`` gives seconds of a clock, ``wait`` waits some of them; ``chance`` gives numbers from 0 to 1 for the jitter.
    Without a clock nothing is waited for and no pause is remembered: each refusal goes to the caller, who must not
    repeat it at once. Up to ``most`` requests are under way. Thread-safe.
    """

    def __init__(
        self,
        *,
        now: Callable[[], float] | None = None,
        wait: Callable[[float], None] | None = None,
        most: int = 20,
        chance: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self.most = most
        self.timed = now is not None and wait is not None
        self.now: Callable[[], float] = now or (lambda: 0.0)
        self.wait: Callable[[float], None] = wait or (lambda _: None)
        self.chance = chance
        self._ready = threading.Condition()
        self._wide = float(min(_FIRST, most))
        self._finding_out = True
        self._under_way = self._started = self._through = self._narrowed_at = 0
        self._pauses: dict[str, tuple[float, float]] = {}
        self._counts: Counter[tuple[str, str]] = Counter()

    @property
    def width(self) -> int:
        """How many requests may be under way now."""
        return int(self._wide)

    def counts(self) -> Mapping[tuple[str, str], int]:
        """(method, outcome) → how often: the HTTP status, "lost" when none came, "refused" when it was not sent."""
        with self._ready:
            return dict(self._counts)

    def asking(self, method: str, scopes: tuple[str, ...] = (EVERYTHING,)) -> Asking:
        """One request that is about to be sent, perhaps several times."""
        return Asking(self, method, scopes)

    def pause_s(self, scopes: tuple[str, ...]) -> float:
        """How long these scopes want to be left alone yet; 0 when they do not."""
        with self._ready:
            now = self.now()
            # a clock that was set back must not make a pause last for ever
            self._pauses = {
                scope: (began, end) for scope, (began, end) in self._pauses.items() if began <= now < end - _MOMENT_S
            }
            return max((self._pauses[scope][1] - now for scope in scopes if scope in self._pauses), default=0.0)

    def pause(self, scope: str, pause_s: float) -> None:
        """Leave ``scope`` alone from now on; a longer pause stands."""
        now = self.now()
        end = now + min(pause_s, MAX_RETRY_AFTER_S)
        with self._ready:
            if self.timed and end > self._pauses.get(scope, (now, now))[1]:
                self._pauses[scope] = (now, end)

    def count(self, method: str, outcome: str) -> None:
        with self._ready:
            self._counts[method, outcome] += 1

    def enter(self, scopes: tuple[str, ...]) -> int:
        """Waits until a request may go on its way; its number. 0: these scopes want to be left alone by now, after all.
        Raises StuckError.
        """
        with self._ready:
            while self._under_way >= self.width:
                through = self._through
                if not self._ready.wait(QUEUE_S) and self._through == through:
                    raise StuckError
            if self.pause_s(scopes):
                return 0
            self._under_way += 1
            self._started += 1
            return self._started

    def leave(self, number: int, *, well: bool, slow: bool = False) -> None:
        """The request of this number is through. A round of requests that all fared badly counts once."""
        floor = min(_FIRST, self.most) if well else 1
        with self._ready:
            self._under_way -= 1
            self._through += 1
            if well and not (slow and self._wide >= floor):
                self._wide = min(self._wide + (1.0 if self._finding_out else 1.0 / self._wide), self.most)
            elif number > self._narrowed_at:
                self._wide, self._finding_out = max(self._wide / 2, floor), False
                self._narrowed_at = self._started
            self._ready.notify_all()


class Asking:
    """One request: how often it was sent, how long it waited, and what its last answer said. For one thread."""

    def __init__(self, pace: Pace, method: str, scopes: tuple[str, ...]) -> None:
        self._pace, self._method, self._scopes = pace, method, scopes
        self._tries, self._patience_s = 0, PATIENCE_S
        self._outcome, self._limit, self._well = "lost", _NONE, False

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Send it in here. Raises PausedError or StuckError, and then it must not be sent."""
        try:
            number = self._enter()
        except (PausedError, StuckError):
            self._pace.count(self._method, "refused")
            raise
        began = self._pace.now()
        self._tries += 1
        self._outcome, self._limit, self._well = "lost", _NONE, False
        try:
            yield
        finally:
            self._pace.leave(number, well=self._well, slow=self._pace.now() - began >= SLOW_S)
            self._pace.count(self._method, self._outcome)

    def answered(self, status: int, limit: Limit | None) -> None:
        """What came of this turn."""
        self._outcome, self._limit = str(status), limit or _NONE
        # one issue that is written too often says nothing about the tracker
        self._well = limit is None or limit.scope in self._scopes[2:]
        pause_s = self._limit.pause_s
        if self._limit.refused:
            asked_s = SHORTEST_S * 2 ** (self._tries - 1) if pause_s is None else pause_s
            pause_s = max(asked_s, SHORTEST_S)
        if pause_s:
            self._pace.pause(self._limit.scope, pause_s)

    @property
    def again(self) -> bool:
        """Whether it may be sent once more: it was refused, and there is patience left for the pause."""
        if not (self._limit.refused and self._pace.timed and self._tries < TRIES):
            return False
        return self._pace.pause_s(self._scopes) <= self._patience_s

    def _enter(self) -> int:
        """A pause may have begun while this request waited for its turn."""
        while True:
            self._wait_for_pauses()
            if number := self._pace.enter(self._scopes):
                return number

    def _wait_for_pauses(self) -> None:
        while pause_s := self._pace.pause_s(self._scopes):
            if pause_s > self._patience_s:
                raise PausedError(pause_s)
            self._patience_s -= pause_s
            self._pace.wait(pause_s * (1 + JITTER * self._pace.chance()))


_NONE = Limit()
