"""How the target moved, with who, when and why; readiness.md §7.

Called by the head of the report.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from mapping.document import Line, Text
from mapping.plain import cut
from mapping.wording import day_begun, days_between, deadline

if TYPE_CHECKING:
    from datetime import datetime

    from mapping.layout import Detail, Edition
    from mapping.readiness import Readiness, TargetSet

_TIMES = {1: "once", 2: "twice"}


def moved_words(readiness: Readiness, edition: Edition) -> str:
    """How often it moved and by how much in all: ", moved twice, +9 d"; "" when it never did."""
    count = len(_moves(readiness))
    if not count:
        return ""
    dates = [entry.target for entry in readiness.targets if entry.target is not None]
    total = f", {_shift(dates[0], dates[-1], edition)}" if readiness.target is not None else ""
    return f", moved {_TIMES.get(count, f'{count} times')}{total}"


def move_lines(readiness: Readiness, edition: Edition, detail: Detail) -> tuple[Line, ...]:
    """One line for each move, the newest first."""
    moves = _moves(readiness)[::-1]
    lines = [_line(before, entry, readiness, edition, detail) for before, entry in moves[: detail.moves]]
    if lines and len(moves) > len(lines):
        lines.append((Text(f"and {len(moves) - len(lines)} earlier."),))
    return tuple(lines)


def _moves(readiness: Readiness) -> list[tuple[TargetSet, TargetSet]]:
    """What was set after another target; the first one is no move."""
    first = next((n for n, entry in enumerate(readiness.targets) if entry.target is not None), 0)
    entries = readiness.targets[first:]
    return [(before, entry) for before, entry in pairwise(entries) if before.target != entry.target]


def _line(before: TargetSet, entry: TargetSet, readiness: Readiness, edition: Edition, detail: Detail) -> Line:
    who = f" by {cut(entry.by, detail.name)}" if entry.by else ""
    at = day_begun(entry.at, edition.zone, readiness.computed_at)
    why = cut(entry.reason, detail.sentence) or "nobody has said why"
    return (
        Text(_change(before.target, entry.target, readiness, edition), strong=True),
        Text(f"{who} in {cut(entry.where, detail.name)}, {at}: {why}"),
    )


def _change(old: datetime | None, new: datetime | None, readiness: Readiness, edition: Edition) -> str:
    was, now = (deadline(at, edition.zone, readiness.computed_at) if at else "none" for at in (old, new))
    if new is None:
        return f"Target {was} taken away"
    moved = f" ({_shift(old, new, edition)})" if old else ""
    return f"Target moved from {was} to {now}{moved}"


def _shift(old: datetime, new: datetime, edition: Edition) -> str:
    """Whole days with their sign: "+9 d"."""
    days = days_between(old, new, edition.zone)
    return f"{days:+} d" if days else "±0 d"
