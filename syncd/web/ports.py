"""What the HTTP side needs of the daemon, as one value. Made by whoever serves it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from config.schema import Config
from connectors.base import Hint
from connectors.pace import Pace
from syncd.meter import Meter
from syncd.outside import Outside


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """``outside`` gives the store and the clock. ``config`` is the one in force now, ``problems`` says why a newer file
    is not. ``hinted`` hears of each webhook, on the HTTP thread, and must return at once. ``paces``: tracker → the pace
    that counts its requests; others after each new configuration.
    """

    outside: Outside
    config: Callable[[], Config]
    hinted: Callable[[str, Hint], object]
    meter: Meter = field(default_factory=Meter)
    paces: Callable[[], Mapping[str, Pace]] = dict
    problems: Callable[[], Sequence[str]] = tuple
