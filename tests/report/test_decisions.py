"""What people said, as the report tells it: the decision, waivers, questions, the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mapping.document import Bullets, Expand, Panel, Tone
from mapping.readiness import Ask, Kind, Readiness, ScopeChange, State, Verdict, WaiverState
from mapping.record import Closing
from mapping.report import report
from tests.report import situations
from tests.report.situations_said import DENIED, GO, IN_FORCE, NO_GO, OVER, OVERRIDE, PENDING, QUESTION, waiver
from tests.report.test_report import section, words
from tests.report.world import EDITION, NOW, release


def decision_panel(readiness: Readiness) -> Panel:
    """The second panel: the first is the verdict's."""
    return [block for block in report(readiness, EDITION).blocks if isinstance(block, Panel)][1]


def bullets(readiness: Readiness) -> list[str]:
    """The lines of all lists, a string each."""
    found = [line for block in report(readiness, EDITION).blocks if isinstance(block, Bullets) for line in block.lines]
    return ["".join(span.name if hasattr(span, "name") else span.text for span in line) for line in found]


def how_to_answer(readiness: Readiness) -> str:
    return "".join(str(block) for block in report(readiness, EDITION).blocks if isinstance(block, Expand))


def test_a_decision_says_who_when_why_and_on_what() -> None:
    told = str(decision_panel(situations.go()))
    for part in ("Lozenge(text='GO'", "Maya Ortiz", "Tue 8 Dec, 08:02 EST", "all of it is done", "7f3a9c1e)"):
        assert part in told
    assert decision_panel(situations.go()).tone is Tone.GOOD


def test_what_is_ready_waits_for_the_managers_word() -> None:
    assert "Maya Ortiz decides: GO or NO-GO." in words(report(situations.all_ready(), EDITION))
    for build in (situations.go, situations.blocked, situations.launched):
        assert "decides: GO" not in words(report(build(), EDITION))


@pytest.mark.parametrize(
    ("readiness", "words"),
    [
        (situations.go(), "READY, GO · Thu"),
        (replace(situations.all_ready(), decisions=(NO_GO,)), "READY, NO-GO · Thu"),
        (situations.no_go(), "BLOCKED, NO-GO, 2 to act · Thu"),
        (situations.override(), "BLOCKED, GO BY OVERRIDE, 2 to act · Thu"),
        (situations.setback_after_go(), "BLOCKED, SETBACK AFTER GO, 1 to act · Thu"),
        (situations.launched(), "LAUNCHED · Tue"),
    ],
)
def test_who_reads_the_title_alone_knows_what_was_decided(readiness: Readiness, words: str) -> None:
    assert report(readiness, EDITION).title.startswith(f"Atlas 2.0: {words}")


def test_after_a_go_it_is_said_what_is_left_to_do() -> None:
    told = "once it is out, the release manager says /launched"
    for build in (situations.go, situations.override):
        assert told in words(report(build(), EDITION))
    for build in (situations.all_ready, situations.setback_after_go, situations.no_go, situations.launched):
        assert told not in words(report(build(), EDITION))


def test_an_override_is_loud_and_carries_the_words_of_every_gate_that_advised_against() -> None:
    panel = decision_panel(situations.override())
    assert panel.tone is Tone.BAD
    assert "GO BY OVERRIDE" in str(panel.lines[0])
    assert [str(line).count("Against it") for line in panel.lines] == [0, 1, 1]
    assert "DOC-31" in str(panel.lines[1])
    assert "GO BY OVERRIDE" in str(report(situations.override(), EDITION).blocks[0])


def test_what_came_after_a_decision_stands_beside_it_and_rewrites_nothing() -> None:
    told = str(decision_panel(situations.setback_after_go()))
    assert "Lozenge(text='GO'" in told
    assert "Setback: it was launchable then and is BLOCKED now" in told
    assert "Since then: Engineering was READY and is BLOCKED" in told
    assert "SETBACK SINCE: BLOCKED" in str(report(situations.setback_after_go(), EDITION).blocks[0])


