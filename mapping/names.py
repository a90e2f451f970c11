"""Looking up what people call a gate or a person: names of several words, longest first, compared without case. Pure.

Called by ``mapping.phrase``. A letter that only looks alike is another letter.
"""

from __future__ import annotations

import unicodedata
from difflib import get_close_matches
from typing import TYPE_CHECKING

from mapping.mistaken import alphabets, foreign_letter, listed
from mapping.plain import clean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MARKS = (":", ",")
"""What may stand right behind a name."""

_RESEMBLES = 0.75  # difflib's ratio: "redy" and "ready" are at 0.89, "home" and "hold" at 0.5
_LONGEST_COMPARED = 60
_MOST_GUESSES = 200


def folded(text: str) -> str:
    """The text as it is compared: without case and invisible characters, its blanks run together."""
    return " ".join(unicodedata.normalize("NFC", clean(text)).casefold().split())


def closest(word: str, names: Sequence[str]) -> str | None:
    """The name that is meant but for a letter or two, if any."""
    found = get_close_matches(word[:_LONGEST_COMPARED], names, n=1, cutoff=_RESEMBLES)
    return found[0] if found else None


class Names:
    """Names, and what each stands for; made anew for each comment.

    Guessing is slow: a comment that holds hundreds of unknown names gets no guess for the later ones.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        self._known = {folded(name): meant for name, meant in names.items() if folded(name)}
        self._lengths = sorted({name.count(" ") + 1 for name in self._known}, reverse=True)
        self._alphabets = alphabets(self._known)
        self._guesses: dict[tuple[str, int], str | None] = {}
        self.meanings = tuple(dict.fromkeys(self._known.values()))

    def first(self, words: Sequence[str]) -> tuple[str, int, str] | None:
        """The longest name that the words begin with: (what it stands for, its words, the mark right behind it)."""
        for length in self._lengths:
            if length > len(words):
                continue
            text = folded(" ".join(words[:length]))
            for mark in ("", *MARKS, *("." * (length == len(words)))):
                if text.endswith(mark) and text.removesuffix(mark) in self._known:
                    return self._known[text.removesuffix(mark)], length, mark
        return None

    def near(self, words: Sequence[str]) -> str | None:
        """What a name stands for that the words begin with but for a letter or two."""
        guesses = (self._guess(words[:length], length) for length in self._lengths if length <= len(words))
        return next((guess for guess in guesses if guess is not None), None)

    def hint(self, words: Sequence[str]) -> str:
        """Sentences that say what is odd about the words, and which name may be meant; each begins with a blank."""
        meant = self.near(words) or self._guess(words[:_LONGEST_COMPARED], 0)
        guess = f" Did you mean {listed([meant])}?" if meant else ""
        return foreign_letter(words[0][:_LONGEST_COMPARED], self._alphabets) + guess

    def _guess(self, words: Sequence[str], length: int) -> str | None:
        """What the closest name of so many words stands for; of any name where the length is 0."""
        asked = folded(" ".join(words)).rstrip(":,.")[:_LONGEST_COMPARED], length
        if asked not in self._guesses and len(self._guesses) < _MOST_GUESSES:
            names = [name for name in self._known if length in (0, name.count(" ") + 1)]
            found = closest(asked[0], names)
            self._guesses[asked] = found and self._known[found]
        return self._guesses.get(asked)
