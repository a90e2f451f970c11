from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from syncd.sandbox.jira import JiraSandbox, JiraWorld, search
from syncd.sandbox.load import load
from tests.sandbox.jira_sites import Clock, client, plain

_HERE = Path(__file__).parents[2]
PAYLOADS = Path(os.environ.get("SYNCD_PAYLOADS", _HERE.parent / "shared" / "payloads"))
recorded = pytest.mark.skipif(not PAYLOADS.is_dir(), reason=f"no recorded answers at {PAYLOADS}")


def written(path: Path, value: object) -> Path:
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return path


def issue(number: int, **fields: object) -> dict[str, object]:
    status = {"id": "77", "name": "已完成", "statusCategory": {"id": 3, "key": "done", "name": "完成"}}
    shown = {"summary": f"S{number}", "status": status, "created": "2020-06-12T08:13:13.360+0800", **fields}
    return {"id": str(500 + number), "key": f"AB-{number}", "self": "https://elsewhere.example/1", "fields": shown}


def test_issues_are_served_as_recorded_and_found_by_jql(tmp_path: Path) -> None:
    strange = {"id": "77", "name": "已完成", "statusCategory": {"id": 3, "key": "new", "name": "待办"}}
    page = {"issues": [issue(1), issue(2, status=strange, fixVersions=[{"id": "9", "name": "v2"}])]}
    world = JiraWorld(Clock())
    said = load([written(tmp_path / "page.json", page)], world)
    with plain(JiraSandbox(world)) as http:
        assert http.find("status = 已完成 ORDER BY key") == ["AB-1", "AB-2"]
        assert http.find("statusCategory = Done") == ["AB-1"]
        assert http.find("fixVersion = v2") == ["AB-2"]
        _, second = http.ask("GET", "issue/AB-2", fields="*navigable")
        _, project = http.ask("GET", "project/AB")
    assert second["fields"] == page["issues"][1]["fields"]
    assert "elsewhere" not in second["self"]
    assert [row["name"] for row in project["versions"]] == ["v2"]
    assert said == ["page.json: loaded 2 issues."]


def test_a_csv_with_a_column_data_is_read_row_by_row(tmp_path: Path) -> None:
    cell = json.dumps(issue(1)).replace('"', '""')
    text = f'\n"id","data"\n1,"{cell}"\n2,"{{broken"\n3\n'
    world = JiraWorld(Clock())
    said = load([written(tmp_path / "rows.csv", text)], world)
    assert list(world.keys) == ["AB-1"]
    assert said[0] == "rows.csv: loaded 1 issue."
    assert "row 3 is no JSON" in said[1]
    assert "row 4 has no 'data'" in said[2]


def test_the_order_of_files_does_not_matter(tmp_path: Path) -> None:
    version = {"id": "9", "name": "v9", "archived": False, "released": True, "projectId": 42}
    files = [
        written(tmp_path / "a.json", [version]),
        written(tmp_path / "b.json", {"values": [{"id": "42", "key": "AB", "name": "Alphabet"}]}),
    ]
    world = JiraWorld(Clock())
    assert load(files, world) == ["a.json: loaded 1 version.", "b.json: loaded 1 project."]
    assert world.project_versions["AB"] == [version]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no JSON"),
        ("{", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("[]", "holds nothing"),
        ("[1, null, {}]", "nothing that the sandbox serves"),
        ('{"key": "AB-1", "fields": null}', "without fields"),
        ('{"key": "no key", "fields": {}}', "a proper key"),
        ('{"key": "AB-1", "fields": {"status": 5, "project": [], "fixVersions": "x", "issuetype": {"name": 3}}}', ""),
        ('{"webhookEvent": "x", "issue": {}}', "nothing that the sandbox serves"),
        ('{"id": "1", "name": "S", "statusCategory": null}', ""),
    ],
)
def test_what_is_broken_is_said_and_never_raised(tmp_path: Path, text: str, words: str) -> None:
    said = load([written(tmp_path / "x.json", text)], JiraWorld(Clock()))
    assert said
    assert words in said[0]


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    (said,) = load([tmp_path / "none.json"], JiraWorld(Clock()))
    assert "cannot be read" in said


def test_the_same_issue_in_two_files_is_loaded_once(tmp_path: Path) -> None:
    world = JiraWorld(Clock())
    said = load([written(tmp_path / "a.json", issue(1)), written(tmp_path / "b.json", issue(1))], world)
    assert len(world.issues) == 1
    assert "there already" in said[1]


def test_work_goes_on_with_loaded_issues(tmp_path: Path) -> None:
    world = JiraWorld(Clock())
    load([written(tmp_path / "a.json", issue(7))], world)
    with client(JiraSandbox(world)) as library:
        library.issue("AB-7").update(fields={"summary": "Changed"})
        made = library.create_issue(project="AB", summary="New", issuetype={"name": "Task"})
        library.transition_issue("AB-7", "In Progress")
        assert library.issue("AB-7").fields.status.name == "In Progress"
    assert made.key == "AB-8"


@recorded
def test_every_recorded_file_is_loaded_or_said_to_be_skipped() -> None:
    world = JiraWorld(Clock())
    said = load([PAYLOADS], world)
    files = [path for path in PAYLOADS.rglob("*") if path.suffix in {".json", ".csv"}]
    assert {sentence.partition(":")[0] for sentence in said} == {path.name for path in files}
    for jql in ("updated > 2001-01-01 ORDER BY priority, status, summary", "text ~ test", "labels is not EMPTY"):
        assert search.find(world, jql)


@recorded
def test_a_status_with_two_categories_is_served_with_the_one_that_each_issue_recorded() -> None:
    world = JiraWorld(Clock())
    load([PAYLOADS / "devlake" / "jira"], world)
    with plain(JiraSandbox(world)) as http:
        done = http.find("project = EE and statusCategory = Done")
        new = http.find("project = EE and statusCategory = 'To Do'")
        every = http.find("project = EE and status = 已完成")
        _, answer = http.ask("POST", "issue/bulkfetch", {"issueIdsOrKeys": every, "fields": ["status"]})
    assert set(done) | set(new) == set(every)
    assert "EE-1" in new
    shown = {row["key"]: row["fields"]["status"]["statusCategory"]["key"] for row in answer["issues"]}
    assert {key for key, category in shown.items() if category == "new"} == set(new)
