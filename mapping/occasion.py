"""When evidence is taken: what of a judgement makes it worth keeping, as short marks that are cheap to compare.

Called after each judgement, with the marks of the newest evidence, and by ``history``. Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mapping.calendar import utc
from mapping.digest import sha256
from mapping.record import Decision, Ending

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from mapping.readiness import Readiness
    from mapping.record import Record

FIRST = "first"
ASKED = "asked"
"""Two reasons that no mark tells: nothing was ever taken of the release, and somebody decides on what is known now."""

_RECORD = "record"
_WORDS = {
    FIRST: "the first judgement",
    "verdict": "the verdict changed",
    _RECORD: "somebody said something or took it back",
    "decision": "the manager decided",
    "target": "the target moved",
    "freeze": "the scope was frozen",
    "closing": "the release ended",
    ASKED: "somebody was about to decide",
}
_ARE_SAID = frozenset({"decision", "closing"})


def marks(readiness: Readiness, records: Iterable[Record]) -> dict[str, str]:
    """Reason → what stands for it now. ``records``: those that were judged."""
    said = sorted((type(record).__name__, record.id) for record in records if not isinstance(record, Ending))
    return {
        "verdict": f"{readiness.verdict.value}: {readiness.shown}",
        _RECORD: sha256(said),
        "decision": sha256([name for kind, name in said if kind == Decision.__name__]),
        "target": _time(readiness.target),
        "freeze": _time(readiness.scope.frozen_at),
        "closing": readiness.closed.id if readiness.closed else "",
    }


def reasons(before: Mapping[str, str] | None, now: Mapping[str, str]) -> tuple[str, ...]:
    """Why evidence should be taken now, () when nothing calls for it. ``before``: the marks of the newest evidence,
    None when there is none.
    """
    if before is None:
        return (FIRST,)
    return tuple(name for name, mark in now.items() if before.get(name, "") != mark)


def in_words(why: Iterable[str]) -> str:
    """The reasons as people read them. A decision and an end are said; that somebody said something goes with them."""
    given = list(why)
    kept = [name for name in given if name != _RECORD or _ARE_SAID.isdisjoint(given)]
    return "; ".join(_WORDS.get(name, name) for name in kept)


def _time(at: datetime | None) -> str:
    return utc(at).isoformat() if at else ""
