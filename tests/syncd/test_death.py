"""The pass may die between any two requests, carried out or not: one summary issue comes of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from connectors.errors import LostAnswerError
from connectors.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Request

    from tests.trial import Trial

RELEASE = """
  atlas-2:
    launch: eng/REL-1
    gates:
      engineering: {owner: dana, items: eng/ENG, sign_off: false}
      marketing: {owner: maya, items: [{tracker: gtm, team: MKT}], sign_off: false}
"""
LINEAR_RELEASE = """
  atlas-2:
    launch: gtm/MKT-1
    target: 2026-12-15
    gates: {engineering: {owner: dana, items: [{tracker: eng, project: ENG}], sign_off: false}}
"""
MORE_THAN_A_PASS_SENDS = 60


class Death(BaseException):
    """Nothing catches this: the process is gone."""


def _dying_at(n: int, *, carried_out: bool, send: Callable[..., Any]) -> Callable[..., Any]:
    numbers = count(1)

    def send_or_die(*args: Any, **kwargs: Any) -> Any:
        dies = next(numbers) == n  # some are sent side by side
        if dies and not carried_out:
            raise Death
        response = send(*args, **kwargs)
        if dies:
            raise Death
        return response

    return send_or_die


@pytest.mark.parametrize("carried_out", [False, True])
@pytest.mark.parametrize("release", [RELEASE, LINEAR_RELEASE], ids=["jira", "linear"])
def test_death_at_any_request_leaves_one_summary_after_the_next_pass(
    whole: Trial, monkeypatch: pytest.MonkeyPatch, release: str, *, carried_out: bool
) -> None:
    whole.jira.add("ENG", "Merge edits", fix_versions=["Atlas 2.0"])
    whole.linear.add("MKT", "Atlas 2.0")
    send = Wire.send
    deaths = 0
    for n in range(1, MORE_THAN_A_PASS_SENDS):
        config = whole.configure(release, poll=f"{n}s")
        (whole.folder / "syncd.db").unlink(missing_ok=True)
        issues, rows = len(whole.jira.issues), len(whole.linear.issues)
        monkeypatch.setattr(Wire, "send", _dying_at(n, carried_out=carried_out, send=send))
        try:
            whole.once(config)
        except Death:
            deaths += 1
        else:
            break
        finally:
            monkeypatch.setattr(Wire, "send", send)
        passed = whole.once(config)
        assert passed.outcome is not None, f"after death at request {n}: {passed.problems}"
        made = len(whole.jira.issues) - issues + len(whole.linear.issues) - rows
        assert made == 1, f"{made} summaries after death at request {n}"
        again = whole.once(config)
        assert again.outcome is not None
        assert again.outcome.kind == "unchanged"
        _forget(whole, passed.outcome.ref.id)
    assert 8 < deaths < MORE_THAN_A_PASS_SENDS - 1


def _forget(whole: Trial, summary: str) -> None:
    """Back to the world before the summary."""
    for key, id_ in list(whole.jira.keys.items()):
        if id_ == summary:
            whole.jira.delete(key)
    for row in list(whole.linear.issues.values()):
        if row["id"] == summary:
            whole.linear.delete(row["identifier"])


def test_f4_a_creation_whose_answer_is_lost_is_found_again(whole: Trial) -> None:
    whole.jira.add("ENG", "Merge edits", fix_versions=["Atlas 2.0"])
    config = whole.configure(RELEASE)

    def lose(request: Request, response: Any) -> Any:
        if request.method == "POST" and request.path.endswith("/issue"):
            raise ConnectionError
        return response

    whole.jira_site.after = lose
    lost = whole.once(config)
    assert any(isinstance(problem, LostAnswerError) for problem in lost.problems)
    whole.jira_site.after = None
    whole.jira_site.index_lag_s = 30
    found = whole.once(config)
    assert found.outcome is not None
    assert not found.problems
    assert len(whole.summaries()) == 1
    assert 0 < whole.clock.waited <= 60


def test_a_creation_that_never_arrived_is_made_after_the_index_had_its_time(whole: Trial) -> None:
    config = whole.configure(RELEASE)

    def lose(request: Request) -> None:
        if request.method == "POST" and request.path.endswith("/issue"):
            raise ConnectionError

    whole.jira_site.before = lose
    whole.once(config)
    assert not whole.summaries()
    whole.jira_site.before = None
    whole.once(config)
    assert len(whole.summaries()) == 1
    assert whole.clock.waited >= 55


def test_f28_a_lost_store_finds_the_summary_again(whole: Trial) -> None:
    config = whole.configure(RELEASE)
    whole.once(config)
    (whole.folder / "syncd.db").unlink()
    assert whole.once(config).outcome is not None
    assert len(whole.summaries()) == 1


def test_a_deleted_summary_is_reported_and_not_made_again(whole: Trial) -> None:
    config = whole.configure(RELEASE)
    whole.once(config)
    (summary,) = whole.summaries()
    whole.jira.delete(summary["key"])
    passed = whole.once(config)
    assert passed.outcome is None
    assert summary["key"] in str(passed.problems[-1])
    assert not whole.summaries()


@pytest.mark.parametrize("path", ["/rest/api/3/issue", "/rest/api/3/issueLink"])
def test_kill_9_of_the_real_process_while_it_writes_leaves_one_summary(whole: Trial, path: str) -> None:
    whole.jira.add("ENG", "Merge edits", fix_versions=["Atlas 2.0"])
    whole.clock.at = _now()
    whole.configure(RELEASE)
    reached = threading.Event()
    process = _process(whole)

    def kill(request: Request) -> None:
        if request.method == "POST" and request.path == path and not reached.is_set():
            os.kill(process.pid, signal.SIGKILL)
            process.wait(10)
            reached.set()

    whole.jira_site.before = kill
    assert process.wait(60) == -signal.SIGKILL
    assert reached.wait(10)
    second = _process(whole)
    assert second.wait(60) == 0
    assert len(whole.summaries()) == 1


def _process(whole: Trial) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "syncd", "--config", str(whole.folder / "syncd.yaml"), "once"],
        env={**os.environ, **whole.environ},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _now() -> Any:
    from syncd import clock  # noqa: PLC0415 - beside its only use

    return clock.now()
