from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from werkzeug.wrappers import Request, Response

from connectors.base import Held, Ref, Settings, SummarySettings
from connectors.errors import LostAnswerError, MissingError, PermanentError, TemporaryError
from connectors.linear import connector
from connectors.linear.pen import Pen
from connectors.linear.whose import client_id
from mapping.document import NOTES_HEADING, Heading, Link, Mention, Paragraph, Report, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connectors.base import Source, Summary
    from syncd.sandbox.linear import LinearSandbox, LinearWorld
    from tests.connectors.linear.conftest import Front

ELSEWHERE = Ref(id="4a84eb03-8d1f-49b7-8d2b-9deb1beb3711", key="DOC-1", url="")
PLACE = SummarySettings(release="atlas-2", mark="syncd-atlas-2", project="REL", launch_key="REL-1")


def report(digest: str = "a", words: str = "Docs are not ready.") -> Report:
    blocks = (Paragraph((Text(words), Link("DOC-1", "https://linear.example/DOC-1"))), Heading(NOTES_HEADING))
    facts = {"verdict": "blocked", "valid_until": "2026-11-23T00:00:00Z"}
    return Report(title=f"Atlas 2.0: BLOCKED {digest}", blocks=blocks, digest=digest * 64, facts=facts)


def issues(world: LinearWorld) -> list[dict[str, Any]]:
    return [issue for issue in world.issues.values() if issue["team"]["key"] == "REL"]


def operations(sandbox: LinearSandbox) -> list[str]:
    return [seen.body["operationName"] for seen in sandbox.requests]


def refusing(words: str) -> Callable[[Request], Response | None]:
    """Refuses every request that has these words in it."""

    def before(request: Request) -> Response | None:
        if words not in request.get_data(as_text=True):
            return None
        told = {"message": f"No {words}", "extensions": {"code": "INPUT_ERROR"}}
        return Response(json.dumps({"errors": [told], "data": None}))

    return before


@pytest.fixture
def open_summary(settings: Settings) -> Iterator[Callable[..., Summary]]:
    opened: list[Summary] = []

    def made(**changes: Any) -> Summary:
        fields = {name: getattr(PLACE, name) for name in PLACE.__slots__}
        opened.append(connector.open_summary(settings, SummarySettings(**(fields | changes))))
        return opened[-1]

    yield made
    for one in opened:
        one.close()


def test_a_new_summary_is_found_by_its_own_id_and_carries_its_digest(summary: Summary, world: LinearWorld) -> None:
    assert summary.find() is None
    written = summary.create([report()])
    held = summary.read(written.ref)
    assert summary.find() == written.ref == held.ref
    assert (held.digest, held.notes, held.status, written.remarks) == ("a" * 64, "", "Backlog", ())
    assert [issue["title"] for issue in issues(world)] == ["Atlas 2.0: BLOCKED a"]


def test_the_id_is_a_valid_uuid_of_version_four_and_the_same_for_ever() -> None:
    assert client_id("syncd-atlas-2:0") == client_id("syncd-atlas-2:0") != client_id("syncd-atlas-2:1")
    made = UUID(client_id("syncd-atlas-2:0"))
    assert (made.version, made.variant) == (4, "specified in RFC 4122")


def test_creating_twice_makes_one_issue_with_the_latest_report(
    summary: Summary, open_summary: Callable[..., Summary], world: LinearWorld
) -> None:
    first = summary.create([report()])
    again = open_summary().create([report("b")])
    assert again.ref.id == first.ref.id
    assert [issue["title"] for issue in issues(world)] == ["Atlas 2.0: BLOCKED b"]


def test_a_create_whose_answer_is_lost_is_found_and_not_repeated(
    summary: Summary, front: Front, world: LinearWorld
) -> None:
    front.lose = lambda name: name == "IssueCreate"
    with pytest.raises(LostAnswerError):
        summary.create([report()])
    front.lose = lambda _: False
    ref = summary.find()
    assert ref is not None
    assert summary.read(ref).digest == "a" * 64
    assert summary.create([report()]).ref == ref
    assert len(issues(world)) == 1


