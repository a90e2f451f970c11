"""The simulation: the real daemon, store and client libraries in virtual time, over worlds that misbehave by a seed.

``Simulation.run`` raises with the seed in its message when anything breaks. One job runs at a time; while it asks or
waits, the worlds go on. Death comes at a drawn request or store operation, before or after it was done.
"""

from __future__ import annotations

import heapq
import itertools
import os
import socket
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any, cast
from unittest import mock

import requests
import structlog

import config as configuration
from connectors.base import Hint
from connectors.deadline import Deadline
from connectors.pace import Pace
from mapping.record import Waiver
from syncd import app, claim
from syncd.sandbox.departments import Departments
from syncd.sandbox.faults import RETRY_AFTER, Weather, plan
from syncd.told import told
from tests.simulation.breach import BreachError
from tests.simulation.mishaps import Mishaps
from tests.simulation.settled import QUIET, Settled
from tests.simulation.shelf import Mortal, Shelf, lay, quick_store
from tests.simulation.speech import Speech
from tests.simulation.town import build
from tests.simulation.watch import SLACK, Watch, is_summary, release_of, title_of
from tests.simulation.within import within
from tests.simulation.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from requests import PreparedRequest, Response

    from syncd.daemon import Daemon, Job
    from syncd.outside import Outside
    from syncd.store.store import Store

START = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
LOOK_AGAIN = timedelta(minutes=3)
SPEAK = 0.6
"""In how many of the seeds people comment."""
SINGLE = frozenset({"poll", "sweep"})
SHORT_PAUSES = ("", "0", "1", "20", "200", "-1", "soon", "date")


class Death(BaseException):
    """Nothing catches this: the process is gone."""


@dataclass(frozen=True, kw_only=True)
class Severity:
    """How hard a seed is on syncd. ``gap_s``: between two things that people do; ``dies``: how likely at each request
    and store operation; ``fate``: surely once, right after a summary was created; ``dead_s``: for how long;
    ``patience``: whether trackers may ask for endless patience; ``loses``: whether the database may be gone afterwards.
    ``reloads``: how likely at each step the configuration is taken anew.
    """

    storm: timedelta
    gap_s: tuple[float, float]
    mishaps: float
    weather: bool
    dies: float
    hooks: float
    fate: bool
    dead_s: tuple[float, float]
    patience: bool
    loses: bool
    reloads: float


def _severity(chance: Random) -> Severity:
    """A fifth of the seeds has people at work and nothing else."""
    calm = chance.random() < 0.2
    return Severity(
        storm=timedelta(minutes=chance.choice((15, 20, 30, 45))),
        gap_s=chance.choice(((15, 90), (30, 200), (100, 400))),
        mishaps=0.0 if calm else chance.choice((0.0, 0.1, 0.3)),
        weather=not calm and chance.random() < 0.7,
        dies=0.0 if calm else chance.choice((0.0, 0.0, 0.002, 0.005)),
        hooks=chance.choice((0.0, 0.3, 1.0)),
        fate=not calm and chance.random() < 0.3,
        dead_s=(1, 90),
        patience=chance.random() < 0.1,
        loses=chance.random() < 0.3,
        reloads=chance.choice((0.0, 0.0, 0.2)),
    )


