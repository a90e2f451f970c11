"""Serves the application on the address of the configuration: waitress, with limits on all that a stranger can send.

Waitress reads a request whole, on one thread for all connections, before it takes one of the threads that answer: a
client that sends a byte a second holds up nobody. It knows nothing of what is served.
"""

from __future__ import annotations

import gc
import logging
import socket
import sys
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Final, cast

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import create_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from wsgiref.types import WSGIApplication

    from waitress.server import BaseWSGIServer

BODY_BYTES: Final = 1024 * 1024
"""The largest body that is read. A ticket's webhook has some 10 KB; one that is larger than this brings old comments or
a bulk change along, and the next poll finds the change without it."""

HEADER_BYTES: Final = 32 * 1024
CONNECTIONS: Final = 200
THREADS: Final = 16
REQUEST_S: Final = 20
"""How long a request may take until it is here whole, and how long a connection may be idle."""

_PIECE_BYTES: Final = 64 * 1024
_TURN_S: Final = 0.001
_LEAVE_S: Final = 1
"""How long answers in flight are waited for at the end."""


@contextmanager
def serving(bind: str, app: WSGIApplication) -> Iterator[str]:
    """Serves ``app`` at ``bind`` ("host:port", port 0 takes a free one) while the block runs; yields its address.

    Raises OSError when nothing can listen there. What is in flight at the end is not waited for.
    """
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # that requests wait a moment in a burst is no news
    with _listener(bind) as listener, _turns():
        sockets: dict[int, Any] = {}
        made = create_server(
            app,
            map=sockets,
            sockets=[listener],
            ident=None,
            threads=THREADS,
            connection_limit=CONNECTIONS,
            channel_timeout=REQUEST_S,
            cleanup_interval=max(1, REQUEST_S // 4),
            recv_bytes=_PIECE_BYTES,
            max_request_header_size=HEADER_BYTES,
            max_request_body_size=BODY_BYTES + 1,
            inbuf_overflow=BODY_BYTES // 4,
            log_socket_errors=False,
            asyncore_use_poll=True,
        )
        server = cast("BaseWSGIServer", made)  # as it is for one socket
        server.channel_class = _Channel
        ended = Event()
        thread = Thread(target=_serve, args=(sockets, ended), name="http", daemon=True)
        thread.start()
        host, port = listener.getsockname()[:2]
        try:
            yield f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        finally:
            ended.set()
            server.pull_trigger()
            thread.join()
            server.task_dispatcher.shutdown(timeout=_LEAVE_S)
            wasyncore.close_all(sockets)


@contextmanager
def _turns() -> Iterator[None]:
    """Threads at work give way to others more often: a webhook takes three turns, and Python's own 5 ms for each of
    them is more than its answer may take while a pass is under way. And what is there already, libraries above all,
    is no longer searched for garbage: that stops every thread for a tenth of a second.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(_TURN_S)
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        sys.setswitchinterval(before)


def _listener(bind: str) -> socket.socket:
    host, _, port = bind.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, int(port)), family=family, backlog=128)


def _serve(sockets: dict[int, Any], ended: Event) -> None:
    """Waitress's own loop cannot be ended by another thread."""
    while not ended.is_set():
        wasyncore.loop(timeout=1.0, use_poll=True, map=sockets, count=1)


class _Channel(HTTPChannel):
    """A connection on which only a whole request counts as activity: bytes that trickle in do not keep it open."""

    def handle_read(self) -> None:
        before = self.last_activity
        super().handle_read()
        if self.request is not None:
            self.last_activity = before
