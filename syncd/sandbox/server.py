"""Serves a WSGI application over real HTTP on loopback, the way a tracker's front end does.

Called by the sandbox command, the demo and tests. Connections are kept alive, an answer leaves in one write, and
nothing but 127.0.0.1 is bound. Knows nothing of Jira or Linear.
"""

from __future__ import annotations

import io
import logging
import socket
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

if TYPE_CHECKING:
    from collections.abc import Iterator
    from wsgiref.types import WSGIApplication

LOOPBACK = "127.0.0.1"
BODY_LIMIT_BYTES = 32 * 1024 * 1024
IDLE_TIMEOUT_S = 120

log = logging.getLogger(__name__)


class Seen(NamedTuple):
    """One request as the sandbox got it. ``query`` maps a name to its values, ``body`` is the parsed JSON or None."""

    method: str
    path: str
    query: dict[str, list[str]]
    body: Any


class _Connection(WSGIRequestHandler):
    """One kept-alive connection. Werkzeug's own handler closes after each answer, because it cannot tell a body's
    rest from the next request; this one reads the whole body first.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = IDLE_TIMEOUT_S
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.opened(self.connection)

    def finish(self) -> None:
        self.server.closed(self.connection)
        # the peer may have gone before the last bytes left
        with suppress(OSError):
            super().finish()

    def log_error(self, *_: object) -> None:
        """Told is only that a connection was idle for too long, or spoke no HTTP: nobody who watches is helped."""

    def run_wsgi(self) -> None:
        if self.headers.get("Expect", "").strip().lower() == "100-continue":
            self.send_response_only(100)
            self.end_headers()
            self.wfile.flush()
        environ = self.make_environ()
        body = self._read_body(environ["wsgi.input"])
        if body is None:
            self.close_connection = True
            self._answer("413 Payload Too Large", [], b"")
            return
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        try:
            self._answer(*self._call(environ))
        except ConnectionError:  # the client went, or a test wants its answer lost
            self.close_connection = True

    def _read_body(self, stream: Any) -> bytes | None:  # noqa: ANN401 - werkzeug's stream has no public type
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            body: bytes = stream.read(BODY_LIMIT_BYTES + 1)
            return body if len(body) <= BODY_LIMIT_BYTES else None
        length = int(self.headers.get("Content-Length") or 0)
        return self.rfile.read(length) if length <= BODY_LIMIT_BYTES else None

    def _call(self, environ: dict[str, Any]) -> tuple[str, list[tuple[str, str]], bytes]:
        time.sleep(self.server.latency_s)
        head: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Any:  # noqa: ANN401 - PEP 3333
            head[:] = [status, headers]
            return io.BytesIO().write

        try:
            body = b"".join(self.server.app(environ, start_response))
        except ConnectionError:
            raise
        except Exception:
            log.exception("sandbox_failed")
            return "500 Internal Server Error", [("Content-Type", "text/plain")], b"The sandbox has a bug."
        return head[0], head[1], body

    def _answer(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        code, _, reason = status.partition(" ")
        self.send_response_only(int(code), reason)
        given = {name.lower(): value for name, value in headers}
        told = max(len(body), int(given.get("content-length", 0)))  # more than there is: the answer breaks off
        for name, value in headers:
            if name.lower() != "content-length":
                self.send_header(name, value)
        if "date" not in given:
            self.send_header("Date", self.date_time_string())
        if code != "204":
            self.send_header("Content-Length", str(told))
        self.end_headers()
        if self.command != "HEAD" and code != "204":
            self.wfile.write(body)
            self.close_connection |= told > len(body)
        self.wfile.flush()


class _Server(ThreadedWSGIServer):
    """The listening socket and the connections that are open on it."""

    request_queue_size = 128

    def __init__(self, app: WSGIApplication, port: int, latency_ms: float) -> None:
        self.latency_s = latency_ms / 1000
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__(LOOPBACK, port, app, handler=_Connection)

    def opened(self, connection: socket.socket) -> None:
        with self._guard:
            self._open.add(connection)

    def closed(self, connection: socket.socket) -> None:
        with self._guard:
            self._open.discard(connection)

    def hang_up(self) -> None:
        """Ends connections that clients keep alive, so that none outlives the server."""
        with self._guard:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def serving(app: WSGIApplication, port: int = 0, *, latency_ms: float = 0) -> Iterator[str]:
    """Serves ``app`` on 127.0.0.1 while the block runs; yields its address, "http://127.0.0.1:PORT".

    ``port`` 0 takes a free one. ``latency_ms`` passes before each answer. Raises OSError when the port is taken.
    """
    if port:
        _refuse_taken(port)
    server = _Server(app, port, latency_ms)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="sandbox", daemon=True)
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{server.port}"
    finally:
        server.shutdown()
        server.hang_up()
        thread.join()


def _refuse_taken(port: int) -> None:
    """Werkzeug prints and exits where a port is taken; an error can be told to the user."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind((LOOPBACK, port))
