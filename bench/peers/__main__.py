"""``python -m bench.peers``: the cold pull of 10,000 Jira issues by each program, in one run, as a table."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from bench import children
from bench.__main__ import machine
from bench.rows import JIRA
from bench.table import Row, seconds, table
from bench.trackers import trackers

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.trackers import Trackers

_HOME = Path(__file__).parent.parent / ".peers"
_ROUNDS = 3
_PATIENCE_S = 1800

Measured = tuple[float, int]
"""Seconds, items."""


def floor(served: Trackers) -> Measured:
    return children.floor("jira-bulk", served.told, 2)["wall_s"][1], JIRA.items


def syncd(served: Trackers) -> Measured:
    return children.syncd(JIRA, served.told, 2)["wall_s"][1], JIRA.items


def dlt(served: Trackers) -> Measured:
    return _driver("dlt", served)


def bugwarrior(served: Trackers) -> Measured:
    return _driver("bugwarrior", served)


def tap_jira(served: Trackers) -> Measured:
    return _driver("tap_jira", served)


def _driver(name: str, served: Trackers) -> Measured:
    """The driver in its own environment prints what it measured."""
    jira = served.told["jira"]
    command = [str(_HOME / name.replace("_", "-") / "bin/python"), "-m", f"bench.peers.run_{name}"]
    environment = {**os.environ, "RUNTIME__DLTHUB_TELEMETRY": "false"}
    told = _said([*command, jira["url"], jira["email"], jira["token"]], environment)
    found: dict[str, Any] = json.loads(told.strip().splitlines()[-1])
    return found["wall_s"], found["items"]


def _said(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_PATIENCE_S, env=environment)
    if done.returncode:
        raise RuntimeError(done.stderr.strip()[-2000:])
    return done.stdout


PROGRAMS: dict[str, Callable[[Trackers], Measured]] = {
    "the floor": floor,
    "syncd": syncd,
    "dlt": dlt,
    "tap-jira": tap_jira,
    "bugwarrior": bugwarrior,
}
_DOES = {
    "the floor": "fetches, parses, inserts into SQLite",
    "syncd": "fetches, parses, stores in SQLite, judges 8 gates",
    "dlt": "rest_api source, token pages of 100, into SQLite",
    "tap-jira": "token pages of 50 with all fields and changelogs, printed as Singer records, nothing stored",
    "bugwarrior": "token pages with all fields, then the comments of each issue, nothing stored",
}


def row(name: str, measured: list[Measured], best: float) -> Row:
    laps = [lap for lap, _ in measured]
    count = measured[-1][1]
    times = f"{seconds(median(laps))}, {median(laps) / best:.1f} × the floor"
    whole = "" if count == JIRA.items else f", {count} items"
    return Row(what=name, must=_DOES[name], measured=times + whole, good=None)


def main() -> None:
    rows, best = [], 0.0
    with trackers(JIRA, lenient=True) as served:
        for name in sys.argv[1:] or PROGRAMS:
            print(f"measuring {name} ...", file=sys.stderr)
            try:
                measured = [PROGRAMS[name](served) for _ in range(1 + _ROUNDS)][1:]
            except (RuntimeError, OSError, subprocess.SubprocessError) as error:
                rows.append(
                    Row(what=name, must=_DOES[name], measured=f"does not run: {str(error).splitlines()[-1]}", good=None)
                )
                continue
            best = best or median(lap for lap, _ in measured)
            rows.append(row(name, measured, best))
    print(machine(), table(rows, ("program", "what it does", "10,000 Jira issues", "")), sep="\n\n")


if __name__ == "__main__":
    main()
