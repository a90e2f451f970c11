"""A sign-off ticket read as a signature."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from mapping.item import Progress
from mapping.signal import signature
from tests.worlds import DANA, LEE, NOW, TARGET, account, gate, move, release, ticket

GATE = gate(owners=(DANA, LEE))
HOUR = timedelta(hours=1)


def test_an_owner_who_moves_the_ticket_to_done_signs() -> None:
    signed = signature(GATE, ticket(move("In Progress", NOW - HOUR), move("Done")), None, release())
    assert signed is not None
    assert (signed.gate, signed.by, signed.at, signed.ready) == ("engineering", "Dana", NOW, True)
    assert signed.key == "ENG-99"
    assert signed.expires_at == NOW + timedelta(days=14)


def test_a_backup_signs_as_well() -> None:
    signed = signature(GATE, ticket(move("Done", by=account("Lee"))), None, release())
    assert signed is not None
    assert signed.by == "Lee"


def test_somebody_else_does_not_sign() -> None:
    assert signature(GATE, ticket(move("Done", by=account("Maya"))), None, release()) is None


def test_a_person_of_the_same_name_does_not_sign() -> None:
    assert signature(GATE, ticket(move("Done", by=account("Dana", email=None))), None, release()) is None


def test_a_move_by_nobody_does_not_sign() -> None:
    nobody = ticket(replace(move("Done"), by=None))
    assert signature(GATE, nobody, None, release()) is None


def test_moving_it_back_withdraws() -> None:
    back = ticket(move("Done", NOW - HOUR), move("To Do"), status="To Do", status_id="s-To Do", progress=Progress.TODO)
    assert signature(GATE, back, None, release()) is None


def test_what_somebody_else_moved_back_and_forth_is_not_signed() -> None:
    moves = (move("Done", NOW - 3 * HOUR), move("To Do", NOW - 2 * HOUR), move("Done", NOW, by=account("Maya")))
    assert signature(GATE, ticket(*moves), None, release()) is None


def test_a_move_from_the_status_to_itself_does_not_sign_again() -> None:
    signed = signature(GATE, ticket(move("Done", NOW - HOUR), move("Done", by=account("Maya"))), None, release())
    assert signed is not None
    assert (signed.by, signed.at) == ("Dana", NOW - HOUR)


def test_a_history_that_does_not_end_in_the_present_status_is_not_whole() -> None:
    assert signature(GATE, ticket(move("In Progress")), None, release()) is None


@pytest.mark.parametrize("word", ["Ready for launch", "ready for LAUNCH", "s-Ready for launch"])
def test_the_status_that_means_ready_is_known_by_name_or_id(word: str) -> None:
    ready = ticket(
        move("Ready for launch"), status="Ready for launch", status_id="s-Ready for launch", progress=Progress.DOING
    )
    assert signature(GATE, ready, word, release()) is not None
    assert signature(GATE, ready, None, release()) is None
    assert signature(GATE, ready, "Done", release()) is None


def test_a_dropped_ticket_signs_nothing() -> None:
    dropped = ticket(move("Done"), progress=Progress.DROPPED)
    assert signature(GATE, dropped, None, release()) is None


def test_a_ticket_that_cannot_be_read_signs_nothing() -> None:
    assert signature(GATE, ticket(move("Done"), problem="no status in the answer"), None, release()) is None


def test_the_expiry_is_fixed_from_the_time_of_the_move() -> None:
    signed = signature(GATE, ticket(move("Done", TARGET - HOUR)), None, release())
    assert signed is not None
    assert signed.expires_at == TARGET + timedelta(days=1)


def test_the_same_move_is_the_same_signature() -> None:
    first, second = (signature(GATE, ticket(move("Done"), title=t), None, release()) for t in ("a", "b"))
    assert first == second


def test_a_dropped_ticket_never_signs_be_its_status_the_configured_one() -> None:
    dropped = ticket(move("Closed"), status="Closed", status_id="s-Closed", progress=Progress.DROPPED)
    assert signature(GATE, dropped, "Closed", release()) is None
    assert signature(GATE, dropped, None, release()) is None
