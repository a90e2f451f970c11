"""The baseline: one gate's scope as it was at the freeze, followed from judgement to judgement; readiness.md §7.

Called by ``scope``, which says what became of it. Losing sight of a source changes nothing here: only what was looked
for and is not there has left.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from mapping.calendar import shift, utc
from mapping.criteria import item_name
from mapping.digest import item_digest
from mapping.item import Progress
from mapping.memory import Baseline, Frozen
from mapping.soak import last_complete

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from mapping.case import View
    from mapping.finding import Finding
    from mapping.gate import Release
    from mapping.item import Item

_LATE = timedelta(days=1)


def known_in(baselines: Iterable[Baseline | None]) -> frozenset[str]:
    """The items, as "tracker id", that were in the scope of any gate at the freeze."""
    return frozenset(name for baseline in baselines if baseline for name in baseline.items)


def is_late(baseline: Baseline, release: Release) -> bool:
    """Whether something may have come or gone between the freeze and the baseline, and nobody saw it."""
    freeze = release.freeze
    return freeze is not None and (not baseline.awaited or utc(baseline.taken_at) > shift(freeze, _LATE))


def is_unfinished(name: str, baseline: Baseline) -> bool:
    """Whether an item of the freeze was unfinished when it was seen last."""
    return name in baseline.reopened or not (_was_finished(baseline.items[name]) or name in baseline.finished)


def vanished(view: View) -> dict[str, Item]:
    """What was missed, admitted or not, by "tracker id"."""
    gone = sorted((item for sight in view.sights for item in sight.vanished), key=repr)
    return {item_name(item): item for item in gone if item.ref not in view.release.never_items}


def taken(view: View, blind: Sequence[Finding], before: Baseline | None, *, awaited: bool) -> Baseline | None:
    """The gate's scope now; None while not all of it can be told. ``before`` is the one that a change of what the gate
    asks for outdated: its items keep their past, and nothing that came since or left before is passed over in silence.
    """
    if not _is_whole(view, blind):
        return None
    frozen = {item_name(item): _frozen(view, item) for item in view.criteria.items}
    fresh = Baseline(taken_at=view.timeline.now, awaited=awaited, items=dict(sorted(frozen.items())))
    return _going_on(fresh, before) if before else fresh


def _going_on(fresh: Baseline, before: Baseline) -> Baseline:
    here = fresh.items.keys()
    items = {name: it for name, it in before.items.items() if name in here or name in before.left}
    items |= {name: it for name, it in fresh.items.items() if name not in before.items and name not in before.new}
    return replace(
        before,
        taken_at=fresh.taken_at,
        awaited=False,
        outdated=False,
        items=dict(sorted(items.items())),
        left={name: at for name, at in before.left.items() if name not in here},
        finished=before.finished.intersection(items),
        reopened={name: at for name, at in before.reopened.items() if name in items},
    )


def with_added(baseline: Baseline, names: Iterable[str], now: datetime) -> Baseline:
    """The baseline that knows since when these are seen as added."""
    unseen = {name: now for name in sorted(names) if name not in baseline.added}
    return replace(baseline, added={**baseline.added, **unseen}) if unseen else baseline


def followed(view: View, blind: Sequence[Finding], past: Baseline, known: frozenset[str]) -> Baseline:
    """The baseline with what is seen now. When something came or went is noted once: what goes and comes back is
    nothing new, and what was ``known`` in another gate only comes over, with its place in the scope.
    """
    now, present = view.timeline.now, {item_name(item): item for item in view.criteria.items}
    strange = [name for name in sorted(present) if name not in past.items and name not in past.new]
    came_over = {name: _frozen(view, present[name]) for name in strange if name in known}
    new = {name: _came(present[name].updated, past, now) for name in strange if name not in known}
    seen = replace(past, items={**past.items, **came_over}, new={**past.new, **new})
    absent = seen.items.keys() - present.keys() - vanished(view).keys()
    gone = absent if _is_whole(view, blind) else absent & past.left.keys()
    done = {name for name, item in present.items() if item.finished and name in seen.items}
    seen = replace(
        seen,
        left={name: past.left.get(name, now) for name in sorted(gone)},
        finished=past.finished | {name for name in done if not _was_finished(seen.items[name])},
    )
    return replace(seen, reopened=_reopened(seen, present, now))


def _is_whole(view: View, blind: Sequence[Finding]) -> bool:
    return last_complete(view.sights) is not None and not any(finding.wide for finding in blind)


def _frozen(view: View, item: Item) -> Frozen:
    return Frozen(
        key=item.key,
        url=item.url,
        digest=item_digest(item),
        progress=item.progress,
        blocks=view.gate.blockers.include(item),
        restricted=item.restricted,
    )


def _came(told: datetime | None, baseline: Baseline, now: datetime) -> datetime:
    """When something happened: as the tracker tells, if that was since the freeze; else we only know that it has."""
    at = utc(told) if told else now
    return at if utc(baseline.taken_at) <= at <= now else now


def _reopened(seen: Baseline, present: Mapping[str, Item], now: datetime) -> dict[str, datetime]:
    """What is not there or not readable now is as it was."""
    again = {}
    for name, frozen in seen.items.items():
        item = present.get(name)
        if item is None or item.progress is None:
            if name in seen.reopened:
                again[name] = seen.reopened[name]
        elif not item.finished and (_was_finished(frozen) or name in seen.finished):
            again[name] = seen.reopened.get(name) or _came(item.moved_at, seen, now)
    return dict(sorted(again.items()))


def _was_finished(frozen: Frozen) -> bool:
    return frozen.progress in (Progress.DONE, Progress.DROPPED)
