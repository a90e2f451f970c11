"""Departments at work, and syncd reading them: what the machine of ``test_weeks`` plays with.

Two trackers hold the truth; what was read of it is kept as the store keeps it, so that outages, late readings and
vanished items come about as they do in life.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from mapping.gate import Release
from mapping.item import Item
from mapping.judge import judge
from mapping.memory import Memory
from mapping.readiness import Readiness
from mapping.record import Record, Waiver, Withdrawal
from mapping.sight import TALK, Sight
from tests.mapping.naive import History
from tests.mapping.naive_facts import Moment, target
from tests.worlds import item

if TYPE_CHECKING:
    from mapping.item import Progress

TRACKERS = ("eng", "gtm")
START = datetime.fromisoformat("2026-11-30T08:00:00+00:00")
"""A Monday."""


@dataclass
class Office:
    """``parts``: gate id → the trackers that it is read from. ``silent``: they tell no time of a move."""

    release: Release
    parts: dict[str, tuple[str, ...]]
    silent: frozenset[str] = frozenset()
    now: datetime = START
    truth: dict[tuple[str, str], Item] = field(default_factory=dict)
    place: dict[tuple[str, str], str | None] = field(default_factory=dict)
    deleted: dict[tuple[str, str], Item] = field(default_factory=dict)
    held: dict[str, dict[tuple[str, str], Item]] = field(default_factory=dict)
    sights: dict[tuple[str, str], Sight] = field(default_factory=dict)
    looked: dict[str, datetime] = field(default_factory=dict)
    said: list[tuple[str, Record]] = field(default_factory=list)
    heard: list[Record] = field(default_factory=list)
    talk: Sight | None = None
    memory: Memory = field(default_factory=Memory)
    wake_at: datetime | None = None
    history: History = field(default_factory=History)
    readiness: Readiness | None = None

    def __post_init__(self) -> None:
        for gate, trackers in self.parts.items():
            self.held[gate] = {}
            self.sights.update({(gate, tracker): Sight(tracker=tracker) for tracker in trackers})

    # Work

    def create(self, gate: str, tracker: str, progress: Progress, **fields: Any) -> tuple[str, str]:
        key = f"{tracker.upper()}-{len(self.truth) + len(self.deleted) + 1}"
        made = item(key, progress, tracker=tracker, created=self.now, updated=self.now, moved_at=self.now, **fields)
        self.truth[made.ref] = self._told(made)
        self.place[made.ref] = gate
        return made.ref

    def change(self, ref: tuple[str, str], **fields: Any) -> None:
        was = self.truth[ref]
        moved = self.now if "progress" in fields else was.moved_at
        self.truth[ref] = self._told(replace(was, updated=self.now, moved_at=moved, **fields))

    def _told(self, it: Item) -> Item:
        return replace(it, moved_at=None) if it.tracker in self.silent else it

    def move(self, ref: tuple[str, str], gate: str | None) -> None:
        self.place[ref] = gate
        self.change(ref)

    def delete(self, ref: tuple[str, str]) -> None:
        self.deleted[ref] = self.truth.pop(ref)

    def restore(self, ref: tuple[str, str]) -> None:
        self.truth[ref] = self.deleted.pop(ref)

    # Readings

    def read(self, tracker: str) -> None:
        """All of it afresh. What was finished and cannot be found leaves at a second look."""
        for gate in self._gates(tracker):
            sight, held = self.sights[gate, tracker], self.held[gate]
            gone = {i.ref: i for i in (*held.values(), *sight.vanished) if i.tracker == tracker and self._is_gone(i)}
            twice = {i.ref for i in sight.vanished if i.finished}
            kept = {ref: it for ref, it in held.items() if ref[0] != tracker}
            there = {ref: it for ref, it in self.truth.items() if ref[0] == tracker and self.place[ref] == gate}
            self.held[gate] = kept | there
            vanished = tuple(it for ref, it in sorted(gone.items()) if ref not in twice)
            self.sights[gate, tracker] = Sight(
                tracker=tracker, observed_at=self.now, complete_at=self.now, vanished=vanished
            )
        self.looked[tracker] = self.now

    def _is_gone(self, it: Item) -> bool:
        return it.ref not in self.truth

    def look(self, tracker: str) -> None:
        """Only what changed since the last time; nothing where nothing was ever read."""
        since = self.looked.get(tracker)
        if since is None:
            return
        fresh = {ref: it for ref, it in self.truth.items() if ref[0] == tracker and it.updated and it.updated >= since}
        for gate in self._gates(tracker):
            sight, held = self.sights[gate, tracker], self.held[gate]
            there = {ref: it for ref, it in held.items() if ref not in fresh}
            after = there | {ref: it for ref, it in fresh.items() if self.place[ref] == gate}
            changed = self.now if after != held else sight.changed_at
            self.held[gate] = after
            seen = self.now if sight.complete_at else None
            self.sights[gate, tracker] = replace(sight, observed_at=seen, problem="", refused=False, changed_at=changed)
        self.looked[tracker] = self.now

    def fail(self, tracker: str, *, refused: bool) -> None:
        for gate in self._gates(tracker):
            sight = self.sights[gate, tracker]
            self.sights[gate, tracker] = replace(sight, problem="down", refused=refused)

    def _gates(self, tracker: str) -> list[str]:
        return [gate for gate, trackers in self.parts.items() if tracker in trackers]

    # Talk

    def say(self, kind: type[Any], where: str = "summary", **fields: Any) -> None:
        """One comment with one command; heard when the place is read the next time."""
        self.said.append((where, kind(id=f"c{len(self.said)}.0", at=self.now, **fields)))

    def take_back(self, number: int) -> None:
        """The comment is edited or deleted."""
        where, record = self.said[number]
        self.said.append((where, Withdrawal(id=f"w{number}", at=self.now, of=record.id.rpartition(".")[0])))

    def hear(self, where: str) -> None:
        known = {record.id for record in self.heard}
        self.heard += [record for place, record in self.said if place == where and record.id not in known]
        if where == "summary" and self.talk is not None:
            self.talk = Sight(tracker="eng", observed_at=self.now, complete_at=self.now)

    # Judging

    def moment(self) -> Moment:
        health = {gate: tuple(self.sights[gate, t] for t in trackers) for gate, trackers in self.parts.items()}
        if self.talk is not None:
            health[TALK] = (self.talk,)
        return Moment(
            now=self.now,
            items={gate: tuple(held.values()) for gate, held in self.held.items()},
            records=tuple(self.heard),
            health=health,
            release=self.release,
        )

    def judge(self) -> Readiness:
        """By the rules, with the memory that they kept; the moment goes into the history."""
        moment = self.moment()
        self.history.add(moment)
        self.readiness, self.memory, self.wake_at = judged(moment, self.memory)
        return self.readiness


def judged(moment: Moment, memory: Memory) -> tuple[Readiness, Memory, datetime | None]:
    return judge(moment.items, moment.records, moment.health, moment.release, memory, moment.now)


def told(readiness: Readiness) -> dict[str, object]:
    """What the rules say, as far as the naive model says it, too."""
    return {
        **{gate.id: (gate.state.value, gate.unknown) for gate in readiness.gates},
        **{f"waiver {it.waiver.id}": it.state.value for it in readiness.all_waivers},
        "verdict": readiness.verdict.value,
        "launchable": readiness.launchable,
        "valid until": readiness.valid_until,
        "target": readiness.target,
    }


def naively(history: History) -> dict[str, object]:
    last = history.moments[-1]
    looks = history.looks()
    waivers = [r for r in last.records if isinstance(r, Waiver)]
    return {
        **{look.name: (look.state.value, look.is_unknown) for look in looks},
        **{f"waiver {w.id}": history.look(w.gate).waiver_state(w).value for w in waivers},
        "verdict": history.verdict().value,
        "launchable": history.launchable(),
        "valid until": history.valid_until(),
        "target": target(history.moments),
    }


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)
