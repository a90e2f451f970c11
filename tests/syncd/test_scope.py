"""The scope after the freeze through the whole product: both trackers over HTTP, the store between two passes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.wrappers import Response

from config.schema import Config
from syncd.reconcile import complete_pass
from syncd.strays import found_by
from tests.trial import Trial

if TYPE_CHECKING:
    from werkzeug.wrappers import Request


RELEASES = """
  atlas-2:
    launch: eng/REL-1
    manager: maya
    freeze: 2026-12-03
    timing: {soak: 0s}
    scope: {found: [Defect]}
    gates:
      engineering: {owner: dana, items: [{tracker: eng, fix_version: Atlas 2.0}], sign_off: false}
      marketing: {owner: sam@acme.example, items: [{tracker: gtm, project: Atlas 2.0}], sign_off: false}
  atlas-3:
    name: Atlas 3
    launch: eng/REL-2
    target: 2027-03-01
    gates:
      engineering: {owner: dana, items: [{tracker: eng, fix_version: Atlas 3.0}], sign_off: false}
      marketing: {owner: sam@acme.example, items: [{tracker: gtm, project: Atlas 3.0}], sign_off: false}
"""


@dataclass
class Town:
    """Two releases, of which the first froze on 3 December and is due on the 15th, with an open item in each gate."""

    trial: Trial
    config: Config
    jira: str
    linear: str

    def on(self, day: int, hour: int = 10) -> dict[str, str]:
        """A pass on that day of December; the first release's states."""
        self.trial.clock.at = datetime(2026, 12, day, hour, tzinfo=UTC)
        self.trial.once(self.config)
        return self.trial.states(self.config)

    def changes(self) -> dict[str, dict[str, Any]]:
        return {change["key"]: change for change in self.scope["changes"]}

    @property
    def scope(self) -> dict[str, Any]:
        found: dict[str, Any] = self.trial.status(self.config)["scope"]
        return found

    @property
    def remarks(self) -> tuple[str, ...]:
        with self.trial.outside(self.config) as outside:
            known = outside.store.judgement("atlas-2")
        assert known
        assert known.readiness
        return known.readiness.remarks

    def admit_asks(self) -> list[str]:
        asks = self.trial.status(self.config)["asks"]
        return [f"{ask['who']}: {ask['what']}" for ask in asks if "/admit" in ask["what"]]


@pytest.fixture
def town(whole: Trial) -> Town:
    whole.jira.version("ENG", "Atlas 3.0")
    whole.jira.add("REL", "Atlas 3.0")
    for name in ("Atlas 2.0", "Atlas 3.0"):
        whole.linear.project(name, ["MKT"])
    opened = whole.jira.add("ENG", "Engine", fix_versions=["Atlas 2.0"])
    whole.jira.add("ENG", "Wheels", fix_versions=["Atlas 2.0"], status="Done")
    poster = whole.linear.add("MKT", "Poster", project="Atlas 2.0")
    whole.linear.add("MKT", "Flyer", project="Atlas 2.0", state="Done")
    config = whole.configure(RELEASES)
    found = Town(whole, config, opened, poster)
    found.on(1)
    found.on(3)
    return found


def test_what_is_added_after_the_freeze_is_at_risk_then_blocks_and_is_settled_by_the_managers_word(town: Town) -> None:
    assert town.on(4) == {"engineering": "on_track", "marketing": "on_track"}
    wish = town.trial.jira.add("ENG", "A wish", fix_versions=["Atlas 2.0"])
    slogan = town.trial.linear.add("MKT", "A slogan", project="Atlas 2.0", by="Sam")
    town.trial.jira.add("ENG", "It squeaks", fix_versions=["Atlas 2.0"], type="Bug")
    assert town.on(4, 12) == {"engineering": "at_risk", "marketing": "at_risk"}
    told = town.changes()
    assert {key: change["kind"] for key, change in told.items()} == {wish: "added", slogan: "added", "ENG-4": "added"}
    assert told[slogan]["by"] == "Sam"
    assert told[wish]["by"]
    assert len(town.admit_asks()) == 2
    assert town.on(8, 23) == {"engineering": "at_risk", "marketing": "at_risk"}
    assert town.on(11) == {"engineering": "blocked", "marketing": "blocked"}  # the daemon was away on the very day
    summary = town.trial.status(town.config)["summary"]["key"]
    town.trial.jira.say(summary, f"/admit engineering sold already\n/admit {slogan} sold already", by="Maya")
    town.on(11, 11)
    assert town.on(11, 12) == {"engineering": "on_track", "marketing": "on_track"}
    assert {change["admitted_by"] for change in town.changes().values()} == {"Maya"}


