"""The pace in virtual time: a tracker that asks for patience gets it, and one that does not is not kept waiting."""

from __future__ import annotations

import threading
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.limit import EVERYTHING, MAX_RETRY_AFTER_S, Limit
from connectors.pace import JITTER, PATIENCE_S, QUEUE_S, SLOW_S, TRIES, Pace, PausedError, StuckError

SEARCH = (EVERYTHING, "POST /search")
FIELDS = (EVERYTHING, "GET /field")
REFUSED = Limit(pause_s=7, refused=True)


class Time:
    """A clock that moves when somebody waits."""

    def __init__(self) -> None:
        self.at = 1_000_000.0
        self.waits: list[float] = []

    def now(self) -> float:
        return self.at

    def wait(self, duration_s: float) -> None:
        self.waits.append(duration_s)
        self.at += duration_s


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def pace(time: Time) -> Pace:
    return Pace(now=time.now, wait=time.wait)


def ask(pace: Pace, *answers: tuple[int, Limit | None], scopes: tuple[str, ...] = SEARCH) -> int:
    """Sends one request as the wire does, answered as said, the last answer for ever; how often it was sent."""
    asking, sent = pace.asking("POST", scopes), 0
    while True:
        with asking.turn():
            status, limit = answers[min(sent, len(answers) - 1)]
            sent += 1
            asking.answered(status, limit)
        if not asking.again:
            return sent


def narrowed(pace: Pace, times: int) -> None:
    for _ in range(times):
        ask(pace, (200, Limit()))


def test_f13_a_refused_request_is_sent_again_after_the_pause_and_no_sooner(pace: Pace, time: Time) -> None:
    assert ask(pace, (429, REFUSED), (200, None)) == 2
    assert time.waits == [7]
    assert pace.counts() == {("POST", "429"): 1, ("POST", "200"): 1}


def test_a_refusal_without_a_pause_is_waited_out_longer_each_time(pace: Pace, time: Time) -> None:
    assert ask(pace, (429, Limit(pause_s=None, refused=True))) == TRIES
    assert time.waits == [1, 2, 4]


def test_a_pause_of_nothing_is_no_leave_to_hammer(pace: Pace, time: Time) -> None:
    assert ask(pace, (429, Limit(pause_s=0, refused=True))) == TRIES
    assert time.waits == [1, 1, 1]


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
def test_a_pause_is_never_shortened_by_the_jitter(chance: float, time: Time) -> None:
    pace = Pace(now=time.now, wait=time.wait, chance=lambda: chance)
    ask(pace, (429, REFUSED), (200, None))
    assert time.waits == [7 * (1 + JITTER * chance)]


def test_what_was_not_refused_is_never_sent_again(pace: Pace, time: Time) -> None:
    assert ask(pace, (503, Limit(pause_s=5))) == 1
    assert ask(pace, (500, None), scopes=()) == 1
    assert time.waits == []


def test_a_lost_answer_is_counted_and_not_forgiven(pace: Pace) -> None:
    asking = pace.asking("PUT", SEARCH)
    with pytest.raises(OSError, match="gone"), asking.turn():
        raise OSError("gone")
    assert not asking.again
    assert pace.counts() == {("PUT", "lost"): 1}


def test_a_lost_answer_after_a_refusal_is_not_forgiven_either(pace: Pace) -> None:
    asking = pace.asking("PUT", SEARCH)
    with asking.turn():
        asking.answered(429, REFUSED)
    assert asking.again
    with pytest.raises(OSError, match="gone"), asking.turn():
        raise OSError("gone")
    assert not asking.again


def test_f13_a_long_pause_is_remembered_and_nothing_is_sent_until_it_ends(pace: Pace, time: Time) -> None:
    assert ask(pace, (429, Limit(pause_s=600, refused=True))) == 1
    for _ in range(3):
        with pytest.raises(PausedError) as caught:
            ask(pace, (200, None))
        assert caught.value.retry_after_s == 600
    assert time.waits == []
    assert pace.counts() == {("POST", "429"): 1, ("POST", "refused"): 3}
    time.at += 600
    assert ask(pace, (200, None)) == 1


def test_the_rest_of_a_pause_is_waited_out_when_it_is_short(pace: Pace, time: Time) -> None:
    ask(pace, (429, Limit(pause_s=600, refused=True)))
    time.at += 580
    assert ask(pace, (200, None)) == 1
    assert time.waits == [20]


