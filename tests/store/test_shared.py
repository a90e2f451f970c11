"""The same item in several releases, as the store tells it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.store.readings import part, taken

if TYPE_CHECKING:
    from syncd.store.store import Store


def test_an_item_of_two_releases_names_the_other_one_and_no_item_of_one_release_is_told(store: Store) -> None:
    store.save(taken(part(1, 2), replace(part(2, 3), release="atlas-3"), replace(part(2), release="borealis")))
    assert store.shared("atlas-2", {}) == {("eng", "2"): {"atlas-3", "borealis"}}
    assert store.shared("atlas-3", {}) == {("eng", "2"): {"atlas-2", "borealis"}}


def test_an_item_of_several_gates_of_one_release_is_not_shared(store: Store) -> None:
    store.save(taken(part(1), part(1, gate="qa")))
    assert store.shared("atlas-2", {}) == {}


def test_what_left_a_release_is_found_where_it_is_now_if_it_is_asked_for(store: Store) -> None:
    store.save(taken(part(1), replace(part(7, 8), release="atlas-3")))
    assert store.shared("atlas-2", {"eng": ["7", "9"], "gtm": ["8"]}) == {("eng", "7"): {"atlas-3"}}


def test_an_item_that_another_release_misses_is_not_there(store: Store) -> None:
    store.save(taken(part(1), replace(part(1, 2), release="atlas-3")))
    store.save(taken(part(1), replace(part(2), release="atlas-3")))
    assert store.shared("atlas-2", {}) == {}
