"""Evidence by the name that somebody typed, read back whole. Used by ``explain``, ``history`` and ``diff``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mapping.exhibit import Exhibit
from syncd.commands.output import UnknownNameError
from syncd.replay import exhibit_from
from syncd.store.model import Evidence

if TYPE_CHECKING:
    from syncd.store.store import Store

SHOWN = 8
"""Letters of a name that people are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    evidence: Evidence
    text: str
    exhibit: Exhibit

    @property
    def name(self) -> str:
        return self.evidence.sha[:SHOWN]


def read(store: Store, prefix: str, release: str | None = None) -> Read:
    """Raises UnknownNameError unless exactly one is named so, StoreError when it cannot be trusted or read."""
    found = store.evidence(prefix, release)
    if len(found) != 1:
        what = "several names of evidence begin" if found else "there is no evidence whose name begins"
        raise UnknownNameError(f"{what} with {prefix[:64]!r}; give four letters or more, as `syncd history` shows them")
    text = store.evidence_text(found[0])
    return Read(evidence=found[0], text=text, exhibit=exhibit_from(text))
