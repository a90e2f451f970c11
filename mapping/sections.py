"""The sections of the report around the table of gates. One without content is no section.

Called by the report. The judge's own sentences (reasons, asks) never hold a title and never the words of somebody about
a confidential gate; what is worded here from items and records must not either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mapping.document import Block, Bullets, Expand, Heading, Line, Link, Lozenge, Paragraph, Text, Tone
from mapping.gate_table import open_asks
from mapping.layout import joined, linked
from mapping.plain import cut
from mapping.readiness import State, Verdict
from mapping.wording import STATE_TONES, WORST_FIRST, counted, day_begun, deadline, moment, span, state_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mapping.layout import Detail, Edition
    from mapping.readiness import Ask, GateReadiness, Readiness, Source


def act_now(readiness: Readiness, edition: Edition, detail: Detail) -> tuple[Block, ...]:
    """Who, what exactly, by when, what waits for it; those that unblock most first."""
    asks = open_asks(readiness)
    if not asks:
        return ()
    lines = [_ask(ask, readiness, edition, detail) for ask in asks[: detail.asks]]
    return _section("Act now", lines, len(asks) - len(lines))


def decisions(readiness: Readiness, edition: Edition, detail: Detail) -> tuple[Block, ...]:
    """Waivers in force, and the holds that are not in the banner."""
    gates = {gate.id: gate for gate in readiness.gates}
    lines: list[Line] = []
    for waiver in readiness.waivers:
        until = deadline(waiver.until, edition.zone, readiness.computed_at)
        why = _reason(waiver.reason, gates.get(waiver.gate), detail)
        follow = f"; {cut(waiver.follow_up, detail.name)} follows up" if waiver.follow_up else ""
        approved = f", approved by {cut(waiver.approved_by, detail.name)}" if waiver.approved_by else ""
        lines.append(
            joined(
                Text(f"Waiver {cut(waiver.id, detail.name)}", strong=True),
                Text(f" on one item of {_name(waiver.gate, gates, detail)} until {until}{why} "),
                Text(f"(by {cut(waiver.by, detail.name)}{approved}){follow}"),
            )
        )
    for hold in () if readiness.verdict is Verdict.ON_HOLD else readiness.holds:
        since = moment(hold.at, edition.zone, readiness.computed_at)
        why = _reason(hold.reason, gates.get(hold.gate or ""), detail)
        what = "the release" if hold.gate is None else _name(hold.gate, gates, detail)
        lines.append(
            joined(Text(f"{cut(hold.by, detail.name)} holds {what}", strong=True), Text(f"{why} (since {since})"))
        )
    return _section("Decisions", lines[: detail.bullets], len(lines) - detail.bullets)


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
    return _section(f"Since the last working day ({since})", lines, len(moved) - len(lines))


def trust(readiness: Readiness, edition: Edition, detail: Detail) -> tuple[Block, ...]:
    """What was read when and what went wrong; then the judge's remarks: how odd facts were taken, what nobody owns."""
    lines = [_source(source, readiness, edition, detail) for source in readiness.sources]
    lines += [(Text(cut(remark, detail.sentence)),) for remark in readiness.remarks]
    shown = lines[: detail.bullets]
    return _section("Can this be trusted", shown, len(lines) - len(shown))


def answers(readiness: Readiness, detail: Detail) -> tuple[Block, ...]:
    """What signs and what does not, as it is today."""
    if not detail.answers:
        return ()
    signing = [cut(gate.name, detail.name) for gate in readiness.gates if gate.sign_off and not gate.asked]
    named = ", ".join(sorted(signing)[: detail.bullets]) + (" and others" if len(signing) > detail.bullets else "")
    told = [
        "Work in your own tracker as always: what is read are your tickets, and nothing needs to be filled in here.",
        f"These need a signature: {named}. The owner gives it by moving the gate's own sign-off ticket to done, or to "
        "the status that was agreed for it; moving it back takes it back. Without such a ticket nobody can sign yet."
        if signing
        else "No gate here needs a signature: its tickets speak for it.",
        "This does not sign: a comment here, an edit of this text, a move by somebody who does not own the gate.",
        "What stands above the notes is written anew each time. What you write below them stays.",
    ]
    return (Expand("How to answer", (Bullets(tuple((Text(words),) for words in told)),)),)


def _section(title: str, lines: Iterable[Line], left_out: int) -> tuple[Block, ...]:
    shown = tuple(lines)
    if not shown:
        return ()
    rest: tuple[Block, ...] = (Paragraph((Text(f"and {left_out} more."),)),) if left_out > 0 else ()
    return (Heading(title), Bullets(shown), *rest)


def _ask(ask: Ask, readiness: Readiness, edition: Edition, detail: Detail) -> Line:
    gates = {gate.id: gate for gate in readiness.gates}
    by = _by(ask, readiness, edition)
    names = [_name(gate, gates, detail) for gate in ask.unblocks]
    waiting = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")  # noqa: PLR2004 - as many as are named
    return joined(
        Text(cut(ask.who, detail.name) or "Somebody", strong=True),
        Text(": "),
        *_what(ask, readiness, detail),
        Text(by + (f". Waiting for it: {waiting}" if waiting else "")),
    )


def _what(ask: Ask, readiness: Readiness, detail: Detail) -> Line:
    """The ask with the keys in it as links, its own key behind it when it does not say it."""
    known = [item for gate in readiness.gates for item in gate.open_items] if detail.items else []
    links = {item.key: item.url for item in known} | ({ask.key: ask.url} if ask.key else {})
    sentence = cut(ask.what, detail.sentence)
    line = linked(sentence, links)
    if not ask.key or ask.key in sentence:
        return line
    return (*line, Text(" ("), Link(cut(ask.key, detail.name), ask.url), Text(")"))


def _by(ask: Ask, readiness: Readiness, edition: Edition) -> str:
    if ask.by is None:
        return ""
    past = ask.by < readiness.computed_at
    return f", {'was due' if past else 'by'} {deadline(ask.by, edition.zone, readiness.computed_at)}"


def _reason(reason: str, gate: GateReadiness | None, detail: Detail) -> str:
    return "" if gate is not None and gate.confidential else f": {cut(reason, detail.sentence)}"


def _name(gate_id: str, gates: dict[str, GateReadiness], detail: Detail) -> str:
    gate = gates.get(gate_id)
    return cut(gate.name if gate else gate_id, detail.name)


def _is_setback(gate: GateReadiness, previous: State) -> bool:
    return WORST_FIRST.index(gate.state) < WORST_FIRST.index(previous)


def _change(gate: GateReadiness, previous: State, readiness: Readiness, edition: Edition, detail: Detail) -> Line:
    at = moment(gate.since, edition.zone, readiness.computed_at)
    return joined(
        Text("Setback: " if _is_setback(gate, previous) else "Better: "),
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
    return Text(cut(source.tracker, detail.name), strong=True), Text(facts + problem)
