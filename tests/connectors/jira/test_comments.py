"""Comments as Jira tells them: odd ones, restricted ones, pages that move, whom a login name means."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.wrappers import Response

from connectors.errors import DeniedError, MalformedError, MissingError, PermanentError, TemporaryError
from connectors.jira import talk
from mapping.talk import LONGEST, Comment
from tests.connectors.jira.site import JiraSite, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from werkzeug.wrappers import Request

    from connectors.base import Source

ROOT = Path(__file__).resolve().parents[3]
PAYLOADS = Path(os.environ.get("SYNCD_PAYLOADS", ROOT.parent / "shared" / "payloads"))
AT = "https://jira.example/browse/ENG-1"


@pytest.fixture(params=[False, True], ids=["cloud", "data center"])
def site(request: pytest.FixtureRequest) -> Iterator[JiraSite]:
    with running(data_center=request.param) as site:
        yield site


@pytest.fixture
def source(site: JiraSite) -> Iterator[Source]:
    opened = site.source()
    yield opened
    opened.close()


def row(site: JiraSite, key: str, number: str) -> dict[str, Any]:
    """A comment as the wire shows it, to be spoilt."""
    return next(one for one in site.world.shelves[site.identity(key)].comments if one["id"] == number)


def on_pages(site: JiraSite, act: Callable[[dict[str, Any], int], None], *, first: int = 1) -> None:
    """``act`` changes each page of comments from the first-th on, given its JSON and its number."""
    seen = 0

    def after(request: Request, response: Response) -> Response | None:
        nonlocal seen
        if not request.path.endswith("/comment"):
            return None
        seen += 1
        if seen < first:
            return None
        told = json.loads(response.get_data())
        act(told, seen)
        return Response(json.dumps(told), content_type="application/json")

    site.app.after = after


def test_who_edited_the_comment_of_another_is_told(site: JiraSite, source: Source) -> None:
    key = site.add("Ticket")
    number = site.say(key, "/ready eng", by="Dana")
    site.clock.pass_by(hours=1)
    site.world.user("Kim")
    site.edit_comment(key, number, "/ready docs", by="Kim")
    (comment,) = source.comments(key).comments
    assert comment.by.name == "Dana"
    assert comment.edited_by is not None
    assert comment.edited_by.name == "Kim"


def test_a_comment_leads_to_itself_on_the_issues_present_page(site: JiraSite, source: Source) -> None:
    old = site.add("Ticket")
    number = site.say(old, "hello")
    new = site.transfer(old)
    (comment,) = source.comments(old).comments
    assert comment.url == f"{site.url}/browse/{new}?focusedCommentId={number}"


def test_an_anonymous_comment_is_nobodys_and_hides_no_other(site: JiraSite, source: Source) -> None:
    key = site.add("Ticket")
    site.say(key, "/ready eng", by="")
    site.say(key, "/hold", by="Dana")
    first, second = source.comments(key).comments
    assert (first.by.id, first.lines) == ("", ("/ready eng",))
    assert second.by.name == "Dana"


@pytest.mark.parametrize("odd", [None, {}, {"displayName": "Former user"}, "Dana", 7, {"accountId": 3.5}])
def test_an_author_that_cannot_be_read_is_nobody(site: JiraSite, source: Source, odd: Any) -> None:
    key = site.add("Ticket")
    row(site, key, site.say(key, "/ready eng"))["author"] = odd
    (comment,) = source.comments(key).comments
    assert comment.by.id == ""
    assert comment.by.name


@pytest.mark.parametrize("odd", [None, 7, [], {}, {"type": "doc"}, {"type": "doc", "content": [None, 3, {}]}])
def test_an_odd_body_says_nothing_and_hides_no_other(site: JiraSite, source: Source, odd: Any) -> None:
    key = site.add("Ticket")
    row(site, key, site.say(key, "/ready eng"))["body"] = odd
    del row(site, key, site.say(key, "/ready eng"))["body"]
    site.say(key, "/hold")
    assert [one.lines for one in source.comments(key).comments] == [(), (), ("/hold",)]


def test_a_restricted_comment_is_a_comment_all_the_same(site: JiraSite, source: Source) -> None:
    key = site.add("Ticket")
    site.world.say(key, "/hold", visibility={"type": "role", "value": "Administrators"})
    assert source.comments(key).comments[0].lines == ("/hold",)


@pytest.mark.parametrize("stamp", ["yesterday", None, 17])
def test_a_comment_without_a_time_makes_the_reading_incomplete(site: JiraSite, source: Source, stamp: Any) -> None:
    key = site.add("Ticket")
    number = site.say(key, "/ready eng")
    on_pages(site, lambda page, _: page["comments"][0].update(created=stamp, updated=stamp))
    with pytest.raises(MalformedError, match=f"when a comment of {key}"):
        source.comments(key)
    on_pages(site, lambda page, _: page["comments"][0].update(created=stamp))
    (comment,) = source.comments(key).comments
    assert (comment.id, comment.edited_at) == (number, None)


def test_what_is_deleted_and_written_between_two_pages_is_read_again(site: JiraSite, source: Source) -> None:
    key = site.add("Ticket")
    numbers = []
    for number in range(150):
        site.clock.pass_by(seconds=1)
        numbers.append(site.say(key, f"Number {number}"))

    def swap(_: object, seen: int) -> None:
        if seen == 1:
            site.remove_comment(key, numbers[0])
            site.clock.pass_by(seconds=1)
            numbers.append(site.say(key, "the last"))

    on_pages(site, swap)
    assert [one.id for one in source.comments(key).comments] == numbers[1:]


def test_the_oldest_is_first_whatever_order_a_jira_keeps(site: JiraSite, source: Source) -> None:
    key, numbers = site.add("Ticket"), []
    for number in range(3):
        site.clock.pass_by(seconds=1)
        numbers.append(site.say(key, f"Number {number}"))
    on_pages(site, lambda page, _: page["comments"].reverse())
    assert [one.id for one in source.comments(key).comments] == numbers


def test_comments_that_never_stand_still_are_tried_again_later(site: JiraSite, source: Source) -> None:
    key = site.add("Ticket")
    for number in range(150):
        site.say(key, f"Number {number}")

    def add(_: object, seen: int) -> None:
        site.say(key, f"One more on page {seen}")

    on_pages(site, add)
    with pytest.raises(TemporaryError, match=key):
        source.comments(key)


def test_a_page_that_is_short_of_what_is_told_is_no_whole(site: JiraSite, source: Source) -> None:
    key = site.add("Ticket")
    for number in range(3):
        site.say(key, f"Number {number}")
    on_pages(site, lambda page, _: page["comments"].pop())
    with pytest.raises(TemporaryError):
        source.comments(key)
    on_pages(site, lambda page, _: page.pop("total"))
    with pytest.raises(MalformedError):
        source.comments(key)
    on_pages(site, lambda page, _: page["comments"][1].pop("id"))
    with pytest.raises(MalformedError):
        source.comments(key)


def test_more_comments_than_are_read_are_no_whole(site: JiraSite, source: Source) -> None:
    key = site.add("Ticket")
    site.say(key, "hello")
    on_pages(site, lambda page, _: page.update(total=5001))
    with pytest.raises(PermanentError, match="5001 comments") as caught:
        source.comments(key)
    assert caught.value.hint


def test_a_comment_longer_than_is_looked_at_is_named_and_not_cut(site: JiraSite, source: Source) -> None:
    key = site.add("Ticket")
    number = site.say(key, "x" * LONGEST, by="Dana")
    assert len(source.comments(key).comments[0].lines[0]) == LONGEST
    site.edit_comment(key, number, "x" * (LONGEST + 1), by="Dana")
    with pytest.raises(PermanentError, match="by Dana is longer") as caught:
        source.comments(key)
    assert f"focusedCommentId={number}" in caught.value.hint


def test_comments_that_may_not_be_seen_are_no_empty_talk(site: JiraSite, source: Source) -> None:
    key = site.add("Ticket")
    site.say(key, "hello")
    site.world.hide(key)
    with pytest.raises(MissingError):
        source.comments(key)
    site.fail(403, "{}")
    with pytest.raises(DeniedError):
        source.comments(key)


def test_no_more_is_asked_than_is_needed(site: JiraSite, source: Source) -> None:
    key = site.add("Ticket")
    for number in range(100):
        site.say(key, f"Number {number}", by="Dana")
    source.comments(key)
    site.app.requests.clear()
    source.comments(key)
    assert len(site.app.requests) == 2


def test_a_login_name_is_asked_for_once_and_who_wrote_is_known() -> None:
    with running(data_center=True) as site:
        source, key = site.source(), site.add("Ticket")
        site.world.user("Kim", "kim@acme.example")
        for _ in range(3):
            site.say(key, "@[Dana] and @[Kim] and [~nobody]", by="Kim")
        for _ in range(2):
            told = source.comments(key).comments
        dana, kim = (site.world.find_user(name) or {} for name in ("Dana", "Kim"))
        assert {one.lines for one in told} == {(f"@[{dana['key']}] and @[{kim['key']}] and @[nobody]",)}
        asked = [seen.query["username"] for seen in site.app.requests if seen.path.endswith("/user")]
        assert asked == [["dana"], ["nobody"]]
        source.close()


def test_hundreds_of_names_are_not_all_asked_for() -> None:
    with running(data_center=True) as site:
        source, key = site.source(), site.add("Ticket")
        site.say(key, " ".join(f"[~nobody{number}]" for number in range(300)))
        assert "@[nobody299]" in source.comments(key).comments[0].lines[0]
        assert sum(seen.path.endswith("/user") for seen in site.app.requests) == 50
        source.close()


@pytest.mark.skipif(not PAYLOADS.is_dir(), reason=f"recorded payloads are not at {PAYLOADS}")
def test_every_recorded_comment_is_read() -> None:
    found = [one for path in sorted(PAYLOADS.rglob("*.json")) for one in recorded(loaded(path))]
    assert len(found) > 30
    read = [talk.comment(one, "eng", AT, str) for one in found]
    assert [one for one in read if one is None or not one.by.id or not one.lines] == []


def loaded(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except ValueError:  # recorded as broken on purpose
        return None


def recorded(value: Any) -> Iterator[dict[str, Any]]:
    """Whatever in a payload is one of Jira's comments."""
    if isinstance(value, dict):
        if {"body", "created", "updateAuthor", "author", "id"} <= value.keys():
            yield value
        for inside in value.values():
            yield from recorded(inside)
    elif isinstance(value, list):
        for inside in value:
            yield from recorded(inside)


WORDS = st.sampled_from(["doc", "paragraph", "text", "mention", "hardBreak", "table", "2026-12-01T09:00:00.000+0000"])
NAMES = st.sampled_from(["id", "body", "author", "created", "updated", "type", "content", "attrs", "text", "marks"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | WORDS,
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(NAMES | st.text(max_size=5), inside, max_size=6),
    max_leaves=25,
)


@settings(max_examples=150, deadline=None)
@given(JSON | st.fixed_dictionaries({"id": JSON, "body": JSON, "created": WORDS, "author": JSON, "updateAuthor": JSON}))
def test_nothing_in_any_comment_can_break_the_reading(raw: Any) -> None:
    told = talk.comment(raw, "eng", AT, str)
    assert told is None or isinstance(told, Comment)
    if told:
        "".join((told.id, told.by.id, told.by.name, told.url, *told.lines)).encode()
        assert not [line for line in told.lines if len(line.splitlines()) != 1]
