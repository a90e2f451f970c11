"""What the summary should say: the judged release as reports from full to smallest, and as plain text.

Called by the pass. Pure but for the version, which it reads from the package.
"""

from __future__ import annotations

import io
from importlib.metadata import version
from typing import TYPE_CHECKING

from rich.console import Console

from mapping.calendar import shift_working_days
from mapping.evidence import digest
from mapping.layout import Edition
from mapping.report import reports
from syncd.terminal import render
from syncd.write import Draft

if TYPE_CHECKING:
    from config.schema import Config
    from mapping.document import Report
    from mapping.gate import Release
    from mapping.readiness import Readiness

WIDTH = 100
"""Columns of the plain text that is kept to show differences."""


def draft_of(config: Config, release: Release, readiness: Readiness) -> Draft:
    edition = Edition(
        zone=release.zone,
        version=version("syncd"),
        digest=digest(readiness),
        since_day=shift_working_days(readiness.computed_at, -1, release.zone, release.holidays),
    )
    written = reports(readiness, edition)
    status = config.releases[release.id].summary.statuses.blocked
    return Draft(readiness=readiness, reports=written, text=plain(written[0]), status=status)


def plain(report: Report) -> str:
    """The report as text without colour or links."""
    out = io.StringIO()
    render(report, Console(file=out, width=WIDTH, color_system=None, legacy_windows=False))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"
