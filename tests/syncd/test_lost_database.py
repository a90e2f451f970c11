"""Whatever becomes of the database under the commands and the daemon: a clear sentence, and all is well again (F28)."""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import closing, contextmanager
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
import structlog
from sqlalchemy import event

from syncd import app
from syncd.store import spool
from syncd.store.engine import engine_of
from syncd.store.store import open_store
from tests.command_line import Commands, commands
from tests.crash import Process, Scene, scene

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.trial import Trial

RELEASE = """
  atlas-2:
    launch: eng/REL-1
    timing: {soak: 0s}
    gates:
      engineering: {owner: dana, items: eng/ENG, sign_off: false}
      marketing: {owner: maya, items: [{tracker: gtm, team: MKT}], sign_off: false}
"""


class FullSpool(SpooledTemporaryFile[str]):
    """A temporary file on a disk that has no room."""

    def write(self, _: str) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@contextmanager
def full_disk(_: Path) -> Iterator[None]:
    def limit(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # means: no more than there are

    event.listen(sa.Engine, "connect", limit)
    try:
        yield
    finally:
        event.remove(sa.Engine, "connect", limit)


@contextmanager
def full_temporary_files(_: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spool, "SpooledTemporaryFile", FullSpool)
        yield


@contextmanager
def locked(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.rollback()


@contextmanager
def damaged(path: Path) -> Iterator[None]:
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    yield
    path.write_bytes(whole)


@contextmanager
def replaced_by_notes(path: Path) -> Iterator[None]:
    whole = path.read_bytes()
    path.write_text("releases:\n" * 500)
    yield
    path.write_bytes(whole)


TROUBLE: dict[str, tuple[Callable[[Path], AbstractContextManager[None]], str]] = {
    "full disk": (full_disk, "the disk is full"),
    "full temporary files": (full_temporary_files, "a temporary file cannot be used"),
    "locked": (locked, "is locked by another process"),
    "damaged": (damaged, "is damaged"),
    "no database": (replaced_by_notes, "is not an SQLite database"),
}


@pytest.fixture
def run(live: Trial, monkeypatch: pytest.MonkeyPatch) -> Commands:
    monkeypatch.setattr(app, "open_store", partial(open_store, busy_s=0.05))
    live.jira.add("ENG", "Merge edits", fix_versions=["Atlas 2.0"])
    return commands(live, RELEASE)


@pytest.mark.parametrize("name", TROUBLE)
def test_f28_once_says_what_ails_the_database_and_the_next_one_goes_on(run: Commands, live: Trial, name: str) -> None:
    trouble, said = TROUBLE[name]
    assert run("once").code == 0
    for n in range(300):  # so many that a database has to grow
        live.jira.add("ENG", f"Part {n}", fix_versions=["Atlas 2.0"])
    before = _summary(live)
    with trouble(live.folder / "syncd.db"):
        ended = run("once")
    assert ended.code == 1
    assert said in ended.err
    assert len(ended.err.splitlines()) <= 3
    assert _summary(live) == before
    assert run("once").code == 0
    assert _summary(live) != before


def _summary(whole: Trial) -> Any:
    (summary,) = whole.summaries()
    return summary["fields"]["description"]


def test_a_read_only_database_is_said(run: Commands, live: Trial) -> None:
    assert run("once").code == 0
    text = run.config.read_text()
    ours, read_only = (f"sqlite:///{it}{live.folder}/syncd.db" for it in ("", "file:"))
    run.config.write_text(text.replace(ours, f'"{read_only}?mode=ro&uri=true"'))
    ended = run("once")
    assert ended.code == 1
    assert "cannot be written: it is read-only" in ended.err


# The daemon


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    template = tmp_path / "template.db"
    open_store(f"sqlite:///{template}").close()
    monkeypatch.setattr("tests.simulation.shelf.engine_of", lambda url, busy_s: engine_of(url, min(busy_s, 0.05)))
    with scene(tmp_path, template) as it:
        for n in range(3):
            it.jira.add("ENG", f"Part {n}", fix_versions=["Atlas 2.0"], status="Done")
        yield it


@pytest.fixture
def life(stage: Scene) -> Iterator[Process]:
    life = Process(stage, stage.configure(RELEASE))
    life.put(life.daemon.first())
    life.live(minutes=3)
    yield life
    life.end()


@pytest.mark.parametrize("name", ["full temporary files", "locked"])
def test_f28_the_daemon_says_what_ails_the_database_and_goes_on(stage: Scene, life: Process, name: str) -> None:
    trouble, said = TROUBLE[name]
    before = _summary(stage)
    stage.jira.add("ENG", "Late discovery", fix_versions=["Atlas 2.0"])
    with trouble(stage.database), structlog.testing.capture_logs() as logged:
        life.live(minutes=2)
    assert any(said in str(line) for line in logged)
    assert _summary(stage) == before
    life.live(minutes=3)
    assert "Late discovery" in str(_summary(stage))


@pytest.mark.parametrize("how", ["deleted", "deleted with its logs", "replaced"])
def test_f28_a_database_that_goes_away_under_the_daemon_is_rebuilt_and_its_summary_adopted(
    stage: Scene, life: Process, how: str
) -> None:
    if how == "replaced":
        other = stage.folder / "other.db"
        open_store(f"sqlite:///{other}").close()
        other.replace(stage.database)
    else:
        stage.database.unlink()
    for rest in ("-wal", "-shm") if how != "deleted" else ():
        stage.database.with_name(f"syncd.db{rest}").unlink(missing_ok=True)
    stage.jira.add("ENG", "Late discovery", fix_versions=["Atlas 2.0"])
    with structlog.testing.capture_logs() as logged:
        life.live(minutes=5)
    assert sum(line["event"] == "database_replaced" for line in logged) == 1
    assert "Late discovery" in str(_summary(stage))
    with open_store(life.config.database_url) as seen:
        known = seen.summary("atlas-2")
        assert known is not None
        assert known.accepted is not None
        assert len(seen.items("atlas-2")["engineering"]) == 4
        assert not seen.touched()
