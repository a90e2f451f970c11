"""The status document: a judged release as one JSON value, the lease applied.

Read by ``syncd status`` and by whoever scripts against it (interface.md §3). Pure: it is told the time.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mapping.gate_table import open_questions
from mapping.readiness import State, Verdict
from mapping.timing import SKEW
from syncd import status_moved as moved
from syncd import status_said as said
from syncd.status_said import time

if TYPE_CHECKING:
    from datetime import datetime

    from mapping.item import Item
    from mapping.readiness import Ask, GateReadiness, Readiness, Source
    from mapping.record import Signature
    from syncd.store.model import SummaryState

CANNOT_TELL = "CAN'T TELL"


def leased(
    readiness: Readiness, digest: str, summary: SummaryState | None, now: datetime, *, outdated: bool = False
) -> Readiness:
    """The readiness as a reader may take it at ``now``. ``outdated``: the configuration is another one than was judged.

    A lease is renewed by an accepted write only: without one, past its end, or for good news that was never
    written, the verdict is CAN'T TELL and no gate is READY. A decision stays one: it was said by a person.

    A closed release is told as it was last: nobody confirms it any more, and there is nothing left to launch, so that
    its last words are history and no promise. It is never launchable.
    """
    if readiness.closed is not None:
        return readiness
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
    if not gate.state.good:
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
    """The document of interface.md §3. Times are ISO 8601 in UTC, absent values are null, and so is what is nobody's
    business. ``evidence``: the name of the newest.
    """
    told = leased(readiness, digest, summary, now, outdated=outdated)
    return {
        "release": told.release,
        "name": told.name,
        "verdict": told.verdict.value,
        "shown": told.shown,
        "launchable": told.launchable,
        "reason": told.reason,
        "computed_at": time(told.computed_at),
        "valid_until": time(summary.accepted.valid_until if summary and summary.accepted else None),
        "target": time(told.target),
        "decision": said.decision(told),
        "gates": [_gate(gate) for gate in told.gates],
        "asks": _asks(told),
        "changes": [_change(gate) for gate in told.gates if gate.previous],
        "waivers": [said.waiver(standing, told) for standing in told.all_waivers],
        "handoffs": [moved.handoff(each, told) for each in told.handoffs],
        "scope": moved.scope(told),
        "targets": [moved.target(each) for each in told.targets],
        "closed": said.closed(told),
        "sources": [_source(source, now) for source in told.sources],
        "evidence": evidence,
        "summary": _summary(summary),
    }


def _gate(gate: GateReadiness) -> dict[str, Any]:
    return {
        "id": gate.id,
        "name": gate.name,
        "state": gate.state.value,
        "shown": gate.shown,
        "unknown": gate.unknown,
        "reason": gate.reason,
        "required": gate.required,
        "actor": gate.actor,
        "done": gate.done,
        "total": gate.total,
        "blockers": [_blocker(item, confidential=gate.confidential) for item in gate.open_items],
        "since": time(gate.since),
        "due": time(gate.due),
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
        "at": time(signature.at),
        "expires_at": time(signature.expires_at),
        "key": signature.key or None,
        "url": signature.url or None,
    }


def _asks(readiness: Readiness) -> list[dict[str, Any]]:
    """What people have to do, then what they were asked; of a closed release nothing."""
    if readiness.closed is not None:
        return []
    return [*map(_ask, readiness.asks), *map(said.question, open_questions(readiness))]


def _ask(ask: Ask) -> dict[str, Any]:
    return {
        "who": ask.who,
        "what": ask.what,
        "gate": ask.gate,
        "by": time(ask.by),
        "unblocks": list(ask.unblocks),
        "before": ask.before or None,
        "key": ask.key or None,
        "url": ask.url or None,
        "question": None,
    }


def _change(gate: GateReadiness) -> dict[str, Any]:
    return {
        "gate": gate.id,
        "from": gate.previous.value if gate.previous else None,
        "to": gate.state.value,
        "at": time(gate.since),
    }


def _source(source: Source, now: datetime) -> dict[str, Any]:
    age = (now - source.last_complete).total_seconds() if source.last_complete else None
    return {
        "tracker": source.tracker,
        "last_complete": time(source.last_complete),
        "age_seconds": None if age is None else int(age),
        "items": source.items,
        "error": source.error or None,
    }


def _summary(summary: SummaryState | None) -> dict[str, Any] | None:
    if summary is None or summary.ref is None:
        return None
    return {"tracker": summary.mark.tracker, "key": summary.ref.key, "url": summary.ref.url}
