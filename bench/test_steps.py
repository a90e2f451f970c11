"""The steps that every item goes through, alone and without a network. ``make bench`` runs them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bench.layout import Layout
from bench.world import jira_world
from connectors.jira.parse import DROPPED_RESOLUTIONS, FIELDS, Terms
from connectors.jira.parse import parse as parsed
from syncd.store.content import digest_of, item_from, item_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from mapping.item import Item

_COUNT = 1000
_TERMS = Terms(tracker="jira", browse="https://acme.example", statuses={}, dropped=DROPPED_RESOLUTIONS)


@pytest.fixture(scope="module")
def raws() -> list[dict[str, Any]]:
    world = jira_world(Layout(items=_COUNT))
    issues = list(world.issues.values())[-_COUNT:]
    return [raw | {"fields": {name: raw["fields"][name] for name in FIELDS if name in raw["fields"]}} for raw in issues]


@pytest.fixture(scope="module")
def items(raws: list[dict[str, Any]]) -> list[Item]:
    return [parsed(raw, _TERMS) for raw in raws]


def test_a_thousand_issues_are_read_from_json(benchmark: Callable[..., Any], raws: list[dict[str, Any]]) -> None:
    text = json.dumps(raws)
    assert len(benchmark(lambda: json.loads(text))) == _COUNT


def test_a_thousand_issues_become_items(benchmark: Callable[..., Any], raws: list[dict[str, Any]]) -> None:
    assert len(benchmark(lambda: [parsed(raw, _TERMS) for raw in raws])) == _COUNT


def test_a_thousand_items_become_text_with_its_digest(benchmark: Callable[..., Any], items: list[Item]) -> None:
    assert len(benchmark(lambda: [digest_of(item_text(item)) for item in items])) == _COUNT


def test_a_thousand_texts_become_items_again(benchmark: Callable[..., Any], items: list[Item]) -> None:
    texts = [(item.key, item.id, item_text(item)) for item in items]
    found = benchmark(lambda: [item_from(text, tracker="jira", item_id=ident, key=key) for key, ident, text in texts])
    assert found == items
