"""How a database is reached: URL, driver, pragmas, and how its transactions begin. Used by the store alone."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from syncd.store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection
    from sqlalchemy.engine import URL

_FORMS = "use sqlite:///syncd.db or postgresql://user:password@host/database"


def engine_of(url: str, busy_s: float) -> tuple[Engine, str]:
    """The engine for ``url`` and the database's name for people, without user or password. Connects to nothing.

    ``busy_s`` is how long to wait for somebody else's lock. Raises StoreError.
    """
    parsed = _parsed(url)
    shown = _shown(parsed)
    if parsed.get_backend_name() == "sqlite":
        _check_directory(parsed, shown)
        return _sqlite(parsed, busy_s), shown
    return _postgresql(parsed, shown, busy_s), shown


@contextmanager
def transaction(engine: Engine, *, writes: bool) -> Iterator[Connection]:
    """With ``writes`` SQLite takes its one write lock at once, so that no transaction fails half way because somebody
    else took it.
    """
    with engine.connect() as connection, connection.begin():
        if engine.dialect.name == "sqlite":  # whose driver begins nothing by itself, see ``_sqlite``
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
        yield connection


def file_of(engine: Engine) -> tuple[int, int] | None:
    """Which file the database is now, whatever the connections hold open; None where it is no file, or gone."""
    name = engine.url.database
    if engine.dialect.name != "sqlite" or not name or ":" in name:
        return None
    try:
        found = os.stat(name)  # noqa: PTH116 - each transaction asks, and a Path is made more slowly than all of this
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, ValueError):  # their words would show the password
        raise StoreError("`database:` is not a database URL", _FORMS) from None
    if backend in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername != "sqlite":
        raise StoreError(f"syncd does not know databases of the kind {parsed.drivername!r}", _FORMS)
    return parsed


def _shown(url: URL) -> str:
    if url.get_backend_name() == "sqlite":
        return url.database or ":memory:"
    return f"postgresql://{url.host or 'localhost'}/{url.database or ''}"


def _check_directory(url: URL, shown: str) -> None:
    if url.database and ":" not in url.database:  # not :memory:, not file:…?mode=ro
        directory = Path(url.database).absolute().parent
        if not directory.is_dir():
            raise StoreError(
                f"the database {shown} cannot be opened: there is no directory {directory}",
                "create the directory, or name another file as `database:`",
            )


def _sqlite(url: URL, busy_s: float) -> Engine:
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": busy_s})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's own connection
        connection.isolation_level = None  # the driver begins nothing by itself; ``transaction`` does
        if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")

    return engine


def _postgresql(url: URL, shown: str, busy_s: float) -> Engine:
    limits = f"-c lock_timeout={int(busy_s * 1000)} -c statement_timeout=60000"
    try:
        return create_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=True,
            connect_args={"connect_timeout": 10, **({} if "options" in url.query else {"options": limits})},
        )
    except (ImportError, NoSuchModuleError):
        raise StoreError(
            f"the database {shown} needs a driver that is not installed", "pip install 'syncd[postgres]'"
        ) from None
