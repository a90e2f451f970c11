"""What moved, as parts of the status document: hand-offs, the scope since the freeze, the targets.

Called by ``status``. What is nobody's business is null.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from syncd.status_said import is_secret, time

if TYPE_CHECKING:
    from mapping.readiness import HandOff, Readiness, ScopeChange, TargetSet


def handoff(it: HandOff, readiness: Readiness) -> dict[str, Any]:
    hidden = is_secret((it.upstream, it.downstream), readiness)
    return {
        "upstream": it.upstream,
        "downstream": it.downstream,
        "leg": it.leg.value,
        "holder": it.holder or None,
        "since": time(it.since),
        "hours": it.hours,
        "by": time(it.by),
        "dropped": it.dropped,
        "untold": it.untold,
        "reason": None if hidden else it.reason or None,
    }


def scope(readiness: Readiness) -> dict[str, Any]:
    it = readiness.scope
    return {
        "frozen_at": time(it.frozen_at),
        "late": it.late,
        "changes": [_change(change, readiness) for change in it.changes],
        "shrunk": dict(it.shrunk),
        "strays": [{"tracker": tracker, "key": key} for tracker, key in it.strays],
        "shared": {key: list(releases) for key, releases in it.shared.items()},
    }


def target(it: TargetSet) -> dict[str, Any]:
    return {
        "target": time(it.target),
        "at": time(it.at),
        "where": it.where,
        "by": it.by or None,
        "reason": it.reason or None,
    }


def _change(it: ScopeChange, readiness: Readiness) -> dict[str, Any]:
    hidden = is_secret((it.gate,), readiness)
    return {
        "kind": it.kind.value,
        "gate": it.gate,
        "tracker": it.tracker,
        "key": it.key,
        "url": it.url,
        "title": None if hidden else it.title or None,
        "by": None if hidden else it.by or None,
        "at": time(it.at),
        "to": None if hidden else it.to or None,
        "admitted": it.admitted,
        "admitted_by": it.admitted_by or None,
    }
