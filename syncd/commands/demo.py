"""``demo``: a believable launch on sandbox trackers of this machine, once or live. It leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import signal
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

from syncd import app, clock
from syncd.commands.days import Days
from syncd.commands.output import Exit, console, say, tell, warn
from syncd.commands.run import ENDING_S
from syncd.commands.sandbox import Served, Wish, served
from syncd.commands.screen import Screen
from syncd.daemon import Daemon
from syncd.reconcile import complete_pass
from syncd.sandbox.launch import JIRA_TOKEN_ENV, LINEAR_TOKEN_ENV, demo_config
from syncd.sandbox.story import BEGIN, STEPS, TRACKERS, Stage, comments, lasts
from syncd.store.store import open_store
from syncd.terminal import render
from syncd.web.app import create_app
from syncd.web.ports import Ports
from syncd.web.server import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from config.schema import Config

STEP_S: Final = 4.0
"""What a step takes at least by the watcher's clock: ten days pass in two minutes."""
_LOOKS: Final = 5
"""How often it is looked what became of a step until the next one."""


def once() -> Exit:
    """One pass over the launch: sandbox trackers over HTTP, an embedded database, the summary printed."""
    with served(Wish()) as trackers, TemporaryDirectory(prefix="syncd-demo-") as folder:
        config = _configured(folder, trackers, clock.now())
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
    say("`syncd sandbox` serves one to look around in, and `syncd demo` plays the ten days until the launch.")
    return Exit.FAILED if passed.problems or passed.outcome.problems else Exit.DONE


def live(hide: Callable[[list[str]], None]) -> Exit:
    """The daemon over the last ten days of the launch, played in two minutes; then it stands until it is stopped."""
    stopped = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    now = clock.Turned(BEGIN)
    with ExitStack() as stack:
        trackers = stack.enter_context(served(Wish(), now))
        folder = stack.enter_context(TemporaryDirectory(prefix="syncd-demo-", ignore_cleanup_errors=True))
        Thread(target=_end_in_time, args=(stopped, folder), daemon=True).start()
        config = _configured(folder, trackers, now())
        hide(app.secrets_of(config))
        outside = app.outside(config, stack.enter_context(open_store(config.database_url)), now, now.wait)
        daemon = Daemon(config, outside)
        ports = Ports(outside=outside, config=lambda: config, hinted=daemon.hinted, meter=daemon.meter)
        address = stack.enter_context(serving("127.0.0.1:0", create_app(ports)))
        screen = Screen(config, outside, address)
        days = Days(daemon, now)
        stage = Stage(jira=trackers.jira, linear=trackers.linear, linear_site=trackers.linear_site, wait=now.wait)
        _play(days, stage, screen, stopped)
        while not stopped.wait(1):  # the daemon goes on, and a second takes a second
            days.until(now() + timedelta(seconds=1), stopped.is_set)
            screen.look(comments(stage))
        say("")
    return Exit.DONE


def _play(days: Days, stage: Stage, screen: Screen, stopped: Event) -> None:
    """Each step, and what becomes of it until the next one: however slow the machine is, the days are the same."""
    for step, until in lasts(STEPS):
        days.until(step.time)
        if stopped.is_set():
            return
        screen.happened(step)
        step.play(stage)
        for tracker in TRACKERS:
            days.hinted(tracker)
        for moment in _looks(step.time, until):
            began = clock.elapsed()
            days.until(moment, stopped.is_set)
            screen.look(comments(stage))
            if stopped.wait(max(0.0, STEP_S / _LOOKS - (clock.elapsed() - began).total_seconds())):
                return
    screen.ended()


def _looks(since: datetime, until: datetime) -> Iterator[datetime]:
    for number in range(1, _LOOKS + 1):
        yield since + (until - since) * number / _LOOKS


def _end_in_time(stopped: Event, folder: str) -> None:
    """Who ends the demo does not wait for what is under way."""
    stopped.wait()
    clock.wait(ENDING_S)
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(Exit.DONE)


def _configured(folder: str, trackers: Served, now: datetime) -> Config:
    """The demo's configuration; its tokens go where it looks for them."""
    os.environ[JIRA_TOKEN_ENV], os.environ[LINEAR_TOKEN_ENV] = trackers.jira_token, trackers.linear_token
    path = Path(folder) / "syncd.yaml"
    ours = f"database: sqlite:///{folder}/syncd.db\n"
    path.write_text(ours + demo_config(trackers.jira_url, trackers.linear_url, now), "utf-8")
    return app.load(path)
