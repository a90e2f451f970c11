"""What one gate's items say: which block, which are open, waived, unreadable or gone. No states yet, no past.

Called by ``judge``. The same items in any order give the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mapping.calendar import utc
from mapping.digest import item_digest, sha256
from mapping.item import Item, Progress
from mapping.readiness import WaiverState
from mapping.record import Waiver
from mapping.said import name_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from mapping.gate import Gate, Release
    from mapping.said import Said
    from mapping.sight import Sight

_MASS_COUNT = 3
_MASS_SHARE = 0.2
_LEAST_URGENT = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """``items`` are all that count, with those that vanished and were not settled, sorted by urgency and key.

    ``open`` are the blockers that are known to be unfinished and are not waived; ``waivers`` those that set an open
    blocker aside; ``unreadable`` what we cannot judge; ``vanished`` the unfinished ones that are gone; ``gone`` how
    many vanished at all when that is a mass disappearance, else 0; ``missing`` how many live items are lacking;
    ``spent`` what became of the waivers that were seen to be over for good, by ``name_of``.
    """

    items: tuple[Item, ...] = ()
    blockers: tuple[Item, ...] = ()
    open: tuple[Item, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    unreadable: tuple[Item, ...] = ()
    vanished: tuple[Item, ...] = ()
    gone: int = 0
    missing: int = 0
    spent: Mapping[str, WaiverState] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(item.live for item in self.items)

    @property
    def done(self) -> int:
        return sum(item.progress is Progress.DONE for item in self.items)

    def digest(self, batons: Sequence[tuple[str, bool]]) -> str:
        """What a signature is bound to: which items block, their progress, and which hand-offs arrived."""
        blocking = sorted([*item.ref, item.progress] for item in self.blockers if item.progress and item.live)
        return sha256([blocking, sorted(batons)])


def missed(gone: Iterable[Item], past: Mapping[str, datetime], now: datetime) -> dict[str, datetime]:
    """When each vanished item was first missed, by "tracker id"."""
    return {name: past.get(name, now) for name in sorted({item_name(item) for item in gone})}


def criteria(
    gate: Gate,
    found: Iterable[Item],
    sights: Sequence[Sight],
    said: Said,
    since: Mapping[str, datetime],
    release: Release,
) -> Criteria:
    """``found`` are the gate's items as last read; ``since`` is what ``missed`` told."""
    if gate.ticketless or gate.asked:
        return Criteria()
    present = tuple(found)
    gone = [i for i in _vanished(sights) if i.ref not in release.never_items]
    unsettled = [i for i in gone if not is_settled(i, said, since)]
    items = _each_once(i for i in (*present, *unsettled) if i.ref not in release.never_items)
    blockers = tuple(i for i in items if gate.blockers.include(i))
    unfinished = [i for i in blockers if i.progress is not None and not i.finished]
    waivers = tuple(w for i in unfinished for w in _waivers_of(i, said)[:1])
    waived = {w.item for w in waivers}
    return Criteria(
        items=items,
        blockers=blockers,
        open=tuple(i for i in unfinished if i.ref not in waived),
        waivers=waivers,
        unreadable=tuple(i for i in items if i.problem or i.progress is None),
        vanished=_each_once(i for i in unsettled if not i.finished),
        gone=_mass(len({i.ref for i in unsettled}), len(items)),
        missing=max(gate.expect, 1) - sum(i.live and i.progress is not None for i in items),
        spent=_spent(items, said),
    )


def _vanished(sights: Iterable[Sight]) -> list[Item]:
    return [item for sight in sights for item in sight.vanished]


def is_settled(item: Item, said: Said, since: Mapping[str, datetime]) -> bool:
    """Whether the manager admitted it since it was missed: by name, or with all of the gate's."""
    first = since.get(item_name(item))
    return first is not None and any(a.item in (None, item.ref) and utc(a.at) >= first for a in said.admissions)


def _spent(items: Iterable[Item], said: Said) -> dict[str, WaiverState]:
    """The waivers whose item was seen finished or otherwise changed: what was promised about it is over."""
    pinned = {w.item for w in said.proposed}
    seen = {i.ref: i for i in items if i.ref in pinned and i.progress is not None and not i.problem}
    changed = [w for w in said.proposed if w.item in seen and item_digest(seen[w.item]) != w.digest]
    return {name_of(w): WaiverState.FULFILLED if seen[w.item].finished else WaiverState.SUPERSEDED for w in changed}


def _waivers_of(item: Item, said: Said) -> list[Waiver]:
    pinned = [w for w in said.waivers if w.item == item.ref]
    return [w for w in pinned if w.digest == item_digest(item)] if pinned else []


def _mass(gone: int, known: int) -> int:
    return gone if gone >= _MASS_COUNT and gone > known * _MASS_SHARE else 0


def _each_once(items: Iterable[Item]) -> tuple[Item, ...]:
    """One item for each identity, the least finished where two readings disagree, most urgent first."""
    kept: dict[tuple[str, str], Item] = {}
    for item in items:
        other = kept.get(item.ref)
        kept[item.ref] = item if other is None else min(item, other, key=lambda i: (i.finished, not i.problem, repr(i)))
    return tuple(sorted(kept.values(), key=lambda i: (i.priority or _LEAST_URGENT, i.tracker, len(i.key), i.key, i.id)))


def item_name(item: Item) -> str:
    """Its name in the memory."""
    return f"{item.tracker} {item.id}"
