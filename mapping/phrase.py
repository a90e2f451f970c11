"""The words behind a command's name, taken from left to right. Pure; ``mapping.command`` calls it.

Knows how gates, items, people, hand-offs, dates, lengths and reasons are written; not which command takes which.
Everything raises GrammarError where the words are not what was asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import islice, takewhile

from mapping.calendar import utc
from mapping.dates import instant
from mapping.mistaken import GrammarError, listed, quoted
from mapping.names import MARKS, Names, folded
from mapping.plain import cut
from mapping.said import LONGEST_ATTESTATION

LONGEST_REASON = 2_000

_BEFORE_A_REASON = frozenset({*MARKS, "-", "–", "—"})
_MOST_ARROWS = 9
_LONGEST_BEFORE_BECAUSE = 20  # words of a date

_KEY = r"(?P<key>[A-Za-z][A-Za-z0-9_]{0,49}-[0-9]{1,18})"
_ITEM = re.compile(rf"(?P<tracker>(?:[A-Za-z0-9][A-Za-z0-9._-]{{0,63}}/)?){_KEY}")
_ITEM_LINK = re.compile(rf"(?P<tracker>)https?://[^\s?#]{{1,500}}/(?:browse|issue)/{_KEY}(?:[/?#]\S*)?")
_ARROW = re.compile(r"(?:--?|=)?\\?>|→|⇒")
_LABEL = re.compile(r"W[0-9]{1,9}")
_LENGTH = re.compile(r"([0-9]{1,6}) ?(m|mins?|minutes?|h|hrs?|hours?|d|days?)[:,.]?", re.ASCII | re.IGNORECASE)
_MENTION = re.compile(r"@\[([^\]]+)\]")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What the release calls its things, ready to be looked up; a time without an offset is one of ``zone``."""

    gates: Names
    people: Names
    waivers: frozenset[str]
    zone: tzinfo
    said_at: datetime


