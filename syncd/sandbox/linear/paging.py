"""Connections: which rows a list answers with, in which order, a page at a time.

Called by the resolvers. Long lists are filtered and sorted once for each state of the world, not for each page; a
cursor names the last row's place in the order, so that a page goes on rightly after rows came, went or moved.
"""

from __future__ import annotations

import base64
import json
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import GraphQLInputObjectType, GraphQLSchema

from syncd.sandbox.linear.errors import bad_argument, too_large_page
from syncd.sandbox.linear.filters import FilterError, matcher

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from syncd.sandbox.linear.rows import Row
    from syncd.sandbox.linear.world import LinearWorld

PAGE = 50
PAGE_MAX = 250
KEPT_LISTS = 256


class Order(NamedTuple):
    """By which field rows are sorted (their id decides between equals), and which way."""

    field: str = "createdAt"
    descending: bool = True

    def place(self, row: Row) -> tuple[str, str]:
        return (row[self.field] or "", row["id"])


class Lists:
    """The sorted and filtered lists of a world, kept while it does not change."""

    def __init__(self, schema: GraphQLSchema, world: LinearWorld) -> None:
        self._schema = schema
        self._world = world
        self._kept: OrderedDict[tuple[Any, ...], list[Row]] = OrderedDict()

    def page(self, name: str, rows: Iterable[Row], kind: str | None, args: Mapping[str, Any], now: datetime) -> Row:
        """A page of a long list. ``name`` tells it from other lists, ``kind`` names its filter's input type."""
        order = order_of(args)
        given = json.dumps(args.get("filter"), sort_keys=True)
        # a duration in a filter counts from now, so such a list holds for this moment only
        moment = now if '"P' in given or '"-P' in given else None
        hidden = frozenset(self._world.hidden_teams)
        key = (self._world.version, hidden, name, order, bool(args.get("includeArchived")), given, moment)
        if key not in self._kept:
            self._kept[key] = self.select(rows, kind, args, now)
            while len(self._kept) > KEPT_LISTS:
                self._kept.popitem(last=False)
        return cut(self._kept[key], order, args)

    def short_page(self, found: Iterable[Row], kind: str | None, args: Mapping[str, Any], now: datetime) -> Row:
        """A page of a short list, such as one issue's labels."""
        rows = found if isinstance(found, list) else list(found)
        if not args and len(rows) <= 1 and not any(row["archivedAt"] for row in rows):
            return {"nodes": rows, "order": Order(), "before": False, "after": False}
        return cut(self.select(rows, kind, args, now), order_of(args), args)

    def select(self, rows: Iterable[Row], kind: str | None, args: Mapping[str, Any], now: datetime) -> list[Row]:
        """The rows that the arguments let through, sorted as they say."""
        if not args.get("includeArchived"):
            rows = (row for row in rows if not row["archivedAt"])
        if args.get("filter") and kind:
            rows = filter(self._predicate(kind, args["filter"], now), rows)
        order = order_of(args)
        return sorted(rows, key=order.place, reverse=order.descending)

    def _predicate(self, kind: str, given: Mapping[str, Any], now: datetime) -> Any:  # noqa: ANN401 - a predicate
        input_type = self._schema.type_map[kind]
        if not isinstance(input_type, GraphQLInputObjectType):
            raise TypeError(kind)
        try:
            return matcher(input_type, given, now)
        except FilterError as wrong:
            raise bad_argument(f"filter: {wrong}.") from wrong


def order_of(args: Mapping[str, Any]) -> Order:
    for sort in args.get("sort") or ():
        for field, how in sort.items():
            return Order(field, (how or {}).get("order") != "Ascending")
    return Order(args.get("orderBy") or "createdAt")


def cut(rows: list[Row], order: Order, args: Mapping[str, Any]) -> Row:
    """The page of a sorted list that first, after, last and before ask for."""
    start, stop = 0, len(rows)
    if args.get("after"):
        start = _position(rows, order, args["after"], after=True)
    if args.get("before"):
        stop = _position(rows, order, args["before"], after=False)
    first, last = _count(args, "first"), _count(args, "last")
    if first is None and last is None:
        first = PAGE
    if first is not None:
        stop = min(stop, start + first)
    if last is not None:
        start = max(start, stop - last)
    return {"nodes": rows[start:stop], "order": order, "before": start > 0, "after": stop < len(rows)}


def cursor(order: Order, row: Row) -> str:
    return base64.urlsafe_b64encode("|".join(order.place(row)).encode()).decode()


def _position(rows: list[Row], order: Order, text: str, *, after: bool) -> int:
    """Where the rows after (from, if not ``after``) the cursor's place begin."""
    try:
        moment, row_id = base64.b64decode(text, b"-_", validate=True).decode().split("|")
    except ValueError:
        raise bad_argument("after is not a cursor of this list.") from None
    here = (moment, row_id)
    for index, row in enumerate(rows):
        place = order.place(row)
        if (place < here if order.descending else place > here) or (not after and place == here):
            return index
    return len(rows)


def _count(args: Mapping[str, Any], name: str) -> int | None:
    count: int | None = args.get(name)
    if count is not None and count > PAGE_MAX:
        raise too_large_page(name)
    if count is not None and count < 1:
        raise bad_argument(f"{name} must not be less than 1.")
    return count
