"""A finding: one reason why a row of the state table matches, and what somebody can do about it.

Made by the rows, read by ``judge``, ``asks`` and ``verdict``. Also the small words that all reasons share.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from mapping.wording import deadline, moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mapping.gate import Gate, Release
    from mapping.item import Item

THE_MANAGER = "the release manager"
_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """``reason`` is a phrase without a full stop, in absolute times. ``todo`` is what ``actor`` is asked; "" asks none.

    ``kind`` names the ask among those of its gate, whatever it counts; "" where the gate's state does.
    ``late``: nothing but the time went wrong. ``wide``: a whole source is out of sight, not an item.
    """

    reason: str
    actor: str = ""
    todo: str = ""
    by: datetime | None = None
    kind: str = ""
    key: str = ""
    url: str = ""
    late: bool = False
    wide: bool = False


def keys(items: Sequence[Item]) -> str:
    """Up to five keys: ``DOC-31, DOC-40``. Never a title: an item may be restricted."""
    return named([item.key or item.id for item in items])


def was(items: Sequence[Item]) -> str:
    """What follows their keys: was or were."""
    return "was" if len(items) == 1 else "were"


def named(words: Sequence[str]) -> str:
    more = len(words) - _NAMED
    return ", ".join(words[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def told(at: datetime, release: Release) -> str:
    """A time in a reason: in the release's zone, with the year unless it is the target's. Nothing in it moves."""
    return moment(at, release.zone, release.target)


def told_by(at: datetime, release: Release) -> str:
    """The same for what ends then: a day where it ends with its day."""
    return deadline(at, release.zone, release.target)


def tracker_name(tracker: str, release: Release) -> str:
    """A tracker by what it is, for its name in the file is known to few: "Linear (gtm)"."""
    kind = release.kinds.get(tracker, "")
    return f"{kind} ({tracker})" if kind and kind.casefold() != tracker.casefold() else kind or tracker


def owner_of(gate: Gate) -> str:
    return gate.owners[0].name if gate.owners else ""


def manager_of(release: Release) -> str:
    return release.managers[0].name if release.managers else THE_MANAGER


def contact_of(gate: Gate, release: Release) -> str:
    """Who can restore sight of the gate's trackers."""
    return gate.contact or owner_of(gate) or manager_of(release)


def due_of(gate: Gate, release: Release) -> datetime | None:
    return gate.due or release.target
