"""Payloads → items: total on anything, right on what Jira really says."""

from __future__ import annotations

import csv
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.jira.parse import FIELDS, Terms, account, moves, parse, time
from mapping.gate import Blockers
from mapping.item import Item, Progress

ROOT = Path(__file__).resolve().parents[3]
PAYLOADS = Path(os.environ.get("SYNCD_PAYLOADS", ROOT.parent / "shared" / "payloads"))
NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
TERMS = Terms(tracker="eng", browse="https://acme.example", now=NOW)

needs_payloads = pytest.mark.skipif(not PAYLOADS.is_dir(), reason=f"recorded payloads are not at {PAYLOADS}")


def issue(**fields: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "summary": "Write the guide",
        "status": status("In Progress", "indeterminate"),
        "issuetype": {"id": "10002", "name": "Task"},
        "labels": [],
        "resolution": None,
        "created": "2026-11-30T09:00:00.000+0000",
        "updated": "2026-11-30T09:00:00.000+0000",
    }
    return {"id": "10001", "key": "ENG-1", "fields": {**plain, **fields}}


def status(name: str, key: Any, number: Any = None, status_id: str = "7") -> dict[str, Any]:
    ids = {"undefined": 1, "new": 2, "done": 3, "indeterminate": 4}
    return {"id": status_id, "name": name, "statusCategory": {"id": number or ids.get(key, 9), "key": key}}


def read(**fields: Any) -> Item:
    return parse(issue(**fields), TERMS)


@pytest.mark.parametrize(
    ("key", "progress"),
    [
        ("new", Progress.TODO),
        ("undefined", Progress.TODO),
        ("indeterminate", Progress.DOING),
        ("done", Progress.DONE),
    ],
)
def test_progress_is_the_categorys_key(key: str, progress: Progress) -> None:
    item = read(status=status("Irgendwas", key))
    assert (item.progress, item.problem, item.remark) == (progress, "", "")


@pytest.mark.parametrize("key", ["in-flight", "", None, 3, ["done"], {"a": 1}])
def test_a_category_that_nobody_knows_is_not_guessed(key: Any) -> None:
    item = parse(issue(status={"id": "7", "name": "Parked", "statusCategory": {"id": 9, "key": key}}), TERMS)
    assert item.progress is None
    assert '"Parked"' in item.problem
    assert "statuses:" in item.problem


@pytest.mark.parametrize(
    "name", ["Won't Do", "Won\u2019t Do", "won't fix", "Duplicate", "Cannot Reproduce", "Declined"]
)
def test_done_without_doing_it_is_dropped(name: str) -> None:
    done = status("Done", "done")
    assert read(status=done, resolution={"id": "99", "name": name}).progress is Progress.DROPPED
    assert read(status=done, resolution={"id": "99", "name": "Fixed"}).progress is Progress.DONE
    assert read(status=status("To Do", "new"), resolution={"id": "99", "name": name}).progress is Progress.TODO


def test_f24_a_classic_resolution_is_known_by_its_id_in_any_language() -> None:
    assert read(status=status("完成", "done"), resolution={"id": "2", "name": "不解决"}).progress is Progress.DROPPED


@pytest.mark.parametrize("word", ["parked", "7"])
def test_the_file_overrides_a_status_by_name_or_id(word: str) -> None:
    terms = Terms(tracker="eng", browse="https://x.example", statuses={word: Progress.DROPPED})
    item = parse(issue(status=status("Parked", "nonsense"), statuscategorychangedate="2026-11-01T00:00:00Z"), terms)
    assert (item.progress, item.problem, item.moved_at) == (Progress.DROPPED, "", None)


def test_a_category_at_odds_with_itself_is_decided_by_its_key_and_said() -> None:
    item = read(status=status("已完成", "new", number=3))
    assert item.progress is Progress.TODO
    assert item.remark == (
        'The category of status "已完成" has the key "new" and the id of "done": it counts as todo; '
        "to decide otherwise, name the status under `statuses:` of this tracker."
    )


@pytest.mark.parametrize("name", ["Done", "closed", "Resolved", "已完成", "完成"])
def test_a_name_that_sounds_finished_decides_nothing_and_is_said(name: str) -> None:
    item = read(status=status(name, "new"))
    assert item.progress is Progress.TODO
    assert f'"{name}" sounds finished' in item.remark


DANA, KIM = {"accountId": "1", "displayName": "Dana"}, {"key": "kim", "displayName": "Kim"}


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"creator": DANA, "reporter": KIM}, "Dana"),
        ({"creator": None, "reporter": KIM}, "Kim"),
        ({"reporter": KIM}, "Kim"),
        ({"creator": "Dana", "reporter": 7}, None),
        ({}, None),
    ],
)
def test_who_made_an_item_is_told_or_nobody(fields: dict[str, Any], name: str | None) -> None:
    item = read(**fields)
    assert (item.creator, item.problem) == (name, "")


