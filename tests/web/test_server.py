"""The server: its limits on what strangers send, and how it ends."""

from __future__ import annotations

import gc
import socket
import sys
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import requests

from syncd.web import server
from syncd.web.app import create_app
from syncd.web.server import BODY_BYTES, HEADER_BYTES, THREADS, serving
from tests.web.site import jira_event, jira_signed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIEnvironment

    from tests.web.site import Site

ANYWHERE = "127.0.0.1:0"
FEW_S = 10


class Recorded:
    """Answers everything with the length of the body that it got."""

    def __init__(self) -> None:
        self.lengths: list[int] = []

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.lengths.append(len(environ["wsgi.input"].read()))
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
        return [b"ok"]


def connected(url: str) -> socket.socket:
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname, parts.port), timeout=FEW_S)


def test_a_webhook_over_http_is_taken(site: Site) -> None:
    body = jira_event()
    with serving(ANYWHERE, create_app(site.ports())) as url:
        answer = requests.post(f"{url}/hooks/eng", data=body, headers=jira_signed(body), timeout=FEW_S)
    assert answer.status_code == 202
    assert len(site.hints) == 1


def test_nothing_tells_what_serves(site: Site) -> None:
    with serving(ANYWHERE, create_app(site.ports())) as url:
        answers = [requests.get(f"{url}{path}", timeout=FEW_S) for path in ("/healthz", "/nothing")]
        answers.append(requests.get(url, headers={"X-Long": "x" * HEADER_BYTES}, timeout=FEW_S))
    assert [answer.status_code for answer in answers] == [200, 404, 431]
    for answer in answers:
        told = f"{answer.headers}{answer.text}".lower()
        assert "server" not in {name.lower() for name in answer.headers}
        assert not any(word in told for word in ("waitress", "werkzeug", "python"))


def halves(body: bytes) -> Iterator[bytes]:
    yield body[: len(body) // 2]
    yield body[len(body) // 2 :]


def test_a_body_up_to_the_limit_is_read_and_a_larger_one_refused_unread() -> None:
    app = Recorded()
    with serving(ANYWHERE, app) as url:
        assert requests.post(url, data=b"x" * BODY_BYTES, timeout=FEW_S).status_code == 200
        assert requests.post(url, data=halves(b"x" * 10_000), timeout=FEW_S).status_code == 200
        with closing(connected(url)) as sock:
            sock.sendall(f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {BODY_BYTES + 1}\r\n\r\n".encode())
            assert sock.recv(100).startswith(b"HTTP/1.1 413")
    assert app.lengths == [BODY_BYTES, 10_000]


def test_a_chunked_body_without_end_is_refused_at_the_limit() -> None:
    app = Recorded()
    with serving(ANYWHERE, app) as url, closing(connected(url)) as sock:
        sock.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        for _ in range(BODY_BYTES // 0x10000 + 1):
            sock.sendall(chunk)
        assert sock.recv(100).startswith(b"HTTP/1.1 413")
    assert app.lengths == []


def test_clients_that_never_finish_hold_up_nobody(site: Site) -> None:
    with serving(ANYWHERE, create_app(site.ports())) as url, ExitStack() as stack:
        for _ in range(THREADS * 2):
            sock = stack.enter_context(closing(connected(url)))
            sock.sendall(b"POST /hooks/eng HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nx")
        assert requests.get(f"{url}/healthz", timeout=FEW_S).status_code == 200


def test_bytes_that_trickle_in_do_not_keep_a_connection_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "REQUEST_S", 1)
    with serving(ANYWHERE, Recorded()) as url, closing(connected(url)) as sock:
        sock.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
        sock.settimeout(0.2)
        closed = False
        for _ in range(50):
            try:
                sock.sendall(b"x")
                closed = sock.recv(1) == b""
            except TimeoutError:
                continue
            except OSError:
                closed = True
            break
        assert closed


def test_the_end_waits_for_nobody_and_frees_the_port() -> None:
    with ExitStack() as stack:
        with serving(ANYWHERE, Recorded()) as url:
            idle = stack.enter_context(closing(connected(url)))
            begun = stack.enter_context(closing(connected(url)))
            begun.sendall(b"POST / HTTP/1.1\r\n")
            assert requests.get(url, timeout=FEW_S).status_code == 200
        assert idle.recv(1) == b""
        with pytest.raises(OSError, match="refused"):
            connected(url)
        with serving(f"127.0.0.1:{urlsplit(url).port}", Recorded()) as again:
            assert again == url


def test_a_taken_port_is_an_error_that_says_so() -> None:
    with serving(ANYWHERE, Recorded()) as url:
        with pytest.raises(OSError, match="in use"), serving(f"127.0.0.1:{urlsplit(url).port}", Recorded()):
            pass
        assert requests.get(url, timeout=FEW_S).status_code == 200


def test_threads_at_work_give_way_while_something_is_served() -> None:
    before = sys.getswitchinterval()
    with serving(ANYWHERE, Recorded()):
        assert sys.getswitchinterval() < before
        assert gc.get_freeze_count() > 0
    assert sys.getswitchinterval() == before
    assert gc.get_freeze_count() == 0


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_an_address_of_ipv6_can_be_served() -> None:
    try:
        with serving("[::1]:0", Recorded()) as url:
            assert requests.get(url, timeout=FEW_S).status_code == 200
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
