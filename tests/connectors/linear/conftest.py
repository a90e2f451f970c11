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
    from collections.abc import Iterator

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


@pytest.fixture
def settings(sandbox: LinearSandbox, world: LinearWorld) -> Iterator[Settings]:
    with serving(sandbox) as base:
        yield Settings(name="gtm", kind="linear", url=f"{base}/graphql", token=world.token)


@pytest.fixture
def source(settings: Settings) -> Iterator[Source]:
    made = connector.open_source(settings)
    yield made
    made.close()


@pytest.fixture
def summary(settings: Settings) -> Iterator[Summary]:
    made = connector.open_summary(settings, SummarySettings(release="atlas-2", mark="syncd-atlas-2", project="REL"))
    yield made
    made.close()