def test_completing_a_release_rolls_what_is_open_to_the_next_one_and_that_is_said_aloud(town: Town) -> None:
    town.trial.jira.edit(town.jira, fix_versions=["Atlas 3.0"])
    town.trial.linear.edit(town.linear, project="Atlas 3.0")
    town.on(5)
    assert town.on(5, 11) == {"engineering": "ready", "marketing": "ready"}
    assert {key: (change["kind"], change["to"]) for key, change in town.changes().items()} == {
        town.jira: ("moved", "Atlas 3"),
        town.linear: ("moved", "Atlas 3"),
    }
    assert town.scope["shrunk"] == {"engineering": 1, "marketing": 1}


def test_an_item_of_two_releases_is_said_to_be_in_the_other_one(town: Town) -> None:
    town.trial.jira.edit(town.jira, fix_versions=["Atlas 2.0", "Atlas 3.0"])
    town.on(4)
    assert town.scope["shared"] == {town.jira: ["Atlas 3"]}


def test_a_lost_database_says_that_what_came_before_is_unknown(town: Town) -> None:
    town.trial.jira.add("ENG", "A wish", fix_versions=["Atlas 2.0"])
    (town.trial.folder / "syncd.db").unlink()
    assert town.on(6)["engineering"] == "on_track"
    assert (town.scope["late"], town.changes()) == (True, {})


def test_another_query_of_a_gate_fixes_its_scope_anew_and_says_so(town: Town) -> None:
    town.on(4)
    other = RELEASES.replace("fix_version: Atlas 2.0", "project: ENG", 1)
    town.config = town.trial.configure(other)
    town.on(5)
    assert town.changes() == {}
    assert [it for it in town.remarks if "what came or went before" in it] == [
        "Engineering: what came or went before Sat 5 Dec, 10:00 UTC is not known."
    ]


def test_another_query_makes_nothing_that_was_added_a_part_of_the_scope(town: Town) -> None:
    wish = town.trial.jira.add("ENG", "A wish", fix_versions=["Atlas 2.0"], status="Done")
    assert town.on(4)["engineering"] == "at_risk"
    town.trial.jira.add("ENG", "Another project's", status="Done")
    town.config = town.trial.configure(RELEASES.replace("fix_version: Atlas 2.0", "project: ENG", 1))
    assert {town.on(5)["engineering"], town.on(5, 12)["engineering"]} == {"at_risk"}
    assert {key: change["kind"] for key, change in town.changes().items()} == {wish: "added"}
    assert town.scope["late"] is True


_MORE = "Atlas 2.0}], "


@pytest.mark.parametrize(
    ("said", "tracker"),
    [
        (_MORE + "expect: 3, ", {}),
        (_MORE + "blockers: {priority: lowest}, ", {}),
        (_MORE, {"statuses": "{doing: [Weird]}"}),
        (_MORE, {"resolutions": "{dropped: [Nope]}"}),
        ("Atlas 2.0}, {tracker: eng, fix_version: Atlas 2.0}], ", {}),
    ],
    ids=["expect", "blockers", "statuses", "resolutions", "the same twice"],
)
def test_what_the_file_says_of_the_same_items_does_not_fix_the_scope_anew(
    town: Town, said: str, tracker: dict[str, str]
) -> None:
    town.trial.jira.move(town.jira, "Done")
    wish = town.trial.jira.add("ENG", "A wish", fix_versions=["Atlas 2.0"], status="Done")
    assert town.on(4)["engineering"] == "at_risk"
    before = town.scope
    town.config = town.trial.configure(RELEASES.replace(_MORE, said, 1), **tracker)
    for hour in (10, 11, 12):
        assert town.on(5, hour)["engineering"] == "at_risk"
    assert town.scope == before
    assert town.changes().keys() == {wish}


def test_what_a_status_means_is_no_way_around_what_cannot_be_found(town: Town) -> None:
    town.trial.jira.hide(town.jira)
    town.on(4)
    assert town.on(4, 11)["engineering"] == "unknown"
    town.config = town.trial.configure(RELEASES, statuses="{doing: [Weird]}")
    assert {town.on(5, hour)["engineering"] for hour in (10, 11, 12)} == {"unknown"}
    assert {key: change["kind"] for key, change in town.changes().items()} == {town.jira: "vanished"}
    summary = town.trial.status(town.config)["summary"]["key"]
    town.trial.jira.say(summary, f"/admit {town.jira} it was a duplicate", by="Maya")
    for hour in (13, 14):
        town.on(5, hour)
    assert town.trial.states(town.config)["engineering"] == "ready"
    town.config = town.trial.configure(RELEASES, statuses="{doing: [Odd]}")
    town.on(6)
    assert town.on(6, 12)["engineering"] == "ready"


