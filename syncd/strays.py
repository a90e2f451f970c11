"""Strays: items that look like a release and are in none of its gates.

They are looked for beside a complete reading and a census, never where only changes are looked at. They block nothing
and blind nothing: where they cannot be looked up, that is said, and no more. Called by the reading; what was found is
a fact of its tracker, and judged with the rest.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from config import questions
from connectors.errors import TrackerError
from mapping.item import Item, Ticket
from mapping.sight import Sight
from syncd.store.model import Fact
from syncd.visit import refused, sentence
from syncd.wanted import trackers_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from config.schema import Config
    from connectors.base import Carriers, Convention
    from syncd.facts import Facts
    from syncd.store.store import Store
    from syncd.visit import Visit

_KIND = "strays"
_MOST = 100
"""How many of them are read: whoever has so many has to look at the tracker anyway."""
_TOGETHER = 5
"""Of how many releases the ids that carry them are held at a time."""


def asked(visit: Visit, releases: Iterable[str], facts: Facts) -> list[Callable[[], Carriers]]:
    """Asks one tracker what carries these releases, a few of them at a time, for all would fill the memory: the first
    beside whatever is read of it meanwhile, the others when they are called for.
    """
    launches = {
        release: facts.launch(release) for release in releases if visit.name in trackers_of(facts.config, [release])
    }
    conventions = {
        release: questions.anywhere(facts.config, release, visit.name, launch)
        for release, launch in sorted(launches.items())
        if launch is not None
    }
    names = list(conventions)
    parts = [{name: conventions[name] for name in names[at : at + _TOGETHER]} for at in range(0, len(names), _TOGETHER)]
    first = [visit.ask(lambda source: source.carriers(part)) for part in parts[:1]]  # noqa: B023 - asked at once
    return [*first, *(partial(_later, visit, part) for part in parts[1:])]


def _later(visit: Visit, conventions: Mapping[str, Convention]) -> Carriers:
    return visit.ask(lambda source: source.carriers(conventions))()


def look(visit: Visit, carriers: Carriers, facts: Facts, store: Store, own: frozenset[str], now: datetime) -> None:
    """Look for strays among what carries each release in one tracker and keep them. ``own`` are the ids that are never
    items. Raises StoreError only.
    """
    known = store.facts(_KIND)
    for release, told in carriers.items():
        before = known.get((visit.name, _KIND, release), Fact(tracker=visit.name, kind=_KIND, name=release))
        found = _found(visit, told, _inside(release, visit.name, facts, store) | own, before)
        news = (found.content, found.problem) != (before.content, before.problem)
        store.keep_facts([replace(found, read_at=now)], [release] if news else [])


def found_by(config: Config, release: str, store: Store) -> tuple[tuple[Item, ...], tuple[Sight, ...]]:
    """The strays as they were last read, and for each tracker whether they could be."""
    known = store.facts(_KIND)
    facts = [known[place] for name in trackers_of(config, [release]) if (place := (name, _KIND, release)) in known]
    items = tuple(item for fact in facts if isinstance(fact.content, tuple) for item in fact.content)
    return items, tuple(Sight(tracker=fact.tracker, problem=fact.problem, refused=fact.refused) for fact in facts)


def _inside(release: str, tracker: str, facts: Facts, store: Store) -> set[str]:
    """The ids of the tickets that sign, and of what is in a gate."""
    tickets = {fact.content.item.id for fact in facts.tickets(release).values() if isinstance(fact.content, Ticket)}
    gates = [gate for gate, told in facts.config.releases[release].gates.items() if told]
    return tickets.union(*(store.members(release, gate, tracker) for gate in gates))


def _found(visit: Visit, told: frozenset[str] | TrackerError, inside: set[str], before: Fact) -> Fact:
    try:
        if isinstance(told, TrackerError):
            raise told
        some = sorted(told - inside, key=lambda id_: (len(id_), id_))[:_MOST]
        read = visit.ask(lambda source: source.lookup(some)) if some else {}
    except TrackerError as error:
        return replace(before, problem=sentence(error), refused=refused(error))
    open_ones = sorted((item for item in read.values() if not item.finished), key=lambda item: (len(item.id), item.id))
    return replace(before, content=tuple(open_ones), problem="", refused=False)
