"""What holds of the scope in every world: it makes nothing better, and what cannot be seen changes nothing in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import assume, event, given
from hypothesis import strategies as st

from mapping.memory import Memory
from mapping.readiness import Kind, State
from mapping.record import Admission
from mapping.sight import STRAYS
from tests.mapping.test_properties import EITHER, FEW, assert_no_better, by_id, judged, told
from tests.worlds import NOW, World, item, items, sights

if TYPE_CHECKING:
    from mapping.item import Item
    from mapping.sight import Sight

GOOD = (State.READY, State.EXCEPTION)


@FEW
@given(EITHER)
def test_a_freeze_makes_nothing_better_than_it_would_be_without_one(world: World) -> None:
    after = judged(world)[0]
    event(f"changes: {bool(after.scope.changes)}")
    world.release = replace(world.release, freeze=None)
    before = judged(world)[0]
    assert_no_better(before, after)
    upstream = {gate.id: gate.after for gate in world.release.gates}
    found = by_id(after)
    for gate in before.gates:
        if not upstream[gate.id] and gate.state in (State.BLOCKED, State.UNKNOWN):
            assert found[gate.id].state in (State.BLOCKED, gate.state)
            assert found[gate.id].unknown or not gate.unknown


@FEW
@given(EITHER, st.data())
def test_taking_an_admission_back_never_makes_a_release_launchable_nor_a_gate_ready(
    world: World, data: st.DataObject
) -> None:
    gate = data.draw(st.sampled_from(world.release.gates)).id
    admission = Admission(id="a.0", gate=gate, by="Maya", at=NOW - timedelta(minutes=1), reason="seen")
    said = world.records
    world.records = (*said, admission)
    before, memory, _ = judged(world)
    world.records = said
    assert_no_better(before, judged(world, memory=memory)[0])


@FEW
@given(EITHER, st.data())
def test_one_more_item_after_the_freeze_never_makes_a_release_launchable_nor_a_gate_ready(
    world: World, data: st.DataObject
) -> None:
    """That it is done, or stands for an item that a gate expects, is no way around the manager."""
    world.release = replace(world.release, freeze=NOW - timedelta(minutes=4))
    before, memory, _ = judged(world)
    fixed = [name for name, gate in memory.gates.items() if gate.baseline]
    event(f"fixed: {bool(fixed)}")
    if not fixed:
        return
    name = data.draw(st.sampled_from(fixed))
    world.items = {**world.items, name: (*world.items.get(name, ()), item("ENG-99", data.draw(items()).progress))}
    after = judged(world, memory=memory)[0]
    assert_no_better(before, after)
    if name in by_id(after) and any(gate.id == name and not gate.ticketless for gate in world.release.gates):
        assert any(change.id == "id-ENG-99" and change.kind is Kind.ADDED for change in after.scope.changes)
        assert by_id(after)[name].state not in GOOD or _is_no_blocker(world, name)


def _is_no_blocker(world: World, name: str) -> bool:
    gate = next(gate for gate in world.release.gates if gate.id == name)
    added = next(i for i in world.items[name] if i.key == "ENG-99")
    admitted = any(isinstance(r, Admission) and r.gate == name for r in world.records)
    return admitted or not added.live or not gate.blockers.include(added)


@FEW
@given(EITHER, st.booleans())
def test_what_cannot_be_seen_has_neither_come_nor_gone(world: World, empty: bool) -> None:  # noqa: FBT001 - drawn
    before, memory, _ = judged(world)
    world.health = {
        name: tuple(replace(s, problem="403", refused=True, vanished=()) for s in seen)
        for name, seen in world.health.items()
    }
    lost = {i.ref for found in world.items.values() for i in found if empty}
    world.items = {name: () if empty else found for name, found in world.items.items()}
    after, later, _ = judged(world, memory=memory)
    listed = {(c.kind, c.gate, c.tracker, c.id) for c in before.scope.changes}
    for change in after.scope.changes:
        assert (change.kind, change.gate, change.tracker, change.id) in listed or (change.tracker, change.id) in lost
        assert change.kind not in (Kind.REMOVED, Kind.MOVED) or change.at in {c.at for c in before.scope.changes}
    for name, gate in memory.gates.items():
        if gate.baseline and (kept := later.gates[name].baseline):
            assert kept.items == gate.baseline.items
            assert kept.new == gate.baseline.new
            assert kept.left.keys() <= gate.baseline.left.keys()


@FEW
@given(EITHER, st.data())
def test_an_item_that_is_away_for_a_while_comes_back_as_what_it_was(world: World, data: st.DataObject) -> None:
    before, memory, _ = judged(world)
    present = [(name, n) for name, found in world.items.items() for n in range(len(found))]
    assume(present)
    name, n = data.draw(st.sampled_from(present))
    whole = world.items
    world.items = {**whole, name: (*whole[name][:n], *whole[name][n + 1 :])}
    away = judged(world, memory=memory)[1]
    world.items = whole
    after = judged(world, memory=away)[0]
    assert after.scope.changes == before.scope.changes


@FEW
@given(EITHER, st.lists(items(), max_size=3), st.lists(sights(), max_size=2))
def test_strays_and_whether_they_can_be_seen_change_no_state(
    world: World, found: list[Item], seen: list[Sight]
) -> None:
    before, memory, wake_at = judged(world)
    world.items = {**world.items, STRAYS: tuple(found)}
    world.health = {**world.health, STRAYS: tuple(seen)}
    after, later, wakes = judged(world)
    assert (later, wakes) == (memory, wake_at)
    assert told(replace(after, scope=before.scope, remarks=before.remarks)) == told(before)


@FEW
@given(EITHER, st.integers(0, 5))
def test_a_lost_memory_after_the_freeze_gives_a_late_scope_and_blames_nobody(world: World, days: int) -> None:
    world.release = replace(world.release, freeze=NOW - timedelta(hours=1))
    readiness = judged(world, now=NOW + timedelta(days=days), memory=Memory())[0]
    assert readiness.scope.late or readiness.scope.frozen_at is None
    assert {change.kind for change in readiness.scope.changes} <= {Kind.VANISHED}
