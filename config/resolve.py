"""The validated file and the launch issue → one release as the rules read it.

Called by the daemon once a pass; pure. What the file leaves out is taken from the launch issue, and where that cannot
be read (``launch`` None) things stay unknown: the name falls back to the release's id, the rest to nothing. Nothing
here raises for a valid configuration. What trackers are asked is in ``config.questions``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from config.addresses import read_by, split
from config.catalogue import CATALOGUE, known
from config.days_off import days_off
from config.persons import Accounts, person
from config.values import email_like, instant
from mapping.gate import Blockers, Gate, Person, Release, Timing
from mapping.person import of_account

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from config.release import GateSettings, ReleaseSettings
    from config.schema import Config
    from connectors.base import Launch
    from mapping.item import Account

PRIORITIES: Final = {"urgent": 1, "highest": 1, "high": 2, "medium": 3, "normal": 3, "low": 4, "lowest": 5}


def release(
    config: Config,
    release_id: str,
    *,
    launch: Launch | None,
    leads: Mapping[str, Account],
    accounts: Accounts,
    years: Iterable[int],
) -> Release:
    """The release for ``judge``. ``leads``: gate id → the lead of its project, for the gates of
    ``config.questions.leads_wanted``; ``accounts``: e-mail in small letters → the accounts that trackers know by it;
    ``years``: those whose holidays matter, the ones around now. Its people are still to be ``told_apart``.
    """
    settings = config.releases[release_id]
    zone = settings.timezone
    tracker, key = launch_address(config, release_id)
    due = launch.due if launch else None
    return Release(
        id=release_id,
        name=release_name(settings, release_id, launch),
        zone=zone,
        gates=tuple(_gates(config, settings, leads, accounts)),
        target=instant(settings.target or due, zone),
        expect_by=instant(settings.expect_by, zone),
        freeze=instant(settings.freeze, zone, end_of_day=False),
        holidays=days_off(settings.holidays or config.holidays, years),
        managers=_managers(config, settings, launch, accounts),
        timing=Timing(**dict(settings.timing)),
        launch_key=launch.key if launch else key,
        launch_url=launch.url if launch else "",
        never_items=frozenset({(tracker, launch.id)} if launch else ()),
        found=frozenset(settings.scope.found),
        people=tuple(person(config, who, accounts) for who in config.people),
        launch_status=launch.status if launch else "",
        launch_is_over=launch is not None and launch.is_over,
        target_from="the file" if settings.target else "the launch issue",
        kinds={name: known_kind.kind.capitalize() for name, known_kind in config.trackers.items()},
    )


def release_name(settings: ReleaseSettings, release_id: str, launch: Launch | None) -> str:
    return settings.name or (launch.title.strip() if launch else "") or release_id


def launch_address(config: Config, release_id: str) -> tuple[str, str]:
    """Tracker and key of the launch issue."""
    tracker, key = split(config.releases[release_id].launch, config.trackers)
    return tracker or "", key


def emails(config: Config, release_id: str) -> frozenset[str]:
    """The e-mails, in small letters, whose accounts are looked up before the release is resolved."""
    settings = config.releases[release_id]
    said = list(settings.manager or [])
    for gate in settings.gates.values():
        said += gate.owner or [] if gate else []
    people = (config.people[who].email if who in config.people else who for who in said)
    return frozenset(email.lower() for email in people if email and email_like(email))


def _managers(
    config: Config, settings: ReleaseSettings, launch: Launch | None, accounts: Accounts
) -> tuple[Person, ...]:
    if settings.manager:
        return tuple(person(config, who, accounts) for who in settings.manager)
    return (of_account(launch.assignee),) if launch and launch.assignee else ()


def _gates(
    config: Config, settings: ReleaseSettings, leads: Mapping[str, Account], accounts: Accounts
) -> Iterable[Gate]:
    for name, gate in settings.gates.items():
        if gate:
            said = tuple(person(config, who, accounts) for who in gate.owner or [])
            owners = said or ((of_account(leads[name]),) if name in leads else ())
            yield _gate(config, settings, name, gate, owners)
    for name, entry in CATALOGUE.items():
        if name not in settings.gates:
            yield Gate(id=name, name=entry.name, questions=entry.questions, required=False, ticketless=True, asked=True)


def _gate(config: Config, settings: ReleaseSettings, name: str, gate: GateSettings, owners: tuple[Person, ...]) -> Gate:
    entry = known(name)
    ticket = None if isinstance(gate.sign_off, bool) else gate.sign_off
    return Gate(
        id=name,
        name=gate.name or entry.name,
        questions=entry.questions if gate.questions is None else tuple(gate.questions),
        owners=owners,
        required=gate.mode == "required",
        after=tuple(gate.after),
        due=instant(gate.due, settings.timezone),
        expect=gate.expect,
        ticketless=not gate.items,
        blockers=_blockers(gate),
        sign_off=gate.sign_off is not False,
        sign_off_key=split(ticket.item, config.trackers)[1] if ticket else None,
        confidential=gate.confidential,
        contact=_contact(config, gate),
    )


def _blockers(gate: GateSettings) -> Blockers:
    said = gate.blockers
    return Blockers(
        priority=PRIORITIES[said.priority] if said.priority else None,
        labels=frozenset(said.labels),
        types=frozenset(said.types),
    )


def _contact(config: Config, gate: GateSettings) -> str:
    """Who can restore sight of the trackers that the gate reads, by the names of people."""
    said = (config.trackers[name].contact for name in read_by(gate, config.trackers))
    names = (person(config, who, {}).name for who in said if who)
    return ", ".join(dict.fromkeys(names))
