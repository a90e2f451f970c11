"""Which words count, by the rules alone: whose they are, whether the right to say them stands, and what came since."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from mapping.amend import amended
from mapping.authority import taken
from mapping.command import Command, Words, commands
from mapping.digest import item_digest
from mapping.floor import Floor, Speech
from mapping.gate import Person
from mapping.item import Account, Progress
from mapping.person import person_of, told_apart
from mapping.readiness import State, Verdict
from mapping.record import (
    Approval,
    Attestation,
    Decision,
    Hold,
    NotNeeded,
    Ownership,
    Record,
    Signature,
    Unhold,
    Waiver,
)
from mapping.standing import UNREADABLE, standing
from mapping.timing import Timeline
from tests.worlds import DANA, LEE, MAYA, NOW, World, gate, item, ready_world, release

if TYPE_CHECKING:
    from datetime import datetime

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
WEEK = timedelta(days=7)


def signed(at: datetime, by: str = "Dana", name: str = "eng#1@0.0000", **fields: Any) -> Signature:
    told: dict[str, Any] = {"id": name, "gate": "engineering", "by": by, "at": at, "expires_at": at + WEEK} | fields
    return Signature(**told)


def refused(at: datetime, by: str = "Dana", name: str = "eng#2@0.0000") -> Signature:
    """A not-ready vote."""
    return Signature(id=name, gate="engineering", by=by, at=at, ready=False, reason="it burns")


def later(world: World, *records: Record, hours: float = 9) -> State:
    """Engineering's state after these words, two readings and a night."""
    world.records = (*world.records, *records)
    world.read(max(world.now, NOW) + MINUTE)
    world.read(world.now + timedelta(hours=hours))
    return world.gate().state


# In one comment


def test_of_ready_and_not_ready_in_one_comment_the_last_counts() -> None:
    at = NOW - 3 * HOUR
    yes, no = signed(at, name="eng#2@0.0001"), refused(at, name="eng#2@0.0000")
    assert later(ready_world(records=()), no, yes, hours=30) is State.READY
    no = replace(no, id="eng#2@0.0002")
    assert later(ready_world(records=()), no, yes) is State.BLOCKED
    assert later(ready_world(records=()), replace(no, id="eng#1@0.0000"), yes) is State.BLOCKED, "another's moment"


def test_not_needed_after_not_ready_in_one_comment_counts() -> None:
    at = NOW - 3 * HOUR
    no = refused(at, name="eng#2@0.0000")
    declared = NotNeeded(id="eng#2@0.0001", gate="engineering", by="Dana", at=at, reason="nothing to build")
    agreed = Approval(id="eng#3@0.0000", by="Maya", at=at + HOUR, subject="engineering")
    assert later(ready_world(records=()), no, declared, agreed) is State.NOT_NEEDED
    assert later(ready_world(records=()), replace(no, id="eng#2@0.0002"), declared, agreed) is State.BLOCKED


# What was there when it was said


def unsigned() -> World:
    world = ready_world(records=())
    world.read(NOW + MINUTE)
    world.read(NOW + 5 * MINUTE)
    world.records = (signed(NOW + 6 * MINUTE),)
    return world


def test_an_item_that_joined_by_its_parent_after_the_word_voids_it() -> None:
    """It was not changed itself, so nothing tells when it came."""
    joined = item("ENG-77", created=NOW - 90 * timedelta(days=1), updated=NOW - 40 * MINUTE, moved_at=NOW - 9 * WEEK)
    world = unsigned()
    world.items = {"engineering": (*world.items["engineering"], joined)}
    world.read(NOW + 8 * MINUTE)
    assert later(world) is State.SIGN_OFF_DUE
    assert later(world, signed(world.now + MINUTE, name="eng#3@0.0000")) is State.READY


def test_what_joined_while_the_gate_could_not_be_read_whole_is_no_later_than_its_own_time() -> None:
    """What was there before is what was last read whole, not what was read since with a hole in it."""
    joined = item("ENG-77", created=NOW - 90 * timedelta(days=1), updated=NOW + 10 * MINUTE, moved_at=NOW - 9 * WEEK)
    world = ready_world(records=())
    world.read(NOW + MINUTE)
    whole = world.items["engineering"]
    world.items = {"engineering": (replace(whole[0], problem="odd"), *whole[1:], joined)}
    world.read(NOW + 30 * MINUTE)
    world.records = (signed(NOW + 40 * MINUTE),)
    world.items = {"engineering": (*whole, joined)}
    world.read(NOW + 50 * MINUTE)
    assert later(world, hours=30) is State.READY


def test_an_item_that_left_after_the_word_voids_it() -> None:
    world = ready_world(records=())
    world.items["engineering"] = (*world.items["engineering"], item("ENG-78"))
    world.read(NOW + MINUTE)
    world.records = (signed(NOW + 6 * MINUTE),)
    world.items["engineering"] = world.items["engineering"][:1]
    world.read(NOW + 8 * MINUTE)
    assert later(world) is State.SIGN_OFF_DUE


