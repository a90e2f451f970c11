"""What a release asks of its trackers, as digests: an answer to another question is no ground to go on from.

Used by the pass, to forget what an older configuration read, and by ``status``, to notice that the file changed. Pure.

A question is two words: a digest of which items are asked for, and one of how the answer is taken. Where only the
second is another one, the same items are in scope as before: they are read again, and nothing of what became of them
is forgotten. Nobody clears a doubt by editing what a status means.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from config import questions
from mapping.digest import sha256

if TYPE_CHECKING:
    from config.schema import Config
    from connectors.base import Launch, Query

Place = tuple[str, str, str]
"""(release id, gate id, tracker)."""


def which_of(question: str) -> str:
    """Which items a question asks for, however their answers are taken."""
    return question.partition(" ")[0]


def places(config: Config, release: str, launch: Launch | None) -> dict[Place, str]:
    """Every part that the release reads → what is asked there, in two words."""
    which, tickets = _queries(config, release, launch), questions.sign_off_tickets(config, release)
    how = {(release, gate, it.tracker): asdict(it) for gate, it in tickets.items()}
    return {
        place: f"{_which(config, place, which.get(place, []))} {sha256([_reading(config, place[2]), how.get(place)])}"
        for place in which | how
    }


def digest_of(query: Query) -> str:
    return sha256([type(query).__name__, asdict(query)])


def gates(config: Config, release: str, launch: Launch | None) -> dict[str, str]:
    """Gate id → all that decides whether it is met, in two words."""
    queries, asked = _queries(config, release, launch), places(config, release, launch)
    return {
        name: " ".join(
            (
                sha256(sorted(_which(config, place, it) for place, it in queries.items() if place[1] == name)),
                sha256(
                    [
                        sorted(it for place, it in asked.items() if place[1] == name),
                        gate.model_dump(mode="json", warnings=False, include={"blockers", "expect"}),
                    ]
                ),
            )
        )
        for name, gate in config.releases[release].gates.items()
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


def _queries(config: Config, release: str, launch: Launch | None) -> dict[Place, list[str]]:
    """Every part of which items are asked → the digests of its queries, in whatever order the file has them."""
    found: dict[Place, set[str]] = {}
    for gate, pairs in questions.queries(config, release, launch).items():
        for tracker, query in pairs:
            found.setdefault((release, gate, tracker), set()).add(digest_of(query))
    return {place: sorted(it) for place, it in found.items()}


def _which(config: Config, place: Place, queries: list[str]) -> str:
    tracker = place[2]
    return sha256([config.trackers[tracker].kind, questions.tracker_url(config, tracker), queries])


def _reading(config: Config, tracker: str) -> Any:  # noqa: ANN401 - JSON
    """What decides how a tracker's answers are read: where it is, and what its words mean."""
    settings = config.trackers[tracker]
    words = settings.model_dump(mode="json", warnings=False, include={"kind", "statuses", "resolutions"})
    return [questions.tracker_url(config, tracker), words]
