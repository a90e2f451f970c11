"""What a release asks of its trackers, as digests: an answer to another question is no ground to go on from.

Used by the pass, to forget what an older configuration read, and by ``status``, to notice that the file changed. Pure.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from config import questions
from mapping.evidence import sha256

if TYPE_CHECKING:
    from config.schema import Config
    from connectors.base import Launch, Query

Place = tuple[str, str, str]
"""(release id, gate id, tracker)."""


def places(config: Config, release: str, launch: Launch | None) -> dict[Place, str]:
    """Every part that the release reads → the digest of what is asked there."""
    asked: dict[Place, list[Any]] = {}
    for gate, pairs in questions.queries(config, release, launch).items():
        for tracker, query in pairs:
            asked.setdefault((release, gate, tracker), []).append(asdict(query))
    for gate, ticket in questions.sign_off_tickets(config, release).items():
        asked.setdefault((release, gate, ticket.tracker), []).append(asdict(ticket))
    return {place: sha256([_reading(config, place[2]), *map(sha256, it)]) for place, it in asked.items()}


def digest_of(query: Query) -> str:
    return sha256([type(query).__name__, asdict(query)])


def gates(config: Config, release: str, launch: Launch | None) -> dict[str, str]:
    """Gate id → the digest of all that decides whether it is met."""
    by_gate: dict[str, list[str]] = {}
    for place, digest in places(config, release, launch).items():
        by_gate.setdefault(place[1], []).append(digest)
    settings = config.releases[release].gates
    return {
        name: sha256(
            [
                sorted(by_gate.get(name, [])),
                gate.model_dump(mode="json", warnings=False, include={"blockers", "expect"}),
            ]
        )
        for name, gate in settings.items()
        if gate
    }


def tickets(config: Config, release: str) -> dict[str, str]:
    """Gate id → its sign-off ticket and the status that signs, in one text."""
    return {
        gate: f"{it.tracker}/{it.key} {it.status or ''}"
        for gate, it in questions.sign_off_tickets(config, release).items()
    }


def whole(config: Config, release: str) -> str:
    """The digest of everything in the file that a judgement of this release rests on."""
    said = config.model_dump(mode="json", warnings=False, include={"people", "holidays"})
    trackers = {name: _reading(config, name) for name in config.trackers}
    return sha256(
        [said, trackers, config.releases[release].model_dump(mode="json", warnings=False, exclude={"summary"})]
    )


def _reading(config: Config, tracker: str) -> Any:  # noqa: ANN401 - JSON
    """What decides how a tracker's answers are read: where it is, and what its words mean."""
    settings = config.trackers[tracker]
    words = settings.model_dump(mode="json", warnings=False, include={"kind", "statuses", "resolutions"})
    return [questions.tracker_url(config, tracker), words]
