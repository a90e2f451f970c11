"""IssueFilter in the sandbox: every comparator that a selector writes or a person may write as ``filter:``."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import Client

from syncd.sandbox.linear import LinearSandbox, LinearWorld

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ASKED = (
    "query ($filter: IssueFilter) { issues(filter: $filter, first: 250, includeArchived: true) { nodes { title } } }"
)


@pytest.fixture(scope="module")
def client() -> Client:
    """A workspace of five issues: guide, faq, banner (archived), launch and plain."""
    moment = [NOW - timedelta(days=3)]
    world = LinearWorld(clock=lambda: moment[0])
    world.user("Lee Park", "lee@acme.example")
    world.team("DOC", "Docs")
    world.team("MKT", "Marketing", private=True)
    world.project("Atlas docs", "DOC")
    world.milestone("Atlas docs", "Beta")
    world.initiative("Atlas 2.0", ["Atlas docs"])
    world.release("Atlas 2.0", version="2.0")
    guide = world.add("DOC", "guide", project="Atlas docs", milestone="Beta", labels=["atlas-2", "big"], priority=1)
    world.add("DOC", "faq", parent=guide, assignee="Lee Park", state="Done", labels=["big"], due=date(2026, 12, 1))
    moment[0] = NOW - timedelta(minutes=30)
    world.add("MKT", "banner", releases=["Atlas 2.0"], state="Canceled")
    world.add("MKT", "launch", project="Atlas docs", labels=["atlas-2"], due=date(2026, 12, 15), description="Élan")
    world.add("DOC", "plain")
    world.relate(world.add("DOC", "blocker"), "MKT-2")
    world.delete("DOC-4")
    world.relate(guide, "MKT-2")
    world.relate("DOC-3", "DOC-2", "related")
    world.archive("MKT-1")
    moment[0] = NOW
    return Client(LinearSandbox(world))


def ask(client: Client, wanted: dict[str, Any]) -> Any:
    body = {"query": ASKED, "variables": {"filter": wanted}}
    return client.post("/graphql", json=body, headers={"Authorization": "lin_api_sandbox"}).get_json()


@pytest.mark.parametrize(
    ("wanted", "titles"),
    [
        ({}, "banner faq guide launch plain"),
        ({"team": {"key": {"eq": "DOC"}}}, "faq guide plain"),
        ({"team": {"name": {"in": ["Marketing"]}}}, "banner launch"),
        ({"team": {"private": {"eq": True}}}, "banner launch"),
        ({"team": {"visibility": {"eq": "private"}}}, "banner launch"),
        ({"project": {"name": {"eq": "Atlas docs"}}}, "guide launch"),
        ({"project": {"null": True}}, "banner faq plain"),
        ({"project": {"null": False}}, "guide launch"),
        ({"project": {"name": {"neq": "Other"}}}, "guide launch"),
        ({"project": {"initiatives": {"some": {"name": {"eq": "Atlas 2.0"}}}}}, "guide launch"),
        ({"project": {"initiatives": {"name": {"eq": "Other"}}}}, ""),
        ({"projectMilestone": {"name": {"eq": "Beta"}}}, "guide"),
        ({"projectMilestone": {"null": True}}, "banner faq launch plain"),
        ({"labels": {"some": {"name": {"eq": "atlas-2"}}}}, "guide launch"),
        ({"labels": {"name": {"eq": "big"}}}, "faq guide"),
        ({"labels": {"every": {"name": {"eq": "big"}}}}, "banner faq plain"),
        ({"labels": {"every": {"name": {"eq": "big"}}, "length": {"gt": 0}}}, "faq"),
        ({"labels": {"and": [{"name": {"eq": "big"}}, {"name": {"eq": "atlas-2"}}]}}, "guide"),
        ({"labels": {"null": True}}, "banner plain"),
        ({"state": {"type": {"eq": "completed"}}}, "faq"),
        ({"state": {"type": {"nin": ["completed", "canceled"]}}}, "guide launch plain"),
        ({"state": {"name": {"eqIgnoreCase": "todo"}}}, "guide launch plain"),
        ({"releases": {"some": {"version": {"eq": "2.0"}}}}, "banner"),
        ({"releases": {"stage": {"type": {"eq": "planned"}}}}, "banner"),
        ({"parent": {"title": {"eq": "guide"}}}, "faq"),
        ({"parent": {"null": True}}, "banner guide launch plain"),
        ({"parent": {"id": {"eq": "DOC-1"}}}, ""),
        ({"children": {"some": {"state": {"type": {"eq": "completed"}}}}}, "guide"),
        ({"assignee": {"email": {"eq": "lee@acme.example"}}}, "faq"),
        ({"assignee": {"null": True}}, "banner guide launch plain"),
        ({"assignee": {"or": [{"null": True}, {"isMe": {"eq": False}}]}}, "banner faq guide launch plain"),
        ({"priority": {"gte": 1}}, "guide"),
        ({"number": {"in": [1, 2]}}, "banner faq guide launch"),
        ({"title": {"contains": "a"}}, "banner faq launch plain"),
        ({"title": {"containsIgnoreCase": "PLAI"}}, "plain"),
        ({"title": {"startsWith": "l"}}, "launch"),
        ({"title": {"endsWith": "n"}}, "plain"),
        ({"title": {"notContains": "a"}}, "guide"),
        ({"title": {"nin": ["guide", "faq"]}}, "banner launch plain"),
        ({"description": {"containsIgnoreCaseAndAccent": "elan"}}, "launch"),
        ({"dueDate": {"lt": "2026-12-15"}}, "faq"),
        ({"dueDate": {"lte": "2026-12-15"}}, "faq launch"),
        ({"dueDate": {"lte": "P10D"}}, "faq"),
        ({"dueDate": {"null": True}}, "banner guide plain"),
        ({"createdAt": {"gt": "-P1D"}}, "banner launch plain"),
        ({"createdAt": {"lt": "-PT37M"}}, "faq guide"),
        ({"createdAt": {"gte": "2026-11-22T08:30:00Z"}}, "banner launch plain"),
        ({"createdAt": {"gt": "2026-11-22T08:30:00Z"}}, ""),
        ({"createdAt": {"gte": "2026-11-22T10:30:00+02:00"}}, "banner launch plain"),
        ({"completedAt": {"null": False}}, "faq"),
        ({"archivedAt": {"gt": "-PT31M"}}, "banner"),
        ({"archivedAt": {"null": True}}, "faq guide launch plain"),
        ({"hasBlockedByRelations": {"eq": True}}, "launch"),
        ({"hasBlockingRelations": {"eq": True}}, "guide"),
        ({"hasRelatedRelations": {"eq": True}}, "faq plain"),
        ({"or": [{"title": {"eq": "faq"}}, {"labels": {"name": {"eq": "atlas-2"}}}]}, "faq guide launch"),
        ({"and": [{"team": {"key": {"eq": "DOC"}}}, {"priority": {"eq": 0}}], "title": {"neq": "faq"}}, "plain"),
    ],
)
def test_a_filter_finds_what_it_says(client: Client, wanted: dict[str, Any], titles: str) -> None:
    answer = ask(client, wanted)
    assert " ".join(sorted(node["title"] for node in answer["data"]["issues"]["nodes"])) == titles


def test_a_filter_with_a_word_where_a_date_belongs_is_refused(client: Client) -> None:
    answer = ask(client, {"updatedAt": {"gt": "last week"}})
    assert answer["errors"][0]["extensions"]["code"] == "INVALID_INPUT"


def test_a_filter_with_an_unknown_key_is_refused_before_it_runs(client: Client) -> None:
    answer = ask(client, {"colour": {"eq": "red"}})
    assert "data" not in answer or answer["data"] is None
    assert "colour" in answer["errors"][0]["message"]
