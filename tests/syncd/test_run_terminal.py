"""``syncd run`` on a terminal: what SIGHUP means is told by whether the terminal is still there."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.command_line import FULL
from tests.daemon_process import END_S, PATIENCE_S, configure

if TYPE_CHECKING:
    from tests.trial import Trial

OWNING = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.executable, sys.argv[1:])"
"""Makes standard input the terminal that the process lives on, as a shell does: its end is signalled."""


def _read_until(terminal: int, words: bytes) -> None:
    said = b""
    while words not in said:
        assert select.select([terminal], [], [], PATIENCE_S)[0], said
        said += os.read(terminal, 4096)


def test_it_ends_when_its_terminal_is_closed_and_reloads_at_a_signal_before(live: Trial) -> None:
    path = configure(live, FULL)
    live.linear.label("atlas-2")
    terminal, theirs = pty.openpty()
    command = [sys.executable, "-c", OWNING, sys.executable, "-m", "syncd", "--config", str(path), "run"]
    environ = {**os.environ, **live.environ}
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environ, start_new_session=True
    ) as popen:
        os.close(theirs)
        try:
            _read_until(terminal, b"daemon_started")
            popen.send_signal(signal.SIGHUP)
            _read_until(terminal, b"config_reloaded")
            os.close(terminal)
            assert popen.wait(END_S) == 0
        finally:
            popen.kill()
