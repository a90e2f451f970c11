"""The collapsed section that says how to answer: the commands for what this release waits for today.

Called by the report. Gates are named by their ids, which are one word, so that a line can be typed as it stands here.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from mapping.document import Bullets, Expand, Line, Text
from mapping.layout import shortened
from mapping.plain import cut
from mapping.readiness import Leg, State, WaiverState
from mapping.section_decisions import approver
from mapping.section_scope import is_unsettled
from mapping.wording import worst_first

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mapping.layout import Detail
    from mapping.readiness import GateReadiness, Readiness

_LINES = 8
"""So many commands for the gates and as many for the manager; the rest of them look alike."""

_KEYS = 3
_A_VOTE = " says it is not ready"
"""In the rules' reason: then it is who said it that has to say another word."""

_HOW = (
    "Work in your own tracker as always: your tickets are read, and nothing needs to be filled in here.",
    "A command stands alone on a line of a comment, here or on the gate's sign-off ticket, best with its slash.",
)
_NOTES = (
    "An edit of this text signs nothing: what stands above the notes is written anew each time. What you write below "
    "them stays."
)
_SIGNING = (
    "Moving the sign-off ticket to done, or to the status that was agreed for it, signs as well as the command does; "
    "moving it back takes that back."
)

Answer = tuple[str, str, str]
"""Who, the command, and what it does."""


def answers(readiness: Readiness, detail: Detail) -> tuple[Expand, ...]:
    """What to type and what signs, as it is today. Of a closed release there is nothing to answer."""
    if not detail.answers or readiness.closed is not None:
        return ()
    lines: list[Line] = [(Text(words),) for words in _HOW]
    lines += [_line(answer, detail) for answer in islice(_for_gates(readiness), _LINES)]
    lines += [_line(answer, detail) for answer in islice(_for_the_manager(readiness), _LINES)]
    lines += [(Text(words),) for words in (_signing(readiness, detail), _NOTES)]
    return (Expand("How to answer", (Bullets(tuple(lines)),)),)


def _line(answer: Answer, detail: Detail) -> Line:
    who, command, effect = answer
    return Text(f"{cut(who, detail.name)}: "), Text(cut(command, 160), strong=True), Text(f" ({cut(effect, 160)})")


def _for_gates(readiness: Readiness) -> Iterator[Answer]:
    for gate in sorted((gate for gate in readiness.gates if not gate.asked), key=worst_first):
        yield from _for_gate(gate, readiness)
    for handoff in readiness.handoffs:
        if handoff.leg is Leg.OFFERED:
            pair = f"{handoff.upstream}>{handoff.downstream}"
            yield handoff.holder or "The receiver", f"/accept {pair}", f"takes it; /return {pair} REASON does not"


def _for_gate(gate: GateReadiness, readiness: Readiness) -> Iterator[Answer]:
    owner = gate.owner or "The owner"
    match gate.state:
        case State.SIGN_OFF_DUE:
            yield owner, f"/ready {gate.id}", f"signs {gate.name}; /not-ready {gate.id} REASON says no"
        case State.UNKNOWN:
            yield owner, f"/attest {gate.id} 24h REASON", f"vouches for {gate.name} while it cannot be read"
        case State.ON_HOLD:
            yield gate.actor or owner, f"/unhold {gate.id}", "lifts the hold"
        case State.NOT_STARTED | State.BLOCKED if not gate.owner:
            yield _manager(readiness), f"/owner {gate.id} PERSON", f"names who owns {gate.name}"
        case State.BLOCKED | State.AT_RISK:
            yield from _in_the_way(gate, readiness, owner)
        case State.ON_TRACK | State.WAITING if gate.sign_off and not gate.total and gate.signed is None:
            yield owner, f"/ready {gate.id}", f"signs {gate.name}"


def _in_the_way(gate: GateReadiness, readiness: Readiness, owner: str) -> Iterator[Answer]:
    """What helps against the reason: another word, or a waiver of the first item that it names. What has to be admitted
    is the manager's, and a baton is taken.
    """
    if _A_VOTE in gate.reason:
        yield owner, f"/ready {gate.id}", f"takes back what was said against {gate.name}, by who said it"
        return
    named = frozenset(re.split(r"[\s,;:]+", gate.reason))
    settled = named - {change.key for change in readiness.scope.changes if is_unsettled(change)}
    for item in islice((it for it in gate.open_items if it.key in settled), 1):
        what = "asks to set this one item aside; two people must agree"
        yield owner, f"/waive {item.key} until DATE because REASON", what


def _for_the_manager(readiness: Readiness) -> Iterator[Answer]:
    manager = _manager(readiness)
    for standing in readiness.all_waivers:
        if standing.state is WaiverState.PENDING:
            label = standing.waiver.label or standing.waiver.id
            yield approver(standing, readiness), f"/approve {label}", f"agrees; /deny {label} REASON does not"
    unsettled = [change for change in readiness.scope.changes if is_unsettled(change)]
    for change in unsettled[:_KEYS]:
        yield manager, f"/admit {change.key} REASON", "settles it: it belongs to the release, or is known to be gone"
    silent = sorted(gate.id for gate in readiness.gates if gate.asked)
    for gate_id in silent[:_KEYS]:
        yield manager, f"/owner {gate_id} PERSON", "names who speaks for it"
    if any(hold.gate is None for hold in readiness.holds):
        yield manager, "/unhold", "lifts the hold on the release"
    yield from _decision(readiness, manager)


def _decision(readiness: Readiness, manager: str) -> Iterator[Answer]:
    if readiness.decisions and readiness.decisions[-1].go:
        yield manager, "/launched", "closes the release once it is out; /no-go REASON takes the GO back"
    elif readiness.launchable:
        yield manager, "/go", "decides that it may be launched; /no-go REASON decides that it may not"
    else:
        yield manager, "/no-go REASON", "decides that it may not be launched; /go is for when it is ready"


def _signing(readiness: Readiness, detail: Detail) -> str:
    signing = sorted((gate.name, gate.sign_off_key) for gate in readiness.gates if gate.sign_off and not gate.asked)
    if not signing:
        return "No gate here needs a signature: its tickets speak for it."
    first = signing[: detail.bullets]
    named = [cut(name, detail.name) + (f" ({cut(key, 40)})" if key else "") for name, key in first]
    return f"These need a signature: {shortened(named, len(signing))}. {_SIGNING}"


def _manager(readiness: Readiness) -> str:
    return readiness.managers[0] if readiness.managers else "The release manager"
