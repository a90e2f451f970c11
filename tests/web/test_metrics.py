"""The metrics of interface.md §3: what a scrape tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from connectors.pace import Pace
from syncd.meter import BOUNDS_S, Meter
from syncd.store.store import Store
from tests.web.site import from_jira, jira_event, reader

if TYPE_CHECKING:
    from werkzeug.test import Client

    from tests.trial import Trial
    from tests.web.site import Site

RELEASE = "  atlas-2: {launch: eng/REL-1, gates: {engineering: {owner: dana, items: [{tracker: eng, project: ENG}]}}}"

LABELS = ["tracker", "release", "gate", "method", "status", "state", "verdict", "kind", "outcome", "le"]


def scraped(client: Client) -> dict[str, dict[tuple[str, ...], float]]:
    """Sample name → its labels' values → value."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[
                tuple(sample.labels[name] for name in LABELS if name in sample.labels)
            ] = sample.value
    return found


def test_the_format_is_prometheus_text(site: Site) -> None:
    assert site.client().get("/metrics").content_type.startswith("text/plain; version=0.0.4")


def test_what_is_held_of_each_tracker_and_how_old_it_is_are_told(whole: Trial) -> None:
    config = whole.configure(RELEASE)
    for title in ("Write it", "Try it", "Ship it"):
        whole.jira.add("ENG", title)
    whole.once(config)
    whole.clock.pass_by(minutes=10)
    with whole.outside(config) as outside:
        found = scraped(reader(outside, lambda: config))
    assert found["syncd_items"] == {("eng",): 3, ("gtm",): 0}
    assert found["syncd_source_age_seconds"] == {("eng",): pytest.approx(600, abs=5)}


def test_a_release_that_was_never_read_is_unknown_and_not_valid(site: Site) -> None:
    found = scraped(site.client())
    assert [name for name, value in found["syncd_verdict"].items() if value] == [("atlas-2", "unknown")]
    assert found["syncd_valid_seconds"] == {("atlas-2",): 0}
    assert "syncd_gate_state" not in found


def test_verdict_gates_and_what_is_left_of_the_lease_are_told_until_it_ends(whole: Trial) -> None:
    config = whole.configure(RELEASE)
    whole.jira.add("ENG", "Write it")
    whole.once(config)
    with whole.outside(config) as outside:
        client = reader(outside, lambda: config)
        found, document = scraped(client), whole.status(config)
        assert len(found["syncd_verdict"]) == 7
        assert present(found["syncd_verdict"]) == {("atlas-2", document["verdict"])}
        assert present(found["syncd_gate_state"]) == {("atlas-2", it["id"], it["state"]) for it in document["gates"]}
        (left_s,) = found["syncd_valid_seconds"].values()
        assert left_s > 0
        whole.clock.pass_by(seconds=left_s)
        late = scraped(client)
    assert present(late["syncd_verdict"]) == {("atlas-2", "unknown")}
    assert late["syncd_valid_seconds"] == {("atlas-2",): 0}


def present(samples: dict[tuple[str, ...], float]) -> set[tuple[str, ...]]:
    return {labels for labels, value in samples.items() if value == 1}


def test_another_configuration_than_was_judged_is_unknown(whole: Trial) -> None:
    config = whole.configure(RELEASE)
    whole.jira.add("ENG", "Write it")
    whole.once(config)
    changed = whole.configure(RELEASE.replace("dana", "maya"))
    in_force = [config, changed, config]
    with whole.outside(config) as outside:
        client = reader(outside, lambda: in_force[0])
        told = []
        while in_force:
            told.append(present(scraped(client)["syncd_verdict"]))
            in_force.pop(0)
    assert [it == {("atlas-2", "unknown")} for it in told] == [False, True, False]


def test_a_release_is_read_again_only_when_it_was_judged_again(whole: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[str] = []
    judgement = Store.judgement

    def counted(store: Store, release: str) -> Any:
        reads.append(release)
        return judgement(store, release)

    config = whole.configure(RELEASE)
    whole.once(config)
    with whole.outside(config) as outside:
        client = reader(outside, lambda: config)
        monkeypatch.setattr(Store, "judgement", counted)
        for _ in range(3):
            scraped(client)
        assert reads == ["atlas-2"]
        monkeypatch.undo()
        whole.jira.add("ENG", "One more")
        whole.clock.pass_by(minutes=1)
        whole.once(config)
        monkeypatch.setattr(Store, "judgement", counted)
        scraped(client)
    assert reads == ["atlas-2"] * 2


def test_requests_are_told_by_method_and_status(site: Site) -> None:
    pace = site.paces["eng"] = Pace()
    for outcome in ("200", "200", "429", "lost"):
        pace.count("GET", outcome)
    found = scraped(site.client())["syncd_requests_total"]
    assert found == {("eng", "GET", "200"): 2, ("eng", "GET", "429"): 1, ("eng", "GET", "lost"): 1}


def test_writes_and_webhooks_are_counted(site: Site) -> None:
    client = site.client()
    for kind in ("created", "updated", "updated"):
        site.meter.wrote("eng", kind)
    from_jira(client, jira_event())
    found = scraped(client)
    assert found["syncd_writes_total"] == {("eng", "created"): 1, ("eng", "updated"): 2}
    assert found["syncd_hooks_total"] == {("eng", "accepted"): 1}


def test_passes_are_told_as_a_histogram(site: Site) -> None:
    for duration_s in (0.05, 0.1, 0.2, 1000.0):
        site.meter.passed("eng", duration_s)
    found = scraped(site.client())
    buckets = found["syncd_pass_seconds_bucket"]
    assert (buckets["eng", "0.1"], buckets["eng", "0.25"], buckets["eng", "300.0"], buckets["eng", "+Inf"]) == (
        2,
        3,
        3,
        4,
    )
    assert found["syncd_pass_seconds_sum"]["eng",] == pytest.approx(1000.35)
    assert found["syncd_pass_seconds_count"]["eng",] == 4


def test_a_meter_begins_at_nothing() -> None:
    assert not Meter().measured().passes
    assert list(BOUNDS_S) == sorted(BOUNDS_S)
