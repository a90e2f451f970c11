"""The wire on a real socket: bounded in time and size, one host, nothing that is not allowed."""

from __future__ import annotations

import contextlib
import gzip
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import requests

from connectors.errors import LostAnswerError, MalformedError, PermanentError, TemporaryError
from connectors.jira import limits
from connectors.limit import MAX_RETRY_AFTER_S, http_date, retry_after_s
from connectors.pace import Pace
from connectors.wire import NotAllowedError, Wire, WireError, tracker_error
from tests.connectors import hostile
from tests.connectors.hostile import http

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from tests.connectors.hostile import Server


def served(answer: bytes, pause_s: float = 0.0, step: int = 1 << 20) -> AbstractContextManager[Server]:
    """Answers each connection with fixed bytes, ``step`` at a time."""
    parts = [answer[start : start + step] for start in range(0, len(answer), step)]
    return hostile.served(lambda _: parts, pause_s)


def anything(_method: str, _path: str) -> bool:
    return True


@contextlib.contextmanager
def session(wire: Wire) -> Iterator[requests.Session]:
    with requests.Session() as opened:
        opened.trust_env = False
        opened.mount("http://", wire)
        opened.mount("https://", wire)
        yield opened


def failure(url: str, *, timeout_s: float = 5.0, method: str = "GET", max_bytes: int = 10_000) -> WireError:
    wire = Wire(url, timeout_s=timeout_s, allow=anything, pace=Pace(), limits=limits, max_bytes=max_bytes)
    with session(wire) as opened, pytest.raises(WireError) as caught:
        opened.request(method, f"{url}/x?token=hidden", data=b"{}" if method == "POST" else None)
    assert "hidden" not in str(caught.value)
    return caught.value


def test_an_answer_is_read_whole_and_tells_the_trackers_clock() -> None:
    with served(http(b'{"a": 1}', "Date: Sun, 22 Nov 2026 10:00:00 GMT")) as server:
        wire = Wire(server.url, timeout_s=5, allow=anything, pace=Pace(), limits=limits)
        with session(wire) as opened:
            assert opened.get(f"{server.url}/x").json() == {"a": 1}
    assert wire.date == datetime(2026, 11, 22, 10, tzinfo=UTC)


@pytest.mark.parametrize("drip", [http(b"x" * 5000), b"HTTP/1.1 200 OK\r\nX-Slow: " + b"y" * 5000])
def test_a_byte_at_a_time_does_not_outlive_the_deadline(drip: bytes) -> None:
    with served(drip, pause_s=0.02, step=1) as server:
        start = time.monotonic()
        error = failure(server.url, timeout_s=0.4)
        assert time.monotonic() - start < 3
    assert "did not answer within 0.4 s" in error.said


def test_a_dropped_connection_is_temporary_for_a_read_and_a_lost_answer_for_a_write() -> None:
    with served(b"") as server:
        error = failure(server.url, method="POST")
    assert "dropped the connection" in error.said
    assert isinstance(tracker_error("eng", error, writes=True), LostAnswerError)
    assert isinstance(tracker_error("eng", error, writes=False), TemporaryError)


def test_a_silent_server_is_a_timeout_and_a_lost_answer_for_a_write() -> None:
    with served(b"H", pause_s=30) as server:
        error = failure(server.url, method="POST", timeout_s=0.3)
    assert "did not answer within 0.3 s" in error.said
    assert isinstance(tracker_error("eng", error, writes=True), LostAnswerError)


def test_an_answer_that_is_too_large_is_refused_even_when_it_is_packed() -> None:
    with served(http(gzip.compress(b"0" * 1_000_000), "Content-Encoding: gzip")) as server:
        error = failure(server.url)
    assert "answered more than" in error.said
    assert isinstance(tracker_error("eng", error, writes=False), MalformedError)


def test_half_an_answer_is_temporary_for_a_read_and_lost_for_a_write() -> None:
    half = http(b"x" * 100)[:-50]
    with served(half) as server:
        error = failure(server.url)
        assert type(tracker_error("eng", error, writes=False)) is TemporaryError
        assert isinstance(tracker_error("eng", error, writes=True), LostAnswerError)


def test_a_refused_connection_was_not_sent_so_a_write_may_be_repeated() -> None:
    with served(b"") as server:
        url = server.url
    error = failure(url, method="POST")
    assert not error.sent
    told = tracker_error("eng", error, writes=True)
    assert isinstance(told, TemporaryError)
    assert not isinstance(told, LostAnswerError)
    assert str(told).startswith(f"eng: cannot reach {url}: the connection is refused")


