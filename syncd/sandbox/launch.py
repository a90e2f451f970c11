"""A believable launch in both sandbox trackers: what ``syncd demo`` watches and ``syncd sandbox`` serves by default.

Called by the commands. It works through the worlds' own verbs, in the past, so that histories read as if people had
worked there for weeks. The same seed and time give the same launch.
"""

from __future__ import annotations

import random
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from syncd import clock
from syncd.sandbox.places import DEPARTMENTS, LAUNCH_NUMBER, NAME, Department, settle
from syncd.sandbox.tickets import ALL, PAST_LAUNCHES, Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from syncd.sandbox.jira import JiraWorld
    from syncd.sandbox.linear import LinearWorld

JIRA_EMAIL = "robot@syncd.example"
JIRA_TOKEN_ENV = "SYNCD_DEMO_JIRA_TOKEN"  # noqa: S105 - the variable's name
LINEAR_TOKEN_ENV = "SYNCD_DEMO_LINEAR_TOKEN"  # noqa: S105 - the variable's name

_ZONE = ZoneInfo("America/New_York")
_TARGET_DAYS = 10
_FREEZE_DAYS = 3
_EXPECT_DAYS = 4

_VERBS = ("Check", "Write", "Review", "Rework", "Prepare", "Translate", "Agree on", "Measure", "Show", "Describe")
_THINGS = ("the import", "the tour", "the price page", "the sign-in", "the export", "the first run", "the invoice mail")
_WHERE = ("for teams", "on tablets", "for admins", "in the trial", "for partners", "without a network", "in French")
_STATES = {
    "jira": ("To Do", "To Do", "In Progress", "In Review", "Done", "Done", "Done"),
    "linear": ("Backlog", "Todo", "In Progress", "In Review", "Done", "Done", "Canceled"),
}
_UNMARKED = 0.1
_ABANDONED = 0.08


def furnish(jira: JiraWorld, linear: LinearWorld, now: datetime, seed: int = 0) -> None:
    """Fills two empty worlds with the launch as it stands at ``now`` (aware); ``seed`` shifts the hours of the past."""
    with _in_the_past(jira, linear) as past:
        past.at(now - timedelta(days=400))
        settle(jira, linear)
        for number, name in enumerate(PAST_LAUNCHES):
            past.at(now - timedelta(days=390 - 30 * number))
            jira.add("REL", name, status="Done", assignee="Maya Ortiz")
        past.at(now - timedelta(days=62))
        _launch_issue(jira, now)
        _work(past, now, random.Random(seed))  # noqa: S311 - hours of a made-up past
        past.at(now - timedelta(days=2))
        jira.link("Relates", "SUP-2", f"REL-{LAUNCH_NUMBER}")


def furnish_empty(jira: JiraWorld, linear: LinearWorld, now: datetime) -> None:
    """People, projects and teams of the same launch, and no work at all but the launch issue."""
    with _in_the_past(jira, linear) as past:
        past.at(now - timedelta(days=400))
        settle(jira, linear)
        for name in PAST_LAUNCHES:
            jira.delete(jira.add("REL", name))
        past.at(now - timedelta(days=62))
        _launch_issue(jira, now)


def add_items(jira: JiraWorld, linear: LinearWorld, count: int, seed: int = 0) -> None:
    """``count`` more tickets over all departments and states, made within the last month. Needs a furnished world."""
    chance = random.Random(seed)  # noqa: S311 - made-up tickets
    now = jira.clock()
    with _in_the_past(jira, linear) as past:
        for _ in range(count):
            department = chance.choice(DEPARTMENTS)
            past.make(department, _made_up(department, chance), now, chance)


