"""The daemon on a virtual clock: what it costs to see nothing, and how soon a change, a rise and a fall are told."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from werkzeug.wrappers import Response

from tests.living import BOTH, EACH, ENG, Living, gate, living

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from tests.trial import Trial


def _read(town: Trial, since: int) -> list[list[str]]:
    """The ids of each bulk reading of items from Jira."""
    asked = [seen.body for seen in town.jira_site.requests[since:] if seen.path.endswith("/bulkfetch")]
    return [body["issueIdsOrKeys"] for body in asked if "summary" in body["fields"]]


def _cost(alive: Living, minutes: int) -> tuple[int, int, int, int]:
    """Of this time: polls of both trackers, requests to Jira, to Linear, and writes."""
    town = alive.trial
    before = len(town.jira_site.requests), len(town.linear_site.requests), town.writes().total(), len(alive.ran)
    alive.run(minutes=minutes)
    polls = sum(kind == "poll" for _, kind, _ in alive.ran[before[3] :])
    asked = len(town.jira_site.requests) - before[0], len(town.linear_site.requests) - before[1]
    return polls, *asked, town.writes().total() - before[2]


def _unfinished(town: Trial) -> None:
    town.jira.add("ENG", "Merge edits", fix_versions=["Atlas 2.0"])
    town.linear.add("MKT", "Launch post", labels=["atlas-2"])


def _finished(town: Trial) -> None:
    town.jira.add("ENG", "Merge edits", status="Done", fix_versions=["Atlas 2.0"])
    town.linear.add("MKT", "Launch post", state="Done", labels=["atlas-2"])


def _shown(town: Trial) -> str:
    """The one summary issue's text."""
    (summary,) = town.summaries()
    return str(summary["fields"]["description"])


IDLE = (20, 20, 20, 0)
"""Ten minutes: at each poll who we are and one probe."""


def test_an_idle_poll_costs_a_request_and_who_we_are_and_writes_nothing(town: Trial) -> None:
    _unfinished(town)
    with living(town, EACH) as alive:
        alive.run(minutes=10)
        assert _cost(alive, 10) == IDLE


def test_an_idle_poll_costs_no_more_within_the_overlap_after_a_change_and_our_own_write(town: Trial) -> None:
    _unfinished(town)
    with living(town, EACH) as alive:
        alive.run(minutes=10)
        town.jira.edit("ENG-1", summary="Merge all edits")
        town.linear.edit("MKT-1", title="Launch posts")
        _, _, _, writes = _cost(alive, 3)
        assert writes > 0
        assert "Merge all edits" in _shown(town)
        _, *asked, written = _cost(alive, 10)
        # each changed ticket once more, when every node of an index has it, and the comments of what we wrote ourselves
        assert sum(asked) <= sum(IDLE[1:3]) + 8
        assert written == 0
        assert _cost(alive, 10) == IDLE


def test_after_a_restart_what_changed_last_is_looked_at_once_more_and_nothing_is_written(town: Trial) -> None:
    _unfinished(town)
    with living(town, EACH) as alive:
        alive.run(minutes=10)
        town.jira.edit("ENG-1", summary="Merge all edits")
        alive.run(minutes=2)
        alive.end()
        alive.begin()
        since, writes = len(town.jira_site.requests), town.writes()
        alive.run(minutes=5)
        assert _read(town, since) == [[town.jira.find("ENG-1")]] * 2  # by the probe and by the census
        assert town.writes() == writes
        alive.run(minutes=5)
        assert _cost(alive, 10) == IDLE


def test_a_moved_ticket_reaches_the_summary_at_the_next_poll(town: Trial) -> None:
    _unfinished(town)
    with living(town, EACH) as alive:
        alive.run(minutes=5)
        town.jira.move("ENG-1", "In Progress", by="Dana")
        town.linear.move("MKT-1", "In Progress", by="Maya")
        alive.run(minutes=1, seconds=31)
        assert alive.gate()["blockers"][0]["status"] == "In Progress"
        assert alive.gate("marketing")["blockers"][0]["status"] == "In Progress"
        assert _shown(town).count("In Progress") >= 2


def test_a_hinted_ticket_reaches_the_summary_at_once_and_nothing_else_is_read(town: Trial) -> None:
    _unfinished(town)
    town.jira.add("ENG", "Keep drafts", fix_versions=["Atlas 2.0"])
    with living(town, EACH) as alive:
        alive.run(minutes=5, seconds=20)
        town.jira.move("ENG-1", "In Progress", by="Dana")
        since, polls = len(town.jira_site.requests), alive.jobs("poll")
        alive.hint("eng", town.jira.find("ENG-1") or "")
        alive.run(seconds=5)
        assert alive.jobs("poll") == polls
        assert "In Progress" in _shown(town)
        assert _read(town, since) == [[town.jira.find("ENG-1")]]


@pytest.mark.parametrize("whose", ["summary", "launch"])
def test_f19_a_hint_about_our_own_issue_ends_after_one_pass(town: Trial, whose: str) -> None:
    _unfinished(town)
    with living(town, EACH) as alive:
        alive.run(minutes=5, seconds=5)
        own = town.summaries()[0]["id"] if whose == "summary" else town.jira.find("REL-1") or ""
        writes, ran = town.writes(), len(alive.ran)
        alive.hint("eng", own)
        alive.run(seconds=30)
        assert [kind for _, kind, _ in alive.ran[ran:]] in (["look"], ["look", "settle"])
        assert town.writes() == writes


