"""Known mistakes, planted into the product one at a time: the simulation must catch each.

Called by ``simulate``. Each is one that other systems have made (sync.md §3); ``weather`` makes the faults frequent
that would show it.
"""

from __future__ import annotations

import json
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any
from unittest import mock

from gql.transport.exceptions import TransportQueryError

from connectors.errors import LostAnswerError
from connectors.jira import client as jira_client
from connectors.jira import read as jira_read
from connectors.jira import search as jira_search
from connectors.linear import client as linear_client
from connectors.linear import read as linear_read
from syncd import pull, write
from syncd.departures import Departures
from syncd.store.store import Store
from tests.simulation import mishaps, run, town
from tests.simulation.planting import replaced
from tests.simulation.plants_said import PLANTS_SAID
from tests.simulation.town import Town, Tracker
from tests.simulation.trouble import calm, severely, weather

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.simulation.mishaps import Mishaps


@contextmanager
def _patched(*patches: Any) -> Iterator[None]:
    with ExitStack() as stack:
        for each in patches:
            stack.enter_context(each)
        yield


def watermark_at_the_last_change() -> Any:
    """As far as the youngest item that was seen, and no overlap (F1)."""
    save = Store.save

    def wrong(store: Store, taken: Any) -> None:
        contents = list(taken.contents)
        told = [json.loads(it.text).get("updated") for it in contents]
        times = [datetime.fromisoformat(it) for it in told if it]
        mark = min(max(times), taken.watermark) if times and taken.watermark else taken.watermark
        save(store, replace(taken, contents=contents, watermark=mark))

    return _patched(
        calm(hooks=0.0, gap_s=(1, 4), storm=timedelta(minutes=15)),
        mock.patch.object(Town, "lag", _lag_of(250)),
        mock.patch.object(town, "LINEAR", 0.0),
        replaced(Store, "save", wrong),
        mock.patch.object(jira_read, "_OVERLAP_MIN", 0),
        mock.patch.object(linear_read, "OVERLAP", timedelta(0)),
    )


def cursor_before_items() -> Any:
    """The cursor in one transaction, the items in another, and death between them."""
    save, chance = Store.save, Random(1)  # noqa: S311 - when to die

    def wrong(store: Store, taken: Any) -> None:
        if not taken.complete and taken.watermark and chance.random() < 0.3:
            known = {part: store.members(*part, taken.tracker) for part in ((p.release, p.gate) for p in taken.parts)}
            parts = tuple(
                replace(it, members=frozenset(known[it.release, it.gate]), left=frozenset()) for it in taken.parts
            )
            save(store, replace(taken, contents=(), parts=parts))
            raise run.Death
        save(store, taken)

    return _patched(calm(hooks=0.0, dead_s=(900, 1500)), replaced(Store, "save", wrong))


def blind_create() -> Any:
    """Nobody looks for a summary whose creation was not answered."""
    return _patched(severely(fate=True), mock.patch.object(write.Scribe, "_found", return_value=None))


def trust_in_a_lagging_search() -> Any:
    """One search that finds nothing is taken for the truth (F4)."""

    def wrong(scribe: Any, _: Any) -> Any:
        ref = scribe.writer.find()
        if ref is not None:
            scribe.store.created(scribe._mark, ref)  # noqa: SLF001 - as the right one does
        return ref

    lag = mock.patch.object(Town, "lag", _lag_of(50))
    early = mock.patch.object(run.Simulation, "_calm_start", return_value=timedelta(minutes=15))
    return _patched(severely(fate=True), early, lag, replaced(write.Scribe, "_found", wrong))


def _lag_of(seconds: float) -> Callable[..., None]:
    right = Town.lag
    return lambda it, _: right(it, seconds)


def ready_on_an_empty_answer() -> Any:
    """What cannot be found any more is gone (F9)."""

    def wrong(absent: Any, whole: Any, found: Any, deleted: Any, now: Any, besides: int = 0) -> Departures:  # noqa: ARG001 - as the right one
        return Departures(left=frozenset(absent), missed=frozenset())

    return _patched(
        calm(mishaps=0.5),
        mock.patch.object(run, "SPEAK", 0.0),
        mock.patch.object(town, "LINEAR", 0.0),
        mock.patch.object(mishaps, "_JIRA", {"hide": _hide_what_is_open}),
        replaced(pull, "departures", wrong),
    )


