from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from syncd.sandbox.jira import JiraSandbox
from tests.sandbox.jira_sites import client, plain, site

if TYPE_CHECKING:
    from syncd.sandbox.jira import JiraWorld


def filled(number: int) -> JiraWorld:
    world = site()
    for at in range(number):
        world.add("ENG", f"Item {at}")
    return world


@pytest.mark.parametrize("number", [0, 1, 99, 100, 101, 1000])
def test_the_client_library_reads_every_issue_once_over_token_pages(number: int) -> None:
    sandbox = JiraSandbox(filled(number))
    with client(sandbox) as library:
        found = library.enhanced_search_issues(
            "project = ENG ORDER BY key ASC", maxResults=0, fields=["summary"], json_result=False
        )
    assert [issue.key for issue in found] == [f"ENG-{at + 1}" for at in range(number)]
    assert sandbox.refused == []


@pytest.mark.parametrize(
    ("fields", "asked", "granted"),
    [(["id"], 9000, 120), (["summary"], 9000, 100), (["summary"], None, 50), (["id", "key"], 110, 110)],
)
def test_a_page_is_as_large_as_jira_grants_for_the_fields_asked(
    fields: list[str], asked: int | None, granted: int
) -> None:
    body = {"jql": "project = ENG", "fields": fields, **({"maxResults": asked} if asked else {})}
    with plain(JiraSandbox(filled(120))) as http:
        _, page = http.ask("POST", "search/jql", body)
    assert len(page["issues"]) == granted
    assert ("nextPageToken" in page) == (granted < 120)
    assert page["isLast"] == (granted == 120)


def test_without_fields_an_issue_is_its_bare_id() -> None:
    world = filled(1)
    with plain(JiraSandbox(world)) as http:
        _, page = http.ask("GET", "search/jql", jql="project = ENG")
    assert page == {"issues": [{"id": next(iter(world.issues))}], "isLast": True}


def test_a_token_is_refused_with_another_query_or_other_fields() -> None:
    with plain(JiraSandbox(filled(3))) as http:
        body = {"jql": "project = ENG", "fields": ["key"], "maxResults": 1}
        _, first = http.ask("POST", "search/jql", body)
        token = first["nextPageToken"]
        same, second = http.ask("POST", "search/jql", {**body, "nextPageToken": token})
        other, said = http.ask("POST", "search/jql", {**body, "jql": "project = REL", "nextPageToken": token})
        fields, _ = http.ask("POST", "search/jql", {**body, "fields": ["summary"], "nextPageToken": token})
        nonsense, _ = http.ask("POST", "search/jql", {**body, "nextPageToken": "nonsense"})
    assert same == 200
    assert second["issues"] != first["issues"]
    assert (other, fields, nonsense) == (400, 400, 400)
    assert "token" in said["errorMessages"][0]


def test_items_that_change_during_a_token_run_are_neither_lost_nor_seen_twice() -> None:
    world = filled(6)
    seen: list[str] = []
    token = None
    with plain(JiraSandbox(world)) as http:
        while True:
            body = {"jql": "project = ENG ORDER BY updated ASC", "fields": ["key"], "maxResults": 2}
            _, page = http.ask("POST", "search/jql", body | ({"nextPageToken": token} if token else {}))
            seen += [issue["key"] for issue in page["issues"]]
            world.edit("ENG-1", summary="changed")
            token = page.get("nextPageToken")
            if token is None:
                break
    assert sorted(seen) == sorted(world.keys)


def test_bulk_fetch_gives_what_can_be_seen_in_ascending_order_and_leaves_the_rest_out() -> None:
    world = filled(5)
    world.hide("ENG-2")
    world.delete("ENG-3")
    asked = ["ENG-5", "eng-1", "ENG-2", "ENG-3", "ENG-77", world.keys["ENG-4"]]
    with plain(JiraSandbox(world)) as http:
        _, answer = http.ask("POST", "issue/bulkfetch", {"issueIdsOrKeys": asked, "fields": ["summary"]})
        status, _ = http.ask("POST", "issue/bulkfetch", {"issueIdsOrKeys": ["ENG-1"] * 101})
    assert [issue["key"] for issue in answer["issues"]] == ["ENG-1", "ENG-4", "ENG-5"]
    assert answer["issueErrors"] == []
    assert status == 400


def test_data_center_pages_by_offset_and_cuts_silently_at_a_thousand() -> None:
    world = site(data_center=True)
    for at in range(1005):
        world.add("ENG", f"Item {at}")
    with plain(JiraSandbox(world)) as http:
        _, page = http.ask(
            "POST", "search", {"jql": "project = ENG ORDER BY key", "maxResults": 5000, "fields": ["id"]}
        )
        _, rest = http.ask("GET", "search", jql="project = ENG ORDER BY key", startAt=1000, fields="summary")
    assert (page["total"], page["maxResults"], len(page["issues"])) == (1005, 1000, 1000)
    assert [issue["key"] for issue in rest["issues"]] == [f"ENG-{at}" for at in range(1001, 1006)]