def test_one_request_waits_no_longer_than_its_patience_in_all(pace: Pace, time: Time) -> None:
    assert ask(pace, (429, Limit(pause_s=25, refused=True))) == 3
    assert sum(time.waits) <= PATIENCE_S


def test_no_pause_is_longer_than_the_longest(pace: Pace) -> None:
    ask(pace, (429, Limit(pause_s=float("inf"), refused=True)))
    assert pace.pause_s(SEARCH) == MAX_RETRY_AFTER_S


def test_a_burst_pauses_its_endpoint_and_no_other(pace: Pace, time: Time) -> None:
    ask(pace, (429, Limit(scope=SEARCH[1], pause_s=600, refused=True)))
    assert ask(pace, (200, None), scopes=FIELDS) == 1
    assert pace.pause_s(SEARCH) == 600
    assert time.waits == []


def test_a_quota_pauses_the_whole_tracker(pace: Pace) -> None:
    ask(pace, (429, Limit(pause_s=600, refused=True)))
    with pytest.raises(PausedError):
        ask(pace, (200, None), scopes=FIELDS)


def test_one_issue_that_is_written_too_often_slows_nobody_else(pace: Pace, time: Time) -> None:
    one, other = ((*SEARCH, f"writes of {issue}") for issue in ("10001", "10002"))
    width = pace.width
    assert ask(pace, (429, Limit(scope=one[2], pause_s=30, refused=True)), (201, None), scopes=one) == 2
    assert time.waits == [30]
    assert pace.width >= width
    assert ask(pace, (201, None), scopes=other) == 1
    assert time.waits == [30]


def test_a_shorter_pause_does_not_end_a_longer_one(pace: Pace) -> None:
    pace.pause(EVERYTHING, 600)
    pace.pause(EVERYTHING, 5)
    assert pace.pause_s(SEARCH) == 600


def test_a_clock_that_is_set_back_does_not_prolong_a_pause(pace: Pace, time: Time) -> None:
    pace.pause(EVERYTHING, 600)
    time.at -= 86_400
    assert ask(pace, (200, None)) == 1


def test_a_clock_that_stands_still_does_not_hang_anybody() -> None:
    pace = Pace(now=lambda: 5.0, wait=lambda _: None)
    pace.pause(EVERYTHING, 40)
    with pytest.raises(PausedError):
        ask(pace, (200, None))


def test_without_a_clock_nothing_is_repeated_and_nothing_is_paused() -> None:
    pace = Pace()
    assert ask(pace, (429, REFUSED)) == 1
    assert ask(pace, (200, None)) == 1


def test_the_pace_quickens_with_good_answers_up_to_its_most(pace: Pace) -> None:
    ask(pace, (200, None))
    assert pace.width == 5
    for _ in range(50):
        ask(pace, (200, None))
    assert pace.width == pace.most == 20


def test_the_pace_falls_to_one_at_a_time_and_climbs_back_slowly(pace: Pace) -> None:
    narrowed(pace, 10)
    assert pace.width == 1
    for _ in range(5):
        ask(pace, (200, None))
    assert 1 < pace.width < 4
    for _ in range(200):
        ask(pace, (200, None))
    assert pace.width == pace.most


def slowly(pace: Pace, time: Time) -> None:
    asking = pace.asking("GET", FIELDS)
    with asking.turn():
        time.at += SLOW_S + 1
        asking.answered(200, None)


def test_a_slow_answer_makes_the_pace_fall(pace: Pace, time: Time) -> None:
    for _ in range(20):
        ask(pace, (200, None))
    slowly(pace, time)
    assert pace.width == pace.most // 2


def test_a_tracker_that_is_always_slow_is_asked_as_widely_as_at_first(pace: Pace, time: Time) -> None:
    first = pace.width
    for _ in range(30):
        slowly(pace, time)
    assert pace.width == first
    narrowed(pace, 10)
    for _ in range(30):
        slowly(pace, time)
    assert pace.width == first


def test_a_slow_answer_never_widens_what_may_be_narrower(time: Time) -> None:
    pace = Pace(now=time.now, wait=time.wait, most=2)
    slowly(pace, time)
    assert pace.width == 2


