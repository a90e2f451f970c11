"""For every test. Hypothesis draws the same each time: no run fails by luck. ``make hunt`` draws anew, and more."""

import os

from hypothesis import HealthCheck, settings

from tests.secrecy import pytest_configure, pytest_runtest_makereport

__all__ = ["pytest_configure", "pytest_runtest_makereport"]

settings.register_profile("same", deadline=None, database=None, derandomize=True, suppress_health_check=[*HealthCheck])
settings.register_profile("anew", settings.get_profile("same"), derandomize=False, max_examples=1000)
settings.load_profile("same")


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: many a test waits for a process or a socket."""
    return (os.cpu_count() or 1) + 1
