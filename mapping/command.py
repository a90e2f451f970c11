"""The commands that people write in comments: one grammar, from lines to values. Pure.

Called where comments are read. Whether somebody may say a thing, and what follows from it, is not decided here.
The grammar is written for people in docs/commands.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo

from mapping.mistaken import GrammarError, alphabets, foreign_letter, quoted
from mapping.names import Names, closest, folded
from mapping.phrase import Phrase, Vocabulary
from mapping.plain import clean, cut

USAGE: Mapping[str, str] = {
    "ready": "/ready GATE",
    "not-ready": "/not-ready GATE REASON",
    "not-needed": "/not-needed GATE REASON",
    "hold": "/hold GATE REASON",
    "unhold": "/unhold GATE",
    "waive": "/waive ITEM until DATE because REASON",
    "approve": "/approve WAIVER-OR-GATE",
    "deny": "/deny WAIVER-OR-GATE REASON",
    "attest": "/attest GATE 24h REASON",
    "accept": "/accept A>B",
    "return": "/return A>B REASON",
    "admit": "/admit ITEM-OR-GATE REASON",
    "ask": "/ask PERSON QUESTION",
    "target": "/target DATE because REASON",
    "owner": "/owner GATE PERSON",
    "away": "/away until DATE",
    "go": "/go, or /go override because REASON",
    "no-go": "/no-go REASON",
    "launched": "/launched",
    "cancel": "/cancel REASON",
}
"""Each command and how it is written; people who own one gate may leave it out."""

FINAL = frozenset({"launched", "cancel"})
"""What ends a release needs its slash: one word in passing must not."""
_LONGEST_SAID = 200
_LONGEST_LINE = 20_000  # far more than the longest reason
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")  # noqa: RUF001 - what keyboards and editors make of no-go


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a release calls its things: names and ids in small letters → the id. ``people`` maps whatever somebody may
    be called (name, e-mail, key of the file, account id) to the name that the release knows. ``waivers`` are labels
    ("W1"). A day without a time ends in ``zone``; a date without a year is the next one.
    """

    gates: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    waivers: frozenset[str] = frozenset()
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command as it was said. ``name`` without the slash ("not-ready"); ``said`` is the line, cleaned and cut.

    ``gate`` is an id, None where none was named; ``item`` a key, perhaps behind its tracker ("eng/ENG-5"); ``subject``
    is what is approved or denied: a label of a waiver or the id of a gate; ``handoff`` (upstream, downstream) gate ids;
    ``person`` the name that the release knows; after /owner also an e-mail or a mention, ``@[ACCOUNT ID]``, as it was
    written. ``until`` is in UTC; it is where the target moves to, too, and None for a
    waiver that is to end when waivers usually do. ``reason`` also holds the question of /ask.
    """

    name: str
    said: str
    gate: str | None = None
    item: str | None = None
    subject: str | None = None
    handoff: tuple[str, str] | None = None
    person: str | None = None
    until: datetime | None = None
    length: timedelta | None = None
    override: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A line that is meant as a command and is none: ``why`` says what is wrong, ``usage`` how it is written."""

    said: str
    why: str
    usage: str


@dataclass(frozen=True, slots=True)
class _Opening:
    """How a line begins: what is left of it behind the name of a command, or what could be one."""

    name: str
    rest: str
    slash: bool
    colon: bool
    line: str


def commands(lines: Sequence[str], words: Words, said_at: datetime) -> tuple[Command | Mistake, ...]:
    """What the lines of one comment say, in their order; a line that is no command gives nothing.

    ``said_at`` is aware: when it was written, which "today" and "20 Dec" go by. Nothing is raised.
    """
    known = Vocabulary(
        gates=Names(words.gates),
        people=Names(words.people),
        waivers=frozenset(label.upper() for label in words.waivers),
        zone=words.zone,
        said_at=said_at,
    )
    read = (_read(opening, known) for opening in _openings(lines))
    return tuple(one for one in read if one is not None)


def may_speak(line: str) -> bool:
    """Whether the line could be a command, right or wrong; of any other ``commands`` says nothing."""
    return next(_openings([line]), None) is not None


def sentence(mistake: Mistake) -> str:
    """The mistake in one line that is no command itself; ``why`` may also be a phrase without a full stop."""
    return f"{mistake.why}{'' if mistake.why.endswith(('.', '?')) else '.'} Write: {mistake.usage}"


def _openings(lines: Sequence[str]) -> Iterator[_Opening]:
    """The lines that begin with the name of a command, or with a slash and nearly one."""
    for line in lines:
        text = " ".join(clean(line).split())[:_LONGEST_LINE]
        slash = text.startswith("/")
        head, _, rest = text.removeprefix("/").lstrip().partition(" ")
        written = folded(head).translate(_DASHES)
        bare = written.removesuffix(":" if rest else ".")  # "Ready:" alone is a heading
        name = written.rstrip(":,.") if slash else bare
        if name in FINAL and not slash:
            continue
        if name in USAGE or (slash and _meant(name, rest)):
            yield _Opening(name=name, rest=rest, slash=slash, colon=written.endswith(":"), line=text)