def test_a_word_on_what_was_there_is_not_void() -> None:
    assert later(unsigned()) is State.READY


# People of one name, and people of two


def other_dana(at: datetime, **fields: Any) -> Signature:
    return signed(at, by="Dana (dana.k@acme.example)", **fields)


@pytest.mark.parametrize("first", ["dana@acme.example", "dana.k@acme.example"])
def test_two_of_one_name_have_two_names_whoever_comes_first(first: str) -> None:
    people = sorted((DANA, Person(name="Dana", email="dana.k@acme.example")), key=lambda it: it.email != first)
    names = [owner.name for owner in told_apart(release(gate(owners=tuple(people))), ()).gates[0].owners]
    assert len({name.casefold() for name in names}) == 2


def test_a_person_who_was_named_by_mention_is_no_manager_of_that_name() -> None:
    """Lee joined the file as a manager later."""
    contractor = Person(name="Lee", accounts=frozenset({("eng", "acc-x")}))
    manager = Person(name="Lee", email="lee@acme.example", accounts=frozenset({("eng", "acc-m")}))
    here = release(managers=(manager, MAYA))
    account = Account(tracker="eng", id="acc-x", name="Lee", email=None)
    named = person_of(here, account)
    assert named is None, "by the name alone nobody is known"
    apart = Ownership(id="o.0", gate="engineering", by="Maya", at=NOW, person=replace(contractor, name="Lee (acc-x)"))
    present = amended(here, standing([apart]), (), Timeline(NOW))
    assert present.gates[0].owners[0].name == "Lee (acc-x)"
    for line in ("/go override because I can", "/launched", "/target 2027-01-01 because later"):
        records, why = said(line, account, present)
        assert records == ()
        assert "only the release manager" in why


def said(line: str, account: Account, present: Any) -> tuple[tuple[Record, ...], str]:
    words = Words(gates={"engineering": "engineering"}, people={}, waivers=frozenset(), zone=UTC)
    (command,) = commands([line], words, NOW)
    assert isinstance(command, Command)
    who = person_of(present, account)
    assert who is not None
    world = ready_world()
    floor = Floor(
        release=present,
        records=(),
        items={},
        readiness=world.judge,
        evidence=lambda: "5ha",
        accounts={account.id: account},
    )
    return taken(Speech(command=command, who=who, id="eng#9@0.0000", at=NOW, account=account), floor)


def test_whose_account_is_known_in_a_tracker_is_nobody_else_there() -> None:
    maya = Person(name="Maya", email="maya@acme.example", accounts=frozenset({("eng", "acc-maya")}))
    assert not maya.has(Account(tracker="eng", id="evil", name="Mallory", email="maya@acme.example"))
    assert maya.has(Account(tracker="eng", id="acc-maya", name="Whoever", email=None))
    assert maya.has(Account(tracker="gtm", id="new", name="Maya", email="Maya@acme.example"))


# The right to sign


@pytest.mark.parametrize("owners", [(LEE,), (Person(name="Kim"), LEE)])
def test_a_signature_ends_with_the_right_to_sign(owners: tuple[Person, ...]) -> None:
    world = ready_world()
    assert world.gate().state is State.READY
    world.release = release(gate(owners=owners))
    assert later(world) is State.SIGN_OFF_DUE


def test_a_no_outlives_the_right_to_say_it_until_a_present_owner_lifts_it() -> None:
    world = ready_world()
    world.release = release(gate(owners=(LEE,)))
    assert later(world, refused(NOW - 20 * MINUTE)) is State.BLOCKED
    world.release = release(gate(owners=(LEE,)), managers=(MAYA,))
    assert later(world, signed(world.now + MINUTE, by="Kim", name="eng#4@0.0000")) is State.BLOCKED
    assert later(world, signed(world.now + MINUTE, by="Lee", name="eng#5@0.0000")) is State.READY


def test_a_no_of_a_present_owner_is_lifted_by_nobody_else() -> None:
    world = ready_world(release=release(gate(owners=(DANA, LEE))))
    assert later(world, refused(NOW - 20 * MINUTE), signed(NOW - 10 * MINUTE, by="Lee")) is State.BLOCKED


# Not needed


def undeclared(*owners: Person) -> World:
    """Engineering is not needed, as Dana says and Maya agrees; docs is ready."""
    world = ready_world(release=release(gate(owners=owners), gate("docs")))
    world.items["docs"], world.health["docs"] = world.items["engineering"], world.health["engineering"]
    world.records = (
        signed(NOW - 30 * MINUTE, gate="docs", key="ENG-99"),
        NotNeeded(id="n.0000", gate="engineering", by="Dana", at=NOW - 20 * MINUTE, reason="no code"),
        Approval(id="a.0000", by="Maya", at=NOW - 19 * MINUTE, subject="engineering"),
    )
    assert later(world) is State.NOT_NEEDED
    return world


