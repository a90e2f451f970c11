"""Days and times in commands, as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import values
from mapping.command import Command, Mistake, Words, commands

if TYPE_CHECKING:
    from datetime import tzinfo

BERLIN = ZoneInfo("Europe/Berlin")
SAID_AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)  # a Monday


def away(text: str, said_at: datetime = SAID_AT, zone: tzinfo = BERLIN) -> Command | Mistake:
    [said] = commands([f"/away until {text}"], Words(zone=zone), said_at)
    return said


def until(text: str, said_at: datetime = SAID_AT, zone: tzinfo = BERLIN) -> datetime:
    said = away(text, said_at, zone)
    assert isinstance(said, Command), said
    assert said.until is not None
    assert said.until.tzinfo is UTC
    return said.until


def why(text: str, said_at: datetime = SAID_AT) -> str:
    said = away(text, said_at)
    assert isinstance(said, Mistake), said
    return said.why


def day(month: int, number: int, year: int = 2026) -> datetime:
    """The last second of that day in Berlin."""
    return datetime(year, month, number, 23, 59, 59, tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-12-20", day(12, 20)),
        ("2026-12-20.", day(12, 20)),
        ("20 Dec", day(12, 20)),
        ("20 December", day(12, 20)),
        ("20. dec", day(12, 20)),
        ("20th Dec 2026", day(12, 20)),
        ("20 Dec. 2026", day(12, 20)),
        ("DEC 20", day(12, 20)),
        ("Dec 20, 2026", day(12, 20)),
        ("Dec 20th", day(12, 20)),
        ("1 sept", day(9, 1, 2027)),
        ("Sun 20 Dec", day(12, 20)),
        ("Sunday, Dec 20", day(12, 20)),
        ("Sun 2026-12-20", day(12, 20)),
        ("today", day(11, 23)),
        ("Tomorrow", day(11, 24)),
        ("23 Nov", day(11, 23)),
        ("22 Nov", day(11, 22, 2027)),
        ("1 July", day(7, 1, 2027)),
        ("29 Feb", day(2, 29, 2028)),
        ("1 Jan", day(1, 1, 2027)),
    ],
)
def test_a_day_ends_with_its_last_second_in_the_zone_of_the_release(text: str, meant: datetime) -> None:
    assert until(text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-12-20 14:00", datetime(2026, 12, 20, 13, tzinfo=UTC)),
        ("2026-12-20T14:00", datetime(2026, 12, 20, 13, tzinfo=UTC)),
        ("2026-12-20t14:00:30z", datetime(2026, 12, 20, 14, 0, 30, tzinfo=UTC)),
        ("2026-12-20 14:00 UTC", datetime(2026, 12, 20, 14, tzinfo=UTC)),
        ("2026-12-20T14:00+05:30", datetime(2026, 12, 20, 8, 30, tzinfo=UTC)),
        ("2026-12-20 14:00 -0800", datetime(2026, 12, 20, 22, tzinfo=UTC)),
        ("20 Dec 14:00", datetime(2026, 12, 20, 13, tzinfo=UTC)),
        ("Sun 20 Dec 2026 at 9:05", datetime(2026, 12, 20, 8, 5, tzinfo=UTC)),
        ("today 12:00", datetime(2026, 11, 23, 11, tzinfo=UTC)),
        ("tomorrow at 9:00", datetime(2026, 11, 24, 8, tzinfo=UTC)),
    ],
)
def test_a_time_is_meant_in_the_zone_of_the_release_unless_it_has_an_offset(text: str, meant: datetime) -> None:
    assert until(text) == meant


def test_today_is_the_day_in_the_zone_of_the_release() -> None:
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    assert until("today", late) == day(11, 24)
    assert until("tomorrow", late, ZoneInfo("America/New_York")) == datetime(2026, 11, 25, 4, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("12/10/2026", "“12/10/2026” can be misread; this is understood everywhere: 2026-10-12 or 2026-12-10."),
        ("12.10.26", "“12.10.26” can be misread; this is understood everywhere: 2026-10-12 or 2026-12-10."),
        ("25/12/2026", "“25/12/2026” can be misread; this is understood everywhere: 2026-12-25."),
        ("12-12-2026", "“12-12-2026” can be misread; this is understood everywhere: 2026-12-12."),
        ("2026/12/20", "“2026/12/20” can be misread; this is understood everywhere: 2026-12-20."),
        ("2026-1-5", "this is understood everywhere: 2026-01-05."),
        ("12/10/2026 14:00", "this is understood everywhere: 2026-10-12 or 2026-12-10."),
        ("31/31/2026", "“31/31/2026” is no day of the calendar."),
        ("31 Feb", "“31 Feb” is no day of the calendar."),
        ("29 Feb 2027", "“29 Feb 2027” is no day of the calendar."),
        ("2026-13-01", "“2026-13-01” is no day of the calendar."),
        ("2026-00-10", "“2026-00-10” is no day of the calendar."),
        ("20 Dec 9999", "“20 Dec 9999” is no day of the calendar."),
        ("0 Dec", "“0 Dec” is no day of the calendar."),
        ("2026-12-20 25:00", "“2026-12-20 25:00” holds no time of a day."),
        ("2026-12-20 14:00+99:00", "“2026-12-20 14:00+99:00” holds no time of a day."),
        ("Fri 20 Dec", "20 December 2026 is a Sunday, not a Friday."),
        ("Sat today", "23 November 2026 is a Monday, not a Saturday."),
        ("Friday", "“Friday” is no date. A date is 2026-12-20, 2026-12-20 14:00, 20 Dec, today or tomorrow."),
        ("next week", "“next week” is no date."),
        ("20 Frimaire", "“20 Frimaire” is no date."),
        ("20", "“20” is no date."),
        ("20 De", "“20 De” is no date."),
        ("٢٠ Dec", "is no date."),
        ("20 Dec " + "x" * 100, "is no date."),
        ("2026-11-22", "“2026-11-22” is over."),
        ("2026-11-23T09:30Z", "is over."),
    ],
)
def test_what_is_no_date_or_is_over_or_could_be_two_days_is_answered(text: str, part: str) -> None:
    assert part in why(text)


@given(
    st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2100, 1, 1)),  # noqa: DTZ001 - hypothesis wants them so
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia"]),
    st.sampled_from([10, 16]),
)
def test_a_date_means_the_same_in_a_command_and_in_the_file(read: datetime, name: str, characters: int) -> None:
    zone = ZoneInfo(name)
    text = read.isoformat(" ", "minutes")[:characters]  # the day alone, or with its time
    expected = values.instant(values.moment(text), zone)
    assert until(text, datetime(2025, 1, 1, tzinfo=UTC), zone) == expected


@given(st.dates(date(2026, 1, 1), date(2090, 1, 1)), st.dates(date(2026, 1, 1), date(2090, 1, 1)))
def test_a_date_without_a_year_is_the_next_such_one(today: date, meant: date) -> None:
    said_at = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
    found = until(f"{meant.day} {meant:%b}", said_at, UTC)
    assert (found.month, found.day) == (meant.month, meant.day)
    assert today <= found.date() < today + timedelta(days=9 * 366)
    earlier = [found.year - n for n in range(1, found.year - today.year + 1)]
    exists = [year for year in earlier if (meant.month, meant.day) != (2, 29) or (year % 4 == 0 and year % 100)]
    assert not [year for year in exists if date(year, meant.month, meant.day) >= today]
