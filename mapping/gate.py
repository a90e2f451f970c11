"""What a release asks of its gates: the part of the configuration that the rules read.

Built by ``config`` from the file and the launch issue; never holds a secret or anything of a tracker's dialect.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from mapping.health import Health

if TYPE_CHECKING:
    from mapping.item import Account, Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who may own a gate or a release. ``accounts`` are (tracker, account id) pairs.

    ``name`` is nobody else's in the release. ``active``: no account of theirs was switched off; ``reachable``: the
    summary's tracker knows them, as far as it was asked.
    """

    name: str
    email: str | None = None
    accounts: frozenset[tuple[str, str]] = frozenset()
    active: bool = True
    reachable: bool = True

    def has(self, account: Account) -> bool:
        """Whether this account is this person's: by id where one is known in that tracker, else by e-mail, which some
        trackers let people choose; never by name.
        """
        if any(tracker == account.tracker for tracker, _ in self.accounts):
            return (account.tracker, account.id) in self.accounts
        return bool(self.email and account.email and self.email.lower() == account.email.lower())


@dataclass(frozen=True, slots=True, kw_only=True)
class Blockers:
    """Which items block a gate. Every part that is given must fit; empty parts fit everything.

    ``priority`` is the least urgent rank that still blocks (1 most urgent, 5 least). An item whose priority is
    unknown blocks, and so does one whose labels or type are: what we do not know is never good news.
    """

    priority: int | None = None
    labels: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()

    def include(self, item: Item) -> bool:
        urgent = self.priority is None or item.priority is None or item.priority <= self.priority
        labelled = not self.labels or item.labels is None or not self.labels.isdisjoint(item.labels)
        return urgent and labelled and (not self.types or not item.type or item.type in self.types)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One department's readiness for one release; readiness.md §2.

    ``ticketless`` is ``items: none``: no item criteria at all. ``sign_off`` tells whether a signature is needed.
    ``contact`` is who can restore sight of the gate's trackers. ``asked`` is False for gates that the file names
    and True for catalogue gates that it does not mention (advisory; somebody is asked once who speaks for them).
    ``healths``: what the people of its projects say of them.
    ``owner_untold``: its owner was asked of the tracker (a project's lead), which could not answer. Without ``owners``
    it then counts as a gate whose owner is unknown, not as one that nobody owns.
    """

    id: str
    name: str
    questions: tuple[str, ...] = ()
    owners: tuple[Person, ...] = ()
    required: bool = True
    after: tuple[str, ...] = ()
    due: datetime | None = None
    expect: int = 1
    ticketless: bool = False
    blockers: Blockers = field(default_factory=Blockers)
    sign_off: bool = True
    sign_off_key: str | None = None
    confidential: bool = False
    contact: str = ""
    asked: bool = False
    owner_untold: bool = False
    healths: tuple[Health, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """A release's own clocks; None takes the table of readiness.md §3."""

    freshness: timedelta | None = None
    signature: timedelta | None = None
    soak: timedelta | None = None
    lease: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What ``judge`` calls the configuration: one release with its gates, all times resolved.

    ``target`` is an instant (the end of its day in ``zone`` where only a date was given), None when neither the
    file nor the launch issue names one. ``holidays`` are dates without work. ``never_items`` are the (tracker, id)
    of the launch issue and the summary issue. ``quiet``: the summary can be renewed without telling anybody.
    ``managers``: the first decides, the next stands in. ``people`` are others whom the file names. ``found`` are the
    types of items that are ordinary finds after the freeze. ``shared``: item → the other releases that it is in;
    ``movers``: item → who reopened it.
    ``away``: name → until when. ``target_from``: where the target stands, in words; ``target_unexplained``: it was
    moved, and nobody has said why.
    ``launch_status`` is the launch issue's own word, and
    ``launch_is_over`` tells that it means done or dropped. ``kinds``: tracker → its kind as people know it ("Linear").
    """

    id: str
    name: str
    zone: tzinfo
    gates: tuple[Gate, ...]
    target: datetime | None = None
    expect_by: datetime | None = None
    freeze: datetime | None = None
    holidays: frozenset[date] = frozenset()
    managers: tuple[Person, ...] = ()
    timing: Timing = field(default_factory=Timing)
    launch_key: str = ""
    launch_url: str = ""
    never_items: frozenset[tuple[str, str]] = frozenset()
    quiet: bool = True
    people: tuple[Person, ...] = ()
    found: frozenset[str] = frozenset({"Bug"})
    shared: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    movers: Mapping[tuple[str, str], str] = field(default_factory=dict)
    target_from: str = "the launch issue"
    target_unexplained: bool = False
    away: Mapping[str, datetime] = field(default_factory=dict)
    launch_status: str = ""
    launch_is_over: bool = False
    kinds: Mapping[str, str] = field(default_factory=dict)
