"""The trackers of a benchmark, in another process. Called by the runs; see ``world`` for what they serve."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.layout import Layout


@dataclass(frozen=True, slots=True)
class Counts:
    """How often (Jira, Linear) were asked anything, and how often for something that may change them."""

    asked: tuple[int, int]
    written: tuple[int, int]

    def since(self, before: Counts) -> Counts:
        asked = (self.asked[0] - before.asked[0], self.asked[1] - before.asked[1])
        return Counts(asked, (self.written[0] - before.written[0], self.written[1] - before.written[1]))


@dataclass(frozen=True, slots=True)
class Trackers:
    """``told`` holds addresses and tokens, as ``syncd sandbox`` prints them."""

    told: dict[str, Any]
    _said: IO[str]
    _heard: IO[str]

    def counts(self) -> Counts:
        told = self._ask("counts")
        return Counts(tuple(told["asked"]), tuple(told["written"]))

    def move(self, key: str, status: str) -> str:
        """A person moves a ticket of the Jira; its id."""
        return str(self._ask(f"move {key} {status}")["id"])

    def later(self, seconds: float) -> None:
        """Both trackers' clocks run ahead by this much."""
        self._ask(f"later {seconds}")

    def _ask(self, line: str) -> Any:  # noqa: ANN401 - JSON
        self._said.write(f"{line}\n")
        self._said.flush()
        return json.loads(self._heard.readline())


@contextmanager
def trackers(layout: Layout, *, latency_ms: float = 0, lenient: bool = False) -> Iterator[Trackers]:
    """Both trackers with this much in them, while the block runs. ``lenient``: see ``peers.front``."""
    command = [sys.executable, "-m", "bench.world", json.dumps(asdict(layout)), "--latency-ms", str(latency_ms)]
    command += ["--lenient"] * lenient
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the world's process has no pipes")
        try:
            yield Trackers(json.loads(process.stdout.readline()), process.stdin, process.stdout)
        finally:
            process.stdin.close()
            process.wait(timeout=30)
