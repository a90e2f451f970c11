"""Every kind of record has a sentence of its own, which keeps to itself what is nobody's business."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import pytest

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
    Ending,
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
from mapping.record_words import gates_of, saying
from tests.worlds import LEE, NOW

if TYPE_CHECKING:
    from collections.abc import Mapping

WHY = "because of Initech"
LATER = NOW + timedelta(days=1)
SAID: Mapping[str, Record] = {
    "signed": Signature(id="c1.1", gate="docs", by="Lee", at=NOW),
    f"said it is not ready: {WHY}": Signature(id="c2.1", gate="docs", by="Lee", at=NOW, ready=False, reason=WHY),
    f"held docs: {WHY}": Hold(id="c3.1", gate="docs", by="Lee", at=NOW, reason=WHY),
    f"held the release: {WHY}": Hold(id="c4.1", by="Maya", at=NOW, reason=WHY),
    "lifted the hold on docs": Unhold(id="c5.1", gate="docs", by="Lee", at=NOW),
    f"declared it not needed: {WHY}": NotNeeded(id="c6.1", gate="docs", by="Lee", at=NOW, reason=WHY),
    f"asked for the waiver W1 of DOC-1 until Wed 9 Dec, 12:00 UTC: {WHY}": Waiver(
        id="c7.1", gate="docs", item=("eng", "1"), digest="d", by="Lee", at=NOW, until=LATER, reason=WHY, label="W1",
        key="DOC-1",
    ),
    "approved W1": Approval(id="c8.1", by="Maya", at=NOW, subject="W1"),
    f"denied W1: {WHY}": Denial(id="c9.1", by="Maya", at=NOW, subject="W1", reason=WHY),
    f"vouched for it until Wed 9 Dec, 12:00 UTC: {WHY}": Attestation(
        id="c10.1", gate="docs", by="Lee", at=NOW, until=LATER, reason=WHY
    ),
    "accepted qa>docs": Acceptance(id="c11.1", upstream="qa", downstream="docs", by="Lee", at=NOW),
    f"returned qa>docs: {WHY}": Return(id="c12.1", upstream="qa", downstream="docs", by="Lee", at=NOW, reason=WHY),
    f"admitted all of it: {WHY}": Admission(id="c13.1", gate="docs", by="Maya", at=NOW, reason=WHY),
    f"asked Lee: {WHY}": Question(id="c14.1", by="Maya", at=NOW, whom="Lee", text=WHY),
    "answered a question": Answer(id="c15.1", by="Lee", at=NOW, question="c14.1"),
    "made Lee its owner": Ownership(id="c16.1", gate="docs", by="Maya", at=NOW, person=LEE),
    "is away until Wed 9 Dec, 12:00 UTC": Absence(id="c17.1", by="Lee", at=NOW, until=LATER),
    f"set the target to Wed 9 Dec, 12:00 UTC: {WHY}": TargetMove(
        id="c18.1", by="Maya", at=NOW, target=LATER, reason=WHY
    ),
    f"decided GO, overriding the verdict: {WHY}": Decision(
        id="c19.1", by="Maya", at=NOW, go=True, override=True, reason=WHY
    ),
    f"cancelled it: {WHY}": Closing(id="c20.1", by="Maya", at=NOW, launched=False, reason=WHY),
    "W1 of DOC-1 is over: the ticket was finished": Ending(
        id="over c7.1", gate="docs", at=NOW, waiver="c7.1 Lee", fulfilled=True, label="W1", key="DOC-1"
    ),
    "the waiver of DOC-1 is over: the ticket has changed": Ending(
        id="over c7.1", gate="docs", at=NOW, waiver="c7.1 Lee", fulfilled=False, key="DOC-1"
    ),
    "a comment was edited or deleted: what it said that helps is taken back": Withdrawal(id="w1", at=NOW, of="c1"),
}  # fmt: skip


@pytest.mark.parametrize("sentence", SAID)
def test_each_record_reads_as_what_was_said(sentence: str) -> None:
    assert saying(SAID[sentence], UTC, NOW) == sentence


def test_every_kind_of_record_is_among_them() -> None:
    assert {type(record) for record in SAID.values()} == set(Record.__args__)


@pytest.mark.parametrize("sentence", SAID)
def test_what_was_said_for_it_is_left_out_where_it_is_nobody_s_business(sentence: str) -> None:
    assert saying(SAID[sentence], UTC, NOW, hidden=True) == sentence.removesuffix(f": {WHY}")


def test_a_record_is_about_its_gate_and_what_agrees_or_takes_back_about_that_of_its_subject() -> None:
    every = list(SAID.values())
    about = {type(record).__name__ + record.id: gates_of(record, every) for record in every}
    assert about["Approvalc8.1"] == about["Denialc9.1"] == about["Withdrawalw1"] == {"docs"}
    assert about["Returnc12.1"] == {"qa", "docs"}
    assert about["Holdc4.1"] == about["Decisionc19.1"] == about["TargetMovec18.1"] == frozenset()
    assert gates_of(Approval(id="x.1", by="Maya", at=NOW, subject="legal"), every) == {"legal"}
