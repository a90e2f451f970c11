"""What is Jira's own in commenting on the summary issue: mentions, the name that travels along, what an earlier try
said.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.wrappers import Response

from connectors.errors import DeniedError, FullError, LostAnswerError, PermanentError, TemporaryError
from connectors.jira.write import JiraSummary
from mapping.document import Link, Lozenge, Mention, Text, Tone
from tests.connectors.contract import report, settings
from tests.connectors.jira.site import JiraSite, is_write, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.wrappers import Request

    from connectors.base import Ref
    from mapping.document import Line

LINES: list[Line] = [(Text("Is it true?"),)]


@pytest.fixture(params=[False, True], ids=["cloud", "data center"])
def site(request: pytest.FixtureRequest) -> Iterator[JiraSite]:
    with running(data_center=request.param) as site:
        yield site


@pytest.fixture
def summary(site: JiraSite) -> Iterator[JiraSummary]:
    opened = JiraSummary(site.settings(), settings())
    yield opened
    opened.close()


@pytest.fixture
def ref(summary: JiraSummary) -> Ref:
    return summary.create([report()]).ref


def rows(site: JiraSite, ref: Ref) -> list[dict[str, Any]]:
    return site.world.shelves[ref.id].comments


def without_properties(site: JiraSite) -> None:
    """Properties are neither taken nor told."""

    def before(request: Request) -> Response | None:
        if "properties" not in json.loads(request.get_data() or b"{}"):
            return None
        answer = json.dumps({"errors": {"properties": "The property cannot be set."}})
        return Response(answer, status=400, content_type="application/json")

    site.app.before = before


def test_a_mention_is_alive_and_what_only_looks_like_one_is_not(site: JiraSite, summary: JiraSummary, ref: Ref) -> None:
    dana = site.world.find_user("Dana")
    assert dana is not None
    name = dana.get("accountId") or dana["key"]
    summary.comment(ref, [(Mention("Dana", name), Text(": [~dana] @[dana]"))], "a")
    (row,) = rows(site, ref)
    if site.data_center:
        assert row["body"].startswith("[~dana]")
        assert row["body"].count("[~") == 1
    else:
        mention, text = row["body"]["content"][0]["content"]
        assert mention == {"type": "mention", "attrs": {"id": name, "text": "@Dana"}}
        assert text["type"] == "text"


def test_whom_nobody_can_mention_is_named(site: JiraSite, summary: JiraSummary, ref: Ref) -> None:
    account = "gone" if site.data_center else ""
    summary.comment(ref, [(Mention("Dana *", account), Text(", hello"))], "a")
    assert site.comments(ref.key) == ["Dana *, hello"]


def test_the_dialects_other_spans_are_as_in_the_report(site: JiraSite, summary: JiraSummary, ref: Ref) -> None:
    summary.comment(ref, [(Lozenge("READY", Tone.GOOD), Text(" "), Link("ENG-1", "https://x.example")), ()], "a")
    shown = json.dumps(rows(site, ref)[0]["body"])
    assert "READY" in shown
    assert "https://x.example" in shown


def test_the_name_travels_as_a_property(site: JiraSite, summary: JiraSummary, ref: Ref) -> None:
    summary.comment(ref, LINES, "answer-7")
    assert rows(site, ref)[0]["properties"] == [{"key": "syncd", "value": {"name": "answer-7"}}]


def test_nothing_is_read_where_no_earlier_try_was(site: JiraSite, summary: JiraSummary, ref: Ref) -> None:
    summary.comment(ref, LINES, "a")
    assert not [seen for seen in site.app.requests if seen.path.endswith("/comment") and seen.method == "GET"]


def test_the_name_counts_whatever_became_of_the_words(site: JiraSite, summary: JiraSummary, ref: Ref) -> None:
    tried = site.clock()
    summary.comment(ref, LINES, "a")
    site.edit_comment(ref.key, rows(site, ref)[0]["id"], "Dana wrote over it", by="Dana")
    summary.comment(ref, LINES, "a", tried=site.clock() - tried)
    assert len(rows(site, ref)) == 1
    for _ in range(2):
        summary.comment(ref, LINES, "b", tried=site.clock() - tried)
    assert len(rows(site, ref)) == 2, "the same words under another name are another comment"


def pages_read(site: JiraSite) -> int:
    return sum(seen.path.endswith("/comment") and seen.method == "GET" for seen in site.app.requests)


def test_a_run_of_answers_reads_what_was_said_once(site: JiraSite, summary: JiraSummary, ref: Ref) -> None:
    tried = site.clock()
    for number in range(205):
        site.say(ref.key, f"Number {number}", by="Dana")
    for number in range(10):
        site.clock.pass_by(seconds=1)
        summary.comment(ref, LINES, f"answer {number}", tried=site.clock() - tried - timedelta(seconds=number))
    assert pages_read(site) == 3
    assert len(rows(site, ref)) == 215
    for number in range(10):
        summary.comment(ref, LINES, f"answer {number}", tried=site.clock() - tried)
    assert (pages_read(site), len(rows(site, ref))) == (3, 215)


def test_who_is_mentioned_in_each_of_a_run_is_asked_for_once(site: JiraSite, summary: JiraSummary, ref: Ref) -> None:
    dana = site.world.find_user("Dana")
    assert dana is not None
    line: list[Line] = [(Mention("Dana", dana.get("accountId") or dana["key"]), Text(", is it?"))]
    for number in range(5):
        summary.comment(ref, line, f"answer {number}")
    assert sum(seen.path.endswith("/user") for seen in site.app.requests) == int(site.data_center)


def test_an_older_try_or_a_lost_answer_has_all_of_it_read_again(site: JiraSite, summary: JiraSummary, ref: Ref) -> None:
    tried = site.clock()
    summary.comment(ref, LINES, "a")
    site.clock.pass_by(minutes=20)
    summary.comment(ref, LINES, "b", tried=timedelta())
    summary.comment(ref, LINES, "a", tried=site.clock() - tried)
    assert len(rows(site, ref)) == 2
    site.lose_answers()
    with pytest.raises(LostAnswerError):
        summary.comment(ref, LINES, "c", tried=site.clock() - tried)
    site.heal()
    summary.comment(ref, LINES, "c", tried=site.clock() - tried)
    assert len(rows(site, ref)) == 3


def test_clocks_that_differ_a_little_make_no_second_comment(site: JiraSite, summary: JiraSummary, ref: Ref) -> None:
    summary.comment(ref, LINES, "a")
    summary.comment(ref, LINES, "a", tried=timedelta(minutes=-4))
    assert len(rows(site, ref)) == 1


def test_where_properties_are_refused_the_words_are_compared(site: JiraSite, summary: JiraSummary, ref: Ref) -> None:
    without_properties(site)
    tried = site.clock()
    summary.comment(ref, LINES, "a")
    assert rows(site, ref)[0]["properties"] == []
    site.edit_comment(ref.key, rows(site, ref)[0]["id"], "Is  it *true*?")
    summary.comment(ref, LINES, "a", tried=site.clock() - tried)
    assert len(rows(site, ref)) == 1
    summary.comment(ref, [(Text("Is it false?"),)], "b", tried=site.clock() - tried)
    assert len(rows(site, ref)) == 2


def test_the_same_words_of_somebody_else_or_of_long_ago_are_not_ours(
    site: JiraSite, summary: JiraSummary, ref: Ref
) -> None:
    without_properties(site)
    summary.comment(ref, LINES, "a")
    site.clock.pass_by(minutes=6)
    site.say(ref.key, "Is it true?", by="Dana")
    site.say(ref.key, "Is it true?", by="")
    summary.comment(ref, LINES, "a", tried=timedelta())
    assert len(rows(site, ref)) == 4


def test_what_was_said_is_found_behind_what_others_said_since(site: JiraSite, summary: JiraSummary, ref: Ref) -> None:
    tried = site.clock()
    summary.comment(ref, LINES, "a")
    for number in range(205):
        site.clock.pass_by(seconds=1)
        site.say(ref.key, f"Number {number}", by="Dana")
    summary.comment(ref, LINES, "a", tried=site.clock() - tried)
    assert len(rows(site, ref)) == 206


def test_nothing_is_said_where_nobody_can_tell_whether_it_was(site: JiraSite, summary: JiraSummary, ref: Ref) -> None:
    def before(request: Request) -> Response | None:
        is_reading = request.path.endswith("/comment") and request.method == "GET"
        return Response("{}", status=503, content_type="application/json") if is_reading else None

    site.app.before = before
    with pytest.raises(TemporaryError):
        summary.comment(ref, LINES, "a", tried=timedelta())
    assert rows(site, ref) == []


@pytest.mark.parametrize(("status", "error"), [(413, FullError), (403, DeniedError), (400, PermanentError)])
def test_a_refused_comment_is_refused_once(
    site: JiraSite, summary: JiraSummary, ref: Ref, status: int, error: type[PermanentError]
) -> None:
    def before(request: Request) -> Response | None:
        if not is_write(request.method, request.path):
            return None
        return Response('{"errorMessages": ["No."]}', status=status, content_type="application/json")

    site.app.before = before
    writes = site.writes()
    with pytest.raises(error):
        summary.comment(ref, LINES, "a")
    assert site.writes() == writes + 1
