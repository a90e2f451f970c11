"""What people write to one another is text: it is no command, and it is not answered."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mapping.command import FINAL, USAGE, Command, Words, commands, may_speak

SAID_AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
WORDS = Words(
    gates={"docs": "docs", "legal": "legal", "customer support": "support", "training": "training"},
    people={"kim": "Kim", "maya": "Maya"},
    waivers=frozenset({"W1"}),
)

PROSE = [
    "",
    " ",
    ".",
    "/",
    "//",
    "//hold docs",
    "Hello",
    "hold on, let me check",
    "Hold on.",
    "hold",
    "hold:",
    "Hold the line",
    "Hold, please",
    "ready when you are",
    "Ready?",
    "Ready!",
    "Ready:",
    "Ready. Docs",
    "Ready to go",
    "ready docs?",
    "ready legal and docs",
    "Ready docs are what we need",
    "Ready, docs",
    "we are ready",
    "Please say /ready docs",
    "> /ready docs",
    "- /ready docs",
    "“/ready docs”",
    "/ready/docs",
    "go ahead",
    "Go!",
    "Go: all agreed",
    "Go for it",
    "go override the setting in docs",
    "go override",
    "no go",
    "no-go",
    "not ready",
    "not ready: docs",
    "Not-ready",
    "not needed",
    "launched",
    "launched yesterday",
    "cancel because the product is dropped",
    "Launched: 3 features",
    "cancel the meeting",
    "Cancel: see below",
    "cancel",
    "approve this please",
    "approve legal please",
    "Approve W7",
    "approved",
    "deny",
    "deny everything",
    "deny W1",
    "accept my apologies",
    "accept docs",
    "accept docs > training?",
    "return to sender",
    "return docs to training",
    "Return docs > training",
    "admit it, that was fun",
    "Admit legal is slow",
    "admit ENG-9 was hard",
    "ask Kim when it is done",
    "Ask Kim, she knows",
    "ask Kim because she knows",
    "ask around: who has seen it?",
    "attest that it works",
    "attest docs",
    "target audience",
    "target 20 Dec",
    "Target 20 Dec if we can",
    "target soon because of rain",
    "owner of docs is Kim",
    "owner docs",
    "owner docs Bob",
    "away until then",
    "Away until 20 Dec, ask Maya",
    "away",
    "waive ENG-9",
    "waive ENG-9 until 20 Dec",
    "waive ENG-9 20 Dec because it is small",
    "unhold everything",
    "redy docs",
    "/usr/bin",
    "/usr/bin/ready docs",
    "/target/debug/build",
    "/shrug",
    "/me waves",
    "/home",
    "/etc is full",
    "/assign @kim",
    "/remind me tomorrow",
    "/ 2",
    "and/or",
    "ready/not ready",
]


@pytest.mark.parametrize("line", PROSE)
def test_prose_is_no_command(line: str) -> None:
    assert commands([line], WORDS, SAID_AT) == ()


@pytest.mark.parametrize(
    "line", ["", "Hello", "we are ready", "/usr/bin", "/shrug", "//hold", "> /ready", "readyness", "Hold, please", "/"]
)
def test_lines_that_could_be_no_command_need_not_be_kept(line: str) -> None:
    assert not may_speak(line)


@pytest.mark.parametrize("name", USAGE)
def test_a_line_that_begins_with_a_command_may_speak(name: str) -> None:
    bare = (f"{name.upper()} x", f" {name}: x", f"\u200b{name} x")
    for line in (f"/{name}", f"/{name}, x", f"/{name}x y"):
        assert may_speak(line), line
    for line in bare:
        assert may_speak(line) is (name not in FINAL), line


def test_a_word_is_hidden_neither_in_nor_behind_what_nobody_sees() -> None:
    for line in ("re\u200bady", "\u202eready", "\x00 ready \x1b", "\ufeffready", "\u00a0ready\u2003docs"):
        [command] = commands([line], WORDS, SAID_AT)
        assert isinstance(command, Command)
        assert command.name == "ready"
