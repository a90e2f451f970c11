"""The sandbox's Jira as a WSGI application: who may come in, which route answers, what was asked.

Called by ``serving``. Unknown routes, query parameters and body members are refused and counted, so that a client's
mistake shows. It holds no state of the site: that is the world's.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from syncd.sandbox.jira import issue_routes, list_routes, part_routes, search_routes, site_routes
from syncd.sandbox.jira.call import ROUTES, Call, Refusal, Reply, Route
from syncd.sandbox.jira.jql import JqlError
from syncd.sandbox.jira.search import Tokens
from syncd.sandbox.jira.shapes import ORIGIN
from syncd.sandbox.server import Seen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

    from syncd.sandbox.jira.world import JiraWorld

ROUTE_MODULES = (issue_routes, list_routes, part_routes, search_routes, site_routes)
_SHOWN_REQUESTS = 1000
_REFUSED_AT_DOOR = {"message": "Client must be authenticated to access this resource.", "status-code": 401}


class JiraSandbox:
    """One site over HTTP. ``requests`` lists what was asked, ``refused`` what no route knew or allowed.

    ``before`` may answer in a route's stead, ``after`` may replace an answer; either may raise ConnectionError to
    have the connection drop. ``index_lag_s`` is how far JQL's view lies behind the truth.
    """

    def __init__(self, world: JiraWorld, *, index_lag_s: float = 0) -> None:
        self.world = world
        self.index_lag_s = index_lag_s
        self.requests: list[Seen] = []
        self.refused: list[Seen] = []
        self.before: Callable[[Request], Response | None] | None = None
        self.after: Callable[[Request, Response], Response | None] | None = None
        self._tokens = Tokens()
        self._map = _routes(data_center=world.data_center)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        if request.path == "/_sandbox/requests":
            return _json(200, self._counts())(environ, start_response)
        seen = Seen(request.method, request.path, request.args.to_dict(flat=False), _body(request))
        self.requests.append(seen)
        response = self.before(request) if self.before else None
        if response is None:
            with self.world.lock:
                response = self._answer(request, seen)
        if self.after:
            response = self.after(request, response) or response
        return response(environ, start_response)

    def _counts(self) -> dict[str, Any]:
        counted = Counter(f"{seen.method} {seen.path}" for seen in self.requests)
        recent = [seen._asdict() for seen in self.requests[-_SHOWN_REQUESTS:]]
        return {"total": len(self.requests), "refused": len(self.refused), "counts": counted, "requests": recent}

    def _answer(self, request: Request, seen: Seen) -> Response:
        base = request.host_url.rstrip("/")
        try:
            version = "2" if request.path.startswith("/rest/api/2") else "3"
            anonymous = self._anonymous(request, seen)
            found, words = self._find(request, seen)
            self._check(found, seen)
            body = {} if seen.body is None and found.body is not None else seen.body
            call = Call(
                world=self.world,
                tokens=self._tokens,
                lag_s=self.index_lag_s,
                version=version,
                query=request.args,
                body=body,
                base=base,
                anonymous=anonymous,
            )
            value = found.act(call, **words)
            reply = value if isinstance(value, Reply) else Reply(200, value)
        except Refusal as refusal:
            reply = Reply(refusal.status, refusal.body)
        except JqlError as error:
            reply = Reply(400, {"errorMessages": error.messages, "errors": {}})
        except _AtDoor:
            return self._signed(_json(401, _REFUSED_AT_DOOR), request)
        return self._signed(_json(reply.status, reply.value, f"{base}/rest/api/{version}"), request)

    def _find(self, request: Request, seen: Seen) -> tuple[Route, dict[str, Any]]:
        try:
            found, words = self._map.bind("sandbox").match(request.path, request.method)
        except HTTPException as error:
            self.refused.append(seen)
            status = error.code or 404
            message = "null for uri: " if status == 404 else "HTTP method not allowed: "
            raise Refusal(status, f"{message}{request.method} {request.path}") from None
        return found, dict(words)

    def _check(self, found: Route, seen: Seen) -> None:
        """Refuses what the route does not know. Jira itself ignores it; here a mistake must show."""
        unknown = sorted(set(seen.query) - found.query)
        message = f"Unknown query parameters: {', '.join(unknown)}" if unknown else ""
        if found.body is not None and seen.body is not None:
            if not isinstance(seen.body, dict):
                message = "The request body must be a JSON object."
            elif extra := sorted(set(seen.body) - found.body):
                message = f"Unrecognized body members: {', '.join(extra)}"
        if message:
            self.refused.append(seen)
            raise Refusal(400, message)

    def _anonymous(self, request: Request, seen: Seen) -> bool:
        """Whether nobody is signed in. Cloud refuses that, Data Center lets anonymous go on with little to see."""
        if self._known(request.headers.get("Authorization", "")):
            return False
        open_to_all = seen.path.endswith("/serverInfo") and "Authorization" not in request.headers
        if not self.world.data_center and not open_to_all:
            raise _AtDoor
        return True

    def _known(self, header: str) -> bool:
        scheme, _, secret = header.partition(" ")
        if scheme.lower() == "bearer":
            return self.world.data_center and secret == self.world.token
        if scheme.lower() != "basic":
            return False
        try:
            name, _, token = base64.b64decode(secret).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return False
        me = self.world.users[self.world.me]
        return token == self.world.token and name.lower() in {self.world.email.lower(), me.get("name")}

    def _signed(self, response: Response, request: Request) -> Response:
        """The site's clock, and who it takes the caller for."""
        response.date = self.world.now()
        known = self._known(request.headers.get("Authorization", ""))
        me = self.world.users[self.world.me]
        if self.world.data_center:
            response.headers["X-AUSERNAME"] = me["name"] if known else "anonymous"
        elif known:
            response.headers["X-AACCOUNTID"] = me["accountId"]
        else:
            response.headers["X-Seraph-LoginReason"] = "AUTHENTICATED_FAILED"
        return response


class _AtDoor(Exception):  # noqa: N818 - an answer, not a fault
    """A wrong token on Cloud."""


@cache
def _routes(*, data_center: bool) -> Map:
    versions, left_out = (("2", "latest"), "cloud") if data_center else (("2", "3"), "dc")
    rules = [
        Rule(f"/rest/api/{version}/{row.rule}", endpoint=row, methods=[row.method])
        for row in ROUTES
        for version in versions
        if row.where != left_out
    ]
    return Map(rules, strict_slashes=False, merge_slashes=False)


def _body(request: Request) -> Any:  # noqa: ANN401 - any JSON
    raw = request.get_data()
    if not raw:
        return None
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode(errors="replace")


def _json(status: int, value: object, origin: str = "") -> Response:
    if value is None:
        return Response(status=status)
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    if origin:
        text = text.replace(ORIGIN, origin)
    return Response(text, status=status, content_type="application/json;charset=UTF-8")
