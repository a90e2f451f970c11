"""``plan`` and ``once``: a complete pass, without and with writing the summary issue."""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.console import Console

from connectors.errors import TrackerError
from syncd import app, log
from syncd.commands.held import changed_by_others, held_summary
from syncd.commands.output import Exit, chosen, console, on_a_terminal, say, tell, warn
from syncd.facts import facts_of
from syncd.reconcile import complete_pass
from syncd.terminal import render

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from config.schema import Config
    from syncd.outside import Outside
    from syncd.settling import Passed
    from syncd.store.model import SummaryState


def plan(config: Config, release: str | None) -> Exit:
    """Print each release's summary and what it would change; write nothing but the local store."""
    releases = chosen(release, config.releases)
    with app.opened(config) as outside:
        return _ended(_shown(it, config, outside) for it in _passed(config, releases, outside, write=False))


def _shown(it: Passed, config: Config, outside: Outside) -> Passed:
    """Print it beside what stands in its tracker now; an issue that cannot be read is one problem more."""
    render(it.draft.reports[0], console())
    say("")
    known, facts = outside.store.summary(it.release), facts_of(config, outside.store)
    try:
        held = held_summary(config, it.release, facts.launch(it.release), outside)
    except TrackerError as error:
        say("The summary issue cannot be read; the problem is told at the end.")
        return replace(it, problems=(*it.problems, error))
    theirs = held is not None and changed_by_others(held, known)
    if held and theirs:
        say(
            f"Somebody or something else changed {held.ref.key} since: `syncd once` writes over that, except the notes."
        )
    if not theirs or not _said_already(it, known):
        say(_difference(it, known, unread=facts.launch_fact(it.release).problem))
    return it


def once(config: Config, release: str | None) -> Exit:
    """One complete pass with write-back."""
    releases = chosen(release, config.releases)
    with app.opened(config) as outside:
        return tell_written(_passed(config, releases, outside, write=True))


def tell_written(passed: Iterable[Passed]) -> Exit:
    """What was written where, and what to exit with."""
    return _ended(_said(it) for it in passed)


def _said(it: Passed) -> Passed:
    readiness = it.draft.readiness
    over = f"{'LAUNCHED' if readiness.closed.launched else 'CANCELLED'}, last " if readiness.closed else ""
    say(f"{it.release}: {over}{readiness.shown}. {readiness.reason}")
    if it.outcome:
        say(f"  summary {it.outcome.ref.key} {it.outcome.kind}: {it.outcome.ref.url}")
    else:
        say("  the summary was not written")
    return it


def _passed(config: Config, releases: list[str], outside: Outside, *, write: bool) -> Iterator[Passed]:
    passed = complete_pass(config, releases, outside, write=write)
    if on_a_terminal():
        with Console(stderr=True).status(f"Reading {', '.join(config.trackers)} ..."):
            first = next(passed)
        yield first
    yield from passed


def _ended(passed: Iterable[Passed]) -> Exit:
    """What went wrong is told last, each thing once however many releases it struck."""
    problems: list[str] = []
    for it in passed:
        log.logger("pass").info("pass_finished", **_facts(it))
        problems += [str(problem) for problem in it.problems]
        if it.outcome:
            for remark in it.outcome.remarks:
                warn(f"note: {remark}")
            problems += it.outcome.problems
    tell(problems)
    return Exit.FAILED if problems else Exit.DONE


def _facts(it: Passed) -> dict[str, str | int]:
    return {
        "release": it.release,
        "verdict": it.draft.readiness.verdict.value,
        "wrote": it.outcome.kind if it.outcome else "nothing",
        "problems": len(it.problems),
    }


def _difference(it: Passed, known: SummaryState | None, *, unread: str) -> str:
    """What writing would change in the issue, against what its tracker last accepted from us. ``unread``: why the
    launch issue could not be read.
    """
    accepted = known.accepted if known else None
    if unread and (known is None or known.ref is None):
        return "Whether there is a summary issue cannot be told: the launch issue could not be read."
    if known is None or known.ref is None or accepted is None:
        return "There is no summary issue yet: `syncd once` creates it."
    if _said_already(it, known):
        return f"{known.ref.key} says so already: nothing but times would change."
    before, after = accepted.text.splitlines(), it.draft.text.splitlines()
    lines = difflib.unified_diff(before, after, f"{known.ref.key} as last accepted", "now", lineterm="", n=1)
    return "\n".join(lines)


def _said_already(it: Passed, known: SummaryState | None) -> bool:
    accepted = known.accepted if known else None
    return accepted is not None and accepted.digest == it.draft.digest
