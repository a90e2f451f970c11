"""Several queries in one request, as many as Linear's points allow, told apart again when Linear refuses.

Called by the source and what it is made of. A request may cost 10,000 points: an object 1, a field 0.1, what is in a
list times its ``first`` (trackers.md §5.2). Linear refuses a request as a whole, for the sake of one part of it: then
each half is asked for alone, until it is known whose fault it is.
"""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from connectors.errors import MalformedError, TemporaryError, TrackerError
from connectors.linear import parse
from connectors.linear.client import MAX_PAGES, PAGE, SMALLEST_PAGE
from connectors.linear.refusal import TooComplexError
from connectors.linear.select import Filter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from connectors.linear.client import Client

POINTS = 9_500.0
"""What we let a request cost by the published formula; Linear's limit is 10,000."""

MOST = 100
"""The most parts of one document: it must stay readable, for Linear's parser and in its logs."""

_FEWEST = 40
_PAGE_INFO = 1.2
_ROUNDING = 1e-6
"""In issues: tenths are no exact floats, and a page that fits exactly must not lose one."""

Key = tuple[str, int]
"""The name of a query and the number of its part: what is related to a release may take several filters."""

One = TypeVar("One")
Answer = TypeVar("Answer")
Named = TypeVar("Named")


@dataclass(frozen=True, slots=True)
class Shape:
    """A document that asks for one list of issues, and what one issue of it costs, in points."""

    document: str
    price: float


ITEMS = Shape("items", 20.1)
IDS = Shape("ids", 1.2)


@dataclass(slots=True)
class _Part:
    """One filter, and how far it is read."""

    key: Key
    filter: Filter
    after: str | None = None
    seen: set[str] = field(default_factory=set)


class Pages:
    """The pages of several filters, each with its filter's key; iterate once. A filter that Linear refuses is put into
    ``failed``, and its pages until then are worthless. ``most`` is how many issues a filter finds at most, where that
    is known. Raises TemporaryError.
    """

    def __init__(self, client: Client, shape: Shape, filters: Mapping[Key, Filter], most: int = PAGE) -> None:
        self.failed: dict[Key, TrackerError] = {}
        self._client = client
        self._shape = shape
        self._waiting = deque(_Part(key, found) for key, found in filters.items())
        self._most = most
        self._points = POINTS
        self._first = PAGE

    def __iter__(self) -> Iterator[tuple[Key, list[Any]]]:
        while self._waiting:
            count, self._first = fitting(self._shape, len(self._waiting), self._most, self._points)
            parts = [self._waiting.popleft() for _ in range(count)]
            for asked, answer in in_halves(parts, self._ask):
                yield from self._answered(asked, answer)

    def _answered(
        self, asked: Sequence[_Part], answer: Mapping[str, Any] | TrackerError
    ) -> Iterator[tuple[Key, list[Any]]]:
        if isinstance(answer, TrackerError):
            self.failed[asked[0].key] = answer
            return
        for number, part in enumerate(asked):
            try:
                nodes = _turn(self._client, part, answer, f"q{number}" if len(asked) > 1 else "issues")
            except MalformedError as error:
                self.failed[part.key] = error
                continue
            yield part.key, nodes
            if part.after is not None:
                self._waiting.append(part)

    def _ask(self, parts: Sequence[_Part]) -> Mapping[str, Any]:
        """One page of each part. What is too complex is asked for in shorter pages from then on."""
        while True:
            try:
                return self._page(parts)
            except TooComplexError:
                if len(parts) > 1:
                    self._points /= 2
                    raise
                if self._first <= SMALLEST_PAGE:
                    self._points = POINTS  # it is this part's own fault: the others need not suffer
                    raise
                self._points = min(self._points / 2, (self._first // 2) * self._shape.price + _PAGE_INFO)
                _, self._first = fitting(self._shape, 1, self._most, self._points)

    def _page(self, parts: Sequence[_Part]) -> Mapping[str, Any]:
        if len(parts) == 1:
            variables = {"filter": parts[0].filter, "first": self._first, "after": parts[0].after}
            return self._client.ask(self._shape.document, variables)
        filters = {f"filter{number}": part.filter for number, part in enumerate(parts)}
        places = {f"after{number}": part.after for number, part in enumerate(parts)}
        return self._client.ask_several(self._shape.document, {**filters, **places, "first": self._first}, len(parts))


def fitting(shape: Shape, waiting: int, most: int, points: float) -> tuple[int, int]:
    """How many parts the next request takes, with pages that are worth asking for, and the size of such a page."""
    each = _PAGE_INFO + min(most, _FEWEST) * shape.price
    parts = max(1, min(waiting, MOST, int(points / each)))
    affordable = int((points / parts - _PAGE_INFO) / shape.price + _ROUNDING)
    return parts, min(most, PAGE, max(affordable, SMALLEST_PAGE))


def existing(client: Client, asked: Mapping[Named, tuple[str, Filter]]) -> tuple[set[Named], dict[Named, TrackerError]]:
    """Of what is named by these (kind, filter), the keys of what there is; and of those that Linear refuses to tell,
    with its reason. The same is asked once. Raises TemporaryError.
    """
    found, failed = set[Named](), dict[Named, TrackerError]()
    alike: dict[str, list[Named]] = {}
    for key, named in asked.items():
        alike.setdefault(json.dumps(named, sort_keys=True, default=str), []).append(key)
    same = [(asked[keys[0]], keys) for keys in alike.values()]
    for start in range(0, len(same), MOST):
        for some, answer in in_halves(
            same[start : start + MOST], lambda part: _exist(client, [one for one, _ in part])
        ):
            for number, (_, keys) in enumerate(some):
                if isinstance(answer, TrackerError):
                    failed |= dict.fromkeys(keys, answer)
                elif any(not parse.is_trashed(one) for one in client.listed(answer, f"q{number}")):
                    found.update(keys)
    return found, failed


def in_halves(
    asked: Sequence[One], ask: Callable[[Sequence[One]], Answer]
) -> Iterator[tuple[Sequence[One], Answer | TrackerError]]:
    """The answers to all that is asked, together where they can be; an error is that of one alone. Raises
    TemporaryError.
    """
    try:
        answer = ask(asked)
    except TemporaryError:
        raise
    except TrackerError as error:
        if len(asked) <= 1:
            yield asked, error
            return
    else:
        yield asked, answer
        return
    middle = len(asked) // 2
    for half in (asked[:middle], asked[middle:]):
        yield from in_halves(half, ask)


def _turn(client: Client, part: _Part, answer: Mapping[str, Any], name: str) -> list[Any]:
    """The nodes of a part's page; the part goes on to its next one. Raises MalformedError where pages cannot end."""
    nodes, part.after = client.page(answer, (name,))
    if part.after is None:
        return nodes
    if part.after in part.seen or not nodes:
        raise client.malformed("its pages go round in a circle")
    part.seen.add(part.after)
    if len(part.seen) >= MAX_PAGES:
        raise client.malformed(f"a query does not end after {MAX_PAGES} pages", "narrow the selector")
    return nodes


def _exist(client: Client, named: Sequence[tuple[str, Filter]]) -> Mapping[str, Any]:
    variables = {f"q{number}": found for number, (_, found) in enumerate(named)}
    return client.ask_existing(tuple(kind for kind, _ in named), variables)
