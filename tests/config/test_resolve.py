"""The file and the launch issue together make the release that is judged."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

import config
from config.catalogue import CATALOGUE
from config.questions import (
    leads_wanted,
    mark,
    narrowed,
    queries,
    settings,
    sign_off_tickets,
    summary_settings,
    summary_tracker,
)
from config.resolve import emails, launch_address, release
from connectors.base import Convention, Launch, Selector
from mapping.gate import Blockers, Person, Timing
from mapping.item import Account
from tests.config.test_example import EXAMPLE
from tests.config.texts import FIVE_LINES, TRACKERS, gates

if TYPE_CHECKING:
    from mapping.gate import Gate, Release
    from tests.config.conftest import Load

DANA = Account(tracker="jira", id="d1", name="Dana", email="dana@acme.example")
LAUNCH = Launch(
    id="10012",
    key="REL-12",
    url="https://acme.atlassian.net/browse/REL-12",
    title=" Atlas 2.0 ",
    due=date(2026, 12, 15),
    assignee=DANA,
    project="REL",
)


def resolved(loaded: config.Config, launch: Launch | None = None, **leads: Account) -> Release:
    return release(loaded, "atlas-2", launch=launch, leads=leads, accounts={}, years=[2026])


def gate(whole: Release, name: str) -> Gate:
    return next(gate for gate in whole.gates if gate.id == name)


@pytest.fixture
def example() -> config.Config:
    return config.load(EXAMPLE, {}, secrets=False)


def test_five_lines_take_everything_else_from_the_launch_issue(load: Load) -> None:
    whole = resolved(load(FIVE_LINES), LAUNCH, engineering=DANA)
    assert whole.name == "Atlas 2.0"
    assert whole.target == datetime(2026, 12, 15, 23, 59, 59, tzinfo=UTC)
    assert [person.has(DANA) for person in whole.managers] == [True]
    assert whole.launch_url == LAUNCH.url
    assert whole.never_items == {("jira", "10012")}
    assert gate(whole, "engineering").owners[0].has(DANA)
    assert gate(whole, "support").owners == ()
    assert str(whole.zone) == "UTC"


def test_types_that_are_found_after_the_freeze_are_bugs_unless_the_file_says_otherwise(load: Load) -> None:
    assert resolved(load(FIVE_LINES)).found == {"Bug"}
    other = FIVE_LINES + "    scope: {found: [Defect, Incident]}\n"
    assert resolved(load(other)).found == {"Defect", "Incident"}


def test_without_the_launch_issue_everything_else_stays_unknown(load: Load) -> None:
    loaded = load(FIVE_LINES)
    whole = resolved(loaded)
    assert (whole.name, whole.target, whole.managers, whole.launch_key) == ("atlas-2", None, (), "REL-12")
    assert whole.never_items == frozenset()
    assert summary_settings(loaded, "atlas-2", None) is None
    assert queries(loaded, "atlas-2", None)["support"] == [
        ("jira", Convention(project="SUP", release_id="atlas-2", release_name="atlas-2", launch_key="REL-12"))
    ]


def test_the_known_gates_that_are_not_mentioned_are_asked_about_and_null_ones_are_not(load: Load) -> None:
    whole = resolved(load(gates("docs: gtm/DOC", "sales: null", "qa: {items: none, name: Quality}")))
    asked = {gate.id for gate in whole.gates if gate.asked}
    assert asked == CATALOGUE.keys() - {"docs", "sales", "qa"}
    assert not any(gate.required for gate in whole.gates if gate.asked)
    assert "sales" not in {gate.id for gate in whole.gates}
    assert gate(whole, "qa").name == "Quality"
    assert gate(whole, "qa").questions == CATALOGUE["qa"].questions


def test_every_setting_of_the_example_arrives(example: config.Config) -> None:
    found = {
        "lee@acme.example": [Account(tracker="gtm", id="l1", name="Lee", email="lee@acme.example")],
        "maya@acme.example": [Account(tracker="eng", id="m9", name="Maya O.", email="maya@acme.example")],
    }
    whole = release(example, "atlas-2", launch=LAUNCH, leads={}, accounts=found, years=[2026])
    assert whole.name == "Atlas 2.0"
    assert whole.target == datetime(2026, 12, 16, 4, 59, 59, tzinfo=UTC)
    assert whole.freeze == datetime(2026, 12, 1, 5, tzinfo=UTC)
    assert whole.expect_by == datetime(2026, 11, 21, 4, 59, 59, tzinfo=UTC)
    assert date(2026, 7, 4) in whole.holidays
    assert whole.timing == Timing(
        freshness=timedelta(hours=2), signature=timedelta(days=14), soak=timedelta(hours=24), lease=timedelta(hours=12)
    )
    assert [person.name for person in whole.managers] == ["Maya Ortiz", "Noor Haddad"]
    assert whole.managers[0].accounts == {
        ("eng", "5b10a2844c20165700ede21g"),
        ("gtm", "6b8f1f0c-6b0e-4d5e-9a53-2f1d0c3a7e11"),
        ("eng", "m9"),
    }
    engineering, docs, legal = gate(whole, "engineering"), gate(whole, "docs"), gate(whole, "legal")
    assert engineering.owners == (Person(name="dana"),)
    assert (engineering.sign_off, engineering.contact) == (False, "Sam Reyes")
    assert docs.owners == (Person(name="Lee", email="lee@acme.example", accounts=frozenset({("gtm", "l1")})),)
    assert (docs.after, docs.due) == (("engineering",), datetime(2026, 12, 9, 4, 59, 59, tzinfo=UTC))
    assert (docs.sign_off, docs.sign_off_key) == (True, "DOC-3")
    assert (legal.name, legal.questions, legal.ticketless) == ("Legal", ("Are the terms signed?",), True)
    marketing = gate(whole, "marketing")
    assert marketing.blockers == Blockers(priority=2, labels=frozenset({"launch"}), types=frozenset({"Bug", "Story"}))
    assert (marketing.expect, marketing.confidential, len(marketing.owners)) == (3, True, 2)


def test_the_people_who_are_looked_up_are_those_with_an_e_mail(example: config.Config) -> None:
    assert emails(example, "atlas-2") == {
        f"{name}@acme.example" for name in ("maya", "noor", "lee", "ana", "bo", "kim")
    }


def test_selectors_reach_the_connector_as_written(example: config.Config) -> None:
    asked = queries(example, "atlas-2", LAUNCH)
    assert asked["engineering"] == [("eng", Selector(terms={"jql": 'project = ENG AND fixVersion = "Atlas 2.0"'}))]
    assert asked["docs"] == [("gtm", Selector(terms={"team": "DOC", "project": "Atlas docs"}))]
    assert asked["legal"] == []
    assert "sales" not in asked
    assert len(asked["marketing"]) == 2


def test_the_launch_issue_narrows_conventions_in_its_own_tracker_only(load: Load) -> None:
    asked = queries(load(gates("docs: gtm/DOC", "qa: eng/QA")), "atlas-2", LAUNCH)
    ((_, docs),), ((_, qa),) = asked["docs"], asked["qa"]
    assert docs == Convention(project="DOC", release_id="atlas-2", release_name="Atlas 2.0")
    assert qa == Convention(project="QA", release_id="atlas-2", release_name="Atlas 2.0", launch_key="REL-12")


def test_only_bare_gates_without_an_owner_want_a_lead_and_are_narrowed(load: Load) -> None:
    loaded = load(gates("docs: gtm/DOC", "qa: {items: eng/QA, owner: q@a.example}", "legal: {items: none}"))
    assert leads_wanted(loaded, "atlas-2") == {"docs": ("gtm", "DOC")}
    assert [narrowed(loaded, "atlas-2", name) for name in ("docs", "qa", "legal")] == [True, True, False]


def test_a_name_in_the_file_makes_conventions_independent_of_the_launch_issue(example: config.Config) -> None:
    assert not narrowed(example, "atlas-2", "support")
    assert narrowed(example, "atlas-2-eu", "marketing")


def test_sign_off_tickets_are_found_in_their_own_tracker(load: Load) -> None:
    loaded = load(gates("docs: {items: gtm/DOC, sign_off: {item: gtm/DOC-3, status: Signed}}", "qa: eng/QA"))
    (ticket,) = sign_off_tickets(loaded, "atlas-2").values()
    assert (ticket.tracker, ticket.key, ticket.status) == ("gtm", "DOC-3", "Signed")


def test_a_tracker_s_settings_arrive_whole(load: Load) -> None:
    text = TRACKERS.replace(
        "url: https://acme.atlassian.net/,",
        "url: https://acme.atlassian.net/, statuses: {done: [Shipped], dropped: ['10007']},"
        " resolutions: {dropped: [Later]},",
    )
    loaded = load(gates("docs: gtm/DOC").replace(TRACKERS, text))
    jira, linear = settings(loaded, "eng"), settings(loaded, "gtm")
    assert (jira.url, jira.email) == ("https://acme.atlassian.net", None)
    assert jira.statuses == {"Shipped": "done", "10007": "dropped"}
    assert jira.dropped_resolutions == frozenset({"Later"})
    assert linear.url == "https://api.linear.app/graphql"
    assert linear.dropped_resolutions is None


def test_the_summary_lives_beside_the_launch_issue_unless_the_file_says_where(
    load: Load, example: config.Config
) -> None:
    beside = summary_settings(load(FIVE_LINES), "atlas-2", LAUNCH)
    assert beside is not None
    assert (beside.project, beside.type, beside.link, beside.issue) == ("REL", "Task", "Blocks", None)
    said = summary_settings(example, "atlas-2", LAUNCH, generation=2)
    assert said is not None
    assert (said.project, said.issue, said.generation) == ("REL", "REL-40", 2)
    assert summary_tracker(example, "atlas-2-eu") == "gtm"
    assert launch_address(example, "atlas-2-eu") == ("gtm", "LCH-7")


def test_a_release_s_mark_never_changes_and_is_a_jira_label(load: Load) -> None:
    made = mark(load(FIVE_LINES), "atlas-2", LAUNCH)
    assert made == "syncd-atlas-2-e4ea4abbc9"
    assert made == mark(load(FIVE_LINES.replace(".net,", ".net/,")), "atlas-2", LAUNCH)
