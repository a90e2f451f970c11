"""Departments at work: people who make, move, mark and close tickets in the sandbox trackers, one step at a time.

Called by the live demo, the soak and the simulation. It works through the worlds' own verbs, never touches syncd's own
issues nor the projects that it is told to leave alone, and the same seed and worlds give the same steps.
"""

from __future__ import annotations

import random
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from syncd.sandbox.jira import JiraWorld
    from syncd.sandbox.linear import LinearWorld

_THINGS = ("the import", "the tour", "the price page", "the sign-in", "the export", "the first run", "the invoice mail")
_VERBS = ("Check", "Write", "Review", "Rework", "Prepare", "Translate", "Measure", "Show", "Describe")
_STEPS = {
    "further": 12,
    "new": 4,
    "reopened": 2,
    "reassigned": 2,
    "renamed": 1,
    "dropped": 1,
    "marked": 2,
    "unmarked": 1,
    "tidied": 1,
    "signed": 2,
}
"""What people do, and how often beside one another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One ticket as its department sees it. ``stage``: 0 to do, 1 in progress, 2 done or dropped."""

    id: str
    key: str
    title: str
    place: str
    stage: int
    who: str | None


class Desk(Protocol):
    """One tracker's screens. Words are the tracker's own; a ticket's marks say to which release it belongs."""

    tracker: str

    def work(self) -> list[Work]: ...
    def people(self) -> list[str]: ...
    def lead(self, place: str) -> str | None: ...
    def put(self, work: Work, stage: int, by: str) -> None: ...
    def drop(self, work: Work, by: str) -> None: ...
    def edit(self, work: Work, **words: Any) -> None: ...  # noqa: ANN401 - as the worlds' ``edit`` takes them
    def add(self, place: str, title: str, like: Work) -> str: ...
    def mark(self, work: Work, like: Work | None) -> None: ...


