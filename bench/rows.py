"""The rows of the table, each measured by a function: what, what it must reach, what it came to. Called by ``main``."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

from bench import children, hooks, syncd_file
from bench.layout import Layout
from bench.stopwatch import wall_s
from bench.table import Row, middle, seconds
from bench.trackers import trackers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from bench.trackers import Trackers

_ROUNDS = 5
_STARTS = 20
_MIB = 1024 * 1024

JIRA = Layout(items=10_000, jira_gate_count=8)
LINEAR = Layout(items=10_000, jira_gate_count=0, linear_gate_count=8)
BIG = Layout(items=100_000, release_count=50, jira_gate_count=8)
MIDDLE = Layout(items=10_000, release_count=50, jira_gate_count=8)
FULL = Layout(items=100_000, release_count=50, first=500, jira_gate_count=7, linear_gate_count=1)
SMALL = Layout(items=1_000, release_count=50, first=500, jira_gate_count=7, linear_gate_count=1)


def jira_pull() -> Iterator[Row]:
    with trackers(JIRA) as served:
        yield _against_floor("cold pull of 10,000 Jira items, no latency", JIRA, served, "jira-bulk")


def slow_jira_pull() -> Iterator[Row]:
    with trackers(JIRA, latency_ms=200) as served:
        tokens = children.floor("jira-tokens", served.told, 1)["wall_s"]
        own = children.syncd(JIRA, served.told, 3)["wall_s"]
    times = median(tokens) / median(own)
    measured = f"{times:.1f} × faster: {middle(own)} against {seconds(median(tokens))}"
    yield Row(
        what="the same with 200 ms a request, against token pages of 100 in sequence",
        must="at least 6 × faster",
        measured=measured,
        good=times >= 6,
    )


def linear_pull() -> Iterator[Row]:
    with trackers(LINEAR) as served:
        yield _against_floor("cold pull of 10,000 Linear items, no latency", LINEAR, served, "linear")


def standing() -> Iterator[Row]:
    small, full = (children.program("standing", children.as_text(layout)) for layout in (SMALL, FULL))
    yield from _idle(small["idle"], full["idle"])
    yield from _changed(small["changed"], full["changed"])


def _idle(small: dict[str, Any], full: dict[str, Any]) -> Iterator[Row]:
    what = "an idle pass over 100,000 items in 50 releases of 8 gates"
    asked = sorted({tuple(cost) for cost in full["asked"]})
    writes = sum(sum(cost) for cost in full["written"])
    yield Row(
        what=f"{what}: requests (Jira, Linear), writes",
        must="one a tracker and the account check, none",
        measured=f"{' or '.join(map(str, asked))}, {writes}",
        good=all(cost <= 2 for each in asked for cost in each) and not writes,
    )
    yield _ratio(f"{what}: own time", 1.5, full["own_s"], small["own_s"], of="that over 1,000")


def _changed(small: dict[str, Any], full: dict[str, Any]) -> Iterator[Row]:
    what = "one changed ticket of 500 in that store, from the hint to the write"
    yield _ratio(f"{what}: own time", 1.5, full["own_s"], small["own_s"], of="that in a store of 1,000")
    writes = sorted({sum(cost) for cost in full["written"]})
    yield Row(
        what=f"{what}: time",
        must="under 300 ms, one summary written",
        measured=f"{middle(full['wall_s'])}; writing requests {' or '.join(map(str, writes))}",
        good=median(full["wall_s"]) < 0.3 and min(writes) > 0,
    )


def memory() -> Iterator[Row]:
    peaks = []
    for layout in (MIDDLE, BIG):
        with trackers(layout) as served:
            peaks.append(children.syncd(layout, served.told, 1)["peak_bytes"])
    growth = (peaks[1] - peaks[0]) / (BIG.items - MIDDLE.items)
    yield Row(
        what="memory, cold pull of 100,000 items",
        must="at most 150 MB peak",
        measured=f"{peaks[1] / _MIB:.0f} MB (of 10,000: {peaks[0] / _MIB:.0f} MB)",
        good=peaks[1] <= 150 * _MIB,
    )
    yield Row(
        what="memory, growth beyond 10,000 items",
        must="under 300 bytes an item",
        measured=f"{growth:.0f} bytes an item",
        good=growth < 300,
    )


def webhooks() -> Iterator[Row]:
    flood = hooks.flood(SMALL)
    p99 = quantiles([lap for _, lap in flood.answers], n=100)[98]
    refused = sum(status != 202 for status, _ in flood.answers)
    most = int(flood.watched_s / syncd_file.MIN_WRITE_INTERVAL_S) + 1
    yield Row(
        what=f"500 webhooks in a second (sent in {seconds(flood.lasted_s)})",
        must="all answered 202 under 20 ms (p99)",
        measured=f"{p99 * 1000:.1f} ms; {refused} answered otherwise",
        good=p99 < 0.02 and not refused,
    )
    yield Row(
        what=f"the summary writes that follow, in {seconds(flood.watched_s)}",
        must="at most one in each minimum interval of 2 s",
        measured=f"{flood.writes} writing requests",
        good=0 < flood.writes <= most,
    )


def start() -> Iterator[Row]:
    command = Path(sys.executable).with_name("syncd")
    laps = [_first_line(command) for _ in range(_STARTS)]
    yield Row(
        what="start of the syncd command to its first line of help",
        must="at most 300 ms",
        measured=middle(laps),
        good=median(laps) <= 0.3,
    )


def _first_line(command: Path) -> float:
    begun = wall_s()
    with subprocess.Popen([command, "--help"], stdout=subprocess.PIPE) as process:
        if process.stdout is None or not process.stdout.readline():
            raise RuntimeError("syncd --help says nothing")
        lasted = wall_s() - begun
        process.stdout.read()
    return lasted


def _against_floor(what: str, layout: Layout, served: Trackers, how: str) -> Row:
    """Both pull in turns. Of two in a process the second counts, so that neither pays for imports; the first round
    warms the trackers up. Their own times are told beside: another program on the machine blurs those less.
    """
    floor, own = [], []
    for _ in range(1 + _ROUNDS):
        floor.append(children.floor(how, served.told, 2))
        own.append(children.syncd(layout, served.told, 2))
    row = _ratio(what, 2.5, _second(own, "wall_s"), _second(floor, "wall_s"))
    busy = [median(_second(each, "own_s")) for each in (own, floor)]
    return replace(row, measured=f"{row.measured}; own time {seconds(busy[0])} to {seconds(busy[1])}")


def _second(rounds: list[dict[str, Any]], name: str) -> list[float]:
    return [found[name][1] for found in rounds[1:]]


def _ratio(what: str, most: float, own: list[float], floor: list[float], *, of: str = "the floor's time") -> Row:
    times = median(own) / median(floor)
    measured = f"{times:.2f} ×: {middle(own)} to {seconds(median(floor))}"
    return Row(what=what, must=f"at most {most:g} × {of}", measured=measured, good=times <= most)


ROWS: dict[str, Callable[[], Iterable[Row]]] = {
    "jira": jira_pull,
    "slow-jira": slow_jira_pull,
    "linear": linear_pull,
    "memory": memory,
    "webhooks": webhooks,
    "start": start,
    "standing": standing,
}
