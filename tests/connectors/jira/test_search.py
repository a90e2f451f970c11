"""Lists of issues are read whole, or it is said that they are not (sync.md §1)."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Response

from connectors.base import Convention, Selector
from connectors.errors import DeniedError, MalformedError, MissingError, PermanentError, TemporaryError, TrackerError
from connectors.jira import connector, search
from mapping.item import Progress
from syncd.sandbox.server import serving
from tests.connectors.contract import START, read
from tests.connectors.jira.site import JiraSite, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from werkzeug.wrappers import Request

    from connectors.base import Query

ALL = {"all": Selector(terms={"project": "HOME"})}


@pytest.fixture
def cloud() -> Iterator[JiraSite]:
    with running() as site:
        yield site


@pytest.fixture
def server() -> Iterator[JiraSite]:
    with running(data_center=True) as site:
        yield site


def told(value: Any, status: int = 200, **headers: str) -> Response:
    return Response(json.dumps(value), status=status, content_type="application/json", headers=headers)


def answering(site: JiraSite, path: str, answer: Callable[[dict[str, Any]], Any]) -> None:
    """Requests whose path ends so are answered by the test; None lets the site answer."""

    def instead(request: Request) -> Response | None:
        if not request.path.endswith(path):
            return None
        value = answer(json.loads(request.get_data() or b"{}"))
        return value if value is None or isinstance(value, Response) else told(value)

    site.app.before = instead


def failure(site: JiraSite) -> Exception:
    source = site.source()
    reading = read(source, ALL)
    source.close()
    assert reading.members == {}
    return reading.failed["all"]


@pytest.mark.parametrize(
    "page",
    [
        {"issues": [{"id": "1"}], "nextPageToken": "again"},
        {"issues": [], "nextPageToken": "more"},
        {"issues": [{"id": "1"}], "nextPageToken": {"a": 1}},
        {"issues": [{"key": "HOME-1"}]},
        {"issues": [{"id": "1"}], "isLast": False},
        {"issues": {"id": "1"}},
        {"issues": [{"id": "1"}], "warnings": [{"message": "The result was truncated"}]},
        {"issues": [{"id": "1"}], "warnings": {"message": "The result was truncated"}},
        {"issues": [{"id": "1"}], "warnings": "The result was truncated"},
        {},
    ],
)
def test_f9_a_list_that_is_not_whole_fails_its_query(cloud: JiraSite, page: Any) -> None:
    answering(cloud, "/search/jql", lambda _: page)
    assert isinstance(failure(cloud), MalformedError)


def test_a_warning_is_told_in_jiras_words(cloud: JiraSite) -> None:
    answering(cloud, "/search/jql", lambda _: {"issues": [], "warnings": [{"message": "The result was truncated"}]})
    assert "The result was truncated" in str(failure(cloud))


def test_pages_without_end_are_given_up(cloud: JiraSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_MOST_ROWS", 300)
    count = iter(range(10_000))
    answering(cloud, "/search/jql", lambda _: {"issues": [{"id": str(n := next(count))}], "nextPageToken": f"t{n}"})
    assert "more than" in str(failure(cloud))
    assert len(cloud.app.requests) < 500


def test_an_issue_that_the_search_shows_and_nobody_can_read_makes_its_query_incomplete(cloud: JiraSite) -> None:
    here, gone = cloud.add("Here"), cloud.add("Gone", labels=["launch"])
    cloud.app.index_lag_s = 60
    cloud.clock.pass_by(minutes=5)
    cloud.delete(gone)
    source = cloud.source()
    reading = read(source, {**ALL, "other": Selector(terms={"jql": f"key = {here}"})})
    assert isinstance(reading.failed["all"], TemporaryError)
    assert "cannot be read" in str(reading.failed["all"])
    assert reading.members == {"other": frozenset({cloud.identity(here)})}
    source.close()


def test_an_issue_that_bulk_reading_missed_once_is_read_at_the_second_look(cloud: JiraSite) -> None:
    keys = {cloud.add("One"), cloud.add("Two")}
    looks: list[int] = []

    def half(_: dict[str, Any]) -> Any:
        looks.append(1)
        return {"issues": []} if len(looks) == 1 else None

    answering(cloud, "/issue/bulkfetch", half)
    source = cloud.source()
    assert {item.key for item in read(source, ALL).items.values()} == keys
    source.close()


def test_bulk_answers_are_cut_to_what_was_asked(cloud: JiraSite) -> None:
    key = cloud.add("Mine")
    number = cloud.identity(key)
    mine = cloud.world.issues[number]
    answering(cloud, "/issue/bulkfetch", lambda _: {"issues": [mine, {**mine, "id": "999"}]})
    source = cloud.source()
    assert set(source.lookup([number])) == {number}
    source.close()


def test_f6_the_old_search_is_never_called_on_cloud(cloud: JiraSite) -> None:
    cloud.add("One")
    source = cloud.source()
    read(source, ALL)
    set(source.changed(START, START))
    assert not [seen for seen in cloud.app.requests if seen.path.endswith("/search")]
    source.close()


def test_a_reading_costs_one_page_run_a_selector_and_its_contents(cloud: JiraSite) -> None:
    for number in range(120):
        cloud.add(f"Ticket {number}")
    source = cloud.source()
    source.identify()
    before = len(cloud.app.requests)
    read(source, {**ALL, "open": Selector(terms={"jql": "project = HOME AND resolution = Unresolved"})})
    asked = Counter(seen.path.rpartition("/")[2] for seen in cloud.app.requests[before:])
    assert asked == {"status": 1, "jql": 2, "bulkfetch": 2}
    assert len(source.changed(START, START)) == 120
    assert len(cloud.app.requests) - before == 7, "with their stamps, 120 changed issues are two pages"
    source.close()


def test_f1_an_index_that_lags_less_than_the_overlap_loses_nothing(cloud: JiraSite) -> None:
    cloud.app.index_lag_s = 540
    seen: set[str] = set()
    added: set[str] = set()
    since = cloud.clock()
    source = cloud.source()
    for number in range(30):
        added.add(cloud.identity(cloud.add(f"Ticket {number}")))
        cloud.clock.pass_by(minutes=1)
        if number % 3 == 0:
            start = cloud.clock()
            seen |= set(source.changed(since, start))
            since = start
    cloud.clock.pass_by(minutes=9)
    assert seen | set(source.changed(since, cloud.clock())) == added
    source.close()


@pytest.mark.parametrize("data_center", [False, True])
@pytest.mark.parametrize("count", [0, 1, 4, 5, 6, 50])
def test_f7_lists_and_contents_are_whole_whatever_the_size_of_a_page(
    monkeypatch: pytest.MonkeyPatch, *, data_center: bool, count: int
) -> None:
    for name in ("_ID_PAGE", "_CONTENT_PAGE", "BULK", "_IDS_IN_JQL"):
        monkeypatch.setattr(search, name, 5)
    with running(data_center=data_center) as site:
        epic = site.add("Epic", epic=True, project="AWAY")
        expected = {site.identity(site.add(f"Ticket {number}", under=epic)) for number in range(count)}
        queries: dict[str, Query] = {**ALL, "epic": Selector(terms={"epic": epic, "project": "HOME"})}
        source = site.source()
        reading = read(source, queries)
        assert reading.members == {"all": expected, "epic": expected}
        assert reading.items.keys() == expected
        assert set(source.changed(START, START)) == {*expected, site.identity(epic)}
        source.close()


def rows(*numbers: int, total: int) -> dict[str, Any]:
    return {"startAt": 0, "total": total, "issues": [{"id": str(n), "key": f"HOME-{n}", "fields": {}} for n in numbers]}


def test_f7_data_center_pages_overlap_and_take_the_size_that_is_granted(server: JiraSite) -> None:
    everything = list(range(1, 8))

    def three(body: dict[str, Any]) -> Any:
        return rows(*everything[body["startAt"] : body["startAt"] + 3], total=len(everything))

    answering(server, "/search", three)
    source = server.source()
    assert read(source, ALL).members["all"] == {str(n) for n in everything}
    source.close()


def test_f5_data_center_reads_again_when_rows_move_under_it(server: JiraSite) -> None:
    everything = list(range(1, 8))
    asked: list[int] = []

    def moving(body: dict[str, Any]) -> Any:
        if body["fields"] != ["id"]:
            return rows(*everything, total=len(everything))
        asked.append(body["startAt"])
        if len(asked) == 2:
            del everything[0]
        return rows(*everything[body["startAt"] : body["startAt"] + 3], total=len(everything))

    answering(server, "/search", moving)
    source = server.source()
    assert read(source, ALL).members["all"] == {str(n) for n in everything}
    assert asked.count(0) == 2
    source.close()


def test_a_data_center_list_that_never_stands_still_is_given_up(server: JiraSite) -> None:
    count = iter(range(10_000))
    answering(
        server, "/search", lambda body: rows(*range(body["startAt"], body["startAt"] + 3), total=100 + next(count))
    )
    source = server.source()
    with pytest.raises(TemporaryError, match="faster than it can be read"):
        read(source, ALL)
    source.close()


@pytest.mark.parametrize("page", [{"issues": [], "total": 5}, {"issues": [], "total": None}, {"total": 0}])
def test_a_data_center_page_that_makes_no_sense_fails_its_query(server: JiraSite, page: Any) -> None:
    answering(server, "/search", lambda _: page)
    assert isinstance(failure(server), MalformedError)


def test_data_center_finds_an_epics_children_by_the_epic_link_and_theirs_by_parent(server: JiraSite) -> None:
    epic = server.add("Epic", epic=True)
    story = server.add("Story", under=epic)
    part = server.add("Part", under=story, type="Sub-task")
    source = server.source()
    reading = read(source, {"epic": Selector(terms={"epic": epic})})
    assert reading.members["epic"] == {server.identity(story), server.identity(part)}
    source.close()


def test_an_anonymous_data_center_session_is_denied(server: JiraSite) -> None:
    answering(server, "/myself", lambda _: told({"name": "robot", "key": "r"}, 200, **{"X-AUSERNAME": "anonymous"}))
    source = server.source()
    with pytest.raises(DeniedError, match="nobody"):
        source.identify()
    source.close()


def test_f9_a_session_that_becomes_anonymous_in_the_middle_finds_nothing_and_says_so(server: JiraSite) -> None:
    source = server.source()
    source.identify()
    answering(server, "/search", lambda _: told({"total": 0, "issues": []}, 200, **{"X-AUSERNAME": "anonymous"}))
    with pytest.raises(DeniedError, match="nobody"):
        read(source, ALL)
    source.close()


@pytest.mark.parametrize(
    ("name", "header"),
    [("Jörg@x", "j%C3%B6rg%40x"), ("Dana Smith", "Dana+Smith"), ("Dana Smith", "Dana%20Smith"), ("d+s@x", "d+s@x")],
)
def test_a_login_name_is_compared_as_the_header_writes_it(server: JiraSite, name: str, header: str) -> None:
    answering(server, "/myself", lambda _: told({"name": name, "key": "r"}, 200, **{"X-AUSERNAME": header}))
    source = server.source()
    assert source.identify().account.id == "r"
    source.close()


def test_an_address_without_a_jira_says_so(cloud: JiraSite) -> None:
    answering(cloud, "/serverInfo", lambda _: told({}, 404))
    source = cloud.source()
    with pytest.raises(PermanentError, match="there is no Jira at"):
        source.identify()
    source.close()


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_account_is_the_whole_trackers(cloud: JiraSite, status: int) -> None:
    source = cloud.source()
    source.identify()
    answering(cloud, "/search/jql", lambda _: told({}, status))
    with pytest.raises(DeniedError):
        read(source, ALL)
    source.close()


@pytest.mark.parametrize(
    ("status", "body", "expected", "words"),
    [
        (
            400,
            {"errorMessages": ["The value 'X' does not exist."], "errors": {}},
            PermanentError,
            "The value 'X' does not",
        ),
        (400, {"errorMessages": None, "errors": ["a"], "message": 7}, PermanentError, "without a word"),
        (400, [1], PermanentError, "without a word"),
        (400, {"errorMessages": ["x" * 5000]}, PermanentError, "x" * 200),
        (401, {"message": "Client must be authenticated"}, DeniedError, "Client must be authenticated"),
        (404, {"errorMessages": ["Issue does not exist"]}, MissingError, "issue/HOME-1"),
        (409, {}, TemporaryError, "409"),
        (410, {"errorMessages": ["Gone for good"]}, PermanentError, "Gone for good"),
        (413, {"errorMessages": ["Too large"]}, PermanentError, "Too large"),
        (418, {}, PermanentError, "418"),
        (504, {}, TemporaryError, "504"),
    ],
)
def test_refusals_are_told_in_jiras_words_cut_to_size(
    cloud: JiraSite, status: int, body: Any, expected: type[TrackerError], words: str
) -> None:
    source = cloud.source()
    source.identify()
    answering(cloud, "/issue/HOME-1", lambda _: told(body, status))
    with pytest.raises(expected) as caught:
        source.launch("HOME-1")
    assert words in str(caught.value)
    assert len(str(caught.value)) < 500
    source.close()


def test_f25_a_secret_that_comes_back_is_not_shown(cloud: JiraSite) -> None:
    source = cloud.source()
    answering(cloud, "/myself", lambda _: told({"errorMessages": [f"bad token {cloud.world.token}"]}, 400))
    with pytest.raises(PermanentError) as caught:
        source.identify()
    assert cloud.world.token not in repr(caught.value) + str(caught.value)
    source.close()


def test_the_time_of_the_site_is_taken_where_no_date_header_comes(cloud: JiraSite) -> None:
    def undated(_: Request, response: Response) -> Response:
        response.headers["Date"] = "some day"
        return response

    cloud.clock.pass_by(days=3)
    source = cloud.source()
    cloud.app.after = undated
    assert source.identify().now == cloud.clock()
    source.close()


def test_the_files_own_words_decide_and_links_lead_to_the_public_address(cloud: JiraSite) -> None:
    key = cloud.add("Ticket", progress=Progress.DOING)
    answering(cloud, "/serverInfo", lambda _: {"deploymentType": "Cloud", "baseUrl": "https://acme.example"})
    source = connector.open_source(cloud.settings(statuses={"In progress": "done"}))
    item = source.lookup([cloud.identity(key)])[cloud.identity(key)]
    assert (item.progress, item.url) == (Progress.DONE, f"https://acme.example/browse/{key}")
    source.close()


def test_a_hidden_address_proves_a_person_only_when_the_search_finds_one(cloud: JiraSite) -> None:
    hidden = {"accountId": "a1", "accountType": "atlassian", "displayName": "Kim"}
    source = cloud.source()
    answering(cloud, "/user/search", lambda _: told([hidden]))
    found = source.person("kim@acme.example")
    assert found is not None
    assert (found.id, found.email) == ("a1", "kim@acme.example")
    answering(cloud, "/user/search", lambda _: told([hidden, {**hidden, "accountId": "a2"}]))
    assert source.person("kim@acme.example") is None
    answering(cloud, "/user/search", lambda _: told([{**hidden, "displayName": "kim@acme.example"}]))
    assert source.person("kim@acme.example") is None
    source.close()


def test_every_way_of_a_bare_project_finds_what_it_should(cloud: JiraSite) -> None:
    cloud.world.version("HOME", "Atlas 2.0")
    launch = cloud.add("Launch", project="AWAY")
    epic = cloud.add("Atlas 2.0", epic=True)
    other = cloud.add("Not Atlas 2.0 at all", epic=True)
    expected = {
        cloud.add("By version", fix_versions=["Atlas 2.0"]),
        cloud.add("By epic", under=epic),
        cloud.add("By label", labels=["atlas-2"]),
        cloud.add("By parent", under=launch),
        linked := cloud.add("By link"),
    }
    cloud.add("Elsewhere", project="AWAY", labels=["atlas-2"])
    cloud.add("Under another epic", under=other)
    cloud.world.link("Relates", linked, launch)
    query = Convention(project="HOME", release_id="atlas-2", release_name="Atlas 2.0", launch_key=launch)
    source = cloud.source()
    reading = read(source, {"gate": query})
    assert {item.key for item in reading.items.values()} == expected
    assert source.matching({"gate": query}, reading.items).members["gate"] == set(reading.items)
    assert {told.how: told.count for told in source.explain(query)} == {
        "fix version = Atlas 2.0": 1,
        "label = atlas-2": 1,
        "under an epic named Atlas 2.0": 1,
        f"child of {launch}": 1,
        f"linked to {launch}": 1,
    }
    source.close()


def test_a_jira_below_a_path_of_its_host_is_read_there() -> None:
    site = JiraSite()
    with serving(DispatcherMiddleware(NotFound(), {"/jira": site.app})) as url:
        site.url = f"{url}/jira/"
        key = site.add("Ticket")
        source = site.source()
        assert {item.key for item in read(source, ALL).items.values()} == {key}
        source.close()


def test_a_probe_without_changes_costs_one_request(cloud: JiraSite) -> None:
    source = cloud.source()
    source.identify()
    before = len(cloud.app.requests)
    query = Convention(project="HOME", release_id="a", release_name="A")
    changed = set(source.changed(START, START))
    assert source.matching({"gate": query}, changed).members == {"gate": frozenset()}
    assert len(cloud.app.requests) - before == 1
    source.close()


@pytest.mark.parametrize(
    "match",
    [
        None,
        7,
        {},
        {"errors": []},
        {"matchedIssues": None, "errors": []},
        {"matchedIssues": {"a": 1}},
        {"matchedIssues": [None], "errors": []},
        {"matchedIssues": [], "errors": "none"},
    ],
)
def test_f9_a_match_that_makes_no_sense_is_not_matches_nothing(cloud: JiraSite, match: Any) -> None:
    number = cloud.identity(cloud.add("Ticket"))
    answering(cloud, "/jql/match", lambda _: {"matches": [match]})
    source = cloud.source()
    with pytest.raises(MalformedError):
        source.matching(ALL, [number])
    source.close()


def without(site: JiraSite, path: str, *names: str) -> None:
    """Answers at this path lack these members."""

    def cut(request: Request, response: Response) -> Response | None:
        if not request.path.endswith(path):
            return None
        value = json.loads(response.get_data())
        return told({name: each for name, each in value.items() if name not in names})

    site.app.after = cut


BARE = Convention(project="HOME", release_id="atlas-2", release_name="Atlas 2.0")


@pytest.mark.parametrize("missing", [(), ("issueTypes",), ("versions",), ("issueTypes", "versions")])
@pytest.mark.parametrize("data_center", [False, True])
def test_what_a_project_does_not_tell_of_itself_is_asked_for(*, data_center: bool, missing: tuple[str, ...]) -> None:
    with running(data_center=data_center) as site:
        site.world.version("HOME", "Atlas 2.0")
        epic = site.add("Atlas 2.0", epic=True)
        expected = {site.add("By version", fix_versions=["Atlas 2.0"]), site.add("By epic", under=epic)}
        without(site, "/project/HOME", *missing)
        source = site.source()
        reading = read(source, {"gate": BARE})
        assert {item.key for item in reading.items.values()} == expected
        assert reading.ways == {"gate": {"fix version", "epic"}}
        source.close()


@pytest.mark.parametrize("path", ["/issuetype", "/versions"])
def test_a_project_whose_kinds_or_versions_nobody_tells_fails_its_query(cloud: JiraSite, path: str) -> None:
    def instead(request: Request) -> Response | None:
        return told({}) if request.path.endswith(path) else None

    without(cloud, "/project/HOME", "issueTypes", "versions")
    cloud.app.before = instead
    source = cloud.source()
    reading = read(source, {"gate": BARE})
    assert isinstance(reading.failed["gate"], MalformedError)
    source.close()


def test_an_epic_whose_name_is_not_told_fails_its_query_and_is_not_passed_over(cloud: JiraSite) -> None:
    cloud.add("Below", under=cloud.add("Atlas 2.0", epic=True))

    def nameless(request: Request, response: Response) -> Response | None:
        if not request.path.endswith("/issue/bulkfetch"):
            return None
        value = json.loads(response.get_data())
        for issue in value["issues"]:
            del issue["fields"]["summary"]
        return told(value)

    cloud.app.after = nameless
    source = cloud.source()
    assert isinstance(read(source, {"gate": BARE}).failed["gate"], MalformedError)
    source.close()


def test_ways_tell_what_of_a_project_there_is_so_that_one_that_vanishes_shows(cloud: JiraSite) -> None:
    cloud.world.version("HOME", "Atlas 2.0")
    ticket = cloud.add("By label", labels=["atlas-2"])
    queries: dict[str, Query] = {"gate": BARE, **ALL}
    source = cloud.source()
    assert read(source, queries).ways == {"gate": {"fix version"}}
    assert source.matching(queries, [cloud.identity(ticket)]).ways == {"gate": {"fix version"}}
    source.close()
    cloud.world.project_versions["HOME"].clear()
    again = cloud.source()
    assert read(again, queries).ways == {"gate": frozenset()}
    again.close()
