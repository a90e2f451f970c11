"""Filters: from an IssueFilter (or any other filter of the schema) to a predicate over rows.

Called by ``paging``. The schema's own input types tell what each part means, so that whatever the schema lets through
is carried out. A filter below something that an issue does not have (no project, no due date) matches nothing, except
``null: true``.
"""

from __future__ import annotations

import operator
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from graphql import GraphQLInputObjectType, get_named_type

from syncd.sandbox.linear.rows import Row, iso

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_RELATED: dict[str, Callable[[Row], bool]] = {
    "hasBlockedByRelations": lambda issue: _any_of("blocks", issue["inverseRelations"]),
    "hasBlockingRelations": lambda issue: _any_of("blocks", issue["relations"]),
    "hasDuplicateRelations": lambda issue: _any_of("duplicate", issue["relations"] + issue["inverseRelations"]),
    "hasRelatedRelations": lambda issue: _any_of("related", issue["relations"] + issue["inverseRelations"]),
}
_DURATION = re.compile(
    r"(?P<sign>-?)P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)


class FilterError(ValueError):
    """A filter holds a value that is neither a date nor a duration."""


def matcher(kind: GraphQLInputObjectType, given: Mapping[str, Any], now: datetime) -> Callable[[Any], bool]:
    """The predicate of a filter of this input type. ``now`` is what durations are counted from. Raises FilterError."""
    if kind.name.endswith("Comparator"):
        return _comparison(kind.name, given, now)
    if kind.name.endswith("CollectionFilter"):
        return _over_collection(kind, given, now)
    return _all_of([_part(kind, name, wanted, now) for name, wanted in given.items() if wanted is not None])


def _all_of(tests: list[Callable[[Any], bool]]) -> Callable[[Any], bool]:
    return tests[0] if len(tests) == 1 else lambda value: all(test(value) for test in tests)


def _part(kind: GraphQLInputObjectType, name: str, wanted: Any, now: datetime) -> Callable[[Any], bool]:  # noqa: ANN401 - a filter's value
    if name == "null":
        return lambda row: (row is None) == wanted
    if name in ("and", "or"):
        parts = [matcher(kind, part, now) for part in wanted]
        together = all if name == "and" else any
        return lambda row: together(part(row) for part in parts)
    inner = matcher(cast("GraphQLInputObjectType", get_named_type(kind.fields[name].type)), wanted, now)
    read = _RELATED.get(name, operator.itemgetter(name))
    return lambda row: row is not None and inner(read(row))


def _over_collection(kind: GraphQLInputObjectType, given: Mapping[str, Any], now: datetime) -> Callable[[Any], bool]:
    """What is said of a collection's members without ``some`` or ``every`` must hold for one of them together."""
    member = cast("GraphQLInputObjectType", get_named_type(kind.fields["some"].type))
    loose = {name: wanted for name, wanted in given.items() if name in member.fields and name not in ("and", "or")}
    tests = [_of_collection(kind, name, wanted, now) for name, wanted in given.items() if name not in loose]
    if loose:
        tests.append(_of_collection(kind, "some", loose, now))
    return _all_of(tests)


def _of_collection(kind: GraphQLInputObjectType, name: str, wanted: Any, now: datetime) -> Callable[[Any], bool]:  # noqa: ANN401 - a filter's value
    if name in ("and", "or"):
        return _part(kind, name, wanted, now)
    if name == "null":
        return lambda rows: (not rows) == wanted
    inner = matcher(cast("GraphQLInputObjectType", get_named_type(kind.fields[name].type)), wanted, now)
    if name == "length":
        return lambda rows: inner(len(rows))
    together = all if name == "every" else any
    return lambda rows: together(inner(row) for row in rows)


_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "neq": operator.ne,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
    "in": lambda value, wanted: value in wanted,
    "nin": lambda value, wanted: value not in wanted,
    "contains": lambda value, wanted: wanted in value,
    "notContains": lambda value, wanted: wanted not in value,
    "startsWith": str.startswith,
    "notStartsWith": lambda value, wanted: not value.startswith(wanted),
    "endsWith": str.endswith,
    "notEndsWith": lambda value, wanted: not value.endswith(wanted),
    "eqIgnoreCase": lambda value, wanted: value.lower() == wanted.lower(),
    "neqIgnoreCase": lambda value, wanted: value.lower() != wanted.lower(),
    "containsIgnoreCase": lambda value, wanted: wanted.lower() in value.lower(),
    "notContainsIgnoreCase": lambda value, wanted: wanted.lower() not in value.lower(),
    "startsWithIgnoreCase": lambda value, wanted: value.lower().startswith(wanted.lower()),
    "containsIgnoreCaseAndAccent": lambda value, wanted: _bare(wanted) in _bare(value),
}


def _comparison(kind: str, given: Mapping[str, Any], now: datetime) -> Callable[[Any], bool]:
    return _all_of([_compared(name, _bound(kind, wanted, now)) for name, wanted in given.items()])


def _compared(name: str, wanted: Any) -> Callable[[Any], bool]:  # noqa: ANN401 - any scalar
    if name == "null":
        return lambda value: (value is None) == wanted
    if wanted is None:
        return lambda value: (value is None) == (name == "eq")
    compare = _COMPARED[name]
    return lambda value: value is not None and compare(value, wanted)


def _bound(kind: str, wanted: Any, now: datetime) -> Any:  # noqa: ANN401 - any scalar
    """What a value is compared with, in the form that rows hold: dates as canonical strings, which sort."""
    if isinstance(wanted, list):
        return [_bound(kind, one, now) for one in wanted]
    if not isinstance(wanted, str) or not kind.endswith("DateComparator"):
        return wanted
    moment = _moment(wanted, now)
    return moment.date().isoformat() if "Timeless" in kind else iso(moment)


def _moment(text: str, now: datetime) -> datetime:
    found = _DURATION.fullmatch(text)
    if found and len(text) > len("P"):
        return now + _span(found) * (-1 if found["sign"] else 1)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise FilterError(f"{text!r} is neither a date nor a duration") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _span(found: re.Match[str]) -> timedelta:
    count = {name: float(value) for name, value in found.groupdict().items() if value and name != "sign"}
    days = count.pop("years", 0) * 365 + count.pop("months", 0) * 30
    return timedelta(days=days + count.pop("days", 0), **count)


def _bare(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _any_of(kind: str, relations: list[Row]) -> bool:
    return any(relation["type"] == kind for relation in relations)
