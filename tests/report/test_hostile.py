"""Text from a tracker shows as text. Wiki markup is checked with a reader that knows its marks and nothing of how we
write; Markdown with a CommonMark parser that has tables, strikethrough and autolinks switched on.
"""

from __future__ import annotations

import html
import io
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.console import Console

from connectors.jira import adf, wiki
from connectors.linear import markdown
from mapping.document import Link, Paragraph, Report, Table, Text
from mapping.layout import STEPS, Detail
from mapping.plain import address, clean, cut
from mapping.report import report
from syncd import terminal
from tests.report import situations
from tests.report.situations_extreme import HOSTILE, LONG, said
from tests.report.world import EDITION

PIECES = [
    "{code}", "{panel:title=x}", "[a|http://b.c]", "[~bob]", "*b*", "_i_", "-s-", "+u+", "^p^", "~q~", "??c??",
    "!i.png!", "|", "||", "h1. ", "bq. ", "# ", "* ", "- ", "1. ", "----", "\\\\", "\\", "{{m}}", "http://a.b/c",
    "https://a.b", "ftp://a.b", "mailto:a@b.c", "www.a.com", "a.com", "@bob", "a@b.co", ":)", ";)", "(y)", "(!)",
    ":smile:", "ENG-12", "&amp;", "&#124;", "<b>", "<issue id=1>x</issue>", "<!--", "`c`", "```", "~~s~~", "![a](http://b.c)",
    "[a](http://b.c)", "<http://a.b>", "[x]: http://a.b", "+++ t", "+++", "> q", "=== ", "$x$", " ", "    ", "word",
    "é", "漢", "🚀", "2.", "a-b", "(7)", "'", '"', ",", "\n", "\r\n## ", "\u202e", "\u2066", "\x00", "\t", "]]", "(((",
]  # fmt: skip
TITLES = st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=8).map("".join)

ALIVE = re.compile(
    r"""[{}\[\]|*_^~+!@<>\\#`]          # macros, links, phrases, images, mentions, tables, tags, lists
      | (?<![A-Za-z0-9])-|-(?!\w)       # strikes, dashes, rules, bullets
      | [a-z]+:/|mailto:                # addresses
      | [:;]-?[()DPp]|\([!?/xyn*i+-]\)  # emoticons
      | \?\?|^\s*(h[1-6]|bq)\.          # citations, headings, quotes
      | [A-Z]+-\d                       # issue keys
    """,
    re.VERBOSE,
)
ENTITY = re.compile(r"&\#\d+;")


def marks_of_wiki(text: str) -> list[str]:
    """What Jira's renderer would take for markup: it keeps numeric entities as they are."""
    bare = ENTITY.sub("§", text)
    return ALIVE.findall(bare) + re.findall("&", bare)


def one(*spans: Any) -> Report:
    return Report("", (Paragraph(spans),), "")


def rendered_markdown(body: str) -> list[Any]:
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    found: list[Any] = []
    for token in reader.parse(body):
        found += [token, *(token.children or [])]
    return found


@settings(max_examples=200)
@given(TITLES)
@example(";P")
def test_in_wiki_markup_any_text_is_nothing_but_text(title: str) -> None:
    written = wiki.render(one(Text(title)))
    assert marks_of_wiki(written) == []
    assert html.unescape(written) == clean(title)


def test_the_reader_of_wiki_markup_sees_markup_where_there_is_some() -> None:
    for piece in ("{code}", "[a|b]", "*b*", "@bob", "http://a", "h1. x", "ENG-12", ":)", "--", "&x", "|"):
        assert marks_of_wiki(piece), piece


@settings(max_examples=200)
@given(TITLES)
def test_in_markdown_any_text_is_nothing_but_text(title: str) -> None:
    written = markdown.render(one(Text(title)))
    tokens = rendered_markdown(written.removesuffix("\n\nFingerprint ``"))
    assert {token.type for token in tokens} <= {"paragraph_open", "paragraph_close", "inline", "text", "text_special"}
    told = "".join(token.content for token in tokens if token.type == "text").replace(markdown.JOINER, "")
    assert told == clean(title).strip()


@settings(max_examples=100)
@given(TITLES)
def test_in_markdown_nothing_is_read_out_of_the_text_afterwards(title: str) -> None:
    tokens = rendered_markdown(markdown.escape(title))
    told = "".join(token.content for token in tokens if token.type == "text")
    assert not re.search(r"@\w|://|\bwww\.|:[a-z]+:|\w\.com\b", told, re.IGNORECASE)


@settings(max_examples=100)
@given(TITLES, TITLES)
def test_no_text_breaks_a_table_of_markdown(first: str, second: str) -> None:
    table = Table(("A", "B"), (((Text(first),), (Text(second),)),) * 2)
    tokens = rendered_markdown(markdown.render(Report("", (table,), "")))
    kinds = [token.type for token in tokens]
    assert kinds.count("td_open") == 4
    assert kinds.count("tr_open") == 3


