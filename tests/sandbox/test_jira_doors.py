from __future__ import annotations

import socket
from urllib.parse import urlsplit

import jira
import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as some
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

from syncd.sandbox.jira import JiraSandbox
from syncd.sandbox.jira.call import ROUTES, Route
from syncd.sandbox.server import Seen, serving
from tests.sandbox.jira_sites import Clock, client, plain, site


def test_a_wrong_token_is_refused_with_401_on_cloud() -> None:
    with plain(JiraSandbox(site()), token="wrong") as http:
        answer = http.answer("GET", "myself")
        assert http.ask("GET", "search/jql", jql="project = ENG")[0] == 401
    assert answer.status_code == 401
    assert "authenticated" in answer.json()["message"]
    assert answer.headers["X-Seraph-LoginReason"] == "AUTHENTICATED_FAILED"


def test_server_info_on_cloud_needs_no_token_and_names_the_address_that_was_called() -> None:
    with serving(JiraSandbox(site())) as url:
        info = requests.get(f"{url}/rest/api/3/serverInfo", timeout=5).json()
    assert (info["deploymentType"], info["baseUrl"]) == ("Cloud", url)


def test_the_answers_name_the_account_and_the_sites_clock() -> None:
    world = site()
    with plain(JiraSandbox(world)) as http:
        answer = http.answer("GET", "myself")
    assert answer.headers["Date"] == "Fri, 20 Nov 2026 15:00:00 GMT"
    assert answer.headers["X-AACCOUNTID"] == world.me == answer.json()["accountId"]
    assert answer.json()["timeZone"] == "America/New_York"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "nonsense", 404),
        ("GET", "issue/ENG-1/nonsense", 404),
        ("DELETE", "myself", 405),
        ("GET", "myself?nonsense=1", 400),
        ("GET", "search/jql?jql=project=ENG&startAt=5", 400),
    ],
)
def test_an_unknown_route_or_parameter_is_refused_and_counted(method: str, path: str, status: int) -> None:
    sandbox = JiraSandbox(site())
    with plain(sandbox) as http:
        got, _ = http.ask(method, path)
    assert got == status
    assert len(sandbox.refused) == 1


def test_an_unknown_member_of_a_body_is_refused_by_its_name() -> None:
    sandbox = JiraSandbox(site())
    with plain(sandbox) as http:
        status, said = http.ask("POST", "search/jql", {"jql": "project = ENG", "startAt": 0})
        broken, _ = http.ask("POST", "search/jql", ["jql"])
    assert (status, broken) == (400, 400)
    assert "startAt" in said["errorMessages"][0]
    assert len(sandbox.refused) == 2


def test_the_old_search_is_gone_on_cloud() -> None:
    sandbox = JiraSandbox(site())
    with plain(sandbox) as http:
        status, said = http.ask("GET", "search", jql="project = ENG")
    assert status == 410
    assert "/rest/api/3/search/jql" in said["errorMessages"][0]


def test_what_was_asked_can_be_seen_and_looking_is_not_counted() -> None:
    sandbox = JiraSandbox(site())
    with plain(sandbox) as http:
        http.ask("GET", "myself")
        http.ask("POST", "search/jql", {"jql": "project = ENG"})
        page = http.session.get(http.base.replace("/rest/api/3", "/_sandbox/requests"), timeout=5).json()
    assert page["counts"] == {"GET /rest/api/3/myself": 1, "POST /rest/api/3/search/jql": 1}
    assert page["requests"][1]["body"] == {"jql": "project = ENG"}
    assert sandbox.requests[0] == Seen("GET", "/rest/api/3/myself", {}, None)


def test_a_hook_before_a_route_answers_in_its_stead() -> None:
    sandbox = JiraSandbox(site())
    sandbox.before = lambda _request: Response(status=503, headers={"Retry-After": "7"})
    with plain(sandbox) as http:
        answer = http.answer("GET", "myself")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "7")


def test_a_hook_after_a_route_can_lose_the_answer_of_what_was_done() -> None:
    world = site()
    sandbox = JiraSandbox(world)

    def lose(_request: Request, _response: Response) -> None:
        raise ConnectionResetError

    sandbox.after = lose
    fields = {"project": {"key": "REL"}, "issuetype": {"name": "Task"}, "summary": "S"}
    with plain(sandbox) as http, pytest.raises(requests.ConnectionError):
        http.ask("POST", "issue", {"fields": fields})
    assert list(world.keys) == ["REL-1"]


def test_a_connection_is_kept_for_the_next_request() -> None:
    ports = set[object]()
    sandbox = JiraSandbox(site())
    sandbox.before = lambda request: ports.add(request.environ["REMOTE_PORT"])
    with plain(sandbox) as http:
        for _ in range(3):
            http.ask("GET", "myself")
            http.ask("POST", "search/jql", {"jql": "project = ENG"})
    assert len(ports) == 1


ANY_JSON = some.recursive(
    some.none()
    | some.booleans()
    | some.integers()
    | some.floats()
    | some.sampled_from(["", "x", "ENG-1", "project=ENG"]),
    lambda part: (
        some.lists(part, max_size=2)
        | some.dictionaries(
            some.sampled_from(["id", "key", "name", "type", "labels", "add", "summary"]), part, max_size=3
        )
    ),
    max_leaves=6,
)


