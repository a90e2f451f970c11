"""Judge one release on what was gathered of it, and keep what came of that. The rules are ``mapping.judge``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from mapping.ended import endings_unkept
from mapping.exhibit import Given
from mapping.readiness import Readiness
from syncd.evidence import take
from syncd.kept import Kept, kept_text

if TYPE_CHECKING:
    from syncd.gathering import Gathered
    from syncd.store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """``kept``, ``given`` and ``wake_at`` are for ``keep``."""

    readiness: Readiness
    kept: Kept
    given: Given
    wake_at: datetime | None


def judged(it: Gathered) -> Judged:
    """Nothing of it is kept yet."""
    readiness, memory, wake_at = it.given.judged()
    return Judged(readiness=readiness, kept=replace(it.kept, memory=memory), given=it.given, wake_at=wake_at)


def keep(it: Judged, store: Store, touches: int) -> None:
    """``touches``: how often the release had been touched before anything of it was looked up. Raises StoreError."""
    store.keep_records(it.given.configuration.id, endings_unkept(it.given.records, it.kept.memory))
    take(store, it.given, (it.readiness, it.kept.memory, it.wake_at), it.kept.configuration)
    memory, readiness = kept_text(it.kept), it.readiness
    store.keep_judgement(readiness.release, memory=memory, readiness=readiness, wake_at=it.wake_at, touches=touches)