def test_an_unknown_name_says_so() -> None:
    error = failure("http://tracker.invalid")
    assert error.said == "cannot reach http://tracker.invalid: the name does not resolve"
    assert not error.sent


@pytest.mark.parametrize(
    "target", ["http://elsewhere.invalid/x", "https://127.0.0.2/x", "//elsewhere.invalid/", "http://127.0.0.1:1/"]
)
def test_a_redirect_to_another_host_is_not_followed(target: str) -> None:
    with served(http(b"", f"Location: {target}", status="302 Found")) as server:
        error = failure(server.url)
        assert len(server.seen) == 1
    assert "redirects" in error.said
    assert isinstance(tracker_error("eng", error, writes=False), PermanentError)


def test_a_write_is_never_redirected_at_all() -> None:
    with served(http(b"", "Location: /login", status="302 Found")) as server:
        error = failure(server.url, method="POST")
        assert len(server.seen) == 1
    assert not isinstance(tracker_error("eng", error, writes=True), LostAnswerError)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT"])
@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect"])
@pytest.mark.parametrize("target", ["/login.jsp?to=%2Frest", "in", "{url}/in", "?a", "http://[", "//a:b/", "/\x01"])
def test_a_login_page_on_the_same_host_is_a_persons_to_mend(target: str, status: str, method: str) -> None:
    with served(b"") as server:
        answer = http(b"", f"Location: {target.format(url=server.url)}", status=status)
        server.answer = lambda _: [answer]
        wire = Wire(server.url, timeout_s=5, allow=lambda _, path: path == "/x", pace=Pace(), limits=limits)
        with session(wire) as opened, pytest.raises(requests.RequestException) as caught:
            opened.request(method, f"{server.url}/x", allow_redirects=True)
        assert len(server.seen) == (31 if target == "?a" and method in {"GET", "HEAD"} else 1)
    told = tracker_error("eng", caught.value, writes=method in {"POST", "PUT"})
    assert type(told) is PermanentError
    assert "redirects to another page" in str(told)
    assert "a login page" in told.hint


def test_from_https_to_http_is_refused_before_anything_is_sent() -> None:
    wire = Wire("https://acme.invalid", timeout_s=1, allow=anything, pace=Pace(), limits=limits)
    with session(wire) as opened, pytest.raises(WireError, match="redirects to http://acme"):
        opened.get("http://acme.invalid/x")


def test_what_is_not_allowed_is_never_sent() -> None:
    with served(http(b"{}")) as server:
        only = ("GET", "/read")
        wire = Wire(server.url, timeout_s=5, allow=lambda *asked: asked == only, pace=Pace(), limits=limits)
        with session(wire) as opened:
            with pytest.raises(NotAllowedError, match="must not send POST /issue"):
                opened.post(f"{server.url}/issue", data=b"{}")
            assert opened.get(f"{server.url}/read").ok
        assert len(server.seen) == 1


def test_an_address_written_in_another_way_is_the_same_host() -> None:
    with served(http(b"{}")) as server:
        url = server.url.replace("127.0.0.1", "LocalHost")
        with session(Wire(url, timeout_s=5, allow=anything, pace=Pace(), limits=limits)) as opened:
            assert opened.get(f"{url}/x").ok


def test_redirects_in_circles_are_a_persons_to_mend() -> None:
    with served(http(b"", "Location: /x", status="302 Found")) as server:
        wire = Wire(server.url, timeout_s=5, allow=anything, pace=Pace(), limits=limits)
        with session(wire) as opened, pytest.raises(requests.TooManyRedirects) as caught:
            opened.get(f"{server.url}/x")
    assert isinstance(tracker_error("eng", caught.value, writes=False), PermanentError)


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("120", 120.0),
        ("1.5", 1.5),
        ("0", 0.0),
        ("9223372036854775807", MAX_RETRY_AFTER_S),
        ("9" * 400, MAX_RETRY_AFTER_S),
        ("Sun, 22 Nov 2026 10:02:00 GMT", 120.0),
        ("Sun, 22 Nov 2026 09:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", MAX_RETRY_AFTER_S),
        ("-5", None),
        ("soon", None),
        ("٣", None),
        ("", None),
    ],
)
def test_f13_retry_after_is_understood_in_all_its_forms_and_bounded(asked: str, seconds: float | None) -> None:
    headers = {"Retry-After": asked, "Date": "Sun, 22 Nov 2026 10:00:00 GMT"}
    assert retry_after_s(headers) == seconds


@pytest.mark.parametrize("text", [None, "", "yesterday", "Sun, 99 Nov 2026 10:00:00 GMT", "\x00"])
def test_a_date_that_is_none_is_none(text: str | None) -> None:
    assert http_date(text) is None
