"""How well each gate of a release is seen: what the store holds of the readings, and of everything else it rests on.

Called by ``gathering``. It asks no tracker: what was not read is a sight with its problem.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mapping.sight import TALK, Sight

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncd.facts import Facts
    from syncd.store.model import Fact, SummaryState
    from syncd.store.store import Store
    from syncd.wanted import Questions


def sights_of(asked: Questions, facts: Facts, release: str, store: Store) -> dict[str, Sequence[Sight]]:
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
    tickets = [(gate, fact, "the sign-off ticket") for gate, fact in facts.tickets(release).items()]
    tickets += [(gate, it, "what is said on the sign-off ticket") for gate, it in facts.ticket_talks(release).items()]
    for gate, fact, what in tickets:
        cloud = _cloud(fact, what)
        if cloud is not None:
            sights[gate] = (*sights.get(gate, ()), cloud)
    talk = _talked(facts.talk(release), store.summary(release))
    return sights | ({TALK: (talk,)} if talk else {})


def _talked(fact: Fact | None, summary: SummaryState | None) -> Sight | None:
    """How well we know what people say on the summary issue, None while there is none. One that was just written holds
    nothing yet that its tracker would have to be asked for.
    """
    if fact is not None:
        return Sight(tracker=fact.tracker, observed_at=fact.read_at, problem=fact.problem, refused=fact.refused)
    if summary is None or summary.ref is None:
        return None
    return Sight(tracker=summary.mark.tracker, observed_at=summary.accepted.at if summary.accepted else None)


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
