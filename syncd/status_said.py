"""What people said, as parts of the status document: the decision, waivers, open questions, the end of the release.

Called by ``status``. What is nobody's business is null: what was said about a confidential gate or a restricted item.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from mapping.readiness import Readiness, WaiverStanding
    from mapping.record import Question


def time(at: datetime | None) -> str | None:
    """ISO 8601 with its offset, as everywhere in the document."""
    return at.isoformat() if at else None


def is_secret(gates: Iterable[str], readiness: Readiness) -> bool:
    """Whether any of these gates (ids) is confidential."""
    asked = set(gates)
    return any(gate.confidential for gate in readiness.gates if gate.id in asked)


def decision(readiness: Readiness) -> dict[str, Any] | None:
    """The last one; ``since``: what changed after it, a sentence each."""
    if not readiness.decisions:
        return None
    last = readiness.decisions[-1]
    return {
        "go": last.go,
        "override": last.override,
        "by": last.by,
        "at": time(last.at),
        "reason": last.reason or None,
        "evidence": last.evidence or None,
        "against": list(last.against),
        "since": list(readiness.since_decided),
    }


def closed(readiness: Readiness) -> dict[str, Any] | None:
    it = readiness.closed
    if it is None:
        return None
    return {"launched": it.launched, "by": it.by, "at": time(it.at), "reason": it.reason or None}


def question(asked: Question) -> dict[str, Any]:
    """An open question in the shape of an ask."""
    return {
        "who": asked.whom,
        "what": f"answer {asked.by}: {asked.text}",
        "gate": None,
        "by": None,
        "unblocks": [],
        "before": None,
        "key": None,
        "url": asked.url or None,
        "question": asked.label or asked.id,
    }


def waiver(standing: WaiverStanding, readiness: Readiness) -> dict[str, Any]:
    it = standing.waiver
    hidden = standing.hidden or is_secret((it.gate,), readiness)
    return {
        "id": it.id,
        "label": it.label or None,
        "state": standing.state.value,
        "gate": it.gate,
        "tracker": it.item[0],
        "item": it.item[1],
        "key": it.key or None,
        "url": standing.url or None,
        "until": time(standing.until),
        "ends_soon": standing.ends_soon,
        "reason": None if hidden else it.reason,
        "by": it.by,
        "at": time(it.at),
        "approved_by": it.approved_by,
        "denied_by": it.denied_by,
        "denial": None if hidden else it.denial or None,
        "follow_up": it.follow_up or None,
    }