@pytest.mark.parametrize(
    ("stamp", "instant"),
    [
        ("2024-07-31T14:34:31.027-0300", datetime(2024, 7, 31, 17, 34, 31, 27000, tzinfo=UTC)),
        ("2024-07-31T14:34:31.027+0530", datetime(2024, 7, 31, 9, 4, 31, 27000, tzinfo=UTC)),
        ("2024-07-31T14:34:31Z", datetime(2024, 7, 31, 14, 34, 31, tzinfo=UTC)),
        ("2024-07-31T14:34:31", None),
        ("yesterday", None),
        ("0001-01-01T00:00:00+1400", None),
        (17, None),
        ("9" * 400, None),
    ],
)
def test_f2_times_are_the_same_instant_in_utc(stamp: Any, instant: datetime | None) -> None:
    assert time(stamp) == instant


def test_f27_a_time_ahead_of_the_trackers_clock_is_a_problem() -> None:
    assert "ahead" in read(updated="2026-12-01T09:05:01.000+0000").problem
    assert read(updated="2026-12-01T09:05:00.000+0000").problem == ""
    assert parse(issue(updated="2030-01-01T00:00:00.000+0000"), Terms(tracker="t", browse="")).problem == ""


@pytest.mark.parametrize(
    ("broken", "word"),
    [
        ({"summary": None}, "summary"),
        ({"status": None}, "status"),
        ({"issuetype": 7}, "issuetype"),
        ({"labels": "launch"}, "labels"),
        ({"labels": [None]}, "labels"),
        ({"updated": "soon"}, "updated"),
    ],
)
def test_f23_what_is_missing_is_a_problem_of_that_item(broken: dict[str, Any], word: str) -> None:
    assert word in read(**broken).problem


def untold(name: str, **fields: Any) -> Item:
    """An item of whose payload this field is missing."""
    raw = issue(**fields)
    del raw["fields"][name]
    return parse(raw, TERMS)


@pytest.mark.parametrize("name", ["summary", "status", "issuetype"])
def test_f23_a_field_that_every_issue_has_and_that_is_not_told_is_a_problem(name: str) -> None:
    assert name in untold(name).problem


@pytest.mark.parametrize("name", ["created", "updated"])
def test_f23_a_time_that_is_not_told_is_unknown_and_no_problem(name: str) -> None:
    assert untold(name).problem == ""


def test_f23_where_no_resolution_is_told_the_page_says_how_done_was_counted_unless_the_file_decides() -> None:
    done = status("Done", "done", status_id="9")
    found = untold("resolution", status=done)
    assert (found.progress, found.problem, "statuses:" in found.remark) == (Progress.DONE, "", True)
    assert untold("resolution", status=status("To Do", "new")).remark == ""
    terms = Terms(tracker="eng", browse="https://x.example", statuses={"9": Progress.DONE})
    raw = issue(status=done)
    del raw["fields"]["resolution"]
    assert (parse(raw, terms).progress, parse(raw, terms).remark) == (Progress.DONE, "")


@pytest.mark.parametrize("labels", [None, "launch", ["launch", None], [f"l{n}" for n in range(201)]])
def test_f23_labels_that_are_not_told_whole_are_unknown_and_block(labels: Any) -> None:
    blockers = Blockers(labels=frozenset({"launch-blocker"}))
    assert read(labels=labels).labels is None
    assert blockers.include(read(labels=labels))
    assert untold("labels").labels is None
    assert untold("labels").problem == ""
    assert blockers.include(untold("labels"))
    assert not blockers.include(read(labels=["other"]))


def test_f23_what_kind_of_issue_it_is_or_how_urgent_blocks_when_it_is_not_told() -> None:
    assert Blockers(types=frozenset({"Bug"})).include(untold("issuetype"))
    assert not Blockers(types=frozenset({"Bug"})).include(read())
    assert Blockers(priority=1).include(read(priority=None))


def test_priorities_are_ranked_by_name_then_by_the_ids_that_every_jira_has() -> None:
    ranked = [
        read(priority={"id": "9", "name": name}).priority for name in ("Blocker", "High", "Major", "low", "Trivial")
    ]
    assert ranked == [1, 2, 3, 4, 5]
    assert read(priority={"id": "2", "name": "重要"}).priority == 2
    assert read(priority={"id": "10100", "name": "Whenever"}).priority is None
    assert read(priority=None).priority is None


def test_what_not_everybody_may_see_is_restricted() -> None:
    assert read(security={"id": "1", "name": "Legal only"}).restricted
    assert read(issuerestriction={"issuerestrictions": {"projectrole": [{"id": 1}]}}).restricted
    assert not read(security=None, issuerestriction={"issuerestrictions": {}}).restricted


