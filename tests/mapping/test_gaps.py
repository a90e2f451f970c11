"""Who is missing, and where what people say is not what is computed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.gate import Gate, Person, Timing
from mapping.health import WORDS, Health
from mapping.item import Progress
from mapping.readiness import Readiness, State
from mapping.record import NotNeeded
from tests.mapping.test_properties import EITHER, MANY, assert_no_better, judged
from tests.worlds import LEE, NOW, TARGET, World, gate, item, ready_world, release, sight, signature

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TODO = Progress.TODO
ANA, BO = Person(name="Ana"), Person(name="Bo")
GONE, UNREACHED = replace(ANA, active=False), replace(ANA, reachable=False)
IDLE = item("ENG-2", TODO, assignee=None)


def one(*items: Any, target: Any = TARGET + 14 * DAY, **fields: Any) -> World:
    """One gate, started, that is far from its target."""
    world = World(release=release(gate(**fields), target=target), items={"engineering": items or (item(),)})
    world.health = {"engineering": (sight(),)}
    return world


def asked(readiness: Readiness) -> list[tuple[str, str]]:
    return [(ask.who, ask.what) for ask in readiness.asks]


def test_a_gate_without_an_owner_is_the_manager_s_to_give() -> None:
    readiness = one(item(progress=TODO), owners=()).judge()
    assert "Nobody owns Engineering." in readiness.remarks
    assert asked(readiness) == [("Maya", "name an owner for Engineering")]


def test_a_gate_that_waits_without_an_owner_is_asked_about_all_the_same() -> None:
    world = one(item(progress=TODO))
    world.release = release(*world.release.gates, gate("training", after=("engineering",), owners=()), target=None)
    world.health["training"] = (sight(),)
    world.items["training"] = (item("TRN-1", TODO),)
    readiness = world.judge()
    assert ("Maya", "name an owner for Training") in asked(readiness)
    assert len([what for _, what in asked(readiness) if "Training" in what]) == 1


@pytest.mark.parametrize(
    ("away", "said"),
    [
        (GONE, "The account of Ana, who owns Engineering, is switched off"),
        (UNREACHED, "Ana, who owns Engineering, cannot be reached in the summary's tracker"),
    ],
)
def test_where_no_owner_is_there_to_be_asked_the_manager_is_asked_who_is(away: Person, said: str) -> None:
    alone = one(item(progress=TODO), owners=(away,)).judge()
    assert f"{said}." in alone.remarks
    assert ("Maya", f"say who owns Engineering now: {said}") in asked(alone)
    backed = one(item(progress=TODO), owners=(away, BO)).judge()
    assert f"{said}." in backed.remarks
    assert not [what for _, what in asked(backed) if "say who owns" in what]


def test_nobody_is_asked_whose_account_is_switched_off_if_anybody_else_is_there() -> None:
    assert {who for who, _ in asked(one(item("ENG-2", TODO), owners=(GONE, BO), due=NOW).judge())} == {"Bo"}


def test_a_hand_off_without_a_receiver_is_named() -> None:
    world = one()
    world.release = release(
        gate(sign_off=False), gate("training", after=("engineering",), owners=()), expect_by=NOW + DAY
    )
    world.items["training"] = (item("TRN-1", TODO, assignee=None),)
    world.health["training"] = (sight(),)
    said = "Nobody is there to take over from Engineering for Training."
    assert said in world.judge().remarks
    world.items["engineering"] = (item(progress=TODO),)
    assert said not in world.judge().remarks


def test_who_takes_what_nobody_does_is_asked_of_the_owner_last_and_once() -> None:
    readiness = one(IDLE, item("ENG-3", TODO)).judge()
    assert "1 open item without an assignee: ENG-2." in readiness.remarks
    assert asked(readiness) == [("Dana", "say who takes ENG-2")]
    late = one(IDLE, due=NOW).judge()
    assert asked(late) == [("Dana", "finish ENG-2")], "who is to finish it is asked already"
    early = one(IDLE, target=TARGET + 90 * DAY).judge()
    assert asked(early) == [], "work is not expected yet"


def test_a_gate_that_is_not_needed_lacks_nobody() -> None:
    world = one(IDLE, owners=(GONE,))
    world.records = (
        NotNeeded(id="n", gate="engineering", by="Ana", at=NOW - HOUR, reason="no code", confirmed_by="Maya"),
    )
    readiness = world.judge()
    assert (asked(readiness), readiness.gates[0].state) == ([], State.NOT_NEEDED)
    assert not [said for said in readiness.remarks if "Ana" in said]


def health(word: str | None, **fields: Any) -> Health:
    said: dict[str, Any] = {"tracker": "gtm", "project": "Atlas docs", "said_at": NOW - 5 * DAY, "by": "Lee"}
    return Health(word=word, **{**said, **fields})


def told(world: World, *healths: Health, **fields: Any) -> list[str]:
    (found,) = world.release.gates
    world.release = replace(world.release, gates=(replace(found, healths=healths, **fields),))
    return [said for said in world.judge().remarks if "is said to be" in said]


@pytest.mark.parametrize("word", ["off_track", "at_risk"])
def test_a_project_that_is_said_to_be_worse_than_its_gate_contradicts_it(word: str) -> None:
    said = told(ready_world(), health(word))
    words = word.replace("_", " ")
    assert said == [f'Project "Atlas docs" is said to be {words} (Lee, Thu 3 Dec), while Engineering is READY.']


def test_a_project_that_is_said_to_be_on_track_contradicts_a_gate_that_is_not() -> None:
    (said,) = told(one(item(progress=TODO), due=NOW), health("on_track"))
    assert said.endswith("is said to be on track (Lee, Thu 3 Dec), while Engineering is BLOCKED.")
    assert len(told(one(item(progress=TODO), due=NOW + DAY), health("on_track"))) == 1


@pytest.mark.parametrize("word", [*WORDS, None, "odd"])
def test_what_is_unfinished_or_unknown_contradicts_nothing(word: str | None) -> None:
    assert told(one(item(progress=TODO)), health(word)) == []
    assert told(ready_world(), health(word if word in (None, "odd") else "on_track")) == []


def test_a_health_tells_only_what_is_known_of_it_and_nothing_of_a_confidential_gate_s_project() -> None:
    assert told(ready_world(), health("off_track", by="", said_at=None)) == [
        'Project "Atlas docs" is said to be off track, while Engineering is READY.'
    ]
    (said,) = told(ready_world(), health("off_track"), confidential=True)
    assert "Atlas" not in said


@pytest.mark.parametrize(("keys", "words"), [(["ENG-1"], "ENG-1 is"), (["ENG-1", "ENG-3"], "ENG-1, ENG-3 are")])
def test_a_signature_contradicts_what_is_open(keys: list[str], words: str) -> None:
    world = one(*(item(key, TODO) for key in keys))
    world.records = (signature(),)
    assert [said for said in world.judge().remarks if "signed" in said] == [
        f"Dana signed Engineering on Tue 8 Dec, 12:00 UTC, while {words} open."
    ]


healths = st.builds(health, st.sampled_from([*WORDS, None]), project=st.sampled_from(["Atlas docs", "Atlas"]))


@MANY
@given(EITHER, st.lists(healths, max_size=3))
def test_what_people_say_of_a_project_changes_no_state_and_its_order_nothing(world: World, said: list[Health]) -> None:
    def with_healths(found: Gate, *more: Health) -> Gate:
        return replace(found, healths=more)

    before, _, _ = judged(world)
    plain = world.release.gates
    world.release = replace(world.release, gates=tuple(with_healths(g, *said) for g in plain))
    after, memory, wake_at = judged(world)
    assert_no_better(before, after)
    assert [(g.id, g.state) for g in after.gates] == [(g.id, g.state) for g in before.gates]
    world.release = replace(world.release, gates=tuple(with_healths(g, *said[::-1]) for g in plain))
    assert judged(world) == (after, memory, wake_at)


def test_a_gap_of_one_gate_is_no_other_s() -> None:
    world = one(IDLE, owners=(GONE,))
    world.release = replace(world.release, gates=(*world.release.gates, gate("docs", owners=(LEE,))), timing=Timing())
    world.items["docs"], world.health["docs"] = (item("DOC-1", TODO),), (sight(),)
    assert not [said for said in world.judge().remarks if "Docs" in said]