@pytest.mark.parametrize("by", ["Dana", "Lee"])
def test_any_owners_later_no_suspends_not_needed(by: str) -> None:
    world = undeclared(DANA, LEE)
    assert later(world, refused(world.now, by=by)) is State.BLOCKED
    assert not world.judge().launchable


def test_an_earlier_no_does_not() -> None:
    world = undeclared(DANA, LEE)
    assert later(world, refused(NOW - 25 * MINUTE, by="Lee")) is State.NOT_NEEDED


# What cannot be read


def test_no_unhold_lifts_what_cannot_be_read() -> None:
    world = ready_world()
    unreadable = Hold(id="v.0000", by=UNREADABLE, at=NOW - 5 * HOUR, reason="a stored record cannot be read")
    lifted = Unhold(id="u.0000", by="Maya", at=NOW - 4 * HOUR)
    world.records = (*world.records, unreadable, lifted)
    assert world.judge().verdict is Verdict.ON_HOLD
    assert standing([unreadable, lifted]) == (unreadable,)


# What a GO stands on


def decided(states: dict[str, str], *, override: bool) -> Decision:
    return Decision(id="g.0000", by="Maya", at=NOW - MINUTE, go=True, reason="so", override=override, states=states)


def test_a_go_against_advice_stands_while_no_gate_is_worse_and_none_is_new() -> None:
    world = ready_world(items={"engineering": (item(progress=Progress.DOING),)})
    state = world.gate().state.value
    world.records = (*world.records, decided({"engineering": state}, override=True))
    assert world.judge().cleared
    world.release = release(gate(), gate("docs"))
    world.items["docs"], world.health["docs"] = world.items["engineering"], world.health["engineering"]
    assert not world.judge().cleared
    docs = world.gate("docs").state.value
    world.records = (*world.records[:-1], decided({"engineering": state, "docs": docs}, override=True))
    assert world.judge().cleared
    assert later(world, refused(world.now)) is State.BLOCKED
    assert not world.judge().cleared


def test_a_go_that_knew_no_state_clears_nothing() -> None:
    """As one would be that was heard again after everything was lost."""
    world = ready_world(items={"engineering": (item(progress=Progress.DOING),)})
    world.records = (*world.records, decided({}, override=True))
    assert not world.judge().cleared


# What was asked for before it moved


def test_nothing_is_waived_that_moved_since_it_was_asked_for() -> None:
    account = Account(tracker="eng", id="acc-Dana", name="Dana", email="dana@acme.example")
    moved = item("ENG-5", Progress.TODO, moved_at=NOW - MINUTE)
    still = replace(moved, moved_at=NOW - 2 * HOUR)
    for about, asked in ((moved, 0), (still, 1)):
        floor = Floor(
            release=release(),
            records=(),
            items={"engineering": (about,)},
            readiness=World().judge,
            evidence=lambda: "",
            accounts={},
        )
        words = Words(gates={}, people={}, waivers=frozenset(), zone=UTC)
        (command,) = commands(["/waive ENG-5 because it is small"], words, NOW)
        assert isinstance(command, Command)
        speech = Speech(command=command, who=DANA, id="w.0000", at=NOW - HOUR, account=account)
        records, _ = taken(speech, floor)
        assert len([it for it in records if isinstance(it, Waiver)]) == asked


def test_an_attested_gate_is_not_attested_when_its_owner_is_gone() -> None:
    """The right to vouch goes as the right to sign does."""
    world = ready_world()
    world.health = {"engineering": (replace(world.health["engineering"][0], problem="down", refused=True),)}
    vouched = Attestation(
        id="t.0000", gate="engineering", by="Dana", at=NOW - MINUTE, until=NOW + HOUR, reason="I looked"
    )
    world.records = (*world.records, vouched)
    assert world.judge().gates[0].state is not State.UNKNOWN
    world.release = release(gate(owners=(LEE,)))
    assert world.judge().gates[0].state is State.UNKNOWN


def waived(by: str, second: str, world: World) -> State:
    about = item("ENG-5", Progress.TODO, moved_at=NOW - 10 * HOUR, updated=NOW - 10 * HOUR)
    world.items["engineering"] = (*world.items["engineering"], about)
    asked = Waiver(
        id="w.0000",
        gate="engineering",
        item=about.ref,
        digest=item_digest(about),
        by=by,
        at=NOW - 2 * HOUR,
        until=NOW + WEEK,
        reason="small",
        label="W1",
    )
    agreed = Approval(id="p.0000", by=second, at=NOW - HOUR, subject="W1")
    world.records = (*world.records, asked, agreed)
    world.read(world.now + MINUTE)
    return later(world, signed(world.now + MINUTE, name="eng#8@0.0000"))


def test_a_waiver_takes_two_people_a_manager_among_them() -> None:
    assert waived("Dana", "Maya", ready_world()) is State.EXCEPTION
    assert waived("Maya", "Maya", ready_world()) is not State.EXCEPTION
    assert waived("Maya", "maya@acme.example", ready_world()) is not State.EXCEPTION
    assert waived("Dana", "Lee", ready_world()) is not State.EXCEPTION
