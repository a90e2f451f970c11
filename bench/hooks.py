"""500 signed webhooks in a second to a daemon of its own process, over HTTP. Called by the rows."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bench import syncd_file
from bench.stopwatch import pause, wall_s
from bench.trackers import trackers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.layout import Layout
    from bench.trackers import Counts, Trackers

COUNT = 500
_SENDERS = 8
_PATIENCE_S = 60
_AFTER_S = 6
_KEY = "JIRAA-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flood:
    """``answers``: (status, seconds) of each webhook; ``lasted_s`` from the first to the last; ``writes`` that the Jira
    got from the first webhook on, within ``watched_s``.
    """

    answers: list[tuple[int, float]]
    lasted_s: float
    writes: int
    watched_s: float


def flood(layout: Layout) -> Flood:
    with (
        trackers(layout) as served,
        TemporaryDirectory(prefix="bench-") as folder,
        _daemon(layout, served, folder) as port,
    ):
        ident = served.move(_KEY, "In Review")
        before, begun = _quiet(served), wall_s()
        served.move(_KEY, "Done")
        with ThreadPoolExecutor(_SENDERS) as senders:
            parts = list(senders.map(lambda sender: _send(port, sender, ident, begun), range(_SENDERS)))
        lasted_s = wall_s() - begun
        pause(_AFTER_S)
        writes = served.counts().since(before).written[0]
        answers = [answer for part in parts for answer in part]
        return Flood(answers=answers, lasted_s=lasted_s, writes=writes, watched_s=wall_s() - begun)


@contextmanager
def _daemon(layout: Layout, served: Trackers, folder: str) -> Iterator[int]:
    """``syncd run`` until the block ends; its port, once it has written its first summary."""
    port = _free_port()
    more = {"http": {"bind": f"127.0.0.1:{port}"}, "min_write_interval": f"{syncd_file.MIN_WRITE_INTERVAL_S}s"}
    path = syncd_file.write(layout, served.told, Path(folder), **more)
    with Path(folder, "log").open("wb") as log:
        command = [sys.executable, "-m", "syncd", "--config", str(path), "run"]
        process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ)
        try:
            _await_summary(process, served, Path(folder, "log"))
            yield port
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=_PATIENCE_S)


def _await_summary(process: subprocess.Popen[bytes], served: Trackers, log: Path) -> None:
    until = wall_s() + _PATIENCE_S
    while not served.counts().written[0]:
        if process.poll() is not None or wall_s() > until:
            raise RuntimeError(f"syncd run wrote no summary: {log.read_text('utf-8')[-2000:]}")
        pause(0.1)


def _quiet(served: Trackers) -> Counts:
    """The counts, once nothing was written for a while."""
    before = served.counts()
    while True:
        pause(_AFTER_S)
        after = served.counts()
        if after.written == before.written:
            return after
        before = after


def _send(port: int, sender: int, ident: str, begun: float) -> list[tuple[int, float]]:
    """One sender's share, each at its own time within the second."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_S)
    answers = []
    for number in range(sender, COUNT, _SENDERS):
        pause(max(0.0, begun + number / COUNT - wall_s()))
        body = _body(ident, number)
        at = wall_s()
        connection.request("POST", "/hooks/jira", body, _headers(body, number))
        answer = connection.getresponse()
        answer.read()
        answers.append((answer.status, wall_s() - at))
    connection.close()
    return answers


def _body(ident: str, number: int) -> bytes:
    issue = {"id": ident, "key": _KEY, "fields": {"summary": f"Change {number}"}}
    event = {"webhookEvent": "jira:issue_updated", "issue_event_type_name": "issue_generic"}
    return json.dumps({"timestamp": syncd_file.now_ms(), **event, "issue": issue}).encode()


def _headers(body: bytes, number: int) -> dict[str, str]:
    signed = hmac.new(syncd_file.HOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "X-Hub-Signature": f"sha256={signed}",
        "X-Atlassian-Webhook-Identifier": f"bench-{number}",
    }


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])
