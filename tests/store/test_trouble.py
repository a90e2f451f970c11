"""Whatever goes wrong with the database: a sentence with its remedy, and nothing half written (F28)."""

from __future__ import annotations

import sqlite3
import sys
import traceback
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from mapping.item import Account
from mapping.record import Hold
from syncd.store.engine import engine_of
from syncd.store.errors import StoreError
from syncd.store.model import Fact
from syncd.store.store import open_store
from tests.store.readings import HOUR, T0, US, closing_engine, failure, item, part, readiness, rows, taken
from tests.store.test_owned import MARK, REF, WRITTEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from syncd.store.store import Store


SECRET = "hunter2"


class TrippedError(Exception):
    """Stands for whatever may stop us in the middle."""


@contextmanager
def stopping(at: int) -> Iterator[list[str]]:
    """The ``at``-th operation fails (commits count). Gives the operations that were begun."""
    begun: list[str] = []

    def trip(what: str) -> None:
        begun.append(what)
        if len(begun) == at:
            raise TrippedError(what)

    def executed(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:  # noqa: ARG001 - SQLAlchemy's signature
        trip(statement)

    def committed(conn: Any) -> None:  # noqa: ARG001 - as above
        trip("COMMIT")

    event.listen(sa.Engine, "before_cursor_execute", executed)
    event.listen(sa.Engine, "commit", committed)
    try:
        yield begun
    finally:
        event.remove(sa.Engine, "before_cursor_execute", executed)
        event.remove(sa.Engine, "commit", committed)


CHANGES: dict[str, Callable[[Store], None]] = {
    "save": lambda store: store.save(
        taken(part(1, 4, left=[2]), part(gate="qa", problem="gone"), items=[item(1, "new"), item(4)], at=T0 + HOUR)
    ),
    "failed": lambda store: store.failed(failure("down", "docs", "legal")),
    "keep_facts": lambda store: store.keep_facts(
        [Fact(tracker="eng", kind="lead", name="ENG", content=US)], ["atlas-2"]
    ),
    "meet": lambda store: store.meet("eng", "jira", Account(tracker="eng", id="new", name="New")),
    "keep_only": lambda store: store.keep_only({}),
    "keep_records": lambda store: store.keep_records("atlas-2", [Hold(id="h", by="M", at=T0, reason="wait")]),
    "keep_judgement": lambda store: store.keep_judgement(
        "atlas-2", memory="m", readiness=readiness(), wake_at=None, touches=1
    ),
    "intend": lambda store: store.intend(MARK, T0 + HOUR),
    "created": lambda store: store.created(MARK, REF),
    "forget_intent": lambda store: store.forget_intent("atlas-2"),
    "complained": lambda store: store.complained("atlas-2", "the heading is missing"),
    "accepted": lambda store: store.accepted("atlas-2", WRITTEN),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_failure_at_any_operation_leaves_all_as_it_was(store: Store, url: str, name: str) -> None:
    store.save(taken(part(1, 2, 3), part(2, gate="qa")))
    store.intend(MARK, T0)
    before = rows(url)
    for at in count(1):
        with stopping(at) as begun:
            try:
                CHANGES[name](store)
            except TrippedError:
                pass
            else:
                break
        assert rows(url) == before, f"{begun[-1]} failed, and something stayed"
    assert at > 2
    assert rows(url) != before


@contextmanager
def full_disk(url: str) -> Iterator[Store]:
    """The store on a disk that has no page left for it."""

    def limit(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # means: no more than there are

    event.listen(sa.Engine, "connect", limit)
    try:
        with open_store(url) as store:
            yield store
    finally:
        event.remove(sa.Engine, "connect", limit)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "syncd.db"
    with open_store(f"sqlite:///{path}") as store:
        store.save(taken(part(1, 2)))
    return path


def test_a_full_disk_is_said_and_the_last_reading_stays_whole(file: Path) -> None:
    url = f"sqlite:///{file}"
    before = rows(url)
    with full_disk(url) as store, pytest.raises(StoreError, match=rf"{file} cannot grow: the disk is full") as caught:
        store.save(taken(part(*range(2000)), at=T0 + HOUR))
    assert "free some space" in caught.value.hint
    assert rows(url) == before


def test_a_locked_database_is_said_and_can_still_be_read(file: Path) -> None:
    with open_store(f"sqlite:///{file}", busy_s=0.01) as store, closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="is locked by another process") as caught:
            store.save(taken(part(1), at=T0 + HOUR))
        assert "wait for the other syncd" in str(caught.value)
        assert store.items("atlas-2") == {"docs": [item(1), item(2)]}
        other.rollback()
        store.save(taken(part(1, left=[2]), at=T0 + HOUR))
        assert store.items("atlas-2") == {"docs": [item(1)]}


def test_a_read_only_database_can_be_read_and_says_why_it_cannot_be_written(file: Path) -> None:
    with open_store(f"sqlite:///file:{file}?mode=ro&uri=true") as store:
        assert store.items("atlas-2") == {"docs": [item(1), item(2)]}
        with pytest.raises(StoreError, match="cannot be written: it is read-only"):
            store.save(taken(part(1)))


def test_a_file_that_is_no_database_is_said_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("releases:\n" * 500)
    with pytest.raises(StoreError, match="is not an SQLite database"):
        open_store(f"sqlite:///{path}")
    assert path.read_text() == "releases:\n" * 500


def test_a_damaged_database_is_said(file: Path) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with pytest.raises(StoreError, match="is damaged") as caught, open_store(f"sqlite:///{file}") as store:
        store.items("atlas-2")
    assert "rebuilds it from the trackers" in caught.value.hint


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=rf"there is no directory {tmp_path}/gone \(create the directory") as caught:
        open_store(f"sqlite:///{tmp_path}/gone/syncd.db")
    assert str(tmp_path / "gone" / "syncd.db") in caught.value.message
    assert not (tmp_path / "gone").exists()


def test_a_directory_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        open_store(f"sqlite:///{tmp_path}")


@pytest.mark.parametrize("url", ["", "syncd.db", f"mysql://u:{SECRET}@db/x", f"postgresql://u:{SECRET}@db:port/x"])
def test_a_url_that_is_none_of_ours_is_refused_with_the_forms_that_are(url: str) -> None:
    with pytest.raises(StoreError, match=r"use sqlite:///syncd\.db or postgresql://") as caught:
        open_store(url)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_postgresql_without_its_driver_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r"needs a driver .* \(pip install 'syncd\[postgres\]'\)"):
        open_store(f"postgresql://u:{SECRET}@127.0.0.1:1/x")


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_an_unreachable_server_is_said_without_the_password(scheme: str) -> None:
    pytest.importorskip("psycopg", reason="PostgreSQL's driver is not installed")
    with pytest.raises(StoreError, match=r"postgresql://127\.0\.0\.1/x cannot be reached") as caught:
        open_store(f"{scheme}://u:{SECRET}@127.0.0.1:1/x")
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_an_error_shows_nothing_of_what_was_to_be_stored(store: Store) -> None:
    with pytest.raises(StoreError) as caught:
        store.save(taken(part(1), items=[item(2, SECRET)]))
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def _spoil(url: str, column: str, value: str | None) -> None:
    engine, _ = engine_of(url, 1.0)
    with closing_engine(engine) as conn, conn.begin():
        conn.execute(sa.text(f"UPDATE summary SET {column} = :value"), {"value": value})  # noqa: S608 - our own words


def test_a_time_that_no_version_of_ours_wrote_is_damage(store: Store, url: str) -> None:
    if url.startswith("postgresql"):
        pytest.skip("PostgreSQL lets nobody store such a value")
    store.created(MARK, REF)
    store.accepted("atlas-2", WRITTEN)
    _spoil(url, "accepted_at", "no time")
    with pytest.raises(StoreError, match="damaged"):
        store.summary("atlas-2")


def test_what_was_accepted_without_a_lease_or_with_unreadable_remarks_is_less_not_an_error(
    store: Store, url: str
) -> None:
    store.created(MARK, REF)
    store.accepted("atlas-2", WRITTEN)
    _spoil(url, "remarks", "x")
    known = store.summary("atlas-2")
    assert known is not None
    assert known.accepted == replace(WRITTEN, remarks=())
    _spoil(url, "valid_until", None)
    known = store.summary("atlas-2")
    assert known is not None
    assert known.accepted is None
