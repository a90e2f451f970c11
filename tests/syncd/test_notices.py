"""What syncd says by itself on the summary issue, as the trackers then hold it: once, when it is true, and to whom."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from werkzeug.wrappers import Response

from connectors.errors import TemporaryError
from syncd import app
from syncd.settling import settle
from syncd.store.store import open_store
from syncd.wanted import Questions
from tests.living import Living, near
from tests.spoken import PLACES, Spoken
from tests.trial import START

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from werkzeug.wrappers import Request

    from connectors.base import Ref, Summary, SummarySettings
    from mapping.document import Line
    from syncd.outside import Outside
    from tests.trial import Trial

EARLY = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
TWO = """
  atlas-2:
    launch: eng/REL-1
    manager: maya
    gates: {engineering: {owner: dana, items: [{tracker: eng, project: ENG}]}}
  borealis:
    launch: eng/REL-2
    manager: maya
    gates:
      engineering: {owner: dana, items: [{tracker: eng, project: ENG}]}
      support: {owner: sam@acme.example, items: [{tracker: eng, project: SUP}]}
"""


@pytest.fixture(params=list(PLACES))
def release(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Spoken]:
    with near(tmp_path) as town:
        yield Spoken(town, request.param)


def comments(release: Spoken) -> list[str]:
    """All that syncd said on the summary issue, as its tracker tells it."""
    with release.trial.outside(release.config) as outside:
        source = outside.open_source(release.tracker)
        me = source.identify().account.id
        said = [it for it in source.comments(release.summary).comments if it.by.id == me]
        source.close()
    return ["\n".join(it.lines) for it in said]


def account(release: Spoken, name: str) -> str:
    users: dict[str, dict[str, str]] = release.world.users
    return next(ident for ident, row in users.items() if name in (row.get("displayName"), row.get("name")))


def about(release: Spoken, words: str) -> list[str]:
    return [said for said in comments(release) if words in said]


def asks(release: Spoken) -> list[str]:
    return [said for said in comments(release) if said.startswith("syncd: for @")]


def said_on(trial: Trial, key: str) -> list[str]:
    with open_store(f"sqlite:///{trial.folder}/syncd.db"):
        shelf = trial.jira.shelves[trial.jira.keys[key]]
    return [str(comment["body"]) for comment in shelf.comments]


def test_the_first_page_asks_each_person_once_by_the_account_that_the_tracker_knows(release: Spoken) -> None:
    dana, maya = account(release, "Dana"), account(release, "Maya")
    (said,) = asks(release)
    first, second = said.split("\n")
    assert first.startswith(f"syncd: for @[{dana}]: say whether Engineering is ready")
    assert second.startswith(f"For @[{maya}]: Who speaks for ")
    assert about(release, "verdict") == []


def test_the_command_that_is_named_there_says_who_speaks(release: Spoken) -> None:
    (said,) = asks(release)
    (command, gate) = re.findall(r"Write (/owner (\S+)) PERSON", said)[0]
    (before,) = [it for it in release.trial.status(release.config)["gates"] if it["id"] == gate]
    assert before["actor"] == "Maya"
    release.says("Maya", f"{command} Dana")
    (after,) = [it for it in release.trial.status(release.config)["gates"] if it["id"] == gate]
    assert after["actor"] == "Dana"
    assert release.answers() == []


def test_fifty_passes_and_ten_restarts_say_nothing_twice_and_write_nothing(release: Spoken) -> None:
    trial, config, said = release.trial, release.config, comments(release)
    site = trial.linear_site if release.where == "linear" else trial.jira_site
    for _ in range(10):
        with trial.outside(config) as outside:
            asked = len(site.requests)
            for _ in range(5):
                trial.clock.pass_by(minutes=1)
                settle(Questions(config), "atlas-2", outside, write=True, look=False)
            assert len(site.requests) == asked
    assert comments(release) == said


def test_a_changed_verdict_is_said_once_when_the_page_says_it(release: Spoken) -> None:
    release.says("Maya", "/hold the embargo moved")
    (said,) = about(release, "verdict")
    assert said == (
        "syncd: the verdict of Atlas 2.0 went from NOT READY, on track to ON HOLD: "
        "Maya holds the release: the embargo moved."
    )
    assert "ON HOLD" in release.page() or "on hold" in release.page().lower()
    release.passes(2)
    assert about(release, "verdict") == [said]


def test_what_flipped_and_flipped_back_before_a_write_was_never_said(release: Spoken) -> None:
    trial = release.trial
    config = release.config.model_copy(update={"min_write_interval": timedelta(minutes=15)})
    living = Living(trial, config)
    release.writes("Maya", "/hold the embargo moved")
    living.run(minutes=4)
    assert release.status["verdict"] == "on_hold"
    release.writes("Maya", "/unhold")
    living.run(minutes=25)
    living.end()
    assert release.status["verdict"] == "on_track"
    assert about(release, "verdict") == []


def test_out_of_hours_nobody_is_asked_and_the_daemon_asks_at_nine(tmp_path: Path) -> None:
    with near(tmp_path, EARLY) as town:
        release = Spoken(town)
        assert comments(release) == []
        living = Living(town, release.config)
        living.run(minutes=25)
        assert comments(release) == []
        living.run(minutes=10)
        living.end()
        assert len(asks(release)) == 1


def test_another_ask_about_the_gate_waits_for_a_working_day_and_then_goes_to_who_is_next(release: Spoken) -> None:
    release.says("Dana", "/not-ready engineering the build is red")
    assert len(asks(release)) == 1
    release.trial.clock.pass_by(days=1)
    release.passes()
    assert len(asks(release)) == 2
    assert f"for @[{account(release, 'Sam')}]: settle why Engineering is not ready" in asks(release)[-1]
    assert "(Dana was asked Tue 1 Dec)" in asks(release)[-1]


def test_two_releases_ask_one_person_about_a_gate_once(town: Trial) -> None:
    town.jira.add("REL", "Borealis", assignee="Maya", due=START.date() + timedelta(days=14))
    town.jira.add("ENG", "Merge edits", status="Done")
    town.jira.add("SUP", "Write the macros", status="Done")
    config = town.configure(TWO)
    for _ in range(4):
        town.clock.pass_by(minutes=1)
        town.once(config)
    said = [said_on(town, issue["key"]) for issue in town.summaries()]
    dana, sam = ("712020:00000002", "712020:00000004")
    assert sorted(sum(dana in comment for comment in each) for each in said) == [0, 1]
    assert sum(sam in comment for each in said for comment in each) == 1


def test_a_waiver_is_warned_of_two_days_before_and_told_when_it_has_ended(release: Spoken) -> None:
    key = release.trial.jira.add("ENG", "Flaky import")
    release.says("Dana", f"/waive {key} until 2026-12-08 because it only hits empty files")
    release.says("Maya", "/approve W1")
    release.trial.clock.at = datetime(2026, 12, 6, 23, 0, tzinfo=UTC)
    release.passes()
    assert about(release, "waiver W1") == []
    release.trial.clock.pass_by(hours=1)
    release.passes(2)
    (warned,) = about(release, "waiver W1")
    assert warned.startswith(f"syncd: the waiver W1 on {key} ends Tue 8 Dec, for @[{account(release, 'Dana')}]: finish")
    release.trial.clock.pass_by(days=2)
    release.passes(2)
    assert [it.split(", for ")[0] for it in about(release, "waiver W1")[1:]] == [
        f"syncd: the waiver W1 on {key} ended Tue 8 Dec"
    ]


def test_who_is_asked_something_is_told_so_and_whatever_syncd_says_answers_nothing(release: Spoken) -> None:
    release.trial.clock.pass_by(hours=1)
    release.says("Maya", "/ask Dana is the rota staffed?")
    (said,) = about(release, "asks you something")
    assert f"for @[{account(release, 'Dana')}]: Maya asks you something" in said
    release.passes(3)
    assert [it["who"] for it in release.status["asks"] if it["question"]] == ["Dana"]
    assert about(release, "taken") == []
    assert len(release.records()) == 1


def test_nothing_is_said_on_a_ticket_of_a_team(release: Spoken) -> None:
    trial = release.trial
    release.says("Maya", "/hold the embargo moved")
    elsewhere = [it for ident, shelf in trial.jira.shelves.items() for it in shelf.comments if not ours(release, ident)]
    assert elsewhere == []
    assert all(it["issue"]["identifier"] == release.summary for it in trial.linear.comments.values())
    assert comments(release)


def ours(release: Spoken, ident: str) -> bool:
    return ident in {issue["id"] for issue in release.trial.summaries()}


def test_a_plan_says_nothing(town: Trial) -> None:
    town.jira.add("ENG", "Merge edits", status="Done")
    config = town.configure(TWO.split("  borealis", maxsplit=1)[0])
    town.once(config, write=False)
    with town.outside(config) as outside:
        assert outside.store.unposted("atlas-2") == []
        assert outside.store.reminders("atlas-2", {"dana@acme.example"}) == []


def test_a_comment_that_could_not_be_posted_is_posted_later_and_once(release: Spoken) -> None:
    said = comments(release)
    release.writes("Maya", "/hold the embargo moved")
    release.trial.once(release.config, write=False)
    release.trial.clock.pass_by(minutes=1)
    with mute(release) as (outside, tried):
        passed = settle(Questions(release.config), "atlas-2", outside, write=True)
        assert [str(it) for it in passed.problems] == ["eng: it is down"]
        assert passed.again_at is not None
        assert len(tried) == 1
    assert comments(release) == said
    release.passes(2)
    assert len(about(release, "verdict")) == 1


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("behind_h", [-1, 0, 1])
def test_what_got_through_without_an_answer_is_not_said_again_whatever_clock_a_tracker_has(
    tmp_path: Path, behind_h: int, *, named: bool
) -> None:
    """Spoken on a ticket of one tracker, answered on the summary in another, which may have no names for comments."""
    with near(tmp_path) as town:
        ticket = town.linear.add("MKT", "Sign-off")
        release = Spoken(town, engineering=f"expect: 1, sign_off: {{item: gtm/{ticket}}}")
        town.jira.clock = lambda: town.clock() - timedelta(hours=behind_h)
        if not named:
            town.jira_site.before = _without_properties
        town.linear.say(ticket, "/hold", by="Dana")
        town.clock.pass_by(minutes=1)
        town.once(release.config, write=False)
        with mute(release, through=True) as (outside, tried):
            settle(Questions(release.config), "atlas-2", outside, write=True)
            assert tried
        assert len(about(release, "taken")) == 1
        town.clock.pass_by(minutes=10)
        release.passes(2)
        assert len(about(release, "taken")) == 1


def _without_properties(request: Request) -> Response | None:
    """A Jira that takes no property of a comment."""
    if request.method == "POST" and request.path.endswith("/comment") and b"properties" in request.get_data():
        return Response('{"errorMessages": ["no properties"]}', 400, mimetype="application/json")
    return None


@contextmanager
def mute(release: Spoken, *, through: bool = False) -> Iterator[tuple[Outside, list[str]]]:
    """Whatever is said is lost on the way, or with ``through`` its answer."""
    tried: list[str] = []

    def opened(tracker: str, settings: SummarySettings) -> Summary:
        writer = real.open_summary(tracker, settings)
        says = writer.comment

        def comment(ref: Ref, lines: Sequence[Line], name: str, *, tried: timedelta | None = None) -> None:
            lost.append(name)
            if through:
                says(ref, lines, name, tried=tried)
            raise TemporaryError("eng", "it is down")

        writer.comment = comment  # type: ignore[method-assign]  # only this is broken
        return writer

    lost = tried
    with open_store(release.config.database_url) as store:
        real = app.outside(release.config, store, now=release.trial.clock, wait=release.trial.clock.wait)
        yield replace(real, open_summary=opened), tried


def test_a_closed_release_says_its_last_verdict_if_that_changed_and_nothing_more(release: Spoken) -> None:
    release.says("Maya", "/hold the embargo moved", "/cancel the fair was called off")
    said = comments(release)
    assert len(about(release, "verdict")) == 1
    release.trial.clock.pass_by(days=2)
    release.passes(2)
    assert comments(release) == said
    assert len(asks(release)) == 1
