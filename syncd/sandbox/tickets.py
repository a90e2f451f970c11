"""The work for Atlas 2.0, department by department, as it stands some weeks before the launch.

Called by ``launch``. Only the table: who does what, since when, and how far it is.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """``age`` and ``touched`` are how many days ago it was made and last moved. ``parent`` is another's title in the
    same department. ``marked`` tells whether it says that it is of Atlas 2.0. The rest is as the worlds' ``add`` has
    it.
    """

    team: str
    title: str
    state: str = "To Do"
    who: str | None = None
    type: str = "Task"
    age: float = 20
    touched: float = 2
    parent: str | None = None
    priority: str | int | None = None
    resolution: str | None = None
    marked: bool = True


_EPIC = "Offline editing"
_SYNC = "Merge edits made offline on two devices"

ENGINEERING = (
    Ticket(team="ENG", title=_EPIC, type="Epic", state="In Progress", who="Dana Whitfield", age=60),
    Ticket(team="ENG", title="Keep drafts on the device", type="Story", state="Done", who="Ravi Shah", parent=_EPIC),
    Ticket(
        team="ENG", title=_SYNC, type="Story", state="In Progress", who="Yuki Mori", parent=_EPIC, age=30, touched=0.3
    ),
    Ticket(team="ENG", title="Show which edits won", type="Sub-task", state="In Review", who="Yuki Mori", parent=_SYNC),
    Ticket(team="ENG", title="Limit the device store to 2 GB", state="Done", who="Elif Kaya", parent=_EPIC, touched=6),
    Ticket(
        team="ENG", title='Export fails for names with "|" or [brackets]', type="Bug", state="Done", who="Ravi Shah"
    ),
    Ticket(team="ENG", title="Move search to the new index", type="Story", state="Done", who="Elif Kaya", touched=9),
    Ticket(team="ENG", title="Dark mode for the editor", type="Story", state="Done", touched=11, resolution="Won't Do"),
    Ticket(team="ENG", title="Release notes for the API", state="In Progress", who="Ravi Shah", touched=1),
    Ticket(team="ENG", title="Try the parser of 3.0", state="Backlog", age=15, marked=False),
)

QUALITY = (
    Ticket(team="QA", title="Regression run on the release candidate", state="Done", who="Tom Becker"),
    Ticket(team="QA", title="Load test with 5,000 editors", state="Done", who="Quinn Berg", touched=4),
    Ticket(
        team="QA",
        title="Edits are lost when the battery dies during a merge",
        type="Bug",
        state="In Progress",
        who="Tom Becker",
        age=5,
        touched=0.2,
        priority="Highest",
    ),
    Ticket(team="QA", title="Test on a slow satellite link", who="Tom Becker", age=12, touched=3),
    Ticket(team="QA", title="Icon is blurred at 125 %", type="Bug", state="Done", resolution="Cannot Reproduce"),
)

SUPPORT = (
    Ticket(team="SUP", title="Runbook: an account does not sync", state="Done", who="Uma Reyes", touched=3),
    Ticket(team="SUP", title="On-call list for the launch week", state="Done", who="Ines Duarte", touched=2),
    Ticket(team="SUP", title="Ten macros for the first questions", state="Done", who="Ines Duarte", touched=1),
    Ticket(team="SUP", title="Customer cannot find the invoice", who="Ines Duarte", age=1, touched=0.5, marked=False),
)

DOCUMENTATION = (
    Ticket(team="DOC", title="Documentation is ready for Atlas 2.0", state="In Progress", who="Lee Park", marked=False),
    Ticket(team="DOC", title="Guide: working offline", state="Done", who="Lee Park", touched=5),
    Ticket(team="DOC", title="Upgrade guide from 1.9", state="In Review", who="Ona Petit", touched=0.4),
    Ticket(team="DOC", title="What happens when two people edit", state="In Progress", who="Lee Park", touched=1),
    Ticket(team="DOC", title="API reference, generated anew", state="Done", who="Ona Petit", touched=8),
    Ticket(team="DOC", title="Translate the tour", state="Canceled", touched=10),
)

TRAINING = (
    Ticket(team="TRN", title="Course for the support floor", state="Todo", age=6, touched=6),
    Ticket(team="TRN", title="Record the 20-minute tour", state="Todo", age=6, touched=6),
    Ticket(team="TRN", title="Quiz for new hires", state="Backlog", age=6, touched=5),
)

PRODUCT_MARKETING = (
    Ticket(
        team="PMM",
        title="Product marketing signs off Atlas 2.0",
        state="Done",
        who="Pia Novak",
        touched=1,
        marked=False,
    ),
    Ticket(team="PMM", title="Name of the offline package", state="Done", who="Pia Novak", touched=12),
    Ticket(team="PMM", title="Price list per seat", state="Done", who="Pia Novak", touched=6),
    Ticket(team="PMM", title="What the Team package leaves out", state="Done", who="Pia Novak", touched=3),
)

MARKETING = (
    Ticket(team="MKT", title="Launch post for the blog", state="In Progress", who="Ana Lima", touched=1, priority=2),
    Ticket(team="MKT", title="Interview with the first customer", state="Todo", who="Bo Lindqvist", age=30, touched=26),
    Ticket(team="MKT", title="Landing page", state="Done", who="Bo Lindqvist", touched=4),
    Ticket(
        team="MKT", title="Mail to all workspaces", state="In Progress", who="Ana Lima", age=14, touched=2, priority=1
    ),
    Ticket(team="MKT", title="Booth at the spring fair", state="Canceled", touched=7),
)

SALES = (
    Ticket(team="SAL", title="One page: when to offer offline editing", state="Todo", age=8, touched=8),
    Ticket(team="SAL", title="Answers to the five objections", state="Backlog", age=8, touched=8),
)

SIGN_OFFS = tuple(
    Ticket(team=team, title=f"{name} signs off Atlas 2.0", who=who, state=state, age=9, touched=9, marked=False)
    for team, name, who, state in (
        ("QA", "Quality Assurance", "Quinn Berg", "To Do"),
        ("SUP", "Support", "Uma Reyes", "To Do"),
        ("TRN", "Training", "Tess Moreau", "Todo"),
        ("MKT", "Marketing", "Ana Lima", "Todo"),
        ("SAL", "Sales", "Gus Ferreira", "Todo"),
    )
)
"""Where departments sign that have no such ticket among their work: QA-6, SUP-5, TRN-4, MKT-6, SAL-3."""

PAST_LAUNCHES = (*(f"Atlas 1.{number}" for number in range(10)), "Atlas mobile")
"""The launch issues before this one, oldest first."""

ALL = (
    *ENGINEERING,
    *QUALITY,
    *SUPPORT,
    *DOCUMENTATION,
    *TRAINING,
    *PRODUCT_MARKETING,
    *MARKETING,
    *SALES,
    *SIGN_OFFS,
)
