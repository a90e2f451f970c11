"""What is Jira's own in writing the summary issue: labels, the machine copy, quiet edits, refusals beside a write."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.wrappers import Response

from connectors.base import Held, Ref
from connectors.errors import LostAnswerError, MissingError, PermanentError, TemporaryError
from connectors.jira.client import Client, reads_only
from connectors.jira.pen import Pen
from connectors.jira.whose import PROPERTY
from connectors.jira.write import JiraSummary
from connectors.wire import NotAllowedError
from mapping.document import NOTES_HEADING, Text
from tests.connectors.contract import MARK, report, settings
from tests.connectors.jira.site import JiraSite, is_write, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from werkzeug.wrappers import Request


@pytest.fixture(params=[False, True], ids=["cloud", "data center"])
def site(request: pytest.FixtureRequest) -> Iterator[JiraSite]:
    with running(data_center=request.param) as site:
        yield site


@pytest.fixture
def summary(site: JiraSite) -> Iterator[JiraSummary]:
    opened = JiraSummary(site.settings(), settings())
    yield opened
    opened.close()


@pytest.mark.parametrize("warned", [False, True])
def test_a_project_that_jira_does_not_know_any_more_keeps_nobody_from_finding_the_summary_by_its_label(
    site: JiraSite, summary: JiraSummary, *, warned: bool
) -> None:
    ref = summary.create([report()]).ref
    told = {"issues": [], "total": 0, "warnings": ["no HOME"], "warningMessages": ["no HOME"]} if warned else {}

    def unknown(request: Request) -> Response | None:
        if "creator = currentUser()" not in str((request.get_json(silent=True) or {}).get("jql", "")):
            return None
        return Response(json.dumps(told), status=200 if warned else 400, content_type="application/json")

    site.app.before = unknown
    found = JiraSummary(site.settings(), settings())
    assert found.find() == ref
    found.close()


def labels(site: JiraSite, ref: Ref) -> set[str]:
    return set(site.world.issues[ref.id]["fields"]["labels"])


def copy(site: JiraSite, ref: Ref) -> dict[str, Any]:
    held: dict[str, Any] = site.world.shelves[ref.id].properties[PROPERTY]
    return held


def refusing(site: JiraSite, wrong: Callable[[dict[str, Any]], dict[str, str]]) -> None:
    """Writes of which ``wrong`` says something are refused with 400, its words by field."""

    def instead(request: Request) -> Response | None:
        body = json.loads(request.get_data() or b"{}")
        errors = wrong(body) if is_write(request.method, request.path) else {}
        answer = json.dumps({"errorMessages": [], "errors": errors})
        return Response(answer, status=400, content_type="application/json") if errors else None

    site.app.before = instead


def test_mark_labels_and_machine_copy_travel_with_the_creation(site: JiraSite, summary: JiraSummary) -> None:
    ref = summary.create([report(labels=("readiness-blocked",))]).ref
    assert labels(site, ref) == {MARK, "readiness-blocked"}
    assert copy(site, ref) == {"verdict": "blocked", "digest": "d1", "mark": MARK}
    assert site.writes() == 1


def test_labels_of_ours_change_and_those_of_people_stay(site: JiraSite, summary: JiraSummary) -> None:
    ref = summary.create([report(labels=("readiness-blocked",))]).ref
    site.relabel(ref.key, "readiness-blocked", "mine", MARK)
    summary.update(summary.read(ref), [report(digest="d2", labels=("readiness-unknown",))])
    assert labels(site, ref) == {MARK, "mine", "readiness-unknown"}
    assert copy(site, ref)["digest"] == "d2"


def test_the_mark_is_put_back_when_somebody_took_it_off(site: JiraSite, summary: JiraSummary) -> None:
    ref = summary.create([report()]).ref
    site.relabel(ref.key)
    summary.update(summary.read(ref), [report()])
    assert labels(site, ref) == {MARK}


def test_a_recreated_summary_has_its_own_mark(site: JiraSite, summary: JiraSummary) -> None:
    first = summary.create([report()]).ref
    again = JiraSummary(site.settings(), settings(generation=1))
    assert again.find() is None
    second = again.create([report()]).ref
    assert labels(site, second) == {f"{MARK}-1"}
    assert summary.read(first).ref == first
    again.close()


@pytest.mark.parametrize("take", ["nothing", "labels"])
def test_f28_who_knows_of_no_generation_finds_the_latest(site: JiraSite, take: str) -> None:
    launch = site.add("Launch")
    for generation in (0, 1):
        made = JiraSummary(site.settings(), settings(generation=generation, launch_key=launch))
        ref = made.create([report()]).ref
        made.block(ref, launch)
        made.close()
    if take == "labels":
        site.relabel(ref.key)
    lost = JiraSummary(site.settings(), settings(launch_key=launch))
    assert lost.find() == ref
    assert lost.generation == 1
    lost.update(lost.read(ref), [report(digest="d9")])
    assert labels(site, ref) == {f"{MARK}-1"}
    lost.close()


def test_two_issues_with_the_mark_are_told_by_their_keys(site: JiraSite, summary: JiraSummary) -> None:
    first, second = site.add("One", labels=[MARK]), site.add("Two", labels=[MARK])
    for key in (first, second):
        site.world.shelves[site.identity(key)].properties[PROPERTY] = {"mark": MARK}
    with pytest.raises(PermanentError) as caught:
        summary.find()
    assert f"{first} and {second} all carry" in str(caught.value)


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("labels", {"labels": "Field 'labels' cannot be set. It is not on the appropriate screen."}),
        ("properties", {"properties": "The property cannot be set."}),
    ],
)
def test_a_refused_label_or_property_is_a_remark_and_no_failure(
    site: JiraSite, summary: JiraSummary, field: str, words: dict[str, str]
) -> None:
    def wrong(body: dict[str, Any]) -> dict[str, str]:
        said = {**body, **body.get("fields", {}), **body.get("update", {})}
        return words if field in said else {}

    refusing(site, wrong)
    written = summary.create([report()])
    assert len(written.remarks) == 1
    assert f"did not take the {field}" in written.remarks[0]
    assert site.count() == 1
    written = summary.update(summary.read(written.ref), [report("All is done.", "d2")])
    assert len(written.remarks) == 1
    assert "All is done." in site.body(written.ref.key)


@pytest.mark.parametrize("words", ["CONTENT_LIMIT_EXCEEDED", "It exceeds the allowed limit of 32,767 characters."])
def test_f15_what_jira_finds_too_long_is_taken_one_smaller(site: JiraSite, summary: JiraSummary, words: str) -> None:
    def wrong(body: dict[str, Any]) -> dict[str, str]:
        shown = json.dumps(body.get("fields", {}))
        return {"description": words} if "Third" not in shown else {}

    refusing(site, wrong)
    reports = [report("First."), report("Second."), report("Third.")]
    written = summary.create(reports)
    assert (written.shrunk, written.remarks, site.count()) == (2, (), 1)
    assert summary.update(summary.read(written.ref), reports).shrunk == 2
    refusing(site, lambda _: {"description": words})
    with pytest.raises(PermanentError, match="description"):
        summary.update(summary.read(written.ref), reports)


def test_f18_a_renewed_lease_mails_nobody_where_that_is_allowed(site: JiraSite, summary: JiraSummary) -> None:
    ref = summary.create([report()]).ref
    summary.update(summary.read(ref), [report("a", "d2")])
    summary.update(summary.read(ref), [report("b", "d3")], quiet=True)
    edits = [seen.query for seen in site.app.requests if seen.method == "PUT"]
    assert edits == [{}, {"notifyUsers": ["false"]}]


def test_where_quiet_edits_need_more_rights_the_edit_is_made_all_the_same(site: JiraSite, summary: JiraSummary) -> None:
    site.world.denied |= {"ADMINISTER", "ADMINISTER_PROJECTS"}
    ref = summary.create([report()]).ref
    for number in range(2):
        summary.update(summary.read(ref), [report(f"Round {number}.", f"r{number}")], quiet=True)
        assert f"Round {number}." in site.body(ref.key)
    assert sum("notifyUsers" in seen.query for seen in site.app.requests) == 1


def test_a_link_type_that_there_is_not_is_told_with_those_that_there_are(site: JiraSite) -> None:
    launch = site.add("Launch")
    summary = JiraSummary(site.settings(), settings(link="Blocker"))
    ref = summary.create([report()]).ref
    with pytest.raises(PermanentError) as caught:
        summary.block(ref, launch)
    assert 'there is no link type "Blocker"; there are: Blocks, Cloners, Duplicate, Relates' in str(caught.value)
    assert "set summary: {link: …}" in str(caught.value)
    assert 'no link type "Blocker"' in " ".join(summary.obstacles())
    summary.close()


def test_held_tells_what_the_summary_blocks_and_nothing_of_the_other_direction(
    site: JiraSite, summary: JiraSummary
) -> None:
    launch, other = site.add("Launch"), site.add("Blocks us")
    ref = summary.create([report()]).ref
    summary.block(ref, launch)
    site.world.link("Blocks", other, ref.key)
    site.world.link("Relates", ref.key, other)
    assert summary.read(ref).blocks == {launch}


def test_no_right_to_move_says_so(site: JiraSite, summary: JiraSummary) -> None:
    ref = summary.create([report()]).ref
    site.world.denied.add("TRANSITION_ISSUES")
    with pytest.raises(PermanentError, match="nothing at all"):
        summary.move(ref, "Blocked")


def test_check_tells_whether_renewals_tell_the_watchers(site: JiraSite, summary: JiraSummary) -> None:
    assert not summary.is_loud()
    site.world.denied.add("ADMINISTER_PROJECTS")
    assert not summary.is_loud()
    site.world.denied.add("ADMINISTER")
    assert summary.is_loud()


def test_check_tells_what_the_account_lacks(site: JiraSite) -> None:
    site.world.denied |= {"CREATE_ISSUES", "LINK_ISSUES"}
    summary = JiraSummary(site.settings(), settings(type="Launch gate"))
    told = " ".join(summary.obstacles())
    assert "create issues, link issues" in told
    assert 'no issue type "Launch gate"' in told
    summary.close()


def test_a_title_of_another_planet_is_shown_as_text(site: JiraSite, summary: JiraSummary) -> None:
    words = "{panel} [~dana] | @dana h1. <b> \u202e [x|javascript:alert(1)] " + "long " * 2000
    written = summary.create([report(words), report("Short.")])
    assert NOTES_HEADING in site.body(written.ref.key)
    assert len(site.title(written.ref.key)) <= 255


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_server_error_on_creation_leaves_open_whether_it_was_made(
    site: JiraSite, summary: JiraSummary, status: int
) -> None:
    summary.find()
    site.fail(status, "<html>", kind="text/html")
    with pytest.raises(LostAnswerError):
        summary.create([report()])


def test_a_creation_that_was_never_sent_may_be_tried_again(site: JiraSite) -> None:
    summary = JiraSummary(site.settings(url="http://127.0.0.1:9"), settings())
    with pytest.raises(TemporaryError) as caught:
        summary.create([report()])
    assert not isinstance(caught.value, LostAnswerError)
    summary.close()


WRITES = [
    ("POST", "issue"),
    ("PUT", "issue/10001"),
    ("POST", "issue/10001/comment"),
    ("POST", "issue/10001/transitions"),
    ("PUT", "issue/10001/properties/syncd"),
    ("POST", "issueLink"),
    ("POST", "issue/bulk"),
    ("DELETE", "issue/10001"),
    ("PUT", "issue/10001/assignee"),
    ("POST", "search/../issue"),
]


def test_a_source_cannot_send_a_write_at_all(site: JiraSite) -> None:
    client = Client(site.settings(), reads_only)
    client.open()
    before = len(site.app.requests)
    for method, resource in WRITES:
        with pytest.raises(NotAllowedError):
            client.write(method, resource, {})
    assert len(site.app.requests) == before
    client.close()


def test_a_writer_reaches_its_own_issue_only(site: JiraSite) -> None:
    pen = Pen(site.settings())
    pen.claim("77")
    pen.client.open()
    before = len(site.app.requests)
    for method, resource in [*WRITES, ("PUT", "issue/78"), ("POST", "issue/770/comment"), ("POST", "issue/77")]:
        with pytest.raises(NotAllowedError):
            pen.client.write(method, resource, {})
    for other in ("78", "", "77/comment", "HOME-1", "7" * 40):
        with pytest.raises(PermanentError):
            pen.claim(other)
    assert len(site.app.requests) == before
    pen.client.close()


def test_a_digest_and_the_notes_are_none_of_a_strangers_body(site: JiraSite, summary: JiraSummary) -> None:
    ref = summary.create([report()]).ref
    site.world.shelves[ref.id].properties[PROPERTY] = ["odd"]
    site.spoil(ref.key, "x")
    held = summary.read(ref)
    assert (held.digest, held.notes) == (None, None)


# --- whose issue it is


def by_dana(site: JiraSite, title: str, **fields: Any) -> Ref:
    """A ticket that Dana made."""
    key = site.add(title, **fields)
    site.world.change(site.identity(key), {"creator": site.world.find_user("Dana")}, rows=[])
    return Ref(id=site.identity(key), key=key, url="")


def without_labels(site: JiraSite) -> None:
    """The project's screens have no field for labels."""

    def wrong(body: dict[str, Any]) -> dict[str, str]:
        said = {**body.get("fields", {}), **body.get("update", {})}
        return (
            {"labels": "Field 'labels' cannot be set. It is not on the appropriate screen."} if "labels" in said else {}
        )

    refusing(site, wrong)


