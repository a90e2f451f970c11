"""The sections of the report that word what was judged: who acts, what changed, what to trust.

Called by the report. The judge's own sentences (reasons, asks) never hold a title and never the words of somebody about
a confidential gate; what is worded here from items and records must not either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mapping.document import Block, Line, Link, Lozenge, Text, Tone
from mapping.gate_table import open_asks, open_questions
from mapping.layout import gate_name, joined, linked, links_to_items, section, shortened
from mapping.plain import cut
from mapping.readiness import State
from mapping.wording import STATE_TONES, WORST_FIRST, counted, day_begun, deadline, moment, span, state_words

if TYPE_CHECKING:
    from mapping.layout import Detail, Edition
    from mapping.readiness import Ask, GateReadiness, Readiness, Source
    from mapping.record import Question

_NAMED = 3
_ANSWER = "any comment of theirs on this issue answers it"


def act_now(readiness: Readiness, edition: Edition, detail: Detail) -> tuple[Block, ...]:
    """Who, what exactly, by when, what waits for it; those that unblock most first. Open questions, the oldest first,
    have less than half of the places and what the asks leave of the rest. Of a closed release nobody is asked anything.
    """
    if readiness.closed is not None:
        return ()
    asks, questions = open_asks(readiness), open_questions(readiness)
    asked = asks[: detail.asks - min(len(questions), detail.asks // 2)]
    wondered = questions[: detail.asks - len(asked)]
    lines = [_ask(ask, readiness, edition, detail) for ask in asked]
    lines += [_question(question, readiness, edition, detail) for question in wondered]
    return section("Act now", lines, len(asks) + len(questions) - len(lines))


def changes(readiness: Readiness, edition: Edition, detail: Detail) -> tuple[Block, ...]:
    """Gates whose state changed since the last working day began, setbacks first."""
    moved = [
        (gate, gate.previous)
        for gate in readiness.gates
        if gate.previous is not None and gate.previous is not gate.state and gate.since >= edition.since_day
    ]
    moved.sort(key=lambda pair: (not _is_setback(*pair), WORST_FIRST.index(pair[0].state), pair[0].name))
    lines = [_change(gate, previous, readiness, edition, detail) for gate, previous in moved[: detail.bullets]]
    since = day_begun(edition.since_day, edition.zone, readiness.computed_at)
    return section(f"Since the last working day ({since})", lines, len(moved) - len(lines))


def trust(readiness: Readiness, edition: Edition, detail: Detail) -> tuple[Block, ...]:
    """What was read when and what went wrong; then the judge's remarks: how odd facts were taken, what nobody owns."""
    lines = [_source(source, readiness, edition, detail) for source in readiness.sources]
    lines += [(Text(cut(remark, detail.sentence)),) for remark in readiness.remarks]
    shown = lines[: detail.bullets]
    return section("Can this be trusted", shown, len(lines) - len(shown))


def _ask(ask: Ask, readiness: Readiness, edition: Edition, detail: Detail) -> Line:
    by = _by(ask, readiness, edition)
    waiting = shortened([gate_name(gate, readiness, detail) for gate in ask.unblocks[:_NAMED]], len(ask.unblocks))
    return joined(
        Text(cut(ask.who, detail.name) or "Somebody", strong=True),
        Text(f" ({cut(ask.before, detail.sentence)}): " if ask.before else ": "),
        *_what(ask, readiness, detail),
        Text(by + (f". Waiting for it: {waiting}" if waiting else "")),
    )


def _question(question: Question, readiness: Readiness, edition: Edition, detail: Detail) -> Line:
    since = f"since {day_begun(question.at, edition.zone, readiness.computed_at)}; {_ANSWER}"
    return (
        Text(cut(question.whom, detail.name) or "Somebody", strong=True),
        Text(": "),
        Link(cut(question.label or "a question", 30), question.url),
        Text(f", {cut(question.by, detail.name)} asks: {cut(question.text, detail.sentence)} ({since})"),
    )


def _what(ask: Ask, readiness: Readiness, detail: Detail) -> Line:
    """The ask with the keys in it as links, its own key behind it when it does not say it."""
    links = links_to_items(readiness, detail) | ({ask.key: ask.url} if ask.key and ask.url else {})
    sentence = cut(ask.what, detail.sentence)
    line = linked(sentence, links)
    if not ask.key or ask.key in sentence:
        return line
    return (*line, Text(" ("), Link(cut(ask.key, detail.name), ask.url), Text(")"))


def _by(ask: Ask, readiness: Readiness, edition: Edition) -> str:
    if ask.by is None:
        return ""
    day = deadline(ask.by, edition.zone, readiness.computed_at)
    if day in ask.what:
        return ""
    return f", {'was due' if ask.by < readiness.computed_at else 'by'} {day}"


def _is_setback(gate: GateReadiness, previous: State) -> bool:
    return WORST_FIRST.index(gate.state) < WORST_FIRST.index(previous)


def _direction(gate: GateReadiness, previous: State) -> str:
    """From ON TRACK to SIGN-OFF DUE leads the end of the work as well as the end of a signature."""
    if (previous, gate.state) == (State.ON_TRACK, State.SIGN_OFF_DUE):
        return "Changed: "
    return "Setback: " if _is_setback(gate, previous) else "Better: "


def _change(gate: GateReadiness, previous: State, readiness: Readiness, edition: Edition, detail: Detail) -> Line:
    at = moment(gate.since, edition.zone, readiness.computed_at)
    return joined(
        Text(_direction(gate, previous)),
        Text(cut(gate.name, detail.name), strong=True),
        Text(f" was {state_words(previous)}, is "),
        Lozenge(cut(gate.shown, detail.name), STATE_TONES.get(gate.state, Tone.NEUTRAL)),
        Text(f" since {at}"),
    )


def _source(source: Source, readiness: Readiness, edition: Edition, detail: Detail) -> Line:
    read: str = "never read completely"
    if source.last_complete is not None:
        at = moment(source.last_complete, edition.zone, readiness.computed_at)
        ago = span(readiness.computed_at - source.last_complete)
        read = f"read completely {at} ({ago} before this was written)"
    facts = f": {read}, {counted(source.items, 'item')}"
    problem = f". Problem: {cut(source.error, detail.sentence)}" if source.error else ""
    return Text(cut(source.shown or source.tracker, detail.name), strong=True), Text(facts + problem)
