"""Values as canonical JSON text and back. Reading is total: what cannot be read is said, never raised."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from connectors.base import Launch
from mapping.document import Link, Mention, Text
from mapping.health import Health
from mapping.item import Account, Item, Ticket
from mapping.readiness import Readiness
from mapping.record import Hold, Record
from mapping.talk import Talk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from mapping.document import Line, Span
    from syncd.store.model import Told

T = TypeVar("T")

_ITEM: TypeAdapter[Item] = TypeAdapter(Item)
_READINESS: TypeAdapter[Readiness] = TypeAdapter(Readiness)
_RECORDS: dict[str, TypeAdapter[Any]] = {kind.__name__: TypeAdapter(kind) for kind in Record.__args__}

_FACTS: dict[str, TypeAdapter[Any]] = {
    "launch": TypeAdapter(Launch | None),
    "lead": TypeAdapter(Account | None),
    "mover": TypeAdapter(Account | None),
    "person": TypeAdapter(Account | None),
    "ticket": TypeAdapter(Ticket | None),
    "talk": TypeAdapter(Talk | None),
    "health": TypeAdapter(Health | None),
    "strays": TypeAdapter(tuple[Item, ...] | None),
}

_UNREADABLE = "what was kept of it cannot be read by this version of syncd; the next complete reading mends it"


def digest_of(content: str) -> str:
    """The name of a content: sha256 over its canonical JSON, in hex."""
    return hashlib.sha256(content.encode()).hexdigest()


def item_text(item: Item) -> str:
    """The fields come in one order, so that the same item gives the same bytes."""
    return _quick(_ITEM, item)


def item_from(text: str, *, tracker: str, item_id: str, key: str) -> Item:
    """The item, or one with a ``problem`` when the text cannot be read; its gate then reads CAN'T TELL."""
    try:
        return _value(_ITEM, text)
    except ValueError:  # JSON's and pydantic's errors are both
        return Item(
            tracker=tracker, id=item_id, key=key, url="", title="", status="", status_id="", progress=None,
            problem=_UNREADABLE,
        )  # fmt: skip


def fact_text(kind: str, content: Told) -> str:
    return _canonical(_FACTS[kind].dump_python(content, mode="json"))


def fact_from(kind: str, text: str) -> Told:
    """None when the text cannot be read, as if it had never been told."""
    try:
        found: Told = _FACTS[kind].validate_python(json.loads(text))
    except (KeyError, ValueError):
        return None
    return found


def record_kind(record: Record) -> str:
    return type(record).__name__


def record_text(record: Record) -> str:
    return _canonical(_RECORDS[record_kind(record)].dump_python(record, mode="json"))


def record_from(text: str, *, kind: str, record_id: str, at: datetime) -> Record:
    """The record. One that cannot be read might be anybody's "stop", so it holds the release until somebody looks."""
    try:
        record: Record = _RECORDS[kind].validate_python(json.loads(text))
    except (KeyError, ValueError):
        reason = f"the stored {kind} {record_id} cannot be read by this version of syncd; run the version that wrote it"
        return Hold(id=record_id, by="syncd", at=at, reason=reason)
    return record


def readiness_text(readiness: Readiness) -> str:
    return _quick(_READINESS, readiness)


def readiness_from(text: str) -> Readiness | None:
    """None when the text cannot be read."""
    try:
        return _value(_READINESS, text)
    except ValueError:
        return None


def lines_text(lines: Iterable[Line]) -> str:
    """Paragraphs of a comment; a lozenge, which no comment has, is its word."""
    return _canonical([[_span_row(span) for span in line] for line in lines])


def lines_from(text: str) -> tuple[Line, ...]:
    return tuple(tuple(_SPANS[kind](*told) for kind, *told in line) for line in json.loads(text))


_SPANS: dict[str, Callable[..., Span]] = {"text": Text, "link": Link, "mention": Mention}


def _span_row(span: Span) -> list[Any]:
    if isinstance(span, Link):
        return ["link", span.text, span.url]
    if isinstance(span, Mention):
        return ["mention", span.name, span.account]
    return ["text", span.text]


def remarks_text(remarks: tuple[str, ...]) -> str:
    return _canonical(list(remarks))


def remarks_from(text: str) -> tuple[str, ...]:
    try:
        told = json.loads(text)
    except ValueError:
        return ()
    return tuple(str(remark) for remark in told) if isinstance(told, list) else ()


def _value(kind: TypeAdapter[T], text: str) -> T:
    """Raises ValueError for a text that is no such value."""
    try:
        return kind.validate_json(text)
    except ValidationError:  # half of a surrogate pair, too
        return kind.validate_python(json.loads(text))


def _quick(kind: TypeAdapter[Any], value: object) -> str:
    try:
        return kind.serializer.to_json(value).decode()
    except PydanticSerializationError:  # half of a surrogate pair, which is no UTF-8
        return _canonical(kind.dump_python(value, mode="json"))


def _canonical(value: Any) -> str:  # noqa: ANN401 - any JSON
    """Sorted keys, no spaces, ASCII only: the same value gives the same bytes, and any text survives any database."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