def test_an_override_is_no_setback_for_nothing_was_launchable_then() -> None:
    assert "etback: it" not in words(report(situations.override(), EDITION))


def test_the_last_decision_counts_and_the_one_before_is_still_told() -> None:
    both = replace(situations.go(), decisions=(replace(NO_GO, at=NOW - timedelta(days=1)), GO))
    assert "GO" in str(decision_panel(both))
    assert "NO-GO" not in str(decision_panel(both))
    assert any(line.startswith("Before that: NO-GO") for line in bullets(both))


@pytest.mark.parametrize(
    ("said", "told"), [((), ""), ((GO,), "go"), ((NO_GO,), "no-go"), ((GO, NO_GO), "no-go"), ((OVERRIDE,), "go")]
)
def test_the_machine_copy_names_the_decision_and_the_evidence(said: Any, told: str) -> None:
    facts = report(replace(situations.blocked(), decisions=said), EDITION).facts
    assert facts["decision"] == told
    assert facts["evidence"] == EDITION.evidence


def test_a_waiver_in_force_says_item_until_when_why_who_and_who_follows_up() -> None:
    (line,) = [line for line in bullets(situations.exceptions()) if "Waiver" in line]
    assert line == (
        "Waiver W1 on DOC-31 (Documentation) IN FORCE until Thu 24 Dec: the guide follows a week after the launch "
        "(asked for by Lee Wong, approved by Maya Ortiz); Ana Silva follows up"
    )


def test_a_waiver_that_ends_soon_says_so() -> None:
    assert "ENDS SOON" in section(situations.waiver_ends_soon(), "Decisions")
    assert "ENDS SOON" not in section(situations.exceptions(), "Decisions")


def test_a_pending_waiver_says_who_must_agree_and_how() -> None:
    told = words(report(situations.waiver_pending(), EDITION))
    assert "It counts for nothing until Maya Ortiz agrees: /approve W2, or /deny W2 with a reason" in told


def test_what_the_manager_asked_for_is_approved_by_the_owner_of_the_gate() -> None:
    own = waiver("W2", WaiverState.PENDING, by="Maya Ortiz")
    told = words(report(replace(situations.blocked(), all_waivers=(own,)), EDITION))
    assert "until Lee Wong agrees" in told


def test_waivers_stand_in_force_first_then_pending_then_what_is_over_newest_first() -> None:
    mixed = replace(situations.blocked(), all_waivers=(*OVER[:2], DENIED, PENDING, IN_FORCE))
    labels = [line.split()[1] for line in bullets(mixed) if line.startswith("Waiver")]
    assert labels == ["W1", "W2", "W3", "W5", "W4"]
    backwards = replace(mixed, all_waivers=mixed.all_waivers[::-1])
    assert report(backwards, EDITION) == report(mixed, EDITION)


def test_every_end_of_a_waiver_has_its_words() -> None:
    told = "\n".join(bullets(replace(situations.blocked(), all_waivers=OVER)))
    for end in ("ended Fri 4 Dec", "taken back by Lee Wong", "void: the item changed", "the item is finished"):
        assert end in told


def test_an_open_question_is_asked_of_whom_it_was_asked_and_an_answered_one_is_not() -> None:
    told = section(situations.open_question(), "Act now")
    assert "Kim Park" in told
    assert "Maya Ortiz asks: Are the terms for resellers signed? (since Mon 7 Dec; " in told
    assert "Q2" not in told
    assert "3 to act" in report(situations.open_question(), EDITION).title


def test_questions_never_push_out_what_people_have_to_do_nor_are_pushed_out() -> None:
    asks = tuple(Ask(who=f"P{n}", what="act") for n in range(9))
    questions = tuple(replace(QUESTION, label=f"Q{n}", at=NOW - timedelta(days=9 - n)) for n in range(9))
    told = section(release(Verdict.BLOCKED, "BLOCKED", "", asks=asks, questions=questions[::-1]), "Act now")
    assert [told.count(name) for name in ("P0", "P2", "P3", "Q0'", "Q1'", "Q2'")] == [1, 1, 0, 1, 1, 0]