class Phrase:
    """What is left of the line. ``sure``: it began with a slash, so that it is a command, be it a wrong one.

    ``marked``: a colon, or "because", stands before what is left.
    """

    def __init__(self, text: str, known: Vocabulary, *, sure: bool, marked: bool) -> None:
        self._words = text.split()
        self._known = known
        self._sure = sure
        self._marked = marked

    def is_over(self) -> bool:
        return not self._words

    def names_something(self) -> bool:
        return bool(self._words) and not self._gives_a_reason()

    def gate(self) -> str:
        """The id of the gate that must stand here."""
        if not self.names_something():
            raise GrammarError(f"The gate is missing.{self._gates()}")
        gate = self.gate_if_known()
        if gate is None:
            raise self._no_gate("no gate here")
        return gate

    def gate_if_known(self) -> str | None:
        return self._take(self._known.gates) if self.names_something() else None

    def gate_if_named(self) -> str | None:
        """The id of the gate, None where the reason begins. A word that is nearly a gate is taken for neither."""
        found = self.gate_if_known()
        close = self._known.gates.near(self._words) if found is None and self.names_something() else None
        if close is not None:
            meant = f"Did you mean {listed([close])}? If that begins the reason, put because before it."
            raise GrammarError(f"{quoted(self._words[0])} is no gate here. {meant}")
        return found

    def item(self) -> str:
        """A key in capitals, perhaps behind its tracker; of a link the key in it."""
        if not self.names_something():
            raise GrammarError("The item is missing: its key, such as ENG-9.")
        found = self.item_if_like_one()
        if found is None:
            raise GrammarError(f"{quoted(self._words[0])} is no item: give its key, such as ENG-9.")
        return found

    def item_if_like_one(self) -> str | None:
        word = self._words[0].rstrip(":,.") if self._words else ""
        found = _ITEM_LINK.fullmatch(word) or _ITEM.fullmatch(word)
        if found is None:
            return None
        self._drop(1, self._words[0])
        return found["tracker"] + found["key"].upper()

    def item_or_gate(self) -> tuple[str | None, str | None]:
        """(item, None) or (None, gate)."""
        if not self.names_something():
            raise GrammarError("Say what: an item by its key, such as ENG-9, or a gate.")
        gate = self.gate_if_known()
        item = self.item_if_like_one() if gate is None else None
        if item is None and gate is None:
            raise self._no_gate("neither an item nor a gate here")
        return item, gate

    def subject(self) -> str:
        """The label of a waiver, or the id of a gate."""
        if not self.names_something():
            raise GrammarError("Say which one: a waiver by its label, such as W1, or a gate.")
        label = self._words[0].rstrip(":,.").upper()
        if label in self._known.waivers:
            self._drop(1, self._words[0])
            return label
        gate = self.gate_if_known()
        if gate is None and _LABEL.fullmatch(label):
            raise GrammarError(f"There is no {label}.")
        if gate is None:
            raise self._no_gate("neither a waiver nor a gate here")
        return gate

    def handoff(self) -> tuple[str, str]:
        """(upstream, downstream), ids of gates, written A>B. A gate's own name may hold an arrow."""
        text, gates = " ".join(self._words), self._known.gates
        arrows = list(islice(_ARROW.finditer(text), _MOST_ARROWS))
        for arrow in arrows:
            before, behind = text[: arrow.start()].split(), text[arrow.end() :].split()
            upstream, downstream = gates.first(before), gates.first(behind)
            if upstream and downstream and upstream[1] == len(before):
                self._words = behind
                self._drop(downstream[1], downstream[2])
                return upstream[0], downstream[0]
        if not arrows:
            raise GrammarError(f"The hand-off is missing: the two gates as in A>B.{self._gates()}")
        before, behind = text[: arrows[0].start()].split(), text[arrows[0].end() :].split()
        upstream = gates.first(before)
        self._words = behind if upstream and upstream[1] == len(before) else before
        if not self._words:
            raise GrammarError(f"A gate is missing beside the arrow.{self._gates()}")
        raise self._no_gate("no gate here")

    def known_person(self) -> str:
        """The name that the release knows."""
        found, word = self._person()
        if found is None:
            raise self._nobody(word)
        return found

    def person(self) -> str:
        """The name that the release knows; of somebody else the e-mail, or the mention, as it stands there."""
        found, word = self._person()
        if found is None and not (_MENTION.fullmatch(word) or _EMAIL.fullmatch(word)):
            raise self._nobody(word)
        return found or word

    def length(self) -> timedelta:
        """How long: more than nothing, 24 hours at most."""
        if not self.names_something():
            raise GrammarError("Say for how long, such as 24h or 90m.")
        found = _LENGTH.fullmatch(self._words[0]) or _LENGTH.fullmatch(" ".join(self._words[:2]))
        if found is None:
            raise GrammarError(f"{quoted(self._words[0])} is no length of time: write it as 24h or 90m.")
        length = int(found[1]) * _UNITS[found[2][0].lower()]
        if not timedelta(0) < length <= LONGEST_ATTESTATION:
            raise GrammarError(f"{quoted(found[0])} is not between a minute and 24 hours.")
        self._drop(found[0].count(" ") + 1, found[0])
        return length

    def begins_with_number(self) -> bool:
        return bool(self._words) and self._words[0][0].isdigit()

    def word(self, word: str) -> bool:
        """Whether that word stood here; it is taken."""
        found = bool(self._words) and folded(self._words[0]).rstrip(":,") == word
        self._words = self._words[found:]
        return found

    def date(self) -> datetime:
        """All before "because", or to the end: a time that is not over, in UTC."""
        words = list(takewhile(lambda word: not _opens_a_reason(word), self._words[:_LONGEST_BEFORE_BECAUSE]))
        self._words = self._words[len(words) :]
        text = " ".join(words).rstrip(",:")
        until = instant(text, self._known.said_at, self._known.zone)
        if until <= utc(self._known.said_at):
            raise GrammarError(f"{quoted(text)} is over.")
        return until

    def date_because(self) -> tuple[datetime, str]:
        """A date, and the reason that must be marked by "because"."""
        if self.names_something() and not any(map(_opens_a_reason, self._words[:_LONGEST_BEFORE_BECAUSE])):
            raise GrammarError("The reason is missing: write because, and why.")
        return self.date(), self.reason()

    def reason(self, what: str = "reason") -> str:
        """All that is left, up to 2,000 characters, without the "because" before it; it must say something."""
        blank = len(list(takewhile(_BEFORE_A_REASON.__contains__, self._words)))
        self._words = self._words[blank:]
        self._marked = self._marked or self._gives_a_reason()
        if self._gives_a_reason() and folded(" ".join(self._words[1:2])) != "of":  # "because of the outage" stays whole
            self._words = self._words[1:]
        text = " ".join(self._words)
        if not any(character.isalnum() for character in text[:LONGEST_REASON]):
            raise GrammarError(f"The {what} is missing.")
        return cut(text, LONGEST_REASON)

    def must_be_meant(self) -> None:
        """What has no slash may be prose: then what follows has to be marked, by a colon or "because"."""
        if not (self._sure or self._marked):
            raise GrammarError("Without the slash that is no command.")

    def end(self) -> str:
        """Nothing may be left but "because" and a reason, which is given back."""
        if self.names_something():
            more = quoted(" ".join(self._words))
            raise GrammarError(f"{more} is more than this command takes. A reason begins with because.")
        return self.reason() if self._words else ""

    def _gives_a_reason(self) -> bool:
        return bool(self._words) and _opens_a_reason(self._words[0])

    def _take(self, names: Names) -> str | None:
        found = names.first(self._words)
        if found is None:
            return None
        self._drop(found[1], found[2])
        return found[0]

    def _drop(self, count: int, ending: str) -> None:
        """The words are read; a colon behind them marks what follows."""
        self._words = self._words[count:]
        self._marked = ending.endswith(":") or self._words[:1] == [":"]

    def _person(self) -> tuple[str | None, str]:
        """(who it is, the word for them); (None, the word) when the release knows nobody of that name."""
        if not self.names_something():
            raise GrammarError("Say who: a name, an e-mail or a mention.")
        mention = _MENTION.match(" ".join(self._words))
        if mention is not None:
            rest = mention.string[mention.end() :].lstrip()
            self._words, self._marked = rest.lstrip(" :,").split(), rest.startswith(":")
            found = self._known.people.first([mention[1]])
            return found and found[0], mention[0]
        word = self._words[0].rstrip(":,.")
        self._words = " ".join(self._words).removeprefix("@").split() or [""]
        known = self._take(self._known.people)
        if known is None and _EMAIL.fullmatch(word):
            self._drop(1, self._words[0])
        return known, word

    def _nobody(self, word: str) -> GrammarError:
        if _MENTION.fullmatch(word):
            return GrammarError("This release does not name the person who is mentioned.")
        hint = "" if _EMAIL.fullmatch(word) else self._known.people.hint(self._words)
        return GrammarError(f"{quoted(word)} is nobody whom this release names.{hint}")

    def _no_gate(self, what: str) -> GrammarError:
        hint = self._known.gates.hint(self._words)
        return GrammarError(f"{quoted(self._words[0])} is {what}.{hint}{self._gates()}")

    def _gates(self) -> str:
        names = self._known.gates.meanings
        return f" The gates are {listed(names)}." if names else ""


def _opens_a_reason(word: str) -> bool:
    return folded(word).rstrip(":,") == "because"
