"""What people write that is wrong, hostile, or changed later: a clear answer once, and nothing lost (issue 4)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from markdown_it import MarkdownIt

from mapping.record import Decision, Denial, Hold, Question, Signature, Waiver
from tests.living import near
from tests.spoken import PLACES, Spoken

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FEW_S = 5
"""Of processor time; on a fast machine it is a tenth of that."""


@pytest.fixture(params=list(PLACES))
def release(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Spoken]:
    with near(tmp_path) as town:
        yield Spoken(town, request.param)


@pytest.fixture
def in_jira(tmp_path: Path) -> Iterator[Spoken]:
    with near(tmp_path) as town:
        yield Spoken(town)


@pytest.fixture
def in_linear(tmp_path: Path) -> Iterator[Spoken]:
    with near(tmp_path) as town:
        yield Spoken(town, "linear")


def kinds(release: Spoken) -> list[str]:
    return [type(record).__name__ for record in release.records()]


def only(release: Spoken, kind: type) -> list[Any]:
    return [record for record in release.records() if isinstance(record, kind)]


WRONG = {
    "/ready engneering": "Did you mean engineering",
    "/ready еngineering": "of another alphabet",  # noqa: RUF001 - a Cyrillic letter is the point
    "/waive ENG-1 until 31 Feb because small": "31 Feb",
    "/waive ENG-1 until 2020-01-01 because small": "is over",
    "/waive ENG-1 until 2099-01-01 because small": "not open",
    "/waive ENG-999 until 2026-12-20 because small": "is no item",
    "/ask Nobody is it done?": "is nobody",
    "/target 2026-12-20 14:00 Mars/Olympus because late": "",
    "/away until yesterday": "",
    "/attest engineering 48h because down": "24 hours",
    "/accept marketing>engineering": "hands nothing over",
    "/approve W9": "There is no W9",
    "/owner engineering Mallory": "",
    "/unhold engineering": "is not held",
}


@pytest.mark.parametrize("where", PLACES)
def test_each_wrong_command_is_named_with_its_reason_and_takes_no_effect(tmp_path: Path, where: str) -> None:
    with near(tmp_path) as town:
        release = Spoken(town, where)
        for line, why in WRONG.items():
            before = len(release.answers())
            release.says("Dana", line)
            (answer,) = release.answers()[before:]
            assert f"“{line}”" in answer, line
            assert why in answer, line
            assert "Write: /" in answer or "hands nothing" in answer, line
        release.passes(2)
        assert len(release.answers()) == len(WRONG)
        assert release.records() == []


def test_a_reason_of_fifty_thousand_characters_is_kept_short_and_holds(release: Spoken) -> None:
    release.says("Dana", "/hold engineering because " + "word " * 10_000)
    (held,) = only(release, Hold)
    assert len(held.reason) <= 2000
    assert release.state() == "on_hold"
    assert len(release.page()) < 60_000
    assert release.answers() == []


@pytest.mark.parametrize("kind", ["asks", "holds", "owners", "decisions"])
def test_a_thousand_different_commands_in_one_comment_take_no_more_than_a_moment(in_jira: Spoken, kind: str) -> None:
    lines = {
        "asks": [f"/ask Sam is part {n} done?" for n in range(1000)],
        "holds": [f"/{'un' * (n % 2)}hold because of {n}" for n in range(1000)],
        "owners": [f"/owner engineering p{n}@acme.example" for n in range(1000)],
        "decisions": [f"/go override because of {n}" for n in range(1000)],
    }
    in_jira.writes("Maya", *lines[kind])
    began = time.process_time()
    in_jira.passes()
    assert time.process_time() - began < FEW_S
    assert len(in_jira.records()) == (1 if kind == "decisions" else 1000)
    assert len(in_jira.answers()) == (1 if kind == "decisions" else 0)
    asked = len(in_jira.trial.jira_site.requests)
    in_jira.passes()
    assert len(in_jira.trial.jira_site.requests) - asked < 50


def test_of_more_commands_than_a_comment_can_hold_the_rest_is_refused_with_a_word(in_jira: Spoken) -> None:
    in_jira.says("Maya", *(f"/ask Sam {n}?" for n in range(1100)))
    assert len(only(in_jira, Question)) == 1000
    (answer,) = in_jira.answers()
    assert "100 lines were not taken" in answer
    assert "no more than 1000 commands" in answer


def test_a_comment_holds_one_decision(release: Spoken) -> None:
    release.says("Maya", "/no-go the fair is off", "/go override because the fair is on")
    (decision,) = only(release, Decision)
    assert not decision.go
    (answer,) = release.answers()
    assert "one decision" in answer


def test_who_accepts_before_an_offer_is_told_so_once(release: Spoken) -> None:
    release.says("Sam", "/accept engineering>marketing")
    release.passes(2)
    (answer,) = release.answers()
    assert "Engineering has not offered it yet" in answer
    assert "Write: /accept A>B" in answer
    assert release.records() == []
    release.says("Dana", "/ready engineering")
    release.says("Sam", "/accept engineering>marketing")
    assert kinds(release) == ["Signature", "Acceptance"]
    assert len(release.answers()) == 1


def test_the_lines_of_one_comment_take_effect_in_their_order(release: Spoken) -> None:
    release.says("Maya", "/hold the embargo moved", "/unhold")
    assert release.status["verdict"] != "on_hold"
    release.says("Maya", "/hold the embargo moved", "/unhold", "/hold the embargo moved")
    assert release.status["verdict"] == "on_hold"
    release.says("Maya", "/unhold")
    release.says("Dana", "/not-ready engineering the import broke", "no, wrong release:", "/ready engineering")
    assert release.state() == "ready"
    release.says("Dana", "/ready engineering", "/not-ready engineering the import broke", "/ready engineering")
    assert release.state() == "ready"
    assert release.answers() == []


def test_two_people_at_the_same_second_are_both_heard_and_the_hold_wins_over_the_signature(release: Spoken) -> None:
    now = release.trial.clock()
    release.world.say(release.summary, "/ready engineering", by="Dana", at=now)
    release.world.say(release.summary, "/not-ready engineering the import broke", by="Sam", at=now)
    release.passes()
    assert [word.ready for word in sorted(only(release, Signature), key=lambda it: it.by)] == [True, False]
    assert release.state() == "blocked"


# What is changed later


def test_what_hinders_stands_after_its_comment_is_edited_or_deleted(release: Spoken) -> None:
    said = [
        release.says("Dana", "/not-ready engineering the import broke"),
        release.says("Sam", "/hold engineering because of the audit"),
        release.says("Maya", "/no-go not today"),
    ]
    release.edits(said[0], "never mind")
    release.deletes(said[1])
    release.edits(said[2], "forget it", by="Maya")
    assert release.state() == "on_hold"
    assert release.status["decision"]["go"] is False
    release.says("Sam", "/unhold engineering")
    assert release.state() == "blocked"
    assert release.answers() == []


def test_what_helps_goes_with_its_comment(release: Spoken) -> None:
    comment = release.says("Dana", "/ready", "/ask Sam is the rota staffed?")
    assert release.state() == "ready"
    release.edits(comment, "/ask Sam is the rota staffed?")
    assert release.state() == "sign_off_due"
    assert [ask["question"] for ask in release.status["asks"] if ask["question"]] != []
    release.deletes(comment)
    assert [ask for ask in release.status["asks"] if ask["question"]] == []
    assert len(only(release, Signature)) == 1, "the record is kept"


def test_a_denial_stands_and_an_approval_goes_with_its_comment(release: Spoken) -> None:
    key = release.trial.jira.add("ENG", "Flaky import")
    release.passes()
    release.says("Dana", f"/waive {key} until 2026-12-08 because it only hits empty files")
    yes = release.says("Maya", "/approve W1")
    (waiver,) = release.status["waivers"]
    assert waiver["state"] == "approved"
    release.edits(yes, "hm", by="Maya")
    (waiver,) = release.status["waivers"]
    assert waiver["state"] == "pending"
    no = release.says("Maya", "/deny W1 it hits more")
    release.deletes(no)
    (waiver,) = release.status["waivers"]
    assert waiver["state"] == "denied"
    assert len(only(release, Denial)) == 1


def test_a_waiver_whose_comment_is_gone_is_revoked_and_kept(release: Spoken) -> None:
    key = release.trial.jira.add("ENG", "Flaky import")
    release.passes()
    asked = release.says("Dana", f"/waive {key} until 2026-12-08 because it only hits empty files")
    release.says("Maya", "/approve W1")
    release.deletes(asked)
    (waiver,) = release.status["waivers"]
    assert waiver["state"] == "revoked"
    release.says("Dana", f"/waive {key} until 2026-12-08 because it only hits empty files")
    assert sorted(it.label for it in only(release, Waiver)) == ["W1", "W2"]


def test_what_somebody_else_wrote_into_a_comment_is_nobodys_word(in_jira: Spoken) -> None:
    comment = in_jira.says("Dana", "All is merged.")
    in_jira.edits(comment, "/ready engineering", by="Sam")
    assert in_jira.state() == "sign_off_due"
    (answer,) = in_jira.answers()
    assert "somebody else has edited" in answer
    in_jira.edits(comment, "/ready engineering", by="Dana")
    assert in_jira.state() == "ready"


def test_somebody_else_who_edits_a_signature_takes_it_back(in_jira: Spoken) -> None:
    comment = in_jira.says("Dana", "/ready engineering")
    in_jira.edits(comment, "/ready engineering, or not?", by="Maya")
    assert in_jira.state() == "sign_off_due"


def test_a_comment_that_was_deleted_before_it_was_read_never_was(release: Spoken) -> None:
    comment = release.writes("Maya", "/hold because of the embargo")
    release.world.remove_comment(release.summary, comment)
    release.passes()
    assert release.records() == []


def test_what_is_deleted_and_written_again_counts_again(release: Spoken) -> None:
    comment = release.says("Dana", "/ready")
    release.deletes(comment)
    assert release.state() == "sign_off_due"
    release.says("Dana", "/ready")
    assert release.state() == "ready"
    assert [record.ready for record in only(release, Signature)] == [True, True]


# Who says it


def test_a_manager_whose_token_we_use_is_heard_and_our_own_answers_are_not(release: Spoken) -> None:
    """The key's own user is named as the manager: who writes by hand and what we write have one account."""
    world = release.world
    me = world.users[world.me]["emailAddress"] if release.where == "jira" else world.viewer["email"]
    release.configure(manager=me)
    release.says(None, "/hold because of the embargo", "/redy engineering")
    assert release.status["verdict"] == "on_hold"
    assert len(release.answers()) == 1
    release.passes(3)
    assert len(release.answers()) == 1
    assert len(release.records()) == 1


