"""How many items lie where: the shape of a benchmark's world, known to whoever makes it and whoever reads it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """``items`` over all releases; the first release has ``first`` of them (0: as many as any other). Within a release
    they go round its gates, those in Jira and then those in Linear.
    """

    items: int
    release_count: int = 1
    first: int = 0
    jira_gate_count: int = 8
    linear_gate_count: int = 0

    @property
    def releases(self) -> tuple[str, ...]:
        return tuple(f"r{number}" for number in range(self.release_count))

    @property
    def jira_gates(self) -> tuple[str, ...]:
        return tuple(f"jira{letter}" for letter in "abcdefgh"[: self.jira_gate_count])

    @property
    def linear_gates(self) -> tuple[str, ...]:
        return tuple(f"lin{letter}" for letter in "abcdefgh"[: self.linear_gate_count])

    @property
    def gates(self) -> tuple[str, ...]:
        return self.jira_gates + self.linear_gates

    def places(self) -> Iterator[tuple[str, str]]:
        """(release, gate) of every item."""
        for number, release in enumerate(self.releases):
            for turn in range(self._size(number)):
                yield release, self.gates[turn % len(self.gates)]

    def jira_places(self) -> Iterator[tuple[str, str]]:
        return (place for place in self.places() if place[1] in self.jira_gates)

    def linear_places(self) -> Iterator[tuple[str, str]]:
        return (place for place in self.places() if place[1] in self.linear_gates)

    @property
    def jira_items(self) -> int:
        return sum(1 for _ in self.jira_places())

    @property
    def linear_items(self) -> int:
        return sum(1 for _ in self.linear_places())

    def _size(self, number: int) -> int:
        if not self.first or self.release_count == 1:
            share, rest = divmod(self.items, self.release_count)
            return share + (number < rest)
        share, rest = divmod(self.items - self.first, self.release_count - 1)
        return self.first if number == 0 else share + (number <= rest)
