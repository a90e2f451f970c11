"""What a pass wants of one tracker: the questions of every gate that reads it, and what of them cannot be asked.

Made for each reading from the configuration and the facts; decides nothing about answers. Used by the pass.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from config import questions
from config.resolve import launch_address
from config.schema import Config
from connectors.base import Launch, Query
from connectors.errors import PermanentError, TemporaryError, TrackerError
from syncd import asked

if TYPE_CHECKING:
    from collections.abc import Collection

    from syncd.facts import Facts


T = TypeVar("T")
PartId = tuple[str, str]
"""(release id, gate id)."""
_Last = dict[str, "tuple[Launch | None, T]"]
"""Release → the launch issue as it was told last, and what was worked out for that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """``asked`` names the question of every part. ``queries``: by part and by the name that each has in a reading,
    which is the same for the same query, whoever asks it. ``own``: ids of launch issues and summaries, which are never
    items. ``blind``: parts that cannot be asked for in this pass, and why.
    """

    tracker: str
    kind: str
    own: frozenset[str] = frozenset()
    asked: Mapping[PartId, str] = field(default_factory=dict)
    queries: Mapping[PartId, Mapping[str, Query]] = field(default_factory=dict)
    blind: Mapping[PartId, TrackerError] = field(default_factory=dict)

    @property
    def named(self) -> dict[str, Query]:
        """Every query once, under its name."""
        return {name: query for queries in self.queries.values() for name, query in queries.items()}

    def only(self, parts: Collection[PartId]) -> Wanted:
        return replace(
            self,
            asked={part: it for part, it in self.asked.items() if part in parts},
            queries={part: it for part, it in self.queries.items() if part in parts},
            blind={part: it for part, it in self.blind.items() if part in parts},
        )


@dataclass(slots=True)
class Questions:
    """The questions of a configuration, worked out once for each state of a launch issue: a pass in which nothing
    changed must not work them out again.
    """

    config: Config
    _places: _Last[dict[asked.Place, str]] = field(default_factory=dict)
    _queries: _Last[dict[asked.Place, dict[str, Query]]] = field(default_factory=dict)
    _gates: _Last[dict[str, str]] = field(default_factory=dict)
    _whole: dict[str, str] = field(default_factory=dict)

    def places(self, release: str, facts: Facts) -> Mapping[asked.Place, str]:
        """Every part that the release reads → the digest of what is asked there."""
        launch = facts.launch(release)
        return _once(self._places, release, launch, lambda: asked.places(self.config, release, launch))

    def gates(self, release: str, facts: Facts) -> Mapping[str, str]:
        """Gate id → the digest of all that decides whether it is met."""
        launch = facts.launch(release)
        return _once(self._gates, release, launch, lambda: asked.gates(self.config, release, launch))

    def whole(self, release: str) -> str:
        """The digest of everything in the file that a judgement of this release rests on."""
        if release not in self._whole:
            self._whole[release] = asked.whole(self.config, release)
        return self._whole[release]

    def all_places(self, facts: Facts) -> dict[asked.Place, str]:
        """Those of all releases: what the store knows beside them, or of other questions, is forgotten."""
        return {place: it for release in self.config.releases for place, it in self.places(release, facts).items()}

    def wanted(self, tracker: str, releases: Collection[str], facts: Facts, own: frozenset[str]) -> Wanted:
        """All that these releases want of a tracker."""
        digests: dict[PartId, str] = {}
        queries: dict[PartId, Mapping[str, Query]] = {}
        blind: dict[PartId, TrackerError] = {}
        for release in releases:
            named_as = self._of(release, facts)
            for (_, gate, where), digest in self.places(release, facts).items():
                if where == tracker:
                    digests[release, gate] = digest
                    queries[release, gate] = named_as.get((release, gate, tracker), {})
        for part, asking in queries.items():
            why = _blind(self.config, facts, part) if asking else None
            if why is not None:
                blind[part] = why
        kept = {part: {} if part in blind else it for part, it in queries.items()}
        kind = self.config.trackers[tracker].kind
        return Wanted(tracker=tracker, kind=kind, own=own, asked=digests, queries=kept, blind=blind)

    def _of(self, release: str, facts: Facts) -> Mapping[asked.Place, Mapping[str, Query]]:
        launch = facts.launch(release)
        return _once(self._queries, release, launch, lambda: _queries(self.config, release, launch))


def _once(last: _Last[T], release: str, launch: Launch | None, work_out: Callable[[], T]) -> T:
    """What was worked out for this state of the launch issue, which takes the place of the one before."""
    known = last.get(release)
    if known is None or known[0] != launch:
        known = last[release] = (launch, work_out())
    return known[1]


def _queries(config: Config, release: str, launch: Launch | None) -> dict[asked.Place, dict[str, Query]]:
    found: dict[asked.Place, dict[str, Query]] = {}
    for gate, pairs in questions.queries(config, release, launch).items():
        for tracker, query in pairs:
            found.setdefault((release, gate, tracker), {})[asked.digest_of(query)] = query
    return found


def _blind(config: Config, facts: Facts, part: PartId) -> TrackerError | None:
    """Why a gate cannot be asked for: its conventions take the release's name from the launch issue, and that was never
    read or has another one now, so that what carries the old name would silently be lost.
    """
    if not questions.narrowed(config, *part):
        return None
    fact, launch = facts.launch_fact(part[0]), facts.launch(part[0])
    tracker = launch_address(config, part[0])[0]
    if launch is None:
        kind = PermanentError if fact.refused else TemporaryError
        return kind(tracker, f"the launch issue {fact.name} was not read: {fact.problem or 'not tried yet'}")
    if launch.title.strip() == fact.title:
        return None
    said = (
        f'the launch issue "{fact.title}" is called "{launch.title.strip()}" now; the work may still carry the old name'
    )
    return PermanentError(tracker, said, "write name: in the release, old or new")


def trackers_of(config: Config, releases: Collection[str]) -> list[str]:
    """The trackers that these releases read, are launched or written in; others are left in peace."""
    used = {launch_address(config, release)[0] for release in releases}
    used |= {questions.summary_tracker(config, release) for release in releases}  # people speak there
    return sorted(used.union(*({place[2] for place in asked.places(config, it, None)} for it in releases)))
