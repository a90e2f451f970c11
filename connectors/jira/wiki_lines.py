"""What people wrote in Jira's wiki markup, line by line, for Jira Data Center.

Called by ``talk``. Total: whatever the text, nothing here raises. It knows as much of the markup as people use in a
comment, and no more: an emphasis is undone where it stands around a whole line only, and what else it does not know
stays as it was written.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_BLOCK = re.compile(r"((?<!\\)\{(?:code|noformat|quote)(?::[^{}\n]{0,500})?\})")
_MACRO = re.compile(r"(?<!\\)\{(?:color|panel)(?::[^{}\n]{0,500})?\}")
_BREAK = re.compile(r"\\\\(?=\s|$)|(?<=\s)\\\\", re.MULTILINE)
_LINK = re.compile(r"(?<!\\)\[(?:~(?:accountid:)?(?P<login>[^\[\]|]{1,255})|(?P<link>[^\[\]~][^\[\]]{0,2000}))\]")
_ADDRESS = re.compile(r"[a-z]{2,20}://|mailto:")
_CODE = re.compile(r"\{\{([^{}]{1,2000})\}\}")
_START = re.compile(r"\A\s*(?:h[1-6]\.|[*#-]{1,20})\s+")
_QUOTED = re.compile(r"\s*bq\.\s")
_CELLS = re.compile(r"(?<!\\)\|{1,2}")
_AROUND = re.compile(r"([*_+])(\S(?:.*\S)?)\1")
_ESCAPED = re.compile(r"\\([^\w\s])")


def lines(body: str, account: Callable[[str], str]) -> tuple[str, ...]:
    """A line for each line and table cell, empty ones left out; quotations and blocks of code are left out too. A
    mention reads ``@[ID]``, of which ``account`` knows the id by the name in the markup. Code within a line keeps back
    quotes.
    """
    text = _BREAK.sub("\n", _without_blocks(body))
    return tuple(line for written in text.splitlines() for line in _cells(written, account) if line)


def _without_blocks(body: str) -> str:
    """Without what stands between two equal marks; a mark without its second is text."""
    parts = _BLOCK.split(body)
    last = {_name(part): place for place, part in enumerate(parts) if place % 2 and ":" not in part}
    kept, inside = list[str](), ""
    for place, part in enumerate(parts):
        if place % 2 == 0:
            kept.append("" if inside else part)
        elif inside:
            inside = "" if part == f"{{{inside}}}" else inside
        elif last.get(_name(part), 0) > place:
            inside = _name(part)
            kept.append("\n")
        else:
            kept.append(part)
    return "".join(kept)


def _name(mark: str) -> str:
    return mark.strip("{}").partition(":")[0]


def _cells(written: str, account: Callable[[str], str]) -> Iterator[str]:
    if _QUOTED.match(written):
        return
    text = _LINK.sub(lambda link: _shown(link, account), _MACRO.sub("", written)).strip()
    for cell in _CELLS.split(text) if text.startswith("|") else [text]:
        yield _plain(cell)


def _shown(link: re.Match[str], account: Callable[[str], str]) -> str:
    """A mention; of a link what people see, its title, else where it leads. Other words in brackets are text."""
    if link["login"]:
        return f"@[{account(link['login'])}]"
    title, bar, _ = link["link"].partition("|")
    return title if bar or _ADDRESS.match(title) else link[0]


def _plain(text: str) -> str:
    text = _CODE.sub(r"`\1`", _START.sub("", text, count=1)).strip()
    for _ in range(3):
        around = _AROUND.fullmatch(text)
        if around is None or around[1] in around[2]:
            break
        text = around[2]
    return " ".join(html.unescape(_ESCAPED.sub(r"\1", text)).splitlines()).strip()
