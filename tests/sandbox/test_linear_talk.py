"""How people and clients talk in the Linear sandbox: comments, and what projects say of themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import requests

from syncd.sandbox.linear import LinearSandbox, LinearWorld
from syncd.sandbox.server import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ID = "4a84eb03-8d1f-49b7-8d2b-9deb1beb3711"
COMMENTS = """query ($filter: CommentFilter) { comments(filter: $filter, orderBy: updatedAt) { nodes {
    id body updatedAt editedAt user { name } parent { id } issue { identifier } } } }"""
CREATE = "mutation ($input: CommentCreateInput!) { commentCreate(input: $input) { success comment { id } } }"
UPDATE = "mutation ($id: String!, $input: CommentUpdateInput!) { commentUpdate(id: $id, input: $input) { success } }"
DELETE = "mutation ($id: String!) { commentDelete(id: $id) { success entityId } }"


class Place:
    """A world that is served, and its time."""

    def __init__(self) -> None:
        self.now = NOW
        self.world = LinearWorld(clock=lambda: self.now)
        self.world.team("DOC", "Docs")
        self.world.user("Lee Park")
        self.world.add("DOC", "Summary")
        self.world.add("DOC", "Other")
        self.url = ""

    def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        body = {"query": document, "variables": variables}
        headers = {"Authorization": self.world.token}
        answer: dict[str, Any] = requests.post(f"{self.url}/graphql", json=body, headers=headers, timeout=10).json()
        return answer

    def comments(self, **wanted: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask(COMMENTS, filter=wanted)["data"]["comments"]["nodes"]
        return found

    def moved(self) -> bool:
        return bool(self.world.find_issue("DOC-1")["updatedAt"] != self.world.find_issue("DOC-1")["createdAt"])


@pytest.fixture
def place() -> Iterator[Place]:
    made = Place()
    with serving(LinearSandbox(made.world)) as made.url:
        yield made


def test_what_a_person_types_comes_back_with_its_letters_escaped_and_people_called(place: Place) -> None:
    place.world.say("DOC-1", "/waive DOC-2 a_b > c\nfor @[Lee Park] and @nobody", by="Lee Park")
    (row,) = place.comments()
    assert row["body"] == "/waive DOC\\-2 a\\_b \\> c\n\nfor @lee-park and @nobody"
    assert row["user"] == {"name": "Lee Park"}


def test_comments_are_found_by_their_issue_and_time_the_latest_change_first(place: Place) -> None:
    first = place.world.say("DOC-1", "one", at=NOW - timedelta(days=2))
    second = place.world.say("DOC-1", "two", reply_to=first)
    other = place.world.say("DOC-2", "three", by="")
    place.now += timedelta(hours=1)
    place.world.edit_comment("DOC-1", first, "uno")
    assert [
        (row["id"], row["parent"])
        for row in place.comments(issue={"id": {"eq": place.world.find_issue("DOC-1")["id"]}})
    ] == [
        (first, None),
        (second, {"id": first}),
    ]
    assert place.comments(user={"isMe": {"eq": True}})[0]["editedAt"] == "2026-11-22T10:00:00.000Z"
    assert [row["id"] for row in place.comments(updatedAt={"gt": "2026-11-22T09:00:00.000Z"})] == [first]
    place.world.remove_comment("DOC-1", first)
    assert {(row["id"], str(row["parent"]), str(row["user"] and row["user"]["name"])) for row in place.comments()} == {
        (second, "None", "syncd"),
        (other, "None", "None"),
    }


@pytest.mark.parametrize("moves", [False, True])
def test_whether_a_comment_moves_its_issue_is_for_the_world_to_say(place: Place, moves: bool) -> None:  # noqa: FBT001 - a table
    place.world.talk_moves = moves
    for act in (
        lambda: place.world.say("DOC-1", "one"),
        lambda: place.world.edit_comment("DOC-1", next(iter(place.world.comments)), "two"),
        lambda: place.world.remove_comment("DOC-1", next(iter(place.world.comments))),
    ):
        place.now += timedelta(minutes=1)
        place.world.find_issue("DOC-1")["updatedAt"] = place.world.find_issue("DOC-1")["createdAt"]
        act()
        assert place.moved() == moves


def test_a_client_writes_edits_and_deletes_its_own_comments(place: Place) -> None:
    for id_ in (ID, None):
        given = {"issueId": "DOC-1", "body": "Who owns this?", **({"id": id_} if id_ else {})}
        assert place.ask(CREATE, input=given)["data"]["commentCreate"]["success"]
    assert place.ask(UPDATE, id=ID, input={"body": "Who?"})["data"]["commentUpdate"]["success"]
    assert {row["body"] for row in place.comments()} == {"Who owns this?", "Who?"}
    assert place.ask(DELETE, id=ID)["data"]["commentDelete"] == {"success": True, "entityId": ID}
    assert [row["body"] for row in place.comments()] == ["Who owns this?"]


def test_a_second_comment_of_one_id_is_a_conflict(place: Place) -> None:
    given = {"id": ID, "issueId": "DOC-1", "body": "Once"}
    place.ask(CREATE, input=given)
    (no,) = place.ask(CREATE, input=given)["errors"]
    assert (no["message"], no["extensions"]["code"]) == ("conflict on insert of Comment", "INPUT_ERROR")
    assert len(place.comments()) == 1


def test_nobody_changes_another_ones_comment(place: Place) -> None:
    number = place.world.say("DOC-1", "mine", by="Lee Park")
    for no in (place.ask(UPDATE, id=number, input={"body": "x"}), place.ask(DELETE, id=number)):
        assert no["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert [row["body"] for row in place.comments()] == ["mine"]
    assert place.ask(DELETE, id=ID)["errors"][0]["message"] == "Entity not found: Comment"


def test_a_project_says_how_it_stands_and_takes_it_back(place: Place) -> None:
    place.world.project("Atlas", "DOC", health="onTrack")
    place.now += timedelta(days=1)
    place.world.report("Atlas", "offTrack", "Lee Park", "Late.")
    asked = (
        "{ projects { nodes { health healthUpdatedAt lastUpdate { health body user { name } project { name } } } } }"
    )
    (told,) = place.ask(asked)["data"]["projects"]["nodes"]
    assert (told["health"], told["healthUpdatedAt"]) == ("offTrack", "2026-11-23T09:00:00.000Z")
    assert (told["lastUpdate"]["user"], told["lastUpdate"]["body"]) == ({"name": "Lee Park"}, "Late.")
    place.world.report("Atlas", None)
    (told,) = place.ask(asked)["data"]["projects"]["nodes"]
    assert (told["health"], told["healthUpdatedAt"]) == (None, None)
