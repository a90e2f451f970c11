from __future__ import annotations

from typing import Any

import pytest

from syncd.sandbox.jira import JiraSandbox
from syncd.sandbox.jira.document import of_text
from tests.sandbox.jira_sites import Clock, client, plain, site


def new(**fields: Any) -> dict[str, Any]:
    return {"fields": {"project": {"key": "REL"}, "issuetype": {"name": "Task"}, "summary": "S", **fields}}


def test_the_client_library_creates_reads_edits_moves_and_links() -> None:
    world = site()
    launch = world.add("REL", "Launch")
    sandbox = JiraSandbox(world)
    with client(sandbox) as library:
        issue = library.create_issue(fields=new(labels=["b", "a"], description=of_text("one\ntwo"))["fields"])
        issue.update(fields={"summary": "Changed"})
        issue.update(update={"labels": [{"add": "c"}, {"remove": "a"}]})
        library.create_issue_link("Blocks", issue.key, launch)
        library.add_issue_property(issue, "mark", {"digest": "abc"})
        library.transition_issue(issue, "Done")
        library.add_comment(issue, of_text("well"))
        again = library.issue(issue.id)
        assert again.fields.summary == "Changed"
        assert again.fields.labels == ["b", "c"]
        assert again.fields.status.statusCategory.key == "done"
        assert again.raw["fields"]["resolution"]["name"] == "Done"
        assert again.fields.issuelinks[0].outwardIssue.key == launch
        assert library.issue_property(issue, "mark").value.digest == "abc"
    assert sandbox.refused == []


def test_the_inward_issue_of_a_link_blocks_the_outward_one_and_each_shows_one_side() -> None:
    world = site()
    summary, launch = world.add("REL", "Summary"), world.add("REL", "Launch")
    body = {"type": {"name": "Blocks"}, "inwardIssue": {"key": summary}, "outwardIssue": {"key": launch}}
    with plain(JiraSandbox(world)) as http:
        assert http.ask("POST", "issueLink", body) == (201, None)
        assert http.ask("POST", "issueLink", body) == (201, None)
        _, ours = http.ask("GET", f"issue/{summary}", fields="issuelinks")
        _, theirs = http.ask("GET", f"issue/{launch}", fields="issuelinks")
        ident = ours["fields"]["issuelinks"][0]["id"]
        _, link = http.ask("GET", f"issueLink/{ident}")
    (outward,), (inward,) = ours["fields"]["issuelinks"], theirs["fields"]["issuelinks"]
    assert (outward["type"]["outward"], outward["outwardIssue"]["key"], "inwardIssue" in outward) == (
        "blocks",
        launch,
        False,
    )
    assert (inward["type"]["inward"], inward["inwardIssue"]["key"], "outwardIssue" in inward) == (
        "is blocked by",
        summary,
        False,
    )
    assert (link["inwardIssue"]["key"], link["outwardIssue"]["key"]) == (summary, launch)


def test_a_linked_issue_and_a_parent_are_shown_as_they_are_now() -> None:
    world = site()
    world.add("ENG", "Epic", type="Epic")
    world.add("ENG", "Child", parent="ENG-1")
    world.add("REL", "Launch")
    world.link("Blocks", "ENG-1", "REL-1")
    world.move("ENG-1", "In Review")
    with plain(JiraSandbox(world)) as http:
        _, child = http.ask("GET", "issue/ENG-2", fields="parent")
        _, launch = http.ask("GET", "issue/REL-1", fields="issuelinks")
    assert child["fields"]["parent"]["fields"]["status"]["name"] == "In Review"
    assert launch["fields"]["issuelinks"][0]["inwardIssue"]["fields"]["status"]["name"] == "In Review"


def test_labels_and_properties_travel_in_the_create_call() -> None:
    world = site()
    body = {**new(labels=["syncd-1"]), "properties": [{"key": "syncd", "value": {"digest": "d"}}]}
    with plain(JiraSandbox(world)) as http:
        status, made = http.ask("POST", "issue", body)
        found = http.find("labels = syncd-1")
        _, issue = http.ask("GET", f"issue/{made['id']}", properties="syncd", fields="labels")
        assert http.ask("GET", f"issue/{made['id']}/properties")[1]["keys"][0]["key"] == "syncd"
        assert http.ask("GET", f"issue/{made['id']}/properties/none")[0] == 404
        assert http.ask("PUT", f"issue/{made['id']}/properties/syncd", {"digest": "e"})[0] == 200
        assert http.ask("PUT", f"issue/{made['id']}/properties/new", [1])[0] == 201
    assert (status, set(made)) == (201, {"id", "key", "self"})
    assert found == [made["key"]]
    assert issue["properties"] == {"syncd": {"digest": "d"}}


