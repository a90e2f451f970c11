"""Comments and what projects say, beside the contract of all trackers: Linear's own cases."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.wrappers import Request, Response

from connectors.base import Selector
from connectors.errors import MalformedError, MissingError, PermanentError
from connectors.linear import documents, talk
from mapping.health import Health
from mapping.talk import LONGEST
from syncd.sandbox.linear.cost import points
from syncd.sandbox.linear.schema import served
from tests.connectors.linear.conftest import START
from tests.connectors.linear.whole import whole

if TYPE_CHECKING:
    from connectors.base import Source
    from syncd.sandbox.linear import LinearSandbox, LinearWorld
    from tests.connectors.linear.conftest import Clock


@pytest.fixture
def key(world: LinearWorld) -> str:
    return world.add("DOC", "Summary")


def id_of(world: LinearWorld, key: str) -> str:
    return str(world.find_issue(key)["id"])


def answered(sandbox: LinearSandbox, operation: str, data: Any) -> None:
    """From now on this operation is answered so."""

    def before(request: Request) -> Response | None:
        asked = json.loads(request.get_data(as_text=True))["operationName"]
        return Response(json.dumps({"data": data})) if asked == operation else None

    sandbox.before = before


def test_answers_and_resolved_comments_count_as_comments(
    world: LinearWorld, source: Source, key: str, clock: Clock
) -> None:
    first = world.say(key, "/ready docs")
    clock.pass_by(minutes=1)
    world.say(key, "/go", reply_to=first)
    world.comments[first]["resolvedAt"] = world.comments[first]["archivedAt"] = "2026-11-22T12:00:00.000Z"
    assert [one.lines for one in source.comments(key).comments] == [("/ready docs",), ("/go",)]


def test_an_answer_stays_when_what_it_answers_is_deleted(world: LinearWorld, source: Source, key: str) -> None:
    first = world.say(key, "Ready?")
    answer = world.say(key, "/ready docs", reply_to=first)
    world.remove_comment(key, first)
    assert [one.id for one in source.comments(key).comments] == [answer]


@pytest.mark.parametrize(
    ("who", "name"),
    [
        ({}, talk.NOBODY),
        ({"botActor": {"id": "b", "name": "GitHub", "type": "integration"}}, "GitHub"),
        ({"externalUser": {"id": "e", "name": "Eve"}}, "Eve"),
        ({"botActor": {"id": None, "name": None, "type": "x"}}, talk.NOBODY),
    ],
)
def test_who_is_no_user_is_nobody_and_hides_nobody_else(
    who: dict[str, Any], name: str, world: LinearWorld, source: Source, key: str
) -> None:
    lee = world.user("Lee Park")
    world.comments[world.say(key, "/go", by="")].update(who)
    world.say(key, "/hold", by=lee)
    stranger, known = sorted(source.comments(key).comments, key=lambda one: one.lines)
    assert (stranger.by.id, stranger.by.name, stranger.by.email) == ("", name, None)
    assert (known.by.id, known.lines) == (lee, ("/hold",))


def test_only_its_author_edits_a_comment(world: LinearWorld, source: Source, key: str, clock: Clock) -> None:
    number = world.say(key, "/ready docs", by=world.user("Lee Park"))
    clock.pass_by(hours=1)
    world.edit_comment(key, number, "/ready legal")
    (comment,) = source.comments(key).comments
    assert (comment.edited_at, comment.edited_by) == (START + timedelta(hours=1), comment.by)


def test_the_comments_of_a_trashed_issue_are_missing(world: LinearWorld, source: Source, key: str) -> None:
    world.say(key, "/go")
    world.archive(key)
    assert len(source.comments(key).comments) == 1
    world.trash(key)
    with pytest.raises(MissingError, match=key):
        source.comments(key)


def test_whoever_is_mentioned_is_asked_for_once(
    world: LinearWorld, source: Source, sandbox: LinearSandbox, key: str
) -> None:
    lee, gone = world.user("Lee Park"), world.user("Dana Reyes", active=False)
    for _ in range(30):
        world.say(key, "/owner docs @[Lee Park] @[Dana Reyes] @nobody")
    sandbox.requests.clear()
    told = source.comments(key).comments
    assert {one.lines for one in told} == {(f"/owner docs @[{lee}] @[{gone}] @nobody",)}
    assert len(sandbox.requests) == 2


def test_a_comment_full_of_names_neither_costs_much_nor_hides_whom_others_mention(
    world: LinearWorld, source: Source, sandbox: LinearSandbox, clock: Clock, key: str
) -> None:
    lee = world.user("Lee Park")
    world.say(key, "/owner docs @[Lee Park]")
    for _ in range(3):
        clock.pass_by(minutes=1)
        world.say(key, " ".join(f"@a{number}" for number in range(5000)), markdown=True)
    sandbox.requests.clear()
    told = source.comments(key).comments
    assert told[0].lines == (f"/owner docs @[{lee}]",)
    assert told[1].lines[0].endswith("@a4999")
    assert len(sandbox.requests) == 2


def test_names_that_linear_does_not_take_hide_no_comment(
    world: LinearWorld, source: Source, sandbox: LinearSandbox, key: str
) -> None:
    world.say(key, "/owner docs @lee")

    def before(request: Request) -> Response | None:
        no = {"errors": [{"message": "Argument Validation Error", "extensions": {"code": "INVALID_INPUT"}}]}
        return Response(json.dumps(no)) if b"displayName" in request.get_data() else None

    sandbox.before = before
    assert source.comments(key).comments[0].lines == ("/owner docs @lee",)


def test_a_comment_that_is_too_long_is_named_and_not_cut(world: LinearWorld, source: Source, key: str) -> None:
    world.say(key, "x" * LONGEST)
    assert source.comments(key).comments[0].lines == ("x" * LONGEST,)
    world.say(key, "x" * LONGEST + "y")
    with pytest.raises(PermanentError, match="longer than") as caught:
        source.comments(key)
    assert f"{key}" in caught.value.message
    assert "#comment-" in caught.value.hint


def test_more_comments_than_are_read_are_an_error(
    world: LinearWorld, source: Source, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(talk, "MOST", 101)
    for _ in range(101):
        world.say(key, "x")
    assert len(source.comments(key).comments) == 101
    world.say(key, "x")
    with pytest.raises(PermanentError, match="more than 101"):
        source.comments(key)


PAGE = {"hasNextPage": False, "endCursor": None}


@pytest.mark.parametrize("odd", [None, 7, "x", [], {}, {"id": 7}, {"id": "a"}, {"id": "a", "createdAt": "soon"}])
def test_f9_a_comment_that_cannot_be_placed_is_no_shorter_list(
    odd: object, source: Source, sandbox: LinearSandbox
) -> None:
    whole = {"id": "b", "createdAt": "2026-11-22T12:00:00Z", "body": "/go"}
    answered(sandbox, "Comments", {"issue": {"id": "i", "comments": {"nodes": [whole, odd], "pageInfo": PAGE}}})
    with pytest.raises(MalformedError):
        source.comments("DOC-1")


@pytest.mark.parametrize("body", [None, 7, {}, [], "\ud800", "\x00"])
def test_a_comment_without_readable_words_says_nothing(body: object, source: Source, sandbox: LinearSandbox) -> None:
    row = {"id": "b", "createdAt": "2026-11-22T12:00:00Z", "body": body, "user": 7, "url": None, "editedAt": "x"}
    answered(sandbox, "Comments", {"issue": {"id": "i", "comments": {"nodes": [row], "pageInfo": PAGE}}})
    (comment,) = source.comments("DOC-1").comments
    assert (comment.lines, comment.by.name, comment.edited_at) == ((), talk.NOBODY, None)
    assert comment.at == datetime(2026, 11, 22, 12, tzinfo=UTC)


# The probe.


def test_a_quiet_probe_of_talks_is_one_request_and_shows_nothing(
    world: LinearWorld, source: Source, sandbox: LinearSandbox, clock: Clock, key: str
) -> None:
    world.say(key, "hello")
    clock.pass_by(hours=5)
    sandbox.requests.clear()
    assert source.changed(clock(), clock(), [id_of(world, key)]) == {}
    assert len(sandbox.requests) == 1


def test_a_comment_shows_of_the_asked_issues_only_and_changes_the_stamp(
    world: LinearWorld, source: Source, clock: Clock, key: str
) -> None:
    other = world.add("DOC", "Other")
    clock.pass_by(hours=5)
    since, talks = clock(), [id_of(world, key)]
    stamps = []
    for _ in range(2):
        clock.pass_by(minutes=1)
        world.say(key, "hello")
        world.say(other, "hello")
        stamps.append(source.changed(since, clock(), talks))
        assert source.changed(since, clock(), talks) == stamps[-1]
    world.edit(key, title="New")
    stamps.append(source.changed(since, clock(), talks))
    assert [set(one) for one in stamps] == [set(talks)] * 3
    assert len({one[talks[0]] for one in stamps}) == 3
    assert source.changed(since, clock()) == {talks[0]: stamps[-1][talks[0]].rsplit(" ", 1)[0]}


@pytest.mark.parametrize("count", [249, 250, 251, 600])
def test_f1_the_newest_comment_of_each_issue_shows_however_many_there_are(
    count: int, world: LinearWorld, source: Source, clock: Clock, key: str
) -> None:
    quiet = world.add("DOC", "Quiet")
    clock.pass_by(hours=5)
    since = clock()
    world.say(quiet, "only this")
    for _ in range(count):
        clock.pass_by(seconds=1)
        world.say(key, "again")
    shown = source.changed(since, clock(), [id_of(world, key), id_of(world, quiet)])
    assert set(shown) == {id_of(world, key), id_of(world, quiet)}
    assert clock().isoformat(timespec="milliseconds")[:23] in shown[id_of(world, key)]


def test_f11_a_probe_of_talks_that_is_too_complex_shrinks_and_is_whole(
    world: LinearWorld, source: Source, sandbox: LinearSandbox, clock: Clock
) -> None:
    keys = [world.add("DOC", f"Page {number}") for number in range(60)]
    ids = {id_of(world, key) for key in keys}
    clock.pass_by(hours=5)
    for key in keys[:40]:
        world.say(key, "hello")
    sandbox.complexity_limit = 120
    assert set(source.changed(clock(), clock(), ids)) == {id_of(world, key) for key in keys[:40]}


@pytest.mark.parametrize(("name", "first"), [("comments", talk.PAGE), ("changed_said", 250), ("said", 250),
                                             ("called", 250), ("profiles", 250), ("healths", 250)])  # fmt: skip
def test_a_page_stays_far_below_linears_points(name: str, first: int) -> None:
    assert points(served(), documents.query(name).node, None, {"first": first}) <= 2_000


# What projects say.


def test_a_projects_health_is_told_by_its_name_or_id_with_who_said_it_and_when(
    world: LinearWorld, source: Source, clock: Clock
) -> None:
    ids = {name: world.project(name, "DOC") for name in ("Atlas 2.0", "Docs", "Silent")}
    world.user("Lee Park")
    clock.pass_by(days=1)
    world.report("Atlas 2.0", "atRisk", "Lee Park", "Somewhat late.")
    world.report("Docs", "offTrack")
    told = source.healths(["ATLAS 2.0", ids["Docs"], "Silent", "Nowhere"])
    assert told.keys() == {"ATLAS 2.0", ids["Docs"], "Silent"}
    atlas = told["ATLAS 2.0"]
    assert (atlas.tracker, atlas.project, atlas.word, atlas.by) == ("gtm", "ATLAS 2.0", "at_risk", "Lee Park")
    assert atlas.said_at == START + timedelta(days=1)
    assert "/updates#" in atlas.url
    assert told[ids["Docs"]].word == "off_track"
    assert told["Silent"] == Health(tracker="gtm", project="Silent", url=world.projects[ids["Silent"]]["url"])


def test_of_two_projects_with_one_name_the_worse_word_counts(world: LinearWorld, source: Source) -> None:
    for word in ("onTrack", "offTrack", "atRisk", None):
        world.project("Atlas 2.0", "DOC", health=word)
    assert source.healths(["Atlas 2.0"])["Atlas 2.0"].word == "off_track"


def test_nobody_is_asked_for_no_project(source: Source, sandbox: LinearSandbox) -> None:
    assert source.healths([]) == {}
    assert sandbox.requests == []


def test_more_projects_than_a_page_are_all_told(world: LinearWorld, source: Source) -> None:
    names = [f"Project {number}" for number in range(260)]
    for name in names:
        world.project(name, "DOC", health="onTrack")
    assert {said.word for said in source.healths(names).values()} == {"on_track"}
    assert source.healths(names).keys() == set(names)


@pytest.mark.parametrize(
    "odd", [None, 7, "x", {}, {"name": "Atlas"}, {"name": "Atlas", "health": "doomed", "lastUpdate": 7}]
)
def test_a_project_that_cannot_be_read_says_nothing(odd: object, source: Source, sandbox: LinearSandbox) -> None:
    answered(sandbox, "Healths", {"projects": {"nodes": [odd], "pageInfo": PAGE}})
    assert {said.word for said in source.healths(["Atlas"]).values()} <= {None}


def test_whoever_made_an_item_is_told_in_whichever_way_it_is_read(world: LinearWorld, source: Source) -> None:
    world.user("Lee Park")
    key = world.add("DOC", "Page", by="Lee Park")
    query, ids = Selector(terms={"team": "DOC"}), [id_of(world, key)]
    found = [whole(source, {"docs": query}), source.matching({"docs": query}, ids)]
    items = [found[0].items[ids[0]], found[1].items[ids[0]], source.lookup(ids)[ids[0]], source.ticket(key).item]
    assert [item.creator for item in items] == ["Lee Park"] * 4
