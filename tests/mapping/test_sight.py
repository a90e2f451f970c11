"""What we do not see is never good news: trackers without a sight, refusals without words, items of unknown kind."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from mapping.gate import Blockers, Timing
from mapping.item import Item, Progress
from mapping.readiness import State
from tests.worlds import NOW, World, gate, item, ready_world, release, sight

HOUR = timedelta(hours=1)


def quick(*items: Item, blockers: Blockers | None = None) -> World:
    built = gate(sign_off=False, blockers=blockers or Blockers())
    world = World(release=release(built, timing=Timing(soak=0 * HOUR)), items={"engineering": items})
    world.health = {"engineering": (sight(),)}
    return world


def after_two_readings(world: World) -> State:
    world.read(NOW - HOUR)
    return world.read(NOW).gates[0].state


def test_items_of_a_tracker_that_nobody_looks_at_cannot_be_told() -> None:
    world = quick(item(), item("GTM-1", tracker="gtm"))
    assert after_two_readings(world) is State.UNKNOWN
    assert world.gate().reason == "gtm was never read"
    world.health = {"engineering": (sight(), sight(tracker="gtm"))}
    assert after_two_readings(world) is not State.UNKNOWN


def test_losing_the_sight_of_one_tracker_of_two_is_no_way_to_ready() -> None:
    world = quick(item(), item("GTM-1", tracker="gtm"))
    world.health = {"engineering": (sight(), sight(tracker="gtm"))}
    assert after_two_readings(world) is State.READY
    world.health = {"engineering": (sight(),)}
    assert world.judge().gates[0].state is State.UNKNOWN


def test_a_refusal_without_words_is_a_refusal() -> None:
    world = ready_world()
    world.health = {"engineering": (sight(refused=True),)}
    assert world.gate().state is State.UNKNOWN


@pytest.mark.parametrize("odd", [item("ENG-5", None, type="Story"), item("ENG-5", problem="odd", type="Story")])
def test_an_item_that_cannot_be_judged_matters_where_it_does_not_block_too(odd: Item) -> None:
    """readiness.md, row 6: an unmapped or unreadable item."""
    world = quick(item(type="Bug"), odd, blockers=Blockers(types=frozenset({"Bug"})))
    assert after_two_readings(world) is State.UNKNOWN


def test_counts_go_on_while_a_single_item_cannot_be_judged() -> None:
    odd = item("ENG-9", None)
    world = quick(item("ENG-1", Progress.TODO), item("ENG-2"), odd)
    world.read(NOW - HOUR)
    world.items = {"engineering": (item("ENG-1"), item("ENG-2"), odd)}
    found = world.read(NOW).gates[0]
    assert (found.state, found.done, found.total, found.facts_at) == (State.UNKNOWN, 2, 3, NOW)


@pytest.mark.parametrize("narrowed", [Blockers(types=frozenset({"Bug"})), Blockers(labels=frozenset({"launch"}))])
def test_an_open_item_of_unknown_type_or_labels_keeps_its_gate_unmet(narrowed: Blockers) -> None:
    unknown = replace(item("ENG-2", Progress.TODO, type=""), labels=None)
    world = quick(item(type="Bug", labels=("launch",)), unknown, blockers=narrowed)
    assert after_two_readings(world) not in (State.READY, State.EXCEPTION)
    assert [i.key for i in world.gate().open_items] == ["ENG-2"]


def test_without_a_target_it_is_said_why_sight_is_lost_so_early() -> None:
    world = quick(item())
    world.release = replace(world.release, target=None)
    world.read(NOW)
    found = world.judge(NOW + HOUR / 4).gates[0]
    assert found.state is State.UNKNOWN
    assert "no target is set, so after 10 min it is too old" in found.reason


def test_an_outage_is_one_reason_and_one_ask_however_many_tickets_it_takes_out_of_sight() -> None:
    world = quick(item())
    down, gone = "Linear answers HTTP 503", "HTTP 404"
    ticket = "the sign-off ticket DOC-1 cannot be read"
    sights = (sight(problem=down, refused=True), sight(problem=f"{ticket}: {down}", refused=True))
    world.health = {"engineering": sights}
    assert [ask.what for ask in world.judge().asks] == [f"make eng readable again: {down}"]
    assert [it.error for it in world.judge().sources] == [down]
    world.health = {"engineering": (sight(), sight(problem=f"{ticket}: {gone}", refused=True))}
    assert [ask.what for ask in world.judge().asks] == [f"make eng readable again: {ticket}: {gone}"]
    assert world.gate().reason.startswith("the sign-off ticket DOC-1 cannot be read in eng, last read ")


def test_what_is_late_and_was_reopened_is_to_be_finished_once() -> None:
    world = ready_world()
    world.release = replace(world.release, gates=tuple(replace(it, due=NOW - HOUR) for it in world.release.gates))
    world.read(NOW - HOUR)
    assert world.read(NOW).gates[0].state is State.READY
    world.items["engineering"] = (item(progress=Progress.TODO),)
    found = world.read(NOW + HOUR)
    assert [ask.what for ask in found.asks if ask.gate == "engineering"] == ["finish ENG-1"]
