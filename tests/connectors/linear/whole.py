"""A complete reading with all of its items at hand, as tests want it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.base import Query, Reading, Source
    from mapping.item import Item


def whole(source: Source, queries: Mapping[str, Query]) -> Reading:
    """What ``read`` tells, with the items that it gave to keep. Raises AssertionError when it gave one twice."""
    items: list[Item] = []
    found = source.read(queries, items.extend)
    assert len({item.id for item in items}) == len(items)
    return replace(found, items={item.id: item for item in items})
