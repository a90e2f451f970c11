"""What stands of all that was ever said: approvals, denials, answers and withdrawals are worked into their subjects.

Called by ``judge`` with every record, and by whoever decides what a new command means. Pure, and the same for records
in any order; time alone changes nothing here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain, groupby
from typing import TYPE_CHECKING, TypeVar

from mapping.calendar import utc
from mapping.record import (
    Absence,
    Acceptance,
    Admission,
    Answer,
    Approval,
    Attestation,
    Denial,
    Ending,
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
    from collections.abc import Iterable, Iterator, Mapping

Word = TypeVar("Word", Approval, Denial)

UNREADABLE = "syncd"
"""Who holds a release for a record that cannot be read: nobody knows what it says, so nobody has lifted it."""
_WORKED_IN = (Unhold, Approval, Denial, Answer, Withdrawal, Ending)
_HELPING = (NotNeeded, Waiver, Approval, Attestation, Acceptance, Admission, Unhold, Ownership, Absence, Question)


def in_order(records: Iterable[Record]) -> tuple[Record, ...]:
    """Oldest first, whatever the order they came in. ``repr``, which is dear, is asked only of those whose time and id
    are the same.
    """
    by_time = sorted(records, key=_when)
    return tuple(chain.from_iterable(_by_content(list(same)) for _, same in groupby(by_time, key=_when)))


def _when(record: Record) -> tuple[datetime, str]:
    return utc(record.at), record.id


def _by_content(same: list[Record]) -> list[Record]:
    return sorted(same, key=repr) if len(same) > 1 else same


def is_later(one: Record, other: Record) -> bool:
    """Whether ``one`` was said after ``other``. What stands in one comment was said line by line; of what two comments
    say at the same moment neither comes later.
    """
    return utc(one.at) > utc(other.at) or (_moment(one) == _moment(other) is not None and one.id > other.id)


def _moment(record: Record) -> Hashable:
    """The comment and its time, None for what was said elsewhere."""
    comment = comment_of(record)
    return (comment, utc(record.at)) if comment else None


def comment_of(record: Record) -> str:
    """The name of the comment that said it, "" where it was none."""
    return record.id.rpartition(".")[0]


def standing(records: Iterable[Record]) -> tuple[Record, ...]:
    """The records that stand, oldest first. Who may say what was settled when it was said."""
    said = tuple(reversed(tuple(_not_overruled(reversed(in_order(records))))))
    gone = withdrawn(said)
    heard = tuple(_left(said, gone))
    index = _index(heard)
    worked = [_worked(r, index) for r in heard if not isinstance(r, _WORKED_IN) and not _is_denied(r, index)]
    return tuple(reversed(tuple(_not_replaced(reversed(worked), index))))


def _not_overruled(newest_first: Iterable[Record]) -> Iterator[Record]:
    """Without each "not needed" after which the same person had another word on that gate. That word may be taken back
    itself: it does not bring the older one back, for to take back never helps.
    """
    later: set[tuple[str, str]] = set()
    for record in newest_first:
        if isinstance(record, NotNeeded | Signature):
            place = record.gate, record.by
            if place in later and isinstance(record, NotNeeded):
                continue
            later.add(place)
        yield record


def helps(record: Record) -> bool:
    """Whether it goes with its comment. What does not stands until it is countermanded, even without it."""
    return record.ready if isinstance(record, Signature) else isinstance(record, _HELPING)


def withdrawn(records: Iterable[Record]) -> dict[str, datetime]:
    """When each comment was edited or deleted, by its name."""
    return {record.of: record.at for record in records if isinstance(record, Withdrawal)}


def taken_back_at(record: Record, gone: Mapping[str, datetime]) -> datetime | None:
    """When what was said went with its comment, None while it stands; ``gone`` as ``withdrawn`` tells it."""
    return gone.get(comment_of(record)) if helps(record) else None


def _left(said: Iterable[Record], gone: Mapping[str, datetime]) -> Iterator[Record]:
    """A waiver is kept for ever, revoked; whatever else was taken back is gone."""
    for record in said:
        at = taken_back_at(record, gone)
        if at is None:
            yield record
        elif isinstance(record, Waiver):
            yield replace(record, revoked_at=at)


@dataclass(frozen=True, slots=True)
class _Index:
    """What later words are looked up by: approvals and denials by subject, answers by question; unholds by gate,
    and the last one of a comment by that.
    """

    yes: defaultdict[str, list[Approval]] = field(default_factory=lambda: defaultdict(list))
    no: defaultdict[str, list[Denial]] = field(default_factory=lambda: defaultdict(list))
    answers: dict[str, Answer] = field(default_factory=dict)
    lifted: dict[str | None, datetime] = field(default_factory=dict)
    lifted_there: dict[Hashable, str] = field(default_factory=dict)

    def lifts(self, hold: Hold) -> bool:
        at, there = self.lifted.get(hold.gate), self.lifted_there.get((hold.gate, _moment(hold)), "")
        return (at is not None and at > utc(hold.at)) or (bool(comment_of(hold)) and there > hold.id)


def _index(heard: Iterable[Record]) -> _Index:
    found = _Index()
    for record in heard:
        if isinstance(record, Approval):
            found.yes[record.subject].append(record)
        elif isinstance(record, Denial):
            found.no[record.subject].append(record)
        elif isinstance(record, Answer):
            found.answers.setdefault(record.question, record)
        elif isinstance(record, Unhold):
            found.lifted[record.gate] = utc(record.at)
            found.lifted_there[record.gate, _moment(record)] = record.id
    return found


def _worked(record: Record, index: _Index) -> Record:
    if isinstance(record, Waiver) and record.label:
        return _settled(record, index)
    if isinstance(record, NotNeeded):
        yes = _last(index.yes[record.gate], record)
        return replace(record, confirmed_by=yes.by) if yes is not None else record
    if isinstance(record, Question) and record.id in index.answers:
        return replace(record, answered_at=index.answers[record.id].at)
    return record


def _is_denied(record: Record, index: _Index) -> bool:
    """Whether somebody else said no to "not needed", and not yes after that. A denied waiver is kept."""
    if not isinstance(record, NotNeeded):
        return False
    yes, no = _last(index.yes[record.gate], record), _last(index.no[record.gate], record)
    return no is not None and (yes is None or not is_later(yes, no))


def _settled(waiver: Waiver, index: _Index) -> Waiver:
    """Approved by whoever agreed last. Who said no may still say yes; nobody else's yes takes that no away."""
    yes, noes = index.yes[waiver.label], index.no[waiver.label]
    agreed = _last(yes, waiver)
    if agreed is not None:
        waiver = replace(waiver, approved_by=agreed.by, approved_at=agreed.at)
    last_yes = {each.by: each for each in yes}
    left = [no for no in noes if not is_later(waiver, no) and not is_later(last_yes.get(no.by, no), no)]
    if left:
        return replace(waiver, denied_by=left[-1].by, denied_at=left[-1].at, denial=left[-1].reason)
    return waiver


def _last(words: list[Word], about: Record) -> Word | None:
    """None where what it is about was said after it."""
    return words[-1] if words and not is_later(about, words[-1]) else None


def _not_replaced(newest_first: Iterable[Record], index: _Index) -> Iterator[Record]:
    """Those of which nothing that was said later took the place."""
    later: set[Hashable] = set()
    for record in newest_first:
        place = _place(record)
        if isinstance(record, Hold):
            if index.lifts(record) and record.by != UNREADABLE:
                continue
        elif place is not None and place in later:
            continue
        later.add(place)
        yield record


def _place(record: Record) -> Hashable:
    """Of records with the same place the last one counts."""
    if isinstance(record, Acceptance | Return):
        return "leg", record.upstream, record.downstream
    if isinstance(record, Ownership):
        return "owner", record.gate
    return ("away", record.by) if isinstance(record, Absence) else None
