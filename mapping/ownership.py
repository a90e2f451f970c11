"""Who is missing: gates, hand-offs and open blockers with nobody who could be asked; readiness.md §8.

Called by the remarks and the asks. Who stands in for whom is ``amend``'s and ``asks``'.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mapping.finding import Finding, keys
from mapping.readiness import State
from mapping.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mapping.gate import Person
    from mapping.item import Item
    from mapping.judged import Judged

ASSIGNEE = "assignee"
"""The kind of the ask that nobody waits for: who takes what is nobody's."""


def gaps(judged: Sequence[Judged]) -> Iterator[str]:
    """A sentence for each; ``judged`` by id."""
    for each in judged:
        name = each.readiness.name
        if each.readiness.asked or each.state is State.NOT_NEEDED:
            continue
        if each.case.view.is_ownerless:
            yield f"Nobody owns {name}."
        for person in each.case.view.gate.owners:
            yield from _out_of_reach(person, name)
        for baton in each.case.batons:
            if each.case.view.is_ownerless and baton.offered and not baton.arrived:
                yield f"Nobody is there to take over from {baton.upstream.name} for {name}."
    idle = {item.ref: item for each in judged for item in unassigned(each)}
    if idle:
        same = sorted(idle.values(), key=lambda i: (i.tracker, len(i.key), i.key, i.id))
        yield f"{counted(len(same), 'open item')} without an assignee: {keys(same)}."


def _out_of_reach(person: Person, gate: str) -> Iterator[str]:
    if not person.active:
        yield f"The account of {person.name}, who owns {gate}, is switched off."
    elif not person.reachable:
        yield f"{person.name}, who owns {gate}, cannot be reached in the summary's tracker."


def unassigned(judged: Judged) -> list[Item]:
    """The open blockers that are nobody's."""
    return [item for item in judged.case.view.criteria.open if not item.assignee]


def owner_todos(each: Judged) -> Iterator[Finding]:
    """What is asked because somebody is missing: of the manager where nobody is there to be asked."""
    view = each.case.view
    if each.readiness.asked or each.state is State.NOT_NEEDED:
        return
    gone = [sentence for person in view.gate.owners for sentence in _out_of_reach(person, view.gate.name)]
    if view.is_ownerless:
        todo = f"name an owner for {view.gate.name}"
        yield Finding(reason="it has no owner", actor=view.manager, todo=todo, kind="owner")
    elif gone and len(gone) == len(view.gate.owners):
        todo = f"say who owns {view.gate.name} now: {gone[0].rstrip('.')}"
        yield Finding(reason="nobody who owns it is there", actor=view.manager, todo=todo, kind="owner")
    idle = unassigned(each)
    if idle and view.owner and view.started and each.state is State.ON_TRACK:
        todo = f"say who takes {keys(idle)}"
        yield Finding(
            reason="nobody is to do it", actor=view.owner, todo=todo, kind=ASSIGNEE, key=idle[0].key, url=idle[0].url
        )
