"""The daemon as a process, over both sandbox trackers and HTTP: what it keeps true, what it heeds, and how it ends."""

from __future__ import annotations

import base64
import hmac
import json
import signal
import socket
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
import requests

from syncd import clock
from syncd.store.store import open_store
from tests.command_line import FULL, Commands
from tests.daemon_process import OURS, Hang, configure, running

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from tests.trial import Trial

SOLO = """
  solo:
    launch: eng/REL-1
    timing: {soak: 0s}
    gates:
      engineering: {owner: dana, items: eng/ENG, sign_off: false}
"""
HOOK = "webhook_secret: {env: HOOK_SECRET}"
WORSE = FULL.replace("engineering: {owner: dana, items: eng/ENG", "engineering: {owner: dana, items: eng/NOPE, itms: 3")
MORE = FULL + "      support: {owner: maya, items: none}\n"


@pytest.fixture
def work(live: Trial) -> Trial:
    """A trial in which all work for the release is done."""
    configure(live, FULL)
    live.linear.label("atlas-2")
    live.jira.add("ENG", "Merge edits", status="Done", fix_versions=["Atlas 2.0"])
    live.linear.add("MKT", "Launch post", state="Done", labels=["atlas-2"])
    return live


def creates(request: Request) -> bool:
    return request.method == "POST" and request.path.endswith("/issue")


def test_it_creates_one_summary_and_keeps_it_true(work: Trial) -> None:
    with running(work) as daemon:
        daemon.until(lambda: daemon.verdict() == "ready")
        key = work.jira.add("ENG", "Show which edits won", fix_versions=["Atlas 2.0"])
        daemon.until(lambda: daemon.states().get("engineering") == "on_track")
        daemon.until(lambda: key in json.dumps(work.summaries()[0]["fields"]["description"]))
        work.jira.move(key, "Done")
        daemon.until(lambda: daemon.verdict() == "ready")
        daemon.until(lambda: key not in json.dumps(work.summaries()[0]["fields"]["description"]))
        assert daemon.end() == 0
    assert len(work.summaries()) == 1


def test_each_line_of_its_log_is_one_json_object_and_no_secret_is_in_any(work: Trial) -> None:
    with running(work, "--log-level", "debug") as daemon:
        daemon.until(lambda: daemon.verdict() == "ready")
        assert daemon.end() == 0
    said = b"".join(daemon.raw).decode()
    assert all({"timestamp", "level", "event"} <= line.keys() for line in daemon.lines)
    basic = base64.b64encode(f"{work.jira.email}:{work.jira.token}".encode()).decode()
    assert [secret for secret in (work.jira.token, work.linear.token, basic) if secret in said] == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_within_two_seconds_while_both_trackers_hang(work: Trial, number: signal.Signals) -> None:
    hangs = Hang(), Hang()
    work.jira_site.before, work.linear_site.before = hangs
    with running(work) as daemon:
        assert all(hang.begun.wait(30) for hang in hangs)
        try:
            assert daemon.end(number) == 0
        finally:
            for hang in hangs:
                hang.over.set()
    assert daemon.lines[-1]["event"] == "daemon_ended"


