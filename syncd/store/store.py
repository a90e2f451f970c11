"""The store's face: what the pass and the commands keep and ask. Each method is one transaction.

Every method may raise ``syncd.store.errors.StoreError``; then nothing of it was stored. Times go in and come out
aware. The clock is never read here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, update

from syncd.store import exhibits, facts, owned, said
from syncd.store.content import fact_text, readiness_text
from syncd.store.engine import engine_of
from syncd.store.errors import named
from syncd.store.model import UNNOTICED
from syncd.store.opened import Opened
from syncd.store.rows import touch, upsert
from syncd.store.save import fail, keep_only, meet, members_among, save
from syncd.store.schema import bring_up
from syncd.store.tables import FACT, JUDGEMENT, TOUCHED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import Engine

    from connectors.base import Ref
    from mapping.item import Account, Item
    from mapping.readiness import Readiness
    from mapping.record import Record
    from mapping.reminder import Reminder
    from mapping.sight import Sight
    from syncd.store.model import (
        Accepted,
        Evidence,
        Fact,
        Failure,
        Heard,
        Judgement,
        Mark,
        Notice,
        SummaryState,
        Taken,
        TrackerState,
    )


def open_store(url: str, *, busy_s: float = 5.0) -> Store:
    """Opens the database, its tables brought up to date. ``busy_s``: how long to wait for somebody else's lock."""
    engine, shown = engine_of(url, busy_s)
    try:
        with named(shown):
            bring_up(engine, shown)
    except BaseException:
        engine.dispose()
        raise
    return Store(engine, shown)


