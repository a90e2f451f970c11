"""Digests: the bytes that say whether something changed. Canonical JSON, sha256, no clocks.

``material`` is all of a readiness that a reader should be told; the report carries its digest, and the summary is
written again only when it differs.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mapping.calendar import utc

if TYPE_CHECKING:
    from collections.abc import Collection

    from mapping.item import Item
    from mapping.readiness import GateReadiness, HandOff, Readiness, TargetSet

_DIGEST_LETTERS = 16
_SHOWN_OF_ITEM = ("tracker", "id", "key", "url", "title", "status", "progress", "assignee", "restricted")
_CLOCKS_OF_GATE = ("since", "facts_at", "previous", "open_items", "read_by")
_CLOCKS_OF_RELEASE = ("computed_at", "valid_until", "gates", "sources")


def canonical(value: object) -> str:
    """JSON with sorted keys; values by their fields, datetimes in UTC. ASCII only, so that any text can be encoded."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=_plain)


def sha256(value: object) -> str:
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def item_digest(item: Item) -> str:
    """What a waiver is pinned to: which item it is and how far it is. Title, comments and priority change nothing."""
    return sha256([*item.ref, item.progress])


def material(readiness: Readiness) -> dict[str, Any]:
    """Everything of ``readiness`` that a reader should be told, without the clocks that move by themselves."""
    kept = _without(readiness, _CLOCKS_OF_RELEASE)
    kept["gates"] = [_material_gate(gate) for gate in readiness.gates]
    kept["handoffs"] = [_without(each, ("hours",)) for each in readiness.handoffs]
    kept["targets"] = [_without(each, ("at",)) for each in readiness.targets]  # the first: when it was first read
    kept["sources"] = [[s.tracker, s.items, s.error, s.last_complete is None] for s in readiness.sources]
    return kept


def digest(readiness: Readiness) -> str:
    """The material digest: equal when nothing that a reader should be told has changed. Short, for in Linear it stands
    on the page, by which a write is recognised.
    """
    return sha256(material(readiness))[:_DIGEST_LETTERS]


def _material_gate(gate: GateReadiness) -> dict[str, Any]:
    kept = _without(gate, _CLOCKS_OF_GATE)
    kept["open_items"] = [{name: getattr(item, name) for name in _SHOWN_OF_ITEM} for item in gate.open_items]
    return kept


def _without(value: GateReadiness | HandOff | Readiness | TargetSet, clocks: Collection[str]) -> dict[str, Any]:
    return {name: held for name, held in _plain(value).items() if name not in clocks}


def _plain(value: object) -> Any:  # noqa: ANN401 - whatever JSON can hold
    if isinstance(value, datetime):
        return utc(value).isoformat()
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return str(value)
