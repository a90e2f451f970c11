"""One file for each situation and dialect: what people read. Look at them when they change."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from connectors.jira import adf, wiki
from connectors.linear import markdown
from mapping.report import reports
from tests.report import pages
from tests.report.situations import SITUATIONS
from tests.report.world import EDITION

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

    from mapping.document import Report


class _Text(SingleFileSnapshotExtension):
    _write_mode = WriteMode.TEXT


class _Json(_Text):
    file_extension = "json"


class _Wiki(_Text):
    file_extension = "txt"


class _Markdown(_Text):
    file_extension = "md"


class _Terminal(_Text):
    file_extension = "out"


def _adf(written: tuple[Report, ...]) -> str:
    return json.dumps(adf.fitted(written)[0], indent=1, ensure_ascii=False)


def _wiki(written: tuple[Report, ...]) -> str:
    return wiki.fitted(written)[0]


def _markdown(written: tuple[Report, ...]) -> str:
    return f"{written[0].title}\n\n{markdown.fitted(written)[0]}"


DIALECTS = {"adf": (_adf, _Json), "wiki": (_wiki, _Wiki), "markdown": (_markdown, _Markdown)}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_summary_reads_as_it_did(situation: str, dialect: str, snapshot: SnapshotAssertion) -> None:
    render, extension = DIALECTS[dialect]
    assert render(reports(SITUATIONS[situation](), EDITION)) == snapshot(extension_class=extension)


@pytest.mark.parametrize("situation", [name for name in SITUATIONS if name != "huge"])
def test_the_terminal_shows_the_same_document(situation: str, snapshot: SnapshotAssertion) -> None:
    assert pages.text(SITUATIONS[situation](), 80) == snapshot(extension_class=_Terminal)
