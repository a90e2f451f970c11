"""The report as a document in no tracker's dialect. Connectors turn it into ADF, wiki markup or Markdown.

Every string in it is text, never markup: a dialect escapes all of it. Values clean their strings while they are
made, so no control character, line break or mark of direction reaches a dialect.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from mapping.plain import clean

NOTES_HEADING = "Release manager's notes"
"""The last heading; what stands below it is a person's and survives every rewrite."""


class Tone(StrEnum):
    """What a colour stands for; a word always stands beside it."""

    GOOD = "good"
    BAD = "bad"
    WARN = "warn"
    UNKNOWN = "unknown"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    strong: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", clean(self.text))


@dataclass(frozen=True, slots=True)
class Link:
    """``url`` is http(s); a dialect shows only ``text`` when it is not."""

    text: str
    url: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", clean(self.text))


@dataclass(frozen=True, slots=True)
class Lozenge:
    text: str
    tone: Tone

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", clean(self.text))


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody is told: in comments only, for in the body it would tell them at every write. ``account`` is the id in
    the tracker that it is written to.
    """

    name: str
    account: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", clean(self.name))


Span = Text | Link | Lozenge | Mention
Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    text: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", clean(self.text))


@dataclass(frozen=True, slots=True)
class Paragraph:
    line: Line
    small: bool = False


@dataclass(frozen=True, slots=True)
class Bullets:
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Table:
    header: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "header", tuple(clean(word) for word in self.header))


@dataclass(frozen=True, slots=True)
class Panel:
    tone: Tone
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Expand:
    """A collapsed section; holds no panel, table or expand."""

    title: str
    blocks: tuple[Paragraph | Bullets, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", clean(self.title))


Block = Heading | Paragraph | Bullets | Table | Panel | Expand


@dataclass(frozen=True, slots=True)
class Report:
    """The document, its title and its machine copy.

    ``digest`` is the material digest: equal when nothing that a reader should be told has changed.
    ``labels`` name what is wrong, never what is ready. ``facts`` is the machine copy: flat, strings and numbers.
    """

    title: str
    blocks: tuple[Block, ...]
    digest: str
    labels: tuple[str, ...] = ()
    facts: Mapping[str, str | int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", clean(self.title))
