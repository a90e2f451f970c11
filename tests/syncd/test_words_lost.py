"""What was said before anybody listened: on a page or ticket with a past, and before the database was lost.

Only what hinders counts, and what took that back; whatever else helps has to be said again.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from mapping.record import Decision
from tests.spoken import Spoken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.trial import Trial

BASE = """
  atlas-2:
    launch: eng/REL-1
    manager: maya
    timing: {{soak: 0s, freshness: 2h}}
    summary: {{statuses: {{blocked: To Do, ready: Done}}{page}}}
    gates:
      engineering: {{owner: [dana, sam@acme.example], items: [{{tracker: eng, project: ENG}}]{ticket}}}
      marketing:
        {{owner: sam@acme.example, items: [{{tracker: gtm, team: MKT}}], sign_off: false, after: [engineering]}}
"""
AGAIN = "say it again if it still holds"
LONG_AGO = {"days": 5}
JUST_NOW = {"minutes": 20}


@dataclass
class Told(Spoken):
    """``is_begun``: the tickets are there already, older than all that was said."""

    named: str = ""
    ticket: str = ""
    is_begun: bool = False

    def __post_init__(self) -> None:
        if not self.is_begun:
            super().__post_init__()
            return
        self.configure()
        self.passes(3)

    def configure(self, manager: str = "maya") -> None:  # noqa: ARG002 - it is Maya in all of these
        self.config = self.trial.configure(BASE.format(page=self.named, ticket=self.ticket))

    def forget(self) -> None:
        """The database is lost; a daemon that knows nothing begins."""
        for path in self.trial.folder.glob("syncd.db*"):
            path.unlink()
        self.trial.clock.pass_by(minutes=1)
        self.passes(3)

    def forgets_the_past(self) -> None:
        """What the rules remembered cannot be read any more; what people said can."""
        with closing(sqlite3.connect(self.trial.folder / "syncd.db")) as db, db:
            db.execute("UPDATE judgement SET memory = '?'")
        self.passes(3)

    def waivers(self) -> dict[str, str]:
        return {waiver["key"]: waiver["state"] for waiver in self.status["waivers"]}

    def column(self) -> str:
        jira = self.trial.jira
        return str(jira.issues[jira.known(self.summary)]["fields"]["status"]["name"])


@pytest.fixture
def release(town: Trial) -> Told:
    return Told(town)


# The database is lost


def test_a_denied_waiver_never_comes_back_approved(release: Told) -> None:
    """W1's item is done by then, so that the labels are given anew."""
    jira = release.trial.jira
    small, large = jira.add("ENG", "Flaky import"), jira.add("ENG", "Data loss on save")
    release.passes()
    release.says("Dana", f"/waive {small} until 2026-12-08 because it hits empty files only")
    release.says("Dana", f"/waive {large} until 2026-12-08 because I want to go home")
    release.says("Maya", "/approve W1")
    release.says("Maya", "/deny W2 never")
    release.trial.clock.pass_by(minutes=5)
    jira.move(small, "Done")
    release.passes()
    release.says("Dana", "/ready engineering")
    assert release.waivers()[large] == "denied"
    release.forget()
    assert release.waivers() == {}
    assert release.state() not in ("ready", "exception")
    release.says("Dana", f"/waive {large} until 2026-12-08 because I want to go home")
    release.passes()
    assert release.waivers() == {large: "pending"}, "nobody has approved it under its new name"


def test_a_superseded_waiver_never_comes_back(release: Told) -> None:
    jira = release.trial.jira
    item = jira.add("ENG", "Flaky import")
    release.passes()
    release.says("Dana", f"/waive {item} until 2026-12-08 because it hits empty files only")
    release.says("Maya", "/approve W1")
    release.passes()
    assert release.waivers() == {item: "approved"}
    for status in ("In Progress", "To Do"):
        release.trial.clock.pass_by(minutes=5)
        jira.move(item, status)
        release.passes()
    assert release.waivers() != {item: "approved"}
    release.forget()
    assert release.waivers() == {}
    assert any(AGAIN in words for words in release.answers())


