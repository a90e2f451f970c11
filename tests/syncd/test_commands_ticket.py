"""What an owner says on the gate's own sign-off ticket counts as on the summary; nothing is ever written there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from config.schema import Config
    from tests.trial import Trial

RELEASE = """
  atlas-2:
    launch: eng/REL-1
    manager: maya
    timing: {{soak: 0s, freshness: 2h}}
    gates:
      engineering: {{owner: dana, items: [{{tracker: eng, project: ENG}}], sign_off: {{item: eng/{engineering}}}}}
      legal: {{owner: sam@acme.example, items: none, sign_off: {{item: gtm/{legal}}}}}
"""


class Office:
    """Engineering signs on a ticket in Jira, Legal, which has no tickets, on one in Linear."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        trial.jira.add("ENG", "Merge edits", status="Done")
        self.engineering = trial.jira.add("SUP", "Engineering signs", assignee="Dana")
        self.legal = trial.linear.add("MKT", "Legal signs", assignee="Sam")
        self.config: Config = trial.configure(RELEASE.format(engineering=self.engineering, legal=self.legal))
        self.passes(3)

    def passes(self, count: int = 2) -> None:
        for _ in range(count):
            self.trial.clock.pass_by(minutes=1)
            self.trial.once(self.config)

    def say(self, ticket: str, text: str, by: str) -> str:
        self.trial.clock.pass_by(minutes=1)
        world = self.trial.linear if ticket == self.legal else self.trial.jira
        comment = str(world.say(ticket, text, by=by))
        self.passes()
        return comment

    def state(self, gate: str) -> str:
        return self.trial.states(self.config)[gate]

    @property
    def summary(self) -> str:
        (issue,) = self.trial.summaries()
        return f"/rest/api/3/issue/{issue['id']}/comment"

    def posted(self) -> set[str]:
        """Where comments were written, in either tracker."""
        jira = {it.path for it in self.trial.jira_site.requests if it.method == "POST" and it.path.endswith("/comment")}
        return jira | {"linear" for it in self.trial.linear_site.requests if "mutation" in str(it.body)}

    def answers(self) -> list[str]:
        """What syncd said of what was not taken."""
        said = [str(it.body) for it in self.trial.jira_site.requests if it.method == "POST" and it.path == self.summary]
        return [text for text in said if "not taken" in text]


@pytest.fixture
def office(whole: Trial) -> Office:
    return Office(whole)


def test_a_word_on_the_ticket_signs_in_either_tracker_and_its_deletion_takes_it_back(office: Office) -> None:
    assert (office.state("engineering"), office.state("legal")) == ("sign_off_due", "sign_off_due")
    comment = office.say(office.engineering, "ready", "Dana")
    office.say(office.legal, "The terms are signed.\n\n/ready", "Sam")
    assert (office.state("engineering"), office.state("legal")) == ("ready", "ready")
    office.trial.jira.remove_comment(office.engineering, comment)
    office.passes(1)
    assert office.state("engineering") == "sign_off_due"
    assert office.posted() <= {office.summary}


def test_a_word_against_outlives_the_move_that_was_made_before_it(office: Office) -> None:
    office.trial.clock.pass_by(minutes=1)
    office.trial.jira.move(office.engineering, "Done", by="Dana")
    office.passes()
    assert office.state("engineering") == "ready"
    office.say(office.engineering, "not-ready the import is slow", "Dana")
    assert office.state("engineering") == "blocked"
    office.say(office.engineering, "ready", "Dana")
    assert office.state("engineering") == "ready"


def test_what_is_wrong_on_a_ticket_is_answered_on_the_summary_and_never_there(office: Office) -> None:
    office.say(office.engineering, "/ready legal", "Dana")
    office.say(office.engineering, "/go", "Maya")
    office.say(office.legal, "ready when you are", "Sam")
    assert office.posted() == {office.summary}
    assert len(office.answers()) == 2
    assert office.trial.status(office.config)["decision"] is None
    assert (office.state("engineering"), office.state("legal")) == ("sign_off_due", "sign_off_due")


def test_somebody_elses_word_on_the_ticket_signs_nothing(office: Office) -> None:
    office.say(office.engineering, "ready", "Sam")
    assert office.state("engineering") == "sign_off_due"
