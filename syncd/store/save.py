"""How one reading enters the database. Every function works inside the transaction that the store has begun.

What a reading changed for a release is noted in the same transaction, so that no death between reading and judging can
lose it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, delete, exists, select, update

from syncd.asked import which_of
from syncd.store.rows import Row, batches, insert, touch, upsert
from syncd.store.tables import ITEM, MEMBER, SIGHT, TRACKER

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Table

    from mapping.item import Account
    from syncd.store.model import Failure, Part, Taken

Place = tuple[str, str]
"""(release id, gate id), of one tracker."""
Known = dict[str, "datetime | None"]
"""Item id → since when it cannot be found, None when it can."""


def save(conn: Connection, taken: Taken) -> None:
    """Items, members, sights with their cursor, and the tracker, in this order."""
    changed = _places_of(conn, taken.tracker, _save_items(conn, taken))
    looked_at = None if taken.among is None else members_among(conn, taken.tracker, taken.among)
    for part in taken.parts:
        if not part.problem and _save_members(conn, taken, part, looked_at):
            changed.add((part.release, part.gate))
    _drop_orphans(conn, taken.tracker, taken.among)
    told_otherwise = _save_sights(conn, taken, changed)
    _save_tracker(conn, taken)
    touched = {release for release, _ in changed | told_otherwise}
    whole = {part.release for part in taken.parts if not part.problem} if taken.complete else set()
    touch(conn, touched | whole)


def fail(conn: Connection, failure: Failure) -> None:
    """Notes a failed reading: the error of the tracker, the problem of each part, and nothing else."""
    told = {"kind": failure.kind, "error": failure.problem}
    statement = insert(conn, TRACKER).on_conflict_do_update(index_elements=["name"], set_=told)
    conn.execute(statement, [told | {"name": failure.tracker, "account_id": "", "account_name": "", "words": ""}])
    problem: Row = {"problem": failure.problem, "refused": failure.refused}
    problem |= {"watermark": None} if failure.whole else {}
    before = _told(conn, failure.tracker)
    touch(conn, {it[0] for it in failure.parts if before.get(it) != (failure.problem, failure.refused)})
    rows = [
        {"release": place[0], "gate": place[1], "tracker": failure.tracker, "asked": asked} | problem
        for place, asked in failure.parts.items()
    ]
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
    """Forgets what belongs to parts (release, gate, tracker) that nobody asks for any more, or of which other items are
    asked for. Where the same items are to be taken in another way, they and what is missed of them stay; the part is as
    one that was never seen until it is read whole.
    """
    sights = select(SIGHT.c.release, SIGHT.c.gate, SIGHT.c.tracker, SIGHT.c.asked)
    known = {tuple(row)[:3]: row.asked for row in conn.execute(sights)}
    changed = {place: asked for place, asked in known.items() if parts.get(place) != asked}
    gone = [it for it, asked in changed.items() if it not in parts or which_of(parts[it]) != which_of(asked)]
    if not changed:
        return
    for table in (MEMBER, SIGHT) if gone else ():
        conn.execute(delete(table).where(*_this(table)), [_named(place) for place in gone])
    unseen: Row = dict.fromkeys(("watermark", "observed_at", "complete_at", "changed_at"))
    unread = [_named(place) | {"now": parts[place]} for place in changed.keys() - set(gone)]
    if unread:
        told = update(SIGHT).where(*_this(SIGHT)).values(asked=bindparam("now"), problem="", refused=False, **unseen)
        conn.execute(told, unread)
    _drop_orphans(conn, None, None)
    touch(conn, {release for release, _, _ in changed})


def _this(table: Table) -> list[ColumnElement[bool]]:
    return [table.c.release == bindparam("a"), table.c.gate == bindparam("b"), table.c.tracker == bindparam("c")]


def _named(place: tuple[str, str, str]) -> Row:
    return dict(zip("abc", place, strict=True))


def _save_items(conn: Connection, taken: Taken) -> list[str]:
    """Writes what is new or has changed. The ids of those that were known and have changed."""
    changed = []
    for some in batches(taken.contents):
        by_id = {it.id: it for it in some}
        this = and_(ITEM.c.tracker == taken.tracker, ITEM.c.item_id.in_(by_id))
        known = {row.item_id: row.digest for row in conn.execute(select(ITEM.c.item_id, ITEM.c.digest).where(this))}
        new = [it for it in by_id.values() if known.get(it.id) != it.digest]
        changed += [it.id for it in new if it.id in known]
        rows = [
            {
                "tracker": taken.tracker,
                "item_id": it.id,
                "key": it.key,
                "digest": it.digest,
                "observed_at": taken.started_at,
                "content": it.text,
            }
            for it in new
        ]
        upsert(conn, ITEM, rows)
    return changed


def _places_of(conn: Connection, tracker: str, ids: Collection[str]) -> set[Place]:
    """The gates, of any release, that these items belong to."""
    found: set[Place] = set()
    for some in batches(ids):
        this = and_(MEMBER.c.tracker == tracker, MEMBER.c.item_id.in_(some))
        rows = conn.execute(select(MEMBER.c.release, MEMBER.c.gate).where(this).distinct())
        found |= {(row.release, row.gate) for row in rows}
    return found


def _save_members(conn: Connection, taken: Taken, part: Part, looked_at: Mapping[Place, Known] | None) -> bool:
    """Whether anything of it changed. ``looked_at``: the former members among what was looked at, None for all."""
    place: Row = {"release": part.release, "gate": part.gate, "tracker": taken.tracker}
    present = and_(*(MEMBER.c[name] == value for name, value in place.items()))
    if looked_at is None:
        rows = conn.execute(select(MEMBER.c.item_id, MEMBER.c.missed_at).where(present))
        known: Known = {row.item_id: row.missed_at for row in rows}
    else:
        known = looked_at.get((part.release, part.gate), {})
    new = sorted(id_ for id_ in part.members if known.get(id_, "absent") is not None)
    upsert(conn, MEMBER, [place | {"item_id": id_, "missed_at": None} for id_ in new])
    gone = known.keys() - part.members
    lost = {id_ for id_ in gone - part.left if known[id_] is None}
    this = and_(present, MEMBER.c.item_id == bindparam("gone_id"))
    _each(conn, delete(MEMBER).where(this), gone & part.left)
    _each(conn, update(MEMBER).where(this).values(missed_at=taken.started_at), lost)
    return bool(new or lost or gone & part.left)


def members_among(conn: Connection, tracker: str, ids: Collection[str]) -> dict[Place, Known]:
    found: dict[Place, Known] = {}
    for some in batches(ids):
        for row in conn.execute(select(MEMBER).where(MEMBER.c.tracker == tracker, MEMBER.c.item_id.in_(some))):
            found.setdefault((row.release, row.gate), {})[row.item_id] = row.missed_at
    return found


def _each(conn: Connection, statement: Any, ids: Collection[str]) -> None:  # noqa: ANN401 - an update or a delete
    if ids:
        conn.execute(statement, [{"gone_id": item_id} for item_id in sorted(ids)])


def _drop_orphans(conn: Connection, tracker: str | None, among: frozenset[str] | None) -> None:
    """Deletes the items that belong to no gate any more, among those that were looked at."""
    used = exists().where(MEMBER.c.tracker == ITEM.c.tracker, MEMBER.c.item_id == ITEM.c.item_id)
    statement = delete(ITEM).where(~used)
    if tracker is not None:
        statement = statement.where(ITEM.c.tracker == tracker)
    for some in [None] if among is None else batches(among):
        conn.execute(statement if some is None else statement.where(ITEM.c.item_id.in_(some)))


def _save_sights(conn: Connection, taken: Taken, changed: Collection[Place]) -> set[Place]:
    """The parts whose problem is another than before. One that could not be read loses its watermark: it is asked for
    whole until it can, for a look at what changed would find nothing wrong with it.
    """
    before = _told(conn, taken.tracker)
    seen: Row = {"problem": "", "refused": False, "observed_at": taken.started_at, "watermark": taken.watermark}
    if taken.complete:
        seen |= {"complete_at": taken.started_at, "changed_at": None}
    rows: dict[tuple[str, ...], list[Row]] = {}
    for part in taken.parts:
        row: Row = {"release": part.release, "gate": part.gate, "tracker": taken.tracker, "asked": part.asked}
        if part.problem:
            row |= {"problem": part.problem, "refused": part.refused, "watermark": None}
        elif taken.watermark is None:
            continue
        else:
            row |= seen if part.ways is None else seen | {"ways": json.dumps(sorted(part.ways))}
        rows.setdefault(tuple(row), []).append(row)
    for alike in rows.values():
        upsert(conn, SIGHT, alike)
    own = {(part.release, part.gate) for part in taken.parts} if taken.complete else set()
    _note_change(conn, taken, [place for place in changed if place not in own])
    return {
        (part.release, part.gate)
        for part in taken.parts
        if (part.problem or taken.watermark is not None)
        and before.get((part.release, part.gate), ("", False)) != (part.problem, part.refused)
    }


def _note_change(conn: Connection, taken: Taken, places: Collection[Place]) -> None:
    """These gates hold something newer than their own last complete reading now."""
    this = and_(SIGHT.c.release == bindparam("r"), SIGHT.c.gate == bindparam("g"), SIGHT.c.tracker == taken.tracker)
    if places:
        rows = [{"r": release, "g": gate} for release, gate in sorted(places)]
        conn.execute(update(SIGHT).where(this).values(changed_at=taken.started_at), rows)


def _told(conn: Connection, tracker: str) -> dict[Place, tuple[str, bool]]:
    query = select(SIGHT.c.release, SIGHT.c.gate, SIGHT.c.problem, SIGHT.c.refused).where(SIGHT.c.tracker == tracker)
    return {(row.release, row.gate): (row.problem, row.refused) for row in conn.execute(query)}


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
    if taken.words and not _has_others(conn, taken):
        row |= {"words": taken.words}
    upsert(conn, TRACKER, [row])


def _has_others(conn: Connection, taken: Taken) -> bool:
    """Whether there are parts that were read when the words may have meant something else."""
    query = select(SIGHT.c.release, SIGHT.c.gate)
    query = query.where(SIGHT.c.tracker == taken.tracker, SIGHT.c.watermark.is_not(None))
    return bool({tuple(row) for row in conn.execute(query)} - {(part.release, part.gate) for part in taken.parts})
