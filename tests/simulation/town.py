"""What a seed makes: trackers with people and work, a configuration over them, and the naive truth about every gate.

Called by the simulation. The truth looks straight into the sandbox worlds, hidden tickets included, and shares no code
with the product: each selector that is written into the file stands beside a plain predicate that means the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from config.catalogue import CATALOGUE
from syncd.sandbox.jira import JiraSandbox, JiraWorld
from syncd.sandbox.linear import LinearSandbox, LinearWorld

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

PEOPLE = ("Dana", "Lee", "Maya", "Noor", "Sam")
NAMES = {"atlas-2": "Atlas 2.0", "beta-1": "Beta 1", "core-3": "Core 3"}
JIRA_PROJECTS = ("ENG", "QA", "SUP")
LINEAR_TEAMS = ("DOC", "MKT")
LINEAR = 0.65
"""How likely there is one."""
ZONES = ("America/New_York", "Pacific/Auckland", "UTC", "Asia/Kolkata")
"""Of syncd's own Jira account, whose dates are read there."""

Member = Callable[[Any], bool]
"""Whether a raw ticket of its world belongs to the gate."""


@dataclass(kw_only=True)
class Tracker:
    """``offset_s``: how far its clock is off. ``secret``: what nobody may ever print. ``robot``: syncd's account."""

    name: str
    kind: str
    host: str
    secret: str
    offset_s: float = 0.0
    world: Any = None
    site: Any = None
    robot: Any = None

    def clock_of(self, clock: Callable[[], datetime]) -> Callable[[], datetime]:
        return lambda: clock() + timedelta(seconds=self.offset_s)


@dataclass(frozen=True, kw_only=True)
class Gate:
    """``signs``: the key of the sign-off ticket. ``tracker`` is where the items live. ``epics``: the keys of those that
    its selector rests on. ``by_word``: a comment must sign it.
    """

    release: str
    id: str
    tracker: str
    text: str
    member: Member
    expect: int = 1
    signs: str = ""
    epics: tuple[str, ...] = ()
    required: bool = True
    owners: tuple[str, ...] = ("Dana",)
    by_word: bool = False


@dataclass(kw_only=True)
class Town:
    trackers: dict[str, Tracker]
    gates: list[Gate]
    text: str
    poll: timedelta
    sweep: timedelta
    freshness: timedelta
    soak: timedelta
    min_write: timedelta
    lag_s: float
    summary_in: dict[str, str] = field(default_factory=dict)

    def lag(self, seconds: float) -> None:
        """How far every index lies behind."""
        self.lag_s = seconds
        for tracker in self.trackers.values():
            if tracker.kind == "jira":
                tracker.site.index_lag_s = seconds

    def environ(self) -> dict[str, str]:
        return {f"{name.upper()}_TOKEN": it.secret for name, it in self.trackers.items()}

    def work_of(self, gate: Gate) -> list[tuple[str, str, bool]]:
        """(id, key, whether it is finished) of every ticket that belongs to the gate, seen by syncd or not."""
        tracker = self.trackers[gate.tracker]
        if tracker.kind == "jira":
            return [
                (it["id"], it["key"], it["fields"]["status"]["statusCategory"]["key"] == "done")
                for it in tracker.world.issues.values()
                if not jira_ours(it) and gate.member(it)
            ]
        done = ("completed", "canceled", "duplicate")
        return [
            (it["id"], it["identifier"], it["state"]["type"] in done)
            for it in tracker.world.issues.values()
            if not it["trashed"] and not linear_ours(tracker.robot, it) and gate.member(it)
        ]

    def has_lost_its_epic(self, gate: Gate) -> bool:
        """Whether one was deleted, so that nobody can tell any more what belongs to the gate."""
        return any(self.trackers[gate.tracker].world.find(epic) is None for epic in gate.epics)

    def signed(self, gate: Gate) -> bool:
        """Whether the sign-off ticket stands at done now."""
        tracker = self.trackers[gate.tracker]
        if tracker.kind == "jira":
            issue = tracker.world.issues.get(tracker.world.find(gate.signs) or "")
            return issue is not None and issue["fields"]["status"]["statusCategory"]["key"] == "done"
        row = next((it for it in tracker.world.issues.values() if it["identifier"] == gate.signs), None)
        return row is not None and row["state"]["type"] == "completed"


def jira_ours(issue: Any) -> bool:
    """A summary or launch issue: never an item."""
    names = {*NAMES.values()}
    fields = issue["fields"]
    ours = any(label.startswith("syncd-") for label in fields["labels"])
    return ours or (fields["project"]["key"] == "REL" and fields["summary"] in names)


