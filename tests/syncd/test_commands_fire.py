"""Commands under fire: each word of people becomes one record and each answer stands once, whatever fails between.

``SYNCD_EVERY=1`` takes every database operation and every request of a pass; without it some of them are taken.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

import pytest
import requests
import structlog
from werkzeug.wrappers import Response

from syncd.reconcile import complete_pass
from syncd.store.errors import StoreError
from syncd.store.store import open_store
from tests.crash import Death, Process, Scene, Trip, scene, tripping
from tests.living import Living, near
from tests.simulation.shelf import quick_store
from tests.spoken import PLACES, Spoken, is_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from requests import PreparedRequest

    from config.schema import Config

RELEASE = """
  atlas-2:
    launch: eng/REL-1
    manager: maya
    timing: {{soak: 0s}}
    {summary}
    gates:
      engineering: {{owner: dana, items: eng/ENG}}
      support: {{owner: dana, items: eng/SUP, sign_off: {{item: eng/SUP-1}}}}
      marketing: {{owner: maya, items: [{{tracker: gtm, team: MKT}}], sign_off: {{item: gtm/MKT-1}}}}
"""
EVERY = int(os.environ.get("SYNCD_EVERY", "97"))
KINDS = ("locked", "full", "death")
MISHAPS = ("refused", "lost", "death")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "empty.db"
    open_store(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def stage(tmp_path: Path, template: Path) -> Iterator[Scene]:
    with scene(tmp_path, template) as it, structlog.testing.capture_logs():
        it.jira.add("ENG", "Merge edits", status="Done")
        it.jira.add("SUP", "Support signs")
        it.jira.add("SUP", "Answers for Atlas", status="Done")
        it.linear.add("MKT", "Marketing signs")
        it.linear.add("MKT", "Launch post", state="Done")
        yield it


def spoken(stage: Scene, where: str) -> Config:
    """The release is settled, and people said some things since, right and wrong, here and there."""
    config = stage.configure(RELEASE.format(summary=PLACES[where]))
    life = Process(stage, config)
    life.put(life.daemon.first())
    life.live(minutes=6)
    life.end()
    world: Any = stage.linear if where == "linear" else stage.jira
    summary = stage.status(config)["summary"]["key"]
    world.say(summary, "All merged.\n/ready engineering\n/redy engineering\n/ask Maya is the date firm?", by="Dana")
    world.say(summary, "/hold because of the embargo\n/owner support sam@acme.example", by="Maya")
    stage.jira.say("SUP-1", "/ready support\n/redy support", by="Dana")
    stage.linear.say("MKT-1", "/not-ready marketing the post is late\n/hodl marketing", by="Maya")
    stage.clock.pass_by(seconds=90)
    return config


def whole_pass(life: Process) -> None:
    list(complete_pass(life.config, list(life.config.releases), life.daemon.outside, write=True))


def come_to(stage: Scene, config: Config, where: str) -> dict[str, Any]:
    """What is kept of the words, and everything that we ever said, issue by issue."""
    with closing(sqlite3.connect(stage.database)) as conn:
        records = conn.execute("SELECT kind, id, content FROM record ORDER BY kind, id").fetchall()
        heard = conn.execute("SELECT comment, name FROM heard ORDER BY 1, 2").fetchall()
        due = conn.execute("SELECT name, content FROM notice WHERE posted_at IS NULL").fetchall()
    return {
        "records": records,
        "heard": [row for row in heard if row[0] not in written_by_us(stage)],
        "due": [name for name, content in due if is_answer(content)],
        "ours": ours(stage),
        "states": stage.states(config),
        "summary": stage.status(config)["summary"]["key"],
        "where": where,
    }


def ours(stage: Scene) -> dict[str, list[Any]]:
    """Issue → our own answers on it, in both trackers; where we say anything, it is the summary."""
    jira, linear = stage.jira, stage.linear
    said: dict[str, list[Any]] = {}
    for number, shelf in jira.shelves.items():
        mine = [it["body"] for it in shelf.comments if it["author"] is jira.users[jira.me]]
        said |= {jira.issues[number]["key"]: answers(mine)} if mine else {}
    for issue in linear.issues.values():
        mine = [it["body"] for it in issue["comments"] if it["user"] is linear.viewer]
        said |= {issue["identifier"]: answers(mine)} if mine else {}
    return said


def written_by_us(stage: Scene) -> set[str]:
    jira, linear = stage.jira, stage.linear
    here = {it["id"] for shelf in jira.shelves.values() for it in shelf.comments if it["author"] is jira.users[jira.me]}
    return here | {key for key, it in linear.comments.items() if it["user"] is linear.viewer}


def answers(bodies: list[Any]) -> list[str]:
    return sorted(str(body) for body in bodies if is_answer(str(body)))


def disturbed(stage: Scene, config: Config, where: str, trip: Trip) -> tuple[dict[str, Any], int]:
    """What the world comes to after a pass met ``trip``; how many operations the pass has."""
    with tripping(trip):
        life = Process(stage, config)
        with suppress(StoreError, Death):
            whole_pass(life)
        operations, trip.at = trip.begun, 0
        stage.meets = None
        life.end()
        life = Process(stage, config)
        life.put(life.daemon.first())
        life.live(minutes=4)
        life.end()
    return come_to(stage, config, where), operations


def check(came: dict[str, Any]) -> None:
    """Of the undisturbed pass: three comments were wrong, and each was answered on the summary, nowhere else."""
    assert came["ours"].keys() == {came["summary"]}
    assert len(came["ours"][came["summary"]]) == 3
    assert came["due"] == []
    assert sorted(kind for kind, *_ in came["records"]) == sorted(
        ["Signature", "Question", "Hold", "Ownership", "Signature", "Signature"]
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("where", PLACES)
def test_whatever_operation_fails_each_word_counts_once_and_is_answered_once(
    stage: Scene, where: str, kind: str
) -> None:
    config = spoken(stage, where)
    begin = stage.moment()
    undisturbed, operations = disturbed(stage, config, where, Trip())
    check(undisturbed)
    first = 1 + KINDS.index(kind) * 20 % EVERY
    for at in range(first, operations + 1, EVERY):
        stage.back_to(begin)
        came, _ = disturbed(stage, config, where, Trip(kind, at))
        assert came == undisturbed, f"{kind} at operation {at} of {operations}"


class Mishap:
    """Strikes the ``at``-th request that may change something, 0 for none, or all that ask for comments."""

    def __init__(self, kind: str, at: int) -> None:
        self.kind, self.at, self.count = kind, at, 0

    def __call__(self, request: PreparedRequest, send: Callable[[], requests.Response]) -> requests.Response:
        if not self._matters(request):
            return send()
        self.count += 1
        if self.count != self.at:
            return send()
        if self.kind == "refused":
            raise requests.ConnectionError(ConnectionRefusedError())
        send()
        if self.kind == "death":
            raise Death
        raise requests.ReadTimeout(TimeoutError())

    @staticmethod
    def _matters(request: PreparedRequest) -> bool:
        body = request.body or b""
        text = body if isinstance(body, str) else body.decode()
        said = "/comment" in str(request.url) or "omment" in text
        return said or (request.method in ("POST", "PUT") and "/search" not in str(request.url) and "mutation" in text)


@pytest.mark.parametrize("kind", MISHAPS)
@pytest.mark.parametrize("where", PLACES)
def test_whatever_request_fails_or_loses_its_answer_each_answer_stands_once(
    stage: Scene, where: str, kind: str
) -> None:
    config = spoken(stage, where)
    begin = stage.moment()
    stage.meets = counting = Mishap(kind, 0)
    undisturbed, _ = disturbed(stage, config, where, Trip())
    check(undisturbed)
    assert counting.count >= 6, "four issues' comments are read, three are posted"
    for at in range(1 + MISHAPS.index(kind) % EVERY, counting.count + 1, min(EVERY, len(MISHAPS))):
        stage.back_to(begin)
        stage.meets = Mishap(kind, at)
        came, _ = disturbed(stage, config, where, Trip())
        assert came == undisturbed, f"{kind} at request {at} of {counting.count}"


# The comments cannot be read


@pytest.fixture(params=list(PLACES))
def release(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Spoken]:
    with near(tmp_path) as town:
        yield Spoken(town, request.param)


def unheard(release: Spoken, answer: Callable[[], Response]) -> Any:
    """Each question for comments gets this answer."""

    def before(request: Any) -> Response | None:
        asks = (
            "/comment" in request.path
            if release.where == "jira"
            else "query Comments" in request.get_data(as_text=True)
        )
        return answer() if asks and request.method in ("GET", "POST") else None

    return before


def refusal(status: int) -> Callable[[], Response]:
    return lambda: Response('{"errorMessages": ["No."]}', status, mimetype="application/json")


BAD: dict[str, Callable[[], Response]] = {
    "broken": refusal(500),
    "hurried": lambda: Response("{}", 429, {"Retry-After": "1"}, mimetype="application/json"),
    "empty": lambda: Response("{}", 200, mimetype="application/json"),
    "no list": lambda: Response('{"comments": null, "total": 3}', 200, mimetype="application/json"),
    "a page instead": lambda: Response("<html>down for maintenance</html>", 200, mimetype="text/html"),
    "fewer than counted": lambda: Response(
        '{"comments": [], "total": 3, "startAt": 0}', 200, mimetype="application/json"
    ),
    "no comments in data": lambda: Response('{"data": {"issue": null}}', 200, mimetype="application/json"),
}


PASSING = ("broken", "hurried")
"""What may be well again in a moment; whatever else is no answer is said at once."""


@pytest.mark.parametrize("kind", BAD)
def test_what_cannot_be_read_withdraws_nothing_and_is_unknown_only_past_the_limit(release: Spoken, kind: str) -> None:
    release.says("Dana", "/ready engineering")
    release.says("Sam", "/ask Maya is the date firm?")
    before = release.records(), release.state()
    site: Any = release.trial.linear_site if release.where == "linear" else release.trial.jira_site
    site.before = unheard(release, BAD[kind])
    release.passes(2)
    assert (release.records(), release.state()) == before
    if kind in PASSING:
        assert release.status["verdict"] != "unknown"
    release.trial.clock.pass_by(hours=3)
    release.passes()
    assert release.records() == before[0]
    assert release.status["verdict"] == "unknown"
    assert "what people say on the summary issue cannot be read" in str(release.status)
    site.before = None
    release.passes()
    assert release.records() == before[0]
    assert release.status["verdict"] != "unknown"


def test_a_right_that_was_taken_away_is_known_at_once_and_withdraws_nothing(release: Spoken) -> None:
    release.says("Dana", "/ready engineering")
    before = release.records()
    site: Any = release.trial.linear_site if release.where == "linear" else release.trial.jira_site
    denied = '{"errors": [{"message": "No.", "extensions": {"code": "FORBIDDEN", "type": "forbidden"}}]}'
    body = denied if release.where == "linear" else '{"errorMessages": ["No."]}'
    site.before = unheard(release, lambda: Response(body, 403, mimetype="application/json"))
    release.passes()
    assert release.records() == before
    assert release.status["verdict"] == "unknown"


# Everything is forgotten


def forget(release: Spoken) -> None:
    for path in release.trial.folder.glob("syncd.db*"):
        path.unlink()


def test_a_lost_database_hears_everything_again_and_posts_no_answer_twice(release: Spoken) -> None:
    release.says("Dana", "/ready engineering", "/redy marketing")
    release.says("Maya", "/hold because of the embargo")
    before = [(type(it).__name__, it.id) for it in release.records()]
    assert len(release.answers()) == 1
    forget(release)
    release.passes(3)
    assert sorted((type(it).__name__, it.id) for it in release.records()) == sorted(before)
    assert release.status["verdict"] == "on_hold"
    assert len(release.answers()) == 1


def test_what_was_wrong_days_ago_is_not_answered_after_everything_was_forgotten(release: Spoken) -> None:
    release.says("Dana", "/redy marketing")
    release.trial.clock.pass_by(days=2)
    forget(release)
    release.passes(3)
    assert len(release.answers()) == 1


# How soon


@pytest.mark.parametrize("where", PLACES)
def test_a_comment_takes_effect_within_a_look_by_webhook_and_within_a_poll_without(tmp_path: Path, where: str) -> None:
    with near(tmp_path) as town:
        release = Spoken(town, where)
        alive = Living(town, release.config)
        alive.run(minutes=5)
        issue = release.summary
        ident = town.linear.find_issue(issue)["id"] if where == "linear" else town.jira.keys[issue]
        release.world.say(issue, "/hold because of the embargo", by="Maya")
        alive.hint(release.tracker, ident)
        alive.run(seconds=20)
        assert alive.status()["verdict"] == "on_hold"
        comment = release.world.say(issue, "/unhold", by="Maya")
        alive.run(seconds=100)
        assert alive.status()["verdict"] != "on_hold"
        release.world.remove_comment(issue, comment)
        alive.run(hours=1, minutes=20)
        assert alive.status()["verdict"] == "on_hold", "the census sees what nothing tells"
        alive.end()


def test_what_is_said_where_no_gate_reads_is_heard_by_the_poll(tmp_path: Path) -> None:
    """The summary lives in Linear, and every gate in Jira."""
    with near(tmp_path) as town:
        town.jira.add("ENG", "Merge edits", status="Done")
        config = town.configure("""
  atlas-2:
    launch: eng/REL-1
    manager: maya
    summary: {tracker: gtm, team: MKT}
    timing: {soak: 0s}
    gates: {engineering: {owner: dana, items: eng/ENG, sign_off: false}}
""")
        alive = Living(town, config)
        alive.run(minutes=5)
        town.linear.say(alive.status()["summary"]["key"], "/hold because of the embargo", by="Maya")
        alive.run(seconds=100)
        assert alive.status()["verdict"] == "on_hold"
        alive.end()


# What is kept of what people say


def test_what_is_no_command_is_kept_nowhere(release: Spoken, tmp_path: Path) -> None:
    release.says("Dana", "My manager is unbearable-7f3a", "/ready engineering", "and Sam-7f3b, too")
    assert release.state() == "ready"
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("syncd.db*"))
    assert b"7f3" not in kept
    assert b"Sam" in kept
    with quick_store(release.config.database_url) as store:
        assert store.records("atlas-2") != []