def test_it_gives_its_rights_back_in_the_middle_of_a_reading(work: Trial) -> None:
    work.jira_site.before = hang = Hang(fits=lambda request: "search" in request.path)
    with open_store(f"sqlite:///{work.folder}/syncd.db") as store, running(work) as daemon:
        assert hang.begun.wait(30)
        assert store.holder("read eng", clock.now()) is not None
        try:
            assert daemon.end() == 0
        finally:
            hang.over.set()
        assert store.holder("read eng", clock.now()) is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_f4_an_end_while_the_summary_is_being_created_leaves_one(work: Trial, number: signal.Signals) -> None:
    work.jira_site.before = hang = Hang(fits=creates)
    with running(work) as daemon:
        assert hang.begun.wait(30)
        try:
            assert daemon.end(number) in (0, -signal.SIGKILL)
        finally:
            hang.over.set()
    key = work.jira.add("ENG", "Show which edits won", fix_versions=["Atlas 2.0"])
    with running(work) as daemon:
        daemon.until(lambda: work.summaries() and key in json.dumps(work.summaries()[0]["fields"]["description"]))
        assert daemon.end() == 0
    assert len(work.summaries()) == 1
    with closing(sqlite3.connect(work.folder / "syncd.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_what_happened_while_it_was_dead_is_seen_at_its_next_start(work: Trial) -> None:
    with running(work) as daemon:
        daemon.until(lambda: daemon.verdict() == "ready")
        daemon.end(signal.SIGKILL)
    key = work.jira.add("ENG", "Show which edits won", fix_versions=["Atlas 2.0"])
    with running(work) as daemon:
        daemon.until(lambda: key in json.dumps(work.summaries()[0]["fields"]["description"]))
        assert daemon.end() == 0
    assert len(work.summaries()) == 1


def test_a_webhook_is_looked_at_long_before_the_next_poll(work: Trial) -> None:
    path = configure(work, FULL)
    text = path.read_text("utf-8").replace("poll: 1s", "poll: 1h").replace("{kind: jira", f"{{kind: jira, {HOOK}")
    path.write_text(text, "utf-8")
    work.environ["HOOK_SECRET"] = "shared"
    with running(work) as daemon:
        daemon.until(lambda: daemon.verdict() == "ready")
        key = work.jira.add("ENG", "Show which edits won", fix_versions=["Atlas 2.0"])
        event = {"webhookEvent": "jira:issue_created", "issue": {"id": work.jira.find(key), "key": key}}
        body = json.dumps({"timestamp": int(clock.now().timestamp() * 1000), **event}).encode()
        signed = {"X-Hub-Signature": f"sha256={hmac.new(b'shared', body, 'sha256').hexdigest()}"}
        assert requests.post(f"{daemon.address}/hooks/eng", body, headers=signed, timeout=30).status_code == 202
        assert daemon.heard("tracker_read")["way"] == "named"
        daemon.until(lambda: daemon.states()["engineering"] == "on_track")
        assert daemon.end() == 0


def test_a_slow_tracker_holds_up_nobody_else(work: Trial) -> None:
    configure(work, SOLO + FULL)
    hang = Hang()
    work.linear_site.before = hang
    with running(work) as daemon:
        assert hang.begun.wait(30)
        daemon.until(lambda: daemon.verdict("solo") == "ready")
        work.jira.add("ENG", "Show which edits won", fix_versions=["solo"], labels=["solo"])
        daemon.until(lambda: daemon.verdict("solo") == "on_track")
        try:
            assert daemon.end() == 0
        finally:
            hang.over.set()


@pytest.mark.parametrize("signalled", [True, False], ids=["SIGHUP", "changed file"])
def test_a_new_configuration_comes_into_force(work: Trial, *, signalled: bool) -> None:
    with running(work) as daemon:
        daemon.until(lambda: daemon.verdict() == "ready")
        configure(work, MORE)
        if signalled:
            daemon.popen.send_signal(signal.SIGHUP)
        assert daemon.heard("config_reloaded")["releases"] == ["atlas-2"]
        daemon.until(lambda: "support" in daemon.states() and daemon.verdict() != "ready")
        assert daemon.end() == 0


def test_an_invalid_configuration_is_refused_and_the_old_one_stays_in_force(work: Trial) -> None:
    with running(work) as daemon:
        daemon.until(lambda: daemon.verdict() == "ready")
        configure(work, WORSE)
        daemon.popen.send_signal(signal.SIGHUP)
        refused = daemon.heard("config_refused")
        assert (refused["level"], refused["where"]) == ("error", "releases.atlas-2.gates.engineering.itms")
        assert "items" in refused["remedy"]
        ready = daemon.get("/readyz")
        assert ready["ready"] is True
        assert "itms" in ready["problems"][0]
        work.jira.add("ENG", "Show which edits won", fix_versions=["Atlas 2.0"])
        daemon.until(lambda: daemon.states().get("engineering") == "on_track")
        configure(work, FULL)
        daemon.heard("config_reloaded")
        assert daemon.get("/readyz")["problems"] == []
        assert daemon.end() == 0


def test_another_database_or_address_takes_a_restart_and_says_so(work: Trial) -> None:
    with running(work) as daemon:
        path = configure(work, FULL, "http: null\n")
        path.write_text(path.read_text("utf-8").replace("syncd.db", "other.db"), "utf-8")
        daemon.popen.send_signal(signal.SIGHUP)
        lines = daemon.heard("config_refused"), daemon.heard("config_refused")
        assert sorted(line["where"] for line in lines) == ["database", "http"]
        assert all("restart" in line["remedy"] for line in lines)
        assert daemon.end() == 0
    assert not (work.folder / "other.db").exists()


def test_an_address_that_is_taken_is_a_problem_and_nothing_runs(work: Trial) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        path = configure(work, FULL, f"http: {{bind: 127.0.0.1:{port}}}\n")
        ran = Commands(path, dict(work.environ))("run")
    assert ran.code == 1
    assert f"problem: nobody can listen at 127.0.0.1:{port}: Address already in use. Choose another" in ran.err
    assert work.jira_site.requests == []


def test_a_file_that_is_wrong_at_the_start_ends_it_with_2(work: Trial) -> None:
    path = configure(work, WORSE)
    ran = Commands(path, dict(work.environ))("run")
    assert ran.code == 2
    assert "itms" in ran.err


def test_without_http_it_works_as_well(work: Trial) -> None:
    configure(work, FULL, OURS.replace("{bind: 127.0.0.1:0}", "null"))
    with running(work) as daemon:
        assert daemon.lines[-1]["http"] is None
        daemon.until(work.summaries)
        assert daemon.end() == 0
