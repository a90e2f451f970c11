"""An exhibit: all that went into one verdict and all that came out of it, as one text with one name; readiness.md §9.

Made by whoever judges, kept by the store. The text is canonical: equal values give the same bytes, in whatever order
items and records come. A field that holds its default is left out, so that a field which a later version adds changes
no exhibit that was written before. Reading a text back is ``syncd.replay``'s.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mapping.canonical import array, joined, written
from mapping.gate import Release
from mapping.item import Item
from mapping.judge import judge
from mapping.memory import Memory
from mapping.readiness import Readiness
from mapping.record import Record
from mapping.sight import Sight

FORM = 1
"""What the names in a text mean. Grows when an older text can no longer be read as it stands, or when a default of a
field that is left out becomes another.
"""

Outcome = tuple[Readiness, Memory, datetime | None]
"""What ``judge`` gives: the readiness, the memory to go on with, and when time alone next changes something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What ``judge`` was given, each as it takes it: raw facts with the times of their reading, no links."""

    items: Mapping[str, Sequence[Item]]
    records: Sequence[Record]
    health: Mapping[str, Sequence[Sight]]
    configuration: Release
    memory: Memory
    now: datetime

    def judged(self) -> Outcome:
        return judge(self.items, self.records, self.health, self.configuration, self.memory, self.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """``remembered`` is the memory that came out. ``why`` it was taken: see ``mapping.occasion``. ``version`` of syncd
    judged; ``configuration_hash`` names the part of its file; ``previous`` is the exhibit before, "" for the first.
    """

    given: Given
    readiness: Readiness
    remembered: Memory
    wake_at: datetime | None
    why: tuple[str, ...]
    version: str
    configuration_hash: str = ""
    previous: str = ""

    def judged_again(self) -> Exhibit:
        """The same with what today's rules make of it."""
        readiness, remembered, wake_at = self.given.judged()
        return replace(self, readiness=readiness, remembered=remembered, wake_at=wake_at)


def text_of(exhibit: Exhibit) -> str:
    """Canonical JSON, ASCII only. Raises TypeError for a value that no rule knows."""
    given = exhibit.given
    texts = {
        "items": joined({gate: array(found) for gate, found in given.items.items()}),
        "records": array(given.records),
        "health": joined({gate: array(sights) for gate, sights in given.health.items()}),
    }
    told = {
        "form": FORM,
        "version": exhibit.version,
        "why": exhibit.why,
        "previous": exhibit.previous,
        "configuration_hash": exhibit.configuration_hash,
        "configuration": given.configuration,
        "memory": given.memory,
        "now": given.now,
        "readiness": exhibit.readiness,
        "remembered": exhibit.remembered,
        "wake_at": exhibit.wake_at,
    }
    return joined(texts | {name: written(value) for name, value in told.items()})


def name_of(text: str) -> str:
    """The sha256 over the bytes, in hex: one byte changed, and it is another."""
    return hashlib.sha256(text.encode()).hexdigest()
