"""The daemon on a virtual clock: what leaves, what hides, and what joins without a word. Nothing that only cannot be
seen may look like work that is done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from werkzeug.wrappers import Response

from syncd.sandbox.jira import shapes
from tests.living import ENG, Living, gate, living

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Request

    from tests.trial import Trial

SWEEP = "10m"
LABELLED = gate("[{tracker: eng, project: ENG, label: x}]")
JQL = gate("[{tracker: eng, jql: 'project = ENG AND labels = x'}]")
LINEAR = gate("[{tracker: gtm, team: MKT, label: atlas-2}]")
QUERIES = pytest.mark.parametrize("releases", [LABELLED, JQL])


def _done(town: Trial, number: int = 1) -> None:
    """So many finished tickets of ENG."""
    for n in range(number):
        town.jira.add("ENG", f"Part {n}", status="Done", labels=["x"], fix_versions=["Atlas 2.0"])


def _counts(alive: Living) -> tuple[int, int]:
    found = alive.gate()
    return found["done"], found["total"]


def _never_ready(alive: Living, minutes: int) -> None:
    for _ in range(minutes):
        alive.run(minutes=1)
        assert alive.state() != "ready", alive.trial.clock.at


@QUERIES
def test_f8_a_deleted_finished_item_leaves_at_the_second_look_five_minutes_later(town: Trial, releases: str) -> None:
    _done(town, 2)
    with living(town, releases) as alive:
        alive.run(minutes=2)
        ident = town.jira.find("ENG-1") or ""
        town.jira.delete("ENG-1")
        alive.hint("eng", ident)
        alive.run(minutes=4, seconds=50)
        assert _counts(alive) == (2, 2)
        alive.run(seconds=20)
        assert _counts(alive) == (1, 1)


def test_f8_the_second_look_is_made_though_other_tickets_are_named_meanwhile(town: Trial) -> None:
    _done(town, 3)
    with living(town, LABELLED) as alive:
        alive.run(minutes=2)
        ident, other = town.jira.find("ENG-1") or "", town.jira.find("ENG-2") or ""
        town.jira.delete("ENG-1")
        alive.hint("eng", ident)
        for _ in range(3):
            alive.run(minutes=1)
            alive.hint("eng", other)
        alive.run(minutes=2, seconds=10)
        assert _counts(alive) == (2, 2)


def test_f8_the_second_look_is_made_though_a_hint_names_nothing_at_that_moment(town: Trial) -> None:
    _done(town, 3)
    with living(town, LABELLED) as alive:
        alive.run(minutes=2)
        ident = town.jira.find("ENG-1") or ""
        town.jira.delete("ENG-1")
        alive.hint("eng", ident)
        alive.run(minutes=4, seconds=59)
        town.clock.pass_by(seconds=2)
        alive.hint("eng")
        alive.run(seconds=5)
        assert _counts(alive) == (2, 2)


def test_f8_a_delete_webhook_counts_beside_one_that_names_nothing(town: Trial) -> None:
    _done(town, 5)
    town.jira.add("ENG", "Lost", labels=["x"])
    with living(town, LABELLED) as alive:
        ident = town.jira.find("ENG-6") or ""
        town.jira.delete("ENG-6")
        town.jira.move("ENG-5", "In Progress", by="Dana")
        alive.hint("eng", deleted=[ident])
        alive.hint("eng")
        alive.run(seconds=5)
        assert (alive.blockers(), _counts(alive)) == (["ENG-5"], (4, 5))


@QUERIES
def test_f8_a_deleted_unfinished_item_cannot_be_told_until_a_webhook_says_that_it_was_deleted(
    town: Trial, releases: str
) -> None:
    _done(town, 5)
    town.jira.add("ENG", "Lost", labels=["x"])
    with living(town, releases, sweep=SWEEP) as alive:
        ident = town.jira.find("ENG-6") or ""
        town.jira.delete("ENG-6")
        alive.run(minutes=12)
        assert alive.state() == "unknown"
        _never_ready(alive, 15)
        alive.hint("eng", deleted=[ident])
        alive.run(seconds=2)
        assert alive.state() != "unknown"
        alive.run(minutes=3)
        assert alive.state() == "ready"


def test_f8_a_linear_issue_that_was_deleted_for_good_leaves_likewise(town: Trial) -> None:
    for _ in range(4):
        town.linear.add("MKT", "Post", state="Done", labels=["atlas-2"])
    with living(town, LINEAR) as alive:
        ident = town.linear.find_issue("MKT-1")["id"]
        town.linear.delete("MKT-1")
        alive.hint("gtm", deleted=[ident])
        alive.run(minutes=1)
        assert _counts(alive) == (3, 3)


@QUERIES
def test_f9_a_project_that_is_hidden_cannot_be_told_and_stays_so_between_two_censuses(
    town: Trial, releases: str
) -> None:
    _done(town, 5)
    with living(town, releases, sweep=SWEEP) as alive:
        assert alive.state() == "ready"
        town.jira.private.add("ENG")
        alive.run(minutes=12)
        assert alive.state() == "unknown"
        _never_ready(alive, 25)
        assert alive.gate()["total"] == 5
        town.jira.private.clear()
        alive.run(minutes=14)
        assert alive.state() == "ready"


def test_f9_a_hidden_team_cannot_be_told(town: Trial) -> None:
    for _ in range(4):
        town.linear.add("MKT", "Post", state="Done", labels=["atlas-2"])
    with living(town, LINEAR) as alive:
        assert alive.state() == "ready"
        town.linear.hidden_teams.add("MKT")
        alive.run(minutes=62)
        assert alive.state() == "unknown"
        _never_ready(alive, 62)
        assert alive.gate()["total"] == 4


@pytest.mark.parametrize("status", [401, 403])
def test_a_tracker_that_refuses_us_cannot_be_told_at_once_and_is_ready_again_afterwards(
    town: Trial, status: int
) -> None:
    _done(town)
    with living(town, LABELLED) as alive:
        town.jira_site.before = lambda _: Response("{}", status, mimetype="application/json")
        alive.run(minutes=1)
        assert alive.state() == "unknown"
        _never_ready(alive, 5)
        town.jira_site.before = None
        alive.run(minutes=5)
        assert alive.state() == "ready"


def test_f9_an_anonymous_answer_of_200_with_nothing_in_it_cannot_be_told(town: Trial) -> None:
    _done(town, 2)
    with living(town, LABELLED, sweep=SWEEP) as alive:
        town.jira_site.before = _anonymous
        alive.run(minutes=1)
        assert alive.state() == "unknown"
        _never_ready(alive, 15)
        assert alive.gate()["total"] == 2


def _anonymous(request: Request) -> Response | None:
    """As a proxy that lost our name on the way lets a public site answer."""
    if request.path.endswith("/serverInfo"):
        return None
    body = '{"errorMessages":["Client must be authenticated"]}' if request.path.endswith("/myself") else '{"issues":[]}'
    status = 401 if request.path.endswith("/myself") else 200
    return Response(body, status, headers={"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}, mimetype="application/json")


def test_another_account_cannot_tell_and_nothing_leaves_by_its_answers(town: Trial) -> None:
    _done(town, 2)
    with living(town, LABELLED, sweep=SWEEP) as alive:
        me = town.jira.me
        town.jira.me = town.jira.user("Stranger", "stranger@acme.example")
        town.jira.private.add("ENG")
        alive.run(minutes=1)
        assert alive.state() == "unknown"
        _never_ready(alive, 25)
        assert alive.gate()["total"] == 2
        town.jira.me = me
        town.jira.private.clear()
        alive.run(minutes=5)
        assert alive.state() == "ready"


@QUERIES
def test_f9_many_tickets_that_vanish_at_once_cannot_be_told_and_none_is_dropped(town: Trial, releases: str) -> None:
    _done(town, 8)
    with living(town, releases, sweep=SWEEP) as alive:
        for n in range(1, 5):
            town.jira.hide(f"ENG-{n}")
        alive.run(minutes=12)
        assert alive.state() == "unknown"
        _never_ready(alive, 25)
        for n in range(1, 5):
            town.jira.show(f"ENG-{n}")
        alive.run(minutes=14)
        assert (alive.state(), _counts(alive)) == ("ready", (8, 8))


def _delete_version(town: Trial) -> None:
    """Jira takes a deleted version from every issue and bumps each."""
    town.jira.project_versions["ENG"].clear()
    for key in [row["key"] for row in town.jira.issues.values() if row["key"].startswith("ENG-")]:
        town.jira.edit(key, fix_versions=[])


def _rename_version(town: Trial) -> None:
    for row in town.jira.project_versions["ENG"]:
        row["name"] = "Atlas 2.0 (old)"


@pytest.mark.parametrize("lose", [_delete_version, _rename_version])
def test_f9_a_fix_version_that_was_deleted_or_renamed_takes_no_unfinished_work_along(
    town: Trial, lose: Callable[[Trial], None]
) -> None:
    town.jira.add("ENG", "Marked", status="Done", labels=["atlas-2"])
    for n in range(9):
        town.jira.add("ENG", f"Part {n}", fix_versions=["Atlas 2.0"])
    with living(town, gate(ENG), sweep=SWEEP) as alive:
        lose(town)
        _never_ready(alive, 25)
        assert alive.state() == "unknown"


def test_f9_a_label_that_was_taken_from_many_tickets_at_once_is_read_completely_before_it_is_believed(
    town: Trial,
) -> None:
    _done(town)
    for n in range(9):
        town.jira.add("ENG", f"Part {n}", labels=["x"])
    with living(town, LABELLED) as alive:
        for n in range(2, 11):
            town.jira.edit(f"ENG-{n}", labels=[])
        alive.run(minutes=1)
        assert _counts(alive) == (1, 1)
        assert alive.jobs("sweep") == 1


def test_f9_a_renamed_label_of_linear_takes_no_unfinished_work_along(town: Trial) -> None:
    town.linear.add("MKT", "Post", state="Done", labels=["atlas-2"])
    for n in range(9):
        town.linear.add("MKT", f"Part {n}", labels=["atlas-2"])
    with living(town, LINEAR) as alive:
        for row in town.linear.labels.values():
            row["name"] = "atlas-2-old"
        town.linear.version += 1
        for _ in range(13):
            alive.run(minutes=10)
            assert alive.state() != "ready", alive.trial.clock.at


def test_f21_an_archived_finished_item_is_still_done_and_a_trashed_one_is_gone(town: Trial) -> None:
    for _ in range(6):
        town.linear.add("MKT", "Post", state="Done", labels=["atlas-2"])
    town.linear.add("MKT", "Unwanted", labels=["atlas-2"])
    with living(town, LINEAR) as alive:
        town.linear.archive("MKT-1")
        ident = town.linear.find_issue("MKT-7")["id"]
        town.linear.trash("MKT-7")
        alive.run(minutes=3)
        assert (alive.state(), _counts(alive)) == ("unknown", (6, 7))
        alive.hint("gtm", deleted=[ident])
        alive.run(minutes=62)
        assert (alive.state(), _counts(alive)) == ("ready", (6, 6))


def test_f16_an_item_that_moves_to_another_project_is_the_same_item_under_its_new_key(town: Trial) -> None:
    _done(town, 4)
    town.jira.add("ENG", "Merge edits", labels=["x"])
    with living(town, gate("[{tracker: eng, label: x}]"), sweep=SWEEP) as alive:
        key = town.jira.transfer("ENG-5", "SUP")
        alive.run(minutes=1)
        assert alive.blockers() == [key]
        alive.run(minutes=12)
        assert (alive.blockers(), alive.gate()["total"]) == ([key], 5)


@QUERIES
def test_f16_an_item_that_moves_out_of_the_gates_project_leaves(town: Trial, releases: str) -> None:
    _done(town, 4)
    town.jira.add("ENG", "Merge edits", labels=["x"])
    with living(town, releases) as alive:
        assert alive.state() != "ready"
        town.jira.transfer("ENG-5", "SUP")
        alive.run(minutes=3)
        assert (alive.state(), _counts(alive)) == ("ready", (4, 4))


def test_f16_a_linear_issue_that_moves_to_another_team_leaves_its_gate(town: Trial) -> None:
    town.linear.team("DOC", "Documentation")
    town.linear.add("MKT", "Post", state="Done", labels=["atlas-2"])
    town.linear.add("MKT", "Guide", labels=["atlas-2"])
    with living(town, LINEAR) as alive:
        town.linear.transfer("MKT-2", "DOC")
        alive.run(minutes=3)
        assert (alive.state(), _counts(alive)) == ("ready", (1, 1))


def test_an_item_that_joins_without_a_time_stamp_is_found_by_the_census(town: Trial) -> None:
    _done(town)
    town.jira.add("ENG", "Merge edits", labels=["x"])
    town.jira.hide("ENG-2")
    with living(town, LABELLED, sweep=SWEEP) as alive:
        alive.run(minutes=13)
        assert alive.state() == "ready"
        town.jira.show("ENG-2")
        alive.run(minutes=11)
        assert alive.blockers() == ["ENG-2"]


def test_a_status_that_means_something_else_now_is_read_anew_at_the_census(town: Trial) -> None:
    _done(town)
    with living(town, LABELLED, sweep=SWEEP) as alive:
        assert alive.state() == "ready"
        row = town.jira.status_rows[town.jira.statuses["Done"][0]]
        row["statusCategory"] = shapes.category("indeterminate")
        alive.run(minutes=12)
        assert alive.blockers() == ["ENG-1"]


def test_statuses_that_jira_does_not_list_blind_nobody_and_what_was_told_of_them_is_kept(town: Trial) -> None:
    _done(town)
    with living(town, LABELLED, sweep=SWEEP) as alive:
        assert alive.state() == "ready"
        known = alive.outside.store.tracker("eng")
        town.jira_site.before = lambda request: (
            Response("{}", status=403, content_type="application/json") if request.path.endswith("/status") else None
        )
        alive.run(minutes=23)
        assert alive.state() == "ready"
        told = alive.outside.store.tracker("eng")
        assert known is not None
        assert told is not None
        assert known.words == told.words != ""


def test_a_subtree_that_is_moved_by_its_parent_follows_it(town: Trial) -> None:
    _done(town)
    town.jira.add("ENG", "Epic", type="Epic")
    town.jira.add("ENG", "Story", parent="ENG-2")
    town.jira.add("ENG", "Other epic", type="Epic")
    town.jira.add("ENG", "Deep", parent="ENG-4")
    with living(town, gate("[{tracker: eng, epic: ENG-2}]"), sweep=SWEEP) as alive:
        assert alive.blockers() == ["ENG-3"]
        town.jira.edit("ENG-5", parent="ENG-2")
        town.jira.edit("ENG-3", parent=None)
        alive.run(minutes=1)
        assert alive.blockers() == ["ENG-5"]
