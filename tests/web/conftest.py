"""A site for each test, with a store of its own, and a trial of the whole product."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from syncd.store.store import open_store
from tests.trial import Trial, trial
from tests.web.site import Site, configured

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    config = configured(tmp_path)
    with open_store(config.database_url) as store:
        yield Site(config, store)


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Trial]:
    with trial(tmp_path) as it:
        yield it
