"""What the store knows of one release, read inside one transaction. Called by the store alone."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, func, select

from connectors.base import Ref
from mapping.sight import Sight
from syncd.store.content import fact_from, item_from, readiness_from, record_from, remarks_from
from syncd.store.model import Accepted, Fact, Judgement, Mark, SummaryState, TrackerState
from syncd.store.rows import batches
from syncd.store.tables import FACT, ITEM, JUDGEMENT, MEMBER, RECORD, SIGHT, SUMMARY, TOUCHED, TRACKER

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from mapping.item import Item
    from mapping.record import Record
    from syncd.store.model import Told


Read = dict[tuple[str, str, str], "tuple[str, Told]"]
"""(tracker, kind, name) of a fact → its text, and what that says. One entry a fact, for some texts are long."""

# Made once, for they are asked at every pass, and making them took longer than executing them.
_TRACKER = select(TRACKER).where(TRACKER.c.name == bindparam("here"))
_ITEMS = (
    select(MEMBER.c.gate, ITEM.c.tracker, ITEM.c.item_id, ITEM.c.key, ITEM.c.content)
    .join_from(MEMBER, ITEM)
    .where(MEMBER.c.release == bindparam("of"))
    .order_by(MEMBER.c.gate, ITEM.c.tracker, ITEM.c.item_id)
)
_PRESENT, _VANISHED = _ITEMS.where(MEMBER.c.missed_at.is_(None)), _ITEMS.where(MEMBER.c.missed_at.is_not(None))
_SIGHTS = select(SIGHT).where(SIGHT.c.release == bindparam("of")).order_by(SIGHT.c.gate, SIGHT.c.tracker)
_WATERMARKS = select(SIGHT.c.release, SIGHT.c.gate, SIGHT.c.watermark).where(
    SIGHT.c.tracker == bindparam("here"), SIGHT.c.watermark.is_not(None)
)
_FACTS = select(FACT).where(FACT.c.kind.in_(bindparam("kinds", expanding=True)))
_TOUCHED = select(TOUCHED.c.release, TOUCHED.c.touches)
_JUDGEMENT = select(JUDGEMENT).where(JUDGEMENT.c.release == bindparam("of"))
_OWN, _OTHER = MEMBER.alias("own"), MEMBER.alias("other")
_ELSEWHERE = (
    select(_OTHER.c.tracker, _OTHER.c.item_id, _OTHER.c.release)
    .distinct()
    .where(_OTHER.c.release != bindparam("of"), _OTHER.c.missed_at.is_(None))
)
_SHARED = _ELSEWHERE.join(_OWN, and_(_OWN.c.tracker == _OTHER.c.tracker, _OWN.c.item_id == _OTHER.c.item_id)).where(
    _OWN.c.release == bindparam("of")
)
_ELSEWHERE_TOO = _ELSEWHERE.where(
    _OTHER.c.tracker == bindparam("here"), _OTHER.c.item_id.in_(bindparam("ids", expanding=True))
)


def tracker(conn: Connection, name: str) -> TrackerState | None:
    row = conn.execute(_TRACKER, {"here": name}).one_or_none()
    return None if row is None else TrackerState(**row._mapping)  # noqa: SLF001 - public, named so by SQLAlchemy


def items(conn: Connection, release: str) -> dict[str, list[Item]]:
    """By gate, the vanished ones left out."""
    found: defaultdict[str, list[Item]] = defaultdict(list)
    for gate, tracker, item_id, key, text in map(tuple, _member_items(conn, release, vanished=False)):
        found[gate].append(item_from(text, tracker=tracker, item_id=item_id, key=key))
    return dict(found)


def sights(conn: Connection, release: str) -> dict[str, tuple[Sight, ...]]:
    vanished: defaultdict[tuple[str, str], list[Item]] = defaultdict(list)
    for row in _member_items(conn, release, vanished=True):
        vanished[row.gate, row.tracker].append(_item(row))
    found: defaultdict[str, tuple[Sight, ...]] = defaultdict(tuple)
    for row in conn.execute(_SIGHTS, {"of": release}):
        sight = Sight(
            tracker=row.tracker,
            observed_at=row.observed_at,
            complete_at=row.complete_at,
            problem=row.problem,
            refused=row.refused,
            changed_at=row.changed_at,
            vanished=tuple(vanished[row.gate, row.tracker]),
        )
        found[row.gate] += (sight,)
    return dict(found)


def watermarks(conn: Connection, tracker: str) -> dict[tuple[str, str], datetime]:
    return {(row.release, row.gate): row.watermark for row in conn.execute(_WATERMARKS, {"here": tracker})}


def complete_at(conn: Connection, tracker: str) -> dict[tuple[str, str], datetime]:
    query = select(SIGHT.c.release, SIGHT.c.gate, SIGHT.c.complete_at)
    query = query.where(SIGHT.c.tracker == tracker, SIGHT.c.complete_at.is_not(None))
    return {(row.release, row.gate): row.complete_at for row in conn.execute(query)}


def ways(conn: Connection, tracker: str) -> dict[tuple[str, str], frozenset[str]]:
    query = select(SIGHT.c.release, SIGHT.c.gate, SIGHT.c.ways).where(SIGHT.c.tracker == tracker)
    return {(row.release, row.gate): frozenset(json.loads(row.ways)) for row in conn.execute(query)}


def facts(conn: Connection, kinds: Collection[str], read: Read) -> dict[tuple[str, str, str], Fact]:
    """``read`` holds what the facts said before, and afterwards what they say now: they are asked for at each pass and
    seldom change.
    """
    found = {}
    for row in conn.execute(_FACTS, {"kinds": list(kinds)}):
        place = (row.tracker, row.kind, row.name)
        known = read.get(place)
        if known is None or known[0] != row.content:
            known = read[place] = (row.content, fact_from(row.kind, row.content))
        found[place] = Fact(
            tracker=row.tracker,
            kind=row.kind,
            name=row.name,
            content=known[1],
            title=row.title,
            read_at=row.read_at,
            problem=row.problem,
            refused=row.refused,
            tried_at=row.tried_at,
        )
    return found


def touched(conn: Connection) -> dict[str, int]:
    return {row.release: row.touches for row in conn.execute(_TOUCHED)}


def items_by_id(conn: Connection, tracker: str, ids: Collection[str]) -> dict[str, Item]:
    found = {}
    for some in batches(sorted(ids)):
        query = select(ITEM.c.tracker, ITEM.c.item_id, ITEM.c.key, ITEM.c.content)
        for row in conn.execute(query.where(ITEM.c.tracker == tracker, ITEM.c.item_id.in_(some))):
            found[row.item_id] = item_from(row.content, tracker=row.tracker, item_id=row.item_id, key=row.key)
    return found


def known_ids(conn: Connection, tracker: str, ids: Collection[str]) -> set[str]:
    """Those of the ids whose content is kept and was readable: what a tracker told without its status, or so that it
    cannot be trusted, is not known.
    """
    readable = ITEM.c.content.contains('"problem":""') & ~ITEM.c.content.contains('"progress":null')
    found: set[str] = set()
    for some in batches(sorted(ids)):
        query = select(ITEM.c.item_id).where(ITEM.c.tracker == tracker, ITEM.c.item_id.in_(some), readable)
        found |= set(conn.execute(query).scalars())
    return found


def gates_of(conn: Connection, tracker: str, item_id: str) -> list[tuple[str, str]]:
    query = select(MEMBER.c.release, MEMBER.c.gate).where(MEMBER.c.tracker == tracker, MEMBER.c.item_id == item_id)
    return [(row.release, row.gate) for row in conn.execute(query.order_by(MEMBER.c.release, MEMBER.c.gate))]


def shared(
    conn: Connection, release: str, besides: Mapping[str, Collection[str]]
) -> dict[tuple[str, str], frozenset[str]]:
    """The other releases that this one's items are in, and those that items ``besides`` (tracker → ids) are in."""
    rows = list(conn.execute(_SHARED, {"of": release}))
    for tracker, ids in besides.items():
        for some in batches(sorted(ids)):
            rows += conn.execute(_ELSEWHERE_TOO, {"of": release, "here": tracker, "ids": some})
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for tracker, item_id, elsewhere in map(tuple, rows):
        found[tracker, item_id].add(elsewhere)
    return {ref: frozenset(releases) for ref, releases in found.items()}


