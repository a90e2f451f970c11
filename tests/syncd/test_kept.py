"""What judging keeps between two judgements, and what of it a changed question takes away."""

from __future__ import annotations

from dataclasses import replace

from mapping.memory import Baseline, Frozen, GateMemory, Memory, Series
from mapping.readiness import Leg, State, TargetSet, WaiverState
from syncd.kept import Kept, kept_from, kept_text
from tests.worlds import NOW, TARGET

GATE = GateMemory(
    state=State.READY,
    since=NOW,
    spent=frozenset({"W1"}),
    ended={"W1": (WaiverState.FULFILLED, NOW)},
    legs={"docs": (Leg.ACCEPTED, None)},
    heeded={"docs": "R1"},
    had_item=True,
)
KEPT = Kept(
    memory=Memory(
        gates={"qa": GATE},
        targets=(TargetSet(target=TARGET, at=NOW, where="the file"),),
        asked={"qa finish Dana": NOW},
    ),
    asked={"qa": "one"},
)


def test_what_is_kept_is_read_back_as_it_was() -> None:
    assert kept_from(kept_text(KEPT)) == KEPT


def test_what_an_older_version_kept_can_be_read() -> None:
    old = '{"memory": {"gates": {"qa": {"state": "ready", "since": "2026-12-08T12:00:00Z", "spent": ["W1"]}}}}'
    assert kept_from(old).memory.gates["qa"].spent == {"W1"}


def test_targets_and_asks_outlive_every_question() -> None:
    for asked in ("one", "another"):
        fitted = KEPT.fitting({"qa": asked}, {}).memory
        assert (fitted.targets, fitted.asked) == (KEPT.memory.targets, KEPT.memory.asked)


def test_what_was_said_outlives_another_question_and_what_was_read_does_not() -> None:
    assert KEPT.fitting({"qa": "one"}, {}).memory.gates["qa"] == GATE
    anew = KEPT.fitting({"qa": "another"}, {}).memory.gates["qa"]
    assert anew == replace(GATE, legs={}, had_item=False)


def test_where_the_same_items_are_asked_for_only_the_settling_begins_anew() -> None:
    gate = replace(
        GATE,
        series=Series(since=NOW, readings=2, counted=NOW),
        baseline=Baseline(taken_at=NOW, new={"eng 2": NOW}),
        vanished={"eng 3": NOW},
        done_when_ready=frozenset({("eng", "1")}),
        unfrozen=True,
    )
    kept = replace(KEPT, memory=Memory(gates={"qa": gate}), asked={"qa": "which how"})
    anew = kept.fitting({"qa": "which otherwise"}, {}).memory.gates["qa"]
    assert anew == replace(gate, series=Series())


def test_a_scope_is_outdated_once_other_items_are_asked_for_and_what_was_missed_has_left_it() -> None:
    frozen = {name: Frozen(key=name, url="", digest="", progress=None) for name in ("eng 1", "eng 3")}
    fixed = Baseline(taken_at=NOW, items=frozen, new={"eng 2": NOW})
    gate = replace(GATE, baseline=fixed, vanished={"eng 2": NOW, "eng 3": NOW})
    kept = replace(KEPT, memory=Memory(gates={"qa": gate}), asked={"qa": "which how"})
    anew = kept.fitting({"qa": "others how"}, {}).memory.gates["qa"]
    assert anew.baseline == replace(fixed, outdated=True, left={"eng 3": NOW})
    assert anew.vanished == {}
