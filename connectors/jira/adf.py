"""The report in the Atlassian Document Format, for Jira Cloud.

Called by the writer of the summary. Text stands in text nodes, which have no markup, so nothing needs escaping. No
card or media node is ever made, and a mention in comments only. Source: the ADF JSON schema, version 1.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from connectors.body import fit, units
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
    from collections.abc import Sequence

    from mapping.document import Report

Node = dict[str, Any]

_PANELS = {
    Tone.GOOD: "success",
    Tone.BAD: "error",
    Tone.WARN: "warning",
    Tone.UNKNOWN: "note",
    Tone.NEUTRAL: "info",
}
_COLOURS = {
    Tone.GOOD: "green",
    Tone.BAD: "red",
    Tone.WARN: "yellow",
    Tone.UNKNOWN: "purple",
    Tone.NEUTRAL: "neutral",
}


def render(report: Report) -> Node:
    """The report as an ADF document, ending with the heading of the notes."""
    return _document([_block(block) for block in report.blocks])


def size(rendered: Node) -> int:
    """What the document costs: the characters of its compact JSON."""
    return units(json.dumps(rendered, ensure_ascii=False, separators=(",", ":")))


def split_notes(body: object) -> tuple[Node, list[Any]] | None:
    """Our part, its last heading included, and the manager's nodes below it, for any value whatever.

    None when the heading is missing or stands there twice: then nothing may be overwritten. An empty body has
    nothing to lose and splits into two empty parts.
    """
    content = _content(body)
    if content is None:
        return None
    if not content:
        return _document([]), []
    places = [place for place, node in enumerate(content) if _is_notes_heading(node)]
    if len(places) != 1:
        return None
    return _document(content[: places[0] + 1]), content[places[0] + 1 :]


def fitted(reports: Sequence[Report], notes: Sequence[Any] = ()) -> tuple[Node, int]:
    """The whole body, notes carried over, from the first report that the budget holds; and that report's place."""
    rendered, place = fit(reports, size(_document(list(notes))), render, size)
    return _document([*rendered["content"], *notes]), place


def spoken(lines: Sequence[Line]) -> Node:
    """A comment, a paragraph a line, in which mentions are alive."""
    return _document([_paragraph(line, alive=True) for line in lines])


def _content(body: object) -> list[Any] | None:
    if body is None:
        return []
    content = body.get("content") if isinstance(body, dict) else None
    return content if isinstance(content, list) else None


def _is_notes_heading(node: object) -> bool:
    if not isinstance(node, dict) or node.get("type") != "heading":
        return False
    parts = node.get("content")
    if not isinstance(parts, list):
        return False
    words = [part.get("text", "") for part in parts if isinstance(part, dict)]
    return "".join(word for word in words if isinstance(word, str)).strip() == NOTES_HEADING


def _document(content: list[Any]) -> Node:
    return {"version": 1, "type": "doc", "content": content}


def _block(block: Block) -> Node:
    match block:
        case Heading(text):
            return {"type": "heading", "attrs": {"level": 2}, "content": _text(text)}
        case Paragraph(line, small):
            return _paragraph(line, small=small)
        case Bullets(lines):
            return {"type": "bulletList", "content": [_item(line) for line in lines]}
        case Table():
            return _table(block)
        case Panel(tone, lines):
            return {
                "type": "panel",
                "attrs": {"panelType": _PANELS[tone]},
                "content": [_paragraph(line) for line in lines] or [_paragraph(())],
            }
        case Expand(title, blocks):
            return {
                "type": "expand",
                "attrs": {"title": title},
                "content": [_block(inner) for inner in blocks] or [_paragraph(())],
            }


def _item(line: Line) -> Node:
    return {"type": "listItem", "content": [_paragraph(line)]}


def _table(table: Table) -> Node:
    header = [_cell("tableHeader", (Text(word),)) for word in table.header]
    rows = [[_cell("tableCell", cell) for cell in row] for row in table.rows]
    return {"type": "table", "content": [{"type": "tableRow", "content": row} for row in [header, *rows]]}


def _cell(kind: str, line: Line) -> Node:
    return {"type": kind, "content": [_paragraph(line)]}


def _paragraph(line: Line, *, small: bool = False, alive: bool = False) -> Node:
    content = [node for span in line for node in (_mention(span) if alive else []) or _span(span, small=small)]
    return {"type": "paragraph", "content": content} if content else {"type": "paragraph"}


def _mention(span: Span) -> list[Node]:
    if not isinstance(span, Mention) or not span.account:
        return []
    return [{"type": "mention", "attrs": {"id": span.account, "text": f"@{span.name}"}}]


def _span(span: Span, *, small: bool) -> list[Node]:
    match span:
        case Mention(name):
            return _text(name)
        case Lozenge(text, tone):
            return [{"type": "status", "attrs": {"text": text, "color": _COLOURS[tone]}}] if text else []
        case Link(text, url):
            target = address(url)
            return _text(text, {"type": "link", "attrs": {"href": target}}) if target else _text(text)
        case Text(text, strong):
            marks: list[Node] = [{"type": "strong"}] if strong else []
            return _text(text, *marks, *([{"type": "subsup", "attrs": {"type": "sub"}}] if small else []))


def _text(text: str, *marks: Node) -> list[Node]:
    """One text node; none for an empty text, which the schema refuses."""
    if not text:
        return []
    node: Node = {"type": "text", "text": text}
    return [{**node, "marks": list(marks)}] if marks else [node]
