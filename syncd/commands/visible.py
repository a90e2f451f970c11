"""What becomes visible to whom: whoever may read the summary issue sees something of every tracker's items.

Called by ``check`` with what it read of each gate. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mapping.finding import named
from mapping.gate import Gate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from config.schema import Config


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was read of one gate. ``trackers``: those that its items come from. ``restricted``: how many of the items
    may be read by some people only (a security level in Jira, a private team in Linear). ``whole``: all could be read.
    """

    gate: Gate
    trackers: tuple[str, ...] = ()
    restricted: int = 0
    whole: bool = True


def lines(gates: Iterable[Seen], where: str) -> Iterator[str]:
    """A line for each gate with items, worst kept secret last. ``where``: the project or issue of the summary."""
    shown = [each for each in gates if each.trackers]
    if not shown:
        return
    yield f"    whoever can read {where} will see, beside the names of gates and people:"
    for each in sorted(shown, key=lambda each: each.gate.confidential):
        yield f"      {each.gate.name} ({named(list(each.trackers))}): {_seen(each)}"


def _seen(each: Seen) -> str:
    if each.gate.confidential:
        return "key, state and assignee of its items and nothing else, for it is confidential"
    said = "key, title, state and assignee of its items, and what is said about them"
    if each.restricted:
        what = "the 1 that is" if each.restricted == 1 else f"the {each.restricted} that are"
        said += f"; of {what} restricted key, state and assignee only"
    return said + ("" if each.whole else "; not all of them could be read now")


def page(config: Config) -> Iterator[str]:
    """Who else sees it: the readers of the daemon's own address."""
    if config.http:
        whoever = "presents http.token" if config.http.token else "reaches that address, for http.token is not set"
        yield f"The daemon shows the same of all releases at {config.http.bind} to whoever {whoever}."
