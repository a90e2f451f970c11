"""READ THIS FIRST: the pass.

    visit ─▶ start ─▶ pull and save ─▶ judge ─▶ report ─▶ write

Level, not edge: a pass re-reads the world and makes the summary issue agree with it, whatever happened before. It may
be killed at any line; the next one repairs. Called by the commands; all that has an effect comes in as ``Outside``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from config import questions
from connectors.base import Source, Summary, SummarySettings
from connectors.errors import TrackerError
from syncd import asked
from syncd.claim import Claim
from syncd.draft import draft_of
from syncd.judging import judged
from syncd.kept import Kept, kept_from
from syncd.own import Owners
from syncd.pull import Pulled, Wanted, placed, pull, pull_changes
from syncd.start import Start, informed, start, trackers_of, wanted
from syncd.store.model import Mark
from syncd.store.store import Store
from syncd.visit import Visit, refused, sentence, visit
from syncd.write import Draft, Outcome, Scribe, settings_of

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

    Raises StoreError, and TemporaryError when another pass is at work with this store. What a tracker refuses is among
    the problems.
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
        self.store = outside.store
        self.claim = Claim(outside.store, outside.now, outside.wait)
        self.visits: dict[str, Visit] = {}

    def run(self, *, write: bool) -> list[Passed]:
        self.claim.take()
        try:
            return self._run(write=write)
        finally:
            self.claim.give_back()

    def _run(self, *, write: bool) -> list[Passed]:
        now = self.outside.now()
        try:
            self.visits = {name: self._visit(name) for name in trackers_of(self.config, self.releases)}
            known = {release: self._kept(release) for release in self.config.releases}
            starts = [start(self.config, release, self.visits, known[release], now) for release in self.releases]
            known |= {begun.release: begun.kept for begun in starts}
            self.store.keep_only(self._places(known))
            for begun in starts:
                self._recognise(begun)
            each = wanted(self.config, starts, Owners(self.config, known, self.store).own())
            pulled = [self._pull(it, now) for it in each.values()]
            starts = [informed(begun, pulled) for begun in starts]
            known |= {begun.release: begun.kept for begun in starts}
            passed = [(begun, self._judge(begun, pulled, now)) for begun in starts]
        finally:
            self._leave()
        return [self._write(begun, it, known) if write else it for begun, it in passed]

    def _kept(self, release: str) -> Kept:
        known = self.store.judgement(release)
        return kept_from(known.memory if known else None)

    def _places(self, known: Mapping[str, Kept]) -> dict[asked.Place, str]:
        """All that the configuration asks: what the store knows beside it, or of other questions, is forgotten."""
        found: dict[asked.Place, str] = {}
        for release, kept in known.items():
            found |= asked.places(self.config, release, kept.launch)
        return found

    def _visit(self, name: str) -> Visit:
        known = self.store.tracker(name)
        account = (known.account_id, known.account_name) if known and known.account_id else None
        return visit(name, self.outside.open_source, account, self.outside.wait)

    def _leave(self) -> None:
        for each in self.visits.values():
            if each.source is not None:
                each.source.close()

    def _pull(self, mine: Wanted, now: datetime) -> Pulled:
        """Read one tracker and save what was read, or that it was not."""
        pulled = self.pull_one(self.visits[mine.tracker], mine, self.store, now)
        self.claim.renew()
        if pulled.taken is not None:
            self.store.save(pulled.taken)
            return pulled
        error = next(iter(pulled.failures.values()))
        self.store.failed(mine.tracker, mine.kind, sentence(error), mine.asked, refused=refused(error))
        return pulled

    def _judge(self, begun: Start, pulled: Sequence[Pulled], now: datetime) -> Passed:
        problems = [begun.error] if begun.error else []
        problems += [error for each in pulled for error in placed(begun.release, each)]
        release, readiness = judged(self.config, begun, pulled, self.visits, self.store, now)
        draft = draft_of(self.config, release, readiness)
        return Passed(release=release.id, draft=draft, problems=tuple(dict.fromkeys(problems)))

    def _recognise(self, begun: Start) -> None:
        """Find our own summary again after a lost store, before it can be taken for an item. One that is named in the
        file is not taken here: first it must be known whose it is.
        """
        known = self.store.summary(begun.release)
        settings = settings_of(self.config, begun.release, begun.kept.launch, known)
        if settings is None or settings.issue is not None or (known and known.ref):
            return
        tracker = questions.summary_tracker(self.config, begun.release)
        with suppress(TrackerError), closing(self.outside.open_summary(tracker, settings)) as writer:
            ref = writer.find()
            if ref is not None:
                self.store.created(_mark(replace(settings, generation=writer.generation), tracker), ref)

    def _write(self, begun: Start, it: Passed, known: Mapping[str, Kept]) -> Passed:
        """Write one release's summary; a refusal is a problem of this release alone."""
        settings = settings_of(self.config, begun.release, begun.kept.launch, self.store.summary(begun.release))
        if settings is None:
            return it
        tracker = questions.summary_tracker(self.config, begun.release)
        try:
            outcome = self._written(tracker, settings, it.draft, known)
        except TrackerError as error:
            return replace(it, problems=(*it.problems, error))
        return replace(it, outcome=outcome)

    def _written(self, tracker: str, settings: SummarySettings, draft: Draft, known: Mapping[str, Kept]) -> Outcome:
        owners = Owners(self.config, known, self.store)
        with closing(self.outside.open_summary(tracker, settings)) as writer:
            return Scribe(
                writer=writer,
                store=self.store,
                settings=settings,
                mark=_mark(settings, tracker),
                draft=draft,
                settles_s=self.outside.settles_s(tracker),
                foreign=lambda ref: owners.foreign(settings, tracker, ref),
                renew=self.claim.renew,
                now=self.outside.now,
                wait=self.outside.wait,
            ).write()


def _mark(settings: SummarySettings, tracker: str) -> Mark:
    return Mark(release=settings.release, tracker=tracker, text=settings.mark, generation=settings.generation)
