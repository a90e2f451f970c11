"""Traps that tools like this one fell into elsewhere, each as a sentence that must not come true here."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mapping.gate import Person, Timing
from mapping.item import Item, Progress
from mapping.judge import judge
from mapping.memory import Memory
from mapping.readiness import State, Verdict
from mapping.record import Approval
from mapping.sight import TALK
from tests.worlds import LEE, NOW, TARGET, World, gate, item, release, sight, signature, waiver

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TODO, DOING, DROPPED = Progress.TODO, Progress.DOING, Progress.DROPPED
REFUSED = sight(problem="403, the token may not see the project", refused=True)


def settled(*items: Item, **fields: Any) -> World:
    """One gate with these items that does not settle and is signed, read three times."""
    world = World(release=release(gate(**fields), timing=Timing(soak=0 * HOUR)), items={"engineering": items})
    world.health = {"engineering": (sight(),)}
    for hours in (2, 1, 0):
        world.read(NOW - hours * HOUR)
        world.records = (signature(at=NOW - hours * HOUR),)
    world.read(NOW)
    return world


def test_the_world_that_the_traps_are_set_in_is_ready_without_them() -> None:
    assert settled(item()).judge().verdict is Verdict.READY


@pytest.mark.parametrize("health", [{}, {"engineering": ()}, {"engineering": (sight(observed_at=None),)}])
def test_a_summary_that_is_nil_on_error_reads_ready(health: dict[str, Any]) -> None:
    """It does not: of what nobody read nothing is known, whatever was known before and whoever signed."""
    for memory in (Memory(), settled(item()).memory):
        told, _, _ = judge({}, (signature(),), health, release(gate()), memory, NOW)
        assert (told.verdict, told.launchable) == (Verdict.UNKNOWN, False)


def test_comments_that_cannot_be_read_are_no_silence() -> None:
    world = settled(item())
    world.health[TALK] = (sight(),)
    assert world.judge().verdict is Verdict.READY
    world.health[TALK] = (sight(refused=True, problem="404"),)
    assert world.judge().verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("items", [(), (item(progress=DROPPED),), (item("ENG-1", DROPPED), item("ENG-2", DROPPED))])
@pytest.mark.parametrize("expect", [0, 1])
def test_zero_items_pass(items: tuple[Item, ...], expect: int) -> None:
    """They do not, however few are expected and whoever signed them."""
    world = settled(*items, expect=expect)
    for days in (0, 1, 2):
        readiness = world.read(NOW + days * DAY)
        assert readiness.gates[0].state not in (State.READY, State.EXCEPTION, State.NOT_NEEDED)
        assert not readiness.launchable


@pytest.mark.parametrize("unseen", [REFUSED, sight(NOW - 9 * DAY), sight(observed_at=None, complete_at=None)])
def test_not_run_outranks_failed(unseen: Any) -> None:
    """It does not: what is known to be bad is said first, and that something is not known is said beside it."""
    world = settled(item(), due=NOW - HOUR)
    world.items["engineering"] = (item(), item("ENG-2", TODO))
    assert world.gate().state is State.BLOCKED
    world.health["engineering"] = (sight(), replace(unseen, tracker="gtm"))
    found = world.gate()
    assert (found.state, found.unknown) == (State.BLOCKED, True)
    world.release = replace(world.release, gates=(*world.release.gates, gate("docs")))
    world.health["docs"] = (unseen,)
    assert world.judge().verdict is Verdict.BLOCKED


@pytest.mark.parametrize(
    "edit",
    [
        {"title": "Another title"},
        {"priority": 1},
        {"labels": ("docs", "later")},
        {"assignee": "Bo"},
        {"assignee": None},
        {"status": "Released", "status_id": "s-9"},
        {"updated": NOW + HOUR / 2},
        {"key": "NEW-1", "url": "https://eng.example/browse/NEW-1"},
    ],
)
def test_approvals_that_reset_at_every_edit_get_switched_off(edit: dict[str, Any]) -> None:
    """So they do not reset: only what the approval was about takes it away."""
    world = settled(item())
    world.items["engineering"] = (replace(item(), **edit),)
    world.read(NOW + HOUR)
    assert world.read(NOW + 2 * HOUR).gates[0].state is State.READY
    waived = item("ENG-2", TODO, updated=NOW + 5 * HOUR / 2)
    world.records = (*world.records, waiver(waived, by="Lee"))
    world.items["engineering"] = (item(), waived)
    world.records = (*world.records, signature(at=NOW + 3 * HOUR))
    world.read(NOW + 3 * HOUR)
    world.read(NOW + 4 * HOUR)
    world.items["engineering"] = (item(), replace(waived, **{**edit, "updated": NOW + 4 * HOUR}))
    world.read(NOW + 5 * HOUR)
    assert world.read(NOW + 6 * HOUR).gates[0].state is State.EXCEPTION


def test_a_success_hidden_behind_a_newer_pending_run() -> None:
    """It is not hidden: what was agreed stands until it ends, whatever was begun since."""
    world = settled(item())
    world.records = (*world.records, signature(at=NOW + HOUR / 2, id="again"))
    assert world.read(NOW + HOUR).verdict is Verdict.READY, "a signature that nothing was read for yet"
    world.health["engineering"] = (sight(NOW + 2 * HOUR, complete_at=NOW + HOUR),)
    assert world.judge(NOW + 2 * HOUR).verdict is Verdict.READY, "a reading of what changed, no complete one"
    world.health["engineering"] = (sight(NOW + 2 * HOUR, problem="it hung up"),)
    assert world.judge(NOW + 2 * HOUR).verdict is Verdict.READY, "a reading that failed, not long ago"


def test_a_waiver_in_force_hidden_behind_a_newer_one_that_is_pending() -> None:
    opened = item("ENG-2", TODO)
    world = settled(item(), opened)
    first = waiver(opened, id="c1.0", label="W1", approved_by=None)
    yes = Approval(id="y.0", by="Maya", at=NOW - HOUR, subject="W1")
    second = waiver(opened, id="c2.0", label="W2", approved_by=None, at=NOW + HOUR, by="Lee")
    world.records = (*world.records, first, yes)
    world.read(NOW + HOUR)
    assert world.read(NOW + 2 * HOUR).verdict is Verdict.READY_WITH_EXCEPTIONS
    world.records = (*world.records, second)
    assert world.read(NOW + 3 * HOUR).verdict is Verdict.READY_WITH_EXCEPTIONS


@pytest.mark.parametrize("empty", [False, True])
def test_a_project_that_returns_403_after_it_was_red(empty: bool) -> None:  # noqa: FBT001 - a case
    """It stays red while its items are kept, and is unknown where they are not; it is never better than that."""
    world = settled(item("ENG-1", DOING), due=NOW - HOUR)
    assert world.gate().state is State.BLOCKED
    world.health["engineering"] = (REFUSED,)
    if empty:
        world.items = {}
    for days in (0, 1, 9):
        found = world.judge(NOW + days * DAY).gates[0]
        assert found.state is (State.UNKNOWN if empty else State.BLOCKED)
        assert found.unknown
        assert (found.done, found.total) == (0, 1), "the last facts stay"


def test_a_failed_read_renews_the_time_stamp() -> None:
    """It does not: the facts are as old as the last reading that succeeded, and too old one day."""
    world = settled(item())
    world.health["engineering"] = (sight(NOW, problem="the tracker is down"),)
    for hours in (1, 2, 20):
        readiness = world.judge(NOW + hours * HOUR)
        assert readiness.gates[0].facts_at == NOW
        assert readiness.sources[0].last_complete == NOW
    assert readiness.verdict is Verdict.UNKNOWN


def test_an_escalation_that_fires_only_on_one_exact_day_is_lost_with_one_missed_run() -> None:
    """It is not: what is due is said at whatever time somebody looks next."""
    bo = Person(name="Bo")
    world = settled(item("ENG-1", DOING), due=NOW - HOUR, owners=(LEE, bo))
    world.judge(NOW)
    late = world.read(NOW + 6 * DAY)
    assert [(ask.who, ask.before) for ask in late.asks] == [("Bo", "Lee was asked Tue 8 Dec")]
    far = replace(world.release, target=TARGET + 60 * DAY)
    handed = replace(gate("docs", sign_off=False), owners=(LEE,))
    world.release = replace(far, gates=(handed, gate("training", after=("docs",))))
    world.items = {"docs": (item("DOC-1"),), "training": (item("TRN-1", TODO, assignee=None),)}
    world.health = {"docs": (sight(),), "training": (sight(),)}
    world.read(NOW + 7 * DAY)
    assert "take over from Docs" in [ask.what for ask in world.read(NOW + 20 * DAY).asks]


def test_a_done_blocker_that_reopens_after_the_gate_was_ready_blocks_however_it_was_seen() -> None:
    """And done again it has to settle anew, and to be signed anew."""
    world = settled(item(), item("ENG-2"))
    world.release = replace(world.release, timing=Timing())
    assert world.read(NOW + HOUR).gates[0].state is State.READY
    world.items["engineering"] = (item(), item("ENG-2", DOING, moved_at=NOW + 2 * HOUR))
    found = world.read(NOW + 2 * HOUR).gates[0]
    assert (found.state, found.unknown, found.previous) == (State.BLOCKED, False, State.READY)
    world.health["engineering"] = (REFUSED,)
    assert world.judge(NOW + 2 * HOUR).gates[0].unknown
    assert world.judge(NOW + 9 * DAY).gates[0].state is State.BLOCKED
    world.health["engineering"] = (sight(),)
    world.items["engineering"] = (item(), item("ENG-2", moved_at=NOW + 3 * HOUR))
    world.read(NOW + 3 * HOUR)
    assert world.read(NOW + 4 * HOUR).gates[0].state is State.SIGN_OFF_DUE
    world.records = (*world.records, signature(at=NOW + 4 * HOUR, id="again"))
    assert world.read(NOW + 5 * HOUR).gates[0].state is State.READY
