"""The report in Jira's wiki markup, for Jira Data Center.

Called by the writer of the summary. Text is made plain with numeric entities, which the renderer keeps as they are and
in which no macro, link or phrase can begin; the backslash is of no use for all of them (it does not cover a colon, a
number sign or a full stop).
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

_COLOURS = {
    Tone.GOOD: "#006644",
    Tone.BAD: "#bf2600",
    Tone.WARN: "#974f0c",
    Tone.UNKNOWN: "#403294",
    Tone.NEUTRAL: "#42526e",
}
_GROUNDS = {
    Tone.GOOD: "#e3fcef",
    Tone.BAD: "#ffebe6",
    Tone.WARN: "#fffae6",
    Tone.UNKNOWN: "#eae6ff",
    Tone.NEUTRAL: "#f4f5f7",
}
_SMALL = "#6b778c"
_ALIVE = re.compile(
    r"""[&<>\\{}\[\]|*_^~+!@#=`$%]       # macros, links, phrases, images, lists, entities of their own
      | (?<![A-Za-z0-9])-|-(?![A-Za-z])  # bullets, strike, dashes, rules, and issue keys that would become links
      | \((?!\d)|\)                      # emoticons and symbols: (y), (c), ;)
      | :(?![\s\d])                      # addresses of any scheme, emoticons
      | ;(?=\S)                          # more emoticons
      | \?(?=\?|\Z)                      # citations
      | (?<=[hH][1-6])\.|(?<=[bB][qQ])\.|(?<=[wW]{3})\.|\A\.  # headings and quotes where a line begins, www
      | [\U00010000-\U0010ffff]          # databases of Data Center refuse some of them
    """,
    re.VERBOSE,
)
_NO_LOGIN = re.compile(r"[\[\]|{}\s]")
"""In a login name these would end the mention."""

_KEY = re.compile(r"[A-Z][A-Z0-9]*-\d+")
_NOTES_LINE = re.compile(rf"^[ \t]*h[1-6]\.[ \t]*{re.escape(NOTES_HEADING)}[ \t]*\r?$", re.MULTILINE)


def render(report: Report) -> str:
    """The report as wiki markup, ending with the heading of the notes."""
    return "\n\n".join(_block(block) for block in report.blocks)


def size(rendered: str) -> int:
    return units(rendered)


def split_notes(body: object) -> tuple[str, str] | None:
    """Our part and the manager's; see ``connectors.body.split_text``."""
    return split_text(body, _NOTES_LINE)


def fitted(reports: Sequence[Report], notes: str = "") -> tuple[str, int]:
    """The whole body, notes carried over, from the first report that the budget holds; and that report's place."""
    return fit_text(reports, notes, render)


def spoken(lines: Sequence[Line], logins: Mapping[str, str]) -> str:
    """A comment, a paragraph a line, in which those are mentioned whose login name is in ``logins``, by account."""
    return "\n\n".join("".join(_mention(span, logins) or _span(span) for span in line) for line in lines)


def escape(text: str) -> str:
    """The text so that nothing of it is markup to Jira."""
    return _ALIVE.sub(lambda match: f"&#{ord(match.group())};", text)


def _block(block: Block) -> str:
    match block:
        case Heading(text):
            return f"h2. {text}" if text == NOTES_HEADING else f"h2. {escape(text)}"
        case Paragraph(line, small):
            return f"{{color:{_SMALL}}}{_line(line)}{{color}}" if small and line else _line(line)
        case Bullets(lines):
            return "\n".join(f"* {_line(line)}" for line in lines)
        case Table(header, rows):
            head = "".join(f"||{escape(word) or ' '}" for word in header) + "||"
            return "\n".join([head, *("".join(f"|{_line(cell) or ' '}" for cell in row) + "|" for row in rows)])
        case Panel(tone, lines):
            body = "\n".join(_line(line) for line in lines)
            return f"{{panel:bgColor={_GROUNDS[tone]}|borderColor={_COLOURS[tone]}}}\n{body}\n{{panel}}"
        case Expand(title, blocks):  # Data Center has no macro for it: a small heading, and it stands open
            return "\n\n".join([f"h5. {escape(title)}", *(_block(inner) for inner in blocks)])


def _line(line: Line) -> str:
    return "".join(_span(span) for span in line)


def _mention(span: Span, logins: Mapping[str, str]) -> str:
    login = logins.get(span.account, "") if isinstance(span, Mention) else ""
    return f"[~{login}]" if login and not _NO_LOGIN.search(login) else ""


def _span(span: Span) -> str:
    match span:
        case Mention(name):
            return escape(name)
        case Lozenge(text, tone):
            return f"{{color:{_COLOURS[tone]}}}*{escape(text.strip())}*{{color}}" if text.strip() else ""
        case Link(text, url):
            target = address(url)
            name = text if _KEY.fullmatch(text) else escape(text)
            return f"[{name}|{target}]" if target and text.strip() else escape(text)
        case Text(text, strong):
            return f"*{escape(text)}*" if strong and text and text == text.strip() else escape(text)
