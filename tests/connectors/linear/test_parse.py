from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.linear import parse
from mapping.item import Item, Progress

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def issue(**changes: Any) -> dict[str, Any]:
    made = {
        "id": "4a84eb03-8d1f-49b7-8d2b-9deb1beb3711",
        "identifier": "DOC-1",
        "url": "https://linear.example/acme/issue/DOC-1",
        "title": "Write the guide",
        "priority": 2,
        "createdAt": "2026-11-01T08:00:00.000Z",
        "updatedAt": "2026-11-20T08:00:00.000Z",
        "archivedAt": None,
        "trashed": None,
        "startedAt": "2026-11-10T08:00:00.000Z",
        "completedAt": None,
        "canceledAt": None,
        "state": {"id": "s1", "name": "In Progress", "type": "started"},
        "team": {"key": "DOC", "visibility": "public"},
        "labels": {"nodes": [{"name": "launch"}, {"name": "atlas"}], "pageInfo": {"hasNextPage": False}},
        "assignee": {"name": "Lee Wong"},
        "parent": {"id": "p1"},
    }
    return made | changes


def read(raw: Any, statuses: Mapping[str, str] | None = None) -> Item:
    return parse.item(raw, tracker="gtm", statuses=statuses or {}, now=NOW)


def state(kind: str, name: str = "Whatever") -> dict[str, Any]:
    return {"state": {"id": "s1", "name": name, "type": kind}}


@given(JSON)
def test_no_payload_whatever_makes_it_raise(raw: Any) -> None:
    assert isinstance(read(raw), Item)
    parse.account(raw, "gtm")
    parse.move(raw, "gtm")


@given(st.sampled_from(sorted(issue())), JSON)
def test_one_field_of_any_shape_makes_nothing_raise_and_what_is_kept_can_be_stored(name: str, value: Any) -> None:
    found = read(issue(**{name: value}))
    json.dumps([found.id, found.key, found.url, found.title, found.status, found.labels]).encode()
    assert "\0" not in found.title


def test_recorded_bodies_are_read(payloads: Path) -> None:
    files = sorted((payloads / "trigger.dev-linear").glob("*.json"))
    bodies = {file.stem: json.loads(file.read_text(encoding="utf-8"))["data"] for file in files}
    assert len(bodies) > 20
    for body in bodies.values():
        assert isinstance(read(body), Item)
    found = read({**bodies["IssueUpdated"], "url": "https://x", "identifier": "TRI-1", "labels": {"nodes": []}})
    assert (found.progress, found.status, found.priority, found.problem) == (Progress.TODO, "Todo", 2, "")


@pytest.mark.parametrize(
    ("kind", "progress"),
    [
        ("triage", Progress.TODO),
        ("backlog", Progress.TODO),
        ("unstarted", Progress.TODO),
        ("started", Progress.DOING),
        ("completed", Progress.DONE),
        ("canceled", Progress.DROPPED),
        ("duplicate", Progress.DROPPED),
    ],
)
def test_the_type_of_a_state_decides_the_progress(kind: str, progress: Progress) -> None:
    assert read(issue(**state(kind))).progress is progress


def test_a_state_of_an_unknown_type_is_not_guessed() -> None:
    found = read(issue(**state("paused", "Done")))
    assert found.progress is None
    assert "paused" in found.problem


def test_a_name_decides_nothing_and_a_contradiction_is_told() -> None:
    found = read(issue(**state("unstarted", "Done")))
    assert found.progress is Progress.TODO
    assert '"Done"' in found.remark
    assert found.problem == ""


@pytest.mark.parametrize("key", ["Parked", "parked", "s1"])
def test_the_file_may_override_a_state_by_name_or_id(key: str) -> None:
    assert read(issue(**state("started", "Parked")), {key: "dropped"}).progress is Progress.DROPPED


@pytest.mark.parametrize(("told", "known"), [(0, None), (1, 1), (4.0, 4), (5, None), (True, None), ("1", None)])
def test_no_priority_is_unknown_not_low(told: Any, known: int | None) -> None:
    assert read(issue(priority=told)).priority == known


@pytest.mark.parametrize(("visibility", "restricted"), [("public", False), ("private", True), ("restricted", True)])
def test_an_issue_of_a_team_that_not_everybody_sees_is_restricted(visibility: str, restricted: bool) -> None:  # noqa: FBT001  # a table
    assert read(issue(team={"key": "DOC", "visibility": visibility})).restricted is restricted


def test_an_issue_whose_team_is_not_told_is_taken_for_restricted() -> None:
    assert read(issue(team=None)).restricted


def test_f21_an_archived_finished_issue_is_still_done() -> None:
    found = read(issue(archivedAt="2026-11-20T08:00:00.000Z", **state("completed")))
    assert (found.progress, found.problem) == (Progress.DONE, "")


@pytest.mark.parametrize("field", ["identifier", "url", "title", "updatedAt", "labels"])
def test_a_missing_field_is_a_problem_of_that_issue(field: str) -> None:
    assert field in read(issue(**{field: None})).problem


def test_a_stamp_ahead_of_linears_own_clock_is_a_problem() -> None:
    within, beyond = NOW + timedelta(minutes=5), NOW + timedelta(minutes=5, seconds=1)
    assert read(issue(updatedAt=within.isoformat())).problem == ""
    problem = read(issue(updatedAt=beyond.isoformat())).problem
    assert "ahead" in problem
    later = parse.item(issue(updatedAt=beyond.isoformat()), tracker="gtm", statuses={}, now=NOW - timedelta(minutes=1))
    assert later.problem == problem, "the same words while it lasts"


def test_when_it_moved_is_known_but_for_moves_back_to_todo() -> None:
    done = issue(completedAt="2026-11-15T08:00:00.000Z", **state("completed"))
    assert read(done).moved_at == datetime(2026, 11, 15, 8, tzinfo=UTC)
    assert read(issue(**state("unstarted"))).moved_at is None


def test_a_long_title_is_cut_and_odd_characters_can_be_stored() -> None:
    assert len(read(issue(title="x" * 10_000)).title) == 1000
    assert read(issue(title="a\0b\ud800")).title == "a\ufffdb?"


@pytest.mark.parametrize(
    ("creator", "name"),
    [({"name": "Lee Wong"}, "Lee Wong"), (None, None), ({}, None), ({"name": ""}, None), ("Lee", None), (7, None)],
)
def test_who_made_an_item_is_told_where_linear_tells_it(creator: object, name: str | None) -> None:
    assert read(issue(creator=creator)).creator == name
    assert read(issue()).creator is None
