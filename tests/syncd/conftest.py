"""A trial of the whole product in a folder of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from syncd import clock
from tests.living import near
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


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Trial]:
    """A trial whose clock stands where the machine's is, for commands that read that one."""
    with trial(tmp_path, at=clock.now()) as it:
        yield it


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Trial]:
    """A trial without sockets, for the daemon on a virtual clock (``tests/living.py``)."""
    with near(tmp_path) as it:
        yield it
