"""Instants and working days: pure arithmetic on dates. How they are written for people is ``wording``'s.

Every rule does its sums here, in UTC, because two instants of one zone would otherwise be compared by their wall
clocks. Nothing raises: what would leave the calendar stops at its end.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo

_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)
_SATURDAY = 5


def utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        return _FIRST if instant.year == 1 else _LAST


def shift(instant: datetime, span: timedelta) -> datetime:
    """``instant`` plus ``span`` of elapsed time, in UTC."""
    try:
        return utc(instant) + span
    except OverflowError:
        return _LAST if span > timedelta(0) else _FIRST


def local(instant: datetime, zone: tzinfo) -> datetime:
    try:
        return utc(instant).astimezone(zone)
    except OverflowError:
        return utc(instant)


def is_working_day(day: date, holidays: frozenset[date]) -> bool:
    return day.weekday() < _SATURDAY and day not in holidays


def shift_working_days(instant: datetime, days: int, zone: tzinfo, holidays: frozenset[date]) -> datetime:
    """The same time of day ``days`` working days later, or earlier when negative; days are those of ``zone``.

    From a day without work the first working day already counts as one: Saturday plus one is Monday.
    """
    start = local(instant, zone)
    step = timedelta(days=1 if days > 0 else -1)
    day, left = start.date(), abs(days)
    try:
        while left:
            day += step
            left -= is_working_day(day, holidays)
    except OverflowError:
        return _LAST if days > 0 else _FIRST
    return utc(datetime.combine(day, start.timetz()))
