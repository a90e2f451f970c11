"""What judging keeps of one release between two judgements, as the one text that the store holds for it.

The rules' memory, and the signatures of the sign-off tickets, which must outlive a tracker that is down. A text that
cannot be read is as good as none: rises start again.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from mapping.memory import Baseline, GateMemory, Memory, Series
from mapping.record import Signature
from syncd.asked import which_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """By gate id: ``signatures``, the ``tickets`` that these came from, and what was ``asked``. ``configuration``: what
    was judged by.
    """

    memory: Memory = field(default_factory=Memory)
    signatures: dict[str, Signature] = field(default_factory=dict)
    tickets: dict[str, str] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    configuration: str = ""

    def fitting(self, asked: Mapping[str, str], tickets: Mapping[str, str]) -> Kept:
        """What still answers what is asked now. A gate whose question changed begins to settle anew, and if that is
        another one about which items there are, its scope is fixed anew, too; a signature of another ticket is none.
        """
        gates = {gate: _fitting(it, self.asked.get(gate), asked.get(gate)) for gate, it in self.memory.gates.items()}
        same = {gate for gate, ticket in tickets.items() if self.tickets.get(gate) == ticket}
        return replace(
            self,
            memory=replace(self.memory, gates=gates),
            signatures={gate: signed for gate, signed in self.signatures.items() if gate in same},
            tickets=dict(tickets),
            asked=dict(asked),
        )


def _fitting(gate: GateMemory, before: str | None, now: str | None) -> GateMemory:
    if before == now:
        return gate
    is_same_scope = before is not None and now is not None and which_of(before) == which_of(now)
    return _settling_anew(gate) if is_same_scope else _anew(gate)


def _settling_anew(gate: GateMemory) -> GateMemory:
    """The same items are asked for: what became of them stays. The counts and the settling are read anew."""
    return replace(gate, series=Series(), facts=None, seen={}, seen_at=None)


def _anew(gate: GateMemory) -> GateMemory:
    """Where the gate stood and what was signed, waived and returned stays, and so does what the new scope is to be held
    against; what else was read in answer to the old question goes.
    """
    return GateMemory(
        state=gate.state,
        since=gate.since,
        previous=gate.previous,
        bound=gate.bound,
        spent=gate.spent,
        ended=gate.ended,
        heeded=gate.heeded,
        baseline=gate.baseline and _outdated(gate.baseline, gate.vanished),
    )


def _outdated(baseline: Baseline, vanished: Mapping[str, datetime]) -> Baseline:
    """What was out of sight is looked for no longer, and so has left."""
    lost = {name: at for name, at in vanished.items() if name in baseline.items}
    return replace(baseline, outdated=True, left=lost | baseline.left)


_KEPT = TypeAdapter(Kept)


def kept_from(text: str | None) -> Kept:
    try:
        return _KEPT.validate_json(text) if text else Kept()
    except ValidationError:
        return Kept()


def kept_text(kept: Kept) -> str:
    return _KEPT.dump_json(kept).decode()
