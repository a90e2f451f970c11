"""The scope since the freeze: what came, what is gone, and what the manager has to settle; readiness.md §7.

Called by ``judge``, for each gate once it is known what can be seen of it, and once for the release. ``baseline`` is
what it is held against.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mapping.baseline import followed, is_late, is_unfinished, taken, vanished, with_added
from mapping.calendar import utc
from mapping.criteria import is_settled, item_name, missed
from mapping.finding import named, told
from mapping.item import Item
from mapping.memory import Baseline
from mapping.readiness import Kind, Scope, ScopeChange

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from mapping.case import View
    from mapping.finding import Finding
    from mapping.gate import Release
    from mapping.judged import Judged
    from mapping.memory import Frozen
    from mapping.record import Admission
    from mapping.sight import Sight


@dataclass(frozen=True, slots=True, kw_only=True)
class GateScope:
    """One gate's scope against its baseline.

    ``changes`` are all that happened. ``added`` are the items that block, came after the freeze and were not admitted.
    ``shrunk``: how many that blocked left it unfinished. ``waits``: the freeze has passed, and what it froze cannot be
    told yet. ``unfrozen`` and ``baseline`` are for the memory; while that ``waits``, it is no ground to go on from.
    """

    unfrozen: bool = False
    baseline: Baseline | None = None
    changes: tuple[ScopeChange, ...] = ()
    added: tuple[Item, ...] = ()
    shrunk: int = 0
    waits: bool = False


def scope_of_gate(view: View, blind: Sequence[Finding], known: frozenset[str]) -> GateScope:
    """``blind`` is why the gate cannot be told; ``known`` what was in any gate's scope: from there it may only move."""
    freeze, past = view.release.freeze, view.past
    kept, unfrozen = (past.baseline, past.unfrozen) if past else (None, False)
    if view.gate.ticketless or view.gate.asked or freeze is None:
        return GateScope(unfrozen=unfrozen, baseline=kept)
    if kept is not None and utc(kept.taken_at) < utc(freeze):
        kept = None
    if kept is None and not view.timeline.passed(freeze):
        return GateScope(unfrozen=True)
    fixed = taken(view, blind, kept, awaited=unfrozen) if kept is None or kept.outdated else kept
    if fixed is None:
        return GateScope(unfrozen=unfrozen, baseline=kept, waits=True)
    baseline = followed(view, blind, fixed, known)
    kinds = _kinds(view, baseline) if baseline.new else {}
    added = [name for name, kind in kinds.items() if kind is Kind.ADDED]
    baseline = with_added(baseline, added, view.timeline.now)
    return GateScope(
        unfrozen=unfrozen,
        baseline=baseline,
        changes=tuple(sorted(_changes(view, baseline, kinds), key=_by_time)),
        added=tuple(_added(view, baseline, kinds)) if kinds else (),
        shrunk=_shrunk(view, baseline),
    )


def scope_of(judged: Sequence[Judged], strays: Iterable[Item], release: Release) -> Scope:
    """The release's scope. ``strays`` are the items that look like the release; those in one of its gates are none."""
    gates = sorted(judged, key=lambda each: each.readiness.id)
    fixed = [it for _, it in _fixed(gates, release)]
    late = [it.taken_at for it in fixed if is_late(it, release)]
    return Scope(
        frozen_at=max(late) if late else min((it.taken_at for it in fixed), default=None),
        late=bool(late),
        changes=tuple(sorted((it for each in gates for it in each.case.scope.changes), key=_by_time)),
        shrunk={each.readiness.id: each.case.scope.shrunk for each in gates if _is_ready_by_shrinking(each)},
        items=len({name for it in fixed for name in it.items}),
        strays=_strays(judged, strays, release),
        shared=_shared(judged, release),
    )


def doubts(judged: Sequence[Judged], strays: Iterable[Sight], release: Release) -> Iterator[str]:
    """What is not known of the scope, a sentence each. ``strays``: how well strays could be looked for."""
    gates = sorted(judged, key=lambda each: each.readiness.id)
    waiting = [each.readiness.name for each in gates if each.case.scope.waits]
    if waiting:
        yield f"The scope froze, and what was in it cannot be told yet: {named(waiting)} must be read completely first."
    fixed = _fixed(gates, release)
    late = [(name, it) for name, it in fixed if is_late(it, release)]
    for name, baseline in late if len(late) < len(fixed) else ():
        yield f"{name}: what came or went before {told(baseline.taken_at, release)} is not known."
    for tracker in sorted({sight.tracker for sight in strays if sight.problem}):
        yield f"Whether other items carry this release's label could not be looked up in {tracker}."


def _fixed(gates: Iterable[Judged], release: Release) -> list[tuple[str, Baseline]]:
    """The gates' names with the baselines that they are held against."""
    scopes = [(each.readiness.name, each.case.scope) for each in gates if release.freeze]
    return [(name, scope.baseline) for name, scope in scopes if scope.baseline and not scope.waits]


def _changes(view: View, baseline: Baseline, kinds: Mapping[str, Kind]) -> Iterator[ScopeChange]:
    for item in view.criteria.items if kinds or baseline.reopened else ():
        name = item_name(item)
        if name in kinds:
            words = _admission(view, item, baseline) if kinds[name] is Kind.ADDED else None
            yield _change(view, kinds[name], item, baseline.new[name], words, by=item.creator or "")
        elif name in baseline.reopened:
            by = view.release.movers.get(item.ref, "")
            yield _change(view, Kind.REOPENED, item, baseline.reopened[name], None, by=by)
    yield from _gone_missing(view, baseline)
    for name, at in baseline.left.items():
        yield _departure(view, name, baseline.items[name], at)


