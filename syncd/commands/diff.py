"""``diff``: what moved between two pieces of evidence of one release. Asks no tracker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mapping.wording import moment
from syncd import app
from syncd.commands.named import read
from syncd.commands.output import Exit, UnknownNameError, say
from syncd.moved import moved

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from config.schema import Config
    from syncd.commands.named import Read


def diff(config: Config, before: str, after: str) -> Exit:
    with app.opened(config) as outside:
        one, other = read(outside.store, before), read(outside.store, after)
    if one.evidence.release != other.evidence.release:
        of = f"{one.name} is of {one.evidence.release}, {other.name} of {other.evidence.release}"
        raise UnknownNameError(f"name two pieces of evidence of one release: {of}")
    say(f"{other.exhibit.readiness.name}: from {_told(one)} to {_told(other)}")
    say_sections(moved(one.exhibit, other.exhibit))
    return Exit.DONE


def _told(it: Read) -> str:
    return f"{it.name} ({moment(it.exhibit.given.now, it.exhibit.given.configuration.zone, None)})"


def say_sections(sections: Mapping[str, Sequence[str]]) -> None:
    """Each heading with its sentences; one sentence where there is none."""
    if not sections:
        say("Nothing moved that the verdict rests on.")
    for heading, lines in sections.items():
        say(f"{heading}:")
        for line in lines:
            say(f"  {line}")