def test_an_update_whose_answer_is_lost_is_settled_by_reading(summary: Summary, front: Front) -> None:
    ref = summary.create([report()]).ref
    front.lose = lambda name: name == "IssueUpdate"
    with pytest.raises(LostAnswerError):
        summary.update(summary.read(ref), [report("b")])
    assert summary.read(ref).digest == "b" * 64


def test_another_generation_is_another_issue(open_summary: Callable[..., Summary], world: LinearWorld) -> None:
    refs = {open_summary(generation=number).create([report()]).ref.id for number in (0, 1)}
    assert len(refs) == len(issues(world)) == 2


def test_ten_rewrites_change_nothing_in_the_notes(summary: Summary, world: LinearWorld) -> None:
    ref = summary.create([report()]).ref
    notes = "Call Kim ~before~ *launch* | <b>not</b>\n\n- one\n- two\n\n1. [a page](https://acme.example/x?a=1&b=2)"
    world.edit(ref.key, description=f"{world.find_issue(ref.key)['description']}\n\n{notes}")
    before = summary.read(ref).notes
    for digest in "0123456789":
        summary.update(summary.read(ref), [report(digest, f"Rewrite {digest}")])
    held = summary.read(ref)
    assert held.notes == before != ""
    assert held.digest == "9" * 64
    assert "Rewrite 8" not in world.find_issue(ref.key)["description"]


def test_notes_written_between_the_read_and_the_write_are_kept(summary: Summary, world: LinearWorld) -> None:
    ref = summary.create([report()]).ref
    held = summary.read(ref)
    world.edit(ref.key, description=f"{world.find_issue(ref.key)['description']}\n\nJust now.")
    summary.update(held, [report("b")])
    assert summary.read(ref).notes == "Just now."


def test_a_body_whose_notes_cannot_be_told_apart_is_left_alone(summary: Summary, world: LinearWorld) -> None:
    ref = summary.create([report()]).ref
    world.edit(ref.key, description="Somebody wrote all of this.")
    held = summary.read(ref)
    assert (held.notes, held.digest) == (None, None)
    with pytest.raises(PermanentError, match="cannot be told apart"):
        summary.update(held, [report("b")])
    assert world.find_issue(ref.key)["description"] == "Somebody wrote all of this."


def test_a_digest_in_the_notes_is_not_taken_for_ours(summary: Summary, world: LinearWorld) -> None:
    ref = summary.create([report()]).ref
    world.edit(ref.key, description=f"{world.find_issue(ref.key)['description']}\n\nFingerprint `{'f' * 64}`")
    assert summary.read(ref).digest == "a" * 64


def test_the_machine_copy_is_one_attachment_that_follows_the_report(summary: Summary, world: LinearWorld) -> None:
    ref = summary.create([report()]).ref
    summary.update(summary.read(ref), [report("b")])
    made = [row for row in world.attachments.values() if row["issue"]["id"] == ref.id]
    assert [row["metadata"] for row in made] == [{"verdict": "blocked", "valid_until": "2026-11-23T00:00:00Z"}]


def test_a_refused_attachment_is_a_remark_and_no_failure(summary: Summary, sandbox: LinearSandbox) -> None:
    sandbox.before = refusing("attachmentCreate")
    written = summary.create([report()])
    assert "machine copy" in written.remarks[0]
    assert summary.read(written.ref).digest == "a" * 64


def test_the_summary_blocks_the_launch_issue_by_one_link(summary: Summary, world: LinearWorld) -> None:
    launch = world.add("REL", "Atlas 2.0")
    ref = summary.create([report()]).ref
    summary.block(ref, launch)
    summary.block(ref, launch)
    links = [row for row in world.relations.values() if row["type"] == "blocks"]
    assert [(row["issue"]["id"], row["relatedIssue"]["identifier"]) for row in links] == [(ref.id, launch)]
    assert summary.read(ref).blocks == {launch}