def linear_ours(robot: Any, row: Any) -> bool:
    return row["creator"] is robot or (row["team"]["key"] == "REL" and row["title"] in NAMES.values())


def build(chance: Random, clock: Callable[[], datetime], words: Random | None = None) -> Town:
    """Everything that this seed makes, at rest. ``words``: where people speak, what is drawn for that."""
    trackers = {"eng": _jira("eng", chance, clock)}
    if chance.random() < LINEAR:
        trackers["gtm"] = _linear("gtm", chance, clock)
    if chance.random() < 0.1:
        trackers["ops"] = _jira("ops", chance, clock)
    poll, sweep = chance.choice((5, 8, 10)), chance.choice((15, 20))
    freshness = chance.choice((10, 20, 40))
    town = Town(
        trackers=trackers,
        gates=[],
        text="",
        poll=timedelta(minutes=poll),
        sweep=timedelta(minutes=sweep),
        freshness=timedelta(minutes=max(freshness, poll + 1)),  # a poll takes its time, too
        soak=timedelta(minutes=chance.choice((0, 0, 0, 10))),
        min_write=timedelta(seconds=chance.choice((1, 30, 120))),
        lag_s=chance.choice((0, 0, 0, 5, 30, 120, 400)),
    )
    for tracker in trackers.values():
        _furnish(tracker, chance)
        if words:
            _let_speak(tracker, words)
    town.lag(town.lag_s)
    releases = chance.sample(list(NAMES), chance.choice((1, 1, 1, 1, 2, 3)))
    town.text = _text(town, "".join(_release(town, name, chance, words) for name in releases))
    return town


def _jira(name: str, chance: Random, clock: Callable[[], datetime]) -> Tracker:
    it = _tracker(name, "jira", chance)
    zone = chance.choice(ZONES)
    it.world = JiraWorld(it.clock_of(clock), data_center=chance.random() < 0.3, zone=zone)
    it.world.token = it.secret
    it.site = JiraSandbox(it.world)
    return it


def _linear(name: str, chance: Random, clock: Callable[[], datetime]) -> Tracker:
    it = _tracker(name, "linear", chance)
    it.world = LinearWorld(it.clock_of(clock), seed=chance.randrange(10**6))
    it.world.token = it.secret
    it.robot = it.world.viewer
    it.site = LinearSandbox(it.world)
    return it


def _tracker(name: str, kind: str, chance: Random) -> Tracker:
    return Tracker(
        name=name,
        kind=kind,
        host=f"{name}.sandbox.invalid",
        secret=f"lin_api_do_not_print_{name}_{chance.randrange(10**6)}",
        offset_s=chance.choice((0.0, 0.0, 0.0, -3600.0, 200.0)),
    )


def _furnish(tracker: Tracker, chance: Random) -> None:
    for name in PEOPLE:
        tracker.world.user(name, f"{name.lower()}@acme.example")
    (_furnish_jira if tracker.kind == "jira" else _furnish_linear)(tracker.world, chance)


def _let_speak(tracker: Tracker, words: Random) -> None:
    """There is one whom nobody named; and at times syncd uses the account of the manager herself."""
    world = tracker.world
    world.user("Zed", "zed@elsewhere.example")
    if tracker.kind == "jira" and words.random() < 0.3:
        use_account_of("Maya", tracker)


def use_account_of(name: str, tracker: Tracker) -> None:
    users = tracker.world.users.items()
    tracker.world.me = next(ident for ident, row in users if row["displayName"] == name)


def _furnish_jira(world: JiraWorld, chance: Random) -> None:
    for key in (*JIRA_PROJECTS, "REL"):
        world.project(key, f"Project {key}", lead=chance.choice(PEOPLE))
        for name in NAMES.values():
            world.version(key, name)
    for name in NAMES.values():
        world.add("REL", name, assignee="Maya", due="2026-12-15")
    for key in JIRA_PROJECTS:
        epic = world.add(key, chance.choice(list(NAMES.values())), type="Epic", status="Done")
        for n in range(chance.randrange(1, 7)):
            _ticket(world, key, f"Part {n} of {key}", epic, chance)


def _ticket(world: JiraWorld, project: str, title: str, epic: str, chance: Random) -> str:
    return world.add(
        project,
        title,
        status=chance.choice(("To Do", "In Progress", "Done", "Done", "Done")),
        labels=chance.choice(((), ("atlas-2",), ("beta-1",), ("hot",), ("core-3", "hot"))),
        fix_versions=chance.choice(((), ("Atlas 2.0",), ("Beta 1",), ("Core 3",))),
        parent=epic if chance.random() < 0.3 else None,
        assignee=chance.choice((*PEOPLE, None)),
    )


