"""Whose word it is, when it was said, and of what: no word helps that was not given for what is there now."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest

import config as configuration
from mapping.record import Approval, Hold, Unhold, Waiver
from mapping.standing import standing
from syncd.sandbox.jira import JiraSandbox, JiraWorld
from syncd.sandbox.linear import LinearWorld
from syncd.sandbox.server import serving
from tests.spoken import Spoken
from tests.trial import settle_in, trial

if TYPE_CHECKING:
    from pathlib import Path

    from mapping.record import Record
    from tests.trial import Trial

BASE = """
  atlas-2:
    launch: eng/REL-1
    manager: maya
    timing: {soak: 0s, freshness: 2h}
    gates:
      engineering: {owner: [dana, sam@acme.example], items: [{tracker: eng, project: ENG}]}
      marketing:
        {owner: sam@acme.example, items: [{tracker: gtm, team: MKT}], sign_off: false, after: [engineering]}
"""
STATUSES = ("manager: maya\n", "manager: maya\n    summary: {statuses: {blocked: To Do, ready: Done}}\n")
BY_MAIL = ("manager: maya", "manager: sam@acme.example")
ANOTHER_DANA = ("  maya: {", "  danak: {name: Dana, email: dana.k@acme.example}\n  maya: {")
ON_A_TICKET = ("project: ENG}]}", "project: ENG}], sign_off: {item: eng/SUP-1}}")


@dataclass
class Told(Spoken):
    """``text``: the release as the file has it."""

    text: str = BASE

    def configure(self, manager: str = "maya") -> None:  # noqa: ARG002 - the text says who
        self.config = self.trial.configure(self.text)

    def rewrite(self, *changes: tuple[str, str]) -> None:
        """The file is changed and read anew."""
        path = self.trial.folder / "syncd.yaml"
        path.write_text(edited(path.read_text("utf-8"), *changes), "utf-8")
        self.config = configuration.load(path, self.trial.environ)

    def rename(self, old: str, new: str) -> None:
        """A person changes what both trackers call them, and a day passes, after which that is known."""
        for world, word in ((self.trial.jira, "displayName"), (self.trial.linear, "name")):
            user = world.find_user(old)
            assert user is not None
            user[word] = new
        self.trial.clock.pass_by(days=1, hours=1)
        self.passes(2)

    def gate(self, name: str = "engineering") -> dict[str, Any]:
        return next(gate for gate in self.status["gates"] if gate["id"] == name)

    def waivers(self) -> dict[str, str]:
        return {waiver["label"]: waiver["state"] for waiver in self.status["waivers"]}

    def column(self) -> str:
        """The status in which the summary issue stands."""
        jira = self.trial.jira
        return str(jira.issues[jira.known(self.summary)]["fields"]["status"]["name"])


def edited(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.fixture
def release(town: Trial) -> Told:
    return Told(town)


# What a thing is when it is said, and when it is heard


def test_an_item_that_moved_before_its_waiver_was_heard_is_not_waived(release: Told) -> None:
    item = release.trial.jira.add("ENG", "Flaky import")
    release.passes()
    release.writes("Dana", f"/waive {item} because it hits empty files only")
    release.trial.clock.pass_by(minutes=1)
    release.trial.jira.move(item, "In Progress")
    release.passes()
    assert release.waivers() == {}
    assert "has moved since that was said" in release.answers()[-1]


def test_an_item_that_left_between_the_word_and_the_next_reading_voids_it(release: Told) -> None:
    item = release.trial.jira.add("ENG", "Flaky import", status="Done")
    release.passes()
    release.writes("Dana", "/ready engineering")
    release.trial.clock.pass_by(minutes=1)
    release.trial.jira.transfer(item, "SUP")
    release.passes(3)
    assert release.state() == "sign_off_due"
    release.says("Dana", "/ready engineering")
    release.passes()
    assert release.state() == "ready"


def test_a_gate_that_was_added_after_an_override_and_is_blocked_ends_the_go(town: Trial) -> None:
    release = Told(town, text=edited(BASE, STATUSES))
    town.jira.add("ENG", "Not done yet")
    release.passes()
    release.says("Maya", "/go override because we take it")
    release.passes()
    assert release.column() == "Done"
    town.jira.add("SUP", "Data loss", due=(town.clock.at - timedelta(days=1)).date())
    support = "support: {owner: maya, items: [{tracker: eng, project: SUP}], due: 2026-11-30}"
    release.rewrite(("      marketing:", f"      {support}\n      marketing:"))
    release.passes(2)
    assert release.state("support") == "blocked"
    assert release.column() == "To Do"


def test_a_release_that_is_cancelled_after_the_go_loses_the_ready_status(town: Trial) -> None:
    release = Told(town, text=edited(BASE, STATUSES))
    release.says("Dana", "/ready engineering")
    release.passes()
    release.says("Maya", "/go")
    release.passes()
    assert release.column() == "Done"
    release.says("Maya", "/cancel because the database corrupts")
    release.passes()
    assert release.column() == "To Do"


def test_a_word_that_is_stamped_ahead_does_not_outdo_what_is_said_later(release: Told) -> None:
    release.says("Dana", "/ready engineering")
    release.says("Dana", "/hold engineering because of the embargo")
    release.says("Dana", "/unhold engineering", at=release.trial.clock.at + timedelta(minutes=30))
    release.passes()
    assert release.state() == "ready"
    release.says("Dana", "/hold engineering it corrupts data")
    assert release.state() == "on_hold"


def test_a_signature_that_is_stamped_ahead_does_not_outdo_a_later_no(release: Told) -> None:
    release.says("Dana", "/ready engineering", at=release.trial.clock.at + timedelta(minutes=4))
    release.says("Dana", "/not-ready engineering it burns")
    release.passes()
    assert release.state() == "blocked"
    release.trial.clock.pass_by(minutes=10)
    release.passes()
    assert release.state() == "blocked"


# Who it was


def test_nobody_approves_their_own_waiver_under_another_display_name(town: Trial) -> None:
    release = Told(town, text=edited(BASE, BY_MAIL))
    item = town.jira.add("ENG", "Flaky import")
    release.passes()
    release.says("Sam", f"/waive {item} until 2026-12-08 because it hits empty files only")
    release.rename("Sam", "Samuel")
    release.says("Samuel", "/approve W1")
    release.passes()
    assert release.waivers() == {"W1": "pending"}
    assert "a second person has to agree" in release.answers()[-1]


def test_who_has_another_display_name_takes_their_own_no_back(release: Told) -> None:
    release.says("Sam", "/not-ready engineering it is not tested")
    release.rename("Sam", "Samuel")
    assert release.state() == "blocked"
    assert "Samuel" in release.gate()["reason"]
    release.says("Samuel", "/ready engineering")
    release.passes()
    assert release.state() == "ready"


def test_who_has_another_display_name_has_signed_by_ticket_still(town: Trial) -> None:
    ticket = town.jira.add("SUP", "Sign here")
    release = Told(town, text=edited(BASE, ON_A_TICKET))
    town.jira.move(ticket, "Done", by="Sam")
    release.passes(2)
    assert release.state() == "ready"
    release.rename("Sam", "Samuel")
    assert release.state() == "ready"
    assert "Samuel" in release.page()


def test_another_person_of_the_same_name_takes_nobodys_no_back(release: Told) -> None:
    """They join the file later; the name was the first one's alone when it was said."""
    dana_k = release.trial.jira.user("Dana", "dana.k@acme.example")
    release.says("dana@acme.example", "/not-ready engineering it burns")
    assert release.state() == "blocked"
    release.rewrite(ANOTHER_DANA, ("owner: [dana, sam", "owner: [danak, dana, sam"))
    release.passes()
    release.says(dana_k, "/ready engineering")
    release.passes()
    assert release.state() == "blocked"
    assert "it burns" in release.gate()["reason"]
    release.says("dana@acme.example", "/ready engineering")
    release.passes()
    assert release.state() == "ready"


