"""Instants and working days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.calendar import (
    is_working_day,
    local,
    shift,
    shift_working_days,
    shift_working_hours,
    utc,
    working_hours,
)
from mapping.wording import moment
from tests.worlds import ZONES

HOUR = timedelta(hours=1)
NEW_YORK = ZoneInfo("America/New_York")
AUCKLAND = ZoneInfo("Pacific/Auckland")
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


def hours(start: datetime, end: datetime, zone: tzinfo = UTC, off: frozenset[date] = frozenset()) -> float:
    return working_hours(start, end, zone, off) / HOUR


def test_work_is_from_nine_to_five_of_working_days() -> None:
    assert hours(FRIDAY, FRIDAY + timedelta(hours=12)) == 3
    assert hours(FRIDAY, FRIDAY + timedelta(days=3)) == 8
    assert hours(FRIDAY, FRIDAY + timedelta(days=3), off=frozenset({date(2026, 12, 21)})) == 3
    assert hours(FRIDAY, FRIDAY + timedelta(days=3), NEW_YORK) == 8
    assert hours(FRIDAY, FRIDAY - timedelta(days=3)) == 0


@pytest.mark.parametrize("friday", [SPRING, AUTUMN])
def test_a_day_of_work_has_eight_hours_when_the_clocks_change(friday: datetime) -> None:
    assert hours(friday, friday + timedelta(days=3), NEW_YORK) == 8


def test_working_time_ends_with_a_day_rather_than_with_the_beginning_of_the_next() -> None:
    def after(length: float) -> datetime:
        return shift_working_hours(FRIDAY, length * HOUR, UTC, frozenset())

    assert after(0) == FRIDAY
    assert after(3) == datetime(2026, 12, 18, 17, tzinfo=UTC)
    assert after(3.5) == datetime(2026, 12, 21, 9, 30, tzinfo=UTC)
    assert after(8) == datetime(2026, 12, 21, 14, tzinfo=UTC)
    assert shift_working_hours(FRIDAY + timedelta(days=1), 8 * HOUR, UTC, frozenset()) == datetime(
        2026, 12, 21, 17, tzinfo=UTC
    )


def test_an_absurd_span_of_working_time_is_cut() -> None:
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    assert 20_000 < hours(first, last, NEW_YORK) < 21_000
    assert hours(last - timedelta(days=2), last) == 16
    assert hours(first, first + timedelta(days=3), AUCKLAND) == 24
    assert shift_working_hours(FRIDAY, timedelta.max, NEW_YORK, frozenset()) == last
    assert shift_working_hours(last, HOUR, NEW_YORK, frozenset()) == last


instants = st.integers(0, 500_000).map(lambda minutes: FRIDAY - timedelta(minutes=minutes))
days_off = st.frozensets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=9)


@given(st.lists(instants, min_size=3, max_size=3).map(sorted), st.sampled_from(ZONES), days_off)
def test_working_time_adds_up_and_never_shrinks(times: list[datetime], zone: ZoneInfo, off: frozenset[date]) -> None:
    first, middle, last = times
    whole = working_hours(first, last, zone, off)
    assert whole == working_hours(first, middle, zone, off) + working_hours(middle, last, zone, off)
    assert timedelta() <= working_hours(first, middle, zone, off) <= whole <= last - first


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.sampled_from(ZONES), days_off)
def test_no_work_is_done_on_weekends_and_holidays(day: date, zone: ZoneInfo, off: frozenset[date]) -> None:
    begins = datetime.combine(day, time(), zone)
    ends = datetime.combine(day + timedelta(days=1), time(), zone)
    assert hours(begins, ends, zone, off) == (8 if is_working_day(day, off) else 0)


@given(instants, st.integers(1, 6000).map(lambda minutes: timedelta(minutes=minutes)), st.sampled_from(ZONES), days_off)
def test_so_much_working_time_passes_until_then_and_not_before(
    start: datetime, length: timedelta, zone: ZoneInfo, off: frozenset[date]
) -> None:
    end = shift_working_hours(start, length, zone, off)
    assert working_hours(start, end, zone, off) == length
    assert working_hours(start, end - timedelta(seconds=1), zone, off) < length
