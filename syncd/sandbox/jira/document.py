"""The Atlassian Document Format, as far as Jira itself looks at it: the shape of nodes, and the plain text in them.

Called by the routes that take a description or a comment, and by the search for words. Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from syncd.sandbox.jira.shapes import Json

LIMIT = 32_767
_BLOCKS = {"paragraph", "heading", "listItem", "tableRow", "codeBlock", "panel", "rule", "blockquote"}


def fault(node: Any, *, root: bool = True) -> bool:  # noqa: ANN401 - what a client sent
    """Whether this is no ADF document: a node without a type, a text without text, a list that is none."""
    if not isinstance(node, dict) or not isinstance(node.get("type"), str):
        return True
    if root and (node["type"] != "doc" or node.get("version") != 1 or "content" not in node):
        return True
    if node["type"] == "text":
        return not isinstance(node.get("text"), str) or not node["text"]
    content = node.get("content", [])
    return not isinstance(content, list) or any(fault(child, root=False) for child in content)


def text(value: Any) -> str:  # noqa: ANN401 - ADF, wiki text or nothing
    """The plain text of a document, one line a block."""
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        return ""
    if value.get("type") == "text":
        return str(value.get("text", ""))
    inside = "".join(text(child) for child in value.get("content") or [])
    return f"{inside}\n" if value.get("type") in _BLOCKS else inside


def of_text(words: str) -> Json:
    """A document of plain paragraphs."""
    blocks = [
        {"type": "paragraph", "content": [{"type": "text", "text": line}]} if line else {"type": "paragraph"}
        for line in words.split("\n")
    ]
    return {"type": "doc", "version": 1, "content": blocks}
