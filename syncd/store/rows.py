"""How rows enter a table, whatever the database. Every function works inside the transaction that the store began."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy.dialects import postgresql, sqlite

from syncd.store.tables import TOUCHED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import ColumnElement, Connection, Table

T = TypeVar("T")
Row = dict[str, Any]

BATCH = 1000
"""Values in one ``IN (…)`` and rows held at a time: below every database's limit of variables."""


def upsert(conn: Connection, table: Table, rows: list[Row], *, where: ColumnElement[bool] | None = None) -> None:
    """Inserts rows, or gives the present ones the values named in them; all rows name the same columns.

    ``where`` limits which present rows are touched. One statement with many parameter sets, so that no limit of
    SQLite on the number of variables is met.
    """
    if not rows:
        return
    statement = insert(conn, table)
    names = {column.name for column in table.primary_key}
    fresh = {name: statement.excluded[name] for name in rows[0] if name not in names}
    conn.execute(statement.on_conflict_do_update(index_elements=sorted(names), set_=fresh, where=where), rows)


def insert(conn: Connection, table: Table) -> Any:  # noqa: ANN401 - two dialects' inserts, alike but unrelated
    return postgresql.insert(table) if conn.dialect.name == "postgresql" else sqlite.insert(table)


def touch(conn: Connection, releases: Iterable[str]) -> None:
    """Notes that these releases are to be judged again."""
    rows = [{"release": release, "touches": 1} for release in sorted(set(releases))]
    if rows:
        statement = insert(conn, TOUCHED)
        conn.execute(
            statement.on_conflict_do_update(index_elements=["release"], set_={"touches": TOUCHED.c.touches + 1}), rows
        )


def batches(values: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    left = iter(values)
    while some := list(islice(left, size)):
        yield some