def test_a_person_who_was_named_by_mention_never_speaks_for_another_of_that_name(release: Told) -> None:
    contractor = release.trial.jira.user("Sam Lee", "contractor@other.example")
    release.says(contractor, "hello, I build the importer")
    release.says("Maya", "/owner engineering @[Sam Lee]")
    assert release.gate()["actor"] == "Sam Lee"
    lee = ("  maya: {", "  lee: {name: Sam Lee, email: sam.lee@acme.example}\n  maya: {")
    release.rewrite(lee, ("manager: maya", "manager: [maya, lee]"))
    release.passes()
    release.says(contractor, "/cancel because I say so")
    assert release.status["closed"] is None
    assert "only the release manager" in release.answers()[-1]


def test_an_owner_is_named_by_the_files_own_key_though_two_have_that_name(release: Told) -> None:
    dana_k = release.trial.jira.user("Dana", "dana.k@acme.example")
    release.rewrite(ANOTHER_DANA, ("{owner: sam@acme.example, items", "{owner: [sam@acme.example, danak], items"))
    release.passes()
    release.says("Maya", "/owner marketing danak")
    release.passes()
    release.says("dana@acme.example", "/hold marketing I am the other one")
    assert release.state("marketing") != "on_hold"
    release.says(dana_k, "/hold marketing because of the embargo")
    assert release.state("marketing") == "on_hold"


