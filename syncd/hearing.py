"""Hear what people say: new, edited and deleted comments become records, and answers where something was wrong.

Called under the right to settle a release, before it is judged. Each comment is taken once: its records, that it was
heard, and the answer are kept together. It asks no tracker; who may say what is ``mapping.authority``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from config import questions
from config.persons import called
from config.schema import Config
from mapping.authority import taken
from mapping.calendar import utc
from mapping.command import USAGE, Command, Mistake, Words, commands, sentence
from mapping.floor import Floor, Speech
from mapping.gate import Release
from mapping.person import everybody, person_of
from mapping.record import Absence, Answer, Ownership, Question, Record, Signature, TargetMove, Waiver, Withdrawal
from mapping.standing import standing
from mapping.talk import Talk
from syncd import judging
from syncd.answers import Complaint, answer
from syncd.comments import Place, Unheard, gone, talks_of, unheard
from syncd.evidence import take
from syncd.facts import Facts
from syncd.gathering import Gathered
from syncd.store.model import Heard, Notice
from syncd.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mapping.gate import Person
    from mapping.item import Account, Item
    from mapping.readiness import Readiness
    from mapping.sight import Sight

_OLD = timedelta(days=1)
_MOST = 1000
"""Commands of one comment that are taken."""
_OUTLIVING = frozenset({"hold", "unhold", "not-ready", "return", "deny", "no-go", "ready"})
"""What is taken though it was said before anybody listened: what hinders, and what took that back."""
_LAST_COUNTS = frozenset(
    {"hold", "unhold", "ready", "not-ready", "not-needed", "approve", "deny", "accept", "return", "owner"}
)
_DECISIONS = frozenset({"go", "no-go"})
_AMENDING = (Ownership, Absence, TargetMove, Withdrawal)


def hear(it: Gathered, config: Config, facts: Facts, store: Store) -> Gathered:
    """``it`` with what was said since. Raises StoreError."""
    heard = store.heard(it.given.configuration.id)
    talks = list(talks_of(it.given.configuration.id, facts))
    said = sorted(unheard(talks, heard), key=lambda each: (each.at, each.place))
    lost = list(gone(talks, heard))
    since = {
        (tracker, issue, ""): _since(heard.get((tracker, issue, "")), it.given.now) for tracker, issue, *_ in talks
    }
    if not said and not lost and since.keys() <= heard.keys():
        return it
    hearing = _Hearing(it=it, config=config, facts=facts, store=store, since=since)
    for place in lost:
        hearing.forget(place, heard[place])
    for each in said:
        hearing.take(each)
    store.hear(it.given.configuration.id, hearing.kept)
    return hearing.it


def _since(kept: str | None, now: datetime) -> datetime:
    """Since when an issue is listened to: from its first hearing on, where we did not make it ourselves."""
    return datetime.fromisoformat(kept) if kept else now


@dataclass(kw_only=True)
class _Hearing:
    it: Gathered
    config: Config
    facts: Facts
    store: Store
    since: Mapping[Place, datetime]
    names: dict[Place, str | None] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    present: Release = field(init=False)
    open_questions: list[Question] = field(init=False)
    floor: Floor | None = None

    def __post_init__(self) -> None:
        self.open_questions = self._open_questions()
        self.present = self.it.present
        self.names |= {issue: at.isoformat() for issue, at in self.since.items()}

    @property
    def kept(self) -> Heard:
        return Heard(names=self.names, records=tuple(self.records), notices=tuple(self.notices))

    def forget(self, place: Place, name: str) -> None:
        self.names[place] = None
        self._take_back(name, self.it.given.now)

    def take(self, said: Unheard) -> None:
        """One comment: what it took back, the questions that it answers, its commands, and what was wrong with them."""
        self.names[said.place] = said.name
        if said.old is not None:
            self._take_back(said.old, said.at)
        who = person_of(self.present, said.comment.by)
        if who is not None and said.ticket is None and not said.is_anothers:
            self._add(*self._answers(who, said))
        before = len(self.records)
        wrong = list(self._commands(who, said))
        if wrong and not (self._is_old(said) and said.at < self.it.given.now - _OLD):  # who asked that has moved on
            lines = answer(self._author(said), wrong, others=len(self.records) > before)
            asked_at = min(said.at, self.it.given.now)  # by a clock that may be ahead of ours
            self.notices.append(Notice(name=said.name, at=said.at, lines=lines, tried_at=asked_at))

    def _is_old(self, said: Unheard) -> bool:
        """Whether it was said before anybody listened, or before everything was lost that was known of it."""
        return said.at < self.since[said.issue]

    def _take_back(self, name: str, at: datetime) -> None:
        if any(record.id.startswith(f"{name}.") for record in self.it.given.records):
            self._add(Withdrawal(id=f"{name}.withdrawn", at=at, of=name))

    def _author(self, said: Unheard) -> Account:
        """For the answer, which stands on the summary: who wrote on a ticket elsewhere has another account there."""
        by = said.comment.by
        here = questions.summary_tracker(self.config, self.it.given.configuration.id)
        return by if said.place[0] == here else replace(by, id="")

    def _answers(self, who: Person, said: Unheard) -> Iterator[Answer]:
        to_them = [it for it in self.open_questions if it.whom == who.name and utc(it.at) < said.at]
        for number, asked in enumerate(to_them):
            answer_id, speaker = f"{said.name}.answer{number}", said.comment.by
            yield Answer(id=answer_id, by=who.name, at=said.at, question=asked.id, speaker=speaker)

    def _commands(self, who: Person | None, said: Unheard) -> Iterator[Complaint]:
        """Takes each command in turn, the next on what this one left; what was wrong with those that were not taken."""
        if not said.comment.lines:
            return
        words = words_of(self.present, self.config, self.it.given.records)
        decided = False
        for number, found in enumerate(_once(commands(said.comment.lines, words, said.at))):
            if isinstance(found, Mistake):
                wrong = sentence(found)
            else:
                decides = found.name in _DECISIONS
                why = _too_many(number, twice=decides and decided) or self._refusal(who, said, found, number)
                decided = decided or decides
                wrong = sentence(Mistake(said=found.said, why=why, usage=USAGE[found.name])) if why else ""
            if wrong and (who is not None or found.said.startswith("/")):
                yield Complaint(said=found.said, why=wrong)

    def _refusal(self, who: Person | None, said: Unheard, command: Command, number: int) -> str:
        if said.is_anothers:
            return "somebody else has edited this comment, so it is nobody's word; say it again"
        if who is None:
            return "this account is none of those that are named for this release; a release manager can name it"
        if self._is_old(said) and command.name not in _OUTLIVING:
            return "that was said before its records begin, or they were lost since; say it again if it still holds"
        speech = Speech(
            command=command,
            who=who,
            id=f"{said.name}.{number:04}",
            at=min(said.at, self.it.given.now),  # a clock that is ahead must not outdo what others say later
            url=said.comment.url,
            ticket=said.ticket,
            account=said.comment.by,
        )
        found, refusal = taken(speech, self._floor())
        self._add(*(_ended(record) if self._is_old(said) else record for record in found))
        return refusal

    def _floor(self) -> Floor:
        """As long as nothing is added to what was said, it is the same: what stands is dear to tell."""
        if self.floor is None:
            self.floor = self._newest_floor()
        return self.floor

    def _newest_floor(self) -> Floor:
        given = self.it.given
        talk = self.facts.talk(given.configuration.id)
        spoke = talk.content.comments if talk and isinstance(talk.content, Talk) else ()
        return Floor(
            release=self.present,
            records=given.records,
            items=given.items,
            gone=_vanished(given.health),
            readiness=cache(self._readiness),
            evidence=self._evidence,
            accounts={comment.by.id: comment.by for comment in spoke},
        )

    def _readiness(self) -> Readiness:
        return judging.judged(self.it).readiness

    def _evidence(self) -> str:
        judged = judging.judged(self.it)
        outcome = judged.readiness, judged.kept.memory, judged.wake_at
        return take(self.store, judged.given, outcome, judged.kept.configuration, asked=True) or ""

    def _add(self, *records: Record) -> None:
        if not records:
            return
        self.floor = None
        self.records += records
        given = self.it.given
        self.it = replace(self.it, given=replace(given, records=[*given.records, *records]))
        if any(isinstance(record, _AMENDING) for record in records):
            self.present = self.it.present
        if any(isinstance(record, Question | Answer | Withdrawal) for record in records):
            self.open_questions = self._open_questions()

    def _open_questions(self) -> list[Question]:
        return [it for it in standing(self.it.given.records) if isinstance(it, Question) and it.answered_at is None]


def _once(found: Iterable[Command | Mistake]) -> Iterator[Command | Mistake]:
    """Each thing once. Of what takes another's place only the very repetition is left out: hold, unhold, hold holds."""
    said, last = set[Command | Mistake](), None
    for it in found:
        if isinstance(it, Command) and it.name in _LAST_COUNTS:
            if it != last:
                yield it
            last = it
        elif it not in said:
            said.add(it)
            yield it


def _ended(record: Record) -> Record:
    """An old signature takes back what the same person said against, and signs nothing."""
    return replace(record, expires_at=record.at) if isinstance(record, Signature) and record.ready else record


def _too_many(number: int, *, twice: bool) -> str:
    """A comment takes a bounded time: to decide, everything is judged."""
    if number >= _MOST:
        return f"no more than {_MOST} commands are taken of one comment; say it in another"
    return (
        "a comment holds one decision, and before this stands another; say it in a comment of its own" if twice else ""
    )


def words_of(release: Release, config: Config, records: Sequence[Record]) -> Words:
    """What people may call the things of this release."""
    people = {word.casefold(): person.name for person in everybody(release) for word in called(config, person)}
    return Words(
        gates={word.casefold(): gate.id for gate in release.gates for word in (gate.name, gate.id)},
        people=people,
        waivers=frozenset(record.label for record in records if isinstance(record, Waiver)),
        zone=release.zone,
    )


def _vanished(health: Mapping[str, Sequence[Sight]]) -> dict[str, list[Item]]:
    """By gate, what can no longer be found."""
    return {gate: [item for sight in sights for item in sight.vanished] for gate, sights in health.items()}
