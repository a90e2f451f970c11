"""What became of items that a selector no longer shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mapping.item import Item, Progress
from syncd.departures import SECOND_LOOK, departures

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def _item(id_: str, progress: Progress = Progress.TODO) -> Item:
    return Item(tracker="eng", id=id_, key=f"ENG-{id_}", url="", title="", status="", status_id="", progress=progress)


def _before(n: int, progress: Progress, missed_at: datetime | None = None) -> dict[str, tuple[Item, datetime | None]]:
    return {str(i): (_item(str(i), progress), missed_at) for i in range(n)}


def test_an_item_that_can_be_read_and_no_longer_matches_has_left() -> None:
    result = departures(_before(2, Progress.TODO), ["0"], ["1"], NOW)
    assert result.left == {"1"}
    assert not result.missed


def test_f8_an_unfinished_item_that_cannot_be_found_stays_missed_however_long() -> None:
    before = _before(1, Progress.DOING, NOW - timedelta(days=300))
    assert departures(before, [], [], NOW).missed == {"0"}


def test_f8_a_finished_item_that_cannot_be_found_counts_until_the_second_look() -> None:
    assert departures(_before(1, Progress.DONE), [], [], NOW).missed == {"0"}
    assert departures(_before(1, Progress.DONE, NOW - SECOND_LOOK + timedelta(seconds=1)), [], [], NOW).missed == {"0"}
    assert departures(_before(1, Progress.DONE, NOW - SECOND_LOOK), [], [], NOW).left == {"0"}


def test_f9_nothing_leaves_when_many_finished_items_vanish_at_once() -> None:
    before = _before(10, Progress.DONE, NOW - timedelta(hours=1))
    seven_left = [str(i) for i in range(7)]
    assert departures(before, seven_left, [], NOW).missed == {"7", "8", "9"}
    eight_left = [str(i) for i in range(8)]
    assert departures(before, eight_left, [], NOW).left == {"8", "9"}


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
    result = departures(before, members, found, NOW)
    assert result.left | result.missed == before.keys() - members
    assert not result.left & result.missed
    for id_ in result.left - found:
        assert before[id_][0].finished
