"""The wire: the one ``requests`` adapter under both client libraries, and the sentences for what fails on it.

Every request of a connector passes here and is bounded: a total deadline, a size of its answer, one host, and an
allow-list without which nothing is sent. It goes at the tracker's pace: a request that a rate limit refused was not
carried out and is sent again after the pause, within bounds; nothing else is ever repeated here. Called by the
connectors' clients only. It knows no tracker.
"""

from __future__ import annotations

import socket
from http.client import IncompleteRead
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import urllib3
from requests import Request, RequestException, Response, TooManyRedirects
from requests.adapters import HTTPAdapter
from urllib3.exceptions import DecodeError, HTTPError, InvalidChunkLength, NameResolutionError

from connectors.deadline import Deadline, watched
from connectors.errors import LostAnswerError, MalformedError, PermanentError, TemporaryError, TrackerError
from connectors.limit import Answered, http_date
from connectors.pace import QUEUE_S, PausedError, StuckError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from requests import PreparedRequest

    from connectors.limit import Limit, Limits
    from connectors.pace import Pace

MAX_ANSWER_BYTES = 64 * 1024 * 1024

_CHUNK_BYTES = 64 * 1024
_CONNECT_TIMEOUT_S = 10.0
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


class WireError(RequestException):
    """A request that brought no usable answer. ``said`` and ``hint`` are sentences for a person, without secrets.

    ``sent``: the request may have reached the tracker. ``kind`` is "temporary", "permanent" or "malformed".
    ``retry_after_s`` is how long the tracker wants to be left alone yet, None when that is not why.
    """

    def __init__(
        self,
        said: str,
        hint: str,
        *,
        kind: str = "temporary",
        sent: bool = True,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(said)
        self.said = said
        self.hint = hint
        self.kind = kind
        self.sent = sent
        self.retry_after_s = retry_after_s


class NotAllowedError(RuntimeError):
    """A fault in syncd, not at a tracker: a request that this client must never send. It was not sent."""


class Wire(HTTPAdapter):
    """One bounded way to one host. Mount it at ``https://`` and ``http://``; one for each session and thread.

    ``url`` fixes scheme and host of every request. ``timeout_s`` bounds each request as a whole, its answer's body
    included; ``allow`` sees (method, path) of each request before anything is sent. ``pace`` is the tracker's,
    ``limits`` reads what this kind of tracker says about it. ``date`` is the last answer's ``Date`` header (aware,
    UTC), the tracker's own clock; None when it had none. ``limit`` is what the last answer said about limits.
    ``requests`` counts what was sent.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout_s: float,
        allow: Callable[[str, str], bool],
        pace: Pace,
        limits: Limits,
        max_bytes: int = MAX_ANSWER_BYTES,
    ) -> None:
        super().__init__(max_retries=0)
        self.url = url
        self._ours = _origin(Request("GET", url).prepare().url or url)
        self.timeout_s = timeout_s
        self.allow = allow
        self.pace = pace
        self.limits = limits
        self.max_bytes = max_bytes
        self.date: datetime | None = None
        self.limit: Limit | None = None

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,  # noqa: ARG002, FBT001, FBT002  # the signature is requests'
        timeout: object = None,  # noqa: ARG002  # ours stands, whatever a library asks for
        verify: bool | str = True,  # noqa: FBT001, FBT002  # the same
        cert: Any = None,  # noqa: ANN401  # the same
        proxies: Mapping[str, str] | None = None,
    ) -> Response:
        """Sends it or raises ``NotAllowedError`` or ``WireError``; the body of what returns is read whole."""
        method, url = (request.method or "").upper(), request.url or ""
        self._check(method, url)
        scopes = self.limits.scopes(method, urlsplit(url).path, _bytes(request.body))
        asking = self.pace.asking(method, scopes)
        while True:
            try:
                with asking.turn():
                    response = self._send_once(request, verify=verify, cert=cert, proxies=proxies)
                    self.date = http_date(response.headers.get("Date"))
                    self.limit = self._limit(scopes, response)
                    asking.answered(response.status_code, self.limit)
            except PausedError as paused:
                raise _paused(self.url, paused) from None
            except StuckError:
                raise _stuck(self.url) from None
            if not asking.again:
                break
        if response.is_redirect:
            self._check_redirect(method, url, response.headers.get("Location", ""))
        return response

    def _send_once(self, request: PreparedRequest, **how: Any) -> Response:  # noqa: ANN401  # as requests gave it
        deadline = Deadline(self.timeout_s)
        times = (min(_CONNECT_TIMEOUT_S, self.timeout_s), self.timeout_s)
        try:
            with deadline:
                response = super().send(request, stream=True, timeout=times, **how)
                self._read_whole(response, deadline)
        except WireError:
            raise
        except (RequestException, HTTPError, OSError) as error:
            raise _explained(error, self.url, deadline) from error
        return response

    def _limit(self, scopes: tuple[str, ...], response: Response) -> Limit | None:
        answered = Answered(status=response.status_code, headers=response.headers, body=response.content, now=self.date)
        return self.limits.limit(scopes, answered)

    def _check_redirect(self, method: str, url: str, location: str) -> None:
        """Whoever follows asks for what the tracker chose: what is refused then is no fault in syncd."""
        try:
            target = urljoin(url, location)
            if method not in _READS or not self.allow(method, urlsplit(target).path):
                raise _redirected(self.url, target)
            self._check(method, target)
        except ValueError:  # it is no address
            raise _redirected(self.url, "") from None

    def _check(self, method: str, url: str) -> None:
        theirs = _origin(url)
        upgraded = theirs == ("https", self._ours[1], 443) and self._ours == ("http", theirs[1], 80)
        if theirs != self._ours and not upgraded:
            raise _redirected(self.url, url)
        path = urlsplit(url).path
        if not self.allow(method, path):
            raise NotAllowedError(f"this client must not send {method} {path}; nothing was sent")

    def _read_whole(self, response: Response, deadline: Deadline) -> None:
        body = bytearray()
        for chunk in response.raw.stream(_CHUNK_BYTES, decode_content=True):
            body += chunk
            if len(body) > self.max_bytes:
                response.raw.close()
                raise WireError(
                    f"{self.url} answered more than {self.max_bytes // 1024 // 1024} MiB",
                    "narrow the selector, or ask the tracker's administrator what stands at this address",
                    kind="malformed",
                )
        deadline.check()
        response._content = bytes(body)  # noqa: SLF001  # requests has no other way to hand over a body read by parts
        response._content_consumed = True  # type: ignore[attr-defined]  # noqa: SLF001  # the same

    def get_connection_with_tls_context(
        self,
        request: PreparedRequest,
        verify: bool | str | None,  # noqa: FBT001  # the signature is requests'
        proxies: Mapping[str, str] | None = None,
        cert: Any = None,  # noqa: ANN401  # the same
    ) -> Any:  # noqa: ANN401  # the same
        """The pool, with connections that tell the running deadline which socket to shut."""
        return watched(super().get_connection_with_tls_context(request, verify, proxies, cert))


def tracker_error(source: str, error: BaseException, *, writes: bool) -> TrackerError:
    """What a failed request means to the caller. ``error`` is whatever ``requests`` or ``Wire`` raised.

    ``writes``: the request would have changed the tracker, so a lost answer leaves open whether it did.
    """
    if isinstance(error, TooManyRedirects):
        error = _redirected("the tracker", "")
    wire = error if isinstance(error, WireError) else _explained(error, "the tracker", Deadline(0))
    if writes and wire.sent and wire.kind != "permanent":
        return LostAnswerError(source, wire.said, "it may have been written or not; the next pass looks first")
    kinds: dict[str, type[TrackerError]] = {"permanent": PermanentError, "malformed": MalformedError}
    if wire.kind in kinds:
        return kinds[wire.kind](source, wire.said, wire.hint)
    return TemporaryError(source, wire.said, wire.hint, retry_after_s=wire.retry_after_s)


def _origin(url: str) -> tuple[str, str, int]:
    """(scheme, host, port) of an address as ``requests`` writes it: lower case, punycode, the port spelt out."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _bytes(body: bytes | str | None) -> bytes:
    return body.encode() if isinstance(body, str) else body or b""


def _paused(base: str, paused: PausedError) -> WireError:
    return WireError(
        f"{base} has asked for patience", "nothing was sent", sent=False, retry_after_s=paused.retry_after_s
    )


def _stuck(base: str) -> WireError:
    return WireError(
        f"{base} has answered none of our requests for {QUEUE_S:g} s", "nothing more is sent; is it down?", sent=False
    )


def _redirected(base: str, target: str) -> WireError:
    there = urlsplit(target)
    elsewhere = there.hostname and _origin(target) != _origin(base)
    where = f"{there.scheme}://{there.hostname}" if elsewhere else "another page"
    return WireError(
        f"{base} redirects to {where}, which is refused",
        "set url to the tracker's own address; a login page or a proxy may stand in between",
        kind="permanent",
        sent=False,
    )


def _explained(error: BaseException, base: str, deadline: Deadline) -> WireError:
    """One sentence for whatever failed. The exception's own text is left out: it may carry headers or queries."""
    causes = list(_chain(error))
    if deadline.over or any(type(cause) in _TIMEOUTS for cause in causes):
        return WireError(
            f"{base} did not answer within {deadline.after_s:g} s", "try again; is it slow or down?", sent=deadline.sent
        )
    for kinds, why, hint in _REASONS:
        if any(isinstance(cause, kinds) for cause in causes):
            return WireError(f"cannot reach {base}: {why}", hint, sent=deadline.sent)
    for kinds, said, kind in _BROKEN:
        if any(isinstance(cause, kinds) for cause in causes):
            return WireError(f"{base} {said}", "try again; is a proxy in between?", kind=kind)
    if deadline.sent:
        return WireError(f"{base} dropped the connection", "try again; is it restarting?")
    return WireError(f"cannot reach {base}: {type(causes[-1]).__name__}", "check url and the network", sent=False)


# By type itself: urllib3's NewConnectionError calls itself a timeout by inheritance
_TIMEOUTS = frozenset({TimeoutError, urllib3.exceptions.ConnectTimeoutError, urllib3.exceptions.ReadTimeoutError})
_BROKEN: tuple[tuple[tuple[type[BaseException], ...], str, str], ...] = (
    ((DecodeError,), "sent an answer that cannot be unpacked", "malformed"),
    ((IncompleteRead, InvalidChunkLength), "broke off its answer", "temporary"),  # as a dropped connection is
)
_REASONS: tuple[tuple[tuple[type[BaseException], ...], str, str], ...] = (
    ((NameResolutionError, socket.gaierror), "the name does not resolve", "check url and the network's DNS"),
    (
        (urllib3.exceptions.SSLError,),
        "its certificate or TLS is not accepted",
        "for a private authority set REQUESTS_CA_BUNDLE to its certificate",
    ),
    ((urllib3.exceptions.ProxyError,), "the proxy does not let us through", "check HTTPS_PROXY and NO_PROXY"),
    ((ConnectionRefusedError,), "the connection is refused", "is it running, and are host and port right?"),
)


def _chain(error: BaseException | None) -> list[BaseException]:
    """An error with its causes; urllib3 keeps some in ``reason`` or ``args`` only."""
    found: list[BaseException] = []
    waiting = [error]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, BaseException) and one not in found:
            found.append(one)
            waiting += [one.__cause__, one.__context__, getattr(one, "reason", None)]
            waiting += [part for part in one.args if isinstance(part, BaseException)]
    return found
