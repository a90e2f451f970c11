"""Words: gates that rest on somebody's word alone, and what may be said of a gate and what not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mapping.gate import Blockers, Timing
from mapping.item import Progress
from mapping.readiness import State
from tests.worlds import NOW, World, gate, item, ready_world, release, sight, signature, waiver

HOUR = timedelta(hours=1)


def word(**fields: Any) -> World:
    """Legal moves LEG-1, its sign-off ticket, and has no other; signed four hours before ``NOW``."""
    world = World(release=release(gate(ticketless=True, sign_off_key="LEG-1", **fields)))
    world.health = {"engineering": (sight(),)}
    world.records = (signature(at=NOW - 4 * HOUR),)
    return world


@pytest.mark.parametrize("step", [HOUR / 60, HOUR / 6, HOUR, 24 * HOUR])
def test_a_word_that_was_read_twice_is_enough_and_stays_so(step: timedelta) -> None:
    world = word()
    assert world.read(NOW).gates[0].state is State.ON_TRACK
    for n in range(1, 6):
        found = world.read(NOW + n * step).gates[0]
        assert (found.state, found.reason) == (State.READY, "on Dana's word")


def test_a_word_that_was_read_once_is_not_enough_however_often_it_is_judged() -> None:
    world = word()
    world.read(NOW)
    assert world.judge(NOW + HOUR / 6).gates[0].state is State.ON_TRACK


def test_without_anything_to_read_the_word_alone_counts() -> None:
    world = word()
    world.release = release(gate(ticketless=True))
    world.health = {}
    assert world.judge().gates[0].state is State.READY


def test_a_word_without_a_ticket_outlives_a_minute_in_which_the_launch_issue_could_not_be_read() -> None:
    world = word()
    world.release = release(gate(ticketless=True))
    world.health = {}
    world.judge(NOW - HOUR)
    cloud = sight(NOW - HOUR / 60, problem="the launch issue cannot be read")
    world.health = {"engineering": (cloud,)}
    assert world.judge(NOW).gates[0].state is State.READY
    world.health = {"engineering": (replace(cloud, refused=True),)}
    assert world.judge(NOW).gates[0].state is State.UNKNOWN


def test_a_word_needs_its_ticket_seen_now() -> None:
    world = word()
    world.read(NOW)
    world.read(NOW + HOUR)
    assert world.judge(NOW + 4 * HOUR).gates[0].state is State.UNKNOWN
    world.health = {"engineering": (sight(NOW + 4 * HOUR, complete_at=NOW + HOUR),)}
    assert world.judge(NOW + 4 * HOUR).gates[0].state is State.ON_TRACK


def test_ready_does_not_call_on_tickets_that_are_open() -> None:
    built = gate(sign_off=False, blockers=Blockers(labels=frozenset({"launch"})))
    world = World(release=release(built, timing=Timing(soak=0 * HOUR)), health={"engineering": (sight(),)})
    world.items = {"engineering": (item(progress=Progress.TODO),)}
    world.read(NOW)
    found = world.read(NOW + HOUR).gates[0]
    assert (found.state, found.reason) == (State.READY, "nothing that blocks is open; nobody had to sign")


def test_the_follow_up_of_a_waiver_is_asked_in_its_last_two_days_and_not_before() -> None:
    todo = item("ENG-2", Progress.TODO)
    world = World(
        release=release(gate(sign_off=False), timing=Timing(soak=0 * HOUR)), health={"engineering": (sight(),)}
    )
    world.items, world.records = {"engineering": (item(), todo)}, (waiver(todo),)
    world.read(NOW)
    assert world.read(NOW + HOUR).asks == ()
    assert world.read(NOW + 5 * 24 * HOUR - HOUR).asks == ()
    (ask,) = world.read(NOW + 5 * 24 * HOUR).asks
    assert (ask.who, ask.by) == ("Lee", NOW + 7 * 24 * HOUR)


@pytest.mark.parametrize("updated_only", [False, True])
def test_a_ticket_that_went_back_and_forth_between_two_readings_voids_what_was_signed(updated_only: bool) -> None:  # noqa: FBT001 - a parameter
    """A comment moves ``updated`` and nothing else: that voids nothing."""
    world = ready_world()
    assert world.gate().signed
    before = item()
    moved_at = before.moved_at if updated_only else NOW
    world.items = {"engineering": (replace(before, updated=NOW, moved_at=moved_at),)}
    world.read(NOW + HOUR)
    assert bool(world.gate().signed) is updated_only
