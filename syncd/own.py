"""Which issues are syncd's own, and which are somebody else's: the first are never items, the others never written.

Issues are told apart by site and id: one site may stand under two trackers' names, one that reads and one that writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config import questions
from config.resolve import launch_address
from config.schema import Config
from mapping.item import Ticket
from syncd import asked
from syncd.facts import Facts
from syncd.store.model import Mark
from syncd.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.base import Ref, SummarySettings


def mark_of(settings: SummarySettings, tracker: str) -> Mark:
    return Mark(release=settings.release, tracker=tracker, text=settings.mark, generation=settings.generation)


@dataclass(frozen=True, slots=True)
class Owners:
    """What is known of all releases."""

    config: Config
    facts: Facts
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
        return self._unseen(settings, tracker, ref) if settings.issue else ""

    def _unseen(self, settings: SummarySettings, tracker: str, ref: Ref) -> str:
        """An issue that somebody named may be a team's, as long as not all of the site's items are known."""
        summary = self.store.summary(settings.release)
        if summary and summary.accepted and summary.ref and summary.ref.id == ref.id:
            return ""
        trackers = self._trackers_at(self._site(tracker))
        for release in self.config.releases:
            sights = self.store.sights(release)
            for _, gate, name in asked.places(self.config, release, self.facts.launch(release)):
                seen = [sight for sight in sights.get(gate, ()) if sight.tracker == name]
                if name in trackers and not any(sight.complete_at and not sight.problem for sight in seen):
                    return f"perhaps an item of {gate} in {release}, which could not be read"
        return ""

    def _launches(self) -> Iterator[tuple[str, str, str]]:
        for release in self.config.releases:
            launch = self.facts.launch(release)
            if launch is not None:
                site = self._site(launch_address(self.config, release)[0])
                yield site, launch.id, f"the launch issue of {release}"

    def _tickets(self) -> Iterator[tuple[str, str, str]]:
        for release in self.config.releases:
            for gate, fact in self.facts.tickets(release).items():
                if isinstance(fact.content, Ticket):
                    yield self._site(fact.tracker), fact.content.item.id, f"the sign-off ticket of {gate} in {release}"

    def _summaries(self, but: str = "") -> Iterator[tuple[str, str, str]]:
        for summary in self.store.summaries():
            mark = summary.mark
            if summary.ref and mark.tracker in self.config.trackers and mark.release != but and self._is_here(mark):
                yield self._site(mark.tracker), summary.ref.id, f"the summary issue of {mark.release}"

    def _is_here(self, mark: Mark) -> bool:
        """Not a number that was stored for another address, where it may be anybody's."""
        launch = self.facts.launch(mark.release) if mark.release in self.config.releases else None
        return launch is None or questions.mark(self.config, mark.release, launch) == mark.text

    def _site(self, tracker: str) -> str:
        return questions.tracker_url(self.config, tracker).rstrip("/").casefold()

    def _trackers_at(self, site: str) -> list[str]:
        return [name for name in self.config.trackers if self._site(name) == site]