def test_the_link_is_seen_among_many_others(summary: Summary, world: LinearWorld) -> None:
    launch = world.add("REL", "Atlas 2.0")
    ref = summary.create([report()]).ref
    summary.block(ref, launch)
    for number in range(120):
        world.relate(ref.key, world.add("DOC", f"Related {number}"), "related")
    assert summary.read(ref).blocks == {launch}


def test_a_link_whose_answer_is_lost_is_not_made_twice(summary: Summary, world: LinearWorld, front: Front) -> None:
    launch = world.add("REL", "Atlas 2.0")
    ref = summary.create([report()]).ref
    front.lose = lambda name: name == "RelationCreate"
    with pytest.raises(LostAnswerError):
        summary.block(ref, launch)
    summary.block(ref, launch)
    assert len(world.relations) == 1


def test_a_launch_issue_that_is_not_there_is_missing(open_summary: Callable[..., Summary]) -> None:
    summary = open_summary(launch_key="REL-99")
    ref = summary.create([report()]).ref
    with pytest.raises(MissingError, match="REL-99"):
        summary.block(ref, "REL-99")


@pytest.mark.parametrize("launch_key", [None, "REL-2"])
def test_a_strangers_issue_with_the_launch_issues_key_is_not_linked(
    launch_key: str | None, world: LinearWorld, open_summary: Callable[..., Summary]
) -> None:
    stranger = world.add("REL", "Payroll")
    summary = open_summary(launch_key=launch_key)
    ref = summary.create([report()]).ref
    with pytest.raises(PermanentError, match=f"{stranger} is not the launch issue"):
        summary.block(ref, stranger)
    assert world.relations == {}


def test_the_summary_is_moved_by_the_name_or_id_of_a_status(
    summary: Summary, world: LinearWorld, sandbox: LinearSandbox
) -> None:
    ref = summary.create([report()]).ref
    summary.move(ref, "in progress")
    assert summary.read(ref).status == "In Progress"
    before = operations(sandbox).count("IssueUpdate")
    summary.move(ref, world.find_issue(ref.key)["state"]["id"])
    assert operations(sandbox).count("IssueUpdate") == before
    with pytest.raises(PermanentError, match='no status "Blocked"') as caught:
        summary.move(ref, "Blocked")
    assert '"In Progress"' in caught.value.hint


def test_where_the_team_has_a_triage_the_summary_does_not_land_in_it(
    world: LinearWorld, open_summary: Callable[..., Summary]
) -> None:
    world.team("TRI", "Triaged", triage=True)
    summary = open_summary(project="TRI")
    assert summary.read(summary.create([report()]).ref).status == "Todo"


@pytest.mark.parametrize(("put_away", "words"), [("trash", "trash"), ("archive", "archived")])
def test_a_summary_that_was_put_away_is_told_and_not_made_anew(
    put_away: str, words: str, summary: Summary, world: LinearWorld
) -> None:
    ref = summary.create([report()]).ref
    getattr(world, put_away)(ref.key)
    for act in (summary.find, lambda: summary.read(ref), lambda: summary.create([report()])):
        with pytest.raises(PermanentError, match=words) as caught:
            act()
        assert "restore it in Linear" in caught.value.hint
    assert len(issues(world)) == 1


def test_a_configured_issue_is_used_as_it_is(world: LinearWorld, open_summary: Callable[..., Summary]) -> None:
    key = world.add("REL", "Readiness of Atlas")
    summary = open_summary(issue=key)
    ref = summary.find()
    assert ref is not None
    assert ref.key == key
    summary.update(summary.read(ref), [report()])
    assert summary.read(ref).digest == "a" * 64
    with pytest.raises(PermanentError):
        summary.create([report()])


def test_a_configured_issue_can_be_read_by_its_stored_id_alone(
    world: LinearWorld, open_summary: Callable[..., Summary]
) -> None:
    key = world.add("REL", "Readiness of Atlas")
    ref = Ref(id=world.find_issue(key)["id"], key=key, url="")
    assert open_summary(issue=key).read(ref).ref.key == key


