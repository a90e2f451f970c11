"""The scope since the freeze, by example: what came, what went, who settles it, and what nobody can know."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mapping.gate import Blockers
from mapping.item import Item, Progress
from mapping.memory import Memory
from mapping.readiness import GateReadiness, Kind, ScopeChange, State
from mapping.record import Admission
from tests.worlds import NOW, TARGET, World, gate, item, ready_world, release, sight, signature

if TYPE_CHECKING:
    from datetime import datetime

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
FREEZE = TARGET - 20 * DAY
TODO, DOING, DONE, DROPPED = Progress.TODO, Progress.DOING, Progress.DONE, Progress.DROPPED
OLD = item("ENG-1", DOING, updated=FREEZE - DAY, moved_at=FREEZE - DAY)


def frozen_world(*items: Item, at: datetime = FREEZE, target: datetime = TARGET, **fields: Any) -> World:
    """One gate with these items, judged before the freeze and an hour after it."""
    world = World(
        release=release(gate(**fields), freeze=FREEZE, target=target),
        items={"engineering": items},
        health={"engineering": (sight(at),)},
    )
    world.read(at - DAY)
    world.read(at + HOUR)
    return world


def later(world: World, *items: Item, after: timedelta = DAY) -> GateReadiness:
    """The gate with these items, read again a while after the freeze."""
    world.items = {"engineering": items}
    return world.read(max(world.now, FREEZE + HOUR) + after).gates[0]


def changes(world: World) -> dict[str, ScopeChange]:
    """Key → what happened to it."""
    return {change.key: change for change in world.judge().scope.changes}


def came(key: str = "ENG-2", progress: Progress | None = TODO, **fields: Any) -> Item:
    """An item that was made a day after the freeze."""
    times = {"created": FREEZE + DAY, "updated": FREEZE + DAY, "moved_at": FREEZE + DAY}
    return item(key, progress, **{**times, "creator": "Sam", **fields})


def admitted(at: datetime, about: Item | None = None, **fields: Any) -> Admission:
    what = {"id": "a.0", "gate": "engineering", "by": "Maya", "at": at, "reason": "asked for by sales"}
    return Admission(**{**what, "item": about.ref if about else None, **fields})


# The baseline


def test_the_scope_is_fixed_once_the_freeze_has_passed() -> None:
    world = frozen_world(OLD)
    assert world.judge().scope.frozen_at == FREEZE + HOUR
    assert world.judge().scope.late is False
    assert later(world, OLD).state is State.ON_TRACK
    assert world.judge().scope.frozen_at == FREEZE + HOUR
    assert changes(world) == {}


def test_without_a_freeze_there_is_no_scope_to_hold_anything_against() -> None:
    world = frozen_world(OLD)
    world.release = replace(world.release, freeze=None)
    assert later(world, OLD, came()).state is State.ON_TRACK
    assert world.judge().scope.frozen_at is None
    assert changes(world) == {}


def test_before_the_freeze_items_come_and_go_as_they_like_and_the_freeze_is_waited_for() -> None:
    world = frozen_world(OLD, at=FREEZE - 9 * DAY)
    assert world.judge().scope.frozen_at is None
    world.judge(FREEZE - HOUR)
    assert world.wake_at is not None
    assert world.wake_at <= FREEZE


def test_a_release_that_was_first_seen_after_the_freeze_says_that_what_came_before_is_unknown() -> None:
    world = frozen_world(OLD)
    world.memory = Memory()
    assert later(world, OLD, came()).state is State.ON_TRACK
    assert (world.judge().scope.late, changes(world)) == (True, {})


def test_a_freeze_that_could_not_be_seen_for_more_than_a_day_gives_a_late_scope() -> None:
    world = frozen_world(OLD, at=FREEZE - 9 * DAY)
    world.health = {"engineering": (replace(sight(FREEZE - 2 * DAY), problem="down"),)}
    blind = world.judge(FREEZE + HOUR)
    assert blind.scope.frozen_at is None
    assert any("Engineering must be read completely first" in said for said in blind.remarks)
    scope = world.read(FREEZE + DAY + HOUR).scope
    assert (scope.frozen_at, scope.late) == (FREEZE + DAY + HOUR, True)


def test_a_freeze_that_was_moved_to_a_later_day_fixes_the_scope_anew_on_that_day() -> None:
    world = frozen_world(OLD)
    world.release = replace(world.release, freeze=FREEZE + 3 * DAY)
    later(world, OLD, came())
    assert world.judge().scope.frozen_at is None
    later(world, OLD, came(), after=2 * DAY)
    assert world.judge().scope.late is False
    assert changes(world) == {}


def test_one_late_gate_among_several_is_named() -> None:
    world = frozen_world(OLD)
    world.release = replace(world.release, gates=(*world.release.gates, gate("docs")))
    world.health["docs"] = (sight(),)
    said = world.read(FREEZE + 5 * DAY).remarks
    assert [it for it in said if "what came or went before" in it] == [
        "Docs: what came or went before Mon 30 Nov, 23:59 UTC is not known."
    ]


# What came


def test_an_item_that_came_after_the_freeze_puts_its_gate_at_risk_and_is_one_ask_to_the_manager() -> None:
    world = frozen_world(OLD)
    found = later(world, OLD, came(title="A wish"))
    assert (found.state, found.actor) == (State.AT_RISK, "Maya")
    change = changes(world)["ENG-2"]
    assert (change.kind, change.by, change.at, change.title) == (Kind.ADDED, "Sam", FREEZE + DAY, "A wish")
    asked = [ask for ask in world.judge().asks if "/admit" in ask.what]
    assert [ask.what for ask in asked] == ["say whether ENG-2 belongs to Atlas 2.0: /admit ENG-2 REASON"]
    assert asked[0].who == "Maya"


def test_several_that_came_are_still_one_ask_and_can_be_admitted_together() -> None:
    world = frozen_world(OLD)
    later(world, OLD, came("ENG-2"), came("ENG-3"))
    asked = [ask.what for ask in world.judge().asks if "/admit" in ask.what]
    assert asked == ["say whether ENG-2, ENG-3 belong to Atlas 2.0: /admit engineering REASON"]


def test_a_gate_that_is_ready_falls_at_once_when_something_is_added_even_if_that_is_done() -> None:
    world = ready_world(release=release(gate(), freeze=NOW - 2 * HOUR, target=TARGET + 9 * DAY))
    assert world.judge().scope.frozen_at == NOW - HOUR
    assert world.gate().state is State.READY
    world.items["engineering"] += (item("ENG-2", DONE, created=NOW, updated=NOW),)
    assert world.read(NOW + timedelta(minutes=5)).gates[0].state is State.AT_RISK


def test_in_the_last_week_an_open_addition_blocks_however_many_days_nobody_looked() -> None:
    """A level, not an edge: no run on the very day is needed."""
    week = TARGET - 7 * DAY
    for now in (week, week + DAY, TARGET - HOUR):
        world = frozen_world(OLD)
        later(world, OLD, came())
        assert world.read(week - timedelta(seconds=1)).gates[0].state is State.AT_RISK
        assert world.wake_at is not None
        assert world.wake_at <= week
        found = world.read(now).gates[0]
        assert (found.state, found.actor) == (State.BLOCKED, "Maya")
        assert "ENG-2" in found.reason


def test_a_finished_addition_blocks_nothing_in_the_last_week_and_is_still_asked_about() -> None:
    world = frozen_world(OLD)
    later(world, OLD, came(progress=DONE))
    assert world.read(TARGET - 6 * DAY).gates[0].state is State.AT_RISK


def test_admitting_an_item_or_all_of_its_gate_settles_it_and_says_who_did() -> None:
    new = came()
    for said in (admitted(FREEZE + 2 * DAY, new), admitted(FREEZE + 2 * DAY)):
        world = frozen_world(OLD)
        later(world, OLD, new)
        world.records = (said,)
        assert world.read(FREEZE + 3 * DAY).gates[0].state is State.ON_TRACK
        assert (changes(world)["ENG-2"].admitted, changes(world)["ENG-2"].admitted_by) == (True, "Maya")
        assert not [ask for ask in world.judge().asks if "/admit" in ask.what]
        world.records = ()
        assert world.gate().state is State.AT_RISK


def test_admitting_a_gate_admits_nothing_that_comes_after_that() -> None:
    world = frozen_world(OLD)
    world.records = (admitted(FREEZE + 12 * HOUR),)
    assert later(world, OLD, came(updated=FREEZE + DAY), after=2 * DAY).state is State.AT_RISK
    assert changes(world)["ENG-2"].admitted is False


def test_admitting_a_gate_admits_only_what_was_there_to_be_seen_however_old_it_is() -> None:
    """What is hung below an epic, or is let in by its version, may tell a change that is older than the word."""
    world = frozen_world(OLD)
    later(world, OLD, came("ENG-2"))
    world.records = (admitted(FREEZE + 2 * DAY),)
    assert later(world, OLD, came("ENG-2"), after=2 * DAY).state is State.ON_TRACK
    assert later(world, OLD, came("ENG-2"), came("ENG-3")).state is State.AT_RISK
    assert {key: it.admitted for key, it in changes(world).items()} == {"ENG-2": True, "ENG-3": False}
    assert changes(world)["ENG-3"].at == FREEZE + DAY  # as the tracker tells


def test_what_was_a_part_when_all_was_admitted_and_is_one_no_more_has_to_be_admitted() -> None:
    world = frozen_world(OLD)
    later(world, OLD, came("ENG-2", parent=OLD.id))
    world.records = (admitted(FREEZE + 2 * DAY),)
    later(world, OLD, came("ENG-2", parent=OLD.id), after=2 * DAY)
    assert later(world, OLD, came("ENG-2")).state is State.AT_RISK


def test_a_word_by_name_counts_before_the_item_is_seen() -> None:
    world = frozen_world(OLD)
    world.records = (admitted(FREEZE + HOUR / 2, came()),)
    assert later(world, OLD, came()).state is State.ON_TRACK


def test_a_word_before_the_freeze_admits_nothing() -> None:
    world = frozen_world(OLD)
    world.records = (admitted(FREEZE - HOUR, came()), admitted(FREEZE - HOUR))
    assert later(world, OLD, came()).state is State.AT_RISK


def test_a_part_of_something_that_was_there_is_split_off_by_id_or_by_key_and_so_is_a_part_of_that() -> None:
    world = frozen_world(OLD)
    parts = (
        came("ENG-2", parent=OLD.id),
        came("ENG-3", parent=OLD.key),
        came("ENG-4", parent="id-ENG-3"),
        came("ENG-5", parent="id-ENG-9"),
    )
    later(world, OLD, *parts)
    kinds = {key: change.kind for key, change in changes(world).items()}
    assert kinds == {"ENG-2": Kind.SPLIT, "ENG-3": Kind.SPLIT, "ENG-4": Kind.SPLIT, "ENG-5": Kind.ADDED}


def test_items_that_are_each_others_parents_have_an_end() -> None:
    world = frozen_world(OLD)
    later(world, OLD, came("ENG-2", parent="id-ENG-3"), came("ENG-3", parent="id-ENG-2"))
    assert {change.kind for change in changes(world).values()} == {Kind.ADDED}


def test_a_defect_that_was_found_is_an_ordinary_blocker() -> None:
    world = frozen_world(OLD)
    assert later(world, OLD, came(type="Bug")).state is State.ON_TRACK
    assert changes(world)["ENG-2"].kind is Kind.FOUND
    world.release = replace(world.release, found=frozenset({"Defect"}))
    assert world.gate().state is State.AT_RISK


def test_an_addition_that_blocks_nothing_or_is_dropped_is_listed_and_asks_nobody() -> None:
    world = frozen_world(OLD, blockers=Blockers(priority=2))
    assert later(world, OLD, came(priority=5), came("ENG-3", DROPPED)).state is State.ON_TRACK
    assert {change.kind for change in changes(world).values()} == {Kind.ADDED}
    assert not [ask for ask in world.judge().asks if "/admit" in ask.what]


def test_the_manager_is_asked_about_an_addition_also_where_something_worse_is_shown() -> None:
    world = frozen_world(OLD, due=FREEZE + 2 * HOUR)
    assert later(world, OLD, came()).state is State.BLOCKED
    assert [ask.who for ask in world.judge().asks if "/admit" in ask.what] == ["Maya"]


def test_of_a_restricted_item_or_a_confidential_gate_no_title_and_no_name_is_told() -> None:
    world = frozen_world(OLD)
    later(world, OLD, came(restricted=True))
    other = frozen_world(OLD, confidential=True)
    later(other, OLD, came())
    for change in (changes(world)["ENG-2"], changes(other)["ENG-2"]):
        assert (change.key, change.title, change.by) == ("ENG-2", "", "")


# What blinks


def test_an_item_that_blinks_is_nothing_new_and_neither_is_its_time() -> None:
    world = frozen_world(OLD, item("ENG-3", DOING))
    later(world, OLD, came())
    later(world, OLD)
    assert later(world, OLD, item("ENG-3", DOING), came(updated=world.now + HOUR)).state is State.AT_RISK
    assert {key: (it.kind, it.at) for key, it in changes(world).items()} == {"ENG-2": (Kind.ADDED, FREEZE + DAY)}


def test_an_admitted_item_that_blinks_stays_admitted() -> None:
    world = frozen_world(OLD)
    later(world, OLD, came())
    world.records = (admitted(FREEZE + 2 * DAY),)
    later(world, OLD)
    assert later(world, OLD, came()).state is State.ON_TRACK


def test_losing_sight_of_a_source_removes_nothing_even_if_it_comes_with_empty_hands() -> None:
    world = frozen_world(OLD, item("ENG-3", DOING))
    world.health = {"engineering": (replace(sight(FREEZE + HOUR), problem="403", refused=True),)}
    world.items = {}
    assert world.judge(FREEZE + 2 * DAY).scope.changes == ()
    later(world, OLD, item("ENG-3", DOING))
    assert changes(world) == {}


def test_an_item_of_one_gate_that_moves_to_another_is_no_new_scope_there() -> None:
    world = World(
        release=release(gate(), gate("docs"), freeze=FREEZE),
        items={"engineering": (OLD,), "docs": (item("ENG-3", DOING),)},
        health={"engineering": (sight(),), "docs": (sight(),)},
    )
    world.read(FREEZE - HOUR)
    world.read(FREEZE)
    world.items = {"engineering": (OLD, item("ENG-3", DOING)), "docs": ()}
    world.read(FREEZE + HOUR)
    assert {key: (it.kind, it.gate) for key, it in changes(world).items()} == {"ENG-3": (Kind.REMOVED, "docs")}


# When the gate asks for other items


def outdated(world: World) -> None:
    """What the daemon does to the memory when the selectors of the gate are others."""
    [(name, past)] = world.memory.gates.items()
    assert past.baseline
    fixed = replace(past.baseline, outdated=True)
    world.memory = replace(world.memory, gates={name: replace(past, baseline=fixed, unfrozen=False)})


def test_another_query_makes_nothing_that_was_added_a_part_of_the_scope() -> None:
    world = frozen_world(OLD)
    later(world, OLD, came())
    outdated(world)
    assert later(world, OLD, came(), item("ENG-9", DOING)).state is State.AT_RISK
    scope = world.judge().scope
    assert (scope.late, scope.frozen_at) == (True, world.now)
    assert [(it.key, it.kind, it.admitted, it.at) for it in scope.changes] == [
        ("ENG-2", Kind.ADDED, False, FREEZE + DAY)
    ]


def test_what_was_admitted_stays_so_when_the_query_is_another_one() -> None:
    for about in (None, came()):
        world = frozen_world(OLD)
        later(world, OLD, came())
        world.records = (admitted(world.now + HOUR, about),)
        outdated(world)
        assert later(world, OLD, came(), after=2 * DAY).state is State.ON_TRACK
        assert changes(world)["ENG-2"].admitted


def test_what_left_or_was_reopened_before_another_query_is_still_told_and_what_that_leaves_out_is_not() -> None:
    was_done = item("ENG-5", DONE)
    world = frozen_world(OLD, item("ENG-3", DOING), item("ENG-4", DOING), was_done)
    later(world, OLD, item("ENG-4", DOING), replace(was_done, progress=DOING))
    before = {key: (it.kind, it.at) for key, it in changes(world).items()}
    assert {kind for kind, _ in before.values()} == {Kind.REMOVED, Kind.REOPENED}
    outdated(world)
    later(world, OLD, replace(was_done, progress=DOING))
    assert {key: (it.kind, it.at) for key, it in changes(world).items()} == before
    later(world, OLD, replace(was_done, progress=DOING), item("ENG-3", DOING))
    assert changes(world).keys() == {"ENG-5"}


def test_while_the_answer_to_another_query_cannot_be_read_the_scope_waits() -> None:
    world = frozen_world(OLD)
    later(world, OLD, came())
    outdated(world)
    world.health = {"engineering": (sight(FREEZE, problem="down", complete_at=None),)}
    blind = world.judge(world.now + HOUR)
    assert (blind.scope.frozen_at, blind.scope.changes) == (None, ())
    assert any("Engineering must be read completely first" in said for said in blind.remarks)
    assert later(world, OLD, came()).state is State.AT_RISK


# What went


def test_what_left_is_listed_with_when_and_where_it_went() -> None:
    world = frozen_world(OLD, item("ENG-3", DOING), item("ENG-4", DOING))
    world.release = replace(world.release, shared={("eng", "id-ENG-4"): ("borealis-1",)})
    later(world, OLD)
    at = world.now
    later(world, OLD)
    gone = changes(world)
    assert {key: (it.kind, it.to, it.at) for key, it in gone.items()} == {
        "ENG-3": (Kind.REMOVED, "", at),
        "ENG-4": (Kind.MOVED, "borealis-1", at),
    }
    assert gone["ENG-3"].url == "https://eng.example/browse/ENG-3"


def test_a_gate_that_becomes_ready_because_open_work_was_rolled_forward_says_so_as_long_as_it_is_ready() -> None:
    """Completing a release in Jira or a cycle in Linear moves what is unfinished to the next one, without a word."""
    done = item("ENG-9", DONE, updated=FREEZE - DAY, moved_at=FREEZE - DAY)
    world = frozen_world(done, *(item(f"ENG-{n}", DOING) for n in (1, 2, 3)), item("ENG-5", DONE))
    later(world, done)
    world.records = (signature(at=world.now + HOUR, expires_at=TARGET),)
    later(world, done)
    assert later(world, done).state is State.READY
    assert world.judge().scope.shrunk == {"engineering": 3}
    assert later(world, done).state is State.READY
    assert world.judge().scope.shrunk == {"engineering": 3}
    assert {change.kind for change in changes(world).values()} == {Kind.REMOVED}
    later(world, done, item("ENG-1", DOING))
    assert world.judge().scope.shrunk == {}


def test_what_was_done_and_is_open_again_is_reopened_since_that_day() -> None:
    was_done = item("ENG-3", DONE)
    world = frozen_world(OLD, was_done)
    later(world, replace(OLD, progress=DONE), replace(was_done, progress=DOING, moved_at=FREEZE + 6 * HOUR))
    assert {key: (it.kind, it.at) for key, it in changes(world).items()} == {
        "ENG-3": (Kind.REOPENED, FREEZE + 6 * HOUR)
    }
    later(world, OLD, replace(was_done, progress=TODO, moved_at=FREEZE + 30 * HOUR))
    assert changes(world)["ENG-3"].at == FREEZE + 6 * HOUR
    assert changes(world)["ENG-1"].kind is Kind.REOPENED
    later(world, OLD, replace(was_done, progress=None))
    assert changes(world)["ENG-3"].kind is Kind.REOPENED
    later(world, OLD, was_done)
    assert "ENG-3" not in changes(world)


def test_who_reopened_an_item_is_told_but_where_it_is_nobodys_business() -> None:
    known, hidden = item("ENG-3", DONE), item("ENG-4", DONE, restricted=True)
    world = frozen_world(OLD, known, hidden)
    world.release = replace(world.release, movers={known.ref: "Sam", hidden.ref: "Sam", OLD.ref: "Lee"})
    later(world, OLD, replace(known, progress=DOING), replace(hidden, progress=DOING))
    assert {key: it.by for key, it in changes(world).items()} == {"ENG-3": "Sam", "ENG-4": ""}


def test_what_cannot_be_found_is_vanished_until_somebody_says_what_became_of_it() -> None:
    lost = item("ENG-3", DOING)
    world = frozen_world(OLD, lost)
    world.health = {"engineering": (sight(vanished=(lost,)),)}
    assert later(world, OLD).state is State.UNKNOWN
    at = world.now
    assert (changes(world)["ENG-3"].kind, changes(world)["ENG-3"].at) == (Kind.VANISHED, at)
    world.records = (admitted(at + HOUR, lost),)
    assert later(world, OLD).state is State.ON_TRACK
    assert changes(world)["ENG-3"].admitted_by == "Maya"


def test_what_was_out_of_sight_at_the_freeze_and_is_given_up_later_has_left_the_scope() -> None:
    lost, done = item("ENG-3", DOING), item("ENG-9", DONE, updated=FREEZE - DAY, moved_at=FREEZE - DAY)
    world = World(
        release=release(gate(sign_off=False), freeze=FREEZE),
        items={"engineering": (done,)},
        health={"engineering": (sight(vanished=(lost,)),)},
    )
    world.read(FREEZE - HOUR)
    assert world.read(FREEZE + HOUR).gates[0].state is State.UNKNOWN
    world.records = (admitted(FREEZE + 2 * HOUR, lost),)
    later(world, done)
    later(world, done)
    assert later(world, done).state is State.READY
    assert world.judge().scope.shrunk == {"engineering": 1}
    assert {key: (it.kind, it.admitted) for key, it in changes(world).items()} == {"ENG-3": (Kind.VANISHED, True)}


# Beside the gates


def test_items_that_look_like_the_release_and_are_in_no_gate_are_named_once() -> None:
    world = frozen_world(OLD)
    world.release = replace(world.release, never_items=frozenset({("eng", "id-REL-1")}))
    world.items["#strays"] = (
        OLD,
        *(item(key, TODO) for key in ("ENG-10", "ENG-7", "ENG-7", "REL-1")),
        item("ENG-8", DONE),
    )
    assert world.judge().scope.strays == (("eng", "ENG-7"), ("eng", "ENG-10"))


def test_strays_that_cannot_be_looked_up_are_a_remark_and_change_no_state() -> None:
    world = frozen_world(OLD)
    before = world.gate().state
    world.health["#strays"] = (sight(FREEZE - 9 * DAY, problem="403", refused=True),)
    found = world.judge()
    assert "Whether other items carry this release's label could not be looked up in eng." in found.remarks
    assert world.gate().state is before


def test_an_item_that_another_release_reads_too_is_told_by_its_key() -> None:
    world = frozen_world(OLD)
    world.release = replace(world.release, shared={OLD.ref: ("borealis-1",), ("eng", "id-ENG-77"): ("x",)})
    assert world.judge().scope.shared == {"ENG-1": ("borealis-1",)}
