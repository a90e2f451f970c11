"""``python -m bench.soak [--minutes 20] [--seed 1] [--items 400]``: runs the soak, prints its report as Markdown.

Exits with 1 when a promise was broken; what the daemon logged is then kept, and the report says where. It takes the
given minutes, five and a half for the daemon to settle, and three in which it must be at rest.
"""

from __future__ import annotations

import argparse
import logging
import os
import platform
import random
import shutil
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Final

from bench.soak import promises
from bench.soak.front import Guard, weather
from bench.soak.life import Lives, free_port, said
from bench.soak.people import People
from bench.soak.report import Found, report
from bench.soak.town import ENVIRON, HOOK_SECRET, HOOK_SECRET_ENV, POLL_S, Town, configuration, write
from bench.stopwatch import pause, wall_s
from config.schema import Config
from syncd import app, clock
from syncd.sandbox.faults import Weather
from syncd.sandbox.server import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from syncd.store.store import Store

KILLS: Final = 5
AWAY_S: Final = 60
SETTLED_WITHIN_S: Final = 300
QUIET_S: Final = 180
"""Half a lease of the soak: what renews it once falls into it."""
REST_AFTER_S: Final = 330
"""What changed is looked at once more five minutes later (docs/decisions/0020); from then on nothing is to be done."""
_SAMPLES: Final = 300
_FIRST_PART, _LAST_KILL, _LAST_PART = 0.05, 0.6, 0.85


