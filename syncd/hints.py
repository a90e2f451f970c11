"""What is still to be looked at in one tracker: what webhooks named, and what was missed and needs a second look.

Filled by the HTTP threads and by the daemon, taken by the daemon's looks. Whoever takes something puts it back when the
look fails: nothing is forgotten before it was looked at. Knows no tracker and no store.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from syncd.departures import SECOND_LOOK

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from connectors.base import Hint


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """``ids`` to look at; ``deleted``: those called gone for good; ``anything``: something changed, and nobody said
    what.
    """

    ids: frozenset[str] = frozenset()
    deleted: frozenset[str] = frozenset()
    anything: bool = False

    @property
    def calls_for_a_look(self) -> bool:
        return bool(self.ids) or self.anything


class Hints:
    """Any thread may call any of its methods."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._ids: set[str] = set()
        self._deleted: set[str] = set()
        self._anything = False
        self._later: dict[str, datetime] = {}
        self._missed_twice: set[str] = set()

    def hear(self, hint: Hint) -> None:
        with self._lock:
            self._ids |= hint.ids
            self._deleted |= hint.deleted
            self._anything |= not hint.ids

    def take(self, now: datetime) -> Named:
        """All that is to be looked at now. What was called deleted is given again and again until it is ``decided``."""
        with self._lock:
            # one that is further ahead than any second look was put down before a clock was set back
            due = {id_ for id_, at in self._later.items() if at <= now or at > now + SECOND_LOOK}
            for id_ in due:
                del self._later[id_]
            self._missed_twice |= due
            named = Named(ids=frozenset(self._ids | self._deleted | due), deleted=self._gone, anything=self._anything)
            self._ids.clear()
            self._anything = False
            return named

    def put_back(self, named: Named) -> None:
        """It was not looked at."""
        with self._lock:
            self._ids |= named.ids - named.deleted
            self._anything |= named.anything

    @property
    def deleted(self) -> frozenset[str]:
        """What was called gone for good, and was not decided yet."""
        with self._lock:
            return self._gone

    @property
    def _gone(self) -> frozenset[str]:
        return frozenset(self._deleted)

    def decided(self, ids: Collection[str]) -> None:
        """Whether these are gone is known now."""
        with self._lock:
            self._deleted.difference_update(ids)

    def miss(self, ids: Collection[str], now: datetime) -> None:
        """These cannot be found: they are looked for once more. What is missed then, too, is left to the census."""
        with self._lock:
            for id_ in set(ids) - self._missed_twice:
                self._later.setdefault(id_, now + SECOND_LOOK)

    def found(self, missed: Collection[str], among: Collection[str] | None) -> None:
        """All but the missed are there: ``among`` these ids, or all that there are (None)."""
        with self._lock:
            there = (self._missed_twice | self._later.keys() if among is None else set(among)) - set(missed)
            self._missed_twice -= there
            self._later = {id_: at for id_, at in self._later.items() if id_ not in there}

    @property
    def next_at(self) -> datetime | None:
        """When the next second look is due."""
        with self._lock:
            return min(self._later.values(), default=None)
