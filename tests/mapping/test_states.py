"""The eleven rows of the state table, by example, and the guards that make a gate CAN'T TELL."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from mapping.gate import Timing
from mapping.item import Item, Progress
from mapping.readiness import GateReadiness, State
from mapping.record import Acceptance, Admission, Attestation, Hold, NotNeeded, Record
from tests.worlds import (
    DANA,
    LEE,
    NOW,
    TARGET,
    World,
    gate,
    item,
    ready_world,
    release,
    sight,
    signature,
    states,
    waiver,
)

if TYPE_CHECKING:
    from mapping.sight import Sight

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TODO, DOING, DONE, DROPPED = Progress.TODO, Progress.DOING, Progress.DONE, Progress.DROPPED
HELD = Hold(id="h", by="Dana", at=NOW, reason="a leak", gate="engineering")


def one(
    *items: Item, records: tuple[Record, ...] = (), sights: tuple[Sight, ...] | None = None, **fields: Any
) -> World:
    """One gate with these items, just read."""
    return World(
        release=release(gate(**fields)),
        items={"engineering": items},
        records=records,
        health={"engineering": (sight(),) if sights is None else sights},
    )


def shown(world: World) -> GateReadiness:
    return world.gate()


# 1 and 2: what people declare


def test_a_held_gate_is_on_hold_and_says_who_holds_it() -> None:
    found = shown(ready_world(records=(HELD,)))
    assert (found.state, found.shown, found.actor) == (State.ON_HOLD, "ON HOLD", "Dana")
    assert found.reason == "held by Dana: a leak"


def test_a_gate_is_not_needed_once_a_manager_confirmed_it() -> None:
    said = NotNeeded(id="n", gate="engineering", by="Dana", at=NOW, reason="no code", confirmed_by="Maya")
    assert shown(one(records=(said,))).state is State.NOT_NEEDED
    for unconfirmed in (replace(said, confirmed_by=None), replace(said, confirmed_by="Dana")):
        assert shown(one(records=(unconfirmed,))).state is not State.NOT_NEEDED


# 3: not started


def test_before_work_is_expected_a_gate_without_items_is_not_started() -> None:
    world = one()
    world.release = replace(world.release, target=NOW + 40 * DAY)
    found = shown(world)
    assert (found.state, found.actor, found.reason) == (State.NOT_STARTED, "Maya", "it has no item yet")


def test_before_work_is_expected_a_gate_without_an_owner_is_not_started() -> None:
    world = one(item(progress=TODO), owners=())
    world.release = replace(world.release, target=NOW + 40 * DAY)
    assert shown(world).reason == "it has no owner yet"


def test_a_gate_that_was_never_read_is_not_called_not_started() -> None:
    world = one(sights=())
    world.release = replace(world.release, target=NOW + 40 * DAY)
    assert shown(world).state is State.UNKNOWN


@pytest.mark.parametrize("target", [TARGET, NOW + 40 * DAY])
def test_a_gate_whose_owner_could_not_be_told_is_neither_ownerless_nor_good(target: datetime) -> None:
    world = one(item(), owners=(), owner_untold=True, sign_off=False)
    world.release = replace(world.release, target=target)
    readiness = world.judge()
    assert readiness.gates[0].state is State.UNKNOWN
    assert readiness.gates[0].reason == "who owns it cannot be told"
    assert [(ask.who, ask.what) for ask in readiness.asks] == [
        ("Sam", "make the lead of Engineering's project readable")
    ]
    assert not [remark for remark in readiness.remarks if remark.startswith("Nobody owns")]


def test_an_owner_who_is_known_counts_whatever_else_could_not_be_told() -> None:
    world = ready_world(release=release(gate(owner_untold=True)))
    assert shown(world).state is State.READY


@pytest.mark.parametrize("target", [TARGET, NOW + 40 * DAY])
@pytest.mark.parametrize("items", [(), (item(),)])
@pytest.mark.parametrize(
    "sights",
    [
        (),
        (sight(complete_at=None),),
        (sight(), sight(tracker="gtm", complete_at=None)),
        (sight(observed_at=None, complete_at=None, problem="down"),),
    ],
)
def test_what_was_never_read_completely_lacks_no_items_that_anybody_could_create(
    sights: tuple[Sight, ...], items: tuple[Item, ...], target: datetime
) -> None:
    world = one(*items, sights=sights, expect=2)
    world.release = replace(world.release, target=target)
    readiness = world.judge()
    assert readiness.gates[0].state is State.UNKNOWN
    assert {ask.who for ask in readiness.asks} == {"Sam"}
    assert not [ask for ask in readiness.asks if "create" in ask.what or "first item" in ask.what]


def test_who_vouches_for_what_was_never_read_completely_is_not_told_that_it_has_no_item() -> None:
    word = Attestation(id="a", gate="engineering", by="Dana", at=NOW - HOUR, until=NOW + HOUR, reason="it is there")
    world = one(records=(word,), sights=(sight(complete_at=None),))
    world.release = replace(world.release, target=NOW + 40 * DAY)
    assert shown(world).state is State.ON_TRACK


def test_a_gate_that_lost_its_items_was_started_all_the_same() -> None:
    world = one(item(progress=TODO))
    world.release = replace(world.release, target=NOW + 40 * DAY)
    world.judge()
    world.items = {}
    assert shown(world).state is State.ON_TRACK


def test_gates_that_nobody_mentioned_are_asked_about_once() -> None:
    asked = [gate(name, asked=True, required=False, owners=()) for name in ("sales", "support", "training")]
    world = ready_world(release=release(gate(), *asked))
    readiness = world.judge()
    assert readiness.verdict.value == "ready"
    assert states(readiness)["sales"] == "not_started"
    assert [(a.who, a.what) for a in readiness.asks] == [
        ("Maya", "Who speaks for Sales, Support and Training? Write /owner sales PERSON, and so for each")
    ]


def test_of_many_gates_that_nobody_mentioned_the_question_names_a_few_and_how_it_is_answered() -> None:
    asked = [gate(f"gate{n}", name=f"Gate {n}", asked=True, required=False, owners=()) for n in range(7)]
    (ask,) = ready_world(release=release(gate(), *asked)).judge().asks
    assert ask.what == "Who speaks for Gate 0, Gate 1, Gate 2 and 4 more? Write /owner gate0 PERSON, and so for each"


# 4: hand-offs


def chain(*, upstream: Progress, downstream: Progress = TODO, **fields: Any) -> World:
    docs = gate("docs", owners=(LEE,), sign_off=False)
    training = gate("training", after=("docs",), **fields)
    world = World(release=release(docs, training))
    world.items = {"docs": (item("DOC-1", upstream),), "training": (item("TRN-1", downstream, assignee=None),)}
    world.health = {"docs": (sight(NOW - HOUR),), "training": (sight(NOW - HOUR),)}
    world.judge(NOW - HOUR)
    world.read(NOW)
    return world


def test_a_gate_waits_for_the_gate_before_it_which_has_to_act() -> None:
    found = chain(upstream=TODO).gate("training")
    assert (found.state, found.shown, found.actor) == (State.WAITING, "WAITING FOR Docs", "Lee")


def test_lateness_of_a_gate_that_waits_is_the_upstream_gates() -> None:
    """One cause, one red."""
    world = chain(upstream=TODO)
    world.read(TARGET + HOUR)
    assert states(world.judge()) == {"docs": "blocked", "training": "waiting"}


def test_a_vote_against_is_not_hidden_by_waiting() -> None:
    world = chain(upstream=TODO)
    world.records = (signature("training", ready=False, reason="no room"),)
    assert states(world.judge())["training"] == "blocked"


def test_an_advisory_gate_holds_up_nobody() -> None:
    world = chain(upstream=TODO)
    docs, training = world.release.gates
    world.release = replace(world.release, gates=(replace(docs, required=False), training))
    assert states(world.judge())["training"] == "on_track"


def test_a_settling_gate_has_handed_over() -> None:
    world = chain(upstream=DONE)
    assert states(world.judge()) == {"docs": "on_track", "training": "on_track"}
    assert "taken over" not in world.gate("docs").reason


@pytest.mark.parametrize("sign", [{"assignee": "Ada"}, {"progress": DOING}, {"progress": DONE}])
def test_work_that_begins_accepts_the_hand_off(sign: dict[str, Any]) -> None:
    world = chain(upstream=DONE)
    world.items["training"] = (item("TRN-1", **{"progress": TODO, "assignee": None, **sign}),)
    world.judge(NOW + 5 * DAY)
    assert "handed over" not in world.gate("training").reason


def test_a_baton_that_nobody_takes_for_two_working_days_is_dropped() -> None:
    world = chain(upstream=DONE)
    world.release = replace(world.release, target=NOW + 20 * DAY)
    world.read(NOW + 2 * DAY - 2 * HOUR)
    assert world.gate("training").state is State.ON_TRACK
    world.read(NOW + 2 * DAY)
    found = world.gate("training")
    assert found.state is State.AT_RISK
    assert found.reason == "nobody has taken over from Docs, which handed over Tue 8 Dec, 11:00 UTC"


def test_in_the_last_week_one_working_day_is_enough_to_drop_a_baton() -> None:
    world = chain(upstream=DONE)
    world.read(NOW + DAY)
    assert world.gate("training").state is State.AT_RISK


def test_a_receiver_without_tickets_accepts_by_saying_so() -> None:
    world = chain(upstream=DONE, ticketless=True)
    world.health["training"] = ()
    assert world.gate("training").state is State.ON_TRACK
    world.records = (Acceptance(id="a", upstream="docs", downstream="training", by="Dana", at=NOW),)
    assert world.gate("training").state is State.SIGN_OFF_DUE
    world.records = (signature("training"),)
    assert world.gate("training").state is State.READY


def test_what_reopens_takes_its_hand_off_back_and_what_cannot_be_read_does_not() -> None:
    world = chain(upstream=DONE, downstream=DONE, sign_off=False)
    world.health["docs"] = (sight(problem="down", refused=True),)
    assert states(world.judge()) == {"docs": "unknown", "training": "on_track"}
    world.health["docs"] = (sight(),)
    world.items["docs"] = (item("DOC-1", DOING),)
    assert states(world.judge())["training"] == "waiting"


def test_a_circle_of_gates_waits_and_does_not_hang() -> None:
    world = World(release=release(gate("a", after=("b",)), gate("b", after=("a",)), gate("c", after=("c",))))
    world.health = {name: (sight(),) for name in "abc"}
    world.items = {name: (item(progress=TODO),) for name in "abc"}
    assert states(world.judge())["a"] == "waiting"


# 5: blocked


def test_an_open_blocker_past_its_day_blocks() -> None:
    found = shown(one(item("ENG-2", TODO), item("ENG-1", DONE), due=NOW))
    assert (found.state, found.actor) == (State.BLOCKED, "Dana")
    assert found.reason == "1 of 2 open: ENG-2; due since Tue 8 Dec, 12:00 UTC"
    assert shown(one(item("ENG-2", TODO), due=NOW + HOUR)).state is not State.BLOCKED


def test_a_vote_against_blocks_until_the_same_person_signs() -> None:
    against = signature(at=NOW - HOUR, ready=False, reason="it leaks")
    world = ready_world()
    world.records = (*world.records, against)
    world.records = (against, signature(at=NOW - 2 * HOUR))
    assert shown(world).reason == "Dana says it is not ready: it leaks"
    world.records = (against, signature(at=NOW, by="Lee"))
    assert shown(world).state is State.BLOCKED
    world.records = (against, signature(at=NOW))
    assert shown(world).state is not State.BLOCKED


def test_a_done_blocker_that_reopens_after_the_gate_was_ready_blocks() -> None:
    world = ready_world()
    world.items["engineering"] = (item(progress=DOING), item("ENG-2"))
    found = shown(world)
    assert (found.state, found.reason) == (State.BLOCKED, "ENG-1 was reopened after the gate was ready")
    world.items["engineering"] = (item(), item("ENG-2", TODO))
    assert shown(world).state is not State.BLOCKED


def test_after_work_is_expected_a_gate_without_an_owner_blocks() -> None:
    found = shown(one(item(progress=TODO), owners=()))
    assert (found.state, found.reason, found.actor) == (State.BLOCKED, "it has no owner", "Maya")


# 6: can't tell


@pytest.mark.parametrize(
    ("sights", "reason"),
    [
        ((), "Engineering was never read"),
        ((sight(observed_at=None, problem="down"),), "it was never read completely in eng"),
        ((sight(problem="401", refused=True),), "it cannot be read in eng, last read Tue 8 Dec, 12:00 UTC"),
        ((sight(NOW - 3 * HOUR),), "it has not been read in eng since Tue 8 Dec, 09:00 UTC"),
        ((sight(), sight(tracker="gtm", refused=True, problem="gone")), "it cannot be read in gtm, last read"),
        ((sight(vanished=(item("ENG-7", DOING),)),), "1 unfinished item can no longer be found: ENG-7"),
        ((sight(vanished=tuple(item(f"ENG-{n}") for n in (7, 8, 9))),), "3 of 4 items vanished at once"),
    ],
)
def test_what_cannot_be_seen_cannot_be_told(sights: tuple[Sight, ...], reason: str) -> None:
    world = ready_world()
    world.health = {"engineering": sights}
    found = shown(world)
    assert (found.state, found.shown, found.unknown) == (State.UNKNOWN, "CAN'T TELL", True)
    assert reason in found.reason


@pytest.mark.parametrize("odd", [item("ENG-5", None), item("ENG-5", problem="its labels could not be read")])
def test_an_item_that_cannot_be_judged_makes_its_gate_unknown(odd: Item) -> None:
    found = shown(one(item(), odd))
    assert found.state is State.UNKNOWN
    assert "ENG-5" in found.reason
    assert found.actor == "Sam"


def test_a_failing_source_is_believed_as_long_as_it_may_be_silent() -> None:
    world = ready_world()
    world.health = {"engineering": (sight(NOW - HOUR, problem="timeout"),)}
    assert shown(world).state is State.READY
    world.judge(NOW + HOUR)
    assert shown(world).state is State.UNKNOWN


def test_a_gate_that_cannot_be_told_shows_the_last_facts_with_their_time() -> None:
    world = ready_world()
    world.items = {"engineering": ()}
    world.health = {"engineering": (sight(NOW + HOUR, refused=True, problem="403"),)}
    found = world.judge(NOW + HOUR).gates[0]
    assert (found.done, found.total, found.facts_at) == (1, 1, NOW)


def test_after_work_is_expected_a_gate_without_items_cannot_be_told() -> None:
    assert shown(one()).reason == "there is no item, and work was expected by now"
    assert shown(one(item(progress=DROPPED))).state is State.UNKNOWN


def test_the_manager_admits_a_vanished_item_by_name_or_all_that_were_missed() -> None:
    gone = item("ENG-7", DOING)
    world = ready_world()
    world.health = {"engineering": (sight(vanished=(gone,)),)}
    assert shown(world).state is State.UNKNOWN
    assert [ask.what for ask in world.judge().asks] == ["say what became of ENG-7: /admit ENG-7 REASON"]
    by_name = Admission(id="a", gate="engineering", by="Maya", at=NOW, reason="split", item=gone.ref)
    world.records = (*world.records, by_name)
    assert shown(world).state is State.SIGN_OFF_DUE, "what was signed is not what is left"
    world.records = (*world.records[:-1], replace(by_name, item=None))
    assert shown(world).state is State.SIGN_OFF_DUE
    world.records = (*world.records[:-1], replace(by_name, item=None, at=NOW - HOUR))
    assert shown(world).state is State.UNKNOWN, "what was admitted before it was missed is not settled"


def test_a_finished_item_that_vanished_counts_as_before() -> None:
    world = ready_world()
    world.health = {"engineering": (sight(vanished=(item(),)),)}
    world.items = {}
    assert shown(world).state is State.READY


def test_a_few_finished_items_of_many_may_vanish() -> None:
    world = ready_world(items={"engineering": tuple(item(f"ENG-{n}") for n in range(1, 16))})
    world.health = {"engineering": (sight(vanished=tuple(item(f"ENG-{n}") for n in (1, 2, 3))),)}
    assert shown(world).state is State.READY


def test_blocked_and_unknown_are_shown_beside_each_other() -> None:
    found = shown(one(item(progress=TODO), due=NOW, sights=(sight(refused=True, problem="403"),)))
    assert (found.state, found.unknown) == (State.BLOCKED, True)
    assert "due since" in found.reason
    assert "it cannot be read in eng" in found.reason


# 7 to 9


def test_a_blocker_that_nobody_touched_for_ten_working_days_is_a_risk() -> None:
    found = shown(one(item(progress=DOING, updated=NOW - 14 * DAY)))
    assert (found.state, found.reason) == (State.AT_RISK, "nobody touched ENG-1 for 10 working days")
    assert shown(one(item(progress=DOING, updated=NOW - 14 * DAY + HOUR))).state is State.ON_TRACK
    old = [item(f"ENG-{n}", DOING, updated=NOW - 14 * DAY) for n in (1, 2)]
    for items, todo in ((old[:1], "take up ENG-1, or drop it"), (old, "take up ENG-1, ENG-2, or drop them")):
        assert [ask.what for ask in one(*items).judge().asks if "take up" in ask.what] == [todo]


def test_what_is_unfinished_two_working_days_before_it_is_due_is_a_risk() -> None:
    assert shown(one(item(progress=DOING), due=NOW + 2 * DAY)).state is State.AT_RISK
    assert shown(one(item(progress=DOING), due=NOW + 2 * DAY + HOUR)).state is State.ON_TRACK


def test_unfinished_work_in_good_time_is_on_track() -> None:
    found = shown(one(item("ENG-3", TODO), item("ENG-20", DOING, priority=1), item("ENG-1"), item("ENG-4", DROPPED)))
    assert (found.state, found.reason, found.actor) == (State.ON_TRACK, "2 of 3 open: ENG-20, ENG-3", "")
    assert (found.done, found.total) == (1, 3)
    assert [i.key for i in found.open_items] == ["ENG-20", "ENG-3"]


def test_too_few_items_are_unfinished_work_and_dropped_ones_do_not_count() -> None:
    found = shown(one(item(), item("ENG-2", DROPPED), expect=2))
    assert (found.state, found.reason) == (State.ON_TRACK, "1 of 2 expected items")


def test_what_is_done_and_not_signed_is_due_for_sign_off() -> None:
    found = shown(one(item(), sign_off_key="ENG-99"))
    assert (found.state, found.actor, found.reason) == (State.SIGN_OFF_DUE, "Dana", "nobody has signed")


# 10 and 11


def test_a_gate_met_only_thanks_to_a_waiver_is_an_exception() -> None:
    open_item = item("ENG-2", DOING)
    world = ready_world(
        items={"engineering": (item(), open_item)}, records=(waiver(open_item), signature(at=NOW - HOUR / 2))
    )
    found = shown(world)
    assert (found.state, found.actor) == (State.EXCEPTION, "Lee")
    assert found.reason == "ENG-2 is waived until Tue 15 Dec, 12:00 UTC: documented"


@pytest.mark.parametrize(
    "change",
    [
        {"approved_by": None},
        {"approved_by": "Dana"},
        {"approved_by": "dana@acme.example"},
        {"approved_by": "Lee"},
        {"by": "Maya", "approved_by": "Maya"},
        {"by": "Maya", "approved_by": "MAYA@acme.example"},
        {"until": NOW},
        {"digest": "of another progress"},
        {"at": NOW - 31 * DAY, "until": NOW + 90 * DAY},
    ],
)
def test_a_waiver_needs_two_people_a_manager_among_them_its_time_and_an_unchanged_item(
    change: dict[str, Any],
) -> None:
    open_item = item("ENG-2", DOING)
    said = (waiver(open_item, **change), signature(at=NOW - HOUR / 2))
    world = ready_world(items={"engineering": (item(), open_item)}, records=said)
    assert shown(world).state is State.ON_TRACK


def test_ignorance_cannot_be_waived() -> None:
    odd = item("ENG-2", None)
    world = ready_world(items={"engineering": (item(), odd)}, records=(waiver(odd),))
    assert shown(world).state is State.UNKNOWN


def vouch(**fields: Any) -> Attestation:
    defaults = {
        "id": "v",
        "gate": "engineering",
        "by": "Dana",
        "at": NOW,
        "until": NOW + 24 * HOUR,
        "reason": "seen it",
    }
    return Attestation(**{**defaults, **fields})


def test_an_attestation_makes_an_unreadable_gate_an_exception_for_a_day_at_most() -> None:
    world = ready_world()
    world.health = {"engineering": (sight(refused=True, problem="403"),)}
    world.records = (*world.records, vouch(until=NOW + 9 * DAY))
    found = shown(world)
    assert found.state is State.EXCEPTION
    assert found.reason.startswith("Dana vouches for it until Wed 9 Dec, 12:00 UTC")
    assert not found.unknown
    world.judge(NOW + DAY)
    assert shown(world).state is State.UNKNOWN


def test_an_attestation_makes_no_open_item_done_and_takes_no_vote_back() -> None:
    refused = (sight(refused=True, problem="403"),)
    assert shown(one(item(progress=DOING), records=(vouch(), signature()), sights=refused)).state is State.ON_TRACK
    against = signature(ready=False)
    assert shown(one(item(), records=(vouch(), against), sights=refused)).state is State.BLOCKED


def test_all_met_fresh_signed_and_settled_is_ready() -> None:
    found = shown(ready_world())
    assert (found.state, found.shown, found.actor, found.reason) == (State.READY, "READY", "", "signed by Dana")


def test_a_gate_for_a_department_without_a_tracker_rests_on_a_word() -> None:
    world = World(release=release(gate(ticketless=True, sign_off=False)))
    assert shown(world).state is State.SIGN_OFF_DUE
    world.records = (signature(),)
    assert shown(world).state is State.READY
    assert world.judge().remarks == ("Engineering: no tickets, on Dana's word.",)


@pytest.mark.parametrize("items", [(), (item(progress=DROPPED),)])
def test_a_gate_that_expects_nothing_is_not_ready_without_a_live_item(items: tuple[Item, ...]) -> None:
    built = release(gate(expect=0, sign_off=False), timing=Timing(soak=timedelta(0)), expect_by=NOW + DAY)
    assert shown(ready_world(release=built, items={"engineering": (item(),)})).state is State.READY
    found = shown(ready_world(release=built, items={"engineering": items}))
    assert found.state in (State.NOT_STARTED, State.ON_TRACK)


def test_the_launch_issue_and_the_summary_are_never_items() -> None:
    launch = item("REL-12", TODO)
    world = ready_world(release=release(never_items=frozenset({launch.ref})))
    world.items["engineering"] = (item(), launch)
    assert shown(world).state is State.READY


def test_a_confidential_gate_tells_nothing_that_people_wrote() -> None:
    world = one(item(progress=TODO), records=(HELD, signature(ready=False, reason="a leak")), confidential=True)
    readiness = world.judge()
    assert "leak" not in readiness.gates[0].reason
    assert not any("leak" in ask.what for ask in readiness.asks)


def test_the_state_says_since_when_and_what_it_was_before() -> None:
    world = ready_world()
    world.judge(NOW + HOUR)
    assert (shown(world).since, shown(world).previous) == (NOW, State.SIGN_OFF_DUE)


def test_two_owners_may_sign_and_one_no_outweighs_the_other_yes() -> None:
    world = ready_world(release=release(gate(owners=(DANA, LEE))))
    world.records = (*world.records, signature(by="Lee", ready=False))
    assert shown(world).state is State.BLOCKED
