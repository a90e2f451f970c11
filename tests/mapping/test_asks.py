"""Who is asked next when nobody reacts, and that nobody is asked twice, too much, or for what is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from mapping.gate import Person, Timing
from mapping.item import Progress
from mapping.record import Absence, Closing, Hold, Question
from tests.mapping.test_properties import EITHER, FEW, MANY, judged, told
from tests.worlds import DANA, LEE, MAYA, NOOR, NOW, World, gate, item, ready_world, release, sight, signature, worlds

if TYPE_CHECKING:
    import random

    from mapping.gate import Gate
    from mapping.readiness import Ask

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ANA, BO, CY = (Person(name=name) for name in ("Ana", "Bo", "Cy"))
TODO = Progress.TODO
OVERDUE = item("ENG-2", TODO)


def late(*owners: Person, **fields: Any) -> World:
    """One gate with an overdue blocker, owned by these, first asked about at NOW, a Tuesday noon."""
    built = gate(owners=owners, due=NOW - HOUR)
    world = World(
        release=release(built, **fields), items={"engineering": (OVERDUE,)}, health={"engineering": (sight(),)}
    )
    world.judge(NOW)
    return world


def asked(world: World, now: datetime) -> Ask:
    (found,) = world.read(now).asks
    return found


def test_after_a_working_day_without_reaction_the_next_owner_is_asked_too() -> None:
    world = late(ANA, BO, CY)
    assert asked(world, NOW + DAY - HOUR).who == "Ana"
    second = asked(world, NOW + DAY)
    assert (second.who, second.before, second.what) == ("Bo", "Ana was asked Tue 8 Dec", "finish ENG-2")
    third = asked(world, NOW + 2 * DAY)
    assert (third.who, third.before) == ("Cy", "Ana was asked Tue 8 Dec, Bo was asked Wed 9 Dec")
    assert asked(world, NOW + 6 * DAY) == third


def test_missed_runs_delay_nobody_s_turn() -> None:
    runs, missed = late(ANA, BO, CY), late(ANA, BO, CY)
    for hours in range(1, 60):
        runs.read(NOW + hours * HOUR)
    assert asked(runs, NOW + 60 * HOUR) == asked(missed, NOW + 60 * HOUR)
    assert asked(missed, NOW + 60 * HOUR).who == "Cy"


def test_a_weekend_and_a_holiday_are_no_time_to_react() -> None:
    world = late(ANA, BO, holidays=frozenset({datetime(2026, 12, 9, tzinfo=UTC).date()}))
    assert asked(world, NOW + 2 * DAY - HOUR).who == "Ana"
    assert asked(world, NOW + 2 * DAY).who == "Bo"
    friday = late(ANA, BO)
    friday.memory = replace(friday.memory, asked=dict.fromkeys(friday.memory.asked, NOW + 3 * DAY))
    assert asked(friday, NOW + 6 * DAY - HOUR).who == "Ana"
    assert asked(friday, NOW + 6 * DAY).who == "Bo"


def test_a_working_day_is_one_of_the_release_s_zone() -> None:
    world = late(ANA, BO)
    world.release = replace(world.release, zone=ZoneInfo("Pacific/Auckland"))
    asked_at_one_in_the_night = NOW
    assert asked(world, asked_at_one_in_the_night + 15 * HOUR).who == "Ana"
    assert asked(world, asked_at_one_in_the_night + 16 * HOUR).who == "Bo", "at five in the afternoon"


def test_the_judgement_is_due_again_when_the_next_owner_is() -> None:
    world = late(ANA, BO)
    world.release = replace(world.release, timing=Timing(freshness=9 * DAY))
    world.judge(NOW)
    assert world.wake_at is not None
    assert world.wake_at <= NOW + DAY


def test_another_count_is_the_same_ask() -> None:
    world = late(ANA, BO)
    world.items["engineering"] = (OVERDUE, item("ENG-3", TODO), item("ENG-4", TODO))
    found = asked(world, NOW + DAY)
    assert (found.who, found.what) == ("Bo", "finish ENG-2, ENG-3, ENG-4")


def test_what_was_due_soon_and_is_late_now_is_the_same_ask() -> None:
    world = late(ANA, BO)
    world.release = release(gate(owners=(ANA, BO), due=NOW + DAY - HOUR))
    world.memory = replace(world.memory, asked={})
    assert world.read(NOW).asks[0].what == "finish ENG-2"
    assert world.gate().state.value == "at_risk"
    assert asked(world, NOW + DAY).who == "Bo"
    assert world.gate().state.value == "blocked"


def test_an_ask_that_was_answered_and_comes_back_begins_anew() -> None:
    world = late(ANA, BO)
    world.items["engineering"] = (item("ENG-2"),)
    world.read(NOW + DAY)
    world.items["engineering"] = (OVERDUE,)
    assert asked(world, NOW + DAY + HOUR).who == "Ana"


def test_who_is_away_is_asked_last_and_who_stands_in_has_a_day_of_their_own() -> None:
    world = late(ANA, BO)
    world.records = (Absence(id="x", by="Ana", at=NOW + DAY - HOUR, until=NOW + 3 * DAY),)
    found = asked(world, NOW + DAY)
    assert (found.who, found.before) == ("Bo", "")


def test_the_next_manager_is_asked_for_the_first() -> None:
    world = late()
    assert {ask.who for ask in world.read(NOW).asks} == {"Maya"}
    found = next(ask for ask in world.read(NOW + DAY).asks if "owner" in ask.what)
    assert (found.what, found.who) == ("name an owner for Engineering", "Noor")
    assert found.before == "Maya was asked Tue 8 Dec"


def test_whoever_owns_nothing_has_nobody_after_them() -> None:
    world = late(ANA, BO)
    world.health["engineering"] = (sight(NOW, refused=True, problem="403"),)
    for now in (NOW, NOW + 9 * DAY):
        assert [a.who for a in world.judge(now).asks if "readable again" in a.what] == ["Sam"]


def test_nobody_is_asked_twice_for_the_same_and_all_that_waits_for_it_is_named() -> None:
    world = late(ANA, BO)
    two = (gate("a", due=NOW), gate("b", due=NOW), gate("c", after=("a",)), gate("d", after=("b",)))
    world.release = release(*two)
    world.items = {name: (item("ENG-1", TODO),) for name in "abcd"}
    world.health = {name: (sight(),) for name in "abcd"}
    (found,) = world.judge().asks
    assert (found.who, found.what, found.unblocks) == ("Dana", "finish ENG-1", ("C", "D"))


def test_a_release_that_is_over_asks_nobody_anything() -> None:
    world = late(ANA, BO)
    over = Closing(id="c", by="Maya", at=NOW, launched=False, reason="no market")
    world.records = (over, Question(id="q", by="Maya", at=NOW, whom="Ana", text="when?"))
    readiness = world.read(NOW + 3 * DAY)
    assert readiness.closed
    assert (readiness.asks, world.memory.asked) == ((), {})


def test_a_question_is_listed_as_one_and_is_no_ask_besides() -> None:
    world = late(ANA, BO)
    world.records = (Question(id="q", by="Maya", at=NOW, whom="Ana", text="when will it be done?"),)
    readiness = world.judge(NOW)
    assert [ask.what for ask in readiness.asks] == ["finish ENG-2"]
    assert len(readiness.questions) == 1


def test_a_thousand_things_to_do_are_cut() -> None:
    world = late(ANA, BO)
    world.records = tuple(signature(by=f"P{n}", id=f"s{n}", ready=False, reason=f"r{n}") for n in range(300))
    readiness = world.judge(NOW)
    assert len(readiness.asks) == len(world.memory.asked) == 100


@MANY
@given(st.one_of(EITHER, worlds()), st.floats(0, 1, exclude_max=True))
def test_no_ask_is_passed_on_before_the_judgement_is_due_again(world: World, part: float) -> None:
    first, memory, wake_at = judged(world)
    end = wake_at or NOW + 3000 * DAY
    later, kept, _ = judged(world, now=min(NOW + (end - NOW) * part, end - timedelta(microseconds=1)), memory=memory)
    assert later.asks == first.asks
    assert kept.asked == memory.asked


def _with_owners(found: Gate, chance: random.Random) -> Gate:
    return replace(found, owners=tuple(chance.sample([DANA, MAYA, NOOR, ANA], 4)))


@FEW
@given(EITHER, st.randoms(use_true_random=False), st.integers(0, 12))
def test_asks_are_the_same_in_any_order_of_gates_and_records_however_late(
    world: World, chance: random.Random, days: int
) -> None:
    gates = tuple(_with_owners(g, chance) for g in world.release.gates)
    world.release = replace(world.release, gates=gates)
    _, memory, _ = judged(world)
    first = judged(world, now=NOW + days * DAY, memory=memory)
    world.release = replace(world.release, gates=gates[::-1])
    world.records = tuple(chance.sample(world.records, len(world.records)))
    second = judged(world, now=NOW + days * DAY, memory=memory)
    assert told(first[0]) == told(second[0])
    assert first[1] == second[1]
    said = [(ask.who, ask.what) for ask in first[0].asks]
    assert len(set(said)) == len(said) or any(ask.before for ask in first[0].asks)


def test_who_holds_the_release_is_asked_first_with_what_waits_and_then_who_holds_a_gate() -> None:
    world = World(release=release(gate("a", due=NOW), gate("b", owners=(LEE,), after=("a",))))
    world.items = {name: (item(progress=Progress.TODO),) for name in "ab"}
    world.health = {name: (sight(),) for name in "ab"}
    world.records = (
        Hold(id="h1", by="Maya", at=NOW, reason="embargo"),
        Hold(id="h2", by="Lee", at=NOW, reason="no", gate="b"),
    )
    asks = world.judge().asks
    assert [(ask.who, ask.what, ask.unblocks) for ask in asks[:2]] == [
        ("Maya", "lift the hold on the release, or say what it waits for", ("Atlas 2.0",)),
        ("Lee", "lift the hold on B, or say what it waits for", ("Atlas 2.0",)),
    ]


def test_one_blind_tracker_is_one_ask_for_now_that_all_its_gates_wait_for_and_is_called_by_its_kind() -> None:
    world = World(release=release(gate("a"), gate("b"), gate("c"), kinds={"eng": "Jira"}))
    world.items = {name: (item(f"ENG-{name}", Progress.TODO),) for name in "abc"}
    world.health = {name: (sight(refused=True, problem="401: the token was refused"),) for name in "abc"}
    found = world.judge()
    (ask,) = found.asks
    assert (ask.what, ask.by, ask.unblocks) == (
        "make Jira (eng) readable again: 401: the token was refused",
        None,
        ("A", "B", "C"),
    )
    assert {gate.reason for gate in found.gates} == {"it cannot be read in Jira (eng), last read Tue 8 Dec, 12:00 UTC"}
    assert [(it.shown, it.error) for it in found.sources] == [("Jira (eng)", "401: the token was refused")]


def test_what_fell_after_its_day_was_ready_until_then_and_not_late_by_days() -> None:
    world = ready_world()
    world.release = replace(
        world.release, gates=tuple(replace(it, due=NOW - 24 * HOUR) for it in world.release.gates), freeze=NOW - HOUR
    )
    world.read(NOW)
    assert world.gate().good_until is None
    world.items = {"engineering": (item(progress=Progress.DOING, moved_at=NOW + HOUR, updated=NOW + HOUR),)}
    found = world.read(NOW + HOUR)
    (ask,) = found.asks
    assert (found.gates[0].good_until, ask.what, ask.by) == (
        NOW + HOUR,
        "finish ENG-1, reopened Tue 8 Dec, 13:00 UTC",
        None,
    )
    assert found.gates[0].reason == "ENG-1 was reopened Tue 8 Dec, 13:00 UTC, after the gate was ready"
