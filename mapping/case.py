"""One gate's case: everything that the rows of the state table look at. Built by ``judge``, read by the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from mapping.criteria import Criteria
from mapping.finding import Finding, contact_of, due_of, manager_of, owner_of
from mapping.gate import Gate, Release
from mapping.handoff import Baton
from mapping.memory import GateMemory, Series
from mapping.readiness import WaiverState
from mapping.said import Said
from mapping.scope import GateScope
from mapping.sight import Sight
from mapping.signing import SignOff
from mapping.timing import Timeline

if TYPE_CHECKING:
    from mapping.item import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One gate with what is known of it, before anything was concluded. ``started``: ``expect_by`` has passed.
    ``ended``: the waivers that were over for good before, what became of each, and since when.
    """

    gate: Gate
    release: Release
    timeline: Timeline
    sights: Sequence[Sight]
    said: Said
    past: GateMemory | None
    criteria: Criteria
    had_item: bool
    started: bool
    ended: Mapping[str, tuple[WaiverState, datetime]] = field(default_factory=dict)

    @property
    def is_read(self) -> bool:
        """Whether anything is read for it: its items, or the ticket that it is signed with."""
        return not self.gate.ticketless or self.gate.sign_off_key is not None

    @property
    def owner(self) -> str:
        return owner_of(self.gate)

    @property
    def is_ownerless(self) -> bool:
        """Whether nobody owns it, as far as that was told: who could not be looked up may be there."""
        return not self.owner and not self.gate.owner_untold

    @property
    def owner_or_manager(self) -> str:
        return self.owner or self.manager

    @property
    def manager(self) -> str:
        return manager_of(self.release)

    @property
    def contact(self) -> str:
        return contact_of(self.gate, self.release)

    @property
    def due(self) -> datetime | None:
        return due_of(self.gate, self.release)

    def quoted(self, words: str) -> str:
        """What somebody said, for a reason; nothing of it where the gate is confidential."""
        return f": {words}" if words and not self.gate.confidential else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The view with what follows from it.

    ``blind`` are the reasons why the gate cannot be told, attested or not. ``waits`` is what a met gate still waits for
    before it may rise, "" when nothing.
    """

    view: View
    blind: tuple[Finding, ...] = ()
    batons: tuple[Baton, ...] = ()
    series: Series
    sign_off: SignOff
    waits: str = ""
    scope: GateScope = field(default_factory=GateScope)

    @property
    def attested(self) -> bool:
        return self.view.said.attestation is not None

    @property
    def unseen(self) -> tuple[Finding, ...]:
        """Row 6: the ignorance that nobody vouches for."""
        return () if self.attested else self.blind

    @property
    def vouched(self) -> bool:
        """Whether it rests on an attestation: something cannot be told yet, and its owner vouches for it."""
        return self.attested and bool(self.blind or self.waits)

    @property
    def open_items(self) -> tuple[Item, ...]:
        """The blockers that keep it unmet, as last read: no attestation makes an open item done."""
        return self.view.criteria.open

    @property
    def met(self) -> bool:
        return is_met(self.view, self.batons)

    @property
    def dark(self) -> bool:
        """Whether it, or a gate that it waits for, cannot be told."""
        return bool(self.blind) or any(baton.dark for baton in self.batons)

    @property
    def legible(self) -> bool:
        return is_legible(self.view, self.blind)

    @property
    def unmet(self) -> bool:
        """Whether it is known to be unmet: by what we read, not by what we could not."""
        criteria = self.view.criteria
        lacking = criteria.missing > 0 or any(b.offered is not None and not b.arrived for b in self.batons)
        absent = any(b.offered is None and not b.untold for b in self.batons)
        few = self.view.had_item and criteria.missing > len(criteria.unreadable)  # as it was last read
        return bool(criteria.open) or absent or few or (self.legible and lacking)

    @property
    def clean(self) -> bool:
        """Met, and thanks to nothing but the facts."""
        return self.met and not self.view.criteria.waivers and not self.blind

    @property
    def risen(self) -> bool:
        """Whether it may be shown as good: it waits for nothing, or its owner vouches for it meanwhile."""
        return not self.waits or self.attested


def is_legible(view: View, blind: Sequence[Finding]) -> bool:
    """Whether everything of it could be read."""
    return not view.criteria.unreadable and not any(finding.wide for finding in blind)


def is_met(view: View, batons: Sequence[Baton]) -> bool:
    """Whether no blocker is open, enough items live and every hand-off arrived; readiness.md §2.

    An attestation vouches for items that cannot be read, and for nothing that is known: a gate whose source is lost
    must not look better than before.
    """
    if not all(baton.arrived for baton in batons) or view.gate.asked:
        return False
    if view.gate.ticketless:
        return True
    legible = view.said.attestation is not None or not view.criteria.unreadable
    return legible and not view.criteria.open and view.criteria.missing <= 0
