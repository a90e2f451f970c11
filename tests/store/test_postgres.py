"""The whole of tests/store runs on PostgreSQL too where SYNCD_TEST_POSTGRES names a database; here, what is only true
there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy.engine import make_url

from syncd.store.errors import StoreError
from syncd.store.store import open_store
from tests.store.conftest import POSTGRES, schema_of_its_own
from tests.store.readings import HOUR, T0, item, part, taken

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(not POSTGRES, reason="SYNCD_TEST_POSTGRES names no PostgreSQL database")


@pytest.fixture
def schema() -> Iterator[str]:
    yield from schema_of_its_own(POSTGRES)


def test_two_processes_share_one_database(schema: str) -> None:
    with open_store(schema) as one, open_store(schema) as other:
        one.save(taken(part(1)))
        other.save(taken(part(1, 2), at=T0 + HOUR))
        assert one.items("atlas-2") == {"docs": [item(1), item(2)]}
        assert one.claim("atlas-2", "one", now=T0, until=T0 + HOUR) == 1
        assert other.claim("atlas-2", "other", now=T0, until=T0 + HOUR) is None


def test_a_wrong_password_is_said_without_it() -> None:
    wrong = make_url(POSTGRES).set(password="wrong-pw").render_as_string(hide_password=False)
    with pytest.raises(StoreError, match=r"cannot be reached: .*password authentication failed") as caught:
        open_store(wrong)
    assert "wrong-pw" not in str(caught.value)
    assert "check `database:`" in caught.value.hint


def test_a_database_that_does_not_exist_is_said() -> None:
    with pytest.raises(StoreError, match=r'postgresql://.*/nowhere cannot be reached: .*"nowhere" does not exist'):
        open_store(make_url(POSTGRES).set(database="nowhere").render_as_string(hide_password=False))
