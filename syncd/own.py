"""Which issues are syncd's own, and which are somebody else's: the first are never items, the others never written.

Issues are told apart by site and id: one site may stand under two trackers' names, one that reads and one that writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config import questions
from config.resolve import launch_address
from config.schema import Config
from syncd import asked
from syncd.kept import Kept
from syncd.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.base import Ref, SummarySettings
    from syncd.store.model import Mark


@dataclass(frozen=True, slots=True)
class Owners:
    """What is known of all releases: ``known`` is what was kept of each, by its id."""

    config: Config
    known: Mapping[str, Kept]
    store: Store

    def own(self) -> dict[str, frozenset[str]]:
        """Tracker → ids of the launch issues and summary issues at its site, of every release that ever had one."""
        ours = [*self._launches(), *self._summaries()]
        return {
            tracker: frozenset(id_ for site, id_, _ in ours if site == self._site(tracker))
            for tracker in self.config.trackers
        }

    def foreign(self, settings: SummarySettings, tracker: str, ref: Ref) -> str:
        """Whose issue this is when it must never be written as the summary of this release; "" when it may be."""
        here = self._site(tracker), ref.id
        for site, id_, whose in (*self._launches(), *self._tickets()):
            if (site, id_) == here:
                return whose
        for site, id_, whose in self._summaries(settings.release):
            if (site, id_) == here:
                return whose
        for name in self._trackers_at(here[0]):
            for release, gate in self.store.gates_of(name, ref.id):
                return f"an item of {gate} in {release}"
        return self._unseen(settings, tracker) if settings.issue else ""

    def _unseen(self, settings: SummarySettings, tracker: str) -> str:
        """An issue that somebody named may be a team's, as long as not all of the site's items are known."""
        summary = self.store.summary(settings.release)
        if summary and summary.accepted:
            return ""
        trackers = self._trackers_at(self._site(tracker))
        for release, kept in self.known.items():
            sights = self.store.sights(release)
            for _, gate, name in asked.places(self.config, release, kept.launch):
                seen = [sight for sight in sights.get(gate, ()) if sight.tracker == name]
                if name in trackers and not any(sight.complete_at and not sight.problem for sight in seen):
                    return f"perhaps an item of {gate} in {release}, which could not be read"
        return ""

    def _launches(self) -> Iterator[tuple[str, str, str]]:
        for release, kept in self.known.items():
            if kept.launch is not None:
                site = self._site(launch_address(self.config, release)[0])
                yield site, kept.launch.id, f"the launch issue of {release}"

    def _tickets(self) -> Iterator[tuple[str, str, str]]:
        for release, kept in self.known.items():
            for gate, (tracker, id_) in kept.ticket_ids.items():
                if tracker in self.config.trackers:
                    yield self._site(tracker), id_, f"the sign-off ticket of {gate} in {release}"

    def _summaries(self, but: str = "") -> Iterator[tuple[str, str, str]]:
        for summary in self.store.summaries():
            mark = summary.mark
            if summary.ref and mark.tracker in self.config.trackers and mark.release != but and self._is_here(mark):
                yield self._site(mark.tracker), summary.ref.id, f"the summary issue of {mark.release}"

    def _is_here(self, mark: Mark) -> bool:
        """Not a number that was stored for another address, where it may be anybody's."""
        kept = self.known.get(mark.release)
        if kept is None or kept.launch is None:
            return True
        return questions.mark(self.config, mark.release, kept.launch) == mark.text

    def _site(self, tracker: str) -> str:
        return questions.tracker_url(self.config, tracker).rstrip("/").casefold()

    def _trackers_at(self, site: str) -> list[str]:
        return [name for name in self.config.trackers if self._site(name) == site]
