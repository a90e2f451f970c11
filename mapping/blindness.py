"""Row 6, CAN'T TELL: why a gate cannot be judged; the guards of readiness.md §4.

Called by ``judge``. What is found here never clears anything and never blocks anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mapping.calendar import written
from mapping.finding import Finding, counted, keys
from mapping.timing import freshness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mapping.case import View
    from mapping.item import Item
    from mapping.sight import Sight


def blindness(view: View) -> tuple[Finding, ...]:
    """Every reason, those about whole sources first. A gate that the file does not mention is asked about."""
    if view.gate.asked:
        return ()
    return (*_sources(view), *_mass(view), *_vanished(view), *_unreadable(view), *_no_items(view))


def _sources(view: View) -> Iterator[Finding]:
    needed = not view.gate.ticketless or view.gate.sign_off_key is not None
    if needed and not view.sights:
        yield Finding(
            reason=f"{view.gate.name} was never read",
            actor=view.contact,
            todo=f"make the tracker of {view.gate.name} readable",
            wide=True,
        )
    limit = freshness(view.timeline, view.release)
    for sight in sorted(view.sights, key=lambda s: (s.tracker, repr(s))):
        fresh = view.timeline.fresh(sight.observed_at, limit)
        if not fresh or (sight.problem and sight.refused):
            yield _out_of_sight(view, sight)


def _out_of_sight(view: View, sight: Sight) -> Finding:
    since = sight.observed_at
    last = f"last read {written(since, view.release.zone)}" if since else "never read completely"
    told = f" ({sight.problem.rstrip('.')})" if sight.problem else ""
    return Finding(
        reason=f"{sight.tracker} cannot be relied on{told}, {last}",
        actor=view.contact,
        todo=f"restore sight of {sight.tracker}{told}",
        wide=True,
    )


def _mass(view: View) -> Iterator[Finding]:
    if view.criteria.gone:
        gone, known = view.criteria.gone, len(view.criteria.items)
        yield Finding(
            reason=f"{gone} of {known} items vanished at once",
            actor=view.manager,
            todo=f"say whether the {gone} vanished items of {view.gate.name} are settled, or restore sight of them",
            wide=True,
        )


def _vanished(view: View) -> Iterator[Finding]:
    gone = view.criteria.vanished
    if gone:
        yield Finding(
            reason=f"{counted(len(gone), 'unfinished item')} can no longer be found: {keys(gone)}",
            actor=view.manager,
            todo=f"say what became of {keys(gone)}",
            key=gone[0].key,
            url=gone[0].url,
        )


def _unreadable(view: View) -> Iterator[Finding]:
    odd = view.criteria.unreadable
    if odd:
        yield Finding(
            reason=f"{counted(len(odd), 'item')} cannot be judged: {keys(odd)} ({_why(odd[0])})",
            actor=view.contact,
            todo=f"make {keys(odd)} readable: {_why(odd[0])}",
            key=odd[0].key,
            url=odd[0].url,
        )


def _why(item: Item) -> str:
    return item.problem.rstrip(".") or f'status "{item.status}" fits nothing that is known'


def _no_items(view: View) -> Iterator[Finding]:
    """After ``expect_by`` a gate without work is no good news. Lateness only, so that it waits for an upstream gate."""
    if view.started and not view.gate.ticketless and not any(item.live for item in view.criteria.items):
        yield Finding(
            reason="there is no item, and work was expected by now",
            actor=view.owner_or_manager,
            todo=f"create the items of {view.gate.name}, or say where they are",
            late=True,
        )
