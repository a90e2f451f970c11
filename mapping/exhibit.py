"""An exhibit: all that went into one verdict and all that came out of it, as one text with one name; readiness.md §9.

Made by whoever judges, kept by the store. The text is canonical: equal values give the same bytes, in whatever order
items and records come. A field that holds its default is left out, so that a field which a later version adds changes
no exhibit that was written before. Reading a text back is ``syncd.replay``'s.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from datetime import date, datetime, timedelta, timezone, tzinfo
from functools import cache, singledispatch
from typing import TYPE_CHECKING, Any

from mapping.calendar import utc
from mapping.gate import Release
from mapping.item import Item
from mapping.judge import judge
from mapping.memory import Memory
from mapping.readiness import Readiness
from mapping.record import Record
from mapping.sight import Sight

if TYPE_CHECKING:
    from collections.abc import Iterable

FORM = 1
"""What the names in a text mean. Grows when an older text can no longer be read as it stands, or when a default of a
field that is left out becomes another.
"""

Outcome = tuple[Readiness, Memory, datetime | None]
"""What ``judge`` gives: the readiness, the memory to go on with, and when time alone next changes something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What ``judge`` was given, each as it takes it: raw facts with the times of their reading, no links."""

    items: Mapping[str, Sequence[Item]]
    records: Sequence[Record]
    health: Mapping[str, Sequence[Sight]]
    configuration: Release
    memory: Memory
    now: datetime

    def judged(self) -> Outcome:
        return judge(self.items, self.records, self.health, self.configuration, self.memory, self.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """``remembered`` is the memory that came out. ``why`` it was taken: see ``mapping.occasion``. ``version`` of syncd
    judged; ``configuration_hash`` names the part of its file; ``previous`` is the exhibit before, "" for the first.
    """

    given: Given
    readiness: Readiness
    remembered: Memory
    wake_at: datetime | None
    why: tuple[str, ...]
    version: str
    configuration_hash: str = ""
    previous: str = ""

    def judged_again(self) -> Exhibit:
        """The same with what today's rules make of it."""
        readiness, remembered, wake_at = self.given.judged()
        return replace(self, readiness=readiness, remembered=remembered, wake_at=wake_at)


def text_of(exhibit: Exhibit) -> str:
    """Canonical JSON, ASCII only. Raises TypeError for a value that no rule knows."""
    given = exhibit.given
    texts = {
        "items": _object({gate: _array(found) for gate, found in given.items.items()}),
        "records": _array(given.records),
        "health": _object({gate: _array(sights) for gate, sights in given.health.items()}),
    }
    told = {
        "form": FORM,
        "version": exhibit.version,
        "why": exhibit.why,
        "previous": exhibit.previous,
        "configuration_hash": exhibit.configuration_hash,
        "configuration": given.configuration,
        "memory": given.memory,
        "now": given.now,
        "readiness": exhibit.readiness,
        "remembered": exhibit.remembered,
        "wake_at": exhibit.wake_at,
    }
    return _object(texts | {name: _canonical(plain(value)) for name, value in told.items()})


def name_of(text: str) -> str:
    """The sha256 over the bytes, in hex: one byte changed, and it is another."""
    return hashlib.sha256(text.encode()).hexdigest()


@singledispatch
def plain(value: object) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """The value as JSON that tells it whole. A dataclass by its fields, those that hold their defaults left out; a set
    in order; a mapping's key that is no text as canonical JSON.
    """
    if not is_dataclass(value):
        raise TypeError(f"an exhibit cannot hold a {type(value).__name__}")
    kind: type = type(value)
    told = {}
    for name, default in _defaults(kind):
        held = getattr(value, name)
        if held is not default and (type(held) is not type(default) or held != default):
            told[name] = _rule(type(held))(held)
    return {"kind": kind.__name__, **told} if isinstance(value, Record) else told


@plain.register(str)
@plain.register(int)
@plain.register(type(None))
def _(value: str | int | None) -> str | int | None:
    return value


@plain.register
def _(value: date) -> str:
    return value.isoformat()


@plain.register
def _(value: datetime) -> str:
    return utc(value).isoformat()


@plain.register
def _(value: timedelta) -> str:
    """ISO 8601, to the microsecond."""
    length = abs(value)
    sign = "-" if value < timedelta(0) else ""
    return f"{sign}P{length.days}DT{length.seconds}.{length.microseconds:06}S"


@plain.register
def _(value: tzinfo) -> str:
    """The zone's IANA name."""
    name = getattr(value, "key", None)
    if not name:
        raise TypeError(f"a zone without a name cannot be told: {value!r}")
    return str(name)


@plain.register
def _(value: timezone) -> str:
    """A fixed offset as "+05:30"."""
    return datetime(2000, 1, 1, tzinfo=value).isoformat()[19:]


@plain.register(Mapping)
def _(value: Mapping[Any, Any]) -> dict[str, Any]:
    return {key if isinstance(key, str) else _canonical(plain(key)): plain(held) for key, held in value.items()}


@plain.register(frozenset)
def _(value: frozenset[Any]) -> list[Any]:
    return _sorted(value)


@plain.register(tuple)
@plain.register(list)
def _(value: Sequence[Any]) -> list[Any]:
    return [_rule(type(each))(each) for each in value]


_rule: Callable[[type], Callable[[Any], Any]] = cache(plain.dispatch)
"""Which ``plain`` a type has; found anew each time, that would be half of the work."""


def _sorted(values: Iterable[Any]) -> list[Any]:
    return sorted((plain(value) for value in values), key=_canonical)


def _array(values: Iterable[Any]) -> str:
    """The text of ``_sorted``: each value is written once, for there may be many."""
    return f"[{','.join(sorted(_canonical(plain(value)) for value in values))}]"


def _object(texts: Mapping[str, str]) -> str:
    """An object whose values are texts already."""
    return f"{{{','.join(f'{_canonical(name)}:{texts[name]}' for name in sorted(texts))}}}"


@cache
def _defaults(kind: type) -> tuple[tuple[str, object], ...]:
    """Each field with its default, ``MISSING`` where it has none."""
    return tuple(
        (it.name, it.default if it.default_factory is MISSING else it.default_factory()) for it in fields(kind)
    )


_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
