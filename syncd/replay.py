"""An exhibit read back from its text, and judged again.

Called by the commands that explain and compare, and by the tests that hold today's rules against what older ones
said. The text's own form is ``mapping.exhibit``'s.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, tzinfo
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, PlainValidator, TypeAdapter

from mapping.exhibit import FORM, Exhibit, Given, text_of
from mapping.gate import Release
from mapping.item import Item
from mapping.memory import Memory
from mapping.readiness import Readiness
from mapping.record import Record
from mapping.sight import Sight
from syncd.store.errors import StoreError


def _zone(name: object) -> tzinfo:
    """Raises ValueError for a name that this machine does not know."""
    text = str(name)
    if text.startswith(("+", "-")):
        offset = datetime.fromisoformat(f"2000-01-01T00:00:00{text}").tzinfo
        if offset is not None:
            return offset
    try:
        return ZoneInfo(text)
    except (KeyError, OSError) as error:  # a zone that is not there, or a name that is a folder's
        raise ValueError(f"unknown zone {text!r}") from error


def _pairs(told: object) -> object:
    """Keys that are JSON, as values."""
    return {tuple(json.loads(key)): held for key, held in told.items()} if isinstance(told, dict) else told


def _record(told: object) -> Record:
    """Raises ValueError for what is no record."""
    kind = told.get("kind") if isinstance(told, dict) else None
    if not isinstance(told, dict) or kind not in _RECORDS:
        raise ValueError(f"there is no record of the kind {kind!r}")
    record: Record = _RECORDS[kind].validate_python({name: held for name, held in told.items() if name != "kind"})
    return record


_RECORDS: dict[str, TypeAdapter[Any]] = {kind.__name__: TypeAdapter(kind) for kind in Record.__args__}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Release(Release):
    """A release as its text tells it."""

    zone: Annotated[tzinfo, PlainValidator(_zone)]
    shared: Annotated[Mapping[tuple[str, str], tuple[str, ...]], BeforeValidator(_pairs)] = field(default_factory=dict)
    movers: Annotated[Mapping[tuple[str, str], str], BeforeValidator(_pairs)] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """An exhibit as its text tells it."""

    version: str
    why: tuple[str, ...]
    configuration: _Release
    items: dict[str, tuple[Item, ...]]
    records: tuple[Annotated[Record, PlainValidator(_record)], ...]
    health: dict[str, tuple[Sight, ...]]
    memory: Memory
    now: datetime
    readiness: Readiness
    remembered: Memory
    wake_at: datetime | None
    configuration_hash: str = ""
    previous: str = ""


_TOLD = TypeAdapter(_Told)


def exhibit_from(text: str) -> Exhibit:
    """The exhibit that ``text`` tells. Raises StoreError for a text that this version cannot read."""
    try:
        content = json.loads(text)
        form = content.get("form") if isinstance(content, dict) else None
        if form != FORM:
            raise StoreError(f"this evidence has form {form}, which this version of syncd cannot read", _REMEDY)
        told = _TOLD.validate_python(content)
    except (ValueError, RecursionError) as error:  # JSON's and pydantic's errors are the first
        raise StoreError("this evidence cannot be read by this version of syncd", _REMEDY) from error
    return _exhibit(told)


_REMEDY = "read it with the version that wrote it"


def replay(text: str) -> str:
    """What today's rules would have written: the same bytes where they say the same. Raises StoreError."""
    return text_of(exhibit_from(text).judged_again())


def _exhibit(told: _Told) -> Exhibit:
    release = Release(**{each.name: getattr(told.configuration, each.name) for each in fields(Release)})
    given = Given(
        items=told.items,
        records=told.records,
        health=told.health,
        configuration=release,
        memory=told.memory,
        now=told.now,
    )
    return Exhibit(
        given=given,
        readiness=told.readiness,
        remembered=told.remembered,
        wake_at=told.wake_at,
        why=told.why,
        version=told.version,
        configuration_hash=told.configuration_hash,
        previous=told.previous,
    )
