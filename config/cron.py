"""Crontab times, in crontab's own meaning: 0 and 7 are Sunday.

``crontab`` spells weekdays out by name, because schedulers number them differently (APScheduler's 0 is Monday).
"""

from __future__ import annotations

import re
from typing import Final

from config.wording import got, wrong

_DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FIELDS: Final = (("minute", 0, 59), ("hour", 0, 23), ("day of the month", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
_PART: Final = re.compile(r"(?:(\*)|(\w{1,3})(?:-(\w{1,3}))?)(?:/(\d{1,2}))?")
_EXAMPLE: Final = 'write five fields, for example "0 10 * * TUE" (Tuesdays at 10:00)'


def crontab(text: object) -> str:
    """The same times with weekdays by name. Raises the error of a validator."""
    fields = text.split() if isinstance(text, str) and len(text) <= 200 else []  # noqa: PLR2004 - nobody writes more
    if len(fields) != len(_FIELDS):
        raise wrong(f"got {got(text)}, which is no crontab time", _EXAMPLE)
    values = [_values(field, *bounds) for field, bounds in zip(fields, _FIELDS, strict=True)]
    if fields[2] != "*" and fields[4] != "*":
        raise wrong("both a day of the month and a weekday are given", "keep one of them and write * for the other")
    if fields[4] != "*":
        fields[4] = ",".join(_DAYS[day] for day in sorted({value % 7 for value in values[4]}))
    return " ".join(fields).lower()


def _values(field: str, name: str, least: int, most: int) -> list[int]:
    values: list[int] = []
    for part in field.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise wrong(f"got {got(field)}, which is no {name}", _EXAMPLE)
        star, first, last, step = match.groups()
        begin = least if star else _number(first, name, least, most)
        end = most if star or (step and not last) else _number(last or first, name, least, most)
        if begin > end or step == "0":
            raise wrong(f"got {got(part)}, an empty range for the {name}", _EXAMPLE)
        values += range(begin, end + 1, int(step or 1))
    return values


def _number(word: str, name: str, least: int, most: int) -> int:
    names = {"month": _MONTHS, "weekday": _DAYS}.get(name, ())
    if word.lower() in names:
        return names.index(word.lower()) + least
    if not (word.isascii() and word.isdigit()) or not least <= int(word) <= most:
        raise wrong(
            f"got {got(word)}, which is no {name}",
            f"write a number from {least} to {most}" + (" or a name" * bool(names)),
        )
    return int(word)