@pytest.mark.parametrize("status", ["In Progress", "Done"])
def test_a_waiver_that_was_over_never_comes_back_where_only_the_memory_is_lost(release: Told, status: str) -> None:
    """The waived ticket is in Linear, which keeps no stamp of a move back."""
    linear = release.trial.linear
    item = linear.add("MKT", "Second post")
    release.passes()
    release.says("Sam", f"/waive {item} until 2026-12-08 because one post is enough")
    release.says("Maya", "/approve W1")
    release.passes()
    assert release.waivers() == {item: "approved"}
    for name in (status, "Todo"):
        release.trial.clock.pass_by(minutes=5)
        linear.move(item, name)
        release.passes()
    over = release.waivers()
    assert over != {item: "approved"}
    release.forgets_the_past()
    assert release.waivers() == over
    assert release.state("marketing") not in ("ready", "exception")


@pytest.mark.parametrize("goes", ["comes", "leaves", "moves and is back"])
def test_a_void_signature_never_stands_again(release: Told, goes: str) -> None:
    jira = release.trial.jira
    other = jira.add("SUP", "Old work", status="Done")
    own = jira.add("ENG", "Another", status="Done")
    release.trial.clock.pass_by(minutes=5)
    release.passes()
    release.says("Dana", "/ready engineering")
    release.passes()
    assert release.state() == "ready"
    release.trial.clock.pass_by(minutes=60)
    if goes == "comes":
        jira.transfer(other, "ENG")
    elif goes == "leaves":
        jira.transfer(own, "SUP")
    else:
        jira.move(own, "In Progress")
        release.passes()
        jira.move(own, "Done")
    release.passes(2)
    assert release.state() == "sign_off_due"
    release.forget()
    assert release.state() == "sign_off_due"
    release.says("Dana", "/ready engineering")
    release.passes()
    assert release.state() == "ready"


def test_an_old_go_clears_nothing(release: Told) -> None:
    """An override that was taken knowing less is not one that was taken knowing this."""
    item = release.trial.jira.add("ENG", "Flaky import")
    release.passes()
    release.says("Maya", "/go override because we accept it")
    release.passes()
    assert release.column() == "Done"
    release.says("Dana", "/not-ready engineering the database corrupts")
    release.passes()
    assert release.column() == "To Do"
    release.forget()
    assert (release.column(), release.state(), release.status["decision"]) == ("To Do", "blocked", None)
    release.trial.jira.move(item, "Done")
    release.says("Dana", "/ready engineering")
    release.passes(2)
    assert (release.column(), release.status["decision"]) == ("To Do", None)


def test_a_refused_go_never_becomes_one(release: Told) -> None:
    item = release.trial.jira.add("ENG", "Flaky import")
    release.passes()
    release.says("Maya", "/go")
    assert release.status["decision"] is None
    release.forget()
    assert not any(isinstance(it, Decision) for it in release.records())
    release.trial.jira.move(item, "Done")
    release.says("Dana", "/ready engineering")
    release.passes(2)
    assert release.state() == "ready"
    assert release.column() == "To Do"


def test_what_hinders_outlives_the_loss_and_so_does_what_took_that_back(release: Told) -> None:
    release.says("Dana", "/not-ready engineering it burns")
    release.says("Sam", "/not-ready engineering I cannot tell")
    release.says("Dana", "/ready engineering")
    release.says("Maya", "/hold because of the embargo")
    release.says("Maya", "/unhold")
    release.forget()
    assert release.state() == "blocked"
    assert "I cannot tell" in str(release.status)
    assert "it burns" not in str(release.status)
    assert release.status["verdict"] == "blocked"
    release.says("Sam", "/ready engineering")
    release.passes()
    assert release.state() == "ready"


def test_a_hold_outlives_the_loss_and_is_lifted_after_it(release: Told) -> None:
    release.says("Maya", "/hold because of the embargo")
    release.forget()
    assert release.status["verdict"] == "on_hold"
    release.says("Maya", "/unhold")
    assert release.status["verdict"] != "on_hold"


