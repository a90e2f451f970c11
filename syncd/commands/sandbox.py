"""``sandbox`` and ``demo``: the sandbox trackers on loopback, and one pass of syncd against them."""

from __future__ import annotations

import json
import os
import signal
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from syncd import app, clock
from syncd.commands.output import Exit, console, say, tell, warn
from syncd.reconcile import complete_pass
from syncd.sandbox.jira import JiraSandbox, JiraWorld
from syncd.sandbox.launch import (
    JIRA_TOKEN_ENV,
    LINEAR_TOKEN_ENV,
    add_items,
    demo_config,
    furnish,
    furnish_empty,
)
from syncd.sandbox.linear import LinearSandbox, LinearWorld
from syncd.sandbox.load import load
from syncd.sandbox.server import serving
from syncd.terminal import render

if TYPE_CHECKING:
    from collections.abc import Iterator


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
    """Addresses and credentials of both trackers. ``email`` is None on Data Center."""

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
def served(wish: Wish) -> Iterator[Served]:
    """Both trackers, furnished as wished, while the block runs. Raises OSError when a port is taken."""
    jira, linear = JiraWorld(clock.now, data_center=wish.data_center), LinearWorld(clock.now, seed=wish.seed)
    if wish.empty or wish.files:
        furnish_empty(jira, linear, clock.now())
    else:
        furnish(jira, linear, clock.now(), wish.seed)
    add_items(jira, linear, wish.items, wish.seed)
    for sentence in load(wish.files, jira):
        warn(sentence)
    with (
        serving(JiraSandbox(jira), wish.jira_port, latency_ms=wish.latency_ms) as jira_url,
        serving(LinearSandbox(linear), wish.linear_port, latency_ms=wish.latency_ms) as linear_url,
    ):
        yield Served(
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


def demo() -> Exit:
    """One pass over a believable launch: sandbox trackers over HTTP, an embedded database, the summary printed."""
    with served(Wish()) as trackers, TemporaryDirectory(prefix="syncd-demo-") as folder:
        os.environ[JIRA_TOKEN_ENV], os.environ[LINEAR_TOKEN_ENV] = trackers.jira_token, trackers.linear_token
        path = Path(folder) / "syncd.yaml"
        path.write_text(
            f"database: sqlite:///{folder}/syncd.db\n" + demo_config(trackers.jira_url, trackers.linear_url), "utf-8"
        )
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
    say("`syncd sandbox` serves one to look around in. A status page comes with the daemon.")
    return Exit.FAILED if passed.problems or passed.outcome.problems else Exit.DONE
