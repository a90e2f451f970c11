"""What projects say of themselves in their last update.

Called by ``read``. Of several projects with one name the worst word counts: it is held against what we compute.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.linear import parse, select
from connectors.linear.client import in_pages
from mapping.health import WORDS, Health

if TYPE_CHECKING:
    from collections.abc import Collection

    from connectors.linear.client import Client

_WORDS = {"onTrack": "on_track", "atRisk": "at_risk", "offTrack": "off_track"}


def read(client: Client, projects: Collection[str]) -> dict[str, Health]:
    """By each of these as it was given: an id, or a name in any case. Raises TrackerError."""
    found: dict[str, Health] = {}
    for part in in_pages(sorted(set(projects))):
        raws = list(client.nodes("healths", ("projects",), {"filter": select.named("project", part)}))
        for project in part:
            told = [health(raw, client.name, project) for raw in raws if _is(raw, project)]
            if told:
                found[project] = max(told, key=_badness)
    return found


def health(raw: object, tracker: str, project: str) -> Health:
    """One project of the API. Total: what cannot be read is not said."""
    row = parse.part(raw)
    update = parse.part(row.get("lastUpdate"))
    return Health(
        tracker=tracker,
        project=project,
        word=_WORDS.get(parse.text(row.get("health"))),
        said_at=parse.moment(row.get("healthUpdatedAt")),
        by=parse.name(update.get("user")),
        url=parse.text(update.get("url")) or parse.text(row.get("url")),
    )


def _is(raw: Any, project: str) -> bool:  # noqa: ANN401  # JSON
    return project.casefold() in {parse.identity(raw).casefold(), parse.name(raw).casefold()} - {""}


def _badness(said: Health) -> int:
    return WORDS.index(said.word) if said.word in WORDS else -1
