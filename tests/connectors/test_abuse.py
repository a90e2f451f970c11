"""Trackers that break HTTP, with the real client libraries: one error of ours each, bounded, and never good news.

``site`` tells who we are as a tracker should, so that the abuse meets whatever is asked next (F9, F10, F13, F25).
"""

from __future__ import annotations

import gzip
import json
import logging
import shutil
import ssl
import subprocess
import tracemalloc
import zlib
from functools import cache
from typing import TYPE_CHECKING

import pytest

from connectors.errors import (
    DeniedError,
    LostAnswerError,
    MalformedError,
    PermanentError,
    TemporaryError,
    TrackerError,
)
from connectors.wire import MAX_ANSWER_BYTES
from tests.connectors.abused import TOKEN, TRACKERS, Abused, Answer, errors
from tests.connectors.hostile import http, served

if TYPE_CHECKING:
    from pathlib import Path


HTML = b"<html><body>Please log in.</body></html>"


@pytest.fixture(params=TRACKERS)
def abused(request: pytest.FixtureRequest) -> Abused:
    return TRACKERS[request.param]


def bytes_of(*parts: bytes) -> Answer:
    return lambda _: parts


BROKEN: dict[str, tuple[Answer, type[TrackerError]]] = {
    "garbage": (bytes_of(b"\x00\xff\x13 this is no HTTP\r\n\r\n" * 10), TemporaryError),
    "nothing": (bytes_of(), TemporaryError),
    "half a head": (bytes_of(b"HTTP/1.1 200 OK\r\nContent-Le"), TrackerError),
    "an endless head": (bytes_of(b"HTTP/1.1 200 OK\r\n" + b"X-Much: 1\r\n" * 200 + b"\r\n{}"), TemporaryError),
    "a long head": (bytes_of(b"HTTP/1.1 200 OK\r\nX-Long: " + b"y" * 100_000 + b"\r\n\r\n{}"), TemporaryError),
    "half a body": (bytes_of(http(b'{"data": {"issues": []}, "issues": []}')[:-9]), TemporaryError),
    "a broken chunk": (
        bytes_of(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\nZZ\r\n"),
        TemporaryError,
    ),
    "half a chunk": (bytes_of(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{}"), TemporaryError),
    "no gzip": (bytes_of(http(b"plain", "Content-Encoding: gzip")), MalformedError),
    "half a gzip": (bytes_of(http(gzip.compress(b"{}" * 500)[:-20], "Content-Encoding: gzip")), MalformedError),
    "a web page": (bytes_of(http(HTML, "Content-Type: text/html")), MalformedError),
    "no JSON": (bytes_of(http(b'{"data": ', "Content-Type: application/json")), MalformedError),
    "not even text": (bytes_of(http(b"\xff\xfe\x00{", "Content-Type: application/json")), MalformedError),
    "an empty body": (bytes_of(http(b"")), MalformedError),
    "no content": (bytes_of(http(b"", status="204 No Content")), MalformedError),
    "deep JSON": (bytes_of(http(b"[" * 100_000)), MalformedError),
    "a huge number": (bytes_of(http(b'{"data": ' + b"9" * 10_000 + b"}")), MalformedError),
}


@pytest.mark.parametrize("abuse", BROKEN)
def test_f9_a_tracker_that_breaks_its_answers_is_an_error_and_never_good_news(
    abused: Abused, abuse: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer, expected = BROKEN[abuse]
    with served(abused.after_its_name(answer)) as server:
        found = dict(errors(abused, abused.settings(server.url)))
    assert_kind(found, expected)
    assert TOKEN not in caplog.text


def assert_kind(found: dict[str, TrackerError], expected: type[TrackerError]) -> None:
    """What each act raised; of a write nobody may know whether it was carried out."""
    for name, error in found.items():
        kinds = (expected, LostAnswerError) if name.startswith("write") else (expected,)
        assert isinstance(error, kinds), (name, error)
        assert not (name.startswith("read") and isinstance(error, LostAnswerError)), (name, error)


@pytest.mark.parametrize("silence", ["accepts and hangs", "a byte at a time", "a head and no body", "endless 100s"])
def test_a_slow_tracker_is_cut_off_at_the_deadline(abused: Abused, silence: str) -> None:
    answers: dict[str, Answer] = {
        "accepts and hangs": lambda _: [],
        "a byte at a time": lambda _: (bytes([byte]) for byte in http(b"[]" * 500)),
        "a head and no body": lambda _: [b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"],
        "endless 100s": lambda _: (b"HTTP/1.1 100 Continue\r\n\r\n" for _ in range(500)),
    }
    with served(abused.after_its_name(answers[silence]), pause_s=0.02, linger_s=10) as server:
        found = dict(errors(abused, abused.settings(server.url, timeout_s=0.25), few=True))
    assert_kind(found, TemporaryError)
    assert all("did not answer within 0.25 s" in str(error) for error in found.values())


def test_two_gigabytes_are_cut_off_at_the_cap(abused: Abused) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 2147483648\r\n\r\n"
    with served(abused.after_its_name(lambda _: [head, *[b" " * 2**20] * 2048])) as server:
        found = dict(errors(abused, abused.settings(server.url, timeout_s=30), few=True))
    assert server.sent_bytes < MAX_ANSWER_BYTES + 16 * 2**20
    assert_kind(found, MalformedError)
    assert "more than 64 MiB" in str(found["read: identify"])


@pytest.mark.parametrize("packing", ["gzip", "gzip, gzip", "deflate, gzip"])
def test_a_small_answer_that_unpacks_to_gigabytes_is_cut_off_in_bounded_memory(abused: Abused, packing: str) -> None:
    packed = bomb(packing)
    assert len(packed) < 4 * 2**20
    with served(abused.after_its_name(lambda _: [http(packed, f"Content-Encoding: {packing}")])) as server:
        tracemalloc.start()
        found = dict(errors(abused, abused.settings(server.url, timeout_s=30), few=True))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert_kind(found, MalformedError)
    assert peak < 3 * MAX_ANSWER_BYTES


@cache
def bomb(packing: str) -> bytes:
    """Two gigabytes of nothing, packed."""
    packed = gzip.compress(b" " * 2**20, 6)
    many = packed * 2048  # members of one gzip stream
    if packing == "gzip":
        return many
    return gzip.compress(many if packing == "gzip, gzip" else zlib.compress(b" " * 2**28), 6)


STATUSES: dict[int, tuple[type[TrackerError], bytes]] = {
    400: (PermanentError, b"{}"),
    401: (DeniedError, HTML),
    403: (DeniedError, b"{}"),
    404: (PermanentError, HTML),
    408: (TrackerError, b""),
    410: (PermanentError, b"{}"),
    413: (PermanentError, HTML),
    418: (PermanentError, b"7"),
    429: (TemporaryError, b""),
    500: (TemporaryError, b"{}"),
    502: (TemporaryError, HTML),
    503: (TemporaryError, b""),
    504: (TemporaryError, HTML),
    599: (TemporaryError, b"[]"),
}


@pytest.mark.parametrize("status", STATUSES)
def test_f10_a_refusal_by_status_is_never_swallowed(abused: Abused, status: int) -> None:
    expected, body = STATUSES[status]
    with served(abused.after_its_name(lambda _: [http(body, status=f"{status} No")])) as server:
        assert_kind(dict(errors(abused, abused.settings(server.url))), expected)


def test_f25_a_tracker_that_echoes_our_token_does_not_make_us_tell_it(abused: Abused) -> None:
    def echo(asked: bytes) -> list[bytes]:
        sent = asked.partition(b"\r\n\r\n")[0].decode(errors="replace").replace("\r\n", " ")
        said = {"errorMessages": [sent], "errors": {sent: sent}, "message": sent}
        body = {"errors": [{"message": sent, "extensions": {"userPresentableMessage": sent}}]}
        return [http(json.dumps(said if abused.kind == "jira" else body).encode(), status="400 Bad Request")]

    with served(abused.after_its_name(echo)) as server:
        found = dict(errors(abused, abused.settings(server.url)))
    assert TOKEN.encode() in b"".join(server.seen) or b"Basic " in b"".join(server.seen)
    assert_kind(found, PermanentError)


@pytest.mark.parametrize("padding", [295, 395, 995, 1595])
def test_f25_where_words_are_cut_no_piece_of_our_token_is_left(abused: Abused, padding: int) -> None:
    for space in " x":
        sent = space * padding + TOKEN
        said = {"errorMessages": [sent], "errors": {sent: sent}, "message": sent}
        body = json.dumps(said if abused.kind == "jira" else {"errors": [{"message": sent}]}).encode()
        with served(abused.after_its_name(bytes_of(http(body, status="400 Bad Request")))) as server:
            for _, error in errors(abused, abused.settings(server.url), few=True):
                assert TOKEN[:4] not in str(error)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_f25_a_redirect_to_another_host_is_refused_and_nothing_is_sent_there(abused: Abused, status: int) -> None:
    with served(lambda _: [http(b"{}")]) as elsewhere:
        there = f"Location: {elsewhere.url.replace('127.0.0.1', 'localhost')}/take?it"
        moved = http(b"", there, status=f"{status} Moved")
        with served(abused.after_its_name(lambda _: [moved])) as server:
            found = dict(errors(abused, abused.settings(server.url)))
        assert elsewhere.seen == []
    assert_kind(found, PermanentError)


def test_a_name_that_no_longer_resolves_says_so_and_nothing_was_lost(abused: Abused) -> None:
    found = dict(errors(abused, abused.settings("http://tracker.invalid"), few=True))
    assert all(type(error) is TemporaryError for error in found.values())
    assert all("the name does not resolve" in str(error) for error in found.values())


def test_a_server_without_tls_at_an_https_address_is_told_from_one_that_is_down(abused: Abused) -> None:
    with served(lambda _: [http(b"{}")]) as server:
        found = dict(errors(abused, abused.settings(f"https://{server.host}"), few=True))
    assert all("its certificate or TLS is not accepted" in str(error) for error in found.values())
    assert all(type(error) is TemporaryError for error in found.values())


def test_a_certificate_of_nobody_is_not_accepted_and_nothing_is_sent(abused: Abused, tmp_path: Path) -> None:
    with served(lambda _: [http(b"{}")], tls=self_signed(tmp_path)) as server:
        found = dict(errors(abused, abused.settings(f"https://localhost:{server.host.partition(':')[2]}"), few=True))
    assert server.seen == []
    assert all("its certificate or TLS is not accepted" in str(error) for error in found.values())
    assert not any(isinstance(error, LostAnswerError) for error in found.values())


def self_signed(folder: Path) -> ssl.SSLContext:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl, which makes the certificate, is not installed")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    named = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    asked = [openssl, *made, *named, *files]
    subprocess.run(asked, check=True, capture_output=True, timeout=60)  # noqa: S603  # it is openssl itself
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
