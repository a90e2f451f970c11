"""What stands of all that was ever said: approvals, denials, answers and withdrawals are worked into their subjects.

Called by ``judge`` with every record, and by whoever decides what a new command means. Pure, and the same for records
in any order; time alone changes nothing here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mapping.calendar import utc
from mapping.record import (
    Absence,
    Acceptance,
    Admission,
    Answer,
    Approval,
    Attestation,
    Denial,
    Hold,
    NotNeeded,
    Ownership,
    Question,
    Record,
    Return,
    Signature,
    Unhold,
    Waiver,
    Withdrawal,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_WORKED_IN = (Unhold, Approval, Denial, Answer, Withdrawal)


def in_order(records: Iterable[Record]) -> tuple[Record, ...]:
    """Oldest first, whatever the order they came in."""
    return tuple(sorted(records, key=lambda record: (utc(record.at), record.id, repr(record))))


def standing(records: Iterable[Record]) -> tuple[Record, ...]:
    """The records that stand, oldest first. Who may say what was settled when it was said."""
    said = in_order(records)
    taken_back = frozenset(r.of for r in said if isinstance(r, Withdrawal))
    left = [_revoked(r, said) if _is_withdrawn(r, taken_back) else r for r in said]
    heard = [r for r in left if r is not None]
    worked = [_worked(r, heard) for r in heard if not isinstance(r, _WORKED_IN)]
    return tuple(r for r in worked if not _is_over(r, worked, heard))


def helps(record: Record) -> bool:
    """Whether it makes anything better; what does not stands until it is countermanded, even without its comment."""
    if isinstance(record, Signature):
        return record.ready
    return isinstance(
        record, NotNeeded | Waiver | Approval | Attestation | Acceptance | Admission | Unhold | Ownership | Absence
    )


def _is_withdrawn(record: Record, of: frozenset[str]) -> bool:
    return helps(record) and record.id.rpartition(".")[0] in of


def _revoked(record: Record, said: Sequence[Record]) -> Record | None:
    """A waiver is kept for ever; whatever else was taken back is gone."""
    if not isinstance(record, Waiver):
        return None
    name = record.id.rpartition(".")[0]
    at = next(r.at for r in said if isinstance(r, Withdrawal) and r.of == name)
    return replace(record, revoked_at=at)


def _worked(record: Record, heard: Sequence[Record]) -> Record:
    if isinstance(record, Waiver):
        return _denied(_approved(record, heard), heard)
    if isinstance(record, NotNeeded):
        yes = _last(Approval, record.gate, record, heard)
        no = _last(Denial, record.gate, record, heard)
        agreed = isinstance(yes, Approval) and (no is None or utc(yes.at) > utc(no.at))
        return replace(record, confirmed_by=yes.by) if isinstance(yes, Approval) and agreed else record
    if isinstance(record, Question):
        told = next((r for r in heard if isinstance(r, Answer) and r.question == record.id), None)
        return replace(record, answered_at=told.at) if told else record
    return record


def _approved(waiver: Waiver, heard: Sequence[Record]) -> Waiver:
    """By whoever agreed last: who agreed first may have been the same person that asked."""
    yes = _last(Approval, waiver.label, waiver, heard)
    return replace(waiver, approved_by=yes.by, approved_at=yes.at) if isinstance(yes, Approval) else waiver


def _denied(waiver: Waiver, heard: Sequence[Record]) -> Waiver:
    """One who said no may still say yes; nobody else's yes takes that no away."""
    noes = [r for r in heard if isinstance(r, Denial) and r.subject == waiver.label and utc(r.at) >= utc(waiver.at)]
    for no in reversed(noes):
        if not any(isinstance(r, Approval) and _takes_back(r, no) for r in heard):
            return replace(waiver, denied_by=no.by, denied_at=no.at, denial=no.reason)
    return waiver


def _takes_back(yes: Approval, no: Denial) -> bool:
    return (yes.subject, yes.by) == (no.subject, no.by) and utc(yes.at) > utc(no.at)


def _last(
    kind: type[Approval | Denial], subject: str, about: Waiver | NotNeeded, heard: Sequence[Record]
) -> Record | None:
    found = [r for r in heard if isinstance(r, kind) and subject and r.subject == subject]
    return next((r for r in reversed(found) if utc(r.at) >= utc(about.at)), None)


def _is_over(record: Record, worked: Sequence[Record], heard: Sequence[Record]) -> bool:
    """Whether something that was said later took its place."""
    after = worked[worked.index(record) + 1 :]
    if isinstance(record, Hold):
        lifted = [r for r in heard if isinstance(r, Unhold) and r.gate == record.gate]
        return any(utc(r.at) > utc(record.at) for r in lifted)
    if isinstance(record, NotNeeded):
        return any(isinstance(r, Signature | NotNeeded) and (r.gate, r.by) == (record.gate, record.by) for r in after)
    if isinstance(record, Acceptance | Return):
        return any(isinstance(r, Acceptance | Return) and _leg(r) == _leg(record) for r in after)
    if isinstance(record, Ownership):
        return any(isinstance(r, Ownership) and r.gate == record.gate for r in after)
    if isinstance(record, Absence):
        return any(isinstance(r, Absence) and r.by == record.by for r in after)
    return False


def _leg(record: Acceptance | Return) -> tuple[str, str]:
    return record.upstream, record.downstream