def test_nobody_who_can_be_told_has_no_word(release: Spoken) -> None:
    release.says("", "/hold because of the embargo", "hold: everything")
    assert release.records() == []
    (answer,) = release.answers()
    assert "none of those that are named" in answer


def test_who_has_the_name_of_an_owner_and_another_account_is_a_stranger(release: Spoken) -> None:
    release.world.user("Dana", "impostor@elsewhere.example")
    release.says("impostor@elsewhere.example", "/ready engineering")
    assert release.records() == []
    assert release.state() == "sign_off_due"
    (answer,) = release.answers()
    assert "none of those that are named" in answer


# Markup


def _adf(*content: Any) -> dict[str, Any]:
    return {"type": "doc", "version": 1, "content": list(content)}


def _paragraph(text: str) -> dict[str, Any]:
    return {"type": "paragraph", "content": [{"type": "text", "text": text}]}


COMMAND = "/hold because of the embargo"


def test_a_quoted_command_and_one_in_code_is_nobodys_word_in_jira(in_jira: Spoken) -> None:
    quoted = {"type": "blockquote", "content": [_paragraph(COMMAND)]}
    code = {"type": "codeBlock", "attrs": {}, "content": [{"type": "text", "text": COMMAND}]}
    in_jira.world.say(in_jira.summary, _adf(quoted, code, _paragraph("as Sam said yesterday")), by="Maya")
    in_jira.passes()
    assert (in_jira.records(), in_jira.answers()) == ([], [])


