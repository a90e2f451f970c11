"""What the daemon must not say: READY of half a gate, of a crowd that vanished one by one, of what is older than it
looks; and what it must not forget.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.wrappers import Response

from syncd import judging
from syncd.daemon import Job
from tests.living import BOTH, EACH, Living, gate, living

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from tests.trial import Trial

LABELLED = gate("[{tracker: eng, project: ENG, label: x}]")


class Hung(Living):
    """One tracker's reading thread does nothing any more: an answer that never comes, or another process at it."""

    thread = ""

    def _run(self, job: Job) -> None:
        if job.thread != self.thread:
            super()._run(job)


def _finished(town: Trial, count: int) -> list[str]:
    """Finished tickets under the label; their ids."""
    keys = [town.jira.add("ENG", f"Part {n}", status="Done", labels=["x"]) for n in range(count)]
    return [town.jira.find(key) or "" for key in keys]


def _title(town: Trial) -> str:
    [summary] = town.summaries()
    title: str = summary["fields"]["summary"]
    return title


@pytest.mark.parametrize("soak", ["0s", "10m"])
def test_a_gate_is_not_ready_by_the_one_of_its_trackers_that_was_read(town: Trial, soak: str) -> None:
    town.jira.add("ENG", "Merge edits", status="Done", labels=["atlas-2"])
    town.linear.add("MKT", "Launch post", labels=["atlas-2"])
    alive = Hung(town, town.configure(gate(BOTH, soak=soak)))
    alive.thread = "read gtm"
    alive.run(minutes=25)
    assert alive.state() == "unknown"
    assert "gtm" in alive.status()["reason"]
    alive.end()


@pytest.mark.parametrize("hinted", [False, True])
def test_f9_a_crowd_that_vanished_does_not_leave_one_by_one(town: Trial, hinted: bool) -> None:  # noqa: FBT001 - a case
    ids = _finished(town, 12)
    with living(town, LABELLED, sweep="10m") as alive:
        assert alive.state() == "ready"
        for n in range(1, 5):
            town.jira.hide(f"ENG-{n}")
        alive.run(minutes=20)
        for n in range(1, 5):
            town.jira.move(f"ENG-{n}", "In Progress", by="Dana")
            if hinted:
                alive.hint("eng", ids[n - 1])
            alive.run(minutes=2)
            assert alive.state() == "unknown"
        assert alive.gate()["total"] == 12


def test_what_comes_back_into_sight_is_not_as_it_was(town: Trial) -> None:
    _finished(town, 8)
    with living(town, LABELLED, sweep="10m") as alive:
        for n in range(1, 5):
            town.jira.hide(f"ENG-{n}")
        alive.run(minutes=12)
        assert alive.state() == "unknown"
        for n in range(1, 5):
            town.jira.move(f"ENG-{n}", "In Progress", by="Dana")
        alive.run(minutes=75)
        for n in range(1, 5):
            town.jira.show(f"ENG-{n}")
        for _ in range(90):
            alive.run(seconds=10)
            assert "READY" not in _title(town).replace("NOT READY", "")
        assert alive.state() == "blocked"


@pytest.mark.parametrize("restarted", [False, True])
def test_what_was_reopened_out_of_sight_between_two_censuses_is_found_by_the_next(town: Trial, restarted: bool) -> None:  # noqa: FBT001 - a case
    """No probe shows it: by the time it is in sight again, its stamp is older than what they look at."""
    _finished(town, 8)
    with living(town, LABELLED, sweep="50m") as alive:
        alive.run(minutes=70)  # its lease was renewed at ten, on a complete reading
        assert alive.state() == "ready"
        town.jira.hide("ENG-1")
        town.jira.move("ENG-1", "In Progress", by="Dana")
        alive.run(minutes=15)
        town.jira.show("ENG-1")
        if restarted:
            alive.end()
            alive.begin()
        alive.run(minutes=20)
        assert alive.state() == "blocked"


def _edits(town: Trial) -> int:
    return sum(count for (method, _), count in town.writes().items() if method == "PUT")


@pytest.mark.parametrize("status", [403, 200, 503])
def test_a_data_center_that_does_not_tell_its_fields_blinds_no_gate_that_needs_none(
    data_center: Trial, status: int
) -> None:
    """Only the search for strays asks for them there."""
    _finished(data_center, 2)
    with living(data_center, LABELLED) as alive:
        assert alive.state() == "ready"
        data_center.jira_site.before = lambda request: (
            Response("<html>", status, mimetype="text/html") if request.path.endswith("/field") else None
        )
        edits, sweeps = _edits(data_center), alive.jobs("sweep")
        for _ in range(13):
            alive.run(minutes=5)
            assert alive.state() == "ready"
        assert alive.jobs("sweep") == sweeps + 1
        assert _edits(data_center) <= edits + 2, "what could not be looked for, and the lease"


def _look_backs(town: Trial, since: int) -> list[int]:
    """In minutes, of each probe."""
    asked = [str(seen.body.get("jql", "")) for seen in town.jira_site.requests[since:] if seen.body]
    return [int(found[1]) for jql in asked if (found := re.search(r"updated >= -(\d+)m", jql))]


