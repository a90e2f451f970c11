"""What people say in comments takes effect, in whichever tracker the summary lives: real libraries, both sandboxes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from config.schema import Config
from tests.trial import Trial, trial

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RELEASE = """
  atlas-2:
    launch: eng/REL-1
    manager: maya
    timing: {{soak: 0s, freshness: 2h}}
    {summary}
    gates:
      engineering: {{owner: [dana, sam@acme.example], items: [{{tracker: eng, project: ENG}}]}}
      marketing:
        {{owner: sam@acme.example, items: [{{tracker: gtm, team: MKT}}], sign_off: false, after: [engineering]}}
"""
PLACES = {"cloud": "", "data center": "", "linear": "summary: {tracker: gtm, team: MKT}"}


@dataclass
class Launch:
    """A release whose tickets are done, and its summary issue wherever it lives."""

    trial: Trial
    config: Config
    where: str

    @property
    def world(self) -> Any:
        return self.trial.linear if self.where == "linear" else self.trial.jira

    @property
    def summary(self) -> str:
        return str(self.status["summary"]["key"])

    @property
    def status(self) -> dict[str, Any]:
        return self.trial.status(self.config)

    def says(self, who: str, *lines: str) -> str:
        self.trial.clock.pass_by(minutes=1)
        comment = str(self.world.say(self.summary, "\n".join(lines), by=who))
        self.passes()
        return comment

    def passes(self, count: int = 2) -> None:
        for _ in range(count):
            self.trial.clock.pass_by(minutes=1)
            self.trial.once(self.config)

    def state(self, gate: str) -> str:
        return self.trial.states(self.config)[gate]

    @property
    def asked(self) -> list[dict[str, Any]]:
        return [ask for ask in self.status["asks"] if ask["question"]]

    def answers(self) -> list[str]:
        """What syncd said on the summary issue of what was wrong."""
        with self.trial.outside(self.config) as outside:
            source = outside.open_source("gtm" if self.where == "linear" else "eng")
            me = source.identify().account.id
            said = [it for it in source.comments(self.summary).comments if it.by.id == me]
            source.close()
        return [text for it in said if "not taken" in (text := "\n".join(it.lines))]


@pytest.fixture(params=list(PLACES))
def launch(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Launch]:
    with trial(tmp_path, data_center=request.param == "data center") as it:
        it.jira.add("ENG", "Merge edits", status="Done")
        it.linear.add("MKT", "Launch post", state="Done")
        config = it.configure(RELEASE.format(summary=PLACES[request.param]))
        found = Launch(it, config, request.param)
        found.passes(3)
        yield found


def test_an_owner_signs_by_a_comment_and_takes_it_back_by_deleting_it(launch: Launch) -> None:
    assert launch.state("engineering") == "sign_off_due"
    comment = launch.says("Dana", "All merged.", "/ready")
    assert launch.state("engineering") == "ready"
    signed = next(gate["signed"] for gate in launch.status["gates"] if gate["id"] == "engineering")
    assert signed["by"] == "Dana"
    launch.world.remove_comment(launch.summary, comment)
    launch.passes(1)
    assert launch.state("engineering") == "sign_off_due"
    assert launch.answers() == []


def test_an_edit_takes_back_what_helps_and_says_anew_what_stands_there(launch: Launch) -> None:
    comment = launch.says("Dana", "/ready engineering")
    assert launch.state("engineering") == "ready"
    launch.trial.clock.pass_by(minutes=1)
    launch.world.edit_comment(launch.summary, comment, "Not yet, I was too quick.", by="Dana")
    launch.passes(1)
    assert launch.state("engineering") == "sign_off_due"
    launch.trial.clock.pass_by(minutes=1)
    launch.world.edit_comment(launch.summary, comment, "/ready engineering", by="Dana")
    launch.passes(2)
    assert launch.state("engineering") == "ready"


def test_a_hold_outlives_its_comment_until_it_is_lifted(launch: Launch) -> None:
    comment = launch.says("Maya", "/hold the press embargo moved")
    assert launch.status["verdict"] == "on_hold"
    launch.world.remove_comment(launch.summary, comment)
    launch.passes(1)
    assert launch.status["verdict"] == "on_hold"
    launch.says("Maya", "/unhold")
    assert launch.status["verdict"] != "on_hold"


def test_a_wrong_command_is_answered_once_with_the_reason_and_the_grammar(launch: Launch) -> None:
    launch.says("Dana", "/redy engineering")
    launch.passes(2)
    (answer,) = launch.answers()
    assert "/redy engineering" in answer
    assert "Did you mean /ready?" in answer
    assert "Write: /ready GATE" in answer
    assert launch.state("engineering") == "sign_off_due"


def test_who_does_not_own_a_gate_cannot_sign_it_and_is_told_who_can(launch: Launch) -> None:
    launch.says("Maya", "/ready engineering")
    (answer,) = launch.answers()
    assert "Dana" in answer
    assert launch.state("engineering") == "sign_off_due"


def test_a_waiver_takes_two_people_and_ends(launch: Launch) -> None:
    key = launch.trial.jira.add("ENG", "Flaky import")
    launch.says("Dana", "/ready")
    assert launch.state("engineering") != "ready"
    launch.says("Dana", f"/waive {key} until 2026-12-08 because it only hits empty files")
    (waiver,) = launch.status["waivers"]
    assert (waiver["label"], waiver["state"]) == ("W1", "pending")
    launch.says("Dana", "/approve W1")
    assert "second person" in launch.answers()[-1]
    launch.says("Maya", "/approve W1", "")
    launch.says("Dana", "/ready")
    assert launch.state("engineering") == "exception"
    launch.trial.clock.pass_by(days=8)
    launch.passes(1)
    assert launch.state("engineering") != "exception"
    assert [it["state"] for it in launch.status["waivers"]] == ["expired"]


def test_go_is_refused_while_not_launchable_and_recorded_with_the_advice_as_an_override(launch: Launch) -> None:
    launch.says("Maya", "/go")
    assert not launch.status["decision"]
    assert "override" in launch.answers()[-1]
    launch.says("Maya", "/go override the fair opens tomorrow")
    decision: Any = launch.status["decision"]
    assert decision["go"]
    assert decision["override"]
    assert any("Engineering" in words for words in decision["against"])
    assert decision["evidence"]
    launch.says("Maya", "/launched")
    assert launch.status["asks"] == []


def test_a_question_stays_until_the_person_who_was_asked_says_something(launch: Launch) -> None:
    launch.says("Maya", "/ask Sam is the rota staffed?")
    assert [it["who"] for it in launch.asked] == ["Sam"]
    launch.says("Dana", "I think so.")
    assert len(launch.asked) == 1
    launch.says("Sam", "Yes, both shifts.")
    assert launch.asked == []


def test_the_target_and_the_owner_are_moved_by_the_manager_alone(launch: Launch) -> None:
    launch.says("Dana", "/target 2026-12-22 because the fair moved")
    assert launch.status["target"] == "2026-12-15T23:59:59+00:00"
    launch.says("Maya", "/target 2026-12-22 because the fair moved", "/owner engineering Sam")
    assert launch.status["target"] == "2026-12-22T23:59:59+00:00"
    launch.says("Sam", "/ready engineering")
    assert launch.state("engineering") == "ready"


def test_a_thousand_commands_in_one_comment_are_heard_and_answered_once(launch: Launch) -> None:
    launch.says("Dana", *(f"/ready gate{number}" for number in range(999)), "/ready engineering")
    assert launch.state("engineering") == "ready"
    (answer,) = launch.answers()
    assert len(answer) < 10_000
