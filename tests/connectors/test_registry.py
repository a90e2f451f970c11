"""Connectors are found by their kind, and nothing is loaded before it is needed."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING

import pytest

from connectors import registry
from connectors.base import Connector

if TYPE_CHECKING:
    from collections.abc import Iterator

NO_CONNECTOR = 5


@pytest.fixture(autouse=True)
def _unknown_again() -> Iterator[None]:
    """What a test pretends to have installed is not remembered for the next."""
    registry.connector.cache_clear()
    yield
    registry.connector.cache_clear()


def test_an_unknown_kind_is_told_with_what_was_meant() -> None:
    with pytest.raises(registry.UnknownKindError, match="did you mean 'jira'"):
        registry.connector("Jirra")
    with pytest.raises(registry.UnknownKindError, match="there are: jira, linear"):
        registry.kind("trello")


@pytest.mark.parametrize("name", ["jira", "linear"])
def test_what_the_registry_says_of_a_kind_is_what_its_connector_says(name: str) -> None:
    found = registry.connector(name)
    assert found.kind == name
    assert registry.kind(name).selector_keys == found.selector_keys
    assert registry.kind(name).default_url == found.default_url


def test_a_connector_from_elsewhere_is_found_by_its_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        registry, "entry_points", lambda group: [entry("demo", f"{__name__}:ELSEWHERE")] if group else []
    )
    assert registry.kind("demo").selector_keys == {"board"}
    assert "demo" in registry.kinds()


def test_an_entry_point_that_names_no_connector_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        registry, "entry_points", lambda group: [entry("demo", f"{__name__}:NO_CONNECTOR")] if group else []
    )
    with pytest.raises(TypeError, match="must name a Connector, not a int"):
        registry.connector("demo")


def test_reading_a_configuration_loads_no_client_library() -> None:
    code = (
        "import sys, config; from pathlib import Path;"
        "assert not {'pydantic', 'holidays', 'ruamel.yaml'} & sys.modules.keys(), 'importing config is not cheap';"
        "config.load(Path(config.__file__).parent / 'example.yaml', {}, secrets=False);"
        "assert not {'jira', 'gql', 'requests'} & sys.modules.keys(), 'a client library was loaded'"
    )
    # nothing but our own words above is run
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stderr == ""


def entry(name: str, value: str) -> EntryPoint:
    return EntryPoint(name=name, value=value, group=registry.GROUP)


def _nothing(*_: object) -> object:
    raise NotImplementedError


ELSEWHERE = Connector(
    kind="demo",
    selector_keys=frozenset({"board"}),
    default_url=None,
    open_source=_nothing,  # type: ignore[arg-type] # never opened here
    open_summary=_nothing,  # type: ignore[arg-type] # never opened here
    hint=_nothing,  # type: ignore[arg-type] # never asked here
)
