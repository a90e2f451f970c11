"""A waiver, and that a gate is not needed: asked for by one, approved or denied by another.

Called by ``authority``. Pure. That the two are two is looked at again whenever a release is judged.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from mapping.calendar import shift, utc
from mapping.digest import item_digest
from mapping.finding import told_by
from mapping.floor import (
    Floor,
    Speech,
    check_ticket,
    gate_name,
    items_named,
    own_gate,
    refused,
    speaks_for,
)
from mapping.person import same_person
from mapping.record import Approval, Denial, Ending, NotNeeded, Record, Waiver
from mapping.said import name_of
from mapping.two_people import LONGEST_WAIVER, is_managers_own, may_settle, waived_until

if TYPE_CHECKING:
    from mapping.gate import Gate
    from mapping.item import Item

_DEFAULT_WAIVER = timedelta(days=7)
_MOST_GATES = 20


def not_needed(speech: Speech, floor: Floor) -> Record:
    gate = own_gate(speech, floor)
    return NotNeeded(id=speech.id, gate=gate.id, by=speech.who.name, at=speech.at, reason=speech.command.reason)


def waive(speech: Speech, floor: Floor) -> tuple[Record, ...]:
    """One waiver, with a record for each gate of the item for which the speaker speaks."""
    found = items_named(speech, floor)
    check_ticket([gate.id for gate, _ in found], speech, floor)
    pairs = [(gate, it) for gate, it in found if speaks_for(gate, speech, floor) and speech.ticket in (None, gate.id)]
    if not pairs:
        refused(f"only the release manager or an owner of its gate may waive {speech.command.item}")
    item = pairs[0][1]
    _check_open(item, speech, floor)
    until = _waived_until(speech, floor)
    label = f"W{1 + len({r.label for r in floor.records if isinstance(r, Waiver)})}"
    return tuple(
        _waiver(speech, gate, item, until, label, "" if len(pairs) == 1 else f"-{number}")
        for number, (gate, _) in enumerate(pairs[:_MOST_GATES])
    )


def _check_open(item: Item, speech: Speech, floor: Floor) -> None:
    """What is not known cannot be waived, nor what was another thing when it was said."""
    if all(item not in items for items in floor.items.values()):
        refused(f"{item.key} can no longer be found, and what is not known cannot be waived; the manager may admit it")
    if item.progress is None or item.problem:
        refused(
            f"{item.key} cannot be judged, and what is not known cannot be waived; its owner may attest to the gate"
        )
    if item.moved_at is not None and utc(item.moved_at) >= utc(speech.at):
        refused(f"{item.key} has moved since that was said; say it again if it still holds")
    if item.finished:
        refused(f"{item.key} is not open, so there is nothing to waive")


def _waiver(speech: Speech, gate: Gate, item: Item, until: datetime, label: str, behind: str) -> Waiver:
    return Waiver(
        id=speech.id + behind,
        gate=gate.id,
        item=item.ref,
        digest=item_digest(item),
        by=speech.who.name,
        at=speech.at,
        until=until,
        reason=speech.command.reason,
        follow_up=gate.owners[0].name if gate.owners else speech.who.name,
        label=label,
        key=item.key,
    )


def _waived_until(speech: Speech, floor: Floor) -> datetime:
    longest, said, target = shift(speech.at, LONGEST_WAIVER), speech.command.until, floor.release.target
    if said is None:
        return min(shift(max(utc(target), utc(speech.at)), _DEFAULT_WAIVER), longest) if target else longest
    if utc(said) > longest:
        refused(f"a waiver lasts 30 days at most, so until {told_by(longest, floor.release)}")
    if utc(said) <= utc(speech.at):
        refused("that time is over already")
    return utc(said)


def approve(speech: Speech, floor: Floor) -> Record:
    about = _subject(speech, floor)
    if (
        isinstance(about, Waiver)
        and about.denied_by
        and not same_person(floor.release, about.denied_by, speech.who.name)
    ):
        refused(f"{about.denied_by} has denied it, and only they can take that back")
    if isinstance(about, Waiver):
        _check_not_over(about, speech, floor)
    if same_person(floor.release, about.by, speech.who.name):
        refused(f"{about.by} asked for it, so a second person has to agree")
    if not may_settle(about, speech.who.name, floor.release):
        refused(f"only {_second(about, floor)} may approve it")
    return Approval(id=speech.id, by=speech.who.name, at=speech.at, subject=speech.command.subject or "")


def _check_not_over(waiver: Waiver, speech: Speech, floor: Floor) -> None:
    """What ended is in force for nobody, whoever agrees to it."""
    another = "ask for another where one is needed"
    ended = (it for it in floor.records if isinstance(it, Ending) and it.waiver == name_of(waiver))
    for it in ended:
        what = "was finished" if it.fulfilled else "has changed since"
        refused(f"{waiver.label} is over, for {waiver.key} {what}; {another}")
    until = waived_until(waiver)
    if until <= utc(speech.at):
        refused(f"{waiver.label} ended {told_by(until, floor.release)}; {another}")


def deny(speech: Speech, floor: Floor) -> Record:
    about = _subject(speech, floor)
    mine = same_person(floor.release, about.by, speech.who.name)
    if not mine and not may_settle(about, speech.who.name, floor.release):
        refused(f"only {_second(about, floor)} may deny it")
    subject = speech.command.subject or ""
    return Denial(id=speech.id, by=speech.who.name, at=speech.at, subject=subject, reason=speech.command.reason)


def _subject(speech: Speech, floor: Floor) -> Waiver | NotNeeded:
    subject = speech.command.subject
    asked = [
        record
        for record in floor.standing
        if (isinstance(record, Waiver) and record.label == subject)
        or (isinstance(record, NotNeeded) and record.gate == subject)
    ]
    if not asked:
        refused(f"nobody has asked for {gate_name(subject, floor)}" if subject else "say what is meant")
    if isinstance(asked[-1], Waiver) and asked[-1].revoked_at:
        refused(f"{asked[-1].by} has taken {subject} back")
    return asked[-1]


def _second(about: Waiver | NotNeeded, floor: Floor) -> str:
    if is_managers_own(about, floor.release):
        return f"an owner of {gate_name(about.gate, floor)} or another release manager"
    return "the release manager"