def without_properties(site: JiraSite) -> None:
    refusing(site, lambda body: {"properties": "The property cannot be set."} if "properties" in body else {})


def test_an_issue_without_our_mark_is_somebody_elses_even_where_its_id_was_stored(
    site: JiraSite, summary: JiraSummary
) -> None:
    launch = site.add("Launch")
    theirs = by_dana(site, "A team's ticket")
    site.spoil(theirs.key, "Their words")
    acts: list[Callable[[], object]] = [
        lambda: summary.read(theirs),
        lambda: summary.update(Held(ref=theirs, digest=None, notes="", status=""), [report()]),
        lambda: summary.block(theirs, launch),
        lambda: summary.move(theirs, "Done"),
        lambda: summary.comment(theirs, [(Text("hello"),)], "hello"),
    ]
    for act in acts:
        with pytest.raises(PermanentError, match=f"{theirs.key} carries no mark of ours") as caught:
            act()
        assert "summary: {issue: " in caught.value.hint
    assert site.writes() == 0


def test_a_stored_id_is_not_the_configured_issue_on_another_site(site: JiraSite) -> None:
    named, theirs = site.add("Readiness"), by_dana(site, "A team's ticket")
    summary = JiraSummary(site.settings(), settings(issue=named))
    with pytest.raises(PermanentError, match=f"{theirs.key} carries no mark of ours"):
        summary.read(theirs)
    named_ref = Ref(id=site.identity(named), key=named, url="")
    assert summary.read(named_ref).notes is not None
    moved = site.transfer(named)
    assert summary.read(named_ref).ref.key == moved
    summary.close()