class Simulation:
    """``template``: an empty database with all tables, copied for each seed."""

    def __init__(self, seed: int, folder: Path, template: Path, make: Callable[[Any, Outside], Daemon]) -> None:
        self.seed = seed
        self.make = make
        self.chance = Random(seed)  # noqa: S311 - the same worlds for the same seed
        self.at = START
        voices = Random(f"{seed} speaks")  # noqa: S311 - of its own: what nobody comments on stays as it was
        speaks = voices.random() < SPEAK
        self.town = build(self.chance, self.now, voices if speaks else None)
        self.severity = _severity(self.chance)
        if self.severity.weather or self.severity.dies or self.severity.fate:
            self.town.lag(min(self.town.lag_s, 50))
        self.watch = Watch(self.town, self.now)
        self.words = self._voices(voices) if speaks else None
        self.watch.words = self.words
        self.mishaps = Mishaps(self.town, self.chance, self._has_met, self._knows)
        self.departments = self._departments()
        self.weathers = {
            name: Weather(
                it.kind,
                self.watch.guarded(it),
                it.clock_of(self.now),
                self.chance,
                retry_after=RETRY_AFTER if self.severity.patience else SHORT_PAUSES,
                tell=self._told_by(name),
            )
            for name, it in self.town.trackers.items()
        }
        self.folder, self.template = folder, template
        lay(template, folder / "syncd.db")
        path = folder / "syncd.yaml"
        path.write_text(self.town.text.replace("DATABASE", str(folder / "syncd.db")), "utf-8")
        self.config = configuration.load(path, self.town.environ())
        self.story: list[str] = []
        self.dies = 0.0
        self.deaths = 0
        self._fated = False
        self._working = False
        self._next_step = START
        self._daemon: Daemon | None = None
        self._alive = ExitStack()
        self._heap: list[tuple[datetime, int, Job]] = []
        self._pending: dict[tuple[str, str], datetime] = {}
        self._numbers = itertools.count()
        self.logged: list[Any] = []
        self._seen, self._looked = (0, 0), START
        self.counted: list[tuple[datetime, str, str, int]] = []

    def now(self) -> datetime:
        return self.at

    # Time

    def pass_by(self, seconds: float) -> None:
        """Time goes on, and people with it."""
        until = self.at + timedelta(seconds=seconds)
        while self._working and self._next_step <= until:
            self.at = max(self.at, self._next_step)
            self._step()
            low, high = self.severity.gap_s
            self._next_step = self.at + timedelta(seconds=self.chance.uniform(low, high))
        self.at = max(self.at, until)

    def wait(self, seconds: float) -> None:
        self.watch.idle += timedelta(seconds=seconds)
        self.pass_by(seconds)

    def _step(self) -> None:
        """Somebody does or says something, or the weather turns."""
        if self.words and self.words.speech.chance.random() < 0.4:
            self._speak(self.words.speech)
        if self.chance.random() < self.severity.mishaps:
            done = self.mishaps.step()
            if done is not None:
                self._note(done.said)
                self.watch.changed(silent=done.silent)
                self._hint(done.tracker, done.id)
        else:
            departments, names = self.chance.choice(self.departments)
            self._note(departments.step())
            self.watch.changed()
            for desk, id_ in departments.last:
                self._hint(names[desk], id_)
        if self.severity.weather and self.chance.random() < 0.05:
            self._turn(self.chance.choice(list(self.weathers.values())))

        if self._daemon is not None and self.chance.random() < self.severity.reloads:
            self._reload(self._daemon)

    def _speak(self, speech: Speech) -> None:
        said = speech.step()
        if said is not None:
            words = " | ".join(line.text for line in said.lines) if said.stands else "(deleted)"
            self._note(f"{said.by} in {said.name} on {said.ticket or 'the summary'} of {said.release}: {words}")
            self.watch.changed()
            self._hint(said.tracker, said.issue)

    def _reload(self, daemon: Daemon) -> None:
        """Perhaps in the middle of a job, which ends with what it began with."""
        self._note("reloaded")
        self._open(self.outside.store, dict(self.outside.paces))
        for job in daemon.reload(self.config, self.outside):
            self._put(job)

    def _open(self, store: Store, paces: dict[str, Pace]) -> None:
        self.outside = app.outside(self.config, store, self.now, self.wait, paces)
        self.looking = replace(self.outside, store=cast("Store", self.shelf))  # our own looking kills nobody

    def _turn(self, weather: Weather) -> None:
        until = weather.now() + timedelta(minutes=self.chance.uniform(1, 20))
        if self.chance.random() < 0.7:
            weather.down_until = until
        else:
            weather.denied_until = until
            weather.denied_as = self.chance.choice(("401 Unauthorized", "403 Forbidden", "404 Not Found"))

    def _note(self, said: str) -> None:
        self.story.append(f"{self.at:%d %H:%M:%S} {said}")

    def _told_by(self, name: str) -> Callable[[str], None]:
        return lambda said: self._note(f"    {name} {said}")

    def _hint(self, tracker: str, id_: str) -> None:
        """A webhook, at times; it may come twice or name nothing."""
        if self._daemon is None or self.chance.random() >= self.severity.hooks:
            return
        ids = frozenset({id_} if id_ and self.chance.random() < 0.9 else ())
        gone = ids if (tracker, id_) in self.mishaps.removed else frozenset[str]()
        hint = Hint(
            ids=ids, deleted=gone, delivery=str(self.chance.random()), at=self.town.trackers[tracker].world.clock()
        )
        for job in self._daemon.hinted(tracker, hint):
            self._put(job)

    # The process

    def run(self) -> None:
        try:
            with ExitStack() as stack:
                self._surround(stack)
                self.watch.changed()
                self._live(self.at + self._calm_start())
                self._storm()
                self._clear()
                self._live(self.at + self._recovery())
                Settled(self).check()
        except Exception as error:
            told_ = "\n".join(self.story[-25:])
            raise BreachError(
                f"seed {self.seed} at {self.at:%d %H:%M:%S}: {type(error).__name__}: {error}\n{told_}\n{self.town.text}"
            ) from error

    def _surround(self, stack: ExitStack) -> None:
        hosts = {it.host: self.weathers[name] for name, it in self.town.trackers.items()}
        stack.enter_context(within(hosts, self._around))
        stack.enter_context(mock.patch.object(app, "_pace", self._pace))
        self.logged = stack.enter_context(structlog.testing.capture_logs())
        stack.enter_context(mock.patch.object(requests.sessions, "get_environ_proxies", _no_proxies))
        stack.enter_context(mock.patch.object(Deadline, "__enter__", lambda it: it))  # its thread is not needed
        stack.enter_context(mock.patch.object(Deadline, "__exit__", nullcontext.__exit__))

    def _pace(self, *_: object) -> Pace:
        return Pace(now=self._seconds, wait=self.wait, most=1, chance=self.chance.random)

    def _seconds(self) -> float:
        return self.at.timestamp()

    def _calm_start(self) -> timedelta:
        return timedelta(minutes=self.chance.choice((0, 1, 15)))

    def _recovery(self) -> timedelta:
        """Long enough for a census, a fresh reading after the soak and the longest pause that can be asked for."""
        paces = self.outside.paces.values() if self._daemon else ()
        longest = timedelta(minutes=5, seconds=max(map(_pause_s, paces), default=0))
        return self.town.sweep + self.town.soak + longest + QUIET + SLACK

    def _storm(self) -> None:
        self._working = True
        self._next_step = self.at
        if self.severity.weather:
            for weather in self.weathers.values():
                weather.rates = plan(self.chance, weather.kind)
        self.dies = self.severity.dies
        self._live(self.at + self.severity.storm)

    def _clear(self) -> None:
        self._working = False
        self.dies = 0.0
        for weather in self.weathers.values():
            weather.clear()
        self.mishaps.mend()
        self.watch.mended()
        self._note("the weather clears")

    def _live(self, until: datetime) -> None:
        """Run whatever is due until then; who dies is started again."""
        while self.at < until:
            try:
                if self._daemon is None:
                    self._begin()
                self._jobs(until)
            except Death:
                self._died()

    def _begin(self) -> None:
        self._alive = ExitStack()
        ours = f"{socket.gethostname()} {os.getpid()} {self.deaths}"
        self._alive.enter_context(mock.patch.object(claim, "_OURS", ours))
        store = quick_store(self.config.database_url)
        self._alive.callback(store.close)
        self.shelf = Shelf(store, self.config.database_url)
        self._open(cast("Store", Mortal(self.shelf, self._die)), {})
        self._daemon = self.make(self.config, self.outside)
        for job in self._daemon.first():
            self._put(job)

    def _died(self) -> None:
        self.deaths += 1
        self._note("DEATH")
        self._alive.close()
        self._daemon = None
        self._heap.clear()
        self._pending.clear()
        if self.severity.loses and self._may_lose() and self.chance.random() < 0.5:
            self._note("the database is lost")
            lay(self.template, self.folder / "syncd.db")
            self.watch.forgotten()
        low, high = self.severity.dead_s if self._working else (2, 2)  # at the start: before any index shows more
        dead_s = self.chance.uniform(low, high)
        self.watch.idle += timedelta(seconds=dead_s)
        self.pass_by(dead_s)

    def _may_lose(self) -> bool:
        """Whether a fresh start can tell what is ours: nobody has meddled, and every index shows our summaries."""
        newest = max((at for at, *_ in self.watch.writes), default=START)
        meddled = self.mishaps.meddled or self.mishaps.touched or self.mishaps.moved
        return self._working and not meddled and self.at > newest + timedelta(seconds=self.town.lag_s + 60)

    def _put(self, job: Job) -> None:
        key, at = (job.kind, job.name), job.at or self.at
        if key in self._pending and self._pending[key] <= at:
            return
        self._pending[key] = at
        heapq.heappush(self._heap, (at, next(self._numbers), job))

    def _jobs(self, until: datetime) -> None:
        while self._heap and self.at < until:
            at, _, job = self._heap[0]
            if at >= until:
                break
            heapq.heappop(self._heap)
            if self._pending.get((job.kind, job.name)) != at:
                continue
            del self._pending[job.kind, job.name]
            if at > self.at:
                self.pass_by((at - self.at).total_seconds())
            self._run(job)
        else:
            if not self._heap:
                raise BreachError("nothing is scheduled any more")
        if self.at < until:
            self.pass_by((until - self.at).total_seconds())

    def _run(self, job: Job) -> None:
        assert self._daemon is not None
        self.watch.job, self.watch.job_asked = f"{job.kind} {job.name}", {}
        before = sum(self.watch.requests.values())
        began = self.at
        following = self._daemon.run(job)
        asked = sum(self.watch.requests.values()) - before
        self._note(f"  {job.kind} {job.name}: {asked} requests")
        self.counted.append((began, job.kind, job.name, asked))
        if job.kind in SINGLE:
            every = self._daemon.every[job.name][job.kind == "sweep"]
            self._put(replace(job, at=began + every))
        for each in following:
            self._put(each)
        self._check()

    def _around(self, _: PreparedRequest, send: Callable[[], Response]) -> Response:
        self.pass_by(self.chance.choice((0.05, 0.2, 1.0)))
        self._die()
        made = sum(self.watch.made.values())
        response = send()
        self._die()
        if sum(self.watch.made.values()) > made and self.severity.fate and not self._fated:
            self._fated = True
            raise Death
        return response

    def _die(self) -> None:
        if self.dies and self.chance.random() < self.dies:
            raise Death

    def _has_met(self, tracker: str) -> bool:
        known = self.looking.store.tracker(tracker) if self._daemon else None
        return known is not None and known.account_id != ""

    def _knows(self, tracker: str, summary: str) -> bool:
        known = self.looking.store.summaries() if self._daemon else []
        return any(it.ref is not None and (it.mark.tracker, it.ref.id) == (tracker, summary) for it in known)

    def _voices(self, chance: Random) -> Words:
        speech = Speech(town=self.town, chance=chance, now=self.now, pages=self._pages, labels=self._labels)
        return Words(speech=speech, now=self.now, is_summary=is_summary)

    def _pages(self) -> dict[str, tuple[str, str]]:
        """Release → its summary issue, unless people have done away with it."""
        left = self.mishaps.touched | self.mishaps.moved
        return {
            release_of(title_of(it, row)): (it.name, id_)
            for it in self.town.trackers.values()
            for id_, row in it.world.issues.items()
            if is_summary(it, row) and (it.name, id_) not in left
        }

    def _labels(self, release: str) -> list[str]:
        assert self.words
        found = self.words.records.get(release, [])
        return sorted({it.label for it in found if isinstance(it, Waiver)})

    def _departments(self) -> list[tuple[Departments, dict[str, str]]]:
        """Who works where: (departments, desk → tracker)."""
        signs = [(it.tracker, it.signs) for it in self.town.gates if it.signs]
        trackers = self.town.trackers

        def at(jira: str, linear: str) -> tuple[Departments, dict[str, str]]:
            desks = {"jira": jira, "linear": linear} if linear else {"jira": jira}
            signing = [(desk, key, "Dana") for desk, name in desks.items() for where, key in signs if where == name]
            other = trackers[linear].world if linear else None
            seed = self.chance.randrange(10**6)
            return Departments(trackers[jira].world, other, seed, sign_offs=signing), desks

        found = [at("eng", "gtm" if "gtm" in trackers else "")]
        return [*found, at("ops", "")] if "ops" in trackers else found

    # Checks

    def _check(self) -> None:
        blown = {name: self._blown(it) for name, it in self.weathers.items() if it.blown}
        blown |= {name: self.at for name, pace in self.outside.paces.items() if _pause_s(pace)}
        for name, at in blown.items():
            self.watch.blown[name] = max(at, self.watch.blown.get(name, at))
        seen = self.shelf.version, len(self.watch.writes)
        if seen == self._seen and self.at < self._looked + LOOK_AGAIN:
            return
        self._seen, self._looked = seen, self.at
        for release in self.config.releases:
            self._check_release(release)
        for tracker, first in self.watch.job_asked.items():
            marks = self.looking.store.watermarks(tracker)
            if any(mark > first for mark in marks.values()):
                raise BreachError(f"the watermark of {tracker} lies beyond the start of the pass")
        self._compare_items()
        self.watch.shown(self.mishaps.touched)

    def _check_release(self, release: str) -> None:
        store = self.looking.store
        if self.words:
            self.words.kept(release, store.records(release), store.heard(release))
        found = told(self.config, release, self.looking, self.at)
        if found is not None:
            self.watch.said(release, found.document)
            if self.words:
                self.words.shown(release, found.document)

    def _compare_items(self) -> None:
        for release in self.config.releases:
            items = self.looking.store.items(release)
            sights = self.looking.store.sights(release)
            for gate in self.town.gates:
                if gate.release != release:
                    continue
                vanished = [it for sight in sights.get(gate.id, ()) for it in sight.vanished]
                found = {it.id: it.finished for it in (*items.get(gate.id, ()), *vanished)}
                removed = [id_ for name, id_ in self.mishaps.removed if name == gate.tracker]
                meddled = self.mishaps.meddled or self.town.has_lost_its_epic(gate)
                self.watch.kept(gate, found, removed, meddled=meddled)

    def _blown(self, weather: Weather) -> datetime:
        assert weather.blown is not None
        return weather.blown - (weather.now() - self.at)


def _pause_s(pace: Pace) -> float:
    return pace.pause_s(tuple(pace._pauses))  # noqa: SLF001 - which scopes there are is nobody else's concern


def _no_proxies(*_: object, **__: object) -> dict[str, str]:
    return {}
