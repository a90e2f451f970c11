"""Who is who in a release: whose account that is, who is meant by a word, and whether two words mean one person. Pure.

Called wherever somebody is looked up. ``told_apart`` gives each person a name that is nobody else's; from then on the
name is the person. What the file calls somebody is ``config.persons``'; how a word in a command is read, ``phrase``'s.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mapping.gate import Person

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from mapping.gate import Gate, Release
    from mapping.item import Account


def everybody(release: Release) -> tuple[Person, ...]:
    """Managers, owners and backups, then others whom the file names; each once."""
    return tuple(dict.fromkeys(_named_in(release)))


def _named_in(release: Release) -> Iterator[Person]:
    yield from release.managers
    for gate in release.gates:
        yield from gate.owners
    yield from release.people


def person_of(release: Release, account: Account) -> Person | None:
    """Whom the release knows by this account."""
    return next((p for p in everybody(release) if account.id and p.has(account)), None)


def person_named(release: Release, name: str) -> Person | None:
    """Whom the release knows by exactly this name."""
    return next((p for p in everybody(release) if p.name == name), None)


def is_manager(release: Release, word: str) -> bool:
    return any(_is_called(person, word) for person in release.managers)


def is_owner(gate: Gate, word: str) -> bool:
    """An owner or a backup. By the name: of who was named in a comment fewer accounts may be known."""
    return any(_is_called(person, word) for person in gate.owners)


def same_person(release: Release, one: str, other: str) -> bool:
    """Whether two words name one person, be it once by name and once by e-mail."""
    people = _named_in(release)
    return one.casefold() == other.casefold() or any(_is_called(p, one) and _is_called(p, other) for p in people)


def _is_called(person: Person, word: str) -> bool:
    return word.casefold() in (person.name.casefold(), (person.email or person.name).casefold())


def is_same(one: Person, other: Person) -> bool:
    """Whether they share an account or an e-mail."""
    by_email = one.email is not None and other.email is not None and one.email.lower() == other.email.lower()
    return by_email or not one.accounts.isdisjoint(other.accounts)


def told_apart(release: Release, strangers: Collection[str]) -> Release:
    """The release with each person once: who shares an account or an e-mail is one, who shares but a name is not.

    ``strangers`` are the e-mails, in small letters, that the summary's tracker knows nobody by.
    """
    groups = _groups(everybody(release))
    merged = {member: whole for whole, members in _own_names(groups, strangers) for member in members}
    managers, gates = _each(release.managers, merged), release.gates
    gates = tuple(replace(gate, owners=_each(gate.owners, merged)) for gate in gates)
    taken = {*managers, *(owner for gate in gates for owner in gate.owners)}
    others = tuple(it for it in _each(release.people, merged) if it not in taken)
    return replace(release, managers=managers, gates=gates, people=others)


def _each(people: Iterable[Person], merged: Mapping[Person, Person]) -> tuple[Person, ...]:
    return tuple(dict.fromkeys(merged[it] for it in people))


def _groups(people: Iterable[Person]) -> list[list[Person]]:
    """Those who are one person, in the order in which they were first named."""
    found: list[list[Person]] = []
    for one in people:
        same = [group for group in found if any(is_same(one, other) for other in group)]
        whole = [member for group in same for member in group] + [one]
        first = found.index(same[0]) if same else len(found)
        found = [group for group in found if group not in same]
        found.insert(first, whole)
    return found


def _own_names(groups: Sequence[Sequence[Person]], strangers: Collection[str]) -> list[tuple[Person, Sequence[Person]]]:
    found: list[tuple[Person, Sequence[Person]]] = []
    taken: set[str] = set()
    for group in groups:
        whole = _merged(group, strangers)
        name, number = whole.name, 2
        if name.casefold() in taken and whole.email:
            name = f"{whole.name} ({whole.email})"
        while name.casefold() in taken:
            name, number = f"{whole.name} ({number})", number + 1
        taken.add(name.casefold())
        found.append((replace(whole, name=name), group))
    return found


def _merged(group: Sequence[Person], strangers: Collection[str]) -> Person:
    email = next((it.email for it in group if it.email), None)
    return Person(
        name=next((it.name for it in group if it.name != it.email), group[0].name),
        email=email,
        accounts=frozenset().union(*(it.accounts for it in group)),
        active=all(it.active for it in group),
        reachable=email is None or email.lower() not in strangers,
    )