@pytest.mark.parametrize("take", ["label", "property"])
def test_either_half_of_the_mark_is_enough_to_know_our_issue(site: JiraSite, summary: JiraSummary, take: str) -> None:
    ref = summary.create([report()]).ref
    if take == "label":
        site.relabel(ref.key)
    else:
        site.world.shelves[ref.id].properties.clear()
    assert summary.read(ref).ref == ref


def test_a_persons_long_text_is_carried_whole_into_the_notes(site: JiraSite) -> None:
    key, words = site.add("Readiness of Atlas"), "Nobody may lose this. " * 400
    site.spoil(key, words.strip())
    summary = JiraSummary(site.settings(), settings(issue=key))
    ref = summary.find()
    assert ref is not None
    for number in range(2):
        summary.update(summary.read(ref), [report(f"Round {number}.", f"r{number}")])
        assert words.strip() in site.body(key)
    summary.close()


def test_notes_that_leave_no_room_for_the_smallest_report_are_left_alone(site: JiraSite) -> None:
    key = site.add("Readiness of Atlas")
    words = "Nobody may lose this. " * 1450
    site.spoil(key, words.strip())
    before = site.body(key)
    summary = JiraSummary(site.settings(), settings(issue=key))
    ref = summary.find()
    assert ref is not None
    with pytest.raises(PermanentError, match="the notes leave no room") as caught:
        summary.update(summary.read(ref), [report("word " * 9000), report("word " * 300)])
    assert "shorten" in caught.value.hint
    assert site.body(key) == before
    summary.close()


