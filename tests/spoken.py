"""A release whose work is done, and what people say on its summary issue, in whichever tracker that lives; no sockets.

Called by the tests of commands that want many of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from config.schema import Config
from syncd.store.store import open_store
from tests.trial import Trial

if TYPE_CHECKING:
    from mapping.record import Record

RELEASE = """
  atlas-2:
    launch: eng/REL-1
    manager: "{manager}"
    timing: {{soak: 0s, freshness: 2h}}
    {summary}
    gates:
      engineering: {{owner: [dana, sam@acme.example], items: [{{tracker: eng, project: ENG}}], {engineering}}}
      marketing:
        {{owner: sam@acme.example, items: [{{tracker: gtm, team: MKT}}], sign_off: false, after: [engineering]}}
"""
PLACES = {"jira": "", "linear": "summary: {tracker: gtm, team: MKT}"}


@dataclass
class Spoken:
    """``where``: one of PLACES. ``engineering``: further settings of that gate."""

    trial: Trial
    where: str = "jira"
    engineering: str = "expect: 1"
    config: Config = field(init=False)

    def __post_init__(self) -> None:
        self.trial.jira.add("ENG", "Merge edits", status="Done")
        self.trial.linear.add("MKT", "Launch post", state="Done")
        self.configure()
        self.passes()

    def configure(self, manager: str = "maya") -> None:
        places = {"summary": PLACES[self.where], "engineering": self.engineering}
        self.config = self.trial.configure(RELEASE.format(manager=manager, **places))

    @property
    def world(self) -> Any:
        return self.trial.linear if self.where == "linear" else self.trial.jira

    @property
    def tracker(self) -> str:
        return "gtm" if self.where == "linear" else "eng"

    @property
    def status(self) -> dict[str, Any]:
        return self.trial.status(self.config)

    @property
    def summary(self) -> str:
        return str(self.status["summary"]["key"])

    def writes(self, who: str | None, *lines: str, **more: Any) -> str:
        """A comment that nobody read yet; its id."""
        self.trial.clock.pass_by(minutes=1)
        return str(self.world.say(self.summary, "\n".join(lines), by=who, **more))

    def says(self, who: str | None, *lines: str, **more: Any) -> str:
        """A comment that was read and answered."""
        comment = self.writes(who, *lines, **more)
        self.passes()
        return comment

    def edits(self, comment: str, *lines: str, by: str = "Dana") -> None:
        self.trial.clock.pass_by(minutes=1)
        self.world.edit_comment(self.summary, comment, "\n".join(lines), by=by)
        self.passes()

    def deletes(self, comment: str) -> None:
        self.trial.clock.pass_by(minutes=1)
        self.world.remove_comment(self.summary, comment)
        self.passes()

    def passes(self, count: int = 1) -> None:
        for _ in range(count):
            self.trial.clock.pass_by(minutes=1)
            self.trial.once(self.config)

    def state(self, gate: str = "engineering") -> str:
        return self.trial.states(self.config)[gate]

    def answers(self) -> list[str]:
        """What syncd said on the summary issue of what was wrong."""
        return [words for words in self.said() if is_answer(words)]

    def said(self) -> list[str]:
        """All that syncd ever said there."""
        with self.trial.outside(self.config) as outside:
            source = outside.open_source(self.tracker)
            me = source.identify().account.id
            said = [it for it in source.comments(self.summary).comments if it.by.id == me]
            source.close()
        return ["\n".join(it.lines) for it in said]

    def page(self) -> str:
        """The summary issue's text as its tracker holds it."""
        if self.where == "linear":
            return str(self.trial.linear.find_issue(self.summary)["description"])
        return str(self.trial.jira.issues[self.trial.jira.keys[self.summary]]["fields"]["description"])

    def records(self) -> list[Record]:
        with open_store(self.config.database_url) as store:
            return list(store.records("atlas-2"))


def is_answer(words: str) -> bool:
    """Whether it is what we say where a command was wrong: one of several things that we say."""
    return "not taken" in words
