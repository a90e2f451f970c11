"""The daemon on a virtual clock: what comes in the middle of something else, and clocks that are set, loses nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from unittest import mock

from werkzeug.wrappers import Response

import syncd.daemon
from syncd import claim
from syncd.clock import Leaps
from syncd.settling import settle
from tests.living import Living, gate, living
from tests.trial import START, Clock

if TYPE_CHECKING:
    from datetime import datetime

    import pytest
    from werkzeug.wrappers import Request

    from tests.trial import Trial

LABELLED = gate("[{tracker: eng, project: ENG, label: x}]")
JQL = gate("[{tracker: eng, jql: 'project = ENG AND labels = x'}]")


def _add(town: Trial, number: int, status: str = "Done") -> None:
    for n in range(number):
        town.jira.add("ENG", f"Part {n}", status=status, labels=["x"])


def _down(_: Request) -> Response:
    return Response("{}", 503, mimetype="application/json")


def _refused(request: Request) -> Response | None:
    if "labels = x" not in request.get_data(as_text=True):
        return None
    return Response('{"errorMessages": ["no"]}', 400, mimetype="application/json")


def test_a_poll_that_a_new_configuration_overtakes_ends_with_the_old_one(
    town: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    _add(town, 1)
    alive = Living(town, town.configure(LABELLED, statuses="{doing: [Done]}"))
    real = Clock.__call__
    overtaken: list[bool] = []

    def read(clock: Clock) -> datetime:
        if not overtaken:
            overtaken.append(True)
            alive.reload(town.configure(LABELLED))
        return real(clock)

    try:
        alive.run(minutes=10)
        assert alive.state() == "on_track"
        monkeypatch.setattr(Clock, "__call__", read)  # among the first things that a job does
        alive.do("poll", "eng")
        alive.run(minutes=10)
        assert alive.state() == "ready"
    finally:
        alive.end()


def test_a_change_of_the_summary_that_comes_while_it_is_settled_is_visited_afterwards(
    town: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    _add(town, 1, "To Do")
    with living(town, LABELLED) as alive:
        alive.run(minutes=10)
        (summary,) = town.summaries()
        title = summary["fields"]["summary"]
        changed: list[bool] = []

        def settled(*args: Any, **more: Any) -> Any:
            passed = settle(*args, **more)
            if not changed:
                changed.append(True)
                town.jira.edit(summary["key"], summary="Mine now")
                alive.do("poll", "eng")
            return passed

        alive.do("sweep", "eng")  # a visit is due
        monkeypatch.setattr(syncd.daemon, "settle", settled)
        alive.do("settle", "atlas-2")
        assert changed
        alive.run(minutes=2)
        assert town.summaries()[0]["fields"]["summary"] == title


def test_a_deletion_that_was_named_while_the_gate_could_not_be_read_is_believed_once_it_can(town: Trial) -> None:
    _add(town, 6)
    _add(town, 1, "To Do")
    with living(town, JQL) as alive:
        town.jira_site.before = _refused
        town.jira.edit("ENG-1", summary="Other")
        alive.run(minutes=3)
        gone = town.jira.find("ENG-7") or ""
        town.jira.delete("ENG-7")
        alive.hint("eng", deleted=[gone])
        alive.run(minutes=1)
        town.jira_site.before = None
        alive.run(minutes=6)
        assert (alive.state(), alive.gate()["total"]) == ("ready", 6)


def test_a_ticket_that_stays_vanished_is_looked_for_no_more_often_as_time_goes_by(town: Trial) -> None:
    _add(town, 9, "To Do")
    with living(town, LABELLED, sweep="20m") as alive:
        town.jira.hide("ENG-1")
        alive.run(hours=1)
        looks = alive.jobs("look")
        assert 0 < looks <= 2
        alive.run(hours=3)
        assert alive.jobs("look") == looks


def test_a_second_look_that_falls_into_a_short_outage_is_made_afterwards(town: Trial) -> None:
    _add(town, 3)
    with living(town, LABELLED) as alive:
        ident = town.jira.find("ENG-1") or ""
        town.jira.delete("ENG-1")
        alive.hint("eng", ident)
        alive.run(minutes=4, seconds=40)
        town.jira_site.before = _down
        alive.run(minutes=1)
        town.jira_site.before = None
        alive.run(minutes=2)
        assert alive.gate()["total"] == 2


def test_a_hint_that_named_nothing_is_not_lost_to_an_outage(town: Trial) -> None:
    _add(town, 1, "To Do")
    with living(town, LABELLED) as alive:
        town.jira_site.before = _down
        alive.hint("eng")
        alive.do("look", "eng")
        town.jira_site.before, looks = None, len(town.jira_site.requests)
        town.jira.move("ENG-1", "In Progress", by="Dana")
        alive.do("look", "eng")
        assert len(town.jira_site.requests) > looks
        assert alive.blockers() == ["ENG-1"]


def test_a_sweep_that_failed_or_had_no_right_is_made_up_for_a_poll_later(town: Trial) -> None:
    _add(town, 3, "To Do")
    with living(town, LABELLED) as alive:
        town.jira.hide("ENG-1")
        town.jira_site.before = _down
        alive.do("sweep", "eng")
        town.jira_site.before = None
        with (
            mock.patch.object(claim, "_OURS", "elsewhere 1 ffff"),
            claim.Claim("read eng", alive.outside.store, town.clock, town.clock.wait),
        ):
            ours = alive.jobs("sweep")
            alive.run(seconds=70)
        assert alive.jobs("sweep") == ours + 1
        alive.run(seconds=70)
        assert alive.outside.store.missed_of("eng")


def test_f27_a_clock_that_is_set_back_while_we_run_holds_up_neither_a_visit_nor_the_first_word(town: Trial) -> None:
    _add(town, 1)
    with living(town, LABELLED) as alive:
        alive.run(minutes=5)
        (summary,) = town.summaries()
        town.clock.pass_by(minutes=-30)
        alive.clock_was_set()
        town.jira.edit(summary["key"], summary="Mine now")
        settles = alive.jobs("settle", "atlas-2")
        alive.run(minutes=3)
        assert town.summaries()[0]["fields"]["summary"] != "Mine now"
        assert alive.jobs("settle", "atlas-2") - settles < 20


def test_f27_a_clock_that_was_set_is_noticed_once_and_one_that_runs_is_not() -> None:
    passed = ahead_of = timedelta()
    leaps = Leaps(lambda: START + ahead_of + passed, lambda: passed)
    for ahead, noticed in ((0, False), (-7200, True), (-7200, False), (-7230, False), (-7270, True), (0, True)):
        passed += timedelta(hours=1)
        ahead_of = timedelta(seconds=ahead)
        assert leaps.noticed() is noticed, ahead
