"""What every connector must do with comments, read and written, whatever its tracker: subclass and give a ``site``.

The site must have the verbs of ``TalkingSite`` beside those of ``contract.Site``.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from connectors.errors import LostAnswerError, MissingError
from mapping.document import Link, Mention, Text
from tests.connectors.contract import START, report, settings

if TYPE_CHECKING:
    from connectors.base import Ref, Source, Summary, SummarySettings
    from mapping.document import Line
    from tests.connectors.contract import Clock


class TalkingSite(Protocol):
    """``words``: a paragraph a line, in which ``@[Dana]`` mentions her; ``by`` is a name, None for our own account."""

    clock: Clock

    def source(self, *, token: str | None = None) -> Source: ...
    def summary(self, settings: SummarySettings) -> Summary: ...
    def add(self, title: str, **fields: Any) -> str: ...
    def identity(self, key: str) -> str: ...
    def comments(self, key: str) -> list[str]: ...
    def lose_answers(self, *, to_writes: bool = True) -> None: ...
    def heal(self) -> None: ...
    def writes(self) -> int: ...
    def say(self, key: str, words: str, by: str | None = None) -> str: ...
    def edit_comment(self, key: str, comment: str, words: str, by: str | None = None) -> None: ...
    def remove_comment(self, key: str, comment: str) -> None: ...


LINES: list[Line] = [(Text("Dana, is it true? See "), Link("it", "https://x.example"))]


class TalkContract:
    """Subclass it and give a fixture ``site``."""

    @pytest.fixture
    def source(self, site: TalkingSite) -> Any:
        opened = site.source()
        yield opened
        opened.close()

    @pytest.fixture
    def summary(self, site: TalkingSite) -> Any:
        opened = site.summary(settings())
        yield opened
        opened.close()

    @pytest.fixture
    def ref(self, summary: Summary) -> Ref:
        return summary.create([report()]).ref

    @pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 199, 250, 251])
    def test_all_comments_are_read_the_oldest_first(self, site: TalkingSite, source: Source, count: int) -> None:
        key = site.add("Ticket")
        said = []
        for number in range(count):
            site.clock.pass_by(seconds=number % 3)  # some at the same instant
            said.append((site.say(key, f"Number {number}"), (f"Number {number}",)))
        told = source.comments(site.identity(key))
        assert told.issue == site.identity(key)
        assert sorted((one.id, one.lines) for one in told.comments) == sorted(said)
        assert [one.at for one in told.comments] == sorted(one.at for one in told.comments)

    def test_a_comment_tells_who_wrote_what_and_when(self, site: TalkingSite, source: Source) -> None:
        key = site.add("Ticket")
        site.clock.pass_by(hours=1)
        number = site.say(key, "/ready eng\nas of today", by="Dana")
        (comment,) = source.comments(key).comments
        assert (comment.id, comment.by.name, comment.by.tracker) == (number, "Dana", source.name)
        assert comment.by == source.person("dana@acme.example")
        assert comment.lines == ("/ready eng", "as of today")
        assert comment.at == START + timedelta(hours=1)
        assert (comment.edited_at, comment.edited_by) == (None, None)
        assert comment.url.startswith("http")

    def test_an_edit_is_told_with_its_time(self, site: TalkingSite, source: Source) -> None:
        key = site.add("Ticket")
        number = site.say(key, "/ready eng", by="Dana")
        site.clock.pass_by(hours=1)
        site.edit_comment(key, number, "/not-ready eng", by="Dana")
        (comment,) = source.comments(key).comments
        assert comment.lines == ("/not-ready eng",)
        assert (comment.at, comment.edited_at) == (START, START + timedelta(hours=1))

    def test_a_deleted_comment_is_gone(self, site: TalkingSite, source: Source) -> None:
        key = site.add("Ticket")
        gone, stays = site.say(key, "/ready eng"), site.say(key, "/ready docs")
        assert {one.id for one in source.comments(key).comments} == {gone, stays}
        site.remove_comment(key, gone)
        assert [one.id for one in source.comments(key).comments] == [stays]

    def test_a_mention_reads_as_the_account_that_it_means(self, site: TalkingSite, source: Source) -> None:
        key = site.add("Ticket")
        site.say(key, "/owner eng @[Dana] please")
        dana = source.person("dana@acme.example")
        assert dana is not None
        assert source.comments(key).comments[0].lines == (f"/owner eng @[{dana.id}] please",)

    def test_the_comments_of_an_issue_that_there_is_not_are_missing(self, site: TalkingSite, source: Source) -> None:
        site.add("Ticket")
        with pytest.raises(MissingError):
            source.comments("HOME-999")

    def test_f1_a_new_and_an_edited_comment_show_in_the_probe(self, site: TalkingSite, source: Source) -> None:
        key, quiet = site.add("Ticket"), site.add("Another")
        ids, number = {site.identity(key), site.identity(quiet)}, ""
        stamps: set[tuple[str, str]] = set()
        for round_ in range(3):
            site.clock.pass_by(hours=5)
            since = site.clock()
            if round_ == 1:
                number = site.say(key, "hello", by="Dana")
            elif round_ == 2:
                site.edit_comment(key, number, "good bye", by="Dana")
            shown = source.changed(since, site.clock(), ids)
            assert set(shown) == ({site.identity(key)} if round_ else set())
            stamps.update(shown.items())
        assert len(stamps) == 2

    def test_reading_comments_writes_nothing(self, site: TalkingSite, source: Source) -> None:
        key = site.add("Ticket")
        site.say(key, "@[Dana] hello")
        source.comments(key)
        assert site.writes() == 0

    def test_what_is_said_reads_back_as_it_was_meant(self, source: Source, summary: Summary, ref: Ref) -> None:
        dana = source.person("dana@acme.example")
        assert dana is not None
        marks = "*no* [markup|https://x.example] {quote} `code` _ever_ h1. #1 <b>"
        summary.comment(ref, [*LINES, (Mention("Dana", dana.id), Text(", hello")), (Text(marks),)], "a")
        (comment,) = source.comments(ref.id).comments
        assert comment.lines == ("Dana, is it true? See it", f"@[{dana.id}], hello", marks)
        assert comment.by == source.identify().account

    @pytest.mark.parametrize("lost", [False, True])
    def test_what_was_said_is_not_said_again(
        self,
        site: TalkingSite,
        summary: Summary,
        ref: Ref,
        lost: bool,  # noqa: FBT001  # a case of the table
    ) -> None:
        tried = site.clock()
        if lost:
            site.lose_answers()
            with pytest.raises(LostAnswerError):
                summary.comment(ref, LINES, "a")
            site.heal()
        else:
            summary.comment(ref, LINES, "a")
        site.clock.pass_by(minutes=20)
        for _ in range(2):
            summary.comment(ref, LINES, "a", tried=site.clock() - tried)
        assert len(site.comments(ref.key)) == 1
        summary.comment(ref, [(Text("Something else"),)], "b", tried=site.clock() - tried)
        assert len(site.comments(ref.key)) == 2

    def test_what_got_lost_on_its_way_is_said(self, site: TalkingSite, summary: Summary, ref: Ref) -> None:
        site.say(ref.key, "Hello")
        summary.comment(ref, LINES, "a", tried=timedelta())
        assert len(site.comments(ref.key)) == 2
