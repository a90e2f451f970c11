"""The summary issue that we own, and the claim of the one who may write it. Called by the store alone."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, case, select, update

from syncd.store.content import remarks_text
from syncd.store.rows import INSERTS, upsert
from syncd.store.tables import CLAIM, SUMMARY

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Executable

    from connectors.base import Ref
    from syncd.store.model import Accepted, Mark
    from syncd.store.rows import Row

_SKEW = timedelta(minutes=5)
_NO_ISSUE = {"issue_id": None, "issue_key": None, "issue_url": None}
_NOTHING_ACCEPTED = {
    "digest": None,
    "accepted_at": None,
    "valid_until": None,
    "verdict": None,
    "remarks": "[]",
    "loud": False,
    "text": "",
    "complaint": "",
}

_OURS = (CLAIM.c.what == bindparam("of")) & (CLAIM.c.fence == bindparam("ours"))
_RENEWING = update(CLAIM).where(_OURS)
_GIVING_BACK = update(CLAIM).where(_OURS, CLAIM.c.until > bindparam("now")).values(until=bindparam("now"))


def intend(conn: Connection, mark: Mark, at: datetime) -> None:
    upsert(conn, SUMMARY, [_marked(mark) | {"intent_at": at} | _NO_ISSUE | _NOTHING_ACCEPTED])


def created(conn: Connection, mark: Mark, ref: Ref) -> None:
    """Another issue than before has accepted nothing yet; the same one keeps what it accepted."""
    known = conn.execute(select(SUMMARY.c.issue_id).where(SUMMARY.c.release == mark.release)).scalar()
    row: Row = _marked(mark) | {"intent_at": None, "issue_id": ref.id, "issue_key": ref.key, "issue_url": ref.url}
    if known == ref.id:
        conn.execute(update(SUMMARY).where(SUMMARY.c.release == mark.release).values(row))
    else:
        upsert(conn, SUMMARY, [row | _NOTHING_ACCEPTED])


def accepted(conn: Connection, release: str, what: Accepted) -> None:
    conn.execute(
        update(SUMMARY)
        .where(SUMMARY.c.release == release)
        .values(
            digest=what.digest,
            accepted_at=what.at,
            valid_until=what.valid_until,
            verdict=what.verdict,
            remarks=remarks_text(what.remarks),
            loud=what.loud,
            text=what.text,
            complaint="",
        )
    )


def forget_intent(conn: Connection, release: str) -> None:
    conn.execute(update(SUMMARY).where(SUMMARY.c.release == release).values(intent_at=None))


def complained(conn: Connection, release: str, said: str) -> None:
    conn.execute(update(SUMMARY).where(SUMMARY.c.release == release).values(complaint=said))


def claim(conn: Connection, what: str, holder: str, now: datetime, until: datetime) -> int | None:
    """One statement, so that of two who ask at once only one gets it. A right that lasts longer than anybody takes it
    for was taken by a clock that was ahead.
    """
    row = {"what": what, "holder": holder, "until": until, "fence": 1}
    fence: int | None = conn.execute(_claiming(conn.dialect.name), row | {"now": now, "absurd": until + _SKEW}).scalar()
    return fence


@cache
def _claiming(dialect: str) -> Executable:
    statement = INSERTS[dialect](CLAIM)
    new, now = statement.excluded, bindparam("now", type_=CLAIM.c.until.type)
    renewed = (CLAIM.c.holder == new.holder) & (CLAIM.c.until > now)
    fence = case((renewed, CLAIM.c.fence), else_=CLAIM.c.fence + 1)
    made: Executable = statement.on_conflict_do_update(
        index_elements=["what"],
        set_={"holder": new.holder, "until": new.until, "fence": fence},
        where=(CLAIM.c.holder == new.holder) | (CLAIM.c.until <= now) | (CLAIM.c.until > bindparam("absurd")),
    ).returning(CLAIM.c.fence)
    return made


def renew(conn: Connection, what: str, fence: int, until: datetime) -> bool:
    """However late: the number grows only when another took the right."""
    return conn.execute(_RENEWING, {"of": what, "ours": fence, "until": until}).rowcount == 1


def holder(conn: Connection, what: str, now: datetime) -> tuple[str, int] | None:
    row = conn.execute(select(CLAIM).where(CLAIM.c.what == what, CLAIM.c.until > now)).one_or_none()
    return None if row is None else (row.holder, row.fence)


def unclaim(conn: Connection, what: str, fence: int, now: datetime) -> None:
    """The row stays: its fence must never go back."""
    conn.execute(_GIVING_BACK, {"of": what, "ours": fence, "now": now})


def unclaim_all(conn: Connection, holder: str, now: datetime) -> None:
    """The fences grow, so that nothing under way passes its next check."""
    mine = (CLAIM.c.holder == holder) & (CLAIM.c.until > now)
    conn.execute(update(CLAIM).where(mine).values(until=now, fence=CLAIM.c.fence + 1))


def _marked(mark: Mark) -> Row:
    return {"release": mark.release, "tracker": mark.tracker, "mark": mark.text, "generation": mark.generation}
