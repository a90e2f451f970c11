"""Who stands below whom, and what that means for a release. Pure; called by what reads a convention.

A family maps an issue's id to its parent, None for an issue that has none; ids that it does not hold are unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.linear import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Parent:
    id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tops:
    """The issues below which everything carries a release: the launch issue (its id, "" for none) and those of one of
    these names, in any case.
    """

    launch: str
    names: frozenset[str]

    def has(self, issue: Parent) -> bool:
        return (issue.id == self.launch != "") or issue.title.lower() in self.names


def ancestry(raw: object) -> dict[str, Parent | None]:
    """The family that an issue tells of, up to where its nested parents end."""
    found: dict[str, Parent | None] = {}
    issue = raw
    while isinstance(issue, dict) and "parent" in issue:
        above = issue["parent"]
        told = Parent(parse.identity(above), parse.title(above)) if parse.identity(above) else None
        found[parse.identity(issue)] = told
        issue = above
    return found


def below(family: Mapping[str, Parent | None], tops: Tops, ids: Iterable[str]) -> frozenset[str]:
    """Those of these issues that stand below one of the tops, at any depth; a top only when it is below one too."""
    known: dict[str, bool] = {}
    return frozenset(id_ for id_ in ids if _is_below(family, tops, id_, known))


def unknown(family: Mapping[str, Parent | None], ids: Iterable[str]) -> frozenset[str]:
    """The ends of the chains above these issues that are not known to be ends."""
    found = set[str]()
    passed = set[str]()
    for id_ in ids:
        step: str | None = id_
        while step is not None and step not in passed:
            passed.add(step)
            if step not in family:
                found.add(step)
            above = family.get(step)
            step = above.id if above is not None else None
    return frozenset(found)


def _is_below(family: Mapping[str, Parent | None], tops: Tops, id_: str, known: dict[str, bool]) -> bool:
    """``known`` holds what earlier walks found. A chain that goes round in a circle has an end there."""
    path = list[str]()
    step, found = id_, False
    while step not in known:
        known[step] = False
        path.append(step)
        above = family.get(step)
        if above is None:
            break
        if tops.has(above):
            found = True
            break
        step = above.id
    else:
        found = known[step]
    known.update(dict.fromkeys(path, found))
    return found
