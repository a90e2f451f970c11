"""Builders of values with sensible defaults, and Hypothesis strategies for whole worlds, for every part."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from mapping.gate import Blockers, Gate, Person, Release, Timing
from mapping.health import WORDS, Health
from mapping.item import Account, Item, Move, Progress, Ticket
from mapping.judge import judge
from mapping.memory import Memory
from mapping.record import (
    Absence,
    Acceptance,
    Admission,
    Answer,
    Approval,
    Attestation,
    Closing,
    Decision,
    Denial,
    Hold,
    NotNeeded,
    Ownership,
    Question,
    Record,
    Return,
    Signature,
    TargetMove,
    Unhold,
    Waiver,
    Withdrawal,
)
from mapping.sight import STRAYS, TALK, Sight

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mapping.readiness import GateReadiness, Readiness

NOW = datetime(2026, 12, 8, 12, 0, tzinfo=UTC)
"""A Tuesday, seven and a half days before the target of ``release()``."""

TARGET = datetime(2026, 12, 15, 23, 59, 59, tzinfo=UTC)
DANA = Person(name="Dana", email="dana@acme.example")
LEE = Person(name="Lee", email="lee@acme.example")
MAYA = Person(name="Maya", email="maya@acme.example")
NOOR = Person(name="Noor", email="noor@acme.example")

_WORDS = {
    Progress.TODO: "To Do",
    Progress.DOING: "In Progress",
    Progress.DONE: "Done",
    Progress.DROPPED: "Won't Do",
    None: "Odd",
}


def item(key: str = "ENG-1", progress: Progress | None = Progress.DONE, **fields: Any) -> Item:
    """One item of tracker ``eng``; its id is derived from the key, its last change was a day before ``NOW``."""
    defaults: dict[str, Any] = {
        "tracker": "eng",
        "id": f"id-{key}",
        "key": key,
        "url": f"https://eng.example/browse/{key}",
        "title": f"Title of {key}",
        "status": _WORDS[progress],
        "status_id": f"s-{_WORDS[progress]}",
        "progress": progress,
        "assignee": "Ada",
        "created": NOW - timedelta(days=20),
        "updated": NOW - timedelta(days=1),
        "moved_at": NOW - timedelta(days=1),
    }
    return Item(**{**defaults, **fields})


def gate(id: str = "engineering", **fields: Any) -> Gate:  # noqa: A002 - the value's own field is named so
    """One required gate that Dana owns."""
    return Gate(**{"id": id, "name": id.replace("_", " ").title(), "owners": (DANA,), "contact": "Sam", **fields})


def release(*gates: Gate, **fields: Any) -> Release:
    """Atlas 2.0 with its target on 15 December 2026, which Maya manages (Noor stands in); one gate by default."""
    defaults: dict[str, Any] = {
        "id": "atlas-2",
        "name": "Atlas 2.0",
        "zone": UTC,
        "target": TARGET,
        "managers": (MAYA, NOOR),
        "launch_key": "REL-12",
        "launch_url": "https://eng.example/browse/REL-12",
    }
    return Release(gates=gates or (gate(),), **{**defaults, **fields})


def sight(at: datetime = NOW, tracker: str = "eng", **fields: Any) -> Sight:
    """A source that was read completely at ``at``."""
    return Sight(**{"tracker": tracker, "observed_at": at, "complete_at": at, **fields})


def signature(gate: str = "engineering", at: datetime = NOW, **fields: Any) -> Signature:
    """Dana's signature, good for a week."""
    defaults: dict[str, Any] = {
        "id": f"sig-{gate}-{at.isoformat()}",
        "by": "Dana",
        "expires_at": at + timedelta(days=7),
        "key": "ENG-99",
    }
    return Signature(gate=gate, at=at, **{**defaults, **fields})


def account(name: str = "Dana", tracker: str = "eng", **fields: Any) -> Account:
    return Account(
        **{"tracker": tracker, "id": f"acc-{name}", "name": name, "email": f"{name.lower()}@acme.example"} | fields
    )


def move(status: str, at: datetime = NOW, by: Account | None = None, **fields: Any) -> Move:
    """A move by Dana unless told; the status id is derived from the name as ``item`` does."""
    defaults: dict[str, Any] = {"id": f"m-{at.isoformat()}", "by": by or account(), "status_id": f"s-{status}"}
    return Move(at=at, status=status, **{**defaults, **fields})