@pytest.mark.parametrize("body", [7, ["x"], {"type": "doc"}, {"content": {"a": 1}}, "untold"])
def test_a_body_in_an_unknown_form_or_untold_is_left_alone(site: JiraSite, body: Any) -> None:
    key = site.add("Readiness of Atlas")
    summary = JiraSummary(site.settings(), settings(issue=key))
    ref = summary.find()
    assert ref is not None

    def odd(_: Request, response: Response) -> Response | None:
        told = json.loads(response.get_data() or b"{}")
        if "description" not in told.get("fields", {}):
            return None
        told["fields"] = {**told["fields"], "description": body}
        if body == "untold":
            del told["fields"]["description"]
        return Response(json.dumps(told), content_type="application/json")

    site.app.after = odd
    held = summary.read(ref)
    assert held.notes is None
    with pytest.raises(PermanentError, match="cannot be told apart"):
        summary.update(held, [report()])
    assert site.writes() == 0
    summary.close()


def test_a_teams_copy_that_took_our_label_along_is_not_ours(site: JiraSite, summary: JiraSummary) -> None:
    ref = summary.create([report()]).ref
    copied = by_dana(site, "CLONE - Atlas", labels=[MARK])
    assert summary.find() == ref
    site.delete(ref.key)
    alone = JiraSummary(site.settings(), settings())
    with pytest.raises(PermanentError, match=f'{copied.key} carries the label "{MARK}"') as caught:
        alone.find()
    assert f"summary: {{issue: {copied.key}}}" in caught.value.hint
    alone.close()


