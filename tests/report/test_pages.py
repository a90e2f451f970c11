"""The documentation shows the situations as they are now."""

from __future__ import annotations

import re

import pytest

from tests.report import pages
from tests.report.situations import EXTREME, SITUATIONS


def test_the_page_of_situations_is_what_the_report_says_today() -> None:
    assert pages.PAGE.read_text(encoding="utf-8") == pages.page(), "run `make snapshots`"


def test_more_than_twenty_situations_are_shown_and_each_heading_is_linked() -> None:
    written = pages.page()
    links = re.findall(r"^- \[.*?\]\(#([a-z-]+)\)", written, re.MULTILINE)
    headings = [found.lower().replace(" ", "-") for found in re.findall(r"^## (.*)$", written, re.MULTILINE)]
    assert links == headings
    assert len(links) > 20


@pytest.mark.parametrize("name", SITUATIONS)
def test_every_situation_says_in_a_sentence_what_it_is(name: str) -> None:
    assert name in EXTREME or re.fullmatch(r"[A-Z].*\.", pages.sentence(SITUATIONS[name]))


@pytest.mark.parametrize("name", [name for name in SITUATIONS if name not in EXTREME])
def test_nothing_is_wider_than_the_terminal(name: str) -> None:
    assert max(map(len, pages.text(SITUATIONS[name](), pages.WIDTH).splitlines())) <= pages.WIDTH
