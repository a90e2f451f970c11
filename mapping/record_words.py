"""What people said, a sentence for each record, and which gates it is about.

Called by the commands that tell why and what moved. What was said for a reason is left out where it is nobody's
business: of a confidential gate, or about a restricted item.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
from mapping.wording import moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime, tzinfo


def sayer(record: Record) -> str:
    """Who said it; "" for a withdrawal and an ending, which are noticed."""
    return "" if isinstance(record, Withdrawal) else record.by


def saying(record: Record, zone: tzinfo, near: datetime | None, *, hidden: bool = False) -> str:
    """What was said, as the end of a sentence that begins with who: "approved W1". Times are in ``zone``, with the year
    unless it is ``near``'s. ``hidden``: without the words that were given for it.
    """

    def quoted(words: str) -> str:
        return f": {words}" if words and not hidden else ""

    def at(instant: datetime) -> str:
        return moment(instant, zone, near)

    return _about_gate(record, quoted, at) or _about_release(record, quoted, at)


def _about_gate(record: Record, quoted: Callable[[str], str], at: Callable[[datetime], str]) -> str:  # noqa: C901, PLR0911 - one return for each kind of record
    match record:
        case Signature():
            return "signed" if record.ready else f"said it is not ready{quoted(record.reason)}"
        case Hold():
            return f"held {record.gate or 'the release'}{quoted(record.reason)}"
        case Unhold():
            return f"lifted the hold on {record.gate or 'the release'}"
        case NotNeeded():
            return f"declared it not needed{quoted(record.reason)}"
        case Waiver():
            named = f"{record.label} " if record.label else ""
            return f"asked for the waiver {named}of {_item(record)} until {at(record.until)}{quoted(record.reason)}"
        case Attestation():
            return f"vouched for it until {at(record.until)}{quoted(record.reason)}"
        case Acceptance():
            return f"accepted {record.upstream}>{record.downstream}"
        case Return():
            return f"returned {record.upstream}>{record.downstream}{quoted(record.reason)}"
        case Admission():
            return f"admitted {record.item[1] if record.item else 'all of it'}{quoted(record.reason)}"
        case Ownership():
            return f"made {record.person.name} its owner"
        case Ending():
            named = record.label or "the waiver"
            what = "was finished" if record.fulfilled else "has changed"
            return f"{named} of {record.key or 'a ticket'} is over: the ticket {what}"
    return ""


def _about_release(record: Record, quoted: Callable[[str], str], at: Callable[[datetime], str]) -> str:  # noqa: C901, PLR0911 - as above
    match record:
        case Approval():
            return f"approved {record.subject}"
        case Denial():
            return f"denied {record.subject}{quoted(record.reason)}"
        case Question():
            return f"asked {record.whom}{quoted(record.text)}"
        case Answer():
            return "answered a question"
        case Absence():
            return f"is away until {at(record.until)}"
        case TargetMove():
            return f"set the target to {at(record.target)}{quoted(record.reason)}"
        case Decision():
            decided = "GO" if record.go else "NO-GO"
            return f"decided {decided}{', overriding the verdict' if record.override else ''}{quoted(record.reason)}"
        case Closing():
            return f"{'said it launched' if record.launched else 'cancelled it'}{quoted(record.reason)}"
    return "a comment was edited or deleted: what it said that helps is taken back"


def _item(waiver: Waiver) -> str:
    return waiver.key or waiver.item[1]


def gates_of(record: Record, records: Iterable[Record]) -> frozenset[str]:
    """The gates that a record is about, none for one about the release. ``records``: those among which an approval, a
    denial or a withdrawal finds what it is about.
    """
    if isinstance(record, Acceptance | Return):
        return frozenset({record.upstream, record.downstream})
    if isinstance(record, Approval | Denial):
        waived = {r.gate for r in records if isinstance(r, Waiver) and r.label == record.subject and r.label}
        return frozenset(waived or {record.subject})
    if isinstance(record, Withdrawal):
        of = [r for r in records if not isinstance(r, Withdrawal) and r.id.rpartition(".")[0] == record.of]
        return frozenset(gate for r in of for gate in gates_of(r, records))
    gate = getattr(record, "gate", None)
    return frozenset({gate} if gate else ())