def test_a_configured_issue_keeps_the_text_of_its_own_below_the_report(
    world: LinearWorld, open_summary: Callable[..., Summary]
) -> None:
    key = world.add("REL", "Readiness of Atlas", description="Precious words.")
    summary = open_summary(issue=key)
    ref = summary.find()
    assert ref is not None
    for _ in range(2):
        summary.update(summary.read(ref), [report()])
    told = world.find_issue(key)["description"]
    assert told.endswith("Precious words.")
    assert told.count("Precious words.") == 1


def test_a_configured_issues_own_text_is_kept_whole_however_long(
    world: LinearWorld, open_summary: Callable[..., Summary]
) -> None:
    precious = "\n\n".join(f"Paragraph {number} of a long description." for number in range(400))
    key = world.add("REL", "Readiness of Atlas", description=precious)
    summary = open_summary(issue=key)
    ref = summary.find()
    assert ref is not None
    for digest in "ab":
        summary.update(summary.read(ref), [report(digest)])
        assert world.find_issue(key)["description"].endswith(precious)


def test_a_text_that_leaves_no_room_for_the_smallest_report_is_left_alone(
    world: LinearWorld, open_summary: Callable[..., Summary]
) -> None:
    precious = "precious " * 4_000
    key = world.add("REL", "Readiness of Atlas", description=precious)
    before = world.find_issue(key)["description"]
    summary = open_summary(issue=key)
    ref = summary.find()
    assert ref is not None
    with pytest.raises(PermanentError, match="leaves no room") as caught:
        summary.update(summary.read(ref), [report(), report("b")])
    assert "shorten" in caught.value.hint
    assert world.find_issue(key)["description"] == before


def test_a_configured_issue_whose_own_text_has_our_heading_is_left_alone(
    world: LinearWorld, open_summary: Callable[..., Summary]
) -> None:
    own = f"Precious words.\n\n## {NOTES_HEADING}\n\nMore of them."
    key = world.add("REL", "Readiness of Atlas", description=own)
    summary = open_summary(issue=key)
    ref = summary.find()
    assert ref is not None
    with pytest.raises(PermanentError, match="cannot be told apart") as caught:
        summary.update(summary.read(ref), [report()])
    assert "rename" in caught.value.hint
    assert world.find_issue(key)["description"] == own


ACTS: dict[str, Callable[[Summary, Ref], object]] = {
    "read": lambda summary, ref: summary.read(ref),
    "update": lambda summary, ref: summary.update(Held(ref=ref, digest=None, notes="", status=""), [report()]),
    "block": lambda summary, ref: summary.block(ref, "REL-1"),
    "move": lambda summary, ref: summary.move(ref, "Done"),
    "comment": lambda summary, ref: summary.comment(ref, [(Text("hello"),)], "hello"),
}


@pytest.mark.parametrize("issue", [None, "REL-2"])
@pytest.mark.parametrize("found", [False, True])
@pytest.mark.parametrize("act", ACTS)
def test_an_id_that_is_not_the_summarys_is_refused(
    act: str,
    found: bool,  # noqa: FBT001  # a table
    issue: str | None,
    world: LinearWorld,
    sandbox: LinearSandbox,
    open_summary: Callable[..., Summary],
) -> None:
    for title in ("Atlas 2.0", "Readiness of Atlas"):
        world.add("REL", title)
    other = world.find_issue(world.add("DOC", "not ours", description="not ours"))
    version = world.version
    summary = open_summary(issue=issue, launch_key="REL-1")
    if found:
        summary.find()
    with pytest.raises(PermanentError, match="nothing is written"):
        ACTS[act](summary, Ref(id=other["id"], key="REL-2", url=other["url"]))
    assert world.version == version
    assert not any("mutation" in seen.body["query"] for seen in sandbox.requests)


