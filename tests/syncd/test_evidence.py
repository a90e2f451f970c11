"""Each judgement that changes something leaves evidence when it does; one that changes nothing costs a look."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from mapping.exhibit import Given, name_of
from mapping.record import Closing, Decision, Hold
from syncd import evidence
from syncd.chain import faults, links
from syncd.evidence import take
from syncd.replay import exhibit_from, replay
from syncd.store.errors import StoreError
from syncd.store.store import open_store
from tests.command_line import FULL
from tests.worlds import NOW, ready_world

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from syncd.store.store import Store
    from tests.trial import Trial


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path}/syncd.db") as opened:
        yield opened


def given(**fields: Any) -> Given:
    world = ready_world()
    whole: dict[str, Any] = {
        "items": world.items,
        "records": world.records,
        "health": world.health,
        "configuration": world.release,
        "memory": world.memory,
        "now": world.now,
    }
    return Given(**whole | fields)


def taken(store: Store, what: Given, *, asked: bool = False) -> str | None:
    return take(store, what, what.judged(), "the file", asked=asked)


def whys(store: Store) -> list[tuple[str, ...]]:
    return [it.why for it in store.evidences("atlas-2")]


def test_the_first_judgement_leaves_evidence_and_the_same_again_none(store: Store) -> None:
    sha = taken(store, given())
    assert sha is not None
    assert taken(store, given(now=NOW + timedelta(minutes=1))) is None
    (it,) = store.evidences("atlas-2")
    assert (it.sha, it.number, it.previous, it.at, it.why) == (sha, 1, "", NOW, ("first",))
    assert name_of(store.evidence_text(it)) == sha


def test_what_somebody_said_or_decided_is_kept_when_it_is_heard(store: Store) -> None:
    words = [
        Hold(id="c1.1", by="Maya", at=NOW, reason="wait"),
        Decision(id="c2.1", by="Maya", at=NOW, go=False, reason="not today"),
        Closing(id="c3.1", by="Maya", at=NOW, launched=False, reason="never"),
    ]
    for number in range(4):
        taken(store, given(records=(*given().records, *words[:number])))
    assert whys(store) == [("first",), ("verdict", "record"), ("record", "decision"), ("record", "closing")]
    found = links(store, "atlas-2")
    assert faults(found) == []
    assert [it.decided for it in found] == ["", "", "NO-GO by Maya", ""]


def test_a_moved_target_is_kept(store: Store) -> None:
    before = given()
    taken(store, before)
    taken(store, replace(before, configuration=replace(before.configuration, target=NOW + timedelta(days=20))))
    assert whys(store) == [("first",), ("target",)]


def test_whoever_is_about_to_decide_gets_evidence_of_what_is_known_now(store: Store) -> None:
    taken(store, given())
    sha = taken(store, given(now=NOW + timedelta(seconds=1)), asked=True)
    last = store.last_evidence("atlas-2")
    assert last is not None
    assert (last.sha, last.why) == (sha, ("asked",))


def test_it_names_the_configuration_the_version_and_the_one_before(store: Store) -> None:
    first = taken(store, given())
    taken(store, given(now=NOW + timedelta(seconds=1)), asked=True)
    last = store.last_evidence("atlas-2")
    assert last is not None
    it = exhibit_from(store.evidence_text(last))
    assert (it.configuration_hash, it.previous, it.version) == ("the file", first, last.version)


def test_an_idle_look_writes_down_nothing_of_the_world(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    taken(store, given())

    def refused(_: object) -> str:
        raise AssertionError("the world was written down")

    monkeypatch.setattr(evidence, "text_of", refused)
    assert taken(store, given(now=NOW + timedelta(minutes=1))) is None


def test_passes_leave_a_whole_chain_that_replays(whole: Trial) -> None:
    config = whole.configure(FULL)
    whole.linear.label("atlas-2")
    whole.jira.add("ENG", "Merge edits", fix_versions=["Atlas 2.0"], assignee="Dana")
    whole.linear.add("MKT", "Launch post", state="Done", labels=["atlas-2"])
    whole.once(config)
    whole.clock.pass_by(minutes=15)
    whole.once(config)
    whole.clock.pass_by(minutes=15)
    whole.jira.move("ENG-1", "Done", by="Dana")
    for _ in range(3):
        whole.once(config)
        whole.clock.pass_by(minutes=15)
    with whole.outside(config) as outside:
        store = outside.store
        found = links(store, "atlas-2")
        assert faults(found) == []
        assert [it.verdict for it in found] == ["on_track", "ready"]
        for it in found:
            text = store.evidence_text(it.evidence)
            assert replay(text) == text
        assert whole.status(config)["evidence"] == found[-1].evidence.sha


def test_a_death_between_evidence_and_judgement_leaves_one_more_never_one_less(
    whole: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = whole.configure(FULL)

    def die(*_: object, **__: object) -> None:
        raise StoreError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr("syncd.store.store.Store.keep_judgement", die)
        with pytest.raises(StoreError):
            whole.once(config)
    whole.once(config)
    with whole.outside(config) as outside:
        assert whys(outside.store)[0] == ("first",)
        assert faults(links(outside.store, "atlas-2")) == []
