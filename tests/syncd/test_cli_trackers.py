"""What a person is told when a tracker or the database does not do what was asked; and what nobody is ever told."""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from werkzeug.wrappers import Response

from tests.command_line import FULL, Commands, commands, ready, syncd
from tests.daemon_process import END_S, PATIENCE_S, Hang

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from werkzeug.wrappers import Request

    from tests.trial import Trial

PASSES = pytest.mark.parametrize("command", ["check", "plan", "once"])
JQL = FULL.replace("items: eng/ENG", "items: [{tracker: eng, jql: 'project = ENG AND nofield = 1'}]")


def _problems(run: Commands, command: str, **environ: str) -> list[str]:
    ran = run(command, **environ)
    assert ran.code == 1
    found = [line for line in ran.err.splitlines() if line.startswith("problem: ")]
    return [line for line in found if " has 0 items: " not in line]  # this world has none: `check` says so, too


def _instead(run: Commands, old: str, new: str) -> None:
    """The same configuration with another address in it."""
    text = run.config.read_text("utf-8")
    assert old in text
    run.config.write_text(text.replace(old, new), "utf-8")


@PASSES
def test_a_wrong_token(live: Trial, command: str) -> None:
    jira, linear = _problems(commands(live), command, JIRA_TOKEN="wrong", LINEAR_TOKEN="wrong")
    assert jira == (
        "problem: eng: Jira answers 401 to serverInfo: Client must be authenticated to access this resource. "
        "(check token and email; API tokens expire after a year at most)"
    )
    assert linear == (
        "problem: gtm: Linear does not accept the token: Authentication required, not authenticated: You need to "
        "authenticate to access this operation. (make a key under Linear's Settings, Security & access, and check the "
        "variable or file that holds it)"
    )


@PASSES
def test_an_unknown_project(live: Trial, command: str) -> None:
    run = commands(live, FULL.replace("eng/ENG", "eng/NOPE").replace("MKT", "NONE"))
    jira, linear = _problems(run, command)
    engineering, marketing = ("", "") if command == "check" else ("engineering: ", "marketing: ")
    assert jira == (
        f"problem: eng: {engineering}there is no project 'NOPE' (it does not exist, or this account may not see it)"
    )
    said = 'Linear shows this token no team "NONE" (check its spelling, and that this token may see it)'
    assert linear == f"problem: gtm: {marketing}{said}"


@pytest.mark.parametrize("command", ["plan", "once"])
def test_a_launch_issue_that_is_not_there_is_told_once_however_many_gates_rest_on_it(live: Trial, command: str) -> None:
    run = commands(
        live, FULL.replace("REL-1", "REL-99").replace("[{tracker: gtm, team: MKT, label: atlas-2}]", "gtm/MKT")
    )
    (problem,) = _problems(run, command)
    assert problem.startswith("problem: eng: the launch issue REL-99 was not read: ")


@PASSES
def test_f10_f17_a_field_that_jira_does_not_know(live: Trial, command: str) -> None:
    (problem,) = _problems(commands(live, JQL), command)
    assert problem.startswith("problem: eng: ")
    assert "Field 'nofield' does not exist" in problem


@PASSES
def test_a_tracker_that_is_down(live: Trial, command: str) -> None:
    run = commands(live)
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))  # bound and never listened at: nobody else can answer there
        nowhere = f"http://127.0.0.1:{taken.getsockname()[1]}"
        _instead(run, live.jira_url, nowhere)
        (problem,) = _problems(run, command)
        assert problem == (
            f"problem: eng: cannot reach {nowhere}: the connection is refused "
            "(is it running, and are host and port right?)"
        )


@PASSES
def test_a_host_that_does_not_resolve(live: Trial, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run = commands(live)
    _instead(run, live.jira_url, "http://nowhere.invalid")
    asked = socket.getaddrinfo

    def unknown(host: str, *rest: Any, **more: Any) -> Any:
        if host == "nowhere.invalid":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return asked(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert _problems(run, command) == [
        "problem: eng: cannot reach http://nowhere.invalid: the name does not resolve (check url and the network's DNS)"
    ]


@PASSES
@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [("<html>Sign in</html>", "text/html", "web page"), ("{]", "application/json", "JSON")],
)
def test_garbage_instead_of_an_answer(live: Trial, command: str, body: str, kind: str, said: str) -> None:
    run = commands(live)
    live.jira_site.before = lambda _: Response(body, 200, mimetype=kind)
    live.linear_site.before = lambda _: Response(body, 200, mimetype=kind)
    problems = _problems(run, command)
    assert [it for it in problems if it.startswith("problem: eng: ")]
    assert [it for it in problems if it.startswith("problem: gtm: ")]
    assert said in problems[0]


def test_once_says_that_nothing_was_written(live: Trial) -> None:
    run = commands(live)
    live.jira_site.before = lambda _: Response("{}", 503, mimetype="application/json")
    assert "  the summary was not written" in run("once").out.splitlines()


def test_a_second_ctrl_c_ends_it_at_once_without_a_traceback(live: Trial) -> None:
    run, hang = commands(live), Hang()
    live.jira_site.before = hang
    command = [sys.executable, "-m", "syncd", "--config", str(run.config), "once"]
    environ = {**os.environ, **run.environ}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environ) as popen:  # noqa: S603 - our own interpreter
        try:
            assert hang.begun.wait(PATIENCE_S)
            popen.send_signal(signal.SIGINT)
            assert popen.stderr is not None
            assert popen.stderr.readline() == "interrupted; the next pass repairs whatever was begun\n"
            popen.send_signal(signal.SIGINT)
            assert popen.wait(END_S) == 130
            assert popen.stderr.read() == ""
        finally:
            popen.kill()
            hang.over.set()


