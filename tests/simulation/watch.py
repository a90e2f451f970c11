"""What must hold at every moment of a simulation, whatever happens: each breach is a sentence.

Called by the simulation around every request that reaches a tracker, after every change in the worlds and after every
job. It knows the truth (``town``) and what syncd says (the store's status, the summary issue).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

from tests.simulation.breach import BreachError
from tests.simulation.mishaps import is_ours
from tests.simulation.town import NAMES, Gate, Town, Tracker
from tests.simulation.words import Words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from wsgiref.types import StartResponse, WSGIEnvironment


GOOD = ("ready", "exception")
SLACK = timedelta(minutes=3)
"""For the requests of a pass and for what stands before it on its thread."""
OVERLAP_S = 600
SAID = "said "
"""How the name of a fact begins that is no ticket but somebody's word."""
_ASKING = ("/search/jql", "/search", "/bulkfetch", "/jql/match", "/approximate-count", "/jql/parse")


@dataclass(frozen=True)
class Fact:
    """How a ticket stands towards a gate: ``finished`` None when it has left. ``silent``: no time stamp told of it.
    ``idle``: for how long syncd had been dead or waiting until then.
    """

    finished: bool | None
    since: datetime
    silent: bool
    idle: timedelta


@dataclass
class Watch:
    """``idle``: how long syncd was dead or waited, in all. ``blown``: when a tracker last failed us.

    ``job_asked``: when the running job had its first answer about items, by the tracker's clock.
    """

    town: Town
    now: Callable[[], datetime]
    idle: timedelta = timedelta(0)
    blown: dict[str, datetime] = field(default_factory=dict)
    facts: dict[tuple[str, str, str], Fact] = field(default_factory=dict)
    known: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    made: dict[str, int] = field(default_factory=dict)
    writes: list[tuple[datetime, str, str]] = field(default_factory=list)
    requests: dict[str, int] = field(default_factory=dict)
    job: str = ""
    job_asked: dict[str, datetime] = field(default_factory=dict)
    words: Words | None = None

    # The truth

    def changed(self, *, silent: bool = False) -> None:
        """The worlds have changed: how each ticket stands towards each gate now, and since when."""
        now: dict[tuple[str, str, str], bool | None] = dict.fromkeys(self.facts)
        for gate in self.town.gates:
            for id_, _, finished in self.town.work_of(gate):
                now[gate.release, gate.id, id_] = finished
            if gate.signs:
                now[gate.release, gate.id, "signature"] = self.town.signed(gate) or self._signed_by_word(gate)
            if self.words:
                now |= dict.fromkeys(self.words.hindrances(gate), False)
        for key, stands in now.items():
            if key not in self.facts or self.facts[key].finished is not stands:
                self.facts[key] = Fact(stands, self.now(), silent, self.idle)

    def _signed_by_word(self, gate: Gate) -> bool:
        """Whether anybody may have, at any time."""
        return self.words is not None and next(self.words.spoken(gate.id, gate.release, "ready"), None) is not None

    def mended(self) -> None:
        """All that was out of order is put back, and nothing tells syncd: it gets its time anew."""
        self.changed()
        self.facts = {key: replace(it, since=self.now(), silent=True, idle=self.idle) for key, it in self.facts.items()}

    def forgotten(self) -> None:
        """What syncd knew is lost: it gets its time anew."""
        self.known.clear()
        if self.words:
            self.words.forgotten()
        self.mended()

    def overdue(self, gate: Gate, later: timedelta = timedelta(0), excused: frozenset[str] | None = frozenset()) -> str:
        """Why this gate cannot be READY, once syncd has had its time to see it; "" when it can. ``excused``: what may
        be unfinished all the same, None for all; what people said against it never is.
        """
        for (release, name, id_), fact in self.facts.items():
            if (
                (release, name) in ((gate.release, gate.id), (gate.release, "") if later else ("", ""))
                and fact.finished is False
                and (id_.startswith(SAID) or (excused is not None and id_ not in excused))
                and self._is_old(gate, fact, later)
            ):
                return f"{id_} is unfinished since {fact.since:%H:%M:%S}"
        return ""

    def _is_old(self, gate: Gate, fact: Fact, later: timedelta = timedelta(0)) -> bool:
        """Whether syncd must know it by now."""
        time = self._time_for(fact)
        if self._is_blown(gate, fact.since - self.town.sweep):
            time += self.town.freshness + self.town.poll
        return self.now() > fact.since + time + later + self.idle - fact.idle

    def _time_for(self, fact: Fact) -> timedelta:
        town = self.town
        lags = fact.silent or town.lag_s > OVERLAP_S
        return town.poll + timedelta(seconds=town.lag_s) + SLACK + (town.sweep + SLACK if lags else timedelta(0))

    def _is_blown(self, gate: Gate, since: datetime) -> bool:
        blown = [self.blown.get(name) for name in (gate.tracker, self.town.summary_in[gate.release])]
        return any(at is not None and at >= since for at in blown)

    # What is known

    def kept(self, gate: Gate, items: Mapping[str, bool], removed: Collection[str], *, meddled: bool) -> None:
        """What the store has of a gate: id → finished, those that it calls vanished included.

        ``removed``: those that were deleted, which are kept as vanished at first. ``meddled``: something is hidden,
        renamed or gone now, so that a ticket may rightly be out of sight.
        """
        before = self.known.get((gate.release, gate.id), set())
        for (release, name, id_), fact in self.facts.items():
            if (release, name) != (gate.release, gate.id) or id_ in {"signature", *removed} or meddled:
                continue
            if id_.startswith(SAID):
                continue
            if id_ in before and id_ not in items and fact.finished is not None and self._is_old(gate, fact):
                raise BreachError(f"{id_} of {gate.id} in {release} was known, is still there and was dropped")
            calm = not self._is_blown(gate, fact.since - self.town.sweep)
            if calm and self._is_old(gate, fact) and items.get(id_) is not fact.finished:
                said = f"{fact.finished} since {fact.since:%H:%M:%S}, and known as {items.get(id_)}"
                raise BreachError(f"{id_} of {gate.id} in {release} is finished: {said}")
        self.known[gate.release, gate.id] = set(items)

    # What is said

    def said(self, release: str, document: Mapping[str, Any]) -> None:
        """The status document of a release, the lease applied."""
        states = {gate["id"]: gate["state"] for gate in document["gates"]}
        for gate in self.town.gates:
            if gate.release != release or states.get(gate.id) not in GOOD:
                continue
            excepted = self.words is not None and states[gate.id] == "exception"
            why = self.overdue(gate, excused=self.words.excused(gate) if self.words and excepted else frozenset())
            if why:
                raise BreachError(f"status says {gate.id} of {release} is {states[gate.id]}, and {why}")
        if not document["launchable"]:
            return
        if datetime.fromisoformat(document["valid_until"]) <= self.now():
            raise BreachError(f"{release} is launchable past its lease")

    def shown(self, left_alone: Iterable[tuple[str, str]]) -> None:
        """The summary issues: none claims what has not been true for long."""
        alone = set(left_alone)
        for tracker in self.town.trackers.values():
            for row in tracker.world.issues.values():
                release, claim = claim_of(tracker, row)
                if release is None or not claim or (tracker.name, row["id"]) in alone:
                    continue
                until = datetime.fromisoformat(str(claim.get("valid_until")))
                if claim.get("verdict") in ("ready", "ready_with_exceptions") and until > self.now():
                    self._check_claim(release, tracker, excepts=claim["verdict"] != "ready")

    def _check_claim(self, release: str, tracker: Tracker, *, excepts: bool) -> None:
        """A fall must be written at once, unless the summary's own tracker has had its troubles."""
        blown = self.blown.get(tracker.name)
        if blown is not None and self.now() - blown < 6 * self.town.sweep:
            return
        if "EDIT_ISSUES" in getattr(tracker.world, "denied", ()):  # nobody can write it, and its lease ends
            return
        for gate in self.town.gates:
            if gate.release != release or not gate.required or (self.words and self.words.is_unneeded(gate)):
                continue
            excused = self.words.excused(gate) if self.words and excepts else frozenset()
            why = self.overdue(gate, self.town.min_write + self.town.poll, excused)
            if why:
                raise BreachError(f"the summary says READY, and in {gate.id} of {release} {why}")

    # What reaches the trackers

    def guarded(self, tracker: Tracker) -> Callable[..., Any]:
        """The tracker's own application; every request that changes it is looked at."""

        def app(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
            body = environ["wsgi.input"].read()
            environ["wsgi.input"] = BytesIO(body)
            self.requests[tracker.name] = self.requests.get(tracker.name, 0) + 1
            if not environ["PATH_INFO"].endswith(("/serverInfo", "/myself")) and b'"viewer"' not in body:
                self.job_asked.setdefault(tracker.name, tracker.world.clock())
            if not _writes(tracker, environ, body):
                return tracker.site(environ, start_response)
            before = _content(tracker)
            answer = tracker.site(environ, start_response)
            if self.words:
                self.words.posted(tracker)
            self._compare(tracker, before, f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
            return answer

        return app

    def _compare(self, tracker: Tracker, before: dict[str, Any], what: str) -> None:
        after = _content(tracker)
        if before.keys() - after.keys():
            raise BreachError(f"{what} removed a ticket")
        for id_, row in after.items():
            if before.get(id_) == row:
                continue
            raw = tracker.world.issues[id_]
            if not is_summary(tracker, raw):
                if id_ not in before or not _only_linked(tracker, before[id_], row, raw):
                    raise BreachError(f"{what} changed {raw.get('key') or raw['identifier']}, which is not syncd's")
                continue
            release = release_of(title_of(tracker, raw))
            self.writes.append((self.now(), tracker.name, what))
            if id_ not in before:
                self.made[release] = self.made.get(release, 0) + 1
                if self.made[release] > 1:
                    raise BreachError(f"a second summary issue of {release} was made")


def _writes(tracker: Tracker, environ: WSGIEnvironment, body: bytes) -> bool:
    if tracker.kind == "jira":
        return environ["REQUEST_METHOD"] != "GET" and not environ["PATH_INFO"].endswith(_ASKING)
    return b"mutation" in body


def _content(tracker: Tracker) -> dict[str, Any]:
    """Each ticket's content, cheaply: Jira's are never changed in place."""
    if tracker.kind == "jira":
        return {id_: _Same(row) for id_, row in tracker.world.issues.items()}
    return {id_: {name: _flat(value) for name, value in row.items()} for id_, row in tracker.world.issues.items()}


class _Same:
    """A Jira issue, equal to itself only."""

    def __init__(self, row: Any) -> None:
        self.row = row

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.row is other.row

    __hash__ = None  # type: ignore[assignment]  # it is compared, never looked up


def _flat(value: Any) -> Any:
    if isinstance(value, list):
        return [_flat(one) for one in value]
    return value["id"] if isinstance(value, dict) and "id" in value else value


def _only_linked(tracker: Tracker, before: Any, after: Any, raw: Any) -> bool:
    """Whether nothing but a link to the summary was added, and to a launch issue."""
    if release_of(title_of(tracker, raw)) == "":
        return False
    if tracker.kind == "linear":
        return {name for name in after if before.get(name) != after[name]} <= {"inverseRelations", "updatedAt"}
    old, new = before.row["fields"], after.row["fields"]
    return {name for name in new if old.get(name) != new[name]} <= {"issuelinks", "updated"}


def is_summary(tracker: Tracker, row: Any) -> bool:
    if tracker.kind == "jira":
        return any(label.startswith("syncd-") for label in row["fields"]["labels"])
    return row["creator"] is tracker.robot and is_ours(tracker, row)


def title_of(tracker: Tracker, row: Any) -> str:
    return str(row["fields"]["summary"] if tracker.kind == "jira" else row["title"])


def release_of(title: str) -> str:
    """The release whose name a title begins with, "" for none."""
    return next((release for release, name in NAMES.items() if title.startswith(name)), "")


def claim_of(tracker: Tracker, row: Any) -> tuple[str | None, dict[str, Any] | None]:
    """(release, the machine copy) of a summary issue."""
    if not is_summary(tracker, row):
        return None, None
    release = release_of(title_of(tracker, row))
    if tracker.kind == "jira":
        values = [it for it in tracker.world.shelves[row["id"]].properties.values() if isinstance(it, dict)]
    else:
        values = [it["metadata"] for it in row["attachments"]]
    return release, next((it for it in values if "verdict" in it), None)


def body_of(tracker: Tracker, row: Any) -> str:
    text = row["fields"]["description"] if tracker.kind == "jira" else row["description"]
    return text if isinstance(text, str) else json.dumps(text)
