"""Readings go in whole: items, who belongs where, how well each gate is seen, and the cursor."""

from __future__ import annotations

import gc
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mapping.item import Account
from mapping.sight import Sight
from syncd.store.model import UNNOTICED, Fact, TrackerState
from tests.store.readings import HOUR, T0, US, failure, item, part, readiness, rows, taken

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mapping.item import Item
    from syncd.store.store import Store


def ids(found: Mapping[str, Sequence[Item]]) -> dict[str, list[str]]:
    return {gate: [it.id for it in items] for gate, items in found.items()}


def test_a_reading_comes_back_as_it_was(store: Store) -> None:
    store.save(taken(part(1, 2), part(2, 3, gate="qa")))
    assert store.items("atlas-2") == {"docs": [item(1), item(2)], "qa": [item(2), item(3)]}
    assert store.members("atlas-2", "qa", "eng") == {"2": None, "3": None}
    seen = Sight(tracker="eng", observed_at=T0, complete_at=T0)
    assert store.sights("atlas-2") == {"docs": (seen,), "qa": (seen,)}
    assert store.tracker("eng") == TrackerState(
        name="eng", kind="jira", account_id=US.id, account_name=US.name, complete_at=T0, error=""
    )


def test_before_the_first_reading_nothing_is_known(store: Store) -> None:
    assert store.tracker("eng") is None
    assert store.items("atlas-2") == {}
    assert store.sights("atlas-2") == {}
    assert store.members("atlas-2", "docs", "eng") == {}


def test_times_come_back_aware_and_to_the_microsecond(store: Store) -> None:
    store.save(taken(part(1)))
    [sight] = store.sights("atlas-2")["docs"]
    assert sight.observed_at is not None
    assert sight.observed_at.isoformat() == "2026-12-08T12:00:00.123456+00:00"


def test_saving_the_same_reading_again_changes_nothing(store: Store, url: str) -> None:
    store.save(taken(part(1, 2, 3)))
    before = rows(url)
    store.save(taken(part(1, 2, 3)))
    assert rows(url) == before


def test_only_items_whose_content_changed_are_observed_anew(store: Store, url: str) -> None:
    store.save(taken(part(1, 2)))
    store.save(taken(part(1, 2), items=[item(1), item(2, "renamed")], at=T0 + HOUR))
    before, after = rows(url)["item"]
    assert [before[4], after[4]] == [T0, T0 + HOUR]
    assert before[3] != after[3]
    assert [it.title for it in store.items("atlas-2")["docs"]] == ["Title 1", "renamed"]


def test_an_incomplete_reading_renews_sight_but_not_the_complete_one(store: Store) -> None:
    store.save(taken(part(1)))
    store.save(taken(part(1), complete=False, at=T0 + HOUR))
    [sight] = store.sights("atlas-2")["docs"]
    assert (sight.observed_at, sight.complete_at) == (T0 + HOUR, T0)
    state = store.tracker("eng")
    assert state is not None
    assert state.complete_at == T0
    assert store.watermarks("eng") == {("atlas-2", "docs"): taken(at=T0 + HOUR).watermark}


def test_items_may_be_kept_from_before_when_only_some_were_read(store: Store) -> None:
    store.save(taken(part(1, 2)))
    store.save(taken(part(1, 2, 3), items=[item(3)], complete=False, at=T0 + HOUR))
    assert ids(store.items("atlas-2")) == {"docs": ["1", "2", "3"]}


def test_a_missed_item_is_vanished_since_the_first_miss_and_back_when_found(store: Store) -> None:
    store.save(taken(part(1, 2)))
    store.save(taken(part(1), at=T0 + HOUR))
    store.save(taken(part(1), at=T0 + 2 * HOUR))
    assert store.members("atlas-2", "docs", "eng") == {"1": None, "2": T0 + HOUR}
    assert ids(store.items("atlas-2")) == {"docs": ["1"]}
    assert store.sights("atlas-2")["docs"][0].vanished == (item(2),)
    store.save(taken(part(1, 2), at=T0 + 3 * HOUR))
    assert store.members("atlas-2", "docs", "eng") == {"1": None, "2": None}
    assert store.sights("atlas-2")["docs"][0].vanished == ()


