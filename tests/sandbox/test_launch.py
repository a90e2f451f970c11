"""The believable launch: what is in the sandbox when somebody first looks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import config
from config import questions
from connectors import registry
from connectors.errors import PermanentError
from mapping.readiness import State, Verdict
from syncd.outside import Outside
from syncd.reconcile import complete_pass
from syncd.sandbox.jira import JiraSandbox, JiraWorld
from syncd.sandbox.launch import JIRA_EMAIL, add_items, demo_config, furnish, furnish_empty
from syncd.sandbox.linear import LinearSandbox, LinearWorld
from syncd.sandbox.server import serving
from syncd.store.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from config.schema import Config
    from connectors.base import Source, Summary, SummarySettings
    from mapping.readiness import Readiness

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
TOKENS = {"SYNCD_DEMO_JIRA_TOKEN": "sandbox-token", "SYNCD_DEMO_LINEAR_TOKEN": "lin_api_sandbox"}


def worlds(**options: Any) -> tuple[JiraWorld, LinearWorld]:
    return JiraWorld(lambda: NOW, **options), LinearWorld(lambda: NOW)


def furnished(seed: int = 0, **options: Any) -> tuple[JiraWorld, LinearWorld]:
    jira, linear = worlds(**options)
    furnish(jira, linear, NOW, seed)
    return jira, linear


def told(jira: JiraWorld, linear: LinearWorld) -> list[tuple[Any, ...]]:
    """All tickets, as far as two launches may differ."""
    rows = [(row["key"], row["fields"]["summary"], row["fields"]["updated"]) for row in jira.issues.values()]
    return rows + [(row["identifier"], row["title"], row["updatedAt"]) for row in linear.issues.values()]


def read(path: Path, jira_url: str, linear_url: str) -> Config:
    path.write_text(demo_config(jira_url, linear_url, NOW), "utf-8")
    return config.load(path, TOKENS)


def judged(file: Path, jira: JiraWorld, linear: LinearWorld) -> Readiness:
    """What syncd makes of these two worlds, read over HTTP with the demo's own configuration."""
    database = f"sqlite:///{file.with_suffix('.db')}"
    with serving(JiraSandbox(jira)) as jira_url, serving(LinearSandbox(linear)) as url, open_store(database) as store:
        loaded = read(file, jira_url, f"{url}/graphql")

        def open_source(name: str) -> Source:
            settings = questions.settings(loaded, name)
            return registry.connector(settings.kind).open_source(settings)

        def open_summary(_name: str, _settings: SummarySettings) -> Summary:
            raise PermanentError("eng", "nothing is written here")

        outside = Outside(
            store=store,
            open_source=open_source,
            open_summary=open_summary,
            settles_s=lambda _name: 0.0,
            now=lambda: NOW,
            wait=lambda _duration_s: None,
        )
        (passed,) = complete_pass(loaded, ["atlas-2"], outside, write=False)
        assert passed.problems == ()
        known = store.judgement("atlas-2")
        assert known is not None
        assert known.readiness is not None
        return known.readiness


def test_the_launch_gives_a_verdict_that_is_worth_reading(tmp_path: Path) -> None:
    readiness = judged(tmp_path / "syncd.yaml", *furnished())
    assert readiness.verdict is Verdict.BLOCKED
    assert {gate.id: gate.state for gate in readiness.gates} == {
        "qa": State.BLOCKED,
        "marketing": State.AT_RISK,
        "training": State.WAITING,
        "sales": State.NOT_STARTED,
        "support": State.SIGN_OFF_DUE,
        "docs": State.ON_TRACK,
        "engineering": State.ON_TRACK,
        "product_marketing": State.ON_TRACK,
    }
    signed = {gate.id: gate.signed.by for gate in readiness.gates if gate.signed}
    assert signed == {"product_marketing": "Pia Novak"}
    assert readiness.managers[0] == "Maya Ortiz"


def test_the_configuration_knows_the_launch_issue_and_both_trackers(tmp_path: Path) -> None:
    loaded = read(tmp_path / "syncd.yaml", "http://127.0.0.1:1", "http://127.0.0.1:2/graphql")
    assert loaded.releases["atlas-2"].launch == "eng/REL-12"
    assert set(loaded.releases["atlas-2"].gates) == {
        "engineering", "qa", "docs", "training", "product_marketing", "marketing", "sales", "support",
    }  # fmt: skip
    assert loaded.trackers["eng"].email == JIRA_EMAIL == worlds()[0].email


def test_a_data_center_takes_the_token_without_an_email(tmp_path: Path) -> None:
    path = tmp_path / "syncd.yaml"
    path.write_text(demo_config("http://127.0.0.1:1", "http://127.0.0.1:2", NOW, jira_email=None), "utf-8")
    assert config.load(path, TOKENS).trackers["eng"].email is None
    jira, _ = furnished(data_center=True)
    assert "REL-12" in jira.keys


def test_the_launch_issue_is_due_in_ten_days_and_open() -> None:
    jira, _ = furnished()
    launch = jira.issues[jira.keys["REL-12"]]["fields"]
    assert (launch["summary"], launch["duedate"], launch["resolution"]) == ("Atlas 2.0", "2026-12-03", None)


def test_the_same_seed_and_time_give_the_same_launch() -> None:
    assert told(*furnished(seed=7)) == told(*furnished(seed=7))
    assert told(*furnished(seed=7)) != told(*furnished(seed=8))


def test_an_empty_sandbox_has_people_and_places_and_no_work_but_the_launch_issue() -> None:
    jira, linear = worlds()
    furnish_empty(jira, linear, NOW)
    assert [row["key"] for row in jira.issues.values()] == ["REL-12"]
    assert linear.issues == {}
    full = furnished()
    assert set(jira.projects) == set(full[0].projects)
    assert len(jira.users) == len(full[0].users)
    assert {team["key"] for team in linear.teams.values()} == {"DOC", "TRN", "PMM", "MKT", "SAL"}
    assert len(linear.users) == len(full[1].users)


def test_more_items_come_in_every_department_and_state_the_same_for_the_same_seed() -> None:
    first, second = furnished(), furnished()
    before = len(told(*first))
    for one in (first, second):
        add_items(*one, 400, seed=3)
    assert len(told(*first)) == before + 400
    assert told(*first) == told(*second)
    jira, linear = first
    assert {row["fields"]["status"]["statusCategory"]["key"] for row in jira.issues.values()} == {
        "new",
        "indeterminate",
        "done",
    }
    assert {row["state"]["type"] for row in linear.issues.values()} == {
        "backlog", "unstarted", "started", "completed", "canceled",
    }  # fmt: skip
    assert all(row["updatedAt"] < "2026-11-23T15:00" for row in linear.issues.values())


def test_the_worlds_clocks_go_on_as_before() -> None:
    jira, linear = furnished()
    assert jira.clock() == linear.clock() == NOW
