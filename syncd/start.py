"""Start-up reads: what a pass must learn of a release before it can ask for its items.

The launch issue gives what the file leaves out, a project's lead owns a bare gate. What cannot be read now is taken as
it was last kept, and the gates that rest on it are told so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from config import questions
from config.resolve import launch_address
from connectors.errors import PermanentError, TrackerError
from syncd import asked
from syncd.kept import Kept
from syncd.pull import PartId, Pulled, Wanted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from config.schema import Config
    from connectors.base import Query
    from mapping.item import Account
    from syncd.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """One release at the beginning of a pass. ``error``: why the launch issue could not be read now. ``untold``: the
    gates whose project's lead could not be asked for.
    """

    release: str
    kept: Kept
    error: TrackerError | None = None
    untold: frozenset[str] = frozenset()


def start(config: Config, release: str, visits: Mapping[str, Visit], kept: Kept, now: datetime) -> Start:
    tracker, key = launch_address(config, release)
    kept, error = kept.launched_from(f"{tracker}/{key}"), None
    try:
        launch = visits[tracker].ask(lambda source: source.launch(key))
        kept = replace(kept, launch=launch, launch_at=now, name=kept.name or launch.title.strip())
    except TrackerError as refused:
        error = refused
    kept = kept.fitting(asked.gates(config, release, kept.launch), asked.tickets(config, release))
    leads, untold = _leads(config, release, visits, kept)
    return Start(release=release, kept=replace(kept, leads=leads), error=error, untold=untold)


def informed(begun: Start, pulled: Sequence[Pulled]) -> Start:
    """With the identity of the sign-off tickets that were read, which outlives their keys."""
    read = {part[1]: it.item.ref for each in pulled for part, it in each.tickets.items() if part[0] == begun.release}
    return replace(begun, kept=replace(begun.kept, ticket_ids=begun.kept.ticket_ids | read))


def _leads(
    config: Config, release: str, visits: Mapping[str, Visit], kept: Kept
) -> tuple[dict[str, Account], frozenset[str]]:
    """Gate id → its project's lead, where the tracker names one; as kept where the tracker cannot be asked now. And the
    gates of which nothing is known.
    """
    found, untold = {}, set()
    for gate, (tracker, project) in questions.leads_wanted(config, release).items():
        try:
            lead = _lead(visits[tracker], project)
        except TrackerError:
            lead = kept.leads.get(gate)
            untold |= set() if lead else {gate}
        if lead is not None:
            found[gate] = lead
    return found, frozenset(untold)


def _lead(visit: Visit, project: str) -> Account | None:
    return visit.ask(lambda source: source.lead(project))


def trackers_of(config: Config, releases: Sequence[str]) -> list[str]:
    """The trackers that these releases read or are launched in; others are left in peace."""
    used = {launch_address(config, release)[0] for release in releases}
    return sorted(used.union(*({place[2] for place in asked.places(config, it, None)} for it in releases)))


def wanted(config: Config, starts: Sequence[Start], own: Mapping[str, frozenset[str]]) -> dict[str, Wanted]:
    """Tracker → what this pass wants of it. ``own``: tracker → ids of the issues there that are never items."""
    found = {
        name: Wanted(tracker=name, kind=settings.kind, own=own[name]) for name, settings in config.trackers.items()
    }
    for begun in starts:
        for (release, gate, tracker), digest in asked.places(config, begun.release, begun.kept.launch).items():
            found[tracker].asked[release, gate] = digest
            found[tracker].ways[release, gate] = begun.kept.ways.get(f"{gate} {tracker}", frozenset())
        for part, tracker, query in _queries(config, begun):
            blind = _blind(config, begun, part)
            if blind is None:
                found[tracker].queries.setdefault(part, []).append(query)
            else:
                found[tracker].blind[part] = blind
        for gate, ticket in questions.sign_off_tickets(config, begun.release).items():
            found[ticket.tracker].tickets[begun.release, gate] = ticket.key
    return {name: it for name, it in found.items() if it.asked}


def _queries(config: Config, begun: Start) -> list[tuple[PartId, str, Query]]:
    by_gate = questions.queries(config, begun.release, begun.kept.launch)
    return [((begun.release, gate), tracker, query) for gate, pairs in by_gate.items() for tracker, query in pairs]


def _blind(config: Config, begun: Start, part: PartId) -> TrackerError | None:
    """Why a gate cannot be asked for: its conventions take the release's name from the launch issue, and that was never
    read or has another one now, so that what carries the old name would silently be lost.
    """
    if not questions.narrowed(config, *part):
        return None
    launch, name = begun.kept.launch, begun.kept.name
    if launch is None:
        return begun.error
    if launch.title.strip() == name:
        return None
    said = f'the launch issue "{name}" is called "{launch.title.strip()}" now; the work may still carry the old name'
    return PermanentError(launch_address(config, begun.release)[0], said, "write name: in the release, old or new")
