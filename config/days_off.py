"""Days without work, from the ``holidays`` package; the only place that imports it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import holidays

from config.wording import got, meant, wrong

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date


def calendar_code(text: object) -> str:
    """A country or country-subdivision that the package knows, such as ``US-NY``."""
    country, _, part = (text if isinstance(text, str) else "").partition("-")
    countries = holidays.list_supported_countries()
    if country not in countries:
        raise wrong(f"{got(text)} is no calendar of holidays", "write a country, or country-state: DE, US-NY, GB-SCT")
    if part and part not in countries[country]:
        remedy = meant(part, countries[country], f"write {country} alone")
        raise wrong(f"{country} has no state or region {got(part)} in the holiday calendars", remedy)
    return f"{country}-{part}" if part else country


def days_off(code: str | None, years: Iterable[int]) -> frozenset[date]:
    """The holidays of these years; none where no calendar is configured."""
    if code is None:
        return frozenset()
    country, _, part = code.partition("-")
    return frozenset(holidays.country_holidays(country, subdiv=part or None, years=list(years)))
