"""The live demo's story comes true by syncd's own rules, and docs/story.md tells it as it is."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mapping.readiness import State, Verdict
from syncd.commands.demo import STEP_S
from syncd.sandbox.story import BEGIN, STEPS
from tests.sandbox.played import PAGE, Scene, page, played

if TYPE_CHECKING:
    from pathlib import Path

EXPECTED: tuple[tuple[str, Verdict, dict[str, State]], ...] = (
    (  # readiness.md §2 and §3, by hand: what each step changes, as it stands when the next one begins
        "Mon 7 Dec, 09:00",
        Verdict.BLOCKED,
        {
            "engineering": State.ON_TRACK,
            "qa": State.BLOCKED,  # two blockers are open past its own due day
            "support": State.SIGN_OFF_DUE,  # all done, nobody signed
            "docs": State.ON_TRACK,
            "training": State.WAITING,  # for docs
            "product_marketing": State.ON_TRACK,  # met and signed, but read for the first time
            "marketing": State.AT_RISK,  # nobody touched MKT-2 for ten working days
            "sales": State.NOT_STARTED,  # no owner, and not yet expected to have one
        },
    ),
    ("Mon 7 Dec, 10:00", Verdict.BLOCKED, {"sales": State.ON_TRACK}),
    ("Mon 7 Dec, 14:00", Verdict.BLOCKED, {}),  # met, and settling for a day
    ("Mon 7 Dec, 16:30", Verdict.AT_RISK, {"qa": State.SIGN_OFF_DUE, "product_marketing": State.READY}),
    ("Tue 8 Dec, 10:00", Verdict.AT_RISK, {"training": State.ON_TRACK, "engineering": State.READY}),
    ("Tue 8 Dec, 15:00", Verdict.ON_TRACK, {"marketing": State.ON_TRACK, "docs": State.READY}),
    ("Wed 9 Dec, 16:00", Verdict.ON_TRACK, {"marketing": State.SIGN_OFF_DUE}),
    ("Thu 10 Dec, 08:00", Verdict.ON_TRACK, {}),
    ("Thu 10 Dec, 10:00", Verdict.AT_RISK, {"training": State.AT_RISK}),  # the baton is dropped
    ("Thu 10 Dec, 14:00", Verdict.ON_TRACK, {"training": State.ON_TRACK}),
    ("Fri 11 Dec, 10:00", Verdict.BLOCKED, {"engineering": State.BLOCKED}),  # added in the last week, not admitted
    ("Fri 11 Dec, 13:00", Verdict.ON_TRACK, {"engineering": State.ON_TRACK}),
    ("Fri 11 Dec, 17:00", Verdict.ON_TRACK, {"engineering": State.READY}),
    (
        "Sat 12 Dec, 11:00",
        Verdict.UNKNOWN,
        dict.fromkeys(("docs", "training", "product_marketing", "marketing", "sales"), State.UNKNOWN),
    ),
    (
        "Sun 13 Dec, 18:00",
        Verdict.ON_TRACK,
        {
            "docs": State.READY,
            "training": State.ON_TRACK,
            "product_marketing": State.READY,
            "marketing": State.SIGN_OFF_DUE,
            "sales": State.ON_TRACK,
        },
    ),
    ("Mon 14 Dec, 09:30", Verdict.ON_TRACK, {"engineering": State.ON_TRACK}),  # found: an ordinary blocker
    ("Mon 14 Dec, 11:00", Verdict.ON_TRACK, {}),  # a waiver that is only asked for counts for nothing
    ("Mon 14 Dec, 13:00", Verdict.ON_TRACK, {}),  # met by the waiver, and settling for four hours
    ("Mon 14 Dec, 15:00", Verdict.ON_HOLD, {"engineering": State.EXCEPTION}),
    ("Tue 15 Dec, 10:00", Verdict.ON_HOLD, {"training": State.SIGN_OFF_DUE, "sales": State.SIGN_OFF_DUE}),
    ("Tue 15 Dec, 12:00", Verdict.ON_TRACK, {}),
    ("Tue 15 Dec, 14:00", Verdict.ON_TRACK, dict.fromkeys(("qa", "support", "training"), State.READY)),
    ("Tue 15 Dec, 16:00", Verdict.READY_WITH_EXCEPTIONS, dict.fromkeys(("marketing", "sales"), State.READY)),
    ("Wed 16 Dec, 19:30", Verdict.BLOCKED, {"qa": State.BLOCKED}),
    ("Wed 16 Dec, 20:30", Verdict.BLOCKED, {}),
    ("Thu 17 Dec, 07:30", Verdict.ON_TRACK, {"qa": State.SIGN_OFF_DUE}),  # what was signed has changed since
    ("Thu 17 Dec, 08:30", Verdict.READY_WITH_EXCEPTIONS, {"qa": State.READY}),
    ("Thu 17 Dec, 10:00", Verdict.READY_WITH_EXCEPTIONS, {}),
    ("Thu 17 Dec, 12:00", Verdict.READY_WITH_EXCEPTIONS, {}),
)


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> list[Scene]:
    folder: Path = tmp_path_factory.mktemp("story")
    return played(folder)


def _at(scenes: list[Scene], when: str) -> Scene:
    return next(it for it in scenes if it.step.when == when)


def test_the_story_of_the_ten_days_is_what_the_rules_make_of_it(scenes: list[Scene]) -> None:
    _each_verdict_and_gate_is_the_expected_one(scenes)
    _the_summary_issue_says_so_at_each_step(scenes)
    _a_go_is_refused_and_answered_and_another_is_taken(scenes)
    _scope_and_waiver_and_hand_off_are_told(scenes)
    assert page(scenes) == PAGE.read_text("utf-8"), "make story"


def _each_verdict_and_gate_is_the_expected_one(scenes: list[Scene]) -> None:
    states: dict[str, State] = {}
    assert [it.step.when for it in scenes] == [when for when, *_ in EXPECTED]
    for scene, (when, verdict, changed) in zip(scenes, EXPECTED, strict=True):
        states |= changed
        found = {gate.id: gate.state for gate in scene.readiness.gates}
        assert (when, scene.readiness.verdict, found) == (when, verdict, states)


def _the_summary_issue_says_so_at_each_step(scenes: list[Scene]) -> None:
    """In Jira, in its title; it blocks the launch until the go."""
    for scene in scenes:
        assert scene.title == scene.report.title, scene.step.when
        assert scene.status == ("Ready to launch" if scene.readiness.decisions else "Blocked"), scene.step.when


def _a_go_is_refused_and_answered_and_another_is_taken(scenes: list[Scene]) -> None:
    refusals = {it.step.when: [said for said in it.comments if "this was not taken" in said] for it in scenes}
    assert [when for when, said in refusals.items() if said] == ["Wed 16 Dec, 20:30"]
    (refusal,) = refusals["Wed 16 Dec, 20:30"]
    assert "“/go”: Atlas 2.0 cannot be launched now (BLOCKED: Quality Assurance: QA-3 was reopened" in refusal
    assert [it.step.when for it in scenes if it.readiness.decisions] == ["Thu 17 Dec, 10:00", "Thu 17 Dec, 12:00"]
    (decision,) = _at(scenes, "Thu 17 Dec, 10:00").readiness.decisions
    assert (decision.go, decision.by, decision.override) == (True, "Maya Ortiz", False)
    assert [it.step.when for it in scenes if it.readiness.closed] == ["Thu 17 Dec, 12:00"]


def _scope_and_waiver_and_hand_off_are_told(scenes: list[Scene]) -> None:
    asked = {it.step.when: [f"{ask.who}: {ask.what}" for ask in it.readiness.asks] for it in scenes}
    assert any(it.startswith("Maya Ortiz: ") and "ENG-11" in it for it in asked["Fri 11 Dec, 10:00"])
    assert any(it.startswith("Maya Ortiz: approve or deny the waiver W1") for it in asked["Mon 14 Dec, 11:00"])
    assert any(it.startswith("Tess Moreau: take over from") for it in asked["Thu 10 Dec, 10:00"])
    assert any(it.startswith("Sam Okafor: make Linear (gtm) readable again") for it in asked["Sat 12 Dec, 11:00"])
    last = _at(scenes, "Thu 17 Dec, 12:00").readiness
    assert [(it.label, it.approved_by) for it in last.waivers] == [("W1", "Maya Ortiz")]


def test_ten_days_pass_in_two_minutes_and_each_step_has_time_for_its_consequence() -> None:
    assert timedelta(seconds=len(STEPS) * STEP_S) <= timedelta(minutes=2)
    times = [step.time for step in STEPS]
    assert times[0] == BEGIN
    assert times[-1] - times[0] > timedelta(days=10)
    assert min(later - earlier for earlier, later in itertools.pairwise(times)) >= timedelta(hours=1)