def test_an_item_that_left_is_gone_unless_another_gate_has_it(store: Store, url: str) -> None:
    store.save(taken(part(1, 2, 3), part(2, gate="qa")))
    store.save(taken(part(1, left=[2, 3]), part(2, gate="qa"), at=T0 + HOUR))
    assert ids(store.items("atlas-2")) == {"docs": ["1"], "qa": ["2"]}
    assert store.members("atlas-2", "docs", "eng") == {"1": None}
    assert [row[1] for row in rows(url)["item"]] == ["1", "2"]


def test_an_item_that_belongs_nowhere_is_not_kept(store: Store, url: str) -> None:
    store.save(taken(part(1), items=[item(1), item(9)]))
    assert [row[1] for row in rows(url)["item"]] == ["1"]


def test_another_tracker_with_the_same_ids_is_left_alone(store: Store) -> None:
    store.save(taken(part(1, 2), tracker="gtm", kind="linear"))
    store.save(taken(part(1), left := part(gate="qa")))
    store.save(taken(replace(part(), left=frozenset("1")), left, at=T0 + HOUR))
    assert store.items("atlas-2") == {"docs": [item(1, tracker="gtm"), item(2, tracker="gtm")]}


def test_a_part_that_failed_keeps_its_items_and_its_age_and_is_asked_for_whole_from_then_on(store: Store) -> None:
    store.save(taken(part(1, 2), part(3, gate="qa")))
    refused = part(problem="the project is gone", refused=True)
    store.save(taken(refused, part(gate="qa", left=[3]), at=T0 + HOUR))
    assert ids(store.items("atlas-2")) == {"docs": ["1", "2"]}
    assert store.sights("atlas-2") == {
        "docs": (Sight(tracker="eng", observed_at=T0, complete_at=T0, problem="the project is gone", refused=True),),
        "qa": (Sight(tracker="eng", observed_at=T0 + HOUR, complete_at=T0 + HOUR),),
    }
    state = store.tracker("eng")
    assert state is not None
    assert (state.complete_at, state.error) == (T0, "the project is gone")
    assert store.watermarks("eng") == {("atlas-2", "qa"): taken(at=T0 + HOUR).watermark}


def test_a_failed_reading_renews_nothing_and_deletes_nothing(store: Store, url: str) -> None:
    store.save(taken(part(1, 2)))
    before = rows(url)
    store.failed(failure("the tracker is down", "docs", "qa"))
    after = rows(url)
    assert [after[name] for name in ("item", "member")] == [before[name] for name in ("item", "member")]
    assert store.sights("atlas-2") == {
        "docs": (Sight(tracker="eng", observed_at=T0, complete_at=T0, problem="the tracker is down"),),
        "qa": (Sight(tracker="eng", problem="the tracker is down"),),
    }
    state = store.tracker("eng")
    assert state is not None
    assert (state.account_id, state.error) == (US.id, "the tracker is down")
    assert store.watermarks("eng") == {("atlas-2", "docs"): taken().watermark}


def test_a_good_reading_clears_the_problem(store: Store) -> None:
    store.failed(failure("the tracker is down", "docs", refused=True))
    store.save(taken(part(1)))
    assert store.sights("atlas-2") == {"docs": (Sight(tracker="eng", observed_at=T0, complete_at=T0),)}
    state = store.tracker("eng")
    assert state is not None
    assert (state.error, state.account_id) == ("", US.id)


def test_an_account_that_a_person_accepted_is_ours_and_another_one_reads_from_the_start(store: Store) -> None:
    store.meet("eng", "jira", US)
    store.save(taken(part(1)))
    for account, watermarks in ((US, {("atlas-2", "docs"): taken().watermark}), (replace(US, id="77"), {})):
        store.meet("eng", "jira", account)
        state = store.tracker("eng")
        assert state is not None
        assert (state.account_id, state.complete_at) == (account.id, T0)
        assert store.watermarks("eng") == watermarks
    assert ids(store.items("atlas-2")) == {"docs": ["1"]}


def test_parts_that_the_configuration_dropped_are_forgotten(store: Store, url: str) -> None:
    store.save(taken(part(1, 2), part(2, 3, gate="qa")))
    store.keep_only({("atlas-2", "qa", "eng"): ""})
    assert ids(store.items("atlas-2")) == {"qa": ["2", "3"]}
    assert list(store.sights("atlas-2")) == ["qa"]
    assert [row[1] for row in rows(url)["item"]] == ["2", "3"]


def test_the_answer_to_another_question_is_forgotten(store: Store) -> None:
    store.save(taken(part(1, 2, asked="a"), part(2, 3, gate="qa", asked="b")))
    store.keep_only({("atlas-2", "docs", "eng"): "a", ("atlas-2", "qa", "eng"): "c"})
    assert ids(store.items("atlas-2")) == {"docs": ["1", "2"]}
    assert list(store.sights("atlas-2")) == ["docs"]