def members(conn: Connection, release: str, gate: str, tracker: str) -> dict[str, datetime | None]:
    query = select(MEMBER.c.item_id, MEMBER.c.missed_at).where(
        MEMBER.c.release == release, MEMBER.c.gate == gate, MEMBER.c.tracker == tracker
    )
    return {row.item_id: row.missed_at for row in conn.execute(query)}


def missed(conn: Connection, tracker: str, *place: str) -> set[str]:
    """``place``: release and gate; all of them by default."""
    query = select(MEMBER.c.item_id).where(MEMBER.c.tracker == tracker, MEMBER.c.missed_at.is_not(None))
    if place:
        query = query.where(MEMBER.c.release == place[0], MEMBER.c.gate == place[1])
    return set(conn.execute(query).scalars())


def count_members(conn: Connection, release: str, gate: str, tracker: str) -> int:
    this = and_(MEMBER.c.release == release, MEMBER.c.gate == gate, MEMBER.c.tracker == tracker)
    return conn.execute(select(func.count()).select_from(MEMBER).where(this)).scalar_one()


def item_counts(conn: Connection) -> dict[str, int]:
    counted = select(ITEM.c.tracker, func.count().label("items")).group_by(ITEM.c.tracker)
    return {row.tracker: row.items for row in conn.execute(counted)}