@dataclass
class Soak:
    """One soak: what stands, and what is to happen when, in seconds from its beginning."""

    town: Town
    guards: dict[str, Guard]
    weathers: dict[str, Weather]
    lives: Lives
    people: People
    config: Config
    length_s: float
    chance: random.Random
    begun: datetime = field(default_factory=clock.now)
    over: datetime = field(default_factory=clock.now)

    def run(self) -> None:
        """The time of trouble."""
        plan = sorted(self._plan(), key=lambda it: it[0])
        begun, sampled = wall_s(), 0.0
        self.people.begin()
        while (gone := wall_s() - begun) < self.length_s:
            while plan and plan[0][0] <= gone:
                plan.pop(0)[1]()
            if gone - sampled >= self.length_s / _SAMPLES:
                sampled = gone
                self.lives.sample()
            pause(0.1)
        self.people.go_home()
        self.over = clock.now()
        for each in self.weathers.values():
            each.clear()

    def _plan(self) -> Iterator[tuple[float, Callable[[], None]]]:
        """The kills come early, so that the last life is long enough to tell whether its memory grows."""
        for _ in range(KILLS):
            yield self._at(_LAST_KILL), self._kill
        for tracker in self.weathers:
            yield self._at(_LAST_PART), partial(self._away, tracker)

    def _at(self, latest: float) -> float:
        return self.length_s * self.chance.uniform(_FIRST_PART, latest)

    def _kill(self) -> None:
        self.lives.kill()
        self.lives.begin()

    def _away(self, tracker: str) -> None:
        gone = timedelta(seconds=min(AWAY_S, self.length_s / 10))
        self.weathers[tracker].down_until = clock.now() + gone

    def settled(self, store: Store) -> tuple[float, dict[str, str]]:
        """How long it took until all was right, and what still was not when the time was over."""
        begun = wall_s()
        wrong = self._wrong(store)
        while any(wrong.values()) and wall_s() - begun < SETTLED_WITHIN_S:
            pause(POLL_S)
            wrong = self._wrong(store)
        return wall_s() - begun, wrong

    def _wrong(self, store: Store) -> dict[str, str]:
        """The fresh reading last, when all else is right, for it asks the trackers much."""
        found = {
            "no item is missed": promises.first(promises.members(self.town, store)),
            "one summary issue a release": promises.first(promises.summaries(self.town, store)),
        }
        afresh = "it says what a fresh full reading with a fresh database says"
        if any(found.values()):
            return {**found, afresh: "not compared, for the above is wrong already"}
        theirs = promises.fresh(self.config, self.lives.path.parent)
        return {**found, afresh: promises.first(promises.equal(theirs, store))}

    def quarters(self, asked: list[datetime]) -> list[int]:
        """How many requests came in each quarter of the time of trouble."""
        places = [int(4 * (at - self.begun).total_seconds() / self.length_s) for at in asked]
        return [sum(place == quarter for place in places) for quarter in range(4)]

    def at_rest(self) -> dict[str, list[int]]:
        """Requests of each tracker in each poll's time, while nothing changes."""
        while clock.now() < self.over + timedelta(seconds=REST_AFTER_S):
            pause(POLL_S)
        begin = clock.now()
        for _ in range(QUIET_S):
            pause(1)
            self.lives.sample()
        found = {}
        for tracker, guard in self.guards.items():
            polls = [int((at - begin).total_seconds() // POLL_S) for at in guard.asked if at >= begin]
            found[tracker] = [polls.count(number) for number in range(QUIET_S // POLL_S)]
        return found


def soaked(minutes: float, seed: int, items: int, folder: Path) -> Found:
    """Raises nothing for a broken promise: it is among what was found."""
    chance = random.Random(seed)  # noqa: S311 - made-up trouble
    town = Town(items, seed)
    guards = {tracker: Guard(tracker, town) for tracker in ENVIRON}
    weathers = {tracker: weather(guard, random.Random(chance.random())) for tracker, guard in guards.items()}  # noqa: S311 - as above
    port = free_port()
    secrets = dict(zip(ENVIRON.values(), (town.jira.token, town.linear.token), strict=True))
    environ = secrets | {HOOK_SECRET_ENV: HOOK_SECRET}
    os.environ.update(environ)
    with ExitStack() as stack:
        urls = {tracker: stack.enter_context(serving(front)) for tracker, front in weathers.items()}
        write(configuration(town, urls, port, folder), folder / "syncd.yaml")
        lives = stack.enter_context(Lives(folder / "syncd.yaml", environ))
        soak = Soak(
            town=town,
            guards=guards,
            weathers=weathers,
            lives=lives,
            people=People(town, port, random.Random(chance.random())),  # noqa: S311 - as above
            config=app.load(folder / "syncd.yaml"),
            length_s=minutes * 60,
            chance=chance,
        )
        soak.run()
        return _found(soak, folder)


def _found(soak: Soak, folder: Path) -> Found:
    asked = {tracker: soak.quarters(guard.asked) for tracker, guard in soak.guards.items()}
    written = {tracker: len(guard.written) for tracker, guard in soak.guards.items()}
    with promises.opened(soak.config) as store:
        took_s, wrong = soak.settled(store)
        rest = soak.at_rest()
        still = promises.first(promises.summaries(soak.town, store))
    wrong["one summary issue a release"] = wrong["one summary issue a release"] or still
    trespasses = [it for guard in soak.guards.values() for it in guard.trespasses]
    wrong |= {
        "nothing is written but the summary issues": promises.first(trespasses),
        "the manager's notes stay as she wrote them": promises.first(promises.notes(soak.town, soak.people)),
        "at rest a poll costs one request a tracker and the account check": promises.first(
            f"{tracker}: {counts}" for tracker, counts in rest.items() if median(counts) > 2
        ),
        "the daemon never ends by itself": ", ".join(f"exit code {code}" for code in soak.lives.fell),
        "memory is flat": promises.growth(soak.lives.memory[-1]),
        "no secret is logged or stored": promises.told_secrets(folder, (soak.town.jira.token, soak.town.linear.token)),
    }
    return Found(
        minutes=soak.length_s / 60,
        items=soak.town.item_count,
        asked=asked,
        written=written,
        rest=rest,
        struck={tracker: dict(it.struck) for tracker, it in soak.weathers.items()},
        steps=soak.people.steps,
        hooks=dict(soak.people.hooks),
        notes=sum(len(it) for it in soak.people.notes.values()),
        crossed=len(soak.town.crossed),
        kills=KILLS,
        memory=soak.lives.memory,
        slope=promises.slope_mib_a_minute(soak.lives.memory[-1]),
        said=said(soak.lives.log),
        settled_s=took_s,
        wrong=wrong,
    )


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--minutes", type=float, default=20)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--items", type=int, default=400)
    told = words.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)  # connections that nobody uses any more
    folder = Path(mkdtemp(prefix="syncd-soak-"))
    found = soaked(told.minutes, told.seed, told.items, folder)
    machine = f"{clock.now():%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(report(found, f"{machine}, seed {told.seed}"))
    if any(found.wrong.values()):
        print(f"A promise was broken. The log and the database are kept in {folder}.")
        sys.exit(1)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
