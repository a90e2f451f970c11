"""Values as canonical JSON that tells them whole: equal values give the same bytes, in whatever order sets come.

Keys are in order, nothing but ASCII, no blanks. Each value is written in one go, for an exhibit has thousands of items.
Called by ``exhibit``; a kind of value that no rule knows is refused instead of being told in part.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import cache, singledispatch
from json.encoder import encode_basestring_ascii
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from mapping.calendar import utc
from mapping.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable


@singledispatch
def written(value: object) -> str:
    """A dataclass by its fields, those that hold their defaults left out; a record with its kind; a set in order; a
    mapping's key that is no text as canonical JSON. Raises TypeError for a value that no rule knows.
    """
    if not is_dataclass(value):
        raise TypeError(f"an exhibit cannot hold a {type(value).__name__}")
    kind: type = type(value)
    told = []
    for name, take, default in _fields(kind):
        held = take(value)
        if held is not default and (type(held) is not type(default) or held != default):
            told.append(name + _RULES[type(held)](held))
    return f"{{{','.join(told)}}}"


def array(values: Iterable[object]) -> str:
    """In order, whatever order they come in."""
    return f"[{','.join(sorted(_RULES[type(value)](value) for value in values))}]"


def joined(texts: Mapping[str, str]) -> str:
    """An object whose values are texts already."""
    return f"{{{','.join(f'{encode_basestring_ascii(name)}:{texts[name]}' for name in sorted(texts))}}}"


written.register(str, encode_basestring_ascii)


@written.register
def _(value: bool) -> str:  # noqa: FBT001 - the value to write
    return "true" if value else "false"


@written.register
def _(value: int) -> str:
    return int.__repr__(value)


@written.register
def _(value: None) -> str:  # noqa: ARG001 - there is only one
    return "null"


@written.register
def _(value: date) -> str:
    return f'"{value.isoformat()}"'


@written.register
def _(value: datetime) -> str:
    return f'"{(value if value.tzinfo is UTC else utc(value)).isoformat()}"'


@written.register
def _(value: timedelta) -> str:
    """ISO 8601, to the microsecond."""
    length = abs(value)
    sign = "-" if value < timedelta(0) else ""
    return f'"{sign}P{length.days}DT{length.seconds}.{length.microseconds:06}S"'


@written.register
def _(value: tzinfo) -> str:
    """The zone's IANA name."""
    name = getattr(value, "key", None)
    if not name:
        raise TypeError(f"a zone without a name cannot be told: {value!r}")
    return encode_basestring_ascii(str(name))


@written.register
def _(value: timezone) -> str:
    """A fixed offset as "+05:30"."""
    return f'"{datetime(2000, 1, 1, tzinfo=value).isoformat()[19:]}"'


@written.register(Mapping)
def _(value: Mapping[Any, Any]) -> str:
    texts = {key if isinstance(key, str) else written(key): written(held) for key, held in value.items()}
    return joined(texts)


@written.register(frozenset)
def _(value: frozenset[Any]) -> str:
    return array(value)


@written.register(tuple)
@written.register(list)
def _(value: Sequence[Any]) -> str:
    return f"[{','.join([_RULES[type(each)](each) for each in value])}]"


class _Rules(dict[type, "Callable[[Any], str]"]):
    """How each type is written; found anew each time, that would be half of the work."""

    def __missing__(self, kind: type) -> Callable[[Any], str]:
        self[kind] = rule = written.dispatch(kind)
        return rule


_RULES = _Rules()


@cache
def _fields(kind: type) -> tuple[tuple[str, Callable[[object], object], object], ...]:
    """For each field, in order: its name as it is written, how it is taken, its default (``MISSING``: it has none)."""
    found = {
        it.name: (it.name, it.default if it.default_factory is MISSING else it.default_factory()) for it in fields(kind)
    }
    if issubclass(kind, Record):
        found["kind"] = "__class__.__name__", MISSING
    return tuple((f'"{name}":', attrgetter(path), default) for name, (path, default) in sorted(found.items()))
