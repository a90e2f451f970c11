"""The questions of a configuration are worked out once for each state of a launch issue."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from connectors.base import Launch
from syncd.facts import Facts
from syncd.store.model import Fact
from syncd.wanted import Questions
from tests.living import EACH, near

if TYPE_CHECKING:
    from pathlib import Path

    from config.schema import Config


def facts(config: Config, title: str) -> Facts:
    launch = Launch(id="1", key="REL-1", url="", title=title, due=None, assignee=None, project="REL")
    told = Fact(tracker="eng", kind="launch", name="REL-1", title="Atlas 2.0", content=launch)
    return Facts(config, {("eng", "launch", "REL-1"): told})


def test_only_those_of_the_launch_issue_as_it_is_now_are_remembered(tmp_path: Path) -> None:
    with near(tmp_path) as town:
        config = town.configure(EACH)
    questions = Questions(config)
    for number in range(50):
        told = facts(config, f"Atlas, take {number}")
        assert questions.gates("atlas-2", told) is questions.gates("atlas-2", told)  # worked out once
        questions.wanted("eng", ["atlas-2"], told, frozenset())
    del told
    gc.collect()
    remembered = {it.title for it in gc.get_objects() if isinstance(it, Launch) and it.title.startswith("Atlas, take")}
    assert remembered == {"Atlas, take 49"}
