from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from syncd.sandbox.jira import JiraSandbox, search
from syncd.sandbox.jira.jql import JqlError, parse
from tests.sandbox.jira_sites import START, Clock, plain, site


def launch() -> tuple[Clock, JiraSandbox]:
    """ENG-1 epic, ENG-2 and ENG-3 under it, ENG-4 alone and done, ENG-5 a bug; REL-1 is blocked by ENG-5."""
    clock = Clock()
    world = site(clock)
    world.component("ENG", "Core")
    world.add("ENG", "Atlas docs", type="Epic")
    world.add("ENG", "Write the guide", parent="ENG-1", fix_versions=["Atlas 2.0"], labels=["Docs", "atlas-2"])
    clock.pass_(hours=1)
    world.add("ENG", "Review the long guide", parent="ENG-1", assignee="maya@acme.example", due="2026-12-01")
    clock.pass_(hours=1)
    world.add("ENG", "Ship it", status="Done", labels=["docs"], components=["Core"], priority="High")
    clock.pass_(hours=1)
    world.add("ENG", "Crash on start", type="Bug", status="In Progress", fix_versions=["Atlas 3.0"], priority="Highest")
    world.add("REL", "Launch", assignee=world.me)
    world.link("Blocks", "ENG-5", "REL-1")
    return clock, JiraSandbox(world)


TABLE = {
    "project = ENG": [1, 2, 3, 4, 5],
    "PROJECT = engineering AND Key != ENG-1": [2, 3, 4, 5],
    'fixVersion = "atlas 2.0"': [2],
    'fixVersion != "Atlas 2.0"': [5],
    'NOT fixVersion = "Atlas 2.0"': [5],
    'NOT (fixVersion in ("Atlas 2.0") OR labels = docs)': [],
    'project = ENG AND (fixVersion != "Atlas 2.0" OR fixVersion IS EMPTY)': [1, 3, 4, 5],
    "labels = docs": [2, 4],
    "labels in (atlas-2, nothing)": [2],
    "labels is not EMPTY": [2, 4],
    "project = ENG and labels = EMPTY": [1, 3, 5],
    "component = Core": [4],
    "issuetype = Bug or type = Epic": [1, 5],
    "project=ENG and status not in (Done, 'In Progress')": [1, 2, 3],
    "statusCategory = done": [4],
    "project = ENG && statusCategory != Done": [1, 2, 3, 5],
    "project = ENG and resolution = Unresolved": [1, 2, 3, 5],
    "resolution is not empty": [4],
    "parent = ENG-1": [2, 3],
    "parent in (ENG-1) and assignee is EMPTY": [2],
    '"Epic Link" = ENG-1': [2, 3],
    '"Epic Link" = "Atlas docs"': [2, 3],
    "project = ENG and parent is empty": [1, 4, 5],
    "key in (ENG-2, eng-3)": [2, 3],
    "issue in linkedIssues(REL-1)": [5],
    'issue in linkedIssues("REL-1", "is blocked by")': [5],
    'issue in linkedIssues("REL-1", "blocks")': [],
    'issue in linkedIssues("REL-1", "clones")': [],
    'assignee = "maya@acme.example"': [3],
    "assignee = currentUser() and project = ENG": [],
    "priority in (High, Highest)": [4, 5],
    "summary ~ guide": [2, 3],
    'summary ~ "guide write"': [2],
    'summary ~ "\\"the guide\\""': [2],
    'summary ~ "gui*"': [2, 3],
    "project = ENG and summary !~ guide": [1, 4, 5],
    "due <= 2026-12-01": [3],
    "due < 2026-12-01": [],
    "project = ENG and due is EMPTY": [1, 2, 4, 5],
    "created >= -61m and project = ENG": [4, 5],
    "updated >= -2h and project = ENG": [3, 4, 5],
    # 11:30 in New York is 16:30 UTC: one and a half hours after the start
    'project = ENG and created > "2026-11-20 11:30"': [4, 5],
    'project = ENG and created < "2026/11/20 10:30"': [1, 2],
    "project = ENG and created >= startOfDay()": [1, 2, 3, 4, 5],
    "project = ENG and created >= endOfDay()": [],
    "!(project = REL) and type = Task and not status = Done": [2, 3],
}


@pytest.mark.parametrize("jql", TABLE)
def test_jql_means_what_it_means_in_jira(jql: str) -> None:
    _, sandbox = launch()
    found = search.find(sandbox.world, f"{jql} ORDER BY key")
    assert [issue["key"] for issue in found] == [f"ENG-{number}" for number in TABLE[jql]]


