"""``adopt`` and ``recreate``: a person decides which issue is the summary. No pass ever does that by itself."""

from __future__ import annotations

import hashlib
from contextlib import closing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from config import questions
from config.resolve import launch_address
from connectors.errors import DeniedError, LostAnswerError, MissingError, PermanentError
from mapping.document import Text
from syncd import app
from syncd.commands.output import Exit, chosen, say, warn
from syncd.commands.passes import tell_written
from syncd.facts import facts_of
from syncd.own import Owners, mark_of
from syncd.reconcile import complete_pass
from syncd.write import settings_of

if TYPE_CHECKING:
    from config.schema import Config
    from connectors.base import Ref, SummarySettings
    from syncd.outside import Outside
    from syncd.settling import Passed
    from syncd.store.model import Mark


def adopt(config: Config, release: str, key: str) -> Exit:
    """Use an existing issue as the summary: read everything, so that it is known whose it is, then write it. What
    stood in it becomes the manager's notes.
    """
    chosen(release, config.releases)
    unfit = _unfit(config, release, key)
    if unfit:
        warn(unfit)
        return Exit.USAGE
    with app.opened(config) as outside:
        list(complete_pass(config, [release], outside, write=False))  # whose an issue is shows only then
        return _Adoption(config, release, outside).run(key.rpartition("/")[2])


def recreate(config: Config, release: str) -> Exit:
    """Make a new summary issue where the old one is gone."""
    chosen(release, config.releases)
    named = config.releases[release].summary.issue
    if named:
        warn(f"the file names {named} as the summary of {release}: name another one there, or none")
        return Exit.USAGE
    with app.opened(config) as outside:
        list(complete_pass(config, [release], outside, write=False))
        settings = _settings(config, release, outside)
        standing, generation = _standing(config, release, settings, outside)
        if standing:
            warn(f"problem: {standing}")
            return Exit.FAILED
        tracker = questions.summary_tracker(config, release)
        _expect(outside, mark_of(replace(settings, generation=generation + 1), tracker))
        return tell_written(complete_pass(config, [release], outside, write=True))


def _unfit(config: Config, release: str, key: str) -> str:
    """Why the file and the command do not go together, "" when they do."""
    home, named = questions.summary_tracker(config, release), config.releases[release].summary.issue
    if named:
        return f"the file names {named} as the summary of {release}: name the other one there"
    tracker = key.rpartition("/")[0]
    if tracker not in {"", home}:
        return f"the summary of {release} lives in {home}: to move it, set summary: {{tracker: …}} in the file"
    return ""


def _settings(config: Config, release: str, outside: Outside) -> SummarySettings:
    """Raises MissingError when the launch issue was never read: its id is part of the summary's mark."""
    launch = facts_of(config, outside.store).launch(release)
    found = settings_of(config, release, launch, outside.store.summary(release))
    if found is None:
        tracker, key = launch_address(config, release)
        raise MissingError(tracker, f"the launch issue {key} could not be read", "`syncd check` says why")
    return found


class _Adoption:
    def __init__(self, config: Config, release: str, outside: Outside) -> None:
        self.config = config
        self.release = release
        self.outside = outside
        self.tracker = questions.summary_tracker(config, release)
        self.before = _settings(config, release, outside)
        self.known = outside.store.summary(release)

    def run(self, key: str) -> Exit:
        ref, whose = self._found(key)
        if whose:
            warn(f"problem: {ref.key} is {whose}, so it cannot be the summary of {self.release}; nothing was changed")
            return Exit.FAILED
        old = self.known.ref if self.known and self.known.ref and self.known.ref.id != ref.id else None
        generation = self.before.generation + (old is not None)
        self.outside.store.created(mark_of(replace(self.before, generation=generation), self.tracker), ref)
        named = _naming(self.config, self.release, ref.key)
        (passed,) = complete_pass(named, [self.release], self.outside, write=True)
        if passed.outcome is None:
            self._undo(passed)
        elif old:
            self._dismiss(old, ref)
        return tell_written([passed])

    def _found(self, key: str) -> tuple[Ref, str]:
        """The issue, and whose it is when it must not be written."""
        settings, ref = replace(self.before, issue=key), None
        with closing(self.outside.open_summary(self.tracker, settings)) as writer, suppress(MissingError):
            ref = writer.find()
        if ref is None:
            said = f"there is no issue {key} in {self.tracker}, or this account may not see it"
            raise MissingError(self.tracker, said, "correct the key")
        facts = facts_of(self.config, self.outside.store)
        return ref, Owners(self.config, facts, self.outside.store).foreign(settings, self.tracker, ref)

    def _undo(self, passed: Passed) -> None:
        """It was refused for sure, so that all is as before. A lost answer is asked for again by the next ``adopt``."""
        if any(isinstance(problem, LostAnswerError) for problem in passed.problems):
            return
        if self.known and self.known.ref:
            self.outside.store.created(self.known.mark, self.known.ref)
        else:
            _expect(self.outside, mark_of(self.before, self.tracker))

    def _dismiss(self, old: Ref, new: Ref) -> None:
        """Says on the issue that was the summary that nobody keeps it any more. It is left alone otherwise."""
        said = f"This page is no longer kept up to date: {new.key} is the summary of {self.release} now. {new.url}"
        say(f"{old.key} is left as it is; it may be deleted, and its link to the launch issue with it")
        name = hashlib.sha256(f"{self.outside.now().isoformat()} {said}".encode()).hexdigest()
        with closing(self.outside.open_summary(self.tracker, self.before)) as writer:
            try:
                writer.comment(old, [(Text(said),)], name)
            except PermanentError as error:
                warn(f"note: {error}")


def _standing(config: Config, release: str, settings: SummarySettings, outside: Outside) -> tuple[str, int]:
    """(why no new one is made, "" when the old one is gone; its generation)."""
    known = outside.store.summary(release)
    with closing(outside.open_summary(questions.summary_tracker(config, release), settings)) as writer:
        try:
            ref = writer.read(known.ref).ref if known and known.ref else writer.find()
        except DeniedError:
            raise
        except PermanentError:  # deleted, hidden, put away, or no longer known as ours
            return "", writer.generation
    if ref is None:
        return f"there is no summary of {release} yet: `syncd once` makes it", settings.generation
    said = f"{ref.key} is the summary of {release}, and it is still there: {ref.url}"
    return f"{said} (delete it first, or use another issue: `syncd adopt {release} KEY`)", settings.generation


def _expect(outside: Outside, mark: Mark) -> None:
    """No issue is known and none is under way: the next write makes the one with this mark."""
    outside.store.intend(mark, outside.now())
    outside.store.forget_intent(mark.release)


def _naming(config: Config, release: str, key: str) -> Config:
    """The configuration as if it named this issue."""
    said = config.releases[release]
    address = f"{questions.summary_tracker(config, release)}/{key}"
    summary = said.summary.model_copy(update={"issue": address})
    releases = {**config.releases, release: said.model_copy(update={"summary": summary})}
    return config.model_copy(update={"releases": releases})
