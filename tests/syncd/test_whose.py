"""Whose issue is it? The summary is written where it is syncd's own, and nowhere else, whatever file or store says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from werkzeug.wrappers import Response

from config import ConfigError
from tests.trial import trial

if TYPE_CHECKING:
    from pathlib import Path

    from tests.trial import Trial

RELEASE = """
  atlas-2:
    launch: eng/REL-1
    summary: {%s}
    gates: {engineering: {owner: dana, items: [{tracker: eng, project: ENG}], sign_off: false}}
"""


def test_an_item_of_a_gate_that_is_named_as_the_summary_is_not_written(whole: Trial) -> None:
    key = whole.jira.add("ENG", "A team's ticket")
    before = json.dumps(whole.jira.issues[whole.jira.keys[key]], default=str)
    passed = whole.once(whole.configure(RELEASE % f"issue: eng/{key}"))
    assert "an item of engineering in atlas-2" in str(passed.problems[-1])
    assert json.dumps(whole.jira.issues[whole.jira.keys[key]], default=str) == before
    assert not whole.writes()


@pytest.mark.parametrize(
    ("summary", "said"), [("issue: REL-1", "is the launch issue"), ("issue: eng/REL-1", "is the launch issue")]
)
def test_the_launch_issue_cannot_be_named_as_the_summary(whole: Trial, summary: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        whole.configure(RELEASE % summary)


def test_a_sign_off_ticket_cannot_be_named_as_the_summary(whole: Trial) -> None:
    text = (RELEASE % "issue: eng/SUP-1").replace("sign_off: false", "sign_off: {item: eng/SUP-1}")
    with pytest.raises(ConfigError, match="the sign-off ticket of engineering"):
        whole.configure(text)


def test_two_releases_cannot_name_the_same_issue(whole: Trial) -> None:
    one = RELEASE % "issue: eng/REL-2"
    with pytest.raises(ConfigError, match="is the summary of atlas-2 already"):
        whole.configure(one + one.replace("atlas-2", "beta-1"))


def test_a_stored_id_is_not_trusted_at_another_address(whole: Trial, tmp_path: Path) -> None:
    """The database is kept and the url points at another site: there, the same number is a team's ticket."""
    config = whole.configure(RELEASE % "type: Task")
    passed = whole.once(config)
    assert passed.outcome is not None
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with trial(elsewhere) as other:
        while passed.outcome.ref.id not in other.jira.issues:
            other.jira.add("ENG", "A team's ticket")
        before = json.dumps(other.jira.issues[passed.outcome.ref.id], default=str)
        other.folder = whole.folder
        refused = other.once(other.configure(RELEASE % "type: Task"))
        assert refused.outcome is None
        assert "at another address" in str(refused.problems[-1])
        assert json.dumps(other.jira.issues[passed.outcome.ref.id], default=str) == before
        assert not other.writes()


def test_a_launch_issue_in_another_tracker_is_not_linked_and_the_page_still_stands(whole: Trial) -> None:
    whole.linear.team("REL", "Releases of Linear")
    stranger = whole.linear.add("REL", "A team's ticket")
    assert stranger == "REL-1"
    passed = whole.once(whole.configure(RELEASE % "tracker: gtm, team: MKT"))
    assert passed.outcome is not None
    assert not passed.outcome.problems
    assert "another tracker" in passed.outcome.remarks[-1]
    assert not any("issueRelationCreate" in str(seen.body) for seen in whole.linear_site.requests)


def test_f16_a_moved_summary_is_the_same_issue_under_its_new_key(whole: Trial) -> None:
    config = whole.configure(RELEASE % "type: Task")
    whole.once(config)
    (summary,) = whole.summaries()
    new = whole.jira.transfer(summary["key"], "SUP")
    assert whole.once(config).outcome is not None
    assert whole.status(config)["summary"]["key"] == new
    assert len(whole.summaries()) == 1


def test_a_complaint_whose_answer_is_lost_is_not_repeated(whole: Trial) -> None:
    whole.jira.add("ENG", "Merge edits")
    config = whole.configure(RELEASE % "type: Task")
    whole.once(config)
    (summary,) = whole.summaries()
    summary["fields"]["description"]["content"] = [{"type": "paragraph", "content": [{"type": "text", "text": "Mine"}]}]

    def lose(request: object, response: object) -> object:
        if str(getattr(request, "path", "")).endswith("/comment"):
            raise ConnectionError
        return response

    whole.jira_site.after = lose  # type: ignore[assignment] # a hook that only looks at the path
    for n in range(4):
        whole.jira.add("ENG", f"Part {n}")
        whole.clock.pass_by(minutes=5)
        whole.once(config)
    told = [seen for seen in whole.jira_site.requests if seen.method == "POST" and seen.path.endswith("/comment")]
    assert len([seen for seen in told if "cannot tell the notes" in str(seen.body)]) == 1


