"""The daemon on a virtual clock: how it goes on with what a tracker refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

from tests.living import EACH, living

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from tests.trial import Trial


def _patience(request: Request) -> Response | None:
    """Writes are refused for an hour."""
    if request.method != "PUT":
        return None
    return Response("{}", 429, headers={"Retry-After": "3600"}, mimetype="application/json")


def test_f13_a_summary_whose_tracker_wants_an_hour_of_peace_is_not_tried_each_minute(town: Trial) -> None:
    town.jira.add("ENG", "Merge edits", fix_versions=["Atlas 2.0"])
    with living(town, EACH) as alive:
        town.jira_site.before = _patience
        town.jira.move("ENG-1", "Done", by="Dana")
        alive.run(minutes=5)
        before = alive.jobs("settle", "atlas-2")
        alive.run(minutes=20)
        assert alive.jobs("settle", "atlas-2") - before < 8


def test_a_deleted_summary_is_looked_for_calmly(town: Trial) -> None:
    town.jira.add("ENG", "Merge edits", fix_versions=["Atlas 2.0"])
    with living(town, EACH) as alive:
        (summary,) = town.summaries()
        town.jira.delete(summary["key"])
        town.jira.move("ENG-1", "Done", by="Dana")
        alive.run(minutes=5)
        before = len(town.jira_site.requests)
        alive.run(minutes=30)
        asked = [it.path for it in town.jira_site.requests[before:]]
        # every ten minutes by who would write it, and by who would hear what is said there
        assert sum(path.endswith(f"/issue/{summary['id']}") for path in asked) <= 8


def test_an_account_that_was_another_when_the_daemon_began_is_put_right_without_a_restart(town: Trial) -> None:
    town.jira.add("ENG", "Merge edits", status="Done", fix_versions=["Atlas 2.0"])
    with living(town, EACH) as alive:
        (dana,) = (ident for ident, it in town.jira.users.items() if it["displayName"] == "Dana")
        ours, town.jira.me = town.jira.me, dana
        alive.end()
        alive.begin()
        alive.run(minutes=3)
        assert alive.state() == "unknown"
        town.jira.me = ours
        alive.run(minutes=3)
        assert alive.state() == "ready"
