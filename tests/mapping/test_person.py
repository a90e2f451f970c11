"""Who is who in a release: one person once, and two people never one."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from mapping.gate import Gate, Person, Release
from mapping.person import is_manager, same_person, told_apart


def release(*managers: Person, owners: tuple[Person, ...] = (), people: tuple[Person, ...] = ()) -> Release:
    gate = Gate(id="docs", name="Documentation", owners=owners)
    return Release(id="r", name="R", zone=ZoneInfo("UTC"), gates=(gate,), managers=managers, people=people)


def at(tracker: str, account: str) -> frozenset[tuple[str, str]]:
    return frozenset({(tracker, account)})


def test_who_shares_an_account_or_an_e_mail_is_one_person_under_one_name() -> None:
    by_account = Person(name="Maya Ortiz", accounts=at("eng", "1"))
    by_email = Person(name="maya@acme.example", email="maya@acme.example", accounts=at("eng", "1"))
    in_linear = Person(name="maya", email="Maya@acme.example", accounts=at("gtm", "2"))
    found = told_apart(release(by_account, owners=(by_email,), people=(in_linear,)), ())
    (maya,) = found.managers
    assert found.gates[0].owners == (maya,)
    assert found.people == ()
    assert maya.name == "Maya Ortiz"
    assert maya.accounts == at("eng", "1") | at("gtm", "2")


def test_two_people_of_one_name_get_two_names() -> None:
    one, other = (Person(name="Sam Lee", email=f"sam{n}@acme.example", accounts=at("eng", str(n))) for n in (1, 2))
    found = told_apart(release(one, owners=(other,)), ())
    assert found.managers[0].name == "Sam Lee"
    assert found.gates[0].owners[0].name == "Sam Lee (sam2@acme.example)"


def test_a_name_alone_is_not_the_person_who_has_an_account_of_that_name() -> None:
    named, real = Person(name="Dana"), Person(name="Dana", email="dana@acme.example")
    found = told_apart(release(real, owners=(named,)), ())
    assert found.gates[0].owners[0] != found.managers[0]
    assert found.gates[0].owners[0].name == "Dana (2)"


def test_who_is_called_by_the_e_mail_of_another_is_not_that_person() -> None:
    """A tracker lets people choose their name, and the lead of a project owns its gate."""
    maya, lead = (
        Person(name="Maya", email="Maya@acme.example"),
        Person(name="maya@acme.example", accounts=at("eng", "9")),
    )
    found = told_apart(release(maya, owners=(lead,)), ())
    owner = found.gates[0].owners[0].name
    assert not is_manager(found, owner)
    assert not same_person(found, owner, "Maya")
    assert told_apart(release(replace(maya, name="Maya@acme.example")), ()).managers[0].name == "Maya@acme.example"


def test_whom_the_summary_tracker_knows_by_no_account_cannot_be_reached() -> None:
    maya, dana = Person(name="Maya", email="Maya@acme.example"), Person(name="Dana", email="dana@acme.example")
    found = told_apart(release(maya, owners=(dana,)), {"maya@acme.example"})
    assert (found.managers[0].reachable, found.gates[0].owners[0].reachable) == (False, True)
