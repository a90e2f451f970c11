"""``syncd run`` as a process that is killed and started again, its memory, and what its log says.

Called by the soak. It ends only the process that it started.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from bench.stopwatch import wall_s

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

_END_S = 10
_KIB = 1024


@dataclass
class Lives:
    """One daemon after the other over the same configuration. ``memory``: for each life (seconds, bytes resident)."""

    path: Path
    environ: dict[str, str]
    memory: list[list[tuple[float, int]]] = field(default_factory=list)
    fell: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._popen: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] = self.log.open("wb")

    @property
    def log(self) -> Path:
        return self.path.with_name("log")

    def __enter__(self) -> Self:
        self.begin()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._end(signal.SIGTERM)
        self._log.close()

    def begin(self) -> None:
        command = [sys.executable, "-m", "syncd", "--config", str(self.path), "run"]
        environ = {**os.environ, **self.environ}
        self._popen = subprocess.Popen(command, stdout=self._log, stderr=self._log, env=environ)
        self.memory.append([])

    def kill(self) -> None:
        """As ``kill -9`` does."""
        self._end(signal.SIGKILL)

    def sample(self) -> None:
        """Takes its memory. One that ended by itself is noted, and started again, as systemd would."""
        if self._popen is None:
            return
        code = self._popen.poll()
        if code is not None:
            self.fell.append(code)
            self.begin()
            return
        resident = _resident(self._popen.pid)
        if resident:
            self.memory[-1].append((wall_s(), resident))

    def _end(self, number: signal.Signals) -> None:
        if self._popen is not None and self._popen.poll() is None:
            self._popen.send_signal(number)
            try:
                self._popen.wait(_END_S)
            except subprocess.TimeoutExpired:
                self._popen.kill()
                self._popen.wait(_END_S)
        self._popen = None


def _resident(pid: int) -> int:
    """In bytes; 0 where the system does not tell."""
    status = Path("/proc") / str(pid) / "status"
    lines = status.read_text("ascii").splitlines() if status.exists() else []
    return next((int(line.split()[1]) * _KIB for line in lines if line.startswith("VmRSS:")), 0)


@dataclass
class Said:
    """What the log told: looks at trackers by (tracker, way), settlings by what they wrote, problems by their words,
    and lines that are no line of ours.
    """

    looks: Counter[tuple[str, str]] = field(default_factory=Counter)
    settled: Counter[str] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def said(log: Path) -> Said:
    found = Said()
    for raw in log.read_text("utf-8", errors="replace").splitlines():
        try:
            line: dict[str, Any] = json.loads(raw)
        except ValueError:
            found.faults.append(raw)  # a traceback, or a line that a kill broke off
            continue
        _count(found, line)
    return found


def _count(found: Said, line: dict[str, Any]) -> None:
    event = str(line.get("event"))
    if event == "tracker_read":
        found.looks[str(line["tracker"]), str(line["way"])] += 1
    if event == "release_settled":
        found.settled[str(line["wrote"])] += 1
    found.troubles.update(str(it) for it in (*line.get("problems", ()), *filter(None, [line.get("problem")])))
    if event == "job_failed" or line.get("level") in ("error", "critical"):
        found.faults.append(json.dumps(line))


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])