def test_where_the_same_items_are_read_in_another_way_what_is_missed_stays_and_nothing_was_seen(store: Store) -> None:
    store.save(taken(part(1, 2, asked="a x"), part(2, gate="qa", asked="b x")))
    store.save(taken(part(1, asked="a x"), part(2, gate="qa", asked="b x"), at=T0 + HOUR))
    store.keep_only({("atlas-2", "docs", "eng"): "a y", ("atlas-2", "qa", "eng"): "b x"})
    [docs], [qa] = (store.sights("atlas-2")[gate] for gate in ("docs", "qa"))
    assert docs == Sight(tracker="eng", vanished=(item(2),))
    assert qa.complete_at == T0 + HOUR
    assert store.watermarks("eng").keys() == {("atlas-2", "qa")}
    assert store.members("atlas-2", "docs", "eng") == {"1": None, "2": T0 + HOUR}
    assert "atlas-2" in store.touched()
    store.save(taken(part(1, asked="a y"), at=T0 + 2 * HOUR))
    store.keep_only({("atlas-2", "docs", "eng"): "a y", ("atlas-2", "qa", "eng"): "b x"})
    [docs] = store.sights("atlas-2")["docs"]
    assert (docs.complete_at, docs.vanished) == (T0 + 2 * HOUR, (item(2),))


def test_a_look_at_some_ids_decides_on_these_alone(store: Store) -> None:
    store.save(taken(part(1, 2, 3), part(2, gate="qa")))
    look: dict[str, Any] = {"complete": False, "among": frozenset("24"), "at": T0 + HOUR}
    store.save(taken(part(4, left=[2]), part(2, gate="qa"), items=[item(4), item(2)], **look))
    assert ids(store.items("atlas-2")) == {"docs": ["1", "3", "4"], "qa": ["2"]}
    [docs], [qa] = (store.sights("atlas-2")[gate] for gate in ("docs", "qa"))
    assert (docs.changed_at, qa.changed_at) == (T0 + HOUR, None)
    assert (docs.observed_at, docs.complete_at) == (T0 + HOUR, T0)


def test_a_look_that_saw_too_little_moves_no_watermark_and_clears_no_problem(store: Store) -> None:
    store.save(taken(part(1)))
    store.failed(failure("the tracker is down", "docs"))
    store.save(taken(part(1), items=[], complete=False, among=frozenset("1"), watermark=None, at=T0 + HOUR))
    [sight] = store.sights("atlas-2")["docs"]
    assert (sight.observed_at, sight.problem) == (T0, "the tracker is down")
    assert store.watermarks("eng") == {("atlas-2", "docs"): taken().watermark}


def test_a_gate_that_shares_an_item_holds_something_newer_than_its_own_reading(store: Store) -> None:
    store.save(taken(part(1), part(1, gate="qa"), part(1, release="beta")))
    store.save(taken(part(1), items=[item(1, "reopened")], at=T0 + HOUR))
    [docs], [qa] = (store.sights("atlas-2")[gate] for gate in ("docs", "qa"))
    assert (docs.changed_at, qa.changed_at) == (None, T0 + HOUR)
    assert set(store.touched()) == {"atlas-2", "beta"}


def test_a_release_is_judged_again_when_something_touched_it_meanwhile(store: Store) -> None:
    store.save(taken(part(1)))
    judged: dict[str, Any] = {"memory": "m", "readiness": readiness(), "wake_at": None}
    store.save(taken(part(1, 2), at=T0 + HOUR))
    store.keep_judgement("atlas-2", **judged, touches=1)
    assert store.touched() == {"atlas-2": 2}
    store.keep_judgement("atlas-2", **judged, touches=2)
    assert store.touched() == {}


def test_a_look_that_finds_nothing_new_touches_nothing(store: Store) -> None:
    store.save(taken(part(1, 2)))
    store.keep_judgement("atlas-2", memory="m", readiness=readiness(), wake_at=None, touches=1)
    store.save(taken(part(1), items=[item(1)], complete=False, among=frozenset("1"), at=T0 + HOUR))
    store.save(taken(part(1, 2), items=[], complete=False, watermark=None, at=T0 + 2 * HOUR))
    assert store.touched() == {}
    store.failed(failure("down", "docs"))
    store.keep_judgement("atlas-2", memory="m", readiness=readiness(), wake_at=None, touches=1)
    store.failed(failure("down", "docs"))
    assert store.touched() == {}


