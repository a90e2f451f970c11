"""The section of the scope: what joined and left since the freeze, by whom, and what is in no gate or in two releases;
readiness.md §7.

Called by the report. Of confidential gates it shows key, gate and kind only; the rules tell no more of restricted ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mapping.document import Block, Heading, Line, Link, Lozenge, Paragraph, Text, Tone
from mapping.layout import gate_name, is_confidential, section, shortened
from mapping.plain import cut
from mapping.readiness import Kind, Verdict
from mapping.wording import counted, day_begun

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mapping.layout import Detail, Edition
    from mapping.readiness import Readiness, ScopeChange

_WORDS = {
    Kind.ADDED: "Added",
    Kind.VANISHED: "Out of sight",
    Kind.REOPENED: "Reopened",
    Kind.FOUND: "Found",
    Kind.REMOVED: "Removed",
    Kind.MOVED: "Moved",
    Kind.SPLIT: "Split off",
}
"""In the order in which they are shown."""

_ORDER = tuple(_WORDS)
_SETTLED_BY_WORD = (Kind.ADDED, Kind.VANISHED)


def scope(readiness: Readiness, edition: Edition, detail: Detail) -> tuple[Block, ...]:
    """What is not settled first; readiness that came by losing items is said before all of it."""
    found = readiness.scope
    changes = sorted(found.changes, key=_rank)
    lines = [
        *_fixed(readiness, edition),
        *_shrunk(readiness, detail),
        *_late(readiness, edition),
        *_counts(changes),
        *(_change(each, readiness, edition, detail) for each in changes[: detail.bullets]),
    ]
    title = "Scope"
    if found.frozen_at is not None:
        first = day_begun(found.frozen_at, edition.zone, readiness.computed_at)
        title = f"Scope since {first}" if found.late else f"Scope since the freeze ({first})"
    others = [*_strays(readiness, detail), *_shared(readiness, detail)]
    if lines:
        left_out = len(changes) - detail.bullets
        return section(title, lines, left_out) + tuple(Paragraph(line) for line in others)
    return (Heading(title), *(Paragraph(line) for line in others)) if others else ()


def is_unsettled(change: ScopeChange) -> bool:
    """Whether the manager has to say something about it."""
    return change.kind in _SETTLED_BY_WORD and not change.admitted


def _rank(change: ScopeChange) -> tuple[object, ...]:
    newest_first = -change.at.timestamp() if change.at else 0.0
    return not is_unsettled(change), _ORDER.index(change.kind), newest_first, change.tracker, change.key, change.id


def _fixed(readiness: Readiness, edition: Edition) -> Iterator[Line]:
    """That there is a baseline, as long as nothing else says so; a release that is ready needs it no more."""
    found = readiness.scope
    if found.frozen_at and found.items and not (found.changes or found.late or readiness.verdict is Verdict.READY):
        first = day_begun(found.frozen_at, edition.zone, readiness.computed_at)
        yield (Text(f"Fixed {first}: {counted(found.items, 'item')}. None has come or left since."),)


def _shrunk(readiness: Readiness, detail: Detail) -> Iterator[Line]:
    """Said aloud: fewer things to do is not the same as things done."""
    for gate, count in sorted(readiness.scope.shrunk.items())[: detail.bullets]:
        name = gate_name(gate, readiness, detail)
        yield Lozenge("SMALLER", Tone.WARN), Text(f" {name} turned ready after {counted(count, 'item')} left.")


def _late(readiness: Readiness, edition: Edition) -> Iterator[Line]:
    if readiness.scope.late and readiness.scope.frozen_at is not None:
        first = day_begun(readiness.scope.frozen_at, edition.zone, readiness.computed_at)
        yield (Text(f"The scope before {first} is unknown: it was recorded then, after the freeze."),)


def _counts(changes: list[ScopeChange]) -> Iterator[Line]:
    """All of them in one line, once there are several."""
    if len(changes) < 2:  # noqa: PLR2004 - one speaks for itself
        return
    parts = []
    for kind in _ORDER:
        same = [each for each in changes if each.kind is kind]
        unsettled = sum(is_unsettled(each) for each in same)
        if same:
            rest = f" ({unsettled} of {len(same)} not settled)" if unsettled else ""
            parts.append(f"{len(same)} {_WORDS[kind].lower()}{rest}")
    yield (Text(f"{', '.join(parts)}."),)


def _change(change: ScopeChange, readiness: Readiness, edition: Edition, detail: Detail) -> Line:
    private = is_confidential((change.gate,), readiness)
    title = f" {cut(change.title, detail.heading)}" if change.title and detail.titles and not private else ""
    where = "" if private or not change.to else f" to {cut(change.to, detail.name)}"
    by = "" if private or not change.by else f" by {cut(change.by, detail.name)}"
    at = f", {day_begun(change.at, edition.zone, readiness.computed_at)}" if change.at else ""
    mark: Line = (Text(" "), Lozenge("NOT SETTLED", Tone.WARN)) if is_unsettled(change) else ()
    return (
        Text(f"{_WORDS[change.kind]}{where}", strong=True),
        Text(": "),
        Link(cut(change.key, detail.name), change.url),
        Text(f"{title} ({gate_name(change.gate, readiness, detail)}){by}{at}{_settled(change, detail)}"),
        *mark,
    )


def _settled(change: ScopeChange, detail: Detail) -> str:
    if change.admitted:
        return f"; {'admitted' if change.kind is Kind.ADDED else 'settled'} by {cut(change.admitted_by, detail.name)}"
    return "; blocks like any other" if change.kind is Kind.FOUND else ""


def _strays(readiness: Readiness, detail: Detail) -> Iterator[Line]:
    strays = sorted(readiness.scope.strays)
    if strays:
        keys = [f"{cut(key, detail.name)} ({cut(tracker, 30)})" for tracker, key in strays[: detail.bullets]]
        told = "item looks like this release and is" if len(strays) == 1 else "items look like this release and are"
        yield (Text(f"{len(strays)} {told} in no gate: {shortened(keys, len(strays))}."),)


def _shared(readiness: Readiness, detail: Detail) -> Iterator[Line]:
    shared = sorted(readiness.scope.shared.items())
    if shared:
        found = [
            f"{cut(key, detail.name)} ({shortened([cut(name, detail.name) for name in names[:2]], len(names))})"
            for key, names in shared[: detail.bullets]
        ]
        yield (Text(f"{counted(len(shared), 'item')} also in another release: {shortened(found, len(shared))}."),)
