"""What people change about the release itself: targets with who and why, owners, absences."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from mapping.amend import amended, targets_of
from mapping.gate import Gate, Person, Release
from mapping.judge import judge
from mapping.memory import Memory
from mapping.readiness import Readiness, TargetSet
from mapping.record import Absence, Ownership, Record, TargetMove
from mapping.timing import Timeline

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TARGET = NOW + 14 * DAY
ANA, BO = Person(name="Ana", email="ana@acme.example"), Person(name="Bo", email="bo@acme.example")
MAYA = Person(name="Maya", email="maya@acme.example")


def release(target: datetime | None = TARGET) -> Release:
    gate = Gate(id="docs", name="Documentation", owners=(ANA, BO), ticketless=True)
    return Release(id="r", name="R", zone=ZoneInfo("UTC"), gates=(gate,), target=target, managers=(MAYA,))


def move(to: datetime, at: datetime = NOW, reason: str = "the fair moved") -> TargetMove:
    return TargetMove(id=f"c.{at.isoformat()}", by="Maya", at=at, target=to, reason=reason)


def judged(
    said: Release, *records: Record, memory: Memory | None = None, now: datetime = NOW
) -> tuple[Readiness, Memory]:
    readiness, remembered, _ = judge({}, records, {}, said, memory or Memory(), now)
    return readiness, remembered


def test_what_a_manager_says_of_the_target_stands_over_the_file() -> None:
    readiness, memory = judged(release())
    assert [it.target for it in readiness.targets] == [TARGET]
    moved, _ = judged(release(), move(TARGET + DAY), memory=memory, now=NOW + DAY)
    assert moved.target == TARGET + DAY
    assert [(it.by, it.reason) for it in moved.targets] == [("", ""), ("Maya", "the fair moved")]


def test_a_target_that_is_moved_later_elsewhere_stands_over_the_comment_and_asks_why() -> None:
    _, memory = judged(release(), move(TARGET + DAY))
    readiness, memory = judged(release(TARGET + 5 * DAY), move(TARGET + DAY), memory=memory, now=NOW + DAY)
    assert readiness.target == TARGET + 5 * DAY
    assert any("why the launch issue moves the target" in ask.what for ask in readiness.asks)
    why = move(TARGET + 5 * DAY, at=NOW + 2 * DAY, reason="the venue burnt down")
    told, _ = judged(release(TARGET + 5 * DAY), move(TARGET + DAY), why, memory=memory, now=NOW + 2 * DAY)
    assert told.targets[-1].reason == "the venue burnt down"
    assert len(told.targets) == 3
    assert not any("why" in ask.what for ask in told.asks)


def test_the_file_that_follows_a_comment_is_no_further_move() -> None:
    _, memory = judged(release(), move(TARGET + DAY))
    readiness, _ = judged(release(TARGET + DAY), move(TARGET + DAY), memory=memory, now=NOW + DAY)
    assert readiness.target == TARGET + DAY
    assert readiness.targets[-1].reason == "the fair moved"
    assert not any("why" in ask.what for ask in readiness.asks)


def test_a_lost_memory_keeps_what_the_manager_said_last() -> None:
    said = move(TARGET + DAY, at=NOW - 3 * DAY)
    readiness, _ = judged(release(), said)
    assert readiness.target == TARGET + DAY


def test_judging_again_adds_no_target() -> None:
    _, memory = judged(release(), move(TARGET + DAY))
    assert judged(release(), move(TARGET + DAY), memory=memory)[1].targets == memory.targets


def test_a_target_that_is_taken_away_is_gone() -> None:
    assert targets_of((TargetSet(target=TARGET, at=NOW, where="the file"),), release(None), (), NOW)[-1].target is None
    assert targets_of((), release(None), (), NOW) == ()


def test_who_is_away_comes_after_who_is_there_until_the_day_is_over() -> None:
    away = Absence(id="c.1", by="Ana", at=NOW, until=NOW + DAY)
    for now, first in ((NOW, BO), (NOW + DAY, ANA)):
        timeline = Timeline(now)
        assert amended(release(), (away,), (), timeline).gates[0].owners[0] == first
        assert (timeline.wake_at == NOW + DAY) is (now == NOW)


def test_a_named_owner_comes_first_and_the_former_one_is_the_backup() -> None:
    kim = Person(name="Kim", email="kim@acme.example")
    record = Ownership(id="c.1", gate="docs", by="Maya", at=NOW, person=kim)
    assert amended(release(), (record,), (), Timeline(NOW)).gates[0].owners == (kim, ANA, BO)


def test_a_gate_that_nobody_named_speaks_once_it_has_an_owner() -> None:
    asked = Gate(id="sales", name="Sales", required=False, ticketless=True, asked=True)
    said = replace(release(), gates=(asked,))
    record = Ownership(id="c.1", gate="sales", by="Maya", at=NOW, person=ANA)
    gate = amended(said, (record,), (), Timeline(NOW)).gates[0]
    assert (gate.asked, gate.owners) == (False, (ANA,))


def test_a_launch_issue_that_somebody_closed_by_hand_is_said_and_asked_about() -> None:
    closed = replace(release(), launch_key="REL-1", launch_status="Done", launch_is_over=True)
    readiness, _ = judged(closed)
    assert any("REL-1 is Done already" in remark for remark in readiness.remarks)
    assert any("/launched" in ask.what for ask in readiness.asks)
