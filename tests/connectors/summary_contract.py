"""What every connector's writer of the summary issue must do, whatever its tracker: subclass and give a ``site``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from connectors.base import Ref
from connectors.errors import LostAnswerError, MissingError, PermanentError, TrackerError
from mapping.document import NOTES_HEADING, Text
from tests.connectors.contract import SENTENCE, report, settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.base import Summary
    from tests.connectors.contract import Site


class SummaryContract:
    """Subclass it and give a fixture ``site``."""

    @pytest.fixture
    def summary(self, site: Site) -> Any:
        opened = site.summary(settings())
        yield opened
        opened.close()

    def test_nothing_is_found_where_nothing_was_made(self, summary: Summary) -> None:
        assert summary.find() is None

    def test_a_summary_is_made_once_and_found_again(self, site: Site, summary: Summary) -> None:
        written = summary.create([report()])
        assert written.remarks == ()
        assert site.count() == 1
        assert "Two of nine are open." in site.body(written.ref.key)
        again = site.summary(settings())
        assert again.find() == written.ref
        held = again.read(written.ref)
        assert (held.digest, held.ref) == ("d1", written.ref)
        again.close()

    def test_f4_a_lost_answer_leaves_one_issue_that_is_found(self, site: Site, summary: Summary) -> None:
        site.lose_answers()
        with pytest.raises(LostAnswerError):
            summary.create([report()])
        site.heal()
        again = site.summary(settings())
        found = again.find()
        assert found is not None
        assert site.count() == 1
        assert again.read(found).digest == "d1"
        again.close()

    def test_an_update_changes_title_body_and_digest(self, site: Site, summary: Summary) -> None:
        ref = summary.create([report()]).ref
        summary.update(summary.read(ref), [report("All is done.", "d2")])
        assert "All is done." in site.body(ref.key)
        assert "Two of nine" not in site.body(ref.key)
        assert site.title(ref.key) == "Atlas: All is done."
        assert summary.read(ref).digest == "d2"
        assert site.count() == 1

    def test_a_lost_answer_to_an_update_is_settled_by_reading(self, site: Site, summary: Summary) -> None:
        ref = summary.create([report()]).ref
        held = summary.read(ref)
        site.lose_answers()
        with pytest.raises(LostAnswerError):
            summary.update(held, [report("All is done.", "d2")])
        site.heal()
        assert summary.read(ref).digest == "d2"

    def test_the_managers_notes_survive_ten_rewrites(self, site: Site, summary: Summary) -> None:
        ref = summary.create([report()]).ref
        site.write_below(ref.key, "Call Kim on Friday | [not] *markup*")
        for number in range(10):
            summary.update(summary.read(ref), [report(f"Round {number}.", f"r{number}")])
        body = site.body(ref.key)
        assert body.count("Call Kim on Friday") == 1
        assert "Round 9." in body
        assert "Round 8." not in body
        assert body.index(NOTES_HEADING) < body.index("Call Kim")

    def test_notes_written_between_reading_and_writing_are_kept(self, site: Site, summary: Summary) -> None:
        ref = summary.create([report()]).ref
        held = summary.read(ref)
        site.write_below(ref.key, "Just now")
        summary.update(held, [report("All is done.", "d2")])
        assert "Just now" in site.body(ref.key)

    def test_a_body_whose_notes_cannot_be_told_apart_is_left_alone(self, site: Site, summary: Summary) -> None:
        ref = summary.create([report()]).ref
        site.spoil(ref.key, "Somebody wrote over all of it")
        held = summary.read(ref)
        assert held.notes is None
        with pytest.raises(PermanentError, match="cannot be told apart"):
            summary.update(held, [report("All is done.", "d2")])
        assert "Somebody wrote over all of it" in site.body(ref.key)

    def test_f26_no_second_issue_when_the_body_is_replaced(self, site: Site, summary: Summary) -> None:
        ref = summary.create([report()]).ref
        site.spoil(ref.key, "Nothing of ours")
        again = site.summary(settings())
        assert again.find() == ref
        again.close()

    def test_a_deleted_summary_is_missing(self, site: Site, summary: Summary) -> None:
        ref = summary.create([report()]).ref
        site.delete(ref.key)
        with pytest.raises(PermanentError):
            summary.read(ref)

    def test_a_configured_issue_is_used_as_it_is(self, site: Site) -> None:
        key = site.add("Readiness of Atlas")
        summary = site.summary(settings(issue=key))
        ref = summary.find()
        assert ref is not None
        assert ref.key == key
        summary.update(summary.read(ref), [report()])
        assert "Two of nine" in site.body(key)
        assert site.count() == 1
        with pytest.raises(PermanentError, match=key):
            summary.create([report()])
        summary.close()

    def test_a_configured_issue_that_is_not_there_is_missing(self, site: Site) -> None:
        summary = site.summary(settings(issue="HOME-999"))
        with pytest.raises(MissingError, match="HOME-999"):
            summary.find()
        summary.close()

    def test_no_other_issue_can_be_written(self, site: Site, summary: Summary) -> None:
        other = site.add("Somebody's ticket")
        stranger = Ref(id=site.identity(other), key=other, url="https://x.example")
        ref = summary.create([report()]).ref
        before, writes = site.body(other), site.writes()
        acts: list[Callable[[], object]] = [
            lambda: summary.move(stranger, site.waiting),
            lambda: summary.comment(stranger, [(Text("hello"),)], "hello"),
            lambda: summary.block(stranger, ref.key),
            lambda: summary.read(stranger),
        ]
        for act in acts:
            with pytest.raises(PermanentError):
                act()
        assert (site.body(other), site.writes(), site.comments(other)) == (before, writes, [])

    def test_the_summary_blocks_the_launch_issue_once(self, site: Site) -> None:
        launch = site.add("Launch")
        summary = site.summary(settings(launch_key=launch))
        ref = summary.create([report()]).ref
        for _ in range(3):
            summary.block(ref, launch)
        assert site.blocked_by(launch) == [ref.key]
        assert site.blocked_by(ref.key) == []
        summary.close()

    def test_the_summary_moves_into_the_status_that_is_asked_for(self, site: Site, summary: Summary) -> None:
        ref = summary.create([report()]).ref
        for _ in range(2):
            summary.move(ref, site.waiting)
        assert site.status(ref.key) == site.waiting

    def test_a_status_that_there_is_not_is_told_with_those_that_there_are(self, site: Site, summary: Summary) -> None:
        ref = summary.create([report()]).ref
        with pytest.raises(PermanentError, match="Launched into space") as caught:
            summary.move(ref, "Launched into space")
        assert site.waiting in str(caught.value)

    def test_a_comment_is_text_and_never_markup(self, site: Site, summary: Summary) -> None:
        ref = summary.create([report()]).ref
        said = "It says: *do* [this|https://x.example] {panel} @dana | ok"
        summary.comment(ref, [(Text(said),)], "said")
        assert site.comments(ref.key) == [said]

    def test_nothing_hinders_where_all_is_granted_and_asking_writes_nothing(self, site: Site, summary: Summary) -> None:
        assert summary.obstacles() == ()
        assert site.writes() == 0
        assert site.count() == 0

    def test_an_unknown_project_hinders_and_is_named(self, site: Site) -> None:
        summary = site.summary(settings(project="NOWHERE"))
        assert "NOWHERE" in " ".join(summary.obstacles())
        with pytest.raises(PermanentError):
            summary.create([report()])
        assert site.count() == 0
        summary.close()

    def test_a_status_that_there_is_not_hinders_before_anybody_needs_it(self, site: Site, summary: Summary) -> None:
        told = summary.obstacles([site.waiting, "Launched into space"])
        assert len(told) == 1
        assert 'no status "Launched into space"' in told[0]
        assert site.waiting in told[0]
        summary.create([report()])
        assert summary.obstacles([site.waiting.upper(), "Launched into space"]) == told
        assert summary.obstacles([site.waiting]) == ()

    def test_f15_the_first_report_that_fits_is_written(self, site: Site, summary: Summary) -> None:
        long, short = report("word " * 9000), report("Short.", "d1")
        written = summary.create([long, short])
        assert written.shrunk == 1
        assert "Short." in site.body(written.ref.key)
        written = summary.update(summary.read(written.ref), [long, short])
        assert written.shrunk == 1

    @pytest.mark.parametrize("status", [401, 403, 429, 500, 502, 503])
    def test_whatever_answers_a_write_is_one_of_our_errors(self, site: Site, summary: Summary, status: int) -> None:
        ref = summary.create([report()]).ref
        held = summary.read(ref)
        site.fail(status, "{}")
        for act in (
            lambda: summary.update(held, [report("x", "d2")]),
            lambda: summary.move(ref, "Done"),
            lambda: summary.comment(ref, [(Text("x"),)], "x"),
            lambda: summary.read(ref),
        ):
            with pytest.raises(TrackerError) as caught:
                act()
            assert len(caught.value.message) > SENTENCE
        site.heal()
        assert summary.read(ref).digest == "d1"
