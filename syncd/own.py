"""Which issues are syncd's own, and which are somebody else's: the first are never items, the others never written."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from config import questions
from config.resolve import launch_address
from syncd.pull import Own

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.schema import Config
    from connectors.base import Ref
    from syncd.kept import Kept
    from syncd.store.store import Store


def own_issues(config: Config, known: Mapping[str, Kept], store: Store) -> dict[str, Own]:
    """Tracker → its launch issues and summary issues, of all releases; a summary is also known by its mark's label, for
    the store may have been lost.
    """
    ids: defaultdict[str, set[str]] = defaultdict(set)
    labels: defaultdict[str, set[str]] = defaultdict(set)
    for release, kept in known.items():
        if kept.launch is not None:
            ids[launch_address(config, release)[0]].add(kept.launch.id)
            labels[questions.summary_tracker(config, release)].add(questions.mark(config, release, kept.launch))
        summary = store.summary(release)
        if summary and summary.ref:
            ids[summary.mark.tracker].add(summary.ref.id)
    return {tracker: Own(ids=frozenset(ids[tracker]), labels=frozenset(labels[tracker])) for tracker in config.trackers}


def foreign(config: Config, known: Mapping[str, Kept], store: Store, release: str, tracker: str, ref: Ref) -> str:
    """Whose issue this is when it must never be written as the summary of ``release``; "" when it may be."""
    for other, kept in known.items():
        if kept.launch is not None and (launch_address(config, other)[0], kept.launch.id) == (tracker, ref.id):
            return f"the launch issue of {other}"
        summary = store.summary(other)
        if other != release and summary and summary.ref and (summary.mark.tracker, summary.ref.id) == (tracker, ref.id):
            return f"the summary issue of {other}"
        for gate, ticket in questions.sign_off_tickets(config, other).items():
            if (ticket.tracker, ticket.key) == (tracker, ref.key):
                return f"the sign-off ticket of {gate} in {other}"
    gates = store.gates_of(tracker, ref.id)
    return f"an item of {gates[0][1]} in {gates[0][0]}" if gates else ""
