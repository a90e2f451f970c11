"""What people wrote in the Atlassian Document Format, line by line, for Jira Cloud.

Called by ``talk``. Pure and total: whatever the value, nothing here raises. It makes no sense of the words.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connectors.jira.parse import mapping, sequence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_LEFT_OUT = frozenset({"blockquote", "codeBlock", "media", "mediaGroup", "mediaInline", "rule"})
_INLINE_HOLDERS = frozenset({"paragraph", "heading", "taskItem", "decisionItem", "caption"})
_TITLED = frozenset({"expand", "nestedExpand"})
_CARDS = frozenset({"blockCard", "embedCard"})
_DEEPEST = 100
"""No editor nests that deep: what stands below it is no comment of a person."""


def lines(body: object) -> tuple[str, ...]:
    """A line for each paragraph, heading, list item and cell, cut at hard breaks; empty ones left out. Quotations,
    blocks of code, pictures and rules are left out too. Code within a line keeps its back quotes and what was struck
    out its tildes: neither was said, and without them the rest would say something else.
    """
    found = (line.strip() for text in _blocks(body, _DEEPEST) for line in text.splitlines())
    return tuple(line for line in found if line)


def _blocks(node: object, depth: int) -> Iterator[str]:
    told = mapping(node)
    kind = _kind(told)
    if kind in _LEFT_OUT or not depth:
        return
    if kind in _INLINE_HOLDERS:
        yield "".join(map(_inline, sequence(told.get("content"))))
        return
    if kind in _TITLED:
        yield _attribute(told, "title")
    if kind in _CARDS:
        yield _attribute(told, "url")
    loose: list[object] = []  # inline nodes where only blocks may stand
    for child in sequence(told.get("content")):
        if _kind(mapping(child)) in _INLINE:
            loose.append(child)
            continue
        yield "".join(map(_inline, loose))
        loose.clear()
        yield from _blocks(child, depth - 1)
    yield "".join(map(_inline, loose))


def _inline(node: object) -> str:
    told = mapping(node)
    read = _INLINE.get(_kind(told))
    return read(told) if read else ""


def _text(node: Mapping[str, object]) -> str:
    words = node.get("text")
    if not isinstance(words, str):
        return ""
    marks = {_kind(mapping(mark)) for mark in sequence(node.get("marks"))}
    if "code" in marks:
        return f"`{words}`"
    return f"~~{words}~~" if "strike" in marks else words


def _mention(node: Mapping[str, object]) -> str:
    account = _attribute(node, "id")
    return f"@[{account}]" if account else _attribute(node, "text")


def _emoji(node: Mapping[str, object]) -> str:
    return _attribute(node, "text") or _attribute(node, "shortName")


def _date(node: Mapping[str, object]) -> str:
    """Midnight in UTC, in milliseconds."""
    try:
        return datetime.fromtimestamp(int(_attribute(node, "timestamp")) / 1000, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return ""


_INLINE: dict[str, Callable[[Mapping[str, object]], str]] = {
    "text": _text,
    "hardBreak": lambda _: "\n",
    "mention": _mention,
    "emoji": _emoji,
    "date": _date,
    "status": lambda node: _attribute(node, "text"),
    "inlineCard": lambda node: _attribute(node, "url"),
}


def _kind(node: Mapping[str, object]) -> str:
    kind = node.get("type")
    return kind if isinstance(kind, str) else ""


def _attribute(node: Mapping[str, object], name: str) -> str:
    value = mapping(node.get("attrs")).get(name)
    return value if isinstance(value, str) else ""
