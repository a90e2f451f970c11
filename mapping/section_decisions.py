"""The section of decisions: GO or NO-GO with what it rests on and what came since, waivers by state, and holds that are
not in the banner; readiness.md §5 and §10.

Called by the report. What people said about a confidential gate or a restricted item is never shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mapping.document import Block, Bullets, Heading, Line, Link, Lozenge, Panel, Paragraph, Text, Tone
from mapping.headline import decided, hold_line, is_setback
from mapping.layout import gate_name, gate_of, reason_of
from mapping.plain import cut
from mapping.readiness import Verdict, WaiverStanding, WaiverState
from mapping.record import Decision, Hold
from mapping.two_people import seconds
from mapping.wording import counted, deadline, moment

if TYPE_CHECKING:
    from datetime import datetime

    from mapping.layout import Detail, Edition
    from mapping.readiness import Readiness

SHA_LETTERS = 8
"""So many of an evidence's sha are shown; ``syncd explain --at`` takes them."""

_Said = WaiverStanding | Hold | Decision
_ALIVE = (WaiverState.APPROVED, WaiverState.PENDING)


def decisions(readiness: Readiness, edition: Edition, detail: Detail) -> tuple[Block, ...]:
    """The manager's word first, then what is set aside, then what is held, then what is over."""
    blocks: list[Block] = []
    if readiness.decisions:
        blocks.append(_panel(readiness, readiness.decisions[-1], edition, detail))
    now: list[_Said] = [*_alive(readiness), *_holds(readiness)]
    past: list[_Said] = [*readiness.decisions[-2::-1], *_over(readiness)]
    shown = [*now[: detail.bullets], *past[: detail.past]]
    if shown:
        blocks.append(Bullets(tuple(_line(each, readiness, edition, detail) for each in shown)))
    left_out = len(now) + len(past) - len(shown)
    if left_out:
        blocks.append(Paragraph((Text(f"and {left_out} more."),)))
    return (Heading("Decisions"), *blocks) if blocks else ()


def approver(standing: WaiverStanding, readiness: Readiness) -> str:
    gate = gate_of(standing.waiver.gate, readiness)
    owners = [gate.owner] if gate and gate.owner else []
    return next(iter(seconds(standing.waiver.by, owners, readiness.managers)), "a second person")


def _panel(readiness: Readiness, decision: Decision, edition: Edition, detail: Detail) -> Panel:
    lines = [_said(readiness, decision, edition, detail)]
    if is_setback(readiness, decision):
        shown = cut(readiness.shown, 60)
        lines.append(
            (Text(f"Setback: it was launchable then and is {shown} now. What was decided stands.", strong=True),)
        )
    for what, told in (("Against it", decision.against), ("Since then", readiness.since_decided)):
        lines += [(Text(f"{what}: {cut(words, detail.sentence)}"),) for words in told[: detail.bullets]]
        if len(told) > detail.bullets:
            lines.append((Text(f"and {len(told) - detail.bullets} more."),))
    return Panel(_tone(readiness, decision), tuple(lines))


def _tone(readiness: Readiness, decision: Decision) -> Tone:
    if not decision.go or decision.override or is_setback(readiness, decision):
        return Tone.BAD
    return Tone.GOOD


def _said(readiness: Readiness, decision: Decision, edition: Edition, detail: Detail) -> Line:
    at = moment(decision.at, edition.zone, readiness.computed_at)
    why = f": {cut(decision.reason, detail.sentence)}" if decision.reason else ""
    evidence = f" (on evidence {cut(decision.evidence[:SHA_LETTERS], 20)})" if decision.evidence else ""
    advice = ""
    if decision.override:
        advice = f", against the advice of {counted(len(decision.against), 'gate')}" if decision.against else ""
        advice = f", while it was not launchable{advice}"
    return decided(decision), Text(f" · {cut(decision.by, detail.name)}, {at}{advice}{why}{evidence}")


def _line(each: _Said, readiness: Readiness, edition: Edition, detail: Detail) -> Line:
    match each:
        case Hold():
            return hold_line(each, readiness, edition, detail)
        case Decision():
            return Text("Before that: "), *_said(readiness, each, edition, detail)
        case WaiverStanding(state=state) if state in _ALIVE:
            return _waiver(each, readiness, edition, detail)
        case WaiverStanding():
            return *_subject(each, readiness, detail), Text(f" {_end(each, readiness, edition, detail)}")