def test_a_configured_issue_is_the_one_of_its_key_whatever_was_stored(
    world: LinearWorld, open_summary: Callable[..., Summary]
) -> None:
    made = open_summary().create([report()]).ref
    key = world.add("REL", "Readiness of Atlas")
    summary = open_summary(issue=key)
    with pytest.raises(PermanentError, match="nothing is written"):
        summary.read(made)
    found = summary.find()
    assert found is not None
    assert found.key == key
    with pytest.raises(PermanentError, match="nothing is written"):
        open_summary().read(found)


def test_f28_an_issue_that_became_the_summary_is_known_by_its_attachment(
    world: LinearWorld, open_summary: Callable[..., Summary]
) -> None:
    """It has an id of its own, and the file no longer names it, or the store is lost."""
    open_summary().create([report()])
    key = world.add("REL", "Readiness of Atlas", description="Mine")
    adopting = open_summary(issue=key, generation=1)
    ref = adopting.find()
    assert ref is not None
    adopting.update(adopting.read(ref), [report()])
    stored = open_summary(generation=1)
    assert stored.read(ref).notes == "Mine"
    lost = open_summary()
    found = lost.find()
    assert found is not None
    assert (found.id, lost.generation) == (ref.id, 1)


def test_f28_a_deleted_generation_does_not_hide_the_later_one(
    world: LinearWorld, open_summary: Callable[..., Summary]
) -> None:
    first = open_summary().create([report()]).ref
    second = open_summary(generation=1).create([report()]).ref
    world.trash(first.key)
    assert open_summary().find() == second
    world.trash(second.key)
    with pytest.raises(PermanentError, match="in the trash"):
        open_summary().find()


def test_an_attachment_that_stands_on_two_issues_leaves_the_one_that_we_made(
    world: LinearWorld, open_summary: Callable[..., Summary]
) -> None:
    ref = open_summary().create([report()]).ref
    (ours,) = [row["url"] for row in world.attachments.values() if row["issue"]["id"] == ref.id]
    copied = world.find_issue(world.add("REL", "A copy"))
    with world.lock:
        world.attach(copied, ours, "Readiness for machines")
    assert open_summary().find() == ref
    with pytest.raises(PermanentError, match="nothing is written"):
        open_summary().read(Ref(id=copied["id"], key=copied["identifier"], url=""))


def test_a_pen_that_holds_no_issue_writes_nothing(settings: Settings, sandbox: LinearSandbox) -> None:
    with Pen(settings) as pen, pytest.raises(PermanentError):
        pen.update({"title": "x"})
    assert sandbox.requests == []


def said(world: LinearWorld, ref: Ref) -> list[str]:
    return [row["body"] for row in world.find_issue(ref.id)["comments"]]


def test_a_comment_is_plain_text(summary: Summary, world: LinearWorld) -> None:
    ref = summary.create([report()]).ref
    summary.comment(ref, [(Text("@dana: *look* <b>here</b> [x](http://y)"),)], "one")
    bodies = said(world, ref)
    assert len(bodies) == 1
    assert not [mark for mark in ("*look*", "<b>", "](http") if mark in bodies[0].replace("\\*", "")]


def test_a_comment_has_a_paragraph_for_each_line_and_links(summary: Summary, world: LinearWorld) -> None:
    ref = summary.create([report()]).ref
    lines = [(Text("Waived: "), Link("DOC-31", "https://x.example/DOC-31")), (Text("# no heading"),), ()]
    summary.comment(ref, lines, "one")
    assert said(world, ref) == ["Waived: [DOC-31](<https://x.example/DOC-31>)\n\n\\# no heading"]


def test_a_comment_is_posted_once_whatever_became_of_the_answer(
    front: Front, open_summary: Callable[..., Summary], world: LinearWorld
) -> None:
    ref = open_summary().create([report()]).ref
    front.lose = lambda operation: operation == "CommentCreate"
    with pytest.raises(LostAnswerError):
        open_summary().comment(ref, [(Text("Once"),)], "one")
    front.lose = lambda _: False
    for _ in range(3):
        open_summary().comment(ref, [(Text("Once"),)], "one", tried=timedelta())
    open_summary().comment(ref, [(Text("Another"),)], "two")
    assert said(world, ref) == ["Once", "Another"]
    assert {UUID(number).version for number in world.comments} == {4}


