"""What commands print: results to standard output, problems to standard error. Text is text, never markup."""

from __future__ import annotations

import difflib
import os
import sys
from enum import IntEnum
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from mapping.plain import clean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from rich.table import Table

    from connectors.errors import TrackerError


PIPED_COLUMNS = 120
ONE_LINE_A_ROW_COLUMNS = 1000


class Exit(IntEnum):
    """Exit codes; interface.md §1."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NOT_READY = 3
    INTERRUPTED = 130


class UnknownNameError(Exception):
    """Nothing goes by the name that somebody typed."""


class UnknownReleaseError(UnknownNameError):
    """The configuration has no release of this id."""


def console(piped_columns: int | None = None) -> Console:
    """Standard output. Where $COLUMNS and the terminals around say nothing, a pipe is as wide as a wide page."""
    width = None
    if not sys.stdout.isatty() and not os.environ.get("COLUMNS"):
        width = piped_columns or (None if on_a_terminal() else PIPED_COLUMNS)
    return Console(highlight=False, markup=False, emoji=False, width=width)


def say(text: str) -> None:
    """One line of the result."""
    _line(console(), text)


def print_table(table: Table) -> None:
    """One line a row in a pipe, without the padding behind it."""
    where = console(ONE_LINE_A_ROW_COLUMNS)
    if where.is_terminal:
        where.print(table)
        return
    with where.capture() as captured:
        where.print(table)
    say("\n".join(line.rstrip() for line in captured.get().splitlines()))


def warn(text: str) -> None:
    """One line for whoever runs the command, on standard error."""
    _line(Console(stderr=True, highlight=False, markup=False, emoji=False), text)


def _line(where: Console, text: str) -> None:
    """Broken between words on a terminal, never in a pipe; an address is never broken."""
    clear = "\n".join(clean(line) for line in text.split("\n"))
    where.print(Text(clear, overflow="ignore"), crop=False, soft_wrap=not where.is_terminal)


def tell(problems: Iterable[TrackerError | str]) -> None:
    """What went wrong, each thing once however often it was met."""
    for problem in dict.fromkeys(str(it) for it in problems):
        warn(f"problem: {problem}")


def chosen(release: str | None, releases: Collection[str]) -> list[str]:
    """The releases that a command is about. Raises UnknownReleaseError."""
    if release is None:
        return list(releases)
    if release not in releases:
        close = difflib.get_close_matches(release, releases, n=1)
        remedy = f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(releases)}"
        raise UnknownReleaseError(f"there is no release {release!r} in the configuration; {remedy}")
    return [release]


def on_a_terminal() -> bool:
    return sys.stderr.isatty()
