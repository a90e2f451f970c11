"""All that a pass can have an effect with. Made by the composition root; replaced as a whole in tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from connectors.base import Source, Summary, SummarySettings
from connectors.pace import Pace
from syncd.store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """``settles_s``: tracker name → how long its index may lag behind. ``paces``: each tracker's rate gate."""

    store: Store
    open_source: Callable[[str], Source]
    open_summary: Callable[[str, SummarySettings], Summary]
    settles_s: Callable[[str], float]
    now: Callable[[], datetime]
    wait: Callable[[float], None]
    paces: Mapping[str, Pace] = field(default_factory=dict)
