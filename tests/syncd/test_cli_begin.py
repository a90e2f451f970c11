"""What a stranger does first: ``init``, ``schema``, ``demo`` and ``sandbox``, as processes where signals matter."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import requests
from ruamel.yaml import YAML

from tests.command_line import FULL, Commands, commands, syncd

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tests.trial import Trial

ISSUE = {"id": "10001", "key": "NEW-1", "fields": {"summary": "Loaded", "status": {"id": "1", "name": "To Do"}}}


@pytest.mark.parametrize(("tracker", "token"), [("jira", "JIRA_TOKEN"), ("linear", "LINEAR_TOKEN")])
def test_what_init_writes_is_in_order_and_is_never_overwritten(tmp_path: Path, tracker: str, token: str) -> None:
    run = Commands(tmp_path / "syncd.yaml")
    ran = run("init", "--tracker", tracker)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"Wrote {run.config}. Fill it in, export the token that it names, then: syncd check\n"
    in_order = "The file is in order: 1 tracker, 1 release.\n"
    checked = run("check", "--offline", **{token: None})
    assert (checked.code, checked.out) == (0, in_order)
    assert checked.err == f"not yet: the environment variable {token} is not set\n"
    checked = run("check", "--offline", **{token: "a-token"})
    assert (checked.code, checked.out, checked.err) == (0, in_order, "")
    assert run("check", **{token: None}).code == 2
    run.config.write_text("mine", "utf-8")
    ran = run("init", "--tracker", tracker)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"{run.config} exists already and is left as it is; name another with --config\n"
    assert run.config.read_text("utf-8") == "mine"


def test_init_says_what_it_cannot_do(tmp_path: Path) -> None:
    ran = Commands(tmp_path / "syncd.yaml")("init", "--tracker", "jirra")
    assert (ran.code, ran.err) == (2, "there is no tracker of kind 'jirra'; there are: jira, linear\n")
    ran = Commands(tmp_path / "gone" / "syncd.yaml")("init")
    assert (ran.code, ran.err) == (1, f"{tmp_path}/gone/syncd.yaml cannot be written: No such file or directory\n")


def test_schema_is_a_json_schema_that_the_written_file_fulfils(tmp_path: Path) -> None:
    ran = syncd("schema")
    assert (ran.code, ran.err) == (0, "")
    schema = json.loads(ran.out)
    jsonschema.Draft202012Validator.check_schema(schema)
    run = Commands(tmp_path / "syncd.yaml")
    run("init")
    written = YAML(typ="safe").load(run.config)
    jsonschema.validate(written, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**written, "trackrs": {}}, schema)


def test_the_demo_shows_the_summary_and_needs_nothing() -> None:
    ran = syncd("demo", "--once")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Atlas 2.0: BLOCKED, ")
    assert "This stands in REL-13 of the sandbox Jira now." in ran.out


def test_the_live_demo_changes_before_ones_eyes_and_ends_at_once_leaving_nothing(tmp_path: Path) -> None:
    environ = {**os.environ, "TMPDIR": str(tmp_path), "COLUMNS": "100"}
    command = [sys.executable, "-m", "syncd", "demo"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ) as process:  # noqa: S603 - our own interpreter
        try:
            assert process.stdout is not None
            said = _said_until(process.stdout, "  Sales Playbook: ")
            process.send_signal(signal.SIGINT)
            assert process.wait(3) == 0
        finally:
            process.kill()
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert said[0].startswith("Ten days of a launch in two minutes")
    assert "/releases/atlas-2.json. Ctrl-C ends it." in said[2]
    assert said[4].startswith("> Mon 7 Dec, 09:00: Ten days to the launch.")
    assert said[5] == "Atlas 2.0: BLOCKED, 4 to act · Thu 17 Dec (10 days)\n"
    assert [line for line in said if "How to answer" in line] == ["How to answer\n"]
    assert next(line for line in said[6:] if line.startswith("> ")).startswith("> Mon 7 Dec, 10:00: Maya Ortiz")
    assert said[-3].endswith(" EST: Atlas 2.0: BLOCKED, 3 to act · Thu 17 Dec (10 days)\n")
    assert said[-3].startswith("Mon 7 Dec, 1")
    assert said[-1].startswith("  Sales Playbook: NOT STARTED → ON TRACK")
    assert list(tmp_path.iterdir()) == []


def _said_until(lines: Iterable[str], words: str) -> list[str]:
    said = []
    for line in lines:
        said.append(line)
        if words in line:
            return said
    raise AssertionError(f"it ended before it said {words!r}: {said}")


@contextmanager
def _sandbox(*words: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A sandbox as its own process, and the one line that it prints."""
    command = [sys.executable, "-m", "syncd", "sandbox", *words]
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "COLUMNS": "500"}
    ) as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_sandbox_says_where_it_is_in_one_line_and_serves_until_it_is_told_to_stop(number: signal.Signals) -> None:
    with _sandbox("--empty") as (process, told):
        jira, linear = told["jira"], told["linear"]
        assert jira.keys() == {"url", "email", "token"}
        assert linear.keys() == {"url", "token"}
        myself = requests.get(f"{jira['url']}/rest/api/3/myself", auth=(jira["email"], jira["token"]), timeout=10)
        assert myself.json()["active"] is True
        asked = {"query": "{ viewer { id } }"}
        viewer = requests.post(linear["url"], json=asked, headers={"Authorization": linear["token"]}, timeout=10)
        assert viewer.json()["data"]["viewer"]["id"]
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
        assert (process.returncode, out, err) == (0, "", "")


