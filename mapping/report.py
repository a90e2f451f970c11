"""The report: what readiness.md §10 says of the summary issue, as a document in no tracker's dialect.

Called by the pass before a write and by the commands. Decides nothing: it words what was judged. It must not read a
clock, and nothing of it may stand below the heading of the notes.
"""

from __future__ import annotations

from mapping.document import NOTES_HEADING, Block, Heading, Line, Link, Lozenge, Panel, Paragraph, Report, Text
from mapping.gate_table import gates_section, open_asks
from mapping.layout import FULL, STEPS, Detail, Edition, joined
from mapping.plain import cut
from mapping.readiness import Readiness, State, Verdict
from mapping.sections import act_now, answers, changes, decisions, trust
from mapping.wording import VERDICT_TONES, day, days_between, days_left, deadline, moment, span

TITLE_LIMIT = 255
"""Characters of a summary in Jira; Linear is asked for no more either."""

_LABELS = {
    Verdict.ON_HOLD: "readiness-on-hold",
    Verdict.BLOCKED: "readiness-blocked",
    Verdict.UNKNOWN: "readiness-unknown",
    Verdict.AT_RISK: "readiness-at-risk",
}
_STATE_LABELS = {State.BLOCKED: "readiness-blocked", State.UNKNOWN: "readiness-unknown"}


def reports(readiness: Readiness, edition: Edition) -> tuple[Report, ...]:
    """The report from full to smallest; the last fits 25,000 characters of any dialect."""
    return tuple(report(readiness, edition, detail) for detail in STEPS)


def report(readiness: Readiness, edition: Edition, detail: Detail = FULL) -> Report:
    """The report in so much detail. The same input gives the same document."""
    blocks: list[Block] = [
        _verdict(readiness, edition, detail),
        *_banner(readiness, edition, detail),
        *act_now(readiness, edition, detail),
        *decisions(readiness, edition, detail),
        *gates_section(readiness, edition, detail),
        *changes(readiness, edition, detail),
        *trust(readiness, edition, detail),
        *answers(readiness, detail),
        _footer(readiness, edition),
        Heading(NOTES_HEADING),
    ]
    return Report(
        title=_title(readiness, edition),
        blocks=tuple(blocks),
        digest=edition.digest,
        labels=_labels(readiness),
        facts=_facts(readiness, edition),
    )


def _title(readiness: Readiness, edition: Edition) -> str:
    people = len({ask.who for ask in open_asks(readiness)})
    words = f"{cut(readiness.name, 120)}: {cut(readiness.shown, 60)}" + (f", {people} to act" if people else "")
    if readiness.target is not None:
        days = days_between(readiness.computed_at, readiness.target, edition.zone)
        date = day(readiness.target, edition.zone, readiness.computed_at)
        words += f" · {date} ({days_left(days)})"
    return cut(words, TITLE_LIMIT)


def _verdict(readiness: Readiness, edition: Edition, detail: Detail) -> Panel:
    lines: list[Line] = [
        (
            Lozenge(cut(readiness.shown, 60), VERDICT_TONES[readiness.verdict]),
            Text(f" · {cut(readiness.reason, detail.sentence)}"),
        ),
        _trusted_until(readiness, edition),
        *_target(readiness, edition, detail),
    ]
    return Panel(VERDICT_TONES[readiness.verdict], tuple(lines))


def _trusted_until(readiness: Readiness, edition: Edition) -> Line:
    until = moment(readiness.valid_until, edition.zone, readiness.computed_at)
    length = span(readiness.valid_until - readiness.computed_at)
    return Text(f"Trust this until {until}", strong=True), Text(
        f" ({length} after it was written); after that, CAN'T TELL."
    )


def _target(readiness: Readiness, edition: Edition, detail: Detail) -> tuple[Line, ...]:
    line: tuple[Text | Link, ...] = ()
    if readiness.target is not None:
        date = deadline(readiness.target, edition.zone, readiness.computed_at)
        days = days_between(readiness.computed_at, readiness.target, edition.zone)
        line += (Text(f"Target: {date} ({days_left(days)}, when written)"),)
    else:
        line += (Text("Target: none is set"),)
    if readiness.launch_key:
        line += (Text(" · Launch issue: "), Link(cut(readiness.launch_key, detail.name), readiness.launch_url))
    return (line,)


def _banner(readiness: Readiness, edition: Edition, detail: Detail) -> tuple[Panel, ...]:
    if readiness.verdict is not Verdict.ON_HOLD or not readiness.holds:
        return ()
    names = {gate.id: gate for gate in readiness.gates}
    lines: list[Line] = []
    for hold in readiness.holds[: max(1, detail.bullets)]:
        gate = names.get(hold.gate or "")
        what = "the release" if hold.gate is None else cut(gate.name if gate else hold.gate, detail.name)
        why = "" if gate and gate.confidential else f": {cut(hold.reason, detail.sentence)}"
        since = moment(hold.at, edition.zone, readiness.computed_at)
        lines.append(
            joined(
                Text(f"{cut(hold.by, detail.name)} holds {what}", strong=True),
                Text(f"{why} (since {since})"),
            )
        )
    return (Panel(VERDICT_TONES[Verdict.ON_HOLD], tuple(lines)),)


def _footer(readiness: Readiness, edition: Edition) -> Paragraph:
    computed = moment(readiness.computed_at, edition.zone, readiness.computed_at)
    return Paragraph((Text(f"syncd {cut(edition.version, 30)} · computed {computed}"),), small=True)


def _labels(readiness: Readiness) -> tuple[str, ...]:
    required = [gate for gate in readiness.gates if gate.required]
    found = {_LABELS.get(readiness.verdict)}
    found |= {_STATE_LABELS.get(gate.state) for gate in required}
    found |= {"readiness-unknown" for gate in required if gate.unknown}
    return tuple(sorted(label for label in found if label))


def _facts(readiness: Readiness, edition: Edition) -> dict[str, str | int]:
    """The machine copy: small, flat, without a word of a ticket."""
    return {
        "release": cut(readiness.release, 120),
        "verdict": readiness.verdict.value,
        "launchable": "yes" if readiness.launchable else "no",
        "valid_until": readiness.valid_until.isoformat(),
        "computed_at": readiness.computed_at.isoformat(),
        "target": readiness.target.isoformat() if readiness.target else "",
        "digest": edition.digest,
        "version": cut(edition.version, 30),
        "gates": sum(1 for gate in readiness.gates if gate.required),
    }
