"""Deadlines of whole requests: when the time is up, the socket is shut under whoever reads from it.

Used by ``wire`` only. A server that sends a byte a second never trips a read timeout, so that each request has one of
these too. One thread watches over all of them: a timer each would start a thread for each request.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

if TYPE_CHECKING:
    from urllib3.response import HTTPResponse

TICK_S = 0.1
"""How exactly deadlines are kept. Ticks are counted, so that no clock need be read; a busy machine is a little late."""


class Deadline:
    """The time of one request, ``after_s`` from entering it. ``sent``: the request may have reached the server;
    ``over``: its time was up. For the thread that entered it.
    """

    _running = threading.local()

    def __init__(self, after_s: float) -> None:
        self.after_s = after_s
        self.left_s = after_s + TICK_S
        self.sock: socket.socket | None = None
        self.sent = True
        self.over = False

    def __enter__(self) -> Self:
        Deadline._running.deadline = self
        _WATCH.begin(self)
        return self

    def __exit__(self, *_: object) -> None:
        _WATCH.end(self)
        Deadline._running.deadline = None

    @classmethod
    def current(cls) -> Deadline:
        """The deadline of the request that this thread sends now."""
        running: Deadline | None = getattr(cls._running, "deadline", None)
        return running or Deadline(0)

    def check(self) -> None:
        if self.over:
            raise TimeoutError

    def shut(self) -> None:
        self.over = True
        if self.sock is not None:
            with suppress(OSError):  # it is closed already
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


class _Watch:
    """The thread that counts the ticks; it sleeps while no request is under way."""

    def __init__(self) -> None:
        self._running: set[Deadline] = set()
        self._lock = threading.Lock()
        self._some, self._never = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self, deadline: Deadline) -> None:
        with self._lock:
            self._running.add(deadline)
            self._some.set()
            if self._thread is None or not self._thread.is_alive():  # there is none yet, or not in this forked process
                self._thread = threading.Thread(target=self._count, name="deadlines", daemon=True)
                self._thread.start()

    def end(self, deadline: Deadline) -> None:
        """From here on its socket may serve another request: nobody shuts it any more."""
        with self._lock:
            self._running.discard(deadline)

    def _count(self) -> None:
        while self._some.wait():
            self._never.wait(TICK_S)
            with self._lock:
                for deadline in self._running:
                    deadline.left_s -= TICK_S
                    if deadline.left_s <= 0:
                        deadline.shut()
                if not self._running:
                    self._some.clear()


_WATCH = _Watch()


class _Watched(HTTPConnection):
    """Tells the deadline of its request what it has to cut off."""

    def connect(self) -> None:
        deadline = Deadline.current()
        deadline.sent = False
        super().connect()
        deadline.sent, deadline.sock = True, self.sock
        deadline.check()

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # urllib3's own signature says the same
        Deadline.current().sock = self.sock
        return super().getresponse()


class _WatchedHTTPS(_Watched, HTTPSConnection):
    """The same over TLS."""


def watched(pool: Any) -> Any:  # noqa: ANN401  # urllib3 has no public type for its pools
    """The pool, with connections that tell the running deadline which socket to shut."""
    pool.ConnectionCls = _WATCHED.get(pool.ConnectionCls, pool.ConnectionCls)
    return pool


_WATCHED: dict[type[Any], type[HTTPConnection]] = {
    urllib3.HTTPConnectionPool.ConnectionCls: _Watched,
    urllib3.HTTPSConnectionPool.ConnectionCls: _WatchedHTTPS,
}
