"""The status document: a judged release as one JSON value, the lease applied.

Read by ``syncd status`` and by whoever scripts against it (interface.md §3). Pure: it is told the time.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mapping.readiness import State, Verdict
from mapping.timing import SKEW

if TYPE_CHECKING:
    from datetime import datetime

    from mapping.item import Item
    from mapping.readiness import Ask, GateReadiness, Readiness, Source
    from mapping.record import Signature, Waiver
    from syncd.store.model import SummaryState

CANNOT_TELL = "CAN'T TELL"
GOOD = (State.READY, State.EXCEPTION)


def leased(
    readiness: Readiness, digest: str, summary: SummaryState | None, now: datetime, *, outdated: bool = False
) -> Readiness:
    """The readiness as a reader may take it at ``now``. ``outdated``: the configuration is another one than was judged.

    A lease is renewed by an accepted write only: without one, past its end, or for good news that was never
    written, the verdict is CAN'T TELL and no gate is READY.
    """
    reason = _lapsed(readiness, digest, summary, now, outdated=outdated)
    if not reason:
        return readiness
    gates = tuple(_blinded(gate) for gate in readiness.gates)
    told = f"{reason} The last word was {readiness.shown}."
    return replace(readiness, verdict=Verdict.UNKNOWN, shown=CANNOT_TELL, reason=told, gates=gates)


def _lapsed(readiness: Readiness, digest: str, summary: SummaryState | None, now: datetime, *, outdated: bool) -> str:
    accepted = summary.accepted if summary else None
    if outdated:
        return "The configuration has changed since the last pass."
    if accepted is None:
        return "Nothing has been written to the summary issue yet."
    if now < accepted.at - SKEW:
        return "It was written at a time that has not come yet: one of the clocks was wrong."
    if now >= accepted.valid_until:
        return f"It could be trusted until {accepted.valid_until:%Y-%m-%d %H:%M} UTC and was not confirmed since."
    if readiness.launchable and accepted.digest != digest:
        return "It has not been written to the summary issue yet."
    return ""


def _blinded(gate: GateReadiness) -> GateReadiness:
    if gate.state not in GOOD:
        return gate
    return replace(gate, state=State.UNKNOWN, shown=CANNOT_TELL, unknown=True, reason=f"was {gate.shown}")


def document(
    readiness: Readiness,
    digest: str,
    summary: SummaryState | None,
    now: datetime,
    *,
    outdated: bool = False,
    evidence: str | None = None,
) -> dict[str, Any]:
    """The document of interface.md §3. Times are ISO 8601 in UTC, absent values are null. ``evidence``: the name of the
    newest.
    """
    told = leased(readiness, digest, summary, now, outdated=outdated)
    return {
        "release": told.release,
        "name": told.name,
        "verdict": told.verdict.value,
        "shown": told.shown,
        "launchable": told.launchable,
        "reason": told.reason,
        "computed_at": _time(told.computed_at),
        "valid_until": _time(summary.accepted.valid_until if summary and summary.accepted else None),
        "target": _time(told.target),
        "decision": None,
        "gates": [_gate(gate) for gate in told.gates],
        "asks": [_ask(ask) for ask in told.asks],
        "changes": [_change(gate) for gate in told.gates if gate.previous],
        "waivers": [_waiver(waiver) for waiver in told.waivers],
        "scope": None,
        "sources": [_source(source, now) for source in told.sources],
        "evidence": evidence,
        "summary": _summary(summary),
    }


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _gate(gate: GateReadiness) -> dict[str, Any]:
    return {
        "id": gate.id,
        "name": gate.name,
        "state": gate.state.value,
        "shown": gate.shown,
        "unknown": gate.unknown,
        "required": gate.required,
        "actor": gate.actor,
        "done": gate.done,
        "total": gate.total,
        "blockers": [_blocker(item, confidential=gate.confidential) for item in gate.open_items],
        "since": _time(gate.since),
        "due": _time(gate.due),
        "signed": _signed(gate.signed),
    }


def _blocker(item: Item, *, confidential: bool) -> dict[str, Any]:
    hidden = confidential or item.restricted
    return {
        "tracker": item.tracker,
        "key": item.key,
        "url": item.url,
        "title": None if hidden else item.title,
        "status": item.status,
        "assignee": item.assignee,
    }


def _signed(signature: Signature | None) -> dict[str, Any] | None:
    if signature is None:
        return None
    return {
        "by": signature.by,
        "at": _time(signature.at),
        "expires_at": _time(signature.expires_at),
        "key": signature.key or None,
        "url": signature.url or None,
    }


def _ask(ask: Ask) -> dict[str, Any]:
    return {
        "who": ask.who,
        "what": ask.what,
        "gate": ask.gate,
        "by": _time(ask.by),
        "unblocks": list(ask.unblocks),
        "key": ask.key or None,
        "url": ask.url or None,
    }


def _change(gate: GateReadiness) -> dict[str, Any]:
    return {
        "gate": gate.id,
        "from": gate.previous.value if gate.previous else None,
        "to": gate.state.value,
        "at": _time(gate.since),
    }


def _waiver(waiver: Waiver) -> dict[str, Any]:
    return {
        "id": waiver.id,
        "gate": waiver.gate,
        "tracker": waiver.item[0],
        "item": waiver.item[1],
        "until": _time(waiver.until),
        "reason": waiver.reason,
        "by": waiver.by,
        "approved_by": waiver.approved_by,
    }


def _source(source: Source, now: datetime) -> dict[str, Any]:
    age = (now - source.last_complete).total_seconds() if source.last_complete else None
    return {
        "tracker": source.tracker,
        "last_complete": _time(source.last_complete),
        "age_seconds": None if age is None else int(age),
        "items": source.items,
        "error": source.error or None,
    }


def _summary(summary: SummaryState | None) -> dict[str, Any] | None:
    if summary is None or summary.ref is None:
        return None
    return {"tracker": summary.mark.tracker, "key": summary.ref.key, "url": summary.ref.url}
