"""The budget of the summary's body, one for all dialects (sync.md §2, readiness.md §10).

Called by the dialects. Must not know a tracker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import re
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


def split_text(body: object, heading: re.Pattern[str]) -> tuple[str, str] | None:
    """Of a body that is text: our part, its last heading included, and the manager's text below it, for any value.

    None when the heading is missing or stands there twice: then nothing may be overwritten. An empty body has
    nothing to lose and splits into two empty parts.
    """
    if body is None or (isinstance(body, str) and not body.strip()):
        return "", ""
    headings = list(heading.finditer(body)) if isinstance(body, str) else []
    if len(headings) != 1 or not isinstance(body, str):
        return None
    return body[: headings[0].end()].rstrip("\r\n"), body[headings[0].end() :].strip("\r\n")


def fit_text(reports: Sequence[Report], notes: str, render: Callable[[Report], str]) -> tuple[str, int]:
    """The whole body, notes carried over, from the first report that the budget holds; and that report's place."""
    rendered, place = fit(reports, units(notes) + 2, render, units)
    return f"{rendered}\n\n{notes}" if notes else rendered, place
