"""The right to work with a store: one pass at a time, over all processes that share it.

A lease row with a fencing number (sync.md §2, single writer). A pass that began earlier and was held up must not save
its old reading over a newer one, nor write it. Who dies with the right on this machine is found out at once; elsewhere
it runs out.
"""

from __future__ import annotations

import os
import secrets
import socket
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from connectors.errors import TemporaryError
from syncd.store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from syncd.store.store import Store

WHAT = "pass"
LASTS = timedelta(minutes=5)
PATIENCE_S = 30
_POLL_S = 1.0
_OURS = f"{socket.gethostname()} {os.getpid()} {secrets.token_hex(4)}"


class Claim:
    """Take it, renew it between steps, give it back. Each method raises TemporaryError when another has it."""

    def __init__(self, store: Store, now: Callable[[], datetime], wait: Callable[[float], None]) -> None:
        self._store = store
        self._now = now
        self._wait = wait
        self._fence = 0

    def take(self) -> None:
        """Waits a little for the pass of another process to end."""
        for _ in range(PATIENCE_S):
            if self._taken() or (self._evicted() and self._taken()):
                return
            self._wait(_POLL_S)
        found = self._store.holder(WHAT, self._now())
        who = " ".join(found[0].split()[:2]) if found else "that has just ended"
        raise TemporaryError("syncd", f"another syncd ({who}) is at work with this database", "run again later")

    def renew(self) -> None:
        """Right before whatever another pass may have overtaken."""
        if not self._store.renew(WHAT, self._fence, self._now() + LASTS):
            said = "this pass took so long that another one may have overtaken it; nothing more was saved or written"
            raise TemporaryError("syncd", said, "run again")

    def give_back(self) -> None:
        """It runs out by itself, so a store that fails now must not hide how the pass ended."""
        with suppress(StoreError):
            self._store.unclaim(WHAT, self._fence, self._now())

    def _taken(self) -> bool:
        now = self._now()
        fence = self._store.claim(WHAT, _OURS, now=now, until=now + LASTS)
        self._fence = fence or 0
        return fence is not None

    def _evicted(self) -> bool:
        """Whether the holder was a process of this machine that is no more; then its right is taken from it."""
        found = self._store.holder(WHAT, self._now())
        if found is None or not _is_dead(found[0]):
            return found is None
        self._store.unclaim(WHAT, found[1], self._now())
        return True


def _is_dead(holder: str) -> bool:
    host, _, rest = holder.partition(" ")
    process = rest.partition(" ")[0]
    if host != socket.gethostname() or not process.isdigit():
        return False
    if int(process) == os.getpid():  # another process had our number: the same container before its restart
        return holder != _OURS
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