def ticket(*moves: Move, **fields: Any) -> Ticket:
    """A sign-off ticket whose present status is done unless the fields say otherwise."""
    return Ticket(item=item(**{"key": "ENG-99", **fields}), moves=moves)


@dataclass(kw_only=True)
class World:
    """All that ``judge`` needs, and a memory that it goes on with."""

    release: Release = field(default_factory=release)
    items: dict[str, tuple[Item, ...]] = field(default_factory=dict)
    records: tuple[Record, ...] = ()
    health: dict[str, tuple[Sight, ...]] = field(default_factory=dict)
    memory: Memory = field(default_factory=Memory)
    now: datetime = NOW
    wake_at: datetime | None = None

    def judge(self, now: datetime | None = None) -> Readiness:
        """Judge at ``now`` and keep the new memory for the next time."""
        self.now = now or self.now
        readiness, self.memory, self.wake_at = judge(
            self.items, self.records, self.health, self.release, self.memory, self.now
        )
        return readiness

    def read(self, now: datetime) -> Readiness:
        """A complete reading of everything at ``now``, judged at once."""
        self.health = {name: tuple(_read(s, now) for s in seen) for name, seen in self.health.items()}
        return self.judge(now)

    def gate(self, id: str = "engineering") -> GateReadiness:  # noqa: A002 - the value's own field is named so
        """The gate as judged now."""
        return next(g for g in self.judge().gates if g.id == id)


def _read(seen: Sight, now: datetime) -> Sight:
    return replace(seen, observed_at=now, complete_at=now, problem="", refused=False)


def ready_world(**fields: Any) -> World:
    """One gate that is READY at ``NOW``: one item done, two complete readings, signed in between."""
    world = World(
        items={"engineering": (item(),)},
        health={"engineering": (sight(NOW - timedelta(hours=1)),)},
        records=(signature(at=NOW - timedelta(minutes=30)),),
    )
    for name, value in fields.items():
        setattr(world, name, value)
    world.judge(NOW - timedelta(hours=1))
    world.read(NOW)
    return world


# Strategies. Few ids and few instants, so that things meet; every instant lies near ``NOW`` unless ``wild``.

ZONES: tuple[tzinfo, ...] = (UTC, ZoneInfo("America/New_York"), ZoneInfo("Pacific/Auckland"))
IDS = ("alpha", "beta", "gamma")
NAMES = ("Dana", "Lee", "Maya", "Noor")
TRACKERS = ("eng", "gtm")

moments = st.one_of(
    st.integers(-60 * 24 * 40, 60 * 24 * 40).map(lambda minutes: NOW + timedelta(minutes=minutes)),
    st.sampled_from([NOW + timedelta(minutes=minutes) for minutes in (-1440, -60, -30, -9, -1, 0, 1, 60)]),
)
pasts = st.integers(0, 600).map(lambda minutes: NOW - timedelta(minutes=minutes))
texts = st.text(max_size=12)
GONE = Person(name="Kim", active=False)
FAR = Person(name="Zoe", reachable=False)
people = st.sampled_from([DANA, LEE, MAYA, NOOR, GONE, FAR])


@st.composite
def items(draw: st.DrawFn, odd: bool = True) -> Item:  # noqa: FBT001, FBT002 - Hypothesis passes it on by name
    """An item of one of two trackers out of eight; unreadable at times when ``odd``."""
    tracker = draw(st.sampled_from(TRACKERS))
    number = draw(st.integers(1, 8))
    mostly = [Progress.DONE] * 4 + [Progress.TODO, Progress.DOING, Progress.DROPPED]
    return item(
        f"{tracker.upper()}-{number}",
        draw(st.sampled_from([*mostly, *([None] if odd else [])])),
        tracker=tracker,
        problem=draw(st.sampled_from(["", "", "", "", "no status in the answer"])) if odd else "",
        remark=draw(st.sampled_from(["", "", "its category is new"])),
        assignee=draw(st.sampled_from(["Ada", None])),
        labels=draw(st.sampled_from([(), ("launch",), None])),
        priority=draw(st.sampled_from([None, 1, 3, 5])),
        updated=draw(st.none() | moments),
        moved_at=draw(st.none() | moments),
        restricted=draw(st.booleans()),
        type=draw(st.sampled_from(["", "Bug", "Story"])),
        parent=draw(st.sampled_from([None, None, "id-ENG-1", "id-GTM-2"])),
    )