REFUSED = {
    "order by key desc": "Unbounded JQL queries are not allowed here",
    "": "Unbounded JQL queries are not allowed here",
    "nonsense = 1": "Field 'nonsense' does not exist or you do not have permission to view it.",
    "project = NOPE": "The value 'NOPE' does not exist for the field 'project'.",
    "project = ENG and fixVersion = 9.9": "The value '9.9' does not exist for the field 'fixVersion'.",
    "key = ENG-99": "An issue with key 'ENG-99' does not exist for field 'key'.",
    "assignee = nobody@acme.example": "The value 'nobody@acme.example' does not exist for the field 'assignee'.",
    "status = Nowhere": "The value 'Nowhere' does not exist for the field 'status'.",
    "project = ": "Unexpected end of the query",
    "project ENG": "Expecting operator but got 'ENG'",
    'project = "ENG': "is a reserved JQL character",
    "summary = guide": "The operator '=' is not supported by the 'summary' field.",
    "status ~ Done": "The operator '~' is not supported by the 'status' field.",
    "updated > tomorrow": "Date value 'tomorrow' for field 'updated' is invalid.",
    "assignee = membersOf(x)": "Unable to find JQL function 'membersOf(x)'.",
    "project = ENG order by nonsense": "Not able to sort using field 'nonsense'.",
    "project = ENG order by a,b,c,d,e,f,g,h": "The maximum number of fields allowed in ORDER BY is 7.",
    "(" * 500: "nested too deeply",
}


@pytest.mark.parametrize("jql", REFUSED)
def test_what_jira_refuses_is_refused_with_400_in_its_words(jql: str) -> None:
    _, sandbox = launch()
    with plain(sandbox) as http:
        status, said = http.ask("POST", "search/jql", {"jql": jql})
    assert status == 400
    assert REFUSED[jql] in said["errorMessages"][0]


def test_an_invisible_project_is_unknown_to_jql() -> None:
    world = site()
    world.project("SEC", "Secret", private=True)
    world.add("SEC", "Hidden")
    with pytest.raises(JqlError, match="The value 'SEC' does not exist"):
        search.find(world, "project = SEC")
    assert search.find(world, "summary ~ Hidden") == []


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles", "Asia/Kolkata", "UTC"])
def test_a_literal_date_is_read_in_the_accounts_zone_and_a_relative_one_in_none(zone: str) -> None:
    world = site(zone=zone)
    world.add("ENG", "One")
    local = START.astimezone(world.zone)
    found = {
        jql: len(search.find(world, f"project = ENG and updated >= {jql}"))
        for jql in (f'"{local:%Y-%m-%d %H:%M}"', f'"{local:%Y-%m-%d} {local.hour:02d}:01"', "-0m", "-1w")
    }
    assert list(found.values()) == [1, 0 if local.minute == 0 else 1, 1, 1]


def test_order_by_several_fields_sorts_by_each_in_turn() -> None:
    _, sandbox = launch()
    found = search.find(sandbox.world, "project = ENG ORDER BY priority DESC, key DESC")
    assert [issue["key"] for issue in found] == ["ENG-5", "ENG-4", "ENG-3", "ENG-2", "ENG-1"]
    found = search.find(sandbox.world, "project = ENG ORDER BY created ASC, key ASC")
    assert [issue["key"] for issue in found] == [f"ENG-{number}" for number in range(1, 6)]


def test_an_index_that_lags_shows_the_past_while_a_read_by_id_shows_the_truth() -> None:
    clock, sandbox = launch()
    clock.pass_(hours=1)
    sandbox.index_lag_s = 120
    sandbox.world.move("ENG-2", "Done")
    sandbox.world.add("ENG", "New")
    with plain(sandbox) as http:
        assert "ENG-2" not in http.find("statusCategory = Done")
        assert "ENG-6" not in http.find("project = ENG")
        _, issue = http.ask("GET", "issue/ENG-2", fields="status")
        assert issue["fields"]["status"]["name"] == "Done"
        clock.pass_(seconds=121)
        assert "ENG-2" in http.find("statusCategory = Done")
        assert "ENG-6" in http.find("project = ENG")


def test_what_was_deleted_stays_in_an_index_that_lags() -> None:
    clock, sandbox = launch()
    clock.pass_(hours=1)
    sandbox.index_lag_s = 60
    sandbox.world.delete("ENG-4")
    with plain(sandbox) as http:
        assert "ENG-4" in http.find("project = ENG")
        assert http.ask("GET", "issue/ENG-4")[0] == 404
        clock.pass_(seconds=61)
        assert "ENG-4" not in http.find("project = ENG")


def test_match_says_which_issues_each_query_holds_and_why_one_is_refused() -> None:
    _, sandbox = launch()
    idents = [int(ident) for ident in sandbox.world.issues]
    with plain(sandbox) as http:
        _, answer = http.ask("POST", "jql/match", {"issueIds": idents, "jqls": ["parent = ENG-1", "project = NOPE"]})
    children = [int(sandbox.world.keys[key]) for key in ("ENG-2", "ENG-3")]
    assert answer["matches"][0] == {"matchedIssues": children, "errors": []}
    assert answer["matches"][1]["matchedIssues"] == []
    assert "NOPE" in answer["matches"][1]["errors"][0]


def test_epoch_milliseconds_are_a_date() -> None:
    _, sandbox = launch()
    at = int(datetime(2026, 11, 20, 16, 30, tzinfo=UTC).timestamp() * 1000)
    assert len(search.find(sandbox.world, f"project = ENG and created > {at}")) == 2


@settings(max_examples=200, deadline=None)
@given(some.text(max_size=60) | some.text(alphabet="project=ENG()\"\\'~!<>,orandin[]cf1 -", max_size=60))
def test_whatever_is_sent_as_jql_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(JqlError):
        assert parse(text).order is not None
