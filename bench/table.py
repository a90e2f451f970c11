"""Prints what was measured beside what must be reached. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """``good`` is None where nothing was to be reached."""

    what: str
    must: str
    measured: str
    good: bool | None


def table(rows: Iterable[Row], columns: Sequence[str] = ("what", "must reach", "measured", "")) -> str:
    """As Markdown, the columns padded."""
    words = {True: "ok", False: "NOT", None: ""}
    cells = [columns, *((row.what, row.must, row.measured, words[row.good]) for row in rows)]
    widths = [max(len(line[at]) for line in cells) for at in range(len(columns))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in cells
    ]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


def middle(laps: Sequence[float]) -> str:
    """The median with its range: "1.24 s (1.20 to 1.31)"."""
    return f"{seconds(median(laps))} ({seconds(min(laps))} to {seconds(max(laps))})"


def seconds(value: float) -> str:
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"