def test_items_whose_status_means_something_else_are_read_whole_before_they_count(town: Town) -> None:
    town.trial.jira_site.before = lambda request: Response("{}", 503) if "search" in request.path else None
    town.config = town.trial.configure(RELEASES, statuses="{done: [To Do]}")
    assert town.on(4)["engineering"] == "unknown"
    town.trial.jira_site.before = None
    town.on(4, 12)
    assert town.on(4, 13)["engineering"] == "ready"


def test_work_that_is_put_below_an_epic_is_asked_about_and_a_part_of_an_item_is_not(town: Town) -> None:
    jira = town.trial.jira
    jira.add("ENG", "Epic of the release", type="Epic", fix_versions=["Atlas 2.0"])
    config = RELEASES.replace("2026-12-03", "2026-12-05")
    town.config = town.trial.configure(config)
    town.on(4)
    town.on(5)
    story = jira.add("ENG", "More", parent="ENG-3", fix_versions=["Atlas 2.0"])
    part = jira.add("ENG", "Half of it", type="Sub-task", parent=town.jira, fix_versions=["Atlas 2.0"])
    town.on(6)
    assert {key: change["kind"] for key, change in town.changes().items()} == {story: "added", part: "split"}


def test_a_tracker_that_hides_everything_adds_and_removes_nothing(town: Town) -> None:
    town.trial.jira_site.before = lambda request: Response("{}", 403) if "search" in request.path else None
    town.on(4)
    town.trial.jira_site.before = None
    town.on(5)
    assert town.changes() == {}


def test_items_that_look_like_the_release_and_are_in_no_gate_are_named(town: Town) -> None:
    jira, linear = town.trial.jira, town.trial.linear
    by_label = jira.add("SUP", "Answer calls", labels=["atlas-2"])
    by_parent = jira.add("SUP", "Hire somebody", parent="REL-1")
    by_link = jira.add("ENG", "Brakes")
    jira.link("Relates", by_link, "REL-1")
    jira.add("SUP", "Answered", labels=["atlas-2"], status="Done")
    linear.team("DOC", "Docs")
    by_linear_label = linear.add("DOC", "Manual", labels=["atlas-2"])
    town.on(4)
    assert {(stray["tracker"], stray["key"]) for stray in town.scope["strays"]} == {
        ("eng", by_label),
        ("eng", by_parent),
        ("eng", by_link),
        ("gtm", by_linear_label),
    }
    assert town.changes() == {}


def test_strays_that_cannot_be_looked_for_blind_no_gate(town: Town) -> None:
    def refuse(request: Request) -> Response | None:
        asked = request.get_data(as_text=True) + request.query_string.decode()
        return Response(json.dumps({"errorMessages": ["no"]}), 400) if "linkedIssues" in asked else None

    town.trial.jira_site.before = refuse
    assert town.on(4) == {"engineering": "on_track", "marketing": "on_track"}
    said = "Whether other items carry this release's label could not be looked up in eng."
    assert said in town.remarks
    town.trial.jira_site.before = None
    town.on(4, 11)
    assert said not in town.remarks


def test_a_look_at_changes_does_not_ask_for_strays(town: Town) -> None:
    def asked() -> list[str]:
        return [str(seen) for seen in town.trial.jira_site.requests if "linkedIssues" in str(seen)]

    assert asked()
    town.trial.jira_site.requests.clear()
    town.trial.clock.pass_by(minutes=1)
    town.trial.increment(town.config)
    assert not asked()


def _histories(town: Town) -> int:
    """How often a tracker was asked for the history of an item."""
    jira = sum(seen.path.endswith("/changelog") for seen in town.trial.jira_site.requests)
    return jira + sum("history(" in str(seen.body) for seen in town.trial.linear_site.requests)


