"""Who reopened what was finished: asked of the item's own history, beside a complete reading and a census.

Never asked where only changes are looked at, nor where nothing is frozen: the scope is held against a freeze alone.
Called by the reading, and by who gathers what the rules need. An item that was reopened is known from the last
judgement; who did it is a fact of its tracker, asked for once for each time that it was reopened.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from connectors.errors import TemporaryError, TrackerError
from mapping.calendar import utc
from mapping.item import Account
from mapping.readiness import Kind
from syncd.store.model import Fact

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import datetime

    from config.schema import Config
    from connectors.base import Source
    from mapping.item import Ticket
    from mapping.readiness import ScopeChange
    from syncd.store.model import Judgement
    from syncd.store.store import Store
    from syncd.visit import Visit

_KIND = "mover"
_MOST = 10
"""How many items of a release are asked about at one look."""


def look(visit: Visit, releases: Iterable[str], config: Config, store: Store, now: datetime) -> None:
    """Ask who reopened these releases' items in this tracker, and keep it. Raises StoreError only."""
    for release in sorted(name for name in releases if config.releases[name].freeze):
        judgement = store.judgement(release)
        here = [change for change in _reopened(judgement) if change.tracker == visit.name]
        known = store.facts(_KIND) if here else {}
        due = [change.id for change in here if not _is_told(known.get((visit.name, _KIND, change.id)), change)]
        if due and judgement and judgement.readiness:
            _ask(visit, due[:_MOST], (release, judgement.readiness.scope.frozen_at), store, now)


def movers(judgement: Judgement | None, store: Store) -> dict[tuple[str, str], str]:
    """Item → the name of who reopened it, as far as that is known."""
    changes = list(_reopened(judgement))
    known = store.facts(_KIND) if changes else {}
    told = ((change, known.get((change.tracker, _KIND, change.id))) for change in changes)
    return {
        (change.tracker, change.id): fact.content.name
        for change, fact in told
        if fact and _is_told(fact, change) and isinstance(fact.content, Account) and fact.content.name
    }


def _ask(visit: Visit, ids: Iterable[str], frozen: tuple[str, datetime | None], store: Store, now: datetime) -> None:
    """``frozen``: the release, and when its scope was fixed. What the tracker refuses is nobody's doing; what it cannot
    tell now is asked for at the next look.
    """
    release, frozen_at = frozen
    finished = _finished(release, visit.name, store)
    for id_ in ids:
        content = None
        try:
            content = _mover(visit.ask(partial(_history, id_)), finished, frozen_at)
        except TemporaryError:
            return
        except TrackerError:
            pass
        fact = Fact(tracker=visit.name, kind=_KIND, name=id_, content=content, read_at=now)
        store.keep_facts([fact], [release] if content else [])


def _history(id_: str, source: Source) -> Ticket:
    return source.ticket(id_)


def _reopened(judgement: Judgement | None) -> Iterator[ScopeChange]:
    changes = judgement.readiness.scope.changes if judgement and judgement.readiness else ()
    return (change for change in changes if change.kind is Kind.REOPENED)


def _is_told(fact: Fact | None, change: ScopeChange) -> bool:
    """Whether this was asked since it was reopened: an answer from before is about another time."""
    return bool(fact and fact.read_at and change.at and utc(fact.read_at) >= utc(change.at))


def _finished(release: str, tracker: str, store: Store) -> frozenset[str]:
    """The ids of the statuses in which items of this release are finished."""
    items = (item for found in store.items(release).values() for item in found)
    return frozenset(item.status_id for item in items if item.tracker == tracker and item.finished)


def _mover(ticket: Ticket, finished: Collection[str], frozen_at: datetime | None) -> Account | None:
    """Who made the first move out of a status that means finished; where none is known as such, the only one who moved
    it since the freeze. Nobody where that cannot be told: a wrong name is worse than none.
    """
    moves = sorted(ticket.moves, key=lambda move: utc(move.at))
    last = max((n for n, move in enumerate(moves) if move.status_id in finished), default=None)
    if last is not None:
        return moves[last + 1].by if last + 1 < len(moves) else None
    since = [move.by for move in moves if frozen_at and utc(move.at) >= utc(frozen_at)]
    return since[0] if len({who.id if who else None for who in since}) == 1 else None
