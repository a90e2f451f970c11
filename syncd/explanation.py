"""Why a release stands where it stands, as one document: each gate with its items, sources, records and hand-offs.

Made of the newest judgement or of a piece of evidence, printed by ``syncd explain``. Pure. Of confidential gates and
restricted items it shows key, state and owner only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mapping.calendar import utc
from mapping.memory import Memory
from mapping.readiness import Readiness
from mapping.record import Record, Waiver
from mapping.record_words import gates_of, sayer, saying
from mapping.said import name_of
from mapping.sight import Sight
from mapping.signing import VOID
from mapping.standing import in_order, taken_back_at, withdrawn

if TYPE_CHECKING:
    from mapping.exhibit import Exhibit
    from mapping.item import Item
    from mapping.readiness import GateReadiness, HandOff, ScopeChange, WaiverStanding
    from mapping.record import Signature


@dataclass(frozen=True, kw_only=True)
class Basis:
    """What an explanation is made of. ``memory`` came out of the judgement; ``health`` is by gate id."""

    readiness: Readiness
    zone: tzinfo
    records: Sequence[Record]
    health: Mapping[str, Sequence[Sight]]
    memory: Memory

    def gate(self, name: str) -> GateReadiness | None:
        return next((gate for gate in self.readiness.gates if gate.id == name), None)

    @cached_property
    def gone(self) -> Mapping[str, datetime]:
        """The comments that were edited or deleted, and when."""
        return withdrawn(self.records)

    @cached_property
    def restricted(self) -> frozenset[tuple[str, str]]:
        """The (tracker, id) of items about which nobody may be told more than key, state and owner."""
        still_open = {item.ref for gate in self.readiness.gates for item in gate.open_items if item.restricted}
        return frozenset(still_open | {it.waiver.item for it in self.readiness.all_waivers if it.hidden})


def basis_of(exhibit: Exhibit) -> Basis:
    return Basis(
        readiness=exhibit.readiness,
        zone=exhibit.given.configuration.zone,
        records=exhibit.given.records,
        health=exhibit.given.health,
        memory=exhibit.remembered,
    )


def explanation(basis: Basis, gate: str | None = None) -> dict[str, Any]:
    """Times are ISO 8601 in UTC, absent values are null. ``gate``: of this one alone."""
    it = basis.readiness
    return {
        "release": it.release,
        "name": it.name,
        "verdict": it.verdict.value,
        "shown": it.shown,
        "reason": it.reason,
        "computed_at": _time(it.computed_at),
        "target": _time(it.target),
        "gates": [_gate(basis, each) for each in it.gates if gate in (None, each.id)],
        "remarks": list(it.remarks),
        "records": [_record(basis, r) for r in in_order(basis.records) if not gates_of(r, basis.records)],
    }


def _gate(basis: Basis, gate: GateReadiness) -> dict[str, Any]:
    mine = [r for r in in_order(basis.records) if gate.id in gates_of(r, basis.records)]
    return {
        "id": gate.id,
        "name": gate.name,
        "state": gate.state.value,
        "shown": gate.shown,
        "unknown": gate.unknown,
        "required": gate.required,
        "confidential": gate.confidential,
        "spoken_for": not gate.asked,
        "reason": gate.reason,
        "actor": gate.actor,
        "owner": gate.owner,
        "since": _time(gate.since),
        "due": _time(gate.due),
        "done": gate.done,
        "total": gate.total,
        "facts_at": _time(gate.facts_at),
        "open": [_item(item, confidential=gate.confidential) for item in gate.open_items],
        "asks": [{"who": ask.who, "what": ask.what} for ask in basis.readiness.asks if ask.gate == gate.id],
        "sources": [_sight(sight) for sight in basis.health.get(gate.id, ())],
        "handoffs": [_handoff(it) for it in basis.readiness.handoffs if gate.id in (it.upstream, it.downstream)],
        "signature": _signature(gate.signed, _bound(basis, gate)),
        "signature_needed": gate.sign_off,
        "waivers": [
            _waiver(it, hidden=it.hidden or gate.confidential)
            for it in basis.readiness.all_waivers
            if it.waiver.gate == gate.id
        ],
        "scope": [_change(it) for it in basis.readiness.scope.changes if it.gate == gate.id],
        "records": [_record(basis, record) for record in mine],
    }


def _bound(basis: Basis, gate: GateReadiness) -> str | None:
    past = basis.memory.gates.get(gate.id)
    return past.bound.get(name_of(gate.signed)) if past and gate.signed else None


def _signature(signature: Signature | None, bound: str | None) -> dict[str, Any] | None:
    """``facts``: the digest of what was signed, null before that was read; ``void``: it changed since."""
    if signature is None:
        return None
    return {
        "by": signature.by,
        "at": _time(signature.at),
        "expires_at": _time(signature.expires_at),
        "key": signature.key or None,
        "url": signature.url or None,
        "facts": bound or None,
        "void": bound == VOID,
    }


def _item(item: Item, *, confidential: bool) -> dict[str, Any]:
    return {
        "tracker": item.tracker,
        "key": item.key,
        "url": item.url,
        "status": item.status,
        "assignee": item.assignee,
        "title": None if confidential or item.restricted else item.title,
    }


def _sight(sight: Sight) -> dict[str, Any]:
    return {
        "tracker": sight.tracker,
        "observed_at": _time(sight.observed_at),
        "complete_at": _time(sight.complete_at),
        "problem": sight.problem or None,
        "vanished": [item.key or item.id for item in sight.vanished],
    }


def _handoff(it: HandOff) -> dict[str, Any]:
    return {
        "from": it.upstream,
        "to": it.downstream,
        "leg": it.leg.value,
        "holder": it.holder,
        "since": _time(it.since),
        "by": _time(it.by),
        "dropped": it.dropped,
        "reason": it.reason or None,
    }


def _waiver(it: WaiverStanding, *, hidden: bool) -> dict[str, Any]:
    waiver = it.waiver
    return {
        "label": waiver.label or waiver.id,
        "item": waiver.key or waiver.item[1],
        "state": it.state.value,
        "until": _time(it.until),
        "by": waiver.by,
        "approved_by": waiver.approved_by,
        "denied_by": waiver.denied_by,
        "reason": None if hidden else waiver.reason,
    }


def _change(it: ScopeChange) -> dict[str, Any]:
    return {
        "kind": it.kind.value,
        "key": it.key,
        "by": it.by or None,
        "at": _time(it.at),
        "to": it.to or None,
        "admitted": it.admitted,
        "admitted_by": it.admitted_by or None,
    }


def _record(basis: Basis, record: Record) -> dict[str, Any]:
    return {
        "at": _time(record.at),
        "by": sayer(record) or None,
        "kind": type(record).__name__,
        "taken_back_at": _time(taken_back_at(record, basis.gone)),
        "what": saying(record, basis.zone, basis.readiness.target, hidden=is_hidden(basis, record)),
    }


def is_hidden(basis: Basis, record: Record) -> bool:
    """Whether the words that were given for it are nobody's business."""
    about = [basis.gate(name) for name in gates_of(record, basis.records)]
    return any(gate is not None and gate.confidential for gate in about) or _waived(record, basis) in basis.restricted


def _waived(record: Record, basis: Basis) -> tuple[str, str] | None:
    """The item of a waiver, or of the one that the record is about."""
    subject = getattr(record, "subject", None)
    found = [r for r in basis.records if isinstance(r, Waiver) and (r is record or (subject and r.label == subject))]
    return found[0].item if found else getattr(record, "item", None)


def _time(at: datetime | None) -> str | None:
    return utc(at).isoformat() if at else None
