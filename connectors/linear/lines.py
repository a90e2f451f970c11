"""What people wrote in Linear's Markdown, line by line: a comment as they see it.

Called by ``talk``. Pure and total, and linear in the length of what it reads. Linear derives the Markdown from a
document of its own, so a quotation has its mark on each line and a letter that could be taken for markup a backslash
in front.
"""

from __future__ import annotations

import html
import re
from itertools import accumulate
from typing import TYPE_CHECKING
from urllib.parse import unquote

from mapping.plain import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})")
_START = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])(?:\s+|$)")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s+|\s{0,3}\+{3}(?:\s+|$)")
_RULE = re.compile(r"\s{0,3}(?:(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,})")
_INDENT = re.compile(r" {4}| {0,3}\t")
_MARKUP = re.compile(
    r"\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|!\[[^\[\]]*\]\((?:<[^<>]*>|[^\s()]*)\)"
    r"|\[(?P<link>(?:[^\[\]\\]|\\.)*)\]\((?:<(?P<to>[^<>]*)>|(?P<bare>[^\s()<]*))\)"
    r"|<(?P<auto>https?://[^\s<>]+)>"
    r"|<(?P<tag>user|issue|project|document)\b[^<>]*>(?P<shown>[^<>]*)</(?P=tag)>"
    r"|(?P<entity>&(?:\#\w{1,8}|\w{1,31});)",
    re.IGNORECASE,
)
_EMPHASIS = (
    re.compile(r"\*\*(?=\S)([^*]+)(?<=\S)\*\*"),
    re.compile(r"__(?=\S)([^_]+)(?<=\S)__"),
    re.compile(r"(?<![\w*])\*(?=\S)([^*]+)(?<=\S)\*(?![\w*])"),
    re.compile(r"(?<![\w_])_(?=\S)([^_]+)(?<=\S)_(?![\w_])"),
)
_TICKS = re.compile(r"`+")
_PROFILE = re.compile(
    r"https?://[\w.-]+/[\w.-]+/profiles/([^\s/?#<>()\[\]]{0,200}[^\s/?#<>()\[\].,;:!*'\"])(?:[/?#][^\s<>()\[\]]*)?",
    re.IGNORECASE,
)
_CALLED = re.compile(r"(?<![\w.@])@([\w.\-]+(?: [\w.\-]+){0,2})")

_LETTERS, _ASIDE = "*_[]`", "\ue000\ue001\ue002\ue003\ue004"
_KEPT, _BACK = str.maketrans(_LETTERS, _ASIDE), str.maketrans(_ASIDE, _LETTERS)
"""Letters that are no markup are set aside until all markup is undone."""

_NONE = str.maketrans("", "", _ASIDE)


def lines(body: str, accounts: Mapping[str, str]) -> tuple[str, ...]:
    """A line for each line that people see, empty ones, quotations and blocks of code left out. A mention reads
    ``@[ID]`` where ``accounts`` (display name in lower case → id) knows the name, else ``@name``. Code within a line
    keeps its back quotes.
    """
    return tuple(_named(line, accounts) for line in _seen(body))


def names(body: str) -> frozenset[str]:
    """What may be display names of people that this mentions, in lower case: a name has up to three words."""
    found = (match[1] for line in _seen(body) for match in _CALLED.finditer(line))
    return frozenset(name.lower() for words in found for name in _readings(words))


def _seen(body: str) -> Iterator[str]:
    for written in _texts(body.translate(_NONE)):
        line = clean(_plain(written).translate(_BACK)).strip()
        if line:
            yield line


def _texts(body: str) -> Iterator[str]:
    """The lines that are neither code nor quotation, without the marks of lists and headings."""
    fence, listed, after_blank = "", False, True
    for line in re.split(r"\r\n|\r|\n", body):
        opened = _FENCE.match(line)
        if fence or opened:
            fence = _fence(line, fence, opened[1] if opened else "")
        elif not line.strip():
            after_blank = True
            continue
        elif after_blank and not listed and _INDENT.match(line):
            continue
        else:
            item = bool(_START.match(line))
            listed = item or (listed and line[0] in " \t")
            text = _START.sub("", line, count=1) if item and not _RULE.fullmatch(line) else line
            if not text.lstrip().startswith(">") and not _RULE.fullmatch(text):
                yield _HEADING.sub("", text, count=1).removesuffix("\\")
        after_blank = False


def _fence(line: str, inside: str, opened: str) -> str:
    """The fence within which the next line stands, "" for none."""
    if not inside:
        return opened
    bare = line.strip()
    return "" if len(bare) >= len(inside) and not bare.strip(inside[0]) else inside


def _plain(line: str) -> str:
    parts = [part.translate(_KEPT) if code else _undone(part) for part, code in _by_code(line)]
    text = "".join(parts)
    for _ in range(2):
        for emphasis in _EMPHASIS:
            text = emphasis.sub(r"\1", text)
    return text


def _by_code(line: str) -> Iterator[tuple[str, bool]]:
    """The parts of a line, and whether each is code between equal runs of back quotes."""
    runs = [run for run in _TICKS.finditer(line) if not _is_escaped(line, run.start())]
    ends: dict[int, list[int]] = {}
    for run in reversed(runs):
        ends.setdefault(len(run[0]), []).append(run.end())
    place = 0
    for run in runs:
        later = ends[len(run[0])]
        while later and later[-1] <= run.end():
            later.pop()
        if run.start() >= place and later:
            yield line[place : run.start()], False
            place = later[-1]
            yield line[run.start() : place], True
    yield line[place:], False


def _is_escaped(line: str, place: int) -> bool:
    before = line[max(place - 50, 0) : place]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1


def _undone(text: str) -> str:
    return _PROFILE.sub(_person, _MARKUP.sub(_shown, text))


def _person(match: re.Match[str]) -> str:
    return f"@{unquote(match[1])}".translate(_KEPT)


def _shown(match: re.Match[str]) -> str:
    """What people see of this markup."""
    found = match.groupdict()
    if found["escaped"] is not None:
        return found["escaped"].translate(_KEPT)
    if found["link"] is not None:
        target = found["to"] or found["bare"] or ""
        return _PROFILE.sub(_person, target) if _PROFILE.fullmatch(target) else _MARKUP.sub(_shown, found["link"])
    if found["tag"] is not None:
        name = found["shown"]
        return f"@{name.removeprefix('@')}" if found["tag"].lower() == "user" else name.translate(_KEPT)
    if found["entity"] is not None:
        return html.unescape(found["entity"]).translate(_KEPT)
    return found["auto"] or ""


def _named(line: str, accounts: Mapping[str, str]) -> str:
    def account(match: re.Match[str]) -> str:
        words = match[1]
        for name in _readings(words):
            if known := accounts.get(name.lower()):
                return f"@[{known}]{words[len(name) :]}"
        return match[0]

    return _CALLED.sub(account, line) if "@" in line else line


def _readings(words: str) -> list[str]:
    """Which names may stand at the beginning of these words, the longest first; a full stop may end the sentence."""
    parts = list(accumulate(words.split(" "), lambda before, word: f"{before} {word}"))
    found = [name for part in reversed(parts) for name in (part, part.rstrip(".-"))]
    return [name for name in dict.fromkeys(found) if name]
