"""What a reader may be told of a release now: the last judgement from the store, the lease applied. Asks no tracker.

Used by ``status`` and by the HTTP side, so that both say the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mapping.digest import digest
from mapping.readiness import Readiness
from syncd import asked
from syncd.kept import kept_from
from syncd.status import document, leased

if TYPE_CHECKING:
    from datetime import datetime

    from config.schema import Config
    from syncd.outside import Outside
    from syncd.store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A release as it was judged last. ``outdated``: the configuration is another one than was judged."""

    readiness: Readiness
    digest: str
    outdated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A release as a reader may take it now, and the document that says so."""

    readiness: Readiness
    document: dict[str, Any]


def known(config: Config, release: str, store: Store) -> Known | None:
    """None when the release was never judged, or by another version whose words we cannot read."""
    found = store.judgement(release)
    if found is None or found.readiness is None:
        return None
    outdated = kept_from(found.memory).configuration != asked.whole(config, release)
    return Known(readiness=found.readiness, digest=digest(found.readiness), outdated=outdated)


def told(config: Config, release: str, outside: Outside, now: datetime) -> Told | None:
    """None where ``known`` is."""
    it = known(config, release, outside.store)
    if it is None:
        return None
    said = it.readiness, it.digest, outside.store.summary(release), now
    newest = outside.store.last_evidence(release)
    written = document(*said, outdated=it.outdated, evidence=newest.sha if newest else None)
    return Told(readiness=leased(*said, outdated=it.outdated), document=written)
