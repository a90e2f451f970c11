"""Evidence is read back whole and judged again to the very same bytes; whatever was tampered with is noticed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mapping.exhibit import Exhibit, Given, name_of, text_of
from mapping.gate import Person, Timing
from mapping.record import Ownership, Record
from syncd.replay import exhibit_from, replay
from syncd.store.errors import StoreError
from tests.store.test_values import records as any_record
from tests.worlds import NOW, ZONES, World, nearly_ready_worlds, ready_world, worlds

SOME = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
EITHER = st.one_of(nearly_ready_worlds(), worlds())


def exhibit(world: World) -> Exhibit:
    given = Given(
        items=world.items,
        records=world.records,
        health=world.health,
        configuration=world.release,
        memory=world.memory,
        now=world.now,
    )
    readiness, remembered, wake_at = given.judged()
    return Exhibit(
        given=given, readiness=readiness, remembered=remembered, wake_at=wake_at, why=("first",), version="0.1.0"
    )


def in_order(it: Given) -> Given:
    """The same with everything in the order of its text."""
    return replace(
        it,
        items={gate: tuple(sorted(found, key=repr)) for gate, found in it.items.items()},
        records=tuple(sorted(it.records, key=repr)),
        health={gate: tuple(sorted(sights, key=repr)) for gate, sights in it.health.items()},
    )


def same(one: Given, other: Given) -> bool:
    """Equal values; a time is equal to itself in whatever zone it is written."""
    return replace(one, items={}, records=(), health={}) == replace(other, items={}, records=(), health={}) and all(
        len(a) == len(b) and all(it in b for it in a)
        for name in ("items", "health")
        for a, b in ((getattr(one, name)[gate], getattr(other, name)[gate]) for gate in getattr(one, name))
    )


@SOME
@given(EITHER)
def test_reading_back_is_the_inverse_of_writing(world: World) -> None:
    it = exhibit(world)
    back = exhibit_from(text_of(it))
    assert same(it.given, back.given)
    assert len(back.given.records) == len(world.records)
    assert all(record in world.records for record in back.given.records)
    assert replace(back, given=it.given) == it


@SOME
@given(EITHER)
def test_judged_again_it_gives_the_same_bytes(world: World) -> None:
    text = text_of(exhibit(world))
    assert replay(text) == text


@given(any_record)
def test_any_record_with_any_text_comes_back_equal(record: Record) -> None:
    it = exhibit(ready_world())
    text = text_of(replace(it, given=replace(it.given, records=(record,))))
    assert exhibit_from(text).given.records == (record,)


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_a_configuration_with_everything_comes_back_equal(zone: Any) -> None:
    world = ready_world()
    world.release = replace(
        world.release,
        zone=zone,
        timing=Timing(freshness=timedelta(minutes=7), soak=timedelta(0), lease=timedelta(days=400, microseconds=1)),
        holidays=frozenset({date(2026, 12, 25), date(2027, 1, 1)}),
        never_items=frozenset({("eng", "1"), ("gtm", "uuid")}),
        people=(Person(name="Q\ud800", accounts=frozenset({("eng", "5b"), ("gtm", "9c")})),),
        shared={("eng", 'x",y'): ("borealis", "corona")},
        movers={("eng", 'x",y'): "Sam", ("gtm", "uuid"): "Q\ud800"},
        freeze=NOW,
    )
    world.records = (Ownership(id="o.1", gate="engineering", by="Maya", at=NOW, person=world.release.people[0]),)
    back = exhibit_from(text_of(exhibit(world))).given
    assert back.configuration == world.release
    assert list(back.records) == list(world.records)


@SOME
@given(st.data())
def test_a_change_of_any_byte_is_another_name(data: st.DataObject) -> None:
    text = text_of(exhibit(ready_world()))
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(codec="ascii").filter(lambda it: it != text[place]))
    assert name_of(text[:place] + other + text[place + 1 :]) != name_of(text)


def test_a_rule_that_is_another_now_gives_other_bytes() -> None:
    told = json.loads(text_of(exhibit(ready_world())))
    told["readiness"]["reason"] = "what an older rule said"
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    assert replay(text) != text


def test_what_a_later_version_added_does_not_keep_an_older_text_from_being_read() -> None:
    text = text_of(exhibit(ready_world()))
    told = json.loads(text)
    told["readiness"]["mood"] = "high"
    told["configuration"]["gates"][0]["colour"] = "red"
    assert exhibit_from(json.dumps(told)) == exhibit_from(text)


@pytest.mark.parametrize(
    "change",
    [
        {"form": 2},
        {"records": [{"kind": "Vote", "id": "v"}]},
        {"records": ["x"]},
        {"now": "yesterday"},
        {"configuration": {}},
        {"health": None},
    ],
    ids=str,
)
def test_a_text_that_this_version_cannot_read_is_said_in_a_sentence(change: dict[str, Any]) -> None:
    told = json.loads(text_of(exhibit(ready_world()))) | change
    with pytest.raises(StoreError, match=r"cannot (be )?read.*read it with the version that wrote it"):
        exhibit_from(json.dumps(told))


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", "", "America", "+99:99", 7])
def test_a_zone_that_there_is_not_is_said(zone: object) -> None:
    told = json.loads(text_of(exhibit(ready_world())))
    told["configuration"]["zone"] = zone
    with pytest.raises(StoreError, match="cannot be read by this version"):
        exhibit_from(json.dumps(told))


@pytest.mark.parametrize("text", ["", "null", "[]", "{", "7", "[" * 100_000])
def test_what_is_no_evidence_at_all_is_said(text: str) -> None:
    with pytest.raises(StoreError, match="this evidence"):
        exhibit_from(text)