def test_a_property_does_not_move_updated_and_an_edit_does() -> None:
    clock = Clock()
    world = site(clock)
    world.add("ENG", "One")
    before = world.issues[world.keys["ENG-1"]]["fields"]["updated"]
    clock.pass_(minutes=5)
    with plain(JiraSandbox(world)) as http:
        http.ask("PUT", "issue/ENG-1/properties/p", 1)
        assert world.issues[world.keys["ENG-1"]]["fields"]["updated"] == before
        http.ask("PUT", "issue/ENG-1", {"fields": {"summary": "Two"}})
    assert world.issues[world.keys["ENG-1"]]["fields"]["updated"] == "2026-11-20T10:05:00.000-0500"


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "summary": ({"summary": "x" * 256}, "less than 255"),
    "newline": ({"summary": "a\nb"}, "newline"),
    "no text": ({"description": {"version": 1, "type": "doc", "content": [{"type": "text", "text": ""}]}}, "Atlassian"),
    "no ADF": ({"description": "words"}, "Atlassian Document"),
    "too long": ({"description": of_text("x" * 32_767)}, "CONTENT_LIMIT_EXCEEDED"),
    "label": ({"labels": ["two words"]}, "can't contain spaces"),
    "type": ({"issuetype": {"name": "Nothing"}}, "valid issue type"),
    "field": ({"colour": "red"}, "cannot be set"),
    "status": ({"status": {"name": "Done"}}, "cannot be set"),
    "version": ({"fixVersions": [{"name": "9.9"}]}, "not valid"),
    "person": ({"assignee": {"accountId": "nobody"}}, "cannot be assigned"),
    "due": ({"duedate": "tomorrow"}, "yyyy-MM-dd"),
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_field_that_jira_refuses_is_refused_by_name_and_nothing_is_created(fault: str) -> None:
    fields, words = WRONG[fault]
    world = site()
    with plain(JiraSandbox(world)) as http:
        status, said = http.ask("POST", "issue", new(**fields))
    (name,) = fields
    assert status == 400
    assert words in said["errors"][name]
    assert world.issues == {}


def test_status_moves_by_transitions_only_and_the_history_tells_who_when_and_what() -> None:
    clock = Clock()
    world = site(clock)
    world.add("ENG", "One")
    clock.pass_(minutes=1)
    with plain(JiraSandbox(world)) as http:
        _, listed = http.ask("GET", "issue/ENG-1/transitions")
        done = next(row for row in listed["transitions"] if row["to"]["name"] == "Done")
        assert done["id"] != done["to"]["id"]
        assert http.ask("POST", "issue/ENG-1/transitions", {"transition": {"id": done["id"]}}) == (204, None)
        assert http.ask("POST", "issue/ENG-1/transitions", {"transition": {"id": "7"}})[0] == 400
        world.denied.add("TRANSITION_ISSUES")
        assert http.ask("GET", "issue/ENG-1/transitions")[1]["transitions"] == []
        world.move("ENG-1", "To Do", by="maya@acme.example")
        _, log = http.ask("GET", "issue/ENG-1/changelog")
        _, bulk = http.ask("POST", "changelog/bulkfetch", {"issueIdsOrKeys": ["ENG-1"], "fieldIds": ["status"]})
    first, second = log["values"]
    (change,) = (item for item in first["items"] if item["field"] == "status")
    assert (change["fromString"], change["toString"], change["to"]) == ("To Do", "Done", world.statuses["Done"][0])
    assert first["author"]["accountId"] == world.me
    assert first["created"] == "2026-11-20T10:01:00.000-0500"
    assert second["author"]["displayName"] == "Maya Ortiz"
    assert [row["id"] for row in bulk["issueChangeLogs"][0]["changeHistories"]] == [first["id"], second["id"]]