def test_a_title_is_text_and_nothing_that_a_store_or_a_page_chokes_on() -> None:
    item = read(summary="a\0b\ud800c\u202e{panel}" + "x" * 10_000)
    assert item.title.startswith("a\ufffdb?c\u202e{panel}x")
    assert len(item.title) <= 1000
    item.title.encode()


def test_links_lead_to_the_browse_page_and_nowhere_else() -> None:
    raw = issue()
    raw["key"] = "../evil?x=1#"
    assert parse(raw, TERMS).url == "https://acme.example/browse/..%2Fevil%3Fx%3D1%23"


def test_moves_are_the_changes_of_status_oldest_first() -> None:
    author = {"accountId": "a1", "displayName": "Ana"}
    change = {"field": "status", "to": "3", "toString": "In Progress"}
    later = {"id": "11", "created": "2026-11-02T00:00:00.000+0000", "author": author, "items": [change]}
    first = {"id": "9", "created": "2026-11-01T00:00:00.000+0000", "author": None, "items": [change]}
    other = {"id": "10", "created": "2026-11-01T12:00:00.000+0000", "items": [{"field": "labels"}]}
    found = moves([later, other, first, {"id": "x", "created": None, "items": [change]}, 7], "eng")
    assert [(move.id, move.status, move.status_id) for move in found] == [
        ("9", "In Progress", "3"),
        ("11", "In Progress", "3"),
    ]
    assert found[0].by is None
    assert found[1].by is not None
    assert found[1].by.id == "a1"


def recorded() -> list[Any]:
    """Every issue of the recorded payloads: search answers, webhook bodies and rows of a data lake."""
    found: list[Any] = []
    for path in sorted(PAYLOADS.rglob("*.json")):
        try:
            body = json.loads(path.read_text(encoding="utf-8-sig"))
        except ValueError:
            continue  # some were recorded because they are no JSON
        if isinstance(body, dict):
            found += [body, body.get("issue"), *(body.get("issues") or [])]
    csv.field_size_limit(sys.maxsize)
    for path in sorted(PAYLOADS.rglob("*issue*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as rows:
            found += [json.loads(row["data"]) for row in csv.DictReader(rows) if row.get("data")]
    return found


@needs_payloads
def test_every_recorded_payload_is_read_without_a_fault() -> None:
    items = [parse(raw, TERMS) for raw in recorded()]
    whole = [item for item in items if item.id and item.key and item.progress]
    assert len(items) > 200
    assert len(whole) > 60
    assert {item.progress for item in whole} >= {Progress.TODO, Progress.DOING, Progress.DONE}


@needs_payloads
def test_the_real_site_with_a_done_status_in_the_wrong_category_is_read_by_the_key_and_said() -> None:
    odd = [item for item in (parse(raw, TERMS) for raw in recorded()) if item.remark]
    assert {item.progress for item in odd if item.status == "已完成"} == {Progress.TODO}
    assert all("statuses:" in item.remark for item in odd)


WORDS = st.sampled_from(
    [
        "id",
        "key",
        "fields",
        "summary",
        "status",
        "statusCategory",
        "name",
        "done",
        "new",
        "labels",
        "created",
        "priority",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | WORDS,
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(WORDS | st.text(max_size=5), inside, max_size=6),
    max_leaves=25,
)
FIELD = dict.fromkeys(FIELDS, JSON)
NEAR = st.fixed_dictionaries(
    {},
    optional={
        "id": JSON,
        "key": JSON,
        "fields": st.fixed_dictionaries(
            {}, optional=dict.fromkeys(issue()["fields"] | dict.fromkeys(TERMS.__slots__), JSON)
        ),
    },
)


@settings(max_examples=150, deadline=None)
@given(JSON | NEAR)
def test_nothing_in_any_payload_can_break_parse(raw: Any) -> None:
    item = parse(raw, TERMS)
    assert isinstance(item, Item)
    assert item.progress is not None or item.problem
    f"{item.title}{item.status}{item.key}{item.id}{item.problem}{item.url}".encode()
    account(raw, "eng")
    moves(raw, "eng")


def test_a_sub_task_is_a_part_of_its_parent_and_what_stands_below_an_epic_is_work_of_its_own() -> None:
    below = {"id": "10009", "key": "ENG-9"}
    assert read(parent=below, issuetype={"name": "Teil", "subtask": True}).parent == "10009"
    assert read(parent={"key": "ENG-9"}, issuetype={"name": "Teil", "hierarchyLevel": -1}).parent == "ENG-9"
    for kind in ({"subtask": False, "hierarchyLevel": 0}, {}):
        assert read(parent=below, issuetype={"name": "Story", **kind}).parent is None
