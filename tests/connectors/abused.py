"""Each kind of tracker at an address where something else speaks: what is asked there, and what an error must not show.

Used by the tests of abuse. The real connectors and client libraries do the asking.
"""

from __future__ import annotations

import json
import traceback
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from connectors import jira, linear
from connectors.base import Connector, Convention, Ref, Selector, Settings, SummarySettings
from connectors.errors import TrackerError
from mapping.document import Report, Text
from tests.connectors.hostile import http

if TYPE_CHECKING:
    from connectors.base import Query, Source, Summary

TOKEN = "tok-5f2c9e7ab1"  # made up: no error may show it
ID = "7d1f4c52-7d4e-4f4b-9a51-0123456789ab"
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
Answer = Callable[[bytes], Iterable[bytes]]


@dataclass
class Abused:
    """One kind of tracker at an address where something else speaks. ``cloud``: a Jira says that it is one."""

    kind: str
    connector: Connector
    cloud: bool = True

    def settings(self, url: str, timeout_s: float = 10.0) -> Settings:
        path = "/graphql" if self.kind == "linear" else ""
        email = "dana@acme.example" if self.kind == "jira" and self.cloud else None
        return Settings(name="eng", kind=self.kind, url=url + path, token=TOKEN, email=email, timeout_s=timeout_s)

    def name(self) -> bytes:
        """What a Jira says of itself before anything else is asked of it."""
        info = {"deploymentType": "Cloud" if self.cloud else "Server", "baseUrl": "https://acme.example"}
        return json.dumps(info).encode()

    def after_its_name(self, abuse: Answer) -> Answer:
        named = http(self.name(), "Date: Sun, 22 Nov 2026 10:00:00 GMT")
        return lambda asked: [named] if b"serverInfo" in asked.partition(b"\r\n")[0] else abuse(asked)

    def reads(self, source: Source) -> dict[str, Callable[[], object]]:
        key, ids = "HOME-1", ["10001" if self.kind == "jira" else ID]
        plain = Selector(terms={"project" if self.kind == "jira" else "team": "HOME"})
        convention = Convention(project="HOME", release_id="atlas", release_name="Atlas", launch_key=key)
        queries: dict[str, Query] = {"plain": plain, "bare": convention}
        return {
            "identify": source.identify,
            "launch": lambda: source.launch(key),
            "lead": lambda: source.lead("HOME"),
            "person": lambda: source.person("dana@acme.example"),
            "words": lambda: source.words() or source.identify(),  # "" is "not told", and then this must tell
            "changed": lambda: source.changed(NOW, NOW),
            "lookup": lambda: source.lookup(ids),
            "ticket": lambda: source.ticket(key),
            "comments": lambda: source.comments(key),
            "explain": lambda: source.explain(plain),
            "read": lambda: not_read(source.read(queries, lambda _: None)),
            "census": lambda: not_read(source.census(queries)),
            "matching": lambda: not_read(source.matching(queries, ids)),
        }

    def writes(self, summary: Summary) -> dict[str, Callable[[], object]]:
        ref = Ref(id="10001" if self.kind == "jira" else ID, key="HOME-2", url="")
        report = Report(title="Atlas", blocks=(), digest="a" * 64)
        return {
            "find": summary.find,
            "read": lambda: summary.read(ref),
            "create": lambda: summary.create([report]),
            "comment": lambda: summary.comment(ref, [(Text("Hello"),)], "hello"),
            "move": lambda: summary.move(ref, "Done"),
            "block": lambda: summary.block(ref, "HOME-1"),
        }


def not_read(reading: Any) -> None:
    """A reading in which every query failed is as good as an error; any other is a false one."""
    if reading.members == {} and reading.items == {} and reading.failed:
        raise next(iter(reading.failed.values()))


PLACE = SummarySettings(release="atlas", mark="syncd-atlas-7f3a91", project="HOME", launch_key="HOME-1")
TRACKERS = {
    "jira-cloud": Abused("jira", jira.connector),
    "jira-data-center": Abused("jira", jira.connector, cloud=False),
    "linear": Abused("linear", linear.connector),
}


def errors(abused: Abused, settings: Settings, *, few: bool = False) -> Iterator[tuple[str, TrackerError]]:
    """What each act at this address raises; an act that raises nothing took abuse for an answer. ``few``: one reading
    and one writing act, where each takes its time.
    """
    source = abused.connector.open_source(settings)
    summary = abused.connector.open_summary(settings, PLACE)
    acts = {f"read: {name}": act for name, act in abused.reads(source).items()}
    acts |= {f"write: {name}": act for name, act in abused.writes(summary).items()}
    for name in ("read: identify", "write: create") if few else acts:
        yield name, error_of(name, acts[name])
    source.close()
    summary.close()


def error_of(name: str, act: Callable[[], object]) -> TrackerError:
    try:
        answer = act()
    except TrackerError as error:
        assert_discreet(error)
        return error
    raise AssertionError(f"{name} took abuse for an answer: {answer!r}")


def assert_discreet(error: BaseException) -> None:
    """F25: no token, in whatever way it was sent, in anything that a log or a person is shown."""
    basic = b64encode(f"dana@acme.example:{TOKEN}".encode()).decode()
    shown = [str(error), repr(error), "".join(traceback.format_exception(error)), *map(repr, error.args)]
    assert not [text for text in shown for secret in (TOKEN, basic) if secret in text]
