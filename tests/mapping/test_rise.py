"""Fall at once, rise slowly: complete readings, settling, and the signatures that stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from mapping.gate import Timing
from mapping.item import Item, Progress
from mapping.readiness import State
from mapping.timing import signature_end
from tests.worlds import LEE, NOW, World, gate, item, ready_world, release, sight, signature, waiver

HOUR = timedelta(hours=1)
START = NOW - 30 * HOUR
OLD = item(updated=START - 2 * HOUR, moved_at=START - 2 * HOUR)


def world_at(start: datetime = START, **fields: Any) -> World:
    """One gate without sign-off whose only item is done, not read yet."""
    built = World(release=release(gate(sign_off=False)), items={"engineering": (OLD,)})
    built.health = {"engineering": (sight(start),)}
    for name, value in fields.items():
        setattr(built, name, value)
    return built


def state_after(world: World, *readings: datetime) -> State:
    for at in readings:
        world.read(at)
    return world.gate().state


def test_a_gate_settles_for_a_day_and_says_until_when() -> None:
    world = world_at()
    assert state_after(world, START, START + 23 * HOUR) is State.ON_TRACK
    assert world.gate().reason == "settling until Tue 8 Dec, 06:00 UTC; nobody has to act"
    assert state_after(world, START + 24 * HOUR) is State.READY


def test_one_complete_reading_is_not_enough_however_old() -> None:
    world = world_at()
    world.read(START)
    world.health = {"engineering": (sight(NOW, complete_at=START),)}
    assert world.judge(NOW).gates[0].state is State.ON_TRACK


def test_without_settling_two_complete_readings_are_still_needed() -> None:
    world = world_at(release=release(gate(sign_off=False), timing=Timing(soak=timedelta(0))))
    assert state_after(world, START) is State.ON_TRACK
    assert world.gate().reason == "settling: to be read completely once more; nobody has to act"
    assert state_after(world, START + HOUR) is State.READY


def test_judging_one_reading_twice_does_not_count_twice() -> None:
    world = world_at(release=release(gate(sign_off=False), timing=Timing(soak=timedelta(0))))
    world.read(START)
    assert world.judge(START + HOUR).gates[0].state is State.ON_TRACK


def test_a_reading_of_one_tracker_of_two_is_not_complete() -> None:
    world = world_at(release=release(gate(sign_off=False), timing=Timing(soak=timedelta(0))))
    world.health = {"engineering": (sight(START), sight(START, tracker="gtm"))}
    world.judge(START)
    world.health = {"engineering": (sight(START + HOUR), sight(START + HOUR, tracker="gtm", complete_at=START))}
    assert world.judge(START + HOUR).gates[0].state is State.ON_TRACK


def test_what_is_unmet_at_any_time_breaks_the_series() -> None:
    world = world_at()
    world.read(START)
    world.items = {"engineering": (item(progress=Progress.DOING),)}
    world.judge(START + HOUR)
    world.items = {"engineering": (item(),)}
    assert state_after(world, START + 2 * HOUR, START + 25 * HOUR) is State.ON_TRACK
    assert state_after(world, START + 26 * HOUR) is State.READY


def test_a_failed_reading_neither_adds_nor_breaks() -> None:
    world = world_at()
    world.read(START)
    world.health = {"engineering": (sight(START, problem="down", refused=True),)}
    assert world.judge(START + 12 * HOUR).gates[0].state is State.UNKNOWN
    assert state_after(world, START + 24 * HOUR) is State.READY


def test_a_ready_gate_needs_a_complete_reading_that_is_not_too_old() -> None:
    world = world_at()
    state_after(world, START, START + 24 * HOUR)
    world.health = {"engineering": (sight(START + 27 * HOUR, complete_at=START + 24 * HOUR),)}
    found = world.judge(START + 27 * HOUR).gates[0]
    assert found.state is State.ON_TRACK
    assert found.reason == "to be read completely again, last done Tue 8 Dec, 06:00 UTC"
    assert state_after(world, START + 27 * HOUR) is State.READY


def test_a_fresh_signature_ends_the_settling_but_not_the_second_reading() -> None:
    world = world_at(release=release(gate()))
    world.read(START)
    world.records = (signature(at=START + HOUR),)
    assert world.judge(START + HOUR).gates[0].state is State.ON_TRACK
    assert state_after(world, START + 2 * HOUR) is State.READY


def test_a_signature_from_before_the_gate_was_met_does_not_end_the_settling() -> None:
    world = world_at(release=release(gate()), records=(signature(at=START - HOUR),))
    assert state_after(world, START, START + 2 * HOUR) is State.ON_TRACK
    assert state_after(world, START + 24 * HOUR) is State.READY


@pytest.mark.parametrize(
    "changed",
    [
        (item(), item("ENG-2")),
        (item(progress=Progress.DOING),),
        (),
    ],
)
def test_a_signature_is_void_for_good_once_what_was_signed_has_changed(changed: tuple[Item, ...]) -> None:
    world = ready_world()
    world.items = {"engineering": changed}
    world.judge()
    world.items = {"engineering": (item(),)}
    found = world.gate()
    assert found.state is State.SIGN_OFF_DUE
    assert found.reason == "what Dana signed on Tue 8 Dec, 11:30 UTC has changed since"
    assert any(remark.startswith("Dana signed Engineering") for remark in world.judge().remarks)


def test_titles_priorities_and_comments_void_nothing() -> None:
    world = ready_world()
    world.items = {"engineering": (item(title="Other", priority=2, updated=NOW, labels=("x",), status="Closed"),)}
    assert world.gate().state is State.READY


@pytest.mark.parametrize(
    "moved",
    [
        {"moved_at": NOW},
        {"moved_at": None, "updated": NOW},
        {"created": NOW, "moved_at": None, "updated": None},
        {"created": None, "moved_at": None, "updated": None},
    ],
)
def test_what_moved_between_the_signature_and_its_first_reading_voids_it(moved: dict[str, Any]) -> None:
    world = ready_world(items={"engineering": (replace(item(), **moved),)})
    assert world.gate().state is State.SIGN_OFF_DUE


QUIET: dict[str, Any] = {"created": NOW - 9 * HOUR, "moved_at": NOW - 9 * HOUR, "updated": NOW - 9 * HOUR}
SINCE: dict[str, Any] = {**QUIET, "updated": NOW - HOUR / 2}


def signed_between(before: tuple[Item, ...], after: tuple[Item, ...]) -> World:
    """Read an hour ago, signed half an hour ago on what was shown then, and read again now."""
    world = World(items={"engineering": before}, health={"engineering": (sight(NOW - HOUR),)})
    world.judge(NOW - HOUR)
    world.records = (signature(at=NOW - HOUR / 2),)
    world.items = {"engineering": after}
    world.read(NOW)
    return world


@pytest.mark.parametrize(
    "found",
    [{**SINCE}, {**SINCE, "updated": None}, {**SINCE, "progress": Progress.DROPPED}, {**QUIET}],
    ids=["an edit", "no time", "dropped", "its parent moved"],
)
def test_what_joined_the_gate_between_the_signature_and_its_first_reading_voids_it(found: dict[str, Any]) -> None:
    world = signed_between((item(**QUIET),), (item(**QUIET), item("ENG-2", **found)))
    assert world.gate().state is State.SIGN_OFF_DUE
    world.read(NOW + HOUR)
    assert world.gate().state is State.SIGN_OFF_DUE, "for good"


def test_what_was_dropped_by_its_resolution_alone_since_it_was_signed_voids_it() -> None:
    first = item(**QUIET)
    world = signed_between((first, item("ENG-2", **QUIET)), (first, item("ENG-2", Progress.DROPPED, **SINCE)))
    assert world.gate().state is State.SIGN_OFF_DUE


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((item("ENG-2", **QUIET),), (item("ENG-2", **SINCE),)),
        ((item("ENG-2", Progress.DROPPED, **QUIET),), (item("ENG-2", Progress.DROPPED, **SINCE),)),
        ((), (item("ENG-2", **{**QUIET, "updated": NOW - 3 * HOUR / 4}),)),
        ((), (item("ENG-99", **SINCE),)),
    ],
    ids=["a comment", "a comment on what was dropped before", "joined before it", "the ticket itself"],
)
def test_what_its_owner_saw_or_could_see_voids_no_signature(before: tuple[Item, ...], after: tuple[Item, ...]) -> None:
    first = item(**QUIET)
    assert signed_between((first, *before), (first, *after)).gate().state is State.READY


def test_a_signature_on_what_nobody_had_read_before_is_taken_as_it_is() -> None:
    assert signed_between((), (item(**SINCE),)).gate().signed is not None


def test_what_joined_is_not_forgotten_while_something_else_cannot_be_read() -> None:
    first, joined = item(**QUIET), item("ENG-2", **SINCE)
    world = signed_between((first,), (first, joined, item("ENG-3", None, **QUIET)))
    world.items = {"engineering": (first, joined)}
    world.read(NOW + HOUR)
    assert world.gate().state is State.SIGN_OFF_DUE


def test_what_joined_counts_though_the_hand_off_could_not_be_told_then() -> None:
    first, joined = item(**QUIET), item("ENG-2", **SINCE)
    world = World(release=release(gate("docs", sign_off=False), gate(after=("docs",))))
    world.items = {"docs": (item("DOC-1", **QUIET),), "engineering": (first,)}
    world.health = {"docs": (sight(NOW - HOUR, refused=True),), "engineering": (sight(NOW - HOUR),)}
    world.judge(NOW - HOUR)
    world.records = (signature(at=NOW - HOUR / 2),)
    world.items["engineering"] = (first, joined)
    world.health["engineering"] = (sight(),)
    world.judge(NOW)
    assert (
        world.read(NOW + HOUR).remarks[0].startswith("Dana signed Engineering on Tue 8 Dec, 11:30 UTC, and its items")
    )


def test_the_ticket_that_was_signed_with_may_be_one_of_the_items() -> None:
    moved = item("ENG-99", moved_at=NOW - HOUR / 4, updated=NOW - HOUR / 4)
    assert ready_world(items={"engineering": (item(), moved)}).gate().state is State.READY


def test_a_signature_ends_at_its_expiry() -> None:
    world = ready_world(records=(signature(at=NOW - HOUR / 2, expires_at=NOW + HOUR),))
    assert world.wake_at == NOW + HOUR
    assert world.judge().valid_until == NOW + HOUR
    found = world.judge(NOW + HOUR).gates[0]
    assert (found.state, found.reason) == (State.SIGN_OFF_DUE, "the signature of Dana ended on Tue 8 Dec, 13:00 UTC")


def test_a_signature_without_an_expiry_does_not_count() -> None:
    assert ready_world(records=(signature(at=NOW - HOUR / 2, expires_at=None),)).gate().state is State.SIGN_OFF_DUE


def test_a_signature_from_the_future_does_not_count_yet() -> None:
    assert ready_world(records=(signature(at=NOW + HOUR),)).gate().state is State.SIGN_OFF_DUE


def test_a_signature_is_not_voided_by_what_cannot_be_read() -> None:
    world = ready_world(items={"engineering": (item(), item("ENG-2"))})
    world.items = {"engineering": (item(), item("ENG-2", None))}
    assert world.gate().state is State.UNKNOWN
    world.items = {"engineering": (item(), item("ENG-2"))}
    world.read(NOW + HOUR)
    assert world.gate().state is State.ON_TRACK, "the series starts again, the signature stands"


def test_one_of_two_owners_is_enough() -> None:
    world = ready_world(release=release(gate(owners=(LEE,))), records=(signature(at=NOW - HOUR / 2, by="Lee"),))
    assert world.gate().state is State.READY


def test_a_complete_reading_that_misses_many_items_counts_for_nothing() -> None:
    world = world_at(release=release(gate(sign_off=False), timing=Timing(soak=timedelta(0))))
    gone = tuple(item(f"ENG-{n}") for n in (7, 8, 9))
    state_after(world, START)
    world.health = {"engineering": (sight(START + HOUR, vanished=gone),)}
    assert world.judge(START + HOUR).gates[0].state is State.UNKNOWN
    world.health = {"engineering": (sight(START + HOUR),)}
    assert state_after(world, START + 2 * HOUR) is State.ON_TRACK
    assert state_after(world, START + 3 * HOUR) is State.READY


def test_readings_that_showed_a_gate_met_thanks_to_a_waiver_do_not_make_it_ready() -> None:
    opened = item("ENG-2", Progress.DOING)
    world = world_at(records=(waiver(opened, at=START),), items={"engineering": (OLD, opened)})
    assert state_after(world, START, START + 24 * HOUR) is State.EXCEPTION
    world.items = {"engineering": (OLD, item("ENG-2"))}
    assert state_after(world, START + 25 * HOUR) is State.ON_TRACK
    assert state_after(world, START + 26 * HOUR) is State.ON_TRACK


def test_a_reading_is_not_credited_to_facts_that_were_read_after_it() -> None:
    """Killed between reading and judging, then a look at the changes only: what is done now was not at the reading."""
    world = world_at()
    read = START + 25 * HOUR
    world.health = {"engineering": (sight(read, complete_at=START, changed_at=read),)}
    world.judge(START + 25 * HOUR)
    assert state_after(world, START + 26 * HOUR, START + 27 * HOUR) is State.ON_TRACK
    assert state_after(world, START + 50 * HOUR) is State.READY


def test_a_series_begins_when_the_last_of_two_trackers_was_read() -> None:
    world = world_at(release=release(gate(sign_off=False), timing=Timing(soak=10 * HOUR, freshness=20 * HOUR)))
    world.health = {"engineering": (sight(START), sight(START + 9 * HOUR, tracker="gtm"))}
    world.judge(START + 9 * HOUR)
    assert state_after(world, START + 18 * HOUR) is State.ON_TRACK
    assert state_after(world, START + 19 * HOUR) is State.READY


@pytest.mark.parametrize("ahead", [400 * 24 * HOUR, HOUR])
def test_a_clock_that_was_ahead_once_freezes_nothing(ahead: timedelta) -> None:
    world = world_at()
    world.read(START + ahead)
    assert state_after(world, START, START + 24 * HOUR) is State.READY


def test_a_reading_from_the_future_does_not_count() -> None:
    world = world_at(release=release(gate(sign_off=False), timing=Timing(soak=timedelta(0))))
    world.health = {"engineering": (sight(START + HOUR),)}
    world.judge(START)
    world.health = {"engineering": (sight(START),)}
    assert state_after(world, START) is State.ON_TRACK
    assert state_after(world, START + HOUR / 60) is State.READY


def test_a_signature_is_not_bound_to_what_was_read_before_it() -> None:
    world = world_at(release=release(gate(), timing=Timing(soak=timedelta(0))))
    world.items = {"engineering": (item(progress=Progress.DOING),)}
    world.judge(START)
    world.records = (signature(at=START + HOUR),)
    world.health = {"engineering": (sight(START, problem="timeout"),)}
    world.judge(START + HOUR)
    world.items = {"engineering": (replace(OLD, moved_at=START + HOUR / 2, updated=START + HOUR / 2),)}
    assert state_after(world, START + 2 * HOUR, START + 3 * HOUR) is State.READY


def test_a_signature_made_while_a_pass_ran_counts_and_is_bound_by_the_next() -> None:
    world = ready_world(records=(signature(at=NOW + HOUR / 1800),))
    assert world.judge(NOW + HOUR / 720).gates[0].state is State.READY
    world.read(NOW + HOUR / 2)
    world.items = {"engineering": (item(), item("ENG-2", created=NOW - HOUR, moved_at=NOW - HOUR))}
    assert world.gate().state is State.SIGN_OFF_DUE, "something was added that it did not cover"


def test_what_moved_in_the_very_moment_of_the_signature_voids_it() -> None:
    world = ready_world(items={"engineering": (replace(item(), moved_at=NOW - HOUR / 2),)})
    assert world.gate().state is State.SIGN_OFF_DUE


def test_only_the_newest_yes_of_a_person_counts() -> None:
    older = signature(at=NOW - HOUR / 2, expires_at=NOW + 9 * HOUR)
    newer = signature(at=NOW - HOUR / 4, expires_at=NOW + HOUR)
    world = ready_world(records=(older, newer))
    assert world.gate().signed == newer
    assert world.read(NOW + HOUR).gates[0].state is State.SIGN_OFF_DUE
    world.records = (older,)
    assert world.gate().state is State.SIGN_OFF_DUE, "what was said anew is over, even if the new word is taken back"


def test_a_signature_made_too_long_after_the_target_says_that_a_new_target_is_needed() -> None:
    late = NOW + 3 * 24 * HOUR
    built = release(gate(), target=NOW)
    world = World(release=built, items={"engineering": (item(),)}, health={"engineering": (sight(),)})
    world.records = (signature(at=late, expires_at=signature_end(built, late)),)
    readiness = world.read(late)
    assert readiness.gates[0].state is State.SIGN_OFF_DUE
    assert readiness.gates[0].reason == "Dana signed, but the target has passed: set a new one"
    assert [(a.who, a.what) for a in readiness.asks] == [("Maya", "set a new target for Atlas 2.0")]
