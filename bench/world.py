"""The worlds that the benchmarks read, served by a process of their own, which ``trackers`` starts.

It prints one JSON line with addresses and tokens, then serves until its standard input is closed. Nothing of syncd but
the sandbox is used here.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from bench.layout import Layout
from bench.peers.front import Lenient
from syncd import clock
from syncd.sandbox.jira import JiraSandbox, JiraWorld
from syncd.sandbox.linear import LinearSandbox, LinearWorld
from syncd.sandbox.server import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_STATUSES = ("To Do", "In Progress", "In Review", "Done", "Done")
_STATES = ("Todo", "In Progress", "In Review", "Done", "Done")
_PEOPLE = tuple(f"Person {number}" for number in range(20))
_ASKING = ("/search/jql", "/issue/bulkfetch", "/jql/match", "/jql/parse", "/search/approximate-count")
_OLDEST = timedelta(days=30)
_NEWEST = timedelta(days=2)


class _Past:
    """A clock that goes from 30 days ago to two days ago, a step a ticket: nothing in these worlds was just changed."""

    def __init__(self, tickets: int) -> None:
        self._at = clock.now() - _OLDEST
        self._step = (_OLDEST - _NEWEST) / max(tickets, 1)

    def __call__(self) -> datetime:
        return self._at

    def tick(self) -> None:
        self._at += self._step


def jira_world(layout: Layout) -> JiraWorld:
    """A Jira with a project a gate and a fix version a release."""
    past = _Past(layout.jira_items)
    world = JiraWorld(past)
    for name in _PEOPLE:
        world.user(name, f"{name.lower().replace(' ', '.')}@acme.example")
    world.project("REL", "Releases", _PEOPLE[0])
    for gate in layout.jira_gates:
        world.project(gate.upper(), f"Department {gate}", _PEOPLE[0])
    for release in layout.releases:
        world.add("REL", release)
    for number, (release, gate) in enumerate(layout.jira_places()):
        past.tick()
        world.add(
            gate.upper(),
            f"Ticket {number} for {release}",
            status=_STATUSES[number % len(_STATUSES)],
            assignee=_PEOPLE[number % len(_PEOPLE)],
            fix_versions=(release,),
        )
    world.clock = clock.now
    return world


def linear_world(layout: Layout) -> LinearWorld:
    """A Linear with a team a gate and a label a release."""
    past = _Past(layout.linear_items)
    world = LinearWorld(past)
    for name in _PEOPLE:
        world.user(name, f"{name.lower().replace(' ', '.')}@acme.example")
    for release in layout.releases:
        world.label(release)
    for gate in layout.linear_gates:
        world.team(gate.upper(), f"Department {gate}", _PEOPLE[0])
    for number, (release, gate) in enumerate(layout.linear_places()):
        past.tick()
        world.add(
            gate.upper(),
            f"Ticket {number} for {release}",
            state=_STATES[number % len(_STATES)],
            assignee=_PEOPLE[number % len(_PEOPLE)],
            labels=(release,),
        )
    world.clock = clock.now
    return world


class Remembered:
    """Answers a question that was asked before with the same bytes, until somebody writes: a real site's front is not
    a Python program on the same two cores. It counts: ``asked`` all requests, ``written`` those that may change things.
    """

    def __init__(self, app: WSGIApplication, kind: str, clock: Callable[[], datetime]) -> None:
        self._app = app
        self._clock = clock
        self._kind = kind
        self._known: dict[tuple[str, str, bytes], Response] = {}
        self.asked = 0
        self.written = 0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        body = request.get_data()
        environ["wsgi.input"] = io.BytesIO(body)
        self.asked += 1
        if not self._reads(request, body):
            self.written += 1
            self.forget()
        if not self._lasts(request, body):
            return self._app(environ, start_response)
        key = (request.method, request.full_path, body)
        if key not in self._known:
            answer = Response.from_app(self._app, environ, buffered=True)
            answer.headers.pop("Date", None)
            self._known[key] = answer
        answer = self._known[key]
        answer.date = self._clock()
        return answer(environ, start_response)

    def forget(self) -> None:
        self._known.clear()

    def _reads(self, request: Request, body: bytes) -> bool:
        if self._kind == "linear":
            return b"mutation" not in body
        return request.method == "GET" or request.path.endswith(_ASKING)

    def _lasts(self, request: Request, body: bytes) -> bool:
        """Whether time alone does not change the answer."""
        if self._kind == "linear":
            return b"mutation" not in body and b"viewer" not in body
        asked = body.decode(errors="replace") + request.args.get("jql", "")
        return request.path.endswith(_ASKING) and "updated >= -" not in asked


def served(layout: Layout, latency_ms: float, *, lenient: bool) -> None:
    """Serves both trackers, and obeys what comes on standard input: ``counts`` tells how often each was asked,
    ``move KEY STATUS`` is a person at work in the Jira, ``later SECONDS`` turns both clocks forward.
    """
    world, workspace = jira_world(layout), linear_world(layout)
    site = JiraSandbox(world)
    jira = Remembered(Lenient(site) if lenient else site, "jira", world.now)
    linear = Remembered(LinearSandbox(workspace), "linear", lambda: workspace.clock())  # noqa: PLW0108  # it is set anew
    with (
        serving(jira, latency_ms=latency_ms) as jira_url,
        serving(linear, latency_ms=latency_ms) as linear_url,
    ):
        _tell(
            {
                "jira": {"url": jira_url, "email": world.email, "token": world.token},
                "linear": {"url": f"{linear_url}/graphql", "token": workspace.token},
            }
        )
        for line in sys.stdin:
            verb, *words = line.split()
            if verb == "later":
                world.clock = workspace.clock = _ahead(float(words[0]))
            if verb == "move":
                with world.lock:
                    world.move(words[0], " ".join(words[1:]), by=_PEOPLE[0])
                jira.forget()
                _tell({"id": world.known(words[0])})
            else:
                _tell({"asked": [jira.asked, linear.asked], "written": [jira.written, linear.written]})


def _ahead(seconds: float) -> Callable[[], datetime]:
    return lambda: clock.now() + timedelta(seconds=seconds)


def _tell(value: object) -> None:
    print(json.dumps(value), flush=True)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("layout", help="a layout as JSON")
    asked.add_argument("--latency-ms", type=float, default=0)
    asked.add_argument("--lenient", action="store_true")
    said = asked.parse_args()
    served(Layout(**json.loads(said.layout)), said.latency_ms, lenient=said.lenient)


if __name__ == "__main__":
    main()