def test_somebody_is_mentioned_by_the_address_of_the_profile(summary: Summary, world: LinearWorld) -> None:
    dana = world.user("Dana Reyes")
    ref = summary.create([report()]).ref
    her = Mention("Dana Reyes", dana)
    lines = [(her, Text(", who owns this?")), (Text("Ask"), her, Text("or"), her, her, Text(".x"))]
    summary.comment(ref, lines, "one")
    url = world.users[dana]["url"]
    assert said(world, ref) == [f"{url}, who owns this?\n\nAsk {url} or {url} {url} .x"]


def test_who_is_mentioned_in_each_of_a_run_is_asked_for_once(
    summary: Summary, world: LinearWorld, sandbox: LinearSandbox
) -> None:
    ref, dana = summary.create([report()]).ref, world.user("Dana Reyes")
    sandbox.requests.clear()
    for number in range(5):
        summary.comment(ref, [(Mention("Dana Reyes", dana), Text(", is it?"))], f"answer {number}")
    assert len(said(world, ref)) == 5
    assert len(sandbox.requests) == 6


def test_whom_linear_does_not_show_is_named_and_not_mentioned(
    summary: Summary, world: LinearWorld, sandbox: LinearSandbox
) -> None:
    gone = world.user("Lee_Park", active=False)
    ref = summary.create([report()]).ref
    sandbox.requests.clear()
    strangers = ["712020:jira-account", "", "4a84eb03-8d1f-49b7-8d2b-9deb1beb3711", gone]
    summary.comment(ref, [tuple(Mention("Lee_Park", account) for account in strangers)], "one")
    assert said(world, ref) == ["Lee\\_Park" * 4]


def test_check_tells_what_hinders_the_summary(world: LinearWorld, open_summary: Callable[..., Summary]) -> None:
    assert open_summary().obstacles() == ()
    assert 'team "NOPE"' in open_summary(project="NOPE").obstacles()[0]
    assert 'issue "REL-99"' in open_summary(issue="REL-99").obstacles()[0]
    ref = open_summary().create([report()]).ref
    world.trash(ref.key)
    assert "trash" in open_summary().obstacles()[0]


def test_linear_has_no_quiet_write(summary: Summary) -> None:
    assert summary.is_loud()


def test_checking_writes_nothing(summary: Summary, sandbox: LinearSandbox) -> None:
    summary.obstacles()
    assert all("mutation" not in seen.body["query"] for seen in sandbox.requests)


def test_a_summary_in_a_team_that_is_not_there_is_not_made(open_summary: Callable[..., Summary]) -> None:
    with pytest.raises(MissingError, match="NOPE"):
        open_summary(project="NOPE").create([report()])


def test_the_workspaces_limit_of_issues_is_told_in_linears_words(summary: Summary, sandbox: LinearSandbox) -> None:
    sandbox.before = refusing("issueCreate")
    with pytest.raises(PermanentError, match="No issueCreate"):
        summary.create([report()])


def test_a_tracker_that_is_down_makes_no_second_issue(summary: Summary, sandbox: LinearSandbox) -> None:
    sandbox.before = lambda _: Response("<html>down</html>", 503)
    with pytest.raises(TemporaryError):
        summary.find()


def test_a_source_sends_no_mutation_whatever_is_asked_of_it(
    source: Source, world: LinearWorld, sandbox: LinearSandbox
) -> None:
    key = world.add("DOC", "item")
    source.identify()
    source.ticket(key)
    source.lead("DOC")
    source.person("a@b.example")
    assert not any("mutation" in seen.body["query"] for seen in sandbox.requests)
    assert not hasattr(source, "update")
