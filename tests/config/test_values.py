"""Durations, days, zones and crontab times, as written and as meant."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic_core import PydanticCustomError

from config.cron import crontab
from config.days_off import calendar_code, days_off
from config.values import duration, instant, moment, spelled, web_address

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("30s", timedelta(seconds=30)),
        ("10m", timedelta(minutes=10)),
        ("1h", timedelta(hours=1)),
        ("14d", timedelta(days=14)),
        ("2w", timedelta(days=14)),
        ("2y", timedelta(days=730)),
        ("0s", timedelta(0)),
        (0, timedelta(0)),
    ],
)
def test_a_duration_is_a_number_and_a_unit(text: object, length: timedelta) -> None:
    assert duration(text) == length
    assert duration(spelled(length)) == length


@pytest.mark.parametrize("text", ["", "1", 30, False, "1.5h", "-1h", "1h30m", "101y", "1 h", "1h\n", None, "٣h"])
def test_what_is_no_duration_is_refused(text: object) -> None:
    with pytest.raises(PydanticCustomError):
        duration(text)


def test_a_day_means_its_end_in_the_zone_and_a_freeze_its_beginning() -> None:
    day = moment("2026-12-15")
    assert instant(day, NEW_YORK) == datetime(2026, 12, 16, 4, 59, 59, tzinfo=UTC)
    assert instant(day, NEW_YORK, end_of_day=False) == datetime(2026, 12, 15, 5, tzinfo=UTC)


def test_a_time_is_meant_in_the_zone_unless_it_says_its_offset() -> None:
    assert instant(moment("2026-07-01T10:00"), NEW_YORK) == datetime(2026, 7, 1, 14, tzinfo=UTC)
    assert instant(moment("2026-07-01 10:00:30"), NEW_YORK) == datetime(2026, 7, 1, 14, 0, 30, tzinfo=UTC)
    assert instant(moment("2026-07-01T10:00+02:00"), NEW_YORK) == datetime(2026, 7, 1, 8, tzinfo=UTC)
    assert instant(moment("2026-07-01T10:00Z"), NEW_YORK) == datetime(2026, 7, 1, 10, tzinfo=UTC)
    assert instant(None, NEW_YORK) is None


@pytest.mark.parametrize(
    "text", ["2026-02-30", "2026-12-15T25:00", "20261215", "tomorrow", "0001-01-01", "9999-12-31", 5]
)
def test_what_is_no_day_is_refused(text: object) -> None:
    with pytest.raises(PydanticCustomError):
        moment(text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("0 10 * * TUE", "0 10 * * tue"),
        ("0 10 * * 2", "0 10 * * tue"),
        ("0 10 * * 0", "0 10 * * sun"),
        ("0 10 * * 7", "0 10 * * sun"),
        ("0 10 * * 5-7", "0 10 * * sun,fri,sat"),
        ("*/5 8-18/2 1,15 jan-MAR *", "*/5 8-18/2 1,15 jan-mar *"),
        ("0 10 * * mon-fri", "0 10 * * mon,tue,wed,thu,fri"),
    ],
)
def test_weekdays_of_a_crontab_time_are_spelled_out(text: str, meant: str) -> None:
    assert crontab(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0 10 * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "* * * * 8",
        "5-1 * * * *",
        "*/0 * * * *",
        "1 1 1 1 1",
        "a * * * *",
        "* * * * MONDAY",
        "1,,2 * * * *",
        "² * * * *",
        5,
    ],
)
def test_what_is_no_crontab_time_is_refused(text: object) -> None:
    with pytest.raises(PydanticCustomError):
        crontab(text)


def test_holidays_are_a_country_or_a_part_of_it() -> None:
    assert calendar_code("US-NY") == "US-NY"
    assert date(2026, 12, 25) in days_off("US", [2026])
    assert days_off("US", [2026]) < days_off("US", [2025, 2026])
    assert days_off(None, [2026]) == frozenset()
    for wrong in ("us", "US-ZZ", "XX", "", None, 5):
        with pytest.raises(PydanticCustomError):
            calendar_code(wrong)


@pytest.mark.parametrize(
    "text",
    [
        "ftp://acme",
        "acme.example",
        "https://",
        "javascript:x",
        "https://a b",
        "https://[",
        "https://a:99999",
        "https://me@acme",
        5,
    ],
)
def test_only_web_addresses_without_a_user_are_taken(text: object) -> None:
    with pytest.raises(PydanticCustomError):
        web_address(text)


def test_a_final_slash_of_an_address_does_not_matter() -> None:
    assert web_address("https://acme.example/jira/") == "https://acme.example/jira"
