"""What is in force: a configuration with all that belongs to it, and what is known of its trackers between two jobs.

Made by the daemon at its start and by each reload. A job reads it once, so that no job mixes two configurations.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from config.schema import Config
from connectors.base import Source
from syncd.hints import Hints
from syncd.outside import Outside
from syncd.reading import Shown
from syncd.wanted import Questions, trackers_of


@dataclass(slots=True)
class Opened:
    """The source that a tracker is read with, and for which configuration: touched by the tracker's own thread only."""

    source: Source | None = None
    outside: Outside | None = None

    def of(self, outside: Outside, tracker: str) -> Source:
        """Raises TrackerError."""
        if self.source is not None and self.outside is not outside:
            self.source.close()
            self.source = None
        if self.source is None:
            self.source, self.outside = outside.open_source(tracker), outside
        return self.source


@dataclass(slots=True)
class Pending:
    """What is known of a tracker between two jobs: what is still to be looked at; the releases that want it read
    completely; when it was last read so for each; what the last probe saw; when the ids of everything were looked at
    last, by the tracker's clock; whether it had its chance to answer.
    """

    hints: Hints = field(default_factory=Hints)
    opened: Opened = field(default_factory=Opened)
    complete: set[str] = field(default_factory=set)
    read_at: dict[str, datetime] = field(default_factory=dict)
    shown: Mapping[str, Shown] = field(default_factory=dict)
    swept_at: datetime | None = None
    tried: bool = False

    def for_another(self) -> Pending:
        """What goes on under another configuration: what was named still is, and nothing counts as read."""
        return Pending(hints=self.hints, opened=self.opened)


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """One configuration with all that belongs to it. A job reads it once and ends with it, whatever is in force by
    then. ``trackers``: of each release; ``began``: since when it is in force.
    """

    config: Config
    outside: Outside
    questions: Questions
    trackers: Mapping[str, Collection[str]]
    pending: Mapping[str, Pending]
    began: datetime

    def reading(self, tracker: str) -> list[str]:
        """The releases that read this tracker."""
        return [release for release, trackers in self.trackers.items() if tracker in trackers]


def put_in_force(config: Config, outside: Outside, old: Mapping[str, Pending]) -> InForce:
    trackers = {release: trackers_of(config, [release]) for release in config.releases}
    names = sorted(set().union(*trackers.values()))
    return InForce(
        config=config,
        outside=outside,
        questions=Questions(config),
        trackers=trackers,
        pending={name: old[name].for_another() if name in old else Pending() for name in names},
        began=outside.now(),
    )
