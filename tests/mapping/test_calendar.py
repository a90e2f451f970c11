"""Instants and working days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.calendar import is_working_day, local, shift, shift_working_days, utc
from mapping.wording import moment
from tests.worlds import ZONES

NEW_YORK = ZoneInfo("America/New_York")
SPRING = datetime(2026, 3, 6, 12, tzinfo=NEW_YORK)
AUTUMN = datetime(2026, 10, 30, 12, tzinfo=NEW_YORK)
"""Fridays before the clocks change."""

FRIDAY = datetime(2026, 12, 18, 14, 0, tzinfo=UTC)


def test_a_working_day_after_friday_is_monday() -> None:
    assert shift_working_days(FRIDAY, 1, UTC, frozenset()) == datetime(2026, 12, 21, 14, 0, tzinfo=UTC)


def test_a_holiday_is_no_working_day() -> None:
    assert shift_working_days(FRIDAY, 1, UTC, frozenset({date(2026, 12, 21)})) == datetime(
        2026, 12, 22, 14, 0, tzinfo=UTC
    )


def test_a_working_day_before_monday_is_friday() -> None:
    monday = datetime(2026, 12, 21, 14, 0, tzinfo=UTC)
    assert shift_working_days(monday, -1, UTC, frozenset()) == FRIDAY


def test_days_are_those_of_the_zone() -> None:
    """In UTC it is already Saturday, in New York still Friday."""
    late = datetime(2026, 12, 19, 2, 0, tzinfo=UTC)
    assert shift_working_days(late, 1, NEW_YORK, frozenset()) == datetime(2026, 12, 22, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("friday", "hours"),
    [(SPRING, 71), (AUTUMN, 73)],
)
def test_a_working_day_keeps_the_time_of_day_when_the_clocks_change(friday: datetime, hours: int) -> None:
    monday = shift_working_days(friday, 1, NEW_YORK, frozenset())
    assert monday - utc(friday) == timedelta(hours=hours)
    assert local(monday, NEW_YORK).hour == 12


def test_a_day_of_elapsed_time_is_24_hours_when_the_clocks_change() -> None:
    before = datetime(2026, 3, 7, 12, tzinfo=NEW_YORK)
    assert shift(before, timedelta(days=1)) - utc(before) == timedelta(hours=24)


def test_an_instant_is_written_in_the_zone_of_the_release() -> None:
    at = datetime(2026, 12, 17, 19, 5, tzinfo=UTC)
    assert moment(at, NEW_YORK, at) == "Thu 17 Dec, 14:05 EST"
    assert moment(at, NEW_YORK, None) == "Thu 17 Dec 2026, 14:05 EST"
    assert moment(at, NEW_YORK, datetime(2027, 1, 1, 4, tzinfo=UTC)) == "Thu 17 Dec, 14:05 EST"


def test_what_would_leave_the_calendar_stops_at_its_end() -> None:
    last = datetime.max.replace(tzinfo=UTC)
    first = datetime.min.replace(tzinfo=UTC)
    assert shift(last, timedelta(days=1)) == last
    assert shift(first, timedelta(days=-1)) == first
    assert shift_working_days(last, 3, NEW_YORK, frozenset()) == last
    assert shift_working_days(first, -3, NEW_YORK, frozenset()) == first
    assert utc(datetime.max.replace(tzinfo=NEW_YORK)) == last
    assert moment(first, NEW_YORK, None)


@given(
    st.integers(0, 5_000_000).map(lambda minutes: FRIDAY - timedelta(minutes=minutes)),
    st.integers(1, 20),
    st.sampled_from(ZONES),
    st.frozensets(st.dates(date(2020, 1, 1), date(2030, 1, 1)), max_size=9),
)
def test_working_days_end_on_a_working_day_with_that_many_in_between(
    start: datetime, days: int, zone: ZoneInfo, holidays: frozenset[date]
) -> None:
    end = shift_working_days(start, days, zone, holidays)
    first, last = local(start, zone).date(), local(end, zone).date()
    span = [first + timedelta(days=n) for n in range(1, (last - first).days + 1)]
    assert sum(is_working_day(day, holidays) for day in span) == days
    assert is_working_day(last, holidays)
