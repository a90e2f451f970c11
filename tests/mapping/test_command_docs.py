"""The page on commands: each command stands there as it is written, and each example is one."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mapping.command import USAGE, Command, Words, commands

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"
TEXT = PAGE.read_text("utf-8")
SAID_AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
WORDS = Words(
    gates={"docs": "docs", "training": "training", "support": "support", "customer support": "support"},
    people={"kim": "Kim", "kim@acme.example": "Kim"},
    waivers=frozenset({"W1"}),
)
ROWS = [
    [cell.strip(" `") for cell in line.strip("|").split("|")] for line in TEXT.splitlines() if line.startswith("| `/")
]
EXAMPLES = {row[-1]: name for name, row in zip(USAGE, ROWS, strict=False)}
RULES = TEXT[TEXT.index("## With or without") : TEXT.index("## Gates, tickets")]


def said(line: str) -> Command | None:
    found = commands([line], WORDS, SAID_AT)
    return found[0] if found and isinstance(found[0], Command) else None


def test_each_command_has_its_row_as_it_is_written_and_no_row_has_another() -> None:
    assert [row[0] for row in ROWS] == list(USAGE.values())
    assert all(len(row) == 4 for row in ROWS)


@pytest.mark.parametrize(("example", "name"), EXAMPLES.items())
def test_each_example_is_that_command(example: str, name: str) -> None:
    command = said(example)
    assert command is not None
    assert command.name == name


def test_each_command_is_in_the_formal_grammar_and_no_other() -> None:
    rule = TEXT[TEXT.index("command     ::=") : TEXT.index("reason      ::=")]
    words = set(re.findall(r'"([a-z-]+)(?: until )?"', rule))
    assert words == set(USAGE)


def test_what_the_page_calls_a_command_without_the_slash_is_one() -> None:
    lines = [line for line in re.findall(r"`([^`]+)`", RULES) if " " in line or line in ("ready", "go")]
    whole = [line for line in lines if line != "go override"]
    assert len(whole) > 10
    assert [line for line in whole if said(line) is None] == []


def test_what_the_page_calls_text_is_none() -> None:
    prose = re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", RULES)
    assert len(prose) >= 6
    assert [line for line in prose if commands([line], WORDS, SAID_AT)] == []
