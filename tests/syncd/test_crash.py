"""Whatever database operation fails, or is the last one of a life: the next two passes make everything whole (F28).

Each step of the product is begun again from the same moment, once for each of its database operations. What the
trackers and the store come to is compared with what came of the same step undisturbed.

``SYNCD_EVERY=1 pytest -n auto tests/syncd/test_crash.py`` takes every operation, which takes some minutes; without it
every eightieth is taken, other ones by each way to fail.
"""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from config.schema import Config
from connectors.base import Hint
from syncd.commands.held import held_summary
from syncd.daemon import Job
from syncd.facts import facts_of
from syncd.reconcile import complete_pass
from syncd.store.errors import StoreError
from syncd.store.store import open_store
from tests.crash import Death, Process, Scene, Trip, scene, tripping

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RELEASE = """
  atlas-2:
    launch: eng/REL-1
    timing: {soak: 0s}
    gates:
      engineering: {owner: dana, items: eng/ENG, sign_off: false}
      support: {owner: dana, items: eng/SUP, sign_off: {item: eng/SUP-1}}
      marketing: {owner: maya, items: [{tracker: gtm, team: MKT, label: atlas-2}], sign_off: false}
"""
EVERY = int(os.environ.get("SYNCD_EVERY", "80"))
KINDS = ("locked", "full", "death")
CONTENTS = {
    "item": "tracker, item_id, key, digest, content",
    "member": "release, gate, tracker, item_id, missed_at IS NULL",
    "sight": "release, gate, tracker, asked, problem, refused, ways",
    "fact": "tracker, kind, name, content, title, problem",
}
WRITTEN = {
    "tracker": "name, kind, account_id, error, words",
    "summary": "release, issue_key, digest, verdict, remarks, complaint, intent_at IS NULL",
    "touched": "release",
    "record": "release, kind, content",
}


def rows(path: Path, columns: dict[str, str]) -> dict[str, list[tuple[Any, ...]]]:
    with closing(sqlite3.connect(path)) as conn:
        return {table: sorted(conn.execute(f"SELECT {some} FROM {table}")) for table, some in columns.items()}  # noqa: S608 - our own words


def job(kind: str, name: str = "eng") -> Job:
    return Job(kind=kind, name=name, thread="this one")


@dataclass(frozen=True)
class Step:
    """``before``: what comes to pass until the step begins; ``act`` is the step."""

    before: Callable[[Scene, Config], None]
    act: Callable[[Process], None]


def nothing(_: Scene, __: Config) -> None:
    """The store is as good as new."""


def read(it: Scene, config: Config) -> None:
    """Read and never judged."""
    life = Process(it, config)
    for tracker in ("eng", "gtm"):
        life.daemon.run(job("poll", tracker))
    life.end()


def settled(it: Scene, config: Config) -> None:
    life = Process(it, config)
    life.put(life.daemon.first())
    life.live(minutes=6)
    life.end()


def changed(it: Scene, config: Config) -> None:
    """Settled, and then people went on: work is finished, is new, is somebody else's, is gone."""
    settled(it, config)
    it.jira.move("ENG-2", "In Progress")
    it.jira.add("ENG", "Late discovery", fix_versions=["Atlas 2.0"])
    it.jira.move("SUP-1", "Done")
    it.linear.add("MKT", "Second post", labels=["atlas-2"])
    it.clock.pass_by(seconds=90)


def moved_silently(it: Scene, config: Config) -> None:
    """What only a census can see: nothing says that these were changed."""
    settled(it, config)
    gone, come = it.jira.issues[it.jira.keys["ENG-1"]], it.jira.issues[it.jira.keys["ENG-4"]]
    gone["fields"]["fixVersions"], come["fields"]["fixVersions"] = [], gone["fields"]["fixVersions"]
    it.clock.pass_by(minutes=30)


def saved(it: Scene, config: Config) -> None:
    """The change is read, and waits to be judged."""
    changed(it, config)
    life = Process(it, config)
    life.daemon.run(job("poll"))
    life.daemon.run(job("poll", "gtm"))
    life.end()


def whole_pass(life: Process) -> None:
    list(complete_pass(life.config, list(life.config.releases), life.daemon.outside, write=True))


def look(life: Process) -> None:
    ids = frozenset({life.scene.jira.keys["ENG-2"]})
    for each in life.daemon.hinted("eng", Hint(ids=ids, deleted=frozenset(), delivery="1", at=life.scene.now())):
        life.run(each)


def doing(kind: str, name: str) -> Callable[[Process], None]:
    return lambda life: life.run(job(kind, name))


