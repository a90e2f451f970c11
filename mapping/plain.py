"""Text from outside made plain, in one place: titles, names and reasons before they become part of a document.

Called by the document's values while they are made, and by the report to cut what is long. Knows no dialect: escaping
is theirs.
"""

from __future__ import annotations

import re
import unicodedata

ADDRESS_LIMIT = 500
"""Characters; a longer address is shown as text, for it would eat the body's budget."""

_SPACES = frozenset({"Cc", "Zl", "Zp"})  # controls, line and paragraph separators: a title has one line
_BANNED = frozenset({"Cs", "Cn", "Co"})  # half a surrogate, unassigned and private: XML and JSON stores refuse some
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_INVISIBLE = frozenset("\u00ad\u200b\u2060\ufeff\ufff9\ufffa\ufffb") | frozenset(map(chr, range(0xE0000, 0xE0080)))
_ADDRESS = re.compile(r"https?://[^\s/?#]", re.IGNORECASE)
_UNSAFE = re.compile(r"[^A-Za-z0-9\-._~:/?#@&=+$,%]|%(?![0-9A-Fa-f]{2})")  # a semicolon could end an entity


def clean(text: str) -> str:
    r"""The text in one line, without controls, invisible characters and anything that turns the reading direction.

    >>> clean("a\nb\u202ec")
    'a bc'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_kept(character) for character in text)


def cut(text: str, limit: int) -> str:
    """The text cleaned, its blanks run together, and cut to ``limit`` characters, the last one then an ellipsis."""
    words = " ".join(clean(text[: 50 * limit]).split())
    return words if len(words) <= limit else words[: limit - 1].rstrip() + "…"


def address(url: str) -> str | None:
    """The address in characters that mean nothing in any markup; None when it is not one of the web, or too long."""
    if len(url) > ADDRESS_LIMIT or not _ADDRESS.match(url):
        return None
    encoded = _UNSAFE.sub(_percent, url)
    return encoded if len(encoded) <= ADDRESS_LIMIT else None


def _kept(character: str) -> str:
    if character in _DIRECTIONS or character in _INVISIBLE:
        return ""
    category = unicodedata.category(character)
    if category in _SPACES:
        return " "
    return "" if category in _BANNED else character


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match.group().encode(errors="replace"))
