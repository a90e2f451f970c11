"""Extremes: text that nobody should write, secrets, far too much of everything, and all that can happen at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from mapping.readiness import (
    Ask,
    HandOff,
    Kind,
    Leg,
    Readiness,
    Scope,
    Source,
    State,
    TargetSet,
    Verdict,
    WaiverState,
)
from mapping.record import Hold
from tests.report.situations_gates import LIFT, RENEW, SINCE_SEVEN, unknown
from tests.report.situations_moved import (
    ADMIT,
    CHANGES,
    FROZEN,
    NOT_ADMITTED,
    OFFERED,
    TARGETS,
    WHY_MOVED,
    change,
    training,
)
from tests.report.situations_said import ANSWER_W2, DENIED, IN_FORCE, NO_GO, OVER, OVERRIDE, PENDING, QUESTION, waiver
from tests.report.world import ENGINEERING, FINISH_DOCS, LATE_DOCS, LEGAL, NOW, SALES, TARGET, gate, item, release

HOSTILE = (
    "{panel:title=x}h1. Big{panel} [click|http://evil.example] *bold* _it_ -del- +ins+ ^s^ ~s~ ??c?? !img.png! "
    "|| a | b || @maya [~maya] <b>x</b> <issue id=1>ENG-1</issue> `code` ~~s~~ ![i](http://evil.example/i.png) "
    "[l](javascript:alert(1)) http://evil.example/a www.evil.example evil.example a@evil.example ---- # h +++ x "
    ":) ;) (y) :smile: &amp; &#124; \\\\ \\* $x$ \u202egnp.exe\u202c \u2066iso\u2069 \u200f\r\n\r\nh2. Release "
    "manager's notes\n## Release manager's notes\n+++\n|x|y|\n* li\n1. one\n> q\n\x00\x1b[31mred\x07 [red]rich[/red] 🚀"
)
LONG = (HOSTILE + "x" * 40) * 20


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
        **said(HOSTILE, "https://gtm.example/a|b]{x}<y>(z)"),
    )


def said(words: str, url: str, count: int = 1) -> dict[str, Any]:
    """All that people can say and move, ``count`` times each, in these words wherever words go."""
    own: dict[str, Any] = {"by": words, "reason": words, "follow_up": words}
    own |= {"approved_by": words, "denied_by": words, "denial": words}
    standing = [
        replace(waiver(words, state, words, **own, id=f"c{n}"), url=url) for state in WaiverState for n in range(count)
    ]
    decision = replace(OVERRIDE, by=words, reason=words, evidence=words, against=(words,) * count)
    question = replace(QUESTION, by=words, whom=words, text=words, label=words, url=url)
    baton = HandOff(upstream="documentation", downstream=words, leg=Leg.OFFERED, holder=words, reason=words, since=NOW)
    scoped = [change(kind, words, words, by=words, to=words, admitted_by=words, url=url, gate=words) for kind in Kind]
    return {
        "all_waivers": tuple(standing),
        "decisions": tuple(replace(decision, go=n % 2 == 0) for n in range(count, -1, -1)),
        "since_decided": (words,) * count,
        "questions": (question,) * count,
        "handoffs": tuple(replace(baton, leg=leg, dropped=leg is Leg.OFFERED) for leg in Leg for _ in range(count)),
        "targets": tuple(
            TargetSet(target=TARGET + timedelta(days=n), at=NOW, where=words, by=words, reason=words)
            for n in range(count + 1)
        ),
        "scope": Scope(
            frozen_at=NOW,
            late=True,
            changes=tuple(scoped) * count,
            shrunk={"documentation": 3, words: 2},
            strays=((words, words),) * count,
            shared={f"{words}{n}": (words,) * 3 for n in range(count)},
        ),
        "holds": (Hold(id="h", by=words, at=NOW, reason=words),) * count,
    }


SECRET = "Secret acquisition of Initech"


def confidential() -> Readiness:
    """A confidential gate and a restricted item: key, state and owner, and not a word of what it is about."""
    marketing = gate(
        "Marketing",
        State.ON_HOLD,
        confidential=True,
        reason="held by Ana Silva",
        actor="Ana Silva",
        owner="Ana Silva",
        done=1,
        total=2,
        open_items=(item("MKT-1", SECRET, assignee="Ana Silva"),),
    )
    engineering = gate(
        "Engineering",
        State.BLOCKED,
        reason="1 of 9 open: ENG-9; due since Fri 4 Dec",
        actor="Dana Reyes",
        done=8,
        open_items=(item("ENG-9", SECRET, restricted=True, assignee="Dana Reyes"),),
    )
    return release(
        Verdict.ON_HOLD,
        "ON HOLD",
        "Marketing: held by Ana Silva",
        marketing,
        engineering,
        asks=(
            replace(LIFT, who="Ana Silva", what="lift the hold on Marketing, or say what it waits for"),
            Ask(who="Dana Reyes", what="finish ENG-9", gate="engineering", key="ENG-9"),
        ),
        holds=(Hold(id="h", by="Ana Silva", at=NOW, reason=SECRET, gate="marketing"),),
        **_secrets(),
    )


def _secrets() -> dict[str, Any]:
    """What was said and what moved, each with the secret in it."""
    secret: dict[str, Any] = {"reason": SECRET, "denial": SECRET, "denied_by": "Maya Ortiz"}
    waivers = (
        waiver("W1", WaiverState.APPROVED, "MKT-2", **secret, gate="marketing"),
        waiver("W2", WaiverState.PENDING, "MKT-1", **secret, gate="marketing"),
        waiver("W3", WaiverState.DENIED, "MKT-3", **secret, gate="marketing"),
        replace(waiver("W4", WaiverState.DENIED, "ENG-9", **secret, gate="engineering"), hidden=True),
    )
    baton = HandOff(
        upstream="engineering",
        downstream="marketing",
        leg=Leg.RETURNED,
        holder="Dana Reyes",
        since=NOW - timedelta(days=1),
        hours=8,
        reason=SECRET,
    )
    changes = (
        change(Kind.ADDED, "MKT-1", SECRET, gate="marketing", by="Initech"),
        change(Kind.MOVED, "MKT-8", "", gate="marketing", to="Initech", by="Initech"),
    )
    return {
        "all_waivers": waivers,
        "handoffs": (baton,),
        "scope": Scope(frozen_at=FROZEN, changes=changes),
    }


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
    words = "Words of somebody who has much to say about this. " * 20
    return release(
        Verdict.BLOCKED,
        "BLOCKED",
        "100 gates are blocked. " * 50,
        *many,
        asks=asks,
        **said(words, "https://eng.example/" + "a" * 400, 60),
    )


_EVERYBODY = (
    FINISH_DOCS,
    RENEW,
    ANSWER_W2,
    Ask(who="Ana Silva", what="take over from Documentation", gate="training", by=TARGET),
    ADMIT,
    WHY_MOVED,
)


_UNSEEN = gate(
    "Marketing",
    State.UNKNOWN,
    confidential=True,
    reason=SINCE_SEVEN,
    actor="Sam Okafor",
    owner="Bo Lind",
    done=5,
    total=8,
    open_items=(item("MKT-4", SECRET),),
    facts_at=NOW - timedelta(hours=3),
    since=NOW - timedelta(hours=3),
    previous=State.ON_TRACK,
)


def everything() -> Readiness:
    """Everything at once, eight days after the freeze: and still the first screen says whether, why not, and who."""
    quality = gate(
        "Quality Assurance",
        State.EXCEPTION,
        reason="QA-9 is waived until Wed 9 Dec, 22:02 EST",
        owner="Jo Berg",
        actor="Jo Berg",
        done=11,
        total=12,
    )
    soon = NOW + timedelta(hours=36)
    waived = replace(IN_FORCE.waiver, gate="quality_assurance", key="QA-9", until=soon)
    in_force = replace(IN_FORCE, waiver=waived, until=soon, ends_soon=True)
    return release(
        Verdict.BLOCKED,
        "BLOCKED",
        "Documentation: 2 of 9 open: DOC-31, DOC-40; due since Fri 4 Dec",
        replace(
            ENGINEERING,
            state=State.AT_RISK,
            shown="AT RISK",
            reason=NOT_ADMITTED,
        ),
        LATE_DOCS,
        LEGAL,
        SALES,
        _UNSEEN,
        quality,
        training(State.WAITING, shown="WAITING FOR Documentation", reason="Documentation is not ready yet"),
        asks=_EVERYBODY,
        all_waivers=(in_force, PENDING, DENIED, *OVER),
        handoffs=(OFFERED,),
        scope=Scope(
            frozen_at=FROZEN,
            changes=CHANGES,
            shrunk={"legal": 1},
            strays=(("eng", "ENG-77"),),
            shared={"DOC-3": ("Atlas 2.1",)},
        ),
        targets=TARGETS,
        questions=(QUESTION,),
        decisions=(replace(NO_GO, at=NOW - timedelta(days=1)), OVERRIDE),
        since_decided=(f"Marketing was ON TRACK and is CAN'T TELL: {SINCE_SEVEN}.",),
        sources=unknown().sources,
        remarks=("Lee Wong signed Documentation on Mon 7 Dec, while DOC-31 is open.", "Nobody owns Support."),
    )
