"""The seven verdicts, how long they hold, who is asked, what qualifies them, and the digest of it all."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from mapping.digest import digest, item_digest, material
from mapping.gate import Timing
from mapping.item import Item, Progress
from mapping.judge import judge
from mapping.memory import Memory
from mapping.readiness import State, Verdict
from mapping.record import Hold, NotNeeded
from tests.worlds import DANA, LEE, NOW, TARGET, World, gate, item, ready_world, release, sight, signature, waiver

if TYPE_CHECKING:
    from mapping.gate import Gate

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TODO = item("DOC-2", Progress.TODO, assignee=None)


def two(*docs: Item, **fields: object) -> World:
    """Engineering is READY; documentation has these items."""
    world = ready_world(release=release(gate(), gate("docs", owners=(LEE,), **fields)))
    world.items["docs"] = docs
    world.health["docs"] = (sight(),)
    return world


def test_everything_ready_is_ready() -> None:
    readiness = ready_world().judge()
    assert (readiness.verdict, readiness.shown) == (Verdict.READY, "READY")
    assert readiness.reason == "the one required gate is ready"
    assert readiness.verdict.launchable


def test_a_hold_on_the_release_or_on_a_required_gate_holds_the_release() -> None:
    for held in (None, "docs"):
        world = two(TODO)
        world.records = (*world.records, Hold(id="h", by="Maya", at=NOW, reason="wait", gate=held))
        readiness = world.judge()
        assert (readiness.verdict, readiness.shown) == (Verdict.ON_HOLD, "ON HOLD")
        assert "Maya" in readiness.reason
        assert len(readiness.holds) == 1


def test_a_hold_on_an_advisory_gate_holds_nothing() -> None:
    world = two(TODO, required=False)
    world.records = (*world.records, Hold(id="h", by="Maya", at=NOW, reason="wait", gate="docs"))
    assert world.judge().verdict is Verdict.READY


def test_a_blocked_gate_blocks_and_is_named() -> None:
    readiness = two(TODO, due=NOW).judge()
    assert (readiness.verdict, readiness.shown) == (Verdict.BLOCKED, "BLOCKED")
    assert readiness.reason == "Docs: 1 of 1 open: DOC-2; due since Tue 8 Dec, 12:00 UTC"
    assert [gate.id for gate in readiness.gates] == ["docs", "engineering"]


def several(*gates: Gate, **items: tuple[Item, ...]) -> World:
    """A release of these gates, each read just now."""
    world = ready_world(release=release(*gates), items=items)
    world.health = {each.id: (sight(),) for each in gates}
    return world


@pytest.mark.parametrize(
    ("fields", "others"),
    [
        ({"due": NOW}, "2 more gates are blocked, too"),
        ({"sign_off": False}, "2 more gates are not ready, either"),
        ({"owner_untold": True, "owners": ()}, "2 more gates cannot be told, either"),
    ],
)
def test_how_many_more_are_as_the_one_that_is_named(fields: dict[str, Any], others: str) -> None:
    gates = [gate(name, **fields) for name in ("a", "b", "c")]
    world = several(*gates, **{it.id: (replace(TODO, key=f"{it.id.upper()}-1", id=it.id),) for it in gates})
    reason = world.judge().reason
    assert reason.startswith("A: ")
    assert reason.endswith(f"; {others}")
    world.release = replace(world.release, gates=tuple(gates[:2]))
    one = others.replace("2 more gates are", "1 more gate is").replace("2 more gates", "1 more gate")
    assert world.judge().reason.endswith(f"; {one}")


def test_who_only_waits_for_another_is_not_the_reason_where_anybody_else_is() -> None:
    gates = gate("zoo"), gate("aquarium", after=("zoo",))
    world = several(*gates, zoo=(replace(TODO, key="ZOO-1"),), aquarium=(replace(TODO, key="AQU-1", id="7"),))
    readiness = world.judge()
    assert [each.state for each in readiness.gates] == [State.WAITING, State.ON_TRACK]
    assert readiness.reason == "Zoo: 1 of 1 open: ZOO-1; 1 more gate is not ready, either"


def test_several_that_are_ready_or_not_needed_are_counted_in_a_sentence() -> None:
    gates = [gate(name, sign_off=False) for name in ("a", "b", "c")]
    world = several(*gates, **{it.id: (item(f"{it.id.upper()}-1"),) for it in gates})
    for hours in (0, 20, 40):
        world.read(NOW + hours * HOUR)
    assert world.judge().reason == "all 3 required gates are ready"


def test_past_the_target_whatever_is_unfinished_blocks() -> None:
    world = ready_world(release=release(gate(), target=NOW + 2 * HOUR))
    world.records = ()
    world.read(NOW + 2 * HOUR)
    readiness = world.judge()
    assert readiness.verdict is Verdict.BLOCKED
    assert readiness.reason == "the target passed Tue 8 Dec, 14:00 UTC; Engineering: nobody has signed"


def test_past_the_target_what_cannot_be_told_is_still_not_called_blocked() -> None:
    world = ready_world()
    assert world.judge(TARGET + DAY).verdict is Verdict.UNKNOWN


def test_a_required_gate_that_cannot_be_told_makes_the_release_so() -> None:
    world = two(TODO)
    world.health["docs"] = (sight(refused=True, problem="403"),)
    assert world.judge().shown == "CAN'T TELL"


def test_blocked_comes_before_unknown_and_both_are_told() -> None:
    world = two(TODO, due=NOW)
    world.health["docs"] = (sight(refused=True, problem="403"),)
    readiness = world.judge()
    assert readiness.verdict is Verdict.BLOCKED
    assert "it cannot be read in eng" in readiness.reason


def test_a_gate_at_risk_makes_the_release_so() -> None:
    assert two(TODO, due=NOW + DAY).judge().shown == "NOT READY, at risk"


def test_anything_else_unfinished_is_on_track() -> None:
    readiness = two(TODO).judge()
    assert (readiness.shown, readiness.reason) == ("NOT READY, on track", "Docs: 1 of 1 open: DOC-2")


def test_exceptions_are_counted() -> None:
    opened = item("ENG-2", Progress.DOING)
    other = item("ENG-3", Progress.TODO)
    world = ready_world(
        items={"engineering": (item(), opened, other)},
        records=(waiver(opened), waiver(other, id="W2"), signature(at=NOW - HOUR / 2)),
    )
    readiness = world.judge()
    assert (readiness.verdict, readiness.shown) == (Verdict.READY_WITH_EXCEPTIONS, "READY WITH 2 EXCEPTIONS")
    assert [w.id for w in readiness.waivers] == ["W1", "W2"]
    assert readiness.verdict.launchable


def test_an_advisory_gate_is_shown_and_never_counted() -> None:
    readiness = two(TODO, required=False, due=NOW).judge()
    assert readiness.verdict is Verdict.READY
    assert [(g.id, g.state.value) for g in readiness.gates] == [("docs", "blocked"), ("engineering", "ready")]


def test_a_release_in_which_nothing_is_needed_is_not_ready() -> None:
    world = ready_world()
    world.records = (NotNeeded(id="n", gate="engineering", by="Dana", at=NOW, reason="none", confirmed_by="Maya"),)
    assert world.judge().verdict is Verdict.ON_TRACK


def test_a_release_without_a_required_gate_is_not_ready() -> None:
    world = ready_world()
    world.release = replace(world.release, gates=(gate(required=False),))
    readiness = world.judge()
    assert readiness.verdict is Verdict.ON_TRACK
    assert "No gate is required, so the release cannot become ready." in readiness.remarks


@pytest.mark.parametrize(
    ("own", "holds"), [(Timing(), 12 * HOUR), (Timing(lease=HOUR), HOUR), (Timing(lease=30 * DAY), 7 * DAY - HOUR / 2)]
)
def test_a_verdict_holds_for_its_lease_or_until_the_first_thing_that_it_rests_on_ends(
    own: Timing, holds: timedelta
) -> None:
    assert ready_world(release=release(timing=own)).judge().valid_until == NOW + holds


def test_without_a_target_the_manager_is_asked_to_set_one() -> None:
    readiness = ready_world(release=release(target=None)).judge()
    assert (readiness.asks[0].who, readiness.asks[0].what[:15]) == ("Maya", "set the target ")
    assert readiness.asks[0].unblocks == ("Engineering",)


def test_what_unblocks_most_is_asked_first() -> None:
    gates = (gate("a"), gate("b", owners=(LEE,)), gate("c", after=("b",)), gate("d", after=("c",)))
    world = World(release=release(*gates), items={name: (item(progress=Progress.TODO),) for name in "abcd"})
    world.release = replace(world.release, gates=tuple(replace(g, due=NOW) for g in gates))
    world.health = {name: (sight(),) for name in "abcd"}
    asks = world.judge().asks
    assert [(a.who, a.gate, a.unblocks) for a in asks] == [("Lee", "b", ("C", "D")), ("Dana", "a", ())]
    assert (asks[0].what, asks[0].key, asks[0].by) == ("finish ENG-1", "ENG-1", NOW)


def test_a_blocked_gate_that_cannot_be_told_asks_for_both() -> None:
    world = two(TODO, due=NOW)
    world.health["docs"] = (sight(refused=True, problem="403"),)
    assert [(a.who, a.what) for a in world.judge().asks] == [
        ("Lee", "finish DOC-2"),
        ("Sam", "make eng readable again: 403"),
    ]


def test_the_remarks_say_what_qualifies_the_verdict() -> None:
    odd = [item(f"ENG-{n}", remark="its category is new") for n in range(2, 9)]
    world = two(TODO, sign_off=False)
    world.items["engineering"] = (item(), *odd)
    at = "Tue 8 Dec, 11:30 UTC"
    assert world.judge().remarks == (
        f"Dana signed Engineering on {at}, and its items or hand-offs changed after that: it does not count.",
        "7 items of eng (ENG-2, ENG-3, ENG-4, ENG-5, ENG-6 and 2 more): its category is new.",
        "Docs: tickets only, nobody signed.",
        "1 open item without an assignee: DOC-2.",
    )


def test_one_person_who_owns_every_required_gate_is_named() -> None:
    world = ready_world(release=release(gate(), gate("qa", owners=(DANA,))))
    assert "Dana owns every required gate; nobody else looks at any of them." in world.judge().remarks


def test_a_source_tells_its_oldest_complete_reading_its_items_and_its_errors() -> None:
    world = two(TODO)
    world.health["docs"] = (sight(NOW - HOUR, problem="gone", refused=True), sight(tracker="gtm", complete_at=None))
    eng, gtm = world.judge().sources
    assert (eng.tracker, eng.last_complete, eng.items, eng.error) == ("eng", NOW - HOUR, 2, "gone")
    assert (gtm.tracker, gtm.last_complete, gtm.items) == ("gtm", None, 0)


def test_f18_a_reading_that_failed_is_no_news_until_it_keeps_somebody_from_telling() -> None:
    world = two(TODO)
    before = world.judge()
    world.health["docs"] = (sight(NOW, problem="busy"),)
    assert digest(world.judge()) == digest(before)
    world.health["docs"] = (sight(NOW - 9 * HOUR, problem="busy"),)
    (told,) = world.judge().sources
    assert told.error == "busy"


def test_reasons_are_told_in_the_zone_of_the_release() -> None:
    world = two(TODO, due=NOW)
    world.release = replace(world.release, zone=ZoneInfo("America/New_York"))
    assert world.judge().reason == "Docs: 1 of 1 open: DOC-2; due since Tue 8 Dec, 07:00 EST"


def test_the_digest_stays_while_only_clocks_move() -> None:
    world = two(TODO)
    first = world.judge()
    world.read(NOW + HOUR / 2)
    second = world.judge()
    assert second.computed_at != first.computed_at
    assert material(second) == material(first)
    assert digest(second) == digest(first)


def test_the_digest_changes_with_what_a_reader_should_be_told() -> None:
    world = two(TODO)
    first = digest(world.judge())
    for changed in (replace(TODO, status="Parked"), replace(TODO, title="Other"), item("DOC-2")):
        world.items["docs"] = (changed,)
        assert digest(world.judge()) != first


def test_a_digest_is_made_of_any_text() -> None:
    world = two(replace(TODO, title="\ud800 half a surrogate", key="\u202e"))
    assert re.fullmatch(r"[0-9a-f]{16}", digest(world.judge())), "it stands on the page in Linear: short"


def test_the_digest_of_an_item_is_its_identity_and_its_progress() -> None:
    assert item_digest(TODO) == item_digest(replace(TODO, title="x", key="DOC-9", priority=1, status="Later"))
    assert item_digest(TODO) != item_digest(replace(TODO, progress=Progress.DOING))


@pytest.mark.parametrize("now", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_no_time_is_too_strange_to_judge(now: datetime) -> None:
    ends = [datetime.min.replace(tzinfo=UTC), NOW, datetime.max.replace(tzinfo=UTC)]
    for at in ends:
        odd = item("ENG-2", Progress.TODO, updated=at, created=at, moved_at=at)
        built = release(gate(due=at), target=at, expect_by=at, zone=ZoneInfo("Pacific/Auckland"))
        said = (signature(at=NOW, expires_at=at), waiver(odd, at=at, until=at))
        readiness, _, _ = judge({"engineering": (odd,)}, said, {"engineering": (sight(at),)}, built, Memory(), now)
        assert not readiness.verdict.launchable


def test_nothing_at_all_is_no_good_news() -> None:
    empty = replace(release(), gates=())
    readiness, _, _ = judge({}, (), {}, empty, Memory(), NOW)
    assert readiness.verdict is Verdict.ON_TRACK
    assert judge({}, (), {}, release(), Memory(), NOW)[0].verdict is Verdict.UNKNOWN
