"""What goes wrong in the trackers: tickets hidden, deleted and moved, names and meanings changed, rights lost,
and people who edit the summary. ``Mishaps.mend`` takes back all that a person would take back.

Called by the simulation. A mishap tells whether it is silent: no time stamp moves, so that only a census can see it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

from syncd.sandbox.jira import shapes
from tests.simulation.town import Town, jira_ours, linear_ours

if TYPE_CHECKING:
    from tests.simulation.town import Tracker

NOTE = "Keep this note of Maya's."


@dataclass(frozen=True)
class Mishap:
    said: str
    tracker: str
    id: str = ""
    silent: bool = False


@dataclass
class Mishaps:
    """``touched``: releases whose summary a person has changed so that syncd must leave it alone, by tracker and id.
    ``relabelled``: trackers some of whose labels had another name for a while, which no time stamp told.
    ``noted``: (tracker, id) of summaries that hold a note which must survive. ``met``: whether syncd knows already as
    whom it reads this tracker; ``knows``: whether it knows already that this summary was made.
    """

    town: Town
    chance: Random
    met: Callable[[str], bool]
    knows: Callable[[str, str], bool]
    touched: set[tuple[str, str]] = field(default_factory=set)
    noted: set[tuple[str, str]] = field(default_factory=set)
    removed: set[tuple[str, str]] = field(default_factory=set)
    moved: set[tuple[str, str]] = field(default_factory=set)
    relabelled: set[str] = field(default_factory=set)
    _undo: list[Callable[[], None]] = field(default_factory=list)

    def step(self) -> Mishap | None:
        tracker = self.chance.choice(list(self.town.trackers.values()))
        table = _JIRA if tracker.kind == "jira" else _LINEAR
        name = self.chance.choice(list(table))
        said = table[name](self, tracker)
        if said is None:
            return None
        silent = name in _SILENT
        return Mishap(f"{name}: {tracker.name} {said}", tracker.name, said, silent=silent)

    @property
    def meddled(self) -> bool:
        """Whether something is out of order that a person would put back."""
        return bool(self._undo)

    def mend(self) -> None:
        for undo in reversed(self._undo):
            undo()
        self._undo.clear()

    def _work(self, it: Tracker) -> dict[str, Any] | None:
        """Any ticket of a team, and no summary that was carried there."""
        if it.kind == "jira":
            rows = [row for row in it.world.issues.values() if row["fields"]["project"]["key"] != "REL"]
        else:
            rows = [row for row in it.world.issues.values() if row["team"]["key"] != "REL"]
        rows = [row for row in rows if not is_ours(it, row)]
        signs = {(gate.tracker, gate.signs) for gate in self.town.gates}
        rows = [row for row in rows if (it.name, row.get("key") or row["identifier"]) not in signs]
        return self.chance.choice(rows) if rows else None

    def _summary(self, it: Tracker) -> dict[str, Any] | None:
        if it.kind == "jira":
            rows = [row for row in it.world.issues.values() if jira_ours(row) and row["fields"]["labels"]]
        else:
            rows = [row for row in it.world.issues.values() if row["creator"] is it.robot]
        rows = [row for row in rows if (it.name, row["id"]) not in self.touched]
        return self.chance.choice(rows) if rows else None

    # Jira

    def hide(self, it: Tracker) -> str | None:
        row = self._work(it)
        if row is None:
            return None
        it.world.hide(row["key"])
        self._undo.append(lambda: it.world.hidden.discard(row["id"]))
        return str(row["id"])

    def delete(self, it: Tracker) -> str | None:
        row = self._work(it)
        if row is None:
            return None
        self.removed.add((it.name, row["id"]))
        it.world.delete(row.get("key") or row["identifier"])
        return str(row["id"])

    def transfer(self, it: Tracker) -> str | None:
        row = self._work(it)
        if row is None or (it.kind == "jira" and row["fields"]["issuetype"]["name"] == "Epic"):
            return None
        places = ("ENG", "QA", "SUP") if it.kind == "jira" else ("DOC", "MKT")
        here = row["fields"]["project"]["key"] if it.kind == "jira" else row["team"]["key"]
        goal = self.chance.choice([place for place in places if place != here])
        it.world.transfer(row.get("key") or row["identifier"], goal)
        return str(row["id"])

    def parent(self, it: Tracker) -> str | None:
        row = self._work(it)
        if row is None or row["fields"]["issuetype"]["name"] == "Epic":
            return None
        epic = f"{row['fields']['project']['key']}-1"
        it.world.edit(row["key"], parent=self.chance.choice((epic if it.world.find(epic) else None, None)))
        return str(row["id"])

    def category(self, it: Tracker) -> str | None:
        """A status is said to mean another thing. Who puts it back adds another one: a meaning that came and went
        between two censuses is seen at the next complete reading only.
        """
        row = it.world.status_rows[it.world.statuses["In Progress"][0]]
        before = row["statusCategory"]
        row["statusCategory"] = shapes.category(self.chance.choice(("new", "indeterminate", "done")))

        def undo() -> None:
            row["statusCategory"] = before
            fresh = f"{10_000 + len(it.world.status_rows)}"
            it.world.status_rows[fresh] = {**row, "id": fresh, "name": f"Unused {fresh}"}

        self._undo.append(undo)
        return ""

    def version(self, it: Tracker) -> str | None:
        rows = it.world.project_versions[self.chance.choice(("ENG", "QA", "SUP"))]
        row = self.chance.choice(rows)
        before = row["name"]
        row["name"] = f"{before} (old)"
        self._undo.append(lambda: row.update(name=before))
        return ""

    def private(self, it: Tracker) -> str | None:
        key = self.chance.choice(("ENG", "QA", "SUP"))
        it.world.private.add(key)
        self._undo.append(lambda: it.world.private.discard(key))
        return ""

    def account(self, it: Tracker) -> str | None:
        if not self.met(it.name):
            return None  # it would take that one for its own, as it should
        before = it.world.me
        it.world.me = self.chance.choice(list(it.world.users))
        self._undo.append(lambda: setattr(it.world, "me", before))
        return ""

    def no_edit(self, it: Tracker) -> str | None:
        it.world.denied.add("EDIT_ISSUES")
        self._undo.append(lambda: it.world.denied.discard("EDIT_ISSUES"))
        return ""

    # Linear

    def archive(self, it: Tracker) -> str | None:
        row = self._work(it)
        if row is None:
            return None
        it.world.archive(row["identifier"])
        return str(row["id"])

    def trash(self, it: Tracker) -> str | None:
        row = self._work(it)
        if row is None:
            return None
        self.removed.add((it.name, row["id"]))
        it.world.trash(row["identifier"])
        return str(row["id"])

    def restore(self, it: Tracker) -> str | None:
        row = self._work(it)
        if row is None or not row["archivedAt"]:
            return None
        it.world.restore(row["identifier"])
        return str(row["id"])

    def hidden_team(self, it: Tracker) -> str | None:
        key = self.chance.choice(("DOC", "MKT"))
        it.world.hidden_teams.add(key)
        self._undo.append(lambda: it.world.hidden_teams.discard(key))
        return ""

    def label(self, it: Tracker) -> str | None:
        row = self.chance.choice(list(it.world.labels.values()))
        before = row["name"]
        self._rename(it, row, f"{before}-old")
        self.relabelled.add(it.name)
        self._undo.append(lambda: self._rename(it, row, before))
        return ""

    def project(self, it: Tracker) -> str | None:
        row = self.chance.choice(list(it.world.projects.values()))
        before = row["name"]
        self._rename(it, row, f"{before} (old)")
        self._undo.append(lambda: self._rename(it, row, before))
        return ""

    def _rename(self, it: Tracker, row: dict[str, Any], name: str) -> None:
        row["name"] = name
        it.world.version += 1

    # The summary

    def note(self, it: Tracker) -> str | None:
        """Maya writes below the last heading."""
        row = self._summary(it)
        if row is None:
            return None
        text: Any
        if it.kind == "linear":
            text = f"{row['description']}\n\n{NOTE}"
        elif it.world.data_center:
            text = f"{row['fields']['description']}\n\n{NOTE}"
        else:
            said = {"type": "paragraph", "content": [{"type": "text", "text": NOTE}]}
            held = row["fields"]["description"]
            text = {**held, "content": [*held["content"], said]}
        self._write(it, row, text)
        self.noted.add((it.name, row["id"]))
        return str(row["id"])

    def emptied(self, it: Tracker) -> str | None:
        """Somebody empties the body, heading and all."""
        row = self._summary(it)
        if row is None:
            return None
        self.touched.add((it.name, row["id"]))
        self.noted.discard((it.name, row["id"]))
        blank: Any = {"type": "doc", "version": 1, "content": []}
        self._write(it, row, "" if it.kind == "linear" or it.world.data_center else blank)
        return str(row["id"])

    def deleted(self, it: Tracker) -> str | None:
        row = self._summary(it)
        if row is None or not self.knows(it.name, row["id"]):
            return None  # of one that left no trace nobody can know, and another one is made, as it should
        self.touched.add((it.name, row["id"]))
        self.noted.discard((it.name, row["id"]))
        it.world.delete(row.get("key") or row["identifier"])
        return str(row["id"])

    def carried(self, it: Tracker) -> str | None:
        """Somebody moves the summary to another project."""
        row = self._summary(it)
        if row is None:
            return None
        self.moved.add((it.name, row["id"]))
        it.world.transfer(row.get("key") or row["identifier"], "SUP" if it.kind == "jira" else "DOC")
        return str(row["id"])

    def _write(self, it: Tracker, row: dict[str, Any], text: Any) -> None:
        it.world.edit(row.get("key") or row["identifier"], description=text)


def is_ours(it: Tracker, row: Any) -> bool:
    return jira_ours(row) if it.kind == "jira" else linear_ours(it.robot, row)


_SHARED = ("note", "note", "emptied", "deleted", "carried")
_JIRA = {
    name: getattr(Mishaps, name)
    for name in (
        "hide", "delete", "transfer", "parent", "category", "version", "private", "account", "no_edit", *_SHARED,
    )
}  # fmt: skip
_LINEAR = {
    name: getattr(Mishaps, name)
    for name in ("archive", "trash", "restore", "delete", "transfer", "hidden_team", "label", "project", *_SHARED)
}
_SILENT = {"category", "version", "private", "restore", "hidden_team", "label", "project", "parent", "hide"}