def demo_config(
    jira_url: str, linear_url: str, now: datetime | None = None, *, jira_email: str | None = JIRA_EMAIL
) -> str:
    """The configuration for the launch, as a YAML text. ``jira_url`` is the site's address, ``linear_url`` that of the
    GraphQL endpoint; ``now`` is the time that the worlds were furnished for; no ``jira_email`` for Data Center.

    The tokens come from the environment: SYNCD_DEMO_JIRA_TOKEN and SYNCD_DEMO_LINEAR_TOKEN.
    """
    now = now or clock.now()
    text = Template(files("syncd.sandbox").joinpath("demo.yaml").read_text("utf-8"))
    return text.substitute(
        jira_url=jira_url,
        linear_url=linear_url,
        jira_email=jira_email or "null",
        freeze=_day(now, _FREEZE_DAYS),
        expect_by=_day(now, _EXPECT_DAYS),
        qa_due=_day(now, -1),
    )


class _Past:
    """The worlds while their clock is set to days gone by."""

    def __init__(self, jira: JiraWorld, linear: LinearWorld) -> None:
        self._jira = jira
        self._linear = linear

    def at(self, moment: datetime) -> None:
        self._jira.clock = self._linear.clock = lambda: moment

    def make(self, department: Department, ticket: Ticket, now: datetime, chance: random.Random) -> str:
        """Makes the ticket in its department as it was begun, then moves it to where it stands; its key."""
        self.at(now - timedelta(days=ticket.age, minutes=chance.randrange(90)))
        marks = department.marks if ticket.marked else {}
        if department.tracker == "linear":
            key = self._linear.add(department.key, ticket.title, assignee=ticket.who, priority=_rank(ticket), **marks)
        else:
            key = self._begin_in_jira(department, ticket, marks)
        self.at(now - timedelta(days=ticket.touched, minutes=chance.randrange(5)))
        if department.tracker == "linear":
            self._linear.move(key, ticket.state, by=ticket.who or department.lead)
        elif ticket.state != "To Do":
            self._jira.move(key, ticket.state, by=ticket.who or department.lead, resolution=ticket.resolution)
        return key

    def _begin_in_jira(self, department: Department, ticket: Ticket, marks: dict[str, tuple[str, ...]]) -> str:
        return self._jira.add(
            department.key,
            ticket.title,
            type=ticket.type,
            assignee=ticket.who,
            parent=ticket.parent,
            priority=str(ticket.priority or "Medium"),
            fix_versions=marks.get("fix_versions", ()),
            labels=marks.get("labels", ()),
        )


@contextmanager
def _in_the_past(jira: JiraWorld, linear: LinearWorld) -> Iterator[_Past]:
    """Nobody else sees the worlds while their clocks are turned back."""
    with jira.lock, linear.lock:
        clocks = jira.clock, linear.clock
        try:
            yield _Past(jira, linear)
        finally:
            jira.clock, linear.clock = clocks


def _launch_issue(jira: JiraWorld, now: datetime) -> None:
    jira.add("REL", NAME, type="Task", assignee="Maya Ortiz", due=_day(now, _TARGET_DAYS), priority="High")


def _work(past: _Past, now: datetime, chance: random.Random) -> None:
    departments = {department.key: department for department in DEPARTMENTS}
    keys: dict[str, str] = {}
    for ticket in ALL:
        placed = replace(ticket, parent=keys[ticket.parent]) if ticket.parent else ticket
        keys[ticket.title] = past.make(departments[ticket.team], placed, now, chance)


def _made_up(department: Department, chance: random.Random) -> Ticket:
    age = chance.uniform(1, 30)
    abandoned = department.tracker == "jira" and chance.random() < _ABANDONED
    return Ticket(
        team=department.key,
        title=f"{chance.choice(_VERBS)} {chance.choice(_THINGS)} {chance.choice(_WHERE)}",
        state="Done" if abandoned else chance.choice(_STATES[department.tracker]),
        who=chance.choice((*department.staff, None)),
        age=age,
        touched=chance.uniform(0.1, age),
        resolution="Won't Do" if abandoned else None,
        marked=chance.random() > _UNMARKED,
    )


def _rank(ticket: Ticket) -> int:
    return ticket.priority if isinstance(ticket.priority, int) else 0


def _day(now: datetime, days: int) -> date:
    return now.astimezone(_ZONE).date() + timedelta(days=days)
