"""The contract of all connectors, on a Jira Cloud and on a Jira Data Center."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectors.contract import SourceContract
from tests.connectors.jira.site import JiraSite, running
from tests.connectors.summary_contract import SummaryContract
from tests.connectors.talk_contract import TalkContract

if TYPE_CHECKING:
    from collections.abc import Iterator


class Cloud:
    @pytest.fixture
    def site(self) -> Iterator[JiraSite]:
        with running() as site:
            yield site


class DataCenter:
    @pytest.fixture
    def site(self) -> Iterator[JiraSite]:
        with running(data_center=True) as site:
            yield site


class TestCloudSource(Cloud, SourceContract):
    pass


class TestCloudSummary(Cloud, SummaryContract):
    pass


class TestDataCenterSource(DataCenter, SourceContract):
    pass


class TestDataCenterSummary(DataCenter, SummaryContract):
    pass


class TestCloudTalk(Cloud, TalkContract):
    pass


class TestDataCenterTalk(DataCenter, TalkContract):
    pass
