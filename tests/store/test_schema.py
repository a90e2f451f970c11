"""A database of any age is brought up to today's tables; one of tomorrow is refused."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from syncd.store.engine import engine_of, transaction
from syncd.store.errors import StoreError
from syncd.store.schema import HEAD, MIGRATIONS, upgrade
from syncd.store.store import open_store
from syncd.store.tables import METADATA
from tests.store.readings import T0, closing_engine, item, part, rows, taken

if TYPE_CHECKING:
    from pathlib import Path


def steps() -> list[str]:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    found = ScriptDirectory.from_config(config).walk_revisions()
    return [step.revision for step in found][::-1]


def at_step(url: str, step: str) -> None:
    engine, _ = engine_of(url, 1.0)
    with transaction(engine, writes=True) as conn:
        upgrade(conn, step)
    engine.dispose()


def test_the_newest_step_is_the_one_that_the_code_names() -> None:
    assert steps()[-1] == HEAD
    assert [path.name[:4] for path in sorted(MIGRATIONS.glob("versions/[0-9]*.py"))] == steps()


def test_a_new_database_has_the_tables_of_the_models(url: str) -> None:
    open_store(url).close()
    engine, _ = engine_of(url, 1.0)
    with closing_engine(engine) as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, METADATA) == []


@pytest.mark.parametrize("step", steps())
def test_a_database_of_any_earlier_step_is_brought_up_with_what_it_holds(url: str, step: str) -> None:
    at_step(url, step)
    columns = "name, kind, account_id, account_name, error"
    spent = f"INSERT INTO tracker ({columns}) VALUES ('eng', 'jira', 'me', 'Me', 'down')"  # noqa: S608 - our own words
    engine, _ = engine_of(url, 1.0)
    with closing_engine(engine) as conn, conn.begin():
        conn.execute(sa.text(spent))
    with open_store(url) as store:
        state = store.tracker("eng")
        assert state is not None
        assert state.error == "down"
        store.save(taken(part(1)))
        assert store.items("atlas-2") == {"docs": [item(1)]}
        assert store.claim("atlas-2", "me", now=T0, until=T0) == 1


def test_opening_again_keeps_everything(url: str) -> None:
    with open_store(url) as store:
        store.save(taken(part(1)))
    before = rows(url)
    open_store(url).close()
    assert rows(url) == before


def test_a_database_of_a_newer_syncd_is_refused_and_left_alone(url: str) -> None:
    open_store(url).close()
    engine, _ = engine_of(url, 1.0)
    with closing_engine(engine) as conn, conn.begin():
        conn.execute(sa.text("UPDATE alembic_version SET version_num = '0099'"))
    with pytest.raises(StoreError, match=r"made by a newer syncd \(its tables are at step 0099, ours at"):
        open_store(url)
    with closing_engine(engine) as conn:
        assert conn.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() == "0099"


def test_several_processes_may_open_a_new_database_at_once(url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        for opened in [pool.submit(open_store, url) for _ in range(4)]:
            opened.result().close()
    with open_store(url) as store:
        assert store.tracker("eng") is None


def test_a_step_that_fails_leaves_the_database_as_it_was(url: str) -> None:
    at_step(url, steps()[0])
    engine, _ = engine_of(url, 1.0)
    with closing_engine(engine) as conn, conn.begin():
        conn.execute(sa.text("CREATE TABLE summary (mine TEXT)"))  # in the way of step 0002, which makes others before
    with pytest.raises(StoreError, match="refused"):
        open_store(url)
    with closing_engine(engine) as conn:
        assert not {"record", "judgement", "claim"} & set(sa.inspect(conn).get_table_names())
        assert conn.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() == steps()[0]


def test_opening_a_database_of_today_does_not_pay_for_alembic(tmp_path: Path) -> None:
    open_store(url := f"sqlite:///{tmp_path}/syncd.db").close()
    code = (
        f"import sys; from syncd.store.store import open_store; open_store({url!r}); sys.exit('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, timeout=60)  # noqa: S603 - our own interpreter
    assert done.returncode == 0
