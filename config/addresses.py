"""Addresses in the file: ``tracker/KEY``, or a bare ``KEY`` where only one tracker is configured.

Used by the checks before and by the resolution after, so that both read them alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from config.release import GateSettings, Selector


def split(address: str, trackers: Collection[str]) -> tuple[str | None, str]:
    """Tracker and key; the tracker is None for a bare key where several trackers are configured."""
    tracker, slash, key = address.rpartition("/")
    return (tracker if slash else only(trackers)), key


def only(trackers: Collection[str]) -> str | None:
    """The tracker that goes without saying."""
    return next(iter(trackers)) if len(trackers) == 1 else None


def tracker_of(entry: str | Selector, trackers: Collection[str]) -> str | None:
    """The tracker that one entry of a gate's items reads."""
    return split(entry, trackers)[0] if isinstance(entry, str) else entry.tracker or only(trackers)


def read_by(gate: GateSettings, trackers: Collection[str]) -> list[str]:
    """The trackers that a gate's items come from, each once, in the file's order."""
    return list(dict.fromkeys(name for entry in gate.items if (name := tracker_of(entry, trackers))))