class Departments:
    """``but``: projects and teams in which nobody works here. ``sign_offs``: (desk, key, who) of tickets that their
    owners move to sign. ``last``: (desk, id) of each ticket that the last step touched.
    """

    def __init__(
        self,
        jira: JiraWorld,
        linear: LinearWorld | None = None,
        seed: int = 0,
        *,
        but: Iterable[str] = ("REL",),
        sign_offs: Sequence[tuple[str, str, str]] = (),
    ) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - made-up work
        self._jira, self._linear = jira, linear
        left = frozenset(but)
        self._desks: list[Desk] = [JiraDesk(jira, left)]
        if linear is not None:
            self._desks.append(LinearDesk(linear, left))
        self._sign_offs = list(sign_offs)
        self.last: list[tuple[str, str]] = []

    def step(self) -> str:
        """Somebody does something; a sentence about it."""
        with self._jira.lock, self._linear.lock if self._linear else nullcontext():
            return self._step()

    def _step(self) -> str:
        self.last = []
        signing = {key for _, key, _ in self._sign_offs}
        for _ in range(10):
            desk = self._chance.choice(self._desks)
            found = [it for it in desk.work() if it.key not in signing]
            kind = self._chance.choices(list(_STEPS), list(_STEPS.values()))[0]
            said = self._done(kind, desk, found) if found else ""
            if said:
                return said
        return "Everybody is at lunch."

    def _done(self, kind: str, desk: Desk, found: list[Work]) -> str:
        """What came of it, "" when there was nothing of this kind to do."""
        if kind == "signed":
            return self._sign()
        if kind == "tidied":
            return self._tidy(desk, found)
        act, fits = _ACTS[kind]
        fitting = [it for it in found if fits(it)]
        if not fitting:
            return ""
        work = self._chance.choice(fitting)
        self.last = [(desk.tracker, work.id)]
        return str(act(self, desk, work, found))

    def _by(self, desk: Desk, work: Work) -> str:
        return work.who or desk.lead(work.place) or self._chance.choice(desk.people())

    def _further(self, desk: Desk, work: Work, _: list[Work]) -> str:
        stage = work.stage + self._chance.choice((1, 1, 2))
        by = self._by(desk, work)
        desk.put(work, min(stage, 2), by)
        return f"{by} {'finished' if stage > 1 else 'began'} {work.key}, {work.title}."

    def _new(self, desk: Desk, work: Work, found: list[Work]) -> str:
        title = f"{self._chance.choice(_VERBS)} {self._chance.choice(_THINGS)}"
        key = desk.add(work.place, title, self._near(work, found))
        self.last = [(desk.tracker, it.id) for it in desk.work() if it.key == key]
        return f"{self._by(desk, work)} added {key}, {title}."

    def _reopened(self, desk: Desk, work: Work, _: list[Work]) -> str:
        by = self._by(desk, work)
        desk.put(work, 1, by)
        return f"{by} reopened {work.key}, {work.title}."

    def _reassigned(self, desk: Desk, work: Work, _: list[Work]) -> str:
        who = self._chance.choice([*desk.people(), None])
        desk.edit(work, assignee=who)
        return f"{work.key} is {who}'s now." if who else f"{work.key} is nobody's now."

    def _renamed(self, desk: Desk, work: Work, _: list[Work]) -> str:
        title = f"{self._chance.choice(_VERBS)} {self._chance.choice(_THINGS)} again"
        desk.edit(work, title=title)
        return f"{self._by(desk, work)} calls {work.key} {title} now."

    def _dropped(self, desk: Desk, work: Work, _: list[Work]) -> str:
        by = self._by(desk, work)
        desk.drop(work, by)
        return f"{by} decided against {work.key}, {work.title}."

    def _marked(self, desk: Desk, work: Work, found: list[Work]) -> str:
        other = self._near(work, found)
        desk.mark(work, other)
        return f"{self._by(desk, work)} planned {work.key} for the same as {other.key}."

    def _unmarked(self, desk: Desk, work: Work, _: list[Work]) -> str:
        desk.mark(work, None)
        return f"{self._by(desk, work)} took {work.key} out of the plan."

    def _near(self, work: Work, found: list[Work]) -> Work:
        return self._chance.choice([it for it in found if it.place == work.place])

    def _tidy(self, desk: Desk, found: list[Work]) -> str:
        """A department closes all that it has."""
        place = self._chance.choice(sorted({it.place for it in found}))
        left = [it for it in found if it.place == place and it.stage < 2]
        for work in left:
            desk.put(work, 2, self._by(desk, work))
        self.last = [(desk.tracker, it.id) for it in left]
        return f"{place} closed {', '.join(it.key for it in left)} before lunch." if left else ""

    def _sign(self) -> str:
        """An owner moves the sign-off ticket to done, seldom back."""
        if not self._sign_offs:
            return ""
        tracker, key, who = self._chance.choice(self._sign_offs)
        desk = next(it for it in self._desks if it.tracker == tracker)
        work = next((it for it in desk.work() if it.key == key), None)
        if work is None:
            return ""
        desk.put(work, 2 if work.stage < 2 else 1, who)
        self.last = [(tracker, work.id)]
        return f"{who} {'signs' if work.stage < 2 else 'takes back the word on'} {key}."


_ACTS: dict[str, tuple[Any, Callable[[Work], bool]]] = {
    "further": (Departments._further, lambda it: it.stage < 2),  # noqa: SLF001 - the class's own table
    "new": (Departments._new, lambda _: True),  # noqa: SLF001 - the same
    "reopened": (Departments._reopened, lambda it: it.stage == 2),  # noqa: SLF001 - the same
    "reassigned": (Departments._reassigned, lambda _: True),  # noqa: SLF001 - the same
    "renamed": (Departments._renamed, lambda _: True),  # noqa: SLF001 - the same
    "dropped": (Departments._dropped, lambda it: it.stage < 2),  # noqa: SLF001 - the same
    "marked": (Departments._marked, lambda _: True),  # noqa: SLF001 - the same
    "unmarked": (Departments._unmarked, lambda _: True),  # noqa: SLF001 - the same
}


