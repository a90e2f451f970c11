"""The plan of the live demo comes true by syncd's own rules."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import config as configuration
from syncd import app
from syncd.reconcile import complete_pass
from syncd.sandbox.jira import JiraSandbox, JiraWorld
from syncd.sandbox.launch import JIRA_TOKEN_ENV, LINEAR_TOKEN_ENV, demo_config, furnish
from syncd.sandbox.linear import LinearSandbox, LinearWorld
from syncd.sandbox.server import serving
from syncd.sandbox.story import Story
from syncd.store.store import open_store
from tests.trial import Clock

if TYPE_CHECKING:
    from collections.abc import Iterator

STEP = timedelta(seconds=3)


@dataclass
class Stage:
    story: Story
    text: str
    path: Path
    clock: Clock
    environ: dict[str, str]

    def play(self, until: str) -> None:
        """Step by step until this happened."""
        for _ in range(100):
            self.clock.at += STEP
            if self.story.step() == until:
                return
        raise AssertionError(f"it never came to pass: {until}")

    def verdict(self) -> str:
        self.path.write_text(self.story.configure(self.text), "utf-8")
        config = configuration.load(self.path, self.environ)
        with open_store(config.database_url) as store:
            outside = app.outside(config, store, now=self.clock, wait=self.clock.wait)
            (passed,) = complete_pass(config, ["atlas-2"], outside, write=True)
        assert passed.problems == ()
        return passed.draft.readiness.verdict.value


@contextmanager
def stage(folder: Path) -> Iterator[Stage]:
    clock = Clock(datetime(2026, 12, 1, 9, 0, tzinfo=UTC))
    jira, linear = JiraWorld(clock), LinearWorld(clock)
    furnish(jira, linear, clock())
    with ExitStack() as stack:
        jira_url, linear_url = (stack.enter_context(serving(it)) for it in (JiraSandbox(jira), LinearSandbox(linear)))
        yield Stage(
            story=Story(jira, linear),
            text=f"database: sqlite:///{folder}/syncd.db\n" + demo_config(jira_url, f"{linear_url}/graphql", clock()),
            path=folder / "syncd.yaml",
            clock=clock,
            environ={JIRA_TOKEN_ENV: jira.token, LINEAR_TOKEN_ENV: linear.token},
        )


def test_within_two_minutes_it_is_blocked_at_risk_on_track_ready_and_blocked_again(tmp_path: Path) -> None:
    with stage(tmp_path) as it:
        began = it.clock()
        assert it.verdict() == "blocked"
        it.play("Tom Becker finishes QA-3, QA-4.")
        assert it.verdict() == "at_risk"
        it.play("Gus Ferreira signs for Sales Playbook.")
        assert it.verdict() == "on_track"
        it.clock.at += timedelta(seconds=21)
        assert it.verdict() == "ready"
        it.play("Tom Becker reopens QA-3.")
        assert it.verdict() == "blocked"
        it.play("Tom Becker finishes QA-3.")
        assert it.verdict() == "on_track"
        it.play("Quinn Berg signs for Quality Assurance.")
        assert it.verdict() == "ready"
        assert it.clock() - began < timedelta(minutes=2)
