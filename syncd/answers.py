"""The answer to a comment in which something was wrong: polite, once, with the reason and the grammar.

Pure. Called by ``hearing``. No line of it is a command, whoever reads it: each stands within a sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mapping.document import Mention, Text
from mapping.plain import cut
from mapping.reminder import OURS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mapping.document import Line
    from mapping.item import Account

_MOST = 10
_LONGEST = 600


@dataclass(frozen=True, slots=True)
class Complaint:
    """One line of a comment that was not taken: ``said`` there, and ``why``, a phrase or sentences."""

    said: str
    why: str


def answer(author: Account, wrong: Sequence[Complaint], *, others: bool) -> tuple[Line, ...]:
    """``author`` is mentioned where an id is given, else named. ``others``: something else of the comment was taken."""
    name = cut(author.name, 80) or "you"
    who = Mention(name, author.id) if author.id else Text(name)
    told = "this was not taken" if len(wrong) == 1 else f"{len(wrong)} lines were not taken"
    rest = " The other commands were taken." if others else ""
    lines: list[Line] = [(Text(f"{OURS}for "), who, Text(f": {told}.{rest}"))]
    lines += [(Text(f"“{cut(it.said, 120)}”: {cut(it.why, _LONGEST).rstrip('.')}."),) for it in wrong[:_MOST]]
    if len(wrong) > _MOST:
        lines.append((Text(f"And {len(wrong) - _MOST} more."),))
    return tuple(lines)
