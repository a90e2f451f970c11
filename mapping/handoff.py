"""Hand-offs: what a gate needs from the required gates before it, and who holds the baton; readiness.md §6.

Called by ``judge``, upstream gates first. How long each leg lasts is ``legs``'.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from mapping.calendar import shift_working_days, utc
from mapping.gate import Gate
from mapping.item import Progress
from mapping.readiness import State
from mapping.record import Return
from mapping.said import name_of
from mapping.timing import last_week

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mapping.case import Case, View
    from mapping.criteria import Criteria


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """A gate as those after it see it.

    ``met``: its criteria hold, signed or not. ``unmet``: they are known not to; neither where it cannot be told.
    ``dark``: it, or one before it, cannot be told. ``signed_at``: when the newest signature that stands was made.
    """

    gate: Gate
    state: State
    met: bool
    unmet: bool
    dark: bool
    signed_at: datetime | None = None

    @property
    def gives(self) -> bool:
        """Ready, or met and signed and only settling."""
        return self.state.settled or (self.state is State.ON_TRACK and self.met)

    @property
    def untold(self) -> bool:
        """Whether nobody can tell if it is ready."""
        return self.dark and not self.unmet and not self.gives


def upstream_of(case: Case, state: State) -> Upstream:
    signed = case.sign_off.standing[0].at if case.sign_off.standing else None
    return Upstream(gate=case.view.gate, state=state, met=case.met, unmet=case.unmet, dark=case.dark, signed_at=signed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Baton:
    """One hand-off. ``offered`` is when it was first seen offered, None while it is not. ``by``: when it counts as
    dropped unless somebody takes it.

    ``dark``: its upstream gate cannot be told. ``untold``: nor, therefore, whether it is offered. ``returned``: it was
    given back for that, and stays so; ``heeded``: the upstream gate has acted on what was said last of that, as the
    memory names it. ``excuses``: not having it forgives lateness, for the gate before is known to be unready.
    """

    upstream: Gate
    offered: datetime | None
    arrived: bool = False
    dropped: bool = False
    dark: bool = False
    untold: bool = False
    returned: Return | None = None
    heeded: str = ""
    excuses: bool = True
    by: datetime | None = None


def batons(view: View, before: Mapping[str, Upstream]) -> tuple[Baton, ...]:
    """The hand-offs to the gate, none arrived yet.

    A gate that is missing in ``before`` is judged later, which only a cycle can cause: it has offered nothing. An
    upstream gate that cannot be told, or that must sign again, takes nothing back; one that is known to be unmet does.
    """
    gate = view.gate
    required = {g.id: g for g in view.release.gates if g.required and g.id in gate.after and g.id != gate.id}
    pairs = [(upstream, before.get(name)) for name, upstream in sorted(required.items())]
    return tuple(_baton(view, seen) if seen else Baton(upstream=upstream, offered=None) for upstream, seen in pairs)


def _baton(view: View, seen: Upstream) -> Baton:
    name = seen.gate.id
    before, heard = (view.past.offered, view.past.heeded.get(name)) if view.past else ({}, None)
    back = next((r for r in reversed(view.said.returns) if r.upstream == name), None)
    heeded = name_of(back) if back and (heard == name_of(back) or _acted_on(back, seen)) else ""
    baton = Baton(upstream=seen.gate, offered=None, dark=seen.dark, heeded=heeded)
    if back and not (heeded and seen.gives):
        return replace(baton, returned=back, excuses=not seen.gives and not seen.untold)
    since = before.get(name) if heeded in ("", heard) else None
    offered = (since or (view.timeline.now if seen.gives else None)) if seen.gives or not seen.unmet else None
    untold = offered is None and seen.untold
    return replace(baton, offered=offered, untold=untold, excuses=not untold)


def _acted_on(back: Return, seen: Upstream) -> bool:
    """Whether a gate that got its hand-off back is at work again, or signed again since."""
    signed = seen.signed_at is not None and utc(seen.signed_at) > utc(back.at)
    return signed or (seen.unmet and not seen.gives)


def received(view: View, offered: Sequence[Baton]) -> tuple[Baton, ...]:
    """The same hand-offs with what the receiver showed: its work, its word, or nothing for too long."""
    release, timeline = view.release, view.timeline
    at_work = is_at_work(view.criteria)
    days = 1 if last_week(timeline, release) else 2
    found = []
    for baton in offered:
        if baton.offered is None:
            found.append(baton)
            continue
        arrived = at_work or _is_accepted(view, baton, baton.offered)
        patience = shift_working_days(baton.offered, days, release.zone, release.holidays)
        dropped = not arrived and timeline.passed(patience)
        found.append(replace(baton, arrived=arrived, dropped=dropped, by=None if arrived else patience))
    return tuple(found)


def is_at_work(criteria: Criteria) -> bool:
    """Whether the receiver's items left todo, or somebody is to do them."""
    return any(i.live and (i.progress in (Progress.DOING, Progress.DONE) or i.assignee) for i in criteria.items)


def _is_accepted(view: View, baton: Baton, offered: datetime) -> bool:
    """By an acceptance, or by its own signature where the receiver has no tickets to show."""
    if any(a.upstream == baton.upstream.id for a in view.said.acceptances):
        return True
    return view.gate.ticketless and any(utc(s.at) >= utc(offered) for s in view.said.signatures)
