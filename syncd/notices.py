"""What syncd says by itself on the summary issue, put into the store to be posted; ``mapping.notices`` says what.

Called by the pass under its right to settle a release, once the page that says the same was accepted. Asks no tracker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.questions import summary_tracker
from mapping.notices import changed_verdict, notices, people_of
from mapping.reminder import Page
from mapping.timing import Timeline
from syncd.store.model import Notice

if TYPE_CHECKING:
    from datetime import datetime

    from config.schema import Config
    from mapping.readiness import Readiness
    from mapping.reminder import Comment
    from syncd.gathering import Gathered
    from syncd.judging import Judged
    from syncd.store.model import SummaryState
    from syncd.store.store import Store


def news_of(readiness: Readiness, known: SummaryState | None) -> tuple[Notice, ...]:
    """What is said once this is on the page, for which ``known`` tells what was on it before."""
    before = known.accepted.verdict if known and known.accepted else ""
    found = changed_verdict(before, readiness)
    return (_notice(found, readiness.computed_at),) if found else ()


def page_of(config: Config, heard: Gathered, judged: Judged, *, first: bool) -> Page:
    """The page that is made of what was judged. ``first``: there was none before."""
    return Page(
        readiness=judged.readiness,
        release=heard.present,
        tracker=summary_tracker(config, judged.readiness.release),
        asked=judged.kept.memory.asked,
        first=first,
    )


def remind(page: Page, config: Config, store: Store, now: datetime) -> datetime | None:
    """Keeps what is to be said now; when time alone calls for another look. Raises StoreError."""
    timeline = Timeline(now)
    said = store.reminders(page.release.id, people_of(page))
    found = notices(page, [it for it in said if it.release in config.releases], timeline)
    store.say(page.release.id, [_notice(it, now) for it in found.comments], found.reminders)
    return timeline.wake_at


def _notice(comment: Comment, at: datetime) -> Notice:
    name, lines = comment
    return Notice(name=name, at=at, lines=lines)
