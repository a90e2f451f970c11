"""Make the summary issue agree with the judged release: find or create it once, update it when due.

Called by the pass (``reconcile``) with one release's writer. Decides by digests, never by comparing texts, since
trackers rewrite what they store. Safe to kill at any line: the next pass repairs (sync.md §2).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from config import questions
from connectors.base import Held, Launch, Ref, Summary, SummarySettings, Written
from connectors.errors import FullError, LostAnswerError, PermanentError, TemporaryError, TrackerError
from mapping.document import NOTES_HEADING, Text
from syncd.draft import Draft
from syncd.store.model import FROM_THE_FIRST, Accepted, Heard, Mark, Notice, SummaryState
from syncd.store.store import Store

if TYPE_CHECKING:
    from config.schema import Config

POLL_S = 5.0
"""How often an issue is looked for whose creation was lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """``kind``: created, updated, renewed or unchanged. ``remarks``: what the tracker refused beside the write.
    ``problems``: what a person must mend, for the summary does not stand where it should (its link, its status).
    """

    kind: str
    ref: Ref
    remarks: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scribe:
    """Writes one release's summary issue. ``settles_s`` is how long the tracker's index may miss a new issue.
    ``foreign`` tells whose an issue is that must never be written, "" when it may be. ``renew`` raises TemporaryError
    when the right to write has run out. ``news``: what is to be posted once the page is accepted.
    """

    writer: Summary
    store: Store
    settings: SummarySettings
    mark: Mark
    draft: Draft
    settles_s: float
    foreign: Callable[[Ref], str]
    renew: Callable[[], None]
    now: Callable[[], datetime]
    wait: Callable[[float], None]
    news: Sequence[Notice] = ()

    @property
    def release(self) -> str:
        return self.draft.readiness.release

    def write(self) -> Outcome:
        """Bring the summary issue up to date.

        Raises TrackerError when it cannot be done; MissingError when the issue that we made is gone (it is never made
        again without a person's word).
        """
        known = self.store.summary(self.release)
        ref = self._stored(known) or self._found(known)
        if ref is None:
            return self._finished("created", self._created(), None)
        self._check_ours(ref)
        held = self.writer.read(ref)
        if held.ref != ref:  # it was moved
            self.store.created(self._mark, held.ref)
        kind = due(known, held, self.draft, self.now())
        if kind == "unchanged":
            return self._finished(kind, Written(ref=held.ref), held)
        return self._finished(kind, self._updated(held, quiet=kind == "renewed"), held)

    def _stored(self, known: SummaryState | None) -> Ref | None:
        """The issue that we know, unless the configuration names another one. Raises PermanentError when it was made
        for another launch issue or at another address: its id may be anybody's here.
        """
        if known is None or known.ref is None:
            return None
        if self.settings.issue is not None:
            return known.ref if (known.mark, known.ref.key) == (self.mark, self.settings.issue) else None
        if (known.mark.tracker, known.mark.text) == (self.mark.tracker, self.mark.text):
            return known.ref
        said = (
            f"{known.ref.key} was made as the summary of {self.release} for another launch issue or at another address"
        )
        hint = "to go on with it, name it: summary: {issue: KEY}; for a new one, give the release another id"
        raise PermanentError(self.writer.name, said, hint)

    def _check_ours(self, ref: Ref) -> None:
        whose = self.foreign(ref)
        if whose:
            said = f"{ref.key} is {whose}, so it is not written"
            raise PermanentError(self.writer.name, said, "name another issue, or none, as summary: {issue: KEY}")

    def _found(self, known: SummaryState | None) -> Ref | None:
        """Look for an issue that carries our mark: after a lost store, and after a creation whose answer was lost,
        where the tracker's index gets its time before anybody may conclude that there is none.
        """
        until = self.now()  # not from the intent's time: a clock may have been set since
        if known and known.intent_at:
            until += timedelta(seconds=self.settles_s)
        ref = self.writer.find()
        while ref is None and self.now() < until:
            self.wait(min(POLL_S, (until - self.now()).total_seconds()))
            ref = self.writer.find()
        if ref is not None:
            self._check_ours(ref)
            self.store.created(self._mark, ref)
        return ref

    @property
    def _mark(self) -> Mark:
        """With the generation of the issue that was found: a lost store knows of the first one only."""
        return replace(self.mark, generation=self.writer.generation)

    def _created(self) -> Written:
        self.renew()
        self.store.intend(self.mark, self.now())
        try:
            written = self.writer.create(self.draft.reports)
        except LostAnswerError as lost:
            hint = "run again: the next pass looks for the issue before it creates one"
            raise LostAnswerError(lost.source, f"the answer to the create was lost ({lost.message})", hint) from lost
        except TrackerError:
            self.store.forget_intent(self.release)
            raise
        self.store.created(self.mark, written.ref)
        self.store.hear(self.release, Heard(names={(self.mark.tracker, written.ref.id, ""): FROM_THE_FIRST}))
        return written

    def _updated(self, held: Held, *, quiet: bool) -> Written:
        """Write over what is held. A lost answer is settled by reading: when the digest that we sent is there, it was
        accepted.
        """
        if held.notes is None:
            self._say_that_notes_are_lost(held)
        self.renew()
        try:
            return self.writer.update(held, self.draft.reports, quiet=quiet)
        except TemporaryError:
            now_held = self.writer.read(held.ref)
            if now_held.digest != self.draft.digest or now_held.digest == held.digest:
                raise
            known = self.store.summary(self.release)
            return Written(ref=now_held.ref, loud=bool(known and known.accepted and known.accepted.loud))

    def _say_that_notes_are_lost(self, held: Held) -> None:
        said = (
            f'syncd cannot tell the notes in {held.ref.key} from its own text: the heading "{NOTES_HEADING}" '
            "is missing or stands there twice. The text is left as it is and is out of date."
        )
        hint = "put that heading on a line of its own, once, above the notes"
        known = self.store.summary(self.release)
        if known is None or known.complaint != said:
            self.renew()
            self.store.complained(self.release, said)
            name = hashlib.sha256(f"{self.now().isoformat()} {said}".encode()).hexdigest()
            with suppress(FullError):
                self.writer.comment(held.ref, [(Text(f"{said} To mend it, {hint}."),)], name)
        raise PermanentError(self.writer.name, said, hint)

    def _finished(self, kind: str, written: Written, held: Held | None) -> Outcome:
        """Put the issue where it should stand and remember, last of all, that the write was accepted."""
        problems, refused = self._placed(written.ref, held)
        if kind != "unchanged":
            self.store.accepted(self.release, self._acceptance(written), self.news)
        remarks = [*written.remarks, *refused]
        if written.shrunk:
            remarks.append(f"{written.ref.key} holds a shortened page, for the full one is too long for its tracker")
        if not self.settings.launch_key:
            remarks.append(self._unlinked)
        return Outcome(kind=kind, ref=written.ref, remarks=tuple(remarks), problems=problems)

    @property
    def _unlinked(self) -> str:
        launch = self.draft.readiness.launch_key
        return f"the launch issue {launch} lives in another tracker, so no link of {self.writer.name} can block it"

    def _acceptance(self, written: Written) -> Accepted:
        readiness = self.draft.readiness
        return Accepted(
            digest=self.draft.digest,
            at=readiness.computed_at,
            valid_until=readiness.valid_until,
            verdict=readiness.verdict.value,
            remarks=written.remarks,
            loud=written.loud,
            text=self.draft.text,
        )

    def _placed(self, ref: Ref, held: Held | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Link the summary to the launch issue and put it into the draft's status, where it is not so already. What was
        refused: (what a person must mend, what an issue that is full has no room for).
        """
        refused: list[PermanentError] = []
        launch, status = self.settings.launch_key, self.draft.status
        if launch and (held is None or launch not in held.blocks):
            self.renew()
            refused += _refusal(lambda: self.writer.block(ref, launch))
        if status and (held is None or held.status != status):
            self.renew()
            refused += _refusal(lambda: self.writer.move(ref, status))
        full = tuple(str(error) for error in refused if isinstance(error, FullError))
        return tuple(str(error) for error in refused if not isinstance(error, FullError)), full


def settings_of(
    config: Config, release: str, launch: Launch | None, known: SummaryState | None
) -> SummarySettings | None:
    """Where the release's present summary lives: of the generation that the store knows. None as in ``questions``."""
    generation = known.mark.generation if known else 0
    return questions.summary_settings(config, release, launch, generation)


def due_at(known: SummaryState | None, draft: Draft, now: datetime, interval: timedelta) -> datetime | None:
    """When the issue must next be visited for what we want to say: ``now`` when that is overdue, None for never.

    Whatever changes within ``interval`` of the last write is written together when it is over. A fall from launchable
    waits for that, too: ``status`` and the pages that are made here tell it at once, and no gate may have risen since.
    A shorter lease is said as soon as that; a longer one when half of the promised one is gone, if there is a longer
    one to offer: without a new reading there is none.
    """
    accepted = known.accepted if known else None
    if accepted is None:
        return now
    set_back = accepted.at > now  # our clock was: no interval can be counted from that time
    free = now if set_back else max(now, accepted.at + interval)
    offered = draft.readiness.valid_until
    if accepted.digest != draft.digest or offered < accepted.valid_until:
        return free
    half = half_of(accepted)
    if now < half:
        return max(free, half)
    return free if offered > accepted.valid_until else None


def due(known: SummaryState | None, held: Held, draft: Draft, now: datetime) -> str:
    """Why the issue must be written: "updated", "renewed" (nothing but the lease), or "unchanged" when it need not.

    A lease is renewed when half of it is gone, and shortened as soon as the rules allow less than was promised.
    """
    accepted = known.accepted if known else None
    if accepted is None or accepted.digest != draft.digest or _is_touched(held, accepted):
        return "updated"
    if held.digest != accepted.digest and not (held.digest is None and accepted.remarks):
        return "updated"  # somebody else wrote; where the tracker refused the digest itself, ours must do
    offered = draft.readiness.valid_until
    renewable = now >= half_of(accepted) and offered > accepted.valid_until
    return "renewed" if renewable or offered < accepted.valid_until else "unchanged"


def half_of(accepted: Accepted) -> datetime:
    return accepted.at + (accepted.valid_until - accepted.at) / 2


def _is_touched(held: Held, accepted: Accepted) -> bool:
    """Whether somebody took our words away: the title that was accepted, with which the text that is kept begins, or
    all of our part. Of the title only letters and digits count, for a tracker may store it in its own way; the body is
    never compared.
    """
    return held.empty or not _letters(accepted.text).startswith(_letters(held.title))


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _refusal(act: Callable[[], None]) -> list[PermanentError]:
    try:
        act()
    except PermanentError as refused:
        return [refused]
    return []
