"""Weeks of department life, judged at every step by the rules and by a naive model of them, which must agree.

The naive model keeps no memory: it asks the whole history. So an error in what is remembered shows here.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from mapping.digest import item_digest
from mapping.gate import Blockers, Timing
from mapping.item import Progress
from mapping.readiness import State
from mapping.record import (
    Absence,
    Acceptance,
    Admission,
    Approval,
    Attestation,
    Closing,
    Decision,
    Denial,
    Hold,
    NotNeeded,
    Ownership,
    Return,
    Signature,
    TargetMove,
    Unhold,
    Waiver,
    Withdrawal,
)
from mapping.sight import Sight
from mapping.timing import signature_end
from tests.mapping.office import START, TRACKERS, Office, judged, minutes, naively, told
from tests.worlds import DANA, LEE, MAYA, NOOR, ZONES, gate, release

if TYPE_CHECKING:
    from mapping.item import Item

DAY = timedelta(days=1)
GATES = ("alpha", "beta", "gamma", "delta")
PAIRS = (("alpha", "beta"), ("beta", "gamma"), ("alpha", "delta"))
PEOPLE = {"Dana": DANA, "Lee": LEE, "Maya": MAYA, "Noor": NOOR}
names = st.sampled_from(sorted(PEOPLE))
owners = st.sampled_from(["Dana", "Dana", "Lee"])
gates = st.sampled_from(GATES)
pairs = st.sampled_from(PAIRS)
trackers = st.sampled_from(TRACKERS)
places = st.sampled_from(["summary", "summary", "summary", "ticket"])
often = st.sampled_from([True, True, True, False])
seldom = st.sampled_from([False, False, False, True])


@st.composite
def offices(draw: st.DrawFn) -> Office:
    """Three required gates in a row, the last without tickets, and an advisory one."""
    common: dict[str, Any] = {"sign_off": draw(often), "owners": (DANA, LEE)}
    expect = draw(st.sampled_from([1, 1, 0, 2]))
    keyed = draw(seldom)
    built = [
        gate("alpha", **common, blockers=draw(st.sampled_from([Blockers(), Blockers(types=frozenset({"Bug"}))]))),
        gate("beta", **common | {"owners": draw(st.sampled_from([(DANA,), ()]))}, after=("alpha",), expect=expect),
        gate("gamma", **common, after=("beta",), ticketless=True, sign_off_key="ENG-1" if keyed else None),
        gate("delta", sign_off=False, required=draw(st.booleans()), after=("alpha",)),
    ]
    asked = release(
        *built[: draw(st.sampled_from([1, 2, 3, 4, 4]))],
        zone=draw(st.sampled_from(ZONES)),
        target=draw(st.sampled_from([None, START + 9 * DAY, START + 21 * DAY, START + 45 * DAY])),
        freeze=draw(st.sampled_from([None, START + DAY, START + 6 * DAY])),
        timing=Timing(
            soak=draw(st.sampled_from([None, minutes(0), minutes(30)])),
            freshness=draw(st.sampled_from([None, 2 * DAY])),
        ),
        holidays=frozenset(draw(st.sampled_from([(), ((START + 2 * DAY).date(),)]))),
    )
    read = {"alpha": ("eng",), "beta": TRACKERS, "gamma": ("eng",) if keyed else (), "delta": ("gtm",)}
    office = Office(
        release=asked,
        parts={it.id: read[it.id] for it in asked.gates},
        silent=draw(st.sampled_from([frozenset[str](), frozenset({"gtm"})])),
    )
    office.talk = draw(st.sampled_from([None, Sight(tracker="eng", observed_at=START)]))
    return office


class Weeks(RuleBasedStateMachine):
    """Each rule is something that happens; after it, everything is judged twice."""

    office: Office

    @initialize(office=offices(), begun=often, ready=often)
    def begins(self, office: Office, begun: bool, ready: bool) -> None:  # noqa: FBT001 - drawn
        self.office = office
        if begun:
            for name, where in office.parts.items():
                for tracker in where if name != "gamma" else ():
                    office.create(name, tracker, Progress.DOING, type="Bug")
            self.read()
        self.judge()
        if ready:
            self.everybody_gets_ready(gap=1000, settle=True)

    def read(self) -> None:
        for tracker in TRACKERS:
            self.office.read(tracker)
        self.office.hear("summary")

    # Judging

    def judge(self) -> None:
        office = self.office
        readiness = office.judge()
        naive = naively(office.history)
        found = told(readiness)
        ready = {name for name, it in found.items() if isinstance(it, tuple) and it[0] == State.READY}
        assert not [name for name in ready if naive[name] != found[name]], "READY, and the naive model says not"
        assert differences(found, naive) == {}, "the rules, the naive model"
        assert office.wake_at is None or office.wake_at > office.now

    def pass_to(self, then: datetime, part: float = 0.5) -> None:
        """Nothing may change by time alone before it was said to."""
        office = self.office
        quiet = min(then, office.wake_at - timedelta(microseconds=1)) if office.wake_at else then
        between = office.now + (quiet - office.now) * part
        before = told(office.readiness) if office.readiness else {}
        for moment in (between, quiet):
            if moment > office.now:
                later = replace(office.moment(), now=moment)
                office.history.add(later)
                after = naively(office.history)
                office.history.forget_last()
                assert differences(after, before, but="valid until") == {}, "by time alone, in the naive model"
                rules = told(judged(later, office.memory)[0])
                assert differences(rules, before, but="valid until") == {}, "by time alone, in the rules"
        office.now = then

    @rule(gap=st.sampled_from([1, 4, 9, 11, 31, 95, 200, 700]), part=st.floats(0, 1), awake=often)
    def minutes_pass(self, gap: int, part: float, awake: bool) -> None:  # noqa: FBT001 - drawn
        self.pass_to(self.office.now + minutes(gap), part)
        if awake:
            self.read()
        self.judge()

    @rule(days=st.sampled_from([0.5, 1, 1, 2, 3, 6, 11]), part=st.floats(0, 1), awake=often)
    def days_pass(self, days: float, part: float, awake: bool) -> None:  # noqa: FBT001 - drawn
        self.pass_to(self.office.now + days * DAY, part)
        if awake:
            self.read()
        self.judge()

    @rule(part=st.floats(0, 1), off=st.sampled_from([0, 0, -1, 1]), times=st.integers(1, 4))
    def it_is_judged_when_due(self, part: float, off: int, times: int) -> None:
        for _ in range(times):
            wake_at = self.office.wake_at
            if wake_at is not None and wake_at < self.office.now + 20 * DAY:
                self.pass_to(max(wake_at + timedelta(microseconds=off), self.office.now), part)
            self.judge()

    # Work

    def item(self, data: st.DataObject, *, within: str | None = None) -> Item | None:
        found = [it for ref, it in self.office.truth.items() if within in (None, self.office.place[ref])]
        return data.draw(st.sampled_from(found)) if found else None

    @rule(data=st.data(), kind=st.sampled_from(["Bug", "Bug", "Story"]), assignee=st.sampled_from([None, "Ada"]))
    def somebody_creates_an_item(self, data: st.DataObject, kind: str, assignee: str | None) -> None:
        parts = [(name, it) for name, where in self.office.parts.items() if name != "gamma" for it in where]
        name, tracker = data.draw(st.sampled_from(parts))
        parent = data.draw(st.sampled_from([None, *(it.id for it in self.office.truth.values())]))
        progress = data.draw(st.sampled_from([Progress.TODO, Progress.DOING, Progress.DONE]))
        if len(self.office.truth) < 12:
            self.office.create(name, tracker, progress, type=kind, assignee=assignee, parent=parent)
        self.judge()

    @rule(data=st.data(), progress=st.sampled_from([*Progress, Progress.DONE, Progress.DONE]))
    def somebody_works(self, data: st.DataObject, progress: Progress) -> None:
        found = self.item(data)
        if found:
            self.office.change(found.ref, progress=progress)
        self.judge()

    @rule(data=st.data(), how=st.sampled_from(["touched", "unmapped", "unreadable", "readable", "assigned"]))
    def somebody_edits(self, data: st.DataObject, how: str) -> None:
        found = self.item(data)
        if found:
            edits: dict[str, dict[str, Any]] = {
                "touched": {},
                "unmapped": {"progress": None},
                "unreadable": {"problem": "odd"},
                "readable": {"problem": "", "progress": found.progress or Progress.DOING},
                "assigned": {"assignee": "Bob"},
            }
            self.office.change(found.ref, **edits[how])
        self.judge()

    @rule(data=st.data(), to=st.none() | gates)
    def an_item_moves(self, data: st.DataObject, to: str | None) -> None:
        found = self.item(data)
        if found and (to is None or found.tracker in self.office.parts.get(to, ())) and to != "gamma":
            self.office.move(found.ref, to)
        self.judge()

    @rule(data=st.data(), many=seldom)
    def items_vanish(self, data: st.DataObject, many: bool) -> None:  # noqa: FBT001 - drawn
        for _ in range(4 if many else 1):
            found = self.item(data)
            if found:
                self.office.delete(found.ref)
        self.judge()

    @precondition(lambda self: self.office.deleted)
    @rule(data=st.data())
    def an_item_comes_back(self, data: st.DataObject) -> None:
        self.office.restore(data.draw(st.sampled_from(sorted(self.office.deleted))))
        self.judge()

    # Readings

    @rule(which=st.sets(trackers, min_size=1))
    def trackers_are_read(self, which: set[str]) -> None:
        for tracker in sorted(which):
            self.office.read(tracker)
        self.judge()

    @rule(tracker=trackers)
    def a_tracker_is_looked_at(self, tracker: str) -> None:
        self.office.look(tracker)
        self.judge()

    @rule(tracker=trackers, refused=st.booleans())
    def a_tracker_fails(self, tracker: str, refused: bool) -> None:  # noqa: FBT001 - drawn
        self.office.fail(tracker, refused=refused)
        self.judge()

    @rule(places=st.sets(st.sampled_from(["summary", "ticket"]), min_size=1))
    def comments_are_read(self, places: set[str]) -> None:
        for where in sorted(places):
            self.office.hear(where)
        self.judge()

    # Words

    def say(self, kind: type[Any], where: str = "summary", **fields: Any) -> None:
        self.office.say(kind, where, **fields)
        if where == "summary":
            self.office.hear("summary")
        self.judge()

    @rule(name=gates, by=owners, where=places)
    def an_owner_signs(self, name: str, by: str, where: str) -> None:
        ends = signature_end(self.office.release, self.office.now)
        self.say(Signature, where, gate=name, by=by, expires_at=ends)

    @rule(name=gates, by=owners, where=places)
    def an_owner_says_not_ready(self, name: str, by: str, where: str) -> None:
        self.say(Signature, where, gate=name, by=by, ready=False, reason="it burns")

    @rule(name=gates | st.none(), by=names)
    def somebody_holds(self, name: str | None, by: str) -> None:
        self.say(Hold, gate=name, by=by, reason="wait")

    @rule(data=st.data(), name=gates | st.none(), by=names)
    def somebody_lifts_a_hold(self, data: st.DataObject, name: str | None, by: str) -> None:
        held = [r.gate for r in self.office.heard if isinstance(r, Hold)]
        self.say(Unhold, gate=data.draw(st.sampled_from(held)) if held else name, by=by)

    @rule(name=gates, by=names, reason=st.sampled_from(["no need", "no need", ""]))
    def a_gate_is_not_needed(self, name: str, by: str, reason: str) -> None:
        self.say(NotNeeded, gate=name, by=by, reason=reason)

    @rule(data=st.data(), by=names, days=st.sampled_from([0.1, 1, 5, 40]), approved=often)
    def somebody_asks_for_a_waiver(self, data: st.DataObject, by: str, days: float, approved: bool) -> None:  # noqa: FBT001 - drawn
        office = self.office
        found = [(g, it) for g, held in office.held.items() for it in held.values() if it.progress and not it.finished]
        if not found:
            return self.judge()
        name, about = data.draw(st.sampled_from(found))
        label = f"W{1 + sum(isinstance(r, Waiver) for _, r in office.said)}"
        self.say(
            Waiver,
            gate=name,
            item=about.ref,
            digest=item_digest(about),
            by=by,
            until=office.now + days * DAY,
            reason="documented",
            label=label,
            key=about.key,
        )
        if approved:
            self.say(Approval, by="Maya" if by != "Maya" else "Dana", subject=label)
        return None

    @rule(data=st.data(), by=names, yes=st.sampled_from([True, True, False]))
    def somebody_answers(self, data: st.DataObject, by: str, yes: bool) -> None:  # noqa: FBT001 - drawn
        asked = [r.label for r in self.office.heard if isinstance(r, Waiver)]
        asked += [r.gate for r in self.office.heard if isinstance(r, NotNeeded)]
        if not asked:
            return self.judge()
        subject = data.draw(st.sampled_from(asked))
        more = {} if yes else {"reason": "no"}
        return self.say(Approval if yes else Denial, by=by, subject=subject, **more)

    @rule(name=gates, hours=st.sampled_from([1, 24, 60]))
    def an_owner_vouches(self, name: str, hours: int) -> None:
        self.say(Attestation, gate=name, by="Dana", until=self.office.now + minutes(60 * hours), reason="it is down")

    @rule(pair=pairs, back=st.booleans())
    def a_hand_off_is_taken_or_given_back(self, pair: tuple[str, str], back: bool) -> None:  # noqa: FBT001 - drawn
        more = {"reason": "not done"} if back else {}
        self.say(Return if back else Acceptance, upstream=pair[0], downstream=pair[1], by="Dana", **more)

    @rule(data=st.data(), name=gates, all_of_it=st.booleans())
    def the_manager_admits(self, data: st.DataObject, name: str, all_of_it: bool) -> None:  # noqa: FBT001 - drawn
        gone = [i for (g, _), s in self.office.sights.items() if g == name for i in s.vanished]
        known = [it.ref for it in (*self.office.held.get(name, {}).values(), *gone)]
        about = data.draw(st.sampled_from(known)) if known and not all_of_it else None
        self.say(Admission, gate=name, by="Maya", reason="settled", item=about)

    @rule(name=st.sampled_from(["beta", "beta", "alpha"]), by=names)
    def the_manager_names_an_owner(self, name: str, by: str) -> None:
        self.say(Ownership, gate=name, by="Maya", person=PEOPLE[by])

    @rule(by=names, days=st.sampled_from([0.5, 3]))
    def somebody_goes_away(self, by: str, days: float) -> None:
        self.say(Absence, by=by, until=self.office.now + days * DAY)

    @rule(days=st.sampled_from([-3, 1, 5, 14, 40]), by_comment=st.booleans())
    def the_target_moves(self, days: int, by_comment: bool) -> None:  # noqa: FBT001 - drawn
        target = self.office.now + days * DAY
        if by_comment:
            return self.say(TargetMove, by="Maya", target=target, reason="late")
        self.office.release = replace(self.office.release, target=target)
        return self.judge()

    @rule(go=st.booleans(), over=seldom)
    def the_manager_decides(self, go: bool, over: bool) -> None:  # noqa: FBT001 - drawn
        readiness = self.office.readiness
        states = {it.id: it.state.value for it in readiness.gates if it.required} if readiness else {}
        if over:
            return self.say(Closing, by="Maya", launched=go)
        return self.say(Decision, by="Maya", go=go, states=states)

    @precondition(lambda self: self.office.said)
    @rule(data=st.data())
    def a_comment_is_deleted(self, data: st.DataObject) -> None:
        office = self.office
        taken = {r.of for _, r in office.said if isinstance(r, Withdrawal)}
        numbers = [n for n, (_, r) in enumerate(office.said) if not isinstance(r, Withdrawal) and f"c{n}" not in taken]
        if numbers:
            office.take_back(data.draw(st.sampled_from(numbers)))
            office.hear("summary")
        self.judge()

    # What it is all for

    @rule(gap=st.sampled_from([6, 45, 1000]), settle=often)
    def everybody_gets_ready(self, gap: int, settle: bool) -> None:  # noqa: FBT001 - drawn
        """All that stands against a launch is done or taken back, read, signed and settled."""
        self._finish()
        self.read()
        self.judge()
        self.office.now += minutes(2)
        self._agree()
        self.office.now += minutes(1)
        for _ in range(3 if settle else 1):
            self.read()
            self.judge()
            self.pass_to(self.office.now + minutes(gap))
        self.read()
        self.judge()

    @rule(what=st.sampled_from(["finished", "joined", "dropped", "nothing"]), vouched=seldom)
    def something_happens_between_a_word_and_a_reading(self, what: str, vouched: bool) -> None:  # noqa: FBT001 - drawn
        """What was signed is then another thing than what is read."""
        office = self.office
        self._finish()
        late = office.create(next(iter(office.parts)), "eng", Progress.DONE, type="Bug")
        changes: dict[str, tuple[dict[str, Any], str | None]] = {
            "finished": ({"progress": Progress.DOING}, office.place[late]),
            "joined": ({}, None),
            "dropped": ({}, office.place[late]),
            "nothing": ({}, office.place[late]),
        }
        first, where = changes[what]
        inside = office.place[late]
        office.change(late, **first)
        office.place[late] = where
        self.read()
        self.judge()
        self.pass_to(office.now + minutes(5))
        self._agree()
        office.now += minutes(1)
        if vouched:
            self.read()
            self.judge()
        if what == "finished":
            office.change(late, progress=Progress.DONE)
        if what == "joined":
            office.move(late, inside)
        if what == "dropped":
            office.change(late, progress=Progress.DROPPED)
        for gap in (1, 60, 1500):
            office.now += minutes(gap)
            self.read()
            self.judge()

    def _finish(self) -> None:
        office = self.office
        for ref in list(office.deleted):
            office.restore(ref)
        for ref, it in list(office.truth.items()):
            if not it.finished or it.problem:
                office.change(ref, progress=Progress.DONE, problem="")
        for name, where in office.parts.items():
            if (
                where
                and name != "gamma"
                and sum(office.place[i.ref] == name and i.live for i in office.truth.values()) < 2
            ):
                office.create(name, where[0], Progress.DONE, type="Bug")
                office.create(name, where[0], Progress.DONE, type="Bug")
        if office.release.target and office.now > office.release.target - DAY:
            office.release = replace(office.release, target=office.now + 12 * DAY)

    def _agree(self) -> None:
        office = self.office
        for name in {r.gate for _, r in office.said if isinstance(r, Hold)}:
            office.say(Unhold, gate=name, by="Maya")
        ends = signature_end(office.release, office.now)
        voters = {(r.gate, r.by) for _, r in office.said if isinstance(r, Signature)} | {(g, "Dana") for g in GATES}
        for name, by in sorted(voters):
            office.say(Signature, gate=name, by=by, expires_at=ends)
            office.say(Admission, gate=name, by="Maya", reason="so be it")
        for up, down in PAIRS:
            office.say(Acceptance, upstream=up, downstream=down, by="Dana")
        office.say(Ownership, gate="beta", by="Maya", person=DANA)


def differences(one: dict[str, object], other: dict[str, object], but: str = "") -> dict[str, object]:
    return {name: (one.get(name), it) for name, it in other.items() if it != one.get(name) and name != but}


TestWeeks = Weeks.TestCase
TestWeeks.settings = settings(max_examples=settings().max_examples // 4, stateful_step_count=30)
