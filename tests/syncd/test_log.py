"""Logs: where they go, how they look, and what never stands in them."""

from __future__ import annotations

import base64
import io
import json
import logging
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncd import log

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = 'lin_api_7f"\\3a/q?='


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Logging is the process's own: put back what the test changed."""
    import structlog  # noqa: PLC0415 - as late as the code under test

    root, ours = logging.getLogger(), logging.getLogger("syncd")
    before = root.handlers[:], root.level, ours.level
    yield
    root.handlers[:], level, our_level = before
    root.setLevel(level)
    ours.setLevel(our_level)
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_off_a_terminal_each_event_is_one_json_line_on_stderr(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log.configure()
    log.logger("pass").info("pass_done", release="atlas-2", items=3)
    out, err = capsys.readouterr()
    event = json.loads(err)
    assert event.pop("timestamp").endswith("Z")
    assert event == {"event": "pass_done", "level": "info", "release": "atlas-2", "items": 3}
    assert out == ""


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_a_terminal_gets_readable_lines_with_colours_unless_no_color_is_set(
    monkeypatch: pytest.MonkeyPatch, no_color: str, *, coloured: bool
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("NO_COLOR", no_color)
    log.configure("auto")
    log.logger("pass").info("pass_done", release="atlas-2")
    assert "pass_done" in terminal.getvalue()
    assert not terminal.getvalue().startswith("{")
    assert ("\x1b[" in terminal.getvalue()) is coloured


@pytest.mark.parametrize("format", ["console", "json"])
def test_a_registered_secret_shows_nowhere_in_an_event(capsys: pytest.CaptureFixture[str], format: log.Format) -> None:  # noqa: A002 - the parameter's name in the code
    log.configure(format, secrets=[SECRET])
    ours = log.logger("syncd.pass")
    ours.warning("refused", url=f"https://x/?key={SECRET}", deep=[{"a": (SECRET, {SECRET: SECRET})}], odd=Odd())
    ours.warning(f"in_the_event {SECRET}", encoded=base64.b64encode(SECRET.encode()).decode())
    logging.getLogger("urllib3").warning("GET %s", SECRET)
    try:
        int(SECRET)
    except ValueError:
        ours.exception("failed")
        logging.getLogger("jira").exception("a library failed")
    shown = capsys.readouterr().err
    assert shown.count(log.HIDDEN) >= 7
    assert "Traceback" in shown
    assert "lin_api" not in shown
    assert base64.b64encode(SECRET.encode()).decode().rstrip("=") not in shown


class Odd:
    def __str__(self) -> str:
        return f"Odd({SECRET})"


def test_credentials_that_nobody_registered_are_hidden_by_their_place(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("json")
    log.logger("wire").warning(
        "sent",
        headers={"Authorization": "Basic bWU6c2VjcmV0", "X-Api-Key": "k1", "Accept": "json"},
        text="{'Authorization': 'lin_api_1'} authorization=Bearer abcdefgh, postgresql://u:hunter2@db/x",
    )
    [event] = lines(capsys)
    assert event["headers"] == {"Authorization": "***", "X-Api-Key": "***", "Accept": "json"}
    assert event["text"] == "{'Authorization': '***'} authorization=Bearer ***, postgresql://u:***@db/x"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(secret=st.text(min_size=6), before=st.text(), after=st.text())
def test_any_secret_within_any_text_is_hidden(secret: str, before: str, after: str) -> None:
    hidden = log.hiding([secret])({"event": before + secret + after})["event"]
    # what stands around it may hold parts that make it up again only where it overlaps the stars
    assert secret not in hidden or "*" in secret or secret in before + log.HIDDEN + after


def test_text_of_a_tracker_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("console")
    log.logger("pass").warning("item", title="\x1b[2J\x9b\rfake\nerror all is well")
    [line] = capsys.readouterr().err.splitlines()
    assert "\\x1b[2J" in line
    assert not set(line) & {"\x1b", "\x9b", "\r"}


def test_libraries_speak_from_warning_on_and_we_from_the_level_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("json", "debug")
    log.logger("pass").debug("ours")
    for library in ("urllib3", "gql", "alembic"):
        logging.getLogger(library).info("chatter of %s", library)
        logging.getLogger(library).warning("%s warns", library)
    assert [event["event"] for event in lines(capsys)] == ["ours", "urllib3 warns", "gql warns", "alembic warns"]


def test_configuring_again_does_not_say_everything_twice(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("json", "info")
    log.configure("json", "error")
    log.logger("pass").warning("quiet")
    log.logger("pass").error("loud")
    assert [event["event"] for event in lines(capsys)] == ["loud"]


def test_an_unknown_level_is_named_with_the_remedy() -> None:
    with pytest.raises(ValueError, match="unknown log level 'loud': use debug, info, warning or error"):
        log.configure(level="loud")


def test_importing_the_module_does_not_pay_for_structlog() -> None:
    code = "import sys, syncd.log; sys.exit('structlog' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=False, timeout=60)  # noqa: S603 - our own interpreter
    assert done.returncode == 0
