"""How one reading enters the database. Every function works inside the transaction that the store has begun."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, delete, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite

from syncd.store.content import digest_of, item_text
from syncd.store.tables import ITEM, MEMBER, SIGHT, TRACKER

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import ColumnElement, Connection, Table

    from mapping.item import Account
    from syncd.store.model import Part, Taken

Row = dict[str, Any]


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


def save(conn: Connection, taken: Taken) -> None:
    """Items, members, sights with their cursor, and the tracker, in this order."""
    _save_items(conn, taken)
    for part in taken.parts:
        if not part.problem:
            _save_members(conn, taken, part)
    _drop_orphans(conn, taken.tracker)
    _save_sights(conn, taken)
    _save_tracker(conn, taken)


def fail(conn: Connection, tracker: Row, parts: Mapping[tuple[str, str], str], *, refused: bool) -> None:
    """Notes a failed reading: the error of the tracker and the problem of each part, and nothing else."""
    blank = {"account_id": "", "account_name": ""}
    statement = insert(conn, TRACKER).on_conflict_do_update(
        index_elements=["name"], set_={"error": tracker["error"], "kind": tracker["kind"]}
    )
    conn.execute(statement, [tracker | blank])
    problem = {"tracker": tracker["name"], "problem": tracker["error"], "refused": refused}
    rows = [{"release": release, "gate": gate, "asked": asked} | problem for (release, gate), asked in parts.items()]
    upsert(conn, SIGHT, rows)


def meet(conn: Connection, tracker: str, kind: str, account: Account) -> None:
    """Another account sees other items, so what was read as the one before is no ground to go on from."""
    us = {"account_id": account.id, "account_name": account.name}
    known = conn.execute(select(TRACKER.c.account_id).where(TRACKER.c.name == tracker)).scalar()
    if known != account.id:
        conn.execute(update(SIGHT).where(SIGHT.c.tracker == tracker).values(watermark=None))
    statement = insert(conn, TRACKER).values(name=tracker, kind=kind, error="", **us)
    conn.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"kind": kind, **us}))


def keep_only(conn: Connection, parts: Mapping[tuple[str, str, str], str]) -> None:
    """Forgets what belongs to parts (release, gate, tracker) that nobody asks for any more, or asks for in another way
    than before.
    """
    sights = select(SIGHT.c.release, SIGHT.c.gate, SIGHT.c.tracker, SIGHT.c.asked)
    known = {tuple(row)[:3]: row.asked for row in conn.execute(sights)}
    gone = [place for place, asked in known.items() if parts.get(place) != asked]
    for table in (MEMBER, SIGHT):
        this = [table.c.release == bindparam("a"), table.c.gate == bindparam("b"), table.c.tracker == bindparam("c")]
        if gone:
            conn.execute(delete(table).where(*this), [dict(zip("abc", place, strict=True)) for place in gone])
    _drop_orphans(conn)


def _save_items(conn: Connection, taken: Taken) -> None:
    texts = {item.id: (item.key, item_text(item)) for item in taken.items}
    rows = [
        {
            "tracker": taken.tracker,
            "item_id": item_id,
            "key": key,
            "digest": digest_of(text),
            "observed_at": taken.started_at,
            "content": text,
        }
        for item_id, (key, text) in sorted(texts.items())  # one order everywhere: two writers cannot deadlock
    ]
    excluded = insert(conn, ITEM).excluded
    upsert(conn, ITEM, rows, where=ITEM.c.content != excluded.content)


def _save_members(conn: Connection, taken: Taken, part: Part) -> None:
    place: Row = {"release": part.release, "gate": part.gate, "tracker": taken.tracker}
    present = and_(*(MEMBER.c[name] == value for name, value in place.items()))
    known = set(conn.execute(select(MEMBER.c.item_id).where(present)).scalars())
    rows = [place | {"item_id": item_id, "missed_at": None} for item_id in sorted(part.members)]
    upsert(conn, MEMBER, rows, where=MEMBER.c.missed_at.is_not(None))
    gone = known - part.members
    this = and_(present, MEMBER.c.item_id == bindparam("gone_id"))
    _each(conn, delete(MEMBER).where(this), gone & part.left)
    missed = update(MEMBER).where(this, MEMBER.c.missed_at.is_(None)).values(missed_at=taken.started_at)
    _each(conn, missed, gone - part.left)


def _each(conn: Connection, statement: Any, ids: Collection[str]) -> None:  # noqa: ANN401 - an update or a delete
    if ids:
        conn.execute(statement, [{"gone_id": item_id} for item_id in sorted(ids)])


def _drop_orphans(conn: Connection, tracker: str | None = None) -> None:
    """Deletes the items that belong to no gate any more."""
    used = exists().where(MEMBER.c.tracker == ITEM.c.tracker, MEMBER.c.item_id == ITEM.c.item_id)
    statement = delete(ITEM).where(~used)
    conn.execute(statement if tracker is None else statement.where(ITEM.c.tracker == tracker))


def _save_sights(conn: Connection, taken: Taken) -> None:
    seen: Row = {"problem": "", "refused": False, "observed_at": taken.started_at, "watermark": taken.watermark}
    if taken.complete:
        seen |= {"complete_at": taken.started_at}
    good, bad = [], []
    for part in taken.parts:
        place = {"release": part.release, "gate": part.gate, "tracker": taken.tracker, "asked": part.asked}
        if part.problem:
            bad.append({**place, "problem": part.problem, "refused": part.refused})
        else:
            good.append({**place, **seen})
    upsert(conn, SIGHT, good)
    upsert(conn, SIGHT, bad)


def _save_tracker(conn: Connection, taken: Taken) -> None:
    row: Row = {
        "name": taken.tracker,
        "kind": taken.kind,
        "account_id": taken.account.id,
        "account_name": taken.account.name,
        "error": taken.problem,
    }
    if taken.complete and not taken.problem:
        row |= {"complete_at": taken.started_at}
    upsert(conn, TRACKER, [row])
