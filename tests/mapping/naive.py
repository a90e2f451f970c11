"""The rules once more, as readiness.md tells them: slow, plain, and without a memory.

It keeps the whole history, asks it whatever it wants to know of the past, and imports none of the rules. The machine
of ``test_weeks`` holds ``judge`` against it. A ``Look`` is one gate at one moment: each property is a sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from mapping.item import Progress
from mapping.readiness import State, Verdict
from mapping.record import Acceptance, Admission, Closing, Return, Signature
from mapping.sight import TALK
from tests.mapping.naive_facts import DAY, MINUTE, Facts, Moment, Ref, held, of, row, standing, target, until

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from mapping.item import Item

GOOD = (State.READY, State.EXCEPTION)
SETTLED = (*GOOD, State.NOT_NEEDED)


class History:
    """The moments, oldest first, and what is to be seen in them."""

    def __init__(self) -> None:
        self.moments: list[Moment] = []
        self._looks: dict[tuple[int, str], Look] = {}

    def add(self, moment: Moment) -> None:
        self.moments.append(moment)

    def forget_last(self) -> None:
        self.moments.pop()
        self._looks = {place: look for place, look in self._looks.items() if place[0] < len(self.moments)}

    def look(self, gate: str, number: int = -1) -> Look:
        number %= len(self.moments)
        if (number, gate) not in self._looks:
            before = [self.look(gate, earlier) for earlier in range(number)]
            self._looks[number, gate] = Look(self.moments, number, gate, before, self)
        return self._looks[number, gate]

    def looks(self) -> list[Look]:
        return [self.look(gate.id) for gate in self.moments[-1].release.gates]

    def verdict(self) -> Verdict:
        looks, last = [look for look in self.looks() if look.gate.required], self.moments[-1]
        states, due = {look.state for look in looks}, target(self.moments)
        late = due is not None and last.now >= due
        deaf = any(s.refused or not looks[0].is_fresh(s.observed_at) for s in last.health.get(TALK, ()))
        if State.ON_HOLD in states or any(held(None, last.records)):
            return Verdict.ON_HOLD
        if State.BLOCKED in states or (late and states - {*SETTLED, State.UNKNOWN}):
            return Verdict.BLOCKED
        if State.UNKNOWN in states or deaf:
            return Verdict.UNKNOWN
        if State.AT_RISK in states:
            return Verdict.AT_RISK
        if not states <= set(SETTLED) or not states & set(GOOD):
            return Verdict.ON_TRACK
        return Verdict.READY_WITH_EXCEPTIONS if State.EXCEPTION in states else Verdict.READY

    def valid_until(self) -> datetime:
        """The lease, or the first end of what the verdict rests on."""
        last, ends = self.moments[-1], []
        for look in self.looks():
            if look.gate.required and look.state in GOOD:
                ends += [max(s.expires_at for s in look.signatures if s.expires_at)] if look.signatures else []
                ends += [until(waiver) for waiver in look.waivers.values()]
                ends += [max(until(a) for a in look.attestations)] if look.rests_on_word else []
        lease = last.release.timing.lease or self.looks()[0].row[2]
        return min([last.now + lease, *ends])

    def launchable(self) -> bool:
        closed = any(of(Closing, self.moments[-1].records))
        return self.verdict() in (Verdict.READY, Verdict.READY_WITH_EXCEPTIONS) and not closed


@dataclass(eq=False)
class Look(Facts):
    """One gate at one moment, judged."""

    before: Sequence[Look]
    history: History

    # Hand-offs

    @cached_property
    def upstream(self) -> list[Look]:
        required = {gate.id for gate in self.moment.release.gates if gate.required}
        return [self.history.look(name, self.number) for name in self.gate.after if name in required]

    @cached_property
    def gives(self) -> bool:
        return self.state in SETTLED or (self.state is State.ON_TRACK and self.met)

    @cached_property
    def dark(self) -> bool:
        return self.blind or any(up.dark for up in self.upstream)

    @cached_property
    def unmet(self) -> bool:
        """Known to be unmet, by what was read."""
        waits = any(not self.offered(up) and not self.untold(up) for up in self.upstream)
        lacks = self.lacks_items or any(self.offered(up) and not self.arrived(up) for up in self.upstream)
        odd = sum(item.progress is None or bool(item.problem) for item in self.items.values())
        few = self.had_items and self.lacking > odd
        return bool(self.open) or waits or few or (self.legible and lacks)

    @cached_property
    def had_items(self) -> bool:
        return any(look.items for look in (*self.before, self))

    def returned(self, up: Look) -> Return | None:
        """The hand-off came back, and nobody took it again since."""
        legs = [r for r in standing(self.moment.records) if isinstance(r, Acceptance | Return)]
        mine = [r for r in legs if (r.upstream, r.downstream) == (up.name, self.name)]
        return mine[-1] if mine and isinstance(mine[-1], Return) else None

    def acted_on(self, up: Look, back: Return) -> bool:
        """The gate before was at work again, or signed again, since the hand-off came back."""
        pairs = [(look, self.history.look(up.name, look.number)) for look in (*self.before, self)]
        return any(
            look.returned(then) == back
            and ((then.unmet and not then.gives) or any(s.at > back.at for s in then.signatures))
            for look, then in pairs
        )

    def offered(self, up: Look) -> datetime | None:
        """Since when: offered once the gate before gives it, taken back once that is known to be unready."""
        since, heeded = None, None
        for look in (*self.before, self):
            then = self.history.look(up.name, look.number)
            back = look.returned(then)
            acted = back if back and look.acted_on(then, back) else None
            if acted != heeded and acted:
                since = None
            heeded = acted
            is_back = back and not (acted and then.gives)
            if is_back or (then.unmet and not then.gives):
                since = None
            elif then.gives:
                since = since or look.now
        return since

    def untold(self, up: Look) -> bool:
        back = self.returned(up)
        is_back = back and not (self.acted_on(up, back) and up.gives)
        return not is_back and not self.offered(up) and up.dark and not up.unmet and not up.gives

    def forgives(self, up: Look) -> bool:
        """Whether waiting for it excuses lateness: it is known to be unready."""
        return not up.gives and not (up.dark and not up.unmet)

    def arrived(self, up: Look) -> bool:
        since = self.offered(up)
        if since is None:
            return False
        at_work = any(
            i.live and (i.progress in (Progress.DOING, Progress.DONE) or i.assignee) for i in self.items.values()
        )
        legs = [r for r in standing(self.moment.records) if isinstance(r, Acceptance | Return)]
        mine = [r for r in legs if (r.upstream, r.downstream) == (up.name, self.name)]
        word = bool(mine) and isinstance(mine[-1], Acceptance)
        return at_work or word or (self.gate.ticketless and any(v.at >= since for v in self.said_yes))

    def dropped(self, up: Look) -> bool:
        since = self.offered(up)
        patience = 1 if self.is_last_week else 2
        return since is not None and not self.arrived(up) and self.now >= self.days(since, patience)

    # Signatures

    @cached_property
    def facts(self) -> object:
        """What a signature binds to: which items block, their progress, and hand-offs."""
        live = {(item.ref, item.progress) for item in self.blockers if item.progress and item.live}
        return live, {up.name for up in self.upstream if self.arrived(up)}

    def is_changed_since(self, signed: Signature) -> bool:
        """By the tracker's own times: an item moved or was made since, or does not tell."""
        others = [item for item in self.blockers if item.key != signed.key]
        moved = [item.moved_at or item.updated for item in others]
        return any(at is None or at >= signed.at for at in moved) or any(
            i.created and i.created >= signed.at for i in others
        )

    def is_another_gate_since(self, signed: Signature) -> bool:
        """An item left, joined or was dropped since the gate was last read as a whole, maybe after the signature:
        where the item was not touched since, it was its parent that moved, and nobody tells when.
        """
        last = next((look for look in reversed(self.before) if look.legible), None)
        was = {item.ref: item.progress for item in last.blockers} if last else {}
        if was.keys() - {item.ref for item in self.blockers}:
            return True
        for item in self.blockers if was else ():
            is_new = item.ref not in was or (not item.live and was[item.ref] is not Progress.DROPPED)
            if is_new and item.key != signed.key and self.may_be_late(item, signed):
                return True
        return False

    def may_be_late(self, item: Item, signed: Signature) -> bool:
        if item.updated is None or item.updated >= signed.at:
            return True
        seen = next(look for look in reversed(self.before) if look.legible)
        times = [s.observed_at for s in seen.sights if s.observed_at]
        return len(times) == len(seen.sights) > 0 and item.updated < min(times)

    def is_void(self, signed: Signature) -> bool:
        """Bound to what was first read after it; void for good once that is another, or a newer one took its place."""
        said = [look for look in (*self.before, self) if look.has_word(signed)]
        if any(signed.id not in {vote.id for vote in look.votes} for look in said):
            return True
        looks = [look for look in said if look.legible]
        bound = next((look for look in looks if look.binds(signed)), None)
        first = looks.index(bound) if bound else len(looks)
        if any(look.is_another_gate_since(signed) for look in looks[: first + 1]):
            return True
        if bound is None:
            return self.is_changed_since(signed)
        after = looks[first:]
        went = any(look.facts != bound.facts or look.moved_since(signed) for look in after)
        return went or bound.is_changed_since(signed)

    def moved_since(self, signed: Signature) -> bool:
        """Whether a live item moved since, be it there and back: nobody signed what was between."""
        others = [item for item in self.blockers if item.live and item.key != signed.key]
        return any(item.moved_at is not None and item.moved_at >= signed.at for item in others)

    def has_word(self, signed: Signature) -> bool:
        """Whether it was heard by then, and that person, an owner, had yes as the last word."""
        known = signed.id in {s.id for s in self.heard(Signature)}
        return known and any(vote.by == signed.by for vote in self.said_yes)

    @cached_property
    def said_yes(self) -> list[Signature]:
        """Only present owners sign."""
        return [vote for vote in self.votes if vote.ready and vote.by in self.owners]

    def binds(self, signed: Signature) -> bool:
        """Whether all hand-offs can be told, and nothing was read before the signature."""
        told = not any(not self.offered(up) and up.dark for up in self.upstream)
        return told and all(s.observed_at >= signed.at for s in self.sights if s.observed_at)

    @cached_property
    def signatures(self) -> list[Signature]:
        yes = [v for v in self.said_yes if v.expires_at and self.now < v.expires_at]
        return [v for v in yes if not self.is_void(v)]

    @cached_property
    def is_signed(self) -> bool:
        return bool(self.signatures) or not (self.gate.sign_off or self.gate.ticketless)

    # Met, and settled

    @cached_property
    def met(self) -> bool:
        readable = bool(self.attestations) or not self.unreadable
        items = self.gate.ticketless or (readable and not self.open and not self.lacks_items)
        return items and all(self.arrived(up) for up in self.upstream)

    @cached_property
    def is_outlived(self) -> bool:
        return any(s.complete_at is None or (s.changed_at and s.changed_at > s.complete_at) for s in self.sights)

    @cached_property
    def series(self) -> tuple[datetime | None, int]:
        """The unbroken series of complete readings that showed it met: when the first was whole, and how many."""
        since, count, last, plain = None, 0, None, True
        for look in (*self.before, self):
            is_new = look.read_whole is not None and (last is None or look.read_whole[0] > last)
            if is_new and look.read_whole:
                last = look.read_whole[1]
            if not look.met or (is_new and look.blind) or plain is bool(look.waivers):
                since, count, plain = None, 0, not look.waivers
            if look.met and is_new and not look.blind and not look.is_outlived:
                since, count = since or last, count + 1
        return since, count

    @cached_property
    def settles(self) -> bool:
        """Met, and not yet shown by two complete readings over the soak; or not read completely for too long."""
        fresh = [self.is_fresh(s.complete_at) for s in self.sights]
        if not all(fresh) or (self.is_read and not fresh):
            return True
        since, count = self.series
        stood = bool(self.before) and self.before[-1].state in GOOD
        if not self.is_read:
            return False
        if since is None or count < 2 or (self.is_outlived and not stood):
            return True
        cut_short = any(s.at >= since or self.gate.ticketless for s in self.signatures)
        return not cut_short and self.now < since + self.soak(since)

    def soak(self, since: datetime) -> timedelta:
        if self.moment.release.timing.soak is not None:
            return self.moment.release.timing.soak
        if self.target is None:
            return DAY
        left = self.target - since
        return max(min(row(left)[1], left / 4), 10 * MINUTE)

    # Scope

    @cached_property
    def baseline(self) -> Look | None:
        """The first look after the freeze at which all could be seen."""
        freeze = self.moment.release.freeze
        if freeze is None or self.gate.ticketless:
            return None
        after = [look for look in (*self.before, self) if look.now >= freeze]
        return next((look for look in after if look.read_whole and not look.out_of_sight), None)

    def in_scope_elsewhere(self, ref: Ref) -> bool:
        """Whether any gate had it at its own baseline, before this moment."""
        others = [self.history.look(gate.id, self.number).baseline for gate in self.moment.release.gates]
        return any(other and other.number < self.number and ref in other.items for other in others)

    @cached_property
    def came(self) -> dict[Ref, datetime]:
        """What was in no gate's scope, and when it came: as the tracker tells, if that is since the freeze."""
        if self.baseline is None:
            return {}
        found: dict[Ref, datetime] = {}
        over = set(self.baseline.items)
        for look in (*self.before[self.baseline.number + 1 :], self):
            for ref in look.items.keys() - over - found.keys():
                told = look.items[ref].updated
                if look.in_scope_elsewhere(ref):
                    over.add(ref)
                else:
                    found[ref] = told if told and self.baseline.now <= told <= look.now else look.now
        return found

    def is_part(self, item: Item) -> bool:
        """Whether it is a child, or a child of a child, of what was there."""
        parents = {i.id: i for i in self.items.values() if i.tracker == item.tracker}
        seen: set[str] = set()
        while item.parent and item.parent not in seen:
            seen.add(item.parent)
            if (item.tracker, item.parent) not in self.came and self.was_ever_here((item.tracker, item.parent)):
                return True
            if item.parent not in parents:
                return False
            item = parents[item.parent]
        return False

    def was_ever_here(self, ref: Ref) -> bool:
        start = self.baseline.number if self.baseline else 0
        return any(ref in look.items for look in (*self.before[start:], self))

    @cached_property
    def added(self) -> list[Item]:
        came = [i for i in self.blockers if i.ref in self.came and i.live and i.ref not in self.waivers]
        strange = [i for i in came if not self.is_part(i) and i.type not in self.moment.release.found]
        return [i for i in strange if not self.is_admitted(i)]

    def is_admitted(self, item: Item) -> bool:
        freeze = self.moment.release.freeze
        said = self.heard(Admission)
        if freeze and any(a.item == item.ref and a.at >= freeze for a in said):
            return True
        shown = next(look.now for look in (*self.before, self) if look.has_strange(item.ref))
        return any(a.item is None and a.at >= shown for a in said)

    def has_strange(self, ref: Ref) -> bool:
        """Whether it came without being a part of anything, or a find."""
        item = self.items.get(ref)
        if item is None or ref not in self.came:
            return False
        return not self.is_part(item) and item.type not in self.moment.release.found

    # The table, from the top

    @cached_property
    def hides_nothing(self) -> bool:
        """Row 6 is empty: it can be told, or its owner vouches for it."""
        return not self.blind or bool(self.attestations)

    @cached_property
    def is_overdue(self) -> bool:
        return bool(self.open) and self.due is not None and self.now >= self.due

    @cached_property
    def is_blocked_by_more_than_time(self) -> bool:
        last = next((look for look in reversed(self.before) if look.state in GOOD), None)
        done = {i.ref for i in last.blockers if i.finished and i.live} if last else set()
        late = self.is_last_week and any(i.progress and not i.finished for i in self.added)
        orphaned = self.has_begun and not self.owned
        return bool(self.against) or orphaned or late or any(i.ref in done for i in self.open)

    @cached_property
    def is_at_risk(self) -> bool:
        touched = [i.updated or i.moved_at or i.created for i in self.open]
        idle = any(at and self.now >= self.days(at, 10) for at in touched)
        near = self.due is not None and self.now >= self.days(self.due, -2)
        return bool(self.added) or (not self.met and (idle or near or any(self.dropped(up) for up in self.upstream)))

    @cached_property
    def has_not_started(self) -> bool:
        empty = not self.gate.ticketless and not self.had_items and bool(self.read_whole)
        calm = self.hides_nothing and not self.is_overdue and not self.is_blocked_by_more_than_time
        return calm and not self.has_begun and (empty or not self.owned)

    @cached_property
    def is_waiting(self) -> bool:
        absent = [up for up in self.upstream if not self.offered(up)]
        excused = not self.is_overdue or any(self.forgives(up) for up in absent)
        sees = bool(self.attestations) or not self.surely_blind
        return bool(absent) and excused and sees and not self.is_blocked_by_more_than_time

    @cached_property
    def rests_on_word(self) -> bool:
        return bool(self.attestations) and (self.blind or self.settles)

    @cached_property
    def state(self) -> State:
        rows = (
            (State.ON_HOLD, any(held(self.name, self.moment.records))),
            (State.NOT_NEEDED, self.is_not_needed),
            (State.NOT_STARTED, self.has_not_started),
            (State.WAITING, self.is_waiting),
            (State.BLOCKED, self.is_overdue or self.is_blocked_by_more_than_time),
            (State.UNKNOWN, not self.hides_nothing),
            (State.AT_RISK, self.is_at_risk),
            (State.ON_TRACK, not self.met or (self.is_signed and self.settles and not self.attestations)),
            (State.SIGN_OFF_DUE, not self.is_signed),
            (State.EXCEPTION, bool(self.waivers) or self.rests_on_word),
        )
        return next((state for state, matches in rows if matches), State.READY)

    @cached_property
    def is_unknown(self) -> bool:
        return not self.hides_nothing and self.state in (State.BLOCKED, State.UNKNOWN)
