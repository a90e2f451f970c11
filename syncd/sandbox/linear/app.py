"""LinearSandbox: Linear's GraphQL endpoint as a WSGI application, over a LinearWorld.

Served by ``syncd.sandbox.server``. It parses, validates, prices and executes documents with graphql-core, and answers
with the statuses, headers and error shapes of api.linear.app. ``GET /_sandbox/requests`` tells what it was asked.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from graphql import DocumentNode, ExecutionResult, GraphQLError, execute_sync
from werkzeug.http import http_date
from werkzeug.wrappers import Request, Response

from syncd.sandbox.linear.cost import points
from syncd.sandbox.linear.errors import RefusedError, not_authenticated, rate_limited, too_complex
from syncd.sandbox.linear.paging import Lists
from syncd.sandbox.linear.resolvers import Call, read
from syncd.sandbox.linear.schema import checked, served
from syncd.sandbox.server import Seen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

    from syncd.sandbox.linear.rows import Row
    from syncd.sandbox.linear.world import LinearWorld

BODY_LIMIT_BYTES = 10_485_760
HOUR_S = 3600
_NAMED = re.compile(r"^\s*(?:query|mutation)\s+(\w+)", re.MULTILINE)


class LinearSandbox:
    """The endpoint. ``requests`` holds what was asked, in order; ``refused`` the validation messages of documents that
    the schema does not know; ``before`` may answer instead (a test's fault).

    ``complexity_limit`` is in points a query. ``requests_per_hour`` is what the rate headers tell of; requests are
    counted against it, by the world's clock, only when ``metered``.
    """

    def __init__(self, world: LinearWorld, *, metered: bool = False, requests_per_hour: int = 2500) -> None:
        self.world = world
        self.requests: list[Seen] = []
        self.refused: list[str] = []
        self.before: Callable[[Request], Response | None] | None = None
        self.complexity_limit = 10_000
        self.requests_per_hour = requests_per_hour
        self.metered = metered
        self._spent = 0.0
        self._counted_at = world.clock()
        self._lists = Lists(served(), world)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        response = self._answer(request)
        response.headers.setdefault("Date", http_date(self.world.clock()))
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.path == "/_sandbox/requests":
            return _json(self._told(), 200)
        raw = request.get_data()
        body = _parsed(raw)
        self.requests.append(Seen(request.method, request.path, request.args.to_dict(flat=False), body))
        answered = self.before(request) if self.before else None
        if answered is not None:
            return answered
        if request.path != "/graphql":
            return _json({"error": f"Cannot {request.method} {request.path}"}, 404)
        if len(raw) > BODY_LIMIT_BYTES:
            return _json(_too_large(len(raw)), 413)
        if request.method != "POST" or not _is_asking(body):
            return _bad("BAD_REQUEST", "A request is a POST of JSON with a query, and variables by name.", 400)
        return self._graphql(request, body)

    def _graphql(self, request: Request, body: dict[str, Any]) -> Response:
        try:
            self._let_in(request)
        except RefusedError as no:
            return _json({"errors": [_told_error(no)]}, no.status, self._rate_headers())
        document = checked(body["query"])
        if not isinstance(document, DocumentNode):
            code, messages = document
            self.refused += messages
            return _bad(code, messages[0], 400)
        return self._executed(document, body)

    def _let_in(self, request: Request) -> None:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if given != self.world.token:
            raise not_authenticated()
        now = self.world.clock()
        self._spent = max(0.0, self._spent - (now - self._counted_at).total_seconds() * self.requests_per_hour / HOUR_S)
        self._counted_at = now
        if self.metered and self._spent + 1 > self.requests_per_hour:
            raise rate_limited()
        self._spent += 1

    def _executed(self, document: DocumentNode, body: dict[str, Any]) -> Response:
        name, variables = body.get("operationName") or None, body.get("variables") or {}
        price = points(served(), document, name, variables)
        headers = self._rate_headers() | {"X-Complexity": str(price)}
        if price > self.complexity_limit:
            no = too_complex(price, self.complexity_limit)
            return _json({"errors": [_told_error(no)]}, no.status, headers)
        call = Call(self.world, self._lists, self.world.clock(), self._rate())
        with self.world.lock:
            result = execute_sync(served(), document, None, call, variables, name, field_resolver=read)
        answer: Row = {"data": result.data}
        if result.errors:
            answer = {"errors": [_told_error(error) for error in result.errors]} | answer
        return _json(answer, _status(result), headers)

    def _rate(self) -> Row:
        left = max(0, self.requests_per_hour - math.ceil(self._spent)) if self.metered else self.requests_per_hour - 1
        reset = int((self.world.clock().timestamp() + HOUR_S) * 1000)
        limit = {"type": "requests", "allowedAmount": self.requests_per_hour, "remainingAmount": left, "reset": reset}
        limit |= {"requestedAmount": 1, "period": HOUR_S * 1000}
        return {"identifier": self.world.viewer["id"], "kind": "apiKey", "limits": [limit]}

    def _rate_headers(self) -> dict[str, str]:
        limit = self._rate()["limits"][0]
        told = {"Limit": "allowedAmount", "Remaining": "remainingAmount", "Reset": "reset"}
        return {f"X-RateLimit-Requests-{name}": str(limit[field]) for name, field in told.items()}

    def _told(self) -> Row:
        bodies = [seen.body for seen in self.requests if isinstance(seen.body, dict)]
        names = Counter(_operation(body) for body in bodies)
        return {"requests": len(self.requests), "operations": dict(names), "refused": self.refused}


def _is_asking(body: Any) -> bool:  # noqa: ANN401 - any JSON
    if not isinstance(body, dict) or not isinstance(body.get("query"), str):
        return False
    return isinstance(body.get("variables") or {}, dict) and isinstance(body.get("operationName") or "", str)


def _operation(body: dict[str, Any]) -> str:
    """The operation's name, as sent or as it stands in the document."""
    named = _NAMED.search(str(body.get("query")))
    return str(body.get("operationName") or (named and named[1]) or "anonymous")


def _parsed(raw: bytes) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return None


def _json(body: Any, status: int, headers: dict[str, str] | None = None) -> Response:  # noqa: ANN401 - any JSON
    return Response(json.dumps(body), status, headers, content_type="application/json; charset=utf-8")


def _bad(code: str, message: str, status: int) -> Response:
    """A document or request that is none; such answers carry no rate headers."""
    kind = {"code": code, "type": "graphql error", "userError": True, "http": {"status": status, "headers": {}}}
    return _json({"errors": [{"message": message, "extensions": kind}]}, status)


def _told_error(error: GraphQLError) -> Row:
    told: Row = {"message": error.message}
    if error.path:
        told["path"] = error.path
    other = {"code": "INTERNAL_SERVER_ERROR", "type": "internal error", "userError": False}
    if not error.path:
        other = {"code": "BAD_USER_INPUT", "type": "graphql error", "userError": True}
    return told | {"extensions": error.extensions or other}


def _status(result: ExecutionResult) -> int:
    """200 whatever the errors say, but for those that have a status of their own, bad variables and our own bugs."""
    for error in result.errors or ():
        stated = error.original_error or error
        if isinstance(stated, RefusedError):
            return stated.status
        return 500 if error.path else 400
    return 200


def _too_large(length: int) -> Row:
    limits = {"statusCode": 413, "userError": True, "limit": BODY_LIMIT_BYTES, "length": length}
    extensions = {"code": "PAYLOAD_TOO_LARGE", "type": "payload too large", **limits}
    return {"error": "request entity too large", "details": {}, "extensions": extensions, "code": 413}