def test_an_account_that_claims_the_managers_email_is_a_stranger(release: Told) -> None:
    """Of the manager that tracker has told the account before."""
    mallory = release.trial.jira.user("Mallory", "mallory@acme.example")
    release.says("Maya", "/hold because of the embargo")
    user = release.trial.jira.find_user(mallory)
    assert user is not None
    user["emailAddress"] = "maya@acme.example"
    release.says(mallory, "/cancel because I can")
    release.says(mallory, "/unhold")
    assert release.status["closed"] is None
    assert release.status["verdict"] == "on_hold"
    assert "none of those that are named" in release.answers()[-1]


# The right to speak ends


def test_a_signature_ends_with_the_right_to_sign_and_a_no_does_not(release: Told) -> None:
    release.says("Sam", "/ready engineering")
    release.passes()
    assert release.state() == "ready"
    release.rewrite(("owner: [dana, sam@acme.example]", "owner: [dana]"))
    release.passes()
    assert release.state() == "sign_off_due"
    release.rewrite(("owner: [dana]", "owner: [dana, sam@acme.example]"))
    release.says("Sam", "/not-ready engineering it is not tested")
    release.rewrite(("owner: [dana, sam@acme.example]", "owner: [dana]"))
    release.passes()
    assert release.state() == "blocked"
    release.says("Dana", "/ready engineering")
    release.passes()
    assert release.state() == "ready", "an owner lifts what nobody is left to lift"


def test_a_no_of_a_present_owner_is_lifted_by_nobody_else(release: Told) -> None:
    release.says("Sam", "/not-ready engineering it is not tested")
    release.says("Dana", "/ready engineering")
    release.passes()
    assert release.state() == "blocked"


def test_a_signature_ends_when_the_naming_of_its_owner_is_deleted(release: Told) -> None:
    release.trial.jira.user("Eve", "eve@acme.example")
    naming = release.says("Maya", "/owner engineering eve@acme.example")
    release.passes()
    release.says("Eve", "/ready engineering")
    release.passes()
    assert release.state() == "ready"
    release.deletes(naming)
    assert release.state() == "sign_off_due"


def test_any_owners_later_no_suspends_not_needed(town: Trial) -> None:
    """Engineering is done and signed, so that only the declared gate decides."""
    release = Told(
        town, text=edited(BASE, ("{owner: sam@acme.example, items", "{owner: [sam@acme.example, dana], items"))
    )
    release.says("Sam", "/not-needed marketing because it is internal")
    release.says("Maya", "/approve marketing")
    assert release.state("marketing") == "not_needed"
    release.says("Dana", "/not-ready marketing it is announced already")
    assert release.state("marketing") == "blocked"


# Tickets, ids and addresses


def test_a_word_on_a_ticket_of_two_gates_is_heard_for_each_and_stays(town: Trial) -> None:
    town.jira.add("SUP", "Sign here")
    both = ("sign_off: false, after: [engineering]}", "sign_off: {item: eng/SUP-1}}")
    text = edited(BASE, ON_A_TICKET, both, ("{owner: sam@acme.example, items", "{owner: dana, items"))
    release = Told(town, text=text)
    for word, came in (("/ready", "ready"), ("/not-ready it burns", "blocked"), ("/hold we wait", "on_hold")):
        town.clock.pass_by(minutes=1)
        town.jira.say("SUP-1", word, by="Dana")
        release.passes(2)
        for _ in range(3):
            release.passes()
            assert (release.state("engineering"), release.state("marketing")) == (came, came)
    assert len(release.records()) == 6
    assert release.answers() == []


