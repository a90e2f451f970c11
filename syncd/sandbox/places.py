"""Where the launch of Atlas 2.0 takes place: the people, and the departments with their projects and teams.

Called by ``launch``. No work is made here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from syncd.sandbox.jira import JiraWorld
    from syncd.sandbox.linear import LinearWorld

NAME = "Atlas 2.0"
LABEL = "atlas-2"
LAUNCH_NUMBER = 12

PEOPLE = {
    "Maya Ortiz": "maya",
    "Noor Haddad": "noor",
    "Sam Okafor": "sam",
    "Dana Whitfield": "dana",
    "Ravi Shah": "ravi",
    "Yuki Mori": "yuki",
    "Elif Kaya": "elif",
    "Quinn Berg": "quinn",
    "Tom Becker": "tom",
    "Uma Reyes": "uma",
    "Ines Duarte": "ines",
    "Lee Park": "lee",
    "Ona Petit": "ona",
    "Tess Moreau": "tess",
    "Pia Novak": "pia",
    "Ana Lima": "ana",
    "Bo Lindqvist": "bo",
    "Gus Ferreira": "gus",
}
"""Name → the part of the e-mail before @acme.example. All of them have an account in both trackers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """One department's project (Jira) or team (Linear). ``marks`` is how its tickets say that they are of Atlas 2.0,
    as the worlds' ``add`` takes it; ``staff`` are those who work there, the lead first.
    """

    key: str
    name: str
    tracker: str
    staff: tuple[str, ...]
    marks: dict[str, Any] = field(default_factory=dict)
    has_lead: bool = True

    @property
    def lead(self) -> str | None:
        return self.staff[0] if self.has_lead else None


DEPARTMENTS = (
    Department(
        key="ENG",
        name="Atlas Engineering",
        tracker="jira",
        staff=("Dana Whitfield", "Ravi Shah", "Yuki Mori", "Elif Kaya"),
        marks={"fix_versions": (NAME,)},
    ),
    Department(
        key="QA",
        name="Quality Assurance",
        tracker="jira",
        staff=("Quinn Berg", "Tom Becker"),
        marks={"fix_versions": (NAME,)},
    ),
    Department(
        key="SUP", name="Support", tracker="jira", staff=("Uma Reyes", "Ines Duarte"), marks={"labels": (LABEL,)}
    ),
    Department(
        key="DOC",
        name="Documentation",
        tracker="linear",
        staff=("Lee Park", "Ona Petit"),
        marks={"project": "Atlas docs"},
    ),
    Department(key="TRN", name="Training", tracker="linear", staff=("Tess Moreau",), marks={"labels": (LABEL,)}),
    Department(
        key="PMM",
        name="Product Marketing",
        tracker="linear",
        staff=("Pia Novak",),
        marks={"project": "Atlas packages and prices"},
    ),
    Department(
        key="MKT", name="Marketing", tracker="linear", staff=("Ana Lima", "Bo Lindqvist"), marks={"labels": (LABEL,)}
    ),
    Department(
        key="SAL",
        name="Sales",
        tracker="linear",
        staff=("Gus Ferreira",),
        marks={"project": "Atlas playbook"},
        has_lead=False,
    ),
)


def settle(jira: JiraWorld, linear: LinearWorld) -> None:
    """Makes the people, projects and teams in both worlds."""
    for name, login in PEOPLE.items():
        jira.user(name, f"{login}@acme.example")
        linear.user(name, f"{login}@acme.example")
    jira.project("REL", "Releases", "Maya Ortiz")
    linear.label(LABEL)
    for department in DEPARTMENTS:
        _open(department, jira, linear)
    linear.state("DOC", "Ready for launch", "completed")
    linear.initiative(NAME, ["Atlas docs", "Atlas packages and prices"])


def _open(department: Department, jira: JiraWorld, linear: LinearWorld) -> None:
    if department.tracker == "jira":
        jira.project(department.key, department.name, department.lead)
        for version in department.marks.get("fix_versions", ()):
            jira.version(department.key, version)
        return
    linear.team(department.key, department.name, department.lead)
    if "project" in department.marks:
        linear.project(department.marks["project"], department.key)
