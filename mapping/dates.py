"""Days and times as people write them in a command. Pure; ``mapping.phrase`` calls it.

A day means its last second in the release's zone, as in the configuration file.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, tzinfo

from mapping.calendar import local, utc
from mapping.mistaken import GrammarError, quoted

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_YEARS = range(1900, 3000)
_LEAP_DAYS_APART = 8  # years at most, over a century without one
_SHORTEST_NAME = 3  # letters of a month or a weekday
_LONGEST_DATE = 60  # characters

_TIME = re.compile(r"(?:T| at | )(\d{1,2}:\d\d(?::\d\d)?) ?(Z|UTC|[+-]\d\d:?\d\d)?$", re.ASCII | re.IGNORECASE)
_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)", re.ASCII)
_DAY_FIRST = re.compile(
    r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.)? (?P<name>[a-z]+)[.,]?(?: (?P<year>\d{4}))?", re.ASCII | re.IGNORECASE
)
_MONTH_FIRST = re.compile(
    r"(?P<name>[a-z]+)\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?,?(?: (?P<year>\d{4}))?", re.ASCII | re.IGNORECASE
)
_NUMBERS = re.compile(r"(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})", re.ASCII)


def instant(text: str, said_at: datetime, zone: tzinfo) -> datetime:
    """The time that is meant, in UTC; raises GrammarError. ``said_at`` is what "today" and "20 Dec" go by."""
    if not text or len(text) > _LONGEST_DATE:
        raise GrammarError(_no_date(text))
    words = text.rstrip(".,").partition(" ")
    weekday = _index(words[0].rstrip(".,"), _WEEKDAYS)
    rest = words[2] if weekday is not None and words[2] else text.rstrip(".,")
    clock = _TIME.search(rest)
    day = _day(rest[: clock.start()] if clock else rest, text, local(said_at, zone).date())
    if weekday is not None and day.weekday() != weekday:
        raise GrammarError(f"{_spelled(day)} is a {_WEEKDAYS[day.weekday()]}, not a {_WEEKDAYS[weekday]}.")
    return utc(_timed(day, clock, text, zone))


def _timed(day: date, clock: re.Match[str] | None, text: str, zone: tzinfo) -> datetime:
    if clock is None:
        return datetime.combine(day, time(23, 59, 59), zone)
    hours, _, rest = clock[1].partition(":")
    offset = (clock[2] or "").upper().replace("UTC", "Z")
    try:
        read = datetime.fromisoformat(f"{day.isoformat()}T{hours:0>2}:{rest}{offset}")
    except ValueError:
        raise GrammarError(f"{quoted(text)} holds no time of a day.") from None
    return read if read.tzinfo else read.replace(tzinfo=zone)


def _day(text: str, whole: str, today: date) -> date:
    if text.casefold() in ("today", "tomorrow"):
        return today + timedelta(days=text.casefold() == "tomorrow")
    found = _ISO.fullmatch(text) or _DAY_FIRST.fullmatch(text) or _MONTH_FIRST.fullmatch(text)
    parts = found.groupdict() if found else {}
    month = _index(parts["name"], _MONTHS) if "name" in parts else int(parts.get("month", 0)) - 1
    if not parts or month is None:
        raise GrammarError(_misread(text) or _no_date(whole))
    years = [int(parts["year"])] if parts["year"] else range(today.year, today.year + _LEAP_DAYS_APART + 1)
    days = [day for year in years if (day := _existing(year, month + 1, int(parts["day"])))]
    days = days if parts["year"] else [day for day in days if day >= today]
    if not days:
        raise GrammarError(f"{quoted(whole)} is no day of the calendar.")
    return days[0]


def _index(word: str, names: tuple[str, ...]) -> int | None:
    """Which of the names it is, or the beginning of: "sept"."""
    folded = word.casefold()
    long_enough = len(folded) >= _SHORTEST_NAME
    return next((n for n, name in enumerate(names) if long_enough and name.casefold().startswith(folded)), None)


def _existing(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year in _YEARS else None
    except ValueError:
        return None


def _misread(text: str) -> str:
    """What to write instead of 12/10/2026, which is one day here and another there; nothing when it is no such."""
    found = _NUMBERS.fullmatch(text)
    if found is None:
        return ""
    first, second, third = map(int, found.groups())
    year = third if third >= 100 else 2000 + third  # noqa: PLR2004 - a year of two digits is of this century
    orders = [(first, second, third)] if first in _YEARS else [(year, second, first), (year, first, second)]
    days = dict.fromkeys(day.isoformat() for order in orders if (day := _existing(*order)))
    if not days:
        return f"{quoted(text)} is no day of the calendar."
    return f"{quoted(text)} can be misread; this is understood everywhere: {' or '.join(days)}."


def _no_date(text: str) -> str:
    what = f"{quoted(text)} is no date." if text else "The date is missing."
    return f"{what} A date is 2026-12-20, 2026-12-20 14:00, 20 Dec, today or tomorrow."


def _spelled(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
