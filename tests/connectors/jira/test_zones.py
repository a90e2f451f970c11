"""Jira reads a literal date in the account's own zone; the probe names none (F2)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from tests.connectors.jira.site import JiraSite
from tests.simulation.within import within

if TYPE_CHECKING:
    from connectors.base import Source

NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def offset(zone: str, at: datetime) -> timedelta | None:
    return at.astimezone(ZoneInfo(zone)).utcoffset()


@cache
def calendars() -> dict[tuple[timedelta | None, ...], str]:
    """What the clocks of a year show, day by day → one of the zones where it is so."""
    days = [NEW_YEAR + timedelta(days=day) for day in range(366)]
    return {tuple(offset(zone, day) for day in days): zone for zone in sorted(available_timezones())}


def edges(zone: str, days: tuple[timedelta | None, ...]) -> list[datetime]:
    """The instants of the year at which this zone's clocks are changed, and one at which they are not."""
    found = [NEW_YEAR + timedelta(days=100)]
    for number, (before, after) in enumerate(pairwise(days)):
        at = NEW_YEAR + timedelta(days=number)
        while before != after and offset(zone, at) == before:
            at += QUARTER
        found += [at] if before != after else []
    return found


def look(site: JiraSite, source: Source, edge: datetime) -> None:
    """Something old, something in the overlap, something new; the clocks are changed at ``edge``."""
    numbers, keys = {}, []
    for minutes in (-45, -5, 5):
        site.clock.at = edge + timedelta(minutes=minutes)
        keys.append(site.add("Ticket"))
        numbers[minutes] = site.identity(keys[-1])
    site.clock.at = edge + timedelta(minutes=20)
    seen = set(source.changed(edge + timedelta(minutes=1), site.clock.at))
    assert seen == {numbers[-5], numbers[5]}, (site.world.zone, edge)
    created = {number: item.created for number, item in source.lookup(numbers.values()).items()}
    assert created == {number: edge + timedelta(minutes=minutes) for minutes, number in numbers.items()}
    for key in keys:
        site.delete(key)


def test_f2_every_zone_and_every_change_of_its_clocks_give_the_same_items() -> None:
    looked = 0
    site = JiraSite(url="http://jira.example")
    with within({"jira.example": site.app}):
        source = site.source()
        for days, zone in calendars().items():
            for edge in edges(zone, days):
                site.world.zone = ZoneInfo(zone)
                look(site, source, edge)
                looked += 1
        source.close()
    assert looked > 60, "there are more zones than that"
