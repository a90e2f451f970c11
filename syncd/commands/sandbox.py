"""``sandbox``: the sandbox trackers on loopback, served until stopped. ``demo`` serves them too."""

from __future__ import annotations

import json
import signal
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from syncd import clock
from syncd.commands.output import Exit, warn
from syncd.sandbox.jira import JiraSandbox, JiraWorld
from syncd.sandbox.launch import (
    add_items,
    furnish,
    furnish_empty,
)
from syncd.sandbox.linear import LinearSandbox, LinearWorld
from syncd.sandbox.load import load
from syncd.sandbox.server import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the sandbox should be; ports of 0 take free ones."""

    jira_port: int = 0
    linear_port: int = 0
    data_center: bool = False
    seed: int = 0
    items: int = 0
    latency_ms: int = 0
    files: tuple[Path, ...] = ()
    empty: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Both trackers, their addresses and credentials. ``email`` is None on Data Center."""

    jira: JiraWorld
    linear: LinearWorld
    linear_site: LinearSandbox
    jira_url: str
    jira_email: str | None
    jira_token: str
    linear_url: str
    linear_token: str

    @property
    def line(self) -> str:
        jira = {"url": self.jira_url, "email": self.jira_email, "token": self.jira_token}
        return json.dumps({"jira": jira, "linear": {"url": self.linear_url, "token": self.linear_token}})


@contextmanager
def served(wish: Wish, now: Callable[[], datetime] = clock.now) -> Iterator[Served]:
    """Both trackers, furnished as wished, while the block runs; ``now`` is their clock. Raises OSError when a port is
    taken.
    """
    jira, linear = JiraWorld(now, data_center=wish.data_center), LinearWorld(now, seed=wish.seed)
    if wish.empty or wish.files:
        furnish_empty(jira, linear, now())
    else:
        furnish(jira, linear, now(), wish.seed)
    add_items(jira, linear, wish.items, wish.seed)
    for sentence in load(wish.files, jira):
        warn(sentence)
    linear_site = LinearSandbox(linear)
    with (
        serving(JiraSandbox(jira), wish.jira_port, latency_ms=wish.latency_ms) as jira_url,
        serving(linear_site, wish.linear_port, latency_ms=wish.latency_ms) as linear_url,
    ):
        yield Served(
            jira=jira,
            linear=linear,
            linear_site=linear_site,
            jira_url=jira_url,
            jira_email=None if wish.data_center else jira.email,
            jira_token=jira.token,
            linear_url=f"{linear_url}/graphql",
            linear_token=linear.token,
        )


def sandbox(wish: Wish) -> Exit:
    """Print one JSON line with addresses and tokens, then serve until stopped."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    try:
        with served(wish) as trackers:
            print(trackers.line, flush=True)  # noqa: T201 - the one line on standard output
            stopped.wait()
    except OSError as error:
        warn(f"the sandbox cannot listen: {error.strerror or error}. Choose another port, or 0 for a free one.")
        return Exit.FAILED
    return Exit.DONE
