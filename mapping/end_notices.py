"""What is said of waivers that end within two days, and of those that have ended: each of the two once.

Called by ``notices``. Pure. Of the item only its key is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mapping.digest import sha256
from mapping.document import Line, Text
from mapping.finding import manager_of, owner_of, told_by
from mapping.plain import cut
from mapping.readiness import State, WaiverState
from mapping.reminder import OURS, Comment, Page, Reminder
from mapping.said import name_of
from mapping.waiving import label_of
from mapping.wording import counted

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from mapping.readiness import WaiverStanding

_MOST = 6
_ENDS, _ENDED = "ends", "ended"


def endings(page: Page, said: Collection[str], now: datetime) -> tuple[tuple[Comment, ...], list[Reminder]]:
    """One comment about all that is new; ``said`` are the names of this release's reminders. What had ended before the
    first page is no news.
    """
    new = [] if page.readiness.closed else [it for it in _told(page) if _name(*it) not in said]
    made = [
        Reminder(release=page.release.id, person="", gate=it.waiver.gate, name=_name(what, it), at=now)
        for what, it in new
    ]
    news = [_words(what, it, page) for what, it in new if what == _ENDS or not page.first]
    if not news:
        return (), made
    name = f"waivers {sha256([it.name for it in made])[:16]} {now.isoformat()}"
    return ((name, _lines(news)),), made


def _told(page: Page) -> list[tuple[str, WaiverStanding]]:
    found = [(_ending(it, page), it) for it in page.readiness.all_waivers]
    return [(what, it) for what, it in found if what]


def _ending(standing: WaiverStanding, page: Page) -> str:
    """Which end is to be told, "" for none. One that nobody agreed to ends unnoticed."""
    states = {gate.id: gate.state for gate in page.readiness.gates}
    if states.get(standing.waiver.gate, State.NOT_NEEDED) is State.NOT_NEEDED:
        return ""
    if standing.ends_soon:
        return _ENDS
    return _ENDED if standing.state is WaiverState.EXPIRED and standing.waiver.approved_by else ""


def _name(what: str, standing: WaiverStanding) -> str:
    return f"{what} {name_of(standing.waiver)}"


def _words(what: str, standing: WaiverStanding, page: Page) -> Line:
    """For whoever follows it up, as the end of a sentence."""
    waiver = standing.waiver
    gate = next((gate for gate in page.release.gates if gate.id == waiver.gate), None)
    who = waiver.follow_up or (owner_of(gate) if gate else "") or manager_of(page.release)
    said = f"waiver {cut(label_of(waiver), 80)} {what} {told_by(standing.until, page.release)}, for "
    todo = "finish it before, or ask for another waiver" if what == _ENDS else "what it set aside counts again"
    return Text(said), page.called(who), Text(f": {todo}.")


def _lines(news: Sequence[Line]) -> tuple[Line, ...]:
    lines = [(Text(f"{'The' if number else f'{OURS}the'} "), *words) for number, words in enumerate(news[:_MOST])]
    more = len(news) - len(lines)
    return (*lines, (Text(f"And {counted(more, 'more waiver')}; the page lists them."),)) if more else tuple(lines)