def test_what_was_told_beside_the_items_comes_back_and_its_title_stays_the_first(store: Store) -> None:
    launch = Fact(tracker="eng", kind="launch", name="REL-1", title="Atlas", read_at=T0)
    lead = Fact(tracker="eng", kind="lead", name="ENG", content=US, read_at=T0)
    store.keep_facts([launch, lead], ["atlas-2"])
    assert store.facts("launch") == {("eng", "launch", "REL-1"): launch}
    store.keep_facts([replace(launch, problem="gone", refused=True)], [])
    store.renew_facts("eng", T0 + HOUR)
    found = store.facts("launch", "lead")
    assert found["eng", "launch", "REL-1"] == replace(launch, problem="gone", refused=True)
    assert found["eng", "lead", "ENG"] == replace(lead, read_at=T0 + HOUR)
    assert store.touched() == {"atlas-2": 1}


def test_of_a_fact_that_changes_again_and_again_only_the_last_word_is_remembered(store: Store) -> None:
    """A talk or a ticket's history grows, and its older states would fill the memory."""

    def remembered() -> int:
        return sum(isinstance(it, Account) and it.id.startswith("lead-") for it in gc.get_objects())

    lead = Fact(tracker="eng", kind="lead", name="ENG", read_at=T0)
    for number in range(50):
        store.keep_facts([replace(lead, content=Account(tracker="eng", id=f"lead-{number}", name="Lee"))], [])
        told = store.facts("lead")["eng", "lead", "ENG"]
        assert told.content is store.facts("lead")["eng", "lead", "ENG"].content  # read once, for it did not change
    assert remembered() == 1


@pytest.mark.parametrize("kind", UNNOTICED)
def test_what_no_change_tells_is_as_old_as_it_was_read_however_often_nothing_changed(store: Store, kind: str) -> None:
    told = Fact(tracker="eng", kind=kind, name="a", read_at=T0)
    store.keep_facts([told], [])
    store.renew_facts("eng", T0 + HOUR)
    assert store.facts(kind) == {("eng", kind, "a"): told}


def test_ten_thousand_items_are_one_reading_like_any_other(store: Store) -> None:
    store.save(taken(part(*range(10_000))))
    store.save(taken(part(*range(1, 10_000), left=[0]), at=T0 + HOUR))
    assert len(store.items("atlas-2")["docs"]) == 9_999


numbers = st.frozensets(st.integers(1, 6))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(readings=st.lists(st.tuples(numbers, numbers, st.booleans()), max_size=6))
def test_members_are_those_of_the_last_reading_and_those_missed_since_then(
    store: Store, readings: list[tuple[frozenset[int], frozenset[int], bool]]
) -> None:
    store.keep_only({})
    expected: dict[int, int | None] = {}
    for hour, (members, left, failed) in enumerate(readings):
        problem = "down" if failed else ""
        store.save(taken(part(*members, left=left, problem=problem), at=T0 + hour * HOUR))
        if not failed:
            kept = {number: at if at is not None else hour for number, at in expected.items() if number not in left}
            expected = kept | dict.fromkeys(members)
    since = {str(number): None if hour is None else T0 + hour * HOUR for number, hour in expected.items()}
    assert store.members("atlas-2", "docs", "eng") == since
    here = sorted(number for number, at in since.items() if at is None)
    assert ids(store.items("atlas-2")) == ({"docs": here} if here else {})


def test_new_meanings_are_kept_only_once_everything_was_read_with_them(store: Store) -> None:
    def words() -> str:
        known = store.tracker("eng")
        return known.words if known else ""

    store.save(taken(part(1), part(2, gate="code"), words="old"))
    store.save(taken(part(1), words="new", at=T0 + HOUR))
    assert words() == "old"
    store.save(taken(part(1), part(2, gate="code"), words="new", at=T0 + 2 * HOUR))
    assert words() == "new"


def test_what_could_not_be_read_is_not_known_so_that_the_next_census_reads_it_again(store: Store) -> None:
    items = [item(1), replace(item(2), progress=None), replace(item(3), problem='"progress":null'), item(4)]
    store.save(taken(part(1, 2, 3, 4), items=[*items[:3], replace(items[3], title='"progress":null "problem":"x"')]))
    assert store.known_ids("eng", {"1", "2", "3", "4", "5"}) == {"1", "4"}
