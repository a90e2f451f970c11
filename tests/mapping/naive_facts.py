"""What is said and seen of one gate, as the naive model of the rules takes it; ``naive`` judges by it.

Written from readiness.md, slow and plain. The past is asked of the history; nothing is remembered.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar

from mapping.gate import Release
from mapping.item import Item
from mapping.readiness import WaiverState
from mapping.record import (
    Absence,
    Acceptance,
    Admission,
    Approval,
    Attestation,
    Denial,
    Hold,
    NotNeeded,
    Ownership,
    Question,
    Record,
    Signature,
    TargetMove,
    Unhold,
    Waiver,
    Withdrawal,
)
from mapping.sight import Sight

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mapping.gate import Gate

Kind = TypeVar("Kind")
Ref = tuple[str, str]

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
AHEAD = 5 * MINUTE
HELPFUL = (
    Absence, Acceptance, Admission, Approval, Attestation, NotNeeded, Ownership, Question, Unhold, Waiver
)  # fmt: skip
TABLE = ((30 * DAY, 6 * HOUR, DAY, DAY), (7 * DAY, 2 * HOUR, DAY, 12 * HOUR), (DAY, HOUR / 2, 4 * HOUR, 12 * HOUR))
LAST_ROW = (None, 10 * MINUTE, HOUR, 4 * HOUR)


@dataclass(frozen=True, kw_only=True)
class Moment:
    """All that was known when somebody judged."""

    now: datetime
    items: Mapping[str, Sequence[Item]]
    records: Sequence[Record]
    health: Mapping[str, Sequence[Sight]]
    release: Release


def row(left: timedelta | None) -> tuple[timedelta, timedelta, timedelta]:
    """How long a source may be silent, a gate settles, a verdict is trusted."""
    return next((r for r in TABLE if left is not None and left > r[0]), LAST_ROW)[1:]


def working_days(at: datetime, count: int, zone: tzinfo, holidays: frozenset[date]) -> datetime:
    day, left = at.astimezone(zone), abs(count)
    while left:
        day += timedelta(days=1 if count > 0 else -1)
        left -= day.weekday() < 5 and day.date() not in holidays
    return day.astimezone(UTC)


def of(kind: type[Kind], records: Sequence[Record]) -> list[Kind]:
    return [r for r in records if isinstance(r, kind)]


def standing(records: Sequence[Record]) -> list[Record]:
    """What helps goes with the comment in which it was said."""
    gone = {w.of for w in of(Withdrawal, records)}
    helps = [isinstance(r, HELPFUL) or (isinstance(r, Signature) and r.ready) for r in records]
    left = [r for r, it in zip(records, helps, strict=True) if not (it and r.id.rpartition(".")[0] in gone)]
    return sorted(left, key=lambda r: (r.at, r.id))


def held(gate: str | None, records: Sequence[Record]) -> Iterator[Hold]:
    said = standing(records)
    for hold in of(Hold, said):
        if hold.gate == gate and not any(u.gate == gate and u.at > hold.at for u in of(Unhold, said)):
            yield hold


def digest(item: Item) -> str:
    """Which item it is, and how far: what a waiver is pinned to."""
    return sha256(json.dumps([*item.ref, item.progress], separators=(",", ":")).encode()).hexdigest()


def until(word: Waiver | Attestation) -> datetime:
    return min(word.until, word.at + (30 * DAY if isinstance(word, Waiver) else DAY))


def target(moments: Sequence[Moment]) -> datetime | None:
    """What was said last, in a comment or by the file. Each move is heard once."""
    found = told = moments[0].release.target
    known: set[str] = set()
    for moment in moments:
        for move in sorted(of(TargetMove, moment.records), key=lambda m: m.at):
            found = found if move.id in known else move.target
            known.add(move.id)
        if moment.release.target != told:
            found = told = moment.release.target
    return found


@dataclass(eq=False)
class Facts:
    """One gate at one moment: what is said and seen of it. ``before``: the same gate at all moments before."""

    moments: Sequence[Moment]
    number: int
    name: str
    before: Sequence[Facts]

    # Who, when and what was said

    @cached_property
    def moment(self) -> Moment:
        return self.moments[self.number]

    @cached_property
    def now(self) -> datetime:
        return self.moment.now

    @cached_property
    def gate(self) -> Gate:
        return next(gate for gate in self.moment.release.gates if gate.id == self.name)

    @cached_property
    def target(self) -> datetime | None:
        return target(self.moments[: self.number + 1])

    @cached_property
    def due(self) -> datetime | None:
        return self.gate.due or self.target

    @cached_property
    def row(self) -> tuple[timedelta, timedelta, timedelta]:
        return row(None if self.target is None else self.target - self.now)

    def days(self, at: datetime, count: int) -> datetime:
        return working_days(at, count, self.moment.release.zone, self.moment.release.holidays)

    @cached_property
    def is_last_week(self) -> bool:
        return self.target is not None and self.now >= self.target - 7 * DAY

    @cached_property
    def has_begun(self) -> bool:
        """Whether an owner and items are expected by now."""
        by = self.moment.release.expect_by or (self.target - 30 * DAY if self.target else None)
        return by is not None and self.now >= by

    def heard(self, kind: type[Kind]) -> list[Kind]:
        """What stands of one kind, oldest first, about this gate; nothing that lies in the future."""
        said: list[Any] = [r for r in of(kind, standing(self.moment.records)) if r.at - AHEAD <= self.now]  # type: ignore[attr-defined]  # every kind that is asked for has it
        return [r for r in said if self.name in (getattr(r, "gate", ""), getattr(r, "downstream", ""))]

    @cached_property
    def owned(self) -> bool:
        return bool(self.owners)

    @cached_property
    def owners(self) -> set[str]:
        """By name: those of the file, and whom the manager named last."""
        return {p.name for p in (*self.gate.owners, *(word.person for word in self.heard(Ownership)[-1:]))}

    @cached_property
    def votes(self) -> list[Signature]:
        """Each person's last word; in the same breath no outweighs yes."""
        last = {}
        for word in sorted(self.heard(Signature), key=lambda s: (s.at, not s.ready)):
            last[word.by] = word
        return list(last.values())

    @cached_property
    def against(self) -> list[Signature]:
        """Who says no. Of whoever owns it no more, the yes of a present owner takes that back."""
        yes = [word for word in self.heard(Signature) if word.ready and word.by in self.owners]
        noes = [vote for vote in self.votes if not vote.ready]
        return [no for no in noes if no.by in self.owners or not any(word.at > no.at for word in yes)]

    @cached_property
    def is_not_needed(self) -> bool:
        """Declared with a reason, confirmed by a manager who is somebody else, and not taken back by another word, or
        suspended while anybody says no since.
        """
        ever: list[NotNeeded | Signature] = [*of(NotNeeded, self.moment.records), *of(Signature, self.moment.records)]
        said = sorted(
            (word for word in ever if word.gate == self.name and word.at - AHEAD <= self.now), key=lambda r: r.at
        )
        last, stand = {word.by: word for word in said}.values(), self.heard(NotNeeded)
        free = [it for it in stand if not any(no.at >= it.at for no in self.against)]
        return any(isinstance(it, NotNeeded) and it in free and it.reason and self._is_confirmed(it) for it in last)

    def _is_confirmed(self, word: NotNeeded) -> bool:
        answers = [r for r in standing(self.moment.records) if isinstance(r, Approval | Denial)]
        about = [a for a in answers if a.subject == self.name and a.at >= word.at]
        yes = [a for a in about if isinstance(a, Approval)]
        no = [a for a in about if isinstance(a, Denial)]
        agreed = bool(yes) and (not no or yes[-1].at > no[-1].at)
        return agreed and yes[-1].by != word.by and self.is_manager(yes[-1].by)

    def is_manager(self, name: str) -> bool:
        return name in {person.name for person in self.moment.release.managers}

    @cached_property
    def attestations(self) -> list[Attestation]:
        return [a for a in self.heard(Attestation) if self.now < until(a) and a.by in self.owners]

    # What is seen

    @cached_property
    def sights(self) -> Sequence[Sight]:
        return self.moment.health.get(self.name, ())

    @cached_property
    def is_read(self) -> bool:
        return not self.gate.ticketless or self.gate.sign_off_key is not None

    @cached_property
    def limit(self) -> timedelta:
        return self.moment.release.timing.freshness or self.row[0]

    def is_fresh(self, at: datetime | None) -> bool:
        return at is not None and at - AHEAD <= self.now < at + self.limit

    @cached_property
    def gone(self) -> dict[Ref, Item]:
        return {item.ref: item for sight in self.sights for item in sight.vanished}

    def is_settled(self, ref: Ref) -> bool:
        """Admitted since it was missed, by name or with all of the gate's."""
        missed = self
        for look in reversed(self.before):
            if ref not in look.gone:
                break
            missed = look
        return any(a.item in (None, ref) and a.at >= missed.now for a in self.heard(Admission))

    @cached_property
    def unsettled(self) -> dict[Ref, Item]:
        return {} if self.gate.ticketless else {r: i for r, i in self.gone.items() if not self.is_settled(r)}

    @cached_property
    def items(self) -> dict[Ref, Item]:
        present = () if self.gate.ticketless else self.moment.items.get(self.name, ())
        return {**self.unsettled, **{item.ref: item for item in present}}

    @cached_property
    def blockers(self) -> list[Item]:
        return [item for item in self.items.values() if self.gate.blockers.include(item)]

    @cached_property
    def unreadable(self) -> bool:
        return any(item.progress is None or item.problem for item in self.items.values())

    @cached_property
    def lacks_items(self) -> bool:
        return self.lacking > 0

    @cached_property
    def lacking(self) -> int:
        """How many live items too few."""
        live = [item for item in self.items.values() if item.progress and item.live]
        return 0 if self.gate.ticketless else max(self.gate.expect, 1) - len(live)

    @cached_property
    def read_whole(self) -> tuple[datetime, datetime] | None:
        """When the oldest and the newest part of the last complete reading was read."""
        times = [s.complete_at for s in self.sights if s.complete_at]
        whole = times and len(times) == len(self.sights) and max(times) - AHEAD <= self.now
        return (min(times), max(times)) if whole else None

    @cached_property
    def out_of_sight(self) -> bool:
        """A whole source cannot be relied on, or too much of it went at once."""
        trackers = {s.tracker for s in self.sights}
        dark = any(s.refused or not self.is_fresh(s.observed_at) for s in self.sights)
        strange = bool(trackers) and not {i.tracker for i in self.items.values()} <= trackers
        crowd = len(self.unsettled) >= 3 and len(self.unsettled) > 0.2 * len(self.items)
        return (
            dark
            or strange
            or crowd
            or (self.is_read and (not self.sights or (self.lacks_items and not self.read_whole)))
        )

    @cached_property
    def legible(self) -> bool:
        return not self.unreadable and not self.out_of_sight

    @cached_property
    def lacks_work(self) -> bool:
        live = any(item.live for item in self.items.values())
        return self.has_begun and not self.gate.ticketless and bool(self.read_whole) and not live

    @cached_property
    def surely_blind(self) -> bool:
        """For other reasons than that nothing was begun."""
        return not self.legible or any(not item.finished for item in self.unsettled.values())

    @cached_property
    def blind(self) -> bool:
        return self.surely_blind or self.lacks_work

    # Waivers

    def ended(self, waiver: Waiver) -> tuple[datetime, WaiverState] | None:
        """When its item was first seen as something else than was waived, and what that makes of it."""
        for look in (*self.before, self):
            item = look.items.get(waiver.item)
            known = waiver.id in {w.id for w in of(Waiver, look.moment.records)} and waiver.at - AHEAD <= look.now
            if known and item and item.progress and not item.problem and digest(item) != waiver.digest:
                return look.now, WaiverState.FULFILLED if item.finished else WaiverState.SUPERSEDED
        return None

    def waiver_state(self, waiver: Waiver) -> WaiverState:
        """What became of it first."""
        taken = [w.at for w in of(Withdrawal, self.moment.records) if w.of == waiver.id.rpartition(".")[0]]
        answers = [r for r in standing(self.moment.records) if isinstance(r, Approval | Denial)]
        about = [a for a in answers if a.subject == waiver.label and a.at >= waiver.at]
        yes = [a for a in about if isinstance(a, Approval)]
        no = [a for a in about if isinstance(a, Denial) and not any(y.by == a.by and y.at > a.at for y in yes)]
        ends = [(at, WaiverState.REVOKED) for at in taken] + [(a.at, WaiverState.DENIED) for a in no[-1:]]
        ended = self.ended(waiver)
        first = min([*ends, *([ended] if ended else [])], default=None)
        if first and first[0] < until(waiver):
            return first[1]
        if self.now >= until(waiver):
            return WaiverState.EXPIRED
        second = yes[-1].by if yes else waiver.by
        agreed = second != waiver.by and (self.is_manager(second) or self.is_manager(waiver.by))
        return WaiverState.APPROVED if agreed and waiver.at - AHEAD <= self.now else WaiverState.PENDING

    @cached_property
    def waivers(self) -> dict[Ref, Waiver]:
        """Those that set an open blocker aside."""
        open_refs = {item.ref: item for item in self.blockers if item.progress and not item.finished}
        said = [w for w in self.heard(Waiver) if self.waiver_state(w) is WaiverState.APPROVED]
        return {w.item: w for w in reversed(said) if w.item in open_refs}

    @cached_property
    def open(self) -> list[Item]:
        return [i for i in self.blockers if i.progress and not i.finished and i.ref not in self.waivers]
