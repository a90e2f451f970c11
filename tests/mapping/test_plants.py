"""Each promise catches its mistake: a wrong rule is planted, and the test of the sentence that it breaks must fail."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from mapping import blindness, criteria, judge, signing, soak, standing, state, verdict
from mapping.calendar import utc
from mapping.case import Case
from mapping.finding import Finding
from mapping.item import Item
from mapping.memory import Facts
from mapping.readiness import State, WaiverState
from mapping.timing import Timeline
from tests.mapping import test_properties as promises
from tests.mapping import test_sentences as sentences
from tests.mapping.test_weeks import Weeks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mapping.readiness import GateReadiness
    from mapping.signing import SignOff

Plant = tuple[Any, str, Any]
LOUD = settings(
    max_examples=600,
    phases=[Phase.generate],
    derandomize=True,
    database=None,
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)


def instead(owner: Any, name: str, wrong: Callable[..., Any]) -> Plant:
    """``wrong`` is given the right one first."""
    right = getattr(owner, name)
    return owner, name, lambda *args, **words: wrong(right, *args, **words)


def nothing(*_: Any) -> Iterator[Finding]:
    return iter(())


def rows(*swapped: tuple[State, Any]) -> Plant:
    """The table of states with other rows for some."""
    new = dict(swapped)
    return state, "ROWS", tuple((which, new.get(which, row)) for which, row in state.ROWS)


def unsigned(right: Callable[..., SignOff], gate: Any, said: Any, *more: Any) -> SignOff:
    """Silence is consent, and a word is none."""
    found = right(gate, said, *more)
    return replace(found, standing=()) if said else replace(found, needed=False)


def nil_on_error(right: Callable[..., Any], gate: Any, found: Any, sights: Any, *more: Any) -> Any:
    """What came with an error is empty, and an empty list has nothing open in it."""
    failed = any(s.problem or s.refused for s in sights)
    return (
        replace(right(gate, found, sights, *more), open=(), missing=0) if failed else right(gate, found, sights, *more)
    )


def no_longer_kept(right: Callable[..., Any], *args: Any) -> Any:
    return tuple(it for it in right(*args) if it.state in (WaiverState.PENDING, WaiverState.APPROVED))


def all_required(right: Callable[..., Any], judged: Any, *more: Any) -> Any:
    def counted(told: GateReadiness) -> GateReadiness:
        return replace(told, required=True)

    return right([replace(each, readiness=counted(each.readiness)) for each in judged], *more)


def needless(case: Case) -> Iterator[Finding]:
    """A gate without items is taken for one that nobody needs."""
    if not case.view.criteria.items:
        yield Finding(reason="it has no items")


def any_ready(right: Callable[..., Any], required: Any, **more: Any) -> Any:
    ready = [each for each in required if each.state is State.READY]
    return right(ready or required, **more)


NUMBERS = count()
NOT_BLIND = instead(blindness, "blinds", lambda _, *__: False)
HIDDEN = rows((State.BLOCKED, lambda case: nothing() if case.unseen else state.blocked(case)))
PROMISES: dict[Any, tuple[Plant, ...]] = {
    promises.test_losing_sight_of_a_source_never_makes_a_release_launchable_nor_a_gate_ready: (
        instead(judge, "criteria", nil_on_error),
        instead(judge, "settling", lambda _, *__: ""),
        NOT_BLIND,
    ),
    promises.test_dropping_or_ageing_a_signature_a_waiver_an_attestation_or_an_acceptance_never_makes_a_release_launchable_nor_a_gate_ready: (  # noqa: E501 - the sentence
        instead(judge, "sign_off", unsigned),
    ),
    promises.test_ready_implies_a_live_item_complete_readings_no_source_silent_past_its_limit_and_a_valid_signature_where_one_is_needed: (  # noqa: E501 - the sentence
        instead(judge, "sign_off", lambda right, *args: replace(right(*args), needed=False, standing=())),
    ),
    promises.test_the_same_input_gives_the_same_bytes: (
        instead(judge, "remarks", lambda right, *args: (*right(*args), str(next(NUMBERS)))),
    ),
    promises.test_a_waiver_or_attestation_never_yields_better_than_exception: (
        rows((State.EXCEPTION, nothing), (State.ON_TRACK, nothing)),
        instead(judge, "settling", lambda _, *__: ""),
        (Case, "clean", property(lambda case: case.met)),
    ),
    promises.test_the_order_of_gates_items_and_records_does_not_matter: (
        instead(criteria, "_each_once", lambda _, found: tuple({it.ref: it for it in found}.values())),
    ),
    promises.test_not_needed_only_by_an_explicit_record: (rows((State.NOT_NEEDED, needless)),),
    promises.test_a_failed_read_lowers_no_count_that_a_rule_uses: (
        instead(judge, "_facts", lambda _, case: Facts(done=case.view.criteria.done, total=case.view.criteria.total)),
    ),
    promises.test_unknown_never_hides_blocked_nor_blocked_unknown: (HIDDEN,),
    promises.test_what_cannot_be_told_hides_no_gate_that_is_blocked_neither_its_own_nor_one_after_it: (HIDDEN,),
    promises.test_judging_again_at_the_same_time_with_the_new_memory_changes_nothing: (
        instead(judge, "advance", lambda right, *a, **k: replace(it := right(*a, **k), readings=it.readings + 1)),
    ),
    promises.test_between_now_and_wake_at_nothing_changes_by_time_alone: (
        instead(Timeline, "passed", lambda _, line, instant: utc(instant) <= line.now),
    ),
    promises.test_a_launchable_verdict_rests_on_required_gates_that_are_all_settled: (
        (State, "settled", property(lambda it: it.good or it in (State.NOT_NEEDED, State.SIGN_OFF_DUE))),
    ),
    sentences.test_the_summary_issue_and_the_launch_issue_are_never_items: (
        instead(judge, "criteria", lambda right, *args: right(*args[:5], replace(args[5], never_items=frozenset()))),
    ),
    sentences.test_dropped_items_count_neither_as_done_nor_towards_what_is_expected: ((Item, "live", True),),
    sentences.test_advisory_gates_are_shown_and_never_counted_and_only_inform: (
        instead(judge, "verdict_of", all_required),
    ),
    sentences.test_mostly_met_is_not_met: (instead(verdict, "_first_that_matches", any_ready),),
    sentences.test_failure_to_measure_never_leads_to_blocked_and_never_to_the_last_good_value: (NOT_BLIND,),
    sentences.test_a_failed_read_never_renews_when_something_was_observed: (
        instead(judge, "_facts", lambda right, case: replace(right(case), at=case.view.timeline.now)),
    ),
    sentences.test_a_vanished_unfinished_item_keeps_its_gate_at_cannot_tell_until_somebody_settles_it: (
        (blindness, "_vanished", nothing),
    ),
    sentences.test_ignorance_cannot_be_waived: (
        instead(judge, "blindness", lambda right, view: () if view.said.waivers else right(view)),
    ),
    sentences.test_a_waiver_is_kept_for_ever: (instead(judge, "waivings", no_longer_kept),),
    sentences.test_what_was_decided_is_never_rewritten_and_changes_no_state: (
        instead(standing, "helps", lambda _, __: True),
    ),
    sentences.test_taking_a_comment_back_never_makes_a_release_launchable_nor_a_gate_ready: (
        instead(standing, "helps", lambda _, __: True),
    ),
    sentences.test_silence_is_never_consent: (instead(judge, "sign_off", unsigned),),
    sentences.test_every_target_is_kept: (instead(judge, "targets_of", lambda right, *args: right(*args)[-1:]),),
}


@pytest.mark.parametrize("promise", PROMISES, ids=lambda it: it.__name__.removeprefix("test_"))
def test_each_promise_catches_its_mistake(promise: Callable[[], None]) -> None:
    with ExitStack() as planted:
        for owner, name, wrong in PROMISES[promise]:
            planted.enter_context(mock.patch.object(owner, name, wrong))
        planted.enter_context(mock.patch.object(promise, "_hypothesis_internal_use_settings", LOUD))
        caught = planted.enter_context(pytest.raises(AssertionError))
        promise()
    assert caught.type is AssertionError, "a plant must break the promise, not the program"


MISTAKES: dict[str, Plant] = {
    "one complete reading is enough": (soak, "_READINGS", 1),
    "nothing has to settle": instead(soak, "soak", lambda _, *__: timedelta(0)),
    "a source may be silent for ever": instead(Timeline, "fresh", lambda _, __, at, ___: at is not None),
    "a void signature comes back": instead(
        signing, "_bound", lambda right, signed, before, facts: right(signed, before or None, facts)
    ),
    "what is taken back stays": instead(standing, "helps", lambda _, __: False),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_weeks_catch_a_mistake(mistake: str) -> None:
    owner, name, wrong = MISTAKES[mistake]
    with mock.patch.object(owner, name, wrong), pytest.raises(AssertionError):
        run_state_machine_as_test(Weeks, settings=settings(LOUD, stateful_step_count=30))
