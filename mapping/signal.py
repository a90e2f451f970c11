"""A sign-off ticket read as a signature: an owner says "ready" by moving one ticket; readiness.md §5.

Called where records are collected, before ``judge``. Pure; reads no clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mapping.calendar import utc
from mapping.item import Move, Progress, Ticket
from mapping.record import Signature
from mapping.timing import signature_end

if TYPE_CHECKING:
    from mapping.gate import Gate, Person, Release


def signature(gate: Gate, ticket: Ticket, ready_status: str | None, release: Release) -> Signature | None:
    """The signature that the ticket stands for, or None.

    ``ready_status`` is the name or id of the status that means ready; None: any status that counts as done. A
    dropped ticket never signs. Only the move that brought the ticket where it stands counts, and only when an owner or
    backup of the gate made it: what was moved back is withdrawn, and what somebody else moved was not signed. The
    expiry is fixed from the move's own time.
    """
    move = _last_move(ticket)
    if move is None or not _means_ready(ticket, ready_status):
        return None
    owner = _who(gate, move)
    if owner is None:
        return None
    return Signature(
        id=f"{gate.id}:{ticket.item.tracker}:{ticket.item.id}:{move.id}",
        gate=gate.id,
        by=owner.name,
        at=utc(move.at),
        expires_at=signature_end(release, move.at),
        key=ticket.item.key,
        url=ticket.item.url,
        speaker=move.by,
    )


def _last_move(ticket: Ticket) -> Move | None:
    """The move into the present status; None when the history does not end there, for then it is not whole.

    Moves that change nothing (from a status to itself) do not sign again.
    """
    moves = sorted(ticket.moves, key=lambda m: utc(m.at))
    if not moves or not _is_present(moves[-1], ticket):
        return None
    first = len(moves) - 1
    while first and _is_present(moves[first - 1], ticket):
        first -= 1
    return moves[first]


def _is_present(move: Move, ticket: Ticket) -> bool:
    if move.status_id and ticket.item.status_id:
        return move.status_id == ticket.item.status_id
    return move.status == ticket.item.status


def _means_ready(ticket: Ticket, ready_status: str | None) -> bool:
    item = ticket.item
    if item.problem or item.progress is Progress.DROPPED:
        return False
    if ready_status is None:
        return item.progress is Progress.DONE
    return ready_status == item.status_id or ready_status.casefold() == item.status.casefold()


def _who(gate: Gate, move: Move) -> Person | None:
    if move.by is None:
        return None
    return next((person for person in gate.owners if person.has(move.by)), None)
