"""The demo's story, played to its end without a socket and without waiting, and docs/story.md made of it.

``make story`` (``python -m tests.sandbox.played``) writes the page; ``test_story`` says when it was forgotten.
"""

from __future__ import annotations

import io
import re
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from unittest import mock

from rich.console import Console

import config as configuration
from config import resolve
from connectors.deadline import Deadline
from mapping.document import Heading, Report
from mapping.readiness import Readiness
from syncd import app, terminal
from syncd.clock import Turned
from syncd.commands.days import Days
from syncd.daemon import Daemon
from syncd.draft import draft_of
from syncd.sandbox.jira import JiraSandbox, JiraWorld
from syncd.sandbox.launch import JIRA_TOKEN_ENV, LINEAR_TOKEN_ENV, demo_config, furnish
from syncd.sandbox.linear import LinearSandbox, LinearWorld
from syncd.sandbox.story import BEGIN, STEPS, SUMMARY, TRACKERS, Act, Stage, Step, comments, lasts
from syncd.store.store import open_store
from syncd.told import known
from tests.simulation.within import within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.schema import Config
    from syncd.outside import Outside

PAGE = Path(__file__).parents[2] / "docs" / "story.md"
WIDTH = 100
_FIRST_SCREEN = ("Act now", "Decisions", "Gates")
_EVIDENCE = re.compile(r"evidence [0-9a-f]{8}")
_HEAD = """# Ten days of a launch, as people see them

What `syncd demo` plays in two minutes. Atlas 2.0 is to be launched on Thursday 17 December 2026; eight departments work
on it in a Jira (REL, ENG, QA, SUP) and a Linear (DOC, TRN, PMM, MKT, SAL), both sandboxes. For each step: who did what
and where, and the first screen of the summary issue, REL-13, as it stands when the next step begins, here as a terminal
shows it. The whole of such a page: [situations.md](situations.md). What may be said in comments:
[commands.md](commands.md). The evidence of a decision has another name each time; here it is always 7f3a9c1e.
`make story` writes this page.
"""


@dataclass(frozen=True)
class Scene:
    """What stands when the next step begins. ``title`` and ``status`` are the summary issue's own, in Jira."""

    step: Step
    readiness: Readiness
    report: Report
    title: str
    status: str
    comments: tuple[str, ...]


def played(folder: Path) -> list[Scene]:
    """All of it, from an empty store."""
    return list(_scenes(folder))


def _scenes(folder: Path) -> Iterator[Scene]:
    now = Turned(BEGIN)
    with _stage(now) as stage:
        config = _configured(folder, stage)
        with open_store(config.database_url) as store:
            outside = app.outside(config, store, now, now.wait)
            days, said = Days(Daemon(config, outside), now), 0
            for step, until in lasts(STEPS):
                days.until(step.time)
                step.play(stage)
                for tracker in TRACKERS:
                    days.hinted(tracker)
                days.until(until)
                scene = _scene(step, config, outside, stage)
                yield replace(scene, comments=scene.comments[said:])
                said = len(scene.comments)


@contextmanager
def _stage(now: Turned) -> Iterator[Stage]:
    jira, linear = JiraWorld(now), LinearWorld(now)
    furnish(jira, linear, now())
    site = LinearSandbox(linear)
    with ExitStack() as stack:
        stack.enter_context(within({"acme.example": JiraSandbox(jira), "linear.example": site}))
        stack.enter_context(mock.patch.object(Deadline, "__enter__", lambda it: it))  # its thread is not needed
        stack.enter_context(mock.patch.object(Deadline, "__exit__", return_value=None))
        yield Stage(jira=jira, linear=linear, linear_site=site, wait=now.wait)


def _configured(folder: Path, stage: Stage) -> Config:
    path = folder / "syncd.yaml"
    ours = f"database: sqlite:///{folder}/syncd.db\n"
    path.write_text(ours + demo_config("https://acme.example", "https://linear.example/graphql", BEGIN), "utf-8")
    return configuration.load(path, {JIRA_TOKEN_ENV: stage.jira.token, LINEAR_TOKEN_ENV: stage.linear.token})


def _scene(step: Step, config: Config, outside: Outside, stage: Stage) -> Scene:
    found = known(config, "atlas-2", outside.store)
    assert found is not None
    release = resolve.release(config, "atlas-2", launch=None, leads={}, accounts={}, years=())
    fields = stage.jira.issues[stage.jira.keys[SUMMARY]]["fields"]
    return Scene(
        step=step,
        readiness=found.readiness,
        report=draft_of(config, release, found.readiness, "").reports[0],
        title=fields["summary"],
        status=fields["status"]["name"],
        comments=tuple(comments(stage)),
    )


def page(scenes: list[Scene]) -> str:
    rows = [f"| [{it.step.when}]({_anchor(it.step)}) | {it.step.said} | {_verdict(it)} |" for it in scenes]
    table = ["| when | what happens | what the summary says then |", "|---|---|---|", *rows]
    return "\n".join([_HEAD, *table, "", *(_part(scene) for scene in scenes)])


def _heading(step: Step) -> str:
    return f"Day {step.day}, {step.when}"


def _anchor(step: Step) -> str:
    return "#" + re.sub(r"[,:]", "", _heading(step)).replace(" ", "-").lower()


def _verdict(scene: Scene) -> str:
    return re.sub(r"^Atlas 2\.0: | · .*$|, \d+ to act", "", scene.title)


def _part(scene: Scene) -> str:
    acts = [f"- {_told(act)}" for act in scene.step.acts]
    said = [f"- {answer}" for answer in scene.comments]
    head = f"## {_heading(scene.step)}\n\n{scene.step.said}\n"
    listed = "\n".join(["", *acts, *said, ""]) if acts or said else ""
    return f"{head}{listed}\n```text\n{first_screen(scene.report)}\n```\n"


def _told(act: Act) -> str:
    """Commands as such."""
    before, comment, words = act.told.partition(": ")
    lines = [f"`{line}`" if line.startswith("/") else line for line in words.split("\n")]
    return before + comment + " ".join(lines)


def first_screen(report: Report) -> str:
    """Down to the gates, without colours or links."""
    ends = [n for n, it in enumerate(report.blocks) if isinstance(it, Heading) and it.text not in _FIRST_SCREEN]
    out = io.StringIO()
    first = replace(report, blocks=report.blocks[: ends[0]])
    terminal.render(first, Console(file=out, width=WIDTH, force_terminal=False))
    text = "\n".join(line.rstrip() for line in out.getvalue().splitlines()).rstrip()
    return _EVIDENCE.sub("evidence 7f3a9c1e", text)


if __name__ == "__main__":
    with TemporaryDirectory() as temporary:
        PAGE.write_text(page(played(Path(temporary))), encoding="utf-8")
