"""The summary issue: what we know of the one that is ours, and who may write it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from connectors.base import Ref
from syncd.store.model import Accepted, Mark, SummaryState
from tests.store.readings import HOUR, T0

if TYPE_CHECKING:
    from syncd.store.store import Store

MARK = Mark(release="atlas-2", tracker="eng", text="syncd-atlas-2-7f3a")
REF = Ref(id="10040", key="REL-40", url="https://eng.example/browse/REL-40")
WRITTEN = Accepted(
    digest="d1", at=T0, valid_until=T0 + HOUR, verdict="blocked", remarks=("label refused", "Ünïcode"), text="BLOCKED\n"
)
MINUTE = timedelta(minutes=1)


def test_an_intent_stands_before_there_is_an_issue(store: Store) -> None:
    assert store.summary("atlas-2") is None
    store.intend(MARK, T0)
    assert store.summary("atlas-2") == SummaryState(mark=MARK, intent_at=T0, ref=None, accepted=None)


def test_a_created_issue_settles_the_intent_and_keeps_what_it_accepted(store: Store) -> None:
    store.intend(MARK, T0)
    store.created(MARK, REF)
    store.accepted("atlas-2", WRITTEN)
    moved = replace(REF, key="NEW-1", url="https://eng.example/browse/NEW-1")
    store.created(MARK, moved)
    assert store.summary("atlas-2") == SummaryState(mark=MARK, intent_at=None, ref=moved, accepted=WRITTEN)


def test_a_configured_issue_needs_no_intent(store: Store) -> None:
    store.created(MARK, REF)
    assert store.summary("atlas-2") == SummaryState(mark=MARK, intent_at=None, ref=REF, accepted=None)


def test_another_issue_has_accepted_nothing_yet(store: Store) -> None:
    store.created(MARK, REF)
    store.accepted("atlas-2", WRITTEN)
    other = replace(REF, id="10041", key="REL-41")
    store.created(MARK, other)
    assert store.summary("atlas-2") == SummaryState(mark=MARK, intent_at=None, ref=other, accepted=None)


def test_a_new_intent_forgets_the_issue_before(store: Store) -> None:
    store.created(MARK, REF)
    store.accepted("atlas-2", WRITTEN)
    again = replace(MARK, generation=1)
    store.intend(again, T0 + HOUR)
    assert store.summary("atlas-2") == SummaryState(mark=again, intent_at=T0 + HOUR, ref=None, accepted=None)


def test_an_intent_whose_create_was_refused_is_forgotten(store: Store) -> None:
    store.intend(MARK, T0)
    store.forget_intent("atlas-2")
    assert store.summary("atlas-2") == SummaryState(mark=MARK, intent_at=None, ref=None, accepted=None)


def test_a_complaint_stands_until_something_is_accepted(store: Store) -> None:
    store.created(MARK, REF)
    store.complained("atlas-2", "the heading is missing")
    kept = store.summary("atlas-2")
    assert kept is not None
    assert kept.complaint == "the heading is missing"
    store.accepted("atlas-2", WRITTEN)
    assert store.summary("atlas-2") == SummaryState(mark=MARK, intent_at=None, ref=REF, accepted=WRITTEN)


def test_releases_do_not_touch_one_another(store: Store) -> None:
    store.created(MARK, REF)
    store.accepted("atlas-2", WRITTEN)
    store.intend(replace(MARK, release="atlas-3"), T0)
    kept = store.summary("atlas-2")
    assert kept is not None
    assert kept.accepted == WRITTEN


def test_only_one_may_write_at_a_time(store: Store) -> None:
    fence = store.claim("atlas-2", "cron", now=T0, until=T0 + MINUTE)
    assert fence is not None
    assert store.claim("atlas-2", "daemon", now=T0, until=T0 + MINUTE) is None
    assert store.claim("atlas-3", "daemon", now=T0, until=T0 + MINUTE) is not None
    assert store.holder("atlas-2", T0) == ("cron", fence)


def test_a_claim_that_is_renewed_in_time_keeps_its_fence(store: Store) -> None:
    first = store.claim("atlas-2", "cron", now=T0, until=T0 + MINUTE)
    assert store.claim("atlas-2", "cron", now=T0, until=T0 + 2 * MINUTE) == first
    assert first is not None
    assert store.holder("atlas-2", T0 + MINUTE) == ("cron", first)


def test_a_claim_that_ran_out_may_be_taken_and_its_old_holder_may_not_write(store: Store) -> None:
    old = store.claim("atlas-2", "cron", now=T0, until=T0 + MINUTE)
    assert old is not None
    assert store.holder("atlas-2", T0 + MINUTE) is None
    new = store.claim("atlas-2", "daemon", now=T0 + MINUTE, until=T0 + HOUR)
    assert new is not None
    assert new > old
    assert not store.renew("atlas-2", old, T0 + HOUR)
    store.unclaim("atlas-2", old, T0)
    assert store.holder("atlas-2", T0 + 2 * MINUTE) == ("daemon", new)


def test_a_claim_given_back_is_free_at_once_and_its_fence_still_grows(store: Store) -> None:
    first = store.claim("atlas-2", "cron", now=T0, until=T0 + HOUR)
    assert first is not None
    store.unclaim("atlas-2", first, T0 + MINUTE)
    second = store.claim("atlas-2", "cron", now=T0 + MINUTE, until=T0 + HOUR)
    assert second is not None
    assert second > first


def test_f20_of_many_who_ask_at_once_one_gets_the_claim(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(store.claim, "atlas-2", f"p{number}", now=T0, until=T0 + HOUR) for number in range(8)]
        got = [it.result() for it in asked]
    assert sorted(got, key=str) == [1, *[None] * 7]