class Queue(threading.Condition):
    """While somebody waits in it, one request comes through and the next takes its place, some times over."""

    def __init__(self, pace: Pace, times: int, time: Time) -> None:
        super().__init__()
        self.pace, self.left, self.time = pace, times, time
        self.number = 0

    def wait(self, timeout: float | None = None) -> bool:
        if not self.left:
            self.time.at += timeout or 0
            return False
        self.left -= 1
        self.time.at += 8
        self.pace.leave(self.number, well=True, slow=True)
        self.number = self.pace.enter(()) if self.left else 0
        return True


def queued(time: Time, times: int, monkeypatch: pytest.MonkeyPatch) -> Pace:
    pace = Pace(now=time.now, wait=time.wait, most=1)
    queue = Queue(pace, times, time)
    monkeypatch.setattr(pace, "_ready", queue)
    queue.number = pace.enter(())
    return pace


def test_a_long_queue_that_moves_is_waited_in_to_its_end(time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    pace = queued(time, 100, monkeypatch)
    began = time.at
    assert ask(pace, (200, None)) == 1
    assert time.at - began == 800 > QUEUE_S


def test_a_queue_that_stands_still_is_given_up(time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    pace = queued(time, 0, monkeypatch)
    began = time.at
    with pytest.raises(StuckError):
        ask(pace, (200, None))
    assert time.at - began == QUEUE_S
    assert pace.counts() == {("POST", "refused"): 1}


@pytest.mark.parametrize("longest", [30, 600])
def test_f13_a_pause_that_begins_while_a_request_waits_for_its_turn_is_kept(
    longest: float, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    pace = queued(time, 3, monkeypatch)
    entered = Pace.enter

    def enter(asked: Pace, scopes: tuple[str, ...]) -> int:
        monkeypatch.setattr(Pace, "enter", entered)
        asked.pause(EVERYTHING, longest)
        return asked.enter(scopes)

    monkeypatch.setattr(Pace, "enter", enter)
    if longest > PATIENCE_S:
        with pytest.raises(PausedError):
            ask(pace, (200, None))
    else:
        assert ask(pace, (200, None)) == 1
    assert time.waits == ([30 - 3 * 8] if longest == 30 else [])
    assert pace.pause_s(SEARCH) == max(0, longest - 3 * 8 if longest == 600 else 0)


def test_a_round_of_refusals_counts_once(pace: Pace) -> None:
    turns = [pace.asking("GET", FIELDS) for _ in range(4)]
    numbers = [pace.enter(FIELDS) for _ in turns]
    for number in numbers:
        pace.leave(number, well=False)
    assert pace.width == 2


def test_no_more_are_under_way_than_the_pace_allows() -> None:
    pace, together, most = Pace(most=3), threading.Barrier(3), 0
    lock, under_way = threading.Lock(), 0

    def work() -> None:
        nonlocal under_way, most
        for _ in range(4):
            asking = pace.asking("GET")
            with asking.turn():
                with lock:
                    under_way += 1
                    most = max(most, under_way)
                together.wait(10)
                with lock:
                    under_way -= 1
                asking.answered(200, None)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads)
    assert most == 3
    assert pace.counts() == {("GET", "200"): 24}


def test_what_was_counted_cannot_be_changed_from_outside(pace: Pace) -> None:
    ask(pace, (200, None))
    dict(pace.counts()).clear()
    assert pace.counts() == {("POST", "200"): 1}


pauses = st.none() | st.floats(0, 1e19)
limits = st.none() | st.builds(Limit, scope=st.sampled_from(SEARCH), pause_s=pauses, refused=st.booleans())


@given(told=st.lists(st.lists(limits, min_size=1, max_size=6), max_size=12), chance=st.floats(0, 1))
def test_whatever_a_tracker_asks_for_the_pace_is_bounded(told: list[list[Limit | None]], chance: float) -> None:
    time = Time()
    pace = Pace(now=time.now, wait=time.wait, chance=lambda: chance)
    for answers in told:
        before = time.at
        with suppress(PausedError):
            assert 1 <= ask(pace, *((429 if limit else 200, limit) for limit in answers)) <= TRIES
        assert 0 <= pace.pause_s(SEARCH) <= MAX_RETRY_AFTER_S
        assert time.at - before <= PATIENCE_S * (1 + JITTER) + 0.01
        assert 1 <= pace.width <= pace.most