def test_a_gate_that_stays_unreadable_does_not_make_each_census_look_back_further(town: Trial) -> None:
    _finished(town, 1)
    releases = EACH.replace("items: gtm/MKT", "items: [{tracker: eng, jql: 'project = ENG AND nofield = 1'}]")
    with living(town, releases, poll="10m") as alive:
        alive.run(hours=4)
        since, sweeps = len(town.jira_site.requests), alive.jobs("sweep")
        alive.run(hours=3)
        assert alive.jobs("sweep") == sweeps + 3
        assert max(_look_backs(town, since)) <= 72


def test_a_census_that_cannot_ask_what_changed_is_taken_again_and_costs_no_verdict(town: Trial) -> None:
    _finished(town, 8)
    with living(town, LABELLED, sweep="20m") as alive:
        alive.run(minutes=5)
        sweeps, title = alive.jobs("sweep"), _title(town)

        def refuse(request: Request) -> Response | None:
            found = re.search(rb"updated >= -(\d+)m", request.get_data())
            return Response("{}", 503, mimetype="application/json") if found and int(found[1]) > 15 else None

        town.jira_site.before = refuse
        alive.run(minutes=20)
        assert alive.jobs("sweep") > sweeps + 1
        assert _title(town) == title
        town.jira_site.before, sweeps = None, alive.jobs("sweep")
        alive.run(minutes=15)
        assert alive.jobs("sweep") <= sweeps + 2
        assert alive.state() == "ready"


def test_whoever_has_been_away_for_days_reads_everything(town: Trial) -> None:
    ids = _finished(town, 3)
    with living(town, LABELLED) as alive:
        alive.run(minutes=5)
        alive.end()
        town.clock.pass_by(days=3)
        alive.begin()
        since = len(town.jira_site.requests)
        alive.run(minutes=2)
        asked = [seen.body for seen in town.jira_site.requests[since:] if seen.path.endswith("/bulkfetch")]
        assert ids in [body["issueIdsOrKeys"] for body in asked if "summary" in body["fields"]]


def _without_labels(request: Request) -> Response | None:
    """Refuses every search for the label."""
    if request.path.endswith("/search/jql") and b"labels" in request.get_data():
        return Response("{}", 403, mimetype="application/json")
    return None


def test_a_refused_complete_reading_is_said_once_and_not_taken_back_by_each_poll(town: Trial) -> None:
    _finished(town, 1)
    with living(town, LABELLED) as alive:
        alive.run(minutes=10)
        town.jira_site.before = _without_labels
        writes, titles = town.writes().total(), set()
        for _ in range(60):
            alive.run(minutes=2)
            titles.add(_title(town).partition(",")[0])
        assert titles == {"Atlas 2.0: READY", "Atlas 2.0: CAN'T TELL"}
        assert town.writes().total() - writes <= 3
        assert alive.state() == "unknown"


def test_what_is_saved_while_a_release_is_judged_is_judged_next(town: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    _finished(town, 2)
    town.jira.add("SUP", "Sign")
    with living(town, gate("[{tracker: eng, project: ENG, label: x}]", "sign_off: {item: eng/SUP-1}")) as alive:
        town.jira.move("SUP-1", "Done", by="Dana")
        alive.run(minutes=4)
        assert alive.state() == "ready"
        town.jira.move("SUP-1", "To Do", by="Dana")
        honest = judging.judged

        def while_reading(*given: Any) -> Any:
            monkeypatch.undo()
            alive.daemon.run(Job(kind="poll", name="eng", thread="read eng"))
            return honest(*given)

        monkeypatch.setattr(judging, "judged", while_reading)
        alive.daemon.run(Job(kind="settle", name="atlas-2", thread="write eng"))
        assert set(alive.outside.store.touched()) == {"atlas-2"}
        alive.run(minutes=2)
        assert alive.state() == "sign_off_due"


def test_a_launch_issue_that_nobody_looks_at_any_more_gets_old(town: Trial) -> None:
    town.linear.add("MKT", "Launch post", state="Done", labels=["atlas-2"])
    alive = Hung(town, town.configure(gate("[{tracker: gtm, team: MKT, label: atlas-2}]")))
    alive.run(minutes=10)
    assert alive.state() == "ready"
    alive.thread = "read eng"
    town.jira.edit("REL-1", due=(town.clock.at - timedelta(days=1)).date())
    alive.run(hours=8)
    assert alive.state() == "unknown"
    alive.end()


def test_f1_what_one_node_of_an_index_did_not_show_yet_is_looked_at_again(town: Trial) -> None:
    """The probe's node knows the ticket, the node that matches does not: the same stamp is no reason to let it be."""
    _finished(town, 1)
    with living(town, gate("[{tracker: eng, jql: 'project = ENG AND labels = x'}]")) as alive:
        alive.run(minutes=30)
        lagging = Response('{"matches": [{"matchedIssues": [], "errors": []}]}', mimetype="application/json")
        town.jira_site.before = lambda request: lagging if request.path.endswith("/jql/match") else None
        town.jira.add("ENG", "Late", labels=["x"])
        alive.run(minutes=4)
        assert alive.blockers() == []
        town.jira_site.before = None
        alive.run(minutes=4)
        assert alive.blockers() == ["ENG-2"]
