"""What gates alone make of a release: ready, late, blind, held, waiting."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from mapping.readiness import Ask, Readiness, Source, State, Verdict
from mapping.record import Hold
from tests.report.world import (
    DOCS,
    ENGINEERING,
    FINISH_DOCS,
    LATE_DOCS,
    LEGAL,
    NOW,
    SALES,
    SUPPORT,
    TARGET,
    gate,
    item,
    release,
)

LIFT = Ask(
    who="Kim Park",
    what="lift the hold on Legal, or say what it waits for",
    gate="legal",
    unblocks=("Atlas 2.0",),
)
LIFT_ALL = Ask(who="Maya Ortiz", what="lift the hold on the release, or say what it waits for", unblocks=("Atlas 2.0",))
SINCE_SEVEN = "it cannot be read in Linear (gtm), last read Tue 8 Dec, 07:02 EST"
REFUSED = "401: the token was refused"
SOURCES = (
    Source(tracker="eng", last_complete=NOW - timedelta(minutes=2), items=42, shown="Jira (eng)"),
    Source(tracker="gtm", last_complete=NOW - timedelta(hours=3), items=18, error=REFUSED, shown="Linear (gtm)"),
)
RENEW = Ask(
    who="Sam Okafor",
    what=f"make Linear (gtm) readable again: {REFUSED}",
    gate="marketing",
    unblocks=("Marketing",),
)


def all_ready() -> Readiness:
    """Everything is done, read and signed: ten lines say so, and the manager may decide."""
    return release(Verdict.READY, "READY", "all 3 required gates are ready", ENGINEERING, DOCS, LEGAL)


def blocked() -> Readiness:
    """Documentation is late, Training waits for it, and two more departments have not been asked to speak yet."""
    training = gate(
        "Training",
        State.WAITING,
        shown="WAITING FOR Documentation",
        reason="Documentation is not ready yet; 4 of 4 open: TRN-1, TRN-2, TRN-3, TRN-4",
        actor="Lee Wong",
        done=0,
        total=4,
        open_items=tuple(item(f"TRN-{n}", status="Backlog", assignee="Ana Silva") for n in range(1, 5)),
        owner="Ana Silva",
    )
    asks = (
        FINISH_DOCS,
        Ask(who="Ana Silva", what="say who takes DOC-40", key="DOC-40", url="https://gtm.example/DOC-40"),
        Ask(who="Maya Ortiz", what="name an owner for Sales", gate="sales_playbook"),
    )
    better = replace(ENGINEERING, since=NOW - timedelta(hours=3), previous=State.AT_RISK)
    return release(
        Verdict.BLOCKED,
        "BLOCKED",
        "Documentation: 2 of 9 open: DOC-31, DOC-40; due since Fri 4 Dec",
        better,
        training,
        LATE_DOCS,
        SALES,
        SUPPORT,
        asks=asks,
    )


SAY_WHAT_BECAME = Ask(
    who="Maya Ortiz",
    what="say what became of QA-4: /admit QA-4 REASON",
    gate="quality_assurance",
    unblocks=("Quality Assurance",),
    key="QA-4",
    url="https://gtm.example/QA-4",
)


def unknown() -> Readiness:
    """A tracker cannot be read and a ticket is gone: what is not known is never good news, and hides no bad news."""
    marketing = gate(
        "Marketing",
        State.UNKNOWN,
        reason=SINCE_SEVEN,
        actor="Sam Okafor",
        done=5,
        total=8,
        open_items=(item("MKT-4"),),
        facts_at=NOW - timedelta(hours=3),
    )
    gone = gate(
        "Quality Assurance",
        State.UNKNOWN,
        reason="1 unfinished item can no longer be found: QA-4",
        actor="Maya Ortiz",
        owner="Jo Berg",
        done=11,
        total=12,
        open_items=(item("QA-4", "Test on a slow link", assignee="Jo Berg"),),
    )
    return release(
        Verdict.UNKNOWN,
        "CAN'T TELL",
        f"Marketing: {SINCE_SEVEN}; 1 more gate cannot be told, either",
        ENGINEERING,
        replace(LATE_DOCS, unknown=True, required=False),
        marketing,
        gone,
        asks=(replace(RENEW, unblocks=("Marketing", "Documentation")), SAY_WHAT_BECAME),
        sources=(
            *SOURCES,
            Source(tracker="desk", last_complete=None, items=0, error="the host did not answer within 30 s"),
        ),
        remarks=(
            'ENG-7: the status "Done" counts as todo, for its category is new',
            "1 open item without an assignee: DOC-40.",
        ),
    )


UNTOUCHED = "take up QA-9, or drop it"
QA_DUE = datetime(2026, 12, 15, 17, 0, tzinfo=UTC)


def at_risk() -> Readiness:
    """Nothing is late yet, but nobody has touched an open item for two weeks."""
    quality = gate(
        "Quality Assurance",
        State.AT_RISK,
        reason="nobody touched QA-9 for 10 working days",
        actor="Jo Berg",
        owner="Jo Berg",
        done=8,
        total=12,
        open_items=(item("QA-9", "Soak test"),),
        due=QA_DUE,
        since=NOW - timedelta(hours=5),
        previous=State.ON_TRACK,
    )
    return release(
        Verdict.AT_RISK,
        "NOT READY, at risk",
        "Quality Assurance: nobody touched QA-9 for 10 working days",
        ENGINEERING,
        quality,
        DOCS,
        asks=(Ask(who="Jo Berg", what=UNTOUCHED, gate="quality_assurance", by=QA_DUE, key="QA-9"),),
    )


def on_hold() -> Readiness:
    """The release manager holds the release, and Legal holds its own gate: nothing else counts until they let go."""
    hold = Hold(id="h1", by="Maya Ortiz", at=NOW - timedelta(hours=1), reason="the contract is not signed")
    held = Hold(id="h2", by="Kim Park", at=NOW - timedelta(days=2), reason="terms are being rewritten", gate="legal")
    legal = replace(
        LEGAL,
        state=State.ON_HOLD,
        shown="ON HOLD",
        reason="held by Kim Park: terms are being rewritten",
        actor="Kim Park",
    )
    return release(
        Verdict.ON_HOLD,
        "ON HOLD",
        "Maya Ortiz holds the release: the contract is not signed",
        ENGINEERING,
        DOCS,
        legal,
        holds=(hold, held),
        asks=(LIFT_ALL, LIFT),
    )


def gate_on_hold() -> Readiness:
    """One department says stop: its gate is held, and with it the release."""
    held = Hold(id="h2", by="Kim Park", at=NOW - timedelta(days=2), reason="terms are being rewritten", gate="legal")
    legal = replace(
        LEGAL,
        state=State.ON_HOLD,
        shown="ON HOLD",
        reason="held by Kim Park: terms are being rewritten",
        actor="Kim Park",
        since=NOW - timedelta(hours=22),
        previous=State.READY,
    )
    return release(
        Verdict.ON_HOLD,
        "ON HOLD",
        "Legal: held by Kim Park: terms are being rewritten",
        ENGINEERING,
        DOCS,
        legal,
        holds=(held,),
        asks=(LIFT,),
    )


def blocked_and_unknown() -> Readiness:
    """What is known of a gate is bad enough, and the rest of it cannot be read: it shows both."""
    docs = replace(
        LATE_DOCS,
        unknown=True,
        reason=f"2 of 9 open: DOC-31, DOC-40; due since Fri 4 Dec; besides, {SINCE_SEVEN}",
        facts_at=NOW - timedelta(hours=3),
    )
    asks = (FINISH_DOCS, replace(RENEW, gate="documentation", unblocks=("Documentation", "Training", "Marketing")))
    return release(
        Verdict.BLOCKED,
        "BLOCKED",
        f"Documentation: 2 of 9 open: DOC-31, DOC-40; due since Fri 4 Dec; besides, {SINCE_SEVEN}",
        ENGINEERING,
        docs,
        LEGAL,
        asks=asks,
        sources=SOURCES,
    )


def nobody_owns() -> Readiness:
    """A gate has no owner and an item no assignee: somebody has to be named before anything can move."""
    training = gate(
        "Training",
        State.BLOCKED,
        reason="4 of 4 open: TRN-1, TRN-2, TRN-3, TRN-4; it has no owner",
        actor="Maya Ortiz",
        owner="",
        done=0,
        total=4,
        open_items=tuple(item(f"TRN-{n}", status="Backlog", assignee=None) for n in range(1, 5)),
        due=TARGET,
    )
    return release(
        Verdict.BLOCKED,
        "BLOCKED",
        "Training: it has no owner",
        ENGINEERING,
        DOCS,
        training,
        asks=(Ask(who="Maya Ortiz", what="name an owner for Training", gate="training"),),
        remarks=("Nobody owns Training.", "4 open items without an assignee: TRN-1, TRN-2, TRN-3 and 1 more."),
    )


def sign_off_due() -> Readiness:
    """The work is done, but nobody has put their name to it."""
    docs = gate(
        "Documentation",
        State.SIGN_OFF_DUE,
        reason="nobody has signed",
        actor="Lee Wong",
        since=NOW - timedelta(hours=2),
        previous=State.ON_TRACK,
    )
    ask = Ask(
        who="Lee Wong",
        what="say whether Documentation is ready",
        gate="documentation",
        by=TARGET,
        key="DOC-3",
        url="https://gtm.example/DOC-3",
    )
    return release(
        Verdict.ON_TRACK, "NOT READY, on track", "Documentation: nobody has signed", ENGINEERING, docs, asks=(ask,)
    )


def nothing_started() -> Readiness:
    """The first day: no tickets, no owners, no target."""
    fields: dict[str, Any] = {
        "done": 0,
        "total": 0,
        "owner": "",
        "actor": "Maya Ortiz",
        "reason": "it has no owner yet",
    }
    names = ("Documentation", "Engineering", "Training")
    gates = [gate(name, State.NOT_STARTED, **fields) for name in names]
    target = "set the target of Atlas 2.0: without it nothing is ever late"
    return release(
        Verdict.ON_TRACK,
        "NOT READY, on track",
        "Documentation: it has no owner yet; 2 more gates are not ready, either",
        *gates,
        SALES,
        target=None,
        asks=(
            Ask(who="Maya Ortiz", what=target, unblocks=names),
            *(Ask(who="Maya Ortiz", what=f"name an owner for {name}", gate=name.lower()) for name in names),
        ),
    )


def waiting() -> Readiness:
    """All goes as planned: Documentation is being written and Training waits for it."""
    docs = gate(
        "Documentation",
        State.ON_TRACK,
        reason="1 of 9 open: DOC-31",
        done=8,
        open_items=(item("DOC-31", "Write the upgrade guide"),),
        due=TARGET,
    )
    training = gate(
        "Training",
        State.WAITING,
        shown="WAITING FOR Documentation",
        reason="Documentation is not ready yet; 2 of 2 open: TRN-1, TRN-2",
        actor="Lee Wong",
        done=0,
        total=2,
        open_items=tuple(item(f"TRN-{n}", title, status="Backlog") for n, title in ((1, "Course"), (2, "Quiz"))),
    )
    return release(
        Verdict.ON_TRACK,
        "NOT READY, on track",
        "Documentation: 1 of 9 open: DOC-31; 1 more gate is not ready, either",
        ENGINEERING,
        docs,
        training,
    )
