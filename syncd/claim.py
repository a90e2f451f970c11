"""The right to do one thing at a time, over all processes that share a store: read one tracker, settle one release.

A lease row with a fencing number (sync.md §2, single writer). Who began earlier and was held up must not save an old
reading over a newer one, nor write it. Who dies with the right on this machine is found out at once; elsewhere it runs
out.
"""

from __future__ import annotations

import os
import secrets
import socket
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from connectors.errors import TemporaryError
from syncd.store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from syncd.store.store import Store

LASTS = timedelta(minutes=5)
PATIENCE_S = 30
_POLL_S = 1.0
_OURS = f"{socket.gethostname()} {os.getpid()} {secrets.token_hex(4)}"


class Claim:
    """The right to ``what``; with it as a context. Each method raises TemporaryError when another has it.

    ``patience_s``: how long to wait for another process to end. Within a process the threads see to it that nothing
    runs twice at once.
    """

    def __init__(
        self,
        what: str,
        store: Store,
        now: Callable[[], datetime],
        wait: Callable[[float], None],
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.what = what
        self._store = store
        self._now = now
        self._wait = wait
        self._tries = 1 + int(patience_s / _POLL_S)
        self._fence = 0
        self._renewed_at = now()

    def __enter__(self) -> Self:
        for left in range(self._tries, 0, -1):
            if self._taken() or (self._evicted() and self._taken()):
                return self
            if left > 1:
                self._wait(_POLL_S)
        found = self._store.holder(self.what, self._now())
        who = " ".join(found[0].split()[:2]) if found else "that has just ended"
        raise TemporaryError("syncd", f"another syncd ({who}) is at work with this database", "run again later")

    def __exit__(self, *_: object) -> None:
        """It runs out by itself, so a store that fails now must not hide how it ended."""
        with suppress(StoreError):
            self._store.unclaim(self.what, self._fence, self._now())

    def renew(self) -> None:
        """Right before whatever another process may have overtaken."""
        self._renewed_at = self._now()
        if not self._store.renew(self.what, self._fence, self._renewed_at + LASTS):
            said = "this took so long that another syncd may have overtaken it; nothing more was saved or written"
            raise TemporaryError("syncd", said, "run again")

    def keep(self) -> None:
        """In the middle of what may take long: renews it when it is time."""
        if self._now() - self._renewed_at > LASTS / 5:
            self.renew()

    def _taken(self) -> bool:
        now = self._renewed_at = self._now()
        fence = self._store.claim(self.what, _OURS, now=now, until=now + LASTS)
        self._fence = fence or 0
        return fence is not None

    def _evicted(self) -> bool:
        """Whether the holder was a process of this machine that is no more; then its right is taken from it."""
        found = self._store.holder(self.what, self._now())
        if found is None or not _is_dead(found[0]):
            return found is None
        self._store.unclaim(self.what, found[1], self._now())
        return True


def give_all_back(store: Store, now: datetime) -> None:
    """At the end of the process: what it still has under way comes to nothing, and nobody waits for its rights."""
    with suppress(StoreError):
        store.unclaim_all(_OURS, now)


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
