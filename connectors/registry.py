"""Which trackers there are: connectors by kind, found through entry points.

Asked by ``config`` for what a kind's selectors may say, and by the composition root for the connector itself. What
the two built-in kinds say about themselves stands here too, so that a configuration can be validated without loading
their client libraries; a contract test keeps both in agreement. A connector from elsewhere is loaded to be asked.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from connectors.base import Connector

GROUP: Final = "syncd.connectors"


class UnknownKindError(LookupError):
    """No connector of this kind is installed; the message says which are, or which was probably meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a configuration needs to know of a kind of tracker. A key in ``alone`` tolerates no other beside it.
    ``healths``: its projects may be said to be on track or not.
    """

    selector_keys: frozenset[str]
    default_url: str | None = None
    alone: frozenset[str] = frozenset()
    healths: bool = True


_BUILT_IN: Final = {
    "jira": Kind(
        selector_keys=frozenset({"jql", "project", "fix_version", "epic", "label", "component", "type"}),
        alone=frozenset({"jql"}),
        healths=False,
    ),
    "linear": Kind(
        selector_keys=frozenset({"team", "project", "milestone", "initiative", "release", "label", "filter"}),
        default_url="https://api.linear.app/graphql",
        alone=frozenset({"filter"}),
    ),
}


def kinds() -> tuple[str, ...]:
    """Every kind that can be opened, in alphabetical order."""
    return tuple(sorted(_BUILT_IN.keys() | {entry.name for entry in entry_points(group=GROUP)}))


def kind(name: str) -> Kind:
    """What selectors of this kind may say; loads no client library for the built-in ones. Raises UnknownKindError."""
    if name in _BUILT_IN:
        return _BUILT_IN[name]
    found = connector(name)
    return Kind(selector_keys=found.selector_keys, default_url=found.default_url)


@cache
def connector(name: str) -> Connector:
    """The connector of this kind; its module, and with it the client library, is loaded now.

    Raises UnknownKindError when there is none, and TypeError when the entry point offers something else.
    """
    from connectors.base import Connector  # noqa: PLC0415 - only needed once something is loaded

    loaded = _entry(name).load()
    if not isinstance(loaded, Connector):
        raise TypeError(f"the entry point {name} of {GROUP} must name a Connector, not a {type(loaded).__name__}")
    return loaded


def _entry(name: str) -> EntryPoint:
    found = [entry for entry in entry_points(group=GROUP) if entry.name == name]
    if found:
        return found[0]
    if name in _BUILT_IN:  # a checkout that was never installed has no entry points
        return EntryPoint(name=name, value=f"connectors.{name}:connector", group=GROUP)
    close = difflib.get_close_matches(name.lower(), kinds(), n=1)
    remedy = f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(kinds())}"
    raise UnknownKindError(f"there is no tracker of kind {name!r}; {remedy}")
