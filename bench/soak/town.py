"""What the soak watches: two trackers full of work, three releases over them, and the plain truth about each gate.

Called by the soak. The truth looks straight into the sandbox worlds and shares no code with the product: each selector
of the configuration stands beside a predicate that means the same.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from config.catalogue import CATALOGUE
from syncd import clock
from syncd.sandbox.jira import JiraWorld
from syncd.sandbox.linear import LinearWorld

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    Member = Callable[[Any], bool]

RELEASES: Final = {"atlas-2": "Atlas 2.0", "beta-1": "Beta 1", "core-3": "Core 3"}
ENVIRON: Final = {"eng": "SOAK_ENG_TOKEN", "gtm": "SOAK_GTM_TOKEN"}
HOOK_SECRET_ENV: Final = "SOAK_HOOK_SECRET"  # noqa: S105 - the variable's name
HOOK_SECRET: Final = "opens-nothing"  # noqa: S105 - of a sandbox
POLL_S: Final = 5
SWEEP_S: Final = 120
SETTLES_S: Final = 20
"""How long a gate has to hold before it is READY here (``soak`` in the configuration)."""

_PEOPLE = ("Dana", "Lee", "Maya", "Noor", "Sam", "Tess", "Uma", "Yuki")
_PROJECTS = ("ENG", "QA", "SUP")
_TEAMS = ("DOC", "MKT")
_LAUNCHES = {"atlas-2": "eng/REL-1", "beta-1": "eng/REL-2", "core-3": "gtm/REL-1"}
_FINISHED_IN_LINEAR = ("completed", "canceled", "duplicate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """``items`` is what the configuration says, ``member`` whether a raw ticket of ``tracker`` belongs to it."""

    release: str
    id: str
    tracker: str
    items: Any
    member: Member
    signs: str | None = None


class Town:
    """Both worlds, furnished with ``items`` tickets. ``noted``: summary id → when Maya last wrote into it;
    ``crossed``: the id of one that syncd wrote without another look since, once for each time.
    """

    def __init__(self, items: int, seed: int) -> None:
        self.noted: dict[str, datetime] = {}
        self.crossed: list[str] = []
        self.chance = random.Random(seed)  # noqa: S311 - made-up work
        self.jira, self.linear = JiraWorld(clock.now), LinearWorld(clock.now, seed=seed)
        month = clock.now() - timedelta(days=30)
        self.jira.clock = self.linear.clock = lambda: month
        self._settle()
        for number in range(items):
            self._add(number)
        self.sign_off = self.linear.add("MKT", "Marketing signs Beta 1", assignee="Lee")
        self.jira.clock = self.linear.clock = clock.now
        self.gates = _gates(self.sign_off)

    def _settle(self) -> None:
        for world in (self.jira, self.linear):
            for name in _PEOPLE:
                world.user(name, f"{name.lower()}@acme.example")
        for key in (*_PROJECTS, "REL"):
            self.jira.project(key, f"Project {key}", "Dana")
        for key in (*_TEAMS, "REL"):
            self.linear.team(key, f"Team {key}", "Lee")
        for label, name in RELEASES.items():
            for key in _PROJECTS:
                self.jira.version(key, name)
            self.linear.label(label)
            self.linear.project(f"{name} plan", list(_TEAMS))
            where = self.jira if _LAUNCHES[label].startswith("eng/") else self.linear
            where.add("REL", name, assignee="Maya", due=(clock.now() + timedelta(days=40)).date())

    def _add(self, number: int) -> None:
        release = self.chance.choice((*RELEASES, None))
        name, who = f"Part {number}", self.chance.choice((*_PEOPLE, None))
        if self.chance.random() < 0.6:
            self.jira.add(
                self.chance.choice(_PROJECTS),
                name,
                status=self.chance.choice(("To Do", "In Progress", "Done", "Done", "Done")),
                fix_versions=(RELEASES[release],) if release and self.chance.random() < 0.8 else (),
                labels=self.chance.choice(((), (), (release or "other",), ("hot",))),
                assignee=who,
            )
            return
        self.linear.add(
            self.chance.choice(_TEAMS),
            name,
            state=self.chance.choice(("Todo", "In Progress", "Done", "Done", "Done")),
            labels=(release,) if release else (),
            project=f"{RELEASES[release]} plan" if release and self.chance.random() < 0.5 else None,
            assignee=who,
        )

    def truth(self, gate: Gate) -> dict[str, bool]:
        """Id → whether it is finished, of every ticket that belongs to the gate."""
        if gate.tracker == "eng":
            with self.jira.lock:
                return {
                    it["id"]: it["fields"]["status"]["statusCategory"]["key"] == "done"
                    for it in self.jira.issues.values()
                    if not self.is_summary("eng", it) and gate.member(it)
                }
        with self.linear.lock:
            return {
                it["id"]: it["state"]["type"] in _FINISHED_IN_LINEAR
                for it in self.linear.issues.values()
                if not it["trashed"] and not self.is_summary("gtm", it) and gate.member(it)
            }

    def is_summary(self, tracker: str, row: Any) -> bool:  # noqa: ANN401 - a raw ticket
        if tracker == "eng":
            return any(label.startswith("syncd-") for label in row["fields"]["labels"])
        return row["creator"] is self.linear.viewer

    def summaries(self, release: str) -> list[tuple[str, Any]]:
        """(tracker, raw ticket) of every summary issue of this release; by its title, which begins with the name."""
        rows = [("eng", it, it["fields"]["summary"]) for it in self.jira.issues.values()]
        rows += [("gtm", it, it["title"]) for it in self.linear.issues.values()]
        name = RELEASES[release]
        return [(where, it) for where, it, title in rows if self.is_summary(where, it) and title.startswith(name)]

    @property
    def item_count(self) -> int:
        return len(self.jira.issues) + len(self.linear.issues)


def _gates(sign_off: str) -> list[Gate]:
    found: list[Gate] = []
    for release, name in RELEASES.items():
        found += _gates_in_jira(release, name)
        found += _gates_in_linear(release, name, sign_off if release == "beta-1" else None)
    return found


def _gates_in_jira(release: str, name: str) -> list[Gate]:
    jql = f'project = ENG AND fixVersion = "{name}"'
    marked = release, name.lower()
    return [
        Gate(
            release=release,
            id="engineering",
            tracker="eng",
            items=[{"tracker": "eng", "jql": jql}],
            member=lambda it: _in(it, "ENG") and _versioned(it, name),
        ),
        Gate(
            release=release,
            id="qa",
            tracker="eng",
            items=[{"tracker": "eng", "project": "QA", "fix_version": name}, {"tracker": "eng", "label": "hot"}],
            member=lambda it: (_in(it, "QA") and _versioned(it, name)) or _labelled(it, "hot"),
        ),
        Gate(
            release=release,
            id="support",
            tracker="eng",
            items="eng/SUP",
            member=lambda it: _in(it, "SUP") and (_versioned(it, name) or any(_labelled(it, word) for word in marked)),
        ),
    ]


def _gates_in_linear(release: str, name: str, signs: str | None) -> list[Gate]:
    plan = f"{name} plan"
    return [
        Gate(
            release=release,
            id="docs",
            tracker="gtm",
            items=[{"tracker": "gtm", "team": "DOC", "project": plan}],
            member=lambda it: it["team"]["key"] == "DOC" and bool(it["project"]) and it["project"]["name"] == plan,
        ),
        Gate(
            release=release,
            id="marketing",
            tracker="gtm",
            items=[{"tracker": "gtm", "team": "MKT", "label": release}],
            member=lambda it: it["team"]["key"] == "MKT" and any(row["name"] == release for row in it["labels"]),
            signs=signs,
        ),
    ]


def _in(issue: Any, project: str) -> bool:  # noqa: ANN401 - a raw ticket
    return bool(issue["fields"]["project"]["key"] == project)


def _versioned(issue: Any, name: str) -> bool:  # noqa: ANN401 - a raw ticket
    return any(row["name"] == name for row in issue["fields"]["fixVersions"])


def _labelled(issue: Any, label: str) -> bool:  # noqa: ANN401 - a raw ticket
    return any(it.lower() == label for it in issue["fields"]["labels"])


def configuration(town: Town, urls: dict[str, str], port: int, folder: Path) -> dict[str, Any]:
    """The content of ``syncd.yaml``: realistic in kind, quick in time."""
    every = {"poll": f"{POLL_S}s", "sweep": f"{SWEEP_S}s", "webhook_secret": {"env": HOOK_SECRET_ENV}}
    eng = {"kind": "jira", "url": urls["eng"], "email": town.jira.email, "token": {"env": ENVIRON["eng"]}}
    gtm = {"kind": "linear", "url": f"{urls['gtm']}/graphql", "token": {"env": ENVIRON["gtm"]}}
    return {
        "database": f"sqlite:///{folder}/syncd.db",
        "http": {"bind": f"127.0.0.1:{port}"},
        "min_write_interval": "5s",
        "trackers": {"eng": eng | every, "gtm": gtm | every},
        "people": {name.lower(): {"name": name, "email": f"{name.lower()}@acme.example"} for name in _PEOPLE},
        "releases": {release: _release(town, release) for release in RELEASES},
    }


def write(content: dict[str, Any], path: Path) -> None:
    """YAML holds JSON."""
    path.write_text(json.dumps(content, indent=1), "utf-8")


def _release(town: Town, release: str) -> dict[str, Any]:
    tracker = _LAUNCHES[release].partition("/")[0]
    gates: dict[str, Any] = dict.fromkeys(CATALOGUE)
    for gate in town.gates:
        if gate.release == release:
            sign_off: Any = {"item": f"{gate.tracker}/{gate.signs}"} if gate.signs else False
            gates[gate.id] = {"owner": "lee", "items": gate.items, "sign_off": sign_off}
    return {
        "name": RELEASES[release],
        "launch": _LAUNCHES[release],
        "timezone": "Etc/UTC",
        "manager": "maya",
        "timing": {"freshness": "2m", "soak": f"{SETTLES_S}s", "lease": "6m"},
        "summary": {"tracker": tracker, "project" if tracker == "eng" else "team": "REL"},
        "gates": gates,
    }
