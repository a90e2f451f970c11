"""The budget of the summary's body, one for all dialects (sync.md §2, readiness.md §10).

Called by the dialects. Must not know a tracker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mapping.document import Report

OURS = 25_000
"""Our part takes no more than this: what Jira counts towards 32,767 in an ADF body is disputed (trackers.md §1.7)."""

WHOLE = 32_000
"""Our part and the notes together take no more than this, if it can be had."""

R = TypeVar("R")


def units(text: str) -> int:
    """How many characters a tracker counts: UTF-16 units, for both trackers count a rocket as two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def fit(
    reports: Sequence[Report], notes_size: int, render: Callable[[Report], R], size: Callable[[R], int]
) -> tuple[R, int]:
    """The first rendering that the budget holds, and its place in ``reports`` (full to smallest, at least one).

    The smallest is taken when none does: the writer then hears from the tracker, and nothing is lost.
    """
    budget = min(OURS, WHOLE - notes_size)
    for place, report in enumerate(reports[:-1]):
        rendered = render(report)
        if size(rendered) <= budget:
            return rendered, place
    return render(reports[-1]), len(reports) - 1
