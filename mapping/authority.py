"""Who may say what, and what follows: one command of one person becomes records, or is refused with the reason.

Called under the right to settle a release, for each command once; readiness.md §5 is the table. Pure.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from mapping import agreeing
from mapping.calendar import shift
from mapping.deciding import decide
from mapping.finding import named
from mapping.floor import (
    Floor,
    RefusedError,
    Speech,
    check_manager,
    check_owner,
    check_ticket,
    gate_name,
    items_named,
    named_gate,
    own_gate,
    refused,
)
from mapping.gate import Person
from mapping.person import is_manager, of_account, own_name, person_named, person_of
from mapping.readiness import Leg
from mapping.record import (
    Absence,
    Acceptance,
    Admission,
    Attestation,
    Closing,
    Hold,
    Ownership,
    Question,
    Record,
    Return,
    Signature,
    TargetMove,
    Unhold,
)
from mapping.said import LONGEST_ATTESTATION
from mapping.timing import signature_end

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MOST_GATES = 20
ON_TICKETS = frozenset({"ready", "not-ready", "not-needed", "hold", "unhold", "attest", "waive", "accept", "return"})
"""What may be said on a gate's own sign-off ticket: what is about that gate."""


def taken(speech: Speech, floor: Floor) -> tuple[tuple[Record, ...], str]:
    """(the records that follow, "") or ((), why it is refused): a phrase without a full stop."""
    name = speech.command.name
    try:
        if floor.is_over:
            refused("the release is over")
        if speech.ticket is not None and name not in ON_TICKETS:
            refused("that is said on the summary issue, not on a ticket")
        found = _RULES[name](speech, floor)
    except RefusedError as no:
        return (), str(no)
    records = found if isinstance(found, tuple) else (found,)
    return tuple(replace(record, speaker=speech.account) for record in records), ""


def _word(speech: Speech, floor: Floor) -> Record:
    gate, ready = own_gate(speech, floor), speech.command.name == "ready"
    return Signature(
        id=speech.id,
        gate=gate.id,
        by=speech.who.name,
        at=speech.at,
        ready=ready,
        expires_at=signature_end(floor.release, speech.at) if ready else None,
        reason=speech.command.reason,
        url=speech.url,
    )


def _hold(speech: Speech, floor: Floor) -> Record:
    gate = _held_gate(speech, floor)
    return Hold(id=speech.id, by=speech.who.name, at=speech.at, reason=speech.command.reason, gate=gate)


def _unhold(speech: Speech, floor: Floor) -> Record:
    gate = _held_gate(speech, floor)
    held = {r.gate for r in floor.standing if isinstance(r, Hold)}
    if gate not in held:
        others = named(sorted(gate_name(other, floor) for other in held))
        refused(f"{gate_name(gate, floor)} is not held" + (f"; held is {others}" if others else ""))
    return Unhold(id=speech.id, by=speech.who.name, at=speech.at, gate=gate)


def _held_gate(speech: Speech, floor: Floor) -> str | None:
    """None for the release: that is what a manager means who names no gate."""
    unnamed = speech.command.gate is None and speech.ticket is None
    return None if unnamed and is_manager(floor.release, speech.who.name) else own_gate(speech, floor).id


def _attest(speech: Speech, floor: Floor) -> Record:
    gate, length = own_gate(speech, floor), speech.command.length or LONGEST_ATTESTATION
    return Attestation(
        id=speech.id,
        gate=gate.id,
        by=speech.who.name,
        at=speech.at,
        until=shift(speech.at, min(length, LONGEST_ATTESTATION)),
        reason=speech.command.reason,
    )


def _baton(speech: Speech, floor: Floor) -> Record:
    upstream, downstream = speech.command.handoff or ("", "")
    gate = next((g for g in floor.release.gates if g.id == downstream), None)
    if gate is None or upstream not in gate.after:
        refused(f"{gate_name(upstream, floor)} hands nothing over to {gate_name(downstream, floor)}")
    check_ticket([downstream], speech, floor)
    check_owner(gate, speech)
    taken_over = Acceptance(id=speech.id, upstream=upstream, downstream=downstream, by=speech.who.name, at=speech.at)
    if speech.command.name == "accept":
        _check_offered(taken_over, floor)
        return taken_over
    return Return(**asdict(taken_over), reason=speech.command.reason)


