"""What the live demo shows: a view that fits the terminal, whatever its size, and to a pipe only what changed."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from mapping.readiness import Ask
from mapping.record import Decision
from mapping.wording import moment
from syncd.commands.screen import Screen, changed, view
from tests.command_line import FULL

if TYPE_CHECKING:
    from mapping.readiness import Readiness
    from tests.trial import Trial

FOOT = "Day 4 · http://here/a.json · Ctrl-C ends it"
EVENTS = tuple(f"Somebody finishes QA-{number}." for number in range(1, 6))


@pytest.fixture
def judged(whole: Trial) -> Readiness:
    whole.linear.label("atlas-2")
    whole.jira.add("ENG", "Merge edits", fix_versions=["Atlas 2.0"])
    return whole.once(whole.configure(FULL)).draft.readiness


def _seen(judged: Readiness, width: int, height: int) -> list[str]:
    where = Console(file=io.StringIO(), width=width, height=height)
    return [line.plain for line in view(judged, f"Atlas 2.0: {judged.shown}", EVENTS, FOOT, where)]


@pytest.mark.parametrize(("width", "height"), [(80, 24), (80, 45), (120, 45), (40, 12), (20, 3)])
def test_the_verdict_is_on_top_and_nothing_scrolls(judged: Readiness, width: int, height: int) -> None:
    crowded = replace(judged, gates=judged.gates * 4, asks=judged.asks * 4)
    lines = _seen(crowded, width, height)
    assert lines[0].startswith(f"Atlas 2.0: {judged.shown}"[: width - 1])
    assert len(lines) < height
    assert max(map(len, lines)) <= width


def test_on_a_common_terminal_all_that_matters_is_there(judged: Readiness) -> None:
    lines = _seen(judged, 80, 24)
    assert judged.reason[:20] in lines[1]
    assert lines.count(f"> {EVENTS[-1]}") == 1
    assert [gate.name for gate in judged.gates if not gate.asked and not any(gate.name in it for it in lines)] == []
    assert FOOT in lines


@pytest.mark.parametrize("over", [False, True])
def test_a_terminal_shows_the_time_that_it_is_and_not_that_of_the_last_event(
    whole: Trial, monkeypatch: pytest.MonkeyPatch, *, over: bool
) -> None:
    config, page = whole.configure(FULL), io.StringIO()
    where = Console(file=page, width=100, height=24, force_terminal=True, color_system=None)
    monkeypatch.setattr("syncd.commands.screen.console", lambda: where)
    whole.once(config)
    with whole.outside(config) as outside:
        shown = Screen(config, outside, "http://here")
        if over:
            shown.ended()
        for _ in range(2):
            whole.clock.pass_by(minutes=7)
            shown.look()
            assert moment(whole.clock(), UTC, whole.clock()) in page.getvalue()


def test_a_pipe_is_told_when_each_thing_changed(judged: Readiness) -> None:
    other = replace(judged, shown="READY", computed_at=judged.computed_at + timedelta(hours=2))
    at = moment(other.computed_at, UTC, other.computed_at)
    assert changed(judged, other, "A title", UTC)[0] == f"{at}: A title"


def test_a_pipe_is_told_what_changed_and_nothing_when_nothing_did(judged: Readiness) -> None:
    assert changed(judged, judged, "A title", UTC) == []
    gate = judged.gates[0]
    other = replace(judged, gates=(replace(gate, shown="READY", reason="signed"), *judged.gates[1:]))
    assert changed(judged, other, "A title", UTC)[1:] == [
        f"  {judged.reason}",
        f"  {gate.name}: {gate.shown} → READY, signed",
    ]


def test_a_pipe_is_told_who_acts_next_and_what_was_decided(judged: Readiness) -> None:
    ask = Ask(who="Maya", what="approve or deny W1", gate=judged.gates[0].id)
    go = Decision(id="1", at=judged.computed_at, by="Maya", go=True)
    other = replace(judged, asks=(*judged.asks, ask), decisions=(go,))
    told = [f"  {judged.reason}", "  Act now: Maya: approve or deny W1", "  Decided: GO by Maya"]
    assert changed(judged, other, "A title", UTC)[1:] == told
    assert changed(other, other, "A title", UTC) == []


def test_a_terminal_shows_the_decision_under_the_verdict(judged: Readiness) -> None:
    go = Decision(id="1", at=judged.computed_at, by="Maya", go=True)
    assert "Decided: GO by Maya" in _seen(replace(judged, decisions=(go,)), 80, 45)[:4]
    against = replace(go, override=True)
    assert "Decided: GO BY OVERRIDE by Maya" in _seen(replace(judged, decisions=(against,)), 80, 45)[:4]
