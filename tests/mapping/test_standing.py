"""What stands of all that was ever said: the last word, what was taken back, and the same whatever the order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.readiness import Readiness, State
from mapping.record import (
    Absence,
    Acceptance,
    Admission,
    Answer,
    Approval,
    Attestation,
    Closing,
    Decision,
    Denial,
    Hold,
    NotNeeded,
    Ownership,
    Question,
    Record,
    Return,
    Signature,
    TargetMove,
    Unhold,
    Waiver,
    Withdrawal,
)
from mapping.standing import helps, in_order, standing
from tests.worlds import LEE, NOW, World, item, nearly_ready_worlds, records, signature, waiver, worlds

if TYPE_CHECKING:
    import random


def at(minutes: int) -> Any:
    return NOW - timedelta(minutes=minutes)


def said(kind: type, comment: int, minutes: int, by: str = "Dana", **fields: Any) -> Any:
    return kind(id=f"c{comment}.0000", by=by, at=at(minutes), **fields)


def taken_back(comment: int, minutes: int = 0) -> Withdrawal:
    return Withdrawal(id=f"c{comment}.withdrawn", at=at(minutes), of=f"c{comment}")


ONE_OF_EACH: dict[str, Any] = {
    "helping": [
        said(Signature, 1, 9, gate="docs"),
        said(NotNeeded, 2, 9, gate="docs", reason="no text", by="Lee"),
        said(Attestation, 3, 9, gate="docs", until=NOW, reason="down"),
        said(Acceptance, 4, 9, upstream="a", downstream="b"),
        said(Admission, 5, 9, gate="docs", reason="agreed"),
        said(Ownership, 6, 9, gate="docs", person=LEE),
        said(Absence, 7, 9, until=NOW),
        said(Question, 8, 9, whom="Lee", text="done?"),
    ],
    "hindering": [
        said(Signature, 1, 9, gate="docs", ready=False, reason="it crashes"),
        said(Hold, 2, 9, reason="embargo"),
        said(Return, 4, 9, upstream="a", downstream="b", reason="it crashes"),
    ],
    "standing for ever": [
        said(TargetMove, 1, 9, target=NOW, reason="fair"),
        said(Decision, 2, 9, go=True),
        said(Closing, 3, 9, launched=True),
    ],
}


@pytest.mark.parametrize("record", ONE_OF_EACH["helping"], ids=lambda record: type(record).__name__)
def test_what_helps_goes_with_its_comment_and_with_no_other(record: Any) -> None:
    number = int(record.id[1])
    assert helps(record)
    assert standing([record]) == (record,)
    assert standing([record, taken_back(number)]) == ()
    assert standing([record, taken_back(number + 10), taken_back(0)]) == (record,)


@pytest.mark.parametrize("record", ONE_OF_EACH["hindering"] + ONE_OF_EACH["standing for ever"], ids=repr)
def test_what_hinders_or_is_decided_stands_without_its_comment(record: Any) -> None:
    assert not helps(record)
    assert standing([record, taken_back(int(record.id[1]))]) == (record,)


# Holds


def test_an_unhold_lifts_what_was_held_before_it_on_that_gate_only() -> None:
    hold, other = said(Hold, 1, 9, gate="docs", reason="a"), said(Hold, 2, 9, reason="b")
    lift = said(Unhold, 3, 5, gate="docs")
    assert standing([hold, other, lift]) == (other,)
    again = said(Hold, 4, 1, gate="docs", reason="c")
    assert standing([hold, other, lift, again]) == (other, again)
    assert set(standing([hold, other, lift, taken_back(3)])) == {hold, other}


def test_who_holds_and_who_lifts_at_the_same_moment_hold() -> None:
    hold = said(Hold, 1, 9, reason="a")
    assert standing([hold, said(Unhold, 2, 9)]) == (hold,)


def one_comment(*words: tuple[type, dict[str, Any]], by: str = "Dana") -> list[Any]:
    """One line after the other, in the same moment."""
    return [kind(id=f"c1.{n:04}", by=by, at=at(9), **fields) for n, (kind, fields) in enumerate(words)]


def test_the_lines_of_one_comment_count_in_their_order() -> None:
    hold, lift = (Hold, {"reason": "a"}), (Unhold, dict[str, Any]())
    assert standing(one_comment(hold, lift)) == ()
    assert standing(one_comment(lift, hold)) == tuple(one_comment(lift, hold)[1:])
    held = one_comment(hold, lift, hold)
    assert standing(held) == (held[-1],)
    assert standing([*held[:2], said(Unhold, 2, 9)]) == (), "somebody else who lifts it, too, brings nothing back"
    assert standing([held[0], replace(held[1], at=at(10))]) == (held[0],)


def test_of_no_and_yes_in_one_comment_the_last_counts() -> None:
    yes, no = (Approval, {"subject": "W1"}), (Denial, {"subject": "W1", "reason": "too big"})
    assert settled(*_of_another(one_comment(no, yes, by="Maya"))).denied_by is None
    assert settled(*_of_another(one_comment(yes, no, by="Maya"))).denied_by == "Maya"
    declared = said(NotNeeded, 2, 60, gate="docs", reason="no text")
    yes, no = (Approval, {"subject": "docs"}), (Denial, {"subject": "docs", "reason": "text"})
    assert [it.id for it in standing([declared, *one_comment(no, yes, by="Maya")])] == [declared.id]
    assert standing([declared, *one_comment(yes, no, by="Maya")]) == ()
    own = (NotNeeded, {"gate": "docs", "reason": "no text"})
    no = (Denial, {"subject": "docs", "reason": "not that"})
    assert len(standing(one_comment(no, own))) == 1
    assert standing(one_comment(own, no)) == ()


def _of_another(words: list[Any]) -> list[Any]:
    return [replace(word, id=f"c2.{number}") for number, word in enumerate(words)]


# Waivers


def asked(**fields: Any) -> Waiver:
    return waiver(item(), **{"id": "c1.0000", "approved_by": None, "label": "W1", "at": at(60), **fields})


def settled(*more: Record) -> Any:
    (found,) = [record for record in standing([asked(), *more]) if isinstance(record, Waiver)]
    return found


def test_a_waiver_is_approved_by_whoever_agreed_last() -> None:
    first, second = said(Approval, 2, 50, "Maya", subject="W1"), said(Approval, 3, 40, "Noor", subject="W1")
    assert settled().approved_by is None
    assert (settled(first).approved_by, settled(first).approved_at) == ("Maya", at(50))
    assert settled(first, second).approved_by == "Noor"
    assert settled(first, second, taken_back(3)).approved_by == "Maya"
    assert settled(first, taken_back(2)).approved_by is None


def test_a_word_on_another_waiver_or_from_before_it_changes_nothing() -> None:
    assert settled(said(Approval, 2, 50, "Maya", subject="W2")).approved_by is None
    assert settled(said(Approval, 2, 70, "Maya", subject="W1")).approved_by is None
    assert settled(said(Denial, 2, 70, "Maya", subject="W1", reason="no")).denied_by is None


def test_a_no_is_taken_back_by_the_same_person_alone_and_no_deletion_helps() -> None:
    no = said(Denial, 2, 50, "Maya", subject="W1", reason="too big")
    yes, others = said(Approval, 3, 40, "Maya", subject="W1"), said(Approval, 4, 40, "Noor", subject="W1")
    assert (settled(no).denied_by, settled(no).denial) == ("Maya", "too big")
    assert settled(no, others).denied_by == "Maya"
    assert settled(no, taken_back(2)).denied_by == "Maya"
    assert settled(no, yes).denied_by is None
    assert settled(no, yes).approved_by == "Maya"
    assert settled(no, yes, taken_back(3)).denied_by == "Maya"
    again = said(Denial, 5, 30, "Maya", subject="W1", reason="still too big")
    assert settled(no, yes, again).denied_by == "Maya"


def test_a_waiver_that_was_taken_back_is_kept_as_revoked() -> None:
    assert settled(taken_back(1, 7)).revoked_at == at(7)
    both = standing([asked(), asked(id="c1.0000-1", gate="docs"), taken_back(1)])
    assert [getattr(record, "revoked_at", None) for record in both] == [NOW, NOW]


# Not needed, signatures, hand-offs


def test_not_needed_is_confirmed_by_a_word_that_came_after_it_and_was_not_denied_since() -> None:
    asks = said(NotNeeded, 1, 60, gate="docs", reason="no text")
    yes, no = said(Approval, 2, 50, "Maya", subject="docs"), said(Denial, 3, 40, "Maya", subject="docs", reason="text")

    def confirmed(*more: Record) -> str | None:
        found = [it for it in standing([asks, *more]) if isinstance(it, NotNeeded)]
        return found[0].confirmed_by if found else None

    assert confirmed() is None
    assert confirmed(yes) == "Maya"
    assert confirmed(yes, no) is None
    assert confirmed(yes, no, taken_back(3)) is None
    assert confirmed(said(Approval, 4, 70, "Maya", subject="docs")) is None
    anew = said(NotNeeded, 5, 45, gate="docs", reason="really")
    assert [record.confirmed_by for record in standing([asks, yes, anew]) if isinstance(record, NotNeeded)] == [None]


@pytest.mark.parametrize(
    "word", [signature("docs", at(50), id="c2.0000"), said(NotNeeded, 2, 50, gate="docs", reason="")]
)
def test_a_later_word_ends_not_needed_and_to_take_it_back_does_not_bring_it_back(word: Record) -> None:
    asks, yes = said(NotNeeded, 1, 60, gate="docs", reason="no text"), said(Approval, 3, 55, "Maya", subject="docs")
    assert asks.id in {record.id for record in standing([asks, yes])}
    assert asks.id not in {record.id for record in standing([asks, yes, word])}
    assert standing([asks, yes, word, taken_back(2)]) == ()


def test_somebody_elses_word_leaves_it_alone() -> None:
    asks, other = said(NotNeeded, 1, 60, gate="docs", reason="no text"), signature("docs", at(50), by="Lee")
    assert standing([asks, other]) == (asks, other)


def test_of_a_hand_off_an_owner_and_an_absence_the_last_word_counts() -> None:
    accepted = said(Acceptance, 1, 9, upstream="a", downstream="b")
    returned = said(Return, 2, 8, upstream="a", downstream="b", reason="it crashes")
    other = said(Acceptance, 3, 7, upstream="x", downstream="b")
    assert standing([accepted, returned, other]) == (returned, other)
    anew = said(Acceptance, 4, 6, upstream="a", downstream="b")
    assert standing([accepted, returned, anew]) == (anew,)
    assert standing([accepted, returned, anew, taken_back(4)]) == (returned,)
    first, second = (said(Ownership, n, 10 - n, gate="docs", person=LEE) for n in (5, 6))
    assert standing([first, second]) == (second,)
    assert standing([first, second, taken_back(6)]) == (first,)
    away, longer = (said(Absence, n, 10 - n, until=NOW) for n in (7, 8))
    assert standing([away, longer]) == (longer,)


def test_a_question_is_answered_once() -> None:
    question = said(Question, 1, 60, "Maya", whom="Dana", text="done?")
    first, second = (Answer(id=f"c{n}.answer0", by="Dana", at=at(50 - n), question=question.id) for n in (2, 3))
    (found,) = standing([question, first, second])
    assert isinstance(found, Question)
    assert found.answered_at == first.at


# For every input


@given(st.lists(records(), max_size=25), st.randoms(use_true_random=False))
def test_the_order_does_not_matter_and_nothing_is_told_twice(said: list[Record], chance: random.Random) -> None:
    shuffled = list(said)
    chance.shuffle(shuffled)
    found = standing(said)
    assert standing(shuffled) == found
    assert found == in_order(found)
    assert not any(isinstance(record, Withdrawal | Unhold | Approval | Denial | Answer) for record in found)


@given(st.lists(records(), max_size=25))
def test_what_is_taken_back_twice_is_taken_back_once(said: list[Record]) -> None:
    gone = [record for record in said if isinstance(record, Withdrawal)]
    assert standing([*said, *gone]) == standing(said)


@given(st.one_of(worlds(), nearly_ready_worlds()), st.lists(records(), max_size=6), st.data())
def test_to_take_back_never_helps(world: World, more: list[Record], data: st.DataObject) -> None:
    world.records = tuple({record.id: record for record in (*world.records, *more)}.values())
    names = sorted({record.id.rpartition(".")[0] for record in world.records} - {""})
    if not names:
        return
    gone = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))
    back = [Withdrawal(id=f"{name}.withdrawn", at=NOW, of=name) for name in gone]
    before = world.judge()
    after = replace(world, records=(*world.records, *back)).judge()
    assert before.launchable or not after.launchable
    assert _good(after) <= _good(before)


def _good(readiness: Readiness) -> set[str]:
    good = (State.READY, State.EXCEPTION, State.NOT_NEEDED)
    return {gate.id for gate in readiness.gates if gate.state in good}


@pytest.mark.parametrize("kind", ["approvals of one waiver", "not needed again and again", "holds"])
def test_ten_thousand_words_take_ten_times_as_long_as_a_thousand(kind: str) -> None:
    small, large = (_steps(_many(kind, count)) for count in (500, 5000))
    assert large < 15 * small


def _many(kind: str, count: int) -> list[Record]:
    if kind == "holds":
        pairs = [(said(Hold, n, n, reason="x"), said(Unhold, n, n)) for n in range(count // 2)]
        return [record for pair in pairs for record in pair]
    if kind == "approvals of one waiver":
        yes = [
            said(Approval if n % 2 else Denial, n, 0, "Maya", subject="W1", **{} if n % 2 else {"reason": "x"})
            for n in range(count)
        ]
        return [asked(), *yes]
    early = [said(Approval, n, count + n, "Maya", subject="docs") for n in range(count // 2)]
    return [*early, *(said(NotNeeded, count + n, n, gate="docs", reason="x") for n in range(count // 2))]


def _steps(of: list[Record]) -> int:
    """How many lines of the fold are run: the same on every machine."""
    import sys  # noqa: PLC0415 - for this count alone

    count = 0

    def trace(frame: Any, event: str, _: Any) -> Any:
        nonlocal count
        if "standing" not in frame.f_code.co_filename:
            return None
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        standing(of)
    finally:
        sys.settrace(before)
    return count
