"""Who can be reached where: managers and owners in each tracker, and what nobody can do for want of an account.

Called by ``check``. It asks each tracker once for each e-mail and writes nothing. That a tracker does not answer says
nothing about the people in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connectors.errors import TrackerError
from mapping.finding import named
from mapping.item import Account
from mapping.person import everybody
from mapping.two_people import has_two
from syncd.visit import Visit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mapping.gate import Person, Release


@dataclass(frozen=True, slots=True)
class Reach:
    """The trackers that can be asked, by name."""

    visits: Mapping[str, Visit]
    _found: dict[tuple[str, str], Account | TrackerError | None] = field(default_factory=dict)

    def accounts(self, trackers: Sequence[str], email: str) -> list[Account]:
        """Those that these trackers know by this e-mail."""
        found = (self._account(tracker, email) for tracker in trackers)
        return [account for account in found if account is not None and not isinstance(account, TrackerError)]

    def knows(self, tracker: str, person: Person) -> bool | None:
        """Whether what they do there counts as theirs; None when the tracker does not answer."""
        if any(where == tracker for where, _ in person.accounts):
            return True
        found = self._account(tracker, person.email) if person.email else None
        return None if isinstance(found, TrackerError) else found is not None

    def _account(self, tracker: str, email: str) -> Account | TrackerError | None:
        asked = tracker, email.casefold()
        if asked not in self._found:
            try:
                self._found[asked] = self.visits[tracker].ask(lambda source: source.person(email))
            except TrackerError as error:
                self._found[asked] = error
        return self._found[asked]


def lines(release: Release, reach: Reach, trackers: Sequence[str], summary: str) -> Iterator[str]:
    """A line for each manager and owner, managers first. ``summary``: the tracker where the summary is."""
    people = [person for person in everybody(release) if _roles(person, release)]
    if people:
        yield f"  who can be reached where (the summary is in {summary}):"
    for person in people:
        yield f"    {person.name}, {_roles(person, release)}: {_whereabouts(person, reach, trackers, summary)}"


def _roles(person: Person, release: Release) -> str:
    owned = [gate.name for gate in release.gates if person in gate.owners]
    roles = ["manager"] if person in release.managers else []
    return " and ".join(roles + ([f"owner of {named(owned)}"] if owned else []))


def _whereabouts(person: Person, reach: Reach, trackers: Sequence[str], summary: str) -> str:
    told = {tracker: reach.knows(tracker, person) for tracker in trackers}
    known = [tracker for tracker in trackers if told[tracker]]
    silent = [tracker for tracker in trackers if told[tracker] is None]
    said = [f"known in {named(known)}"] if known else []
    said += ["a name only"] if not person.email and not person.accounts else []
    said += ["an account of theirs is switched off"] if not person.active else []
    said += [f"{named(silent)} does not say"] if silent else []
    if told[summary] is False:
        said.append(f"not known in {summary}, so what they comment on the summary does not count")
    return "; ".join(said) if said else "known nowhere"


def gaps(release: Release, reach: Reach, summary: str, ticketed: frozenset[str]) -> Iterator[str]:
    """What nobody can do, each with its remedy. ``ticketed``: ids of the gates that are signed by moving a ticket."""
    remedy = f"name them by an e-mail that {summary} knows, or write their account there under people:"
    if release.managers and _nobody(release.managers, reach, summary):
        who = _names(release.managers)
        yield f"{summary}, where the summary is, knows no manager ({who}), so nobody can decide there; {remedy}"
    for gate in release.gates:
        signs = gate.required and gate.sign_off and gate.owners and gate.id not in ticketed
        if signs and _nobody(gate.owners, reach, summary):
            said = f"knows no owner of {gate.name} ({_names(gate.owners)}), so nobody can sign it"
            yield f"{summary}, where the summary is, {said}; {remedy}, or name their ticket, sign_off: {{item: KEY}}"


def lone(release: Release) -> Iterator[str]:
    """Where waivers cannot be approved: they take two people, the manager among them."""
    asked = [gate for gate in release.gates if not gate.asked]
    few = [gate for gate in asked if not has_two(gate, release)]
    if not release.managers:
        yield "  waivers cannot be approved: that takes two people, the manager among them, and there is no manager"
    elif few == asked:
        yield "  one person owns everything: waivers cannot be approved, for that takes a second one"
    elif few:
        whose = named([gate.name for gate in few])
        yield f"  waivers of {whose} cannot be approved: that takes two people, and only {_names(release.managers)} may"


def _nobody(people: Sequence[Person], reach: Reach, tracker: str) -> bool:
    return all(reach.knows(tracker, person) is False for person in people)


def _names(people: Sequence[Person]) -> str:
    return named([person.name for person in people])