@settings(max_examples=100, deadline=None)
@given(
    asked=some.sampled_from([row for row in ROUTES if row.where != "dc"]),
    words=some.tuples(*[some.sampled_from(["ENG-1", "ENG", "1", "x"])] * 3),
    values=some.lists(ANY_JSON, min_size=6, max_size=6),
    texts=some.lists(some.sampled_from(["", "x", "-1", "1", "*all", "id,key"]), min_size=3, max_size=3),
)
def test_no_request_whatever_makes_the_sandbox_fail(
    asked: Route, words: tuple[str, str, str], values: list[object], texts: list[str]
) -> None:
    world = site()
    world.add("ENG", "One")
    path = f"/rest/api/3/{asked.rule}"
    for name, word in zip(("<word>", "<ident>", "<key>"), words, strict=True):
        path = path.replace(name, word)
    body = values[0] if asked.body is None else dict(zip(sorted(asked.body), values, strict=False))
    answer = Client(JiraSandbox(world)).open(
        path,
        method=asked.method,
        auth=(world.email, world.token),
        query_string=dict(zip(sorted(asked.query), texts, strict=False)),
        json=None if asked.method == "GET" else body,
    )
    assert answer.status_code < 500


# --- Data Center


def test_data_center_tells_versions_people_by_name_and_no_account_id() -> None:
    world = site(data_center=True)
    world.add("ENG", "One", assignee="maya@acme.example")
    sandbox = JiraSandbox(world)
    with client(sandbox) as library:
        assert library.server_info()["deploymentType"] == "Server"
        assert library.server_info()["versionNumbers"] == [10, 3, 24]
        (issue,) = library.search_issues("project = ENG and assignee = maya")
        person = issue.raw["fields"]["assignee"]
    assert (person["name"], "accountId" in person) == ("maya", False)
    assert "statuscategorychangedate" not in issue.raw["fields"]
    assert "hierarchyLevel" not in issue.raw["fields"]["issuetype"]
    assert sandbox.refused == []


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "search/jql"), ("POST", "issue/bulkfetch"), ("POST", "jql/match")]
)
def test_data_center_has_none_of_clouds_routes(method: str, path: str) -> None:
    with plain(JiraSandbox(site(data_center=True))) as http:
        assert http.ask(method, path, {})[0] in {404, 405}


def test_a_bad_token_on_data_center_is_answered_as_anonymous_with_little_to_see() -> None:
    world = site(data_center=True)
    world.add("ENG", "One")
    world.add("REL", "Two")
    world.public.add("REL")
    with plain(JiraSandbox(world), token="bad") as http:
        answer = http.answer("GET", "search", jql="order by key")
        myself, _ = http.ask("GET", "myself")
        hidden, _ = http.ask("GET", "issue/ENG-1")
    assert answer.status_code == 200
    assert answer.headers["X-AUSERNAME"] == "anonymous"
    assert [issue["key"] for issue in answer.json()["issues"]] == ["REL-1"]
    assert (myself, hidden) == (401, 404)


def test_people_who_left_are_found_on_data_center_only_when_they_are_asked_for() -> None:
    world = site(data_center=True)
    world.user("Gone Person", "gone@acme.example", active=False)
    with plain(JiraSandbox(world)) as http:
        assert http.ask("GET", "user/search", username="gone") == (200, [])
        _, found = http.ask("GET", "user/search", username="gone", includeInactive="true")
    assert [person["name"] for person in found] == ["gone"]


def test_a_good_token_on_data_center_names_the_user() -> None:
    with plain(JiraSandbox(site(data_center=True))) as http:
        answer = http.answer("GET", "myself")
    assert answer.headers["X-AUSERNAME"] == answer.json()["name"]


def test_epics_on_data_center_are_known_by_the_epic_link_only() -> None:
    world = site(data_center=True)
    world.add("ENG", "Atlas docs", type="Epic")
    world.add("ENG", "Child", parent="ENG-1")
    world.add("ENG", "Part", type="Sub-task", parent="ENG-2")
    with plain(JiraSandbox(world)) as http:
        _, fields = http.ask("GET", "field")
        epic = next(row for row in fields if row["schema"].get("custom") == "com.pyxis.greenhopper.jira:gh-epic-link")
        _, child = http.ask("GET", "issue/ENG-2")
        _, part = http.ask("GET", "issue/ENG-3")
        _, found = http.ask("GET", "search", jql='"Epic Link" = ENG-1')
    assert child["fields"][epic["id"]] == "ENG-1"
    assert "parent" not in child["fields"]
    assert part["fields"]["parent"]["key"] == "ENG-2"
    assert [issue["key"] for issue in found["issues"]] == ["ENG-2"]


def test_a_description_on_data_center_is_wiki_text_as_it_was_written() -> None:
    world = site(data_center=True)
    body = {"project": {"key": "REL"}, "issuetype": {"name": "Task"}, "summary": "S", "description": "h1. *x*"}
    with plain(JiraSandbox(world)) as http:
        _, made = http.ask("POST", "issue", {"fields": body})
        _, issue = http.ask("GET", f"issue/{made['key']}", fields="description")
        status, said = http.ask("POST", "issue", {"fields": body | {"description": "x" * 32_768}})
    assert issue["fields"]["description"] == "h1. *x*"
    assert status == 400
    assert "32,767 characters" in said["errors"]["description"]


def test_the_library_takes_a_cloud_site_for_cloud_and_data_center_for_a_server() -> None:
    with client(JiraSandbox(site(Clock()))) as library:
        assert library._is_cloud  # noqa: SLF001 - what the library itself decides by
    with client(JiraSandbox(site(data_center=True))) as library, pytest.raises(jira.JIRAError):
        library.issue("ENG-1")


def test_a_connection_that_nobody_uses_any_more_ends_without_a_word(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("syncd.sandbox.server._Connection.timeout", 0.01)
    with (
        serving(Response(status=204)) as url,
        socket.create_connection(("127.0.0.1", urlsplit(url).port or 0), timeout=5) as idle,
    ):
        idle.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while idle.recv(4096):
            pass
    assert caplog.messages == []
