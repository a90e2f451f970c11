"""The contract of all connectors, on Linear."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectors.contract import SourceContract
from tests.connectors.linear.site import LinearSite, running
from tests.connectors.summary_contract import SummaryContract

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
