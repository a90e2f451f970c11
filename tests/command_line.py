"""The command line as a person meets it: what a command exits with and says, run in this process."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from typer.testing import CliRunner

from syncd.cli import cli

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.trial import Trial

FULL = """
  atlas-2:
    launch: eng/REL-1
    timing: {soak: 0s}
    gates:
      engineering: {owner: dana, items: eng/ENG, sign_off: false}
      marketing: {owner: maya, items: [{tracker: gtm, team: MKT, label: atlas-2}], sign_off: false}
"""


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


@dataclass
class Commands:
    """Runs ``syncd --config FILE …`` with these environment variables and no others of its own."""

    config: Path
    environ: dict[str, str] = field(default_factory=dict)

    def __call__(self, *words: str, **more: str | None) -> Ran:
        environ = {"NO_COLOR": "1", "COLUMNS": "200", **self.environ, **more}
        return syncd("--config", str(self.config), *words, **environ)


def syncd(*words: str, **environ: str | None) -> Ran:
    with _logging_kept():
        result = CliRunner(env=environ).invoke(cli, words)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return Ran(result.exit_code, result.stdout, result.stderr)


def commands(whole: Trial, releases: str = FULL, *, poll: str = "60s") -> Commands:
    """The commands over this trial, with its tokens in the environment."""
    whole.configure(releases, poll=poll)
    whole.linear.label("atlas-2")
    return Commands(whole.folder / "syncd.yaml", dict(whole.environ))


def ready(whole: Trial) -> Commands:
    """A release that is READY now: its work is done, and two complete readings said so, the last one just now."""
    run, now = commands(whole), whole.clock.at
    whole.clock.pass_by(minutes=-10)
    whole.jira.add("ENG", "Merge edits", status="Done", fix_versions=["Atlas 2.0"])
    whole.linear.add("MKT", "Launch post", state="Done", labels=["atlas-2"])
    config = whole.configure(FULL)
    whole.once(config)
    whole.clock.at = now
    assert whole.once(config).draft.readiness.verdict.launchable
    return run


@contextmanager
def _logging_kept() -> Iterator[None]:
    """Logging is the process's own: what the command changed is put back."""
    import structlog  # noqa: PLC0415 - as late as the code under test

    root, ours = logging.getLogger(), logging.getLogger("syncd")
    handlers, level, our_level = root.handlers[:], root.level, ours.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        ours.setLevel(our_level)
        structlog.reset_defaults()
