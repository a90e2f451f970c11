"""Commands: what each is read as, and what is answered to one that is wrong."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mapping.command import FINAL, USAGE, Command, Mistake, Words, commands, may_speak, sentence

SAID_AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
WORDS = Words(
    gates={
        "docs": "docs",
        "documentation": "docs",
        "support": "support",
        "customer support": "support",
        "legal": "legal",
        "legal & privacy": "legal",
        "übersetzung": "l10n",
        "q.a.": "qa",
        "training": "training",
        "tests": "tests",
    },
    people={
        "kim": "Kim",
        "kim lee": "Kim Lee",
        "kim@acme.example": "Kim",
        "557058:f1c2": "Kim",
        "maya": "Maya",
        "maya o'neill": "Maya",
    },
    waivers=frozenset({"W1", "W12"}),
    zone=ZoneInfo("Europe/Berlin"),
)
DEC_20 = datetime(2026, 12, 20, 22, 59, 59, tzinfo=UTC)


def read(line: str, words: Words = WORDS) -> Command | Mistake | None:
    """What one line says."""
    said = commands([line], words, SAID_AT)
    assert len(said) <= 1
    assert may_speak(line) or not said
    return said[0] if said else None


def told(line: str, words: Words = WORDS) -> dict[str, Any]:
    """The fields of the command that are not as by default."""
    command = read(line, words)
    assert isinstance(command, Command), command
    assert command.said == " ".join(line.split())
    plain = Command(name="", said=command.said)
    return {f.name: got for f in fields(Command) if (got := getattr(command, f.name)) != getattr(plain, f.name)}


def why(line: str, words: Words = WORDS) -> str:
    mistake = read(line, words)
    assert isinstance(mistake, Mistake), mistake
    return mistake.why


READ: list[tuple[str, dict[str, Any]]] = [
    ("/ready", {"name": "ready"}),
    ("ready", {"name": "ready"}),
    ("  Ready.  ", {"name": "ready"}),
    ("/READY docs", {"name": "ready", "gate": "docs"}),
    ("ready Documentation.", {"name": "ready", "gate": "docs"}),
    ("ready: docs", {"name": "ready", "gate": "docs"}),
    ("/ready Customer  Support", {"name": "ready", "gate": "support"}),
    ("/ready legal & privacy", {"name": "ready", "gate": "legal"}),
    ("/ready Q.A.", {"name": "ready", "gate": "qa"}),
    ("/ready ÜBERSETZUNG", {"name": "ready", "gate": "l10n"}),
    ("/ready U\u0308bersetzung", {"name": "ready", "gate": "l10n"}),
    ("/ready docs because every page is out", {"name": "ready", "gate": "docs", "reason": "every page is out"}),
    ("/not-ready docs the search fails", {"name": "not-ready", "gate": "docs", "reason": "the search fails"}),
    ("/not-ready docs: because it fails", {"name": "not-ready", "gate": "docs", "reason": "it fails"}),
    ("/not-ready docs, it fails", {"name": "not-ready", "gate": "docs", "reason": "it fails"}),
    ("/not-ready docs – it fails", {"name": "not-ready", "gate": "docs", "reason": "it fails"}),
    ("not-ready the search fails", {"name": "not-ready", "reason": "the search fails"}),
    ("not\u2011ready docs: it fails", {"name": "not-ready", "gate": "docs", "reason": "it fails"}),
    ("/not-needed training no new screens", {"name": "not-needed", "gate": "training", "reason": "no new screens"}),
    ("not-needed because of the small change", {"name": "not-needed", "reason": "because of the small change"}),
    ("/hold wait for the auditors", {"name": "hold", "reason": "wait for the auditors"}),
    ("/hold because docs are wrong", {"name": "hold", "reason": "docs are wrong"}),
    ("/hold docs are wrong", {"name": "hold", "gate": "docs", "reason": "are wrong"}),
    ("hold docs: they are wrong", {"name": "hold", "gate": "docs", "reason": "they are wrong"}),
    ("hold: wait for the auditors", {"name": "hold", "reason": "wait for the auditors"}),
    ("hold because the auditors come", {"name": "hold", "reason": "the auditors come"}),
    ("/hold Ждём юристов", {"name": "hold", "reason": "Ждём юристов"}),
    ("/unhold", {"name": "unhold"}),
    ("unhold docs", {"name": "unhold", "gate": "docs"}),
    (
        "/waive eng-9 until 2026-12-20 because it is small",
        {"name": "waive", "item": "ENG-9", "until": DEC_20, "reason": "it is small"},
    ),
    (
        "waive eng/eng-9 until 20 Dec, because: it is small",
        {"name": "waive", "item": "eng/ENG-9", "until": DEC_20, "reason": "it is small"},
    ),
    (
        "/waive https://acme.example/browse/ENG-9 until Sun, 20 Dec because small",
        {"name": "waive", "item": "ENG-9", "until": DEC_20, "reason": "small"},
    ),
    (
        "/waive https://linear.example/acme/issue/ENG-9/a-title until 20 Dec because small",
        {"name": "waive", "item": "ENG-9", "until": DEC_20, "reason": "small"},
    ),
    ("/waive ENG-9 because it is small", {"name": "waive", "item": "ENG-9", "reason": "it is small"}),
    ("/approve w1", {"name": "approve", "subject": "W1"}),
    ("approve W12.", {"name": "approve", "subject": "W12"}),
    ("/approve Customer Support", {"name": "approve", "subject": "support"}),
    ("/deny W1 too risky", {"name": "deny", "subject": "W1", "reason": "too risky"}),
    ("deny docs: because we need them", {"name": "deny", "subject": "docs", "reason": "we need them"}),
    ("/attest 24h I looked myself", {"name": "attest", "length": timedelta(days=1), "reason": "I looked myself"}),
    (
        "attest docs 8 h I looked",
        {"name": "attest", "gate": "docs", "length": timedelta(hours=8), "reason": "I looked"},
    ),
    (
        "/attest docs: 90m, I looked",
        {"name": "attest", "gate": "docs", "length": timedelta(minutes=90), "reason": "I looked"},
    ),
    ("/attest 1d I looked", {"name": "attest", "length": timedelta(days=1), "reason": "I looked"}),
    ("/accept docs>training", {"name": "accept", "handoff": ("docs", "training")}),
    ("accept Documentation -> customer support.", {"name": "accept", "handoff": ("docs", "support")}),
    (r"/accept docs \> training", {"name": "accept", "handoff": ("docs", "training")}),
    ("/accept docs → training", {"name": "accept", "handoff": ("docs", "training")}),
    (
        "/return docs>training: a -> b is missing",
        {"name": "return", "handoff": ("docs", "training"), "reason": "a -> b is missing"},
    ),
    (
        "return docs > training because it is half",
        {"name": "return", "handoff": ("docs", "training"), "reason": "it is half"},
    ),
    ("/admit ENG-9 found late", {"name": "admit", "item": "ENG-9", "reason": "found late"}),
    ("/admit docs known since May", {"name": "admit", "gate": "docs", "reason": "known since May"}),
    ("admit eng/ENG-9: found late", {"name": "admit", "item": "eng/ENG-9", "reason": "found late"}),
    ("admit docs because we knew", {"name": "admit", "gate": "docs", "reason": "we knew"}),
    ("/ask Kim when is it done?", {"name": "ask", "person": "Kim", "reason": "when is it done?"}),
    ("/ask @Kim Lee, when?", {"name": "ask", "person": "Kim Lee", "reason": "when?"}),
    ("ask kim@acme.example: when?", {"name": "ask", "person": "Kim", "reason": "when?"}),
    ("/ask @[557058:f1c2] when?", {"name": "ask", "person": "Kim", "reason": "when?"}),
    ("ask @[557058:F1C2]: when?", {"name": "ask", "person": "Kim", "reason": "when?"}),
    ("ask Maya O'Neill : when?", {"name": "ask", "person": "Maya", "reason": "when?"}),
    (
        "/target 2026-12-20 because the venue moved",
        {"name": "target", "until": DEC_20, "reason": "the venue moved"},
    ),
    ("target 20 Dec because of rain", {"name": "target", "until": DEC_20, "reason": "because of rain"}),
    ("/owner docs Kim", {"name": "owner", "gate": "docs", "person": "Kim"}),
    ("owner customer support: kim lee.", {"name": "owner", "gate": "support", "person": "Kim Lee"}),
    ("/owner docs new@acme.example", {"name": "owner", "gate": "docs", "person": "new@acme.example"}),
    ("/owner docs @[9:9]", {"name": "owner", "gate": "docs", "person": "@[9:9]"}),
    ("/away until 20 Dec", {"name": "away", "until": DEC_20}),
    ("away until 2026-12-20 because of a trip", {"name": "away", "until": DEC_20, "reason": "because of a trip"}),
    ("/go", {"name": "go"}),
    ("Go.", {"name": "go"}),
    ("/go all agreed", {"name": "go", "reason": "all agreed"}),
    ("go because all agreed", {"name": "go", "reason": "all agreed"}),
    ("/go override the venue is paid", {"name": "go", "override": True, "reason": "the venue is paid"}),
    ("go override because it is paid", {"name": "go", "override": True, "reason": "it is paid"}),
    ("/no-go the search fails", {"name": "no-go", "reason": "the search fails"}),
    ("no-go the search fails", {"name": "no-go", "reason": "the search fails"}),
    ("/launched", {"name": "launched"}),
    ("/cancel the product is dropped", {"name": "cancel", "reason": "the product is dropped"}),
]


@pytest.mark.parametrize(("line", "expected"), READ, ids=[line for line, _ in READ])
def test_a_command_is_read_as_it_is_written(line: str, expected: dict[str, Any]) -> None:
    assert told(line) == expected


def test_every_command_is_read_with_and_without_its_slash() -> None:
    assert {expected["name"] for line, expected in READ if line.startswith("/")} == set(USAGE)
    assert {expected["name"] for line, expected in READ if not line.strip().startswith("/")} == set(USAGE) - FINAL


def test_a_slash_in_front_changes_nothing_of_a_command() -> None:
    for line, expected in READ:
        assert told("/" + line.strip().removeprefix("/")) == expected


WRONG = [
    ("/ready foo", "“foo” is no gate here. The gates are docs, support, legal, l10n, qa, training and tests."),
    ("/ready dosc", "“dosc” is no gate here. Did you mean docs?"),
    ("/ready docs?", "“docs?” is no gate here. Did you mean docs?"),
    ("/ready customer suport", "“customer” is no gate here. Did you mean support?"),
    ("/ready d\u043ecs", "Its letter “\u043e” is of another alphabet (Cyrillic). Did you mean docs?"),
    ("/ready docs if Kim agrees", "“if Kim agrees” is more than this command takes. A reason begins with because."),
    ("/not-ready docs", "The reason is missing."),
    ("/not-ready docs because", "The reason is missing."),
    ("/not-needed", "The reason is missing."),
    ("/hold", "The reason is missing."),
    ("/hold ...", "The reason is missing."),
    ("/hold dosc are wrong", "Did you mean docs? If that begins the reason, put because before it."),
    ("/unhold dosc", "Did you mean docs?"),
    ("/waive", "The item is missing: its key, such as ENG-9."),
    ("/waive it until 20 Dec because", "“it” is no item: give its key, such as ENG-9."),
    ("/waive ENG-9", "Say until when and why, such as until 20 Dec because it is small."),
    ("/waive ENG-9 20 Dec because it is small", "Say until when and why"),
    ("/waive ENG-9 until because it is small", "The date is missing."),
    ("/waive ENG-9 until 20 Dec", "The reason is missing: write because, and why."),
    ("/waive ENG-9 until 20 Dec it is small", "The reason is missing: write because, and why."),
    ("/waive ENG-9 until 20 Dec because", "The reason is missing."),
    ("/waive ENG-9 until 1 Nov 2026 because small", "“1 Nov 2026” is over."),
    ("/approve", "Say which one: a waiver by its label, such as W1, or a gate."),
    ("/approve w7", "There is no W7."),
    ("/approve this please", "“this” is neither a waiver nor a gate here."),
    ("/deny W1", "The reason is missing."),
    ("/attest", "Say for how long, such as 24h or 90m."),
    ("/attest docs", "Say for how long, such as 24h or 90m."),
    ("/attest docs soon it is fine", "“soon” is no length of time: write it as 24h or 90m."),
    ("/attest foo 8h it is fine", "“foo” is no gate here."),
    ("/attest 25h it is fine", "“25h” is not between a minute and 24 hours."),
    ("/attest 0m it is fine", "“0m” is not between a minute and 24 hours."),
    ("/attest 999999d it is fine", "is not between a minute and 24 hours."),
    ("/attest 1.5h it is fine", "“1.5h” is no length of time: write it as 24h or 90m."),
    ("/attest 8h", "The reason is missing."),
    ("/accept docs", "The hand-off is missing: the two gates as in A>B. The gates are"),
    ("/accept docs>foo", "“foo” is no gate here."),
    ("/accept foo>docs", "“foo” is no gate here."),
    ("/accept docs>", "A gate is missing beside the arrow."),
    ("/accept > docs", "A gate is missing beside the arrow."),
    ("/accept docs>training tomorrow", "“tomorrow” is more than this command takes."),
    ("/return docs>training", "The reason is missing."),
    ("/admit", "Say what: an item by its key, such as ENG-9, or a gate."),
    ("/admit foo late", "“foo” is neither an item nor a gate here."),
    ("/admit ENG-9", "The reason is missing."),
    ("/ask", "Say who: a name, an e-mail or a mention."),
    ("/ask @", "is nobody whom this release names."),
    ("/ask Mayaa when?", "“Mayaa” is nobody whom this release names. Did you mean Maya?"),
    ("/ask new@acme.example when?", "“new acme example” is nobody whom this release names."),
    ("/ask @[9:9] when?", "This release does not name the person who is mentioned."),
    ("/ask Kim", "The question is missing."),
    ("/target", "The date is missing."),
    ("/target soon because of rain", "“soon” is no date."),
    ("/target 20 Dec", "The reason is missing: write because, and why."),
    ("/target today 10:00 because of rain", "“today 10:00” is over."),
    ("/owner", "The gate is missing. The gates are docs"),
    ("/owner foo Kim", "“foo” is no gate here."),
    ("/owner docs", "Say who: a name, an e-mail or a mention."),
    ("/owner docs Bob", "“Bob” is nobody whom this release names."),
    ("/owner docs Kim tomorrow", "“tomorrow” is more than this command takes."),
    ("/away", "Say until when, such as until 20 Dec."),
    ("/away until", "The date is missing."),
    ("/away until 1 Nov 2026", "“1 Nov 2026” is over."),
    ("/go override", "The reason is missing."),
    ("/no-go", "The reason is missing."),
    ("/launched yesterday", "“yesterday” is more than this command takes."),
    ("/cancel", "The reason is missing."),
]


@pytest.mark.parametrize(("line", "part"), WRONG, ids=[line for line, _ in WRONG])
def test_a_wrong_command_with_a_slash_is_answered_with_what_is_wrong(line: str, part: str) -> None:
    mistake = read(line)
    assert isinstance(mistake, Mistake)
    assert part in mistake.why
    assert mistake.usage == USAGE[line.split(maxsplit=1)[0].removeprefix("/")]
    assert sentence(mistake) == f"{mistake.why} Write: {mistake.usage}"


@pytest.mark.parametrize("line", [line for line, _ in WRONG])
def test_the_same_without_a_slash_is_text(line: str) -> None:
    assert read(line.removeprefix("/")) is None


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("/redy docs", "ready"),
        ("/aprove W1", "approve"),
        ("/not ready docs it fails", "not-ready"),
        ("/no go it fails", "no-go"),
        ("/NotReady docs it fails", "not-ready"),
        ("/nogo it fails", "no-go"),
        ("/cancle it", "cancel"),
        ("/ready!", "ready"),
    ],
)
def test_a_slash_and_nearly_a_command_is_asked_about(line: str, meant: str) -> None:
    mistake = read(line)
    assert isinstance(mistake, Mistake)
    assert mistake.why.endswith(f" is no command. Did you mean /{meant}?")
    assert mistake.usage == USAGE[meant]


def test_a_refusal_without_a_full_stop_gets_one_before_its_usage() -> None:
    refused = Mistake(said="/go", why="only the release manager may say that (Maya)", usage=USAGE["launched"])
    assert sentence(refused) == "only the release manager may say that (Maya). Write: /launched"


def test_a_letter_of_another_alphabet_in_a_command_is_named() -> None:
    assert why("/r\u0435ady") == (
        "“r\u0435ady” is no command. Its letter “\u0435” is of another alphabet (Cyrillic). Did you mean /ready?"
    )


def test_the_longest_name_is_the_one_that_is_meant() -> None:
    words = Words(gates={"legal": "one", "legal review": "two"}, people={"kim": "Kim", "kim lee": "Lee"})
    assert told("/hold legal review is late", words) == {"name": "hold", "gate": "two", "reason": "is late"}
    assert told("/hold legal: review is late", words) == {"name": "hold", "gate": "one", "reason": "review is late"}
    assert told("/ask Kim Lee?", replace(words, people={"kim": "Kim"}))["person"] == "Kim"


def test_only_a_dozen_gates_are_listed() -> None:
    words = Words(gates={f"gate-{n}": f"gate-{n}" for n in range(100)})
    assert why("/ready foo", words).endswith("gate-10, gate-11 and 88 more.")


def test_a_release_without_gates_has_none_to_list() -> None:
    assert why("/ready foo", Words()) == "“foo” is no gate here."


def test_the_whole_reason_is_kept_up_to_two_thousand_characters() -> None:
    reason = "word " * 399 + "end"
    assert told("/hold " + reason[:190])["reason"] == reason[:190].strip()
    [command] = commands(["/hold " + reason], WORDS, SAID_AT)
    assert isinstance(command, Command)
    assert command.reason == reason
    assert (len(command.said), command.said[-1]) == (200, "…")
    [command] = commands(["/hold " + "word " * 10_000], WORDS, SAID_AT)
    assert isinstance(command, Command)
    assert len(command.reason) <= 2_000
    assert command.reason.endswith("…")


def test_what_stands_far_behind_many_blanks_is_still_read() -> None:
    assert why("/ready docs" + " " * 50_000 + "not yet") == (
        "“not yet” is more than this command takes. A reason begins with because."
    )


def test_all_of_a_thousand_commands_are_read_in_their_order_and_twice_what_stands_there_twice() -> None:
    lines = [f"/hold docs because {n // 2}" for n in range(1_000)]
    said = commands(lines, WORDS, SAID_AT)
    assert [one.reason for one in said if isinstance(one, Command)] == [str(n // 2) for n in range(1_000)]


def test_text_around_commands_is_passed_over() -> None:
    lines = ["Hello all,", "", "/ready docs", "and thank you", "/redy", "ready"]
    assert [type(one) for one in commands(lines, WORDS, SAID_AT)] == [Command, Mistake, Command]
