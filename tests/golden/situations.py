"""Worlds to judge that together meet every state of a gate and every kind of record. Few facts each, fixed times."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from mapping.exhibit import Exhibit, Given
from mapping.gate import Person
from mapping.item import Progress
from mapping.record import (
    Absence,
    Acceptance,
    Admission,
    Answer,
    Approval,
    Attestation,
    Closing,
    Decision,
    Denial,
    Ending,
    Hold,
    NotNeeded,
    Ownership,
    Question,
    Return,
    Signature,
    TargetMove,
    Unhold,
    Withdrawal,
)
from mapping.said import name_of
from mapping.sight import TALK
from tests.worlds import DANA, LEE, NOW, World, gate, item, ready_world, release, sight, signature, waiver

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
EARLIER = NOW - 2 * HOUR
NEW_YORK = ZoneInfo("America/New_York")


def world(*records: Any, progress: Progress = Progress.DOING, **fields: Any) -> World:
    """Engineering with one item, read an hour ago and now."""
    found = item("ENG-7", progress)
    it = World(items={"engineering": (found,)}, health={"engineering": (sight(NOW - HOUR),)}, records=tuple(records))
    for name, value in fields.items():
        setattr(it, name, value)
    it.judge(NOW - HOUR)
    it.health = {name: tuple(replace(s, observed_at=NOW) for s in seen) for name, seen in it.health.items()}
    it.now = NOW
    return it


def ready() -> World:
    return ready_world()


def blocked() -> World:
    vote = Signature(id="c1.1", gate="engineering", by="Dana", at=EARLIER, ready=False, reason="it crashes at midnight")
    return world(vote, release=release(gate(due=NOW - DAY)))


def cannot_tell() -> World:
    gone = item("ENG-8", Progress.TODO)
    blind = sight(NOW - HOUR, problem="403: the project is not visible any more", refused=True, vanished=(gone,))
    return world(health={"engineering": (blind,)})


def comments_unread() -> World:
    it = ready_world()
    it.health = {**it.health, TALK: (sight(NOW - 9 * DAY, problem="the host did not answer"),)}
    return it


def on_hold() -> World:
    lifted = Hold(id="c1.1", by="Maya", at=EARLIER, reason="the contract is not signed")
    unhold = Unhold(id="c2.1", by="Maya", at=EARLIER + HOUR)
    return world(lifted, unhold, Hold(id="c3.1", by="Dana", at=EARLIER, reason="a leak", gate="engineering"))


def not_needed() -> World:
    declared = NotNeeded(id="c1.1", gate="docs", by="Lee", at=EARLIER, reason="nothing changed for users")
    agreed = Approval(id="c2.1", by="Maya", at=EARLIER + HOUR, subject="docs")
    docs = gate("docs", owners=(LEE,), ticketless=True)
    return world(declared, agreed, release=release(gate(), docs))


def not_started() -> World:
    bare = release(gate(owners=()), target=NOW + 90 * DAY)
    return world(release=bare, items={}, health={"engineering": (sight(NOW - HOUR),)})


def handed_over() -> World:
    """Docs wait for engineering, which took its own baton from design and gave it back once."""
    gates = gate(after=("design",)), gate("design", owners=(LEE,)), gate("docs", after=("engineering",))
    done = item("DES-1", Progress.DONE)
    return world(
        Return(id="c1.1", upstream="design", downstream="engineering", by="Dana", at=EARLIER, reason="half of it"),
        Acceptance(id="c2.1", upstream="design", downstream="engineering", by="Dana", at=EARLIER + HOUR),
        signature("design", NOW - 90 * timedelta(minutes=1), by="Lee"),
        release=release(*gates),
        items={"engineering": (item("ENG-7", Progress.TODO),), "design": (done,), "docs": (item("DOC-1"),)},
        health={name: (sight(NOW - HOUR),) for name in ("engineering", "design", "docs")},
    )


def at_risk() -> World:
    old = item("ENG-7", Progress.DOING, updated=NOW - 40 * DAY, moved_at=NOW - 40 * DAY)
    return world(items={"engineering": (old,)})


def settling() -> World:
    return world(signature(at=NOW - 3 * HOUR), progress=Progress.DONE)


def sign_off_due() -> World:
    """The signature was there, and the facts moved on."""
    it = ready_world()
    added = item("ENG-2", moved_at=NOW, updated=NOW)
    it.items = {"engineering": (item(), added)}
    it.read(NOW + 30 * HOUR)
    it.read(NOW + 60 * HOUR)
    return it


def waived() -> World:
    late, odd, secret = item("ENG-7", Progress.DOING), item("ENG-8", Progress.TODO), item("ENG-9", Progress.TODO)
    asked: dict[str, Any] = {"approved_by": None, "at": EARLIER}
    it = world(
        waiver(late, id="c1.1", label="W1", key="ENG-7", **asked),
        Approval(id="c2.1", by="Maya", at=EARLIER + timedelta(minutes=9), subject="W1"),
        waiver(odd, id="c3.1", label="W2", key="ENG-8", **asked),
        Denial(id="c4.1", by="Maya", at=EARLIER + HOUR, subject="W2", reason="customers would see it"),
        waiver(secret, id="c5.1", label="W3", key="ENG-9", **asked),
        signature(at=EARLIER),
        items={"engineering": (late, odd, replace(secret, restricted=True))},
    )
    it.read(NOW)
    return it


def excepted() -> World:
    late = item("ENG-7", Progress.DOING)
    agreed = Approval(id="c2.1", by="Maya", at=EARLIER, subject="W1")
    asked = waiver(late, id="c1.1", label="W1", key="ENG-7", at=EARLIER - HOUR, approved_by=None)
    it = world(asked, agreed, signature(at=EARLIER), items={"engineering": (late,)})
    for hours in (1, 12, 30):
        it.read(NOW + hours * HOUR)
    return it


def over() -> World:
    """A waiver that was fulfilled, of which the memory knows nothing: its item is open again."""
    late = item("ENG-7", Progress.DOING)
    agreed = Approval(id="c2.1", by="Maya", at=EARLIER, subject="W1")
    asked = waiver(late, id="c1.1", label="W1", key="ENG-7", at=EARLIER - HOUR, approved_by=None)
    done = Ending(
        id="over c1.1", gate="engineering", at=EARLIER, waiver=name_of(asked), fulfilled=True, label="W1", key="ENG-7"
    )
    return world(asked, agreed, done, signature(at=EARLIER), items={"engineering": (late,)})


def attested() -> World:
    word = Attestation(id="c1.1", gate="engineering", by="Dana", at=EARLIER, until=NOW + 5 * HOUR, reason="I looked")
    blind = sight(NOW - 3 * HOUR, problem="the tracker is down", refused=True)
    return world(word, signature(at=EARLIER), progress=Progress.DONE, health={"engineering": (blind,)})


def decided() -> World:
    """Everything that a release manager can say, and an override."""
    it = world(
        Question(id="c1.1", by="Maya", at=EARLIER, whom="Lee", text="is the price list final?", label="Q1"),
        Question(id="c2.1", by="Maya", at=EARLIER, whom="Noor", text="who tells sales?", label="Q2"),
        Answer(id="c3.1", by="Lee", at=EARLIER + HOUR, question="c1.1"),
        Ownership(id="c4.1", gate="engineering", by="Maya", at=EARLIER, person=LEE),
        Absence(id="c5.1", by="Dana", at=EARLIER, until=NOW + 3 * DAY),
        TargetMove(id="c6.1", by="Maya", at=EARLIER, target=NOW + 9 * DAY, reason="the holidays"),
        Decision(
            id="c7.1", by="Maya", at=NOW - timedelta(minutes=5), go=True, override=True, reason="the fix is a minute",
            evidence="7f" * 32, against=("Engineering: 1 of 1 open: ENG-7",), states={"engineering": "on_track"},
        ),
    )  # fmt: skip
    it.items = {"engineering": (item("ENG-7", Progress.TODO),)}
    return it


def closed() -> World:
    it = ready_world()
    it.records = (*it.records, Closing(id="c9.1", by="Maya", at=NOW, launched=True))
    return it


def after_the_freeze() -> World:
    it = world(release=release(freeze=NOW - 2 * HOUR))
    bug = item("ENG-11", Progress.TODO, type="Bug", created=NOW - timedelta(minutes=20))
    late = item("ENG-12", Progress.TODO, type="Story", created=NOW - timedelta(minutes=20), creator="Ada")
    let_in = item("ENG-13", Progress.TODO, type="Story", created=NOW - timedelta(minutes=20))
    it.items = {"engineering": (item("ENG-7", Progress.DOING), bug, late, let_in)}
    it.records = (
        Admission(id="c1.1", gate="engineering", by="Maya", at=NOW, reason="the law changed", item=let_in.ref),
    )
    it.read(NOW)
    return it


def taken_back() -> World:
    """The comment with the signature was edited: the signature is gone, the hold in it stands."""
    it = ready_world()
    signed = signature(at=NOW - 30 * timedelta(minutes=1), id="c1.1")
    hold = Hold(id="c1.2", by="Dana", at=NOW - 30 * timedelta(minutes=1), reason="but wait", gate="engineering")
    it.records = (signed, hold, Withdrawal(id="c1", at=NOW, of="c1"))
    return it


def elsewhere() -> World:
    """A zone, holidays, a confidential gate, a restricted item, another release's item, odd letters."""
    person = Person(name="Zoë \U0001f680", accounts=frozenset({("eng", "5b"), ("gtm", "9c")}), reachable=False)
    secret = item("ENG-7", Progress.TODO, title="Secret acquisition", restricted=True, labels=None, assignee=None)
    gates = gate(confidential=True, owners=(person, DANA)), gate("legal", owners=(), required=False, asked=True)
    return world(
        release=release(
            *gates,
            zone=NEW_YORK,
            target=datetime(2026, 12, 25, 4, 59, 59, tzinfo=UTC),
            holidays=frozenset({date(2026, 12, 25), date(2026, 11, 26)}),
            shared={secret.ref: ("borealis",)},
            never_items=frozenset({("eng", "id-REL-12")}),
        ),
        items={"engineering": (secret,)},
    )


SITUATIONS = {
    each.__name__: each
    for each in (
        ready, blocked, cannot_tell, comments_unread, on_hold, not_needed, not_started, handed_over, at_risk, settling,
        sign_off_due, waived, excepted, over, attested, decided, closed, after_the_freeze, taken_back, elsewhere,
    )
}  # fmt: skip


def exhibit_of(it: World) -> Exhibit:
    """The world as it would be kept, judged at its time."""
    given = Given(
        items=it.items,
        records=it.records,
        health=it.health,
        configuration=it.release,
        memory=it.memory,
        now=it.now,
    )
    readiness, remembered, wake_at = given.judged()
    return Exhibit(
        given=given, readiness=readiness, remembered=remembered, wake_at=wake_at, why=("first",), version="0.1.0"
    )
