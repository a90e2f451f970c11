"""Exit codes and what a person is told when the command line or the configuration is not as it should be."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from syncd import app
from syncd.commands import status as command
from tests.command_line import FULL, Commands, commands, syncd

if TYPE_CHECKING:
    from tests.trial import Trial

BAD = """
trackrs: {}
trackers:
  jira: {kind: jira, url: https://acme.atlassian.net, email: me@acme.example, token: {env: JIRA_TOKEN}}
releases:
  atlas-2:
    launch: REL-12
    gates: {engineering: jira/ENG, support: jirra/SUP, docs: {ownr: x, items: none}}
"""
FULL_DEVICE = Path("/dev/full")
HEAVY = ("rich", "structlog", "pydantic", "sqlalchemy", "jira", "gql", "ruamel", "holidays", "werkzeug")


def as_started(*words: str, folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", "syncd", *words],
        cwd=folder,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_without_a_configuration_it_says_how_to_write_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(app, "CONFIG_PLACES", (Path("syncd.yaml"),))
    for words in (["check"], ["plan"], ["once"], ["status"]):
        ran = syncd(*words, SYNCD_CONFIG=None)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err == (
            "syncd.yaml: 1 problem\n  the file\n    there is no such file\n"
            "    -> write one: syncd init, or name another with --config\n"
        )


def test_the_configuration_may_be_named_by_a_variable(live: Trial) -> None:
    run = commands(live)
    ran = syncd("check", "--offline", SYNCD_CONFIG=str(run.config), **live.environ)
    assert (ran.code, ran.out) == (0, "The file is in order: 2 trackers, 1 release.\n")


def test_all_problems_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(BAD, "utf-8")
    ran = Commands(path)("check", JIRA_TOKEN=None)
    assert (ran.code, ran.out) == (2, "")
    assert (
        ran.err
        == f"""{path}: 4 problems
  line 2, column 1: trackrs
    unknown key 'trackrs'
    -> did you mean 'trackers'?
  line 4, column 79: trackers.jira.token
    the environment variable JIRA_TOKEN is not set
    -> export JIRA_TOKEN=… before syncd starts
  line 8, column 45: releases.atlas-2.gates.support
    there is no tracker 'jirra'
    -> did you mean 'jira'?
  line 8, column 63: releases.atlas-2.gates.docs.ownr
    unknown key 'ownr'
    -> did you mean 'owner'?
"""
    )


@pytest.mark.parametrize("command", ["plan", "once", "status"])
def test_an_unknown_release_is_answered_with_the_nearest(live: Trial, command: str) -> None:
    ran = commands(live)(command, "atlas-3")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "there is no release 'atlas-3' in the configuration; did you mean 'atlas-2'?\n"
    assert commands(live)(command, "x").err == "there is no release 'x' in the configuration; there are: atlas-2\n"


def test_a_wrong_word_is_a_usage_error(tmp_path: Path) -> None:
    ran = as_started("stauts", folder=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "No such command 'stauts'. Did you mean 'status'?" in ran.stderr
    assert as_started("sandbox", "--jira-port", "99999", folder=tmp_path).returncode == 2
    assert as_started("--log-level", "loud", "status", folder=tmp_path).returncode == 2


def test_status_needs_no_token(live: Trial) -> None:
    run = commands(live)
    run("once")
    run.environ.clear()
    ran = run("status", JIRA_TOKEN=None, LINEAR_TOKEN=None)
    assert ran.code == 0
    assert "engineering" in ran.out.lower()


def test_status_resolves_the_database_and_nothing_else(live: Trial) -> None:
    run = commands(live)
    text = run.config.read_text("utf-8")
    run.config.write_text(text.replace(f"sqlite:///{live.folder}/syncd.db", "{env: SYNCD_DB}"), "utf-8")
    url = f"sqlite:///{live.folder}/other.db"
    assert run("once", SYNCD_DB=url).code == 0
    run.environ.clear()
    assert run("status", SYNCD_DB=url, JIRA_TOKEN=None).code == 0
    ran = run("status", SYNCD_DB=None)
    assert ran.code == 2
    assert ran.err.endswith(
        "database\n    the environment variable SYNCD_DB is not set\n    -> export SYNCD_DB=… before syncd starts\n"
    )


def test_a_fault_of_ours_is_a_sentence_and_its_traceback_a_log_line(
    live: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise LookupError("sandbox-token")

    monkeypatch.setattr(command, "status", broken)
    run = commands(live)
    ran = run("status")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "problem: a fault in syncd (LookupError); run it with --log-level debug and report what it says\n"


def test_help_comes_quickly_because_it_loads_nothing_heavy(tmp_path: Path) -> None:
    code = f"import sys, syncd.cli; print([it for it in {HEAVY!r} if it in sys.modules])"
    ran = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout == "[]\n"
    shown = as_started("--help", folder=tmp_path)
    assert shown.returncode == 0
    assert shown.stdout.startswith("Usage: syncd [OPTIONS] COMMAND [ARGS]...\n")


def test_logs_are_json_lines_off_a_terminal_and_their_level_can_be_chosen(live: Trial) -> None:
    run = commands(live)
    assert run("once").err.startswith('{"release": "atlas-2", "verdict": ')
    assert syncd("--config", str(run.config), "--log-level", "error", "once", **run.environ).err == ""
    readable = syncd("--config", str(run.config), "--log-format", "console", "once", **run.environ)
    assert "pass_finished" in readable.err
    assert "{" not in readable.err


def test_a_reader_that_goes_away_is_no_error_worth_a_word() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "syncd", "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as gone:
        assert gone.stdout is not None
        assert gone.stderr is not None
        assert gone.stdout.read(1) == b"{"
        gone.stdout.close()
        assert gone.stderr.read() == b""


@pytest.mark.skipif(not FULL_DEVICE.exists(), reason="this system has no device that is always full")
@pytest.mark.parametrize("words", ["schema", "--version"])
def test_an_output_that_takes_no_more_is_said(words: str) -> None:
    with FULL_DEVICE.open("w") as full:
        ran = subprocess.run(  # noqa: S603 - our own interpreter
            [sys.executable, "-m", "syncd", words],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert ran.returncode == 1
    assert ran.stderr.startswith("problem: ")
    assert ran.stderr.endswith(": No space left on device\n")


def test_the_version_is_told(tmp_path: Path) -> None:
    ran = as_started("--version", folder=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("syncd ")


@pytest.mark.parametrize("words", [["once"], ["plan"], ["check"], ["status"]])
def test_no_command_colours_what_is_no_terminal_or_where_no_color_is_set(live: Trial, words: list[str]) -> None:
    run = commands(live)
    ran = run(*words)
    assert "\x1b" not in ran.out + ran.err
    assert "\x1b[3" not in run(*words, FORCE_COLOR="1", NO_COLOR="1").out


def test_an_interrupted_command_exits_with_130(live: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    run = commands(live, FULL)
    monkeypatch.setattr(command, "status", interrupted)
    assert run("status").code == 130
