"""An open database and the transactions over it: what ``Store`` stands on, and nothing of what is kept."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Self

from syncd import log
from syncd.store.engine import file_of, transaction
from syncd.store.errors import named
from syncd.store.schema import bring_up

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from sqlalchemy import Connection, Engine


class Opened:
    """``shown`` is the database as a person may see it."""

    def __init__(self, engine: Engine, shown: str) -> None:
        self._engine = engine
        self._shown = shown
        self._file = file_of(engine)
        self._lock = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _reads(self) -> Iterator[Connection]:
        with named(self._shown), transaction(self._present(), writes=False) as conn:
            yield conn

    @contextmanager
    def _writes(self) -> Iterator[Connection]:
        with named(self._shown), transaction(self._present(), writes=True) as conn:
            yield conn

    def _present(self) -> Engine:
        """The engine of the file that is there now. Where somebody deleted or replaced it, our connections would go on
        in one that nobody else sees: what is there now is opened instead, and the trackers fill it again.
        """
        with self._lock:
            if file_of(self._engine) != self._file:
                log.logger("store").warning("database_replaced", database=self._shown)
                self._engine.dispose()
                bring_up(self._engine, self._shown)
                self._file = file_of(self._engine)
        return self._engine