STEPS = {
    "the first pass": Step(nothing, whole_pass),
    "a pass after changes": Step(changed, whole_pass),
    "the first poll": Step(nothing, doing("poll", "eng")),
    "a poll that finds changes": Step(changed, doing("poll", "eng")),
    "a census": Step(moved_silently, doing("sweep", "eng")),
    "a webhook's look": Step(changed, look),
    "a settling that creates": Step(read, doing("settle", "atlas-2")),
    "a settling that updates": Step(saved, doing("settle", "atlas-2")),
}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "empty.db"
    open_store(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def stage(tmp_path: Path, template: Path) -> Iterator[Scene]:
    with scene(tmp_path, template) as it, structlog.testing.capture_logs():
        it.jira.add("ENG", "Merge edits", fix_versions=["Atlas 2.0"], status="Done")
        it.jira.add("ENG", "Fix the crash", fix_versions=["Atlas 2.0"], status="Done")
        it.jira.add("ENG", "Speed", fix_versions=["Atlas 2.0"], status="Done")
        it.jira.add("ENG", "Another release's")
        it.jira.version("SUP", "Atlas 2.0")
        it.jira.add("SUP", "Support signs")
        it.jira.add("SUP", "Answers for Atlas", fix_versions=["Atlas 2.0"], status="Done")
        it.linear.label("atlas-2")
        it.linear.add("MKT", "Launch post", labels=["atlas-2"], state="Done")
        yield it


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", STEPS)
def test_f28_the_step_may_fail_or_die_at_any_database_operation(stage: Scene, name: str, kind: str) -> None:
    step, config = STEPS[name], stage.configure(RELEASE)
    step.before(stage, config)
    begin = stage.moment()
    undisturbed, operations = _disturbed(stage, config, step, Trip())
    assert undisturbed["touched"] == []
    assert undisturbed["writes after"] == []
    for at in range(1 + KINDS.index(kind) * 16 % EVERY, operations + 1, EVERY):
        stage.back_to(begin)
        came, _ = _disturbed(stage, config, step, Trip(kind, at))
        assert came == undisturbed, f"{kind} at operation {at} of {operations}"


def _disturbed(stage: Scene, config: Config, step: Step, trip: Trip) -> tuple[dict[str, Any], int]:
    """What the world comes to after the step met ``trip``; how many operations the step has."""
    before = rows(stage.database, CONTENTS), _judged(stage)
    with tripping(trip):
        life = Process(stage, config)
        with suppress(StoreError, Death):
            step.act(life)
        operations, trip.at = trip.begun, 0
        _check_half_done(stage, before)
        if trip.kind == "death":
            life.end()
            life = Process(stage, config)
        life.put(life.daemon.first())
        life.live(minutes=3)
        came: dict[str, Any] = _come_to(stage, config, life)
        life.end()
    return came, operations


def _judged(stage: Scene) -> list[Any]:
    with closing(sqlite3.connect(stage.database)) as conn:
        return conn.execute("SELECT release, judged_at FROM judgement").fetchall()


def _check_half_done(stage: Scene, before: tuple[Any, Any]) -> None:
    """Nothing hangs in the air, there is at most one summary, and what was saved is judged or waits for it."""
    with closing(sqlite3.connect(stage.database)) as conn:
        assert conn.execute("PRAGMA foreign_key_check").fetchall() == []
    assert len(stage.summaries()) <= 1
    now = rows(stage.database, CONTENTS)
    news = any(now[table] != before[0][table] for table in ("item", "member"))
    if news and _judged(stage) == before[1]:
        assert rows(stage.database, {"touched": "release"})["touched"] == [("atlas-2",)]


def _come_to(stage: Scene, config: Config, life: Process) -> dict[str, Any]:
    (summary,) = stage.summaries()
    held = held_summary(config, "atlas-2", facts_of(config, life.store).launch("atlas-2"), life.daemon.outside)
    known = life.store.summary("atlas-2")
    stage.jira_site.requests.clear()
    life.live(minutes=2)
    return {
        **rows(stage.database, CONTENTS | WRITTEN),
        "states": stage.states(config),
        "title": summary["fields"]["summary"],
        "labels": summary["fields"]["labels"],
        "digest": held and held.digest,
        "accepted": known and known.accepted and known.accepted.digest,
        "blocks": held and held.blocks,
        "comments": len(summary["fields"].get("comment", {}).get("comments", [])),
        "writes after": sorted(stage.writes()),
    }


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many jobs of each kind were run."""
    jobs: Counter[str] = Counter()
    run = Process.run

    def counting(life: Process, it: Job) -> None:
        jobs[it.kind] += 1
        run(life, it)

    monkeypatch.setattr(Process, "run", counting)
    return jobs


def test_a_release_at_rest_is_not_settled_again_and_again(stage: Scene, counted: Counter[str]) -> None:
    config = stage.configure(RELEASE)
    life = Process(stage, config)
    whole_pass(life)
    life.put(life.daemon.first())
    life.live(minutes=6)
    life.end()
    assert counted["settle"] < 12


def test_a_summary_that_is_gone_is_not_looked_for_each_second(stage: Scene, counted: Counter[str]) -> None:
    config = stage.configure(RELEASE)
    settled(stage, config)
    (summary,) = stage.summaries()
    stage.jira.delete(summary["key"])
    stage.clock.pass_by(minutes=30)
    counted.clear()
    settled(stage, config)
    assert counted["settle"] < 20


@pytest.mark.parametrize("at", range(1, 12))
def test_what_a_webhook_named_is_looked_at_after_the_store_failed(stage: Scene, at: int) -> None:
    config = stage.configure(RELEASE)
    changed(stage, config)
    trip = Trip()
    with tripping(trip):
        life = Process(stage, config)
        trip.begun, trip.at = 0, at
        look(life)
        assert trip.struck
        life.live(seconds=40)
        life.end()
    assert stage.states(config)["engineering"] == "blocked"
