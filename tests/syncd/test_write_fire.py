"""Writing under fire: whatever people, trackers and other processes do, one true summary that keeps the notes."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import create_engine, text
from werkzeug.wrappers import Response

from connectors.errors import TemporaryError
from syncd.settling import settle
from syncd.store.store import Store
from syncd.wanted import Questions
from tests.trial import Trial, trial

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from werkzeug.wrappers import Request

NOTES = "Ask *legal* about ~the export~ | <b>today</b>"


class Home:
    """The tracker that holds the summary, as a person sees it there."""

    def __init__(self, whole: Trial, kind: str) -> None:
        self.whole = whole
        self.kind = kind
        whole.jira.add("ENG", "Merge edits")
        self.launch = whole.linear.add("MKT", "Atlas 2.0") if kind == "linear" else "REL-1"
        tracker = "gtm" if kind == "linear" else "eng"
        self.config = whole.configure(f"""
  atlas-2:
    launch: {tracker}/{self.launch}
    target: 2026-12-15
    gates: {{engineering: {{owner: dana, items: [{{tracker: eng, project: ENG}}], sign_off: false}}}}
""")

    @property
    def key(self) -> str:
        (known,) = self.kept()
        return known

    def kept(self) -> list[str]:
        """The keys of all issues that were made beside the launch issue and the team's."""
        if self.kind == "linear":
            return [row["identifier"] for row in self.whole.linear.issues.values() if row["identifier"] != self.launch]
        return [key for key in self.whole.jira.keys if key.startswith("REL-") and key != self.launch]

    def once(self) -> Any:
        self.whole.clock.pass_by(minutes=5)
        return self.whole.once(self.config)

    def change(self) -> None:
        """The next pass has something new to say."""
        self.whole.jira.add("ENG", f"Part {len(self.whole.jira.issues)}")

    def body(self) -> Any:
        if self.kind == "linear":
            return self.whole.linear.find_issue(self.key)["description"]
        return self.fields()["description"]

    def fields(self) -> dict[str, Any]:
        found: dict[str, Any] = self.whole.jira.issues[self.whole.jira.keys[self.key]]["fields"]
        return found

    def title(self) -> str:
        linear = self.kind == "linear"
        return str(self.whole.linear.find_issue(self.key)["title"] if linear else self.fields()["summary"])

    def edit(self, **fields: Any) -> None:
        """``title`` and ``body`` as a person types them."""
        named = {"linear": {"body": "description"}}.get(self.kind, {"body": "description", "title": "summary"})
        world: Any = self.whole.linear if self.kind == "linear" else self.whole.jira
        world.edit(self.key, **{named.get(name, name): value for name, value in fields.items()})

    def note(self) -> None:
        body = self.body()
        if self.kind != "cloud":
            return self.edit(body=f"{body}\n\n{NOTES}")
        words = {"type": "text", "text": NOTES, "marks": [{"type": "strong"}]}
        panel = {
            "type": "panel",
            "attrs": {"panelType": "info"},
            "content": [{"type": "paragraph", "content": [words]}],
        }
        return self.edit(body={**body, "content": [*body["content"], panel]})

    def notes(self) -> str:
        """What stands below our heading."""
        body = self.body()
        if self.kind != "cloud":
            return str(body.partition("Release manager's notes")[2].strip())
        return json.dumps(body["content"][-1])

    def site(self) -> Any:
        return self.whole.linear_site if self.kind == "linear" else self.whole.jira_site

    def after(self, act: Callable[[Request, Response], None]) -> None:
        """Act when a request was carried out and its answer is on the way."""
        site = self.site()

        def carry_out(request: Request) -> Response:
            environ = {**request.environ, "wsgi.input": io.BytesIO(request.get_data())}
            site.before = None
            response = Response.from_app(site, environ)
            site.before = carry_out
            act(request, response)
            return response

        site.before = carry_out


