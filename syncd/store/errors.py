"""What a database can refuse, said to the person who must act. Never shows a password or a stored value."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

if TYPE_CHECKING:
    from collections.abc import Iterator

Said = tuple[str, str]

_SQLITE: dict[int, Said] = {
    sqlite3.SQLITE_BUSY: (
        "is locked by another process",
        "wait for the other syncd to finish, or stop it, and try again",
    ),
    sqlite3.SQLITE_LOCKED: (
        "is locked by another process",
        "wait for the other syncd to finish, or stop it, and try again",
    ),
    sqlite3.SQLITE_FULL: (
        "cannot grow: the disk is full",
        "free some space and try again; what was stored before is whole",
    ),
    sqlite3.SQLITE_READONLY: (
        "cannot be written: it is read-only",
        "let the user that runs syncd write the file and its directory",
    ),
    sqlite3.SQLITE_CORRUPT: ("is damaged", "move the file away; syncd rebuilds it from the trackers"),
    sqlite3.SQLITE_NOTADB: ("is not an SQLite database", "name another file as `database:`, or move this one away"),
    sqlite3.SQLITE_CANTOPEN: (
        "cannot be opened",
        "check that its directory exists and that the user that runs syncd may write there",
    ),
    sqlite3.SQLITE_PERM: ("cannot be opened", "let the user that runs syncd read and write the file"),
    sqlite3.SQLITE_IOERR: (
        "cannot be read or written: the disk reports an error",
        "check the disk and try again; what was stored before is whole",
    ),
}

_POSTGRESQL: dict[str, Said] = {
    "08": ("lost the connection", "check that the server runs and is reachable, and try again"),
    "28": ("refused us", "check the user and the password in `database:`"),
    "3D": ("does not exist", "create it, or name another one as `database:`"),
    "25": ("cannot be written: it is read-only", "name the primary server as `database:`"),
    "40": ("is busy: another process wrote at the same time", "try again"),
    "42501": ("does not let us do this", "let the user in `database:` create and write tables"),
    "53": ("has no room left", "free some space or connections at the server and try again"),
    "55": ("is locked by another process", "wait for the other syncd to finish, or stop it, and try again"),
    "57": ("stopped the statement or is shutting down", "try again once the server is up"),
}
_UNREACHABLE = "check `database:`, and that its server runs and is reachable, and try again"


class StoreError(Exception):
    """The database cannot do what was asked; nothing was half written. ``hint`` is the remedy."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message + (f" ({self.hint})" if self.hint else "")


@contextmanager
def named(where: str) -> Iterator[None]:
    """Turns what the driver raises into a StoreError about ``where``, the database as a person may see it."""
    try:
        yield
    except DBAPIError as error:
        said, hint = _said(error.orig)
        raise StoreError(f"the database {where} {said}", hint) from error
    except ValueError as error:  # a value that no version of ours wrote: SQLAlchemy's types refuse it
        said, hint = _SQLITE[sqlite3.SQLITE_CORRUPT]
        raise StoreError(f"the database {where} {said}: a stored value cannot be read", hint) from error
    except PoolTimeoutError as error:
        raise StoreError(f"the database {where} is busy", "try again") from error


def _said(error: BaseException | None) -> Said:
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", None)  # absent where the module itself complains
        known = _SQLITE.get(code & 0xFF) if code is not None else None
        return known or (f"refused: {error}", "")
    state = getattr(error, "sqlstate", None)
    if state is None:
        return f"cannot be reached: {' '.join(str(error).split())[:300]}", _UNREACHABLE
    known = _POSTGRESQL.get(state) or _POSTGRESQL.get(state[:2])
    return known or (f"refused with the SQL state {state}", "")
