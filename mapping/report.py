"""The report: what readiness.md §10 says of the summary issue, as a document in no tracker's dialect.

Called by the pass before a write and by the commands. Decides nothing: it words what was judged. It must not read a
clock, and nothing of it may stand below the heading of the notes.
"""

from __future__ import annotations

from mapping.answering import answers
from mapping.document import NOTES_HEADING, Block, Heading, Paragraph, Report, Text
from mapping.gate_table import gates_section
from mapping.headline import headline, title
from mapping.layout import FULL, STEPS, Detail, Edition
from mapping.plain import cut
from mapping.readiness import Readiness, State, Verdict
from mapping.section_decisions import SHA_LETTERS, decisions
from mapping.section_handoffs import hand_offs
from mapping.section_scope import scope
from mapping.sections import act_now, changes, trust
from mapping.wording import moment

_LEFT_OUT = "For want of room nothing is said here of changes, hand-offs, the scope and what was read when."
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
        *headline(readiness, edition, detail),
        *act_now(readiness, edition, detail),
        *decisions(readiness, edition, detail),
        *gates_section(readiness, edition, detail),
        *_background(readiness, edition, detail),
        *answers(readiness, detail),
        _footer(readiness, edition),
        Heading(NOTES_HEADING),
    ]
    return Report(
        title=title(readiness, edition),
        blocks=tuple(blocks),
        digest=edition.digest,
        labels=_labels(readiness),
        facts=_facts(readiness, edition),
    )


def _background(readiness: Readiness, edition: Edition, detail: Detail) -> tuple[Block, ...]:
    """What explains the verdict and asks nobody for anything."""
    if not detail.background:
        return (Paragraph((Text(_LEFT_OUT),)),)
    return (
        *changes(readiness, edition, detail),
        *hand_offs(readiness, edition, detail),
        *scope(readiness, edition, detail),
        *trust(readiness, edition, detail),
    )


def _footer(readiness: Readiness, edition: Edition) -> Paragraph:
    computed = moment(readiness.computed_at, edition.zone, readiness.computed_at)
    evidence = f"evidence {cut(edition.evidence[:SHA_LETTERS], 20)} · " if edition.evidence else ""
    return Paragraph((Text(f"{evidence}syncd {cut(edition.version, 30)} · computed {computed}"),), small=True)


def _labels(readiness: Readiness) -> tuple[str, ...]:
    """What is wrong; nothing is any more with a release that is over."""
    if readiness.closed is not None:
        return ()
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
        "decision": _decision(readiness),
        "evidence": cut(edition.evidence, 64),
        "gates": sum(1 for gate in readiness.gates if gate.required),
    }


def _decision(readiness: Readiness) -> str:
    if not readiness.decisions:
        return ""
    return "go" if readiness.decisions[-1].go else "no-go"
