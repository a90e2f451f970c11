"""The floor on which a command is said: what it is held against, and who may say what about which gate.

Called by the rules of the single commands (``authority``, ``agreeing``). Pure. A refusal is raised and caught there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import NoReturn

from mapping.command import Command
from mapping.finding import named
from mapping.gate import Gate, Person, Release
from mapping.item import Account, Item
from mapping.person import is_manager, is_owner
from mapping.readiness import Readiness
from mapping.record import Closing, Record
from mapping.standing import standing


class RefusedError(Exception):
    """Somebody may not say this, or it means nothing now. Never leaves the rules."""


@dataclass(frozen=True, kw_only=True)
class Floor:
    """``release`` as amended; ``records`` are all, ``standing`` what stands of them; by gate the ``items`` that are
    there and those that are ``gone``. ``readiness`` judges now, ``evidence`` is the sha of that. ``accounts``: who
    spoke, by account id.
    """

    release: Release
    records: Sequence[Record]
    items: Mapping[str, Sequence[Item]]
    readiness: Callable[[], Readiness]
    evidence: Callable[[], str]
    accounts: Mapping[str, Account]
    gone: Mapping[str, Sequence[Item]] = field(default_factory=dict)

    @cached_property
    def standing(self) -> tuple[Record, ...]:
        return standing(self.records)

    @property
    def is_over(self) -> bool:
        return any(isinstance(record, Closing) for record in self.records)


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """One command as it was said. ``id`` is the record's to be, ``at`` the tracker's time. ``ticket``: the gate on
    whose sign-off ticket it was said, None for the summary issue.
    """

    command: Command
    who: Person
    id: str
    at: datetime
    url: str = ""
    ticket: str | None = None
    account: Account | None = None


def refused(why: str) -> NoReturn:
    raise RefusedError(why)


def check_manager(speech: Speech, floor: Floor) -> None:
    if not is_manager(floor.release, speech.who.name):
        who = named([person.name for person in floor.release.managers]) or "nobody yet"
        refused(f"only the release manager may say that ({who})")


def check_owner(gate: Gate, speech: Speech) -> None:
    if not is_owner(gate, speech.who.name):
        who = named([person.name for person in gate.owners]) or "nobody yet"
        refused(f"only an owner of {gate.name} may say that ({who})")


def own_gate(speech: Speech, floor: Floor) -> Gate:
    """The gate that is meant: the one that was named, that of the ticket, or the only one that the speaker owns."""
    gate = named_gate(speech, floor)
    if gate is not None:
        check_owner(gate, speech)
        return gate
    own = owned(speech, floor)
    if not own:
        refused("that is for an owner of a gate, and you are named for none; a release manager can name you")
    if len(own) > 1:
        refused(f"you own {named([gate.id for gate in own])}: name the gate")
    return own[0]


def named_gate(speech: Speech, floor: Floor) -> Gate | None:
    """On a sign-off ticket its own gate is meant, and no other can be."""
    word = speech.command.gate
    if word is not None:
        check_ticket([word], speech, floor)
    return next((gate for gate in floor.release.gates if gate.id == (word or speech.ticket)), None)


def owned(speech: Speech, floor: Floor) -> list[Gate]:
    return [gate for gate in floor.release.gates if is_owner(gate, speech.who.name)]


def speaks_for(gate: Gate, speech: Speech, floor: Floor) -> bool:
    return is_owner(gate, speech.who.name) or is_manager(floor.release, speech.who.name)


def check_ticket(gates: Iterable[str], speech: Speech, floor: Floor) -> None:
    if speech.ticket is not None and speech.ticket not in gates:
        refused(f"this ticket speaks for {gate_name(speech.ticket, floor)} only")


def gate_name(gate_id: str | None, floor: Floor) -> str:
    """In words; the release where there is no gate."""
    return next((gate.name for gate in floor.release.gates if gate.id == gate_id), gate_id or "the release")


def items_named(speech: Speech, floor: Floor) -> list[tuple[Gate, Item]]:
    """Where the item that was named belongs. Of two trackers' items with one key the tracker must be said."""
    tracker, _, key = (speech.command.item or "").rpartition("/")
    found = [
        (gate, item)
        for gate in floor.release.gates
        for item in (*floor.items.get(gate.id, ()), *floor.gone.get(gate.id, ()))
        if item.key.casefold() == key.casefold() and tracker in ("", item.tracker)
    ]
    if not found:
        refused(f"{speech.command.item} is no item of {floor.release.name}, as far as it was read")
    if len({item.ref for _, item in found}) > 1:
        refused(f"there are several {key}: write the tracker before it, like {found[0][1].tracker}/{key}")
    return [pair for n, pair in enumerate(found) if pair[0] not in [gate for gate, _ in found[:n]]]
