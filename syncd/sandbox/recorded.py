"""Files of recorded answers → the JSON records in them. Called by load.py; knows nothing of any tracker's shapes.

JSON, or CSV with a column ``data`` that holds a JSON in each row. Nothing here raises for what a file holds.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LARGEST_BYTES = 512 * 1024 * 1024
_LONGEST_CELL = 64 * 1024 * 1024
_DEEPEST = 4
_LISTS = ("issues", "values", "issueLinkTypes", "histories")


@dataclass
class Recorded:
    """What one file holds. ``problems`` are sentences' ends, such as "row 3 is no JSON"."""

    path: Path
    records: list[Any] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def files_in(paths: Iterable[Path]) -> Iterator[Path]:
    """The files named, and those of the directories named, in order."""
    for path in paths:
        if path.is_dir():
            yield from sorted(found for found in path.rglob("*") if found.suffix.lower() in {".json", ".csv"})
        else:
            yield path


def read(path: Path) -> Recorded:
    """Reads one file."""
    found = Recorded(path)
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            found.problems.append("is too large")
            return found
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        found.problems.append(f"cannot be read: {error.strerror or error}")
        return found
    if path.suffix.lower() == ".csv":
        _read_rows(text, found)
    else:
        _read_json(text, "", found)
    return found


def _read_json(text: str, where: str, found: Recorded) -> None:
    try:
        found.records += _flat(json.loads(text), 0)
    except (ValueError, RecursionError) as error:
        found.problems.append(f"{where}is no JSON: {error}")


def _read_rows(text: str, found: Recorded) -> None:
    csv.field_size_limit(_LONGEST_CELL)
    try:
        rows = [row for row in csv.reader(io.StringIO(text.replace("\0", ""))) if any(row)]
    except csv.Error as error:
        found.problems.append(f"is no CSV: {error}")
        return
    if not rows or "data" not in rows[0]:
        found.problems.append("has no column 'data'")
        return
    column = rows[0].index("data")
    for number, row in enumerate(rows[1:], 2):
        if len(row) > column:
            _read_json(row[column], f"row {number} ", found)
        else:
            found.problems.append(f"row {number} has no 'data'")


def _flat(value: Any, depth: int) -> Iterator[Any]:  # noqa: ANN401 - any JSON
    """The records in a list, or in the list that an answer wraps."""
    wrapped = (
        next((value[name] for name in _LISTS if isinstance(value.get(name), list)), None) if _page(value) else None
    )
    rows = value if isinstance(value, list) else wrapped
    if rows is None or depth > _DEEPEST:
        yield value
        return
    for row in rows:
        yield from _flat(row, depth + 1)


def _page(value: object) -> bool:
    """Whether an object only wraps others; an issue carries lists of its own."""
    return isinstance(value, dict) and "fields" not in value and "items" not in value
