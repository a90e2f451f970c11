"""An exhibit's text: the same for the same input in any order, and nothing left out of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mapping.canonical import written
from mapping.exhibit import Exhibit, Given, name_of, text_of
from mapping.memory import Memory
from mapping.record import Hold
from tests.worlds import NOW, World, item, ready_world, worlds

if TYPE_CHECKING:
    import random

SOME = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def exhibit(world: World, **fields: Any) -> Exhibit:
    given = Given(
        items=world.items,
        records=world.records,
        health=world.health,
        configuration=world.release,
        memory=world.memory,
        now=world.now,
    )
    readiness, remembered, wake_at = given.judged()
    came_out = {"readiness": readiness, "remembered": remembered, "wake_at": wake_at}
    return Exhibit(**{"given": given, **came_out, "why": ("first",), "version": "0.1.0", **fields})


@SOME
@given(worlds(), st.randoms(use_true_random=False))
def test_the_same_input_gives_the_same_bytes_in_any_order_of_items_records_and_sights(
    world: World, chance: random.Random
) -> None:
    text = text_of(exhibit(world))
    world.records = tuple(chance.sample(world.records, len(world.records)))
    world.items = _shuffled(world.items, chance)
    world.health = _shuffled(world.health, chance)
    assert text_of(exhibit(world)) == text


def _shuffled(held: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    gates = chance.sample(sorted(held), len(held))
    return {gate: tuple(chance.sample(held[gate], len(held[gate]))) for gate in gates}


def test_the_text_is_ascii_and_begins_with_no_time_of_its_own() -> None:
    text = text_of(exhibit(ready_world()))
    assert text.isascii()
    assert text == text_of(exhibit(ready_world()))


@pytest.mark.parametrize(
    "change",
    [
        {"version": "0.2.0"},
        {"why": ("verdict",)},
        {"previous": "ab"},
        {"configuration_hash": "cd"},
        {"wake_at": NOW + timedelta(days=99)},
        {"remembered": Memory()},
    ],
    ids=str,
)
def test_whatever_is_another_gives_another_name(change: dict[str, Any]) -> None:
    it = exhibit(ready_world())
    assert name_of(text_of(replace(it, **change))) != name_of(text_of(it))


def test_a_single_fact_that_is_another_gives_another_name() -> None:
    it = exhibit(ready_world())
    moved = replace(it.given, items={"engineering": (item(updated=NOW),)})
    assert text_of(replace(it, given=moved)) != text_of(it)


def test_a_field_that_holds_its_default_is_left_out_so_that_a_new_one_changes_no_old_text() -> None:
    hold = Hold(id="h1", by="Maya", at=NOW, reason="wait")
    told = '{"at":"2026-12-08T12:00:00+00:00","by":"Maya","id":"h1","kind":"Hold","reason":"wait"}'
    assert written(hold) == told
    assert json.loads(written(replace(hold, gate="docs")))["gate"] == "docs"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (timedelta(days=1, seconds=2, microseconds=3), "P1DT2.000003S"),
        (timedelta(seconds=-1), "-P0DT1.000000S"),
        (ZoneInfo("America/New_York"), "America/New_York"),
        (UTC, "+00:00"),
        (timezone(timedelta(hours=5, minutes=30)), "+05:30"),
        (datetime(2026, 12, 8, 7, tzinfo=ZoneInfo("America/New_York")), "2026-12-08T12:00:00+00:00"),
        (NOW.date(), "2026-12-08"),
        (frozenset({("b", "1"), ("a", "2")}), [["a", "2"], ["b", "1"]]),
        ({("eng", "7"): ("borealis",)}, {'["eng","7"]': ["borealis"]}),
        (None, None),
        (True, True),
    ],
    ids=lambda it: type(it).__name__,
)
def test_each_kind_of_value_is_told_whole(value: object, told: object) -> None:
    assert json.loads(written(value)) == told


@pytest.mark.parametrize("value", [1.5j, object(), ZoneInfo.from_file], ids=["complex", "object", "function"])
def test_what_no_rule_knows_is_refused_instead_of_being_told_in_part(value: object) -> None:
    with pytest.raises(TypeError, match="cannot hold"):
        written(value)
