"""Sites for the tests of the sandbox's Jira: a clock that stands, the real client library, a plain session."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import jira
import requests

from syncd.sandbox.jira import JiraSandbox, JiraWorld
from syncd.sandbox.server import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

START = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


class Clock:
    """A clock that moves only when told."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def pass_(self, **span: float) -> None:
        self.at += timedelta(**span)


def site(clock: Clock | None = None, *, data_center: bool = False, zone: str = "America/New_York") -> JiraWorld:
    """A site with the projects ENG and REL, Maya as lead of ENG, and no issue."""
    world = JiraWorld(clock or Clock(), data_center=data_center, zone=zone)
    maya = world.user("Maya Ortiz", "maya@acme.example")
    world.project("ENG", "Engineering", lead=maya)
    world.project("REL", "Releases")
    return world


@contextmanager
def client(sandbox: JiraSandbox) -> Iterator[jira.JIRA]:
    """The real ``jira`` library, over HTTP."""
    world = sandbox.world
    who: dict[str, Any] = (
        {"token_auth": world.token} if world.data_center else {"basic_auth": (world.email, world.token)}
    )
    version = "2" if world.data_center else "3"
    with serving(sandbox) as url:
        library = jira.JIRA(url, options={"rest_api_version": version}, max_retries=0, timeout=5, **who)
        try:
            yield library
        finally:
            library.close()  # type: ignore[no-untyped-call]  # the library's own omission


class Plain:
    """A plain HTTP client, signed in; ``ask`` returns status and JSON."""

    def __init__(self, base: str, session: requests.Session) -> None:
        self.base = base
        self.session = session

    def answer(self, method: str, path: str, body: object = None, **query: Any) -> requests.Response:
        return self.session.request(method, f"{self.base}/{path}", params=query, json=body, timeout=5)

    def ask(self, method: str, path: str, body: object = None, **query: Any) -> tuple[int, Any]:
        answer = self.answer(method, path, body, **query)
        return answer.status_code, answer.json() if answer.content else None

    def find(self, jql: str, **more: Any) -> list[str]:
        """The keys that a search on Cloud answers, on one page."""
        status, answer = self.ask("POST", "search/jql", {"jql": jql, "fields": ["key"], "maxResults": 5000, **more})
        assert status == 200, answer
        return [issue["key"] for issue in answer["issues"]]


@contextmanager
def plain(sandbox: JiraSandbox, *, token: str | None = None, version: str | None = None) -> Iterator[Plain]:
    world = sandbox.world
    with serving(sandbox) as url, requests.Session() as session:
        if world.data_center:
            session.headers["Authorization"] = f"Bearer {token or world.token}"
        else:
            session.auth = (world.email, token or world.token)
        yield Plain(f"{url}/rest/api/{version or ('2' if world.data_center else '3')}", session)
