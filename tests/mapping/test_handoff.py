"""Hand-offs under ignorance: what cannot be told upstream takes nothing back, hides nothing and voids nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mapping.gate import Blockers, Timing
from mapping.item import Item, Progress
from mapping.readiness import State
from tests.worlds import LEE, NOW, World, gate, item, release, sight, signature, states

HOUR = timedelta(hours=1)
DOC = item("DOC-1")
ODD = item("DOC-2", None)


def pair(training: Item | None = None, **fields: Any) -> World:
    """Docs, whose only item is done, hands over to training; nothing settles. Read nine times in two hours."""
    docs = gate("docs", owners=(LEE,), sign_off=False, contact="Rita")
    world = World(release=release(docs, gate("training", after=("docs",), **fields), timing=Timing(soak=0 * HOUR)))
    world.items = {"docs": (DOC,), "training": (training or item("TRN-1"),)}
    world.health = {"docs": (sight(),), "training": (sight(),)}
    return world


def state_of(world: World, name: str = "training") -> State:
    return world.gate(name).state


@pytest.mark.parametrize("odd", [ODD, item("DOC-2", problem="no status in the answer")])
def test_an_unreadable_item_upstream_hides_no_late_work_downstream(odd: Item) -> None:
    world = pair(item("TRN-1", Progress.DOING), due=NOW - HOUR)
    world.read(NOW - HOUR)
    world.read(NOW)
    assert state_of(world) is State.BLOCKED
    world.items["docs"] = (DOC, odd)
    assert states(world.read(NOW + HOUR)) == {"docs": "unknown", "training": "blocked"}


def test_late_work_behind_a_gate_that_was_never_readable_is_not_hidden() -> None:
    world = pair(item("TRN-1", Progress.DOING), due=NOW - HOUR)
    world.items["docs"] = (ODD,)
    assert states(world.judge())["training"] == "blocked"


def test_who_waits_for_what_cannot_be_told_waits_for_whoever_can_restore_sight() -> None:
    world = pair(item("TRN-1", Progress.TODO))
    world.items["docs"] = (ODD,)
    world.judge()
    found = world.gate("training")
    assert (found.state, found.actor) == (State.WAITING, "Rita")
    assert found.reason == "Docs cannot be told; 1 of 1 open: TRN-1"


def test_an_open_item_upstream_still_takes_the_offer_back() -> None:
    world = pair(sign_off=False)
    world.read(NOW - HOUR)
    world.read(NOW)
    world.items["docs"] = (item("DOC-1", Progress.DOING), ODD)
    assert states(world.judge())["training"] == "waiting"


def test_a_signature_downstream_survives_that_its_upstream_cannot_be_read() -> None:
    world = pair()
    world.records = (signature("training", NOW - 3 * HOUR),)
    world.read(NOW - 2 * HOUR)
    world.read(NOW - HOUR)
    assert state_of(world) is State.READY
    world.items["docs"] = (DOC, ODD)
    world.read(NOW)
    world.items["docs"] = (DOC, item("DOC-2"))
    world.read(NOW + HOUR)
    assert states(world.read(NOW + 2 * HOUR)) == {"docs": "ready", "training": "ready"}


def test_a_signature_is_not_bound_while_its_upstream_cannot_be_read() -> None:
    world = pair()
    world.records = (signature("training", NOW - 3 * HOUR),)
    world.health["docs"] = (sight(observed_at=None, complete_at=None, problem="down"),)
    world.judge(NOW - 2 * HOUR)
    for hours in (1, 2, 3):
        world.read(NOW + hours * HOUR)
    assert state_of(world) is State.READY


def test_work_that_does_not_block_takes_over_too() -> None:
    world = pair(item("TRN-1", labels=("later",)), sign_off=False, blockers=Blockers(labels=frozenset({"launch"})))
    for hours in (-2, -1, 0):
        world.read(NOW + hours * HOUR)
    assert state_of(world) is State.READY


def test_a_gate_that_waits_for_a_gate_that_there_is_not_cannot_be_told() -> None:
    world = pair(sign_off=False)
    world.release = release(gate("training", after=("doks",), sign_off=False))
    found = world.gate("training")
    assert (found.state, found.actor) == (State.UNKNOWN, "Maya")
    assert found.reason == "it waits for doks, which is no gate of this release"


def test_what_changed_in_a_gate_itself_voids_its_signature_while_its_upstream_cannot_be_read() -> None:
    world = pair()
    world.records = (signature("training", NOW - 3 * HOUR),)
    world.read(NOW - 2 * HOUR)
    world.read(NOW - HOUR)
    world.items = {"docs": (DOC, ODD), "training": (item("TRN-1"), item("TRN-2"))}
    assert states(world.read(NOW)) == {"docs": "unknown", "training": "sign_off_due"}
