"""The sandbox's Jira, Cloud or Data Center, as a ``Site`` of the contract."""

from __future__ import annotations

import atexit
import html
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from connectors.base import Selector, Settings, SummarySettings
from connectors.jira import connector
from mapping.item import Progress
from syncd.sandbox.jira import JiraSandbox, JiraWorld
from syncd.sandbox.jira.document import text
from syncd.sandbox.server import serving
from tests.connectors.contract import Site

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIEnvironment

    from werkzeug.wrappers import Request

    from connectors.base import Query, Source, Summary

WORDS = {
    Progress.TODO: ("To Do", ""),
    Progress.DOING: ("In Progress", ""),
    Progress.DONE: ("Done", "Done"),
    Progress.DROPPED: ("Done", "Won't Do"),
}
ASKING = ("/search", "/search/jql", "/issue/bulkfetch", "/jql/match")


@dataclass
class JiraSite(Site):
    data_center: bool = False
    url: str = ""
    world: JiraWorld = field(init=False)
    app: JiraSandbox = field(init=False)

    def __post_init__(self) -> None:
        self.world = JiraWorld(self.clock, data_center=self.data_center)
        self.app = JiraSandbox(self.world)
        self.world.user("Dana", "dana@acme.example")
        self.world.project("HOME", "Home", lead="Dana")
        self.world.project("AWAY", "Away")

    def settings(self, **changed: Any) -> Settings:
        plain: dict[str, Any] = {
            "name": "eng",
            "kind": "jira",
            "url": self.url,
            "email": None if self.data_center else self.world.email,
            "token": self.world.token,
            "timeout_s": 10.0,
        }
        return Settings(**{**plain, **changed})

    def source(self, *, token: str | None = None) -> Source:
        return connector.open_source(self.settings(token=token or self.world.token))

    def summary(self, settings: SummarySettings) -> Summary:
        return connector.open_summary(self.settings(), settings)

    def add(self, title: str, **fields: Any) -> str:
        status, resolution = WORDS[fields.pop("progress", Progress.TODO)]
        if fields.pop("epic", False):
            fields["type"] = "Epic"
        if "under" in fields:
            fields["parent"] = fields.pop("under")
        project = fields.pop("project", "HOME")
        return self.world.add(project, title, status=status, resolution=resolution, **fields)

    def move(self, key: str, progress: Progress, by: str | None = None) -> None:
        status, resolution = WORDS[progress]
        self.world.move(key, status, by=by, resolution=resolution)

    def relabel(self, key: str, *labels: str) -> None:
        self.world.edit(key, labels=labels)

    def transfer(self, key: str) -> str:
        return self.world.transfer(key, "AWAY")

    def delete(self, key: str) -> None:
        self.world.delete(key)

    def identity(self, key: str) -> str:
        found = self.world.find(key)
        assert found is not None
        return found

    def everything(self) -> Query:
        return Selector(terms={"project": "HOME"})

    def labelled(self, label: str) -> Query:
        return Selector(terms={"jql": f"project = HOME AND labels = {label} ORDER BY created DESC"})

    def below(self, key: str) -> Query:
        return Selector(terms={"epic": key})

    def refused(self) -> Query:
        return Selector(terms={"jql": "project = NOWHERE"})

    def fail(self, status: int, body: str = "", *, kind: str = "application/json", **headers: str) -> None:
        def refuse(_: Request) -> Response:
            return Response(body, status=status, content_type=kind, headers=headers)

        self.app.before = refuse

    def lose_answers(self, *, to_writes: bool = True) -> None:
        def lose(request: Request, _: Response) -> Response | None:
            if is_write(request.method, request.path) == to_writes:
                raise ConnectionError
            return None

        self.app.after = lose

    def heal(self) -> None:
        self.app.before = self.app.after = None

    def writes(self) -> int:
        return sum(is_write(seen.method, seen.path) for seen in self.app.requests)

    def count(self) -> int:
        return len(self.world.issues)

    def body(self, key: str) -> str:
        return html.unescape(text(self._fields(key)["description"]))

    def write_below(self, key: str, words: str) -> None:
        held = self._fields(key)["description"]
        paragraph = {"type": "paragraph", "content": [{"type": "text", "text": words}]}
        new = f"{held}\n{words}" if self.data_center else {**held, "content": [*held["content"], paragraph]}
        self.world.edit(key, description=new)

    def spoil(self, key: str, words: str) -> None:
        paragraph = {"type": "paragraph", "content": [{"type": "text", "text": words}]}
        adf = {"type": "doc", "version": 1, "content": [paragraph]}
        self.world.edit(key, description=words if self.data_center else adf)

    def title(self, key: str) -> str:
        return str(self._fields(key)["summary"])

    def comments(self, key: str) -> list[str]:
        rows = self.world.shelves[self.identity(key)].comments
        return [html.unescape(text(row["body"]).strip("\n")) for row in rows]

    def say(self, key: str, words: str, by: str | None = None) -> str:
        return self.world.say(key, words, by)

    def edit_comment(self, key: str, comment: str, words: str, by: str | None = None) -> None:
        self.world.edit_comment(key, comment, words, by)

    def remove_comment(self, key: str, comment: str) -> None:
        self.world.remove_comment(key, comment)

    def blocked_by(self, key: str) -> list[str]:
        links = self._fields(key)["issuelinks"]
        return [
            link["inwardIssue"]["key"] for link in links if "inwardIssue" in link and link["type"]["name"] == "Blocks"
        ]

    def status(self, key: str) -> str:
        return str(self._fields(key)["status"]["name"])

    def _fields(self, key: str) -> dict[str, Any]:
        fields: dict[str, Any] = self.world.issues[self.identity(key)]["fields"]
        return fields


def is_write(method: str, path: str) -> bool:
    return method != "GET" and not path.endswith(ASKING)


class Switch:
    """One server for all sites of a run: each is served while its test runs, for starting a server takes time."""

    def __init__(self) -> None:
        self.site: JiraSite | None = None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        assert self.site is not None
        return self.site.app(environ, start_response)


SWITCH = Switch()


@cache
def address() -> str:
    kept = ExitStack()
    atexit.register(kept.close)
    return kept.enter_context(serving(SWITCH))


@contextmanager
def running(*, data_center: bool = False) -> Iterator[JiraSite]:
    site = JiraSite(data_center=data_center, url=address())
    SWITCH.site = site
    yield site
    SWITCH.site = None
    assert site.app.refused == [], "the connector sent what this Jira does not know"
