"""READ THIS FIRST: the pass.

    visit ─▶ start ─▶ pull and save ─▶ judge ─▶ report ─▶ write

Level, not edge: a pass re-reads the world and makes the summary issue agree with it, whatever happened before. It may
be killed at any line; the next one repairs. Called by the commands; all that has an effect comes in as ``Outside``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from config import questions
from connectors.base import Source, Summary, SummarySettings
from connectors.errors import TemporaryError, TrackerError
from syncd.claim import Claim
from syncd.draft import draft_of
from syncd.judging import judged
from syncd.kept import kept_from
from syncd.pull import Pulled, Wanted, pull, pull_changes
from syncd.start import Start, parts_of, start, trackers_of, wanted
from syncd.store.model import Mark
from syncd.store.store import Store
from syncd.visit import Visit, visit
from syncd.write import Draft, Outcome, Scribe

if TYPE_CHECKING:
    from config.schema import Config

PullOne = Callable[[Visit, Wanted, Store, datetime], Pulled]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """All that a pass can have an effect with. ``settles_s``: tracker name → how long its index may lag behind."""

    store: Store
    open_source: Callable[[str], Source]
    open_summary: Callable[[str, SummarySettings], Summary]
    settles_s: Callable[[str], float]
    now: Callable[[], datetime]
    wait: Callable[[float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """What a pass came to for one release. ``draft`` is what the summary should say; ``outcome`` is None when nothing
    was to be written or it could not be; ``problems`` are for whoever runs the pass.
    """

    release: str
    draft: Draft
    outcome: Outcome | None = None
    problems: tuple[TrackerError, ...] = ()


def complete_pass(config: Config, releases: Sequence[str], outside: Outside, *, write: bool) -> list[Passed]:
    """Read all of these releases whole, judge them and, with ``write``, bring their summary issues up to date.

    Raises StoreError and nothing else: what a tracker refuses is among the problems.
    """
    return _Pass(config, releases, outside, pull).run(write=write)


def incremental_pass(config: Config, releases: Sequence[str], outside: Outside, *, write: bool) -> list[Passed]:
    """The same, reading only what changed since the pass before. It cannot make a gate READY."""
    return _Pass(config, releases, outside, pull_changes).run(write=write)


class _Pass:
    def __init__(self, config: Config, releases: Sequence[str], outside: Outside, pull_one: PullOne) -> None:
        self.config = config
        self.releases = releases
        self.outside = outside
        self.pull_one = pull_one
        self.now = outside.now()
        self.visits: dict[str, Visit] = {}

    def run(self, *, write: bool) -> list[Passed]:
        try:
            self.visits = {name: self._visit(name) for name in trackers_of(self.config, self.releases)}
            starts = [self._start(release) for release in self.releases]
            pulled = self._pull(starts)
            self.outside.store.keep_only(parts_of(self.config))
            passed = [(begun, self._judge(begun, pulled)) for begun in starts]
        finally:
            self._leave()
        return [self._write(begun, it) if write else it for begun, it in passed]

    def _visit(self, name: str) -> Visit:
        known = self.outside.store.tracker(name)
        account = (known.account_id, known.account_name) if known and known.account_id else None
        return visit(name, self.outside.open_source, account)

    def _leave(self) -> None:
        for each in self.visits.values():
            if each.source is not None:
                each.source.close()

    def _start(self, release: str) -> Start:
        known = self.outside.store.judgement(release)
        return start(self.config, release, self.visits, kept_from(known.memory if known else None), self.now)

    def _pull(self, starts: Sequence[Start]) -> list[Pulled]:
        asked = wanted(self.config, starts)
        return [self.pull_one(self.visits[name], mine, self.outside.store, self.now) for name, mine in asked.items()]

    def _judge(self, begun: Start, pulled: Sequence[Pulled]) -> Passed:
        tickets = {part[1]: it for each in pulled for part, it in each.tickets.items() if part[0] == begun.release}
        failures = [error for each in pulled for part, error in each.failures.items() if part[0] == begun.release]
        problems = [begun.error, *failures] if begun.error else failures
        release, readiness = judged(self.config, begun, tickets, self.visits, self.outside.store, self.now)
        draft = draft_of(self.config, release, readiness)
        return Passed(release=release.id, draft=draft, problems=tuple(dict.fromkeys(problems)))

    def _write(self, begun: Start, it: Passed) -> Passed:
        """Write one release's summary; a refusal is a problem of this release alone."""
        settings = questions.summary_settings(self.config, begun.release, begun.kept.launch)
        if settings is None:
            return it
        tracker = questions.summary_tracker(self.config, begun.release)
        try:
            outcome = self._claimed(tracker, settings, it.draft)
        except TrackerError as error:
            return replace(it, problems=(*it.problems, error))
        return replace(it, outcome=outcome)

    def _claimed(self, tracker: str, settings: SummarySettings, draft: Draft) -> Outcome:
        """The write, under the right to write: of two processes at the same release, one has to wait."""
        claim = Claim(self.outside.store, settings.release, self.outside.now)
        if not claim.taken():
            said = f"another syncd ({claim.holder}) is writing the summary of {settings.release}"
            raise TemporaryError(tracker, said, "run again later")
        try:
            return self._scribble(tracker, settings, draft, claim)
        finally:
            claim.give_back()

    def _scribble(self, tracker: str, settings: SummarySettings, draft: Draft, claim: Claim) -> Outcome:
        writer = self.outside.open_summary(tracker, settings)
        try:
            return Scribe(
                writer=writer,
                store=self.outside.store,
                mark=Mark(
                    release=settings.release, tracker=tracker, text=settings.mark, generation=settings.generation
                ),
                draft=draft,
                settles_s=self.outside.settles_s(tracker),
                configured=settings.issue,
                stands=claim.stands,
                now=self.outside.now,
                wait=self.outside.wait,
            ).write()
        finally:
            writer.close()
