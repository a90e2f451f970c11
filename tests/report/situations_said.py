"""What people say about a release: waivers, questions, the decision, the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from mapping.readiness import Ask, Readiness, State, Verdict, WaiverStanding, WaiverState
from mapping.record import Closing, Decision, Question, Waiver
from tests.report.situations_gates import all_ready, blocked
from tests.report.world import DOCS, EDITION, ENGINEERING, FINISH_DOCS, LATE_DOCS, LEGAL, NOW, gate, item, release

UNTIL = datetime(2026, 12, 25, 4, 59, 59, tzinfo=UTC)
READY_ON = {"documentation": "ready", "engineering": "ready", "legal": "ready"}


def waiver(label: str, state: WaiverState, key: str = "DOC-31", **fields: Any) -> WaiverStanding:
    made = Waiver(
        **{
            "id": f"c1-{label}",
            "gate": "documentation",
            "item": ("gtm", f"id-{key}"),
            "digest": "d",
            "by": "Lee Wong",
            "at": NOW - timedelta(days=1),
            "until": UNTIL,
            "reason": "the guide follows a week after the launch",
            "follow_up": "Ana Silva",
            "label": label,
            "key": key,
            **fields,
        }
    )
    return WaiverStanding(waiver=made, state=state, until=made.until, url=f"https://gtm.example/{key}")


IN_FORCE = waiver("W1", WaiverState.APPROVED, approved_by="Maya Ortiz", approved_at=NOW - timedelta(hours=20))
PENDING = waiver("W2", WaiverState.PENDING, "DOC-40", reason="screenshots can be added later")
ANSWER_W2 = Ask(
    who="Maya Ortiz",
    what="approve or deny the waiver W2 on DOC-40, which Lee Wong asks for until Thu 24 Dec: "
    "screenshots can be added later",
    gate="documentation",
    key="DOC-40",
    url="https://gtm.example/DOC-40",
)
DENIED = waiver(
    "W3",
    WaiverState.DENIED,
    "DOC-41",
    denied_by="Maya Ortiz",
    denied_at=NOW - timedelta(hours=17),
    denial="customers need the price list on the first day",
)
OVER = (
    waiver("W4", WaiverState.EXPIRED, "DOC-2", until=datetime(2026, 12, 5, 4, 59, 59, tzinfo=UTC)),
    waiver("W5", WaiverState.REVOKED, "DOC-9", revoked_at=NOW - timedelta(days=3)),
    waiver("W6", WaiverState.SUPERSEDED, "DOC-12"),
    waiver("W7", WaiverState.FULFILLED, "DOC-15"),
)
EXCUSED_DOCS = replace(
    LATE_DOCS,
    state=State.EXCEPTION,
    shown="EXCEPTION",
    done=8,
    open_items=(),
    reason="DOC-31 is waived until Thu 24 Dec: the guide follows a week after the launch",
    actor="Ana Silva",
    due=None,
)
GO = Decision(
    id="c9",
    by="Maya Ortiz",
    at=NOW - timedelta(hours=2),
    go=True,
    reason="all of it is done and signed",
    evidence=EDITION.evidence,
    states=READY_ON,
)
OVERRIDE = replace(
    GO,
    override=True,
    reason="the customer launch cannot move; the guide follows on Friday",
    against=(
        "Documentation (Lee Wong): BLOCKED, 2 of 9 open: DOC-31, DOC-40",
        "Training (Ana Silva): WAITING FOR Documentation, 4 of 4 open",
    ),
)
NO_GO = replace(GO, go=False, reason="the guide is not there, and support cannot answer without it")
QUESTION = Question(
    id="c4",
    by="Maya Ortiz",
    at=NOW - timedelta(days=1),
    whom="Kim Park",
    text="Are the terms for resellers signed?",
    label="Q1",
    url="https://eng.example/browse/REL-40?focusedCommentId=4",
)


def exceptions() -> Readiness:
    """Ready, but for one item that two people agreed to set aside until a day: the headline counts it."""
    return release(
        Verdict.READY_WITH_EXCEPTIONS,
        "READY WITH 1 EXCEPTION",
        "Documentation: DOC-31 is waived until Thu 24 Dec: the guide follows a week after the launch",
        ENGINEERING,
        EXCUSED_DOCS,
        all_waivers=(IN_FORCE,),
    )


def waiver_pending() -> Readiness:
    """A waiver was asked for. It counts for nothing until the second person agrees."""
    return replace(blocked(), asks=(ANSWER_W2, FINISH_DOCS), all_waivers=(PENDING,))


def waiver_denied() -> Readiness:
    """A waiver was refused, with a reason; others are over in other ways. All are kept."""
    return replace(blocked(), all_waivers=(DENIED, *OVER))


def waiver_ends_soon() -> Readiness:
    """What makes the release ready ends tomorrow, and is said before it does."""
    until = datetime(2026, 12, 10, 4, 59, 59, tzinfo=UTC)
    soon = replace(IN_FORCE, until=until, ends_soon=True)
    ask = Ask(
        who="Ana Silva",
        what="W1 on DOC-31 ends Wed 9 Dec: finish it before, or ask for another waiver",
        gate="documentation",
        by=until,
        key="DOC-31",
    )
    engineering, docs = exceptions().gates
    waived = "DOC-31 is waived until Wed 9 Dec: the guide follows a week after the launch"
    return replace(
        exceptions(),
        reason=f"Documentation: {waived}",
        gates=(engineering, replace(docs, reason=waived)),
        all_waivers=(soon,),
        asks=(ask,),
    )


def open_question() -> Readiness:
    """Somebody asked somebody, and nobody answered yet."""
    return replace(
        blocked(),
        questions=(QUESTION, replace(QUESTION, id="c3", label="Q2", whom="Lee Wong", answered_at=NOW)),
    )


def go() -> Readiness:
    """Ready, and the release manager said GO."""
    return replace(all_ready(), decisions=(GO,))


def override() -> Readiness:
    """The release manager said GO against the advice of two departments: it is shown as what it is."""
    return replace(blocked(), decisions=(OVERRIDE,))


def no_go() -> Readiness:
    """The release manager said NO-GO."""
    return replace(blocked(), decisions=(NO_GO,))


AGAIN = "Tue 8 Dec, 09:42 EST"
REOPENED = f"ENG-9 was reopened {AGAIN}, after the gate was ready"


def setback_after_go() -> Readiness:
    """After the GO a bug was reopened: the decision stands as it was said, and what came since stands beside it."""
    reopened = replace(
        ENGINEERING,
        state=State.BLOCKED,
        shown="BLOCKED",
        reason=REOPENED,
        done=41,
        open_items=(item("ENG-9", "Upgrade loses settings", status="Reopened", assignee="Dana Reyes"),),
        actor="Dana Reyes",
        since=NOW - timedelta(minutes=20),
        previous=State.READY,
        due=NOW - timedelta(days=2),
        good_until=NOW - timedelta(minutes=20),
    )
    return release(
        Verdict.BLOCKED,
        "BLOCKED",
        f"Engineering: {REOPENED}",
        reopened,
        DOCS,
        LEGAL,
        asks=(Ask(who="Dana Reyes", what=f"finish ENG-9, reopened {AGAIN}", gate="engineering", key="ENG-9"),),
        decisions=(replace(NO_GO, at=NOW - timedelta(days=1)), GO),
        since_decided=(f"Engineering was READY and is BLOCKED: {REOPENED}.",),
    )


def launched() -> Readiness:
    """It is out: the last report stays, and nobody is asked for anything any more."""
    closed = Closing(id="c11", by="Maya Ortiz", at=NOW - timedelta(hours=1), launched=True)
    return replace(all_ready(), decisions=(GO,), closed=closed)


def cancelled() -> Readiness:
    """It will not be: the last report stays, with the reason."""
    reason = "the partner withdrew; Atlas 2.1 takes its features"
    closed = Closing(id="c11", by="Maya Ortiz", at=NOW - timedelta(hours=1), launched=False, reason=reason)
    return replace(blocked(), closed=closed)


def vouched_for() -> Readiness:
    """A tracker is away and its owner vouches for the gate for a day: never READY, only an exception."""
    marketing = gate(
        "Marketing",
        State.EXCEPTION,
        reason="Ana Silva vouches for it until Wed 9 Dec, 09:02 EST: it cannot be read in Linear (gtm)",
        actor="Ana Silva",
        owner="Ana Silva",
        done=7,
        total=8,
    )
    return release(
        Verdict.READY_WITH_EXCEPTIONS,
        "READY WITH 1 EXCEPTION",
        "Marketing: Ana Silva vouches for it until Wed 9 Dec, 09:02 EST: it cannot be read in Linear (gtm)",
        ENGINEERING,
        marketing,
        LEGAL,
    )
