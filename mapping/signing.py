"""Which signatures stand: bound to what was signed, not expired, not void; readiness.md §5.

A signature is bound at the first judgement on readings that began after it and could read everything, upstream
included, to the digest of what it then saw. It is void for good once that differs, or when an item moved, joined or
was dropped since the signature's own time, though it be as it was again; the move counts before it is bound, too. Of
each person only the newest counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from mapping.calendar import utc
from mapping.criteria import item_name
from mapping.finding import told
from mapping.item import Item, Progress
from mapping.person import same_person
from mapping.record import Signature
from mapping.said import name_of

if TYPE_CHECKING:
    from mapping.gate import Gate, Release
    from mapping.timing import Timeline

VOID = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOff:
    """``standing`` are the signatures that count, newest first; ``lapse`` says why none does, "" when one does.

    ``bound`` is for the memory. ``contradicted`` are those void because the facts moved on, and not yet repeated.
    ``too_late``: the last one was made when the target had passed for good, and nobody has set a new one.
    """

    needed: bool
    standing: tuple[Signature, ...] = ()
    lapse: str = ""
    bound: dict[str, str] = field(default_factory=dict)
    contradicted: tuple[Signature, ...] = ()
    too_late: bool = False

    @property
    def given(self) -> bool:
        return not self.needed or bool(self.standing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What there is to sign: the blocking items and the digest of the material facts.

    ``legible`` when all of the gate was read, ``told`` when all hand-offs to it can be told. ``read_at`` is when the
    oldest of the readings began, None where nothing is read. ``seen`` is the memory's: what there was when all of it
    was last read, at ``seen_at``.
    """

    blockers: Sequence[Item]
    digest: str
    legible: bool
    told: bool = True
    read_at: datetime | None = None
    seen: Mapping[str, str] = field(default_factory=dict)
    seen_at: datetime | None = None


def sign_off(
    gate: Gate, said: Sequence[Signature], facts: Signed, past: Mapping[str, str], release: Release, timeline: Timeline
) -> SignOff:
    """``said`` are the ready votes that nobody took back, oldest first; ``past`` is what was bound before."""
    newest = [s for n, s in enumerate(said) if not any(same_person(release, s.by, t.by) for t in said[n + 1 :])]
    newly = {name_of(s): _bound(s, past.get(name_of(s)), facts) if s in newest else VOID for s in said}
    bound = {**past, **{name: digest for name, digest in newly.items() if digest is not None}}
    intact = [s for s in newest if _is_intact(s, newly[name_of(s)], facts)]
    standing = tuple(s for s in reversed(intact) if s.expires_at is not None and not timeline.passed(s.expires_at))
    too_late = not standing and bool(intact) and _is_too_late(intact[-1], release, timeline)
    return SignOff(
        needed=gate.sign_off or gate.ticketless,
        standing=standing,
        lapse="" if standing else _lapse(newest, intact, release, too_late=too_late),
        bound=bound,
        contradicted=() if standing else tuple(s for s in newest if s not in intact),
        too_late=too_late,
    )


def _bound(signature: Signature, before: str | None, facts: Signed) -> str | None:
    """The digest that it is bound to after this judgement; None while there was nothing to bind it to."""
    if before == VOID or not facts.legible:
        return before
    if before is None:
        if _is_unlike_seen(signature, facts):
            return VOID
        if not facts.told or (facts.read_at is not None and facts.read_at < utc(signature.at)):
            return None
        return VOID if _is_outrun(signature, facts.blockers) else facts.digest
    return before if before == facts.digest and not _is_passed_over(signature, facts.blockers) else VOID


def _is_passed_over(signature: Signature, blockers: Sequence[Item]) -> bool:
    """Whether an item is known to have moved since, be it back to where it was: nobody signed what happened between."""
    others = [item for item in blockers if item.live and not _is_ticket_of(item, signature)]
    return any(item.moved_at is not None and utc(item.moved_at) >= utc(signature.at) for item in others)


def _is_intact(signature: Signature, bound: str | None, facts: Signed) -> bool:
    return bound != VOID and (bound is not None or not _is_outrun(signature, facts.blockers))


def _is_outrun(signature: Signature, blockers: Sequence[Item]) -> bool:
    """Whether an item moved since it was signed, or may have: one that tells no time at all proves nothing. The ticket
    that it was signed with moves in signing.
    """
    at = utc(signature.at)
    others = [item for item in blockers if not _is_ticket_of(item, signature)]
    moved = [item.moved_at or item.updated for item in others]
    made = [item.created for item in others if item.created is not None]
    return None in moved or any(t is not None and utc(t) >= at for t in (*moved, *made))


def _is_unlike_seen(signature: Signature, facts: Signed) -> bool:
    """Whether an item left the gate, joined it, or was dropped without a move, after what its owner could see, and may
    have done so since it was signed. None of that shows in when the item last moved.
    """
    if not facts.seen:
        return False
    if facts.seen.keys() - {item_name(item) for item in facts.blockers}:
        return True
    others = [item for item in facts.blockers if not _is_ticket_of(item, signature)]
    return any(_is_new(item, facts.seen) and _is_late(item, signature, facts.seen_at) for item in others)


def _is_new(item: Item, seen: Mapping[str, str]) -> bool:
    before = seen.get(item_name(item))
    return before is None or (item.progress is Progress.DROPPED and before != Progress.DROPPED)


def _is_late(item: Item, signature: Signature, seen_at: datetime | None) -> bool:
    """Whether that may have been after it was signed. Where nothing of the item changed since it was last not there, it
    was its parent that moved, and nobody tells when.
    """
    if item.updated is None or utc(item.updated) >= utc(signature.at):
        return True
    return seen_at is not None and utc(item.updated) < utc(seen_at)


def _is_ticket_of(item: Item, signature: Signature) -> bool:
    return item.key == signature.key and signature.url in ("", item.url)


def _is_too_late(signature: Signature, release: Release, timeline: Timeline) -> bool:
    ended = signature.expires_at is not None and utc(signature.expires_at) <= utc(signature.at)
    return ended and release.target is not None and timeline.passed(release.target)


def _lapse(said: Sequence[Signature], intact: Sequence[Signature], release: Release, *, too_late: bool) -> str:
    if not said:
        return "nobody has signed"
    if not intact:
        return f"what {said[-1].by} signed on {told(said[-1].at, release)} has changed since"
    last = intact[-1]
    if too_late:
        return f"{last.by} signed, but the target has passed: set a new one"
    ended = f" on {told(last.expires_at, release)}" if last.expires_at else ""
    return f"the signature of {last.by} ended{ended}"
