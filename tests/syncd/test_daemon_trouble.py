"""The daemon on a virtual clock: trackers that are down, launch issues and summaries that change, other processes,
other configurations and wrong clocks.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from werkzeug.wrappers import Response

from syncd import claim
from tests.living import EACH, ENG, Living, gate, living

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Request

    from tests.trial import Trial

LABELLED = gate("[{tracker: eng, project: ENG, label: x}]")
ELSEWHERE = gate("[{tracker: gtm, team: MKT}]")
"""Nothing but the launch issue is read in its tracker."""


def _finished(town: Trial) -> None:
    town.jira.add("ENG", "Merge edits", status="Done", fix_versions=["Atlas 2.0"], labels=["x"])
    town.linear.add("MKT", "Launch post", state="Done", labels=["atlas-2"])


def _refusing(path: str, status: int = 503) -> Callable[[Request], Response | None]:
    return lambda request: Response("{}", status, mimetype="application/json") if path in request.path else None


def _states(alive: Living) -> tuple[str, str]:
    return alive.state(), alive.state("marketing")


def _complete_readings(town: Trial, since: int) -> int:
    asked = [seen.body for seen in town.jira_site.requests[since:] if seen.path.endswith("/bulkfetch")]
    return sum("summary" in body["fields"] for body in asked)


# Trackers


def test_a_tracker_that_is_down_cannot_be_told_after_its_limit_only_and_the_others_go_on(town: Trial) -> None:
    _finished(town)
    with living(town, EACH) as alive:
        assert _states(alive) == ("ready", "ready")
        town.linear_site.before = lambda _: Response("{}", 503, mimetype="application/json")
        alive.run(minutes=110)
        assert _states(alive) == ("ready", "ready")
        alive.run(minutes=15)
        assert _states(alive) == ("ready", "unknown")
        town.jira.move("ENG-1", "In Progress", by="Dana")
        alive.run(minutes=1)
        assert _states(alive) == ("blocked", "unknown")


def test_after_an_outage_what_changed_meanwhile_is_read_and_not_everything_again(town: Trial) -> None:
    for n in range(120):
        town.jira.add("ENG", f"Part {n}", labels=["x"])
    with living(town, LABELLED) as alive:
        alive.run(minutes=75)  # another census was taken since they were made
        town.jira_site.before = lambda _: Response("{}", 503, mimetype="application/json")
        alive.run(minutes=30)
        town.jira.move("ENG-7", "Done", by="Dana")
        alive.run(minutes=30)
        town.jira_site.before, since = None, len(town.jira_site.requests)
        alive.run(minutes=5)
        assert alive.gate()["done"] == 1
        asked = [seen.body for seen in town.jira_site.requests[since:] if seen.path.endswith("/bulkfetch")]
        assert max(len(body["issueIdsOrKeys"]) for body in asked if "summary" in body["fields"]) == 1


def test_f14_a_refused_selector_is_asked_again_at_each_poll_and_holds_up_no_other(town: Trial) -> None:
    _finished(town)
    releases = EACH.replace("items: gtm/MKT", "items: [{tracker: eng, jql: 'project = ENG AND nofield = 1'}]")
    with living(town, releases) as alive:
        assert _states(alive) == ("ready", "unknown")
        since, polls = len(town.jira_site.requests), alive.jobs("poll")
        town.jira.move("ENG-1", "In Progress", by="Dana")
        alive.run(minutes=1)
        assert _states(alive) == ("blocked", "unknown")
        alive.run(minutes=9)
        asked = [str(seen.body) for seen in town.jira_site.requests[since:] if "nofield" in str(seen.body)]
        assert len(asked) >= alive.jobs("poll") - polls
        assert _complete_readings(town, since) <= 2  # the one ticket, and once more when every node has it


def test_f18_a_tracker_that_answers_probes_only_does_not_have_the_summary_written_again_and_again(town: Trial) -> None:
    _finished(town)
    with living(town, EACH) as alive:
        alive.run(minutes=5)
        writes = town.writes().total()
        town.jira_site.before = lambda request: _whole(request.get_data(as_text=True))
        alive.run(hours=3)
        assert alive.state() != "ready"
        assert town.writes().total() - writes <= 3


def _whole(said: str) -> Response | None:
    """Refuses all that asks for a whole selector."""
    return Response("{}", 503, mimetype="application/json") if "fixVersion" in said else None


# The launch issue and sign-off tickets


def test_a_renamed_launch_issue_is_said_at_the_next_poll_in_every_tracker(town: Trial) -> None:
    _finished(town)
    town.linear.project("Atlas 2.0", team="MKT")
    with living(town, EACH) as alive:
        assert _states(alive) == ("ready", "ready")
        town.jira.edit("REL-1", summary="Borealis")
        alive.run(minutes=1, seconds=10)
        assert _states(alive) == ("unknown", "unknown")
        town.jira.edit("REL-1", summary="Atlas 2.0")
        alive.run(minutes=4)
        assert _states(alive) == ("ready", "ready")


@pytest.mark.parametrize("releases", [EACH, ELSEWHERE])
def test_a_moved_due_date_moves_the_target_at_the_next_poll(town: Trial, releases: str) -> None:
    _finished(town)
    with living(town, releases) as alive:
        was = alive.status()["target"]
        town.jira.edit("REL-1", due=(town.clock.at + timedelta(days=40)).date())
        alive.run(minutes=1)
        assert alive.status()["target"] > was


def test_a_deleted_launch_issue_cannot_be_told_within_a_census_and_the_summary_stays_one(town: Trial) -> None:
    _finished(town)
    with living(town, EACH, sweep="10m") as alive:
        town.jira.delete("REL-1")
        alive.run(minutes=12)
        assert _states(alive) == ("unknown", "unknown")
        alive.run(minutes=30)
        assert len(town.summaries()) == 1
        assert not alive.status()["launchable"]


def test_a_launch_issue_that_is_unreachable_at_the_start_is_waited_for_calmly_and_read_when_it_is_back(
    town: Trial,
) -> None:
    _finished(town)
    town.jira_site.before = _refusing("/issue/REL-1")
    with living(town, EACH) as alive:
        alive.run(minutes=30)
        assert not alive.status()["launchable"]
        assert alive.jobs("settle", "atlas-2") <= 70
        assert not town.summaries()
        town.jira_site.before = None
        alive.run(minutes=1)
        assert len(town.summaries()) == 1
        assert alive.gate("marketing")["total"] == 1
        alive.run(minutes=3)
        assert _states(alive) == ("ready", "ready")


def test_a_sign_off_ticket_signs_when_it_is_moved_and_no_more_when_it_is_moved_back_or_deleted(town: Trial) -> None:
    _finished(town)
    for _ in range(2):
        town.jira.add("SUP", "Sign")
    with living(town, gate(ENG, "sign_off: {item: eng/SUP-1}"), sweep="10m") as alive:
        alive.run(minutes=2)
        assert alive.state() == "sign_off_due"
        town.jira.move("SUP-1", "Done", by="Dana")
        alive.run(minutes=3)
        assert alive.state() == "ready"
        town.jira.move("SUP-1", "To Do", by="Dana")
        alive.run(minutes=1)
        assert alive.state() == "sign_off_due"
        town.jira.move("SUP-1", "Done", by="Dana")
        alive.run(minutes=3)
        assert alive.state() == "ready"
        town.jira.delete("SUP-1")
        alive.run(minutes=12)
        assert alive.state() != "ready"


# The summary issue


@pytest.mark.parametrize("within", ["poll", "census"])
def test_a_deleted_summary_is_noticed_and_never_made_again(town: Trial, within: str) -> None:
    _finished(town)
    with living(town, EACH, sweep="10m") as alive:
        (summary,) = town.summaries()
        town.jira.delete(summary["key"])
        if within == "poll":
            town.jira.edit("ENG-1", summary="Merge all edits")
            alive.run(minutes=1)
        else:
            alive.run(minutes=12)
        assert not town.summaries()
        alive.run(minutes=25)
        assert not town.summaries()


def test_a_summary_that_a_person_retitled_gets_its_title_back_at_the_poll_that_shows_it(town: Trial) -> None:
    _finished(town)
    with living(town, EACH) as alive:
        (before,) = town.summaries()
        alive.run(minutes=5)
        town.jira.edit(before["key"], summary="Mine now")
        alive.run(minutes=2)
        (after,) = town.summaries()
        assert after["fields"]["summary"] == before["fields"]["summary"]


def test_f16_a_summary_that_was_moved_is_written_under_its_new_key(town: Trial) -> None:
    _finished(town)
    with living(town, EACH) as alive:
        (before,) = town.summaries()
        key = town.jira.transfer(before["key"], "SUP")
        alive.run(minutes=2)
        assert alive.status()["summary"]["key"] == key
        town.jira.move("ENG-1", "In Progress", by="Dana")
        alive.run(minutes=2)
        (after,) = town.summaries()
        assert (after["id"], after["key"]) == (before["id"], key)
        assert "In Progress" in str(after["fields"]["description"])


# Other configurations and other processes


def test_a_new_configuration_is_read_and_judged_at_once_and_a_removed_tracker_is_left_in_peace(town: Trial) -> None:
    _finished(town)
    town.jira.add("SUP", "Rota", labels=["x"])
    with living(town, EACH) as alive:
        alive.run(minutes=2)
        more = gate("[{tracker: eng, project: ENG, label: x}, {tracker: eng, project: SUP, label: x}]")
        alive.reload(town.configure(more))
        alive.run(seconds=20)
        assert alive.blockers() == ["SUP-1"]
        asked = len(town.linear_site.requests)
        alive.run(minutes=5)
        assert len(town.linear_site.requests) == asked
        alive.reload(town.configure(EACH))
        alive.run(minutes=4)
        assert _states(alive) == ("ready", "ready")
        assert len(town.summaries()) == 1


def test_what_webhooks_named_outlives_a_new_configuration(town: Trial) -> None:
    for n in range(6):
        town.jira.add("ENG", f"Part {n}", status="Done" if n < 5 else "To Do", labels=["x"])
    with living(town, LABELLED) as alive:
        gone, lost = (town.jira.find(key) or "" for key in ("ENG-6", "ENG-1"))
        town.jira.delete("ENG-1")
        alive.hint("eng", lost)
        alive.run(seconds=5)
        town.jira.delete("ENG-6")
        alive.hint("eng", deleted=[gone])
        for _ in range(2):
            alive.reload(alive.config)
        alive.run(minutes=5, seconds=10)
        assert (alive.state(), alive.gate()["total"]) == ("ready", 4)


def test_f20_two_daemons_with_one_store_make_one_summary_and_write_each_change_once(town: Trial) -> None:
    _finished(town)
    with living(town, EACH) as one:
        other = Living(town, one.config, name="there 2 b")
        try:
            for _ in range(5):
                one.run(seconds=30)
                other.run(seconds=30)
            assert len(town.summaries()) == 1
            writes = town.writes()
            town.jira.edit("ENG-1", summary="Merge all edits")
            town.jira.move("ENG-1", "In Progress", by="Dana")
            for _ in range(5):
                one.run(seconds=30)
                other.run(seconds=30)
            (page,) = (f"/rest/api/3/issue/{issue['id']}" for issue in town.summaries())
            assert town.writes() - writes == {("PUT", page): 1, ("POST", f"{page}/comment"): 1}, "and that it fell"
            assert (one.state(), other.state()) == ("blocked", "blocked")
        finally:
            other.end()


def test_f20_what_another_process_reads_now_is_left_to_it_and_looked_at_afterwards(town: Trial) -> None:
    _finished(town)
    with living(town, EACH) as alive:
        town.jira.move("ENG-1", "In Progress", by="Dana")
        with (
            mock.patch.object(claim, "_OURS", "elsewhere 1 ffff"),
            claim.Claim("read eng", alive.outside.store, town.clock, town.clock.wait),
            claim.Claim("release atlas-2", alive.outside.store, town.clock, town.clock.wait),
        ):
            alive.hint("eng", town.jira.find("ENG-1") or "")
            alive.run(minutes=2)
            assert alive.state() == "ready"
        alive.run(minutes=1)
        assert alive.state() == "blocked"


def test_f20_once_and_the_daemon_do_not_disturb_each_other(town: Trial) -> None:
    _finished(town)
    with living(town, EACH) as alive:
        alive.run(minutes=5)
        writes = town.writes()
        town.once(alive.config)
        alive.run(minutes=5)
        assert town.writes() == writes
        assert len(town.summaries()) == 1
        assert alive.status()["launchable"]


# Clocks


@pytest.mark.parametrize("hours", [-9, 9])
def test_f27_a_trackers_clock_that_is_hours_wrong_loses_nothing_and_lends_nothing(town: Trial, hours: int) -> None:
    right = town.clock
    town.jira.clock = lambda: right.at + timedelta(hours=hours)
    _finished(town)
    with living(town, EACH) as alive:
        assert _states(alive) == ("ready", "ready")
        town.jira.move("ENG-1", "In Progress", by="Dana")
        alive.run(minutes=1)
        assert alive.state() == "blocked"
        town.jira.move("ENG-1", "Done", by="Dana")
        alive.run(minutes=4)
        assert alive.state() == "ready"
        assert datetime.fromisoformat(alive.status()["valid_until"]) <= town.clock.at + timedelta(hours=12)


def test_f27_our_clock_set_back_lends_nothing_and_is_got_over_within_two_polls(town: Trial) -> None:
    _finished(town)
    town.clock.pass_by(days=3)
    with living(town, EACH) as alive:
        assert alive.status()["launchable"]
        alive.end()
        town.clock.pass_by(days=-3)
        alive.begin()
        assert not alive.status()["launchable"]
        alive.run(minutes=5)
        assert _states(alive) == ("ready", "ready")
        until = datetime.fromisoformat(alive.status()["valid_until"])
        assert until <= town.clock.at + timedelta(hours=12)
        assert re.match(r"2026-12-0[12]", str(until))
