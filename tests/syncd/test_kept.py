"""What judging keeps between two judgements, and what of it a changed question takes away."""

from __future__ import annotations

from dataclasses import replace

from mapping.memory import GateMemory, Memory
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
