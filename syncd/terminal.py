"""The report in a terminal: the same document, its texts as texts.

Called by the commands that print a summary. Builds ``Text`` objects only, so that no title can colour or link
anything; links are of the console's own kind (OSC 8) and appear on terminals only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.panel import Panel as Frame
from rich.style import Style
from rich.table import Table as Grid
from rich.text import Text as Words

from mapping.document import (
    NOTES_HEADING,
    Block,
    Bullets,
    Expand,
    Heading,
    Line,
    Link,
    Lozenge,
    Mention,
    Panel,
    Paragraph,
    Span,
    Table,
    Text,
    Tone,
)
from mapping.plain import address

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, RenderableType

    from mapping.document import Report

INKS = {
    Tone.GOOD: "bold green",
    Tone.BAD: "bold red",
    Tone.WARN: "bold yellow",
    Tone.UNKNOWN: "bold magenta",
    Tone.NEUTRAL: "bold",
}
_NARROW = 5
"""A column of a table with little to say takes a fifth of the width at the most."""

_EDGES = {Tone.GOOD: "green", Tone.BAD: "red", Tone.WARN: "yellow", Tone.UNKNOWN: "magenta", Tone.NEUTRAL: "white"}


def render(report: Report, console: Console) -> None:
    """Prints the report. The heading of the notes is left out: there are none in a terminal."""
    console.print(Words(report.title, style="bold"))
    for block in report.blocks:
        if block != Heading(NOTES_HEADING):
            for part in _block(block, console.width, live=console.is_terminal):
                console.print(part)


def _block(block: Block, width: int, *, live: bool) -> Iterator[RenderableType]:
    match block:
        case Heading(text):
            yield Words(f"\n{text}", style="bold underline")
        case Paragraph(line, small):
            yield _line(line, "dim" if small else "", live=live)
        case Bullets(lines):
            yield from (_bullet(line, live=live) for line in lines)
        case Table():
            yield _grid(block, width // _NARROW, live=live)
        case Panel(tone, lines):
            words = Words("\n").join([_line(line, live=live) for line in lines])
            yield Frame(words, border_style=_EDGES[tone], box=box.ROUNDED)
        case Expand(title, blocks):
            yield Words(f"\n{title}", style="bold dim")
            for inner in blocks:
                yield from _block(inner, width, live=live)


def _bullet(line: Line, *, live: bool) -> Grid:
    grid = Grid.grid(padding=(0, 1, 0, 0))
    grid.add_row(Words("•"), _line(line, live=live))
    return grid


def _grid(table: Table, narrow: int, *, live: bool) -> Grid:
    """The column that has most to say takes the room that the others, ``narrow`` cells at the most, leave."""
    talkative = max(range(len(table.header)), key=lambda place: sum(len(_text(row[place])) for row in table.rows))
    grid = Grid(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for place, word in enumerate(table.header):
        grid.add_column(Words(word), overflow="fold", max_width=None if place == talkative else narrow)
    for row in table.rows:
        grid.add_row(*(_line(cell, live=live) for cell in row))
    return grid


def _text(line: Line) -> str:
    return _line(line, live=False).plain


def _line(line: Line, style: str = "", *, live: bool) -> Words:
    words = Words(style=style, overflow="fold")
    for span in line:
        words.append_text(_span(span, live=live))
    return words


def _span(span: Span, *, live: bool) -> Words:
    match span:
        case Lozenge(text, tone):
            return Words(text, style=INKS[tone])
        case Link(text, url):
            target = address(url) if live else None
            return Words(text, style=Style(link=target, underline=True) if target else "")
        case Mention(name):
            return Words(name)
        case Text(text, strong):
            return Words(text, style="bold" if strong else "")
