"""What Jira and Linear say about their limits, read from real headers: which part of them, and for how long."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.jira import limits as jira
from connectors.limit import EVERYTHING, MAX_RETRY_AFTER_S, Answered, Limit
from connectors.linear import limits as linear

if TYPE_CHECKING:
    from types import ModuleType

NOW = datetime(2026, 11, 22, 10, 20, tzinfo=UTC)
SEARCH = jira.scopes("POST", "/rest/api/3/search/jql", b"{}")
EDIT = jira.scopes("PUT", "/rest/api/3/issue/10001", b"{}")
ITEMS = linear.scopes("POST", "/graphql", b'{"query": "query Items {x}", "operationName": "Items"}')
LIMITED = json.dumps({"errors": [{"message": "x", "extensions": {"code": "RATELIMITED"}}]}).encode()


def answered(status: int, headers: dict[str, str], body: bytes = b"{}") -> Answered:
    return Answered(status=status, headers=headers, body=body, now=NOW)


@pytest.mark.parametrize(
    ("method", "path", "endpoint", "written"),
    [
        ("GET", "/rest/api/3/issue/ATLAS-7", "GET /rest/api/*/issue/*", None),
        ("GET", "/rest/api/2/issue/10001", "GET /rest/api/*/issue/*", None),
        ("GET", "/rest/api/3/project/ATLAS/statuses", "GET /rest/api/*/project/*/statuses", None),
        ("POST", "/rest/api/3/issue/bulkfetch", "POST /rest/api/*/issue/bulkfetch", None),
        ("POST", "/jira/rest/api/2/search", "POST /jira/rest/api/*/search", None),
        ("POST", "/rest/api/3/issue", "POST /rest/api/*/issue", None),
        ("PUT", "/rest/api/3/issue/10001", "PUT /rest/api/*/issue/*", "10001"),
        ("POST", "/rest/api/3/issue/10001/comment", "POST /rest/api/*/issue/*/comment", "10001"),
    ],
)
def test_a_jira_request_joins_the_limits_of_its_endpoint_and_of_the_issue_that_it_writes(
    method: str, path: str, endpoint: str, written: str | None
) -> None:
    expected = (EVERYTHING, endpoint) + ((f"writes of {written}",) if written else ())
    assert jira.scopes(method, path, b"") == expected


@pytest.mark.parametrize(
    ("headers", "scope", "pause_s"),
    [
        ({"RateLimit-Reason": "jira-burst-based", "Retry-After": "3"}, SEARCH[1], 3),
        ({"RateLimit-Reason": "jira-burst-based", "X-RateLimit-Reset": "2026-11-22T10:20:04Z"}, SEARCH[1], 4),
        ({"RateLimit-Reason": "jira-burst-based"}, SEARCH[1], None),
        ({"RateLimit-Reason": "jira-quota-tenant-based", "Retry-After": "1847"}, EVERYTHING, 1847),
        (
            {
                "RateLimit-Reason": "jira-quota-global-based",
                "Retry-After": "5",
                "X-RateLimit-Reset": "2026-11-22T11:00Z",
            },
            EVERYTHING,
            2400,
        ),
        ({"RateLimit-Reason": "jira-quota-global-based"}, EVERYTHING, 2400),
        ({"RateLimit-Reason": "jira-quota-global-based", "X-RateLimit-Reset": "soon"}, EVERYTHING, 2400),
        ({"RateLimit-Reason": "jira-of-next-year", "Retry-After": "9"}, EVERYTHING, 9),
        (
            {"RateLimit-Reason": "jira-burst-based", "Retry-After": "1", "X-RateLimit-Reset": "2026-11-22T11:15Z"},
            SEARCH[1],
            1,
        ),
        ({"Retry-After": "7"}, EVERYTHING, 7),
        ({"Retry-After": "5, 5"}, EVERYTHING, 5),
        ({"Retry-After": "5,9 , 7"}, EVERYTHING, 9),
        ({"Retry-After": "2", "X-RateLimit-Limit": "3600", "X-RateLimit-Interval-Seconds": "3600"}, EVERYTHING, 2),
        (
            {
                "Retry-After": "0",
                "X-RateLimit-Limit": "10",
                "X-RateLimit-FillRate": "30",
                "X-RateLimit-Interval-Seconds": "60",
            },
            EVERYTHING,
            2,
        ),
        ({"Retry-After": "Sun, 22 Nov 2026 10:20:30 GMT", "Date": "Sun, 22 Nov 2026 10:20:00 GMT"}, EVERYTHING, 30),
        ({"Retry-After": "9223372036854775807"}, EVERYTHING, MAX_RETRY_AFTER_S),
        ({"Retry-After": "0", "X-RateLimit-Limit": "0"}, EVERYTHING, MAX_RETRY_AFTER_S),
        ({"Retry-After": "0", "X-RateLimit-Limit": "10", "X-RateLimit-Interval-Seconds": "60"}, EVERYTHING, 60),
        ({"Retry-After": "soon"}, EVERYTHING, None),
        ({}, EVERYTHING, None),
    ],
)
def test_f13_jiras_429_says_what_to_leave_alone_and_for_how_long(
    headers: dict[str, str], scope: str, pause_s: float | None
) -> None:
    assert jira.limit(SEARCH, answered(429, headers)) == Limit(scope=scope, pause_s=pause_s, refused=True)


FOREIGN: list[tuple[dict[str, str], bytes]] = [
    ({}, b"<html>Too many requests</html>"),
    ({"Retry-After": "3"}, b"<html>Too many requests</html>"),
    ({}, b"{}"),
    ({}, b""),
]
OWN: list[tuple[dict[str, str], bytes]] = [
    ({"RateLimit-Reason": "jira-burst-based"}, b""),
    ({"x-ratelimit-limit": "100"}, b"<html>"),
    ({"Retry-After": "3"}, b' {"errorMessages": []}'),
]
CREATES = [jira.scopes("POST", f"/rest/api/3/issue{what}", b"{}") for what in ("", "/10001/comment", "/X-1/remotelink")]
CREATE = linear.scopes("POST", "/graphql", b'{"query": "mutation Create {x}", "operationName": "Create"}')


@pytest.mark.parametrize(("policy", "scopes"), [*((jira, scopes) for scopes in CREATES), (linear, CREATE)])
def test_a_gateways_429_to_what_makes_something_is_no_refusal_of_the_trackers(
    policy: ModuleType, scopes: tuple[str, ...]
) -> None:
    assert not any(policy.limit(scopes, answered(429, *foreign)).refused for foreign in FOREIGN)
    assert all(policy.limit(scopes, answered(429, *own)).refused for own in OWN)


@pytest.mark.parametrize(("policy", "scopes"), [(jira, SEARCH), (jira, EDIT), (linear, ITEMS)])
def test_what_does_no_harm_a_second_time_is_sent_again_whoever_refused_it(
    policy: ModuleType, scopes: tuple[str, ...]
) -> None:
    assert all(policy.limit(scopes, answered(429, *foreign)).refused for foreign in FOREIGN)


def test_jiras_limit_for_one_issue_stops_the_writes_of_that_issue() -> None:
    headers = {"RateLimit-Reason": "jira-per-issue-on-write", "Retry-After": "2"}
    assert jira.limit(EDIT, answered(429, headers)) == Limit(scope="writes of 10001", pause_s=2, refused=True)


def test_a_503_may_be_sent_again_only_when_it_reads_and_asks_for_patience() -> None:
    patient = {"Retry-After": "4"}
    assert jira.limit(SEARCH, answered(503, patient)) == Limit(pause_s=4, refused=True)
    assert jira.limit(EDIT, answered(503, patient)) == Limit(pause_s=4, refused=False)
    assert jira.limit(SEARCH, answered(503, {})) == Limit(pause_s=None, refused=False)
    assert linear.limit(ITEMS, answered(503, patient)) == Limit(pause_s=4, refused=False)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "60", "Retry-After": "0"}, None),
        ({"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "19"}, Limit()),
        ({"X-RateLimit-NearLimit": "true"}, Limit()),
        ({"X-RateLimit-NearLimit": "false"}, None),
        ({"X-RateLimit-Limit": "many", "X-RateLimit-Remaining": ""}, None),
        (
            {
                "X-RateLimit-Limit": "100",
                "X-RateLimit-Remaining": "0",
                "X-RateLimit-FillRate": "10",
                "X-RateLimit-Interval-Seconds": "5",
            },
            Limit(pause_s=0.5),
        ),
        (
            {
                "X-RateLimit-Limit": "600",
                "X-RateLimit-Remaining": "0",
                "X-RateLimit-FillRate": "600",
                "X-RateLimit-Interval-Seconds": "60",
                "Retry-After": "0",
            },
            Limit(),
        ),
        ({"X-RateLimit-Limit": "600", "X-RateLimit-Remaining": "0", "Retry-After": "3"}, Limit(pause_s=3)),
        (
            {"X-RateLimit-Limit": "9", "X-RateLimit-Remaining": "0", "X-RateLimit-Interval-Seconds": "9" * 30},
            Limit(pause_s=MAX_RETRY_AFTER_S),
        ),
    ],
)
def test_a_jira_that_is_near_its_limit_is_asked_more_slowly_beforehand(
    headers: dict[str, str], expected: Limit | None
) -> None:
    assert jira.limit(SEARCH, answered(200, headers)) == expected


def test_a_linear_request_joins_the_limit_of_its_operation() -> None:
    assert ITEMS == (EVERYTHING, "POST /graphql Items")
    assert CREATE == (EVERYTHING, "POST /graphql mutation Create")
    assert linear.scopes("POST", "/graphql", b"") == (EVERYTHING, "POST /graphql")


@pytest.mark.parametrize("status", [200, 400, 429])
@pytest.mark.parametrize(
    ("headers", "scope", "pause_s"),
    [
        ({"X-RateLimit-Requests-Reset": "1795343400000"}, EVERYTHING, 600),
        (
            {
                "X-RateLimit-Requests-Remaining": "2000",
                "X-RateLimit-Requests-Reset": "1795343400000",
                "X-RateLimit-Complexity-Remaining": "0",
                "X-RateLimit-Complexity-Reset": "1795342860000",
            },
            EVERYTHING,
            60,
        ),
        (
            {
                "X-RateLimit-Requests-Reset": "1795343400000",
                "X-RateLimit-Endpoint-Requests-Remaining": "0",
                "X-RateLimit-Endpoint-Requests-Reset": "1795342830000",
            },
            ITEMS[1],
            30,
        ),
        ({"X-RateLimit-Requests-Reset": "9223372036854775807"}, EVERYTHING, MAX_RETRY_AFTER_S),
        ({"X-RateLimit-Requests-Reset": "1"}, EVERYTHING, 0),
        ({"X-RateLimit-Requests-Reset": "2026-11-22T11:00Z", "Retry-After": "90"}, EVERYTHING, 90),
        ({}, EVERYTHING, None),
    ],
)
def test_f12_linears_code_decides_whatever_its_status_and_says_what_is_used_up(
    status: int, headers: dict[str, str], scope: str, pause_s: float | None
) -> None:
    expected = Limit(scope=scope, pause_s=pause_s, refused=True)
    assert linear.limit(ITEMS, answered(status, headers, LIMITED)) == expected


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"issues": {"nodes": [{"title": "RATELIMITED"}]}}},
        {"data": {"issues": {}}, "errors": [{"message": "RATELIMITED"}]},
        {"errors": ["RATELIMITED", None, {"extensions": "RATELIMITED"}]},
        ["RATELIMITED"],
        "RATELIMITED",
    ],
)
def test_a_ticket_that_speaks_of_limits_is_no_limit(body: Any) -> None:
    assert linear.limit(ITEMS, answered(200, {}, json.dumps(body).encode())) is None


def test_a_change_that_was_carried_out_in_part_is_not_sent_again() -> None:
    error = {"message": "x", "extensions": {"code": "RATELIMITED"}}
    body = json.dumps({"data": {"issueUpdate": {"success": True}}, "errors": [error]}).encode()
    assert linear.limit(ITEMS, answered(200, {}, body)) == Limit(pause_s=None, refused=False)
    nothing = json.dumps({"data": {"issueUpdate": None}, "errors": [error]}).encode()
    assert linear.limit(ITEMS, answered(200, {}, nothing)) == Limit(pause_s=None, refused=True)


def test_a_linear_that_is_near_its_limit_is_asked_more_slowly_and_absent_headers_are_not_zero() -> None:
    near = {"X-RateLimit-Complexity-Limit": "3000000", "X-RateLimit-Complexity-Remaining": "500000"}
    assert linear.limit(ITEMS, answered(200, near)) == Limit()
    assert linear.limit(ITEMS, answered(200, {"X-RateLimit-Requests-Limit": "2500"})) is None


names = st.sampled_from(
    [
        "Retry-After", "Date", "RateLimit-Reason", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset",
        "X-RateLimit-Interval-Seconds", "X-RateLimit-NearLimit", "X-RateLimit-Requests-Remaining",
        "X-RateLimit-Requests-Reset", "X-RateLimit-Complexity-Remaining", "X-RateLimit-Complexity-Reset",
    ]
)  # fmt: skip
values = st.text(max_size=30) | st.integers().map(str) | st.datetimes().map(str) | st.floats().map(str)
bodies = st.binary(max_size=60) | st.just(LIMITED) | st.text(max_size=30).map(lambda text: f'"{text}"'.encode())


@pytest.mark.parametrize(("policy", "scopes"), [(jira, SEARCH), (jira, EDIT), (linear, ITEMS)])
@given(status=st.sampled_from([200, 400, 429, 503]), headers=st.dictionaries(names, values), body=bodies)
def test_f13_whatever_stands_in_the_headers_a_pause_is_a_bounded_number(
    policy: ModuleType, scopes: tuple[str, ...], status: int, headers: dict[str, str], body: bytes
) -> None:
    found = policy.limit(scopes, answered(status, headers, body))
    if found is not None:
        assert found.scope in scopes
        assert found.pause_s is None or 0 <= found.pause_s <= MAX_RETRY_AFTER_S
    assert status != 429 or (found is not None and (found.refused or policy is linear))