def _check_offered(taken_over: Acceptance, floor: Floor) -> None:
    """What was given back may be taken after all: that was offered."""
    upstream, downstream = taken_over.upstream, taken_over.downstream
    found = [it for it in floor.readiness().handoffs if (it.upstream, it.downstream) == (upstream, downstream)]
    name = gate_name(upstream, floor)
    if any(it.untold for it in found):
        refused(f"nobody can tell now whether {name} has offered it; say it again once it can be read")
    if any(it.leg is Leg.NOT_OFFERED for it in found):
        refused(f"{name} has not offered it yet: it does once it is ready; say it again then")


def _admit(speech: Speech, floor: Floor) -> tuple[Record, ...]:
    check_manager(speech, floor)
    command = speech.command
    where: list[tuple[str, tuple[str, str] | None]] = (
        [(command.gate, None)] if command.gate else [(gate.id, item.ref) for gate, item in items_named(speech, floor)]
    )
    return tuple(
        Admission(
            id=speech.id if len(where) == 1 else f"{speech.id}-{number}",
            gate=gate,
            by=speech.who.name,
            at=speech.at,
            reason=command.reason,
            item=item,
        )
        for number, (gate, item) in enumerate(where[:_MOST_GATES])
    )


def _ask(speech: Speech, floor: Floor) -> Record:
    label = f"Q{1 + len({r.label for r in floor.records if isinstance(r, Question)})}"
    return Question(
        id=speech.id,
        by=speech.who.name,
        at=speech.at,
        whom=speech.command.person or "",
        text=speech.command.reason,
        label=label,
        url=speech.url,
    )


def _target(speech: Speech, floor: Floor) -> Record:
    check_manager(speech, floor)
    until = speech.command.until
    if until is None:
        refused("say to which day")
    return TargetMove(id=speech.id, by=speech.who.name, at=speech.at, target=until, reason=speech.command.reason)


def _owner(speech: Speech, floor: Floor) -> Record:
    check_manager(speech, floor)
    gate = named_gate(speech, floor)
    if gate is None:
        refused("say of which gate")
    return Ownership(id=speech.id, gate=gate.id, by=speech.who.name, at=speech.at, person=_named(speech, floor))


def _named(speech: Speech, floor: Floor) -> Person:
    """Somebody whom the release knows, who spoke here, or an e-mail, whose accounts the trackers are asked for."""
    word = speech.command.person or ""
    known = person_named(floor.release, word)
    if known is not None:
        return known
    account = floor.accounts.get(word.removeprefix("@[").removesuffix("]"))
    if account is not None:
        name = own_name(account.name, account.email or account.id, floor.release)
        return person_of(floor.release, account) or replace(of_account(account), name=name)
    if "@" not in word[1:] or word.startswith("@["):
        refused("nobody knows whose account that is; name the person by e-mail")
    return Person(name=word, email=word)


def _away(speech: Speech, floor: Floor) -> Record:  # noqa: ARG001 - one form for all
    until = speech.command.until
    if until is None:
        refused("say until when")
    return Absence(id=speech.id, by=speech.who.name, at=speech.at, until=until)


def _close(speech: Speech, floor: Floor) -> Record:
    check_manager(speech, floor)
    launched = speech.command.name == "launched"
    return Closing(id=speech.id, by=speech.who.name, at=speech.at, launched=launched, reason=speech.command.reason)


_RULES: Mapping[str, Callable[[Speech, Floor], Record | tuple[Record, ...]]] = {
    "ready": _word,
    "not-ready": _word,
    "not-needed": agreeing.not_needed,
    "hold": _hold,
    "unhold": _unhold,
    "waive": agreeing.waive,
    "approve": agreeing.approve,
    "deny": agreeing.deny,
    "attest": _attest,
    "accept": _baton,
    "return": _baton,
    "admit": _admit,
    "ask": _ask,
    "target": _target,
    "owner": _owner,
    "away": _away,
    "go": decide,
    "no-go": decide,
    "launched": _close,
    "cancel": _close,
}
