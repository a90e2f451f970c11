"""Whatever somebody writes: nothing is raised, all is bounded, and no answer is a command or holds markup."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapping.command import USAGE, Command, Mistake, Words, commands, may_speak, sentence
from mapping.plain import clean

SAID_AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
WORDS = Words(
    gates={"docs": "docs", "legal & privacy": "legal", "customer support": "support", "training": "training"},
    people={"kim": "Kim", "maya o'neill": "Maya", "kim@acme.example": "Kim"},
    waivers=frozenset({"W1"}),
)
MARKUP = re.compile(
    r"[*~`|\\{}\[\]<>#!^@$]|//|--|\?\?|(?<![^\W_])_|_(?![^\W_])|\n|\r|[\x00-\x1f\u202a-\u202e\u2066-\u2069\u200b]"
)
PIECES = st.one_of(
    st.sampled_from([*USAGE, *(f"/{name}" for name in USAGE)]),
    st.sampled_from(
        [
            "docs", "Legal & Privacy", "d\u043e\u0441s", "docz", "customer", "support", "W1", "W7", "ENG-9", "e/ENG-9",
            "until", "because", "because:", "of", "override", "20 Dec", "2026-12-20", "12/10/2026", "31 Feb", "today",
            "24h", "0h", "8 h", ">", "->", "docs>training", "@[x]", "@", "@[", "kim", "kim@acme.example", "a@b", ":",
            ",", ".", "-", "/", "**bold**", "[a](https://b.example)", "|", "{panel}", "<b>", "\n", "\u202e", "\x00",
            "\u200b", "x" * 300, "🔥", "https://a.example/browse/ENG-9",
        ]
    ),
    st.text(max_size=20),
)  # fmt: skip
LINES = st.lists(PIECES, max_size=10).map(" ".join) | st.lists(PIECES, max_size=10).map("".join) | st.text()
COMMANDS = st.tuples(st.sampled_from([f"/{name}" for name in USAGE]), LINES).map(" ".join)
MANY = settings()


@MANY
@given(st.lists(LINES | COMMANDS, max_size=5))
def test_every_line_gives_one_bounded_answer_at_most_and_raises_nothing(lines: list[str]) -> None:
    said = commands(lines, WORDS, SAID_AT)
    assert said == tuple(one for line in lines for one in commands([line], WORDS, SAID_AT))
    assert len(said) <= len(lines)
    for one in said:
        assert len(one.said) <= 200
        assert one.said == clean(one.said)
        if isinstance(one, Mistake):
            assert len(sentence(one)) <= 500
        else:
            assert len(one.reason) <= 2_000
            assert one.until is None or one.until > SAID_AT
            assert one.length is None or timedelta(0) < one.length <= timedelta(hours=24)


@MANY
@given(LINES | COMMANDS)
def test_a_line_that_may_not_speak_says_nothing(line: str) -> None:
    assert may_speak(line) or commands([line], WORDS, SAID_AT) == ()


@MANY
@given(LINES.filter(lambda line: not clean(line).lstrip().startswith("/")))
def test_without_a_slash_nothing_is_a_mistake(line: str) -> None:
    assert not [one for one in commands([line], WORDS, SAID_AT) if isinstance(one, Mistake)]


@MANY
@given(COMMANDS)
def test_no_answer_is_a_command_itself(line: str) -> None:
    for one in commands([line], WORDS, SAID_AT):
        if isinstance(one, Mistake):
            assert commands([one.why, sentence(one), *sentence(one).splitlines()], WORDS, SAID_AT) == ()


@MANY
@given(COMMANDS)
def test_no_answer_holds_markup_of_what_was_written(line: str) -> None:
    for one in commands([line], WORDS, SAID_AT):
        if isinstance(one, Mistake):
            why = one.why.replace("A>B", "").replace("/ready", "")
            assert not MARKUP.search(re.sub(r"Did you mean /[a-z-]+\?$", "", why)), why


@MANY
@given(st.text(min_size=1, max_size=300))
def test_names_of_any_letters_are_found_again_or_asked_about(name: str) -> None:
    words = Words(gates={name: "the-gate"}, people={name: "Somebody"})
    for one in commands([f"/ready {name}", f"/ask {name} why?", f"/hold {name} why"], words, SAID_AT):
        assert isinstance(one, Command | Mistake)


@MANY
@given(st.from_regex(r"[A-Za-z][A-Za-z0-9]{2,9}( [A-Za-z&][A-Za-z0-9]{0,9}){0,3}", fullmatch=True))
def test_a_gate_is_found_by_its_name_in_any_case(name: str) -> None:
    words = Words(gates={name.casefold(): "the-gate"})
    for written in (name, name.upper(), f" {name}. "):
        [command] = commands([f"/ready {written}"], words, SAID_AT)
        first = name.casefold().split()[0]
        assert first == "because" or (isinstance(command, Command) and command.gate == "the-gate")


@pytest.mark.parametrize(
    "line",
    [
        "/ready " + "a" * 100_000,
        "/ready " + "a " * 50_000,
        "/" + "ready" * 20_000,
        "/" * 100_000,
        "/hold " + ": " * 50_000,
        "/hold " + "\u202e" * 99_000 + "docs",
        "/accept " + "-" * 100_000,
        "/accept " + "docs>" * 20_000,
        "/accept " + "\\" * 100_000 + ">",
        "/ask @[" + "[" * 100_000,
        "/ask @[" + "x" * 99_000 + "] why",
        "/ask " + "a@" * 50_000,
        "/waive https://" + "a/browse/" * 10_000,
        "/waive " + "a" * 99_000 + "-9",
        "/waive ENG-" + "9" * 99_000 + " until 20 Dec because x",
        "/waive ENG-9 until " + "20 " * 30_000 + "because x",
        "/waive ENG-9 until " + "9" * 99_000,
        "/attest " + "9" * 99_000 + "h x",
        "/target " + "9/" * 50_000,
        "/away until " + "T14:00 " * 14_000,
        "/go " + "because " * 12_000,
        "\x00" * 100_000,
        "/cancel " + "\ud800" * 90_000,
    ],
    ids=lambda line: line[:20].encode("ascii", "replace").decode().replace("\x00", "0"),
)
def test_a_line_of_a_hundred_thousand_characters_is_read_like_a_short_one(line: str) -> None:
    said = commands([line], WORDS, SAID_AT)
    assert all(len(sentence(one)) <= 500 for one in said if isinstance(one, Mistake))


def test_a_comment_full_of_mistakes_gives_an_answer_to_each() -> None:
    words = Words(gates={f"gate number {n}": f"g{n}" for n in range(100)})
    said = commands([f"/ready gaet number {n}" for n in range(1_000)], words, SAID_AT)
    assert len(said) == 1_000
    assert all(isinstance(one, Mistake) for one in said)
