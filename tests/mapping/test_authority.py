"""Who may say what, and which record follows: the whole table of commands, role by role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from mapping.authority import ON_TICKETS, taken
from mapping.command import USAGE, Command, Words, commands
from mapping.digest import item_digest
from mapping.floor import Floor, Speech
from mapping.gate import Person
from mapping.item import Account, Progress
from mapping.person import everybody
from mapping.readiness import HandOff, Leg
from mapping.record import (
    Approval,
    Closing,
    Decision,
    Denial,
    Ending,
    Hold,
    NotNeeded,
    Ownership,
    Record,
    Signature,
    Waiver,
)
from mapping.said import name_of
from tests.worlds import DANA, LEE, MAYA, NOOR, NOW, TARGET, World, account, gate, item, ready_world, release

if TYPE_CHECKING:
    from datetime import datetime

    from mapping.item import Item
    from mapping.readiness import Readiness

OTTO = Person(name="Otto", email="otto@acme.example")
PAT = Person(name="Pat", email="pat@acme.example")
ROLES = {"manager": MAYA, "owner": DANA, "backup": LEE, "other": OTTO, "named": PAT}
"""``other`` owns another gate, ``named`` is a person whom the file only names."""
RELEASE = release(
    gate(owners=(DANA, LEE)),
    gate("marketing", owners=(OTTO,), after=("engineering",)),
    people=(PAT,),
)
OPEN, DONE, ODD = item("ENG-1", Progress.DOING), item("ENG-2"), item("ENG-3", None)
LOST = item("ENG-4", Progress.DOING)
POST = item("MKT-1", Progress.TODO, tracker="gtm")
ITEMS = {"engineering": (OPEN, DONE, ODD), "marketing": (POST,)}
EARLIER = NOW - timedelta(hours=1)


def waiver(label: str, by: str, until: datetime = NOW + timedelta(days=3), **fields: Any) -> Waiver:
    return Waiver(
        id=f"eng#{label}@0.0000",
        gate="engineering",
        item=OPEN.ref,
        digest=item_digest(OPEN),
        by=by,
        at=EARLIER,
        until=until,
        reason="small",
        label=label,
        key=OPEN.key,
        **fields,
    )


BEFORE: tuple[Record, ...] = (
    waiver("W1", "Dana"),
    waiver("W2", "Maya"),
    NotNeeded(id="eng#5@0.0000", gate="engineering", by="Dana", at=EARLIER, reason="no code"),
    Hold(id="eng#6@0.0000", by="Maya", at=EARLIER, reason="embargo"),
    Hold(id="eng#7@0.0000", by="Dana", at=EARLIER, reason="audit", gate="engineering"),
    Hold(id="eng#8@0.0000", by="Otto", at=EARLIER, reason="audit", gate="marketing"),
)


@dataclass
class Scene:
    """What was said before on ``release``, and where the next word is said."""

    records: Sequence[Record] = BEFORE
    ticket: str | None = None
    launchable: bool = True
    release: Any = RELEASE
    items: Any = None
    gone: Any = None
    accounts: Any = None
    handoffs: tuple[HandOff, ...] = ()

    def said(self, who: Person, line: str) -> tuple[tuple[Record, ...], str]:
        words = Words(
            gates={each.id: each.id for each in self.release.gates},
            people={word.casefold(): p.name for p in everybody(self.release) for word in (p.name, p.email or p.name)},
            waivers=frozenset(r.label for r in self.records if isinstance(r, Waiver)),
            zone=self.release.zone,
        )
        (command,) = commands([line], words, NOW)
        assert isinstance(command, Command), command
        speech = Speech(command=command, who=who, id="eng#9@0.0000", at=NOW, url="https://eng.example/c/9")
        return taken(replace(speech, ticket=self.ticket), self.floor)

    @property
    def floor(self) -> Floor:
        return Floor(
            release=self.release,
            records=self.records,
            items=self.items or ITEMS,
            readiness=self._readiness,
            evidence=lambda: "5ha",
            accounts=self.accounts or {},
            gone=self.gone or {},
        )

    def _readiness(self) -> Readiness:
        return replace((ready_world() if self.launchable else World()).judge(NOW), handoffs=self.handoffs)


MANAGER = "only the release manager"
OWNER = "only an owner of Engineering"
NOBODY = "you are named for none"
LINES: dict[str, tuple[str, str, str, str, str]] = {
    # the command, and what follows for the manager, the owner, the backup, the owner of another gate, a named person
    "/ready engineering": (OWNER, "Signature", "Signature", OWNER, OWNER),
    "/ready": (NOBODY, "Signature", "Signature", "Signature", NOBODY),
    "/not-ready engineering because it crashes": (OWNER, "Signature", "Signature", OWNER, OWNER),
    "/not-ready because it crashes": (NOBODY, "Signature", "Signature", "Signature", NOBODY),
    "/not-needed engineering because no code": (OWNER, "NotNeeded", "NotNeeded", OWNER, OWNER),
    "/hold because of the embargo": ("Hold", "Hold", "Hold", "Hold", NOBODY),
    "/hold engineering because of the audit": (OWNER, "Hold", "Hold", OWNER, OWNER),
    "/unhold": ("Unhold", "Unhold", "Unhold", "Unhold", NOBODY),
    "/unhold engineering": (OWNER, "Unhold", "Unhold", OWNER, OWNER),
    "/waive ENG-1 until 2026-12-20 because small": ("Waiver", "Waiver", "Waiver", MANAGER, MANAGER),
    "/approve W1": ("Approval", "a second person", MANAGER, MANAGER, MANAGER),
    "/approve W2": ("a second person", "Approval", "Approval", "only an owner of Engineering", "only an owner"),
    "/approve engineering": ("Approval", "a second person", MANAGER, MANAGER, MANAGER),
    "/deny W1 because it is big": ("Denial", "Denial", MANAGER, MANAGER, MANAGER),
    "/deny W2 because it is big": ("Denial", "Denial", "Denial", "only an owner", "only an owner"),
    "/deny engineering because there is code": ("Denial", "Denial", MANAGER, MANAGER, MANAGER),
    "/approve marketing": ("nobody has asked",) * 5,
    "/attest engineering 24h because Jira is down": (OWNER, "Attestation", "Attestation", OWNER, OWNER),
    "/attest 12h because Jira is down": (NOBODY, "Attestation", "Attestation", "Attestation", NOBODY),
    "/accept engineering>marketing": ("only an owner of Marketing",) * 3 + ("Acceptance", "only an owner"),
    "/return engineering>marketing because it crashes": ("only an owner of Marketing",) * 3 + ("Return", "only an"),
    "/accept marketing>engineering": ("hands nothing over",) * 5,
    "/admit ENG-1 because agreed": ("Admission", MANAGER, MANAGER, MANAGER, MANAGER),
    "/admit ENG-4 because deleted": ("Admission", MANAGER, MANAGER, MANAGER, MANAGER),
    "/admit engineering because agreed": ("Admission", MANAGER, MANAGER, MANAGER, MANAGER),
    "/admit ENG-77 because agreed": ("is no item", MANAGER, MANAGER, MANAGER, MANAGER),
    "/ask Otto is it done?": ("Question",) * 5,
    "/target 2026-12-22 because the fair moved": ("TargetMove", MANAGER, MANAGER, MANAGER, MANAGER),
    "/owner engineering Pat": ("Ownership", MANAGER, MANAGER, MANAGER, MANAGER),
    "/away until 2026-12-12": ("Absence",) * 5,
    "/go": ("Decision", MANAGER, MANAGER, MANAGER, MANAGER),
    "/go override because we must": ("Decision", MANAGER, MANAGER, MANAGER, MANAGER),
    "/no-go because it crashes": ("Decision", MANAGER, MANAGER, MANAGER, MANAGER),
    "/launched": ("Closing", MANAGER, MANAGER, MANAGER, MANAGER),
    "/cancel because of the market": ("Closing", MANAGER, MANAGER, MANAGER, MANAGER),
}
CASES = [(line, role, LINES[line][n]) for line in LINES for n, role in enumerate(ROLES)]


@pytest.mark.parametrize(("line", "role", "expected"), CASES, ids=[f"{line} {role}" for line, role, _ in CASES])
def test_each_command_of_each_role_becomes_its_record_or_is_refused_with_the_reason(
    line: str, role: str, expected: str
) -> None:
    records, refusal = Scene(gone={"engineering": (LOST,)}).said(ROLES[role], line)
    if not expected[0].isupper():
        assert records == ()
        assert expected in refusal
        assert not refusal.endswith(".")
        return
    (record,) = records
    assert type(record).__name__ == expected
    assert refusal == ""
    assert (record.id, record.at) == ("eng#9@0.0000", NOW)
    assert not hasattr(record, "by") or record.by == ROLES[role].name


def test_the_table_knows_every_command() -> None:
    assert {line.split()[0].removeprefix("/") for line in LINES} == USAGE.keys()


# Which gate is meant


def test_who_owns_several_gates_names_the_one_that_is_meant() -> None:
    both = replace(RELEASE, gates=tuple(replace(each, owners=(DANA,)) for each in RELEASE.gates))
    scene = Scene(release=both)
    assert "you own engineering, marketing: name the gate" in scene.said(DANA, "/ready")[1]
    ((signed,), _) = scene.said(DANA, "/ready marketing")
    assert isinstance(signed, Signature)
    assert signed.gate == "marketing"


def test_a_hold_without_a_gate_is_of_the_release_for_a_manager_even_one_who_owns_a_gate() -> None:
    owning = replace(RELEASE, gates=(replace(RELEASE.gates[0], owners=(MAYA,)), RELEASE.gates[1]))
    ((hold,), _) = Scene(release=owning).said(MAYA, "/hold because of the embargo")
    assert isinstance(hold, Hold)
    assert hold.gate is None
    ((hold,), _) = Scene(release=owning, ticket="engineering").said(MAYA, "/hold because of the embargo")
    assert isinstance(hold, Hold)
    assert hold.gate == "engineering"


def test_what_is_not_held_cannot_be_let_go_and_the_answer_names_what_is() -> None:
    scene = Scene(records=[record for record in BEFORE if record.id != "eng#7@0.0000"])
    records, refusal = scene.said(DANA, "/unhold engineering")
    assert records == ()
    assert refusal == "Engineering is not held; held is Marketing, the release"


def test_who_was_named_by_a_comment_owns_the_gate_whatever_accounts_are_known_of_them() -> None:
    known = replace(PAT, accounts=frozenset({("eng", "acc-Pat")}))
    named = replace(RELEASE, gates=(replace(RELEASE.gates[0], owners=(PAT,)), RELEASE.gates[1]), people=(known,))
    ((signed,), _) = Scene(release=named).said(known, "/ready")
    assert isinstance(signed, Signature)


# On a sign-off ticket


TICKET_LINES = {
    "/ready": (DANA, "Signature"),
    "/ready marketing": (OTTO, "this ticket speaks for Engineering only"),
    "/not-ready because it crashes": (LEE, "Signature"),
    "/hold because of the audit": (DANA, "Hold"),
    "/unhold": (DANA, "Unhold"),
    "/not-needed because no code": (DANA, "NotNeeded"),
    "/attest 12h because Jira is down": (DANA, "Attestation"),
    "/waive ENG-1 because small": (DANA, "Waiver"),
    "/waive MKT-1 because small": (MAYA, "this ticket speaks for Engineering only"),
    "/accept engineering>marketing": (OTTO, "this ticket speaks for Engineering only"),
    "/return engineering>marketing because it crashes": (OTTO, "this ticket speaks for Engineering only"),
    "/go": (MAYA, "on the summary issue"),
    "/approve W1": (MAYA, "on the summary issue"),
    "/ask Otto is it done?": (DANA, "on the summary issue"),
    "/target 2026-12-22 because the fair moved": (MAYA, "on the summary issue"),
}


@pytest.mark.parametrize("line", TICKET_LINES)
def test_a_sign_off_ticket_speaks_for_its_own_gate_and_of_nothing_else(line: str) -> None:
    who, expected = TICKET_LINES[line]
    records, refusal = Scene(ticket="engineering").said(who, line)
    if expected[0].isupper():
        (record,) = records
        assert type(record).__name__ == expected
        assert getattr(record, "gate", None) == "engineering"
    else:
        assert records == ()
        assert expected in refusal


def test_the_other_gates_owner_has_no_word_on_this_gates_ticket() -> None:
    assert OWNER in Scene(ticket="engineering").said(OTTO, "/ready")[1]
    ((accepted,), _) = Scene(ticket="marketing").said(OTTO, "/accept engineering>marketing")
    assert type(accepted).__name__ == "Acceptance"


@pytest.mark.parametrize(("fulfilled", "what"), [(True, "was finished"), (False, "has changed since")])
def test_a_waiver_that_is_over_is_approved_no_more(fulfilled: bool, what: str) -> None:  # noqa: FBT001 - a case of the table
    asked = waiver("W1", "Dana")
    over = Ending(id="over", gate="engineering", at=EARLIER, waiver=name_of(asked), fulfilled=fulfilled, label="W1")
    refusal = f"W1 is over, for ENG-1 {what}; ask for another where one is needed"
    assert Scene(records=(asked, over)).said(MAYA, "/approve W1") == ((), refusal)
    late = waiver("W1", "Dana", until=NOW - timedelta(minutes=1))
    refusal = "W1 ended Tue 8 Dec, 11:59 UTC; ask for another where one is needed"
    assert Scene(records=(late,)).said(MAYA, "/approve W1") == ((), refusal)
    assert Scene(records=(late, over)).said(MAYA, "/deny W1 because it is big")[1] == ""


def test_what_nobody_has_offered_is_not_accepted() -> None:
    there = HandOff(upstream="engineering", downstream="marketing", leg=Leg.NOT_OFFERED, holder="Dana")
    taken_over = "/accept engineering>marketing"
    refusal = "Engineering has not offered it yet: it does once it is ready; say it again then"
    assert Scene(handoffs=(there,)).said(OTTO, taken_over) == ((), refusal)
    unseen = replace(there, untold=True)
    refusal = "nobody can tell now whether Engineering has offered it; say it again once it can be read"
    assert Scene(handoffs=(unseen,)).said(OTTO, taken_over) == ((), refusal)
    for leg in (Leg.OFFERED, Leg.RETURNED, Leg.ACCEPTED, Leg.DONE):
        assert Scene(handoffs=(replace(there, leg=leg),)).said(OTTO, taken_over)[1] == ""
    assert Scene(handoffs=(there,)).said(OTTO, "/return engineering>marketing because it crashes")[1] == ""


def test_what_is_not_about_the_gate_is_never_said_on_a_ticket() -> None:
    assert ON_TICKETS.issubset(USAGE)
    assert ON_TICKETS.isdisjoint({"go", "no-go", "launched", "cancel", "approve", "deny", "target", "owner", "admit"})


# Waivers


def asked(line: str, who: Person = DANA, **scene: Any) -> tuple[Any, str]:
    records, refusal = Scene(**scene).said(who, line)
    return (records[0] if records else None), refusal


def test_a_waiver_ends_a_week_after_the_target_and_lasts_thirty_days_at_most() -> None:
    assert asked("/waive ENG-1 because small")[0].until == TARGET + timedelta(days=7)
    far = replace(RELEASE, target=TARGET + timedelta(days=90))
    assert asked("/waive ENG-1 because small", release=far)[0].until == NOW + timedelta(days=30)
    aimless = replace(RELEASE, target=None)
    assert asked("/waive ENG-1 because small", release=aimless)[0].until == NOW + timedelta(days=30)
    assert "30 days at most" in asked("/waive ENG-1 until 2027-01-08 because small")[1]
    assert asked("/waive ENG-1 until 2027-01-06 because small")[0] is not None
    over = replace(RELEASE, target=NOW - timedelta(days=8))
    assert asked("/waive ENG-1 because small", release=over)[0].until == NOW + timedelta(days=7)


def test_a_waiver_is_numbered_anew_pinned_to_the_item_and_followed_up_by_the_gates_owner() -> None:
    found, _ = asked("/waive ENG-1 because small", who=MAYA)
    assert (found.label, found.key, found.item) == ("W3", "ENG-1", OPEN.ref)
    assert found.digest == item_digest(OPEN)
    assert (found.by, found.follow_up, found.approved_by) == ("Maya", "Dana", None)


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("ENG-2", "is not open"),
        ("ENG-3", "cannot be judged"),
        ("ENG-4", "can no longer be found"),
        ("ENG-9", "no item"),
    ],
)
def test_what_is_finished_or_unknown_cannot_be_waived(key: str, why: str) -> None:
    found, refusal = asked(f"/waive {key} because small", gone={"engineering": (LOST,)})
    assert found is None
    assert why in refusal


def test_an_item_that_could_not_be_read_cannot_be_waived() -> None:
    unread = {"engineering": (replace(OPEN, problem="no permission"),)}
    assert "cannot be judged" in asked("/waive ENG-1 because small", items=unread)[1]


def test_an_item_of_several_gates_is_waived_for_those_for_which_the_speaker_speaks() -> None:
    shared = {"engineering": (OPEN,), "marketing": (OPEN, POST)}
    records, _ = Scene(items=shared).said(MAYA, "/waive ENG-1 because small")
    assert [(it.gate, it.label) for it in records if isinstance(it, Waiver)] == [
        ("engineering", "W3"),
        ("marketing", "W3"),
    ]
    assert len({record.id for record in records}) == 2
    assert {record.id.rpartition(".")[0] for record in records} == {"eng#9@0"}
    records, _ = Scene(items=shared).said(OTTO, "/waive ENG-1 because small")
    assert [it.gate for it in records if isinstance(it, Waiver)] == ["marketing"]
    records, _ = Scene(items=shared, ticket="engineering").said(MAYA, "/waive ENG-1 because small")
    assert [it.gate for it in records if isinstance(it, Waiver)] == ["engineering"]


def test_of_two_trackers_items_with_one_key_the_tracker_must_be_said() -> None:
    twin = replace(OPEN, tracker="ops")
    items: dict[str, tuple[Item, ...]] = {"engineering": (OPEN, twin)}
    assert "write the tracker before it, like eng/ENG-1" in asked("/waive ENG-1 because small", items=items)[1]
    found, _ = asked("/waive ops/ENG-1 because small", items=items)
    assert found.item == twin.ref
    found, _ = asked("/waive eng-1 because small")
    assert found.key == "ENG-1"


def test_a_managers_waiver_is_approved_by_another_manager_or_an_owner_and_an_owners_by_a_manager_only() -> None:
    assert isinstance(asked("/approve W2", who=NOOR)[0], Approval)
    assert isinstance(asked("/approve W1", who=NOOR)[0], Approval)
    assert asked("/approve W2", who=DANA)[0] is not None
    assert asked("/approve W1", who=LEE)[0] is None


def test_an_owner_who_is_also_the_manager_cannot_agree_with_himself_under_two_names() -> None:
    one = replace(RELEASE, gates=(replace(RELEASE.gates[0], owners=(MAYA,)),), managers=(MAYA,))
    for by in ("Maya", "maya@acme.example", "MAYA"):
        found, refusal = asked("/approve W1", who=MAYA, release=one, records=[waiver("W1", by)])
        assert found is None
        assert "second person" in refusal


def test_what_was_taken_back_cannot_be_approved() -> None:
    found, refusal = asked("/approve W1", who=MAYA, records=[waiver("W1", "Dana", revoked_at=NOW)])
    assert found is None
    assert refusal == "Dana has taken W1 back"


# The decision, and the end


def test_go_while_not_launchable_takes_the_word_override_and_a_reason_and_keeps_the_advice() -> None:
    found, refusal = asked("/go", who=MAYA, launchable=False)
    assert found is None
    assert "add the word override and a reason" in refusal
    assert asked("/go because we must", who=MAYA, launchable=False)[0] is None
    decision, _ = asked("/go override because we must", who=MAYA, launchable=False)
    assert (decision.go, decision.override, decision.evidence) == (True, True, "5ha")
    assert [words.partition(":")[0] for words in decision.against] == ["Engineering"]
    assert set(decision.states) == {"engineering"}


def test_an_override_of_nothing_is_none() -> None:
    decision, _ = asked("/go override because we must", who=MAYA)
    assert (decision.go, decision.override, decision.against) == (True, False, ())


def test_no_go_needs_no_override() -> None:
    decision, _ = asked("/no-go because it crashes", who=MAYA, launchable=False)
    assert isinstance(decision, Decision)
    assert (decision.go, decision.override, decision.against) == (False, False, ())


@pytest.mark.parametrize("launched", [True, False])
def test_after_the_end_nothing_is_taken_any_more(launched: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    over = [*BEFORE, Closing(id="eng#3@0.0000", by="Maya", at=EARLIER, launched=launched)]
    for line in LINES:
        for person in ROLES.values():
            assert Scene(records=over).said(person, line) == ((), "the release is over")


# Who is named


def owner_of(word: str, *spoke: Account) -> Any:
    return asked(f"/owner engineering {word}", who=MAYA, accounts={each.id: each for each in spoke})


def test_who_is_named_by_a_mention_is_the_account_that_spoke_here() -> None:
    found, _ = owner_of("@[acc-Zoe]", account("Zoe"))
    assert isinstance(found, Ownership)
    assert (found.person.name, found.person.accounts) == ("Zoe", frozenset({("eng", "acc-Zoe")}))
    assert "nobody knows whose account" in owner_of("@[acc-Zoe]")[1]
    assert owner_of("zoe@acme.example")[0].person == Person(name="zoe@acme.example", email="zoe@acme.example")
    assert owner_of("@[acc-Pat]", account("Pat"))[0].person == PAT


@pytest.mark.parametrize("name", ["Maya", "maya", "maya@acme.example", "Dana"])
def test_who_calls_himself_like_somebody_else_gets_none_of_that_ones_words(name: str) -> None:
    found, _ = owner_of("@[acc-x]", account(name, id="acc-x", email="mallory@elsewhere.example"))
    assert found.person.name == f"{name} (mallory@elsewhere.example)"
    found, _ = owner_of("@[acc-x]", account(name, id="acc-x", email=None))
    assert found.person.name == f"{name} (acc-x)"


def test_a_denial_keeps_its_reason() -> None:
    found, _ = asked("/deny W1 because it is big", who=MAYA)
    assert found == Denial(id="eng#9@0.0000", by="Maya", at=NOW, subject="W1", reason="it is big")
