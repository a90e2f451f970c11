"""The Linear sandbox as the real gql library and plain HTTP clients meet it."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import requests
from gql import Client, GraphQLRequest, gql
from gql.transport.exceptions import TransportQueryError, TransportServerError
from gql.transport.requests import RequestsHTTPTransport
from graphql import GraphQLObjectType, get_named_type
from werkzeug.wrappers import Response

from syncd.sandbox.linear import LinearSandbox, LinearWorld
from syncd.sandbox.linear.rows import stamped
from syncd.sandbox.linear.schema import served
from syncd.sandbox.server import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syncd.sandbox.linear.rows import Row

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class Linear:
    """A sandbox that is served, and the gql library pointed at it."""

    def __init__(self, world: LinearWorld, sandbox: LinearSandbox, url: str) -> None:
        self.world = world
        self.sandbox = sandbox
        self.url = f"{url}/graphql"
        self.client = self.connect(world.token)

    def connect(self, authorization: str, **options: Any) -> Client:
        headers = {"Authorization": authorization}
        transport = RequestsHTTPTransport(self.url, headers=headers, timeout=10, retries=0)
        return Client(transport=transport, **options)

    def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.client.execute(GraphQLRequest(document, variable_values=variables))
        return answer

    def post(self, document: str, **variables: Any) -> requests.Response:
        body = {"query": document, "variables": variables}
        return requests.post(self.url, json=body, headers={"Authorization": self.world.token}, timeout=10)

    def refused(self, document: str, **variables: Any) -> dict[str, Any]:
        with pytest.raises(TransportQueryError) as caught:
            self.ask(document, **variables)
        errors: list[dict[str, Any]] = caught.value.errors or []
        return errors[0]


@pytest.fixture
def linear() -> Iterator[Linear]:
    time = [NOW]
    world = LinearWorld(clock=lambda: time[0])
    world.user("Lee Park", "lee@acme.example")
    world.team("DOC", "Docs", "lee@acme.example")
    world.team("MKT", "Marketing")
    sandbox = LinearSandbox(world)
    with serving(sandbox) as url:
        yield Linear(world, sandbox, url)


def later(linear: Linear, minutes: int) -> None:
    moment = NOW.replace(hour=9 + minutes // 60, minute=minutes % 60)
    linear.world.clock = lambda: moment


def titles(answer: dict[str, Any]) -> list[str]:
    return [node["title"] for node in answer["issues"]["nodes"]]


CREATE = """mutation ($input: IssueCreateInput!) {
    issueCreate(input: $input) { success issue { id identifier state { name } } } }"""
UPDATE = "mutation ($id: String!, $input: IssueUpdateInput!) { issueUpdate(id: $id, input: $input) { success } }"


def test_an_issue_is_found_by_its_id_its_identifier_and_every_identifier_it_had(linear: Linear) -> None:
    key = linear.world.add("DOC", "Install guide", labels=["atlas-2"], assignee="Lee Park")
    asked = "query ($id: String!) { issue(id: $id) { id identifier title assignee { email } previousIdentifiers } }"
    issue = linear.ask(asked, id=key)["issue"]
    assert issue["title"] == "Install guide"
    assert issue["assignee"]["email"] == "lee@acme.example"
    moved = linear.world.transfer(key, "MKT")
    for name in (issue["id"], key, moved):
        found = linear.ask(asked, id=name)["issue"]
        assert (found["id"], found["identifier"], found["previousIdentifiers"]) == (issue["id"], "MKT-1", ["DOC-1"])


def test_the_lead_of_a_team_is_the_member_who_owns_it(linear: Linear) -> None:
    answer = linear.ask('{ team(id: "DOC") { memberships { nodes { owner user { email } } } } }')
    owners = [node["user"]["email"] for node in answer["team"]["memberships"]["nodes"] if node["owner"]]
    assert owners == ["lee@acme.example"]


def test_pages_give_every_issue_once_newest_first(linear: Linear) -> None:
    for minute in range(12):
        later(linear, minute)
        linear.world.add("DOC", f"issue {minute}")
    asked = """query ($after: String) {
        issues(first: 5, after: $after) { nodes { title } pageInfo { hasNextPage endCursor } } }"""
    seen: list[str] = []
    after, more = None, True
    while more:
        page = linear.ask(asked, after=after)["issues"]
        seen += [node["title"] for node in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert seen == [f"issue {minute}" for minute in reversed(range(12))]


def test_ordered_by_updated_at_the_last_touched_comes_first(linear: Linear) -> None:
    for minute in range(3):
        later(linear, minute)
        linear.world.add("DOC", f"issue {minute}")
    later(linear, 10)
    linear.world.move("DOC-1", "In Progress")
    assert titles(linear.ask("{ issues(orderBy: updatedAt) { nodes { title } } }")) == ["issue 0", "issue 2", "issue 1"]
    ascending = "{ issues(sort: [{updatedAt: {order: Ascending}}]) { nodes { title } } }"
    assert titles(linear.ask(ascending)) == ["issue 1", "issue 2", "issue 0"]


def test_a_list_without_first_gives_fifty_and_the_last_ones_can_be_asked_for(linear: Linear) -> None:
    for number in range(60):
        linear.world.add("DOC", f"issue {number}")
    assert len(titles(linear.ask("{ issues { nodes { title } } }"))) == 50
    page = linear.ask("{ issues(last: 10) { nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor } } }")[
        "issues"
    ]
    assert len(page["nodes"]) == 10
    assert (page["pageInfo"]["hasNextPage"], page["pageInfo"]["hasPreviousPage"]) == (False, True)
    asked = "query ($before: String) { issues(first: 250, before: $before) { edges { node { id } } } }"
    earlier = linear.ask(asked, before=page["pageInfo"]["startCursor"])["issues"]["edges"]
    assert len(earlier) == 50


def test_the_archived_and_the_trashed_are_hidden_and_keep_their_updated_at(linear: Linear) -> None:
    for title in ("kept", "archived", "trashed"):
        linear.world.add("DOC", title)
    later(linear, 30)
    linear.world.archive("DOC-2")
    linear.world.trash("DOC-3")
    assert titles(linear.ask("{ issues { nodes { title } } }")) == ["kept"]
    shown = linear.ask("{ issues(includeArchived: true) { nodes { title archivedAt trashed updatedAt } } }")["issues"][
        "nodes"
    ]
    assert {node["title"]: (bool(node["archivedAt"]), node["trashed"]) for node in shown} == {
        "kept": (False, None),
        "archived": (True, None),
        "trashed": (True, True),
    }
    assert {node["updatedAt"] for node in shown} == {"2026-11-22T09:00:00.000Z"}
    swept = '{ issues(includeArchived: true, filter: {archivedAt: {gt: "-PT45M"}}) { nodes { title } } }'
    assert sorted(titles(linear.ask(swept))) == ["archived", "trashed"]


def test_the_history_tells_who_moved_an_issue_and_when(linear: Linear) -> None:
    linear.world.add("DOC", "Sign-off")
    later(linear, 5)
    linear.world.move("DOC-1", "Done", by="Lee Park")
    asked = """{ issue(id: "DOC-1") { completedAt history(first: 10) {
        nodes { createdAt actor { email } fromState { name } toState { name type } } } } }"""
    issue = linear.ask(asked)["issue"]
    assert issue["completedAt"] == "2026-11-22T09:05:00.000Z"
    assert issue["history"]["nodes"] == [
        {
            "createdAt": "2026-11-22T09:05:00.000Z",
            "actor": {"email": "lee@acme.example"},
            "fromState": {"name": "Todo"},
            "toState": {"name": "Done", "type": "completed"},
        }
    ]


def test_an_issue_made_twice_with_one_client_id_exists_once_even_in_the_trash(linear: Linear) -> None:
    made = {"id": str(uuid.uuid4()), "teamId": linear.world.find_team("DOC")["id"], "title": "Atlas 2.0"}
    issue = linear.ask(CREATE, input=made)["issueCreate"]["issue"]
    assert (issue["id"], issue["identifier"], issue["state"]["name"]) == (made["id"], "DOC-1", "Backlog")
    linear.world.trash("DOC-1")
    answer = linear.post(CREATE, input=made)
    assert answer.status_code == 200
    assert answer.json()["errors"][0]["extensions"]["code"] == "INPUT_ERROR"
    assert answer.json()["data"] is None
    assert len(linear.world.issues) == 1


def test_a_client_id_that_is_no_version_4_uuid_is_refused(linear: Linear) -> None:
    made = {"id": str(uuid.uuid1()), "teamId": linear.world.find_team("DOC")["id"], "title": "Atlas 2.0"}
    assert linear.refused(CREATE, input=made)["extensions"]["code"] == "INVALID_INPUT"
    assert linear.world.issues == {}


def test_a_team_with_triage_puts_new_issues_there_unless_a_state_is_given(linear: Linear) -> None:
    linear.world.team("SUP", "Support", triage=True)
    team = linear.world.find_team("SUP")
    todo = next(state["id"] for state in team["states"] if state["name"] == "Todo")
    first = linear.ask(CREATE, input={"teamId": team["id"], "title": "One"})["issueCreate"]["issue"]
    second = linear.ask(CREATE, input={"teamId": team["id"], "title": "Two", "stateId": todo})["issueCreate"]["issue"]
    assert [first["state"]["name"], second["state"]["name"]] == ["Triage", "Todo"]


def test_a_description_comes_back_as_linear_derives_it(linear: Linear) -> None:
    linear.world.add("DOC", "Atlas 2.0")
    wrote = "See [the guide](https://a.example/x) ~3 days\n\n- one\n  + two\n\n```\n- [code](x) ~ stays\n```"
    linear.ask(UPDATE, id="DOC-1", input={"description": wrote})
    once = linear.ask('{ issue(id: "DOC-1") { description } }')["issue"]["description"]
    assert once == "See [the guide](<https://a.example/x>) \\~3 days\n\n* one\n  * two\n\n```\n- [code](x) ~ stays\n```"
    linear.ask(UPDATE, id="DOC-1", input={"description": once})
    assert linear.world.find_issue("DOC-1")["description"] == once


def test_labels_are_added_and_removed_without_touching_the_others(linear: Linear) -> None:
    linear.world.add("DOC", "Atlas 2.0", labels=["hers", "ours"])
    ids = {label["name"]: label["id"] for label in linear.world.labels.values()}
    new = linear.world.label("new")
    linear.ask(UPDATE, id="DOC-1", input={"addedLabelIds": [new], "removedLabelIds": [ids["ours"]]})
    names = [
        node["name"]
        for node in linear.ask('{ issue(id: "DOC-1") { labels { nodes { name } } } }')["issue"]["labels"]["nodes"]
    ]
    assert sorted(names) == ["hers", "new"]
    elsewhere = linear.world.label("only marketing's", "MKT")
    assert linear.refused(UPDATE, id="DOC-1", input={"labelIds": [elsewhere]})["extensions"]["code"] == "INVALID_INPUT"


def test_an_update_that_changes_nothing_leaves_updated_at_alone_and_any_other_sets_it(linear: Linear) -> None:
    linear.world.add("DOC", "Atlas 2.0")
    later(linear, 7)
    linear.ask(UPDATE, id="DOC-1", input={"title": "Atlas 2.0"})
    assert linear.world.find_issue("DOC-1")["updatedAt"] == "2026-11-22T09:00:00.000Z"
    linear.ask(UPDATE, id="DOC-1", input={"title": "Atlas 2.1"})
    assert linear.world.find_issue("DOC-1")["updatedAt"] == "2026-11-22T09:07:00.000Z"


def test_trashed_null_takes_an_issue_out_of_the_trash(linear: Linear) -> None:
    linear.world.add("DOC", "Atlas 2.0")
    linear.ask(UPDATE, id="DOC-1", input={"trashed": True})
    assert linear.world.find_issue("DOC-1")["trashed"] is True
    linear.ask(UPDATE, id="DOC-1", input={"trashed": None})
    issue = linear.ask('{ issue(id: "DOC-1") { trashed archivedAt } }')["issue"]
    assert issue == {"trashed": None, "archivedAt": None}


def test_an_attachment_is_upserted_by_its_address_and_finds_its_issue_again(linear: Linear) -> None:
    linear.world.add("DOC", "Atlas 2.0")
    write = "mutation ($input: AttachmentCreateInput!) { attachmentCreate(input: $input) { attachment { id } } }"
    given = {
        "issueId": "DOC-1",
        "title": "syncd",
        "url": "https://syncd.example/atlas-2",
        "metadata": {"digest": "7f3a"},
    }
    first = linear.ask(write, input=given)
    given["metadata"] = {"digest": "9c1f"}
    assert linear.ask(write, input=given) == first
    find = '{ attachmentsForURL(url: "https://syncd.example/atlas-2") { nodes { metadata issue { identifier } } } }'
    assert linear.ask(find)["attachmentsForURL"]["nodes"] == [
        {"metadata": {"digest": "9c1f"}, "issue": {"identifier": "DOC-1"}}
    ]


def test_a_blocking_relation_shows_on_both_issues_and_is_made_once(linear: Linear) -> None:
    linear.world.add("DOC", "Summary")
    linear.world.add("MKT", "Launch")
    write = """mutation ($input: IssueRelationCreateInput!) {
        issueRelationCreate(input: $input) { issueRelation { id type } } }"""
    given = {"issueId": "DOC-1", "relatedIssueId": "MKT-1", "type": "blocks"}
    assert linear.ask(write, input=given) == linear.ask(write, input=given)
    asked = """{ issue(id: "MKT-1") { inverseRelations {
        nodes { type issue { identifier } relatedIssue { identifier } } } } }"""
    assert linear.ask(asked)["issue"]["inverseRelations"]["nodes"] == [
        {"type": "blocks", "issue": {"identifier": "DOC-1"}, "relatedIssue": {"identifier": "MKT-1"}}
    ]


def test_a_comment_is_written_by_the_keys_own_account(linear: Linear) -> None:
    linear.world.add("DOC", "Summary")
    write = "mutation ($input: CommentCreateInput!) { commentCreate(input: $input) { comment { user { isMe } body } } }"
    comment = linear.ask(write, input={"issueId": "DOC-1", "body": "Who owns this?"})["commentCreate"]["comment"]
    assert comment == {"user": {"isMe": True}, "body": "Who owns this?"}


def test_both_ways_to_send_the_key_work_and_no_other_key_does(linear: Linear) -> None:
    viewer = gql("{ viewer { name } }")
    assert linear.connect(f"Bearer {linear.world.token}").execute(viewer) == {"viewer": {"name": "syncd"}}
    with pytest.raises(TransportQueryError) as caught:
        linear.connect("wrong").execute(viewer)
    assert (caught.value.errors or [])[0]["extensions"]["code"] == "AUTHENTICATION_ERROR"
    assert requests.post(linear.url, json={"query": "{ viewer { id } }"}, timeout=10).status_code == 401


def test_a_private_team_that_the_key_may_not_see_is_silently_absent(linear: Linear) -> None:
    linear.world.add("DOC", "open", parent=linear.world.add("MKT", "secret"))
    linear.world.relate("MKT-1", "DOC-1")
    assert len(titles(linear.ask("{ issues { nodes { title } } }"))) == 2
    linear.world.hidden_teams.add("MKT")
    assert titles(linear.ask("{ issues { nodes { title } } }")) == ["open"]
    assert linear.ask("{ teams { nodes { key } } }")["teams"]["nodes"] == [{"key": "DOC"}]
    asked = '{ issue(id: "DOC-1") { parent { id } inverseRelations { nodes { id } } } }'
    assert linear.ask(asked)["issue"] == {"parent": None, "inverseRelations": {"nodes": []}}
    assert linear.refused('{ issue(id: "MKT-1") { id } }')["message"] == "Entity not found: Issue"


def test_a_key_that_may_only_read_writes_nothing(linear: Linear) -> None:
    linear.world.add("DOC", "Atlas 2.0")
    linear.world.read_only = True
    assert linear.refused(UPDATE, id="DOC-1", input={"title": "x"})["extensions"]["code"] == "FORBIDDEN"
    assert linear.world.find_issue("DOC-1")["title"] == "Atlas 2.0"


def test_introspection_gives_strangers_the_schema(linear: Linear) -> None:
    with linear.connect(linear.world.token, fetch_schema_from_transport=True) as session:
        assert session.client.schema is not None
        assert "IssueFilter" in session.client.schema.type_map


def test_the_control_page_counts_by_operation_and_tells_what_was_refused(linear: Linear) -> None:
    linear.ask("query Who { viewer { id } }")
    linear.refused("{ viewer { shoeSize } }")
    told = requests.get(linear.url.replace("/graphql", "/_sandbox/requests"), timeout=10).json()
    assert told["operations"] == {"Who": 1, "anonymous": 1}
    assert told["refused"] == linear.sandbox.refused == ["Cannot query field 'shoeSize' on type 'User'."]


def test_a_test_may_answer_instead_of_the_sandbox(linear: Linear) -> None:
    linear.sandbox.before = lambda _request: Response("<html>bad gateway", 502)
    with pytest.raises(TransportServerError):
        linear.ask("{ viewer { id } }")
    assert len(linear.sandbox.requests) == 1


def test_the_answers_date_is_the_worlds_clock(linear: Linear) -> None:
    assert linear.post("{ viewer { id } }").headers["Date"] == "Sun, 22 Nov 2026 09:00:00 GMT"


def test_every_field_of_the_schema_can_be_read(linear: Linear) -> None:
    furnish(linear.world)
    schema = served()
    reached: set[str] = set()
    for start in ("issues", "teams", "users", "projects", "projectMilestones", "initiatives", "releases", "issueLabels",
                  "workflowStates", "comments", "organization", "viewer", "rateLimitStatus"):  # fmt: skip
        root = schema.query_type
        assert root is not None
        field = get_named_type(root.fields[start].type)
        assert isinstance(field, GraphQLObjectType)
        args = "(includeArchived: true, first: 3)" if field.name.endswith("Connection") else ""
        answer = linear.ask(f"{{ {start}{args} {everything(field, 4, reached)} }}")
        assert answer[start]
    missed = {name for name, kind in schema.type_map.items() if isinstance(kind, GraphQLObjectType)} - reached
    assert {name for name in missed if not name.startswith("__") and not name.endswith("Payload")} <= {
        "Query",
        "Mutation",
    }


def everything(kind: GraphQLObjectType, depth: int, reached: set[str]) -> str:
    """A selection of all fields of this type, a few objects deep."""
    reached.add(kind.name)
    parts = []
    for name, field in kind.fields.items():
        inner = get_named_type(field.type)
        if not isinstance(inner, GraphQLObjectType):
            parts.append(name)
        elif depth:
            parts.append(
                f"{name}{'(first: 1)' if 'first' in field.args else ''} {everything(inner, depth - 1, reached)}"
            )
    return "{ " + (" ".join(parts) or "__typename") + " }"


def furnish(world: LinearWorld) -> None:
    world.project("Atlas docs", "DOC", health="atRisk")
    world.milestone("Atlas docs", "Beta")
    world.initiative("Atlas 2.0", ["Atlas docs"])
    world.release("Atlas 2.0")
    world.label("docs only", "DOC")
    world.add("DOC", "Epic", project="Atlas docs", milestone="Beta", releases=["Atlas 2.0"], labels=["docs only"])
    world.add("DOC", "Part", parent="DOC-1", assignee="Lee Park", by="Lee Park")
    world.relate("DOC-1", "DOC-2")
    world.attach(world.find_issue("DOC-1"), "https://x.example", "x")
    said = world.comments[world.say("DOC-1", "Hello", by="Lee Park")]
    said |= {"botActor": {"id": "b", "name": "Bot", "type": "integration"}}
    said |= {"externalUser": stamped("e", "2026-11-22T09:00:00.000Z", name="Eve", displayName="eve", email=None)}
    world.move("DOC-1", "In Progress", by="Lee Park")


def test_a_long_list_is_gone_through_once_for_all_its_pages() -> None:
    world = LinearWorld(clock=lambda: NOW)
    world.team("DOC", "Docs")
    for number in range(1000):
        world.add("DOC", f"issue {number}")
    sandbox = LinearSandbox(world)
    placed: list[Row] = []
    world.is_seen = lambda issue: placed.append(issue) or True  # type: ignore[method-assign,func-returns-value]  # counts
    with serving(sandbox) as url:
        linear = Linear(world, sandbox, url)
        after = None
        for _ in range(4):
            asked = (
                "query ($after: String) { issues(first: 250, after: $after) { nodes { id } pageInfo { endCursor } } }"
            )
            after = linear.ask(asked, after=after)["issues"]["pageInfo"]["endCursor"]
    assert len(placed) == 1000


def test_an_update_may_move_an_issue_to_another_team(linear: Linear) -> None:
    linear.world.add("DOC", "Install guide", state="In Progress")
    linear.ask(UPDATE, id="DOC-1", input={"teamId": linear.world.find_team("MKT")["id"]})
    issue = linear.world.find_issue("DOC-1")
    assert (issue["identifier"], issue["state"]["team"]["key"], issue["state"]["type"]) == ("MKT-1", "MKT", "started")


def test_many_clients_at_once_each_get_their_own_answer(linear: Linear) -> None:
    for number in range(40):
        linear.world.add("DOC", f"issue {number}")

    def work(number: int) -> str:
        answer = linear.post(UPDATE, id=f"DOC-{number + 1}", input={"title": f"new {number}"})
        assert answer.json()["data"]["issueUpdate"]["success"]
        asked = "query ($id: String!) { issue(id: $id) { title } issues(orderBy: updatedAt) { nodes { id } } }"
        return str(linear.post(asked, id=f"DOC-{number + 1}").json()["data"]["issue"]["title"])

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(40))) == [f"new {number}" for number in range(40)]
