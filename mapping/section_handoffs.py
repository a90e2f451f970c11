"""The section of hand-offs in flight: who holds the baton, since when, and which was dropped; readiness.md §6.

Called by the report. A baton that was not offered yet shows at its gate, one that is done nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mapping.document import Block, Line, Lozenge, Text, Tone
from mapping.layout import gate_name, reason_of, section
from mapping.plain import cut
from mapping.readiness import Leg
from mapping.wording import counted, moment

if TYPE_CHECKING:
    from mapping.layout import Detail, Edition
    from mapping.readiness import HandOff, Readiness

_ORDER = (Leg.RETURNED, Leg.OFFERED, Leg.ACCEPTED, Leg.NOT_OFFERED)


def hand_offs(readiness: Readiness, edition: Edition, detail: Detail) -> tuple[Block, ...]:
    """Dropped ones first, then what came back, what waits to be taken, and what is being worked on."""
    flying = sorted((each for each in readiness.handoffs if is_flying(each)), key=_rank)
    lines = [_line(each, readiness, edition, detail) for each in flying[: detail.bullets]]
    return section("Hand-offs in flight", lines, len(flying) - len(lines))


def is_flying(handoff: HandOff) -> bool:
    if handoff.leg is Leg.NOT_OFFERED:
        return handoff.untold
    return handoff.leg is not Leg.DONE


def _rank(handoff: HandOff) -> tuple[object, ...]:
    return not handoff.dropped, _ORDER.index(handoff.leg), handoff.upstream, handoff.downstream


def _line(handoff: HandOff, readiness: Readiness, edition: Edition, detail: Detail) -> Line:
    names = [gate_name(name, readiness, detail) for name in (handoff.upstream, handoff.downstream)]
    holder = cut(handoff.holder, detail.name) or "nobody"
    since = ""
    if handoff.since is not None:
        at = moment(handoff.since, edition.zone, readiness.computed_at)
        since = f" since {at} ({counted(handoff.hours, 'working hour')}, when written)"
    words, mark = _leg(handoff, holder, since, readiness, detail)
    if handoff.leg is Leg.OFFERED and handoff.by is not None and not handoff.dropped:
        words += f"; it counts as dropped from {moment(handoff.by, edition.zone, readiness.computed_at)} on"
    told = f", though {names[0]} cannot be told now" if handoff.untold and handoff.leg is not Leg.NOT_OFFERED else ""
    return (*_mark(mark), Text(" → ".join(names), strong=True), Text(f": {words}{told}"))


def _leg(handoff: HandOff, holder: str, since: str, readiness: Readiness, detail: Detail) -> tuple[str, str]:
    """The leg in words, and in one word where somebody has to look."""
    match handoff.leg:
        case Leg.RETURNED:
            why = reason_of(handoff.reason, (handoff.upstream, handoff.downstream), readiness, detail)
            return f"given back{why}. {holder} has it{since}", "RETURNED"
        case Leg.ACCEPTED:
            return f"taken; {holder} has it{since}", ""
        case Leg.OFFERED:
            owner = f"{holder} has not taken it" if handoff.holder else "nobody is there to take it"
            return f"offered{since}; {owner}", "DROPPED" if handoff.dropped else ""
        case _:
            return f"it cannot be told whether it was offered, for {_blind(handoff, readiness, detail)}", ""


def _blind(handoff: HandOff, readiness: Readiness, detail: Detail) -> str:
    return f"{gate_name(handoff.upstream, readiness, detail)} cannot be told"


def _mark(word: str) -> Line:
    return (Lozenge(word, Tone.BAD if word == "DROPPED" else Tone.WARN), Text(" ")) if word else ()
