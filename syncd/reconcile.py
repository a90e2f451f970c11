"""READ THIS FIRST: the pass.

    learn ─▶ read ─▶ [store] ─▶ settle: judge ─▶ report ─▶ write

Level, not edge: each step re-reads the world and makes what we hold, and the summary issue, agree with it, whatever
happened before. Each may be killed at any line; the next one repairs. ``learn`` and ``read`` (``reading``) are about
one tracker and write to none, ``settle`` (``settling``) is about one release and writes its summary issue; each runs
under a right of its own, so that processes that share a store do nothing twice at once. Here they stand in a row, for
``once`` and ``plan``; the daemon (``daemon``) runs each when it is due. All that has an effect comes in as ``Outside``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from syncd.reading import Look, Reader
from syncd.settling import settle
from syncd.wanted import Questions, trackers_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from config.schema import Config
    from connectors.errors import TrackerError
    from syncd.outside import Outside
    from syncd.reading import Seen
    from syncd.settling import Passed


def complete_pass(config: Config, releases: Sequence[str], outside: Outside, *, write: bool) -> Iterator[Passed]:
    """Read all of these releases whole, judge them and, with ``write``, bring their summary issues up to date: one
    after the other, as the result is asked for, so that nobody has to hold all of them.

    Raises StoreError, and TemporaryError when another process is at work with this store. What a tracker refuses is
    among the problems.
    """
    questions = Questions(config)
    reader = Reader(questions, outside)
    visits = [reader.visit(name, outside.open_source) for name in trackers_of(config, releases)]
    try:
        for each in visits:  # a launch issue may live in another tracker than the work
            reader.learn(each, releases, changed=None)
        seen = [reader.read(each, releases, Look()) for each in visits]
    finally:
        for each in visits:
            if each.source is not None:
                each.source.close()
    for release in releases:
        yield _told(settle(questions, release, outside, write=write), seen)


def _told(passed: Passed, seen: Sequence[Seen]) -> Passed:
    """With what went wrong when its trackers were read: each thing once. Of a tracker that could not be read at all
    only that is told, for the rest comes of it.
    """
    here = [each for each in seen if any(release == passed.release for release, _ in each.failures)]
    causes = {each.error.source: each.error for each in here if each.error is not None}
    others = [*passed.problems, *(error for each in here for error in _problems(passed.release, each))]
    problems = [*causes.values(), *(error for error in others if error.source not in causes)]
    return replace(passed, problems=tuple({str(error): error for error in problems}.values()))


def _problems(release: str, seen: Seen) -> list[TrackerError]:
    """Each with its gate, where it is not the whole tracker's trouble or the launch issue's."""
    return [
        error if part in seen.blind else type(error)(error.source, f"{part[1]}: {error.message}", error.hint)
        for part, error in seen.failures.items()
        if part[0] == release and seen.error is None
    ]
