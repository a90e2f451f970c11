"""What moved between two pieces of evidence, a sentence for each thing, whichever two they are."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import product
from typing import TYPE_CHECKING

import pytest

from syncd.moved import moved
from tests.golden.situations import SITUATIONS, exhibit_of

if TYPE_CHECKING:
    from mapping.exhibit import Exhibit


@cache
def of(situation: str) -> Exhibit:
    return exhibit_of(SITUATIONS[situation]())


@pytest.mark.parametrize(
    ("before", "after", "heading", "sentence"),
    [
        ("ready", "cannot_tell", "Sources", "eng cannot be read: 403: the project is not visible any more"),
        ("cannot_tell", "ready", "Sources", "eng can be read again"),
        ("ready", "cannot_tell", "Items", "Engineering: ENG-1 left; it was Done"),
        ("settling", "waived", "Waivers", "W1 of ENG-7: approved, until Tue 15 Dec, 12:00 UTC"),
        ("settling", "waived", "Waivers", "W2 of ENG-8: denied, until Tue 15 Dec, 12:00 UTC"),
        ("ready", "decided", "Target and freeze", "target: Tue 15 Dec → Thu 17 Dec, 12:00 UTC"),
        ("ready", "after_the_freeze", "Target and freeze", "the scope was frozen Tue 8 Dec, 11:00 UTC"),
        ("ready", "closed", "Target and freeze", "it is over since Tue 8 Dec, 12:00 UTC: launched"),
        ("blocked", "ready", "Signatures", "Engineering: signed by Dana, Tue 8 Dec, 11:30 UTC"),
        ("ready", "handed_over", "Gates", "Docs is a gate now: WAITING FOR Engineering: Engineering is not ready yet"),
        ("not_needed", "ready", "Gates", "Docs is no gate any more; it was NOT NEEDED"),
        ("ready", "not_started", "Judged by", "what is configured, or told by trackers, is another: gates, target"),
    ],
)
def test_each_thing_that_moved_has_its_sentence(before: str, after: str, heading: str, sentence: str) -> None:
    assert [line for line in moved(of(before), of(after))[heading] if line.startswith(sentence)] != []


def test_between_a_thing_and_itself_nothing_moved() -> None:
    assert [name for name in SITUATIONS if moved(of(name), of(name))] == []


def test_any_two_can_be_compared_and_no_section_is_empty() -> None:
    for before, after in product(SITUATIONS, repeat=2):
        assert all(lines and all(lines) for lines in moved(of(before), of(after)).values())


def test_the_order_in_which_things_were_read_changes_no_sentence() -> None:
    for before, after in product(SITUATIONS, repeat=2):
        assert moved(_turned(of(before)), _turned(of(after))) == moved(of(before), of(after))


def _turned(it: Exhibit) -> Exhibit:
    """The same, everything in it from back to front."""
    items = {gate: found[::-1] for gate, found in sorted(it.given.items.items(), reverse=True)}
    return replace(it, given=replace(it.given, items=items, records=it.given.records[::-1]))


def test_another_file_and_another_version_are_said() -> None:
    other = replace(of("ready"), configuration_hash="other", version="0.2.0")
    assert moved(of("ready"), other) == {"Judged by": ["syncd 0.1.0 → 0.2.0", "the configuration was changed"]}
