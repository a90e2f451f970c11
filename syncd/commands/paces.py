"""For ``check``: whether the daemon asks each tracker often enough for what its answers are trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mapping.timing import TABLE
from mapping.wording import span
from syncd.wanted import trackers_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.schema import Config


def too_slow(config: Config) -> Iterator[str]:
    """A sentence with its remedy for each tracker whose answers get too old between two polls; pure."""
    for name, release in config.releases.items():
        freshness = release.timing.freshness
        limit = freshness or TABLE[-1].freshness
        until = "" if freshness else " in the last day"
        for tracker in sorted(trackers_of(config, [name])):
            poll = config.trackers[tracker].poll
            if poll >= limit:
                yield (
                    f"{tracker} is polled every {span(poll)}, and {name} trusts an answer for {span(limit)}{until}: "
                    "between two polls its gates would read CAN'T TELL; set a shorter poll: "
                    "or a longer timing: {freshness: …}"
                )
