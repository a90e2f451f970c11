from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from graphql import GraphQLSchema, build_schema

from connectors.base import Settings, SummarySettings
from connectors.linear import connector
from syncd.sandbox.linear import LinearSandbox, LinearWorld
from syncd.sandbox.server import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIEnvironment

    from connectors.base import Source, Summary

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[3]


class Clock:
    """The sandbox's time, moved by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


def shared(variable: str, folder: str) -> Path:
    """Where official contracts or recorded payloads lie; skips the test where they are not at hand."""
    place = Path(os.environ.get(variable) or ROOT.parent / "shared" / folder)
    if not place.is_dir():
        pytest.skip(f"{variable} names no folder and ../shared/{folder} is not there")
    return place


@pytest.fixture(scope="session")
def official() -> GraphQLSchema:
    place = shared("SYNCD_CONTRACTS", "contracts") / "linear" / "schema.graphql"
    return build_schema(place.read_text(encoding="utf-8"))


@pytest.fixture
def payloads() -> Path:
    return shared("SYNCD_PAYLOADS", "payloads")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(clock: Clock) -> LinearWorld:
    made = LinearWorld(clock=clock)
    made.team("DOC", "Docs")
    made.team("REL", "Releases")
    return made


@pytest.fixture
def sandbox(world: LinearWorld) -> LinearSandbox:
    return LinearSandbox(world)


class Front:
    """What stands at the address: a test's sandbox, whose answers may get lost on the way back.

    ``lose`` tells by a request's operation whether its answer, once it was carried out, is lost.
    """

    def __init__(self) -> None:
        self.app: LinearSandbox | None = None
        self.lose: Callable[[str], bool] = lambda _: False

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        assert self.app is not None
        answer = list(self.app(environ, start_response))
        if self.lose(operation(self.app)):
            raise ConnectionResetError
        return answer


def operation(sandbox: LinearSandbox) -> str:
    """The name of the operation that the sandbox was asked for last."""
    return str(sandbox.requests[-1].body["operationName"])


@pytest.fixture(scope="session")
def served() -> Iterator[tuple[Front, str]]:
    front = Front()
    with serving(front) as base:
        yield front, base


@pytest.fixture
def front(served: tuple[Front, str], sandbox: LinearSandbox) -> Front:
    served[0].app, served[0].lose = sandbox, lambda _: False
    return served[0]


@pytest.fixture
def settings(front: Front, served: tuple[Front, str], world: LinearWorld) -> Settings:
    assert front is served[0]
    return Settings(name="gtm", kind="linear", url=f"{served[1]}/graphql", token=world.token)


@pytest.fixture
def source(settings: Settings) -> Iterator[Source]:
    made = connector.open_source(settings)
    yield made
    made.close()


@pytest.fixture
def summary(settings: Settings) -> Iterator[Summary]:
    place = SummarySettings(release="atlas-2", mark="syncd-atlas-2", project="REL", launch_key="REL-1")
    made = connector.open_summary(settings, place)
    yield made
    made.close()
