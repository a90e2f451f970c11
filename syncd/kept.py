"""What the pass keeps of one release between two passes, as the one text that the store holds for it.

The rules' memory, and what start-up reads told that must outlive a tracker that is down: the launch issue's facts, the
leads, and the signatures of the sign-off tickets. A text that cannot be read is as good as none: rises start again.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from connectors.base import Launch
from mapping.item import Account
from mapping.memory import GateMemory, Memory
from mapping.record import Signature

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """``launch`` as last read, at ``launch_at``, of the address ``launch_asked``; ``name`` is the title that it had
    when it was first read. By gate id: ``leads``, ``signatures``, the ``tickets`` that these came from with their
    ``ticket_ids`` (tracker, id), and what was ``asked``. ``ways``: "gate tracker" → the ways of a convention that
    existed. ``configuration``: what was judged by.
    """

    memory: Memory = field(default_factory=Memory)
    launch: Launch | None = None
    launch_at: datetime | None = None
    launch_asked: str = ""
    name: str = ""
    leads: dict[str, Account] = field(default_factory=dict)
    signatures: dict[str, Signature] = field(default_factory=dict)
    tickets: dict[str, str] = field(default_factory=dict)
    ticket_ids: dict[str, tuple[str, str]] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    ways: dict[str, frozenset[str]] = field(default_factory=dict)
    configuration: str = ""

    def launched_from(self, address: str) -> Kept:
        """Without the facts of another launch issue than the one at this address."""
        if self.launch_asked == address:
            return self
        return replace(self, launch=None, launch_at=None, name="", launch_asked=address)

    def fitting(self, asked: Mapping[str, str], tickets: Mapping[str, str]) -> Kept:
        """What still answers what is asked now. A gate whose question changed begins to settle anew; a signature of
        another ticket is none.
        """
        changed = {gate for gate in self.memory.gates if self.asked.get(gate) != asked.get(gate)}
        memory = Memory(gates={gate: _anew(it) if gate in changed else it for gate, it in self.memory.gates.items()})
        same = {gate for gate, ticket in tickets.items() if self.tickets.get(gate) == ticket}
        return replace(
            self,
            memory=memory,
            leads={gate: lead for gate, lead in self.leads.items() if gate not in changed},
            ways={place: ways for place, ways in self.ways.items() if place.partition(" ")[0] not in changed},
            signatures={gate: signed for gate, signed in self.signatures.items() if gate in same},
            tickets=dict(tickets),
            ticket_ids={gate: id_ for gate, id_ in self.ticket_ids.items() if gate in same},
            asked=dict(asked),
        )


def _anew(gate: GateMemory) -> GateMemory:
    """Where the gate stood and what was signed and waived stays; what was read in answer to the old question goes."""
    return GateMemory(state=gate.state, since=gate.since, previous=gate.previous, bound=gate.bound, spent=gate.spent)


_KEPT = TypeAdapter(Kept)


def kept_from(text: str | None) -> Kept:
    try:
        return _KEPT.validate_json(text) if text else Kept()
    except ValidationError:
        return Kept()


def kept_text(kept: Kept) -> str:
    return _KEPT.dump_json(kept).decode()
