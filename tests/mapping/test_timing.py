"""The table of clocks at its edges."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mapping.gate import Timing
from mapping.timing import Timeline, expect_by, freshness, lease, signature_end, soak
from tests.worlds import NOW, TARGET, release

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("left", "silence", "trust"),
    [
        (30 * DAY + MINUTE, 6 * HOUR, 24 * HOUR),
        (30 * DAY, 2 * HOUR, 12 * HOUR),
        (7 * DAY + MINUTE, 2 * HOUR, 12 * HOUR),
        (7 * DAY, 30 * MINUTE, 12 * HOUR),
        (DAY + MINUTE, 30 * MINUTE, 12 * HOUR),
        (DAY, 10 * MINUTE, 4 * HOUR),
        (-9 * DAY, 10 * MINUTE, 4 * HOUR),
    ],
)
def test_silence_and_trust_shrink_towards_the_target(left: timedelta, silence: timedelta, trust: timedelta) -> None:
    timeline = Timeline(TARGET - left)
    assert (freshness(timeline, release()), lease(timeline, release())) == (silence, trust)


def test_time_alone_changes_the_row_at_its_edge() -> None:
    timeline = Timeline(TARGET - 8 * DAY)
    freshness(timeline, release())
    assert timeline.wake_at == TARGET - 7 * DAY


def test_without_a_target_the_strictest_row_counts() -> None:
    timeline = Timeline(NOW)
    assert freshness(timeline, release(target=None)) == 10 * MINUTE
    assert lease(timeline, release(target=None)) == 4 * HOUR
    assert signature_end(release(target=None), NOW) == NOW + 7 * DAY
    assert expect_by(release(target=None)) is None


@pytest.mark.parametrize(
    ("left", "lasts"),
    [(31 * DAY, 28 * DAY), (30 * DAY, 14 * DAY), (8 * DAY, 14 * DAY), (7 * DAY, 7 * DAY), (6 * DAY, 7 * DAY)],
)
def test_a_signature_lasts_by_the_row_of_its_own_time(left: timedelta, lasts: timedelta) -> None:
    assert signature_end(release(), TARGET - left) == TARGET - left + lasts


@pytest.mark.parametrize("left", [4 * DAY, 2 * DAY, HOUR, timedelta(0)])
def test_a_signature_of_the_last_three_working_days_lasts_through_the_day_after_the_target(left: timedelta) -> None:
    """The target is a Tuesday: those days begin when the Thursday ends."""
    assert signature_end(release(), TARGET - left) == TARGET + DAY


def test_a_signature_made_after_the_target_lasts_no_longer_than_one_made_before() -> None:
    assert signature_end(release(), TARGET + 9 * DAY) == TARGET + DAY


@pytest.mark.parametrize(
    ("left", "settles"),
    [
        (40 * DAY, 24 * HOUR),
        (8 * DAY, 24 * HOUR),
        (6 * DAY, 4 * HOUR),
        (20 * HOUR, HOUR),
        (2 * HOUR, 30 * MINUTE),
        (20 * MINUTE, 10 * MINUTE),
        (-DAY, 10 * MINUTE),
    ],
)
def test_settling_takes_the_row_or_a_quarter_of_the_time_left_but_ten_minutes(
    left: timedelta, settles: timedelta
) -> None:
    assert soak(release(), TARGET - left) == settles


def test_a_release_may_set_its_own_clocks() -> None:
    own = release(timing=Timing(freshness=HOUR, signature=2 * HOUR, soak=timedelta(0), lease=3 * HOUR))
    assert freshness(Timeline(NOW), own) == HOUR
    assert signature_end(own, NOW) == NOW + 2 * HOUR
    assert soak(own, NOW) == timedelta(0)
    assert lease(Timeline(NOW), own) == 3 * HOUR


def test_work_is_expected_thirty_days_before_the_target_unless_the_release_says_when() -> None:
    assert expect_by(release()) == TARGET - 30 * DAY
    assert expect_by(release(expect_by=NOW)) == NOW


def test_a_timeline_remembers_the_earliest_instant_to_come() -> None:
    timeline = Timeline(NOW)
    assert [timeline.passed(NOW + n * HOUR) for n in (3, 1, 0, -1, 2)] == [False, False, True, True, False]
    assert timeline.wake_at == NOW + HOUR


def test_a_reading_from_the_future_is_not_fresh() -> None:
    assert not Timeline(NOW).fresh(NOW + HOUR, HOUR)
    assert Timeline(NOW).fresh(NOW + MINUTE, HOUR)


def test_where_each_renewal_tells_the_watchers_a_verdict_lasts_as_long_as_the_table_allows() -> None:
    for days, hours in ((40, 24), (10, 24), (2, 24), (0, 4)):
        loud = release(target=NOW + timedelta(days=days, hours=1), quiet=False)
        assert lease(Timeline(NOW), loud) == timedelta(hours=hours)