def _hide_what_is_open(it: Mishaps, at: Tracker) -> str:
    """Nobody may see any more what is unfinished."""
    work = [row for gate in it.town.gates if gate.tracker == at.name for row in it.town.work_of(gate)]
    at.world.hidden |= {id_ for id_, _, finished in work if not finished}
    it._undo.append(at.world.hidden.clear)  # noqa: SLF001 - the plants are part of the simulation
    return ""


def literal_dates() -> Any:
    """The time of the probe as a date, which Jira reads in the account's own zone (F2)."""

    def wrong(source: Any, since: Any, _: Any, talks: Any = ()) -> dict[str, str]:  # noqa: ARG001 - as the right one
        return jira_search.stamped(source._client, f'updated >= "{since:%Y-%m-%d %H:%M}"')  # noqa: SLF001 - as the right one does

    return _patched(
        calm(hooks=0.0),
        mock.patch.object(town, "ZONES", ("America/New_York",)),
        replaced(jira_read.JiraSource, "changed", wrong),
    )


def upper_bound() -> Any:
    """What changes while it is looked at is left for later, and later begins behind it (F3)."""

    def wrong(source: Any, since: Any, now: Any, talks: Any = ()) -> dict[str, str]:  # noqa: ARG001 - as the right one
        minutes = int((now - since).total_seconds() / 60)
        jql = f"updated >= -{minutes + 1}m AND updated <= -4m"
        return jira_search.stamped(source._client, jql)  # noqa: SLF001 - as the right one does

    return _patched(calm(hooks=0.0), replaced(jira_read.JiraSource, "changed", wrong))


def partial_answers_taken_as_whole() -> Any:
    """GraphQL gives data and errors together, and the errors are passed over."""
    send = linear_client.Client._send  # noqa: SLF001 - the one place where answers come in

    def wrong(client: Any, document: Any, variables: Any, *, writes: bool) -> Any:
        session = client._session  # noqa: SLF001 - the same
        execute = session.execute

        def executed(*args: Any, **words: Any) -> Any:
            try:
                return execute(*args, **words)
            except TransportQueryError as error:
                if error.data:
                    return error.data
                raise

        with mock.patch.object(session, "execute", executed):
            return send(client, document, variables, writes=writes)

    rates, linear = weather(partial=0.3), mock.patch.object(town, "LINEAR", 1.0)
    return _patched(calm(weather=True), rates, linear, replaced(linear_client.Client, "_send", wrong))


def repeated_post() -> Any:
    """A write whose answer was lost is sent again."""
    request = jira_client.Client.request

    def wrong(client: Any, *args: Any, **words: Any) -> Any:
        try:
            return request(client, *args, **words)
        except LostAnswerError:
            return request(client, *args, **words)

    rates = weather(lost_after=0.3)
    early = mock.patch.object(run.Simulation, "_calm_start", return_value=timedelta(0))
    return _patched(severely(weather=True), rates, early, mock.patch.object(jira_client.Client, "request", wrong))


def writes_without_need() -> Any:
    """The summary is written whether it says something new or not (F18)."""
    return _patched(calm(), mock.patch.object(write, "due", return_value="updated"))


PLANTS: dict[str, Callable[[], Any]] = {
    it.__name__: it
    for it in (
        watermark_at_the_last_change,
        cursor_before_items,
        blind_create,
        trust_in_a_lagging_search,
        ready_on_an_empty_answer,
        literal_dates,
        upper_bound,
        partial_answers_taken_as_whole,
        repeated_post,
        writes_without_need,
    )
} | PLANTS_SAID
FIRST = {
    "cursor_before_items": 1,
    "ready_on_an_empty_answer": 3,
    "literal_dates": 5,
    "upper_bound": 6,
    "partial_answers_taken_as_whole": 3,
    "repeated_post": 1,
    "writes_without_need": 1,
    "watermark_at_the_last_change": 191,
    "answer_without_a_noted_try": 2,
    "an_edit_takes_nothing_back": 1,
    "unreadable_comments_taken_for_none": 6,
}
"""The seed to begin with, where it is not 0: it caught the mistake when this was written."""