def _kinds(view: View, baseline: Baseline) -> dict[str, Kind]:
    """What each item is that was not there at the freeze. A part of a part is one of the whole; some trackers tell a
    parent's id, some its key.
    """
    left = {name: item for item in view.criteria.items if (name := item_name(item)) in baseline.new}
    whole = {*baseline.items, *(f"{name.partition(' ')[0]} {it.key}" for name, it in baseline.items.items())}
    kinds = {name: Kind.FOUND if item.type in view.release.found else Kind.ADDED for name, item in left.items()}
    while parts := [name for name, item in left.items() if f"{item.tracker} {item.parent}" in whole]:
        whole |= {word for name in parts for word in (name, f"{left[name].tracker} {left[name].key}")}
        kinds |= dict.fromkeys(parts, Kind.SPLIT)
        left = {name: item for name, item in left.items() if kinds[name] is not Kind.SPLIT}
    return kinds


def _added(view: View, baseline: Baseline, kinds: Mapping[str, Kind]) -> Iterator[Item]:
    """The blocking items that somebody has to admit. What was dropped or is waived adds nothing to do."""
    waived = {waiver.item for waiver in view.criteria.waivers}
    for item in view.criteria.blockers:
        is_added = kinds.get(item_name(item)) is Kind.ADDED and item.live and item.ref not in waived
        if is_added and not _admission(view, item, baseline):
            yield item


def _admission(view: View, item: Item, baseline: Baseline) -> Admission | None:
    """The first word that settled it: by its name since the freeze, or all of the gate's once it was seen there. Who
    speaks of all cannot have meant what nobody had shown them, however old its tracker says that it is.
    """
    seen, freeze = baseline.added[item_name(item)], view.release.freeze
    for said in view.said.admissions:
        if said.item == item.ref and freeze is not None and utc(said.at) >= utc(freeze):
            return said
        if said.item is None and utc(said.at) >= seen:
            return said
    return None


def _gone_missing(view: View, baseline: Baseline) -> Iterator[ScopeChange]:
    gone = vanished(view)
    since = missed(gone.values(), view.past.vanished if view.past else {}, view.timeline.now)
    for name, item in gone.items():
        if name in baseline.items or name in baseline.new:
            settled = [a for a in view.said.admissions if is_settled(item, replace(view.said, admissions=(a,)), since)]
            yield _change(view, Kind.VANISHED, item, since[name], settled[0] if settled else None)


def _change(
    view: View, kind: Kind, item: Item, at: datetime, admitted: Admission | None, *, by: str = ""
) -> ScopeChange:
    is_secret = view.gate.confidential or item.restricted
    return ScopeChange(
        kind=kind,
        gate=view.gate.id,
        tracker=item.tracker,
        id=item.id,
        key=item.key,
        url=item.url,
        title="" if is_secret else item.title,
        by="" if is_secret else by,
        at=at,
        admitted=admitted is not None,
        admitted_by=admitted.by if admitted else "",
    )


def _departure(view: View, name: str, frozen: Frozen, at: datetime) -> ScopeChange:
    tracker, _, id_ = name.partition(" ")
    to = sorted(view.release.shared.get((tracker, id_), ()))
    return ScopeChange(
        kind=Kind.MOVED if to else Kind.REMOVED,
        gate=view.gate.id,
        tracker=tracker,
        id=id_,
        key=frozen.key,
        url=frozen.url,
        at=at,
        to=", ".join(to),
    )


def _shrunk(view: View, baseline: Baseline) -> int:
    """What was dropped is still there for everybody to see; what left, or was settled as vanished, is not."""
    gone = (vanished(view).keys() & baseline.items.keys()) | baseline.left.keys()
    present = {item_name(item) for item in view.criteria.items} if gone else set()
    return sum(baseline.items[name].blocks and is_unfinished(name, baseline) for name in gone - present)


def _is_ready_by_shrinking(judged: Judged) -> bool:
    """Said as long as the gate is good and the items are gone: there is no day on which it could be missed."""
    return bool(judged.case.scope.shrunk) and judged.state.good


def _strays(judged: Iterable[Judged], strays: Iterable[Item], release: Release) -> tuple[tuple[str, str], ...]:
    inside = {item.ref for each in judged for item in each.case.view.criteria.items} | release.never_items
    outside = {item.ref: item for item in strays if item.ref not in inside and not item.finished}
    found = sorted(outside.values(), key=lambda i: (i.tracker, len(i.key), i.key, i.id))
    return tuple((item.tracker, item.key) for item in found)


def _shared(judged: Iterable[Judged], release: Release) -> dict[str, tuple[str, ...]]:
    """By key; two trackers may each have one of that name."""
    items = {item.ref: item for each in judged for item in each.case.view.criteria.items}
    found: dict[str, set[str]] = {}
    for ref, others in release.shared.items():
        if ref in items:
            found.setdefault(items[ref].key, set()).update(others)
    return {key: tuple(sorted(others)) for key, others in sorted(found.items())}


def _by_time(change: ScopeChange) -> tuple[object, ...]:
    return (
        change.at and utc(change.at),
        change.gate,
        change.tracker,
        len(change.key),
        change.key,
        change.id,
        change.kind,
    )
