"""``run``: the daemon as a process: starts everything, heeds signals, and ends at once when it is told to."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, NoReturn

from syncd import app, log
from syncd.claim import give_all_back
from syncd.commands.output import Exit, on_a_terminal, say, warn
from syncd.daemon import Daemon
from syncd.outside import Outside
from syncd.reload import Reload, told
from syncd.schedule import Schedule
from syncd.store.store import open_store
from syncd.web.app import create_app
from syncd.web.ports import Ports
from syncd.web.server import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from config.schema import Config
    from connectors.pace import Pace

    Hide = Callable[[list[str]], None]

ENDING_S = 1.0
"""The end waits no longer than this for what it would like to say and give back."""
_ENDS = (signal.SIGTERM, signal.SIGINT)


class CannotListenError(Exception):
    """Nobody can listen at the configuration's ``http.bind``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """The daemon at work. ``address`` is that of its HTTP side, None when there is none."""

    outside: Outside
    schedule: Schedule
    reload: Reload
    address: str | None


def run(path: Path, config: Config, hide: Hide) -> Exit:
    """Runs until a signal ends the process. SIGHUP reloads, but for the one of a terminal that was closed. Raises
    StoreError.
    """
    gone = _terminal_watch()
    with _signals() as heard:
        try:
            with running(path, config, hide) as it:
                _greet(path, config, it.address)
                for number in _ENDS:
                    signal.signal(number, lambda number, _: heard.put(number))
                while heard.get() == signal.SIGHUP and not gone():
                    it.reload.ask()
                end(it)
        except CannotListenError as error:
            warn(f"problem: {error}")
            return Exit.FAILED


def _terminal_watch() -> Callable[[], bool]:
    """Tells whether the terminal that this was started on, if any, has gone since: it is a terminal no longer then."""
    ours = [number for number in (0, 1, 2) if os.isatty(number)]
    return lambda: bool(ours) and not any(os.isatty(number) for number in ours)


@contextmanager
def _signals() -> Iterator[SimpleQueue[int]]:
    """Where SIGHUP is heard. Until the daemon is at work the other signals simply end the process."""
    heard: SimpleQueue[int] = SimpleQueue()
    before = {number: signal.getsignal(number) for number in (*_ENDS, signal.SIGHUP)}
    signal.signal(signal.SIGHUP, lambda number, _: heard.put(number))
    for number in _ENDS:
        signal.signal(number, lambda *_: os._exit(Exit.DONE))
    try:
        yield heard
    finally:
        for number, heed in before.items():
            signal.signal(number, heed)


@contextmanager
def running(path: Path, config: Config, hide: Hide) -> Iterator[Running]:
    """Everything that the daemon is, at work. Raises StoreError and CannotListenError."""
    with ExitStack() as stack:
        paces: dict[str, Pace] = {}
        outside = app.outside(config, stack.enter_context(open_store(config.database_url)), paces=paces)
        daemon = Daemon(config, outside)
        schedule = Schedule(daemon)

        def take(new: Config) -> None:
            schedule.begin_with(daemon.reload(new, app.outside(new, outside.store, paces=paces)))

        reload = Reload(path, config, take=take, hide=hide)
        ports = Ports(
            outside=outside,
            config=lambda: reload.config,
            hinted=schedule.hinted,
            meter=daemon.meter,
            paces=lambda: daemon.outside.paces,
            problems=lambda: reload.refusals,
        )
        address = _served(config, ports, stack)
        schedule.start()
        stack.callback(schedule.stop)
        Thread(target=reload.watch, name="reload", daemon=True).start()
        yield Running(outside=outside, schedule=schedule, reload=reload, address=address)


def _served(config: Config, ports: Ports, stack: ExitStack) -> str | None:
    if config.http is None:
        return None
    try:
        return stack.enter_context(serving(config.http.bind, create_app(ports)))
    except OSError as error:
        said = f"nobody can listen at {config.http.bind}: {os.strerror(error.errno) if error.errno else error}"
        raise CannotListenError(
            f"{said}. Choose another `http: {{bind: …}}`, or switch it off by `http: null`"
        ) from None


def end(it: Running) -> NoReturn:
    """Ends the process within ``ENDING_S``. What is in flight is abandoned as a kill would: its threads are not joined,
    and what may hang at the end is not waited for.
    """
    last = Thread(target=_last, args=(it,), daemon=True)
    last.start()
    last.join(ENDING_S)
    os._exit(Exit.DONE)


def _last(it: Running) -> None:
    it.schedule.stop()
    log.logger("run").info("daemon_ended")
    sys.stderr.flush()
    give_all_back(it.outside.store, it.outside.now())


def _greet(path: Path, config: Config, address: str | None) -> None:
    facts = {"version": version("syncd"), "path": str(path), **told(config), "http": address}
    log.logger("run").info("daemon_started", **facts)
    if on_a_terminal():
        where = f"It tells at {address}." if address else "Its HTTP side is switched off."
        say(f"syncd watches {', '.join(config.trackers)} for {', '.join(config.releases)}. {where} Ctrl-C ends it.")
