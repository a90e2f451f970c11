"""The contract of all connectors, on Linear."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectors.contract import SourceContract
from tests.connectors.linear.site import LinearSite, running
from tests.connectors.summary_contract import SummaryContract
from tests.connectors.talk_contract import TalkContract

if TYPE_CHECKING:
    from collections.abc import Iterator


class Linear:
    @pytest.fixture
    def site(self) -> Iterator[LinearSite]:
        with running() as site:
            yield site


class TestSource(Linear, SourceContract):
    pass


class TestSummary(Linear, SummaryContract):
    pass


class TestTalk(Linear, TalkContract):
    pass


class TestTalkThatMovesItsIssue(TestTalk):
    """Nobody knows whether a comment moves an issue's ``updatedAt``."""

    @pytest.fixture
    def site(self) -> Iterator[LinearSite]:
        with running() as site:
            site.world.talk_moves = True
            yield site