def test_a_sandbox_of_a_data_center_takes_a_bearer_token() -> None:
    with _sandbox("--empty", "--data-center") as (_, told):
        jira = told["jira"]
        assert jira["email"] is None
        headers = {"Authorization": f"Bearer {jira['token']}"}
        assert requests.get(f"{jira['url']}/rest/api/2/myself", headers=headers, timeout=10).ok


def test_a_port_that_is_taken_is_said_in_a_sentence() -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        for option in ("--jira-port", "--linear-port"):
            ran = syncd("sandbox", "--empty", option, str(taken.getsockname()[1]))
            assert (ran.code, ran.out) == (1, "")
            assert ran.err == (
                "the sandbox cannot listen: Address already in use. Choose another port, or 0 for a free one.\n"
            )


def test_recorded_answers_can_be_looked_at(tmp_path: Path) -> None:
    good, broken = tmp_path / "good.json", tmp_path / "broken.json"
    good.write_text(json.dumps(ISSUE), "utf-8")
    broken.write_text("{", "utf-8")
    with _sandbox("--load", str(good), "--load", str(broken)) as (process, told):
        jira = told["jira"]
        loaded = requests.get(f"{jira['url']}/rest/api/3/issue/NEW-1", auth=(jira["email"], jira["token"]), timeout=10)
        assert loaded.json()["fields"]["summary"] == "Loaded"
        process.terminate()
        _, err = process.communicate(timeout=30)
        assert "good.json: loaded 1 issue." in err
        assert "broken.json: skipped: " in err


def test_a_file_that_is_not_there_stops_the_sandbox_before_it_serves(tmp_path: Path) -> None:
    ran = syncd("sandbox", "--load", str(tmp_path / "gone.json"))
    assert (ran.code, ran.out) == (2, "")
    assert "Invalid value for '--load'" in ran.err
    assert "gone.json" in ran.err
    assert "does not exist" in ran.err


def test_plan_writes_to_no_tracker_and_shows_what_would_change(live: Trial) -> None:
    run = commands(live)
    live.jira.add("ENG", "Merge edits", fix_versions=["Atlas 2.0"])
    ran = run("plan")
    assert ran.code == 0
    assert not live.summaries()
    assert not live.writes()
    assert not [seen for seen in live.linear_site.requests if "mutation" in str(seen.body)]
    assert ran.out.endswith("There is no summary issue yet: `syncd once` creates it.\n")
    run("once")
    (summary,) = live.summaries()
    assert run("plan").out.endswith(f"{summary['key']} says so already: nothing but times would change.\n")
    live.jira.add("ENG", "Show which edits won", fix_versions=["Atlas 2.0"])
    before, written = str(live.summaries()), live.writes()
    lines = run("plan").out.splitlines()
    assert f"--- {summary['key']} as last accepted" in lines
    assert any(line.startswith("+") and "Show which edits won" in line for line in lines)
    assert (str(live.summaries()), live.writes()) == (before, written)


def test_plan_says_that_the_summary_issue_is_gone(live: Trial) -> None:
    run = commands(live)
    run("once")
    (summary,) = live.summaries()
    live.jira.delete(summary["key"])
    written = live.writes()
    ran = run("plan")
    assert ran.code == 1
    assert ran.out.endswith("The summary issue cannot be read; the problem is told at the end.\n")
    assert f"problem: eng: the summary issue {summary['key']} is gone or hidden" in ran.err
    assert live.writes() == written


def test_plan_says_that_another_hand_changed_the_summary(live: Trial) -> None:
    run = commands(live)
    run("once")
    (summary,) = live.summaries()
    live.jira.shelves[summary["id"]].properties.clear()
    said = f"Somebody or something else changed {summary['key']} since: "
    written = live.writes()
    ran = run("plan")
    assert ran.code == 0
    assert ran.out.splitlines()[-1].startswith(said)
    assert live.writes() == written
    run("once")
    assert said not in run("plan").out


def test_plan_cannot_tell_whether_there_is_a_summary_while_the_launch_issue_cannot_be_read(live: Trial) -> None:
    ran = commands(live, FULL.replace("REL-1\n", "REL-77\n"))("plan")
    assert ran.code == 1
    assert ran.out.endswith("Whether there is a summary issue cannot be told: the launch issue could not be read.\n")
