"""Instants and working days: pure arithmetic on dates. How they are written for people is ``wording``'s.

Every rule does its sums here, in UTC, because two instants of one zone would otherwise be compared by their wall
clocks. Nothing raises: what would leave the calendar stops at its end.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)
_SATURDAY = 5
_OPENS, _CLOSES = time(9), time(17)
_LONGEST_DAYS = 3653


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
    try:
        day = _shifted(start.date(), days, holidays)
    except OverflowError:
        return _LAST if days > 0 else _FIRST
    return utc(datetime.combine(day, start.timetz()))


@lru_cache(maxsize=4096)
def _shifted(day: date, days: int, holidays: frozenset[date]) -> date:
    """Kept, for thousands of items were touched on a few hundred days. Raises OverflowError at the calendar's end."""
    step, left = timedelta(days=1 if days > 0 else -1), abs(days)
    while left:
        day += step
        left -= is_working_day(day, holidays)
    return day


def working_hours(start: datetime, end: datetime, zone: tzinfo, holidays: frozenset[date]) -> timedelta:
    """How much working time, as it elapses in ``zone``, lies between two instants: nine to five of working days.

    Nothing when ``end`` is not later. Only the first ten years are looked at.
    """
    first, last = utc(start), utc(end)
    found = timedelta()
    for opens, closes in _days_at_work(first, zone, holidays):
        if opens >= last:
            break
        found += max(min(closes, last) - max(opens, first), timedelta())
    return found


def shift_working_hours(start: datetime, span: timedelta, zone: tzinfo, holidays: frozenset[date]) -> datetime:
    """The instant by which ``span`` of working time has passed since ``start``: the first one, so that it is the end
    of a day rather than the beginning of the next. ``start`` itself when ``span`` is not positive; the end of the
    calendar when ten years do not hold that much.
    """
    first, left = utc(start), span
    if left <= timedelta():
        return first
    for opens, closes in _days_at_work(first, zone, holidays):
        begins = max(opens, first)
        held = max(closes - begins, timedelta())
        if held >= left:
            return begins + left
        left -= held
    return _LAST


def at_work(instant: datetime, zone: tzinfo, holidays: frozenset[date]) -> datetime:
    """The instant itself within working hours, else when they next begin; the end of the calendar where ten years have
    none.
    """
    at = utc(instant)
    return next((max(opens, at) for opens, closes in _days_at_work(at, zone, holidays) if at < closes), _LAST)


def _days_at_work(start: datetime, zone: tzinfo, holidays: frozenset[date]) -> Iterator[tuple[datetime, datetime]]:
    """When work begins and ends, in UTC, on each working day from that of ``start`` on."""
    first = local(start, zone).date().toordinal()
    for number in range(first, min(first + _LONGEST_DAYS, date.max.toordinal() + 1)):
        day = date.fromordinal(number)
        if is_working_day(day, holidays):
            yield utc(datetime.combine(day, _OPENS, zone)), utc(datetime.combine(day, _CLOSES, zone))
