"""How problems of a configuration are worded: paths, values that may be shown, and "did you mean".

Used by all of ``config`` that finds problems. A value is shown only where no secret belongs and when it does not look
like one.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Final

from pydantic_core import PydanticCustomError

if TYPE_CHECKING:
    from collections.abc import Iterable

SHOWN: Final = 60
LISTED: Final = 15
_SECRET_KEYS: Final = {"token", "webhook_secret", "database"}
_TOKENS: Final = re.compile(
    r"(lin_(api|oauth)|ATATT|ATCTT|ghp_|xox[a-z]-|hooks\.slack\.com|://[^/\s]*@|(token|secret|password)\s*[:=])",
    re.IGNORECASE,
)
_RANDOM: Final = re.compile(r"(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{20,}")


def dotted(path: Iterable[str | int]) -> str:
    """A path as people write it; keys that look like a secret are left out."""
    return ".".join(named(str(part)).strip("'") for part in path)


def secret(path: tuple[str | int, ...]) -> bool:
    """Whether a secret, or a reference to one, belongs at or above this path."""
    notice = path[:1] == ("notify",) and "url" in path
    return notice or any(part in _SECRET_KEYS for part in path)


def secretive(text: str) -> bool:
    """Whether a text looks like a token or a password, wherever it stands."""
    return bool(_TOKENS.search(text) or _RANDOM.search(text))


def named(text: str) -> str:
    """A name in quotes, shortened; its length only where it looks like a secret."""
    if secretive(text):
        return f"(a text of {len(text)} characters)"
    short = text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
    return repr(short)


def got(value: object) -> str:
    """What stands in the file, in words."""
    if isinstance(value, str):
        return named(value) if value else "an empty text"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"the number {value}" if len(str(value)) <= SHOWN else "a number"
    return {type(None): "nothing", list: "a list", dict: "a mapping"}.get(type(value), "something else")


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The word that was probably meant."""
    small = {choice.lower(): choice for choice in words}
    found = difflib.get_close_matches(word.lower(), list(small), n=1, cutoff=0.6)
    return small[found[0]] if found else None


def meant(word: str, words: Iterable[str], else_: str) -> str:
    """The word that was probably meant as a question, or the words there are, or ``else_`` where there are none."""
    choices = sorted(words)
    close = nearest(word, choices)
    if close:
        return f"did you mean {close!r}?"
    among = "there are" if len(choices) <= LISTED else "there are, among others"
    return f"{among}: {', '.join(choices[:LISTED])}" if choices else else_


def wrong(message: str, remedy: str) -> PydanticCustomError:
    """The error of a validator: both parts of it are shown as they are."""
    # braces are pydantic's placeholders, so both parts travel as values
    return PydanticCustomError("syncd", "{message}: {remedy}", {"message": message, "remedy": remedy})