def test_the_launch_issue_is_never_taken_for_the_summary(site: JiraSite) -> None:
    launch = site.add("Launch", labels=[MARK])
    site.world.shelves[site.identity(launch)].properties[PROPERTY] = {"mark": MARK}
    summary = JiraSummary(site.settings(), settings(launch_key=launch))
    assert summary.find() is None
    summary.close()


def test_the_launch_issue_cannot_be_configured_as_the_summary(site: JiraSite) -> None:
    launch = site.add("Launch")
    ref = Ref(id=site.identity(launch), key=launch, url="")
    summary = JiraSummary(site.settings(), settings(issue=launch, launch_key=launch))
    for act in (summary.find, lambda: summary.read(ref), lambda: summary.comment(ref, [(Text("hello"),)], "hello")):
        with pytest.raises(PermanentError, match="is the launch issue"):
            act()
    assert site.writes() == 0
    summary.close()


def test_a_summary_that_is_gone_is_told_with_the_command_that_makes_another(
    site: JiraSite, summary: JiraSummary
) -> None:
    ref = summary.create([report()]).ref
    site.delete(ref.key)
    with pytest.raises(MissingError, match="`syncd recreate atlas-2`"):
        summary.read(ref)


def test_a_launch_issue_that_is_gone_hinders_no_search(site: JiraSite) -> None:
    summary = JiraSummary(site.settings(), settings(launch_key="HOME-999"))
    ref = summary.create([report()]).ref
    again = JiraSummary(site.settings(), settings(launch_key="HOME-999"))
    assert again.find() == ref
    summary.close()
    again.close()


def test_where_no_property_is_taken_the_label_counts_on_what_we_made_ourselves(
    site: JiraSite, summary: JiraSummary
) -> None:
    without_properties(site)
    ref = summary.create([report()]).ref
    assert summary.find() == ref
    by_dana(site, "CLONE - Atlas", labels=[MARK])
    with pytest.raises(PermanentError, match="all carry the label"):
        summary.find()


@pytest.mark.parametrize("linked", [False, True])
def test_f4_where_no_label_is_taken_the_summary_is_found_all_the_same(site: JiraSite, linked: bool) -> None:  # noqa: FBT001  # a case of the table
    launch = site.add("Launch")
    by_dana(site, "Not ours, and lately")
    site.world.link("Blocks", by_dana(site, "Not ours, and in the way").key, launch)
    without_labels(site)
    summary = JiraSummary(site.settings(), settings(launch_key=launch))
    ref = summary.create([report()]).ref
    if linked:
        summary.block(ref, launch)
        site.app.index_lag_s = 3600
        site.clock.pass_by(minutes=1)
    again = JiraSummary(site.settings(), settings(launch_key=launch))
    assert again.find() == ref
    later = JiraSummary(site.settings(), settings(launch_key=launch, generation=1))
    assert later.find() is None
    for each in (summary, again, later):
        each.close()


def test_where_neither_label_nor_property_is_taken_nothing_is_made(site: JiraSite, summary: JiraSummary) -> None:
    def wrong(body: dict[str, Any]) -> dict[str, str]:
        said = {**body, **body.get("fields", {})}
        return {name: f"{name} cannot be set." for name in ("labels", "properties") if name in said}

    refusing(site, wrong)
    with pytest.raises(PermanentError, match="neither") as caught:
        summary.create([report()])
    assert "Labels" in caught.value.hint
    assert site.count() == 0
