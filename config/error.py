"""What is wrong with a configuration file, for the person who wrote it.

Raised by ``config.load``, printed by the commands. Holds no value from a place where a secret belongs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """One thing to mend. ``line`` and ``column`` count from 1 (0: the file as a whole); ``where`` is the dotted path
    of the key; ``message`` says what was got, ``remedy`` what to write instead.
    """

    line: int
    column: int
    where: str
    message: str
    remedy: str

    def __str__(self) -> str:
        place = f"line {self.line}, column {self.column}" if self.line else "the file"
        heading = f"{place}: {self.where}" if self.where else place
        return f"{heading}\n    {self.message}\n    -> {self.remedy}"


class ConfigError(Exception):
    """All problems of one file at once, by line; ``str`` is the whole text for the terminal."""

    def __init__(self, path: Path, problems: Iterable[Problem]) -> None:
        self.path = path
        self.problems = tuple(sorted(set(problems)))
        super().__init__(str(path), self.problems)

    def __str__(self) -> str:
        count = len(self.problems)
        counted = "1 problem" if count == 1 else f"{count} problems"
        return "\n".join([f"{self.path}: {counted}", *(f"  {problem}" for problem in self.problems)])
