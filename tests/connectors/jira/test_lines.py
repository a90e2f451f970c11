"""What people wrote in a comment, line by line, in either dialect."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.jira import adf, adf_lines, wiki, wiki_lines
from mapping.document import Link, Mention, Text


def text(words: str, *marks: str) -> dict[str, Any]:
    return {"type": "text", "text": words, "marks": [{"type": mark} for mark in marks]}


def node(kind: str, *content: Any, **attrs: Any) -> dict[str, Any]:
    return {"type": kind, "attrs": attrs, "content": list(content)}


def paragraph(*content: Any) -> dict[str, Any]:
    return node("paragraph", *content)


def read(*blocks: Any) -> tuple[str, ...]:
    return adf_lines.lines({"type": "doc", "version": 1, "content": list(blocks)})


SAID = paragraph(text("/ready eng"))
"""As it is written where it counts, and inside all that is left out."""


@pytest.mark.parametrize(
    "block",
    [
        SAID,
        node("heading", text("/ready eng"), level=2),
        node("bulletList", node("listItem", SAID)),
        node("orderedList", node("listItem", SAID)),
        node("taskList", node("taskItem", text("/ready eng"), state="TODO")),
        node("decisionList", node("decisionItem", text("/ready eng"))),
        node("table", node("tableRow", node("tableCell", SAID))),
        node("panel", SAID, panelType="info"),
        node("layoutSection", node("layoutColumn", SAID)),
        paragraph(text("/ready", "strong"), text(" eng", "em", "underline", "textColor")),
        paragraph(text("/ready "), text("eng", "link")),
        paragraph(text("  /ready eng "), node("hardBreak")),
        text("/ready eng"),
    ],
    ids=lambda block: block["type"],
)
def test_what_is_text_is_a_line_wherever_it_stands(block: dict[str, Any]) -> None:
    assert read(block) == ("/ready eng",)


@pytest.mark.parametrize(
    "block",
    [
        node("blockquote", SAID),
        node("codeBlock", text("/ready eng"), language="text"),
        node("mediaSingle", node("media", id="1", type="file")),
        node("rule"),
        node("panel", node("blockquote", SAID)),
        paragraph(),
        paragraph(node("placeholder", text="/ready eng")),
        paragraph(node("inlineExtension", text="/ready eng")),
    ],
    ids=lambda block: block["type"],
)
def test_what_nobody_said_is_left_out(block: dict[str, Any]) -> None:
    assert read(block, paragraph(text("after"))) == ("after",)


@pytest.mark.parametrize(("mark", "shown"), [("code", "`/ready` eng"), ("strike", "~~/ready~~ eng")])
def test_what_is_code_or_struck_out_in_a_line_is_not_said_and_the_rest_says_nothing_else(mark: str, shown: str) -> None:
    assert read(paragraph(text("/ready", mark), text(" eng"))) == (shown,)


def test_cells_and_items_and_what_a_break_parts_are_lines_of_their_own() -> None:
    cells = [node("tableCell", paragraph(text(word))) for word in ("one", "two")]
    broken = paragraph(text("three"), node("hardBreak"), text("four"))
    nested = node("listItem", paragraph(text("five")), node("bulletList", node("listItem", paragraph(text("six")))))
    shown = node("expand", paragraph(text("eight")), title="seven")
    found = read(node("table", node("tableRow", *cells)), broken, node("bulletList", nested), shown)
    assert found == ("one", "two", "three", "four", "five", "six", "seven", "eight")


def test_what_stands_for_text_in_a_line_is_told_as_text() -> None:
    found = read(
        paragraph(
            node("mention", id="712020:1", text="@Dana"),
            text(" "),
            node("mention", text="@somebody"),
            text(" "),
            node("emoji", shortName=":tada:", text="🎉"),
            node("emoji", shortName=":acme:"),
            text(" "),
            node("inlineCard", url="https://x.example/1"),
            text(" "),
            node("date", timestamp="1796083200000"),
            text(" "),
            node("status", text="DONE", color="green"),
        ),
        node("blockCard", url="https://x.example/2"),
    )
    assert found == ("@[712020:1] @somebody 🎉:acme: https://x.example/1 2026-12-01 DONE", "https://x.example/2")


@pytest.mark.parametrize("stamp", ["soon", "9" * 40, None, 17])
def test_a_date_that_is_none_is_left_out(stamp: Any) -> None:
    assert read(paragraph(text("until "), node("date", timestamp=stamp))) == ("until",)


def test_a_body_without_an_end_ends() -> None:
    deep: dict[str, Any] = SAID
    for _ in range(5000):
        deep = node("panel", deep)
    assert read(deep, paragraph(text("after"))) == ("after",)


def told(markup: str) -> tuple[str, ...]:
    return wiki_lines.lines(markup, {"dana": "JIRAUSER10002"}.get)  # type: ignore[arg-type]  # every name here is known


@pytest.mark.parametrize(
    ("markup", "lines"),
    [
        ("/ready eng", ("/ready eng",)),
        ("one\r\ntwo\rthree\n\nfour", ("one", "two", "three", "four")),
        ("*/ready eng*", ("/ready eng",)),
        ("_*both*_", ("both",)),
        ("*one* and *two*", ("*one* and *two*",)),
        ("{quote}\n/ready\n{quote}\n/hold now", ("/hold now",)),
        ("bq. /ready\n/hold", ("/hold",)),
        ("{code:java}\n/ready{code} after", ("after",)),
        ("{noformat}\n{quote}{noformat}/hold\n{quote}", ("/hold", "{quote}")),
        ("{code}\n/hold", ("{code}", "/hold")),
        ("\\{code}\n/hold {code}", ("{code}", "/hold {code}")),
        ("{{/ready}} eng", ("`/ready` eng",)),
        ("-/ready eng-", ("-/ready eng-",)),
        ("* one\n# two\n** three\n- four", ("one", "two", "three", "four")),
        ("h2. Title", ("Title",)),
        ("||A||B||\n|/ready|[x|https://x.example]|", ("A", "B", "/ready", "x")),
        ("/waive ENG\\-1 until 2026\\-12\\-01", ("/waive ENG-1 until 2026-12-01",)),
        ("/owner eng [~dana]", ("/owner eng @[JIRAUSER10002]",)),
        ("[~accountid:dana]", ("@[JIRAUSER10002]",)),
        ("\\[~dana\\] [eng] [https://x.example] [it|https://x.example]", ("[~dana] [eng] https://x.example it",)),
        ("{color:red}/hold{color}", ("/hold",)),
        ("{panel:title=x}\n/hold\n{panel}", ("/hold",)),
        ("one\\\\ two \\\\three C:\\dir", ("one", "two", "three C:\\dir")),
        ("&#42;x&#42; &lt;b&gt;", ("*x* <b>",)),
    ],
)
def test_wiki_markup_is_read_as_people_see_it(markup: str, lines: tuple[str, ...]) -> None:
    assert told(markup) == lines


@pytest.mark.parametrize(
    "part",
    ["{code:a}", "{quote}", "[", "[~", "[a|", "{{", "{{a", "*", "* a", "|", "\\", "\\\\ ", " ", "{color:", "&#", "h1."],
)
def test_no_markup_takes_long(part: str) -> None:
    began = time.process_time()
    told(part * (100_000 // len(part)))
    assert time.process_time() - began < 5


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("*_-{}[]|~\\`#h1. \n&;<>@q!abcZ0"), max_size=60))
def test_what_we_say_reads_back_letter_by_letter_in_both_dialects(words: str) -> None:
    line = (Text(words), Link(words, "https://x.example"), Mention("Dana", "7"))
    shown = "".join(letter for letter in f"{line[0].text}{line[1].text}@[7]" if letter.isalnum())
    body = wiki.spoken([line], {"7": "7"})
    for found in (adf_lines.lines(adf.spoken([line])), wiki_lines.lines(body, str)):
        assert "".join(filter(str.isalnum, "".join(found))) == shown
