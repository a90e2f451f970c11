"""Whom the file means by a name, an e-mail or a key of people, and what a person may be called. Pure.

Used by ``config.resolve`` and where comments are heard. Who is who in a release is ``mapping.person``'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from config.values import email_like
from mapping.gate import Person
from mapping.person import is_same

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


def called(config: Config, one: Person) -> list[str]:
    """All that a person of a release may be called: by name, e-mail, key in the file or account."""
    keys = [key for key in config.people if _is_same(person(config, key, {}), one)]
    return [one.name, *([one.email] if one.email else []), *keys, *(account for _, account in one.accounts)]


def _is_same(said: Person, one: Person) -> bool:
    """One that tells neither e-mail nor account is known by its name."""
    if said.email or said.accounts:
        return is_same(said, one)
    return said.name == one.name and not one.email and not one.accounts
