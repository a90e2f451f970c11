"""The report in Linear's Markdown: tables, and sections that open between ``+++`` lines.

Called by the writer of the summary. Text is made plain with entities and backslashes. Linear reads some things out of
the text after the Markdown was read (mentions, bare addresses, emoji names): an invisible word joiner breaks them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from connectors.body import fit_text, split_text, units
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
    from collections.abc import Mapping, Sequence

    from mapping.document import Report

JOINER = "\u2060"
"""U+2060, the word joiner: no width, no line break."""

_MARKS = {Tone.GOOD: "🟢", Tone.BAD: "🔴", Tone.WARN: "🟡", Tone.UNKNOWN: "🟣", Tone.NEUTRAL: "⚪"}
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;"}
_LATE = re.compile(r"(?<=@)|(?<=:)(?=//|[\w+-]+:)|(?<=www)(?=\.)|(?<=\w)(?=\.[^\W\d]{2})", re.IGNORECASE)
_ALIVE = re.compile(r"""[&<>|]|[\\`*_{}\[\]()#+!~^=$]|(?<!\w)-|-(?!\w)|(?<=\d)\.(?!\d)|:(?=/)""")
_ENDS = re.compile(r"[.,;:?]?(?:\s|$)")
_NOTES_LINE = re.compile(
    r"^ {0,3}#{1,6}[ \t]+" + re.escape(NOTES_HEADING).replace("'", r"(?:\\?'|&\#39;|&apos;)") + r"[ \t]*#*[ \t]*\r?$",
    re.MULTILINE,
)
_DIGEST_LINE = re.compile(r"^Fingerprint `?([0-9A-Za-z]+)`?[ \t]*\r?$", re.MULTILINE)


def render(report: Report) -> str:
    """The report as Markdown, the fingerprint (its digest) above the heading of the notes, with which it ends."""
    blocks = [_block(block) for block in report.blocks]
    last = len(blocks) - (1 if report.blocks and report.blocks[-1] == Heading(NOTES_HEADING) else 0)
    return "\n\n".join([*blocks[:last], f"Fingerprint `{report.digest}`", *blocks[last:]])


def digest_in(body: object) -> str | None:
    """The digest that our part of a body carries; None when there is none, or more than one."""
    parts = split_notes(body)
    found = _DIGEST_LINE.findall(parts[0]) if parts else []
    return found[0] if len(found) == 1 else None


def size(rendered: str) -> int:
    return units(rendered)


def split_notes(body: object) -> tuple[str, str] | None:
    """Our part and the manager's; see ``connectors.body.split_text``."""
    return split_text(body, _NOTES_LINE)


def fitted(reports: Sequence[Report], notes: str = "") -> tuple[str, int]:
    """The whole body, notes carried over, from the first report that the budget holds; and that report's place."""
    return fit_text(reports, notes, render)


def spoken(lines: Sequence[Line], profiles: Mapping[str, str]) -> str:
    """A comment: a paragraph for each line. Linear makes a mention of the bare address of a profile that stands alone,
    and of no ``@name``. ``profiles``: account id → address; who is not in it stays a name.
    """
    return "\n\n".join(told for line in lines if (told := _spoken(line, profiles)))


def escape(text: str) -> str:
    """The text so that nothing of it is markup to Linear."""
    return _ALIVE.sub(lambda match: _ENTITIES.get(match.group(), f"\\{match.group()}"), _LATE.sub(JOINER, text))


def _block(block: Block) -> str:
    match block:
        case Heading(text):
            return f"## {text}" if text == NOTES_HEADING else f"## {escape(text)}"
        case Paragraph(line):
            return _line(line)
        case Bullets(lines):
            return "\n".join(f"* {_line(line)}" for line in lines)
        case Table(header, rows):
            head = [_row([escape(word) for word in header]), _row(["---"] * len(header))]
            return "\n".join([*head, *(_row([_line(cell) for cell in row]) for row in rows)])
        case Panel(tone, lines):  # Linear has no panels: a quotation, its colour in front
            return "\n>\n".join(f"> {_line(line)}" for line in _coloured(tone, lines))
        case Expand(title, blocks):
            return "\n\n".join([f"+++ {escape(title)}", *(_block(inner) for inner in blocks), "+++"])


def _coloured(tone: Tone, lines: tuple[Line, ...]) -> tuple[Line, ...]:
    if lines and any(isinstance(span, Lozenge) for span in lines[0]):
        return lines
    return ((Text(f"{_MARKS[tone]} "), *(lines[0] if lines else ())), *lines[1:])


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _spoken(line: Line, profiles: Mapping[str, str]) -> str:
    said, mentioned = "", False
    for span in line:
        profile = address(profiles.get(span.account, "")) if isinstance(span, Mention) else None
        part = profile or _span(span)
        if said and ((profile and not said.endswith(" ")) or (mentioned and not _ENDS.match(part))):
            said += " "
        said += part
        mentioned = bool(profile)
    return said.strip()


def _line(line: Line) -> str:
    return "".join(_span(span) for span in line).strip()


def _span(span: Span) -> str:
    match span:
        case Lozenge(text, tone):
            return f"{_MARKS[tone]} **{escape(text.strip())}**" if text.strip() else ""
        case Link(text, url):
            target = address(url)
            return f"[{escape(text)}](<{target}>)" if target and text.strip() else escape(text)
        case Mention(name, _):  # in the report it would tell somebody at each write
            return escape(name)
        case Text(text, strong):
            return f"**{escape(text)}**" if strong and text and text == text.strip() else escape(text)
