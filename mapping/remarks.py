"""Can this be trusted: per tracker how well it is seen, and what a reader should know before believing a verdict.

Called by ``judge``. Sentences for people, in an order that does not depend on the order of the input.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from mapping.blindness import blinds, is_part_of
from mapping.calendar import utc
from mapping.contradictions import contradictions
from mapping.finding import keys, told_by, tracker_name
from mapping.ownership import gaps
from mapping.readiness import Source, State
from mapping.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mapping.gate import Release
    from mapping.item import Item
    from mapping.judged import Judged
    from mapping.sight import Sight


def sources(judged: Sequence[Judged], release: Release) -> tuple[Source, ...]:
    """One for each tracker: its oldest last complete reading, what we hold of it, and what went wrong there, once that
    keeps somebody from telling: a reading that failed and is made again in a minute is no news.
    """
    sights: dict[str, list[Sight]] = defaultdict(list)
    for each in judged:
        for sight in each.case.view.sights:
            sights[sight.tracker].append(sight if blinds(sight, each.case.view) else replace(sight, problem=""))
    items = _items(judged)
    trackers = sorted({*sights, *(item.tracker for item in items)})
    return tuple(_source(name, sights[name], [i for i in items if i.tracker == name], release) for name in trackers)


def _source(tracker: str, sights: Sequence[Sight], items: Sequence[Item], release: Release) -> Source:
    times = [utc(s.complete_at) for s in sights if s.complete_at is not None]
    whole = bool(times) and len(times) == len(sights)
    errors = sorted({s.problem for s in sights if s.problem})
    causes = [it for it in errors if not any(is_part_of(it, other) for other in errors)]
    return Source(
        tracker=tracker,
        last_complete=min(times) if whole else None,
        items=len(items),
        error="; ".join(causes),
        shown=tracker_name(tracker, release) if tracker in release.kinds else "",
    )


def _items(judged: Iterable[Judged]) -> list[Item]:
    """Every item once, by key."""
    found = {item.ref: item for each in judged for item in each.case.view.criteria.items}
    return sorted(found.values(), key=lambda i: (i.tracker, len(i.key), i.key, i.id))


def remarks(judged: Sequence[Judged], release: Release) -> tuple[str, ...]:
    """What qualifies the verdict, contradictions first."""
    by_id = sorted(judged, key=lambda each: each.readiness.id)
    found = (
        *(sentence for each in by_id for sentence in contradictions(each, release)),
        *_decided(_items(by_id)),
        *_unsigned(by_id),
        *gaps(by_id),
        *_one_person(by_id),
        *_about_release(release),
    )
    return tuple(dict.fromkeys(found))


def _decided(items: Iterable[Item]) -> Iterator[str]:
    """Statuses that contradict themselves: how they were taken, once for each kind."""
    groups: dict[tuple[str, str], list[Item]] = defaultdict(list)
    for item in items:
        if item.remark:
            groups[item.tracker, item.remark].append(item)
    for (tracker, remark), same in sorted(groups.items()):
        yield f"{counted(len(same), 'item')} of {tracker} ({keys(same)}): {remark.rstrip('.')}."


def _unsigned(judged: Iterable[Judged]) -> Iterator[str]:
    for each in judged:
        if each.readiness.asked or each.state is State.NOT_NEEDED:
            continue
        if not each.case.sign_off.needed:
            yield f"{each.readiness.name}: tickets only, nobody signed."
        elif each.case.view.gate.ticketless and each.readiness.signed:
            yield f"{each.readiness.name}: no tickets, on {each.readiness.signed.by}'s word."


def _one_person(judged: Sequence[Judged]) -> Iterator[str]:
    owned = [each.readiness.owner for each in judged if each.readiness.required]
    if len(owned) > 1 and owned[0] and len(set(owned)) == 1:
        yield f"{owned[0]} owns every required gate; nobody else looks at any of them."


def _about_release(release: Release) -> Iterator[str]:
    if release.target is None:
        yield "The release has no target: nothing is late, and the strictest limits apply to what was read."
    for name, until in release.away.items():
        yield f"{name} is away until {told_by(until, release)}; who comes next is asked meanwhile."
    if release.launch_is_over:
        yield f"{release.launch_key} is {release.launch_status} already, and nobody has said here that it was launched."
    if not release.managers:
        yield "The release has no manager."
    if not any(gate.required for gate in release.gates):
        yield "No gate is required, so the release cannot become ready."
