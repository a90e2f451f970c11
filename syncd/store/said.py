"""What people said and what we say in answer, inside one transaction. Called by the store alone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import fields
from typing import TYPE_CHECKING

from sqlalchemy import delete, or_, select, update

from mapping.record import Ownership, Withdrawal
from mapping.reminder import Reminder
from mapping.standing import standing
from syncd.store.content import lines_from, lines_text, record_from, record_kind, record_text
from syncd.store.model import Notice
from syncd.store.rows import insert, upsert
from syncd.store.tables import HEARD, NOTICE, RECORD, REMINDER

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sqlalchemy import Connection

    from mapping.record import Record
    from syncd.store.model import Heard

_REMINDER = tuple(field.name for field in fields(Reminder))


def heard(conn: Connection, release: str) -> dict[tuple[str, str, str], str]:
    """(tracker, issue, comment) → the name under which it was heard."""
    found = conn.execute(select(HEARD).where(HEARD.c.release == release))
    return {(row.tracker, row.issue, row.comment): row.name for row in found}


def owners_named(conn: Connection) -> dict[str, frozenset[str]]:
    """Release → the e-mails of those whom a manager's word makes owners now."""
    said: defaultdict[str, list[Record]] = defaultdict(list)
    for row in conn.execute(select(RECORD).where(RECORD.c.kind.in_(kind.__name__ for kind in (Ownership, Withdrawal)))):
        said[row.release].append(record_from(row.content, kind=row.kind, record_id=row.id, at=row.at))
    named = {
        release: {it.person.email for it in standing(all_) if isinstance(it, Ownership)}
        for release, all_ in said.items()
    }
    return {release: frozenset(email.lower() for email in emails if email) for release, emails in named.items()}


def hear(conn: Connection, release: str, what: Heard) -> None:
    """The records, that their comments were heard, and the answers: together, so that each comes about once."""
    keep_records(conn, release, what.records)
    for place, name in what.names.items():
        row = dict(zip(("release", "tracker", "issue", "comment"), (release, *place), strict=True))
        if name is None:
            conn.execute(delete(HEARD).where(*(HEARD.c[column] == value for column, value in row.items())))
        else:
            upsert(conn, HEARD, [row | {"name": name}])
    say(conn, release, what.notices)


def keep_records(conn: Connection, release: str, records: Iterable[Record]) -> None:
    """For ever; one that is already there stays as it is. Who keeps them judges the release next."""
    rows = [
        {"release": release, "kind": record_kind(it), "id": it.id, "at": it.at, "content": record_text(it)}
        for it in records
    ]
    if rows:
        conn.execute(insert(conn, RECORD).on_conflict_do_nothing(), rows)


def say(conn: Connection, release: str, notices: Iterable[Notice], reminders: Iterable[Reminder] = ()) -> None:
    """Each name once."""
    rows = [
        {"release": release, "name": it.name, "at": it.at, "content": lines_text(it.lines), "tried_at": it.tried_at}
        for it in notices
    ]
    if rows:
        conn.execute(insert(conn, NOTICE).on_conflict_do_nothing(), rows)
    upsert(conn, REMINDER, [{name: getattr(it, name) for name in _REMINDER} for it in reminders])


def reminders(conn: Connection, release: str, people: Collection[str]) -> list[Reminder]:
    mine, theirs = REMINDER.c.release == release, REMINDER.c.person.in_(sorted(people))
    found = conn.execute(select(REMINDER).where(or_(mine, theirs)))
    return [Reminder(**{name: getattr(row, name) for name in _REMINDER}) for row in found]


def unposted(conn: Connection, release: str) -> list[Notice]:
    """Oldest first."""
    query = select(NOTICE).where(NOTICE.c.release == release, NOTICE.c.posted_at.is_(None))
    return [
        Notice(name=row.name, at=row.at, lines=lines_from(row.content), tried_at=row.tried_at)
        for row in conn.execute(query.order_by(NOTICE.c.at, NOTICE.c.name))
    ]


def tried(conn: Connection, release: str, name: str, at: datetime) -> None:
    """The first try counts: an answer may have been lost since then."""
    mine = (NOTICE.c.release == release) & (NOTICE.c.name == name) & NOTICE.c.tried_at.is_(None)
    conn.execute(update(NOTICE).where(mine).values(tried_at=at))


def posted(conn: Connection, release: str, name: str, at: datetime) -> None:
    mine = (NOTICE.c.release == release) & (NOTICE.c.name == name)
    conn.execute(update(NOTICE).where(mine).values(posted_at=at))
