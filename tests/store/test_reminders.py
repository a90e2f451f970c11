"""What syncd said by itself is kept with the comment that says it, so that it is said once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mapping.document import Text
from mapping.reminder import Reminder
from syncd.store.model import Notice
from tests.store.readings import T0
from tests.store.test_owned import MARK, REF, WRITTEN

if TYPE_CHECKING:
    from syncd.store.store import Store

ASKED = Reminder(release="atlas-2", person="dana@acme.example", gate="engineering", name="finish", at=T0, open=True)
NOTICE = Notice(name="asks 1", at=T0, lines=((Text("syncd: for Dana: finish ENG-2."),),))


def test_they_are_found_by_release_and_by_person(store: Store) -> None:
    other = replace(ASKED, release="borealis")
    ended = Reminder(release="borealis", person="", gate="engineering", name="ended w1", at=T0)
    store.say("atlas-2", [NOTICE], [ASKED])
    store.say("borealis", [], [other, ended])
    assert store.reminders("atlas-2", set()) == [ASKED]
    assert sorted(it.release for it in store.reminders("atlas-2", {"dana@acme.example"})) == ["atlas-2", "borealis"]
    assert {it.name for it in store.reminders("borealis", set())} == {"finish", "ended w1"}
    assert [it.name for it in store.unposted("atlas-2")] == ["asks 1"]


def test_the_last_word_on_each_counts_and_a_comment_of_one_name_comes_once(store: Store) -> None:
    store.say("atlas-2", [NOTICE], [ASKED])
    store.say("atlas-2", [NOTICE], [replace(ASKED, open=False)])
    assert store.reminders("atlas-2", set()) == [replace(ASKED, open=False)]
    assert len(store.unposted("atlas-2")) == 1


def test_a_comment_without_its_reminders_is_never_kept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("pulled")

    monkeypatch.setattr("syncd.store.said.upsert", broken)
    with pytest.raises(RuntimeError):
        store.say("atlas-2", [NOTICE], [ASKED])
    assert (store.unposted("atlas-2"), store.reminders("atlas-2", set())) == ([], [])


def test_the_news_of_a_page_come_with_its_acceptance(store: Store) -> None:
    store.intend(MARK, T0)
    store.created(MARK, REF)
    store.accepted("atlas-2", WRITTEN, [NOTICE])
    assert [it.name for it in store.unposted("atlas-2")] == ["asks 1"]
