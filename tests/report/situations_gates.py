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

LIFT = Ask(who="Kim Park", what="lift the hold on Legal or say what it needs", gate="legal")


def all_ready() -> Readiness:
    """Everything is done, read and signed: ten lines say so, and the manager may decide."""
    return release(Verdict.READY, "READY", "All 3 required gates are ready.", ENGINEERING, DOCS, LEGAL)


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
        Ask(who="Ana Silva", what="assign somebody to DOC-40", key="DOC-40", url="https://gtm.example/DOC-40"),
        FINISH_DOCS,
        Ask(who="Maya Ortiz", what="name an owner for Sales", gate="sales_playbook"),
    )
    better = replace(ENGINEERING, since=NOW - timedelta(hours=3), previous=State.AT_RISK)
    return release(
        Verdict.BLOCKED,
        "BLOCKED",
        "Documentation is past its due date.",
        better,
        training,
        LATE_DOCS,
        SALES,
        SUPPORT,
        asks=asks,
    )


def unknown() -> Readiness:
    """A tracker cannot be read and a ticket is gone: what is not known is never good news, and hides no bad news."""
    marketing = gate(
        "Marketing",
        State.UNKNOWN,
        reason="1 unfinished item can no longer be found: MKT-4",
        actor="Sam Okafor",
        done=5,
        total=8,
        open_items=(item("MKT-4"),),
        facts_at=NOW - timedelta(hours=3),
    )
    return release(
        Verdict.UNKNOWN,
        "CAN'T TELL",
        "Marketing cannot be read.",
        ENGINEERING,
        replace(LATE_DOCS, unknown=True, required=False),
        marketing,
        asks=(Ask(who="Sam Okafor", what="renew the token for gtm", gate="marketing", unblocks=("marketing",)),),
        sources=(
            Source(tracker="eng", last_complete=NOW - timedelta(minutes=2), items=42),
            Source(tracker="gtm", last_complete=NOW - timedelta(hours=3), items=18, error="401: the token was refused"),
            Source(tracker="desk", last_complete=None, items=0, error="the host did not answer within 30 s"),
        ),
        remarks=(
            'ENG-7: the status "Done" counts as todo, for its category is new',
            "1 open item without an assignee: DOC-40.",
        ),
    )


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
        due=datetime(2026, 12, 15, 17, 0, tzinfo=UTC),
        since=NOW - timedelta(hours=5),
        previous=State.ON_TRACK,
    )
    return release(
        Verdict.AT_RISK,
        "NOT READY, at risk",
        "Quality Assurance is at risk.",
        ENGINEERING,
        quality,
        DOCS,
        asks=(Ask(who="Jo Berg", what="move QA-9 or say what hinders it", gate="quality_assurance", key="QA-9"),),
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
        "Maya Ortiz holds the release.",
        ENGINEERING,
        DOCS,
        legal,
        holds=(hold, held),
        asks=(LIFT,),
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
        Verdict.ON_HOLD, "ON HOLD", "Kim Park holds Legal.", ENGINEERING, DOCS, legal, holds=(held,), asks=(LIFT,)
    )


def blocked_and_unknown() -> Readiness:
    """What is known of a gate is bad enough, and the rest of it cannot be read: it shows both."""
    docs = replace(
        LATE_DOCS,
        unknown=True,
        reason="2 of 9 open: DOC-31, DOC-40; due since Fri 4 Dec 23:59; gtm was last read Tue 8 Dec, 07:02 EST",
        facts_at=NOW - timedelta(hours=3),
    )
    asks = (FINISH_DOCS, Ask(who="Sam Okafor", what="renew the token for gtm", gate="documentation"))
    refused = "401: the token was refused"
    return release(
        Verdict.BLOCKED,
        "BLOCKED",
        "Documentation is past its due date, and cannot be read now.",
        ENGINEERING,
        docs,
        LEGAL,
        asks=asks,
        sources=(
            Source(tracker="eng", last_complete=NOW - timedelta(minutes=2), items=42),
            Source(tracker="gtm", last_complete=NOW - timedelta(hours=3), items=18, error=refused),
        ),
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
        "Training has no owner.",
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
        reason="nobody has signed yet",
        actor="Lee Wong",
        since=NOW - timedelta(hours=2),
        previous=State.ON_TRACK,
    )
    ask = Ask(
        who="Lee Wong",
        what="sign with DOC-3",
        gate="documentation",
        by=TARGET,
        unblocks=("documentation",),
        key="DOC-3",
        url="https://gtm.example/DOC-3",
    )
    return release(
        Verdict.ON_TRACK, "NOT READY, on track", "Documentation is not signed yet.", ENGINEERING, docs, asks=(ask,)
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
    gates = [gate(name, State.NOT_STARTED, **fields) for name in ("Documentation", "Engineering", "Training")]
    return release(
        Verdict.ON_TRACK,
        "NOT READY, on track",
        "3 of 3 required gates have not started.",
        *gates,
        SALES,
        target=None,
        asks=(Ask(who="Maya Ortiz", what="name an owner for Documentation", gate="documentation"),),
    )


def waiting() -> Readiness:
    """All goes as planned: Documentation is being written and Training waits for it."""
    docs = gate("Documentation", State.ON_TRACK, done=3, open_items=(item("DOC-31"),), due=TARGET)
    training = gate("Training", State.WAITING, shown="WAITING FOR Documentation", actor="Lee Wong", done=0, total=2)
    return release(
        Verdict.ON_TRACK, "NOT READY, on track", "2 of 3 required gates are unfinished.", ENGINEERING, docs, training
    )
