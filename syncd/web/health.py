"""Is the process ready: the configuration in force, the database, and beside them how the trackers were read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from syncd.store.errors import StoreError

if TYPE_CHECKING:
    from syncd.store.model import TrackerState
    from syncd.web.ports import Ports


def readiness(ports: Ports) -> tuple[bool, dict[str, Any]]:
    """Whether we are ready, and the document that says why. A file that was refused leaves the old one in force, so it
    is told and changes nothing; nor does a tracker that is away.
    """
    try:
        trackers = [_tracker(name, ports.outside.store.tracker(name)) for name in ports.config().trackers]
    except StoreError as error:
        return False, {"ready": False, "reasons": [str(error)], "problems": list(ports.problems()), "trackers": []}
    return True, {"ready": True, "reasons": [], "problems": list(ports.problems()), "trackers": trackers}


def _tracker(name: str, known: TrackerState | None) -> dict[str, Any]:
    at = known.complete_at if known else None
    error = known.error if known else ""
    return {"tracker": name, "last_complete": at.isoformat() if at else None, "error": error or None}
