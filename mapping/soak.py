"""Rise slowly: the series of complete readings that a gate needs before it may be READY; readiness.md §3."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mapping.calendar import shift, utc, written
from mapping.memory import Series
from mapping.timing import freshness, soak

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mapping.gate import Release
    from mapping.record import Signature
    from mapping.sight import Sight
    from mapping.timing import Timeline

_READINGS = 2


def last_complete(sights: Sequence[Sight]) -> datetime | None:
    """The last time at which everything had been read completely; None when some part never was."""
    times = [utc(s.complete_at) for s in sights if s.complete_at is not None]
    return min(times) if times and len(times) == len(sights) else None


def advance(series: Series, reading: datetime | None, *, met: bool, clean: bool, blind: bool) -> Series:
    """The series after this judgement. A reading counts once; what is unmet at any time breaks the series."""
    is_new = reading is not None and (series.counted is None or reading > series.counted)
    counted = reading if is_new else series.counted
    if not met or (is_new and blind):
        return Series(counted=counted)
    if series.readings and series.clean is not clean:
        series = Series(counted=series.counted)
    if not is_new:
        return replace(series, counted=counted)
    since = series.since if series.readings else reading
    return Series(since=since, readings=series.readings + 1, counted=counted, clean=clean)


def is_fresh(signature: Signature, series: Series) -> bool:
    """Whether it was made after the gate was seen met, and so ends the settling."""
    return series.since is not None and utc(signature.at) >= series.since


def settling(
    series: Series, sights: Sequence[Sight], signed: Sequence[Signature], release: Release, timeline: Timeline
) -> str:
    """What a met gate still waits for, as a phrase; "" when nothing. ``signed`` are the signatures that stand."""
    limit = freshness(timeline, release)
    complete = [timeline.fresh(s.complete_at, limit) for s in sights]
    if not all(complete) or not complete:
        last = last_complete(sights)
        return "to be read completely again" + (f", last done {written(last, release.zone)}" if last else "")
    if series.since is None:
        return "met; to be read completely, twice"
    ends = shift(series.since, soak(release, series.since))
    if not timeline.passed(ends) and not any(is_fresh(s, series) for s in signed):
        return f"settling until {written(ends, release.zone)}"
    return "" if series.readings >= _READINGS else "settling: to be read completely once more"
