"""The values of what syncd says by itself: which page it is about, whom it calls how, and what was said before.

Made and read by ``notices`` and ``end_notices``; reminders are kept by the store.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mapping.document import Line, Mention, Span, Text
from mapping.gate import Person, Release
from mapping.person import person_named
from mapping.plain import cut
from mapping.readiness import Readiness

OURS = "syncd: "
"""How a comment of ours begins, by which it is known again."""
LONGEST_NAME = 80

Comment = tuple[str, tuple[Line, ...]]
"""Its name, which is its own for ever, and a paragraph for each line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """That something was said. ``person`` is whom it asked (``known_as``), "" where it asked nobody; ``gate`` what it
    was about: a gate, a question, "" for the release. ``name`` names the ask, or the end of a waiver. ``open``: the ask
    stands, as far as its release was judged since.
    """

    release: str
    person: str
    gate: str
    name: str
    at: datetime
    open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The accepted page and who reads it: ``release`` as amended, ``tracker`` is the summary's, ``asked`` the memory's.
    ``first``: no page was accepted before.
    """

    readiness: Readiness
    release: Release
    tracker: str
    asked: Mapping[str, datetime]
    first: bool = False

    def called(self, who: str) -> Span:
        """The person of this name, mentioned where the summary's tracker knows an account, else by name."""
        name = cut(who, LONGEST_NAME)
        found = person_named(self.release, who)
        accounts = sorted(found.accounts) if found else []
        account = next((id_ for tracker, id_ in accounts if tracker == self.tracker), "")
        return Mention(name, account) if account else Text(name)


def known_as(person: Person) -> str:
    """One person in all releases."""
    return (person.email or person.name).casefold()


def ended(words: str) -> str:
    """With a full stop, where nothing else ends it."""
    return words if words.endswith((".", "?", "!", "…")) else f"{words}."
