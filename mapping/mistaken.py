"""What is wrong with a command, said so that it can stand in an answer: one line, no markup, short quotations.

Called by the grammar only (``mapping.command``, ``mapping.phrase``, ``mapping.dates``).
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from mapping.plain import cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LONGEST_QUOTATION = 60
_MOST_LISTED = 12
_WITHIN_NUMBERS = frozenset("./:+")  # 12/10/2026, 14:00+01:00
_WITHIN_WORDS = frozenset("-_'’")  # not-ready, Kim's


class GrammarError(Exception):
    """The line is no command of ours; the text says why, in whole sentences. Never leaves ``mapping.command``."""


def quoted(text: str) -> str:
    """At most 60 characters of it in quotation marks; what could mean something in any markup is left out."""
    return f"“{_harmless(text)}”"


def listed(names: Sequence[str]) -> str:
    """The names in one phrase, a dozen at most: "a, b and c"; "a, b and 7 more"."""
    shown = [_harmless(name) for name in names[:_MOST_LISTED]]
    more = len(names) - len(shown)
    last = f"{more} more" if more else shown.pop()
    return f"{', '.join(shown)} and {last}" if shown else last


def alphabets(names: Iterable[str]) -> frozenset[str]:
    """Those that the names are written in: the first word of a letter's name in Unicode, CYRILLIC SMALL LETTER O."""
    return frozenset(_alphabet(letter) for letter in set("".join(names)) if letter.isalpha())


def foreign_letter(text: str, usual: frozenset[str]) -> str:
    """A sentence about the first letter that is of none of the usual alphabets; nothing where there is no such."""
    for letter in text:
        if usual and letter.isalpha() and _alphabet(letter) not in usual:
            return f" Its letter {quoted(letter)} is of another alphabet ({_alphabet(letter).capitalize()})."
    return ""


def _alphabet(letter: str) -> str:
    return unicodedata.name(letter, "UNKNOWN").partition(" ")[0]


def _harmless(text: str) -> str:
    text = f" {cut(text, 2 * _LONGEST_QUOTATION)} "
    kept = (text[n] if _is_harmless(*text[n - 1 : n + 2]) else " " for n in range(1, len(text) - 1))
    return cut("".join(kept), _LONGEST_QUOTATION)


def _is_harmless(before: str, character: str, after: str) -> bool:
    if character in _WITHIN_NUMBERS:
        return before.isdigit() and after.isdigit()
    if character in _WITHIN_WORDS:
        return before.isalnum() and after.isalnum()
    if character == "?":
        return before.isalnum()
    return character.isalnum() or character in " ,…" or unicodedata.category(character).startswith("M")
