"""The metrics of interface.md §3, told when they are scraped: gauges from the store, counts from meter and paces.

Called by the application. A release is read again only when it was judged again, for that costs as much as the
release is large; the lease is applied at each scrape.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import accumulate
from threading import Lock
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from config.schema import Config
from mapping.readiness import Readiness, Verdict
from syncd.meter import BOUNDS_S
from syncd.status import leased
from syncd.told import Known, known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import Metric

    from syncd.store.model import SummaryState
    from syncd.web.ports import Ports

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4


class Metrics:
    """One for the process: a registry of its own, nothing global."""

    def __init__(self, ports: Ports) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(Collected(ports))

    def text(self) -> bytes:
        """All metrics in Prometheus' text format. Raises StoreError."""
        return generate_latest(self._registry)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """``what`` was judged at ``judged_at`` by rules of ``config``; its items and texts are left out."""

    judged_at: datetime
    config: Config
    what: Known | None


class Collected(Collector):
    """What one scrape collects."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._kept: dict[str, _Kept] = {}
        self._lock = Lock()

    def describe(self) -> Iterator[Metric]:
        """Nothing: the registry would scrape to find the names out."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        config, now = self._ports.config(), self._ports.outside.now()
        with self._lock:
            yield from self._trackers(config, now)
            yield from self._releases(config, now)
        yield from self._counted()

    def _trackers(self, config: Config, now: datetime) -> Iterator[Metric]:
        store = self._ports.outside.store
        items = GaugeMetricFamily("syncd_items", "Items that are kept of a tracker", labels=["tracker"])
        age = GaugeMetricFamily(
            "syncd_source_age_seconds", "Time since a tracker was last read completely", labels=["tracker"]
        )
        counts = store.item_counts()
        for tracker in config.trackers:
            items.add_metric([tracker], counts.get(tracker, 0))
            state = store.tracker(tracker)
            if state and state.complete_at:
                age.add_metric([tracker], (now - state.complete_at).total_seconds())
        yield from (items, age)

    def _releases(self, config: Config, now: datetime) -> Iterator[Metric]:
        verdict = GaugeMetricFamily(
            "syncd_verdict", "1 for a release's present verdict, the lease applied", labels=["release", "verdict"]
        )
        gates = GaugeMetricFamily(
            "syncd_gate_state", "1 for a gate's present state, the lease applied", labels=["release", "gate", "state"]
        )
        valid = GaugeMetricFamily(
            "syncd_valid_seconds", "How long a release's verdict may be trusted yet", labels=["release"]
        )
        judged_at = self._ports.outside.store.judged_at()
        summaries = {it.mark.release: it for it in self._ports.outside.store.summaries()}
        for release in config.releases:
            found = self._known(config, release, judged_at.get(release))
            summary = summaries.get(release)
            told = found and leased(found.readiness, found.digest, summary, now, outdated=found.outdated)
            for it in Verdict:
                verdict.add_metric([release, it.value], float(it is (told.verdict if told else Verdict.UNKNOWN)))
            for gate in told.gates if told else ():
                gates.add_metric([release, gate.id, gate.state.value], 1)
            valid.add_metric([release], _left_s(summary, now))
        yield from (verdict, gates, valid)

    def _known(self, config: Config, release: str, judged_at: datetime | None) -> Known | None:
        if judged_at is None:
            return None
        kept = self._kept.get(release)
        if kept is None or kept.judged_at != judged_at or kept.config is not config:
            found = known(config, release, self._ports.outside.store)
            what = found and replace(found, readiness=_bare(found.readiness))
            kept = self._kept[release] = _Kept(judged_at=judged_at, config=config, what=what)
        return kept.what

    def _counted(self) -> Iterator[Metric]:
        requests = CounterMetricFamily(
            "syncd_requests", "Requests to a tracker by their HTTP status", labels=["tracker", "method", "status"]
        )
        for tracker, pace in self._ports.paces().items():
            for (method, status), count in pace.counts().items():
                requests.add_metric([tracker, method, status], count)
        measured = self._ports.meter.measured()
        writes = CounterMetricFamily("syncd_writes", "Accepted writes of summaries", labels=["tracker", "kind"])
        for (tracker, kind), count in measured.writes.items():
            writes.add_metric([tracker, kind], count)
        hooks = CounterMetricFamily("syncd_hooks", "Webhooks by what came of them", labels=["tracker", "outcome"])
        for (tracker, outcome), count in measured.hooks.items():
            hooks.add_metric([tracker, outcome], count)
        spans = HistogramMetricFamily("syncd_pass_seconds", "How long passes took", labels=["tracker"])
        ends = [*map(str, BOUNDS_S), "+Inf"]
        for tracker, it in measured.passes.items():
            spans.add_metric([tracker], list(zip(ends, accumulate(it.counts), strict=True)), it.sum_s)
        yield from (requests, writes, hooks, spans)


def _bare(readiness: Readiness) -> Readiness:
    """Without what takes room and is shown by no metric."""
    gates = tuple(replace(gate, open_items=()) for gate in readiness.gates)
    return replace(readiness, gates=gates, asks=(), holds=(), waivers=(), sources=(), remarks=())


def _left_s(summary: SummaryState | None, now: datetime) -> float:
    """0 for a release that was never written: nobody may trust it either."""
    accepted = summary.accepted if summary else None
    return (accepted.valid_until - now).total_seconds() if accepted else 0.0