@pytest.fixture(params=["cloud", "data center", "linear"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Home]:
    with trial(tmp_path, data_center=request.param == "data center") as whole:
        yield Home(whole, request.param)


def is_write(request: Request, *names: str) -> bool:
    """A creation, edit, link, comment or transition; of these ``names`` in path or operation only."""
    asked = request.get_data(as_text=True)
    writes = "mutation" in asked if request.path == "/graphql" else request.method in ("POST", "PUT")
    asking = ("/search", "/search/jql", "/bulkfetch", "/jql/match")
    named = not names or any(name in asked or request.path.endswith(name) for name in names)
    return writes and not request.path.endswith(asking) and named


CREATE = ("/rest/api/2/issue", "/rest/api/3/issue", "issueCreate")


def test_the_intent_is_in_the_store_before_the_creation_is_sent(home: Home) -> None:
    seen: list[Any] = []

    def look(request: Request) -> None:
        if is_write(request, *CREATE):
            engine = create_engine(f"sqlite:///{home.whole.folder}/syncd.db")
            with engine.connect() as conn:
                seen.append(conn.execute(text("select intent_at, issue_id from summary")).one())
            engine.dispose()

    home.site().before = look
    home.once()
    ((intent_at, issue_id),) = seen
    assert intent_at is not None
    assert issue_id is None


def test_ten_rewrites_change_nothing_in_the_notes(home: Home) -> None:
    home.once()
    home.note()
    before = home.notes()
    for _ in range(10):
        home.change()
        assert home.once().outcome.kind == "updated"
    assert home.notes() == before
    assert "11 of 11 open" in json.dumps(home.body(), ensure_ascii=False).replace("\\\\", "")


def test_notes_that_come_between_reading_and_writing_are_kept(home: Home) -> None:
    """Somebody types while the pass writes: whatever was saved before the writing request stays."""
    home.once()
    home.change()
    typed: list[int] = []

    def typing(request: Request, _: Response) -> None:
        reading = request.method == "GET" and "/issue/" in request.path
        if not typed and (reading or "query Summary" in request.get_data(as_text=True)):
            typed.append(1)
            home.note()

    home.after(typing)
    home.once()
    assert typed
    assert "legal" in home.notes()


def test_f28_a_lost_store_adopts_the_summary_and_leaves_the_notes(home: Home) -> None:
    home.once()
    home.note()
    before, key = home.notes(), home.key
    for path in home.whole.folder.glob("syncd.db*"):
        path.unlink()
    home.change()
    assert home.once().outcome.kind == "updated"
    assert (home.key, home.notes()) == (key, before)


def test_f26_marker_title_and_body_may_all_be_edited_out_and_no_second_issue_comes(home: Home) -> None:
    home.once()
    labels: dict[str, Any] = {} if home.kind == "linear" else {"labels": []}
    home.edit(title="Mine now", body=None if home.kind == "cloud" else "", **labels)
    home.once()
    assert home.title().startswith("Atlas 2.0: NOT READY")
    assert "ENG" in json.dumps(home.body())
    assert len(home.kept()) == 1
    assert home.once().outcome.kind == "unchanged"


def test_f26_also_a_lost_store_and_a_label_edited_out_make_no_second_issue(home: Home) -> None:
    home.once()
    home.edit(title="Mine now", **({} if home.kind == "linear" else {"labels": []}))
    for path in home.whole.folder.glob("syncd.db*"):
        path.unlink()
    assert home.once().outcome.kind == "updated"
    assert len(home.kept()) == 1


def test_a_title_that_only_its_days_left_make_another_one_is_not_written_again(home: Home) -> None:
    home.once()
    home.whole.clock.pass_by(hours=5)
    assert home.once().outcome.kind == "unchanged"


def test_a_summary_in_the_trash_or_deleted_is_told_by_each_pass_and_not_made_again(home: Home) -> None:
    home.once()
    key = home.key
    if home.kind == "linear":
        home.whole.linear.trash(key)
    else:
        home.whole.jira.delete(key)
    for _ in range(2):
        home.change()
        passed = home.once()
        assert passed.outcome is None
        assert key in str(passed.problems)
    assert home.kept() in ([], [key])


@pytest.mark.parametrize("carried_out", [False, True])
def test_a_lost_answer_to_an_update_is_settled_by_reading_or_by_the_next_pass(
    home: Home,
    carried_out: bool,  # noqa: FBT001 - a table
) -> None:
    home.once()
    home.change()
    losses = [1]

    def lose(request: Request, _: Response | None = None) -> None:
        if losses and is_write(request):
            losses.pop()
            raise ConnectionError

    if carried_out:
        home.after(lose)
    else:
        home.site().before = lose
    first = home.once()
    assert not losses
    assert (first.outcome is not None) == carried_out
    again = home.once()
    assert again.outcome.kind == ("unchanged" if carried_out else "updated")
    assert "2 of 2 open" in json.dumps(home.body(), ensure_ascii=False)


def test_an_issue_that_takes_no_more_writes_for_a_second_gets_it_after_that(home: Home) -> None:
    if home.kind != "cloud":
        pytest.skip("Jira Cloud's own limit")
    home.once()
    home.change()
    busy = [Response("{}", 429, headers={"Retry-After": "2", "RateLimit-Reason": "jira-per-issue-on-write"})]
    home.site().before = lambda request: busy.pop() if busy and is_write(request) else None
    for _ in range(2):
        home.once()
    assert not busy
    assert "2 of 2 open" in json.dumps(home.body(), ensure_ascii=False)
    assert len(home.kept()) == 1


def test_an_issue_that_is_full_of_links_is_a_remark_and_no_failure(home: Home) -> None:
    if home.kind == "linear":
        pytest.skip("Linear tells of no such limit")
    words = json.dumps({"errorMessages": ["The issue has too many links."]})
    home.site().before = lambda request: Response(words, 413) if is_write(request, "/issueLink") else None
    passed = home.once()
    assert (passed.problems, passed.outcome.problems) == ((), ())
    assert "too many links" in " ".join(passed.outcome.remarks)


REFUSALS: dict[str, list[Callable[[], Response]]] = {
    "cloud": [
        lambda: Response(json.dumps({"errorMessages": [], "errors": {"description": "CONTENT_LIMIT_EXCEEDED"}}), 400),
        lambda: Response("<html>413</html>", 413),
    ],
    "data center": [
        lambda: Response(
            json.dumps({"errors": {"description": "The entered text is too long. It exceeds the allowed limit"}}), 400
        ),
        lambda: Response("<html>413</html>", 413),
    ],
    "linear": [
        lambda: Response(
            json.dumps(
                {
                    "errors": [
                        {"message": "description must be shorter than 9000", "extensions": {"code": "INPUT_ERROR"}}
                    ]
                }
            )
        ),
        lambda: Response("<html>413</html>", 413),
    ],
}


@pytest.mark.parametrize("way", [0, 1])
def test_f15_what_the_tracker_finds_too_long_shrinks_to_the_smallest_and_then_says_so(home: Home, way: int) -> None:
    for _ in range(40):
        home.change()
    home.once()
    sizes: list[int] = []
    limit = [0]

    def refuse(request: Request) -> Response | None:
        if not is_write(request) or "description" not in request.get_data(as_text=True):
            return None
        sizes.append(len(request.get_data()))
        return REFUSALS[home.kind][way]() if sizes[-1] > limit[0] else None

    home.site().before = refuse
    home.change()
    refused = home.once()
    assert refused.outcome is None
    assert refused.problems
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) >= 2
    limit[0] = sizes[-1]
    home.change()
    passed = home.once()
    assert not passed.problems
    assert "shortened page" in " ".join(passed.outcome.remarks)
    assert len(home.kept()) == 1


