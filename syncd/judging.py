"""Judge one release on what the store holds: gather what the rules need, keep what they give back.

Called by the pass after every tracker was pulled and saved. The rules themselves are ``mapping.judge``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from config import questions
from config.resolve import emails, launch_address
from config.resolve import release as resolved
from connectors.errors import TrackerError
from mapping.judge import judge
from mapping.record import Record, Signature
from mapping.sight import Sight
from mapping.signal import signature
from syncd import asked
from syncd.kept import kept_text
from syncd.visit import refused, sentence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from config.schema import Config
    from mapping.gate import Release
    from mapping.item import Account, Ticket
    from mapping.readiness import Readiness
    from syncd.pull import Pulled
    from syncd.start import Start
    from syncd.store.store import Store
    from syncd.visit import Visit

Accounts = dict[str, list["Account"]]


def judged(
    config: Config,
    begun: Start,
    pulled: Sequence[Pulled],
    visits: Mapping[str, Visit],
    store: Store,
    now: datetime,
) -> tuple[Release, Readiness]:
    """``pulled``: what every tracker of the pass gave."""
    tickets = {part[1]: it for each in pulled for part, it in each.tickets.items() if part[0] == begun.release}
    release = _resolved(config, begun, _accounts(config, begun.release, tickets, visits), now)
    summary = store.summary(release.id)
    own = frozenset({(summary.mark.tracker, summary.ref.id)} if summary and summary.ref else ())
    quiet = not (summary and summary.accepted and summary.accepted.loud)
    gates = tuple(replace(gate, owner_untold=gate.id in begun.untold) for gate in release.gates)
    release = replace(release, gates=gates, never_items=release.never_items | own, quiet=quiet)
    signatures = _signatures(config, begun, release, tickets, store)
    readiness, memory, wake_at = judge(
        store.items(release.id),
        _records(store, release.id, signatures),
        _health(config, begun, release, store),
        release,
        begun.kept.memory,
        now,
    )
    kept = replace(
        begun.kept,
        memory=memory,
        signatures=signatures,
        ways=begun.kept.ways | _ways(begun.release, pulled),
        configuration=asked.whole(config, begun.release),
    )
    store.keep_judgement(release.id, memory=kept_text(kept), readiness=readiness, wake_at=wake_at, judged_at=now)
    return release, readiness


def _ways(release: str, pulled: Sequence[Pulled]) -> dict[str, frozenset[str]]:
    return {
        f"{part[1]} {each.wanted.tracker}": ways
        for each in pulled
        for part, ways in each.ways.items()
        if part[0] == release
    }


def _resolved(config: Config, begun: Start, accounts: Accounts, now: datetime) -> Release:
    years = range(now.year - 1, now.year + 3)
    kept = begun.kept
    return resolved(config, begun.release, launch=kept.launch, leads=kept.leads, accounts=accounts, years=years)


def _accounts(config: Config, release: str, tickets: Mapping[str, Ticket], visits: Mapping[str, Visit]) -> Accounts:
    """E-mail → accounts, asked for only where a sign-off ticket was moved by an account that hides its e-mail."""
    trackers = {
        ticket.item.tracker
        for ticket in tickets.values()
        if any(move.by is not None and move.by.email is None for move in ticket.moves)
    }
    found: Accounts = {}
    for tracker in sorted(trackers):
        for email in sorted(emails(config, release)):
            found.setdefault(email, []).extend(_known_as(visits[tracker], email))
    return found


def _known_as(visit: Visit, email: str) -> list[Account]:
    try:
        account = visit.ask(lambda source: source.person(email))
    except TrackerError:
        return []
    return [account] if account else []


def _signatures(
    config: Config, begun: Start, release: Release, tickets: Mapping[str, Ticket], store: Store
) -> dict[str, Signature]:
    """Gate id → the signature in force by its ticket. One that was kept stays as it was made, its end included; a
    ticket that could not be read now says what it said last.
    """
    wanted = questions.sign_off_tickets(config, begun.release)
    gates = {gate.id: gate for gate in release.gates}
    said = {}
    for gate, ticket in tickets.items():
        signed = signature(gates[gate], ticket, wanted[gate].status, release)
        if signed is not None:
            said[gate] = signed
    store.keep_records(release.id, said.values())
    first = {record.id: record for record in store.records(release.id) if isinstance(record, Signature)}
    now = {gate: first.get(signed.id, signed) for gate, signed in said.items()}
    before = {gate: signed for gate, signed in begun.kept.signatures.items() if gate in wanted.keys() - tickets.keys()}
    return {**before, **now}


def _records(store: Store, release: str, signatures: Mapping[str, Signature]) -> list[Record]:
    """Signatures by ticket as they stand now: the store keeps those that were taken back, too."""
    others = [record for record in store.records(release) if not isinstance(record, Signature)]
    return [*others, *signatures.values()]


def _health(config: Config, begun: Start, release: Release, store: Store) -> dict[str, Sequence[Sight]]:
    """Each gate's sights. A launch issue that could not be read now clouds every gate that reads something: what was
    kept may be old.
    """
    sights: Mapping[str, Sequence[Sight]] = store.sights(release.id)
    if begun.error is None:
        return dict(sights)
    cloud = Sight(
        tracker=launch_address(config, release.id)[0],
        observed_at=begun.kept.launch_at,
        complete_at=begun.kept.launch_at,
        problem=f"the launch issue cannot be read: {sentence(begun.error)}",
        refused=refused(begun.error),
    )
    return {gate: (*seen, cloud) for gate, seen in sights.items()}
