"""Evidence is kept by its name, in a chain; what was changed or taken out on the way is said on reading."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mapping.exhibit import name_of
from syncd.chain import faults, links
from syncd.store.engine import engine_of
from syncd.store.errors import StoreError
from syncd.store.model import Evidence
from tests.store.readings import T0, closing_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syncd.store.store import Store


def text(number: int, previous: str = "", **fields: Any) -> str:
    """A text with what the chain looks at; the rest of an exhibit is nothing to the store."""
    at = (T0 + timedelta(hours=number)).isoformat()
    return (
        f'{{"now":"{at}","previous":"{previous}","readiness":{{"shown":"READY","verdict":"ready"}},'
        f'"records":[{fields.get("records", "")}],"version":"0.1.0","why":["verdict"]}}'
    )


def row(number: int, content: str, previous: str = "", release: str = "atlas-2", **fields: Any) -> Evidence:
    return Evidence(
        **{
            "release": release,
            "sha": name_of(content),
            "number": number,
            "previous": previous,
            "at": T0 + timedelta(hours=number),
            "why": ("verdict",),
            "version": "0.1.0",
            "marks": {"verdict": "ready"},
            **fields,
        }
    )


@pytest.fixture
def three(store: Store) -> list[Evidence]:
    return list(_kept(store))


def _kept(store: Store, release: str = "atlas-2") -> Iterator[Evidence]:
    previous = ""
    for number in (1, 2, 3):
        content = text(number, previous)
        it = row(number, content, previous, release)
        store.keep_evidence(it, content)
        previous = it.sha
        yield it


def spoil(url: str, statement: str, **values: Any) -> None:
    engine, _ = engine_of(url, 1.0)
    with closing_engine(engine) as conn, conn.begin():
        conn.execute(sa.text(statement), values)


def test_it_comes_back_as_it_was(store: Store, three: list[Evidence]) -> None:
    assert store.evidences("atlas-2") == three
    assert store.last_evidence("atlas-2") == three[-1]
    assert store.evidence_text(three[1]) == text(2, three[0].sha)
    assert (store.evidences("other"), store.last_evidence("other")) == ([], None)


def test_the_chain_of_one_release_is_nothing_to_another(store: Store, three: list[Evidence]) -> None:
    others = list(_kept(store, "borealis"))
    assert [it.sha for it in others] == [it.sha for it in three]
    assert store.evidences("borealis") == others
    assert store.evidence(three[0].sha, "borealis") == others[:1]


def test_four_letters_name_it_where_no_other_begins_so(store: Store, three: list[Evidence]) -> None:
    assert store.evidence(three[0].sha[:4]) == [three[0]]
    assert store.evidence(three[0].sha[:6].upper(), "atlas-2") == [three[0]]
    assert store.evidence(three[0].sha, "other") == []


@pytest.mark.parametrize("prefix", ["", "a", "abc", "%%%%", "____", "zzzz", "'; --", "0" * 64, "f" * 5000])
def test_what_is_too_short_or_no_name_names_nothing(store: Store, three: list[Evidence], prefix: str) -> None:
    assert prefix not in {it.sha[:4] for it in three}
    assert store.evidence(prefix) == []


def test_names_that_begin_alike_are_told_apart_by_whoever_asks(store: Store, three: list[Evidence]) -> None:
    list(_kept(store, "borealis"))
    assert len(store.evidence(three[0].sha[:5])) == 2


def test_keeping_the_same_again_changes_nothing(store: Store, three: list[Evidence]) -> None:
    store.keep_evidence(three[0], text(1))
    assert store.evidences("atlas-2") == three


def test_two_can_never_follow_the_same_one(store: Store, three: list[Evidence]) -> None:
    other = text(3, three[1].sha, records='{"kind":"Hold"}')
    with pytest.raises(StoreError):
        store.keep_evidence(row(3, other, three[1].sha), other)
    assert store.evidences("atlas-2") == three


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_a_change_of_any_byte_is_noticed(store: Store, url: str, place: float, flip: int) -> None:
    first, _, _ = _kept(store)
    engine, _ = engine_of(url, 1.0)
    query = sa.text("SELECT content FROM evidence WHERE sha = :sha")
    with closing_engine(engine) as conn:
        content = bytearray(conn.execute(query, {"sha": first.sha}).scalar_one())
    whole = bytes(content)
    content[int(place * len(content))] ^= flip
    _write(url, first, bytes(content))
    try:
        with suppress(StoreError):  # else the byte meant nothing to the compression, and the text is the same
            assert store.evidence_text(first) == text(1)
    finally:
        _write(url, first, whole)


def _write(url: str, it: Evidence, content: bytes) -> None:
    spoil(url, "UPDATE evidence SET content = :content WHERE sha = :sha", content=content, sha=it.sha)


def test_a_whole_chain_has_no_fault(store: Store, three: list[Evidence]) -> None:
    found = links(store, "atlas-2")
    assert faults(found) == []
    assert [(it.evidence, it.verdict, it.shown, it.problem) for it in found] == [
        (it, "ready", "READY", "") for it in three
    ]
    assert faults([]) == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM evidence WHERE number = 2", "is missing"),
        ("DELETE FROM evidence WHERE number = 1", "is missing; nothing stands there"),
        ("UPDATE evidence SET content = x'00' WHERE number = 2", "its bytes do not hash to its name"),
        ("UPDATE evidence SET why = 'first' WHERE number = 2", "is not what its text says"),
        ("UPDATE evidence SET version = '9' WHERE number = 2", "is not what its text says"),
        ("UPDATE evidence SET at = '2020-01-01 00:00:00.000000' WHERE number = 2", "is not what its text says"),
        ("UPDATE evidence SET previous = '' WHERE number = 2", "it says that it is the first"),
        ("UPDATE evidence SET number = 9 WHERE number = 1", "is missing"),
    ],
    ids=lambda it: it[-40:],
)
def test_whatever_breaks_the_chain_is_said(
    store: Store, three: list[Evidence], url: str, statement: str, said: str
) -> None:
    if url.startswith("postgresql"):
        statement = statement.replace("x'00'", "'\\x00'")
    spoil(url, statement)
    assert three
    assert said in " ".join(faults(links(store, "atlas-2")))


def test_marks_that_cannot_be_read_are_none(store: Store, three: list[Evidence], url: str) -> None:
    for bad in ("{", "[]"):
        spoil(url, "UPDATE evidence SET marks = :bad WHERE number = 3", bad=bad)
        assert store.last_evidence("atlas-2") == replace(three[2], marks={})


def test_the_text_of_what_is_not_there_is_said_to_be_missing(store: Store) -> None:
    with pytest.raises(StoreError, match="is missing"):
        store.evidence_text(row(1, text(1)))
