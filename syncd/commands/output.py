"""What commands print: results to standard output, problems to standard error. Text is text, never markup."""

from __future__ import annotations

import difflib
import sys
from enum import IntEnum
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from connectors.errors import TrackerError


class Exit(IntEnum):
    """Exit codes; interface.md §1."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NOT_READY = 3


class UnknownReleaseError(Exception):
    """The configuration has no release of this id."""


def console() -> Console:
    return Console(highlight=False, markup=False, emoji=False)


def say(text: str) -> None:
    """One line of the result."""
    console().print(Text(text), soft_wrap=True)


def warn(text: str) -> None:
    """One line for whoever runs the command, on standard error."""
    Console(stderr=True, highlight=False, markup=False, emoji=False).print(Text(text), soft_wrap=True)


def tell(problems: Iterable[TrackerError]) -> None:
    for problem in problems:
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
