"""``syncd run`` as a process, over a trial's trackers: what it logs, what it tells over HTTP, how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import requests
from werkzeug.wrappers import Request

from config.error import ConfigError
from syncd import clock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.trial import Trial

PATIENCE_S = 30
END_S = 2
MANY_LINES = 500
OURS = "http: {bind: 127.0.0.1:0}\nmin_write_interval: 1s\n"


@dataclass
class Daemon:
    """One process. ``lines`` are the log lines that were read so far, ``raw`` the same as they came."""

    popen: subprocess.Popen[bytes]
    lines: list[dict[str, Any]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    _came: SimpleQueue[bytes] = field(default_factory=SimpleQueue)

    def listen(self) -> None:
        assert self.popen.stderr is not None
        for line in self.popen.stderr:
            self._came.put(line)
        self._came.put(b"")

    def line(self) -> dict[str, Any]:
        """The next log line."""
        try:
            raw = self._came.get(timeout=PATIENCE_S)
        except Empty:
            raise AssertionError(f"it says nothing; so far: {self.lines}") from None
        assert raw, f"it ended with {self.popen.wait()}; so far: {b''.join(self.raw).decode()}"
        self.raw.append(raw)
        self.lines.append(json.loads(raw))
        return self.lines[-1]

    def until(self, holds: Callable[[], object]) -> None:
        """Looks again after each log line."""
        for _ in range(MANY_LINES):
            if holds():
                return
            self.line()
        raise AssertionError(f"it did not come true: {self.lines}")

    def heard(self, event: str) -> dict[str, Any]:
        """The next log line of this event."""
        for _ in range(MANY_LINES):
            line = self.line()
            if line["event"] == event:
                return line
        raise AssertionError(f"there is no {event}: {self.lines}")

    @property
    def address(self) -> str:
        return str(next(line for line in self.lines if line["event"] == "daemon_started")["http"])

    def get(self, path: str) -> Any:
        """The JSON document, None where there is none."""
        answer = requests.get(f"{self.address}{path}", timeout=PATIENCE_S)
        return answer.json() if answer.headers["Content-Type"].startswith("application/json") else None

    def verdict(self, release: str = "atlas-2") -> str:
        return str((self.get(f"/releases/{release}.json") or {}).get("verdict"))

    def states(self, release: str = "atlas-2") -> dict[str, str]:
        return {gate["id"]: gate["state"] for gate in (self.get(f"/releases/{release}.json") or {}).get("gates", ())}

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """What it exits with; it has two seconds. What it says until then is kept, too."""
        self.popen.send_signal(number)
        code = self.popen.wait(END_S)
        while raw := self._came.get(timeout=PATIENCE_S):
            self.raw.append(raw)
            self.lines.append(json.loads(raw))
        return code


@dataclass
class Hang:
    """A tracker that takes requests and answers none, from when it is told until it is let go."""

    begun: Event = field(default_factory=Event)
    over: Event = field(default_factory=Event)
    fits: Callable[[Request], bool] = lambda _: True

    def __call__(self, request: Request) -> None:
        if self.fits(request) and not self.over.is_set():
            self.begun.set()
            self.over.wait(PATIENCE_S)


def configure(whole: Trial, releases: str, more: str = OURS) -> Path:
    """Both trackers polled each second, on the machine's clock. The file may be wrong."""
    whole.jira.clock = whole.linear.clock = clock.now
    with suppress(ConfigError):
        whole.configure(releases, poll="1s")
    path = whole.folder / "syncd.yaml"
    text = path.read_text("utf-8").replace("{env: LINEAR_TOKEN}}", "{env: LINEAR_TOKEN}, poll: 1s}")
    draft = path.with_suffix(".new")
    draft.write_text(more + text, "utf-8")
    draft.replace(path)
    return path


@contextmanager
def running(whole: Trial, *words: str) -> Iterator[Daemon]:
    """The daemon, started; killed at the end if it still runs."""
    command = [sys.executable, "-m", "syncd", "--config", str(whole.folder / "syncd.yaml"), *words, "run"]
    environ = {**os.environ, **whole.environ}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ) as popen:  # noqa: S603 - our own interpreter
        daemon = Daemon(popen)
        ear = Thread(target=daemon.listen)
        ear.start()
        try:
            daemon.heard("daemon_started")
            yield daemon
        finally:
            popen.kill()
            ear.join()
