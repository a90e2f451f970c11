"""``demo``: a believable launch on sandbox trackers of this machine, once or live. It leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import signal
from collections import deque
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import TYPE_CHECKING, Final

from rich.rule import Rule
from rich.text import Text

from config import resolve
from syncd import app
from syncd.commands.output import Exit, console, say, tell, warn
from syncd.commands.run import end, running
from syncd.commands.sandbox import Served, Wish, served
from syncd.draft import draft_of
from syncd.reconcile import complete_pass
from syncd.sandbox.launch import JIRA_TOKEN_ENV, LINEAR_TOKEN_ENV, demo_config
from syncd.sandbox.story import Story
from syncd.terminal import render
from syncd.told import known

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.schema import Config
    from mapping.readiness import Readiness
    from syncd.commands.run import Hide, Running

LOOK_S: Final = 0.5
STEP_LOOKS: Final = 6
"""Somebody in the departments does something at every sixth look: every three seconds."""
KEPT: Final = 5
"""So many of these stand below the summary."""


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
            _watch(_Screen(config, it), story, stopped, lambda: _write(path, story.configure(text)))
            end(it, lambda: shutil.rmtree(folder, ignore_errors=True))


def _watch(screen: _Screen, story: Story, stopped: Event, configure: Callable[[], None]) -> None:
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


class _Screen:
    """What the watcher sees: who did what, and the summary each time that it changes. A terminal is drawn anew, a pipe
    gets one after the other.
    """

    def __init__(self, config: Config, it: Running) -> None:
        (self._release,) = config.releases
        self._config = config
        self._it = it
        self._digest = ""
        self._happened: deque[str] = deque(maxlen=KEPT)
        self._console = console()
        self._tell_where()

    def happened(self, said: str) -> None:
        if said:
            self._happened.append(f"> {said}")
            say(self._happened[-1])

    def look(self) -> None:
        found = known(self._config, self._release, self._it.outside.store)
        if found and found.digest != self._digest:
            self._digest = found.digest
            self._show(found.readiness)

    def _show(self, readiness: Readiness) -> None:
        release = resolve.release(self._config, self._release, launch=None, leads={}, accounts={}, years=())
        if self._console.is_terminal:
            self._console.clear()
            self._tell_where()
        self._console.print(Rule(Text(readiness.shown), characters="="))
        render(draft_of(self._config, release, readiness).reports[0], self._console)
        for said in self._happened if self._console.is_terminal else ():
            say(said)

    def _tell_where(self) -> None:
        say("A launch on sandbox trackers of this machine. Its clocks count in seconds: soak 20 s, lease 5 min.")
        say(f"As JSON: {self._it.address}/releases/{self._release}.json. Ctrl-C ends it.")


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
