"""Judge one release on what the store holds: gather what the rules need, keep what they give back.

Asks no tracker: what was read is in the store, and what was not is a sight with its problem. The rules themselves are
``mapping.judge``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from config import questions
from config.resolve import release as resolved
from mapping.exhibit import Given
from mapping.gate import Release
from mapping.item import Ticket
from mapping.readiness import Readiness
from mapping.record import Record, Signature
from mapping.sight import Sight
from mapping.signal import signature
from syncd.asked import tickets
from syncd.evidence import take
from syncd.kept import Kept, kept_from, kept_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from config.schema import Config
    from syncd.facts import Facts
    from syncd.store.model import Fact
    from syncd.store.store import Store
    from syncd.wanted import Questions


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """``kept``, ``given`` and ``wake_at`` are for ``keep``."""

    release: Release
    readiness: Readiness
    kept: Kept
    given: Given
    wake_at: datetime | None


def judged(asked: Questions, release_id: str, facts: Facts, store: Store, now: datetime) -> Judged:
    """The release as the store knows it now, judged. Nothing of that is kept yet. Raises StoreError."""
    known = store.judgement(release_id)
    config = asked.config
    kept = kept_from(known.memory if known else None)
    kept = kept.fitting(asked.gates(release_id, facts), tickets(config, release_id))
    release = _release(config, release_id, facts, store, now)
    signatures = _signatures(config, release, facts, kept, store)
    given = Given(
        items=store.items(release_id),
        records=_records(store, release_id, signatures),
        health=_health(asked, facts, release_id, store),
        configuration=release,
        memory=kept.memory,
        now=now,
    )
    readiness, memory, wake_at = given.judged()
    kept = replace(kept, memory=memory, signatures=signatures, configuration=asked.whole(release_id))
    return Judged(release=release, readiness=readiness, kept=kept, given=given, wake_at=wake_at)


def keep(it: Judged, store: Store, touches: int) -> None:
    """``touches``: how often the release had been touched before anything of it was looked up."""
    take(store, it.given, (it.readiness, it.kept.memory, it.wake_at), it.kept.configuration)
    memory = kept_text(it.kept)
    store.keep_judgement(it.release.id, memory=memory, readiness=it.readiness, wake_at=it.wake_at, touches=touches)


def _release(config: Config, release_id: str, facts: Facts, store: Store, now: datetime) -> Release:
    years = range(now.year - 1, now.year + 3)
    told, untold = facts.accounts(release_id), facts.untold(release_id)
    launch, leads = facts.launch(release_id), facts.leads(release_id)
    release = resolved(config, release_id, launch=launch, leads=leads, accounts=told, years=years)
    summary = store.summary(release_id)
    own = frozenset({(summary.mark.tracker, summary.ref.id)} if summary and summary.ref else ())
    return replace(
        release,
        gates=tuple(replace(gate, owner_untold=gate.id in untold) for gate in release.gates),
        never_items=release.never_items | own,
        quiet=not (summary and summary.accepted and summary.accepted.loud),
    )


def _signatures(config: Config, release: Release, facts: Facts, kept: Kept, store: Store) -> dict[str, Signature]:
    """Gate id → the signature in force by its ticket. One that was kept stays as it was made, its end included; a
    ticket that could not be read now says what it said last.
    """
    wanted = questions.sign_off_tickets(config, release.id)
    gates = {gate.id: gate for gate in release.gates}
    told = {gate: fact.content for gate, fact in facts.tickets(release.id).items() if not fact.problem}
    read = {gate: it for gate, it in told.items() if isinstance(it, Ticket)}
    said = {}
    for gate, ticket in read.items():
        signed = signature(gates[gate], ticket, wanted[gate].status, release)
        if signed is not None:
            said[gate] = signed
    store.keep_records(release.id, said.values())
    first = {record.id: record for record in store.records(release.id) if isinstance(record, Signature)}
    now = {gate: first.get(signed.id, signed) for gate, signed in said.items()}
    before = {gate: signed for gate, signed in kept.signatures.items() if gate in wanted.keys() - read.keys()}
    return {**before, **now}


def _records(store: Store, release: str, signatures: Mapping[str, Signature]) -> list[Record]:
    """Signatures by ticket as they stand now: the store keeps those that were taken back, too."""
    others = [record for record in store.records(release) if not isinstance(record, Signature)]
    return [*others, *signatures.values()]


def _health(asked: Questions, facts: Facts, release: str, store: Store) -> dict[str, Sequence[Sight]]:
    """Each gate's sights; of what was never tried an empty one. The launch issue is one more of every gate that reads
    something, for its facts may be old, too; a sign-off ticket that could not be read is one of its gate.
    """
    known = store.sights(release)
    sights: dict[str, Sequence[Sight]] = dict(known)
    for _, gate, tracker in asked.places(release, facts):
        if all(sight.tracker != tracker for sight in known.get(gate, ())):
            sights[gate] = (*sights.get(gate, ()), Sight(tracker=tracker))
    launch = facts.launch_fact(release)
    sights = {gate: (*seen, _launched(launch, seen)) for gate, seen in sights.items()}
    for gate, fact in facts.tickets(release).items():
        ticket = _cloud(fact, "the sign-off ticket")
        if ticket is not None:
            sights[gate] = (*sights.get(gate, ()), ticket)
    return sights


def _launched(fact: Fact, others: Sequence[Sight]) -> Sight:
    """The sight of the launch issue. It is no item, so it adds nothing to when a gate was read completely."""
    cloud = _cloud(fact, "the launch issue")
    if cloud is not None:
        return cloud
    times = [sight.complete_at for sight in others if sight.complete_at is not None]
    return Sight(tracker=fact.tracker, observed_at=fact.read_at, complete_at=max(times, default=None))


def _cloud(fact: Fact, what: str) -> Sight | None:
    if not fact.problem:
        return None
    return Sight(
        tracker=fact.tracker,
        observed_at=fact.read_at,
        complete_at=fact.read_at,
        problem=f"{what} {fact.name} cannot be read: {fact.problem}",
        refused=fact.refused,
    )
