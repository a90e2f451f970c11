"""Row 6, CAN'T TELL: why a gate cannot be judged; the guards of readiness.md §4.

Called by ``judge``. What is found here never clears anything and never blocks anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mapping.finding import Finding, keys, told, tracker_name
from mapping.soak import last_complete
from mapping.timing import freshness
from mapping.wording import counted, span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mapping.case import View
    from mapping.gate import Release
    from mapping.item import Item
    from mapping.sight import Sight
    from mapping.timing import Timeline


_A_PART = " cannot be read: "
"""In a problem that is one ticket's: before it which, behind it why."""


def blindness(view: View) -> tuple[Finding, ...]:
    """Every reason, those about whole sources first. A gate that the file does not mention is asked about."""
    if view.gate.asked:
        return ()
    found = (_sources, _nobody_looks, _never_whole, _mass, _vanished, _unreadable, _no_items, _strangers, _owner_untold)
    return tuple(finding for reasons in found for finding in reasons(view))


def _sources(view: View) -> Iterator[Finding]:
    if view.is_read and not view.sights:
        yield Finding(
            reason=f"{view.gate.name} was never read",
            actor=view.contact,
            todo=f"make the tracker of {view.gate.name} readable",
            wide=True,
        )
    blind = [it for it in sorted(view.sights, key=lambda s: (s.tracker, repr(s))) if blinds(it, view)]
    for sight in blind:
        if not any(sight.tracker == it.tracker and is_part_of(sight.problem, it.problem) for it in blind):
            yield _out_of_sight(view, sight)


def is_part_of(problem: str, other: str) -> bool:
    """Whether it says of one ticket only what the other says of its whole tracker: one cause, one reason, one ask."""
    return bool(other) and problem.endswith(f": {other}")


def blinds(sight: Sight, view: View) -> bool:
    """Whether a source was refused to us, or is silent for too long."""
    fresh = view.timeline.fresh(sight.observed_at, freshness(view.timeline, view.release))
    return sight.refused or not fresh


def deafness(talk: Sequence[Sight], release: Release, timeline: Timeline) -> str:
    """Why what people say on the summary issue is not known, "" when it is: a hold may stand there."""
    for sight in talk:
        if sight.refused or not timeline.fresh(sight.observed_at, freshness(timeline, release)):
            last = f", last read {told(sight.observed_at, release)}" if sight.observed_at else ""
            why = f" ({sight.problem.rstrip('.')})" if sight.problem else ""
            return f"what people say on the summary issue cannot be read{why}{last}"
    return ""


def _out_of_sight(view: View, sight: Sight) -> Finding:
    """What went wrong there is said once for all gates: by who is asked, and by the source."""
    name = tracker_name(sight.tracker, view.release)
    return Finding(
        reason=f"{_unread(view, sight, name)}{_strictly(view, sight)}",
        actor=view.contact,
        todo=f"make {name} readable again" + (f": {sight.problem.rstrip('.')}" if sight.problem else ""),
        kind=f"sight of {sight.tracker}",
        wide=True,
    )


def _unread(view: View, sight: Sight, name: str) -> str:
    if sight.observed_at is None:
        return f"it was never read completely in {name}"
    at = told(sight.observed_at, view.release)
    if not sight.problem:
        return f"it has not been read in {name} since {at}"
    part, of_a_part, _ = sight.problem.partition(_A_PART)
    return f"{part if of_a_part else 'it'} cannot be read in {name}, last read {at}"


def _strictly(view: View, sight: Sight) -> str:
    """Why it strikes so early, where a missing target is the cause."""
    if sight.refused or sight.observed_at is None or view.release.target or view.release.timing.freshness:
        return ""
    return f"; no target is set, so after {span(freshness(view.timeline, view.release))} it is too old"


def _nobody_looks(view: View) -> Iterator[Finding]:
    """Items of a tracker of which no sight came: nothing tells how old they are."""
    looked = {sight.tracker for sight in view.sights}
    for tracker in sorted({item.tracker for item in view.criteria.items} - looked) if looked else ():
        name = tracker_name(tracker, view.release)
        yield Finding(reason=f"{name} was never read", actor=view.contact, todo=f"make {name} readable", wide=True)


def _never_whole(view: View) -> Iterator[Finding]:
    """Items are missed only in what was read completely once. What ``_sources`` says is not said again."""
    if view.criteria.missing > 0 and not last_complete(view.sights) and not any(_sources(view)):
        yield Finding(
            reason=f"{view.gate.name} was never read completely",
            actor=view.contact,
            todo=f"see that {view.gate.name} can be read completely",
            wide=True,
        )


def _owner_untold(view: View) -> Iterator[Finding]:
    """Nobody can sign or be asked for it meanwhile; and were it truly nobody's, it would be blocked."""
    if not view.owner and view.gate.owner_untold:
        yield Finding(
            reason="who owns it cannot be told",
            actor=view.contact,
            todo=f"make the lead of {view.gate.name}'s project readable",
        )


def _strangers(view: View) -> Iterator[Finding]:
    known = {gate.id for gate in view.release.gates}
    for name in sorted(set(view.gate.after) - known):
        yield Finding(
            reason=f"it waits for {name}, which is no gate of this release",
            actor=view.manager,
            todo=f"say which gate {view.gate.name} waits for: there is no {name}",
        )


def _mass(view: View) -> Iterator[Finding]:
    if view.criteria.gone:
        gone, known = view.criteria.gone, len(view.criteria.items)
        yield Finding(
            reason=f"{gone} of {known} items vanished at once",
            actor=view.manager,
            todo=f"make the {gone} vanished items of {view.gate.name} readable again, or say what became of them: "
            f"/admit {view.gate.id} REASON",
            wide=True,
        )


def _vanished(view: View) -> Iterator[Finding]:
    gone = view.criteria.vanished
    if gone:
        yield Finding(
            reason=f"{counted(len(gone), 'unfinished item')} can no longer be found: {keys(gone)}",
            actor=view.manager,
            todo=f"say what became of {keys(gone)}: /admit {gone[0].key if len(gone) == 1 else view.gate.id} REASON",
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
    if not view.started or view.gate.ticketless or not last_complete(view.sights):
        return
    if not any(item.live for item in view.criteria.items):
        yield Finding(
            reason="there is no item, and work was expected by now",
            actor=view.owner_or_manager,
            todo=f"create the items of {view.gate.name}, or say where they are",
            late=True,
        )