# A page or a ticket with a past


def with_a_past(town: Trial, where: str, age: Mapping[str, float], by: str, *lines: str) -> Told:
    """The summary (``page``), or engineering's sign-off ticket, is an issue on which this was said before."""
    key = town.jira.add("REL" if where == "page" else "SUP", "It has been here for long")
    town.jira.add("ENG", "Merge edits", status="Done")
    town.linear.add("MKT", "Launch post", state="Done")
    town.clock.pass_by(hours=1)
    town.jira.say(key, "\n".join(lines), by=by)
    town.clock.pass_by(**age)
    said: dict[str, Any] = (
        {"named": f", issue: {key}"} if where == "page" else {"ticket": f", sign_off: {{item: eng/{key}}}"}
    )
    return Told(town, is_begun=True, **said)


@pytest.mark.parametrize("word", ["/ready", "ready", "Ready", "Ready!"])
def test_an_old_word_on_a_signing_ticket_signs_nothing(town: Trial, word: str) -> None:
    release = with_a_past(town, "ticket", LONG_AGO, "Dana", "1.9 looks good", word)
    assert release.state() == "sign_off_due"
    assert release.answers() == []
    release.trial.jira.say("SUP-1", "/ready", by="Dana")
    release.passes(2)
    assert release.state() == "ready"


@pytest.mark.parametrize("word", ["/launched", "launched", "Launched!", "Launched"])
def test_an_old_word_on_a_named_page_ends_no_release(town: Trial, word: str) -> None:
    release = with_a_past(town, "page", LONG_AGO, "Maya", "Atlas 1.9 is out.", word)
    assert release.status["closed"] is None
    assert release.answers() == []
    release.says("Dana", "/ready engineering")
    release.passes()
    assert release.state() == "ready"


HELP = [
    ("Dana", "/ready engineering"),
    ("Maya", "/go override because we must"),
    ("Maya", "/target 2027-01-20 because it is late"),
    ("Maya", "/owner engineering sam@acme.example"),
    ("Dana", "/attest engineering 24h I looked"),
    ("Dana", "/waive ENG-1 because it is small"),
    ("Maya", "/cancel because of the budget"),
]


@pytest.mark.parametrize(("by", "words"), HELP)
def test_what_helped_today_before_anybody_listened_is_to_be_said_again(town: Trial, by: str, words: str) -> None:
    release = with_a_past(town, "page", JUST_NOW, by, words)
    before = release.state(), release.status["closed"], release.status["decision"], release.status["target"]
    assert before == ("sign_off_due", None, None, "2026-12-15T23:59:59+00:00")
    if not words.startswith("/ready"):
        (answer,) = release.answers()
        assert AGAIN in answer


HINDRANCES = [
    ("Maya", "/hold because of the embargo", "on_hold"),
    ("Dana", "/hold engineering because of the embargo", "on_hold"),
    ("Dana", "/not-ready engineering it burns", "blocked"),
]


@pytest.mark.parametrize(("by", "words", "verdict"), HINDRANCES)
def test_what_hindered_before_anybody_listened_counts(town: Trial, by: str, words: str, verdict: str) -> None:
    release = with_a_past(town, "page", LONG_AGO, by, words)
    assert release.status["verdict"] == verdict
    assert release.answers() == []


def test_an_old_no_go_counts(town: Trial) -> None:
    release = with_a_past(town, "page", LONG_AGO, "Maya", "/no-go because it crashes")
    assert release.status["decision"]["go"] is False


def test_what_is_said_before_the_first_look_at_a_page_of_our_own_counts(release: Told) -> None:
    """It was made a moment ago, and nothing on it is older."""
    release.writes("Dana", "/ready engineering")
    release.writes("Maya", "/target 2027-01-20 because it is late")
    release.passes(2)
    assert release.state() == "ready"
    assert release.status["target"].startswith("2027-01-20")
    assert release.answers() == []
