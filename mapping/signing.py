"""Which signatures stand: bound to what was signed, not expired, not void; readiness.md §5.

A signature is bound at the first judgement that could read everything, to the digest of what it then saw, and is void
for good once that differs, or when an item had moved after the signature's own time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mapping.calendar import utc, written
from mapping.item import Item
from mapping.record import Signature

if TYPE_CHECKING:
    from mapping.gate import Gate, Release
    from mapping.timing import Timeline

VOID = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOff:
    """``standing`` are the signatures that count, newest first; ``lapse`` says why none does, "" when one does.

    ``bound`` is for the memory. ``contradicted`` are those void because the facts moved on, and not yet repeated.
    """

    needed: bool
    standing: tuple[Signature, ...] = ()
    lapse: str = ""
    bound: dict[str, str] = field(default_factory=dict)
    contradicted: tuple[Signature, ...] = ()

    @property
    def given(self) -> bool:
        return not self.needed or bool(self.standing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What there is to sign: the blocking items and the digest of the material facts; ``legible`` when all was read."""

    blockers: Sequence[Item]
    digest: str
    legible: bool


def sign_off(
    gate: Gate, said: Sequence[Signature], facts: Signed, past: Mapping[str, str], release: Release, timeline: Timeline
) -> SignOff:
    """``said`` are the ready votes that nobody took back, oldest first; ``past`` is what was bound before."""
    newly = {_name(s): _bound(s, past.get(_name(s)), facts) for s in said}
    bound = {**past, **{name: digest for name, digest in newly.items() if digest is not None}}
    intact = [s for s in said if _is_intact(s, newly[_name(s)], facts)]
    standing = tuple(s for s in reversed(intact) if s.expires_at is not None and not timeline.passed(s.expires_at))
    voided = tuple(s for s in said if s not in intact)
    return SignOff(
        needed=gate.sign_off or gate.ticketless,
        standing=standing,
        lapse="" if standing else _lapse(said, intact, release),
        bound=bound,
        contradicted=() if standing else voided,
    )


def _bound(signature: Signature, before: str | None, facts: Signed) -> str | None:
    """The digest that it is bound to after this judgement; None while there was nothing to bind it to."""
    if before == VOID or not facts.legible:
        return before
    if before is None:
        return VOID if _is_outrun(signature, facts.blockers) else facts.digest
    return before if before == facts.digest else VOID


def _is_intact(signature: Signature, bound: str | None, facts: Signed) -> bool:
    return bound != VOID and (bound is not None or not _is_outrun(signature, facts.blockers))


def _name(signature: Signature) -> str:
    return f"{signature.id} {signature.by} {utc(signature.at).isoformat()}"


def _is_outrun(signature: Signature, blockers: Sequence[Item]) -> bool:
    """Whether an item moved after it was signed. The ticket that it was signed with moves in signing."""
    at = utc(signature.at)
    times = [t for i in blockers if not _is_ticket_of(i, signature) for t in (i.moved_at or i.updated, i.created)]
    return any(t is not None and utc(t) > at for t in times)


def _is_ticket_of(item: Item, signature: Signature) -> bool:
    return item.key == signature.key and signature.url in ("", item.url)


def _lapse(said: Sequence[Signature], intact: Sequence[Signature], release: Release) -> str:
    if not said:
        return "nobody has signed"
    if not intact:
        return f"what {said[-1].by} signed on {written(said[-1].at, release.zone)} has changed since"
    last = intact[-1]
    ended = f" on {written(last.expires_at, release.zone)}" if last.expires_at else ""
    return f"the signature of {last.by} ended{ended}"
