"""How the Linear sandbox says no: statuses, codes and shapes as they were measured at the real service."""

from __future__ import annotations

import json
import os
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from syncd.sandbox.linear import LinearSandbox, LinearWorld

SHARED = Path(os.environ.get("SYNCD_PAYLOADS", Path(__file__).parents[3] / "shared" / "payloads"))
SHAPES = SHARED / "linear-error-shapes" / "shapes.json"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
CREATE = "mutation ($input: IssueCreateInput!) { issueCreate(input: $input) { success } }"
RATE_HEADER = "X-RateLimit-Requests-Remaining"


class Caller:
    """A client of a sandbox whose time stands still until it is moved."""

    def __init__(self, **options: Any) -> None:
        self.now = NOW
        self.world = LinearWorld(clock=lambda: self.now)
        self.world.team("DOC", "Docs")
        self.sandbox = LinearSandbox(self.world, **options)
        self.client = Client(self.sandbox)

    def ask(self, document: str, **variables: Any) -> TestResponse:
        body = {"query": document, "variables": variables}
        return self.client.post("/graphql", json=body, headers={"Authorization": self.world.token})


def create_twice(caller: Caller) -> TestResponse:
    made = {"id": str(uuid.uuid4()), "teamId": caller.world.find_team("DOC")["id"], "title": "Atlas 2.0"}
    caller.ask(CREATE, input=made)
    return caller.ask(CREATE, input=made)


def read_only(caller: Caller) -> TestResponse:
    caller.world.read_only = True
    return caller.ask(CREATE, input={"teamId": caller.world.find_team("DOC")["id"], "title": "Atlas 2.0"})


FAULTS = {
    "ratelimited": lambda caller: [caller.ask("{ viewer { id } }") for _ in range(4)][-1],
    "payload_too_large": lambda caller: caller.ask("#" * 10_485_761),
    "duplicate_client_id": create_twice,
    "first_too_large": lambda caller: caller.ask("{ issues(first: 251) { nodes { id } } }"),
    "graphql_validation_failed": lambda caller: caller.ask("{ issueLabels(sort: 1) { nodes { id } } }"),
    "missing_scope": read_only,
}


def shape(value: Any) -> Any:
    """Which keys stand where, with the values that a client decides by."""
    if isinstance(value, dict):
        told = {"code", "type", "userError", "statusCode"}
        return {key: inner if key in told else shape(inner) for key, inner in value.items()}
    return [shape(inner) for inner in value] if isinstance(value, list) else type(value).__name__


def holds(ours: Any, measured: Any) -> bool:
    """Whether everything measured is in our answer; more may be in it."""
    if isinstance(measured, dict):
        return isinstance(ours, dict) and all(key in ours and holds(ours[key], measured[key]) for key in measured)
    if isinstance(measured, list):
        return isinstance(ours, list) and all(holds(a, b) for a, b in zip(ours, measured, strict=True))
    return bool(ours == measured)


@pytest.mark.skipif(not SHAPES.exists(), reason="the measured shapes are not here: set SYNCD_PAYLOADS")
@pytest.mark.parametrize("name", FAULTS)
def test_an_error_has_the_status_and_shape_that_was_measured(name: str) -> None:
    measured = json.loads(SHAPES.read_text("utf-8"))[name]
    answer = FAULTS[name](Caller(metered=name == "ratelimited", requests_per_hour=3))
    assert answer.status_code == measured["status"]
    assert holds(shape(answer.get_json()), shape(measured["body"])), answer.get_json()


def test_the_words_that_name_what_was_wrong_are_linears() -> None:
    caller = Caller()
    error = caller.ask("{ issues(first: 251) { nodes { id } } }").get_json()["errors"][0]
    assert error["extensions"]["userPresentableMessage"] == "first must not be greater than 250."
    assert error["path"] == ["issues"]
    error = create_twice(caller).get_json()["errors"][0]
    assert error["message"] == "conflict on insert of Issue"


def test_a_query_above_ten_thousand_points_is_refused_with_its_price() -> None:
    caller = Caller()
    answer = caller.ask("{ issues(first: 250) { nodes { id labels { nodes { id name } } } } }")
    assert answer.status_code == 400
    error = answer.get_json()["errors"][0]
    assert error["message"] == "Query too complex"
    assert error["extensions"]["userPresentableMessage"] == (
        "The query is too complex. Complexity: 15275. Maximum allowed complexity: 10000."
    )


def test_the_price_follows_the_first_that_is_asked_for_and_the_limit_can_be_lowered() -> None:
    caller = Caller()
    asked = "query ($first: Int) { issues(first: $first) { nodes { id title state { name } } } }"
    assert caller.ask(asked, first=100).headers["X-Complexity"] == "230"
    assert caller.ask(asked).headers["X-Complexity"] == "115"
    assert caller.ask(asked.replace("Int)", "Int = 10)")).headers["X-Complexity"] == "23"
    caller.sandbox.complexity_limit = 100
    assert caller.ask(asked).status_code == 400
    assert caller.ask(asked, first=40).status_code == 200


def test_the_allowance_of_an_hour_comes_back_with_time() -> None:
    caller = Caller(metered=True, requests_per_hour=3)
    answers = [caller.ask("{ viewer { id } }") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 400]
    assert [answer.headers[RATE_HEADER] for answer in answers] == ["2", "1", "0", "0"]
    assert answers[0].headers["X-RateLimit-Requests-Reset"] == str(int((NOW.timestamp() + 3600) * 1000))
    caller.now += timedelta(minutes=20)
    assert caller.ask("{ viewer { id } }").status_code == 200


def test_what_is_no_valid_document_carries_no_rate_headers() -> None:
    caller = Caller()
    for document in ("{ viewer { shoeSize } }", "{ viewer {", ""):
        answer = caller.ask(document)
        assert answer.status_code == 400
        assert RATE_HEADER not in answer.headers


def test_variables_of_the_wrong_type_are_the_clients_fault() -> None:
    answer = Caller().ask("query ($first: Int) { issues(first: $first) { nodes { id } } }", first="many")
    assert answer.status_code == 400
    assert answer.get_json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


def test_an_unknown_path_and_a_cursor_from_elsewhere_are_refused() -> None:
    caller = Caller()
    assert caller.client.get("/rest/api/3/myself").status_code == 404
    answer = caller.ask('{ issues(after: "\N{SNOWMAN}") { nodes { id } } }')
    assert answer.get_json()["errors"][0]["extensions"]["code"] == "INVALID_INPUT"


NO_QUESTIONS: list[Any] = [
    None,
    7,
    [],
    {},
    {"query": None},
    {"query": "{ viewer { id } }", "variables": [1]},
    {"query": "{ viewer { id } }", "operationName": {"a": 1}},
    {"query": "{ viewer { id } }", "operationName": "Other"},
    {"query": "{" * 19_000},
]


@pytest.mark.parametrize("body", NO_QUESTIONS)
def test_what_is_no_question_is_refused(body: Any) -> None:
    caller = Caller()
    answer = caller.client.post("/graphql", json=body, headers={"Authorization": caller.world.token})
    assert answer.status_code == 400
    assert answer.get_json()["errors"][0]["message"]
