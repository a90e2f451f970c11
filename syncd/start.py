"""Start-up reads: what a pass must learn of a release before it can ask for its items.

The launch issue gives what the file leaves out, a project's lead owns a bare gate. What cannot be read now is taken as
it was last kept, and the gates that rest on it are told so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from config import questions
from config.resolve import launch_address
from connectors.errors import TrackerError
from syncd.kept import Kept
from syncd.pull import PartId, Wanted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from config.schema import Config
    from connectors.base import Query
    from mapping.item import Account
    from syncd.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """One release at the beginning of a pass. ``error``: why the launch issue could not be read now."""

    release: str
    kept: Kept
    error: TrackerError | None = None


def start(config: Config, release: str, visits: Mapping[str, Visit], kept: Kept, now: datetime) -> Start:
    tracker, key = launch_address(config, release)
    error = None
    try:
        launch = visits[tracker].ask(lambda source: source.launch(key))
        kept = replace(kept, launch=launch, launch_at=now)
    except TrackerError as refused:
        error = refused
    leads = {**kept.leads, **_leads(config, release, visits)}
    return Start(release=release, kept=replace(kept, leads=leads), error=error)


def _leads(config: Config, release: str, visits: Mapping[str, Visit]) -> dict[str, Account]:
    """Gate id → its project's lead, where the tracker names one. A refusal shows when the gate itself is read."""
    found = {}
    for gate, (tracker, project) in questions.leads_wanted(config, release).items():
        lead = _lead(visits[tracker], project)
        if lead is not None:
            found[gate] = lead
    return found


def _lead(visit: Visit, project: str) -> Account | None:
    try:
        return visit.ask(lambda source: source.lead(project))
    except TrackerError:
        return None


def trackers_of(config: Config, releases: Sequence[str]) -> list[str]:
    """The trackers that these releases read or are launched in; others are left in peace."""
    used = {launch_address(config, release)[0] for release in releases}
    return sorted(used | {tracker for release, _, tracker in parts_of(config) if release in releases})


def parts_of(config: Config) -> set[tuple[str, str, str]]:
    """Every (release, gate, tracker) that the configuration reads: what the store knows beside it is forgotten."""
    parts = set()
    for release in config.releases:
        for gate, pairs in questions.queries(config, release, None).items():
            parts |= {(release, gate, tracker) for tracker, _ in pairs}
        for gate, ticket in questions.sign_off_tickets(config, release).items():
            parts.add((release, gate, ticket.tracker))
    return parts


def wanted(config: Config, starts: Sequence[Start]) -> dict[str, Wanted]:
    """Tracker → what this pass wants of it."""
    found = {
        name: Wanted(tracker=name, kind=settings.kind, queries={}, tickets={}, blind={})
        for name, settings in config.trackers.items()
    }
    for begun in starts:
        for part, tracker, query in _queries(config, begun):
            mine = found[tracker]
            blind = _blind(config, begun, part)
            if blind is None:
                mine.queries[part] = (*mine.queries.get(part, ()), query)
            else:
                mine.blind[part] = blind
        for gate, ticket in questions.sign_off_tickets(config, begun.release).items():
            found[ticket.tracker].tickets[begun.release, gate] = ticket.key
    return {name: it for name, it in found.items() if it.parts}


def _queries(config: Config, begun: Start) -> list[tuple[PartId, str, Query]]:
    by_gate = questions.queries(config, begun.release, begun.kept.launch)
    return [((begun.release, gate), tracker, query) for gate, pairs in by_gate.items() for tracker, query in pairs]


def _blind(config: Config, begun: Start, part: PartId) -> TrackerError | None:
    """Why a gate cannot be asked for: its conventions need the launch issue, and that was never read."""
    if begun.kept.launch is not None or not questions.narrowed(config, *part):
        return None
    return begun.error
