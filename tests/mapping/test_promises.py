"""What people set aside: admissions, waivers and not-needed, and when they are over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mapping.gate import Timing
from mapping.item import Item, Progress
from mapping.readiness import State
from mapping.record import Admission, NotNeeded
from tests.worlds import MAYA, NOW, World, gate, item, release, sight, waiver

HOUR = timedelta(hours=1)
DOING = item("ENG-7", Progress.DOING)
TODO = item("ENG-2", Progress.TODO)


def quick(*items: Item) -> World:
    """One gate that nobody has to sign and that does not settle, not read yet."""
    world = World(release=release(gate(sign_off=False), timing=Timing(soak=0 * HOUR)), items={"engineering": items})
    world.health = {"engineering": (sight(NOW - 9 * HOUR),)}
    return world


def admitted(at_h: float, item: tuple[str, str] | None = DOING.ref) -> Admission:
    return Admission(id=f"a{at_h}", gate="engineering", by="Maya", at=NOW + at_h * HOUR, reason="split", item=item)


def state_at(world: World, hours: float) -> State:
    return world.read(NOW + hours * HOUR).gates[0].state


@pytest.mark.parametrize("named", [DOING.ref, None])
def test_an_admission_settles_nothing_that_was_missed_after_it(named: tuple[str, str] | None) -> None:
    world = quick(item())
    world.records = (admitted(-5, named),)
    world.health = {"engineering": (sight(NOW, vanished=(DOING,)),)}
    assert state_at(world, 0) is State.UNKNOWN
    world.records = (*world.records, admitted(0, named))
    assert state_at(world, 0.1) is not State.UNKNOWN


@pytest.mark.parametrize("named", [DOING.ref, None])
def test_an_item_that_came_back_and_vanished_again_must_be_admitted_again(named: tuple[str, str] | None) -> None:
    world = quick(item())
    world.health = {"engineering": (sight(NOW, vanished=(DOING,)),)}
    world.judge(NOW)
    world.records = (admitted(1, named),)
    assert state_at(world, 1) is not State.UNKNOWN
    world.items, world.health = {"engineering": (item(), DOING)}, {"engineering": (sight(),)}
    assert state_at(world, 2) is State.ON_TRACK
    world.items, world.health = {"engineering": (item(),)}, {"engineering": (sight(vanished=(DOING,)),)}
    assert state_at(world, 3) is State.UNKNOWN


def test_an_item_that_is_present_is_not_settled_away() -> None:
    world = quick(item())
    world.health = {"engineering": (sight(NOW, vanished=(DOING,)),)}
    world.judge(NOW)
    world.items, world.records = {"engineering": (item(), DOING)}, (admitted(1),)
    world.read(NOW + HOUR)
    found = world.read(NOW + 2 * HOUR).gates[0]
    assert found.state is not State.READY
    assert [i.key for i in found.open_items] == ["ENG-7"]


@pytest.mark.parametrize("changed", [Progress.DONE, Progress.DOING, Progress.DROPPED])
@pytest.mark.parametrize("approved", ["Maya", None])
def test_a_waiver_whose_item_changed_once_never_comes_back(changed: Progress, approved: str | None) -> None:
    world = quick(item(), TODO)
    promise = waiver(TODO, at=NOW - 5 * HOUR, approved_by=approved)
    world.records = (promise,)
    world.read(NOW)
    assert state_at(world, 1) is (State.EXCEPTION if approved else State.ON_TRACK)
    world.items = {"engineering": (item(), replace(TODO, progress=changed))}
    world.read(NOW + 2 * HOUR)
    world.items = {"engineering": (item(), TODO)}
    world.records = (replace(promise, approved_by="Maya"),)
    world.read(NOW + 3 * HOUR)
    assert state_at(world, 4) is not State.EXCEPTION
    world.records = (waiver(TODO, id="W2", at=NOW + 5 * HOUR),)
    world.read(NOW + 5 * HOUR)
    assert state_at(world, 6) in (State.EXCEPTION, State.BLOCKED), "a new one is another promise"


def test_a_waiver_outlives_that_its_item_cannot_be_read() -> None:
    world = quick(item(), TODO)
    world.records = (waiver(TODO, at=NOW - 5 * HOUR),)
    world.items = {"engineering": (item(), replace(TODO, progress=None))}
    assert state_at(world, 0) is State.UNKNOWN
    world.items = {"engineering": (item(), TODO)}
    world.read(NOW + HOUR)
    assert state_at(world, 2) is State.EXCEPTION


def test_what_was_done_when_a_gate_was_an_exception_and_reopens_blocks() -> None:
    world = quick(item(), TODO)
    world.records = (waiver(TODO, at=NOW - 5 * HOUR),)
    world.read(NOW)
    assert state_at(world, 1) is State.EXCEPTION
    world.items = {"engineering": (item(progress=Progress.DOING), TODO)}
    assert world.read(NOW + 2 * HOUR).gates[0].reason == "ENG-1 was reopened after the gate was ready"


@pytest.mark.parametrize(
    "weaker", [{"reason": ""}, {"reason": " \n"}, {"by": "Maya"}, {"by": "maya@acme.example"}, {"confirmed_by": None}]
)
def test_a_gate_is_not_needed_with_a_reason_and_by_two_people_only(weaker: dict[str, Any]) -> None:
    world = World(release=release(gate(owners=(MAYA,))))
    said = NotNeeded(id="n", gate="engineering", by="Dana", at=NOW, reason="no code", confirmed_by="Maya")
    world.records = (said,)
    assert world.gate().state is State.NOT_NEEDED
    world.records = (replace(said, **weaker),)
    assert world.gate().state is not State.NOT_NEEDED