def _clone_of_the_summary(whole: Trial, project: str) -> str:
    (summary,) = whole.summaries()
    return whole.jira.add(project, "A copy", labels=list(summary["fields"]["labels"]))


@pytest.mark.parametrize("project", ["ENG", "REL"])
def test_a_copy_of_the_summary_that_carries_its_label_is_an_item_like_any_other(whole: Trial, project: str) -> None:
    whole.jira.add(project, "Done", status="Done")
    config = whole.configure((RELEASE % "type: Task").replace("project: ENG", f"project: {project}"))
    whole.once(config)
    copy = _clone_of_the_summary(whole, project)
    whole.once(config)
    (gate,) = [gate for gate in whole.status(config)["gates"] if gate["id"] == "engineering"]
    assert [it["key"] for it in gate["blockers"]] == [copy]


def test_one_site_under_two_names_is_one_site(whole: Trial) -> None:
    """A common set-up: one token that reads, one that writes."""
    ticket = whole.jira.add("ENG", "A team's ticket")
    text = (RELEASE % f"issue: rel/{ticket}").replace("eng/REL-1", "rel/REL-1")
    site = f'rel: {{kind: jira, url: "{whole.jira_url}/", email: {whole.jira.email}, token: {{env: JIRA_TOKEN}}}}'
    passed = whole.once(whole.configure(text, more=site))
    assert "an item of engineering" in str(passed.problems[-1])
    assert not whole.writes()
    both = text.replace(f"issue: rel/{ticket}", "tracker: rel").replace("project: ENG", "project: REL")
    config = whole.configure(both, more=site)
    whole.jira.add("REL", "Announce", status="Done")
    for _ in range(2):
        whole.once(config)
    (gate,) = [gate for gate in whole.status(config)["gates"] if gate["id"] == "engineering"]
    assert (gate["done"], gate["total"]) == (1, 1)


def test_a_named_issue_is_not_written_while_it_may_be_an_item_that_could_not_be_read(whole: Trial) -> None:
    ticket = whole.jira.add("ENG", "A team's ticket")
    config = whole.configure(RELEASE % f"issue: eng/{ticket}")
    whole.jira_site.before = lambda request: Response("{}", 400) if "/search/jql" in request.path else None
    for _ in range(2):
        assert "perhaps an item of engineering" in str(whole.once(config).problems)
    assert not whole.writes()


def test_a_moved_sign_off_ticket_is_still_nobodys_to_write(whole: Trial) -> None:
    ticket = whole.jira.add("SUP", "Sign")
    moved = whole.jira.transfer(ticket, "REL")
    text = (RELEASE % f"issue: eng/{moved}").replace("sign_off: false", f"sign_off: {{item: eng/{ticket}}}")
    assert "the sign-off ticket of engineering" in str(whole.once(whole.configure(text)).problems[-1])
    assert not whole.writes()


def test_a_lost_store_finds_its_summary_in_linear_even_where_the_whole_team_is_read(whole: Trial) -> None:
    launch = whole.linear.add("MKT", "Atlas 2.0")
    config = whole.configure(f"""
  atlas-2:
    launch: gtm/{launch}
    target: 2026-12-15
    gates: {{marketing: {{owner: maya, items: [{{tracker: gtm, team: MKT}}], sign_off: false}}}}
""")
    whole.linear.add("MKT", "Launch post", state="Done")
    whole.once(config)
    for suffix in ("", "-wal", "-shm"):
        (whole.folder / f"syncd.db{suffix}").unlink(missing_ok=True)
    passed = whole.once(config)
    assert not passed.problems
    (gate,) = [gate for gate in whole.status(config)["gates"] if gate["id"] == "marketing"]
    assert (gate["done"], gate["total"]) == (1, 1)


def test_the_epic_of_a_gate_cannot_be_named_as_the_summary(whole: Trial) -> None:
    text = (RELEASE % "issue: eng/ENG-1").replace("project: ENG", "epic: ENG-1")
    with pytest.raises(ConfigError, match="the epic of engineering"):
        whole.configure(text)