def _furnish_linear(world: LinearWorld, chance: Random) -> None:
    for name in ("atlas-2", "beta-1", "core-3", "hot"):
        world.label(name)
    for key in (*LINEAR_TEAMS, "REL"):
        world.team(key, f"Team {key}", chance.choice(PEOPLE))
    for name in NAMES.values():
        world.add("REL", name, assignee="Maya", due=None)
        world.project(f"{name} plan", list(LINEAR_TEAMS))
        world.initiative(name, [f"{name} plan"])
    for key in LINEAR_TEAMS:
        for n in range(chance.randrange(1, 7)):
            world.add(
                key,
                f"Part {n} of {key}",
                state=chance.choice(("Todo", "In Progress", "Done", "Done", "Done")),
                labels=chance.choice(((), ("atlas-2",), ("beta-1",), ("hot",))),
                project=chance.choice((None, "Atlas 2.0 plan", "Beta 1 plan", "Core 3 plan")),
                assignee=chance.choice((*PEOPLE, None)),
            )


def _release(town: Town, release: str, chance: Random, words: Random | None) -> str:
    name = NAMES[release]
    launch_in = chance.choice(list(town.trackers))
    town.summary_in[release] = launch_in
    key = f"REL-{list(NAMES).index(release) + 1}"
    lines = [
        f"  {release}:",
        f"    name: {name}",
        f"    launch: {launch_in}/{key}",
        "    target: 2026-12-15",
        "    manager: maya",
        f"    timing: {{freshness: {_span(town.freshness)}, soak: {_span(town.soak)}, lease: 4h, signature: 14d}}",
    ]
    if chance.random() < 0.5:
        project = "project" if town.trackers[launch_in].kind == "jira" else "team"
        lines.append(f"    summary: {{tracker: {launch_in}, {project}: REL}}")
    lines.append("    gates:")
    lines += [f"      {department}: null" for department in CATALOGUE]
    for n in range(chance.choice((1, 1, 1, 1, 2, 3))):
        gate = _gate(town, release, f"gate{n}", chance, words)
        town.gates.append(gate)
        lines.append(f"      {gate.id}: {gate.text}")
    return "\n".join(lines) + "\n"


def _gate(town: Town, release: str, ident: str, chance: Random, words: Random | None) -> Gate:
    tracker = town.trackers[chance.choice(list(town.trackers))]
    make = _jira_selector if tracker.kind == "jira" else _linear_selector
    selector, member = make(tracker, release, chance)
    epics = tuple(_epics(tracker.world, release, selector)) if tracker.kind == "jira" else ()
    signs = ""
    sign_off = "false"
    if chance.random() < 0.3:
        place = chance.choice(JIRA_PROJECTS if tracker.kind == "jira" else LINEAR_TEAMS)
        signs = tracker.world.add(place, f"{ident} of {release} signs")
        sign_off = f"{{item: {tracker.name}/{signs}}}"
    expect = chance.choice((1, 1, 1, 2))
    required = ident == "gate0" or chance.random() < 0.8
    mode = "" if required else ", mode: advisory"
    owners = ("Dana", "Lee") if words and words.random() < 0.5 else ("Dana",)
    by_word = not signs and words is not None and words.random() < 0.3
    if by_word:
        sign_off = "true"
    text = f"{{owner: [{', '.join(owners).lower()}], items: {selector}, sign_off: {sign_off}, expect: {expect}{mode}}}"
    return Gate(
        release=release,
        id=ident,
        tracker=tracker.name,
        text=text,
        member=member,
        expect=expect,
        signs=signs,
        epics=epics,
        required=required,
        owners=owners,
        by_word=by_word,
    )


def _epics(world: JiraWorld, release: str, selector: str) -> Iterator[str]:
    """The one that it names, or all that are called like the release."""
    for key in (f"{project}-1" for project in JIRA_PROJECTS):
        named = world.issues[world.keys[key]]["fields"]["summary"] == NAMES[release]
        if f"epic: {key}" in selector or (named and "{" not in selector):
            yield key


