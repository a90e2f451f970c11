"""Gather what the rules need of one release: all that the store holds of it, and the release as the file has it now.

It asks no tracker and keeps nothing. Called before judging.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from config import questions
from config.resolve import release as resolved
from config.resolve import release_name
from mapping.amend import amended, targets_of
from mapping.baseline import known_in
from mapping.exhibit import Given
from mapping.item import Ticket
from mapping.person import renamed, told_apart
from mapping.record import Record, Signature
from mapping.sight import STRAYS
from mapping.signal import signature
from mapping.standing import standing
from mapping.timing import Timeline
from syncd import reopening, strays
from syncd.asked import tickets
from syncd.kept import Kept, kept_from
from syncd.sights import sights_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from config.persons import Accounts
    from config.schema import Config
    from mapping.gate import Release
    from mapping.item import Item
    from mapping.memory import Memory
    from syncd.facts import Facts
    from syncd.store.store import Store
    from syncd.wanted import Questions


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """``given`` is for the rules, ``kept`` what was kept of the last judgement and still fits."""

    given: Given
    kept: Kept

    @property
    def present(self) -> Release:
        """The release as people changed it since."""
        return _present(self.given.configuration, self.given.records, self.kept, self.given.now)


def gathered(asked: Questions, release_id: str, facts: Facts, store: Store, now: datetime) -> Gathered:
    """The release as the store knows it now. Raises StoreError."""
    known, config = store.judgement(release_id), asked.config
    kept = kept_from(known.memory if known else None)
    kept = kept.fitting(asked.gates(release_id, facts), tickets(config, release_id))
    accounts = facts.accounts(release_id)
    release = _release(config, release_id, facts, accounts, store, now)
    records = renamed(store.records(release_id), release, accounts)
    signatures = _signatures(config, _present(release, records, kept, now), facts, kept, records)
    items = store.items(release_id)
    gone = _gone(kept.memory, items)
    found, looked = strays.found_by(config, release_id, store)
    given = Given(
        items={**items, STRAYS: found} if found else items,
        records=[*(it for it in records if not _is_of_ticket(it)), *renamed(signatures.values(), release, accounts)],
        health=sights_of(asked, facts, release_id, store) | ({STRAYS: looked} if looked else {}),
        configuration=replace(
            release, shared=_shared(config, release_id, facts, store, gone), movers=reopening.movers(known, store)
        ),
        memory=kept.memory,
        now=now,
    )
    kept = replace(kept, signatures=signatures, configuration=asked.whole(release_id))
    return Gathered(given=given, kept=kept)


def _is_of_ticket(record: Record) -> bool:
    """Whether a sign-off ticket said it. Those stand as the tickets stand now: the store keeps what was taken back."""
    return isinstance(record, Signature) and bool(record.key)


def _present(release: Release, records: Sequence[Record], kept: Kept, now: datetime) -> Release:
    said = standing(records)
    return amended(release, said, targets_of(kept.memory.targets, release, said, now), Timeline(now))


def _release(config: Config, release_id: str, facts: Facts, accounts: Accounts, store: Store, now: datetime) -> Release:
    years = range(now.year - 1, now.year + 3)
    untold = facts.untold(release_id)
    launch, leads = facts.launch(release_id), facts.leads(release_id)
    healths = facts.healths(release_id)
    strangers = facts.strangers(release_id, questions.summary_tracker(config, release_id))
    said = resolved(config, release_id, launch=launch, leads=leads, accounts=accounts, years=years)
    release = told_apart(said, strangers)
    summary = store.summary(release_id)
    own = frozenset({(summary.mark.tracker, summary.ref.id)} if summary and summary.ref else ())
    return replace(
        release,
        gates=tuple(
            replace(gate, owner_untold=gate.id in untold, healths=healths.get(gate.id, ())) for gate in release.gates
        ),
        never_items=release.never_items | own,
        quiet=not (summary and summary.accepted and summary.accepted.loud),
    )


def _shared(
    config: Config, release_id: str, facts: Facts, store: Store, gone: Mapping[str, Collection[str]]
) -> dict[tuple[str, str], tuple[str, ...]]:
    """Item → the names of the other releases that it is in."""
    names = {other: release_name(said, other, facts.launch(other)) for other, said in config.releases.items()}
    found = store.shared(release_id, gone)
    return {ref: tuple(sorted(names.get(other, other) for other in others)) for ref, others in found.items()}


def _gone(memory: Memory, items: Mapping[str, Sequence[Item]]) -> dict[str, set[str]]:
    """Tracker → the ids of what was in scope at the freeze and is in no gate now: perhaps another release has it."""
    present = {item.ref for found in items.values() for item in found}
    gone: dict[str, set[str]] = {}
    for name in known_in(gate.baseline for gate in memory.gates.values()):
        tracker, _, item_id = name.partition(" ")
        if (tracker, item_id) not in present:
            gone.setdefault(tracker, set()).add(item_id)
    return gone


def _signatures(
    config: Config, release: Release, facts: Facts, kept: Kept, records: Iterable[Record]
) -> dict[str, Signature]:
    """Gate id → the signature in force by its ticket. One that was kept stays as it was made, its end included; a
    ticket that could not be read now says what it said last.
    """
    first = {record.id: record for record in records if isinstance(record, Signature)}
    wanted = questions.sign_off_tickets(config, release.id)
    gates = {gate.id: gate for gate in release.gates}
    told = {gate: fact.content for gate, fact in facts.tickets(release.id).items() if not fact.problem}
    read = {gate: it for gate, it in told.items() if isinstance(it, Ticket)}
    said = {}
    for gate, ticket in read.items():
        signed = signature(gates[gate], ticket, wanted[gate].status, release)
        if signed is not None:
            said[gate] = signed
    now = {gate: first.get(signed.id, signed) for gate, signed in said.items()}
    before = {gate: signed for gate, signed in kept.signatures.items() if gate in wanted.keys() - read.keys()}
    return {**before, **now}
