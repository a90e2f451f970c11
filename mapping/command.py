"""The commands that people write in comments: one grammar, from lines to values. Pure.

Called where comments are read. Whether somebody may say a thing, and what follows from it, is not decided here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a release calls its things: names and ids in small letters → the id. ``people`` maps whatever somebody may
    be called (name, e-mail, key of the file, account id) to the name that the release knows. ``waivers`` are labels
    ("W1"). A day without a time ends in ``zone``; a date without a year is the next one.
    """

    gates: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    waivers: frozenset[str] = frozenset()
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command as it was said. ``name`` without the slash ("not-ready"); ``said`` is the line, cleaned and cut.

    ``gate`` is an id, None where none was named; ``item`` a key, perhaps behind its tracker ("eng/ENG-5"); ``subject``
    is what is approved or denied: a label of a waiver or the id of a gate; ``handoff`` (upstream, downstream) gate ids;
    ``person`` the name that the release knows, or the word itself where it knows none.
    """

    name: str
    said: str
    gate: str | None = None
    item: str | None = None
    subject: str | None = None
    handoff: tuple[str, str] | None = None
    person: str | None = None
    until: datetime | None = None
    length: timedelta | None = None
    override: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A line that is meant as a command and is none: ``why`` says what is wrong, ``usage`` how it is written."""

    said: str
    why: str
    usage: str
