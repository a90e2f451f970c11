"""The table of gates, worst first, and which gates, asks and questions the report shows.

Called by the report.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mapping.document import Block, Heading, Line, Lozenge, Paragraph, Span, Table, Text, Tone
from mapping.layout import item_line, joined, linked, listed
from mapping.plain import cut
from mapping.readiness import State
from mapping.wording import STATE_TONES, counted, days_between, deadline, moment, worst_first

if TYPE_CHECKING:
    from mapping.layout import Detail, Edition
    from mapping.readiness import Ask, GateReadiness, Readiness
    from mapping.record import Question

_HEADER = ("Gate", "State", "Missing", "Who, by when")
_MET = (State.READY, State.EXCEPTION, State.SIGN_OFF_DUE)
_COUNT = re.compile(r"\d+ of \d+ open: [^;]*(; due [^;]*)?")
_OTHERS_DATE = (State.WAITING, State.EXCEPTION, State.UNKNOWN)  # somebody else acts there, now or by another day
_LAST_READ = ("last read", "been read in")
_NOBODY = ("", "nobody", "nobody now")


def gates_section(readiness: Readiness, edition: Edition, detail: Detail) -> tuple[Block, ...]:
    """Heading, table, what was left out of it, and who does not speak yet."""
    gates = sorted((gate for gate in readiness.gates if not gate.asked), key=worst_first)
    rows = tuple(_row(gate, readiness, edition, detail) for gate in gates[: detail.rows])
    blocks: list[Block] = [Heading("Gates"), Table(_HEADER, rows)] if rows else []
    if len(gates) > detail.rows:
        blocks.append(Paragraph((Text(_left_out(gates[detail.rows :])),)))
    silent = sorted(cut(gate.name, detail.name) for gate in readiness.gates if gate.asked)
    if silent:
        more = f" and {len(silent) - detail.bullets} more" if len(silent) > detail.bullets else ""
        blocks.append(Paragraph((Text(f"Nobody speaks yet for: {', '.join(silent[: detail.bullets])}{more}."),)))
    return tuple(blocks)


def open_asks(readiness: Readiness) -> list[Ask]:
    """What people have to do, in the rules' order; not the question who speaks for a gate that nobody named, which has
    its own line.
    """
    silent = {gate.id for gate in readiness.gates if gate.asked}
    return [ask for ask in readiness.asks if ask.gate not in silent]


def open_questions(readiness: Readiness) -> list[Question]:
    """What people asked people and nobody answered yet, the oldest first."""
    waiting = [question for question in readiness.questions if question.answered_at is None]
    return sorted(waiting, key=lambda question: (question.at, question.label, question.id))


def _left_out(gates: list[GateReadiness]) -> str:
    unsettled = sum(1 for gate in gates if not gate.state.settled)
    return f"and {counted(len(gates), 'more gate')}, {unsettled} of them not ready."


def _row(gate: GateReadiness, readiness: Readiness, edition: Edition, detail: Detail) -> tuple[Line, ...]:
    return (
        (Text(cut(gate.name, detail.name), strong=True),),
        _state(gate, detail),
        _missing(gate, readiness, edition, detail),
        (Text(_who(gate, readiness, edition, detail)),),
    )


def _state(gate: GateReadiness, detail: Detail) -> Line:
    spans: list[Span] = [Lozenge(cut(gate.shown, detail.name), STATE_TONES.get(gate.state, Tone.NEUTRAL))]
    if gate.unknown and gate.state is not State.UNKNOWN:
        spans += [Text(" · "), Lozenge("CAN'T TELL", Tone.UNKNOWN)]
    return (*spans, *(() if gate.required else (Text(" (advisory)"),)))


def _missing(gate: GateReadiness, readiness: Readiness, edition: Edition, detail: Detail) -> Line:
    parts = (_open(gate, detail), _why(gate, detail), _signed(gate, readiness, edition), _shrunk(gate, readiness))
    lines = [line for line in parts if line]
    if gate.state is State.UNKNOWN and gate.facts_at is not None and not any(it in gate.reason for it in _LAST_READ):
        lines.append((Text(f"as last read {moment(gate.facts_at, edition.zone, readiness.computed_at)}"),))
    return listed(lines, " · ")


def _why(gate: GateReadiness, detail: Detail) -> Line:
    """The judge's reason, without what stands here already: the count of what is open, with links, and the due date."""
    reason = _COUNT.sub("", gate.reason).strip("; ").removeprefix("besides, ")
    if not reason or gate.state is State.READY:
        return ()
    return linked(cut(reason, detail.sentence), {item.key: item.url for item in gate.open_items[: detail.items]})


def _open(gate: GateReadiness, detail: Detail) -> Line:
    """What is open, with a denominator always: "2 of 9 open: DOC-31 …"."""
    if not gate.total:
        return ()
    if gate.done >= gate.total and not gate.open_items:
        return (Text(f"{gate.done} of {gate.total} done"),)
    shown = gate.open_items[: detail.items]
    items = [item_line(item, gate, detail) for item in shown]
    rest = len(gate.open_items) - len(shown)
    tail: tuple[Span, ...] = (Text(f" and {rest} more"),) if rest and items else ()
    return joined(Text(_count(gate) + (": " if items else "")), *listed(items, "; "), *tail)


def _shrunk(gate: GateReadiness, readiness: Readiness) -> Line:
    """Less to do is not the same as done."""
    count = readiness.scope.shrunk.get(gate.id)
    return (Text(f"ready after {counted(count, 'item')} left", strong=True),) if count else ()


def _count(gate: GateReadiness) -> str:
    unfinished = gate.total - gate.done
    blocking = len(gate.open_items)
    words = f"{unfinished} of {gate.total} open"
    if blocking == unfinished or gate.unknown or (not blocking and gate.state not in _MET):
        return words
    return f"{words}, {blocking or 'none'} of them {'block' if blocking > 1 else 'blocks'}"


def _signed(gate: GateReadiness, readiness: Readiness, edition: Edition) -> Line:
    if gate.signed is None:
        return ()
    by, at = cut(gate.signed.by, 60), moment(gate.signed.at, edition.zone, readiness.computed_at)
    if not gate.signed.ready:
        return (Text(f"{by} said not ready, {at}"),)
    return (Text(f"signed by {by}, {at}" if gate.total else f"on {by}'s word, {at}"),)


def _who(gate: GateReadiness, readiness: Readiness, edition: Edition, detail: Detail) -> str:
    owner = cut(gate.owner, detail.name) or "nobody yet"
    if gate.state in (State.READY, State.NOT_NEEDED):
        return owner
    actor = cut(gate.actor, detail.name)
    name = owner if actor.lower() in _NOBODY else actor
    if gate.due is None or gate.state in _OTHERS_DATE:
        return name
    if gate.good_until is not None and gate.due < min(gate.good_until, readiness.computed_at):
        return f"{name}, was ready until {moment(gate.good_until, edition.zone, readiness.computed_at)}"
    due = deadline(gate.due, edition.zone, readiness.computed_at)
    late = -days_between(readiness.computed_at, gate.due, edition.zone)
    if gate.due >= readiness.computed_at:
        return f"{name}, by {due}"
    return f"{name}, was due {due}" + (f" ({counted(late, 'day')} late)" if late > 0 else "")
