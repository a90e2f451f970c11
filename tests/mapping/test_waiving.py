"""What becomes of a waiver: every way to its end, which it never comes back from, and who is asked meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.ended import endings_unkept
from mapping.gate import Person, Timing
from mapping.item import Progress
from mapping.memory import GateMemory, Memory
from mapping.readiness import State, WaiverStanding, WaiverState
from mapping.record import Approval, Denial, Waiver, Withdrawal
from tests.mapping.test_properties import EITHER, FEW, judged
from tests.worlds import LEE, MAYA, NOW, TARGET, World, gate, item, release, sight, waiver

if TYPE_CHECKING:
    import random

    from mapping.record import Record

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
OPEN = item("ENG-9", Progress.TODO)
ANA = Person(name="Ana")
YES = Approval(id="y1.0", by="Maya", at=NOW - HOUR, subject="W1")
NO = Denial(id="n1.0", by="Maya", at=NOW - HOUR, subject="W1", reason="not that one")


def asked(**fields: Any) -> Waiver:
    """W1 on ENG-9, asked for by Dana two hours ago, good for a week, approved by nobody yet."""
    return waiver(OPEN, **{"id": "c1.0", "label": "W1", "key": "ENG-9", "approved_by": None, **fields})


def quick(*records: Record, gates: tuple[Any, ...] = ()) -> World:
    """One gate that nobody has to sign and that does not settle, with ENG-9 open. Read twice."""
    built = release(*(gates or (gate(sign_off=False),)), timing=Timing(soak=0 * HOUR), target=TARGET + 14 * DAY)
    world = World(release=built, items={"engineering": (item(), OPEN)}, records=records)
    world.health = {"engineering": (sight(),)}
    world.read(NOW - HOUR / 2)
    world.read(NOW)
    return world


def standing(world: World, now: Any = None) -> WaiverStanding:
    (found,) = (world.read(now) if now else world.judge()).all_waivers
    return found


def state(world: World, now: Any = None) -> WaiverState:
    return standing(world, now).state


def asks(world: World, now: Any = None) -> list[tuple[str, str]]:
    readiness = world.read(now) if now else world.judge()
    return [(ask.who, ask.what) for ask in readiness.asks if "W1" in ask.what]


def test_a_waiver_waits_for_a_second_person_who_is_asked() -> None:
    world = quick(asked())
    assert state(world) is WaiverState.PENDING
    words = "approve or deny the waiver W1 on ENG-9, which Dana asks for until Tue 15 Dec, 12:00 UTC: documented"
    assert asks(world) == [("Maya", words)]


@pytest.mark.parametrize(
    ("owners", "who"),
    [((LEE,), "Lee"), ((MAYA, LEE), "Lee"), ((MAYA,), "Noor"), ((replace(LEE, active=False),), "Noor")],
)
def test_what_a_manager_asks_for_the_owner_answers_or_whoever_else_is_there(
    owners: tuple[Person, ...], who: str
) -> None:
    world = quick(asked(by="Maya"), gates=(gate(sign_off=False, owners=owners),))
    assert [whom for whom, _ in asks(world)] == [who]


def test_nobody_is_asked_to_approve_what_they_asked_for_themselves() -> None:
    world = quick(asked(by="Maya"), gates=(gate(sign_off=False, owners=(MAYA,)),))
    world.release = replace(world.release, managers=(MAYA,))
    assert asks(world) == []
    assert state(world) is WaiverState.PENDING


@pytest.mark.parametrize("hidden", ["gate", "item"])
def test_why_a_waiver_is_asked_for_is_nobody_s_business_where_it_is_restricted(hidden: str) -> None:
    world = quick(asked(), gates=(gate(sign_off=False, confidential=hidden == "gate"),))
    world.items["engineering"] = (item(), replace(OPEN, restricted=hidden == "item"))
    (ask,) = asks(world)
    assert "documented" not in ask[1]
    assert standing(world).hidden is (hidden == "item")
    world.records = (*world.records, YES)
    world.read(NOW + HOUR)
    world.read(NOW + 2 * HOUR)
    assert world.gate().reason == "ENG-9 is waived until Tue 15 Dec, 12:00 UTC"


def test_an_approved_waiver_is_in_force() -> None:
    world = quick(asked(), YES)
    found = standing(world)
    assert (found.state, found.ends_soon, found.url) == (WaiverState.APPROVED, False, OPEN.url)
    assert (found.waiver.approved_by, found.waiver.approved_at) == ("Maya", YES.at)
    assert world.gate().state is State.EXCEPTION


def test_a_denied_waiver_ends_there_and_nobody_is_asked_any_more() -> None:
    world = quick(asked(), NO)
    found = standing(world)
    assert (found.state, found.waiver.denial) == (WaiverState.DENIED, "not that one")
    assert asks(world) == []


def test_what_was_denied_after_it_was_approved_is_in_force_no_longer() -> None:
    world = quick(asked(), YES, replace(NO, at=NOW, by="Noor"))
    assert state(world) is WaiverState.DENIED
    assert world.gate().state is State.ON_TRACK


def test_who_asked_may_take_it_back_and_the_waiver_stays_on_record() -> None:
    world = quick(asked(), YES, Withdrawal(id="w", at=NOW, of="c1"))
    assert state(world) is WaiverState.REVOKED
    assert world.gate().state is State.ON_TRACK


def test_a_waiver_ends_with_its_time_be_it_approved_or_not() -> None:
    for said in ((asked(), YES), (asked(),)):
        world = quick(*said)
        assert state(world, NOW + 7 * DAY - HOUR) is not WaiverState.EXPIRED
        assert state(world, NOW + 7 * DAY) is WaiverState.EXPIRED


def test_a_waiver_ends_after_thirty_days_whatever_it_says() -> None:
    world = quick(asked(until=NOW + 90 * DAY), YES)
    assert standing(world).until == NOW - 2 * HOUR + 30 * DAY


@pytest.mark.parametrize(
    ("changed", "how"),
    [
        (Progress.DONE, WaiverState.FULFILLED),
        (Progress.DROPPED, WaiverState.FULFILLED),
        (Progress.DOING, WaiverState.SUPERSEDED),
    ],
)
def test_a_waiver_whose_item_changed_is_over_for_good_and_remembers_how(changed: Progress, how: WaiverState) -> None:
    world = quick(asked(), YES)
    world.items["engineering"] = (item(), replace(OPEN, progress=changed))
    assert state(world, NOW + HOUR) is how
    for back in (Progress.TODO, Progress.DONE, Progress.DOING):
        world.items["engineering"] = (item(), replace(OPEN, progress=back))
        assert state(world, NOW + 2 * HOUR) is how
    assert state(world, NOW + 30 * DAY) is how, "it did not end by its time"


@pytest.mark.parametrize("changed", [Progress.DONE, Progress.DOING])
def test_a_waiver_that_was_over_stays_so_without_the_memory(changed: Progress) -> None:
    world = quick(asked(), YES)
    world.items["engineering"] = (item(), replace(OPEN, progress=changed))
    how = state(world, NOW + HOUR)
    over = endings_unkept(world.records, world.memory)
    assert [it.waiver for it in over] == [f"c1.0 Dana {(NOW - 2 * HOUR).isoformat()}"]
    world.records = (*world.records, *over)
    assert endings_unkept(world.records, world.memory) == (), "it is kept once"
    world.memory = Memory()
    world.items["engineering"] = (item(), OPEN)
    world.read(NOW + 2 * HOUR)
    world.read(NOW + 3 * HOUR)
    assert state(world, NOW + 4 * HOUR) is how
    assert world.gate().state not in (State.READY, State.EXCEPTION)
    assert (standing(world).waiver, world.memory.gates["engineering"].ended) == (
        replace(asked(), approved_by="Maya", approved_at=YES.at),
        {over[0].waiver: (how, NOW + HOUR)},
    )


def test_of_a_waiver_in_force_or_expired_nothing_is_kept() -> None:
    world = quick(asked(until=NOW + HOUR), YES)
    assert state(world) is WaiverState.APPROVED
    assert endings_unkept(world.records, world.memory) == ()
    assert state(world, NOW + HOUR) is WaiverState.EXPIRED
    assert endings_unkept(world.records, world.memory) == ()


def test_what_happened_to_a_waiver_first_is_what_it_was() -> None:
    world = quick(asked(), NO)
    world.items["engineering"] = (item(), item("ENG-9"))
    assert state(world, NOW + HOUR) is WaiverState.DENIED
    expired = quick(asked(until=NOW + HOUR), YES)
    expired.items["engineering"] = (item(), item("ENG-9"))
    assert state(expired, NOW + 2 * HOUR) is WaiverState.EXPIRED


def test_a_title_a_comment_and_a_priority_supersede_no_waiver() -> None:
    world = quick(asked(), YES)
    world.items["engineering"] = (item(), replace(OPEN, title="Another", priority=1, updated=NOW, labels=("x",)))
    assert state(world, NOW + HOUR) is WaiverState.APPROVED


def test_of_a_waiver_that_was_over_in_an_older_memory_no_more_is_known() -> None:
    world = quick(asked(), YES)
    old = world.memory.gates["engineering"]
    name = f"c1.0 Dana {(NOW - 2 * HOUR).isoformat()}"
    world.memory = Memory(gates={"engineering": GateMemory(state=old.state, since=old.since, spent=frozenset({name}))})
    assert state(world) is WaiverState.SUPERSEDED


def test_two_days_before_a_waiver_ends_its_follow_up_is_warned_once() -> None:
    world = quick(asked(), YES)
    ends = NOW + 7 * DAY
    early = world.read(ends - 48 * HOUR - HOUR)
    assert not early.all_waivers[0].ends_soon
    assert early.asks == ()
    assert world.wake_at is not None
    assert world.wake_at <= ends - 48 * HOUR
    late = world.read(ends - 48 * HOUR)
    assert late.all_waivers[0].ends_soon
    assert [(ask.who, ask.what, ask.by, ask.key) for ask in late.asks] == [
        ("Lee", "W1 on ENG-9 ends Tue 15 Dec, 12:00 UTC: finish it before, or ask for another waiver", ends, "ENG-9")
    ]


def test_the_warning_comes_in_whatever_state_its_gate_is() -> None:
    world = quick(asked(), YES)
    world.items["engineering"] = (item(progress=Progress.DOING), OPEN)
    world.read(NOW + 6 * DAY)
    assert [who for who, what in asks(world) if "ends" in what] == ["Lee"]


def test_a_waiver_of_several_gates_stands_for_each_and_is_asked_about_once() -> None:
    gates = (gate(sign_off=False), gate("docs", sign_off=False))
    world = quick(asked(), asked(id="c1.1", gate="docs"), gates=gates)
    world.items["docs"], world.health["docs"] = world.items["engineering"], world.health["engineering"]
    world.read(NOW)
    assert [it.waiver.gate for it in world.judge().all_waivers] == ["engineering", "docs"]
    assert len(asks(world)) == 1


def test_a_waiver_of_tomorrow_is_not_approved_today() -> None:
    world = quick(asked(at=NOW + DAY, approved_by="Maya"))
    assert state(world) is WaiverState.PENDING
    assert state(world, NOW + DAY) is WaiverState.APPROVED


def test_a_waiver_of_a_gate_that_is_no_more_stays_on_record() -> None:
    world = quick(asked(gate="gone"))
    assert (state(world), asks(world)) == (WaiverState.PENDING, [])


settling = st.sampled_from(
    [
        YES,
        NO,
        replace(YES, by="Dana"),
        replace(YES, at=NOW - HOUR / 2),
        replace(NO, by="Lee"),
        Withdrawal(id="w", at=NOW, of="c1"),
    ]
)


@FEW
@given(EITHER, st.lists(settling, max_size=4), st.sampled_from(Progress), st.randoms(use_true_random=False))
def test_whatever_is_said_every_waiver_has_one_standing_in_any_order_and_only_approved_ones_help(
    world: World, said: list[Record], progress: Progress, chance: random.Random
) -> None:
    about = replace(OPEN, progress=progress)
    name = world.release.gates[0].id
    world.items = {**world.items, name: (*world.items.get(name, ()), about)}
    world.records = (*world.records, asked(gate=name), *said)
    first = judged(world)
    world.records = tuple(chance.sample(world.records, len(world.records)))
    second = judged(world)
    assert first[0].all_waivers == second[0].all_waivers
    assert len(first[0].all_waivers) == sum(isinstance(r, Waiver) for r in world.records)
    good = {(it.waiver.gate, it.waiver.id) for it in first[0].all_waivers if it.state is WaiverState.APPROVED}
    assert {(w.gate, w.id) for w in first[0].waivers} <= good
    again = judged(world, memory=first[1])
    assert again[0].all_waivers == first[0].all_waivers