def test_a_comment_whose_id_another_had_is_heard(release: Told) -> None:
    """The tracker was restored from a copy, and counts on from there."""
    jira = release.trial.jira
    release.says("Dana", "/ready engineering")
    old = release.says("Dana", "/hold engineering because of nothing")
    release.says("Dana", "/unhold engineering")
    release.deletes(old)
    new = release.writes("Dana", "/hold engineering it corrupts data")
    next(row for row in jira.shelves[jira.known(release.summary)].comments if row["id"] == new)["id"] = old
    release.passes()
    assert release.state() == "on_hold"
    release.passes(2)
    assert release.state() == "on_hold"


def test_a_comment_that_takes_the_place_of_another_unseen_is_heard(release: Told) -> None:
    """Both have one id, and in between nobody looked."""
    jira = release.trial.jira
    old = release.says("Dana", "/ready engineering")
    release.passes()
    jira.remove_comment(release.summary, old)
    new = release.writes("Dana", "/hold engineering it corrupts data")
    next(row for row in jira.shelves[jira.known(release.summary)].comments if row["id"] == new)["id"] = old
    release.passes()
    assert release.state() == "on_hold"
    release.says("Dana", "/unhold engineering")
    assert release.state() == "sign_off_due", "what stood there before was taken back"


def test_a_record_that_cannot_be_read_holds_the_release_and_nothing_older_lifts_it(release: Told) -> None:
    release.says("Dana", "/ready engineering")
    release.says("Maya", "/hold because of the embargo")
    with closing(sqlite3.connect(release.trial.folder / "syncd.db")) as conn, conn:
        conn.execute("UPDATE record SET kind = 'Veto', content = '{\"x\": 1}' WHERE kind = 'Hold'")
    assert release.status["verdict"] == "on_hold"
    release.says("Maya", "/unhold")
    release.passes()
    assert release.status["verdict"] == "on_hold"


def test_nobody_listens_to_the_stored_id_at_another_address(tmp_path: Path) -> None:
    """There it is a team's ticket, on which people speak of something else."""
    with trial(tmp_path) as town:
        release = Told(town)
        release.says("Dana", "/ready engineering")
        ident = int(town.jira.known(release.summary))
        other = JiraWorld(town.clock)
        settle_in(other, LinearWorld(town.clock), town.clock.at)
        while True:
            team = other.add("SUP", "A customer cannot log in")
            if int(other.known(team)) >= ident:
                break
        assert int(other.known(team)) == ident
        site = JiraSandbox(other)
        with serving(site) as url:
            release.rewrite((town.jira_url, url))
            release.passes()
            other.say(team, "/redy when you are\n/hold engineering customers cannot log in", by="Dana")
            release.passes(2)
            assert [row["author"]["displayName"] for row in other.shelves[str(ident)].comments] == ["Dana"]
            assert other.issues[str(ident)]["fields"]["summary"] == "A customer cannot log in"
            assert not any(isinstance(it, Hold) for it in release.records())
            assert release.status["verdict"] != "on_hold"


# How much


def test_many_comments_on_many_records_are_heard_in_few_looks_at_what_stands(release: Told) -> None:
    at = release.trial.clock.at - timedelta(days=20)
    with release.trial.outside(release.config) as outside:
        outside.store.keep_records("atlas-2", [past(n, at + n * timedelta(minutes=10)) for n in range(2000)])
    release.passes()
    for number in range(300):
        release.world.say(release.summary, f"/hold engineering because of {number}", by="Dana")
    looks = mock.Mock(side_effect=standing)
    with (
        mock.patch("mapping.floor.standing", looks),
        mock.patch("syncd.gathering.standing", looks),
        mock.patch("syncd.hearing.standing", looks),
        mock.patch("mapping.judge.standing", looks),
    ):
        release.passes()
    assert len(release.records()) == 2300
    assert looks.call_count < 20
    assert release.state() == "on_hold"


def past(number: int, at: Any) -> Record:
    """Something that was said long ago, of four kinds in turn."""
    said: dict[str, Any] = {"id": f"eng#{number}@0.0000", "by": "Dana", "at": at}
    item = {"item": ("eng", f"id{number}"), "digest": "d", "until": at + timedelta(days=1), "label": f"W{number}"}
    kinds: list[Record] = [
        Hold(**said, reason="so", gate="engineering"),
        Unhold(**said, gate="engineering"),
        Waiver(**said, **item, reason="so", gate="engineering", key=f"ENG-{number}"),
        Approval(**{**said, "by": "Maya"}, subject=f"W{number - 1}"),
    ]
    return kinds[number % 4]
