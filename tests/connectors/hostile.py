"""A server on a raw socket that breaks HTTP in every way that trackers and proxies do."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable, Iterator


TLS_HELLO = b"\x16\x03"


class Server:
    """``answer`` makes the bytes of an answer, in parts, from the bytes of a request; no part at all hangs up.

    Between the parts it waits ``pause_s``, and after the last one as long as ``linger_s``, or until it is closed. Keeps
    what it was asked in ``seen`` and how much of its last answer was taken in ``sent_bytes``.
    """

    def __init__(
        self,
        answer: Callable[[bytes], Iterable[bytes]],
        pause_s: float = 0.0,
        linger_s: float = 0.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.answer, self.pause_s, self.linger_s, self.tls = answer, pause_s, linger_s, tls
        self.seen: list[bytes] = []
        self.sent_bytes = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.url = f"http://{self.host}"
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), connection:
                connection.settimeout(10)
                self.talk(self.tls.wrap_socket(connection, server_side=True) if self.tls else connection)

    def talk(self, connection: socket.socket) -> None:
        asked = whole_request(connection)
        self.seen.append(asked)
        self.sent_bytes = 0
        for part in self.answer(asked):
            connection.sendall(part)
            self.sent_bytes += len(part)
            self.stop.wait(self.pause_s)
        self.stop.wait(self.linger_s)

    def close(self) -> None:
        self.stop.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(12)
        assert not self.thread.is_alive()


def whole_request(connection: socket.socket) -> bytes:
    """Head and body: a socket that is closed on unread bytes is reset, and takes the answer with it."""
    asked = b""
    while (end := asked.find(b"\r\n\r\n")) < 0:
        more = connection.recv(65536)
        if not more or more.startswith(TLS_HELLO):
            return asked
        asked += more
    head = asked[:end].lower()
    length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
    while len(asked) < end + 4 + length and (more := connection.recv(65536)):
        asked += more
    return asked


@contextlib.contextmanager
def served(
    answer: Callable[[bytes], Iterable[bytes]],
    pause_s: float = 0.0,
    linger_s: float = 0.0,
    tls: ssl.SSLContext | None = None,
) -> Iterator[Server]:
    server = Server(answer, pause_s, linger_s, tls)
    try:
        yield server
    finally:
        server.close()


def http(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """An answer in due form, after which the connection is closed."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