def unique(found: Sequence[Item]) -> tuple[Item, ...]:
    return tuple({i.ref: i for i in found}.values())


@st.composite
def sights(draw: st.DrawFn) -> Sight:
    complete_at = draw(st.none() | pasts | st.just(NOW))
    return sight(
        tracker=draw(st.sampled_from(TRACKERS)),
        observed_at=draw(st.none() | pasts | st.just(complete_at)),
        complete_at=complete_at,
        problem=draw(st.sampled_from(["", "", "", "the tracker is down"])),
        refused=draw(st.sampled_from([False, False, True])),
        vanished=draw(st.just(()) | st.lists(items(odd=False), max_size=4).map(unique)),
        changed_at=draw(st.none() | pasts | st.just(NOW)),
    )


healths = st.builds(
    Health,
    tracker=st.sampled_from(TRACKERS),
    project=st.sampled_from(["Core", "Docs"]),
    word=st.sampled_from([*WORDS, None]),
    said_at=st.none() | moments,
    by=st.sampled_from(["", "Ada"]),
)


@st.composite
def gates(draw: st.DrawFn, id: str, ids: Sequence[str]) -> Gate:  # noqa: A002 - the value's own field is named so
    """A gate that waits for some of ``ids``, and seldom for one that there is not."""
    return gate(
        id,
        owners=tuple(draw(st.lists(people, max_size=2, unique=True))),
        required=draw(st.sampled_from([True, True, False])),
        after=tuple(draw(st.lists(st.sampled_from(draw(st.sampled_from([ids, ids, IDS]))), max_size=2, unique=True))),
        due=draw(st.none() | moments),
        expect=draw(st.sampled_from([1, 1, 0, 2])),
        ticketless=draw(st.sampled_from([False, False, False, True])),
        blockers=draw(st.sampled_from([Blockers(), Blockers(labels=frozenset({"launch"})), Blockers(priority=2)])),
        sign_off=draw(st.booleans()),
        sign_off_key=draw(st.sampled_from([None, "ENG-1"])),
        confidential=draw(st.booleans()),
        asked=draw(st.sampled_from([False, False, False, True])),
        owner_untold=draw(st.sampled_from([False, False, True])),
        healths=tuple(draw(st.lists(healths, max_size=2))),
    )


@st.composite
def releases(draw: st.DrawFn) -> Release:
    ids = draw(st.lists(st.sampled_from(IDS), min_size=1, max_size=3, unique=True))
    spans = st.none() | st.integers(0, 60 * 24 * 2).map(lambda minutes: timedelta(minutes=minutes))
    return release(
        *(draw(gates(name, ids)) for name in ids),
        zone=draw(st.sampled_from(ZONES)),
        target=draw(st.none() | moments),
        expect_by=draw(st.none() | moments),
        holidays=draw(st.frozensets(st.dates(date(2026, 12, 1), date(2026, 12, 31)), max_size=4)),
        managers=tuple(draw(st.lists(people, max_size=2, unique=True))),
        timing=Timing(freshness=draw(spans), signature=draw(spans), soak=draw(spans), lease=draw(spans)),
        freeze=draw(st.none() | moments | st.just(NOW - timedelta(minutes=10))),
        never_items=draw(st.frozensets(items(odd=False).map(lambda i: i.ref), max_size=2)),
        quiet=draw(st.booleans()),
        shared=draw(st.dictionaries(items(odd=False).map(lambda i: i.ref), st.just(("atlas-3",)), max_size=2)),
    )


@st.composite
def records(draw: st.DrawFn) -> Record:
    """Any record, about one of the gates where it is about one; ids are drawn too, so that two may be the same."""
    kind = draw(st.sampled_from([*_DETAILS, Signature, Signature, Waiver, Approval, Withdrawal]))
    number, about = draw(st.integers(0, 15)), draw(st.sampled_from(IDS))
    said: dict[str, Any] = {"id": f"c{number}.{draw(st.integers(0, 1))}", "by": draw(st.sampled_from(NAMES))}
    said["at"] = draw(moments)
    if kind is Withdrawal:
        return Withdrawal(id=f"w{number}", at=said["at"], of=f"c{number}")
    if kind is Waiver:
        second, label = draw(st.sampled_from([None, *NAMES])), draw(st.sampled_from(["", *_LABELS]))
        approved = None if label else second
        return waiver(
            draw(items(odd=False)), gate=about, until=draw(moments), approved_by=approved, label=label, **said
        )
    found: Record = kind(**said, **{name: draw(value) for name, value in _DETAILS[kind](about).items()})
    return found


