"""Whatever a tracker or a person said comes back as it was; what cannot be read is said, never raised."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mapping.item import Item, Progress
from mapping.readiness import Ask, GateReadiness, Readiness, Source, State, Verdict
from mapping.record import Acceptance, Admission, Attestation, Hold, NotNeeded, Record, Signature, Waiver
from syncd.store import content
from syncd.store.engine import engine_of
from tests.store.readings import HOUR, T0, closing_engine, item, part, readiness, taken

if TYPE_CHECKING:
    from syncd.store.store import Store

texts = st.text(st.characters(exclude_categories=()), max_size=8)  # NUL and halves of surrogate pairs too
times = st.datetimes(timezones=st.just(UTC))
maybe_time = st.none() | times
maybe_text = st.none() | texts
items = st.builds(
    Item, tracker=texts, id=texts, key=texts, url=texts, title=texts, status=texts, status_id=texts,
    progress=st.none() | st.sampled_from(Progress), type=texts, problem=texts, remark=texts,
    priority=st.none() | st.integers(1, 5), labels=st.lists(texts, max_size=3).map(tuple), assignee=maybe_text,
    parent=maybe_text, created=maybe_time, updated=maybe_time, moved_at=maybe_time, restricted=st.booleans(),
)  # fmt: skip
signatures = st.builds(
    Signature, id=texts, gate=texts, by=texts, at=times, ready=st.booleans(), expires_at=maybe_time, reason=texts
)
holds = st.builds(Hold, id=texts, by=texts, at=times, reason=texts, gate=maybe_text)
refs = st.tuples(texts, texts)
waivers = st.builds(
    Waiver, id=texts, gate=texts, item=refs, digest=texts, by=texts, at=times, until=times, reason=texts,
    approved_by=maybe_text, follow_up=texts,
)  # fmt: skip
records: st.SearchStrategy[Record] = st.one_of(
    signatures,
    holds,
    waivers,
    st.builds(NotNeeded, id=texts, gate=texts, by=texts, at=times, reason=texts, confirmed_by=maybe_text),
    st.builds(Attestation, id=texts, gate=texts, by=texts, at=times, until=times, reason=texts),
    st.builds(Acceptance, id=texts, upstream=texts, downstream=texts, by=texts, at=times),
    st.builds(Admission, id=texts, gate=texts, by=texts, at=times, reason=texts, item=st.none() | refs),
)
gates = st.builds(
    GateReadiness, id=texts, name=texts, state=st.sampled_from(State), shown=texts, reason=texts, actor=texts,
    required=st.booleans(), unknown=st.booleans(), done=st.integers(0, 99), total=st.integers(0, 99), since=times,
    due=maybe_time, open_items=st.lists(items, max_size=1).map(tuple), signed=st.none() | signatures,
    facts_at=maybe_time, previous=st.none() | st.sampled_from(State),
)  # fmt: skip
judged = st.builds(
    Readiness, release=texts, name=texts, verdict=st.sampled_from(Verdict), shown=texts, reason=texts,
    computed_at=times, valid_until=times, gates=st.lists(gates, max_size=2).map(tuple), target=maybe_time,
    managers=st.lists(texts, max_size=1).map(tuple), holds=st.lists(holds, max_size=1).map(tuple),
    asks=st.lists(st.builds(Ask, who=texts, what=texts, by=maybe_time), max_size=1).map(tuple),
    sources=st.tuples(st.builds(Source, tracker=texts, last_complete=maybe_time, items=st.just(3))),
    waivers=st.lists(waivers, max_size=1).map(tuple),
)  # fmt: skip


@given(items)
def test_any_item_comes_back_equal_and_its_text_is_canonical(it: Item) -> None:
    text = content.item_text(it)
    assert content.item_from(text, tracker="?", item_id="?", key="?") == it
    assert text == content.item_text(replace(it))
    assert "\n" not in text


@given(records)
def test_any_record_comes_back_equal(record: Record) -> None:
    kind, text = content.record_kind(record), content.record_text(record)
    assert content.record_from(text, kind=kind, record_id=record.id, at=record.at) == record


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(judged)
def test_any_readiness_comes_back_equal(readiness: Readiness) -> None:
    assert content.readiness_from(content.readiness_text(readiness)) == readiness


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=texts, problem=texts)
def test_any_text_of_a_tracker_survives_the_database(store: Store, title: str, problem: str) -> None:
    it = item(1, title or "-")
    store.save(taken(part(1), part(gate="qa", problem=problem or "-"), items=[it]))
    assert store.items("atlas-2")["docs"] == [it]
    assert store.sights("atlas-2")["qa"][0].problem != ""


@given(st.text())
def test_unreadable_content_is_a_problem_of_its_item_and_never_raises(text: str) -> None:
    it = content.item_from(text, tracker="eng", item_id="7", key="ENG-7")
    assert (it.ref, it.key, it.progress) == (("eng", "7"), "ENG-7", None)
    assert "cannot be read" in it.problem


def spoil(url: str, statement: str) -> None:
    engine, _ = engine_of(url, 1.0)
    with closing_engine(engine) as conn, conn.begin():
        conn.execute(sa.text(statement))


def test_an_item_that_an_other_version_wrote_is_said_and_mended_by_the_next_reading(store: Store, url: str) -> None:
    store.save(taken(part(1, 2)))
    spoil(url, """UPDATE item SET content = '{"v": 9}', digest = '9' WHERE item_id = '1'""")
    bad, good = store.items("atlas-2")["docs"]
    assert "cannot be read" in bad.problem
    assert (bad.key, good) == ("ENG-1", item(2))
    store.save(taken(part(1, 2), at=T0 + HOUR))
    assert store.items("atlas-2")["docs"] == [item(1), item(2)]


@pytest.mark.parametrize("change", ["kind = 'Vote'", """content = '{"v": 9}'"""])
def test_a_record_that_cannot_be_read_holds_the_release(store: Store, url: str, change: str) -> None:
    store.keep_records("atlas-2", [Acceptance(id="a1", upstream="docs", downstream="qa", by="Lee", at=T0)])
    spoil(url, f"UPDATE record SET {change}")  # noqa: S608 - our own words
    [hold] = store.records("atlas-2")
    assert isinstance(hold, Hold)
    assert (hold.gate, hold.at) == (None, T0)
    assert "a1 cannot be read" in hold.reason


def test_records_are_kept_as_they_were_first_said_in_the_order_of_their_time(store: Store) -> None:
    early = Hold(id="h1", by="Maya", at=T0, reason="wait")
    late = Signature(id="s1", gate="docs", by="Lee", at=T0 + HOUR)
    store.keep_records("atlas-2", [late, early])
    store.keep_records("atlas-2", [Hold(id="h1", by="Maya", at=T0, reason="changed later")])
    store.keep_records("atlas-2", [])
    assert store.records("atlas-2") == [early, late]
    assert store.records("other") == []


def test_a_judgement_is_replaced_by_the_next(store: Store) -> None:
    assert store.judgement("atlas-2") is None
    for hour in (0, 1):
        at = T0 + hour * HOUR
        store.keep_judgement("atlas-2", memory=f"m{hour}", readiness=readiness(at), wake_at=None, touches=0)
    kept = store.judgement("atlas-2")
    assert kept is not None
    assert (kept.memory, kept.readiness, kept.wake_at, kept.judged_at) == ("m1", readiness(T0 + HOUR), None, T0 + HOUR)


def test_a_readiness_that_an_other_version_wrote_reads_as_none(store: Store, url: str) -> None:
    store.keep_judgement("atlas-2", memory="m", readiness=readiness(), wake_at=T0, touches=0)
    spoil(url, "UPDATE judgement SET readiness = '[]'")
    kept = store.judgement("atlas-2")
    assert kept is not None
    assert (kept.memory, kept.readiness, kept.wake_at) == ("m", None, T0)
