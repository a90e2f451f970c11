"""LinearWorld: the workspace behind the sandbox, and how the people in it work.

Its methods are the departments' own hands: the demo and tests create, move and archive issues with them, as people do
in Linear's own screens. Clients over HTTP change the same rows through ``mutations``. Knows nothing of HTTP.
"""

from __future__ import annotations

from datetime import date
from threading import RLock
from typing import TYPE_CHECKING, Any

from syncd.clock import now
from syncd.sandbox.linear import talking
from syncd.sandbox.linear.changes import change, transfer
from syncd.sandbox.linear.rows import WEB, WORKFLOW, Ids, Row, iso, open_issue, slug, stamped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime


class LinearWorld:
    """A workspace. ``clock`` gives aware UTC times; ``seed`` decides the ids. Whoever changes rows holds ``lock`` and
    counts up ``version``, by which readers know that their sorted lists are old.

    ``read_only`` makes the key one that may not write; ``hidden_teams`` holds the keys of the private teams that it
    may not see. ``talk_moves``: a comment moves its issue's ``updatedAt``.
    """

    def __init__(self, clock: Callable[[], datetime] = now, seed: int = 0) -> None:
        self.clock = clock
        self.token = "lin_api_sandbox"  # noqa: S105 - opens nothing but this sandbox
        self.read_only = False
        self.hidden_teams: set[str] = set()
        self.talk_moves = False
        self.lock = RLock()
        self.version = 0
        self.ids = Ids(seed)
        self.users: dict[str, Row] = {}
        self.teams: dict[str, Row] = {}
        self.states: dict[str, Row] = {}
        self.projects: dict[str, Row] = {}
        self.milestones: dict[str, Row] = {}
        self.initiatives: dict[str, Row] = {}
        self.releases: dict[str, Row] = {}
        self.labels: dict[str, Row] = {}
        self.issues: dict[str, Row] = {}
        self.relations: dict[str, Row] = {}
        self.attachments: dict[str, Row] = {}
        self.comments: dict[str, Row] = {}
        self.identifiers: dict[str, str] = {}
        self._numbers: dict[str, int] = {}
        self.organization = self._row(name="Acme", urlKey="acme")
        self.viewer = self._user("syncd", "syncd@acme.example", is_me=True)

    # What is there to work with.

    def user(self, name: str, email: str | None = None, *, active: bool = True) -> str:
        """A member of the workspace; their id."""
        return str(self._user(name, email or f"{slug(name)}@acme.example", active=active)["id"])

    def team(self, key: str, name: str, lead: str | None = None, *, private: bool = False, triage: bool = False) -> str:
        """A team with the usual workflow; its id. ``lead`` is a user (id, e-mail or name), the team's owner."""
        visibility = "private" if private else "public"
        team = self._row(key=key, name=name, displayName=name, description=None, private=private, visibility=visibility)
        team |= {"triageEnabled": triage, "timezone": "Etc/UTC", "states": [], "memberships": []}
        self._keep(self.teams, team)
        for word, kind in WORKFLOW:
            self.state(key, word, kind)
        for person, owner in ((self.viewer, False), (self.find_user(lead), True)):
            if person:
                team["memberships"].append(self._row(team=team, user=person, owner=owner, sortOrder=0))
        return str(team["id"])

    def state(self, team: str, name: str, kind: str) -> str:
        """One more state in the team's workflow; its id. ``kind`` is one of Linear's types of states."""
        owner = self.find_team(team)
        state = self._row(name=name, type=kind, team=owner, color="#95a2b3", description=None)
        state["position"] = len(owner["states"])
        owner["states"].append(state)
        return str(self._keep(self.states, state)["id"])

    def project(
        self, name: str, team: str | Iterable[str], *, health: str | None = None, state: str = "started"
    ) -> str:
        """A project of one team or several (keys); its id."""
        keys = [team] if isinstance(team, str) else team
        teams = [self.find_team(key) for key in keys]
        project = self._row(name=name, teams=teams, description="", color="#5e6ad2", state=state, health=health)
        project |= {
            "slugId": slug(name),
            "url": f"{WEB}/project/{slug(name)}",
            "projectMilestones": [],
            "initiatives": [],
        }
        project["status"] = self._row(name=state.capitalize(), type=state, color="#5e6ad2", position=0)
        project |= {"healthUpdatedAt": None, "lastUpdate": None}
        self._keep(self.projects, project)
        if health:
            self.report(project["id"], health)
        return str(project["id"])

    def report(self, project: str, health: str | None, by: str | None = None, words: str = "") -> None:
        """A person says how the project stands, with a word of Linear's: onTrack, atRisk, offTrack; None takes back."""
        with self.lock:
            talking.update(self, self._named(self.projects, project), health, by, words)

    def milestone(self, project: str, name: str, due: date | None = None) -> str:
        owner = self._named(self.projects, project)
        milestone = self._row(name=name, project=owner, description=None, sortOrder=0, targetDate=_day(due))
        owner["projectMilestones"].append(milestone)
        return str(self._keep(self.milestones, milestone)["id"])

    def initiative(self, name: str, projects: Iterable[str] = ()) -> str:
        initiative = self._row(name=name, projects=[], status="Active", slugId=slug(name), description=None)
        initiative["url"] = f"{WEB}/initiative/{slug(name)}"
        for project in projects:
            initiative["projects"].append(self._named(self.projects, project))
            initiative["projects"][-1]["initiatives"].append(initiative)
        return str(self._keep(self.initiatives, initiative)["id"])

    def release(self, name: str, version: str | None = None) -> str:
        stage = self._row(name="Planned", type="planned", color="#5e6ad2", position=0, frozen=False)
        release = self._row(name=name, version=version, stage=stage, slugId=slug(name), description=None)
        release["url"] = f"{WEB}/release/{slug(name)}"
        return str(self._keep(self.releases, release)["id"])

    def label(self, name: str, team: str | None = None, *, row_id: str | None = None) -> str:
        """A label of the workspace, or of one team only; its id."""
        owner = self.find_team(team) if team else None
        label = self._row(row_id, name=name, team=owner, color="#bec2c8", description=None, isGroup=False, parent=None)
        return str(self._keep(self.labels, label)["id"])

    # Work.

    def add(  # noqa: PLR0913 - everything that a person may fill in, each by its name
        self,
        team: str,
        title: str,
        *,
        state: str = "Todo",
        assignee: str | None = None,
        labels: Iterable[str] = (),
        project: str | None = None,
        milestone: str | None = None,
        releases: Iterable[str] = (),
        parent: str | None = None,
        priority: int = 0,
        due: date | None = None,
        description: str | None = None,
        by: str | None = None,
    ) -> str:
        """An issue of this team (key); its identifier. All else is named by name, label names that are new are made."""
        with self.lock:
            issue = self.begin(self.find_team(team), title)
            issue["creator"] = self.find_user(by)
            said: dict[str, Any] = {"assignee": assignee, "labels": labels, "project": project, "milestone": milestone}
            said |= {"releases": releases, "parent": parent, "priority": priority, "due": due}
            said |= {"description": description, "state": state}
            change(issue, self._meant(issue, said), self.entry(None, iso(self.clock())))
            issue["history"].clear()
            return str(issue["identifier"])

    def move(self, key: str, state: str, by: str | None = None) -> None:
        """A person moves an issue to the state of this name; the history says who."""
        self.edit(key, by=by, state=state)

    def edit(self, key: str, *, by: str | None = None, **fields: Any) -> None:  # noqa: ANN401 - as ``add`` takes them
        """Changes fields of an issue, named and given as in ``add``, and ``title``."""
        with self.lock:
            issue = self.find_issue(key)
            entry = self.entry(self.find_user(by), iso(self.clock()))
            if change(issue, self._meant(issue, fields), entry):
                self.version += 1

    def transfer(self, key: str, team: str) -> str:
        """Moves an issue to another team; its new identifier. Its state becomes the new team's of the same type."""
        with self.lock:
            issue, goal = self.find_issue(key), self.find_team(team)
            transfer(issue, goal, self._next_number(goal))
            state = next(state for state in goal["states"] if state["type"] == issue["state"]["type"])
            change(issue, {"state": state}, self.entry(None, iso(self.clock())))
            self.identifiers[issue["identifier"]] = issue["id"]
            self.version += 1
            return str(issue["identifier"])

    def say(
        self,
        key: str,
        words: str,
        by: str | None = None,
        at: datetime | None = None,
        *,
        reply_to: str | None = None,
        markdown: bool = False,
    ) -> str:
        """A comment by this person (None: the key's own user, "": nobody who can be told); its id. ``words``: a
        paragraph a line, ``@[Dana]`` mentions her; with ``markdown`` they are markup already.
        """
        with self.lock:
            body = words if markdown else talking.typed(self, words)
            comment = talking.add(self, self.find_issue(key), body, by, at=at, row_id=None)
            comment["parent"] = self.comments[reply_to] if reply_to else None
            return str(comment["id"])

    def edit_comment(self, key: str, comment: str, words: str, by: str | None = None) -> None:  # noqa: ARG002 - Linear lets its author edit only
        with self.lock:
            talking.edit(self, self._said_on(key, comment), talking.typed(self, words))

    def remove_comment(self, key: str, comment: str) -> None:
        with self.lock:
            talking.remove(self, self._said_on(key, comment))

    def archive(self, key: str) -> None:
        """Archives an issue, as Linear does by itself with what was done long ago. Bumps no ``updatedAt``."""
        self._put_away(self.find_issue(key), trashed=None)

    def trash(self, key: str) -> None:
        """Deletes an issue the way people do: it lies in the trash. Bumps no ``updatedAt``."""
        self._put_away(self.find_issue(key), trashed=True)

    def restore(self, key: str) -> None:
        with self.lock:
            self.find_issue(key).update(archivedAt=None, trashed=None)
            self.version += 1

    def delete(self, key: str) -> None:
        """Removes an issue for good, with all that hangs on it."""
        with self.lock:
            issue = self.find_issue(key)
            change(issue, {"parent": None}, self.entry(None, issue["updatedAt"]))
            for child in issue["children"]:
                child["parent"] = None
            for relation in [*issue["relations"], *issue["inverseRelations"]]:
                relation["issue"]["relations"].remove(relation)
                relation["relatedIssue"]["inverseRelations"].remove(relation)
                del self.relations[relation["id"]]
            for attachment in issue["attachments"]:
                del self.attachments[attachment["id"]]
            for comment in issue["comments"]:
                del self.comments[comment["id"]]
            del self.issues[issue["id"]]
            self.version += 1

    def relate(self, key: str, related: str, kind: str = "blocks", row_id: str | None = None) -> Row:
        """The relation by which the first issue blocks the second (or is otherwise related); made once only."""
        with self.lock:
            issue, other = self.find_issue(key), self.find_issue(related)
            same = [one for one in issue["relations"] if one["relatedIssue"] is other and one["type"] == kind]
            if same:
                known: Row = same[0]
                return known
            relation = self._row(row_id, issue=issue, relatedIssue=other, type=kind)
            issue["relations"].append(relation)
            other["inverseRelations"].append(relation)
            return self._keep(self.relations, relation)

    # What the mutations share.

    def attach(self, issue: Row, url: str, title: str, row_id: str | None = None) -> Row:
        """A new attachment on the issue. The caller holds the lock."""
        attachment = self._row(row_id, issue=issue, url=url, title=title, subtitle=None, metadata={})
        attachment |= {"creator": self.viewer, "sourceType": "api", "groupBySource": False}
        issue["attachments"].append(attachment)
        return self._keep(self.attachments, attachment)

    def begin(self, team: Row, title: str, row_id: str | None = None) -> Row:
        """A new issue of the team in its default state, with the team's next number. The caller holds the lock."""
        issue = open_issue(row_id or self.ids.fresh(), iso(self.clock()), team, self._next_number(team), title)
        issue["state"] = next(state for state in team["states"] if state["type"] == "backlog")
        self.identifiers[issue["identifier"]] = issue["id"]
        return self._keep(self.issues, issue)

    def entry(self, actor: Row | None, at: str) -> Row:
        """An empty row of an issue's history; without an actor an automation did it."""
        return stamped(self.ids.fresh(), at, actor=actor)

    def find_issue(self, key: str) -> Row:
        """An issue by id or by any identifier that it ever had. Raises KeyError."""
        return self.issues[self.identifiers.get(key.upper(), key)]

    def find_team(self, key: str) -> Row:
        """A team by key or id. Raises KeyError."""
        return self.teams.get(key) or self._named(self.teams, key, "key")

    def find_user(self, who: str | None) -> Row | None:
        """A user by id, e-mail or name; None for None. Raises KeyError."""
        if who is None:
            return None
        found = [user for user in self.users.values() if who in (user["id"], user["email"], user["name"])]
        if not found:
            raise KeyError(who)
        return found[0]

    def is_seen(self, issue: Row) -> bool:
        """Whether the key may see this issue at all."""
        return issue["team"]["key"] not in self.hidden_teams

    def _user(self, name: str, email: str, *, active: bool = True, is_me: bool = False) -> Row:
        user = self._row(name=name, displayName=slug(name), email=email, active=active, isMe=is_me, timezone="Etc/UTC")
        user |= {"admin": False, "guest": False, "app": False, "owner": False, "url": f"{WEB}/profiles/{slug(name)}"}
        return self._keep(self.users, user)

    def _said_on(self, key: str, comment: str) -> Row:
        return next(row for row in self.find_issue(key)["comments"] if row["id"] == comment)

    def _meant(self, issue: Row, said: dict[str, Any]) -> Row:
        """The fields of a row for what a person said about it by names."""
        meant: Row = {name: said[name] for name in ("title", "description", "priority") if name in said}
        if "state" in said:
            meant["state"] = next(state for state in issue["team"]["states"] if state["name"] == said["state"])
        if "assignee" in said:
            meant["assignee"] = self.find_user(said["assignee"])
        if "due" in said:
            meant["dueDate"] = _day(said["due"])
        if "labels" in said:
            meant["labels"] = [self._label(name) for name in said["labels"]]
        if "releases" in said:
            meant["releases"] = [self._named(self.releases, name) for name in said["releases"]]
        if "parent" in said:
            meant["parent"] = self.find_issue(said["parent"]) if said["parent"] else None
        return meant | self._placed(said)

    def _placed(self, said: dict[str, Any]) -> Row:
        placed: Row = {}
        if "project" in said:
            placed["project"] = self._named(self.projects, said["project"]) if said["project"] else None
        if "milestone" in said:
            placed["projectMilestone"] = self._named(self.milestones, said["milestone"]) if said["milestone"] else None
        return placed

    def _label(self, name: str) -> Row:
        known = next((label for label in self.labels.values() if label["name"] == name), None)
        return known or self.labels[self.label(name)]

    def _named(self, rows: dict[str, Row], name: str, field: str = "name") -> Row:
        if name in rows:
            return rows[name]
        found = next((row for row in rows.values() if row[field] == name), None)
        if found is None:
            raise KeyError(name)
        return found

    def _put_away(self, issue: Row, *, trashed: bool | None) -> None:
        with self.lock:
            issue.update(archivedAt=iso(self.clock()), trashed=trashed)
            self.version += 1

    def _next_number(self, team: Row) -> int:
        self._numbers[team["id"]] = self._numbers.get(team["id"], 0) + 1
        return self._numbers[team["id"]]

    def _row(self, row_id: str | None = None, **fields: Any) -> Row:  # noqa: ANN401 - as in ``stamped``
        return stamped(row_id or self.ids.fresh(), iso(self.clock()), **fields)

    def _keep(self, rows: dict[str, Row], row: Row) -> Row:
        rows[row["id"]] = row
        self.version += 1
        return row


def _day(due: date | str | None) -> str | None:
    return due.isoformat() if isinstance(due, date) else due
