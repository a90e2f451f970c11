"""Comments as a tracker told them: the raw material of commands. Made by the connectors, kept by the store.

Knows nothing of commands, gates or who may say what.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mapping.item import Account

LONGEST = 100_000
"""Characters of one comment that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """One comment on one ticket.

    ``lines`` are what its author wrote there, one for each line that people see, without markup; quotations, code and
    whatever is no text are left out. A mention reads ``@[ACCOUNT ID]``. ``edited_at`` and ``edited_by`` tell of the
    last edit, None where there was none or the tracker does not say. All times are the tracker's, aware, in UTC.
    """

    id: str
    by: Account
    at: datetime
    lines: tuple[str, ...] = ()
    edited_at: datetime | None = None
    edited_by: Account | None = None
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """All comments of one ticket, whole, oldest first. ``issue`` is the ticket's id."""

    issue: str
    comments: tuple[Comment, ...] = ()
