"""What readiness.md §2 to §7 says of always and never, each a test over generated worlds with its sentence as name."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import assume, given
from hypothesis import strategies as st

from mapping.item import Progress
from mapping.readiness import State
from mapping.record import Admission, Attestation, Decision, NotNeeded, Signature, TargetMove, Waiver, Withdrawal
from tests.mapping.test_properties import EITHER, FEW, GOOD, assert_no_better, by_id, is_read, judged, told
from tests.worlds import NOW, World, gate, item, items, moments, sight, waiver

if TYPE_CHECKING:
    from datetime import datetime

    from mapping.gate import Gate
    from mapping.item import Item


def gates_of(world: World) -> dict[str, Gate]:
    return {gate.id: gate for gate in world.release.gates}


def is_attested(world: World, name: str) -> bool:
    return any(isinstance(r, Attestation) and r.gate == name for r in world.records)


@FEW
@given(EITHER, st.data())
def test_the_summary_issue_and_the_launch_issue_are_never_items(world: World, data: st.DataObject) -> None:
    known = [i.ref for found in world.items.values() for i in found]
    assume(known)
    never = data.draw(st.sampled_from(known))
    world.release = replace(world.release, never_items=world.release.never_items | {never})
    with_it = judged(world)
    world.items = {name: tuple(i for i in found if i.ref != never) for name, found in world.items.items()}
    world.health = {
        name: tuple(replace(s, vanished=tuple(i for i in s.vanished if i.ref != never)) for s in seen)
        for name, seen in world.health.items()
    }
    assert replace(judged(world)[0], computed_at=NOW).gates == with_it[0].gates


@FEW
@given(EITHER, st.data())
def test_dropped_items_count_neither_as_done_nor_towards_what_is_expected(world: World, data: st.DataObject) -> None:
    before, memory, _ = judged(world)
    seen = [(name, s.tracker) for name in gates_of(world) for s in world.health.get(name, ())]
    assume(seen)
    name, tracker = data.draw(st.sampled_from(seen))
    dropped = item("NEW-1", Progress.DROPPED, tracker=tracker, type="Bug", labels=("launch",), priority=1)
    world.items = {**world.items, name: (*world.items.get(name, ()), dropped)}
    after = judged(world, memory=memory)[0]
    assert_no_better(before, after)
    was, found = by_id(before)[name], by_id(after)[name]
    assert (found.done, found.total) == (was.done, was.total)


@FEW
@given(EITHER, st.data())
def test_advisory_gates_are_shown_and_never_counted_and_only_inform(world: World, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(gates_of(world))))
    loose = tuple(replace(it, required=it.required and it.id != name) for it in world.release.gates)
    world.release = replace(world.release, gates=loose)
    before = judged(world)[0]
    world.items = {**world.items, name: tuple(data.draw(st.lists(items(), max_size=2)))}
    world.health = {**world.health, name: data.draw(st.sampled_from([(), (sight(),), (sight(refused=True),)]))}
    world.records = tuple(r for r in world.records if getattr(r, "gate", None) != name)
    after = judged(world)[0]
    assert (after.verdict, after.launchable) == (before.verdict, before.launchable)
    states = {other: it.state for other, it in by_id(before).items() if other != name}
    assert {other: it.state for other, it in by_id(after).items() if other != name} == states


@FEW
@given(EITHER)
def test_mostly_met_is_not_met(world: World) -> None:
    more = gate("zeta", sign_off=False)
    world.release = replace(world.release, gates=(*world.release.gates, more))
    world.items = {**world.items, "zeta": (item("NEW-1", Progress.DOING),)}
    world.health = {**world.health, "zeta": (sight(),)}
    assert not judged(world)[0].launchable


@FEW
@given(EITHER)
def test_failure_to_measure_never_leads_to_blocked_and_never_to_the_last_good_value(world: World) -> None:
    before, memory, _ = judged(world)
    was, known = by_id(before), gates_of(world)
    world.health = {
        name: tuple(replace(s, problem="down", refused=True) for s in seen) for name, seen in world.health.items()
    }
    for found in judged(world, memory=memory)[0].gates:
        if known[found.id].after:
            continue
        assert found.state is not State.BLOCKED or was[found.id].state is State.BLOCKED
        if found.state in GOOD:
            assert not is_read(known[found.id]) or is_attested(world, found.id)


@FEW
@given(EITHER, st.booleans())
def test_a_failed_read_never_renews_when_something_was_observed(world: World, refused: bool) -> None:  # noqa: FBT001 - drawn
    before, memory, _ = judged(world)
    world.health = {
        name: tuple(replace(s, problem="down", refused=refused) for s in seen) for name, seen in world.health.items()
    }
    later = judged(world, now=NOW + timedelta(minutes=1), memory=memory)[0]
    was = by_id(before)
    for found in later.gates:
        assert found.facts_at == was[found.id].facts_at
    assert {s.tracker: s.last_complete for s in later.sources} == {s.tracker: s.last_complete for s in before.sources}


@FEW
@given(EITHER, st.data())
def test_a_vanished_unfinished_item_keeps_its_gate_at_cannot_tell_until_somebody_settles_it(
    world: World, data: st.DataObject
) -> None:
    seen = [(name, n) for name in gates_of(world) for n in range(len(world.health.get(name, ())))]
    assume(seen)
    name, n = data.draw(st.sampled_from(seen))
    sights = list(world.health[name])
    gone = item("GONE-1", data.draw(st.sampled_from([Progress.TODO, Progress.DOING])), tracker=sights[n].tracker)
    sights[n] = replace(sights[n], vanished=(*sights[n].vanished, gone))
    world.health = {**world.health, name: tuple(sights)}
    world.records = tuple(r for r in world.records if not (isinstance(r, Admission) and r.gate == name))
    found, asked = by_id(judged(world)[0])[name], gates_of(world)[name]
    if asked.ticketless or asked.asked:
        return
    assert found.state is not State.READY
    assert found.unknown or found.state in (State.ON_HOLD, State.NOT_NEEDED) or is_attested(world, name)


@FEW
@given(EITHER)
def test_ignorance_cannot_be_waived(world: World) -> None:
    before, memory, _ = judged(world)
    waived = [
        waiver(it, gate=name, id=f"c{90 + n}.0")
        for name in gates_of(world)
        for n, it in enumerate(
            (*world.items.get(name, ()), *(i for s in world.health.get(name, ()) for i in s.vanished))
        )
    ]
    world.records = (*world.records, *waived)
    after = by_id(judged(world, memory=memory)[0])
    for it in before.gates:
        if it.state is State.UNKNOWN and not gates_of(world)[it.id].after:
            assert after[it.id].state is State.UNKNOWN


@FEW
@given(EITHER, items(odd=False), st.sampled_from(["", "W1", "W7"]))
def test_a_waiver_is_kept_for_ever(world: World, about: Item, label: str) -> None:
    name = min(gates_of(world))
    world.records = (*world.records, waiver(about, gate=name, id="c70.0", label=label))
    asked = [r for r in world.records if isinstance(r, Waiver)]
    taken = [Withdrawal(id=f"t{n}", at=NOW, of=r.id.rpartition(".")[0]) for n, r in enumerate(asked)]
    for records in (world.records, (*world.records, *taken)):
        world.records = records
        shown = Counter(it.waiver.id for it in judged(world)[0].all_waivers)
        assert shown == Counter(r.id for r in asked)


@FEW
@given(EITHER, moments, st.booleans())
def test_what_was_decided_is_never_rewritten_and_changes_no_state(world: World, at: datetime, go: bool) -> None:  # noqa: FBT001 - drawn
    without = judged(world)[0]
    said = Decision(id="c80.0", by="Maya", at=at, go=go, states={})
    world.records = (*world.records, said, Withdrawal(id="w80", at=NOW, of="c80"))
    found = judged(world)[0]
    assert said in found.decisions
    bare = {"decisions": (), "since_decided": (), "cleared": False}
    assert told(replace(found, **bare)) == told(replace(without, **bare))  # type: ignore[arg-type]  # each is its field's
    world.items, world.health = {}, {}
    assert judged(world)[0].decisions == found.decisions


@FEW
@given(EITHER, st.data())
def test_taking_a_comment_back_never_makes_a_release_launchable_nor_a_gate_ready(
    world: World, data: st.DataObject
) -> None:
    """But "not needed": whoever takes that back needs the gate again, which may be ready."""
    gates = {gate.id for gate in world.release.gates}
    spared = {r.id.rpartition(".")[0] for r in world.records if isinstance(r, NotNeeded) or _settles(r, gates)}
    said = sorted({r.id.rpartition(".")[0] for r in world.records} - spared - {""})
    assume(said)
    before, memory, _ = judged(world)
    world.records = (*world.records, Withdrawal(id="t1", at=NOW, of=data.draw(st.sampled_from(said))))
    assert_no_better(before, judged(world, memory=memory)[0])


def _settles(record: object, gates: set[str]) -> bool:
    """Whether it may be what confirmed that a gate is not needed."""
    return getattr(record, "subject", None) in gates


@FEW
@given(EITHER)
def test_silence_is_never_consent(world: World) -> None:
    world.records = tuple(r for r in world.records if not isinstance(r, Signature))
    for found in judged(world)[0].gates:
        asked = gates_of(world)[found.id]
        assert found.state not in GOOD or not (asked.sign_off or asked.ticketless)


@FEW
@given(EITHER, moments, moments)
def test_every_target_is_kept(world: World, told_later: datetime, in_file: datetime) -> None:
    first, memory, _ = judged(world)
    world.records = (*world.records, TargetMove(id="c81.0", by="Maya", at=NOW, target=told_later, reason="late"))
    second, memory, _ = judged(world, memory=memory)
    moved = in_file != world.release.target
    world.release = replace(world.release, target=in_file)
    third = judged(world, memory=memory)[0]
    for before, after in ((first, second), (second, third)):
        assert [t.target for t in after.targets][: len(before.targets)] == [t.target for t in before.targets]
    assert second.target == told_later
    assert third.target == (in_file if moved else told_later)
