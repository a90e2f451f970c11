"""The paths of the daemon and who may read them (interface.md §3). Every answer is plain text, JSON or metrics.

Made once by whoever serves it; each request is answered on a thread of the server. It asks no tracker and writes
nothing. No answer holds a secret, a traceback or markup.
"""

from __future__ import annotations

import hmac
import json
from contextlib import contextmanager
from http import HTTPStatus
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any, Final

from werkzeug.exceptions import HTTPException, NotFound, ServiceUnavailable, Unauthorized
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from syncd import log
from syncd.store.errors import StoreError
from syncd.told import told
from syncd.web.health import readiness
from syncd.web.hooks import ANSWERS, Hooks
from syncd.web.metrics import CONTENT_TYPE, Metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from syncd.web.ports import Ports

READERS: Final = 8
"""How many requests may wait for the database at once: however slow it is, threads are left for webhooks."""

_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_TOLD: Final = """syncd keeps launch summaries true. Here answer:

GET  /healthz            200 while the process works
GET  /readyz             configuration, database, trackers; JSON
GET  /metrics            for Prometheus
GET  /releases/ID.json   the verdict and the gates of a release
POST /hooks/TRACKER      a tracker's webhooks"""
_PATHS: Final = Map(
    [
        Rule("/", endpoint="told", methods=["GET"]),
        Rule("/healthz", endpoint="health", methods=["GET"]),
        Rule("/readyz", endpoint="ready", methods=["GET"]),
        Rule("/metrics", endpoint="metrics", methods=["GET"]),
        Rule("/releases/<name>.json", endpoint="release", methods=["GET"]),
        Rule("/hooks/<name>", endpoint="hook", methods=["POST"]),
    ],
    merge_slashes=False,
)


def create_app(ports: Ports) -> WSGIApplication:
    """The application; it may be called by many threads."""
    return _App(ports)


class _App:
    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._hooks = Hooks(ports)
        self._metrics = Metrics(ports)
        self._readers = BoundedSemaphore(READERS)
        self._answers: dict[str, Callable[..., Response]] = {
            "told": lambda _: _text(HTTPStatus.OK, _TOLD),
            "health": self._health,
            "ready": self._ready,
            "metrics": self._scraped,
            "release": self._release,
            "hook": self._hook,
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        response = self._answer(request)
        response.headers.update(_HEADERS)
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        try:
            endpoint, found = _matched(request)
            return self._answers[endpoint](request, **found)
        except HTTPException as error:
            return _refused(error)
        except StoreError as error:
            return _text(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
        except Exception:  # noqa: BLE001 - a fault of ours must end neither the thread nor in a traceback for strangers
            log.logger("web").exception("request_failed", method=request.method, path=request.path)
            return _text(HTTPStatus.INTERNAL_SERVER_ERROR, "A fault in syncd; its log says more.")

    def _health(self, _: Request) -> Response:
        return _text(HTTPStatus.OK, "ok")

    def _ready(self, _: Request) -> Response:
        with self._reading():
            good, document = readiness(self._ports)
        return _json(HTTPStatus.OK if good else HTTPStatus.SERVICE_UNAVAILABLE, document)

    def _scraped(self, request: Request) -> Response:
        self._check_token(request)
        with self._reading():
            return Response(self._metrics.text(), content_type=CONTENT_TYPE)

    def _release(self, request: Request, name: str) -> Response:
        self._check_token(request)
        config, outside = self._ports.config(), self._ports.outside
        if name not in config.releases:
            raise NotFound("There is no such release in the configuration.")
        with self._reading():
            found = told(config, name, outside, outside.now())
        if found is None:
            raise NotFound("This release was not read yet: CAN'T TELL.")
        return _json(HTTPStatus.OK, found.document)

    def _hook(self, request: Request, name: str) -> Response:
        settings = self._ports.config().trackers.get(name)
        if settings is None:
            raise NotFound("There is no such tracker in the configuration.")
        outcome = self._hooks.receive(name, settings, dict(request.headers), request.get_data(cache=False))
        return _text(*ANSWERS[outcome])

    def _check_token(self, request: Request) -> None:
        http = self._ports.config().http
        if http is None or http.token is None:
            return
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        right = hmac.compare_digest(given.strip().encode(errors="replace"), http.token.value.encode())
        if not right or scheme.lower() != "bearer":
            raise Unauthorized("Send the header `Authorization: Bearer …` with the token of the configuration's http.")

    @contextmanager
    def _reading(self) -> Iterator[None]:
        if not self._readers.acquire(blocking=False):
            raise ServiceUnavailable("Too many wait for the database. Try again.")
        try:
            yield
        finally:
            self._readers.release()


def _matched(request: Request) -> tuple[str, dict[str, Any]]:
    """Which of the paths it is, and the names in it. Raises HTTPException."""
    try:
        endpoint, found = _PATHS.bind("").match(request.path, request.method)
    except NotFound:
        raise NotFound("There is nothing at this path. GET / lists those that answer.") from None
    return endpoint, dict(found)


def _refused(error: HTTPException) -> Response:
    """In plain text, what werkzeug knows of the headers that belong to it kept: which methods are allowed."""
    response = _text(error.code or HTTPStatus.INTERNAL_SERVER_ERROR, error.description or error.name)
    allowed = dict(error.get_headers()).get("Allow")
    if allowed:
        response.headers["Allow"] = allowed
    if isinstance(error, Unauthorized):
        response.headers["WWW-Authenticate"] = 'Bearer realm="syncd"'
    return response


def _text(status: int, said: str) -> Response:
    return Response(f"{said}\n", status, mimetype="text/plain")


def _json(status: int, document: dict[str, Any]) -> Response:
    return Response(json.dumps(document, indent=2, ensure_ascii=False) + "\n", status, mimetype="application/json")
