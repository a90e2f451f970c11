"""Who the file means by a name, an e-mail or a key of people; each person once, under a name that is nobody else's.

Used by ``config.resolve``. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from config.values import email_like
from mapping.gate import Person, Release

if TYPE_CHECKING:
    from config.schema import Config
    from mapping.item import Account

Accounts = Mapping[str, Sequence["Account"]]


def person(config: Config, who: str, accounts: Accounts) -> Person:
    """A key of people, an e-mail, or else a name only, which no account can be."""
    settings = config.people.get(who)
    email = settings.email if settings else (who if email_like(who) else None)
    found = accounts.get(email.lower(), ()) if email else ()
    own = settings.accounts.items() if settings else ()
    name = (settings.name or who) if settings else next((account.name for account in found if account.name), who)
    return Person(
        name=name,
        email=email,
        accounts=frozenset({(account.tracker, account.id) for account in found} | {*own}),
        active=all(account.active for account in found),
    )


def known_as(account: Account) -> Person:
    return Person(
        name=account.name,
        email=account.email,
        accounts=frozenset({(account.tracker, account.id)}),
        active=account.active,
    )


def told_apart(release: Release, strangers: Collection[str]) -> Release:
    """The release with each person once: who shares an account or an e-mail is one, who shares but a name is not.

    ``strangers`` are the e-mails, in small letters, that the summary's tracker knows nobody by.
    """
    said = [*release.managers, *(it for gate in release.gates for it in gate.owners), *release.people]
    groups = _groups(dict.fromkeys(said))
    merged = {member: whole for whole, members in _named(groups, strangers) for member in members}
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


def is_same(one: Person, other: Person) -> bool:
    """Whether they share an account or an e-mail."""
    by_email = one.email is not None and other.email is not None and one.email.lower() == other.email.lower()
    return by_email or not one.accounts.isdisjoint(other.accounts)


def _named(groups: Sequence[Sequence[Person]], strangers: Collection[str]) -> list[tuple[Person, Sequence[Person]]]:
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
