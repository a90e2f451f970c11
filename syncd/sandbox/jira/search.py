"""Searching: JQL → issues in order, and the token pages of one frozen query.

Called by the routes. An index that lags shows each issue as it was ``lag_s`` ago.
"""

from __future__ import annotations

import base64
import binascii
import itertools
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from syncd.sandbox.jira import dates, values
from syncd.sandbox.jira.jql import JqlError, Query, parse
from syncd.sandbox.jira.match import Matcher, candidates
from syncd.sandbox.jira.shapes import moment_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from syncd.sandbox.jira.jql import Sort
    from syncd.sandbox.jira.shapes import Json
    from syncd.sandbox.jira.world import JiraWorld

_RUNS_KEPT = 500
_SORTS = 7
_UNBOUNDED = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def find(world: JiraWorld, jql: str, lag_s: float = 0, *, bounded: bool = False) -> list[Json]:
    """The issues that match, in the query's order. Raises JqlError; ``bounded`` refuses JQL without a restriction."""
    query = parse(jql)
    if bounded and query.where is None:
        raise JqlError(_UNBOUNDED)
    order = _order(query)
    test = Matcher(world).compile(query.where) if query.where else None
    found = [issue for issue in _shown(world, query, lag_s) if test is None or test(issue)]
    for key, descending in reversed(order):
        found.sort(key=key, reverse=descending)
    return found


def matching(world: JiraWorld, jql: str, issues: Iterable[Json]) -> list[str]:
    """Which of these issues match; for jql/match. Raises JqlError."""
    where = parse(jql).where
    if where is None:
        return [issue["id"] for issue in issues]
    test = Matcher(world).compile(where)
    return [issue["id"] for issue in issues if test(issue)]


def as_indexed(world: JiraWorld, ident: str, lag_s: float) -> Json | None:
    """The issue as the index shows it, None where it does not (yet, or any more, or to this account)."""
    if not lag_s:
        return world.issues[ident] if world.visible(ident) else None
    if ident in world.hidden:
        return None
    limit = world.now() - timedelta(seconds=lag_s)
    seen = (issue for at, issue in reversed(world.shelves[ident].versions) if at <= limit)
    issue = next(seen, None)
    return None if issue is None or world.secluded(issue) else issue


def _shown(world: JiraWorld, query: Query, lag_s: float) -> Iterable[Json]:
    if lag_s:
        return [issue for ident in world.shelves if (issue := as_indexed(world, ident, lag_s))]
    wanted = candidates(world, query.where)
    idents = world.issues if wanted is None else wanted
    return [world.issues[ident] for ident in idents if world.visible(ident)]


def _order(query: Query) -> list[tuple[Callable[[Json], Any], bool]]:
    if len(query.order) > _SORTS:
        raise JqlError(f"The maximum number of fields allowed in ORDER BY is {_SORTS}.")
    if not query.order:
        return [(_by_id, True)]
    return [_sort(one) for one in query.order]


def _sort(sort: Sort) -> tuple[Callable[[Json], Any], bool]:
    name = sort.field.lower()
    if name in {"key", "issuekey"}:
        return _by_key, bool(sort.descending)
    if name in {"id", "issue", "rank"}:
        return _by_id, bool(sort.descending)
    if name in dates.FIELDS:
        wire = dates.FIELDS[name]
        # dates run newest first unless the query says otherwise
        newest = sort.descending is not False
        return (lambda issue: _moment(issue["fields"].get(wire))), newest
    if name == "priority":
        return _by_priority, sort.descending is not False
    if name in values.FIELDS:
        read = values.FIELDS[name].read
        return (lambda issue: sorted(read(issue))), bool(sort.descending)
    if name in values.TEXTS:
        return (lambda issue: values.text_of(issue, values.TEXTS[name]).lower()), bool(sort.descending)
    raise JqlError(f"Not able to sort using field '{sort.field}'.")


def _moment(text: object) -> datetime:
    moment = dates.moment_in(text)
    if moment is None and isinstance(text, str):
        moment = moment_of(f"{text}T00:00:00+0000")
    return moment or _LONG_AGO


def _by_key(issue: Json) -> tuple[str, int]:
    project, _, number = str(issue["key"]).rpartition("-")
    return project, int(number) if number.isdigit() else 0


def _by_id(issue: Json) -> int:
    return int(issue["id"]) if issue["id"].isdigit() else 0


def _by_priority(issue: Json) -> int:
    """Most urgent last, so that descending shows it first."""
    row = issue["fields"].get("priority")
    ident = str(row.get("id", "")) if isinstance(row, dict) else ""
    return -int(ident) if ident.isdigit() else -1000


@dataclass
class _Run:
    question: str
    idents: list[str]


@dataclass
class Tokens:
    """The token sequences that are under way. A token belongs to one question, whose answer was frozen at its first
    page; used with another, or forgotten, it is refused.
    """

    _runs: OrderedDict[str, _Run] = field(default_factory=OrderedDict)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def start(self, question: str, idents: list[str]) -> str:
        """Keeps a frozen answer; returns the name of its run."""
        name = str(next(self._numbers))
        self._runs[name] = _Run(question, idents)
        while len(self._runs) > _RUNS_KEPT:
            self._runs.popitem(last=False)
        return name

    def resume(self, token: str, question: str) -> tuple[str, int]:
        """The run and the place that a token stands for. Raises JqlError where it is not of this question."""
        try:
            name, _, place = base64.urlsafe_b64decode(token.encode()).decode().partition(":")
            run = self._runs[name]
            at = int(place)
        except (KeyError, ValueError, binascii.Error):
            raise JqlError("The provided next page token is invalid or expired.") from None
        if run.question != question:
            raise JqlError("The provided next page token does not belong to this search request.")
        return name, at

    def page(self, name: str, at: int, size: int) -> tuple[list[str], str | None]:
        """One page of ids and the token of the next, None after the last."""
        idents = self._runs[name].idents
        end = at + size
        more = end < len(idents)
        return idents[at:end], base64.urlsafe_b64encode(f"{name}:{end}".encode()).decode() if more else None