def _holds(readiness: Readiness) -> tuple[Hold, ...]:
    """Those that are not in the banner."""
    return () if readiness.verdict is Verdict.ON_HOLD and readiness.closed is None else readiness.holds


def _alive(readiness: Readiness) -> list[WaiverStanding]:
    """In force, then pending; each the one that ends first before the others."""
    alive = [each for each in readiness.all_waivers if each.state in _ALIVE]
    return sorted(alive, key=lambda each: (_ALIVE.index(each.state), each.until, _label(each), each.waiver.id))


def _over(readiness: Readiness) -> list[WaiverStanding]:
    """The newest first."""
    over = [each for each in readiness.all_waivers if each.state not in _ALIVE]
    over.sort(key=lambda each: (_label(each), each.waiver.id))
    return sorted(over, key=_ended_at, reverse=True)


def _waiver(standing: WaiverStanding, readiness: Readiness, edition: Edition, detail: Detail) -> Line:
    head = (*_subject(standing, readiness, detail), Text(" "))
    until = deadline(standing.until, edition.zone, readiness.computed_at)
    why = _why(standing.waiver.reason, standing, readiness, detail)
    if standing.state is WaiverState.PENDING:
        return *head, Lozenge("PENDING", Tone.WARN), Text(_pending(standing, until, why, readiness, detail))
    mark, when = Lozenge("IN FORCE", Tone.WARN), f" until {until}"
    if standing.ends_soon:
        mark, when = Lozenge("ENDS SOON", Tone.BAD), f", {until}"
    waiver = standing.waiver
    approved = f", approved by {cut(waiver.approved_by, detail.name)}" if waiver.approved_by else ""
    follow = f"; {cut(waiver.follow_up, detail.name)} follows up" if waiver.follow_up else ""
    return *head, mark, Text(f"{when}{why} (asked for by {cut(waiver.by, detail.name)}{approved}){follow}")


def _pending(standing: WaiverStanding, until: str, why: str, readiness: Readiness, detail: Detail) -> str:
    asked = f": {cut(standing.waiver.by, detail.name)} asks to set it aside until {until}{why}. It counts for nothing"
    if readiness.closed is not None:
        return f"{asked}."
    who, label = cut(approver(standing, readiness), detail.name), cut(_label(standing), 30)
    return f"{asked} until {who} agrees: /approve {label}, or /deny {label} with a reason"


def _end(standing: WaiverStanding, readiness: Readiness, edition: Edition, detail: Detail) -> str:
    waiver = standing.waiver
    match standing.state:
        case WaiverState.DENIED:
            at = f", {moment(waiver.denied_at, edition.zone, readiness.computed_at)}" if waiver.denied_at else ""
            said = _why(waiver.denial, standing, readiness, detail)
            return f"denied by {cut(waiver.denied_by or 'somebody', detail.name)}{at}{said}"
        case WaiverState.REVOKED:
            at = f", {moment(waiver.revoked_at, edition.zone, readiness.computed_at)}" if waiver.revoked_at else ""
            return f"taken back by {cut(waiver.by, detail.name)}{at}"
        case WaiverState.EXPIRED:
            return f"ended {deadline(standing.until, edition.zone, readiness.computed_at)}"
        case WaiverState.SUPERSEDED:
            return "void: the item changed after it was asked for"
        case _:
            return "no longer needed: the item is finished"


def _ended_at(standing: WaiverStanding) -> datetime:
    waiver = standing.waiver
    ended = {
        WaiverState.DENIED: waiver.denied_at,
        WaiverState.REVOKED: waiver.revoked_at,
        WaiverState.EXPIRED: standing.until,
    }
    return ended.get(standing.state) or waiver.at


def _subject(standing: WaiverStanding, readiness: Readiness, detail: Detail) -> Line:
    waiver = standing.waiver
    key = cut(waiver.key, detail.name) or "one item"
    return (
        Text(f"Waiver {cut(_label(standing), 30)}", strong=True),
        Text(" on "),
        Link(key, standing.url),
        Text(f" ({gate_name(waiver.gate, readiness, detail)})"),
    )


def _why(words: str, standing: WaiverStanding, readiness: Readiness, detail: Detail) -> str:
    return "" if standing.hidden else reason_of(words, (standing.waiver.gate,), readiness, detail)


def _label(standing: WaiverStanding) -> str:
    return standing.waiver.label or standing.waiver.id
