"""The sentences of the rules that hold for every input, each a test with its sentence as name."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from mapping.digest import canonical, digest
from mapping.item import Progress
from mapping.judge import judge
from mapping.memory import Memory
from mapping.readiness import GateReadiness, Readiness, State, Verdict
from mapping.record import Acceptance, Attestation, NotNeeded, Signature, Waiver
from mapping.sight import TALK
from mapping.timing import SKEW, Timeline, freshness
from tests.worlds import NOW, World, item, moments, nearly_ready_worlds, worlds

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence
    from datetime import datetime

    from mapping.gate import Gate
    from mapping.record import Record
    from mapping.sight import Sight

MANY = settings(max_examples=settings().max_examples // 2)
FEW = settings(max_examples=settings().max_examples // 4)
EITHER = st.one_of(nearly_ready_worlds(), worlds())
MEMORY = TypeAdapter(Memory)
READINESS = TypeAdapter(Readiness)
GOOD = (State.READY, State.EXCEPTION)


def judged(
    world: World, now: datetime | None = None, memory: Memory | None = None
) -> tuple[Readiness, Memory, datetime | None]:
    """One judgement that leaves the world as it is."""
    return judge(world.items, world.records, world.health, world.release, memory or world.memory, now or world.now)


def is_read(gate: Gate) -> bool:
    """Whether it has anything to read: items, or the ticket that it is signed with."""
    return not gate.ticketless or gate.sign_off_key is not None


def keep(world: World, gate: str, sights: Sequence[Sight]) -> None:
    """What these sights missed is kept as last read; they themselves are no more."""
    missed = [item for sight in sights for item in sight.vanished]
    world.items = {**world.items, gate: (*world.items.get(gate, ()), *missed)}


def told(readiness: Readiness) -> str:
    """All of a readiness but the two times that move with the clock by their nature."""
    return canonical(READINESS.dump_python(replace(readiness, computed_at=NOW, valid_until=NOW), mode="json"))


def by_id(readiness: Readiness) -> dict[str, GateReadiness]:
    return {gate.id: gate for gate in readiness.gates}


def assert_no_better(before: Readiness, after: Readiness) -> None:
    event(f"launchable before: {before.verdict.launchable}")
    assert before.verdict.launchable or not after.verdict.launchable
    was = by_id(before)
    assert not [g.id for g in after.gates if g.state is State.READY and was[g.id].state is not State.READY]


@st.composite
def lost(draw: st.DrawFn, sight: Sight) -> Sight | None:
    """The same source, seen less well: silent, refused, partly gone, or not seen at all."""
    match draw(st.integers(0, 4)):
        case 0:
            return None
        case 1:
            return replace(sight, problem="refused", refused=True)
        case 2:
            return replace(sight, problem="down", observed_at=draw(st.none() | st.just(NOW - timedelta(days=9))))
        case 3:
            return replace(sight, complete_at=draw(st.none() | st.just(NOW - timedelta(days=9))))
        case _:
            return replace(sight, problem="down")


@MANY
@given(EITHER, st.data())
def test_losing_sight_of_a_source_never_makes_a_release_launchable_nor_a_gate_ready(
    world: World, data: st.DataObject
) -> None:
    """Its items are kept as last read, those that were missed included. Comments that nobody reads are another matter
    than those that cannot be read.
    """
    before, memory, _ = judged(world)
    seen = [(name, n) for name, sights in world.health.items() if name != TALK for n in range(len(sights))]
    assume(seen)
    gate, n = data.draw(st.sampled_from(seen))
    sights = list(world.health[gate])
    less = data.draw(lost(sights[n]))
    if not less:
        keep(world, gate, [sights[n]])
    sights[n : n + 1] = [less] if less else []
    world.health = {**world.health, gate: tuple(sights)}
    assert_no_better(before, judged(world, memory=memory)[0])
    assert before.launchable or not judged(world)[0].launchable


@st.composite
def weakened(draw: st.DrawFn, record: Record) -> Record | None:
    """The same record, withdrawn or past its age."""
    if draw(st.booleans()):
        return None
    past = NOW - timedelta(minutes=draw(st.integers(0, 60)))
    if isinstance(record, Signature):
        return replace(record, expires_at=past)
    if isinstance(record, Waiver | Attestation):
        return replace(record, until=past)
    return None


@MANY
@given(EITHER, st.data())
def test_dropping_or_ageing_a_signature_a_waiver_an_attestation_or_an_acceptance_never_makes_a_release_launchable_nor_a_gate_ready(  # noqa: E501 - the sentence
    world: World, data: st.DataObject
) -> None:
    helping = [
        n
        for n, r in enumerate(world.records)
        if isinstance(r, Waiver | Attestation | Acceptance) or (isinstance(r, Signature) and r.ready)
    ]
    assume(helping)
    before, memory, _ = judged(world)
    n = data.draw(st.sampled_from(helping))
    less = data.draw(weakened(world.records[n]))
    world.records = (*world.records[:n], *([less] if less else []), *world.records[n + 1 :])
    assert_no_better(before, judged(world, memory=memory)[0])


@MANY
@given(EITHER)
def test_ready_implies_a_live_item_complete_readings_no_source_silent_past_its_limit_and_a_valid_signature_where_one_is_needed(  # noqa: E501 - the sentence
    world: World,
) -> None:
    readiness, memory, _ = judged(world)
    gates = {gate.id: gate for gate in world.release.gates}
    limit = freshness(Timeline(world.now), world.release)
    for found in readiness.gates:
        event(f"state: {found.state}")
        if found.state is not State.READY:
            continue
        gate = gates[found.id]
        sights = world.health.get(found.id, ())
        items = () if gate.ticketless else world.items[found.id]
        assert gate.ticketless or any(i.live and i.progress for i in items)
        assert all(i.finished for i in items if gate.blockers.include(i))
        assert all(i.progress and not i.problem for i in items)
        assert {i.tracker for i in items} <= {s.tracker for s in sights}
        if is_read(gate):
            assert sights
            assert memory.gates[found.id].series.readings >= 2
        for sight in sights:
            assert sight.observed_at
            assert sight.complete_at
            for at in (sight.observed_at, sight.complete_at):
                assert at - SKEW <= world.now < at + limit
            assert not sight.refused
        signed = found.signed
        if gate.sign_off or gate.ticketless:
            assert signed
            assert signed.ready
            assert signed.expires_at
            assert signed.expires_at > world.now
        assert not gate.asked


@FEW
@given(EITHER)
def test_the_same_input_gives_the_same_bytes(world: World) -> None:
    first, second = judged(world), judged(world)
    assert READINESS.dump_json(first[0]) == READINESS.dump_json(second[0])
    assert MEMORY.dump_json(first[1]) == MEMORY.dump_json(second[1])
    assert first[2] == second[2]
    assert digest(first[0]) == digest(second[0])


@MANY
@given(EITHER)
def test_a_waiver_or_attestation_never_yields_better_than_exception(world: World) -> None:
    """A gate after one with an exception may be READY; the release is then READY WITH EXCEPTIONS."""
    readiness, _, _ = judged(world)
    said = world.records
    for gate in readiness.gates:
        world.records = tuple(r for r in said if not (isinstance(r, Waiver | Attestation) and r.gate == gate.id))
        if gate.state is State.READY:
            assert by_id(judged(world)[0])[gate.id].state is State.READY
    world.records = tuple(r for r in said if not isinstance(r, Waiver | Attestation))
    if readiness.verdict is Verdict.READY:
        assert judged(world)[0].verdict is Verdict.READY


@FEW
@given(EITHER, st.booleans(), st.randoms(use_true_random=False))
def test_the_order_of_gates_items_and_records_does_not_matter(
    world: World,
    busy: bool,  # noqa: FBT001 - drawn
    chance: random.Random,
) -> None:
    more = [item(f"ENG-{n}", Progress.DOING) for n in range(90, 94)] if busy else []
    world.items = {name: (*found, *more) for name, found in world.items.items()}
    first = judged(world)
    gates, records = list(world.release.gates), list(world.records)
    chance.shuffle(gates)
    chance.shuffle(records)
    world.release = replace(world.release, gates=tuple(gates))
    world.records = tuple(records)
    world.items = {name: tuple(chance.sample(found, len(found))) for name, found in reversed(world.items.items())}
    world.health = {name: tuple(chance.sample(seen, len(seen))) for name, seen in reversed(world.health.items())}
    second = judged(world)
    assert told(first[0]) == told(second[0])
    assert first[1:] == second[1:]


@FEW
@given(EITHER)
def test_not_needed_only_by_an_explicit_record(world: World) -> None:
    world.records = tuple(r for r in world.records if not isinstance(r, NotNeeded))
    assert State.NOT_NEEDED not in {gate.state for gate in judged(world)[0].gates}


@FEW
@given(EITHER, st.sampled_from(["failed", "refused", "refused and lost"]))
def test_a_failed_read_lowers_no_count_that_a_rule_uses(world: World, how: str) -> None:
    """The counts stay as they were, even if a refusal came with empty hands; so does all that READY is counted from."""
    readiness, memory, _ = judged(world)
    world.health = {
        name: tuple(replace(s, problem="down", refused=how != "failed") for s in seen)
        for name, seen in world.health.items()
    }
    world.items = {} if how == "refused and lost" else world.items
    after, later, _ = judged(world, memory=memory)
    was = by_id(readiness)
    assert all((gate.done, gate.total) == (was[gate.id].done, was[gate.id].total) for gate in after.gates)
    for name, gate in memory.gates.items():
        if name in was:
            assert later.gates[name].series == gate.series
            assert later.gates[name].offered.keys() >= gate.offered.keys()
            assert later.gates[name].vanished == gate.vanished
            assert later.gates[name].spent >= gate.spent
            assert later.gates[name].done_when_ready >= gate.done_when_ready
            assert later.gates[name].had_item >= gate.had_item


@MANY
@given(EITHER)
def test_unknown_never_hides_blocked_nor_blocked_unknown(world: World) -> None:
    readiness, _, _ = judged(world)
    seen = World(release=world.release, items=world.items, records=world.records, memory=world.memory)
    seen.health = {
        name: tuple(replace(s, problem="", refused=False, observed_at=NOW) for s in sights)
        for name, sights in world.health.items()
    }
    clear = by_id(judged(seen)[0])
    for gate in readiness.gates:
        if clear[gate.id].state is State.BLOCKED:
            assert gate.state is State.BLOCKED
        refused = any(s.problem and s.refused for s in world.health.get(gate.id, ()))
        if gate.state is State.BLOCKED and refused and not _is_attested(world, gate.id):
            assert gate.unknown
        if gate.unknown:
            assert gate.state in (State.BLOCKED, State.UNKNOWN)


@MANY
@given(EITHER, st.data())
def test_what_cannot_be_told_hides_no_gate_that_is_blocked_neither_its_own_nor_one_after_it(
    world: World, data: st.DataObject
) -> None:
    before = by_id(judged(world)[0])
    name = data.draw(st.sampled_from(sorted(before)))
    seen = world.health.get(name, ())
    match data.draw(st.sampled_from(["refused", "never read", "unmapped", "unreadable"])):
        case "refused":
            world.health = {**world.health, name: tuple(replace(s, refused=True) for s in seen)}
        case "never read":
            keep(world, name, seen)
            world.health = {**world.health, name: ()}
        case "unmapped":
            world.items = {**world.items, name: (*world.items[name], item("ENG-77", None))}
        case _:
            world.items = {**world.items, name: (*world.items[name], item("ENG-77", problem="odd"))}
    event(f"blocked: {sum(gate.state is State.BLOCKED for gate in before.values())}")
    after = by_id(judged(world)[0])
    assert [
        n for n, gate in before.items() if gate.state is State.BLOCKED and after[n].state is not State.BLOCKED
    ] == []


def _is_attested(world: World, gate: str) -> bool:
    return any(isinstance(r, Attestation) and r.gate == gate for r in world.records)


@MANY
@given(EITHER)
def test_judging_again_at_the_same_time_with_the_new_memory_changes_nothing(world: World) -> None:
    first, memory, wake_at = judged(world)
    again, same, wakes = judged(world, memory=memory)
    assert told(again) == told(first)
    assert again.valid_until == first.valid_until
    assert same == memory
    assert wakes == wake_at


@MANY
@given(EITHER, st.floats(0, 1, exclude_max=True))
def test_between_now_and_wake_at_nothing_changes_by_time_alone(world: World, part: float) -> None:
    first, memory, wake_at = judged(world)
    end = wake_at or NOW + timedelta(days=3000)
    assert end > world.now
    last = end - timedelta(microseconds=1)
    for moment in (min(world.now + (end - world.now) * part, last), last):
        later, kept, wakes = judged(world, now=moment, memory=memory)
        assert told(later) == told(first)
        assert kept == memory
        assert wakes == wake_at
        assert digest(later) == digest(first)


@FEW
@given(EITHER)
def test_a_launchable_verdict_rests_on_required_gates_that_are_all_settled(world: World) -> None:
    readiness, _, _ = judged(world)
    required = [gate for gate in readiness.gates if gate.required]
    assert readiness.valid_until >= world.now
    if readiness.verdict.launchable:
        assert {gate.state for gate in required} <= {*GOOD, State.NOT_NEEDED}
        assert any(gate.state in GOOD for gate in required)
        assert not readiness.holds or not any(h.gate is None for h in readiness.holds)


@FEW
@given(EITHER)
def test_memory_and_readiness_survive_being_stored(world: World) -> None:
    readiness, memory, _ = judged(world)
    assert MEMORY.validate_json(MEMORY.dump_json(memory)) == memory
    assert READINESS.validate_json(READINESS.dump_json(readiness)) == readiness


@FEW
@given(EITHER, moments)
def test_a_lost_memory_makes_no_gate_that_is_read_ready_however_often_it_is_judged(world: World, now: datetime) -> None:
    """Until it was read completely once more."""
    read = {gate.id for gate in world.release.gates if is_read(gate)}
    memory = Memory()
    for later in (now, now, now + timedelta(minutes=1)):
        readiness, memory, _ = judged(world, now=later, memory=memory)
        assert not [g for g in readiness.gates if g.state is State.READY and g.id in read]


@FEW
@given(EITHER)
def test_every_gate_that_needs_somebody_names_who_acts_and_says_so_in_plain_words(world: World) -> None:
    readiness, _, _ = judged(world)
    titles = [i.title for found in world.items.values() for i in found]
    for gate in readiness.gates:
        assert gate.reason
        assert gate.actor or gate.state in (State.ON_TRACK, State.READY, State.NOT_NEEDED)
        words = gate.reason.lower().split()
        assert not {"lease", "soak", "digest", "census"} & set(words)
        assert not any(title in gate.reason for title in titles)
    assert all(ask.who and ask.what for ask in readiness.asks)