class Store(Opened):
    """Made by ``open_store``. May be used by several threads. Close it when done."""

    def __init__(self, engine: Engine, shown: str) -> None:
        super().__init__(engine, shown)
        self._read: facts.Read = {}

    # What was read

    def save(self, taken: Taken) -> None:
        """Keeps one reading whole, or nothing of it: items, members, sights and the cursor."""
        with self._writes() as conn:
            save(conn, taken)

    def failed(self, failure: Failure) -> None:
        """Notes that a tracker could not be read. Renews and deletes nothing."""
        with self._writes() as conn:
            fail(conn, failure)

    def keep_facts(self, facts: Iterable[Fact], touches: Iterable[str]) -> None:
        """Keeps what trackers told beside the items; a title stays the first one. ``touches``: the releases for which
        that is news.
        """
        rows = [
            {
                "tracker": it.tracker,
                "kind": it.kind,
                "name": it.name,
                "content": fact_text(it.kind, it.content),
                "title": it.title,
                "read_at": it.read_at,
                "problem": it.problem,
                "refused": it.refused,
                "tried_at": it.tried_at,
            }
            for it in facts
        ]
        with self._writes() as conn:
            upsert(conn, FACT, rows)
            touch(conn, touches)

    def renew_facts(self, tracker: str, at: datetime) -> None:
        """Nothing changed in this tracker: what is known of it beside the items still holds, if a change would tell."""
        renewed = update(FACT).where(FACT.c.tracker == tracker, FACT.c.problem == "", FACT.c.kind.not_in(UNNOTICED))
        with self._writes() as conn:
            conn.execute(renewed.values(read_at=at))

    def facts(self, *kinds: str) -> Mapping[tuple[str, str, str], Fact]:
        """(tracker, kind, name) → what was told, of these kinds."""
        with self._reads() as conn:
            return facts.facts(conn, kinds, self._read)

    def touched(self) -> Mapping[str, int]:
        """The releases that something touched since they were judged last, each with the number of touches."""
        with self._reads() as conn:
            return facts.touched(conn)

    def meet(self, tracker: str, kind: str, account: Account) -> None:
        """A person accepts who we are at this tracker; the next reading of another account begins anew."""
        with self._writes() as conn:
            meet(conn, tracker, kind, account)

    def keep_only(self, parts: Mapping[tuple[str, str, str], str]) -> None:
        """Forgets the items and sights of all parts but these: the configuration's (release, gate, tracker) → what is
        asked. An answer to another question is forgotten, too; see ``save.keep_only`` and ``syncd.asked``.
        """
        with self._writes() as conn:
            keep_only(conn, parts)

    def tracker(self, name: str) -> TrackerState | None:
        """None when it was never tried."""
        with self._reads() as conn:
            return facts.tracker(conn, name)

    def items(self, release: str) -> Mapping[str, list[Item]]:
        """Each gate's items, vanished ones left out: those are in ``sights``. Gates without items are absent."""
        with self._reads() as conn:
            return facts.items(conn, release)

    def watermarks(self, tracker: str) -> Mapping[tuple[str, str], datetime]:
        """(release, gate) → how far the part was read, by the tracker's clock; those that were never read whole are
        absent.
        """
        with self._reads() as conn:
            return facts.watermarks(conn, tracker)

    def complete_at(self, tracker: str) -> Mapping[tuple[str, str], datetime]:
        """(release, gate) → when the part was read whole last; those that never were are absent."""
        with self._reads() as conn:
            return facts.complete_at(conn, tracker)

    def ways(self, tracker: str) -> Mapping[tuple[str, str], frozenset[str]]:
        """(release, gate) → the ways of its conventions that existed at the last complete reading."""
        with self._reads() as conn:
            return facts.ways(conn, tracker)

    def items_by_id(self, tracker: str, ids: Collection[str]) -> Mapping[str, Item]:
        """Those of these items that are kept, vanished ones too."""
        with self._reads() as conn:
            return facts.items_by_id(conn, tracker, ids)

    def known_ids(self, tracker: str, ids: Collection[str]) -> set[str]:
        """Those of these ids whose item is kept."""
        with self._reads() as conn:
            return facts.known_ids(conn, tracker, ids)

    def members(self, release: str, gate: str, tracker: str) -> Mapping[str, datetime | None]:
        """Item id → since when it cannot be found, None when it can."""
        with self._reads() as conn:
            return facts.members(conn, release, gate, tracker)

    def members_among(self, tracker: str, ids: Collection[str]) -> Mapping[tuple[str, str], dict[str, datetime | None]]:
        """(release, gate) → the same for those of these ids that belong to it."""
        with self._reads() as conn:
            return members_among(conn, tracker, ids)

    def missed(self, release: str, gate: str, tracker: str) -> set[str]:
        """The members of a gate's part that cannot be found."""
        with self._reads() as conn:
            return facts.missed(conn, tracker, release, gate)

    def missed_of(self, tracker: str) -> set[str]:
        """All members in this tracker, of whatever gate, that cannot be found."""
        with self._reads() as conn:
            return facts.missed(conn, tracker)

    def count_members(self, release: str, gate: str, tracker: str) -> int:
        with self._reads() as conn:
            return facts.count_members(conn, release, gate, tracker)

    def shared(self, release: str, besides: Mapping[str, Collection[str]]) -> Mapping[tuple[str, str], frozenset[str]]:
        """(tracker, item id) → the other releases that read it, for this release's items and for those ``besides``,
        which are no members of it any more: tracker → ids.
        """
        with self._reads() as conn:
            return facts.shared(conn, release, besides)

    def item_counts(self) -> Mapping[str, int]:
        """Tracker → how many of its items are kept."""
        with self._reads() as conn:
            return facts.item_counts(conn)

    def gates_of(self, tracker: str, item_id: str) -> list[tuple[str, str]]:
        """(release, gate) of every gate that the item belongs to."""
        with self._reads() as conn:
            return facts.gates_of(conn, tracker, item_id)

    def sights(self, release: str) -> Mapping[str, tuple[Sight, ...]]:
        """Each gate's sights, one for each tracker that was ever tried for it."""
        with self._reads() as conn:
            return facts.sights(conn, release)

    # What people said

    def keep_records(self, release: str, records: Iterable[Record]) -> None:
        """Keeps records for ever; one that is already there stays as it is."""
        kept = list(records)
        if kept:
            with self._writes() as conn:
                said.keep_records(conn, release, kept)

    def records(self, release: str) -> list[Record]:
        """Oldest first."""
        with self._reads() as conn:
            return facts.records(conn, release)

    def owners_named(self) -> Mapping[str, frozenset[str]]:
        """Release → the e-mails of people whom a manager named as owners."""
        with self._reads() as conn:
            return said.owners_named(conn)

    def heard(self, release: str) -> Mapping[tuple[str, str, str], str]:
        """The comments that were heard: (tracker, issue, comment) → the name of each."""
        with self._reads() as conn:
            return said.heard(conn, release)

    def hear(self, release: str, what: Heard) -> None:
        """Keeps what comments said, that they were heard, and what is to be said in answer."""
        with self._writes() as conn:
            said.hear(conn, release, what)

    def say(self, release: str, notices: Iterable[Notice], reminders: Iterable[Reminder] = ()) -> None:
        """These are to be posted; one of a name that was ever given is not given again. ``reminders`` are kept with
        them, in the place of those that they name.
        """
        kept, remembered = list(notices), list(reminders)
        if kept or remembered:
            with self._writes() as conn:
                said.say(conn, release, kept, remembered)

    def reminders(self, release: str, people: Collection[str]) -> list[Reminder]:
        """All of this release, and those of these people in any."""
        with self._reads() as conn:
            return said.reminders(conn, release, people)

    def unposted(self, release: str) -> list[Notice]:
        """What is to be posted on the summary issue, oldest first."""
        with self._reads() as conn:
            return said.unposted(conn, release)

    def tried(self, release: str, name: str, at: datetime) -> None:
        """A notice is about to be posted."""
        with self._writes() as conn:
            said.tried(conn, release, name, at)

    def posted(self, release: str, name: str, at: datetime) -> None:
        """A notice stands there."""
        with self._writes() as conn:
            said.posted(conn, release, name, at)

    # What was judged

    def keep_judgement(
        self, release: str, *, memory: str, readiness: Readiness, wake_at: datetime | None, touches: int
    ) -> None:
        """``touches``: how often the release had been touched when this judgement began; if it is no more by now,
        nothing is left to judge.
        """
        row = {"release": release, "memory": memory, "readiness": readiness_text(readiness), "wake_at": wake_at}
        with self._writes() as conn:
            upsert(conn, JUDGEMENT, [row | {"judged_at": readiness.computed_at}])
            conn.execute(delete(TOUCHED).where(TOUCHED.c.release == release, TOUCHED.c.touches == touches))

    def judgement(self, release: str) -> Judgement | None:
        """None before the first."""
        with self._reads() as conn:
            return facts.judgement(conn, release)

    def judged_at(self) -> Mapping[str, datetime]:
        """Release → when it was judged last: who keeps what a judgement says can tell by it that there is a new one."""
        with self._reads() as conn:
            return facts.judged_at(conn)

    def keep_evidence(self, evidence: Evidence, text: str) -> None:
        """Keeps one exhibit for ever, by its name."""
        with self._writes() as conn:
            exhibits.keep(conn, evidence, text)

    def last_evidence(self, release: str) -> Evidence | None:
        """The newest; None before the first."""
        with self._reads() as conn:
            return exhibits.last(conn, release)

    def evidences(self, release: str) -> list[Evidence]:
        """Oldest first."""
        with self._reads() as conn:
            return exhibits.chain(conn, release)

    def evidence(self, prefix: str, release: str | None = None) -> list[Evidence]:
        """Those whose name begins so (four letters or more), of this release or of any; two at most."""
        with self._reads() as conn:
            return exhibits.named(conn, prefix, release)

    def evidence_text(self, evidence: Evidence) -> str:
        """Its text, whole. Raises StoreError when its bytes do not hash to its name."""
        with self._reads() as conn:
            return exhibits.text(conn, evidence.release, evidence.sha)

    # What is written

    def summary(self, release: str) -> SummaryState | None:
        """None before the first intent."""
        with self._reads() as conn:
            return facts.summary(conn, release)

    def summaries(self) -> list[SummaryState]:
        """Those of all releases that ever had one, the configuration's or not."""
        with self._reads() as conn:
            return facts.summaries(conn)

    def intend(self, mark: Mark, at: datetime) -> None:
        """A new summary issue is about to be created: whatever was known of one before is forgotten."""
        with self._writes() as conn:
            owned.intend(conn, mark, at)

    def forget_intent(self, release: str) -> None:
        """The create was refused for sure: nothing is under way."""
        with self._writes() as conn:
            owned.forget_intent(conn, release)

    def created(self, mark: Mark, ref: Ref) -> None:
        """The summary issue is this one: just created, found by its mark, configured, or moved to another key."""
        with self._writes() as conn:
            owned.created(conn, mark, ref)

    def accepted(self, release: str, what: Accepted, news: Iterable[Notice] = ()) -> None:
        """The tracker has accepted the report into the issue that ``created`` named. ``news`` are then to be posted."""
        with self._writes() as conn:
            owned.accepted(conn, release, what)
            said.say(conn, release, news)

    def complained(self, release: str, said: str) -> None:
        """A comment says why the issue cannot be written; kept so that it is said once. ``accepted`` clears it."""
        with self._writes() as conn:
            owned.complained(conn, release, said)

    # Who may work with this store

    def claim(self, what: str, holder: str, *, now: datetime, until: datetime) -> int | None:
        """Takes or renews a right. The fence number, None while another holds it.

        The number grows whenever the right was lost in between; ``holder`` must be unique to the process.
        """
        with self._writes() as conn:
            return owned.claim(conn, what, holder, now, until)

    def renew(self, what: str, fence: int, until: datetime) -> bool:
        """Prolongs the right of this fence number, however late, unless another took it meanwhile: then False."""
        with self._writes() as conn:
            return owned.renew(conn, what, fence, until)

    def holder(self, what: str, now: datetime) -> tuple[str, int] | None:
        """Who has the right, and the fence number; None when nobody has."""
        with self._reads() as conn:
            return owned.holder(conn, what, now)

    def unclaim(self, what: str, fence: int, now: datetime) -> None:
        """Gives the right back, if it still stands."""
        with self._writes() as conn:
            owned.unclaim(conn, what, fence, now)

    def unclaim_all(self, holder: str, now: datetime) -> None:
        """Gives back all rights of a holder; whatever it still does under one of them fails at its next ``renew``."""
        with self._writes() as conn:
            owned.unclaim_all(conn, holder, now)
