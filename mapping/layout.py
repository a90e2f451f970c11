"""How much a report says, and for whom: the steps in which it shrinks, and what it needs beside the readiness.

Called by the report's modules and by whoever asks for a report.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from mapping.document import Block, Bullets, Heading, Line, Link, Paragraph, Span, Text
from mapping.plain import cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mapping.item import Item
    from mapping.readiness import GateReadiness, Readiness


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """What a report needs beside the readiness.

    ``zone`` is the manager's, ``digest`` the material digest, ``since_day`` the beginning of the last working day,
    ``evidence`` the sha256 (hex) of what the verdict rests on, "" where none was taken.
    """

    zone: tzinfo
    version: str
    digest: str
    since_day: datetime
    evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """How much a report says. ``rows`` of the table of gates, ``items`` of a gate, ``asks`` in Act now, ``moves`` of
    the target, ``past`` of what is over (waivers, decisions), ``bullets`` of any other list; ``name``, ``heading`` (of
    an item) and ``sentence`` are lengths in characters. ``answers`` keeps the collapsed section, ``background`` what
    nobody needs to act.
    """

    rows: int = 60
    items: int = 3
    asks: int = 5
    moves: int = 3
    past: int = 4
    bullets: int = 15
    name: int = 80
    heading: int = 70
    sentence: int = 300
    titles: bool = True
    answers: bool = True
    background: bool = True


_WORDS = re.compile(r"([^\s,;:()]+)")

FULL = Detail()
_FEWER = replace(FULL, items=2, moves=2, past=2, bullets=8, sentence=200)
_UNTITLED = replace(_FEWER, titles=False, rows=30, past=1, bullets=5)
_SHORT = replace(_UNTITLED, answers=False, rows=15, moves=1, past=0, bullets=3, name=50, sentence=160)
_SMALLEST = replace(_SHORT, rows=5, items=0, asks=3, bullets=1, name=30, sentence=100)
_BARE = replace(_SMALLEST, rows=3, asks=2, moves=0, sentence=80, background=False)
STEPS = (FULL, _FEWER, _UNTITLED, _SHORT, _SMALLEST, _BARE)


def joined(*spans: Span) -> Line:
    return spans


def listed(lines: Iterable[Line], separator: str) -> Line:
    """Lines run together, the separator between them."""
    spans: list[Span] = []
    for line in lines:
        spans += [Text(separator), *line] if spans else line
    return tuple(spans)


def linked(sentence: str, links: Mapping[str, str]) -> Line:
    """The sentence with every key of ``links`` (key to address) that stands in it as a link."""
    spans: list[Span] = []
    for word in _WORDS.split(sentence):
        if word in links:
            spans.append(Link(word, links[word]))
        elif spans and isinstance(spans[-1], Text):
            spans[-1] = Text(spans[-1].text + word)
        elif word:
            spans.append(Text(word))
    return tuple(spans)


def links_to_items(readiness: Readiness, detail: Detail) -> dict[str, str]:
    """Key → address of everything that is open; nothing where for want of room no item is shown."""
    return {item.key: item.url for gate in readiness.gates for item in gate.open_items} if detail.items else {}


def shortened(first: Sequence[str], count: int) -> str:
    """The first of so many: "a, b, c and 4 more"."""
    return ", ".join(first) + (f" and {count - len(first)} more" if count > len(first) else "")


def gate_name(gate_id: str, readiness: Readiness, detail: Detail) -> str:
    """The name of a gate; its id when the release has it no more."""
    gate = gate_of(gate_id, readiness)
    return cut(gate.name if gate else gate_id, detail.name)


def gate_of(gate_id: str | None, readiness: Readiness) -> GateReadiness | None:
    return next((gate for gate in readiness.gates if gate.id == gate_id), None)


def is_confidential(gate_ids: Iterable[str | None], readiness: Readiness) -> bool:
    """Whether any of the gates is: then what people say about it is nobody's business."""
    asked = set(gate_ids)
    return any(gate.confidential for gate in readiness.gates if gate.id in asked)


def reason_of(reason: str, gate_ids: Iterable[str | None], readiness: Readiness, detail: Detail) -> str:
    """What somebody said about these gates as ": reason", "" where that is nobody's business."""
    said = "" if is_confidential(gate_ids, readiness) else cut(reason, detail.sentence)
    return f": {said}" if said else ""


def section(title: str, lines: Sequence[Line], left_out: int = 0) -> tuple[Block, ...]:
    """A heading and its list; one without content is no section."""
    if not lines:
        return ()
    rest: tuple[Block, ...] = (Paragraph((Text(f"and {left_out} more."),)),) if left_out > 0 else ()
    return (Heading(title), Bullets(tuple(lines)), *rest)


def item_line(item: Item, gate: GateReadiness, detail: Detail) -> Line:
    """An item as "DOC-31 Write the guide (In Review, Ana)", without its title where that is nobody's business. Its
    assignee is named where it is not the gate's owner.
    """
    hidden = gate.confidential or item.restricted or not detail.titles
    title = "" if hidden else f" {cut(item.title, detail.heading)}"
    assignee = "" if item.assignee == gate.owner else f", {cut(item.assignee or 'nobody', 30)}"
    return Link(cut(item.key, detail.name), item.url), Text(f"{title} ({cut(item.status, 30)}{assignee})")
