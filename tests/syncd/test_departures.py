"""What became of items that a selector no longer shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from mapping.item import Item, Progress
from syncd.departures import SECOND_LOOK, Departures, departures

if TYPE_CHECKING:
    from collections.abc import Collection

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def _item(id_: str, progress: Progress = Progress.TODO) -> Item:
    return Item(tracker="eng", id=id_, key=f"ENG-{id_}", url="", title="", status="", status_id="", progress=progress)


def _before(n: int, progress: Progress, missed_at: datetime | None = None) -> dict[str, tuple[Item, datetime | None]]:
    return {str(i): (_item(str(i), progress), missed_at) for i in range(n)}


def _sorted(
    before: dict[str, tuple[Item, datetime | None]],
    members: Collection[str],
    found: Collection[str],
    deleted: Collection[str] = (),
) -> Departures:
    absent = {id_: it for id_, it in before.items() if id_ not in members}
    return departures(absent, len(before), found, deleted, NOW)


def test_f8_an_unfinished_item_that_a_webhook_calls_deleted_leaves_unless_it_can_be_read() -> None:
    before = _before(6, Progress.TODO)
    assert _sorted(before, ["5"], ["0"], deleted="01234").left == set("01234")
    assert _sorted(before, ["2", "3", "4", "5"], [], deleted=["1"]).missed == {"0"}


def test_an_item_that_can_be_read_and_no_longer_matches_has_left() -> None:
    result = _sorted(_before(2, Progress.TODO), ["0"], ["1"])
    assert result.left == {"1"}
    assert not result.missed


def test_f8_an_unfinished_item_that_cannot_be_found_stays_missed_however_long() -> None:
    before = _before(1, Progress.DOING, NOW - timedelta(days=300))
    assert _sorted(before, [], []).missed == {"0"}


def test_f8_a_finished_item_that_cannot_be_found_counts_until_the_second_look() -> None:
    assert _sorted(_before(1, Progress.DONE), [], []).missed == {"0"}
    assert _sorted(_before(1, Progress.DONE, NOW - SECOND_LOOK + timedelta(seconds=1)), [], []).missed == {"0"}
    assert _sorted(_before(1, Progress.DONE, NOW - SECOND_LOOK), [], []).left == {"0"}


def test_f9_nothing_leaves_when_many_finished_items_vanish_at_once() -> None:
    before = _before(10, Progress.DONE, NOW - timedelta(hours=1))
    seven_left = [str(i) for i in range(7)]
    assert _sorted(before, seven_left, []).missed == {"7", "8", "9"}
    eight_left = [str(i) for i in range(8)]
    assert _sorted(before, eight_left, []).left == {"8", "9"}


@given(
    st.dictionaries(
        st.text("abcdef", min_size=1, max_size=2),
        st.tuples(st.sampled_from(Progress), st.none() | st.just(NOW - SECOND_LOOK)),
    ),
    st.sets(st.text("abcdef", min_size=1, max_size=2)),
    st.sets(st.text("abcdef", min_size=1, max_size=2)),
)
def test_every_absent_item_either_left_or_is_missed_and_no_unfinished_one_leaves_unread(
    shapes: dict[str, tuple[Progress, datetime | None]], members: set[str], found: set[str]
) -> None:
    before = {id_: (_item(id_, progress), missed) for id_, (progress, missed) in shapes.items()}
    result = _sorted(before, members, found)
    assert result.left | result.missed == before.keys() - members
    assert not result.left & result.missed
    for id_ in result.left - found:
        assert before[id_][0].finished