def test_a_moved_issue_keeps_its_id_and_its_old_key_still_resolves() -> None:
    world = site()
    world.add("ENG", "One")
    ident = world.keys["ENG-1"]
    key = world.transfer("ENG-1", "REL")
    with plain(JiraSandbox(world)) as http:
        _, issue = http.ask("GET", "issue/ENG-1", fields="project")
        assert http.find("project = ENG") == []
        assert http.find("project = REL") == [key]
        assert http.find("key = ENG-1") == [key]
    assert (issue["id"], issue["key"], issue["fields"]["project"]["key"]) == (ident, key, "REL")


def test_what_is_hidden_or_deleted_answers_404_alike() -> None:
    world = site()
    for _ in range(2):
        world.add("ENG", "One")
    world.hide("ENG-1")
    world.delete("ENG-2")
    with plain(JiraSandbox(world)) as http:
        answers = {http.ask("GET", f"issue/{key}")[1]["errorMessages"][0] for key in ("ENG-1", "ENG-2", "ENG-3")}
    assert answers == {"Issue does not exist or you do not have permission to see it."}


def test_comments_and_remote_links_are_kept() -> None:
    world = site()
    world.add("ENG", "One")
    link = {"globalId": "g", "object": {"url": "https://example.com", "title": "T"}}
    with plain(JiraSandbox(world)) as http:
        status, made = http.ask("POST", "issue/ENG-1/comment", {"body": of_text("hello")})
        assert http.ask("POST", "issue/ENG-1/comment", {"body": "hello"})[0] == 400
        assert http.ask("PUT", f"issue/ENG-1/comment/{made['id']}", {"body": of_text("again")})[0] == 200
        _, listed = http.ask("GET", "issue/ENG-1/comment")
        first = http.ask("POST", "issue/ENG-1/remotelink", link)
        second = http.ask("POST", "issue/ENG-1/remotelink", link)
        _, links = http.ask("GET", "issue/ENG-1/remotelink")
    assert status == 201
    assert [row["body"] for row in listed["comments"]] == [of_text("again")]
    assert (first[0], second[0], len(links)) == (201, 200, 1)
    assert first[1] == second[1]


def test_version_two_of_the_same_site_speaks_plain_text() -> None:
    world = site()
    with plain(JiraSandbox(world), version="2") as http:
        status, made = http.ask("POST", "issue", new(description="one\ntwo"))
        _, issue = http.ask("GET", f"issue/{made['key']}", fields="description")
    assert status == 201
    assert issue["fields"]["description"] == "one\ntwo"
    assert "/rest/api/2/issue/" in issue["self"]


def test_an_issue_without_permission_to_edit_is_refused_with_403() -> None:
    world = site()
    world.add("ENG", "One")
    world.denied.add("EDIT_ISSUES")
    with plain(JiraSandbox(world)) as http:
        assert http.ask("PUT", "issue/ENG-1", {"fields": {"summary": "Two"}})[0] == 403
        _, held = http.ask("GET", "mypermissions", permissions="EDIT_ISSUES,BROWSE_PROJECTS", projectKey="ENG")
    assert {name: row["havePermission"] for name, row in held["permissions"].items()} == {
        "EDIT_ISSUES": False,
        "BROWSE_PROJECTS": True,
    }


def test_a_link_that_is_removed_leaves_both_issues() -> None:
    world = site()
    ours, theirs = world.add("REL", "Summary"), world.add("REL", "Launch")
    ident = world.link("Blocks", ours, theirs)
    with plain(JiraSandbox(world)) as http:
        assert http.ask("DELETE", f"issueLink/{ident}") == (204, None)
        assert http.ask("GET", f"issueLink/{ident}")[0] == 404
        shown = [http.ask("GET", f"issue/{key}")[1]["fields"]["issuelinks"] for key in (ours, theirs)]
    assert shown == [[], []]


def test_the_history_in_an_issue_is_newest_first_on_cloud_and_oldest_first_on_data_center() -> None:
    shown = {}
    for data_center in (False, True):
        world = site(data_center=data_center)
        world.add("ENG", "One")
        for at in range(50):
            world.edit("ENG-1", summary=f"Title {at}")
        with plain(JiraSandbox(world)) as http:
            _, issue = http.ask("GET", "issue/ENG-1", expand="changelog")
        shown[data_center] = [row["items"][0]["toString"] for row in issue["changelog"]["histories"]]
        assert issue["changelog"]["total"] == 50
    assert shown[False] == [f"Title {at}" for at in range(49, 9, -1)]
    assert shown[True] == [f"Title {at}" for at in range(50)]