def _jira_selector(tracker: Tracker, release: str, chance: Random) -> tuple[str, Member]:
    project, name = chance.choice(JIRA_PROJECTS), NAMES[release]
    epic = f"{project}-1"
    here, world = tracker.name, tracker.world
    table: list[tuple[str, Member]] = [
        (
            f"[{{tracker: {here}, jql: 'project = {project} AND fixVersion = \"{name}\"'}}]",
            lambda it: _in(it, project) and _versioned(it, name),
        ),
        (f"[{{tracker: {here}, project: {project}}}]", lambda it: _in(it, project)),
        (
            f"[{{tracker: {here}, project: {project}, fix_version: {name}}}]",
            lambda it: _in(it, project) and _versioned(it, name),
        ),
        (
            f"[{{tracker: {here}, project: {project}, label: {release}}}]",
            lambda it: _in(it, project) and _labelled(it, release),
        ),
        (f"[{{tracker: {here}, epic: {epic}}}]", lambda it: _below(world, it, {world.keys.get(epic)})),
        (
            f"[{{tracker: {here}, jql: 'labels = hot OR labels = {release}'}}]",
            lambda it: _labelled(it, "hot") or _labelled(it, release),
        ),
        (
            f"[{{tracker: {here}, label: {release}}}, {{tracker: {here}, project: {project}, fix_version: {name}}}]",
            lambda it: _labelled(it, release) or (_in(it, project) and _versioned(it, name)),
        ),
        (f"{here}/{project}", lambda it: _in(it, project) and _carries(world, it, release)),
        (f"{here}/{project}", lambda it: _in(it, project) and _carries(world, it, release)),
    ]
    return chance.choice(table)


def _in(issue: Any, project: str) -> bool:
    return bool(issue["fields"]["project"]["key"] == project)


def _labelled(issue: Any, label: str) -> bool:
    return label in issue["fields"]["labels"]


def _versioned(issue: Any, name: str) -> bool:
    return any(row["name"] == name for row in issue["fields"]["fixVersions"])


def _carries(world: JiraWorld, issue: Any, release: str) -> bool:
    """An epic of that name may stand in any project."""
    name = NAMES[release]
    epics = {
        it["id"]
        for it in world.issues.values()
        if it["fields"]["issuetype"]["name"] == "Epic" and it["fields"]["summary"] == name
    }
    return (
        _versioned(issue, name)
        or any(label.lower() in (release, name.lower()) for label in issue["fields"]["labels"])
        or _below(world, issue, epics)
    )


def _below(world: JiraWorld, issue: Any, roots: set[str | None]) -> bool:
    """Whether one of these stands above the issue."""
    for _ in range(10):
        fields = issue["fields"]
        above = (fields.get("parent") or {}).get("id") or world.find(fields.get("customfield_10014") or "")
        if above is None or above not in world.issues:
            return False
        if above in roots:
            return True
        issue = world.issues[above]
    return False


def _linear_selector(tracker: Tracker, release: str, chance: Random) -> tuple[str, Member]:
    team, name, here = chance.choice(LINEAR_TEAMS), NAMES[release], tracker.name
    plan = f"{name} plan"
    table: list[tuple[str, Member]] = [
        (f"[{{tracker: {here}, team: {team}, project: {plan}}}]", lambda it: _of(it, team) and _planned(it, plan)),
        (f"[{{tracker: {here}, team: {team}, label: {release}}}]", lambda it: _of(it, team) and _tagged(it, release)),
        (f"[{{tracker: {here}, team: {team}}}]", lambda it: _of(it, team)),
        (f"[{{tracker: {here}, initiative: {name}}}]", lambda it: _planned(it, plan)),
        (
            f"[{{tracker: {here}, label: hot}}, {{tracker: {here}, team: {team}, project: {plan}}}]",
            lambda it: _tagged(it, "hot") or (_of(it, team) and _planned(it, plan)),
        ),
        (f"{here}/{team}", lambda it: _of(it, team) and _tagged(it, release)),
    ]
    return chance.choice(table)


def _of(row: Any, team: str) -> bool:
    return bool(row["team"]["key"] == team)


def _tagged(row: Any, label: str) -> bool:
    return any(it["name"] == label for it in row["labels"])


def _planned(row: Any, plan: str) -> bool:
    return bool(row["project"]) and row["project"]["name"] == plan


def _span(span: timedelta) -> str:
    return f"{int(span.total_seconds())}s"


def _text(town: Town, releases: str) -> str:
    rows = []
    for name, it in town.trackers.items():
        url = f"https://{it.host}" + ("/graphql" if it.kind == "linear" else "")
        email = f", email: {it.world.email}" if it.kind == "jira" and not it.world.data_center else ""
        every = f"poll: {_span(town.poll)}, sweep: {_span(town.sweep)}"
        rows.append(
            f'  {name}: {{kind: {it.kind}, url: "{url}", token: {{env: {name.upper()}_TOKEN}}{email}, {every}}}'
        )
    people = "\n".join(f"  {it.lower()}: {{name: {it}, email: {it.lower()}@acme.example}}" for it in PEOPLE)
    return (
        f"database: sqlite:///DATABASE\nhttp: null\nmin_write_interval: {_span(town.min_write)}\n"
        f"trackers:\n" + "\n".join(rows) + f"\npeople:\n{people}\nreleases:\n{releases}"
    )