def test_a_full_disk(live: Trial) -> None:
    run = ready(live)
    for n in range(300):
        live.jira.add("ENG", f"{n} " + "x" * 200, fix_versions=["Atlas 2.0"])

    def limit(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # means: no more than there are

    event.listen(sa.Engine, "connect", limit)
    try:
        ran = run("once")
    finally:
        event.remove(sa.Engine, "connect", limit)
    assert ran.code == 1
    assert ran.err.splitlines()[-1] == (
        f"problem: the database {live.folder}/syncd.db cannot grow: the disk is full "
        "(free some space and try again; what was stored before is whole)"
    )


def test_a_read_only_database_can_be_told_from_and_not_written(live: Trial) -> None:
    run = ready(live)
    file = f"{live.folder}/syncd.db"
    _instead(run, f"sqlite:///{file}", f"sqlite:///file:{file}?mode=ro&uri=true")
    assert run("status").code == 0
    ran = run("once")
    assert ran.code == 1
    assert ran.err.splitlines()[-1] == (
        f"problem: the database file:{file} cannot be written: it is read-only "
        "(let the user that runs syncd write the file and its directory)"
    )


def test_a_database_in_a_folder_that_is_not_there(live: Trial) -> None:
    run = commands(live)
    _instead(run, f"{live.folder}/syncd.db", f"{live.folder}/gone/syncd.db")
    ran = run("status")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        f"problem: the database {live.folder}/gone/syncd.db cannot be opened: there is no directory {live.folder}/gone "
        "(create the directory, or name another file as `database:`)\n"
    )


@pytest.mark.parametrize("status", [200, 400, 401, 403, 500])
def test_f25_no_secret_leaves_through_output_logs_or_rows_whatever_fails(live: Trial, status: int) -> None:
    jira, linear = "s3cret/jira+token=", "lin_api_s3cret"
    live.jira.token, live.linear.token = jira, linear
    basic = base64.b64encode(f"{live.jira.email}:{jira}".encode()).decode()
    live.environ.update(JIRA_TOKEN=jira, LINEAR_TOKEN=linear)
    run = commands(live)
    said = [run("once")]
    live.jira_site.before = live.linear_site.before = lambda request: _echo(request, status)
    debug = ("--config", str(run.config), "--log-level", "debug")
    said += [syncd(*debug, command, **live.environ) for command in ("check", "plan", "once", "status")]
    shown = "".join(ran.out + ran.err for ran in said)
    stored = _rows(live.folder)
    for secret in (jira, linear, basic):
        assert secret not in shown
        assert secret.encode() not in stored
    assert b"atlas-2" in stored


def _echo(request: Request, status: int) -> Response:
    """A tracker, or a proxy before it, that says back what it was sent."""
    sent = request.headers.get("Authorization", "")
    said = f"you sent {sent}"
    body = {"errorMessages": [said], "errors": [{"message": said, "extensions": {"userPresentableMessage": said}}]}

    return Response(json.dumps(body), status, mimetype="application/json")


def _rows(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("syncd.db*"))


def test_f14_one_ticket_that_cannot_be_read_is_shown_and_holds_up_no_other(live: Trial) -> None:
    run = commands(live)
    ident = live.jira.status("Odd", "undefined")
    live.jira.status_rows[ident]["statusCategory"] = {"id": 99, "key": "odd", "name": "Odd", "colorName": "brown"}
    odd = live.jira.add("ENG", "Merge edits", status="Odd", fix_versions=["Atlas 2.0"])
    live.jira.add("ENG", "Keep drafts", status="Done", fix_versions=["Atlas 2.0"])
    live.linear.add("MKT", "Launch post", labels=["atlas-2"])
    assert run("once").code == 0
    gates = {gate["id"]: gate for gate in json.loads(run("status", "atlas-2", "--json").out)["gates"]}
    assert gates["engineering"]["unknown"] is True
    assert (gates["engineering"]["done"], gates["engineering"]["total"]) == (1, 2)
    assert odd in run("plan").out
    assert gates["marketing"]["unknown"] is False
