"""How evidence is kept: exhibits by name, each with the one before it. Every function works inside the transaction that
the store has begun.

The text is compressed; on reading it must hash to its name. What stands beside it in a row is to find it by.
"""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING

from sqlalchemy import select

from mapping.exhibit import name_of
from syncd.store.errors import StoreError
from syncd.store.model import Evidence
from syncd.store.rows import insert
from syncd.store.tables import EVIDENCE

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import Connection, Row, Select

SHORTEST = 4
"""Characters of a name that are enough, where no other begins so."""

_DIGITS = frozenset("0123456789abcdef")
_COLUMNS = [column for column in EVIDENCE.c if column.name != "content"]


def keep(conn: Connection, it: Evidence, text: str) -> None:
    """Keeps it for ever; what is there already stays. A second one in the same place of the chain is refused."""
    row = {
        "release": it.release,
        "sha": it.sha,
        "number": it.number,
        "previous": it.previous,
        "at": it.at,
        "why": ",".join(it.why),
        "version": it.version,
        "marks": json.dumps(it.marks, sort_keys=True),
        "content": zlib.compress(text.encode(), 1),
    }
    conn.execute(insert(conn, EVIDENCE).on_conflict_do_nothing(index_elements=["release", "sha"]), [row])


def last(conn: Connection, release: str) -> Evidence | None:
    found = conn.execute(_of(release).order_by(EVIDENCE.c.number.desc()).limit(1)).one_or_none()
    return None if found is None else _evidence(found)


def chain(conn: Connection, release: str) -> list[Evidence]:
    """Oldest first, as the rows tell."""
    return [_evidence(row) for row in conn.execute(_of(release).order_by(EVIDENCE.c.number))]


def named(conn: Connection, prefix: str, release: str | None) -> list[Evidence]:
    """Those whose name begins so, two at most; none for what is too short for a name, or is none."""
    start = prefix.lower()
    if len(start) < SHORTEST or set(start) - _DIGITS:
        return []
    query = select(*_COLUMNS).where(EVIDENCE.c.sha.startswith(start))
    if release is not None:
        query = query.where(EVIDENCE.c.release == release)
    return [_evidence(row) for row in conn.execute(query.order_by(EVIDENCE.c.sha, EVIDENCE.c.release).limit(2))]


def text(conn: Connection, release: str, sha: str) -> str:
    """Raises StoreError when it is not there, or when it is no more what its name says."""
    query = select(EVIDENCE.c.content).where(EVIDENCE.c.release == release, EVIDENCE.c.sha == sha)
    packed = conn.execute(query).scalar_one_or_none()
    if packed is None:
        raise StoreError(f"the evidence {sha[:8]} of {release} is missing")
    try:
        told = zlib.decompress(packed).decode()
    except (zlib.error, UnicodeDecodeError):
        told = ""
    if name_of(told) != sha:
        raise StoreError(
            f"the evidence {sha[:8]} of {release} was changed since it was taken: its bytes do not hash to its name",
            "trust nothing of it; a copy of the database from before may hold it whole",
        )
    return told


def _of(release: str) -> Select[Any]:
    return select(*_COLUMNS).where(EVIDENCE.c.release == release)


def _evidence(row: Row[Any]) -> Evidence:
    return Evidence(
        release=row.release,
        sha=row.sha,
        number=row.number,
        previous=row.previous,
        at=row.at,
        why=tuple(row.why.split(",")) if row.why else (),
        version=row.version,
        marks=_marks(row.marks),
    )


def _marks(told: str) -> dict[str, str]:
    """None at all where they cannot be read: then evidence is taken once more."""
    try:
        found = json.loads(told)
    except ValueError:
        return {}
    return {str(name): str(mark) for name, mark in found.items()} if isinstance(found, dict) else {}
