"""What a project's own people say of it in its tracker: the word that is held against what we compute.

Made by the connectors (Linear's project updates). Knows nothing of gates, and decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

WORDS = ("on_track", "at_risk", "off_track")
"""From best to worst."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """A project's health as it was last said. ``project`` is as a selector names it; ``word`` is one of ``WORDS``, None
    where nobody has said one, or one that we do not know. ``said_at`` is the tracker's, aware, in UTC; ``by`` the name
    of who said it, "" where it is not told; ``url`` leads to what they wrote, else to the project.
    """

    tracker: str
    project: str
    word: str | None = None
    said_at: datetime | None = None
    by: str = ""
    url: str = ""
