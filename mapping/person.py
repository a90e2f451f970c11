"""Who is who in a release: whose account that is, who is meant by a word, and whether two words mean one person. Pure.

Called wherever somebody is looked up. ``told_apart`` gives each person a name that is nobody else's; from then on the
name is the person. What the file calls somebody is ``config.persons``'; how a word in a command is read, ``phrase``'s.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mapping.gate import Person
from mapping.record import Ownership, Withdrawal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from mapping.gate import Gate, Release
    from mapping.item import Account
    from mapping.record import Record


def of_account(account: Account) -> Person:
    """Somebody of whom nothing is known but this account."""
    return Person(
        name=account.name,
        email=account.email,
        accounts=frozenset({(account.tracker, account.id)}),
        active=account.active,
    )


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
    return next((p for p in _named_in(release) if account.id and p.has(account)), None)


def person_named(release: Release, name: str) -> Person | None:
    """Whom the release knows by exactly this name."""
    return next((p for p in _named_in(release) if p.name == name), None)


def own_name(name: str, mark: str, release: Release) -> str:
    """The name with a mark behind it where it is somebody's already: people choose what trackers call them."""
    taken = {word.casefold() for person in _named_in(release) for word in (person.name, person.email or "")}
    return f"{name} ({mark})".lstrip() if name.casefold() in taken or not name else name


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


def renamed(records: Iterable[Record], release: Release, accounts: Mapping[str, Sequence[Account]]) -> list[Record]:
    """Each under the name that its speaker has in the release now, whatever it was when it was said.

    ``accounts``: e-mail in small letters → the accounts that trackers know by it now.
    """
    told = [_known_now(it, release, accounts) if isinstance(it, Ownership) else it for it in records]
    others = tuple(it.person for it in told if isinstance(it, Ownership))
    everyone = replace(release, people=(*release.people, *others))
    return [_renamed(it, everyone) for it in told]


def _known_now(record: Ownership, release: Release, accounts: Mapping[str, Sequence[Account]]) -> Ownership:
    """Who was named has the accounts that the trackers know by the e-mail now, and a name that is nobody else's."""
    person = record.person
    found = accounts.get(person.email.lower(), ()) if person.email else ()
    person = replace(person, accounts=person.accounts | {(it.tracker, it.id) for it in found})
    known = next((it for it in _named_in(release) if it == record.person or is_same(it, person)), None)
    mark = person.email or " ".join(min(person.accounts, default=("named", "by hand")))
    return replace(record, person=known or replace(person, name=own_name(person.name, mark, release)))


def _renamed(record: Record, release: Release) -> Record:
    if record.speaker is None or isinstance(record, Withdrawal):
        return record
    person = person_of(release, record.speaker)
    name = person.name if person is not None else own_name(record.by, "not named any more", release)
    return replace(record, by=name)


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
    """Nobody is called as another is, nor by another's e-mail."""
    found: list[tuple[Person, Sequence[Person]]] = []
    wholes = [_merged(group, strangers) for group in groups]
    emails, names = {it.email.casefold() for it in wholes if it.email}, set[str]()
    for whole, group in zip(wholes, groups, strict=True):
        taken = names | (emails - {(whole.email or "").casefold()})
        name, number = whole.name, 2
        if name.casefold() in taken and whole.email:
            name = f"{whole.name} ({whole.email})"
        while name.casefold() in taken:
            name, number = f"{whole.name} ({number})", number + 1
        names.add(name.casefold())
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
