"""Brings a database to today's tables when it is opened. Called by the store alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect

from syncd.store.engine import transaction
from syncd.store.errors import StoreError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

HEAD = "0006"
"""The newest step under migrations/versions, known without importing alembic, which is slow; a test compares."""

MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 7_905_623  # any number: two processes that open a PostgreSQL database at once take turns by it


def bring_up(engine: Engine, shown: str) -> None:
    """Applies all missing steps in one transaction. Raises StoreError for a database of a newer syncd."""
    with engine.connect() as connection:
        if _revision(connection, shown) == HEAD:
            return
    with transaction(engine, writes=True) as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        if _revision(connection, shown) != HEAD:  # somebody else may have been quicker
            upgrade(connection)


def upgrade(connection: Connection, to: str = "head") -> None:
    """Applies the steps up to ``to`` inside the connection's transaction."""
    from alembic import command  # noqa: PLC0415 - slow to import, rarely needed
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def _revision(connection: Connection, shown: str) -> str | None:
    """The database's step, None when it has none yet. Raises StoreError when this syncd does not know it."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    if revision is not None and not any(MIGRATIONS.glob(f"versions/{revision}_*.py")):
        raise StoreError(
            f"the database {shown} was made by a newer syncd (its tables are at step {revision}, ours at {HEAD})",
            "run that newer syncd, or name another database as `database:`",
        )
    return str(revision) if revision is not None else None
