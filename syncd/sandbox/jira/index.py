"""Which issues may match a condition, so that a big site need not be looked through for each query.

Kept by the world, asked by the search. Each shelf may hold too many issues, never too few: whoever asks still tests
each of them. It knows ids and raw issues, nothing of what the account may see.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from syncd.sandbox.jira.values import tokens

if TYPE_CHECKING:
    from datetime import datetime

    from syncd.sandbox.jira.shapes import Json

_HOUR_S = 3600

Idents = dict[str, None]
"""A set of ids that keeps its order."""


class Index:
    """``project``: key → ids; ``version``: lower-case id or name of a fix version → ids; ``parent``: id → ids."""

    def __init__(self) -> None:
        self.project: dict[str, Idents] = defaultdict(dict)
        self.version: dict[str, Idents] = defaultdict(dict)
        self.parent: dict[str, Idents] = defaultdict(dict)
        self._changed: dict[int, Idents] = defaultdict(dict)

    def enter(self, issue: Json, project: str, before: datetime, now: datetime) -> None:
        """Puts an issue of this project where its fields say; ``before`` and ``now``: when it had and has changed."""
        ident = issue["id"]
        self.project[project][ident] = None
        for token in tokens(issue["fields"].get("fixVersions")):
            self.version[token][ident] = None
        parent = issue["fields"].get("parent")
        if isinstance(parent, dict):
            self.parent[str(parent.get("id"))][ident] = None
        self._changed[_hour(before)].pop(ident, None)
        self._changed[_hour(now)][ident] = None

    def leave(self, ident: str, project: str) -> None:
        """Takes an issue out of a project."""
        self.project[project].pop(ident, None)

    def changed_since(self, moment: datetime) -> Idents:
        """What changed at this moment or later."""
        first = _hour(moment)
        hours = sorted(hour for hour in self._changed if hour >= first)
        return {ident: None for hour in hours for ident in self._changed[hour]}


def _hour(moment: datetime) -> int:
    return int(moment.timestamp() // _HOUR_S)