@settings(max_examples=100)
@given(TITLES, TITLES)
def test_no_text_breaks_a_table_of_wiki_markup(first: str, second: str) -> None:
    table = Table(("A", "B"), (((Text(first),), (Text(second),)),) * 2)
    lines = wiki.render(Report("", (table,), "")).split("\n")
    assert [line.count("|") for line in lines] == [6, 3, 3]


@settings(max_examples=100)
@given(TITLES, TITLES)
def test_a_link_goes_where_it_should_whatever_its_text(key: str, tail: str) -> None:
    url = f"https://a.example/{tail}"
    tokens = rendered_markdown(markdown.render(one(Link(key, url))))
    targets = [token.attrs["href"] for token in tokens if token.type == "link_open"]
    assert targets == ([address(url)] if address(url) and clean(key).strip() else [])


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "", "ftp://a.b", "//a.b", "https://", "https:// a", "file:///etc", "x" * 99, "data:,"],
)
def test_what_is_no_address_of_the_web_is_shown_as_text(url: str) -> None:
    assert address(url) is None
    assert wiki.render(one(Link("DOC", url))) == "DOC"
    assert markdown.render(one(Link("DOC", url))).startswith("DOC\n")
    assert "marks" not in str(adf.render(one(Link("DOC", url))))


def test_an_address_cannot_end_its_link() -> None:
    assert (
        address("https://a.b/x|y]{z}(1)<2>\n\u202e漢")
        == "https://a.b/x%7Cy%5D%7Bz%7D%281%29%3C2%3E%0A%E2%80%AE%E6%BC%A2"
    )


@pytest.mark.parametrize("title", [HOSTILE, LONG])
def test_a_title_of_ten_thousand_characters_is_cut_and_clean(title: str) -> None:
    short = cut(title, 120)
    assert len(short) <= 120
    assert short.isprintable()
    assert "\u202e" not in short


@pytest.mark.parametrize("step", STEPS)
def test_the_hostile_summary_has_only_our_own_links_in_markdown(step: Detail) -> None:
    tokens = rendered_markdown(markdown.render(report(situations.hostile(), EDITION, step)))
    assert not [token for token in tokens if "html" in token.type or token.type in {"image", "code_block", "fence"}]
    targets = {token.attrs["href"] for token in tokens if token.type == "link_open"}
    assert {target.split("/")[2] for target in targets} <= {"gtm.example", "eng.example"}
    assert [token.type for token in tokens].count("table_open") == 1
    assert [token.type for token in tokens].count("blockquote_open") == 2


@pytest.mark.parametrize("step", STEPS)
def test_the_hostile_summary_opens_only_our_own_macros_in_wiki_markup(step: Detail) -> None:
    body = wiki.render(report(situations.hostile(), EDITION, step))
    assert {macro.split(":")[0] for macro in re.findall(r"\{([^}]*)\}", body)} == {"panel", "color"}
    assert set(re.findall(r"\[[^|\]]*\|(https?://[^/]*)", body)) <= {"https://gtm.example", "https://eng.example"}
    assert "[~" not in body
    assert "@" not in body


@settings(max_examples=25, deadline=None)
@given(TITLES)
def test_whatever_people_say_it_opens_no_section_and_breaks_no_line(words: str) -> None:
    spoken = report(replace(situations.blocked(), **said(words, words)), EDITION)
    plain = report(replace(situations.blocked(), **said("word", "")), EDITION)
    for dialect, mark in ((markdown, "#"), (markdown, "+++"), (wiki, "h2."), (wiki, "{panel")):
        counts = [
            sum(line.startswith(mark) for line in dialect.render(written).split("\n")) for written in (spoken, plain)
        ]
        assert counts[0] == counts[1]


def test_the_terminal_takes_no_orders_from_a_title() -> None:
    console = Console(file=io.StringIO(), width=80, force_terminal=True, color_system="standard")
    terminal.render(
        Report("", (Paragraph((Text("[red]rich[/red] \x1b[31m :smile: [link=http://a.b]x[/link]"),)),), ""), console
    )
    shown: Any = console.file
    assert shown.getvalue().strip() == "[red]rich[/red]  [31m :smile: [link=http://a.b]x[/link]"


def test_links_are_live_on_terminals_and_plain_elsewhere() -> None:
    for terminal_or_not in (True, False):
        console = Console(file=io.StringIO(), width=80, force_terminal=terminal_or_not, color_system="standard")
        terminal.render(one(Link("DOC-31", "https://a.example/DOC-31")), console)
        shown: Any = console.file
        assert ("\x1b]8;" in shown.getvalue()) is terminal_or_not
