"""What people say in a simulation: comments with commands, right ones, wrong ones and prose, edited and deleted.

Called by the simulation, which turns the clock. Each line says by itself what must come of it, by rules that share no
code with the product; of what depends on what was heard before nothing is said.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, Any

from tests.simulation.town import Gate, Town, Tracker

if TYPE_CHECKING:
    from collections.abc import Iterator

MANAGER = "Maya"
STRANGER = "Zed"
"""Has an account in every tracker and is named nowhere."""
SPEAKERS = ("Dana", "Dana", "Dana", "Lee", "Lee", "Maya", "Maya", "Noor", STRANGER)
NAMED = frozenset(SPEAKERS) - {STRANGER}
OF_A_GATE = (
    "hold",
    "hold",
    "unhold",
    "unhold",
    "ready",
    "ready",
    "not-ready",
    "not-needed",
    "attest",
    "waive",
    "waive",
)
OF_THE_RELEASE = ("hold the release", "lift it", "no-go", "go", "ask", "away", "approve", "approve", "deny", "close")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a comment. ``command`` is "" for prose, ``gate`` None for the release. ``right``: whether it may be
    taken, None where that depends on what was heard before. ``token`` stands in no other line.
    """

    text: str
    command: str = ""
    gate: str | None = None
    right: bool | None = None
    token: str = ""


@dataclass(kw_only=True)
class Version:
    """A comment as it was worded at one time. ``at`` is the tracker's time, ``since`` the world's. ``ticket``: the gate
    on whose sign-off ticket it stands. ``stands``: it was neither edited nor deleted since.
    """

    release: str
    tracker: str
    issue: str
    comment: str
    name: str
    by: str
    at: datetime
    since: datetime
    lines: tuple[Line, ...]
    ticket: str | None = None
    stands: bool = True

    @property
    def commands(self) -> list[Line]:
        return [line for line in self.lines if line.command]


