"""Evidence is taken when something changed that people will ask about, and only then."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mapping.occasion import ASKED, FIRST, in_words, marks, reasons
from mapping.readiness import Scope, Verdict
from mapping.record import Closing, Decision, Ending, Hold
from tests.worlds import NOW, ready_world

if TYPE_CHECKING:
    from mapping.readiness import Readiness
    from mapping.record import Record

GO = Decision(id="d1", by="Maya", at=NOW, go=True)
OVER = Closing(id="c1", by="Maya", at=NOW, launched=True)


def now(*records: Record, of: Readiness | None = None) -> dict[str, str]:
    return marks(of or ready_world().judge(), records)


def test_the_first_judgement_is_kept() -> None:
    assert reasons(None, now()) == ("first",)


def test_the_same_again_is_not_kept_whatever_the_time() -> None:
    world = ready_world()
    before = marks(world.judge(), world.records)
    assert reasons(before, marks(world.judge(NOW + timedelta(minutes=1)), world.records)) == ()


def test_the_order_of_the_records_is_no_reason() -> None:
    one, other = Hold(id="h1", by="Lee", at=NOW, reason="a"), Hold(id="h2", by="Lee", at=NOW, reason="b")
    assert reasons(now(one, other), now(other, one)) == ()


def test_what_nobody_said_is_no_word_of_anybody() -> None:
    over = Ending(id="over w1", gate="docs", at=NOW, waiver="w1", fulfilled=True)
    assert reasons(now(), now(over)) == ()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"verdict": Verdict.BLOCKED, "shown": "BLOCKED"}, ("verdict",)),
        ({"shown": "READY WITH 2 EXCEPTIONS"}, ("verdict",)),
        ({"target": None}, ("target",)),
        ({"target": NOW}, ("target",)),
        ({"scope": Scope(frozen_at=NOW)}, ("freeze",)),
        ({"closed": OVER}, ("closing",)),
        ({"reason": "other words for the same"}, ()),
    ],
    ids=lambda it: str(it)[:40],
)
def test_each_change_is_told_as_what_it_is(change: dict[str, object], why: tuple[str, ...]) -> None:
    before = ready_world().judge()
    assert reasons(now(of=before), now(of=replace(before, **change))) == why  # type: ignore[arg-type]  # any field of it


def test_a_decision_is_a_record_and_a_decision() -> None:
    assert reasons(now(), now(GO)) == ("record", "decision")


def test_a_record_that_no_longer_counts_is_a_reason_too() -> None:
    assert reasons(now(GO, OVER), now(GO)) == ("record",)


def test_marks_that_an_older_version_kept_call_for_what_it_did_not_look_at_only_where_there_is_something() -> None:
    older = now()
    del older["freeze"]
    assert reasons(older, now()) == ()


def test_every_reason_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "evidence.md").read_text("utf-8")
    assert set(re.findall(r"^\| `([a-z]+)` \|", page, re.MULTILINE)) == {FIRST, ASKED, *now()}


def test_every_reason_has_words_that_people_read() -> None:
    for name in (FIRST, ASKED, *now()):
        told = in_words((name,))
        assert " " in told, name
    assert in_words(("verdict", "record", "decision")) == "the verdict changed; the manager decided"
