"""The head of the report: its title, the verdict with one sentence why, until when to trust it, the target and how it
moved, and what is on hold.

Called by the report. Somebody who reads nothing else must know from it whether to launch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mapping.document import Block, Bullets, Line, Link, Lozenge, Panel, Span, Text, Tone
from mapping.gate_table import open_asks, open_questions
from mapping.layout import gate_name, joined, linked, links_to_items, reason_of
from mapping.plain import cut
from mapping.readiness import Verdict
from mapping.reminder import ended
from mapping.target_moves import move_lines, moved_words
from mapping.wording import VERDICT_TONES, day, day_begun, days_between, days_left, deadline, moment, span

if TYPE_CHECKING:
    from mapping.layout import Detail, Edition
    from mapping.readiness import Readiness
    from mapping.record import Closing, Decision, Hold

TITLE_LIMIT = 255
"""Characters of a summary in Jira; Linear is asked for no more either."""


def title(readiness: Readiness, edition: Edition) -> str:
    """Said as "Atlas 2.0: BLOCKED, 3 to act · Thu 17 Dec (9 days)", with the last decision where there is one; of a
    closed release how and when it ended.
    """
    name = cut(readiness.name, 120)
    if readiness.closed is not None:
        ended = day_begun(readiness.closed.at, edition.zone, readiness.computed_at)
        return cut(f"{name}: {_ended(readiness.closed)} · {ended}", TITLE_LIMIT)
    people = len({ask.who for ask in open_asks(readiness)} | {asked.whom for asked in open_questions(readiness)})
    said = f", {_in_the_title(readiness, readiness.decisions[-1])}" if readiness.decisions else ""
    words = f"{name}: {cut(readiness.shown, 60)}{said}" + (f", {people} to act" if people else "")
    if readiness.target is not None:
        days = days_between(readiness.computed_at, readiness.target, edition.zone)
        date = day(readiness.target, edition.zone, readiness.computed_at)
        words += f" · {date} ({days_left(days)})"
    return cut(words, TITLE_LIMIT)


def _in_the_title(readiness: Readiness, decision: Decision) -> str:
    """Many read nothing else."""
    return "SETBACK AFTER GO" if is_setback(readiness, decision) else decided(decision).text


def headline(readiness: Readiness, edition: Edition, detail: Detail) -> tuple[Block, ...]:
    """The verdict's panel, the banner of what is held, and the moves of the target."""
    closed = readiness.closed
    lines = _open(readiness, edition, detail) if closed is None else _closed(readiness, closed, edition, detail)
    tone = VERDICT_TONES[readiness.verdict] if closed is None else Tone.NEUTRAL
    moves = move_lines(readiness, edition, detail)
    return (
        Panel(tone, (*lines, _target(readiness, edition, detail))),
        *_banner(readiness, edition, detail),
        *((Bullets(moves),) if moves else ()),
    )


def hold_line(hold: Hold, readiness: Readiness, edition: Edition, detail: Detail) -> Line:
    """Said as "Kim Park holds Legal: terms are being rewritten (since …)"."""
    what = "the release" if hold.gate is None else gate_name(hold.gate, readiness, detail)
    since = moment(hold.at, edition.zone, readiness.computed_at)
    why = reason_of(hold.reason, (hold.gate,), readiness, detail)
    return Text(f"{cut(hold.by, detail.name)} holds {what}", strong=True), Text(f"{why} (since {since})")


def is_setback(readiness: Readiness, decision: Decision) -> bool:
    """Whether a GO was said for what is not launchable any more. An override never was; what is over need not be."""
    still = readiness.closed is not None or readiness.verdict.launchable
    return decision.go and not decision.override and not still


def decided(decision: Decision) -> Lozenge:
    """The decision in a word, an override loudly."""
    if not decision.go:
        return Lozenge("NO-GO", Tone.BAD)
    return Lozenge("GO BY OVERRIDE", Tone.BAD) if decision.override else Lozenge("GO", Tone.GOOD)


