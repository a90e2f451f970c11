"""What people say of their Linear project is held against the gate, and taken for no more than that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

from config import questions
from syncd.facts import facts_of
from tests.living import Living, gate, living

if TYPE_CHECKING:
    from tests.trial import Trial

DOCS = gate("[{tracker: gtm, project: Atlas docs}, {tracker: eng, project: ENG, label: x}]")


def _contradictions(alive: Living) -> list[str]:
    found = alive.outside.store.judgement("atlas-2")
    assert found is not None
    assert found.readiness is not None
    return [said for said in found.readiness.remarks if "is said to be" in said]


def _town(town: Trial) -> None:
    town.linear.project("Atlas docs", "MKT")
    key = town.linear.add("MKT", "Guide", project="Atlas docs")
    town.linear.move(key, "Done", by="Dana")


def test_a_project_that_is_said_to_be_off_track_contradicts_its_ready_gate_within_the_hour(town: Trial) -> None:
    _town(town)
    with living(town, DOCS, sweep="10h") as alive:
        alive.run(minutes=30)
        assert (alive.state(), _contradictions(alive)) == ("ready", [])
        town.linear.report("Atlas docs", "offTrack", by="Dana")
        alive.run(minutes=65)
        (said,) = _contradictions(alive)
        assert said.startswith('Project "Atlas docs" is said to be off track (Dana, ')
        assert said.endswith(", while Engineering is READY.")
        assert alive.state() == "ready", "it decides nothing"


def test_what_was_said_of_a_project_stands_while_its_tracker_cannot_be_asked(town: Trial) -> None:
    _town(town)
    town.linear.report("Atlas docs", "atRisk", by="Dana")
    with living(town, DOCS, sweep="10h") as alive:
        town.linear_site.before = lambda _: Response("{}", 503, mimetype="application/json")
        alive.run(hours=2)
        (told,) = facts_of(alive.config, alive.outside.store).healths("atlas-2")["engineering"]
    assert (told.word, told.by, told.project) == ("at_risk", "Dana", "Atlas docs")


def test_only_projects_whose_people_may_say_so_are_asked(town: Trial) -> None:
    config = town.configure(DOCS)
    assert questions.projects(config, "atlas-2") == {"engineering": (("gtm", "Atlas docs"),)}
