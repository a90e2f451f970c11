"""What the trackers are asked for one release, and where its summary is written, in the connectors' own values.

Called by the daemon and by ``check``; pure. Like ``config.resolve`` it copes with a launch issue that cannot be read.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.addresses import split, tracker_of
from config.resolve import launch_address, release_name
from connectors import registry
from connectors.base import Convention, Query, Selector, Settings, SummarySettings
from connectors.pace import Pace

if TYPE_CHECKING:
    from config.release import GateSettings
    from config.release import Selector as GateSelector
    from config.schema import Config
    from connectors.base import Launch


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOffTicket:
    """The ticket by which a gate is signed. ``status`` is a name or id, None for whatever the tracker calls done."""

    tracker: str
    key: str
    status: str | None


def settings(config: Config, tracker: str, pace: Pace | None = None) -> Settings:
    """One tracker for its connector, the token resolved. Raises RuntimeError when secrets were not loaded.

    ``pace`` is the tracker's; None for one without a clock, which waits for nothing.
    """
    said = config.trackers[tracker]
    return Settings(
        name=tracker,
        kind=said.kind,
        url=tracker_url(config, tracker),
        token=said.token.value,
        email=said.email,
        statuses={word: progress for progress, words in said.statuses for word in words},
        dropped_resolutions=frozenset(said.resolutions.dropped) if said.resolutions else None,
        pace=pace or Pace(),
    )


def tracker_url(config: Config, tracker: str) -> str:
    said = config.trackers[tracker]
    return said.url or registry.kind(said.kind).default_url or ""


def queries(config: Config, release_id: str, launch: Launch | None) -> dict[str, list[tuple[str, Query]]]:
    """Gate id → (tracker, query) pairs, of which any may match; an empty list for ``items: none``.

    With ``launch`` None a convention is built from what the file says; see ``narrowed``.
    """
    found: dict[str, list[tuple[str, Query]]] = {}
    for name, gate in config.releases[release_id].gates.items():
        if gate:
            found[name] = [_query(config, release_id, launch, entry) for entry in gate.items]
    return found


def _query(config: Config, release_id: str, launch: Launch | None, entry: str | GateSelector) -> tuple[str, Query]:
    if not isinstance(entry, str):
        return tracker_of(entry, config.trackers) or "", Selector(terms=entry.terms)
    tracker, project = split(entry, config.trackers)
    launch_tracker, launch_key = launch_address(config, release_id)
    return tracker or "", Convention(
        project=project,
        release_id=release_id,
        release_name=release_name(config.releases[release_id], release_id, launch),
        launch_key=(launch.key if launch else launch_key) if tracker == launch_tracker else None,
    )


def anywhere(config: Config, release_id: str, tracker: str, launch: Launch) -> Convention:
    """What carries the release in any project of this tracker."""
    return Convention(
        project="",
        release_id=release_id,
        release_name=release_name(config.releases[release_id], release_id, launch),
        launch_key=launch.key if tracker == launch_address(config, release_id)[0] else None,
    )


def narrowed(config: Config, release_id: str, gate: str) -> bool:
    """Whether conventions narrow this gate by a name that only the launch issue tells. Where that issue was never
    read the gate is not seen: what its query misses is unknown.
    """
    release = config.releases[release_id]
    said = release.gates.get(gate)
    return release.name is None and said is not None and bool(_bare(said))


def leads_wanted(config: Config, release_id: str) -> dict[str, tuple[str, str]]:
    """Gate id → (tracker, project) whose lead owns the gate: bare gates to which the file gives no owner."""
    gates = config.releases[release_id].gates.items()
    return {name: _lead(config, gate) for name, gate in gates if gate and not gate.owner and _bare(gate)}


def _bare(gate: GateSettings) -> list[str]:
    return [entry for entry in gate.items if isinstance(entry, str)]


def _lead(config: Config, gate: GateSettings) -> tuple[str, str]:
    tracker, project = split(_bare(gate)[0], config.trackers)
    return tracker or "", project


def projects(config: Config, release_id: str) -> dict[str, tuple[tuple[str, str], ...]]:
    """Gate id → the (tracker, project) pairs that it reads by name and whose people may say how they stand."""
    told = {
        name: dict.fromkeys(
            (tracker, project)
            for tracker, query in pairs
            if isinstance(query, Selector) and registry.kind(config.trackers[tracker].kind).healths
            for project in (query.terms.get("project"),)
            if isinstance(project, str)
        )
        for name, pairs in queries(config, release_id, None).items()
    }
    return {name: tuple(pairs) for name, pairs in told.items() if pairs}


def sign_off_tickets(config: Config, release_id: str) -> dict[str, SignOffTicket]:
    """Gate id → the ticket that signs it, for the gates that have one."""
    found: dict[str, SignOffTicket] = {}
    for name, gate in config.releases[release_id].gates.items():
        if gate and not isinstance(gate.sign_off, bool):
            tracker, key = split(gate.sign_off.item, config.trackers)
            found[name] = SignOffTicket(tracker=tracker or "", key=key, status=gate.sign_off.status)
    return found


def summary_tracker(config: Config, release_id: str) -> str:
    """The tracker that the summary is written to."""
    return config.releases[release_id].summary.tracker or launch_address(config, release_id)[0]


def summary_settings(
    config: Config, release_id: str, launch: Launch | None, generation: int = 0
) -> SummarySettings | None:
    """Where the summary issue lives. None when the launch issue was never read: its id is part of the mark that makes
    the summary unique, so give the launch issue as it was last read where it cannot be read now.
    """
    if launch is None:
        return None
    said = config.releases[release_id].summary
    here = summary_tracker(config, release_id) == launch_address(config, release_id)[0]
    return SummarySettings(
        release=release_id,
        mark=mark(config, release_id, launch),
        project=said.project or said.team or (launch.project if here else ""),
        type=said.type,
        link=said.link,
        issue=said.issue.rpartition("/")[2] if said.issue else None,
        launch_key=launch.key if here else None,
        generation=generation,
    )


def mark(config: Config, release_id: str, launch: Launch) -> str:
    """The release's mark, the same for ever while the launch issue is the same: fit for a Jira label."""
    tracker = launch_address(config, release_id)[0]
    seed = "\n".join((tracker_url(config, tracker), launch.id, release_id))
    return f"syncd-{release_id}-{hashlib.sha256(seed.encode()).hexdigest()[:10]}"
