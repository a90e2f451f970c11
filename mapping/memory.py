"""Memory: what the rules need of the past. ``judge`` takes it and gives it back; the store keeps it with the items.

Values only, all of them serialisable by pydantic's TypeAdapter. A lost memory is safe: it delays READY, no more.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from mapping.item import Progress
from mapping.readiness import Leg, State, TargetSet, WaiverState


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The unbroken series of complete readings that showed a gate met.

    ``since`` is when the first of them was whole, ``readings`` how many, ``counted`` when the last one that was looked
    at was whole, whatever it showed. ``clean`` tells that they showed it met without any waiver.
    """

    since: datetime | None = None
    readings: int = 0
    counted: datetime | None = None
    clean: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The counts when they were last known true, and when that was."""

    done: int
    total: int
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """One item as it was when the scope was fixed. ``blocks``: it was among what the gate must see finished."""

    key: str
    url: str
    digest: str
    progress: Progress | None
    blocks: bool = True
    restricted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """One gate's scope as it was fixed at ``taken_at``, and what was seen of it since. Items go by "tracker id".

    ``awaited``: the gate was known before the freeze, so that nothing between the two can have been missed.
    ``new``: when each item came that was not there. ``left``: when each that was there was first seen gone.
    ``finished``: those of ``items`` that were seen finished since. ``reopened``: since when a finished one is open.
    ``added``: when each of ``new`` that somebody has to admit was first seen as such, whatever its tracker tells.
    ``outdated``: its gate asks for other items since, so that it has to be taken anew.
    """

    taken_at: datetime
    awaited: bool = True
    items: dict[str, Frozen] = field(default_factory=dict)
    new: dict[str, datetime] = field(default_factory=dict)
    left: dict[str, datetime] = field(default_factory=dict)
    finished: frozenset[str] = frozenset()
    reopened: dict[str, datetime] = field(default_factory=dict)
    added: dict[str, datetime] = field(default_factory=dict)
    outdated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GateMemory:
    """One gate's past.

    ``done_when_ready``: (tracker, id) of the blockers that were done when the gate was last READY.
    ``had_item``: whether an item was ever read.
    ``offered``: upstream gate id to when its hand-off was offered.
    ``bound``: "id person time" of a signature to the digest of the facts that it signed, "" once it is void.
    ``vanished``: "tracker id" to when the item was first missed.
    ``seen``: "tracker id" to the progress of each blocking item when all of the gate was last read, at ``seen_at``: the
    oldest of its readings, None where one of them tells no time.
    ``spent``: the waivers that are over for good, as "id person time"; ``ended``: what became of each, and since when.
    ``legs``: upstream gate id to the leg of its hand-off and since when, None where it always was so.
    ``heeded``: upstream gate id to the return, as "id person time", on which it has acted.
    ``unfrozen``: it was judged when its scope was still free to change. ``baseline``: its scope at the freeze.
    ``good_until``: when it ceased to be READY or EXCEPTION, None while it is and where it never was.
    """

    state: State
    since: datetime
    previous: State | None = None
    series: Series = field(default_factory=Series)
    done_when_ready: frozenset[tuple[str, str]] = frozenset()
    facts: Facts | None = None
    had_item: bool = False
    offered: dict[str, datetime] = field(default_factory=dict)
    bound: dict[str, str] = field(default_factory=dict)
    vanished: dict[str, datetime] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)
    seen_at: datetime | None = None
    spent: frozenset[str] = frozenset()
    ended: dict[str, tuple[WaiverState, datetime]] = field(default_factory=dict)
    legs: dict[str, tuple[Leg, datetime | None]] = field(default_factory=dict)
    heeded: dict[str, str] = field(default_factory=dict)
    unfrozen: bool = False
    baseline: Baseline | None = None
    good_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """One release's past, its gates by id.

    ``targets`` are all that it ever had, oldest first. ``asked``: an ask's own name to when it was first made.
    """

    gates: dict[str, GateMemory] = field(default_factory=dict)
    targets: tuple[TargetSet, ...] = ()
    asked: dict[str, datetime] = field(default_factory=dict)


def caught_up(past: GateMemory, now: datetime, skew: timedelta) -> GateMemory:
    """The past without what a clock that was ahead wrote into it: nothing of it lies in the future.

    A series of such a time is dropped, if it is ahead by more than ``skew``; what else was seen then was seen now.
    """
    times = [at for at in (past.series.since, past.series.counted) if at is not None]
    return replace(
        past,
        since=min(past.since, now),
        series=Series() if any(at - now > skew for at in times) else past.series,
        offered={name: min(at, now) for name, at in past.offered.items()},
        vanished={name: min(at, now) for name, at in past.vanished.items()},
        seen_at=past.seen_at and min(past.seen_at, now),
        ended={name: (how, min(at, now)) for name, (how, at) in past.ended.items()},
        legs={name: (leg, at and min(at, now)) for name, (leg, at) in past.legs.items()},
        baseline=past.baseline and _fixed_by(past.baseline, now, skew),
        good_until=past.good_until and min(past.good_until, now),
    )


def _fixed_by(scope: Baseline, now: datetime, skew: timedelta) -> Baseline:
    """A scope that was fixed by a clock far ahead was fixed now, at the latest."""
    return replace(
        scope,
        taken_at=now if scope.taken_at - now > skew else scope.taken_at,
        new={name: min(at, now) for name, at in scope.new.items()},
        left={name: min(at, now) for name, at in scope.left.items()},
        reopened={name: min(at, now) for name, at in scope.reopened.items()},
        added={name: min(at, now) for name, at in scope.added.items()},
    )