def test_who_reopened_an_item_since_the_freeze_is_told(town: Town) -> None:
    jira, linear = town.trial.jira, town.trial.linear
    for move, key in ((jira.move, town.jira), (linear.move, town.linear)):
        move(key, "Done", by="Dana")
    town.on(4)
    for move, key, begin in ((jira.move, town.jira, "To Do"), (linear.move, town.linear, "Todo")):
        move(key, begin, by="Sam")
        town.trial.clock.pass_by(minutes=1)
        move(key, "In Progress", by="Dana")  # who goes on with it did not reopen it
    town.on(5)
    told = {key: (change["kind"], change["by"]) for key, change in town.changes().items()}
    assert told == {town.jira: ("reopened", None), town.linear: ("reopened", None)}
    town.on(5, 12)
    assert {key: change["by"] for key, change in town.changes().items()} == {town.jira: "Sam", town.linear: "Sam"}


def test_where_nobody_knows_the_status_that_was_left_the_only_mover_since_the_freeze_is_told(town: Town) -> None:
    town.trial.jira.move("ENG-2", "To Do", by="Sam")
    town.trial.linear.move("MKT-2", "Todo", by="Maya")
    town.trial.clock.pass_by(minutes=1)
    town.trial.linear.move("MKT-2", "In Progress", by="Dana")
    town.on(4)
    town.on(4, 12)
    assert {key: change["by"] for key, change in town.changes().items()} == {"ENG-2": "Sam", "MKT-2": None}


def test_the_history_of_what_was_reopened_is_asked_for_once_and_not_where_changes_are_looked_at(town: Town) -> None:
    town.trial.jira.move("ENG-2", "To Do", by="Sam")
    town.trial.linear.move("MKT-2", "Todo", by="Maya")
    town.trial.increment(town.config)
    town.trial.clock.pass_by(minutes=1)
    town.trial.increment(town.config)
    assert town.changes().keys() == {"ENG-2", "MKT-2"}
    assert _histories(town) == 0
    town.on(4)
    assert _histories(town) == 2
    town.on(4, 12)
    assert _histories(town) == 2


def test_what_is_reopened_a_second_time_is_not_the_firsts_doing(town: Town) -> None:
    jira = town.trial.jira
    jira.move(town.jira, "Done")
    jira.move("ENG-2", "To Do", by="Sam")
    town.on(4)
    town.on(4, 12)
    assert town.changes()["ENG-2"]["by"] == "Sam"
    jira.move("ENG-2", "Done", by="Dana")
    town.on(5)
    assert "ENG-2" not in town.changes()
    jira.move("ENG-2", "To Do", by="Maya")
    town.on(6)
    assert town.changes()["ENG-2"]["by"] is None
    town.on(6, 12)
    assert town.changes()["ENG-2"]["by"] == "Maya"


def test_a_history_that_cannot_be_read_names_nobody_and_is_asked_for_again_where_that_may_help(town: Town) -> None:
    town.trial.jira.move("ENG-2", "To Do", by="Sam")
    town.on(4)
    town.trial.jira_site.before = lambda it: Response("{}", 503) if it.path.endswith("/changelog") else None
    assert town.on(4, 12) == town.on(4, 14) == {"engineering": "on_track", "marketing": "on_track"}
    assert town.changes()["ENG-2"]["by"] is None
    town.trial.jira_site.before = None
    town.on(5)
    assert town.changes()["ENG-2"]["by"] == "Sam"


def test_without_a_freeze_nobody_asks_who_reopened_what(town: Town) -> None:
    town.config = town.trial.configure(RELEASES.replace("    freeze: 2026-12-03\n", ""))
    town.trial.jira.move("ENG-2", "To Do", by="Sam")
    town.on(4)
    town.on(4, 12)
    assert (_histories(town), town.changes()) == (0, {})


def test_who_reopened_a_restricted_item_is_nobodys_business(town: Town) -> None:
    town.trial.jira.edit("ENG-2", security="Core only")
    town.trial.jira.move("ENG-2", "To Do", by="Sam")
    town.on(4)
    town.on(4, 12)
    assert town.changes()["ENG-2"]["by"] is None


def test_the_strays_of_more_releases_than_are_asked_for_at_a_time_are_all_found(whole: Trial) -> None:
    names = [f"r{number}" for number in range(12)]
    told = {name: whole.jira.add("REL", f"Release {name}") for name in names}
    loose = {name: [whole.jira.add("SUP", "Answer calls", labels=[name])] for name in names}
    gate = "engineering: {owner: dana, items: [{tracker: eng, project: ENG}]}"
    releases = "".join(f"\n  {name}:\n    launch: eng/{told[name]}\n    gates: {{{gate}}}" for name in names)
    config = whole.configure(releases)
    with whole.outside(config) as outside:
        assert len(list(complete_pass(config, names, outside, write=False))) == len(names)
        found = {name: [it.key for it in found_by(config, name, outside.store)[0]] for name in names}
    assert found == loose
