"""When the summary issue is visited for what we want to say: bursts are written together, leases in good time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Held, Ref
from mapping.layout import Edition
from syncd.draft import Draft
from syncd.store.model import Accepted, Mark, SummaryState
from syncd.write import due, due_at
from tests.worlds import NOW, ready_world

INTERVAL = timedelta(seconds=30)
LEASE = timedelta(hours=12)
REF = Ref(id="1", key="REL-2", url="")
READINESS = ready_world().judge()


def draft(digest: str = "a", until: datetime = NOW + LEASE) -> Draft:
    edition = Edition(zone=UTC, version="1", digest=digest, since_day=NOW)
    return Draft(readiness=replace(READINESS, valid_until=until), edition=edition)


def accepted(digest: str = "a", at: datetime = NOW, until: datetime = NOW + LEASE) -> SummaryState:
    what = Accepted(digest=digest, at=at, valid_until=until, verdict="ready")
    mark = Mark(release="atlas-2", tracker="eng", text="syncd-atlas-2")
    return SummaryState(mark=mark, intent_at=None, ref=REF, accepted=what)


def held(digest: str = "a") -> Held:
    return Held(ref=REF, digest=digest, notes=[], status="To Do")


def test_what_was_never_written_is_written_now() -> None:
    assert due_at(None, draft(), NOW, INTERVAL) == NOW
    assert due_at(replace(accepted(), accepted=None), draft(), NOW, INTERVAL) == NOW


def test_what_changes_soon_after_a_write_is_written_together_when_the_interval_is_over() -> None:
    for seconds, wanted in ((1, 30), (29, 30), (30, 30), (95, 95)):
        now = NOW + timedelta(seconds=seconds)
        assert due_at(accepted(), draft("b"), now, INTERVAL) == NOW + timedelta(seconds=wanted)


def test_a_lease_is_renewed_when_half_of_it_is_gone_and_a_longer_one_can_be_offered() -> None:
    half, longer = NOW + LEASE / 2, draft(until=NOW + 2 * LEASE)
    assert due_at(accepted(), longer, NOW, INTERVAL) == half
    assert due_at(accepted(), longer, half, INTERVAL) == half
    assert due_at(accepted(), draft(), half, INTERVAL) is None


def test_a_shorter_lease_is_said_as_soon_as_may_be() -> None:
    now = NOW + timedelta(hours=1)
    assert due_at(accepted(), draft(until=NOW + LEASE / 2), now, INTERVAL) == now


def test_a_lease_shorter_than_the_interval_is_renewed_no_more_often_than_that() -> None:
    known = accepted(until=NOW + timedelta(seconds=20))
    assert due_at(known, draft(), NOW + timedelta(seconds=12), INTERVAL) == NOW + INTERVAL


def test_a_clock_that_was_set_back_holds_up_no_write() -> None:
    assert due_at(accepted(at=NOW + timedelta(days=30)), draft("b"), NOW, INTERVAL) == NOW


def test_a_clock_that_was_set_back_asks_for_no_visit_at_which_there_is_nothing_to_write() -> None:
    at, until = NOW + timedelta(minutes=5), NOW + LEASE
    known = accepted(at=at, until=until)
    assert due_at(known, draft(until=until), NOW, INTERVAL) == at + (until - at) / 2
    assert due_at(known, draft(until=until - timedelta(minutes=1)), NOW, INTERVAL) == NOW


moments = st.integers(-90, 24 * 3600).map(lambda seconds: NOW + timedelta(seconds=seconds))


@given(later=moments, until=moments, offered=moments, digest=st.sampled_from("ab"))
def test_a_visit_that_is_due_writes_and_one_that_is_not_would_not(
    later: datetime, until: datetime, offered: datetime, digest: str
) -> None:
    """``due_at`` must never ask for a visit, over and over, at which there is nothing to write; nor miss one."""
    state, wanted, now = accepted(until=until), draft(digest, offered), max(later, NOW + INTERVAL)
    at = due_at(state, wanted, now, INTERVAL)
    assert (at is None or at > now) == (due(state, held(), wanted, now) == "unchanged")
