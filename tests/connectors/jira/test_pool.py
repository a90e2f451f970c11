"""Requests go side by side, each thread with its own session, and nothing is left running."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from werkzeug.wrappers import Response

from connectors.base import Convention, Selector
from connectors.errors import DeniedError, TemporaryError
from connectors.jira import connector
from connectors.jira.pool import Pool
from connectors.pace import Pace
from tests.connectors.jira.site import JiraSite, running

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from werkzeug.wrappers import Request

    from connectors.jira.client import Client
    from mapping.item import Item


@pytest.fixture
def site() -> Iterator[JiraSite]:
    with running() as site:
        yield site


def pool_of(site: JiraSite, most: int) -> Pool:
    return Pool(site.settings(pace=Pace(most=most)))


def ours() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("read eng")]


def test_a_pace_of_one_uses_no_thread(site: JiraSite) -> None:
    pool = pool_of(site, 1)
    seen: list[tuple[int, bool]] = []
    pool.each([3, 1, 2], lambda client, task: (task, client is pool.client and not ours()), seen.append)
    assert seen == [(3, True), (1, True), (2, True)]
    pool.close()


def test_several_are_under_way_at_a_time_and_their_answers_keep_their_order(site: JiraSite) -> None:
    pool = pool_of(site, 4)
    together = threading.Barrier(4, timeout=30)
    clients: list[Client] = []
    told: list[int] = []

    def do(client: Client, task: int) -> int:
        together.wait()
        clients.append(client)
        return task

    pool.each(range(40), do, told.append)
    assert told == list(range(40))
    assert 1 < len(set(map(id, clients))) <= 4
    assert pool.client not in clients
    assert ours() == []
    pool.close()


@pytest.mark.parametrize("at", [0, 7, 99])
def test_the_first_error_ends_it_and_leaves_nothing_running(site: JiraSite, at: int) -> None:
    pool = pool_of(site, 4)
    begun: list[int] = []
    told: list[int] = []

    def do(_: Client, task: int) -> int:
        begun.append(task)
        if task == at:
            raise TemporaryError("eng", "it broke")
        return task

    with pytest.raises(TemporaryError, match="it broke"):
        pool.each(range(100), do, told.append)
    assert told == list(range(at))
    assert len(begun) <= at + 8
    assert ours() == []
    pool.close()


@pytest.mark.parametrize("most", [1, 4])
def test_what_is_asked_beside_is_told_or_raised_when_it_is_called_for(site: JiraSite, most: int) -> None:
    pool = pool_of(site, most)

    def broken(_: Client) -> int:
        raise TemporaryError("eng", "it broke")

    fine, bad = pool.beside(lambda _: 7), pool.beside(broken)
    assert fine() == 7
    with pytest.raises(TemporaryError, match="it broke"):
        bad()
    pool.close()


def test_what_is_asked_beside_is_under_way_meanwhile_and_closing_waits_for_it(site: JiraSite) -> None:
    pool = pool_of(site, 4)
    together = threading.Barrier(2, timeout=30)
    clients: list[Client] = []

    def meet(client: Client) -> None:
        together.wait()
        clients.append(client)

    pool.beside(meet)
    clients.append(pool.client)
    together.wait()
    pool.close()
    assert len(set(map(id, clients))) == 2


@pytest.mark.parametrize("data_center", [False, True])
def test_of_a_tracker_that_does_not_answer_no_more_carriers_are_asked_for(*, data_center: bool) -> None:
    with running(data_center=data_center) as site:
        source = site.source()
        source.identify()
        site.app.before = lambda _: Response("{}", 503, content_type="application/json")
        before = len(site.app.requests)
        conventions = {f"r{n}": Convention(project="", release_id=f"r{n}", release_name=f"R {n}") for n in range(5)}
        told = source.carriers(conventions)()
        assert told.keys() == conventions.keys()
        assert {type(it) for it in told.values()} == {TemporaryError}
        assert len(site.app.requests) == before + 1
        source.close()


def test_what_the_first_session_learnt_of_the_site_no_other_asks_for(site: JiraSite) -> None:
    for number in range(450):
        site.add(f"Ticket {number}")
    together = threading.Barrier(3, timeout=30)
    waiting = threading.Semaphore(3)

    def meet(request: Request) -> None:
        if request.path.endswith("/issue/bulkfetch") and waiting.acquire(blocking=False):
            together.wait()

    site.app.before = meet
    source = connector.open_source(site.settings(pace=Pace(most=8)))
    kept: list[Item] = []
    reading = source.read({"all": Selector(terms={"project": "HOME"})}, kept.extend)
    assert {item.id for item in kept} == reading.members["all"]
    assert len(kept) == 450
    paths = [seen.path.rpartition("/")[2] for seen in site.app.requests]
    assert {path: paths.count(path) for path in paths} == {"serverInfo": 1, "status": 1, "jql": 1, "bulkfetch": 5}
    source.close()


@pytest.mark.parametrize("data_center", [False, True])
def test_another_account_that_answers_in_the_middle_is_no_source(*, data_center: bool) -> None:
    header = "X-AUSERNAME" if data_center else "X-AACCOUNTID"
    with running(data_center=data_center) as site:
        for number in range(650):
            site.add(f"Ticket {number}")

        def somebody(request: Request, response: Response) -> Response | None:
            if b'"summary"' in request.get_data():
                response.headers[header] = "somebody"
            return response

        source = connector.open_source(site.settings(pace=Pace(most=4)))
        source.identify()
        site.app.after = somebody
        kept: list[Sequence[Item]] = []
        with pytest.raises(DeniedError, match="another account"):
            source.read({"all": Selector(terms={"project": "HOME"})}, kept.append)
        assert kept == []
        assert ours() == []
        source.close()


@pytest.mark.parametrize("most", [1, 20])
@pytest.mark.parametrize("data_center", [False, True])
def test_an_answer_that_names_no_account_says_nothing_of_it(*, data_center: bool, most: int) -> None:
    with running(data_center=data_center) as site:
        for number in range(250):
            site.add(f"Ticket {number}")

        def nameless(request: Request, response: Response) -> Response | None:
            if request.path.endswith("/myself"):
                return None
            for header in ("X-AACCOUNTID", "X-AUSERNAME"):
                response.headers.pop(header, None)
            return response

        site.app.after = nameless
        source = connector.open_source(site.settings(pace=Pace(most=most)))
        source.identify()
        assert len(source.read({"all": Selector(terms={"project": "HOME"})}, lambda _: None).members["all"]) == 250
        source.close()


@pytest.mark.parametrize("named", ["robot", "anonymous"])
def test_each_header_is_compared_with_itself_alone(site: JiraSite, named: str) -> None:
    """A gateway may name the account in a second header, on some answers and in its own way."""
    source = site.source()

    def twice(request: Request, response: Response) -> Response | None:
        if request.path.endswith("/jql"):
            return None
        response.headers["X-AUSERNAME"] = named
        return response

    site.app.after = twice
    if named == "anonymous":
        with pytest.raises(DeniedError, match="nobody"):
            source.identify()
    else:
        source.identify()
        assert source.census({"all": Selector(terms={"project": "HOME"})}).failed == {}
    source.close()