def _meant(name: str, rest: str) -> str | None:
    """The command that an unknown word behind a slash stands for: "/redy", "/not ready"; None for "/usr/bin"."""
    if "/" in name:
        return None
    joined = f"{name}-{folded(rest.partition(' ')[0])}"
    return joined if joined in USAGE else closest(name, tuple(USAGE))


def _read(opening: _Opening, known: Vocabulary) -> Command | Mistake | None:
    said = cut(opening.line, _LONGEST_SAID)
    reader = _READERS.get(opening.name)
    if reader is None:
        meant = _meant(opening.name, opening.rest) or ""
        odd = foreign_letter(opening.name, alphabets(USAGE))
        why = f"{quoted(opening.name)} is no command.{odd} Did you mean /{meant}?"
        return Mistake(said=said, why=why, usage=USAGE[meant])
    phrase = Phrase(opening.rest, known, sure=opening.slash, marked=opening.colon and opening.name == "hold")
    try:
        return reader(Command(name=opening.name, said=said), phrase)
    except GrammarError as wrong:  # without the slash it was no command, but text
        return Mistake(said=said, why=str(wrong), usage=USAGE[opening.name]) if opening.slash else None


def _nothing(command: Command, phrase: Phrase) -> Command:
    return replace(command, reason=phrase.end())


def _gate(command: Command, phrase: Phrase) -> Command:
    gate = phrase.gate() if phrase.names_something() else None
    return replace(command, gate=gate, reason=phrase.end())


def _gate_reason(command: Command, phrase: Phrase) -> Command:
    gate = phrase.gate_if_named()
    reason = phrase.reason()
    if gate is None and command.name == "hold":  # "hold on, let me look"
        phrase.must_be_meant()
    return replace(command, gate=gate, reason=reason)


def _waive(command: Command, phrase: Phrase) -> Command:
    command = replace(command, item=phrase.item())
    if phrase.word("until"):
        until, reason = phrase.date_because()
        return replace(command, until=until, reason=reason)
    if phrase.is_over() or phrase.names_something():
        raise GrammarError("Say until when and why, such as until 20 Dec because it is small.")
    return replace(command, reason=phrase.reason())  # its end is then the usual one


def _approve(command: Command, phrase: Phrase) -> Command:
    return replace(command, subject=phrase.subject(), reason=phrase.end())


def _deny(command: Command, phrase: Phrase) -> Command:
    return replace(command, subject=phrase.subject(), reason=phrase.reason())


def _attest(command: Command, phrase: Phrase) -> Command:
    gate = phrase.gate_if_known()
    if gate is None and phrase.names_something() and not phrase.begins_with_number():
        gate = phrase.gate()
    return replace(command, gate=gate, length=phrase.length(), reason=phrase.reason())


def _accept(command: Command, phrase: Phrase) -> Command:
    return replace(command, handoff=phrase.handoff(), reason=phrase.end())


def _return(command: Command, phrase: Phrase) -> Command:
    return replace(command, handoff=phrase.handoff(), reason=phrase.reason())


def _admit(command: Command, phrase: Phrase) -> Command:
    item, gate = phrase.item_or_gate()
    command = replace(command, gate=gate, item=item, reason=phrase.reason())
    phrase.must_be_meant()
    return command


def _ask(command: Command, phrase: Phrase) -> Command:
    person = phrase.known_person()
    phrase.must_be_meant()  # "ask Kim when it is done"
    return replace(command, person=person, reason=phrase.reason("question"))


def _target(command: Command, phrase: Phrase) -> Command:
    until, reason = phrase.date_because()
    return replace(command, until=until, reason=reason)


def _owner(command: Command, phrase: Phrase) -> Command:
    return replace(command, gate=phrase.gate(), person=phrase.person(), reason=phrase.end())


def _away(command: Command, phrase: Phrase) -> Command:
    if not phrase.word("until"):
        raise GrammarError("Say until when, such as until 20 Dec.")
    return replace(command, until=phrase.date(), reason=phrase.end())


def _go(command: Command, phrase: Phrase) -> Command:
    override = phrase.word("override")
    reason = phrase.reason() if override or not phrase.is_over() else ""
    if reason:  # "go ahead"
        phrase.must_be_meant()
    return replace(command, override=override, reason=reason)


def _no_go(command: Command, phrase: Phrase) -> Command:
    return replace(command, reason=phrase.reason())


def _cancel(command: Command, phrase: Phrase) -> Command:
    reason = phrase.reason()
    phrase.must_be_meant()  # "cancel the meeting"
    return replace(command, reason=reason)


_READERS: Mapping[str, Callable[[Command, Phrase], Command]] = {
    "ready": _gate,
    "not-ready": _gate_reason,
    "not-needed": _gate_reason,
    "hold": _gate_reason,
    "unhold": _gate,
    "waive": _waive,
    "approve": _approve,
    "deny": _deny,
    "attest": _attest,
    "accept": _accept,
    "return": _return,
    "admit": _admit,
    "ask": _ask,
    "target": _target,
    "owner": _owner,
    "away": _away,
    "go": _go,
    "no-go": _no_go,
    "launched": _nothing,
    "cancel": _cancel,
}
