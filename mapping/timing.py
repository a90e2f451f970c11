"""The clocks of readiness.md §3, and the one way in which a rule may ask what time it is.

``Timeline`` knows now and answers only "has this instant passed?". It keeps the earliest instant that has not, and
that is when time alone next changes something: an answer that cannot change before then cannot change a judgement.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from mapping.calendar import shift, shift_working_days, utc

if TYPE_CHECKING:
    from mapping.gate import Release

SKEW = timedelta(minutes=5)
"""How far a time stamp may lie ahead of us; readiness.md §4."""

_DAY = timedelta(days=1)
_LEAST_SOAK = timedelta(minutes=10)
_SIGNED_WITHOUT_TARGET = timedelta(days=7)
_LAST_WORKING_DAYS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the table. It holds while more than ``over`` is left; ``signature`` None: through target + 1 d."""

    over: timedelta | None
    freshness: timedelta
    signature: timedelta | None
    soak: timedelta
    lease: timedelta


def _row(over_d: int | None, freshness_min: int, signature_d: int | None, soak_h: int, lease_h: int) -> Row:
    return Row(
        over=None if over_d is None else timedelta(days=over_d),
        freshness=timedelta(minutes=freshness_min),
        signature=None if signature_d is None else timedelta(days=signature_d),
        soak=timedelta(hours=soak_h),
        lease=timedelta(hours=lease_h),
    )


TABLE = (_row(30, 360, 28, 24, 24), _row(7, 120, 14, 24, 12), _row(1, 30, 7, 4, 12), _row(None, 10, None, 1, 4))


class Timeline:
    """Now, as the rules may know it. One for each judgement; it is the only thing there that changes."""

    def __init__(self, now: datetime) -> None:
        self.now = utc(now)
        """For stamping what began in this judgement. Rules never compare with it."""
        self.wake_at: datetime | None = None
        """The earliest instant that was asked about and has not passed; None when time alone changes nothing."""

    def passed(self, instant: datetime) -> bool:
        instant = utc(instant)
        if instant <= self.now:
            return True
        self.wake_at = instant if self.wake_at is None else min(self.wake_at, instant)
        return False

    def began(self, instant: datetime) -> bool:
        """Whether something stamped ``instant`` by another clock has happened: a little ahead of us is forgiven."""
        return self.passed(shift(instant, -SKEW))

    def fresh(self, instant: datetime | None, limit: timedelta) -> bool:
        """Whether ``instant`` happened, and not longer ago than ``limit``."""
        return instant is not None and self.began(instant) and not self.passed(shift(instant, limit))


def freshness(timeline: Timeline, release: Release) -> timedelta:
    """How long a source may be silent."""
    if release.timing.freshness is not None:
        return release.timing.freshness
    return _present_row(timeline, release).freshness


def lease(timeline: Timeline, release: Release) -> timedelta:
    """How long a verdict may be trusted. Where each renewal tells the watchers, as long as the table ever allows, but
    for its last row (readiness.md §10).
    """
    if release.timing.lease is not None:
        return release.timing.lease
    row = _present_row(timeline, release)
    return row.lease if release.quiet or row == TABLE[-1] else TABLE[0].lease


def soak(release: Release, since: datetime) -> timedelta:
    """How long a gate that was met at ``since`` settles. Without a target: the longest of the table.

    What a release sets itself is taken as given, be it less than the ten minutes that the table never goes below.
    """
    if release.timing.soak is not None:
        return release.timing.soak
    if release.target is None:
        return max(row.soak for row in TABLE)
    left = utc(release.target) - utc(since)
    return max(min(_row_of(left).soak, left / 4), _LEAST_SOAK)


def signature_end(release: Release, at: datetime) -> datetime:
    """When a signature of ``at`` expires. One made more than a day after the target is expired when it is made: a new
    target has to be set first.
    """
    if release.timing.signature is not None:
        return shift(at, release.timing.signature)
    if release.target is None:
        return shift(at, _SIGNED_WITHOUT_TARGET)
    span = _row_of(utc(release.target) - utc(at)).signature
    last_days = shift_working_days(release.target, -_LAST_WORKING_DAYS, release.zone, release.holidays)
    if span is None or utc(at) >= last_days:
        return shift(release.target, _DAY)
    return shift(at, span)


def expect_by(release: Release) -> datetime | None:
    """By when every gate should have an owner and items; None when nothing tells."""
    if release.expect_by is not None or release.target is None:
        return release.expect_by
    return shift(release.target, -timedelta(days=30))


def last_week(timeline: Timeline, release: Release) -> bool:
    return release.target is not None and timeline.passed(shift(release.target, -timedelta(days=7)))


def _present_row(timeline: Timeline, release: Release) -> Row:
    """The row of now; the strictest one when there is no target."""
    target = release.target
    if target is None:
        return TABLE[-1]
    return next(row for row in TABLE if row.over is None or not timeline.passed(shift(target, -row.over)))


def _row_of(left: timedelta) -> Row:
    return next(row for row in TABLE if row.over is None or left > row.over)
