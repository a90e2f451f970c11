"""Settle one release: judge what the store holds, write its summary issue when that is due.

The other half of the pass: it reads no team's tracker, and writes nothing but the one issue. Called by the commands and
by the daemon, under a right of its own.
"""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from config.questions import summary_tracker
from connectors.errors import FullError, PermanentError, TemporaryError, TrackerError
from mapping.digest import digest
from syncd import gathering, judging
from syncd.claim import PATIENCE_S, Claim
from syncd.draft import Draft, draft_of
from syncd.facts import facts_of
from syncd.hearing import hear
from syncd.notices import news_of, page_of, remind
from syncd.own import Owners, mark_of
from syncd.write import Outcome, Scribe, due_at, half_of, settings_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from connectors.base import Ref, SummarySettings
    from mapping.gate import Release
    from mapping.readiness import Readiness
    from syncd.gathering import Gathered
    from syncd.judging import Judged
    from syncd.outside import Outside
    from syncd.store.model import Judgement, Notice, SummaryState
    from syncd.wanted import Questions


RETRY = timedelta(minutes=1)
"""How long after a refused write another try is made, where nothing else calls for one before."""
BY_HAND = timedelta(minutes=10)
"""The same, where a person must do something first: the issue was deleted, or a right is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """What a pass came to for one release. ``draft`` is what the summary should say; ``outcome`` is None when nothing
    was to be written or it could not be; ``problems`` are for whoever runs the pass. ``reads``: trackers that should be
    read completely now, for a gate could rise or the lease wants to be renewed. ``again_at``: when time alone calls for
    another look, None for never.
    """

    release: str
    draft: Draft
    outcome: Outcome | None = None
    problems: tuple[TrackerError, ...] = ()
    reads: frozenset[str] = frozenset()
    again_at: datetime | None = None


def settle(
    questions: Questions,
    release: str,
    outside: Outside,
    *,
    write: bool,
    look: bool = True,
    patience_s: float = PATIENCE_S,
) -> Passed:
    """Judge one release on what the store holds and, with ``write``, bring its summary issue up to date when that is
    due; with ``look`` it is visited in any case, to see whether it still stands as we left it.

    Raises StoreError, and TemporaryError when another process settles it now. A refusal of the summary's tracker is
    among the problems.
    """
    with Claim(f"release {release}", outside.store, outside.now, outside.wait, patience_s) as claim:
        return _Settling(questions, release, outside, claim).done(write=write, look=look)


class _Settling:
    """One release, under its claim."""

    def __init__(self, questions: Questions, release: str, outside: Outside, claim: Claim) -> None:
        self.questions = questions
        self.config = questions.config
        self.release = release
        self.outside = outside
        self.claim = claim
        self.store = outside.store
        self.touches = self.store.touched().get(release, 0)  # first of all: what comes from now on is judged again
        self.facts = facts_of(self.config, self.store)

    def done(self, *, write: bool, look: bool) -> Passed:
        now = self.outside.now()
        gathered = gathering.gathered(self.questions, self.release, self.facts, self.store, now)
        self.store.keep_records(self.release, gathered.kept.signatures.values())  # whatever their tickets say later
        last = self.store.judgement(self.release)
        if last and last.readiness and self._is_over(last.readiness):
            hear(gathered, self.config, self.facts, self.store)  # it changes nothing any more, and is told so
            passed = self._left_as_it_is(last, last.readiness, gathered.given.configuration)
            return self._posted(passed, now) if write else passed
        heard = hear(gathered, self.config, self.facts, self.store)
        it = judging.judged(heard)
        self.claim.renew()
        judging.keep(it, self.store, self.touches)
        readiness = it.readiness
        passed = Passed(
            release=self.release,
            draft=self._draft(it.given.configuration, readiness),
            problems=tuple(self._unlearned()),
            reads=self._wants_reading(readiness, now),
            again_at=_earliest(it.wake_at, *(gate.read_by for gate in readiness.gates if _is_later(gate.read_by, now))),
        )
        return self._told(heard, it, passed, look=look) if write else passed

    def _told(self, heard: Gathered, it: Judged, passed: Passed, *, look: bool) -> Passed:
        """The page brought up to date, and what is said beside it, once the page says so, too."""
        now, known = it.given.now, self.store.summary(self.release)
        passed = self._written(passed, known, now, look=look)
        said = self.store.summary(self.release) if passed.outcome else known
        if said and said.accepted and said.accepted.digest == passed.draft.digest:
            page = page_of(self.config, heard, it, first=known is None or known.accepted is None)
            again_at = remind(page, self.config, self.store, now)
            passed = replace(passed, again_at=_earliest(passed.again_at, again_at))
        return self._posted(passed, now)

    def _is_over(self, last: Readiness) -> bool:
        """Whether the release was closed, and the page that says so was taken: that is the last one."""
        known = self.store.summary(self.release)
        accepted = known.accepted if known else None
        return last.closed is not None and accepted is not None and accepted.digest == digest(last)

    def _left_as_it_is(self, last: Judgement, readiness: Readiness, release: Release) -> Passed:
        self.store.keep_judgement(
            self.release, memory=last.memory, readiness=readiness, wake_at=None, touches=self.touches
        )
        return Passed(release=self.release, draft=self._draft(release, readiness))

    def _draft(self, release: Release, readiness: Readiness) -> Draft:
        last = self.store.last_evidence(self.release)
        return draft_of(self.config, release, readiness, last.sha if last else "")

    def _unlearned(self) -> list[TrackerError]:
        launch, tickets = self.facts.launch_fact(self.release), self.facts.tickets(self.release)
        found = [(launch, f"the launch issue {launch.name} was not read")]
        found += [(fact, f"{gate}: the sign-off ticket {fact.name}") for gate, fact in tickets.items()]
        return [
            (PermanentError if fact.refused else TemporaryError)(fact.tracker, f"{what}: {fact.problem}")
            for fact, what in found
            if fact.problem
        ]

    def _wants_reading(self, readiness: Readiness, now: datetime) -> frozenset[str]:
        """The trackers of the gates that could rise, and all whose last complete reading is too old to renew the lease
        on. Where the last one failed, the verdict says so already, unless it is one that a launch may rest on.
        """
        rising = {gate.id for gate in readiness.gates if gate.read_by is not None and gate.read_by <= now}
        found = {tracker for gate, tracker in self._places if gate in rising}
        known = self.store.summary(self.release)
        if known and known.accepted and now >= half_of(known.accepted):
            half = half_of(known.accepted)
            needed = {gate.id for gate in readiness.gates if gate.required and readiness.launchable}
            found |= {
                it.tracker
                for gate, seen in self.store.sights(self.release).items()
                for it in seen
                if (not it.problem or gate in needed) and (it.complete_at is None or it.complete_at < half)
            }
        return frozenset(found)

    @property
    def _places(self) -> list[tuple[str, str]]:
        return [(gate, tracker) for _, gate, tracker in self.questions.places(self.release, self.facts)]

    def _written(self, passed: Passed, known: SummaryState | None, now: datetime, *, look: bool) -> Passed:
        """The summary issue brought up to date; a refusal is a problem of this release alone."""
        settings = self._settings(known)
        due = due_at(known, passed.draft, now, self.config.min_write_interval)
        if settings is None:  # the launch issue was never read: once it is, that calls for another look
            return passed
        if not (look or (due is not None and due <= now)):
            return replace(passed, again_at=_earliest(passed.again_at, due))
        if self._only_renews(passed) and passed.reads:  # a lease is renewed on a complete reading only
            return passed
        news = news_of(passed.draft.readiness, known)
        passed = self._tried(passed, now, lambda: self._write(settings, passed.draft, news))
        due = due_at(self.store.summary(self.release), passed.draft, now, self.config.min_write_interval)
        return replace(passed, again_at=_earliest(passed.again_at, due)) if passed.outcome else passed

    def _settings(self, known: SummaryState | None) -> SummarySettings | None:
        return settings_of(self.config, self.release, self.facts.launch(self.release), known)

    def _tried(self, passed: Passed, now: datetime, act: Callable[[], Outcome | None]) -> Passed:
        """A refusal is a problem of this release alone, and is tried again later."""
        try:
            outcome = act()
        except TrackerError as error:
            again_at = _earliest(passed.again_at, now + _pause(error))
            return replace(passed, problems=(*passed.problems, error), again_at=again_at)
        return replace(passed, outcome=outcome or passed.outcome)

    def _posted(self, passed: Passed, now: datetime) -> Passed:
        """What is to be said on the summary issue, oldest first; each once, whatever happens on the way."""
        known, said = self.store.summary(self.release), self.store.unposted(self.release)
        settings = self._settings(known)
        if not said or settings is None or known is None or known.ref is None:
            return passed
        ref = known.ref
        return self._tried(passed, now, lambda: self._post(settings, ref, said))

    def _post(self, settings: SummarySettings, ref: Ref, notices: Sequence[Notice]) -> None:
        tracker = summary_tracker(self.config, self.release)
        whose = Owners(self.config, self.facts, self.store).foreign(settings, tracker, ref)
        if whose:
            raise PermanentError(tracker, f"{ref.key} is {whose}, so nothing is said there")
        with closing(self.outside.open_summary(tracker, settings)) as writer:
            for notice in notices:
                self.claim.renew()
                now = self.outside.now()
                self.store.tried(self.release, notice.name, now)
                ago = None if notice.tried_at is None else max(now - notice.tried_at, timedelta())
                with suppress(FullError):  # an issue that takes no comment any more must not be asked for ever
                    writer.comment(ref, notice.lines, notice.name, tried=ago)
                self.store.posted(self.release, notice.name, self.outside.now())

    def _only_renews(self, passed: Passed) -> bool:
        known = self.store.summary(self.release)
        return bool(known and known.accepted and known.accepted.digest == passed.draft.digest)

    def _write(self, settings: SummarySettings, draft: Draft, news: Sequence[Notice]) -> Outcome:
        owners = Owners(self.config, self.facts, self.store)
        tracker = summary_tracker(self.config, self.release)
        with closing(self.outside.open_summary(tracker, settings)) as writer:
            return Scribe(
                writer=writer,
                store=self.store,
                settings=settings,
                mark=mark_of(settings, tracker),
                draft=draft,
                settles_s=self.outside.settles_s(tracker),
                foreign=lambda ref: owners.foreign(settings, tracker, ref),
                renew=self.claim.renew,
                now=self.outside.now,
                wait=self.outside.wait,
                news=news,
            ).write()


def _pause(error: TrackerError) -> timedelta:
    """How long the summary's tracker is left in peace."""
    if isinstance(error, TemporaryError):
        return max(RETRY, timedelta(seconds=error.retry_after_s or 0))
    return BY_HAND


def _is_later(at: datetime | None, now: datetime) -> bool:
    return at is not None and at > now


def _earliest(*times: datetime | None) -> datetime | None:
    return min((at for at in times if at is not None), default=None)
