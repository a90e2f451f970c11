"""JQL's ``~``: words and exact phrases in a text. Pure.

https://support.atlassian.com/jira-software-cloud/docs/search-for-issues-using-the-text-field/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_PART = re.compile(r'"([^"]*)"|(\S+)')
_WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def text_matches(pattern: str) -> Callable[[str], bool]:
    """A test for a text: every word of the pattern is in it, in any order; a quoted phrase word after word; a word
    that ends in ``*`` as a beginning.
    """
    tests = [_phrase(found[1]) if found[1] is not None else _one(found[2]) for found in _PART.finditer(pattern)]

    def fits(text: str) -> bool:
        got = words(text)
        return all(test(got) for test in tests)

    return fits


def _one(word: str) -> Callable[[list[str]], bool]:
    parts = words(word)
    if len(parts) == 1 and word.endswith("*"):
        return lambda got: any(one.startswith(parts[0]) for one in got)
    return lambda got: set(parts) <= set(got)


def _phrase(phrase: str) -> Callable[[list[str]], bool]:
    parts = words(phrase)
    size = len(parts)
    return lambda got: any(got[at : at + size] == parts for at in range(len(got) - size + 1))