def judged_at(conn: Connection) -> dict[str, datetime]:
    return {row.release: row.judged_at for row in conn.execute(select(JUDGEMENT.c.release, JUDGEMENT.c.judged_at))}


def records(conn: Connection, release: str) -> list[Record]:
    """Oldest first."""
    query = select(RECORD).where(RECORD.c.release == release).order_by(RECORD.c.at, RECORD.c.kind, RECORD.c.id)
    return [record_from(row.content, kind=row.kind, record_id=row.id, at=row.at) for row in conn.execute(query)]


def judgement(conn: Connection, release: str) -> Judgement | None:
    row = conn.execute(_JUDGEMENT, {"of": release}).one_or_none()
    if row is None:
        return None
    readiness = readiness_from(row.readiness)
    return Judgement(memory=row.memory, readiness=readiness, wake_at=row.wake_at, judged_at=row.judged_at)


def summary(conn: Connection, release: str) -> SummaryState | None:
    row = conn.execute(select(SUMMARY).where(SUMMARY.c.release == release)).one_or_none()
    return None if row is None else _summary(row)


def summaries(conn: Connection) -> list[SummaryState]:
    return [_summary(row) for row in conn.execute(select(SUMMARY).order_by(SUMMARY.c.release))]


def _summary(row: Row[Any]) -> SummaryState:
    ref = None if row.issue_id is None else Ref(id=row.issue_id, key=row.issue_key, url=row.issue_url)
    mark = Mark(release=row.release, tracker=row.tracker, text=row.mark, generation=row.generation)
    return SummaryState(mark=mark, intent_at=row.intent_at, ref=ref, accepted=_accepted(row), complaint=row.complaint)


def _accepted(row: Row[Any]) -> Accepted | None:
    if row.digest is None or row.accepted_at is None or row.valid_until is None:
        return None
    return Accepted(
        digest=row.digest,
        at=row.accepted_at,
        valid_until=row.valid_until,
        verdict=row.verdict or "",
        remarks=remarks_from(row.remarks),
        loud=row.loud,
        text=row.text,
    )


def _member_items(conn: Connection, release: str, *, vanished: bool) -> list[Row[Any]]:
    return list(conn.execute(_VANISHED if vanished else _PRESENT, {"of": release}))


def _item(row: Row[Any]) -> Item:
    return item_from(row.content, tracker=row.tracker, item_id=row.item_id, key=row.key)
