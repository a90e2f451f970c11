"""Situations that a release can be in, as values made by hand: what was judged, not how."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from mapping.item import Item, Progress
from mapping.layout import Edition
from mapping.readiness import Ask, GateReadiness, Readiness, Source, State, Verdict
from mapping.record import Hold, Signature, Waiver

NOW = datetime(2026, 12, 8, 15, 2, tzinfo=UTC)
"""A Tuesday, two minutes past ten in New York, nine days before the target."""

TARGET = datetime(2026, 12, 18, 4, 59, 59, tzinfo=UTC)
MONDAY = datetime(2026, 12, 7, 5, 0, tzinfo=UTC)
EDITION = Edition(zone=ZoneInfo("America/New_York"), version="0.1.0", digest="7f" * 32, since_day=MONDAY)

HOSTILE = (
    "{panel:title=x}h1. Big{panel} [click|http://evil.example] *bold* _it_ -del- +ins+ ^s^ ~s~ ??c?? !img.png! "
    "|| a | b || @maya [~maya] <b>x</b> <issue id=1>ENG-1</issue> `code` ~~s~~ ![i](http://evil.example/i.png) "
    "[l](javascript:alert(1)) http://evil.example/a www.evil.example evil.example a@evil.example ---- # h +++ x "
    ":) ;) (y) :smile: &amp; &#124; \\\\ \\* $x$ \u202egnp.exe\u202c \u2066iso\u2069 \u200f\r\n\r\nh2. Release "
    "manager's notes\n## Release manager's notes\n+++\n|x|y|\n* li\n1. one\n> q\n\x00\x1b[31mred\x07 [red]rich[/red] 🚀"
)
LONG = (HOSTILE + "x" * 40) * 20


def item(key: str, title: str = "", **fields: Any) -> Item:
    return Item(
        **{
            "tracker": "gtm",
            "id": f"id-{key}",
            "key": key,
            "url": f"https://gtm.example/{key}",
            "title": title or f"Write about {key}",
            "status": "In Review",
            "status_id": "3",
            "progress": Progress.DOING,
            "assignee": "Lee Wong",
            **fields,
        }
    )


def gate(name: str, state: State, **fields: Any) -> GateReadiness:
    return GateReadiness(
        **{
            "id": name.lower().replace(" ", "_"),
            "name": name,
            "state": state,
            "shown": {State.UNKNOWN: "CAN'T TELL"}.get(state, state.value.replace("_", " ").upper()),
            "reason": "",
            "actor": "",
            "required": True,
            "unknown": state is State.UNKNOWN,
            "done": 9,
            "total": 9,
            "since": NOW - timedelta(days=9),
            "owner": "Lee Wong",
            **fields,
        }
    )


def signed(by: str, gate_id: str = "docs") -> Signature:
    return Signature(id="s1", gate=gate_id, by=by, at=NOW - timedelta(days=1), key="DOC-3")


def release(verdict: Verdict, shown: str, reason: str, *gates: GateReadiness, **fields: Any) -> Readiness:
    return Readiness(
        **{
            "release": "atlas-2",
            "name": "Atlas 2.0",
            "verdict": verdict,
            "shown": shown,
            "reason": reason,
            "computed_at": NOW,
            "valid_until": NOW + timedelta(hours=12),
            "gates": gates,
            "target": TARGET,
            "managers": ("Maya Ortiz",),
            "sources": (
                Source(tracker="eng", last_complete=NOW - timedelta(minutes=2), items=42),
                Source(tracker="gtm", last_complete=NOW - timedelta(minutes=1), items=18),
            ),
            "launch_key": "REL-12",
            "launch_url": "https://eng.example/browse/REL-12",
            **fields,
        }
    )


ENGINEERING = gate("Engineering", State.READY, sign_off=False, owner="Dana Reyes", done=42, total=42)
DOCS = gate("Documentation", State.READY, signed=signed("Lee Wong"))
LEGAL = gate("Legal", State.READY, total=0, done=0, owner="Kim Park", signed=signed("Kim Park", "legal"))
LATE_DOCS = gate(
    "Documentation",
    State.BLOCKED,
    reason="2 of 9 open: DOC-31, DOC-40; due since Fri 4 Dec 23:59",
    done=7,
    open_items=(item("DOC-31", "Write the upgrade guide"), item("DOC-40", "Screenshots", assignee=None)),
    actor="Lee Wong",
    due=datetime(2026, 12, 5, 4, 59, 59, tzinfo=UTC),
    since=NOW - timedelta(hours=20),
    previous=State.ON_TRACK,
)
SALES = gate("Sales Playbook", State.NOT_STARTED, required=False, asked=True, owner="", done=0, total=0)
SUPPORT = gate("Support", State.NOT_STARTED, required=False, asked=True, owner="", done=0, total=0)
FINISH_DOCS = Ask(
    who="Lee Wong",
    what="finish DOC-31",
    gate="documentation",
    by=datetime(2026, 12, 5, 4, 59, 59, tzinfo=UTC),
    unblocks=("training", "marketing"),
    key="DOC-31",
    url="https://gtm.example/DOC-31",
)


def all_ready() -> Readiness:
    return release(Verdict.READY, "READY", "All 3 required gates are ready.", ENGINEERING, DOCS, LEGAL)


def blocked() -> Readiness:
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
        Verdict.ON_HOLD, "ON HOLD", "Maya Ortiz holds the release.", ENGINEERING, DOCS, legal, holds=(hold, held)
    )


def exceptions() -> Readiness:
    waiver = Waiver(
        id="W1",
        gate="documentation",
        item=("gtm", "id-DOC-31"),
        digest="d",
        by="Lee Wong",
        at=NOW - timedelta(days=1),
        until=datetime(2026, 12, 25, 4, 59, 59, tzinfo=UTC),
        reason="the guide follows a week after the launch",
        approved_by="Maya Ortiz",
        follow_up="Ana Silva",
    )
    docs = replace(
        LATE_DOCS,
        state=State.EXCEPTION,
        shown="EXCEPTION",
        done=8,
        open_items=(),
        reason="DOC-31 is waived until Thu 24 Dec 23:59",
        actor="Ana Silva",
        due=None,
    )
    return release(
        Verdict.READY_WITH_EXCEPTIONS,
        "READY WITH 1 EXCEPTION",
        "All required gates are ready, 1 of them by a waiver.",
        ENGINEERING,
        docs,
        waivers=(waiver,),
    )


def sign_off_due() -> Readiness:
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
    docs = gate("Documentation", State.ON_TRACK, done=3, open_items=(item("DOC-31"),), due=TARGET)
    training = gate("Training", State.WAITING, shown="WAITING FOR Documentation", actor="Lee Wong", done=0, total=2)
    return release(
        Verdict.ON_TRACK, "NOT READY, on track", "2 of 3 required gates are unfinished.", ENGINEERING, docs, training
    )


def hostile() -> Readiness:
    docs = replace(
        LATE_DOCS,
        name=HOSTILE,
        owner=HOSTILE,
        actor=HOSTILE,
        reason=HOSTILE,
        open_items=(
            item("DOC-31", LONG, status=HOSTILE, assignee="@maya"),
            item("DOC|32", HOSTILE, url="javascript:alert(1)"),
            item("DOC-33", "h1. Release manager's notes", url="https://gtm.example/a|b]{x}<y>(z)"),
        ),
    )
    return release(
        Verdict.BLOCKED,
        "BLOCKED",
        HOSTILE,
        docs,
        name=HOSTILE,
        remarks=(HOSTILE, LONG),
        asks=(Ask(who=HOSTILE, what=LONG, gate="documentation", key="DOC-31", url="https://gtm.example/DOC-31"),),
        sources=(Source(tracker="gtm", last_complete=NOW, items=3, error=HOSTILE),),
    )


SECRET = "Secret acquisition of Initech"


def confidential() -> Readiness:
    marketing = gate(
        "Marketing",
        State.BLOCKED,
        confidential=True,
        reason="1 of 2 open: MKT-1; due since Fri 4 Dec 23:59",
        actor="Ana Silva",
        owner="Ana Silva",
        done=1,
        total=2,
        open_items=(item("MKT-1", SECRET, assignee="Ana Silva"),),
    )
    engineering = gate(
        "Engineering",
        State.BLOCKED,
        reason="1 of 9 open: ENG-9; due since Fri 4 Dec 23:59",
        actor="Dana Reyes",
        done=8,
        open_items=(item("ENG-9", SECRET, restricted=True, assignee="Dana Reyes"),),
    )
    hold = Hold(id="h", by="Ana Silva", at=NOW, reason=SECRET, gate="marketing")
    asks = (
        Ask(who="Ana Silva", what="finish MKT-1", gate="marketing", key="MKT-1"),
        Ask(who="Dana Reyes", what="finish ENG-9", gate="engineering", key="ENG-9"),
    )
    return release(Verdict.BLOCKED, "BLOCKED", "2 gates are blocked.", marketing, engineering, asks=asks, holds=(hold,))


def huge() -> Readiness:
    many = [
        replace(
            LATE_DOCS,
            id=f"gate_{n}",
            name=f"Gate {n} {'of a very long name ' * 20}",
            total=300,
            done=100,
            open_items=tuple(item(f"G{n}-{k}", f"Title {k} " * 30) for k in range(200)),
        )
        for n in range(100)
    ]
    asks = tuple(replace(FINISH_DOCS, who=f"Person {n}", gate=f"gate_{n}") for n in range(100))
    return release(Verdict.BLOCKED, "BLOCKED", "100 gates are blocked. " * 50, *many, asks=asks)


SITUATIONS = {
    function.__name__: function
    for function in (
        all_ready,
        blocked,
        unknown,
        at_risk,
        on_hold,
        exceptions,
        sign_off_due,
        nothing_started,
        waiting,
        hostile,
        confidential,
        huge,
    )
}
