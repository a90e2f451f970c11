"""Which issue is our summary in Linear: the one with the id that we made, or one that carries our attachment; and by
which address a person is mentioned there.

Called by ``write``. An issue that existed before it became the summary has an id of its own, so that the machine copy
marks it. It decides nothing about writing and sends reading requests only.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING
from uuid import UUID

from connectors.base import LATER
from connectors.linear import parse
from connectors.linear.client import PAGE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from connectors.base import SummarySettings
    from connectors.linear.client import Client

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def client_id(seed: str) -> str:
    """A valid UUIDv4 that is the same for the same seed, for ever."""
    return str(UUID(bytes=hashlib.sha256(seed.encode()).digest()[:16], version=4))


def seed(summary: SummarySettings, generation: int) -> str:
    return f"{summary.mark}:{generation}"


def ids(summary: SummarySettings) -> list[str]:
    """The id of each generation's own issue, from the settings' one on; each is the mark of its generation, too."""
    return [client_id(seed(summary, summary.generation + later)) for later in range(LATER)]


def anchor(mark: str) -> str:
    """How the address of the machine copy ends, by which the issue that carries it is known."""
    return f"#syncd-{mark}"


def find(client: Client, marks: Sequence[str]) -> tuple[str, str] | None:
    """(id, mark) of the issue with the last of these marks that any issue has. One that Linear made under our id goes
    before one that only carries the attachment: a person may have copied that.
    """
    carries = [{"attachments": {"some": {"url": {"endsWith": anchor(mark)}}}} for mark in marks]
    answer = client.ask("ours", {"filter": {"or": [{"id": {"in": list(marks)}}, *carries]}})
    rows = client.listed(answer, "issues")
    for mark in reversed(marks):
        known = [parse.text(raw.get("id")) for raw in rows if mark in (raw.get("id"), *_marks(raw, marks))]
        if known:
            return (mark if mark in known else min(known)), mark
    return None


def profiles(client: Client, accounts: Iterable[str]) -> dict[str, str]:
    """Account id → the address of the profile, of those who are active and can be found. What is no id of Linear's is
    not asked for: it would refuse the whole question.
    """
    ids = sorted({account for account in accounts if _ID.fullmatch(account)})[:PAGE]
    users = client.listed(client.ask("profiles", {"ids": ids}), "users") if ids else []
    return {parse.identity(user): parse.text(user.get("url")) for user in users if user.get("active") is True}


def _marks(raw: Mapping[str, object], marks: Sequence[str]) -> list[str]:
    addresses = [parse.text(copy.get("url")) for copy in parse.nodes(raw.get("attachments"))]
    return [mark for mark in marks if any(address.endswith(anchor(mark)) for address in addresses)]
