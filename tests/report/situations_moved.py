"""What moves: batons from gate to gate, the scope, the target."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from mapping.readiness import (
    Ask,
    GateReadiness,
    HandOff,
    Kind,
    Leg,
    Readiness,
    Scope,
    ScopeChange,
    State,
    TargetSet,
    Verdict,
)
from tests.report.situations_gates import all_ready, waiting
from tests.report.world import DOCS, ENGINEERING, LATE_DOCS, LEGAL, NOW, TARGET, gate, item, release

FROZEN = datetime(2026, 12, 1, 5, 0, tzinfo=UTC)
OFFERED = HandOff(
    upstream="documentation",
    downstream="training",
    leg=Leg.OFFERED,
    holder="Ana Silva",
    since=NOW - timedelta(days=4),
    hours=18,
    by=NOW - timedelta(hours=3),
    dropped=True,
)


def training(state: State, **fields: Any) -> GateReadiness:
    return gate(
        "Training",
        state,
        **{
            "done": 0,
            "total": 4,
            "owner": "Ana Silva",
            "actor": "Ana Silva",
            "open_items": tuple(item(f"TRN-{n}", status="Backlog", assignee="Ana Silva") for n in range(1, 5)),
            "due": TARGET,
            **fields,
        },
    )


def change(kind: Kind, key: str, title: str, **fields: Any) -> ScopeChange:
    return ScopeChange(
        **{
            "kind": kind,
            "gate": "engineering",
            "tracker": "eng",
            "id": f"id-{key}",
            "key": key,
            "url": f"https://eng.example/browse/{key}",
            "title": title,
            "by": "Dana Reyes",
            "at": NOW - timedelta(days=1),
            **fields,
        }
    )


ADDED = change(Kind.ADDED, "ENG-51", "Export to PDF")
NOT_ADMITTED = "ENG-51 came after the freeze and was not admitted"
ADMIT = Ask(
    who="Maya Ortiz",
    what="say whether ENG-51 belongs to Atlas 2.0: /admit ENG-51 REASON",
    gate="engineering",
    key="ENG-51",
    url="https://eng.example/browse/ENG-51",
)
CHANGES = (
    ADDED,
    change(Kind.ADDED, "ENG-52", "Dark mode", by="Jo Berg", admitted=True, admitted_by="Maya Ortiz"),
    change(Kind.FOUND, "ENG-53", "Crash when the disk is full", by="Jo Berg"),
    change(Kind.SPLIT, "ENG-54", "Import, second half"),
    change(Kind.REMOVED, "ENG-12", "", by=""),  # what left is not read any more: neither title nor who
    change(Kind.MOVED, "ENG-13", "", by="", to="Atlas 2.1"),
    change(Kind.REOPENED, "ENG-9", "Upgrade loses settings", by="Jo Berg"),
    change(Kind.VANISHED, "ENG-20", "Audit log", by=""),
)
GONE = "say what became of ENG-20: /admit ENG-20 REASON"
WHY_MOVED = Ask(
    who="Maya Ortiz",
    what="say why the launch issue moves the target to Thu 17 Dec: /target Thu 17 Dec because REASON",
)
TARGETS = (
    TargetSet(target=datetime(2026, 12, 9, 4, 59, 59, tzinfo=UTC), at=NOW - timedelta(days=40), where="the file"),
    TargetSet(
        target=datetime(2026, 12, 16, 4, 59, 59, tzinfo=UTC),
        at=NOW - timedelta(days=8),
        where="a comment",
        by="Maya Ortiz",
        reason="the security review takes a week longer",
    ),
    TargetSet(target=TARGET, at=NOW - timedelta(days=1), where="the launch issue", by="Noor Haddad"),
)


def hand_off_dropped() -> Readiness:
    """Documentation is done and offered, and nobody in Training has taken it: a dropped baton."""
    late = training(
        State.AT_RISK,
        reason="nobody has taken over from Documentation, which handed over Fri 4 Dec, 10:02 EST",
        since=NOW - timedelta(hours=3),
        previous=State.ON_TRACK,
    )
    ask = Ask(who="Ana Silva", what="take over from Documentation", gate="training", by=TARGET)
    return release(
        Verdict.AT_RISK,
        "NOT READY, at risk",
        "Training: nobody has taken over from Documentation, which handed over Fri 4 Dec, 10:02 EST",
        ENGINEERING,
        DOCS,
        late,
        asks=(ask,),
        handoffs=(OFFERED,),
    )


def hand_off_returned() -> Readiness:
    """Training gave the documents back with a reason; another hand-off was taken and is being worked on."""
    returned = replace(
        OFFERED,
        leg=Leg.RETURNED,
        dropped=False,
        holder="Lee Wong",
        since=NOW - timedelta(days=1),
        hours=8,
        by=None,
        reason="the chapter on upgrades is missing",
    )
    settle = "Ana Silva returned Documentation to you for Training: the chapter on upgrades is missing"
    taken = HandOff(
        upstream="engineering",
        downstream="documentation",
        leg=Leg.ACCEPTED,
        holder="Lee Wong",
        since=NOW - timedelta(days=6),
        hours=32,
    )
    offered = replace(OFFERED, upstream="engineering", downstream="legal", holder="Kim Park", dropped=False, hours=3)
    offered = replace(offered, since=NOW - timedelta(hours=4), by=NOW + timedelta(days=1))
    back = "Documentation got its hand-off back: the chapter on upgrades is missing"
    waits = training(State.WAITING, shown="WAITING FOR Documentation", reason=back, actor="Lee Wong")
    docs = replace(LATE_DOCS, state=State.ON_TRACK, shown="ON TRACK", reason="2 of 9 open: DOC-31, DOC-40", due=TARGET)
    legal = replace(LEGAL, state=State.ON_TRACK, shown="ON TRACK", signed=None, reason="it waits for a hand-off")
    return release(
        Verdict.ON_TRACK,
        "NOT READY, on track",
        "Documentation: 2 of 9 open: DOC-31, DOC-40; 2 more gates are not ready, either",
        ENGINEERING,
        docs,
        waits,
        legal,
        asks=(Ask(who="Lee Wong", what=f"settle why {settle}", gate="documentation", unblocks=("Training",)),),
        handoffs=(taken, returned, offered),
    )


def frozen() -> Readiness:
    """The scope is fixed, and nothing has come or left since: one line says so."""
    return replace(waiting(), scope=Scope(frozen_at=FROZEN, items=55))


def scope_added() -> Readiness:
    """Work was added after the freeze, more than a week before the target: one question to the manager, and a risk."""
    risky = replace(
        ENGINEERING,
        state=State.AT_RISK,
        shown="AT RISK",
        reason=NOT_ADMITTED,
        done=42,
        total=43,
        open_items=(item("ENG-51", "Export to PDF", assignee="Dana Reyes"),),
        actor="Maya Ortiz",
        since=NOW - timedelta(days=1),
        previous=State.READY,
    )
    return release(
        Verdict.AT_RISK,
        "NOT READY, at risk",
        f"Engineering: {NOT_ADMITTED}",
        risky,
        DOCS,
        LEGAL,
        asks=(ADMIT,),
        scope=Scope(frozen_at=FROZEN, changes=(ADDED,)),
    )


def scope_added_late() -> Readiness:
    """The same in the last week: the release is blocked. And all else that can happen to a scope."""
    blocked = replace(scope_added().gates[0], state=State.BLOCKED, shown="BLOCKED")
    asks = (
        *scope_added().asks,
        Ask(who="Maya Ortiz", what=GONE, gate="engineering", key="ENG-20"),
    )
    return release(
        Verdict.BLOCKED,
        "BLOCKED",
        f"Engineering: {NOT_ADMITTED}",
        blocked,
        DOCS,
        LEGAL,
        asks=asks,
        target=datetime(2026, 12, 12, 4, 59, 59, tzinfo=UTC),
        scope=Scope(
            frozen_at=FROZEN + timedelta(days=2),
            late=True,
            changes=CHANGES,
            strays=(("eng", "ENG-77"), ("gtm", "MKT-4")),
            shared={"DOC-3": ("Atlas 2.1",)},
        ),
    )


def ready_by_shrinking() -> Readiness:
    """Documentation became ready not by work but because three items left: it is said aloud."""
    left = tuple(change(Kind.REMOVED, f"DOC-{n}", "", gate="documentation", by="") for n in (5, 6, 7))
    return replace(all_ready(), scope=Scope(frozen_at=FROZEN, changes=left, shrunk={"documentation": 3}))


def target_moved() -> Readiness:
    """The target moved twice, nine days in all; for the second time nobody has said why."""
    return replace(waiting(), targets=TARGETS, asks=(WHY_MOVED,))