_LABELS = ("W1", "W2")
_subjects = st.sampled_from([*_LABELS, *IDS])
_others = st.sampled_from(IDS)
_reasons = st.just("so it is")
_DETAILS: dict[type[Any], Callable[[str], dict[str, st.SearchStrategy[Any]]]] = {
    Hold: lambda gate: {"reason": _reasons, "gate": st.sampled_from([None, gate])},
    Unhold: lambda gate: {"gate": st.sampled_from([None, gate])},
    NotNeeded: lambda gate: {
        "gate": st.just(gate),
        "reason": st.sampled_from(["no need", "no need", " "]),
        "confirmed_by": st.none() | st.sampled_from(NAMES),
    },
    Signature: lambda gate: {
        "gate": st.just(gate),
        "ready": st.sampled_from([True, True, True, False]),
        "expires_at": st.none() | moments,
    },
    Approval: lambda _: {"subject": _subjects},
    Denial: lambda _: {"subject": _subjects, "reason": _reasons},
    Attestation: lambda gate: {"gate": st.just(gate), "until": moments, "reason": _reasons},
    Acceptance: lambda gate: {"upstream": _others, "downstream": st.just(gate)},
    Return: lambda gate: {"upstream": _others, "downstream": st.just(gate), "reason": _reasons},
    Admission: lambda gate: {
        "gate": st.just(gate),
        "reason": _reasons,
        "item": st.none() | items(odd=False).map(lambda i: i.ref),
    },
    Question: lambda _: {"whom": st.sampled_from(NAMES), "text": _reasons, "label": st.just("Q1")},
    Answer: lambda _: {"question": st.integers(0, 15).map(lambda n: f"c{n}.0")},
    Ownership: lambda gate: {"gate": st.just(gate), "person": people},
    Absence: lambda _: {"until": moments},
    TargetMove: lambda _: {"target": moments, "reason": _reasons},
    Decision: lambda gate: {
        "go": st.booleans(),
        "override": st.booleans(),
        "states": st.fixed_dictionaries({gate: st.sampled_from(["ready", "blocked", "at_risk"])}),
    },
    Closing: lambda _: {"launched": st.booleans()},
}


