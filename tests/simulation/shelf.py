"""The store of a simulation: quick, of a process that may die at each operation, and looked at without reading it anew.

Called by ``run``, and by ``settled`` for the database that it compares with.
"""

from __future__ import annotations

import shutil
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from syncd.store.engine import engine_of
from syncd.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from sqlalchemy import Engine

_SUMMARY = frozenset({"summary", "summaries"})
_JUDGED = frozenset({"judgement", "judged_at"})
_WORDS = frozenset({"heard", "owners_named", "records", "unposted"})
_SAID = frozenset({"reminders", "unposted"})
_EVIDENCE = frozenset({"evidence", "evidence_text", "evidences", "last_evidence"})
_OF_A_READING = frozenset(
    {
        "complete_at", "count_members", "gates_of", "item_counts", "items", "items_by_id", "known_ids", "members",
        "members_among", "missed", "missed_of", "shared", "sights", "touched", "tracker", "watermarks", "ways",
    }
)  # fmt: skip
READS = _SUMMARY | _JUDGED | _WORDS | _SAID | _EVIDENCE | _OF_A_READING | {"facts"}
SPOILS = {
    "meet": _OF_A_READING,
    "save": _OF_A_READING,
    "failed": _OF_A_READING,
    "keep_only": _OF_A_READING,
    "keep_facts": frozenset({"facts", "touched"}),
    "renew_facts": frozenset({"facts"}),
    "hear": _WORDS,
    "keep_records": frozenset({"owners_named", "records"}),
    "say": _SAID,
    "tried": frozenset({"unposted"}),
    "posted": frozenset({"unposted"}),
    "keep_evidence": _EVIDENCE,
    "keep_judgement": _JUDGED | {"touched"},
    "intend": _SUMMARY,
    "forget_intent": _SUMMARY,
    "created": _SUMMARY,
    "accepted": _SUMMARY | _SAID,
    "complained": _SUMMARY,
}
"""What is written → what may tell something else then. All that the store can do is named in one of these."""
RIGHTS = frozenset({"claim", "holder", "renew", "unclaim", "unclaim_all"})
"""What none of the ``READS`` tells."""


def quick_store(url: str) -> Store:
    """The real store over a database that has all its tables already and need not survive a power cut."""
    engine, _ = _engine(url)
    engine.dispose()  # another database lies there now
    return Store(engine, url)


@cache
def _engine(url: str) -> tuple[Engine, list[Any]]:
    """One for all databases that ever lie there, for it remembers each statement; and its open connections."""
    engine, _ = engine_of(url, busy_s=5.0)
    opened: list[Any] = []

    @event.listens_for(engine, "connect")
    def hurry(connection: Any, _: object) -> None:
        connection.execute("PRAGMA synchronous = OFF")
        opened.append(connection)

    @event.listens_for(engine, "close")
    def forget(connection: Any, _: object) -> None:
        opened.remove(connection)

    return engine, opened


def lay(template: Path, path: Path) -> None:
    """An empty database with all tables, whatever lay there before."""
    for old in path.parent.glob(f"{path.name}*"):
        old.unlink()
    shutil.copyfile(template, path)


class Shelf:
    """The store as one process has it: what was read is kept until a row is written that it may rest on."""

    def __init__(self, store: Store, url: str) -> None:
        self._store = store
        self._opened = _engine(url)[1]
        self._read: dict[tuple[str, str], Any] = {}
        self.version = 0

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if name in RIGHTS:
            return found
        if name in READS:
            return lambda *args: self._told(name, found, args)
        spoilt = SPOILS[name]
        return lambda *args, **words: self._written(found, args, words, spoilt)

    def _written(self, write: Callable[..., Any], args: Any, words: Any, spoilt: Collection[str]) -> Any:
        before = self._rows_written()
        try:
            return write(*args, **words)
        finally:
            if self._rows_written() != before:
                self.version += 1
                self._read = {key: told for key, told in self._read.items() if key[0] not in spoilt}

    def _rows_written(self) -> int:
        return sum(connection.total_changes for connection in self._opened)

    def _told(self, name: str, found: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        key = name, repr(args)
        if key not in self._read:
            self._read[key] = found(*args)
        return self._read[key]


class Mortal:
    """The store, in a process that may die before and after each of its operations."""

    def __init__(self, store: Shelf, die: Callable[[], None]) -> None:
        self._store = store
        self._die = die

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)

        def mortal(*args: Any, **words: Any) -> Any:
            self._die()
            answer = found(*args, **words)
            self._die()
            return answer

        return mortal
