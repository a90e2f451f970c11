"""The sandbox's Linear as a ``Site`` of the contract: its projects are teams."""

from __future__ import annotations

import html
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from connectors.base import Selector, Settings, SummarySettings
from connectors.linear import connector
from connectors.linear.markdown import JOINER
from mapping.item import Progress
from syncd.sandbox.linear import LinearSandbox, LinearWorld
from syncd.sandbox.server import serving
from tests.connectors.contract import Site

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIEnvironment

    from connectors.base import Query, Source, Summary

WORDS = {
    Progress.TODO: "Todo",
    Progress.DOING: "In Progress",
    Progress.DONE: "Done",
    Progress.DROPPED: "Canceled",
}


@dataclass
class LinearSite(Site):
    url: str = ""
    world: LinearWorld = field(init=False)
    app: LinearSandbox = field(init=False)
    losing: bool | None = None

    def __post_init__(self) -> None:
        self.world = LinearWorld(self.clock)
        self.app = LinearSandbox(self.world)
        self.world.user("Dana", "dana@acme.example")
        self.world.team("HOME", "Home", lead="dana@acme.example")
        self.world.team("AWAY", "Away")

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = list(self.app(environ, start_response))
        if self.losing is not None and is_write(self.app.requests[-1].body) == self.losing:
            raise ConnectionResetError
        return answer

    def settings(self, token: str) -> Settings:
        return Settings(name="gtm", kind="linear", url=f"{self.url}/graphql", token=token, timeout_s=10.0)

    def source(self, *, token: str | None = None) -> Source:
        return connector.open_source(self.settings(token or self.world.token))

    def summary(self, settings: SummarySettings) -> Summary:
        return connector.open_summary(self.settings(self.world.token), settings)

    def add(self, title: str, **fields: Any) -> str:
        fields["state"] = WORDS[fields.pop("progress", Progress.TODO)]
        fields.pop("epic", None)
        return self.world.add(fields.pop("project", "HOME"), title, parent=fields.pop("under", None), **fields)

    def move(self, key: str, progress: Progress, by: str | None = None) -> None:
        self.world.move(key, WORDS[progress], by=by)

    def relabel(self, key: str, *labels: str) -> None:
        self.world.edit(key, labels=labels)

    def transfer(self, key: str) -> str:
        return self.world.transfer(key, "AWAY")

    def delete(self, key: str) -> None:
        self.world.delete(key)

    def identity(self, key: str) -> str:
        return str(self._issue(key)["id"])

    def everything(self) -> Query:
        return Selector(terms={"team": "HOME"})

    def labelled(self, label: str) -> Query:
        return Selector(terms={"team": "HOME", "label": label})

    def below(self, key: str) -> None:  # noqa: ARG002  # Linear has no such selector
        return None

    def refused(self) -> Query:
        return Selector(terms={"filter": {"colour": {"eq": "red"}}})

    def fail(self, status: int, body: str = "", *, kind: str = "application/json", **headers: str) -> None:
        self.app.before = lambda _: Response(body, status=status, content_type=kind, headers=headers)

    def lose_answers(self, *, to_writes: bool = True) -> None:
        self.losing = to_writes

    def heal(self) -> None:
        self.app.before = self.losing = None

    def writes(self) -> int:
        return sum(is_write(seen.body) for seen in self.app.requests)

    def count(self) -> int:
        return len(self.world.issues)

    def body(self, key: str) -> str:
        return as_read(str(self._issue(key)["description"]))

    def write_below(self, key: str, words: str) -> None:
        self.world.edit(key, description=f"{self._issue(key)['description']}\n\n{words}")

    def spoil(self, key: str, words: str) -> None:
        self.world.edit(key, description=words)

    def title(self, key: str) -> str:
        return str(self._issue(key)["title"])

    def comments(self, key: str) -> list[str]:
        number = self.identity(key)
        return [as_read(row["body"]) for row in self.world.comments.values() if row["issue"]["id"] == number]

    def say(self, key: str, words: str, by: str | None = None) -> str:
        return self.world.say(key, words, by)

    def edit_comment(self, key: str, comment: str, words: str, by: str | None = None) -> None:
        self.world.edit_comment(key, comment, words, by)

    def remove_comment(self, key: str, comment: str) -> None:
        self.world.remove_comment(key, comment)

    def blocked_by(self, key: str) -> list[str]:
        links = [row for row in self.world.relations.values() if row["type"] == "blocks"]
        return [row["issue"]["identifier"] for row in links if row["relatedIssue"]["identifier"] == key]

    def status(self, key: str) -> str:
        return str(self._issue(key)["state"]["name"])

    def _issue(self, key: str) -> dict[str, Any]:
        found: dict[str, Any] = self.world.find_issue(key)
        return found


def as_read(markdown: str) -> str:
    """Plain Markdown as a person reads it: without escapes, entities and what cannot be seen."""
    return html.unescape(re.sub(r"\\([^\w\s])", r"\1", markdown.replace(JOINER, "")))


def is_write(body: Any) -> bool:
    return "mutation " in str(body.get("query")) if isinstance(body, dict) else False


@contextmanager
def running() -> Iterator[LinearSite]:
    site = LinearSite()
    with serving(site) as url:
        site.url = url
        yield site
    unknown = [said for said in site.app.refused if "colour" not in said]
    assert unknown == [], "the connector sent what Linear does not know"
