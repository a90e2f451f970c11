"""What situations are made of: one release on one morning, its gates and items, as values made by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from mapping.item import Item, Progress
from mapping.layout import Edition
from mapping.readiness import Ask, GateReadiness, Readiness, Source, State, Verdict
from mapping.record import Signature
from mapping.wording import state_words

NOW = datetime(2026, 12, 8, 15, 2, tzinfo=UTC)
"""A Tuesday, two minutes past ten in New York, nine days before the target."""

TARGET = datetime(2026, 12, 18, 4, 59, 59, tzinfo=UTC)
MONDAY = datetime(2026, 12, 7, 5, 0, tzinfo=UTC)
EDITION = Edition(
    zone=ZoneInfo("America/New_York"), version="0.1.0", digest="7f" * 8, since_day=MONDAY, evidence="7f3a9c1e" * 8
)


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
            "shown": state_words(state),
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
                Source(tracker="eng", last_complete=NOW - timedelta(minutes=2), items=42, shown="Jira (eng)"),
                Source(tracker="gtm", last_complete=NOW - timedelta(minutes=1), items=18, shown="Linear (gtm)"),
            ),
            "launch_key": "REL-12",
            "launch_url": "https://eng.example/browse/REL-12",
            **fields,
        }
    )


ENGINEERING = gate("Engineering", State.READY, sign_off=False, owner="Dana Reyes", done=42, total=42)
DOCS = gate("Documentation", State.READY, signed=signed("Lee Wong"), sign_off_key="DOC-3")
LEGAL = gate("Legal", State.READY, total=0, done=0, owner="Kim Park", signed=signed("Kim Park", "legal"))
LATE_DOCS = gate(
    "Documentation",
    State.BLOCKED,
    reason="2 of 9 open: DOC-31, DOC-40; due since Fri 4 Dec",
    done=7,
    open_items=(item("DOC-31", "Write the upgrade guide"), item("DOC-40", "Screenshots", assignee=None)),
    actor="Lee Wong",
    due=datetime(2026, 12, 5, 4, 59, 59, tzinfo=UTC),
    since=NOW - timedelta(hours=20),
    previous=State.ON_TRACK,
    sign_off_key="DOC-3",
)
SALES = gate("Sales Playbook", State.NOT_STARTED, required=False, asked=True, owner="", done=0, total=0)
SUPPORT = gate("Support", State.NOT_STARTED, required=False, asked=True, owner="", done=0, total=0)
FINISH_DOCS = Ask(
    who="Lee Wong",
    what="finish DOC-31",
    gate="documentation",
    by=datetime(2026, 12, 5, 4, 59, 59, tzinfo=UTC),
    unblocks=("Training", "Marketing"),
    key="DOC-31",
    url="https://gtm.example/DOC-31",
)
