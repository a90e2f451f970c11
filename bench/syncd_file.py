"""The configuration with which syncd reads a benchmark's trackers. Called by the runs."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from syncd import app, clock

if TYPE_CHECKING:
    from pathlib import Path

    from bench.layout import Layout
    from config.schema import Config

TOKENS = {"jira": "BENCH_JIRA_TOKEN", "linear": "BENCH_LINEAR_TOKEN"}
HOOK_SECRET_ENV = "BENCH_HOOK_SECRET"  # noqa: S105 - the variable's name
HOOK_SECRET = "opens-nothing"  # noqa: S105 - of a sandbox
MIN_WRITE_INTERVAL_S = 2


def write(layout: Layout, told: dict[str, Any], folder: Path, **more: Any) -> Path:  # noqa: ANN401 - keys of the file
    """Writes ``syncd.yaml`` (YAML holds JSON) and sets the tokens in the environment; ``more`` are top-level keys."""
    os.environ[TOKENS["jira"]], os.environ[TOKENS["linear"]] = told["jira"]["token"], told["linear"]["token"]
    os.environ[HOOK_SECRET_ENV] = HOOK_SECRET
    content = {
        "database": f"sqlite:///{folder}/syncd.db",
        "trackers": _trackers(layout, told),
        "people": {"p": {"name": "Person 0", "email": "person.0@acme.example"}},
        "releases": {name: _release(layout, name, number) for number, name in enumerate(layout.releases)},
    }
    path = folder / "syncd.yaml"
    path.write_text(json.dumps(content | more), "utf-8")
    return path


def loaded(layout: Layout, told: dict[str, Any], folder: Path, **more: Any) -> Config:  # noqa: ANN401 - as in ``write``
    return app.load(write(layout, told, folder, **more))


def _trackers(layout: Layout, told: dict[str, Any]) -> dict[str, Any]:
    jira = {"kind": "jira", "url": told["jira"]["url"], "email": told["jira"]["email"]}
    jira |= {"token": {"env": TOKENS["jira"]}, "webhook_secret": {"env": HOOK_SECRET_ENV}}
    found: dict[str, Any] = {"jira": jira}
    if layout.linear_gates:
        found["linear"] = {"kind": "linear", "url": told["linear"]["url"], "token": {"env": TOKENS["linear"]}}
    return found


def _release(layout: Layout, name: str, number: int) -> dict[str, Any]:
    return {
        "name": name,
        "launch": f"jira/REL-{number + 1}",
        "timezone": "Etc/UTC",
        "manager": "p",
        "target": "2030-01-15",
        "summary": {"tracker": "jira", "project": "REL"},
        "gates": {gate: _gate(layout, gate, name) for gate in layout.gates},
    }


def _gate(layout: Layout, gate: str, release: str) -> dict[str, Any]:
    if gate in layout.linear_gates:
        item = {"tracker": "linear", "team": gate.upper(), "label": release}
    elif gate == layout.jira_gates[0]:
        item = {"tracker": "jira", "jql": f'project = {gate.upper()} AND fixVersion = "{release}"'}
    else:
        item = {"tracker": "jira", "project": gate.upper(), "fix_version": release}
    return {"owner": "p", "items": [item], "sign_off": False}


def now_ms() -> int:
    """The time as trackers put it into their webhooks."""
    return int(clock.now().timestamp() * 1000)