def test_a_burst_of_hints_makes_one_look_and_one_write_in_the_interval(town: Trial) -> None:
    _unfinished(town)
    with living(town, EACH) as alive:
        alive.run(minutes=5, seconds=5)
        looks, since = alive.jobs("look"), town.writes().total()
        for n in range(500):
            town.jira.edit("ENG-1", summary=f"Merge edits {n}")
            alive.hint("eng", town.jira.find("ENG-1") or "")
        alive.run(seconds=25)
        assert alive.jobs("look") == looks + 1
        assert town.writes().total() == since + 1
        assert "Merge edits 499" in _shown(town)


# Rising, staying, falling


@pytest.mark.parametrize("items", [ENG, BOTH])
def test_a_finished_gate_is_ready_within_two_polls_by_the_daemon_alone(town: Trial, items: str) -> None:
    _finished(town)
    town.jira.edit("ENG-1", labels=["atlas-2"])
    with living(town, gate(items)) as alive:
        assert alive.state() == "ready"
        assert alive.status()["launchable"]


@pytest.mark.parametrize("items", [ENG, BOTH])
def test_a_soak_of_an_hour_is_waited_for_and_ended_by_a_complete_reading(town: Trial, items: str) -> None:
    _finished(town)
    town.jira.edit("ENG-1", labels=["atlas-2"])
    with living(town, gate(items, soak="1h")) as alive:
        alive.run(minutes=55)
        assert alive.state() == "on_track"
        alive.run(minutes=7)
        assert alive.state() == "ready"


def test_a_signed_gate_is_ready_by_the_daemon_alone_and_an_unsigned_one_waits_for_its_word(town: Trial) -> None:
    _finished(town)
    town.jira.add("SUP", "Sign engineering")
    with living(town, gate(ENG, "sign_off: {item: eng/SUP-1}", soak="1h")) as alive:
        alive.run(minutes=70)
        assert alive.state() == "sign_off_due"
        town.jira.move("SUP-1", "Done", by="Dana")
        alive.run(minutes=3)
        assert alive.state() == "ready"
        assert alive.gate()["signed"]["by"] == "Dana"


def test_a_ready_gate_stays_ready_for_hours_and_its_lease_is_renewed_at_its_half(town: Trial) -> None:
    _finished(town)
    with living(town, EACH, poll="10m") as alive:
        was = datetime.fromisoformat(alive.status()["valid_until"])
        renewed = []
        for _ in range(13 * 4):
            alive.run(minutes=15)
            assert alive.status()["launchable"], alive.trial.clock.at
            until = datetime.fromisoformat(alive.status()["valid_until"])
            if until != was:
                renewed.append(town.clock.at)
            was = until
        assert len(renewed) == 2
        assert renewed[1] - renewed[0] >= timedelta(hours=5)


def test_a_gate_of_two_trackers_is_read_completely_no_more_often_than_its_freshness_asks(town: Trial) -> None:
    _finished(town)
    town.jira.edit("ENG-1", labels=["atlas-2"])
    with living(town, gate(BOTH), poll="5m") as alive:
        alive.run(minutes=5)
        before = alive.jobs("read"), alive.jobs("read", "gtm")
        for _ in range(36):
            alive.run(minutes=5)
            assert alive.state() == "ready"
        assert alive.jobs("read") - before[0] <= 4
        assert alive.jobs("read", "gtm") - before[1] <= 4


def test_of_two_trackers_the_quick_one_is_not_read_again_once_the_slow_one_was(town: Trial) -> None:
    _finished(town)
    town.jira.edit("ENG-1", labels=["atlas-2"])
    with living(town, gate(BOTH)) as alive:
        town.clock.pass_by(minutes=90)
        for kind, name in (("settle", "atlas-2"), ("read", "eng"), ("settle", "atlas-2"), ("read", "gtm")):
            alive.do(kind, name)
        asked = len(town.jira_site.requests)
        alive.do("settle", "atlas-2")
        alive.do("read", "eng")
        assert len(town.jira_site.requests) == asked


def test_a_lease_is_renewed_on_a_complete_reading_only(town: Trial) -> None:
    _finished(town)
    with living(town, EACH, poll="5m") as alive:
        was = alive.status()["valid_until"]
        alive.run(hours=5, minutes=50)
        town.linear_site.before = _without_complete_readings
        alive.run(minutes=25)
        assert (alive.status()["verdict"], alive.status()["valid_until"]) == ("ready", was)
        town.linear_site.before = None
        alive.run(minutes=3)
        assert alive.status()["valid_until"] > was


def _without_complete_readings(request: Request) -> Response | None:
    """Linear answers who we are and what changed, and nothing else."""
    asked = json.loads(request.get_data())["operationName"]
    return None if asked in ("Viewer", "Changed") else Response("{}", 503)


def test_a_ready_gate_falls_at_the_poll_that_sees_unfinished_work(town: Trial) -> None:
    _finished(town)
    with living(town, EACH) as alive:
        alive.run(minutes=10)
        assert alive.status()["launchable"]
        town.jira.move("ENG-1", "In Progress", by="Dana")
        alive.run(seconds=61)
        assert alive.state() == "blocked"
        assert "BLOCKED" in _shown(town)
