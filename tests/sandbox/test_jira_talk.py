"""What people say in the sandbox's Jira: pages, properties, who may be told as the author, what moves ``updated``."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from syncd.sandbox.jira import JiraSandbox, JiraWorld
from syncd.sandbox.jira.document import of_text
from syncd.sandbox.jira.shapes import moment_of
from tests.sandbox.jira_sites import START, Clock, plain, site

if TYPE_CHECKING:
    from collections.abc import Callable

ACTS: dict[str, Callable[[JiraWorld, str], object]] = {
    "said": lambda world, _: world.say("ENG-1", "hello"),
    "edited": lambda world, number: world.edit_comment("ENG-1", number, "good bye"),
    "removed": lambda world, number: world.remove_comment("ENG-1", number),
}


def talking(*, data_center: bool = False) -> tuple[JiraWorld, Clock, str]:
    clock = Clock()
    world = site(clock, data_center=data_center)
    world.add("ENG", "One")
    return world, clock, world.say("ENG-1", "hello", by="Maya Ortiz")


@pytest.mark.parametrize("act", ACTS)
def test_whatever_happens_to_a_comment_moves_the_issue_and_its_index_lags(act: str) -> None:
    world, clock, number = talking()
    clock.at += timedelta(hours=1)
    ACTS[act](world, number)
    sandbox = JiraSandbox(world, index_lag_s=60)
    with plain(sandbox) as http:
        _, issue = http.ask("GET", "issue/ENG-1", fields="updated")
        assert http.find("updated >= -5m") == []
        clock.at += timedelta(seconds=61)
        assert http.find("updated >= -5m") == ["ENG-1"]
    assert moment_of(issue["fields"]["updated"]) == START + timedelta(hours=1)


@pytest.mark.parametrize("data_center", [False, True], ids=["cloud", "data center"])
def test_a_page_is_as_large_as_jira_grants_and_ordered_as_asked(data_center: bool) -> None:  # noqa: FBT001  # a case
    world, clock, number = talking(data_center=data_center)
    for place in range(120):
        world.say("ENG-1", f"Number {place}")
    old = world.say("ENG-1", "before", at=clock.at - timedelta(days=1))
    with plain(JiraSandbox(world)) as http:
        _, whole = http.ask("GET", "issue/ENG-1/comment", maxResults=5000)
        _, last = http.ask("GET", "issue/ENG-1/comment", startAt=121, orderBy="created")
        _, newest = http.ask("GET", "issue/ENG-1/comment", startAt=120, orderBy="-created")
        status, _ = http.ask("GET", "issue/ENG-1/comment", orderBy="author")
    assert (len(whole["comments"]), whole["total"]) == (122 if data_center else 100, 122)
    assert [row["id"] for row in whole["comments"][:2]] == [old, number]
    assert len(last["comments"]) == 1
    assert [row["id"] for row in newest["comments"]] == [number, old]
    assert status == 400


def test_properties_are_told_to_whoever_asks_for_them() -> None:
    world, _, _ = talking()
    told = {"body": of_text("x"), "properties": [{"key": "p", "value": {"a": 1}}], "visibility": {"type": "role"}}
    with plain(JiraSandbox(world)) as http:
        _, made = http.ask("POST", "issue/ENG-1/comment", told)
        _, bare = http.ask("GET", "issue/ENG-1/comment")
        _, whole = http.ask("GET", "issue/ENG-1/comment", expand="properties")
    assert "properties" not in made
    assert "properties" not in bare["comments"][1]
    assert [row["properties"] for row in whole["comments"]] == [[], [{"key": "p", "value": {"a": 1}}]]
    assert bare["comments"][1]["visibility"] == {"type": "role"}


def test_a_mention_is_in_the_sites_own_form_and_nobody_has_no_author() -> None:
    for data_center in (False, True):
        world, _, _ = talking(data_center=data_center)
        world.say("ENG-1", "@[Maya Ortiz], hello", by="")
        maya = world.find_user("Maya Ortiz")
        assert maya is not None
        with plain(JiraSandbox(world)) as http:
            _, page = http.ask("GET", "issue/ENG-1/comment")
        said = page["comments"][1]
        assert "author" not in said
        if data_center:
            assert said["body"] == f"[~{maya['name']}], hello"
        else:
            assert said["body"]["content"][0]["content"][0]["attrs"]["id"] == maya["accountId"]
        with pytest.raises(KeyError):
            world.say("ENG-1", "@[Nobody]")
