"""What Jira names and does not tell is incomplete, and never "not there" or "not a member" (sync.md §1)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.wrappers import Response

from connectors.base import Convention, Selector
from connectors.errors import MalformedError, PermanentError, TemporaryError
from tests.connectors.contract import read
from tests.connectors.jira.site import JiraSite, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from werkzeug.wrappers import Request

    from connectors.base import Query

LAUNCH = {"gate": Selector(terms={"label": "launch"})}
BARE = {"gate": Convention(project="HOME", release_id="atlas-2", release_name="Atlas 2.0")}


@pytest.fixture
def cloud() -> Iterator[JiraSite]:
    with running() as site:
        yield site


@pytest.fixture
def server() -> Iterator[JiraSite]:
    with running(data_center=True) as site:
        yield site


def changed(site: JiraSite, path: str, change: Callable[[dict[str, Any]], None]) -> None:
    """Answers at this path are changed by the test, headers and all else kept."""

    def after(request: Request, response: Response) -> Response | None:
        if not request.path.endswith(path) or response.status_code >= 400:
            return None
        value = json.loads(response.get_data())
        change(value)
        response.set_data(json.dumps(value))
        return response

    site.app.after = after


def told(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value), status=status, content_type="application/json")


def withheld(site: JiraSite, number: str, errors: Any, *, above: int = 0) -> None:
    """Answers of more than so many issues lack this one and tell an error."""

    def cut(value: dict[str, Any]) -> None:
        kept = [issue for issue in value["issues"] if issue["id"] != number]
        if len(kept) != len(value["issues"]) and len(value["issues"]) > above:
            value.update(issues=kept, issueErrors=errors)

    changed(site, "/issue/bulkfetch", cut)


ERRORS = [{"id": "10002", "errorMessage": "The response is too large, try again."}]


@pytest.mark.parametrize("errors", [ERRORS, {"10002": "too large"}, "too large", {}])
def test_f9_an_issue_that_jira_names_and_does_not_hand_over_is_neither_gone_nor_outside(
    cloud: JiraSite, errors: Any
) -> None:
    one, two = (cloud.identity(cloud.add(name, labels=["launch"])) for name in ("One", "Two"))
    withheld(cloud, two, errors)
    source = cloud.source()
    with pytest.raises(TemporaryError, match=r"hand over 1 of 2 issues"):
        source.lookup([one, two])
    with pytest.raises(TemporaryError, match="hand over 1 of 2"):
        source.matching(LAUNCH, [one, two])
    with pytest.raises(TemporaryError, match="hand over 1 of 2"):
        read(source, LAUNCH)
    source.close()


def test_an_ancestor_that_is_not_handed_over_is_not_no_ancestor(cloud: JiraSite) -> None:
    epic = cloud.add("Epic", epic=True)
    child = cloud.identity(cloud.add("Child", under=epic))
    source = cloud.source()
    query = {"gate": Selector(terms={"epic": cloud.identity(epic)})}
    assert source.matching(query, [child]).members["gate"] == {child}
    withheld(cloud, cloud.identity(epic), ERRORS)
    with pytest.raises(TemporaryError, match="hand over"):
        source.matching(query, [child])
    source.close()


def test_what_was_too_large_at_once_is_asked_for_in_smaller_batches(cloud: JiraSite) -> None:
    numbers = {cloud.identity(cloud.add(f"Ticket {number}", labels=["launch"])) for number in range(30)}
    withheld(cloud, max(numbers), ERRORS, above=10)
    source = cloud.source()
    assert set(read(source, LAUNCH).items) == numbers
    asked = [len(seen.body["issueIdsOrKeys"]) for seen in cloud.app.requests if seen.path.endswith("/bulkfetch")]
    assert asked == [30, 1]
    source.close()


def test_an_epic_that_the_search_finds_and_nobody_can_read_fails_its_query(cloud: JiraSite) -> None:
    epic = cloud.add("Atlas 2.0", epic=True)
    cloud.add("Child", under=epic)
    number = cloud.identity(epic)

    def cut(value: dict[str, Any]) -> None:
        value["issues"] = [issue for issue in value["issues"] if issue["id"] != number]

    changed(cloud, "/issue/bulkfetch", cut)
    source = cloud.source()
    assert isinstance(source.census(BARE).failed["gate"], MalformedError)
    withheld(cloud, number, ERRORS)
    with pytest.raises(TemporaryError, match="hand over"):
        source.census(BARE)
    source.close()


def test_a_jira_that_cannot_read_in_bulk_is_said_to_be_too_old(cloud: JiraSite) -> None:
    number = cloud.identity(cloud.add("One"))
    cloud.app.before = lambda request: told({}, 404) if request.path.endswith("/bulkfetch") else None
    source = cloud.source()
    with pytest.raises(PermanentError, match="too old"):
        source.lookup([number])
    source.close()


def test_a_match_whose_errors_are_null_has_none(cloud: JiraSite) -> None:
    number = cloud.identity(cloud.add("One"))

    def no_list(value: dict[str, Any]) -> None:
        for match in value["matches"]:
            match["errors"] = None

    changed(cloud, "/jql/match", no_list)
    source = cloud.source()
    query = {"gate": Selector(terms={"jql": "project = HOME"})}
    assert source.matching(query, [number]).members["gate"] == {number}
    source.close()


@pytest.mark.parametrize("warnings", [["The search was cut"], "The search was cut", {"message": "cut"}, [{}]])
def test_f9_a_data_center_list_with_a_warning_is_not_whole(server: JiraSite, warnings: Any) -> None:
    server.add("One", labels=["launch"])
    changed(server, "/search", lambda value: value.update(warningMessages=warnings))
    source = server.source()
    assert isinstance(source.census(LAUNCH).failed["gate"], MalformedError)
    source.close()


def test_a_warning_that_an_issue_is_gone_is_no_error_where_it_was_asked_for(server: JiraSite) -> None:
    here = server.identity(server.add("Here"))
    page = {"startAt": 0, "total": 1, "issues": [server.world.issues[here]]}
    words = "A value with ID '10999' does not exist for the field 'issue'."
    server.app.before = lambda request: (
        told({**page, "warningMessages": [words]}) if request.path.endswith("/search") else None
    )
    source = server.source()
    assert set(source.lookup([here, "10999"])) == {here}
    with pytest.raises(MalformedError, match="Jira warns"):
        source.lookup([here])
    source.close()


GONE = "The value 'Gone 1.0' does not exist for the field 'fixVersion'."


@pytest.mark.parametrize("terms", [{"project": "HOME", "fix_version": "Gone 1.0"}, {"jql": 'fixVersion = "Gone 1.0"'}])
def test_f9_a_word_that_data_center_does_not_know_is_not_no(server: JiraSite, terms: dict[str, str]) -> None:
    """Unchecked, it answers 200 and no issue."""

    def unchecked(request: Request) -> Response | None:
        body = json.loads(request.get_data() or b"{}")
        if not request.path.endswith("/search") or body.get("validateQuery") or "Gone 1.0" not in body["jql"]:
            return None
        return told({"startAt": 0, "maxResults": 1000, "total": 0, "issues": []})

    number = server.identity(server.add("One"))
    epic = server.add("Epic", epic=True)
    child = server.identity(server.add("Child", under=epic))
    server.app.before = unchecked
    source = server.source()
    queries = {"gate": Selector(terms=terms), "below": Selector(terms={"epic": epic, **terms})}
    for reading in (source.matching(queries, [number, child]), source.census(queries)):
        assert reading.members == {}
        assert all("Gone 1.0" in str(error) for error in reading.failed.values())
    source.close()


def test_a_word_that_was_taken_and_is_gone_since_is_not_no(server: JiraSite) -> None:
    number = server.identity(server.add("One"))
    source = server.source()
    query = {"gate": Selector(terms={"jql": "project = HOME"})}
    assert source.census(query).failed == {}
    before = len(server.app.requests)
    assert source.matching(query, [number]).members["gate"] == {number}
    assert (
        len(
            [
                seen
                for seen in server.app.requests[before:]
                if seen.path.endswith("/search") and seen.body["maxResults"] == 0
            ]
        )
        == 0
    )

    def warn(request: Request) -> Response | None:
        if "id in" not in json.loads(request.get_data() or b"{}").get("jql", ""):
            return None
        return told({"startAt": 0, "maxResults": 1000, "total": 0, "issues": [], "warningMessages": [GONE]})

    server.app.before = warn
    assert isinstance(source.matching(query, [number]).failed["gate"], MalformedError)
    source.close()


@pytest.mark.parametrize("data_center", [False, True])
def test_a_site_that_grants_small_pages_is_read_whole(*, data_center: bool) -> None:
    count, size = 2100, 10

    def small(request: Request) -> Response | None:
        body = json.loads(request.get_data() or b"{}")
        if not request.path.endswith(("/search", "/search/jql")):
            return None
        start = int(body.get("nextPageToken") or body.get("startAt") or 0)
        page = {"issues": [{"id": str(10000 + n)} for n in range(start, min(start + size, count))], "total": count}
        return told({**page, "nextPageToken": str(start + size)} if start + size < count else page)

    with running(data_center=data_center) as site:
        site.app.before = small
        source = site.source()
        assert len(source.census(LAUNCH).members["gate"]) == count
        source.close()


def test_pages_that_tell_nothing_new_are_given_up(cloud: JiraSite) -> None:
    tokens = iter(range(10_000))
    page = {"issues": [{"id": "1"}, {"id": "2"}]}
    cloud.app.before = lambda request: (
        told({**page, "nextPageToken": f"t{next(tokens)}"}) if request.path.endswith("/search/jql") else None
    )
    source = cloud.source()
    assert "repeat" in str(source.census(LAUNCH).failed["gate"])
    assert next(tokens) == 2
    source.close()


def renamed(request: Request, response: Response) -> Response | None:
    """A Data Center in another language: types and fields have other names, and the same kinds."""
    del request
    words = response.get_data(as_text=True).replace('"name":"Epic"', '"name":"Epos"').replace("Epic Link", "Eposlink")
    response.set_data(words)
    return response


@pytest.mark.parametrize("after", [None, renamed])
def test_f17_an_epic_of_a_data_center_is_found_whatever_its_type_and_fields_are_called(
    server: JiraSite, after: Any
) -> None:
    child = server.identity(server.add("Child", under=(epic := server.add("Atlas 2.0", epic=True))))
    server.app.after = after
    source = server.source()
    queries: dict[str, Query] = {**BARE, "below": Selector(terms={"epic": epic})}
    expected = {"gate": {child}, "below": {child}}
    assert source.census(queries).members == expected
    assert source.matching(queries, [child]).members == expected
    assert source.matching(queries, [server.identity(epic)]).items.keys() == {child, server.identity(epic)}
    asked = [seen.body["jql"] for seen in server.app.requests if seen.path.endswith("/search")]
    assert not [jql for jql in asked if "Epic" in jql]
    source.close()


def test_a_data_center_without_epics_is_read_by_parents_alone(server: JiraSite) -> None:
    launch = server.add("Launch")
    part = server.identity(server.add("Part", type="Sub-task", under=launch))
    server.app.before = lambda request: told([]) if request.path.endswith("/field") else None
    source = server.source()
    convention = Convention(project="HOME", release_id="atlas-2", release_name="Atlas 2.0", launch_key=launch)
    reading = source.census({"gate": convention, "below": Selector(terms={"epic": launch})})
    assert reading.failed == {}
    assert reading.members == {"gate": {part}, "below": {part}}
    source.close()
