"""Trackers that want to be left alone, over HTTP and with the real client libraries, in virtual time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.wrappers import Response

from connectors import jira, linear
from connectors.errors import LostAnswerError, TemporaryError
from connectors.pace import Pace
from tests.connectors.contract import report, settings
from tests.connectors.jira import site as jira_site
from tests.connectors.linear import site as linear_site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from werkzeug.wrappers import Request

    from connectors.base import Settings
    from tests.connectors.contract import Site

LIMITED = '{"errors": [{"message": "Rate limit exceeded", "extensions": {"code": "RATELIMITED"}}]}'


class Gate:
    """A pace in virtual time, and the settings of one tracker that carry it."""

    def __init__(self, site: Any, settings: Settings, connector: Any) -> None:
        self.site, self.connector = site, connector
        self.waits: list[float] = []
        self.at = 0.0
        self.pace = Pace(now=lambda: self.at, wait=self.wait)
        self.settings = replace(settings, pace=self.pace)

    def wait(self, duration_s: float) -> None:
        self.waits.append(duration_s)
        self.at += duration_s

    def answer(self, *refusals: Callable[[], Response], when: Callable[[Request], bool] = lambda _: True) -> None:
        """The first requests are answered so, the next are carried out."""
        left = list(refusals)
        self.site.app.before = lambda request: left.pop(0)() if left and when(request) else None

    def sent(self) -> int:
        return len(self.site.app.requests)


def refusal(seconds: float) -> Response:
    """Jira's refusal and Linear's at once: each reads its own part. Linear tells resets, in epoch milliseconds."""
    now = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
    reset_ms = str(int((now + timedelta(seconds=seconds)).timestamp() * 1000))
    headers = {
        "Date": "Sun, 22 Nov 2026 10:00:00 GMT",
        "Retry-After": str(int(seconds)),
        "X-RateLimit-Requests-Reset": reset_ms,
    }
    return Response(LIMITED, 429, headers=headers, content_type="application/json")


def linears_own(seconds: float) -> Response:
    told = refusal(seconds)
    told.status_code = 400
    return told


@pytest.fixture(params=["jira", "linear"])
def gate(request: pytest.FixtureRequest) -> Iterator[Gate]:
    if request.param == "jira":
        with jira_site.running() as site:
            yield Gate(site, site.settings(), jira.connector)
    else:
        with linear_site.running() as other:
            yield Gate(other, other.settings(other.world.token), linear.connector)


def writes_of(site: Site) -> Callable[[Request], bool]:
    if isinstance(site, jira_site.JiraSite):
        return lambda request: jira_site.is_write(request.method, request.path)
    return lambda request: b"mutation " in request.get_data()


def test_f13_a_read_that_was_refused_for_a_short_time_is_answered_all_the_same(gate: Gate) -> None:
    gate.answer(lambda: refusal(7), lambda: refusal(3))
    source = gate.connector.open_source(gate.settings)
    assert source.identify().account.id
    source.close()
    assert gate.waits == [7, 3]


def test_f12_f13_a_long_pause_is_told_at_once_and_nothing_more_is_sent_until_it_ends(gate: Gate) -> None:
    gate.answer(lambda: refusal(600))
    source, other = gate.connector.open_source(gate.settings), gate.connector.open_source(gate.settings)
    with pytest.raises(TemporaryError) as caught:
        source.identify()
    assert caught.value.retry_after_s == 600
    for asked in (source, other):
        with pytest.raises(TemporaryError) as caught:
            asked.identify()
        assert caught.value.retry_after_s == 600
        assert not isinstance(caught.value, LostAnswerError)
    assert gate.sent() == 1
    assert gate.waits == []
    gate.at += 600
    assert source.identify().account.id
    source.close()
    other.close()


def test_a_write_that_was_refused_is_sent_again_and_makes_one_issue(gate: Gate) -> None:
    summary = gate.connector.open_summary(gate.settings, settings())
    before = gate.site.count()
    gate.answer(lambda: refusal(2), when=writes_of(gate.site))
    written = summary.create([report()])
    summary.close()
    assert written.ref.key
    assert gate.site.count() == before + 1
    assert gate.waits == [2]


def test_a_write_that_is_refused_for_long_was_not_lost(gate: Gate) -> None:
    summary = gate.connector.open_summary(gate.settings, settings())
    gate.answer(lambda: refusal(600), when=writes_of(gate.site))
    for _ in range(2):
        with pytest.raises(TemporaryError) as caught:
            summary.create([report()])
        assert not isinstance(caught.value, LostAnswerError)
        assert caught.value.retry_after_s == 600
    summary.close()


def test_a_write_whose_answer_was_lost_is_never_sent_again(gate: Gate) -> None:
    summary = gate.connector.open_summary(gate.settings, settings())
    before = gate.site.count()
    gate.site.lose_answers()
    with pytest.raises(LostAnswerError):
        summary.create([report()])
    gate.site.heal()
    summary.close()
    assert gate.site.count() == before + 1
    assert gate.site.writes() == 1
    assert gate.waits == []


def test_a_gateway_that_asks_for_patience_may_have_passed_a_write_on(gate: Gate) -> None:
    summary = gate.connector.open_summary(gate.settings, settings())
    busy = Response("{}", 503, headers={"Retry-After": "5"}, content_type="application/json")
    gate.answer(lambda: busy, when=writes_of(gate.site))
    with pytest.raises(LostAnswerError):
        summary.create([report()])
    summary.close()
    assert gate.site.writes() == 1


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "5"}])
def test_a_gateways_429_to_a_create_makes_no_second_issue(headers: dict[str, str], gate: Gate) -> None:
    summary = gate.connector.open_summary(gate.settings, settings())
    page = Response("<html>Too many requests</html>", 429, headers=headers, content_type="text/html")
    gate.answer(lambda: page, when=writes_of(gate.site))
    with pytest.raises(LostAnswerError):
        summary.create([report()])
    summary.close()
    assert gate.site.writes() == 1


def test_f12_linears_refusal_is_http_400_and_a_change_refused_so_is_sent_again() -> None:
    with linear_site.running() as site:
        gate = Gate(site, site.settings(site.world.token), linear.connector)
        summary = gate.connector.open_summary(gate.settings, settings())
        gate.answer(lambda: linears_own(20), when=writes_of(site))
        assert summary.create([report()]).ref.key
        summary.close()
        assert gate.waits == [20]


def test_a_burst_at_one_endpoint_leaves_the_others_alone() -> None:
    with jira_site.running() as site:
        site.add("A")
        gate = Gate(site, site.settings(), jira.connector)
        source = gate.connector.open_source(gate.settings)
        source.identify()
        headers = {"RateLimit-Reason": "jira-burst-based", "Retry-After": "600"}
        gate.answer(lambda: Response("{}", 429, headers=headers), when=lambda seen: seen.path.endswith("/myself"))
        with pytest.raises(TemporaryError):
            source.identify()
        assert source.launch("HOME-1").key == "HOME-1"
        source.close()


def test_each_request_is_counted_by_what_came_of_it(gate: Gate) -> None:
    gate.answer(lambda: refusal(1))
    source = gate.connector.open_source(gate.settings)
    source.identify()
    source.close()
    counts = gate.pace.counts()
    assert sum(counts.values()) == gate.sent()
    assert sum(count for (_, outcome), count in counts.items() if outcome == "429") == 1
