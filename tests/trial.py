"""The whole product on trial: the real pass, store and client libraries against both sandbox trackers over HTTP.

The sandbox's clock and syncd's are one, and stand still until a test moves them.
"""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import config as configuration
from syncd import app
from syncd.reading import Look, Reader
from syncd.reconcile import complete_pass
from syncd.sandbox.jira import JiraSandbox, JiraWorld
from syncd.sandbox.linear import LinearSandbox, LinearWorld
from syncd.sandbox.server import serving
from syncd.settling import Passed, settle
from syncd.store.store import open_store
from syncd.told import told
from syncd.wanted import Questions, trackers_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.schema import Config
    from syncd.outside import Outside
    from syncd.told import Told

START = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
SECRETS = {"JIRA_TOKEN": "", "LINEAR_TOKEN": ""}


@dataclass
class Clock:
    at: datetime = START
    waited: float = 0

    def __call__(self) -> datetime:
        return self.at

    def wait(self, duration_s: float) -> None:
        self.waited += duration_s
        self.at += timedelta(seconds=duration_s)

    def pass_by(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class Trial:
    """Two trackers with people, ``eng`` (Jira: ENG, SUP, REL with the launch issue REL-1) and ``gtm`` (Linear: MKT)."""

    folder: Path
    jira: JiraWorld
    linear: LinearWorld
    jira_site: JiraSandbox
    linear_site: LinearSandbox
    jira_url: str
    linear_url: str
    clock: Clock
    environ: dict[str, str] = field(default_factory=dict)

    def configure(self, releases: str, *, more: str = "", poll: str = "60s", **tracker: str) -> Config:
        """The configuration of both trackers with this ``releases`` section (indented by two), ``more`` is another
        tracker. ``poll`` is of both, the rest of Jira's alone.
        """
        email = "" if self.jira.data_center else f", email: {self.jira.email}"
        extra = "".join(f", {key}: {value}" for key, value in tracker.items())
        text = f"""
database: sqlite:///{self.folder}/syncd.db
trackers:
  eng: {{kind: jira, url: "{self.jira_url}", token: {{env: JIRA_TOKEN}}, poll: {poll}{email}{extra}}}
  gtm: {{kind: linear, url: "{self.linear_url}/graphql", token: {{env: LINEAR_TOKEN}}, poll: {poll}}}
  {more}
people:
  dana: {{name: Dana, email: dana@acme.example}}
  maya: {{name: Maya, email: maya@acme.example}}
releases:
{releases}
"""
        path = self.folder / "syncd.yaml"
        path.write_text(text, "utf-8")
        return configuration.load(path, self.environ)

    @contextmanager
    def outside(self, config: Config) -> Iterator[Outside]:
        with open_store(config.database_url) as store:
            yield app.outside(config, store, now=self.clock, wait=self.clock.wait)

    def once(self, config: Config, release: str = "", *, write: bool = True) -> Passed:
        """One complete pass over this release, by default over all of them; what came of the first."""
        with self.outside(config) as outside:
            passed = list(complete_pass(config, [release] if release else list(config.releases), outside, write=write))
        return passed[0]

    def increment(self, config: Config) -> Passed:
        """One look at what changed, over all trackers in turn, and the first release settled."""
        with self.outside(config) as outside:
            reader = Reader(Questions(config), outside)
            for name in trackers_of(config, list(config.releases)):
                visit = reader.visit(name, outside.open_source)
                reader.learn(visit, list(config.releases), changed=())
                reader.read(visit, list(config.releases), Look(way="changes"))
            passed = [settle(reader.questions, release, outside, write=True) for release in config.releases]
        return passed[0]

    def told(self, config: Config, release: str = "") -> Told:
        """What ``syncd status`` tells of this release, by default of the first."""
        with self.outside(config) as outside:
            found = told(config, release or next(iter(config.releases)), outside, self.clock())
        assert found is not None
        return found

    def status(self, config: Config, release: str = "") -> dict[str, Any]:
        return self.told(config, release).document

    def states(self, config: Config, release: str = "") -> dict[str, str]:
        """Gate id → state, of the gates that the file names."""
        named = config.releases[release or next(iter(config.releases))].gates
        return {gate["id"]: gate["state"] for gate in self.status(config, release)["gates"] if gate["id"] in named}

    def summaries(self) -> list[dict[str, Any]]:
        """Every issue in the Jira world that carries a mark of ours."""
        return [
            issue for issue in self.jira.issues.values() if any(_ours(label) for label in issue["fields"]["labels"])
        ]

    def writes(self) -> Counter[tuple[str, str]]:
        """Requests of the Jira side that could have changed something."""
        reading = ("/search/jql", "/bulkfetch", "/jql/match", "/search/approximate-count")
        return Counter(
            (seen.method, seen.path)
            for seen in self.jira_site.requests
            if seen.method != "GET" and not seen.path.endswith(reading)
        )


def _ours(label: str) -> bool:
    return label.startswith("syncd-")


@contextmanager
def trial(folder: Path, *, data_center: bool = False, at: datetime = START) -> Iterator[Trial]:
    clock = Clock(at)
    jira, linear = JiraWorld(clock, data_center=data_center), LinearWorld(clock)
    settle_in(jira, linear, at)
    jira_site, linear_site = JiraSandbox(jira), LinearSandbox(linear)
    with ExitStack() as stack:
        yield Trial(
            folder=folder,
            jira=jira,
            linear=linear,
            jira_site=jira_site,
            linear_site=linear_site,
            jira_url=stack.enter_context(serving(jira_site)),
            linear_url=stack.enter_context(serving(linear_site)),
            clock=clock,
            environ={"JIRA_TOKEN": jira.token, "LINEAR_TOKEN": linear.token},
        )


def settle_in(jira: JiraWorld, linear: LinearWorld, at: datetime) -> None:
    for name in ("Dana", "Maya", "Sam"):
        jira.user(name, f"{name.lower()}@acme.example")
        linear.user(name, f"{name.lower()}@acme.example")
    jira.project("ENG", "Engineering", lead="Dana")
    jira.project("SUP", "Support", lead="Sam")
    jira.project("REL", "Releases", lead="Maya")
    jira.version("ENG", "Atlas 2.0")
    jira.add("REL", "Atlas 2.0", assignee="Maya", due=(at + timedelta(days=14)).date())
    linear.team("MKT", "Marketing")
