"""GO and NO-GO: people decide; here is kept what they decided on, and against whose advice.

Called by ``authority``. Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mapping.floor import Floor, Speech, check_manager, refused
from mapping.record import Decision

if TYPE_CHECKING:
    from mapping.readiness import Readiness


def decide(speech: Speech, floor: Floor) -> Decision:
    check_manager(speech, floor)
    command, go = speech.command, speech.command.name == "go"
    readiness = floor.readiness()
    against_advice = go and not readiness.launchable
    if against_advice and not (command.override and command.reason):
        refused(
            f"{readiness.name} cannot be launched now ({readiness.shown}: {readiness.reason}); "
            "to decide against that, add the word override and a reason"
        )
    return Decision(
        id=speech.id,
        by=speech.who.name,
        at=speech.at,
        go=go,
        reason=command.reason,
        override=against_advice,
        evidence=floor.evidence(),
        against=tuple(_advice(readiness)) if against_advice else (),
        states={gate.id: gate.state.value for gate in readiness.gates if gate.required},
    )


def _advice(readiness: Readiness) -> list[str]:
    """The words of every required gate that is not ready; of a confidential one its state alone."""
    return [
        f"{gate.name}: {gate.shown}" + ("" if gate.confidential else f", {gate.reason}")
        for gate in readiness.gates
        if gate.required and not gate.state.settled
    ]
