"""``demo``: a believable launch on sandbox trackers of this machine, once or live. It leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import TYPE_CHECKING, Final

from syncd import app
from syncd.commands.output import Exit, console, say, tell, warn
from syncd.commands.run import end, running
from syncd.commands.sandbox import Served, Wish, served
from syncd.commands.screen import Screen
from syncd.reconcile import complete_pass
from syncd.sandbox.launch import JIRA_TOKEN_ENV, LINEAR_TOKEN_ENV, demo_config
from syncd.sandbox.story import Story
from syncd.terminal import render

if TYPE_CHECKING:
    from collections.abc import Callable

    from syncd.commands.run import Hide

LOOK_S: Final = 0.5
STEP_LOOKS: Final = 6
"""Somebody in the departments does something at every sixth look: every three seconds."""


def once() -> Exit:
    """One pass over the launch: sandbox trackers over HTTP, an embedded database, the summary printed."""
    with served(Wish()) as trackers, TemporaryDirectory(prefix="syncd-demo-") as folder:
        path = Path(folder) / "syncd.yaml"
        _write(path, _configured(folder, trackers))
        config = app.load(path)
        with app.opened(config) as outside:
            (passed,) = complete_pass(config, list(config.releases), outside, write=True)
    render(passed.draft.reports[0], console())
    tell(passed.problems)
    if passed.outcome is None:
        return Exit.FAILED
    for remark in passed.outcome.remarks:
        warn(f"note: {remark}")
    tell(passed.outcome.problems)
    say("")
    say(f"This stands in {passed.outcome.ref.key} of the sandbox Jira now. The sandbox has gone with this command;")
    say("`syncd sandbox` serves one to look around in, and `syncd demo` shows the daemon at work.")
    return Exit.FAILED if passed.problems or passed.outcome.problems else Exit.DONE


def live(hide: Hide) -> Exit:
    """The daemon over the launch while its departments work, until somebody stops it."""
    stopped = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    with served(Wish()) as trackers, TemporaryDirectory(prefix="syncd-demo-") as folder:
        path, text, story = (
            Path(folder) / "syncd.yaml",
            _configured(folder, trackers),
            Story(trackers.jira, trackers.linear),
        )
        _write(path, story.configure(text))
        config = app.load(path)
        hide(app.secrets_of(config))
        with running(path, config, hide) as it:
            _watch(Screen(config, it.outside, it.address), story, stopped, lambda: _write(path, story.configure(text)))
            end(it, lambda: shutil.rmtree(folder, ignore_errors=True))


def _watch(screen: Screen, story: Story, stopped: Event, configure: Callable[[], None]) -> None:
    looks = 0
    while not stopped.wait(LOOK_S):
        looks += 1
        if looks % STEP_LOOKS == 0:
            before = story.sales_named
            screen.happened(story.step())
            if story.sales_named != before:
                configure()
        screen.look()
    say("")


def _configured(folder: str, trackers: Served) -> str:
    """The demo's configuration; its tokens go where it looks for them."""
    os.environ[JIRA_TOKEN_ENV], os.environ[LINEAR_TOKEN_ENV] = trackers.jira_token, trackers.linear_token
    ours = f"database: sqlite:///{folder}/syncd.db\nhttp: {{bind: 127.0.0.1:0}}\n"
    return ours + demo_config(trackers.jira_url, trackers.linear_url)


def _write(path: Path, text: str) -> None:
    """At once, so that nobody reads half of it."""
    draft = path.with_suffix(".new")
    draft.write_text(text, "utf-8")
    draft.replace(path)
