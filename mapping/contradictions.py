"""Where what people say and what is computed cannot both be so. Called by the remarks; nothing is decided by it.

A signature is held against the facts, the health that people give their project against the state of its gate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mapping.finding import keys, told
from mapping.readiness import State
from mapping.wording import day

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mapping.gate import Release
    from mapping.health import Health
    from mapping.judged import Judged

_WORSE = {"on_track": "on track", "at_risk": "at risk", "off_track": "off track"}
_GOOD = (State.SIGN_OFF_DUE, State.EXCEPTION, State.READY)
_BAD = (State.BLOCKED, State.AT_RISK)


def contradictions(each: Judged, release: Release) -> Iterator[str]:
    yield from _signed(each, release)
    for health in sorted(each.case.view.gate.healths, key=lambda h: (h.tracker, h.project, repr(h))):
        yield from _said(health, each, release)


def _signed(each: Judged, release: Release) -> Iterator[str]:
    name, open_items = each.readiness.name, each.case.view.criteria.open
    signed = [s for s in each.case.sign_off.standing if open_items]
    if signed:
        at = told(signed[0].at, release)
        are = "is" if len(open_items) == 1 else "are"
        yield f"{signed[0].by} signed {name} on {at}, while {keys(open_items)} {are} open."
    for void in each.case.sign_off.contradicted[-1:]:
        at = told(void.at, release)
        yield f"{void.by} signed {name} on {at}, and its items or hand-offs changed after that: it does not count."


def _said(health: Health, each: Judged, release: Release) -> Iterator[str]:
    """Worse than it is, or better. What is settling or unfinished contradicts neither."""
    bright = health.word == "on_track"
    if health.word not in _WORSE or each.state not in (_BAD if bright else _GOOD):
        return
    at = day(health.said_at, release.zone, release.target) if health.said_at else ""
    by = ", ".join(word for word in (health.by, at) if word)
    project = "A project" if each.case.view.gate.confidential else f'Project "{health.project}"'
    words = f"{project} is said to be {_WORSE[health.word]}{f' ({by})' if by else ''}"
    yield f"{words}, while {each.readiness.name} is {each.readiness.shown}."
