"""Evidence is taken here: what was judged becomes an exhibit in the store, chained to the one before.

Called after each judgement, before that is kept, by whoever holds the right to settle the release: a death in between
leaves one exhibit more, never one less. Costs one look at the newest row when nothing calls for more.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from mapping.exhibit import Exhibit, name_of, text_of
from mapping.occasion import ASKED, marks, reasons
from syncd.store.model import Evidence

if TYPE_CHECKING:
    from mapping.exhibit import Given, Outcome
    from syncd.store.store import Store


def take(store: Store, given: Given, outcome: Outcome, configuration_hash: str, *, asked: bool = False) -> str | None:
    """Keeps ``given`` and what ``judge`` made of it when something calls for that, or in any case when somebody
    ``asked``. The name of the new evidence, None when none was taken. Raises StoreError.
    """
    readiness, remembered, wake_at = outcome
    release = given.configuration.id
    last = store.last_evidence(release)
    now = marks(readiness, given.records)
    why = reasons(last.marks if last else None, now) + ((ASKED,) if asked else ())
    if not why:
        return None
    exhibit = Exhibit(
        given=given,
        readiness=readiness,
        remembered=remembered,
        wake_at=wake_at,
        why=why,
        version=version("syncd"),
        configuration_hash=configuration_hash,
        previous=last.sha if last else "",
    )
    return _kept(store, exhibit, (last.number if last else 0) + 1, now)


def _kept(store: Store, exhibit: Exhibit, number: int, marks: dict[str, str]) -> str:
    text = text_of(exhibit)
    sha = name_of(text)
    row = Evidence(
        release=exhibit.given.configuration.id,
        sha=sha,
        number=number,
        previous=exhibit.previous,
        at=exhibit.given.now,
        why=exhibit.why,
        version=exhibit.version,
        marks=marks,
    )
    store.keep_evidence(row, text)
    return sha
