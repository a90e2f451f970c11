"""The summary issue as its tracker holds it now, for the commands that look and do not write: check and plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config import questions
from syncd.write import settings_of

if TYPE_CHECKING:
    from config.schema import Config
    from connectors.base import Held, Launch, Ref, SummarySettings
    from syncd.outside import Outside
    from syncd.store.model import SummaryState


def held_summary(config: Config, release: str, launch: Launch | None, outside: Outside) -> Held | None:
    """None when the store knows no issue that the next write would take. Raises TrackerError, MissingError among
    them when the issue was deleted or hidden.
    """
    known = outside.store.summary(release)
    settings = settings_of(config, release, launch, known)
    tracker = questions.summary_tracker(config, release)
    ref = _ref(known, tracker, settings) if settings else None
    if settings is None or ref is None:
        return None
    writer = outside.open_summary(tracker, settings)
    try:
        return writer.read(ref)
    finally:
        writer.close()


def _ref(known: SummaryState | None, tracker: str, settings: SummarySettings) -> Ref | None:
    """The stored issue, unless it was made under another mark or the configuration names another one."""
    if known is None or known.ref is None or (known.mark.tracker, known.mark.text) != (tracker, settings.mark):
        return None
    return known.ref if settings.issue in (None, known.ref.key) else None


def changed_by_others(held: Held, known: SummaryState | None) -> bool:
    """Whether the issue carries another digest than was accepted; where the tracker refused the digest it has none."""
    accepted = known.accepted if known else None
    if accepted is None or (held.digest is None and accepted.remarks):
        return False
    return held.digest != accepted.digest
