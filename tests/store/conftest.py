"""A fresh database for each test: SQLite, and PostgreSQL too where SYNCD_TEST_POSTGRES names one."""

from __future__ import annotations

import os
import uuid
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from syncd.store.engine import engine_of
from syncd.store.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from syncd.store.store import Store

POSTGRES = os.environ.get("SYNCD_TEST_POSTGRES", "")


@pytest.fixture(params=["sqlite", *(["postgresql"] if POSTGRES else [])])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/syncd.db"
    else:
        yield from schema_of_its_own(POSTGRES)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url) as opened:
        yield opened


def schema_of_its_own(url: str) -> Iterator[str]:
    """The same PostgreSQL database, seen through a schema that only this test uses."""
    name = f"t{uuid.uuid4().hex}"
    engine, _ = engine_of(url, 5.0)
    with engine.begin() as conn:
        conn.execute(sa.schema.CreateSchema(name))
    yield f"{url}?options=-csearch_path%3D{name}"
    with engine.begin() as conn:
        conn.execute(sa.schema.DropSchema(name, cascade=True))
    engine.dispose()
