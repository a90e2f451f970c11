"""``adopt`` and ``recreate``: another summary on purpose, and never by mistake."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.wrappers import Response

from tests.command_line import commands

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Request

    from tests.command_line import Commands, Ran
    from tests.trial import Trial

RELEASE = """
  atlas-2:
    launch: eng/REL-1
    gates: {engineering: {owner: dana, items: [{tracker: eng, project: ENG}], sign_off: {item: eng/SUP-1}}}
"""
LINEAR = """
  atlas-2:
    launch: gtm/MKT-1
    target: 2036-12-15
    gates: {marketing: {owner: maya, items: [{tracker: gtm, team: MKT, label: atlas-2}], sign_off: false}}
"""


def _jira(live: Trial) -> Commands:
    live.jira.add("ENG", "Merge edits")
    live.jira.add("SUP", "Engineering signs")
    return commands(live, RELEASE)


def _text(words: str) -> dict[str, Any]:
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": words}]}
    return {"version": 1, "type": "doc", "content": [paragraph]}


def _body(live: Trial, key: str) -> str:
    return json.dumps(live.jira.issues[live.jira.keys[key]]["fields"]["description"], ensure_ascii=False)


def _forget(live: Trial) -> None:
    for path in live.folder.glob("syncd.db*"):
        path.unlink()


def _summary(run: Commands) -> str:
    found: str = json.loads(run("status", "atlas-2", "--json").out)["summary"]["key"]
    return found


def test_an_issue_of_a_persons_own_becomes_the_summary_and_its_text_the_notes(live: Trial) -> None:
    run = _jira(live)
    key = live.jira.add("REL", "Readiness of Atlas", description=_text("What we agreed on Monday"))
    ran = run("adopt", "atlas-2", key)
    assert ran.code == 0, ran.err
    assert f"summary {key} updated" in ran.out
    for _ in range(2):
        assert run("once").code == 0
    assert _summary(run) == key
    assert _body(live, key).count("What we agreed on Monday") == 1
    assert _body(live, key).index("ENG-1") < _body(live, key).index("What we agreed on Monday")
    assert [issue["key"] for issue in live.summaries()] == [key]


def _said(live: Trial, key: str) -> list[str]:
    """The comments there, but for those that ask somebody: who runs this in working hours sees them, too."""
    said = (json.dumps(comment) for comment in live.jira.shelves[live.jira.keys[key]].comments)
    return [it for it in said if "syncd: for " not in it]


def test_f28_an_adopted_summary_is_found_again_after_a_lost_store_though_the_old_one_still_stands(live: Trial) -> None:
    run = _jira(live)
    run("once")
    old, key = _summary(run), live.jira.add("REL", "Readiness of Atlas", description=_text("Mine"))
    ran = run("adopt", "atlas-2", key)
    assert ran.code == 0
    assert old in ran.out
    before = _body(live, old)
    _forget(live)
    assert run("once").code == 0
    assert _summary(run) == key
    assert _body(live, old) == before
    assert _body(live, key).count("Mine") == 1
    (said,) = _said(live, old)
    assert f"{key} is the summary of atlas-2 now" in said


def test_an_adopted_issue_of_linear_is_kept_and_found_again_after_a_lost_store(live: Trial) -> None:
    live.linear.add("MKT", "Atlas 2.0")
    run = commands(live, LINEAR)
    assert run("once").code == 0
    old = _summary(run)
    key = live.linear.add("MKT", "Readiness of Atlas", description="Call *Kim* at noon.")
    assert run("adopt", "atlas-2", f"gtm/{key}").code == 0
    assert run("once").code == 0
    _forget(live)
    assert run("once").code == 0
    assert _summary(run) == key
    assert live.linear.find_issue(key)["description"].count("Call *Kim* at noon.") == 1
    assert len(live.linear.issues) == 3
    assert "no longer kept up to date" in str([row["body"] for row in live.linear.comments.values()])
    assert old != key


def test_adopting_the_summary_that_is_there_changes_nothing_but_its_content(live: Trial) -> None:
    run = _jira(live)
    run("once")
    key = _summary(run)
    assert run("adopt", "atlas-2", key).code == 0
    assert (_summary(run), len(live.summaries())) == (key, 1)
    assert not _said(live, key)


@pytest.mark.parametrize(
    ("key", "whose"),
    [
        ("ENG-1", "an item of engineering in atlas-2"),
        ("REL-1", "the launch issue"),
        ("SUP-1", "the sign-off ticket of engineering in atlas-2"),
        ("REL-2", "the summary issue of beta-1"),
    ],
)
def test_what_is_somebody_elses_is_not_adopted_and_not_touched(live: Trial, key: str, whose: str) -> None:
    live.jira.add("ENG", "Merge edits")
    live.jira.add("SUP", "Engineering signs")
    beta = RELEASE.replace("atlas-2:", "beta-1:").replace("{item: eng/SUP-1}", "false")
    run = commands(live, RELEASE + beta)
    run("once", "beta-1")
    before = json.dumps(live.jira.issues[live.jira.keys[key]], default=str)
    ran = run("adopt", "atlas-2", key)
    assert ran.code == 1
    assert whose in ran.err
    assert json.dumps(live.jira.issues[live.jira.keys[key]], default=str) == before
    run("once", "atlas-2")
    assert _summary(run) not in {"ENG-1", "REL-1", "SUP-1", "REL-2"}


def test_an_issue_that_refuses_the_write_is_not_adopted_and_the_old_one_goes_on(live: Trial) -> None:
    run = _jira(live)
    run("once")
    old, key = _summary(run), live.jira.add("REL", "Readiness of Atlas", description=_text("word " * 6500))
    ran = run("adopt", "atlas-2", key)
    assert ran.code == 1
    assert "leave no room" in ran.err
    live.jira.add("ENG", "More")
    assert run("once").code == 0
    assert _summary(run) == old


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("adopt", "atlas-2", "REL-99"), 1, "REL-99"),
        (("adopt", "atlas-3", "REL-2"), 2, "did you mean 'atlas-2'"),
        (("adopt", "atlas-2", "gtm/MKT-1"), 2, "lives in eng"),
        (("recreate", "atlas-3"), 2, "did you mean 'atlas-2'"),
        (("recreate", "atlas-2"), 1, "`syncd once` makes it"),
    ],
)
def test_what_cannot_be_done_is_said_with_its_exit_code(
    live: Trial, words: tuple[str, ...], code: int, said: str
) -> None:
    ran = _jira(live)(*words)
    assert (ran.code, said in ran.err) == (code, True)
    assert not live.writes()


@pytest.mark.parametrize("words", [("adopt", "atlas-2", "REL-9"), ("recreate", "atlas-2")])
def test_where_the_file_names_the_summary_the_file_decides(live: Trial, words: tuple[str, ...]) -> None:
    live.jira.add("SUP", "Engineering signs")
    key = live.jira.add("REL", "Readiness")
    run = commands(live, f"{RELEASE}    summary: {{issue: eng/{key}}}\n")
    ran = run(*words)
    assert (ran.code, f"the file names eng/{key}" in ran.err) == (2, True)


def test_a_summary_that_is_there_is_not_recreated(live: Trial) -> None:
    run = _jira(live)
    run("once")
    ran = run("recreate", "atlas-2")
    assert (ran.code, "still there" in ran.err) == (1, True)
    assert len(live.summaries()) == 1


def test_f28_a_recreated_summary_is_the_only_one_also_after_a_lost_store(live: Trial) -> None:
    run = _jira(live)
    run("once")
    old = _summary(run)
    live.jira.delete(old)
    assert run("once").code == 1
    assert not live.summaries()
    assert run("recreate", "atlas-2").code == 0
    (new,) = live.summaries()
    assert new["key"] != old
    for _ in range(2):
        assert run("once").code == 0
        _forget(live)
    assert [issue["key"] for issue in live.summaries()] == [new["key"]]


@pytest.mark.parametrize("lost", [False, True], ids=["known", "lost store"])
def test_a_summary_of_linear_in_the_trash_is_recreated_only_on_purpose(live: Trial, lost: bool) -> None:  # noqa: FBT001 - a table
    live.linear.add("MKT", "Atlas 2.0")
    run = commands(live, LINEAR)
    run("once")
    old = _summary(run)
    live.linear.trash(old)
    if lost:
        _forget(live)
    ran = run("once")
    assert (ran.code, "in the trash" in ran.err) == (1, True)
    assert run("recreate", "atlas-2").code == 0
    assert _summary(run) != old
    _forget(live)
    assert run("once").code == 0
    assert len(live.linear.issues) == 3


def test_a_creation_on_purpose_whose_answer_is_lost_still_makes_one(live: Trial) -> None:
    run = _jira(live)
    run("once")
    live.jira.delete(_summary(run))
    lose: Callable[[Request, Any], Any] = _lost_once()
    live.jira_site.after = lose
    assert run("recreate", "atlas-2").code == 1
    assert run("once").code == 0
    assert len(live.summaries()) == 1


def _lost_once() -> Callable[[Request, Any], Any]:
    losses = [1]

    def lose(request: Request, response: Any) -> Any:
        if losses and request.method == "POST" and request.path.endswith("/issue"):
            losses.pop()
            raise ConnectionError
        return response

    return lose


def test_a_tracker_that_cannot_be_asked_recreates_nothing(live: Trial) -> None:
    run = _jira(live)
    run("once")
    key = _summary(run)
    live.jira_site.before = lambda request: (
        Response("{}", 401) if request.method == "GET" and "/issue/1" in request.path else None
    )
    ran: Ran = run("recreate", "atlas-2")
    assert ran.code == 1
    live.jira_site.before = None
    assert run("once").code == 0
    assert _summary(run) == key
    assert len(live.summaries()) == 1


def test_a_mistyped_key_is_said_as_such(live: Trial) -> None:
    ran = _jira(live)("adopt", "atlas-2", "REL-99")
    assert ran.err.startswith("problem: eng: there is no issue REL-99 in eng, or this account may not see it")
    assert "recreate" not in ran.err