def test_a_quoted_command_and_one_in_code_is_nobodys_word_in_linear(in_linear: Spoken) -> None:
    words = f"> {COMMAND}\n\n```\n{COMMAND}\n```\n\nas Sam said yesterday"
    in_linear.world.say(in_linear.summary, words, by="Maya", markdown=True)
    in_linear.passes()
    assert (in_linear.records(), in_linear.answers()) == ([], [])


EVIL = (
    "@here @Dana [~maya] [click](https://evil.example) [click|https://evil.example] <script>alert(1)</script> "
    "| broken | table | {panel:title=READY}{panel} h1. READY # READY *bold* `code` ![](https://evil.example/x.png) "
    "+++ READY </details> &lt;b&gt; ~~gone~~ {color:red}x{color} \\| -- !x.png! https://evil.example/a|b"
)


def alive_in_adf(body: Any) -> list[str]:
    """Whom it mentions and where it leads to, outside of our trackers; and what is neither text nor a block of ours."""
    if isinstance(body, list):
        return [found for each in body for found in alive_in_adf(each)]
    if not isinstance(body, dict):
        return []
    found = [f"mention {body['attrs']['text']}"] if body.get("type") == "mention" else []
    if body.get("type") in {"inlineCard", "mediaSingle", "media", "emoji", "extension"}:
        found.append(body["type"])
    for mark in body.get("marks", []):
        address = mark.get("attrs", {}).get("href", "")
        found += [address] if mark["type"] == "link" and ".example/" in address and "eng.example" not in address else []
    return found + alive_in_adf(list(body.values()))


