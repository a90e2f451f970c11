"""Runs the measuring programs, each in a fresh process, and reads what they print. Called by the rows."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.layout import Layout

_PATIENCE_S = 1800


def program(name: str, *words: str) -> dict[str, Any]:
    """What ``python -m bench.NAME`` prints as JSON in its last line. Raises RuntimeError with its complaints."""
    command = [sys.executable, "-m", f"bench.{name}", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_PATIENCE_S)
    if done.returncode:
        raise RuntimeError(done.stderr.strip()[-2000:])
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def floor(how: str, told: dict[str, Any], count: int) -> dict[str, Any]:
    """What ``bench.floor`` prints."""
    return program("floor", how, json.dumps(told), str(count))


def syncd(layout: Layout, told: dict[str, Any], count: int) -> dict[str, Any]:
    """What ``bench.pull`` prints."""
    found = program("pull", as_text(layout), json.dumps(told), str(count))
    if found["items"] != layout.items:
        raise RuntimeError(f"{found['items']} items were stored of {layout.items}")
    return found


def as_text(layout: Layout) -> str:
    return json.dumps(asdict(layout))
