"""The status document: what scripts are told of what people said and what moved, and what may still be believed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mapping.readiness import Readiness, State, Verdict
from syncd.commands.status import head
from syncd.status import document, leased
from syncd.told import Told
from tests.report import situations
from tests.report.situations import EXTREME, SITUATIONS
from tests.report.situations_extreme import SECRET
from tests.report.situations_said import REOPENED
from tests.report.world import EDITION, NOW

CLOSED = (situations.launched, situations.cancelled)
LATER = NOW + timedelta(days=30)


def told(readiness: Readiness, **fields: Any) -> dict[str, Any]:
    return document(readiness, "", None, NOW, **fields)


@pytest.mark.parametrize("build", [build for name, build in SITUATIONS.items() if name not in EXTREME])
def test_every_situation_is_plain_json(build: Any) -> None:
    assert json.loads(json.dumps(told(build()))) == told(build())


def test_a_decision_is_told_whole_and_stays_one_when_nothing_else_can_be_believed() -> None:
    decision = told(situations.setback_after_go())["decision"]
    assert decision == {
        "go": True,
        "override": False,
        "by": "Maya Ortiz",
        "at": "2026-12-08T13:02:00+00:00",
        "reason": "all of it is done and signed",
        "evidence": EDITION.evidence,
        "against": [],
        "since": [f"Engineering was READY and is BLOCKED: {REOPENED}."],
    }
    assert told(situations.go())["verdict"] == "unknown"
    assert told(situations.go())["decision"]["go"] is True
    assert told(situations.blocked())["decision"] is None
    assert len(told(situations.override())["decision"]["against"]) == 2


def test_waivers_are_told_with_what_became_of_them() -> None:
    waivers = told(situations.everything())["waivers"]
    assert [it["state"] for it in waivers] == [
        *("approved", "pending", "denied", "expired", "revoked", "superseded", "fulfilled"),
    ]
    assert waivers[0]["ends_soon"]
    assert waivers[2]["denial"] == "customers need the price list on the first day"


def test_an_open_question_is_an_ask_and_an_answered_one_is_none() -> None:
    asks = told(situations.open_question())["asks"]
    assert [ask["question"] for ask in asks] == [None, None, None, "Q1"]
    assert asks[-1]["who"] == "Kim Park"
    assert {frozenset(ask) for ask in asks} == {frozenset(asks[0])}


def test_the_scope_names_each_change_and_what_is_in_no_gate_or_in_two_releases() -> None:
    scope = told(situations.scope_added_late())["scope"]
    assert scope["frozen_at"] == "2026-12-03T05:00:00+00:00"
    assert scope["late"] is True
    assert [it["kind"] for it in scope["changes"] if it["admitted"]] == ["added"]
    assert scope["strays"] == [{"tracker": "eng", "key": "ENG-77"}, {"tracker": "gtm", "key": "MKT-4"}]
    assert scope["shared"] == {"DOC-3": ["Atlas 2.1"]}
    assert told(situations.ready_by_shrinking())["scope"]["shrunk"] == {"documentation": 3}


def test_hand_offs_and_targets_are_told() -> None:
    (baton,) = told(situations.hand_off_dropped())["handoffs"]
    assert (baton["upstream"], baton["downstream"], baton["leg"], baton["dropped"]) == (
        *("documentation", "training", "offered"),
        True,
    )
    assert [it["reason"] is None for it in told(situations.target_moved())["targets"]] == [True, False, True]


@pytest.mark.parametrize("build", [situations.confidential, situations.everything])
def test_what_is_nobodys_business_is_null(build: Any) -> None:
    written = json.dumps(told(build()))
    assert SECRET not in written
    assert "Initech" not in written


@pytest.mark.parametrize("build", [build for name, build in SITUATIONS.items() if name not in EXTREME])
def test_past_its_end_nothing_is_ready_and_nothing_launchable_whoever_decided_what(build: Any) -> None:
    it = leased(build(), "", None, LATER)
    assert not it.launchable
    if build not in CLOSED:
        assert it.verdict is Verdict.UNKNOWN
        assert not [gate for gate in it.gates if gate.state in (State.READY, State.EXCEPTION)]


@pytest.mark.parametrize("build", CLOSED)
def test_a_release_that_is_over_keeps_its_last_words_and_asks_nobody(build: Any) -> None:
    it = document(build(), "", None, LATER, outdated=True)
    assert it["shown"] == build().shown
    assert it["launchable"] is False
    assert it["asks"] == []
    assert it["closed"]["launched"] is (build is situations.launched)
    assert told(replace(build(), closed=None))["closed"] is None


def test_the_command_says_what_was_decided_and_how_it_ended() -> None:
    def lines(readiness: Readiness) -> list[str]:
        return [*head(Told(readiness=readiness, document=told(readiness)), EDITION.zone, NOW)]

    assert lines(situations.launched()) == [
        "Atlas 2.0: LAUNCHED by Maya Ortiz, Tue 8 Dec, 09:02 EST. The last verdict was READY. "
        + situations.all_ready().reason,
        "  decided: GO by Maya Ortiz, Tue 8 Dec, 08:02 EST",
        "  computed Tue 8 Dec, 10:02 EST, not confirmed any more",
    ]
    assert lines(situations.override())[1] == "  decided: GO BY OVERRIDE by Maya Ortiz, Tue 8 Dec, 08:02 EST"
    assert len(lines(situations.blocked())) == 2


def test_the_newest_evidence_is_named() -> None:
    assert told(situations.go(), evidence="7f3a")["evidence"] == "7f3a"
    assert told(situations.go())["evidence"] is None