def alive_in_markdown(body: str) -> list[str]:
    """Addresses outside of our trackers, and what is neither text nor a block of ours."""
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    tokens = [each for token in reader.parse(body) for each in (token, *(token.children or ()))]
    leads = [str(token.attrs["href"]) for token in tokens if token.type == "link_open"]
    odd = [token.content for token in tokens if "html" in token.type or token.type in {"image", "code_block", "fence"}]
    return [*(to for to in leads if "evil" in to), *odd]


def test_no_markup_of_a_reason_is_alive_in_a_page_or_an_answer_in_jira(in_jira: Spoken) -> None:
    in_jira.says("Dana", f"/hold engineering because {EVIL}", f"/redy {EVIL}", f"/waive {EVIL}", f"/ask {EVIL}")
    number = in_jira.world.keys[in_jira.summary]
    page = in_jira.world.issues[number]["fields"]["description"]
    assert "evil" in str(page)
    assert alive_in_adf(page) == []
    bodies = [comment["body"] for comment in in_jira.world.shelves[number].comments]
    (answer,) = (body for body in bodies if "not taken" in str(body))
    assert "evil" in str(answer)
    assert alive_in_adf(answer) == ["mention @Dana"]
    assert [node["type"] for node in answer["content"]] == ["paragraph"] * len(answer["content"])


def test_no_markup_of_a_reason_is_alive_in_a_page_or_an_answer_in_linear(in_linear: Spoken) -> None:
    in_linear.says("Dana", f"/hold engineering because {EVIL}", f"/redy {EVIL}", f"/waive {EVIL}", f"/ask {EVIL}")
    issue = in_linear.world.find_issue(in_linear.summary)
    assert "evil" in issue["description"]
    assert alive_in_markdown(issue["description"]) == []
    answer = issue["comments"][-1]["body"]
    assert "evil" in answer
    assert alive_in_markdown(answer) == []
    assert sum(line.startswith("+++") for line in answer.split("\n")) == 0
