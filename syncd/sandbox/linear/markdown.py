"""How Linear gives a description back: it stores no Markdown but a document of its own, and derives Markdown from it.

Called wherever a description or a comment is written. Only what a client may trip over is imitated: links, tildes
and list marks.
"""

from __future__ import annotations

import re

_LINK = re.compile(r"(?<!\\)\[([^\]\n]*)\]\((?!<)([^)\s]+)\)")
_TILDE = re.compile(r"(?<![\\~])~(?!~)")
_MARK = re.compile(r"^(\s*)[-+] ")
_FENCE = re.compile(r"^\s*(```|~~~)")


def derived(markdown: str) -> str:
    """The Markdown that comes back for the Markdown that was sent. Deriving twice changes nothing more."""
    lines, in_code = [], False
    for line in markdown.strip().splitlines():
        fence = bool(_FENCE.match(line))
        in_code ^= fence
        lines.append(line if fence or in_code else _derived_line(line))
    return "\n".join(lines)


def _derived_line(line: str) -> str:
    parts = re.split(r"(`[^`]*`)", line)
    return _MARK.sub(r"\1* ", "".join(part if part.startswith("`") else _text(part) for part in parts))


def _text(part: str) -> str:
    return _TILDE.sub(r"\\~", _LINK.sub(r"[\1](<\2>)", part))
