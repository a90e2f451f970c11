"""Hand-offs: what a gate needs from the required gates before it, and who holds the baton; readiness.md §6.

Called by ``judge``, upstream gates first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from mapping.calendar import shift_working_days, utc
from mapping.gate import Gate
from mapping.item import Progress
from mapping.readiness import State
from mapping.timing import last_week

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mapping.criteria import Criteria
    from mapping.gate import Release
    from mapping.said import Said
    from mapping.timing import Timeline

_GIVES = (State.READY, State.EXCEPTION, State.NOT_NEEDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """A gate as those after it see it.

    ``met``: its criteria hold, signed or not. ``unmet``: they are known not to; neither where it cannot be told.
    ``dark``: it, or one before it, cannot be told.
    """

    gate: Gate
    state: State
    met: bool
    unmet: bool
    dark: bool

    @property
    def gives(self) -> bool:
        """Ready, or met and signed and only settling."""
        return self.state in _GIVES or (self.state is State.ON_TRACK and self.met)


@dataclass(frozen=True, slots=True, kw_only=True)
class Baton:
    """One hand-off. ``offered`` is when it was first seen offered, None while it is not.

    ``dark``: its upstream gate cannot be told. ``untold``: nor, therefore, whether it is offered.
    """

    upstream: Gate
    offered: datetime | None
    arrived: bool = False
    dropped: bool = False
    dark: bool = False
    untold: bool = False


def batons(
    gate: Gate, before: Mapping[str, Upstream], past: Mapping[str, datetime], release: Release, timeline: Timeline
) -> tuple[Baton, ...]:
    """The hand-offs to ``gate``, none arrived yet. ``past`` tells when each was offered before.

    A gate that is missing in ``before`` is judged later, which only a cycle can cause: it has offered nothing. An
    upstream gate that cannot be told, or that must sign again, takes nothing back; one that is known to be unmet does.
    """
    required = {g.id: g for g in release.gates if g.required and g.id in gate.after and g.id != gate.id}
    found = []
    for name, upstream in sorted(required.items()):
        seen = before.get(name)
        if seen is None:
            found.append(Baton(upstream=upstream, offered=None))
            continue
        offered = past.get(name, timeline.now if seen.gives else None) if seen.gives or not seen.unmet else None
        untold = offered is None and seen.dark and not seen.unmet
        found.append(Baton(upstream=upstream, offered=offered, dark=seen.dark, untold=untold))
    return tuple(found)


def received(
    gate: Gate, offered: Sequence[Baton], criteria: Criteria, said: Said, release: Release, timeline: Timeline
) -> tuple[Baton, ...]:
    """The same hand-offs with what the receiver showed: its work, its word, or nothing for too long."""
    at_work = any(i.live and (i.progress in (Progress.DOING, Progress.DONE) or i.assignee) for i in criteria.items)
    days = 1 if last_week(timeline, release) else 2
    found = []
    for baton in offered:
        if baton.offered is None:
            found.append(baton)
            continue
        arrived = at_work or _is_accepted(gate, baton, baton.offered, said)
        patience = shift_working_days(baton.offered, days, release.zone, release.holidays)
        dropped = not arrived and timeline.passed(patience)
        found.append(replace(baton, arrived=arrived, dropped=dropped))
    return tuple(found)


def _is_accepted(gate: Gate, baton: Baton, offered: datetime, said: Said) -> bool:
    """By an acceptance, or by its own signature where the receiver has no tickets to show."""
    if any(a.upstream == baton.upstream.id for a in said.acceptances):
        return True
    return gate.ticketless and any(utc(s.at) >= utc(offered) for s in said.signatures)
