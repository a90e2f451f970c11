"""A store that is full: an idle pass over it, and one changed ticket in it. ``syncd.daemon`` is driven job by job.

``python -m bench.standing LAYOUT``. It prints the seconds (wall, own) of each idle pass over all trackers and of each
way from a hint to the write, with the requests and writes that they cost the trackers.
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from bench import syncd_file
from bench.layout import Layout
from bench.stopwatch import Lap, pause, timed
from bench.trackers import Trackers, trackers
from connectors.base import Hint
from syncd import app, clock
from syncd.daemon import Daemon, Job
from syncd.store.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterable

    from config.schema import Config

_TIMES = 20
_KEY = "JIRAA-1"
_QUIET = timedelta(minutes=30)
_STATUSES = ("In Progress", "To Do")
_MOST_JOBS = 10_000


def done(daemon: Daemon, jobs: Iterable[Job]) -> int:
    """Runs these jobs and all that must follow them now; how many ran."""
    waiting, ran = list(jobs), 0
    while waiting:
        job = waiting.pop(0)
        if job.at is not None and job.at > daemon.outside.now():
            continue
        waiting += daemon.run(job)
        ran += 1
        if ran > _MOST_JOBS:
            raise RuntimeError(f"no end of jobs: {job}")
    return ran


def poll(daemon: Daemon, config: Config) -> None:
    """Asks every tracker what changed."""
    done(daemon, [Job(kind="poll", name=tracker, thread=f"read {tracker}") for tracker in config.trackers])


def idle(daemon: Daemon, config: Config, served: Trackers) -> dict[str, Any]:
    """Polls every tracker; nothing has changed."""
    laps, costs = [], []
    for _ in range(_TIMES):
        before = served.counts()
        with timed() as lap:
            poll(daemon, config)
        laps.append(lap)
        costs.append(served.counts().since(before))
    return _found(laps) | {"asked": [cost.asked for cost in costs], "written": [cost.written for cost in costs]}


def changed(daemon: Daemon, served: Trackers) -> dict[str, Any]:
    """A person moves a ticket, its webhook comes, the summary is written."""
    laps, written = [], []
    for turn in range(_TIMES):
        pause(syncd_file.MIN_WRITE_INTERVAL_S)
        ident = served.move(_KEY, _STATUSES[turn % 2])
        before = served.counts()
        with timed() as lap:
            done(daemon, daemon.hinted("jira", Hint(ids=frozenset({ident}))))
        laps.append(lap)
        written.append(served.counts().since(before).written)
    return _found(laps) | {"written": written}


def _found(laps: list[Lap]) -> dict[str, Any]:
    return {"wall_s": [lap.wall_s for lap in laps], "own_s": [lap.own_s for lap in laps]}


def main() -> None:
    layout = Layout(**json.loads(sys.argv[1]))
    with trackers(layout) as served, TemporaryDirectory(prefix="bench-") as folder:
        interval = f"{syncd_file.MIN_WRITE_INTERVAL_S}s"
        config = syncd_file.loaded(layout, served.told, Path(folder), min_write_interval=interval)
        ahead = timedelta()
        with open_store(config.database_url) as store:
            daemon = Daemon(config, app.outside(config, store, now=lambda: clock.now() + ahead))
            with timed() as lap:
                done(daemon, daemon.first())
            print(f"filled in {lap.wall_s:.0f} s", file=sys.stderr)
            ahead = _QUIET  # nobody works for so long
            served.later(ahead.total_seconds())
            for _ in range(2):  # what the first writes, the second looks at
                poll(daemon, config)
            found = {"idle": idle(daemon, config, served)}
            found["changed"] = changed(daemon, served)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