def waiver(about: Item, gate: str = "engineering", **fields: Any) -> Waiver:
    """A waiver of this item as it is, asked for by Dana, approved by Maya, good for a week."""
    from mapping.digest import item_digest  # noqa: PLC0415 - keeps the top of this module to the values

    defaults: dict[str, Any] = {
        "id": "W1",
        "by": "Dana",
        "at": NOW - timedelta(hours=2),
        "until": NOW + timedelta(days=7),
        "reason": "documented",
        "approved_by": "Maya",
        "follow_up": "Lee",
        "digest": item_digest(about),
    }
    return Waiver(gate=gate, item=about.ref, **{**defaults, **fields})


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A whole world with a past: judged twice before ``NOW`` at times, so that the memory holds something."""
    world = World(release=draw(releases()))
    for name in IDS:
        world.items[name] = unique(draw(st.lists(items(odd=draw(st.booleans())), max_size=4)))
        world.health[name] = tuple(draw(st.lists(sights(), max_size=2)))
    world.records = tuple(draw(st.lists(records(), max_size=7)))
    world.items[STRAYS] = tuple(draw(st.lists(items(), max_size=1)))
    if draw(st.booleans()):
        world.health[TALK] = (draw(sights()),)
    present = dict(world.health)
    for before in draw(st.sampled_from([(), (), (3000,), (300, 9), (9, 5)])):
        earlier = NOW - timedelta(minutes=before)
        world.read(earlier) if draw(st.booleans()) else world.judge(earlier)
    world.health = draw(st.sampled_from([present, world.health]))
    world.now = NOW
    return world


@st.composite
def nearly_ready_worlds(draw: st.DrawFn) -> World:
    """Worlds in which most gates are READY, with one or two things that may be off: where the sins would hide."""
    ids = draw(st.lists(st.sampled_from(IDS), min_size=1, max_size=3, unique=True))
    chain = draw(st.booleans())
    built = [
        gate(
            name,
            sign_off=draw(st.booleans()),
            after=(ids[n - 1],) if chain and n else (),
            ticketless=draw(st.sampled_from([False, False, True])),
            blockers=draw(st.sampled_from([Blockers(), Blockers(), Blockers(types=frozenset({"Bug"}))])),
            due=draw(st.sampled_from([None, None, NOW - timedelta(hours=1)])),
        )
        for n, name in enumerate(ids)
    ]
    frozen = NOW - timedelta(minutes=draw(st.sampled_from([100, 10])))
    world = World(
        release=release(
            *built,
            timing=Timing(soak=draw(st.sampled_from([None, timedelta(0)]))),
            target=draw(st.sampled_from([TARGET, NOW + timedelta(days=3)])),
            freeze=draw(st.none() | st.just(frozen)),
        )
    )
    for each in built:
        world.items[each.id], looked = draw(_nearly_done())
        world.health[each.id] = () if each.ticketless else looked
    taken = [
        Acceptance(id=f"a-{name}", upstream=up, downstream=name, by="Dana", at=NOW - timedelta(minutes=15))
        for up, name in itertools.pairwise(ids)
    ]
    world.records = (*(record for name in ids for record in draw(_words(name, world.items[name]))), *taken)
    for minutes in (180, 90, 20, 5):
        world.read(NOW - timedelta(minutes=minutes))
        world.items = {name: draw(_moved_on(found)) for name, found in world.items.items()}
    world.now = NOW
    return world


@st.composite
def _nearly_done(draw: st.DrawFn) -> tuple[tuple[Item, ...], tuple[Sight, ...]]:
    """Items of one tracker or of two, mostly done, and who looks at them: mostly every tracker."""
    trackers = draw(st.sampled_from([("eng",), TRACKERS]))
    done = [
        item(f"{tracker.upper()}-{n}", tracker=tracker, type="Bug")
        for tracker in trackers
        for n in range(1, draw(st.integers(2, 3)))
    ]
    odd = draw(st.sampled_from([None, None, None, Progress.TODO, Progress.DROPPED]))
    extra = [item("ENG-9", odd, type=draw(st.sampled_from(["Bug", "Story", ""])))] if odd else []
    gone = (item("ENG-8", Progress.DOING),) if draw(st.sampled_from([False, False, True])) else ()
    looked = [sight(NOW - timedelta(hours=3), tracker, vanished=gone[: tracker == "eng"]) for tracker in trackers]
    return (*done, *extra), tuple(looked[: draw(st.sampled_from([2, 2, 2, 1]))])


@st.composite
def _moved_on(draw: st.DrawFn, found: tuple[Item, ...]) -> tuple[Item, ...]:
    """Mostly the same items; at times one came, or one left."""
    match draw(st.integers(0, 11)):
        case 0:
            came = item(f"ENG-{draw(st.integers(20, 22))}", Progress.DONE, type=draw(st.sampled_from(["Bug", "Story"])))
            return unique((*found, replace(came, parent=draw(st.sampled_from([None, "id-ENG-1", "id-ENG-20"])))))
        case 1:
            return found[1:]
        case _:
            return found


@st.composite
def _words(draw: st.DrawFn, name: str, found: Sequence[Item]) -> tuple[Record, ...]:
    """A signature of the gate and, at times, waivers, an attestation and an admission."""
    signed = signature(name, NOW - timedelta(minutes=draw(st.sampled_from([10, 100, 200]))), id=f"yes-{name}.0")
    waived = [waiver(i, gate=name) for i in found if not i.finished and draw(st.booleans())]
    about: dict[str, Any] = {"gate": name, "reason": "seen"}
    hour = timedelta(hours=1)
    vouched = Attestation(id=f"v-{name}", by="Dana", at=NOW - hour, until=NOW + 5 * hour, **about)
    admitted = Admission(id=f"d-{name}", by="Maya", at=NOW - draw(st.sampled_from([hour, 4 * hour])), **about)
    often = st.sampled_from([False, False, True])
    no = signature(name, NOW - timedelta(minutes=1), id=f"no-{name}.0", by="Lee", ready=False, expires_at=None)
    against = [no] if draw(st.sampled_from([False] * 5 + [True])) else []
    return (signed, *waived, *against, *([vouched] if draw(often) else []), *([admitted] if draw(often) else []))


def states(readiness: Readiness) -> Mapping[str, str]:
    return {g.id: g.state.value for g in readiness.gates}