class JiraDesk:
    """Jira's screens."""

    tracker = "jira"
    _STAGES = ("To Do", "In Progress", "Done")
    _CATEGORIES = {"indeterminate": 1, "done": 2}  # noqa: RUF012 - a table

    def __init__(self, world: JiraWorld, but: frozenset[str]) -> None:
        self._world = world
        self._but = but

    def work(self) -> list[Work]:
        return [self._work(it) for it in self._world.issues.values() if self._is_theirs(it)]

    def _is_theirs(self, issue: dict[str, Any]) -> bool:
        fields = issue["fields"]
        ours = any(label.startswith("syncd-") for label in fields["labels"])
        return not ours and fields["project"]["key"] not in self._but and fields["issuetype"]["name"] != "Epic"

    def _work(self, issue: dict[str, Any]) -> Work:
        fields = issue["fields"]
        return Work(
            id=issue["id"],
            key=issue["key"],
            title=fields["summary"],
            place=fields["project"]["key"],
            stage=self._CATEGORIES.get(fields["status"]["statusCategory"]["key"], 0),
            who=fields["assignee"]["displayName"] if fields["assignee"] else None,
        )

    def people(self) -> list[str]:
        robot = self._world.me
        return [row["displayName"] for ident, row in self._world.users.items() if ident != robot and row["active"]]

    def lead(self, place: str) -> str | None:
        lead = self._world.projects[place]["lead"]
        return str(lead["displayName"]) if lead else None

    def put(self, work: Work, stage: int, by: str) -> None:
        self._world.move(work.key, self._STAGES[stage], by=by)

    def drop(self, work: Work, by: str) -> None:
        self._world.move(work.key, "Done", by=by, resolution="Won't Do")

    def edit(self, work: Work, **words: Any) -> None:  # noqa: ANN401 - as the protocol says
        if "title" in words:
            words["summary"] = words.pop("title")
        self._world.edit(work.key, **words)

    def add(self, place: str, title: str, like: Work) -> str:
        key = self._world.add(place, title)
        self._world.edit(key, **self._marks(like))
        return key

    def mark(self, work: Work, like: Work | None) -> None:
        self._world.edit(work.key, **self._marks(like))

    def _marks(self, like: Work | None) -> dict[str, Any]:
        if like is None:
            return {"labels": (), "fix_versions": ()}
        fields = self._world.issues[like.id]["fields"]
        return {"labels": fields["labels"], "fix_versions": [row["name"] for row in fields["fixVersions"]]}


class LinearDesk:
    """Linear's screens."""

    tracker = "linear"
    _STAGES = ("Todo", "In Progress", "Done")
    _TYPES = {"started": 1, "completed": 2, "canceled": 2, "duplicate": 2}  # noqa: RUF012 - a table

    def __init__(self, world: LinearWorld, but: frozenset[str]) -> None:
        self._world = world
        self._but = but

    def work(self) -> list[Work]:
        return [self._work(it) for it in self._world.issues.values() if self._is_theirs(it)]

    def _is_theirs(self, issue: dict[str, Any]) -> bool:
        ours = issue["creator"] is self._world.viewer
        return not ours and not issue["archivedAt"] and issue["team"]["key"] not in self._but

    def _work(self, issue: dict[str, Any]) -> Work:
        return Work(
            id=issue["id"],
            key=issue["identifier"],
            title=issue["title"],
            place=issue["team"]["key"],
            stage=self._TYPES.get(issue["state"]["type"], 0),
            who=issue["assignee"]["name"] if issue["assignee"] else None,
        )

    def people(self) -> list[str]:
        return [row["name"] for row in self._world.users.values() if not row["isMe"] and row["active"]]

    def lead(self, place: str) -> str | None:
        members = self._world.find_team(place)["memberships"]
        return next((str(it["user"]["name"]) for it in members if it["owner"]), None)

    def put(self, work: Work, stage: int, by: str) -> None:
        self._world.move(work.key, self._STAGES[stage], by=by)

    def drop(self, work: Work, by: str) -> None:
        self._world.move(work.key, "Canceled", by=by)

    def edit(self, work: Work, **words: Any) -> None:  # noqa: ANN401 - as the protocol says
        self._world.edit(work.key, **words)

    def add(self, place: str, title: str, like: Work) -> str:
        return self._world.add(place, title, **self._marks(like))

    def mark(self, work: Work, like: Work | None) -> None:
        self._world.edit(work.key, **self._marks(like))

    def _marks(self, like: Work | None) -> dict[str, Any]:
        if like is None:
            return {"labels": (), "project": None}
        row = self._world.issues[like.id]
        return {"labels": [it["name"] for it in row["labels"]], "project": row["project"] and row["project"]["name"]}
