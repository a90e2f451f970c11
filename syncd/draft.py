"""What the summary should say: the judged release as reports from full to smallest, and as plain text.

Called by the pass. Pure but for the version, which it reads from the package.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING

from rich.console import Console

from mapping.calendar import shift_working_days
from mapping.digest import digest
from mapping.layout import Edition
from mapping.readiness import Readiness
from mapping.report import reports
from syncd.terminal import render

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.schema import Config
    from mapping.document import Report
    from mapping.gate import Release

WIDTH = 100
"""Columns of the plain text that is kept to show differences."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What one release wants written, made when it is asked for: most drafts say what was said before.

    ``status`` is what to keep the summary in: its blocking status, or the ready one once a go stands; None for none.
    """

    readiness: Readiness
    edition: Edition
    status: str | None = None

    @property
    def digest(self) -> str:
        return self.edition.digest

    @cached_property
    def reports(self) -> Sequence[Report]:
        """From full to smallest."""
        return reports(self.readiness, self.edition)

    @cached_property
    def text(self) -> str:
        """The full one without colour or links."""
        out = io.StringIO()
        render(self.reports[0], Console(file=out, width=WIDTH, color_system=None, legacy_windows=False))
        return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def draft_of(config: Config, release: Release, readiness: Readiness, evidence: str) -> Draft:
    """``evidence``: the sha of the newest one, "" where none was taken."""
    edition = Edition(
        zone=release.zone,
        version=version("syncd"),
        digest=digest(readiness),
        since_day=shift_working_days(readiness.computed_at, -1, release.zone, release.holidays),
        evidence=evidence,
    )
    statuses = config.releases[release.id].summary.statuses
    cleared = readiness.cleared and statuses.ready
    return Draft(readiness=readiness, edition=edition, status=statuses.ready if cleared else statuses.blocked)
