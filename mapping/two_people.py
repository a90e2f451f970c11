"""What takes two people, a manager among them: that an item is waived, and that a gate is not needed. Pure.

Who the second one may be, whether there were two, and how long a waiver lasts; readiness.md §5. Called where they say
it (``agreeing``), whenever a release is judged (``said``, ``waiving``), and where it is told (the report, ``check``).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mapping.calendar import shift, utc
from mapping.finding import THE_MANAGER
from mapping.person import is_manager, is_owner, same_person
from mapping.record import Waiver

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mapping.gate import Gate, Release
    from mapping.record import NotNeeded
    from mapping.timing import Timeline

LONGEST_WAIVER = timedelta(days=30)


def waived_until(waiver: Waiver) -> datetime:
    """Its own end, 30 days at most after it was made."""
    return min(utc(waiver.until), shift(waiver.at, LONGEST_WAIVER))


def waives(waiver: Waiver, release: Release, timeline: Timeline) -> bool:
    """Whether two people agreed on it, a manager among them, nobody took that back and its time is not over."""
    second = waiver.approved_by
    if waiver.denied_by or waiver.revoked_at or not second or same_person(release, waiver.by, second):
        return False
    return not timeline.passed(waived_until(waiver)) and (is_manager(release, waiver.by) or is_manager(release, second))


def is_confirmed(declared: NotNeeded, release: Release) -> bool:
    """Whether it has a reason, and a manager who is somebody else agreed."""
    second = declared.confirmed_by
    if not second or not declared.reason.strip() or same_person(release, declared.by, second):
        return False
    return is_manager(release, second)


def is_managers_own(about: Waiver | NotNeeded, release: Release) -> bool:
    """Whether a manager asked for it: then somebody else who owns the gate may be the second, too."""
    return isinstance(about, Waiver) and is_manager(release, about.by)


def may_settle(about: Waiver | NotNeeded, who: str, release: Release) -> bool:
    """The manager is always among the two."""
    owns = any(gate.id == about.gate and is_owner(gate, who) for gate in release.gates)
    return is_manager(release, who) or (owns and is_managers_own(about, release))


def has_two(gate: Gate, release: Release) -> bool:
    """Whether there is a second for anything that is asked for there."""
    return bool(release.managers) and len({*gate.owners, *release.managers}) > 1


def seconds(by: str, owners: Sequence[str], managers: Sequence[str]) -> list[str]:
    """By name, who else can agree to a waiver that ``by`` asks for, whoever is asked before the others."""
    people = [*owners, *managers] if by in managers else managers or [THE_MANAGER]
    return [name for name in people if name != by]
