"""Writes docs/situations.md: each situation as people read it, from the values that the tests use.

Run by ``make snapshots`` (``python -m tests.report.pages``); ``test_pages`` says when it was forgotten.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from mapping.report import report
from syncd import terminal
from tests.report.situations import EXTREME, SITUATIONS
from tests.report.world import EDITION

if TYPE_CHECKING:
    from collections.abc import Callable

    from mapping.readiness import Readiness

PAGE = Path(__file__).parents[2] / "docs" / "situations.md"
WIDTH = 100
_HEAD = """# Situations, as people see them

What the summary issue says in the situations that a release gets into, here as a terminal shows it; Jira and Linear
show the same in their own dress, with *How to answer* folded. Atlas 2.0 is to be launched on Thursday 17 December 2026,
and it is the morning of Tuesday the 8th. `make snapshots` writes this page.
"""


def page() -> str:
    shown = {name: build for name, build in SITUATIONS.items() if name not in EXTREME}
    contents = [f"- [{title(name)}](#{name.replace('_', '-')}): {sentence(build)}" for name, build in shown.items()]
    return "\n".join([_HEAD, *contents, "", *(_part(name, build) for name, build in shown.items())])


def title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def sentence(build: Callable[[], Readiness]) -> str:
    """What the situation is: its docstring in one line."""
    return " ".join((build.__doc__ or "").split())


def text(readiness: Readiness, width: int) -> str:
    """The full report without colours or links."""
    out = io.StringIO()
    terminal.render(report(readiness, EDITION), Console(file=out, width=width, force_terminal=False))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def _part(name: str, build: Callable[[], Readiness]) -> str:
    return f"## {title(name)}\n\n{sentence(build)}\n\n```text\n{text(build(), WIDTH)}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
