"""Hand-offs that come back, and the legs that every hand-off runs through, each with its holder and its clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.calendar import shift_working_hours
from mapping.digest import digest
from mapping.gate import Timing
from mapping.item import Progress
from mapping.memory import Memory
from mapping.readiness import HandOff, Leg, State
from mapping.record import Acceptance, NotNeeded, Return
from tests.mapping.test_properties import EITHER, FEW, MANY, assert_no_better, judged, told
from tests.worlds import IDS, LEE, NOW, TARGET, World, gate, item, moments, release, sight, signature, states

if TYPE_CHECKING:
    import random

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TODO, DOING, DONE = Progress.TODO, Progress.DOING, Progress.DONE
BACK = Return(id="r1.0", upstream="docs", downstream="training", by="Dana", at=NOW + HOUR, reason="pages miss")
TAKEN = Acceptance(id="a1.0", upstream="docs", downstream="training", by="Dana", at=NOW + 2 * HOUR)


def pair(upstream: Progress = DONE, assignee: str | None = "Ada", **fields: Any) -> World:
    """Docs, which Lee owns, hands over to training, which Dana owns; nothing settles, nobody signs. Read twice."""
    docs = gate("docs", owners=(LEE,), sign_off=False)
    after = gate("training", **{"after": ("docs",), "sign_off": False, **fields})
    world = World(release=release(docs, after, timing=Timing(soak=0 * HOUR), target=TARGET + 14 * DAY))
    world.items = {"docs": (item("DOC-1", upstream),), "training": (item("TRN-1", TODO, assignee=assignee),)}
    world.health = {"docs": (sight(),), "training": (sight(),)}
    world.read(NOW - HOUR)
    world.read(NOW)
    return world


def handed(world: World, now: datetime | None = None) -> HandOff:
    (found,) = (world.read(now) if now else world.judge()).handoffs
    return found


def test_a_hand_off_is_offered_accepted_and_done() -> None:
    world = pair(upstream=TODO, assignee=None)
    assert (handed(world).leg, handed(world).holder) == (Leg.NOT_OFFERED, "Lee")
    world.items["docs"] = (item("DOC-1"),)
    world.read(NOW + HOUR)
    offered = handed(world, NOW + 2 * HOUR)
    assert (offered.leg, offered.holder, offered.since) == (Leg.OFFERED, "Dana", NOW + HOUR)
    assert offered.by == NOW + HOUR + 2 * DAY
    world.items["training"] = (item("TRN-1", DOING),)
    taken = handed(world, NOW + 3 * HOUR)
    assert (taken.leg, taken.holder, taken.since, taken.by) == (Leg.ACCEPTED, "Dana", NOW + 3 * HOUR, None)
    world.items["training"] = (item("TRN-1"),)
    world.read(NOW + 4 * HOUR)
    done = handed(world, NOW + 5 * HOUR)
    assert (done.leg, done.holder, done.hours) == (Leg.DONE, "", 0)


def test_what_was_so_when_it_was_first_looked_at_began_nobody_knows_when() -> None:
    assert handed(pair(upstream=TODO)).since is None


def test_a_hand_off_that_is_accepted_by_word_is_so_since_then() -> None:
    world = pair(assignee=None)
    world.records = (TAKEN,)
    assert handed(world, NOW + 3 * HOUR).since == TAKEN.at


def test_a_receiver_that_is_not_needed_has_nothing_to_take_over() -> None:
    world = pair(upstream=TODO)
    world.records = (
        NotNeeded(id="n", gate="training", by="Dana", at=NOW, reason="nobody to train", confirmed_by="Maya"),
    )
    assert handed(world).leg is Leg.DONE


def test_a_hand_off_lasts_in_working_hours_and_after_two_days_in_working_days() -> None:
    world = pair(assignee=None)
    world.release = replace(world.release, holidays=frozenset({datetime(2026, 12, 9, tzinfo=UTC).date()}))
    assert handed(world, NOW + HOUR).hours == 2
    assert handed(world, NOW + DAY).hours == 6, "offered on Tuesday at eleven; Wednesday is a holiday"
    assert handed(world, NOW + 2 * DAY).hours == 9
    assert handed(world, NOW + 7 * DAY - 2 * HOUR).hours == 24, "31 hours are three days"


def test_the_judgement_is_due_again_with_each_working_hour_of_a_hand_off_and_then_with_each_day() -> None:
    world = pair(assignee=None)
    own = Timing(soak=0 * HOUR, freshness=90 * DAY)
    world.release = replace(world.release, timing=own, target=TARGET + 90 * DAY, expect_by=NOW - DAY)
    world.judge(NOW + HOUR / 2)
    assert world.wake_at == NOW + HOUR
    world.judge(NOW + 2 * DAY)
    assert handed(world).hours == 16
    assert world.wake_at is not None
    assert NOW + 2 * DAY + HOUR < world.wake_at <= NOW + 3 * DAY


def test_the_clock_of_a_hand_off_is_no_news() -> None:
    world = pair(assignee=None)
    before = world.read(NOW + HOUR)
    after = world.read(NOW + 3 * HOUR)
    assert (before.handoffs[0].hours, after.handoffs[0].hours) == (2, 4)
    assert digest(before) == digest(after)


def test_a_baton_that_nobody_takes_is_dropped_when_it_said_it_would_be() -> None:
    world = pair(assignee=None)
    by = handed(world).by
    assert by is not None
    assert not handed(world, by - HOUR).dropped
    dropped = handed(world, by)
    assert (dropped.dropped, dropped.leg) == (True, Leg.OFFERED)
    asked = [a for a in world.judge().asks if a.what == "take over from Docs"]
    assert [(a.who, a.gate) for a in asked] == [("Dana", "training")]


def test_a_returned_hand_off_has_not_arrived_and_its_upstream_is_asked_why() -> None:
    world = pair()
    world.records = (BACK,)
    readiness = world.read(NOW + 2 * HOUR)
    (back,) = readiness.handoffs
    assert (back.leg, back.holder, back.reason, back.since) == (Leg.RETURNED, "Lee", "pages miss", BACK.at)
    found = world.gate("training")
    assert (found.state, found.shown, found.actor) == (State.WAITING, "WAITING FOR Docs", "Lee")
    assert found.reason == "Docs got its hand-off back: pages miss; 1 of 1 open: TRN-1"
    (ask,) = readiness.asks
    assert (ask.who, ask.gate, ask.unblocks) == ("Lee", "docs", ("Training",))
    assert ask.what == "settle why Dana returned Docs to you for Training: pages miss"


@pytest.mark.parametrize("hidden", ["docs", "training"])
def test_why_it_was_returned_is_nobody_s_business_where_either_gate_is_confidential(hidden: str) -> None:
    world = pair()
    gates = tuple(replace(g, confidential=g.id == hidden) for g in world.release.gates)
    world.release, world.records = replace(world.release, gates=gates), (BACK,)
    readiness = world.read(NOW + 2 * HOUR)
    assert readiness.handoffs[0].reason == ""
    assert not [ask for ask in readiness.asks if "pages" in ask.what]
    assert not [found for found in readiness.gates if "pages" in found.reason]


def test_a_returned_hand_off_stays_so_until_the_receiver_accepts() -> None:
    world = pair()
    world.records = (BACK,)
    world.read(NOW + 2 * HOUR)
    assert handed(world, NOW + 9 * DAY).leg is Leg.RETURNED
    world.records = (BACK, replace(TAKEN, at=NOW + 9 * DAY))
    assert handed(world, NOW + 9 * DAY).leg is Leg.ACCEPTED


def test_a_returned_hand_off_is_offered_anew_once_its_upstream_reopened_and_is_ready_again() -> None:
    world = pair(assignee=None)
    world.records = (BACK,)
    world.read(NOW + 2 * HOUR)
    world.items["docs"] = (item("DOC-1"), item("DOC-2", DOING))
    assert handed(world, NOW + 3 * HOUR).leg is Leg.RETURNED
    world.items["docs"] = (item("DOC-1"), item("DOC-2"))
    world.read(NOW + 4 * HOUR)
    again = handed(world, NOW + 5 * HOUR)
    assert (again.leg, again.since, again.reason) == (Leg.OFFERED, NOW + 4 * HOUR, "")
    assert handed(world, NOW + 6 * HOUR).since == NOW + 4 * HOUR


def test_what_its_upstream_reopened_before_the_return_was_written_counts_as_heeded() -> None:
    world = pair()
    world.items["docs"] = (item("DOC-1", DOING),)
    world.read(NOW + HOUR / 2)
    world.records = (BACK,)
    world.read(NOW + HOUR)
    world.items["docs"] = (item("DOC-1"),)
    world.read(NOW + 2 * HOUR)
    assert handed(world, NOW + 3 * HOUR).leg is Leg.ACCEPTED


def test_a_returned_hand_off_is_offered_anew_when_its_upstream_signs_again() -> None:
    world = pair(assignee=None)
    docs, training = world.release.gates
    world.release = replace(world.release, gates=(replace(docs, ticketless=True, sign_off=True), training))
    world.health["docs"] = ()
    first = signature("docs", NOW - HOUR, by="Lee")
    world.records = (first, BACK)
    assert handed(world, NOW + 2 * HOUR).leg is Leg.RETURNED
    missed = replace(world, memory=Memory(), records=(first,))
    missed.read(NOW)
    assert handed(missed, NOW + HOUR).since == NOW
    world.records = missed.records = (first, BACK, signature("docs", NOW + 3 * HOUR, by="Lee"))
    for each in (world, missed):
        again = handed(each, NOW + 3 * HOUR)
        assert (again.leg, again.since) == (Leg.OFFERED, NOW + 3 * HOUR)


def test_open_items_of_a_gate_that_is_not_needed_heed_no_return() -> None:
    world = pair(upstream=TODO)
    said = NotNeeded(id="n", gate="docs", by="Lee", at=NOW, reason="none this time", confirmed_by="Maya")
    world.records = (said, BACK)
    assert handed(world, NOW + 2 * HOUR).leg is Leg.RETURNED
    assert handed(world, NOW + 3 * HOUR).leg is Leg.RETURNED


def test_a_return_outlives_a_lost_memory() -> None:
    world = pair()
    world.records = (BACK,)
    world.read(NOW + 2 * HOUR)
    world.memory = Memory()
    assert handed(world, NOW + 3 * HOUR).leg is Leg.RETURNED


def test_late_work_is_not_excused_by_having_returned_what_is_ready() -> None:
    world = pair(due=NOW + 3 * HOUR)
    assert states(world.read(NOW + 4 * HOUR))["training"] == "blocked"
    world.records = (BACK,)
    assert states(world.judge())["training"] == "blocked"


def test_an_advisory_gate_before_it_only_informs() -> None:
    world = pair(assignee=None)
    docs, training = world.release.gates
    world.release = replace(world.release, gates=(replace(docs, required=False), training))
    world.records = (BACK,)
    told_of = handed(world, NOW + 9 * DAY)
    assert told_of == HandOff(upstream="docs", downstream="training", leg=Leg.OFFERED, holder="Dana")
    assert states(world.judge())["training"] != "waiting"


returns = st.builds(
    Return,
    id=st.sampled_from(["b1.0", "b2.0"]),
    upstream=st.sampled_from(IDS),
    downstream=st.sampled_from(IDS),
    by=st.just("Dana"),
    at=moments,
    reason=st.just("no"),
)


@MANY
@given(EITHER, returns)
def test_a_return_never_helps(world: World, back: Return) -> None:
    before, _, _ = judged(world)
    blocked = {g.id for g in before.gates if g.state is State.BLOCKED and g.id == back.downstream}
    world.records = (*world.records, back)
    after, _, _ = judged(world)
    assert_no_better(before, after)
    upstream_good = {g.id for g in before.gates if g.state is State.READY}
    assert (
        not blocked
        or back.upstream not in upstream_good
        or blocked <= {g.id for g in after.gates if g.state is State.BLOCKED}
    )


@FEW
@given(EITHER, returns, st.randoms(use_true_random=False))
def test_the_order_of_records_and_gates_does_not_matter_to_what_comes_back(
    world: World, back: Return, chance: random.Random
) -> None:
    world.records = (*world.records, back)
    first = judged(world)
    shuffled = list(world.records)
    chance.shuffle(shuffled)
    world.records = tuple(shuffled)
    world.release = replace(world.release, gates=world.release.gates[::-1])
    second = judged(world)
    assert told(first[0]) == told(second[0])
    assert first[1:] == second[1:]


@MANY
@given(EITHER, returns, st.floats(0, 1, exclude_max=True))
def test_nothing_of_a_hand_off_changes_before_the_judgement_is_due_again(
    world: World, back: Return, part: float
) -> None:
    world.records = (*world.records, back)
    first, memory, wake_at = judged(world)
    end = wake_at or NOW + 3000 * DAY
    later, kept, wakes = judged(
        world, now=min(NOW + (end - NOW) * part, end - timedelta(microseconds=1)), memory=memory
    )
    assert (told(later), kept, wakes) == (told(first), memory, wake_at)


@FEW
@given(EITHER, returns)
def test_every_hand_off_has_a_holder_until_it_is_done_and_is_dropped_only_while_offered(
    world: World, back: Return
) -> None:
    world.records = (*world.records, back)
    for found in judged(world)[0].handoffs:
        assert bool(found.holder) is (found.leg is not Leg.DONE)
        assert found.leg is Leg.OFFERED or not (found.dropped or found.by)
        if found.since and found.leg is not Leg.DONE:
            zone, off = world.release.zone, world.release.holidays
            assert shift_working_hours(found.since, found.hours * HOUR, zone, off) <= NOW
