"""The right to write one release's summary: one writer a release, over all processes that share the store.

A lease row with a fencing number (sync.md §2, single writer). Who dies with it on this machine is found out at once;
elsewhere it runs out.
"""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from syncd.store.store import Store

LASTS = timedelta(minutes=5)


class Claim:
    """Take it with ``taken``; give it back when done."""

    def __init__(self, store: Store, release: str, now: Callable[[], datetime]) -> None:
        self._store = store
        self._release = release
        self._now = now
        self._fence = 0
        self.holder = ""

    def taken(self) -> bool:
        """False while another process has the right; ``holder`` then names it."""
        return self._take() or (self._evict_the_dead() and self._take())

    def stands(self) -> bool:
        return self._store.holds(self._release, self._fence, self._now())

    def give_back(self) -> None:
        self._store.unclaim(self._release, self._fence, self._now())

    def _take(self) -> bool:
        now = self._now()
        fence = self._store.claim(self._release, _me(), now=now, until=now + LASTS)
        self._fence = fence or 0
        return fence is not None

    def _evict_the_dead(self) -> bool:
        now = self._now()
        found = self._store.holder(self._release, now)
        if found is None:
            return True
        self.holder, fence = found
        if not _is_dead(self.holder):
            return False
        self._store.unclaim(self._release, fence, now)
        return True


def _me() -> str:
    return f"{socket.gethostname()} {os.getpid()}"


def _is_dead(holder: str) -> bool:
    """Whether the holder was a process of this machine and is no more."""
    host, _, process = holder.rpartition(" ")
    if host != socket.gethostname() or not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