def test_f20_a_writer_whose_right_another_took_writes_nothing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.once()
    home.change()
    before = json.dumps(home.body())
    renew = Store.renew

    def overtaken(self: Store, what: str, *more: Any) -> bool:
        return renew(self, what, *more) and not what.startswith("release")

    monkeypatch.setattr(Store, "renew", overtaken)
    with pytest.raises(TemporaryError, match="overtaken"):
        home.once()
    assert json.dumps(home.body()) == before


def test_a_burst_of_changes_is_one_write_when_the_interval_is_over(home: Home) -> None:
    written_at = home.once().draft.readiness.computed_at
    clock, writes = home.whole.clock, []
    home.site().before = lambda request: writes.append(request.path) if is_write(request) else None
    for _ in range(4):
        clock.pass_by(seconds=5)
        home.change()
        home.whole.once(home.config, write=False)
        with home.whole.outside(home.config) as outside:
            waiting = settle(Questions(home.config), "atlas-2", outside, write=True, look=False)
        assert waiting.outcome is None
        assert waiting.again_at == written_at + home.config.min_write_interval
    assert not writes
    clock.at = written_at + home.config.min_write_interval
    with home.whole.outside(home.config) as outside:
        passed = settle(Questions(home.config), "atlas-2", outside, write=True, look=False)
    assert passed.outcome is not None
    assert passed.outcome.kind == "updated"
    assert len(writes) == (2 if home.kind == "linear" else 1)  # Linear's machine copy is a request of its own
    assert "5 of 5 open" in json.dumps(home.body(), ensure_ascii=False)