@dataclass(kw_only=True)
class Speech:
    """``pages``: release → (tracker, id) of its summary issue, where one can be spoken on. ``labels``: release → what
    waivers are called there. ``said``: every version of every comment, by its name.
    """

    town: Town
    chance: Random
    now: Callable[[], datetime]
    pages: Callable[[], dict[str, tuple[str, str]]]
    labels: Callable[[str], list[str]]
    said: dict[str, Version] = field(default_factory=dict)
    _count: int = 0

    def step(self) -> Version | None:
        """Somebody says something, words it anew or takes it away; None where there is no place to speak."""
        present = [it for it in self.said.values() if it.stands and self.is_open(it)]
        drawn = self.chance.random()
        if present and drawn < 0.15:
            return self._edit(self.chance.choice(present))
        if present and drawn < 0.25:
            return self._remove(self.chance.choice(present))
        places = list(self._places())
        return self.say(*self.chance.choice(places), self.chance.choice(SPEAKERS)) if places else None

    def say(self, release: str, tracker: str, issue: str, ticket: Gate | None, who: str) -> Version:
        lines = self._lines(release, who, ticket)
        return self.post(release, tracker, issue, ticket, who, lines)

    def post(
        self, release: str, tracker: str, issue: str, ticket: Gate | None, who: str, lines: tuple[Line, ...]
    ) -> Version:
        there = self.town.trackers[tracker]
        comment = there.world.say(key_of(there, issue), "\n".join(line.text for line in lines), by=who)
        version = Version(
            release=release,
            tracker=tracker,
            issue=issue,
            comment=comment,
            by=who,
            since=self.now(),
            lines=lines,
            ticket=ticket.id if ticket else None,
            **_named(there, issue, comment),
        )
        self.said[version.name] = version
        return version

    def page(self, release: str) -> tuple[str, str, str, None] | None:
        """Where to speak about all of it."""
        found = self.pages().get(release)
        return (release, *found, None) if found else None

    def _places(self) -> Iterator[tuple[str, str, str, Gate | None]]:
        for release, (tracker, issue) in self.pages().items():
            yield from [(release, tracker, issue, None)] * 3
        for gate in self.town.gates:
            if gate.signs:
                there = self.town.trackers[gate.tracker]
                yield gate.release, gate.tracker, id_of(there, gate.signs), gate

    def is_open(self, it: Version) -> bool:
        return it.ticket is not None or self.pages().get(it.release) == (it.tracker, it.issue)

    def _edit(self, old: Version) -> Version:
        """By its author; in Jira at times by somebody else, and then it is nobody's word."""
        there = self.town.trackers[old.tracker]
        others = there.kind == "jira" and self.chance.random() < 0.15
        editor = "Sam" if others else old.by
        lines = self._lines(old.release, old.by, self._gate(old.release, old.ticket))
        if others:
            lines = tuple(replace(line, right=False) for line in lines)
        words = "\n".join(line.text for line in lines)
        there.world.edit_comment(key_of(there, old.issue), old.comment, words, by=editor)
        old.stands = False
        version = replace(old, lines=lines, since=self.now(), stands=True, **_named(there, old.issue, old.comment))
        self.said[version.name] = version
        return version

    def _remove(self, old: Version) -> Version:
        there = self.town.trackers[old.tracker]
        there.world.remove_comment(key_of(there, old.issue), old.comment)
        old.stands = False
        return old

    def _gate(self, release: str, ident: str | None) -> Gate | None:
        return next((it for it in self.town.gates if (it.release, it.id) == (release, ident)), None)

    # Lines

    def _lines(self, release: str, who: str, ticket: Gate | None) -> tuple[Line, ...]:
        """A few; no two alike, and one decision at most, as it should be."""
        found: dict[str, Line] = {}
        for _ in range(self.chance.choice((1, 1, 2, 3))):
            line = self._line(release, who, ticket)
            decides = line.command in ("go", "no-go")
            if not (decides and any(it.command in ("go", "no-go") for it in found.values())):
                found.setdefault(line.text, line)
        return tuple(found.values())

    def _line(self, release: str, who: str, ticket: Gate | None) -> Line:
        self._count += 1
        token = f"n{self._count}x"
        drawn = self.chance.random()
        if drawn < 0.15:
            return Line(text=f"Thanks, I am looking into it, {token}.", token=token)
        if drawn < 0.25:
            text = self.chance.choice((f"/hodl {token}", f"/ready nowhere-{token}", f"/redy {token}"))
            return Line(text=text, command="wrong", right=False, token=token)
        if ticket is None and drawn < 0.5:
            return self._about_all(self.chance.choice(OF_THE_RELEASE), release, who, token)
        gates = [ticket] if ticket else [it for it in self.town.gates if it.release == release]
        return self._about(self.chance.choice(OF_A_GATE), self.chance.choice(gates), who, token)

    def _about(self, command: str, gate: Gate, who: str, token: str) -> Line:
        """Only its owners may say that, or they ask for it."""
        right = who in gate.owners
        line = Line(text="", command=command, gate=gate.id, token=token, right=right)
        if command == "unhold":
            return replace(line, text=f"/unhold {gate.id}", right=None if right else False)
        if command == "ready":
            return replace(line, text=f"{self.chance.choice(('/', '/', ''))}ready {gate.id}")
        if command == "attest":
            return replace(line, text=f"/attest {gate.id} 2h I saw it {token}")
        if command == "waive":
            return self._waive(gate, who, line)
        return replace(line, text=f"/{command} {gate.id} it is so {token}")

    def _waive(self, gate: Gate, who: str, line: Line) -> Line:
        items = [key for _, key, finished in self.town.work_of(gate) if not finished]
        key = self.chance.choice(items) if items else "ENG-1"
        text = f"/waive {gate.tracker}/{key} until 2026-12-20 because it is small {line.token}"
        may = who in gate.owners or who == MANAGER
        others = any(who in it.owners for it in self.town.gates if it.release == gate.release)  # it is in theirs, too
        return replace(line, text=text, right=None if may or others else False)

    def _about_all(self, said: str, release: str, who: str, token: str) -> Line:
        managing = who == MANAGER
        label = self.chance.choice([*self.labels(release), "W1"])
        gates = [it for it in self.town.gates if it.release == release]
        own = [it.id for it in gates if who in it.owners]
        subject = self.chance.choice((label, label, gates[0].id))
        may, one = managing or bool(own), own[0] if len(own) == 1 else None
        right = None if may else False
        told = {
            "hold the release": ("hold", f"/hold because it is so {token}", managing or one is not None),
            "lift it": ("unhold", "/unhold", None if managing or one else False),
            "no-go": ("no-go", f"/no-go it is not good {token}", managing),
            "go": ("go", f"/go override because it is so {token}", managing),
            "ask": ("ask", f"/ask maya is it done {token}?", who in NAMED),
            "away": ("away", "/away until 2026-12-05", who in NAMED),
            "approve": ("approve", f"/approve {subject}", right),
            "deny": ("deny", f"/deny {subject} not so {token}", right),
            "close": ("cancel", f"/cancel all of it {token}", False),
        }
        command, text, right = told["no-go" if said == "close" and managing else said]  # the end is another story
        gate = one if command in ("hold", "unhold") else None
        return Line(text=text, command=command, gate=gate, right=right, token=token)


def key_of(there: Tracker, issue: str) -> str:
    row = there.world.issues[issue]
    return str(row.get("key") or row["identifier"])


def id_of(there: Tracker, key: str) -> str:
    return str(there.world.known(key) if there.kind == "jira" else there.world.find_issue(key)["id"])


def comments_of(there: Tracker) -> Iterator[tuple[str, str, str]]:
    """(issue, comment, its body as text) of everything that stands in a tracker."""
    for issue, row in there.world.issues.items():
        rows = there.world.shelves[issue].comments if there.kind == "jira" else row["comments"]
        for it in rows:
            yield (
                issue,
                it["id"],
                it["body"] if isinstance(it["body"], str) else json.dumps(it["body"], ensure_ascii=False),
            )


def _named(there: Tracker, issue: str, comment: str) -> dict[str, Any]:
    """What the comment is called as it is worded now, and that version's time."""
    row: Any
    if there.kind == "jira":
        row = next(it for it in there.world.shelves[issue].comments if it["id"] == comment)
        made, edited = row["created"], row["updated"] if row["updated"] != row["created"] else None
    else:
        row = there.world.comments[comment]
        made, edited = row["createdAt"], row["editedAt"]
    at = datetime.fromisoformat(edited or made)
    return {"name": f"{there.name}#{comment}@{int(at.timestamp() * 1000)}", "at": at}


def called(name: str) -> str:
    """As it is called here, of the name that syncd gives it: without the time of what was edited, and the gate."""
    place, _, times = name.partition("~")[0].rpartition("@")
    return f"{place}@{times.rpartition('-')[2]}"
