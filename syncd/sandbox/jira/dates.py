"""Dates in JQL: literals are read in the zone of the ACCOUNT, relative ones from the site's clock.

Called by match.py. https://support.atlassian.com/jira-software-cloud/docs/jql-fields/ (created, due, updated)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from syncd.sandbox.jira.jql import Empty, Function, JqlError, Value
from syncd.sandbox.jira.shapes import moment_of
from syncd.sandbox.jira.world import JiraWorld

if TYPE_CHECKING:
    from collections.abc import Callable

    from syncd.sandbox.jira.jql import Clause, Operand
    from syncd.sandbox.jira.shapes import Json

FIELDS = {
    "created": "created",
    "createddate": "created",
    "updated": "updated",
    "updateddate": "updated",
    "due": "duedate",
    "duedate": "duedate",
    "resolved": "resolutiondate",
    "resolutiondate": "resolutiondate",
    "statuscategorychangeddate": "statuscategorychangedate",
}
_FORMATS = ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d")
_PERIOD = re.compile(r"([+-]?)((?:\d+[wdhm]\s*)+)")
_STEP = re.compile(r"(\d+)([wdhm])")
_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes"}
_known_moment = lru_cache(maxsize=1 << 18)(moment_of)


def moment_in(value: object) -> datetime | None:
    """The instant of a field's value, None where it holds none; recorded issues may hold anything."""
    return _known_moment(value) if isinstance(value, str) else None


def test(world: JiraWorld, clause: Clause, field: str) -> Callable[[Json], bool]:
    """A test of one clause on a date field. Raises JqlError where an operand is no date."""
    read = _reader(world, field)
    operator = clause.operator
    if any(isinstance(operand, Empty) for operand in clause.operands):
        filled = operator in {"is not", "!=", "not in"}
        return lambda issue: (read(issue) is not None) is filled
    limits = [_Date(world, clause.field).limit(operand) for operand in clause.operands]
    first = limits[0]
    compare: dict[str, Callable[[datetime], bool]] = {
        "<": lambda moment: moment < first,
        "<=": lambda moment: moment <= first,
        ">": lambda moment: moment > first,
        ">=": lambda moment: moment >= first,
        "=": lambda moment: moment == first,
        "!=": lambda moment: moment != first,
        "in": lambda moment: moment in limits,
        "not in": lambda moment: moment not in limits,
    }
    chosen = compare[operator]
    return lambda issue: (moment := read(issue)) is not None and chosen(moment)


def limit(world: JiraWorld, clause: Clause) -> datetime | None:
    """The instant that a clause compares with, None for EMPTY. Raises JqlError where the operand is no date."""
    operand = clause.operands[0]
    return None if isinstance(operand, Empty) else _Date(world, clause.field).limit(operand)


def _reader(world: JiraWorld, field: str) -> Callable[[Json], datetime | None]:
    if field != "duedate":
        return lambda issue: moment_in(issue["fields"].get(field))

    def due(issue: Json) -> datetime | None:
        try:
            day = date.fromisoformat(issue["fields"].get(field) or "")
        except (TypeError, ValueError):
            return None
        return datetime(day.year, day.month, day.day, tzinfo=world.zone)

    return due


@dataclass(frozen=True)
class _Date:
    """Reads the operands of one field, named as the query names it."""

    world: JiraWorld
    field: str

    def limit(self, operand: Operand) -> datetime:
        """The instant that a literal, a period, a number of milliseconds or a function names."""
        if isinstance(operand, Function):
            return self._call(operand)
        text = operand.text.strip() if isinstance(operand, Value) else ""
        try:
            if text.isdigit():
                return datetime.fromtimestamp(int(text) / 1000, UTC)
            moment = self._period(text) or self._literal(text)
        except (OverflowError, OSError, ValueError):
            moment = None
        if moment is None:
            raise JqlError(
                f"Date value '{text}' for field '{self.field}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', "
                "'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
            )
        return moment

    def _literal(self, text: str) -> datetime | None:
        for form in _FORMATS:
            try:
                return datetime.strptime(text, form).replace(tzinfo=self.world.zone)
            except ValueError:
                continue
        return None

    def _period(self, text: str) -> datetime | None:
        step = _period(text)
        return None if step is None else self.world.now() + step

    def _call(self, function: Function) -> datetime:
        now = self.world.now()
        name = function.name.lower()
        if name == "now":
            return now
        local = now.astimezone(self.world.zone)
        start = local.replace(hour=0, minute=0, second=0, microsecond=0)
        step = _period(function.arguments[0]) if function.arguments else timedelta(0)
        if step is not None and name == "startofday":
            return start + step
        if step is not None and name == "endofday":
            return start + timedelta(days=1) - timedelta(milliseconds=1) + step
        raise JqlError(f"Unable to find JQL function '{function.name}({', '.join(function.arguments)})'.")


def _period(text: str) -> timedelta | None:
    found = _PERIOD.fullmatch(text)
    if found is None:
        return None
    step = timedelta()
    for number, unit in _STEP.findall(found[2]):
        step += timedelta(**{_UNITS[unit]: int(number)})
    return -step if found[1] == "-" else step
