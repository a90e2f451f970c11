"""The chain of a release's evidence as it stands in the store, and what is wrong with it.

Each text is read and must hash to its name; it names the one before, which must be there. What is wrong is told, never
passed over. That the newest ones are missing cannot be told from the chain: the summary issue names the newest.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from syncd.store.errors import StoreError
from syncd.store.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncd.store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One piece of evidence. ``verdict`` (its id), ``shown`` and ``decided`` ("GO by Maya Ortiz", where a decision was
    taken then) are "" where there is a ``problem``.
    """

    evidence: Evidence
    verdict: str = ""
    shown: str = ""
    decided: str = ""
    problem: str = ""


def links(store: Store, release: str) -> list[Link]:
    """Oldest first. Raises StoreError when the database cannot be read at all."""
    return [_link(store, row) for row in store.evidences(release)]


def faults(found: Sequence[Link]) -> list[str]:
    """What breaks the chain, a sentence each; none when it is whole."""
    said, before = [], ""
    for it in found:
        if it.problem:
            said.append(it.problem)
        if it.evidence.previous != before:
            said.append(_gap(it.evidence, before))
        before = it.evidence.sha
    return said


def _gap(row: Evidence, before: str) -> str:
    missing = f"the evidence {row.previous[:8]} is missing" if row.previous else "it says that it is the first"
    return f"before the evidence {row.sha[:8]}, {missing}; {before[:8] if before else 'nothing'} stands there"


def _link(store: Store, row: Evidence) -> Link:
    try:
        told = json.loads(store.evidence_text(row))
    except StoreError as error:
        return Link(evidence=row, problem=str(error))
    if _row(told) != (row.previous, row.why, row.version, row.at.isoformat()):
        return Link(evidence=row, problem=f"what stands beside the evidence {row.sha[:8]} is not what its text says")
    readiness = told["readiness"]
    return Link(evidence=row, verdict=readiness["verdict"], shown=readiness["shown"], decided=_decided(told, row))


def _row(told: dict[str, Any]) -> tuple[Any, ...]:
    return told.get("previous"), tuple(told.get("why", ())), told.get("version"), told.get("now")


def _decided(told: dict[str, Any], row: Evidence) -> str:
    if "decision" not in row.why:
        return ""
    decisions = [record for record in told.get("records", ()) if record.get("kind") == "Decision"]
    last = max(decisions, key=lambda record: str(record.get("at")), default=None)
    return f"{_word(last)} by {last['by']}" if last else ""


def _word(decision: dict[str, Any]) -> str:
    if not decision["go"]:
        return "NO-GO"
    return "GO BY OVERRIDE" if decision.get("override") else "GO"
