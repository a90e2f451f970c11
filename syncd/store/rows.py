"""How rows enter a table, whatever the database. Every function works inside the transaction that the store began."""

from __future__ import annotations

from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy.dialects import postgresql, sqlite

from syncd.store.tables import TOUCHED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlalchemy import Connection, Executable, Table

T = TypeVar("T")
Row = dict[str, Any]
INSERTS: dict[str, Callable[[Table], Any]] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}

BATCH = 1000
"""Values in one ``IN (…)`` and rows held at a time: below every database's limit of variables."""


def upsert(conn: Connection, table: Table, rows: list[Row]) -> None:
    """Inserts rows, or gives the present ones the values named in them; all rows name the same columns.

    One statement with many parameter sets, so that no limit of SQLite on the number of variables is met.
    """
    if rows:
        conn.execute(_upserting(conn.dialect.name, table, tuple(rows[0])), rows)


@cache
def _upserting(dialect: str, table: Table, named: tuple[str, ...]) -> Executable:
    """Kept, for to make a statement takes longer than to execute it."""
    statement = INSERTS[dialect](table)
    names = {column.name for column in table.primary_key}
    fresh = {name: statement.excluded[name] for name in named if name not in names}
    made: Executable = statement.on_conflict_do_update(index_elements=sorted(names), set_=fresh)
    return made


def insert(conn: Connection, table: Table) -> Any:  # noqa: ANN401 - two dialects' inserts, alike but unrelated
    return INSERTS[conn.dialect.name](table)


def touch(conn: Connection, releases: Iterable[str]) -> None:
    """Notes that these releases are to be judged again."""
    rows = [{"release": release, "touches": 1} for release in sorted(set(releases))]
    if rows:
        conn.execute(_touching(conn.dialect.name), rows)


@cache
def _touching(dialect: str) -> Executable:
    once_more = {"touches": TOUCHED.c.touches + 1}
    made: Executable = INSERTS[dialect](TOUCHED).on_conflict_do_update(index_elements=["release"], set_=once_more)
    return made


def batches(values: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    left = iter(values)
    while some := list(islice(left, size)):
        yield some
