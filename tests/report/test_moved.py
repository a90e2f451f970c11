"""What moved, as the report tells it: hand-offs, the scope, the target."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from mapping.readiness import Kind, Leg, Scope
from mapping.report import report
from tests.report import situations
from tests.report.situations_moved import ADDED, CHANGES, FROZEN, OFFERED, TARGETS, change
from tests.report.test_decisions import bullets
from tests.report.test_report import section, words
from tests.report.world import EDITION, NOW, TARGET

READY = situations.all_ready()


def test_the_head_says_how_often_the_target_moved_and_by_how_much() -> None:
    assert "moved twice, +9 d" in str(report(situations.target_moved(), EDITION).blocks[0])
    assert "moved" not in str(report(READY, EDITION).blocks[0])
    once = replace(READY, targets=TARGETS[1:])
    assert "moved once, +2 d" in str(report(once, EDITION).blocks[0])
    there_and_back = replace(READY, targets=(*TARGETS[1:], TARGETS[1]))
    assert "moved twice, ±0 d" in str(report(there_and_back, EDITION).blocks[0])


def test_each_move_says_who_when_and_why_or_that_nobody_has_said_why() -> None:
    moves = [line for line in bullets(situations.target_moved()) if line.startswith("Target")]
    newest, oldest = (line.split("Target moved ")[1] for line in moves)
    assert newest == (
        "from Tue 15 Dec to Thu 17 Dec (+2 d) by Noor Haddad in the launch issue, Mon 7 Dec: nobody has said why"
    )
    assert oldest == (
        "from Tue 8 Dec to Tue 15 Dec (+7 d) by Maya Ortiz in a comment, Mon 30 Nov: "
        "the security review takes a week longer"
    )


def test_a_target_that_was_taken_away_is_told() -> None:
    gone = replace(READY, target=None, targets=(TARGETS[0], replace(TARGETS[1], target=None)))
    assert "Target Tue 8 Dec taken away" in words(report(gone, EDITION))
    first = replace(READY, targets=(replace(TARGETS[0], target=None), replace(TARGETS[1], target=TARGET)))
    assert "moved" not in words(report(first, EDITION))


def test_a_dropped_baton_is_loud_and_stands_first() -> None:
    other = replace(OFFERED, downstream="legal", dropped=False, by=NOW + timedelta(days=1))
    lines = bullets(replace(READY, handoffs=(other, OFFERED)))
    flying = [line for line in lines if " → " in line]
    assert flying[0].startswith("DROPPED ")
    assert "18 working hours" in flying[0]
    assert "it counts as dropped from Wed 9 Dec, 10:02 EST on" in flying[1]


def test_what_is_done_or_was_not_offered_yet_is_no_hand_off_in_flight() -> None:
    over = tuple(replace(OFFERED, leg=leg, dropped=False) for leg in (Leg.DONE, Leg.NOT_OFFERED))
    assert section(replace(READY, handoffs=over), "Hand-offs") == ""


def test_a_hand_off_that_cannot_be_told_is_told_as_that() -> None:
    dark = replace(OFFERED, leg=Leg.NOT_OFFERED, dropped=False, untold=True)
    assert "it cannot be told whether it was offered" in section(replace(READY, handoffs=(dark,)), "Hand-offs")


def test_a_baton_that_came_back_says_why_and_who_has_it() -> None:
    told = section(situations.hand_off_returned(), "Hand-offs")
    assert "given back: the chapter on upgrades is missing. Lee Wong has it" in told


def test_a_hand_off_without_a_receiver_says_so() -> None:
    assert "nobody is there to take it" in section(replace(READY, handoffs=(replace(OFFERED, holder=""),)), "Hand-offs")


def test_what_is_not_settled_stands_first_and_the_counts_have_denominators() -> None:
    lines = bullets(replace(READY, scope=Scope(frozen_at=FROZEN, changes=CHANGES[::-1])))
    assert (
        "2 added (1 of 2 not settled), 1 out of sight (1 of 1 not settled), 1 reopened, 1 found, 1 removed, 1 moved, "
        "1 split off." in lines
    )
    shown = [line.split(":")[0] for line in lines if "ENG-" in line]
    assert shown[:3] == ["Added", "Out of sight", "Added"]
    assert "Moved to Atlas 2.1" in shown


def test_each_change_says_who_when_and_whether_it_is_settled() -> None:
    lines = bullets(situations.scope_added_late())
    assert "Added: ENG-51 Export to PDF (Engineering) by Dana Reyes, Mon 7 Dec NOT SETTLED" in lines
    assert "Added: ENG-52 Dark mode (Engineering) by Jo Berg, Mon 7 Dec; admitted by Maya Ortiz" in lines


def test_a_late_freeze_says_what_is_unknown() -> None:
    assert "The scope before Thu 3 Dec is unknown" in section(situations.scope_added_late(), "Scope since Thu 3 Dec")
    assert "unknown" not in section(situations.scope_added(), "Scope since the freeze")


def test_ready_by_losing_items_is_said_aloud_at_the_gate_too() -> None:
    assert "Documentation turned ready after 3 items left." in section(situations.ready_by_shrinking(), "Scope")
    assert "ready after 3 items left" in section(situations.ready_by_shrinking(), "Gates")


def test_items_in_no_gate_and_in_two_releases_are_named() -> None:
    told = words(report(situations.scope_added_late(), EDITION))
    assert "2 items look like this release and are in no gate: ENG-77 (eng), MKT-4 (gtm)." in told
    assert "1 item also in another release: DOC-3 (Atlas 2.1)." in told
    stray = replace(READY, scope=Scope(strays=(("eng", "ENG-77"),)))
    assert "1 item looks like this release and is in no gate: ENG-77 (eng)." in section(stray, "Scope")


def test_a_freeze_that_nothing_happened_after_is_no_section() -> None:
    assert section(replace(READY, scope=Scope(frozen_at=FROZEN)), "Scope") == ""


def test_of_what_left_a_confidential_gate_only_the_key_is_told() -> None:
    gates = tuple(replace(gate, confidential=True) for gate in READY.gates)
    moved = change(Kind.MOVED, "DOC-8", "Initech", gate="documentation", by="Initech", to="Initech")
    told = words(report(replace(READY, gates=gates, scope=Scope(frozen_at=FROZEN, changes=(moved, ADDED))), EDITION))
    assert "Initech" not in told
    assert "DOC-8" in told
