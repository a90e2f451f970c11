"""What stands below the last heading is a person's and survives every rewrite, in all dialects."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.jira import adf, wiki
from connectors.linear import markdown
from mapping.document import NOTES_HEADING
from mapping.report import reports
from syncd.sandbox.linear.markdown import derived
from tests.report import situations
from tests.report.situations import SITUATIONS
from tests.report.world import EDITION

REPORTS = [reports(SITUATIONS[name](), EDITION) for name in ("blocked", "all_ready", "unknown")]
SCRAPS = st.text(st.characters(codec="utf-8"), max_size=60) | st.sampled_from(
    [
        "h2. Mine",
        "## Mine",
        "* one\n* two",
        "{panel}x{panel}",
        "+++ More\n\nx\n\n+++",
        "[a](<b>)",
        "```\ncode\n```",
        "||a||",
    ]
)
TEXTS = st.lists(SCRAPS, max_size=5).map("\n\n".join).filter(lambda text: NOTES_HEADING not in text)
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["type", "content", "text", "x"]), inner)
    ),
)
NODES = st.lists(
    st.fixed_dictionaries({"type": st.sampled_from(["paragraph", "panel", "rule", "expand"]), "x": ANYTHING}),
    max_size=4,
)
DIALECTS = [wiki, markdown]


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(max_examples=60)
@given(notes=TEXTS)
def test_ten_rewrites_in_a_row_change_nothing_in_the_notes(dialect: Any, notes: str) -> None:
    kept = notes.strip("\r\n")
    body, _ = dialect.fitted(REPORTS[0][:1], kept)
    for turn in range(10):
        parts = dialect.split_notes(body)
        assert parts is not None
        assert parts[1] == (kept if kept.strip() else parts[1])
        body, _ = dialect.fitted(REPORTS[turn % 3], parts[1])


@settings(max_examples=60)
@given(notes=NODES)
def test_ten_rewrites_in_a_row_keep_every_node(notes: list[Any]) -> None:
    body, _ = adf.fitted(REPORTS[0][:1], notes)
    for turn in range(10):
        parts = adf.split_notes(body)
        assert parts is not None
        assert parts[1] == notes
        body, _ = adf.fitted(REPORTS[turn % 3], parts[1])


def test_linears_own_rewriting_changes_the_notes_once_at_most() -> None:
    notes = derived("- call ~Ana~\n- see [it](https://x.example/a)\n\nh2. mine")
    body, _ = markdown.fitted(REPORTS[0], notes)
    for turn in range(10):
        parts = markdown.split_notes(derived(body))
        assert parts is not None
        assert parts[1] == notes
        body, _ = markdown.fitted(REPORTS[turn % 3], parts[1])


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("dialect", [adf, wiki, markdown])
def test_no_ticket_can_forge_the_heading(situation: str, dialect: Any) -> None:
    body, _ = dialect.fitted(reports(SITUATIONS[situation](), EDITION))
    parts = dialect.split_notes(body)
    assert parts is not None
    assert not parts[1]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_without_the_heading_or_with_two_of_them_nothing_may_be_overwritten(dialect: Any) -> None:
    body = dialect.render(REPORTS[0][0])
    assert dialect.split_notes(body.replace(NOTES_HEADING, "Notes")) is None
    assert dialect.split_notes(f"{body}\n\n{body}") is None
    assert dialect.split_notes("what somebody wrote") is None


def test_without_the_heading_or_with_two_of_them_no_node_may_be_overwritten() -> None:
    body = adf.render(REPORTS[0][0])
    assert adf.split_notes({**body, "content": body["content"][:-1]}) is None
    assert adf.split_notes({**body, "content": body["content"] * 2}) is None


@pytest.mark.parametrize("heading", ["# {}", "###### {}", "## {} ##", "## Release manager\\'s notes", "## {}\r"])
def test_the_heading_is_known_in_every_form_that_linear_may_give_it(heading: str) -> None:
    body = f"ours\n\n{heading.format(NOTES_HEADING)}\n\nmine"
    assert markdown.split_notes(body) == (body.removesuffix("\n\nmine").rstrip("\r"), "mine")


def test_line_ends_of_windows_are_kept_in_the_notes() -> None:
    body = f"ours\r\n\r\nh2. {NOTES_HEADING}\r\n\r\none\r\ntwo\r\n"
    assert wiki.split_notes(body) == (f"ours\r\n\r\nh2. {NOTES_HEADING}", "one\r\ntwo")


def test_a_heading_that_was_marked_up_is_still_the_heading() -> None:
    text = {"type": "text", "text": NOTES_HEADING, "marks": [{"type": "strong"}]}
    heading = {"type": "heading", "attrs": {"level": 3, "localId": "x"}, "content": [text]}
    assert adf.split_notes({"type": "doc", "content": [heading, {"type": "rule"}]}) == (
        {"version": 1, "type": "doc", "content": [heading]},
        [{"type": "rule"}],
    )


@pytest.mark.parametrize("dialect", [adf, wiki, markdown])
def test_an_empty_body_has_nothing_to_lose(dialect: Any) -> None:
    parts = dialect.split_notes(None)
    assert parts is not None
    assert not parts[1]


@pytest.mark.parametrize("dialect", [adf, wiki, markdown])
@settings(max_examples=80)
@given(body=ANYTHING | st.binary(max_size=9) | TEXTS)
def test_splitting_is_total(dialect: Any, body: Any) -> None:
    assert dialect.split_notes(body) is None or len(dialect.split_notes(body)) == 2


def test_long_notes_take_their_room_from_our_part_and_stay_whole() -> None:
    notes = "n" * 28_000
    written = reports(situations.huge(), EDITION)
    for dialect in DIALECTS:
        body, place = dialect.fitted(written, notes)
        assert dialect.size(body) <= 32_000
        assert body.endswith(notes)
        assert place > dialect.fitted(written)[1]


def test_notes_beyond_any_budget_get_the_smallest_report() -> None:
    body, place = wiki.fitted(REPORTS[0], "n" * 40_000)
    assert place == len(REPORTS[0]) - 1
    assert body.endswith("n" * 40_000)


def test_the_fingerprint_is_read_from_our_part_only() -> None:
    body, _ = markdown.fitted(REPORTS[0], "Fingerprint `00`")
    assert markdown.digest_in(derived(body)) == EDITION.digest
    assert markdown.digest_in("Fingerprint `00`") is None
    assert markdown.digest_in(None) is None
