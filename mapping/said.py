"""What people said about one gate, sorted out: the records that concern it.

Called by ``judge``. Whether somebody was allowed to say a thing is settled where records are collected, except for
what needs two people; that is looked at again here. With the right to say it goes the word that helps.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from mapping.calendar import shift, utc
from mapping.person import is_owner, same_person
from mapping.record import Acceptance, Admission, Attestation, Hold, NotNeeded, Record, Return, Signature, Waiver
from mapping.standing import is_later
from mapping.two_people import is_confirmed, waives

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mapping.gate import Gate, Release
    from mapping.timing import Timeline

LONGEST_ATTESTATION = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One gate's records that are in force at this moment, oldest first.

    ``wished``: an owner says that it is not needed, and no manager has agreed yet. ``against`` are the not-ready
    votes; ``proposed`` all waivers that were asked for, in force or not.
    """

    holds: tuple[Hold, ...] = ()
    wished: NotNeeded | None = None
    not_needed: NotNeeded | None = None
    signatures: tuple[Signature, ...] = ()
    against: tuple[Signature, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    proposed: tuple[Waiver, ...] = ()
    attestation: Attestation | None = None
    acceptances: tuple[Acceptance, ...] = ()
    returns: tuple[Return, ...] = ()
    admissions: tuple[Admission, ...] = ()


def said_about(
    gate: Gate, records: Sequence[Record], spent: frozenset[str], release: Release, timeline: Timeline
) -> Said:
    """``records`` as ``standing`` gives them, ``spent`` the waivers that are over for good.

    What helps counts once it was said; what hinders counts at once.
    """
    helping = [r for r in records if timeline.began(r.at)]
    words = [r for r in records if isinstance(r, Signature) and r.gate == gate.id]
    declared = [r for r in helping if isinstance(r, NotNeeded) and r.gate == gate.id and is_confirmed(r, release)]
    against = tuple(w for w in words if not w.ready and not _taken_back(w, gate, words, release, timeline))
    wished = [r for r in helping if isinstance(r, NotNeeded) and r.gate == gate.id and not is_confirmed(r, release)]
    vouched = [r for r in helping if isinstance(r, Attestation) and r.gate == gate.id and _vouches(r, gate, timeline)]
    waivers = [r for r in helping if isinstance(r, Waiver) and r.gate == gate.id]
    return Said(
        holds=tuple(r for r in records if isinstance(r, Hold) and r.gate == gate.id),
        wished=wished[-1] if wished and not _is_contested(wished[-1], against) else None,
        not_needed=declared[-1] if declared and not _is_contested(declared[-1], against) else None,
        signatures=tuple(w for w in words if is_owner(gate, w.by) and _stands(w, words, release, timeline)),
        against=against,
        waivers=tuple(w for w in waivers if name_of(w) not in spent and waives(w, release, timeline)),
        proposed=tuple(waivers),
        attestation=max(vouched, key=attested_until) if vouched else None,
        acceptances=tuple(r for r in helping if isinstance(r, Acceptance) and r.downstream == gate.id),
        returns=tuple(r for r in records if isinstance(r, Return) and r.downstream == gate.id),
        admissions=tuple(r for r in helping if isinstance(r, Admission) and r.gate == gate.id),
    )


def name_of(word: Signature | Waiver | Return) -> str:
    """Its name in the memory: ids alone may be given twice."""
    who = f"{word.speaker.tracker} {word.speaker.id}" if word.speaker else word.by
    return f"{word.id} {who} {utc(word.at).isoformat()}"


def attested_until(attestation: Attestation) -> datetime:
    """Its own end, 24 hours at most after it was made."""
    return min(utc(attestation.until), shift(attestation.at, LONGEST_ATTESTATION))


def _vouches(attestation: Attestation, gate: Gate, timeline: Timeline) -> bool:
    return is_owner(gate, attestation.by) and not timeline.passed(attested_until(attestation))


def _stands(yes: Signature, words: Sequence[Signature], release: Release, timeline: Timeline) -> bool:
    """Whether it is a yes, and the same person did not say no since, or in the same breath."""
    if not yes.ready or not timeline.began(yes.at):
        return False
    noes = (no for no in reversed(words) if not no.ready)
    return not any(not is_later(yes, no) and same_person(release, no.by, yes.by) for no in noes)


def _taken_back(no: Signature, gate: Gate, words: Sequence[Signature], release: Release, timeline: Timeline) -> bool:
    """By who said it; where that is no owner any more, by any who is."""
    later = (yes for yes in reversed(words) if yes.ready and is_later(yes, no) and timeline.began(yes.at))
    return any(
        same_person(release, no.by, yes.by) or (is_owner(gate, yes.by) and not is_owner(gate, no.by)) for yes in later
    )


def _is_contested(declared: NotNeeded, against: Sequence[Signature]) -> bool:
    """Whether an owner has said since that it is not ready: then it is needed after all."""
    return any(not is_later(declared, no) for no in against)
