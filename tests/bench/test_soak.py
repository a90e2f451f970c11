"""The soak's own eyes: what it must not overlook."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from werkzeug.test import Client

from bench.soak import promises
from bench.soak.front import Guard
from bench.soak.people import People
from bench.soak.town import RELEASES, Town
from syncd.store.store import open_store

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def town() -> Town:
    return Town(60, seed=1)


def test_a_write_to_a_ticket_is_a_trespass_and_one_to_a_summary_is_none(town: Town) -> None:
    guard = Guard("eng", town)
    client, auth = Client(guard), (town.jira.email, town.jira.token)
    new = {"project": {"key": "REL"}, "issuetype": {"name": "Task"}, "summary": "Atlas 2.0: READY"}
    made = client.post("/rest/api/3/issue", json={"fields": {**new, "labels": ["syncd-a"]}}, auth=auth)
    assert made.status_code == 201
    client.put(f"/rest/api/3/issue/{made.get_json()['key']}", json={"fields": {"summary": "Atlas 2.0: NO"}}, auth=auth)
    assert guard.trespasses == []
    assert len(guard.written) == 2
    client.put("/rest/api/3/issue/ENG-1", json={"fields": {"summary": "Mine"}}, auth=auth)
    client.put("/rest/api/3/issue/ENG-1/properties/syncd", json={"mine": True}, auth=auth)
    assert len(guard.trespasses) == 2


def test_a_write_to_an_issue_of_linear_is_a_trespass(town: Town) -> None:
    guard = Guard("gtm", town)
    (row,) = [it for it in town.linear.issues.values() if it["identifier"] == "DOC-1"]
    asked = {
        "query": "mutation M($id: String!, $to: IssueUpdateInput!) { issueUpdate(id: $id, input: $to) { success } }",
        "variables": {"id": row["id"], "to": {"title": "Mine"}},
    }
    answer = Client(guard).post("/graphql", json=asked, headers={"Authorization": town.linear.token})
    assert answer.status_code == 200
    assert len(guard.trespasses) == 1


def test_what_an_empty_store_lacks_is_told_of_every_gate_and_release(town: Town, tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/syncd.db") as store:
        assert len(list(promises.members(town, store))) == sum(bool(town.truth(gate)) for gate in town.gates) > 10
        assert len(list(promises.summaries(town, store))) == len(RELEASES)


def test_a_note_that_is_gone_is_told(town: Town) -> None:
    people = People(town, port=1, chance=town.chance)
    assert list(promises.notes(town, people)) == []
    people.notes["core-3"].append("Note 1 of Maya")
    assert len(list(promises.notes(town, people))) == 1


@pytest.mark.parametrize(("mib_a_minute", "grows"), [(0.1, False), (2, True)])
def test_memory_that_grows_is_told(mib_a_minute: float, *, grows: bool) -> None:
    samples = [(4.0 * n, int((100 + mib_a_minute * 4 * n / 60) * 2**20)) for n in range(100)]
    assert bool(promises.growth(samples)) is grows
