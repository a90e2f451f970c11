"""What was judged once is judged the same by today's code: each golden file replays to the very same bytes.

A failure means that a rule, or the words of one, is another than when the file was written; the message tells what
people would see otherwise. Where that was not wanted, mend the rule. Where it was, run ``make golden``, look at what
became of each file, and commit them with the rule: their difference is the change as people will meet it.

Evidence in stores is not touched by that. It names the version of syncd that wrote it, which replays it to the same
bytes for ever; a later one whose rules are others reads it, shows what it holds, and says in ``syncd explain --at``
that its own rules come to something else, and to what, instead of claiming that they agree.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from mapping.readiness import State
from mapping.record import Record
from syncd.moved import moved
from syncd.replay import exhibit_from, replay
from tests.golden.build import FOLDER, build
from tests.golden.situations import SITUATIONS

if TYPE_CHECKING:
    from pathlib import Path

GOLDEN = sorted(FOLDER.glob("*.json"))


def text_in(path: Path) -> str:
    """The text that was laid out for people."""
    return json.dumps(json.loads(path.read_text("ascii")), sort_keys=True, separators=(",", ":"))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_what_was_judged_once_is_judged_the_same_today(path: Path) -> None:
    text = text_in(path)
    again = replay(text)
    differs = moved(exhibit_from(text), exhibit_from(again))
    assert again == text, f"{path.name}: {differs or 'what is remembered differs'}"


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_what_was_written_once_reads_as_it_was(path: Path) -> None:
    told = json.loads(text_in(path))
    it = exhibit_from(text_in(path))
    assert it.readiness.shown == told["readiness"]["shown"]
    assert len(it.given.records) == len(told["records"])
    assert {gate: len(found) for gate, found in it.given.items.items()} == {
        gate: len(found) for gate, found in told["items"].items()
    }


def test_they_meet_every_state_and_every_kind_of_record() -> None:
    read = [exhibit_from(text_in(path)) for path in GOLDEN]
    assert {gate.state for it in read for gate in it.readiness.gates} == set(State)
    assert {type(record) for it in read for record in it.given.records} == set(Record.__args__)
    assert len(read) >= 12


def test_there_is_one_for_each_situation() -> None:
    assert [path.stem for path in GOLDEN] == sorted(SITUATIONS)


def test_they_are_built_as_they_stand(tmp_path: Path) -> None:
    build(tmp_path)
    built = {path.name: path.read_text("ascii") for path in tmp_path.iterdir()}
    assert built == {path.name: path.read_text("ascii") for path in GOLDEN}


def test_a_rule_that_is_changed_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    text = text_in(FOLDER / "at_risk.json")
    monkeypatch.setattr("mapping.state._UNTOUCHED_DAYS", 99)
    again = replay(text)
    assert again != text
    assert moved(exhibit_from(text), exhibit_from(again))["Gates"] == [
        "Engineering: AT RISK → ON TRACK: 1 of 1 open: ENG-7"
    ]
