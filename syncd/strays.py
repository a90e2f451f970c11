"""Strays: items that look like a release and are in none of its gates.

They are looked for beside a complete reading and a census, never where only changes are looked at. They block nothing
and blind nothing: where they cannot be looked up, that is said, and no more. Called by the reading; what was found is
a fact of its tracker, and judged with the rest.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from config import questions
from connectors.errors import TrackerError
from mapping.item import Item, Ticket
from mapping.sight import Sight
from syncd.store.model import Fact
from syncd.visit import refused, sentence
from syncd.wanted import trackers_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from config.schema import Config
    from syncd.facts import Facts
    from syncd.store.store import Store
    from syncd.visit import Visit

_KIND = "strays"
_MOST = 100
"""How many of them are read: whoever has so many has to look at the tracker anyway."""


def look(
    visit: Visit, releases: Iterable[str], facts: Facts, store: Store, own: Collection[str], now: datetime
) -> None:
    """Look for these releases' strays in one tracker and keep them. ``own`` are the ids that are never items. Raises
    StoreError only.
    """
    known = store.facts(_KIND)
    for release in sorted(releases):
        if visit.name in trackers_of(facts.config, [release]) and facts.launch(release) is not None:
            before = known.get((visit.name, _KIND, release), Fact(tracker=visit.name, kind=_KIND, name=release))
            found = _found(visit, release, facts, store, own, before)
            news = (found.content, found.problem) != (before.content, before.problem)
            store.keep_facts([replace(found, read_at=now)], [release] if news else [])


def found_by(config: Config, release: str, store: Store) -> tuple[tuple[Item, ...], tuple[Sight, ...]]:
    """The strays as they were last read, and for each tracker whether they could be."""
    known = store.facts(_KIND)
    facts = [known[place] for name in trackers_of(config, [release]) if (place := (name, _KIND, release)) in known]
    items = tuple(item for fact in facts if isinstance(fact.content, tuple) for item in fact.content)
    return items, tuple(Sight(tracker=fact.tracker, problem=fact.problem, refused=fact.refused) for fact in facts)


def _found(visit: Visit, release: str, facts: Facts, store: Store, own: Collection[str], before: Fact) -> Fact:
    launch = facts.launch(release)
    if launch is None:
        return before
    query = questions.anywhere(facts.config, release, visit.name, launch)
    tickets = {fact.content.item.id for fact in facts.tickets(release).values() if isinstance(fact.content, Ticket)}
    try:
        ids = visit.ask(lambda source: source.carriers(query)) - tickets - frozenset(own)
        gates = facts.config.releases[release].gates
        inside = {id_ for gate, told in gates.items() if told for id_ in store.members(release, gate, visit.name)}
        some = sorted(ids - inside, key=lambda id_: (len(id_), id_))[:_MOST]
        read = visit.ask(lambda source: source.lookup(some)) if some else {}
    except TrackerError as error:
        return replace(before, problem=sentence(error), refused=refused(error))
    open_ones = sorted((item for item in read.values() if not item.finished), key=lambda item: (len(item.id), item.id))
    return replace(before, content=tuple(open_ones), problem="", refused=False)
