"""A Jira site's state: issues as the wire shows them, and the verbs by which tests and the demo change them.

Called by the application's routes, the demo and tests. Each change of an issue makes a new dictionary, so that an
index that lags can go on showing the old one. It knows nothing of HTTP and of JQL. Not thread-safe by itself:
whoever shares it between threads holds ``lock``.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Unpack
from zoneinfo import ZoneInfo

from syncd.sandbox.jira import catalogue, history, naming, shapes, talking
from syncd.sandbox.jira.index import Index
from syncd.sandbox.jira.shapes import EPIC_LINK, Json, link, stamp

if TYPE_CHECKING:
    from collections.abc import Callable

_VERSIONS_KEPT = 50


@dataclass
class Shelf:
    """What belongs to an issue and is not one of its fields. ``versions`` are its states with their times."""

    created: datetime
    updated: datetime
    histories: list[Json] = field(default_factory=list)
    comments: list[Json] = field(default_factory=list)
    properties: dict[str, Any] = field(default_factory=dict)
    remote_links: list[Json] = field(default_factory=list)
    versions: list[tuple[datetime, Json | None]] = field(default_factory=list)


class JiraWorld:
    """One site. ``clock`` is a callable that returns an aware UTC datetime; ``email`` and ``token`` let one in.

    ``issues``: id → raw issue; ``shelves``: id → its history, comments, properties; ``statuses``: name → (id,
    category key). ``denied`` holds permissions that the account lacks, ``public`` the projects that anonymous sees.
    """

    def __init__(
        self, clock: Callable[[], datetime], *, data_center: bool = False, zone: str = "America/New_York"
    ) -> None:
        self.clock = clock
        self.data_center = data_center
        self.lock = threading.RLock()
        self.zone = ZoneInfo(zone)
        self.email = "robot@syncd.example"
        self.token = "sandbox-token"  # noqa: S105 - opens nothing but this sandbox
        self.issues: dict[str, Json] = {}
        self.shelves: dict[str, Shelf] = {}
        self.keys: dict[str, str] = {}
        self.old_keys: dict[str, str] = {}
        self.index = Index()
        self.hidden: set[str] = set()
        self.denied: set[str] = set()
        self.public: set[str] = set()
        self.private: set[str] = set()
        self.projects: dict[str, Json] = {}
        self.project_versions: dict[str, list[Json]] = defaultdict(list)
        self.project_components: dict[str, list[Json]] = defaultdict(list)
        self.users: dict[str, Json] = {}
        self.links: dict[str, Json] = {}
        self.link_ids: dict[tuple[str, str, str], str] = {}
        self.types: dict[str, Json] = catalogue.types(data_center=data_center)
        self.priorities: dict[str, Json] = catalogue.priorities()
        self.resolutions: dict[str, Json] = catalogue.resolutions()
        self.link_types: dict[str, Json] = catalogue.link_types()
        self.security_levels: dict[str, Json] = {}
        self.fields = catalogue.fields(data_center=data_center)
        self.statuses: dict[str, tuple[str, str]] = {}
        self.status_rows: dict[str, Json] = {}
        self._numbers: dict[str, int] = defaultdict(int)
        self._next_id = 10_000
        for ident, name, category in catalogue.STATUSES:
            self.status(name, category, ident)
        self.me = self.user("syncd robot", self.email)

    # --- the site

    def now(self) -> datetime:
        return self.clock()

    def fresh_id(self) -> str:
        self._next_id += 1
        return str(self._next_id)

    def user(self, name: str, email: str | None = None, *, active: bool = True) -> str:
        """A new person; returns the account id (Data Center: the user's key)."""
        number = len(self.users) + 1
        zone = str(self.zone)
        if self.data_center:
            ident = f"JIRAUSER{10_000 + number}"
            login = (email or name).split("@")[0].lower().replace(" ", ".")
            row = shapes.server_user(ident, login, name, email, active=active, zone=zone)
        else:
            ident = f"712020:{number:08d}-0000-4000-8000-{number:012d}"
            row = shapes.cloud_user(ident, name, email, active=active, zone=zone)
        self.users[ident] = row
        return ident

    def find_user(self, word: str | None) -> Json | None:
        """The person with this account id, key, login, e-mail or display name; None where there is none."""
        if not word:
            return None
        if word in self.users:
            return self.users[word]
        wanted = word.lower()
        names = ("name", "emailAddress", "displayName")
        return next((u for u in self.users.values() if wanted in {str(u.get(n, "")).lower() for n in names}), None)

    def status(self, name: str, category: str, ident: str | None = None) -> str:
        """A status that every project has; returns its id. ``category``: new, indeterminate, done or undefined."""
        ident = ident or self.fresh_id()
        self.statuses[name] = (ident, category)
        self.status_rows[ident] = shapes.status(ident, name, category)
        return ident

    def project(self, key: str, name: str, lead: str | None = None, *, private: bool = False) -> str:
        """A new project; ``lead`` is a person. A private one is invisible to the account. Returns its id."""
        ident = self.fresh_id()
        self.projects[key] = {
            "self": link(f"project/{ident}"),
            "id": ident,
            "key": key,
            "name": name,
            "projectTypeKey": "software",
            "simplified": False,
            "avatarUrls": {},
            "lead": self.find_user(lead),
        }
        if private:
            self.private.add(key)
        return ident

    def version(self, project: str, name: str) -> Json:
        """The project's version of this name, made when it is new."""
        rows = self.project_versions[project]
        found = next((row for row in rows if row["name"].lower() == name.lower()), None)
        if found is None:
            found = shapes.version(self.fresh_id(), name, self.projects[project]["id"])
            rows.append(found)
        return found

    def component(self, project: str, name: str) -> Json:
        """The project's component of this name, made when it is new."""
        rows = self.project_components[project]
        found = next((row for row in rows if row["name"].lower() == name.lower()), None)
        if found is None:
            found = shapes.named("component", self.fresh_id(), name)
            rows.append(found)
        return found

    def security(self, name: str) -> Json:
        """The security level of this name, made when it is new. The account can see what carries it."""
        if name not in self.security_levels:
            self.security_levels[name] = shapes.named("securitylevel", self.fresh_id(), name, description="")
        return self.security_levels[name]

    # --- finding and seeing

    def find(self, word: str) -> str | None:
        """The id of the issue with this id or (present or former) key, seen or not."""
        if word in self.issues:
            return word
        key = word.upper()
        return self.keys.get(key) or self.old_keys.get(key)

    def visible(self, ident: str) -> bool:
        """Whether the account may see the issue."""
        issue = self.issues.get(ident)
        return issue is not None and ident not in self.hidden and not self.secluded(issue)

    def secluded(self, issue: Json) -> bool:
        """Whether the issue lies in a project that the account may not see."""
        return bool(self.private) and project_key(issue) in self.private

    # --- issues

    def add(self, project: str, summary: str, by: str | None = None, **words: Unpack[naming.Words]) -> str:
        """A new issue by this person (None: the account itself); returns its key. Left out: a Task in To Do. An issue
        added as done is resolved as Done unless ``resolution`` says otherwise ("" for none).
        """
        said = {"type": "Task", "status": "To Do", "priority": "Medium", **words, "summary": summary}
        fields = naming.fields_of(self, project, said)
        category = fields["status"]["statusCategory"]["key"]
        if category == "done" and words.get("resolution") is None:
            fields["resolution"] = naming.resolution(self, "Done")
        return self.create(project, fields, self.find_user(by))

    def create(self, project: str, fields: Json, by: Json | None = None) -> str:
        """A new issue from fields in the wire's form; returns its key."""
        by = by or self.users[self.me]
        now = self.now()
        self._numbers[project] += 1
        key = f"{project}-{self._numbers[project]}"
        ident = self.fresh_id()
        whole = {**naming.blank(self, project, by, now), **fields}
        if whole["resolution"]:
            whole["resolutiondate"] = stamp(now, self.zone)
        issue = {"expand": shapes.EXPANDS, "id": ident, "self": link(f"issue/{ident}"), "key": key, "fields": whole}
        self.place(issue, now, now)
        return key

    def place(self, issue: Json, created: datetime, updated: datetime) -> None:
        """Puts a whole raw issue into the site, as it is."""
        ident = issue["id"]
        self.shelves[ident] = Shelf(created=created, updated=updated)
        self.keys[issue["key"].upper()] = ident
        prefix, _, number = issue["key"].rpartition("-")
        if number.isdigit():
            self._numbers[prefix] = max(self._numbers[prefix], int(number))
        self._next_id = max(self._next_id, int(ident) if ident.isdigit() else 0)
        self._keep(ident, issue, updated)

    def edit(self, key: str, **words: Unpack[naming.Edited]) -> None:
        """Changes fields, in names; writes history."""
        ident = self.known(key)
        self.change(ident, naming.fields_of(self, project_key(self.issues[ident]), words))

    def move(self, key: str, status: str, by: str | None = None, resolution: str | None = None) -> None:
        """Puts the issue into a status; writes history. Into a done one it is resolved as Done unless ``resolution``
        says otherwise ("" for none); out of one the resolution is emptied.
        """
        ident = self.known(key)
        fields: Json = {"status": naming.status(self, status)}
        done = fields["status"]["statusCategory"]["key"] == "done"
        if resolution is None:
            fields["resolution"] = naming.resolution(self, "Done") if done else None
        else:
            fields["resolution"] = naming.resolution(self, resolution)
        self.change(ident, fields, self.find_user(by))

    def change(self, ident: str, fields: Json, by: Json | None = None, rows: list[Json] | None = None) -> None:
        """Sets fields in the wire's form; ``rows`` is the history to write instead of that of the fields."""
        issue = self.issues[ident]
        old = issue["fields"]
        now = self.now()
        new = {**old, **fields, "updated": stamp(now, self.zone)}
        if category_of(old) != category_of(new) and "statuscategorychangedate" in old:
            new["statuscategorychangedate"] = stamp(now, self.zone)
        if old.get("resolution") != new.get("resolution"):
            new["resolutiondate"] = stamp(now, self.zone) if new["resolution"] else None
        rows = history.items(old, fields) if rows is None else rows
        if rows:
            self.shelves[ident].histories.append(self._history(rows, by or self.users[self.me], now))
        self._keep(ident, {**issue, "fields": new}, now)

    def transfer(self, key: str, project: str) -> str:
        """Moves the issue to another project: the id stays, the key changes, the old key still resolves."""
        ident = self.known(key)
        issue = self.issues[ident]
        old = issue["key"]
        self._numbers[project] += 1
        new = f"{project}-{self._numbers[project]}"
        self.index.leave(ident, project_key(issue))
        self.old_keys[old.upper()] = self.keys.pop(old.upper())
        self.keys[new] = ident
        self.issues[ident] = {**issue, "key": new}
        self.change(ident, {"project": self.project_stub(project)})
        return new

    def link(self, type: str, inward: str, outward: str) -> str:  # noqa: A002 - Jira's own word
        """Links two issues: with "Blocks", ``inward`` blocks ``outward``. A link that exists stays as it is."""
        kind = next(row for row in self.link_types.values() if row["name"].lower() == type.lower())
        return self.connect(kind, self.known(inward), self.known(outward))

    def connect(self, kind: Json, inward: str, outward: str, by: Json | None = None) -> str:
        """Links two issues by id. The issue given as ``inwardIssue`` shows the other as ``outwardIssue``: it blocks
        it (atlassian-mcp-server #112). Returns the link's id.
        """
        name = (kind["id"], inward, outward)
        if name in self.link_ids:
            return self.link_ids[name]
        ident = self.link_ids[name] = self.fresh_id()
        self.links[ident] = {"id": ident, "type": kind, "inward": inward, "outward": outward}
        for end, other, side, word in (
            (inward, outward, "outwardIssue", kind["outward"]),
            (outward, inward, "inwardIssue", kind["inward"]),
        ):
            shown = {
                "id": ident,
                "self": link(f"issueLink/{ident}"),
                "type": kind,
                side: shapes.stub(self.issues[other]),
            }
            rows = [history.link_item(word, self.issues[other]["key"])]
            self.change(end, {"issuelinks": [*self.issues[end]["fields"].get("issuelinks", []), shown]}, by, rows)
        return ident

    def disconnect(self, ident: str) -> None:
        """Removes a link from both its issues."""
        row = self.links.pop(ident)
        del self.link_ids[row["type"]["id"], row["inward"], row["outward"]]
        for end in (row["inward"], row["outward"]):
            held = self.issues[end]["fields"]["issuelinks"]
            self.change(end, {"issuelinks": [one for one in held if one["id"] != ident]}, rows=[])

    def delete(self, key: str) -> None:
        """Removes the issue for good; JQL still shows it until the index has caught up."""
        ident = self.known(key)
        issue = self.issues.pop(ident)
        self.keys.pop(issue["key"].upper(), None)
        self.index.leave(ident, project_key(issue))
        self.shelves[ident].versions.append((self.now(), None))

    def say(
        self, key: str, words: str | Json, by: str | None = None, at: datetime | None = None, **more: object
    ) -> str:
        """A comment by this person (None: the account itself, "": nobody who can be told); returns its id. ``words``:
        a paragraph a line, ``@[Dana]`` mentions her; what is no string is a body in the wire's form. ``more``: members
        of the comment, such as ``visibility``.
        """
        told = {**talking.created(self, at), **more}
        return str(talking.add(self, self.known(key), talking.body_of(self, words), by, **told)["id"])

    def edit_comment(self, key: str, comment: str, words: str | Json, by: str | None = None) -> None:
        talking.edit(self, self.known(key), comment, talking.body_of(self, words), by)

    def remove_comment(self, key: str, comment: str) -> None:
        talking.remove(self, self.known(key), comment)

    def hide(self, key: str) -> None:
        """The account may no longer see the issue."""
        self.hidden.add(self.known(key))

    def show(self, key: str) -> None:
        """The account may see the issue again."""
        self.hidden.discard(self.known(key))

    def project_stub(self, key: str) -> Json:
        """A project as it shows inside an issue."""
        names = ("self", "id", "key", "name", "projectTypeKey", "simplified", "avatarUrls")
        return {name: self.projects[key][name] for name in names if name in self.projects[key]}

    # --- inside

    def known(self, key: str) -> str:
        ident = self.find(key)
        if ident is None or ident not in self.issues:
            raise KeyError(key)
        return ident

    def _keep(self, ident: str, issue: Json, now: datetime) -> None:
        shelf = self.shelves[ident]
        self.index.enter(issue, project_key(issue), shelf.updated, now)
        shelf.updated = now
        shelf.versions.append((now, issue))
        del shelf.versions[:-_VERSIONS_KEPT]
        self.issues[ident] = issue

    def _history(self, rows: list[Json], by: Json, now: datetime) -> Json:
        return {"id": self.fresh_id(), "author": by, "created": stamp(now, self.zone), "items": rows}

    def parent_fields(self, ident: str | None) -> Json:
        """The fields that say "is a child of": ``parent`` on Cloud; on Data Center the Epic Link where the parent is
        an epic, ``parent`` for a sub-task only.
        """
        if not ident:
            return {"parent": None, EPIC_LINK: None}
        issue = self.issues[ident]
        epic = shapes.is_epic(issue["fields"].get("issuetype"))
        fields: Json = {EPIC_LINK: issue["key"] if epic else None}
        return fields if epic and self.data_center else {**fields, "parent": shapes.stub(issue)}


def project_key(issue: Json) -> str:
    """The project of a raw issue, from the field or else from its key."""
    project = issue["fields"].get("project")
    key = project.get("key") if isinstance(project, dict) else None
    return key or str(issue["key"]).rpartition("-")[0]


def category_of(fields: Json) -> str | None:
    """The key of the status category that these fields show."""
    status = fields.get("status")
    row = status.get("statusCategory") if isinstance(status, dict) else None
    return row.get("key") if isinstance(row, dict) else None
