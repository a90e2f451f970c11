"""Puts a mistake in the place of what is right, and finds out at once when it does not fit there any more.

Called by the plants; ``simulate`` tells of what does not fit. The product takes much for a fault of a tracker: a wrong
function that nobody can call would pass for bad weather.
"""

from __future__ import annotations

import inspect
from collections import Counter
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any
from unittest import mock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

calls: Counter[str] = Counter()
"""How often each of the wrong ones was called in this process, by its place."""


class UnfitError(BaseException):
    """The wrong one cannot stand where it was put. Nothing in the product catches this."""


@contextmanager
def replaced(owner: Any, name: str, wrong: Callable[..., Any]) -> Iterator[None]:
    """``wrong`` in the place of ``owner``'s function ``name``, with the same parameters in the same order."""
    place = f"{owner.__name__}.{name}"
    right = getattr(owner, name, None)
    if right is None or _shape(right) != _shape(wrong):
        raise UnfitError(f"{place}{inspect.signature(right) if right else ' is gone'}: {inspect.signature(wrong)}")
    calls[place] += 0

    @wraps(wrong)
    def planted(*args: Any, **words: Any) -> Any:
        calls[place] += 1
        try:
            return wrong(*args, **words)
        except (ArithmeticError, AttributeError, LookupError, NameError, TypeError, ValueError) as error:
            raise UnfitError(f"{place}: {type(error).__name__}: {error}") from error

    with mock.patch.object(owner, name, planted):
        yield


def unused() -> list[str]:
    """Where something wrong was put and nobody ever called it."""
    return sorted(place for place, count in calls.items() if not count)


def _shape(function: Callable[..., Any]) -> list[Any]:
    """Its parameters, but for their names and types."""
    return [(it.kind, it.default) for it in inspect.signature(function).parameters.values()]
