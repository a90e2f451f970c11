"""Bad weather between syncd and a tracker: answers that are lost, late, cut, false or refused, by a seeded plan.

Called by the simulation and the soak: ``Weather`` stands as a WSGI application before a sandbox tracker. Each fault is
one that trackers and proxies are known for (sync.md §3, trackers.md); none of them is a change in the tracker itself.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse

Headers = list[tuple[str, str]]
Answer = tuple[str, Headers, bytes]

RATES = (0.0, 0.0, 0.0, 0.0, 0.005, 0.02, 0.06)
"""How likely one fault may be at one request; a plan draws one of them for each fault."""

RETRY_AFTER = ("", "0", "1", "20", "300", "9223372036854775807", "-1", "soon", "date")
_REASONS = ("jira-burst-based", "jira-quota-tenant-based", "jira-quota-global-based", "jira-per-issue-on-write")
_JSON = ("Content-Type", "application/json;charset=UTF-8")
_PAGE = b"<html><head><title>Log in</title></head><body>Please log in.</body></html>"


@dataclass
class Weather:
    """The weather over one tracker. ``rates``: fault → how likely at each request; ``clear()`` ends it all.

    ``down_until``, ``denied_until``: an outage and a loss of every right, by ``now``. ``blown`` is when a fault struck
    last, ``struck`` counts them by name, ``tell`` hears of each. ``retry_after`` (the header's words) and ``resets_s``
    (Linear's) are what a refusal may ask to be waited for.
    """

    kind: str
    app: WSGIApplication
    now: Callable[[], datetime]
    chance: random.Random
    rates: dict[str, float] = field(default_factory=dict)
    retry_after: Sequence[str] = RETRY_AFTER
    resets_s: Sequence[int] = (1, 30, 200)
    down_until: datetime | None = None
    denied_until: datetime | None = None
    denied_as: str = "401 Unauthorized"
    blown: datetime | None = None
    struck: dict[str, int] = field(default_factory=dict)
    tell: Callable[[str], None] = lambda _: None

    def clear(self) -> None:
        self.rates, self.down_until, self.denied_until = {}, None, None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        fault = self._fault()
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        asked = _Asked(self, environ, body)
        if fault is None:
            status, headers, answer = asked.carried()
        else:
            self.blown = self.now()
            self.struck[fault] = self.struck.get(fault, 0) + 1
            self.tell(f"{fault}: {environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
            status, headers, answer = FAULTS[self.kind][fault](asked)
        start_response(status, headers)
        return [answer]

    def _fault(self) -> str | None:
        now = self.now()
        if self.down_until and now < self.down_until:
            return "down"
        if self.denied_until and now < self.denied_until:
            return "denied"
        hit = self.chance.random()
        for name, rate in self.rates.items():
            hit -= rate
            if hit < 0:
                return name
        return None


def plan(chance: random.Random, kind: str) -> dict[str, float]:
    """Rates of all faults that a tracker of this kind may have; their sum is a fifth at most."""
    drawn = {name: chance.choice(RATES) for name in FAULTS[kind] if name not in {"down", "denied"}}
    total = sum(drawn.values())
    return {name: rate * min(1.0, 0.2 / total) for name, rate in drawn.items() if rate}


@dataclass
class _Asked:
    """One request that has met bad weather."""

    weather: Weather
    environ: WSGIEnvironment
    body: bytes

    @property
    def chance(self) -> random.Random:
        return self.weather.chance

    def carried(self, body: bytes | None = None) -> Answer:
        """What the tracker itself answers, once it has carried the request out."""
        sent = self.body if body is None else body
        environ = {**self.environ, "wsgi.input": BytesIO(sent), "CONTENT_LENGTH": str(len(sent))}
        head: list[Any] = []

        def start_response(status: str, headers: Headers, _: Any = None) -> Any:  # noqa: ANN401 - PEP 3333
            head[:] = [status, headers]
            return BytesIO().write

        answer = b"".join(self.weather.app(environ, start_response))
        return head[0], head[1], answer

    def said(self, status: str, body: object, *headers: tuple[str, str]) -> Answer:
        """An answer in the tracker's stead, with its clock."""
        date = self.weather.now().astimezone(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
        return status, [_JSON, ("Date", date), *headers], json.dumps(body).encode()

    def patience(self) -> Headers:
        wanted = self.chance.choice(self.weather.retry_after)
        if wanted == "date":
            wanted = (self.weather.now() + timedelta(seconds=30)).astimezone(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
        return [("Retry-After", wanted)] if wanted else []


def _refused(_: _Asked) -> Answer:
    raise ConnectionRefusedError


def _lost_before(_: _Asked) -> Answer:
    raise ConnectionResetError


def _lost_after(asked: _Asked) -> Answer:
    asked.carried()
    raise ConnectionResetError


def _late(asked: _Asked) -> Answer:
    """No answer in time; carried out or not."""
    if asked.chance.random() < 0.5:
        asked.carried()
    raise ConnectionAbortedError


def _half(asked: _Asked) -> Answer:
    """The answer breaks off; its length was told."""
    status, headers, body = asked.carried()
    told = [(name, value) for name, value in headers if name.lower() != "content-length"]
    return status, [*told, ("Content-Length", str(len(body)))], body[: len(body) // 2]


def _page(asked: _Asked) -> Answer:
    """A login page or a proxy's, with a status that says all is well."""
    status = asked.chance.choice(("200 OK", "200 OK", "502 Bad Gateway", "504 Gateway Timeout"))
    return status, [("Content-Type", "text/html")], _PAGE


def _garbage(asked: _Asked) -> Answer:
    """Carried out, but what comes back is none of the tracker's answers."""
    asked.carried()
    return "200 OK", [_JSON], asked.chance.choice((b"", b"\x00\xff\x1f", b"[]", b"null", b'{"data":', b'"ok"', b"{}"))


def _broken(asked: _Asked) -> Answer:
    """The server fails, sometimes after it has carried the request out."""
    if asked.chance.random() < 0.3:
        asked.carried()
    return asked.said("500 Internal Server Error", {"errorMessages": ["Internal server error"], "errors": {}})


def _busy(asked: _Asked) -> Answer:
    return asked.said("503 Service Unavailable", {"message": "Service unavailable"}, *asked.patience())


def _limited(asked: _Asked) -> Answer:
    told = [("RateLimit-Reason", asked.chance.choice(_REASONS)), ("X-RateLimit-Remaining", "0")]
    return asked.said("429 Too Many Requests", {"errorMessages": ["Rate limit exceeded."]}, *told, *asked.patience())


def _denied(asked: _Asked) -> Answer:
    status = asked.weather.denied_as
    code = {"401": "AUTHENTICATION_ERROR", "403": "FORBIDDEN"}.get(status[:3], "NOT_FOUND")
    error = {"message": "You do not have permission", "extensions": {"code": code}}
    return asked.said(status, {"errorMessages": ["No permission."], "errors": [error]})


def _json_of(answer: Answer) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(answer[2])
    except ValueError:
        return None


def _instead(answer: Answer, body: object) -> Answer:
    headers = [(name, value) for name, value in answer[1] if name.lower() != "content-length"]
    return answer[0], headers, json.dumps(body).encode()


def _truncated(asked: _Asked) -> Answer:
    """Jira's search leaves issues out and says so in a warning."""
    answer = asked.carried()
    body = _json_of(answer)
    if not isinstance(body, dict) or not body.get("issues") or not asked.environ["PATH_INFO"].endswith("/search/jql"):
        return answer
    cut = body["issues"][: len(body["issues"]) // 2]
    warned = {"issues": cut, "warnings": ["The result set was truncated."], "isLast": True}
    return _instead(answer, {**body, **warned})


def _circling(asked: _Asked) -> Answer:
    """Jira's search gives the first page again and again, with a token each time."""
    sent = json.loads(asked.body or b"null")
    if not asked.environ["PATH_INFO"].endswith("/search/jql") or not isinstance(sent, dict):
        return asked.carried()
    sent.pop("nextPageToken", None)
    answer = asked.carried(json.dumps(sent).encode())
    body = _json_of(answer)
    return _instead(answer, {**body, "isLast": False, "nextPageToken": "again"}) if "issues" in (body or {}) else answer


def _ragged(asked: _Asked) -> Answer:
    """One issue comes without its status (F23)."""
    answer = asked.carried()
    body = _json_of(answer)
    if not isinstance(body, dict) or not body.get("issues"):
        return answer
    asked.chance.choice(body["issues"]).get("fields", {}).pop("status", None)
    return _instead(answer, body)


def _limited_by_linear(asked: _Asked) -> Answer:
    """HTTP 400 with a code; the reset is in epoch milliseconds (F12)."""
    error = {"message": "Rate limit exceeded", "extensions": {"code": "RATELIMITED", "type": "ratelimited"}}
    reset = str(int((asked.weather.now().timestamp() + asked.chance.choice(asked.weather.resets_s)) * 1000))
    told = [("X-RateLimit-Requests-Remaining", "0"), ("X-RateLimit-Requests-Reset", reset)]
    return asked.said("400 Bad Request", {"errors": [error]}, *asked.chance.choice(([], told)))


def _too_complex(asked: _Asked) -> Answer:
    error = {"message": "Query too complex", "extensions": {"code": "INPUT_ERROR", "userError": True}}
    return asked.said("400 Bad Request", {"errors": [error]})


def _partial(asked: _Asked) -> Answer:
    """Data and errors together: some nodes of every list are left out (trackers.md §5.1)."""
    answer = asked.carried()
    body = _json_of(answer)
    if not isinstance(body, dict) or not isinstance(body.get("data"), dict):
        return answer
    _thin(body["data"], asked.chance)
    error = {"message": "Internal server error", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}
    return _instead(answer, {**body, "errors": [error]})


def _thin(value: Any, chance: random.Random) -> None:  # noqa: ANN401 - any JSON
    if isinstance(value, list):
        value[:] = [one for one in value if chance.random() < 0.5]
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _thin(inner, chance)


def _endless(asked: _Asked) -> Answer:
    """Linear says that there is more, and not where."""
    answer = asked.carried()
    text = answer[2].replace(b'"hasNextPage": false', b'"hasNextPage": true')
    return answer[0], [it for it in answer[1] if it[0].lower() != "content-length"], text


_EVERYWHERE: dict[str, Callable[[_Asked], Answer]] = {
    "down": _refused,
    "denied": _denied,
    "refused": _refused,
    "lost before": _lost_before,
    "lost after": _lost_after,
    "late": _late,
    "half": _half,
    "page": _page,
    "garbage": _garbage,
    "broken": _broken,
    "busy": _busy,
    "limited": _limited,
}
FAULTS = {
    "jira": {**_EVERYWHERE, "truncated": _truncated, "circling": _circling, "ragged": _ragged},
    "linear": {
        **_EVERYWHERE,
        "limited by Linear": _limited_by_linear,
        "too complex": _too_complex,
        "partial": _partial,
        "endless": _endless,
    },
}
"""Kind of tracker → name → what happens to one request."""
