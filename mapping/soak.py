"""Rise slowly: the series of complete readings that a gate needs before it may be READY; readiness.md §3."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mapping.calendar import shift, utc
from mapping.finding import told
from mapping.memory import Series
from mapping.timing import freshness, soak

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mapping.case import View
    from mapping.record import Signature
    from mapping.sight import Sight
    from mapping.timing import Timeline

AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""When a reading is due that nothing is to be waited for: no fact of time, so that time alone changes nothing in it."""
_READINGS = 2


def last_complete(sights: Sequence[Sight]) -> datetime | None:
    """The last time at which everything had been read completely; None when some part never was."""
    times = [utc(s.complete_at) for s in sights if s.complete_at is not None]
    return min(times) if times and len(times) == len(sights) else None


def advance(
    series: Series, sights: Sequence[Sight], timeline: Timeline, *, met: bool, clean: bool, blind: bool
) -> Series:
    """The series after this judgement. A reading counts once; what is unmet at any time breaks the series.

    It is new once every part of it was read again since the last one was whole, and counts towards READY only while
    nothing changed since: what we hold may be newer than the reading, and it must not vouch for that.
    """
    times = sorted(utc(s.complete_at) for s in sights if s.complete_at is not None)
    is_whole = bool(times) and len(times) == len(sights) and timeline.began(times[-1])
    is_new = is_whole and (series.counted is None or times[0] > series.counted)
    counted = times[-1] if is_new else series.counted
    if not met or (is_new and blind):
        return Series(counted=counted)
    if series.readings and series.clean is not clean:
        series = Series(counted=series.counted)
    if not is_new or any(_outlived(s) for s in sights):
        return replace(series, counted=counted)
    since = series.since if series.readings else counted
    return Series(since=since, readings=series.readings + 1, counted=counted, clean=clean)


def next_reading(view: View, series: Series, signed: Sequence[Signature]) -> datetime:
    """When a met gate should be read completely again, so that it can rise or stay risen; the past means now."""
    sights, timeline = view.sights, view.timeline
    last = last_complete(sights)
    if last is None or series.since is None or any(_outlived(s) for s in sights):
        return AT_ONCE
    kept_fresh = shift(last, freshness(timeline, view.release) / 2)
    if series.readings >= _READINGS:
        return kept_fresh
    ends = shift(series.since, soak(view.release, series.since))
    return last if _ended_early(view, series, signed) else min(kept_fresh, max(last, ends))


def _stands(view: View) -> bool:
    """Whether the gate is good already: what changes and leaves it met does not take that away."""
    return view.past is not None and view.past.state.good


def _ended_early(view: View, series: Series, signed: Sequence[Signature]) -> bool:
    return any(is_fresh(s, series) or view.gate.ticketless for s in signed)


def _outlived(sight: Sight) -> bool:
    """Whether what we hold is newer than the last complete reading."""
    changed, complete = sight.changed_at, sight.complete_at
    return complete is None or (changed is not None and utc(changed) > utc(complete))


def is_fresh(signature: Signature, series: Series) -> bool:
    """Whether it was made after the gate was seen met, and so ends the settling."""
    return series.since is not None and utc(signature.at) >= series.since


def settling(view: View, series: Series, signed: Sequence[Signature]) -> str:
    """What a met gate still waits for, as a phrase; "" when nothing. ``signed`` are the signatures that stand.

    A gate without tickets has nothing to settle but the word itself, and without a ticket for that, nothing to read.
    """
    release, timeline, sights = view.release, view.timeline, view.sights
    limit = freshness(timeline, release)
    complete = [timeline.fresh(s.complete_at, limit) for s in sights]
    if not all(complete) or (view.is_read and not complete):
        last = last_complete(sights)
        return "to be read completely again" + (f", last done {told(last, release)}" if last else "")
    if not view.is_read:
        return ""
    if series.since is None:
        return "met; to be read completely, twice"
    if any(_outlived(s) for s in sights) and not _stands(view):
        return "settling: something changed since it was read completely; nobody has to act"
    ends = shift(series.since, soak(release, series.since))
    if not _ended_early(view, series, signed) and not timeline.passed(ends):
        return f"settling until {told(ends, release)}; nobody has to act"
    return "" if series.readings >= _READINGS else "settling: to be read completely once more; nobody has to act"
