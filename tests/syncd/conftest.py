"""A trial of the whole product in a folder of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.trial import Trial, trial

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Trial]:
    with trial(tmp_path) as it:
        yield it


@pytest.fixture
def data_center(tmp_path: Path) -> Iterator[Trial]:
    with trial(tmp_path, data_center=True) as it:
        yield it
