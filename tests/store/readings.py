"""Readings of one tracker, and what a database holds, for the tests of the store."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from mapping.item import Account, Item, Progress
from mapping.readiness import Readiness, Verdict
from syncd.store.content import digest_of, item_text
from syncd.store.engine import engine_of
from syncd.store.model import Content, Failure, Part, Taken
from syncd.store.tables import METADATA

if TYPE_CHECKING:
    from collections.abc import Iterable

T0 = datetime(2026, 12, 8, 12, 0, 0, 123456, tzinfo=UTC)
HOUR = timedelta(hours=1)
US = Account(tracker="eng", id="5b10", name="syncd bot")


def item(number: int, title: str = "", tracker: str = "eng") -> Item:
    return Item(
        tracker=tracker,
        id=str(number),
        key=f"ENG-{number}",
        url=f"https://eng.example/browse/ENG-{number}",
        title=title or f"Title {number}",
        status="To Do",
        status_id="10",
        progress=Progress.TODO,
        updated=T0,
    )


def part(*numbers: int, gate: str = "docs", left: Iterable[int] = (), **fields: Any) -> Part:
    members = frozenset(str(number) for number in numbers)
    gone = frozenset(str(number) for number in left)
    return Part(**{"release": "atlas-2", "gate": gate, "members": members, "left": gone, **fields})


def taken(*parts: Part, at: datetime = T0, items: Iterable[Item] | None = None, **fields: Any) -> Taken:
    """A complete reading at ``at`` with one item for each member, unless told otherwise."""
    ids = sorted({int(member) for it in parts for member in it.members})
    defaults = {
        "tracker": "eng",
        "kind": "jira",
        "account": US,
        "watermark": at - timedelta(seconds=7),
        "complete": True,
    }
    found = [item(number, tracker=fields.get("tracker", "eng")) for number in ids] if items is None else items
    return Taken(**{**defaults, "started_at": at, "parts": parts, "contents": [content(it) for it in found], **fields})


def content(it: Item) -> Content:
    text = item_text(it)
    return Content(id=it.id, key=it.key, digest=digest_of(text), text=text)


def failure(problem: str, *gates: str, refused: bool = False) -> Failure:
    parts = {("atlas-2", gate): "" for gate in gates}
    return Failure(tracker="eng", kind="jira", problem=problem, refused=refused, parts=parts)


def readiness(at: datetime = T0) -> Readiness:
    return Readiness(
        release="atlas-2",
        name="Atlas 2.0",
        verdict=Verdict.BLOCKED,
        shown="BLOCKED",
        reason="Docs is late.",
        computed_at=at,
        valid_until=at + HOUR,
        gates=(),
    )


def rows(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """All that the database holds, by table, but for what is to be judged again."""
    engine, _ = engine_of(url, 1.0)
    with closing_engine(engine) as conn:
        return {
            name: sorted(map(tuple, conn.execute(sa.select(table))), key=repr)
            for name, table in METADATA.tables.items()
            if name != "touched"
        }


def closing_engine(engine: sa.Engine) -> Any:
    conn = engine.connect()
    conn.detach()  # the connection is closed with the block, not given back to a pool
    return closing(conn)