def _open(readiness: Readiness, edition: Edition, detail: Detail) -> list[Line]:
    until = moment(readiness.valid_until, edition.zone, readiness.computed_at)
    length = span(readiness.valid_until - readiness.computed_at)
    return [
        (
            Lozenge(cut(readiness.shown, 60), VERDICT_TONES[readiness.verdict]),
            *linked(
                f" · {ended(cut(readiness.reason, detail.sentence))}{_decider(readiness, detail)}",
                links_to_items(readiness, detail),
            ),
        ),
        *_decision(readiness, edition, detail),
        (
            Text(f"Trust this until {until}", strong=True),
            Text(f" ({length} after it was written); after that, CAN'T TELL."),
        ),
    ]


def _decider(readiness: Readiness, detail: Detail) -> str:
    """Who acts next when all the others have."""
    if not readiness.launchable or readiness.decisions:
        return ""
    manager = cut(readiness.managers[0], detail.name) if readiness.managers else "The release manager"
    return f" {manager} decides: GO or NO-GO."


def _decision(readiness: Readiness, edition: Edition, detail: Detail) -> list[Line]:
    """The last decision in one line; what it rests on stands below."""
    if not readiness.decisions:
        return []
    last = readiness.decisions[-1]
    at = moment(last.at, edition.zone, readiness.computed_at)
    since: tuple[Span, ...] = ()
    if is_setback(readiness, last):
        since = (Text(" · "), Lozenge(f"SETBACK SINCE: {cut(readiness.shown, 60)}", Tone.BAD))
    elif last.go and readiness.closed is None:
        since = (Text("; once it is out, the release manager says /launched"),)
    return [joined(Text("Decided: "), decided(last), Text(f" by {cut(last.by, detail.name)}, {at}"), *since)]


def _closed(readiness: Readiness, closed: Closing, edition: Edition, detail: Detail) -> list[Line]:
    at = moment(closed.at, edition.zone, readiness.computed_at)
    why = f": {cut(closed.reason, detail.sentence)}" if closed.reason else ""
    return [
        (Lozenge(_ended(closed), Tone.NEUTRAL), Text(f" · by {cut(closed.by, detail.name)}, {at}{why}")),
        (Text(f"The last verdict: {cut(readiness.shown, 60)} · {ended(cut(readiness.reason, detail.sentence))}"),),
        *_decision(readiness, edition, detail),
        (
            Text("This is the last report", strong=True),
            Text(": nobody is asked for anything any more, and what stands below is not confirmed again."),
        ),
    ]


def _ended(closed: Closing) -> str:
    return "LAUNCHED" if closed.launched else "CANCELLED"


def _target(readiness: Readiness, edition: Edition, detail: Detail) -> Line:
    words = "Target: none is set"
    if readiness.target is not None:
        words = f"Target: {deadline(readiness.target, edition.zone, readiness.computed_at)}"
        if readiness.closed is None:
            days = days_between(readiness.computed_at, readiness.target, edition.zone)
            words += f" ({days_left(days)}, when written)"
    launch: Line = ()
    if readiness.launch_key:
        launch = Text(" · Launch issue: "), Link(cut(readiness.launch_key, detail.name), readiness.launch_url)
    return Text(words + moved_words(readiness, edition)), *launch


def _banner(readiness: Readiness, edition: Edition, detail: Detail) -> tuple[Panel, ...]:
    if readiness.verdict is not Verdict.ON_HOLD or not readiness.holds or readiness.closed:
        return ()
    shown = readiness.holds[: max(1, detail.bullets)]
    lines = [hold_line(hold, readiness, edition, detail) for hold in shown]
    if len(readiness.holds) > len(shown):
        lines.append((Text(f"and {len(readiness.holds) - len(shown)} more."),))
    return (Panel(VERDICT_TONES[Verdict.ON_HOLD], tuple(lines)),)