@pytest.mark.parametrize("word", ["LAUNCHED", "CANCELLED"])
def test_a_release_that_is_over_says_so_in_its_title_and_asks_nobody(word: str) -> None:
    closed = Closing(id="c", by="Maya Ortiz", at=NOW, launched=word == "LAUNCHED", reason="it is time")
    for build in (situations.everything, situations.on_hold):
        written = report(replace(build(), closed=closed), EDITION)
        assert written.title == f"Atlas 2.0: {word} · Tue 8 Dec"
        assert written.labels == ()
        assert written.facts["launchable"] == "no"
        told = words(written)
        assert "it is time" in told
        for never in ("Act now", "How to answer", "/approve", "Trust this until"):
            assert never not in told


def test_how_to_answer_names_the_commands_for_what_is_waited_for() -> None:
    told = how_to_answer(situations.everything())
    for command in ("/waive DOC-31 until", "/attest marketing 24h", "/accept documentation>training", "/approve W2"):
        assert f"text='{command}" in told
    for command in ("/admit ENG-51 REASON", "/launched"):
        assert f"text='{command}'" in told
    assert "/ready documentation" in how_to_answer(situations.sign_off_due())
    assert "text='/go'" in how_to_answer(situations.all_ready())
    assert "text='/go'" not in how_to_answer(situations.blocked())
    assert "text='/unhold'" in how_to_answer(situations.on_hold())
    assert "Documentation (DOC-3), Legal" in how_to_answer(situations.all_ready())


def test_what_may_be_waived_is_the_item_that_the_reason_names() -> None:
    docs = situations.blocked().gates[2]
    reopened = replace(docs, reason="DOC-40 was reopened Mon 7 Dec, 14:02 EST, after the gate was ready")
    told = how_to_answer(replace(situations.blocked(), gates=(reopened,)))
    assert "/waive DOC-40 until" in told
    assert "/waive DOC-31" not in told


def test_where_another_word_helps_than_a_waiver_none_is_proposed() -> None:
    docs = situations.blocked().gates[2]
    for state, reason in (
        (State.BLOCKED, "Dana Reyes says it is not ready: the search fails"),
        (State.AT_RISK, "nobody has taken over from Engineering, which handed over Fri 4 Dec, 10:00 EST"),
        (State.BLOCKED, "DOC-31 came after the freeze and was not admitted"),
    ):
        added = ScopeChange(kind=Kind.ADDED, gate="documentation", tracker="gtm", id="id-DOC-31", key="DOC-31", url="")
        scope = replace(situations.scope_added().scope, changes=(added,))
        told = how_to_answer(
            replace(situations.blocked(), gates=(replace(docs, state=state, reason=reason),), scope=scope)
        )
        assert "/waive" not in told
    assert "/ready documentation" in how_to_answer(
        replace(situations.blocked(), gates=(replace(docs, reason="Dana Reyes says it is not ready"),))
    )


def test_who_speaks_for_a_gate_is_said_by_a_command_that_stands_there() -> None:
    for build in (situations.blocked, situations.nothing_started):
        assert "'/owner sales_playbook PERSON'" in how_to_answer(build())


def test_a_question_says_what_answers_it() -> None:
    assert "any comment of theirs on this issue answers it" in section(situations.open_question(), "Act now")


def test_no_line_of_how_to_answer_begins_with_a_command() -> None:
    for build in situations.SITUATIONS.values():
        for block in report(build(), EDITION).blocks:
            for inner in block.blocks if isinstance(block, Expand) else ():
                assert isinstance(inner, Bullets)
                assert not [line for line in inner.lines if str(getattr(line[0], "text", "")).startswith("/")]


def test_what_was_said_about_a_restricted_item_is_nobodys_business() -> None:
    secret = replace(waiver("W1", WaiverState.APPROVED, reason="Initech"), hidden=True)
    told = words(report(replace(situations.exceptions(), all_waivers=(secret,)), EDITION))
    assert "Initech" not in told
    assert "DOC-31" in told
