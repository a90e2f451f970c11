"""What trackers tell beside their items: launch issues, projects' leads, sign-off tickets, people's accounts, what is
said on the summary issue and the sign-off tickets, and what people say of their projects.

Without the launch issue's facts nobody can ask for a release's items. Read by the pass of the tracker that tells them,
kept in the store, and taken from there by every other step: a tracker that is down still counts by what it told last,
and the gates that rest on it are told so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from config import questions
from config.resolve import emails, launch_address
from config.schema import Config
from connectors.base import Launch, Source
from connectors.errors import TrackerError
from mapping.command import may_speak
from mapping.health import Health
from mapping.item import Account, Ticket
from mapping.reminder import OURS
from mapping.talk import Comment, Talk
from syncd.store.model import Fact, Mark, Told
from syncd.visit import Visit, refused, sentence

if TYPE_CHECKING:
    from syncd.store.store import Store

FactId = tuple[str, str]
"""(kind, name), of one tracker; see ``syncd.store.model.Fact``."""
KINDS = ("launch", "lead", "ticket", "person", "talk", "health")
_LASTS = {"person": timedelta(days=1), "health": timedelta(hours=1)}
"""How long it is not asked again which account an e-mail has, and what is said of a project: no change tells."""
_BY_HAND = timedelta(minutes=10)
"""How long comments that were refused are not asked for again: a person must act."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known by now, by release. ``summaries``: release → (tracker, id) of its summary issue; ``named``: release
    → e-mails of people whom a manager named.
    """

    config: Config
    known: Mapping[tuple[str, str, str], Fact]
    summaries: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    named: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def launch_fact(self, release: str) -> Fact:
        """The launch issue's; one without content and time when it was never tried."""
        tracker, key = launch_address(self.config, release)
        return self.known.get((tracker, "launch", key), Fact(tracker=tracker, kind="launch", name=key))

    def launch(self, release: str) -> Launch | None:
        """As it was last read."""
        content = self.launch_fact(release).content
        return content if isinstance(content, Launch) else None

    def leads(self, release: str) -> dict[str, Account]:
        """Gate id → its project's lead, where the tracker names one."""
        wanted = questions.leads_wanted(self.config, release).items()
        found = {gate: self._content(tracker, "lead", project) for gate, (tracker, project) in wanted}
        return {gate: lead for gate, lead in found.items() if isinstance(lead, Account)}

    def untold(self, release: str) -> frozenset[str]:
        """The gates of whose lead nothing is known."""
        wanted = questions.leads_wanted(self.config, release).items()
        facts = {gate: self.known.get((tracker, "lead", project)) for gate, (tracker, project) in wanted}
        return frozenset(gate for gate, fact in facts.items() if fact is None or fact.read_at is None)

    def tickets(self, release: str) -> dict[str, Fact]:
        """Gate id → its sign-off ticket, where that was ever tried."""
        wanted = questions.sign_off_tickets(self.config, release).items()
        found = {gate: self.known.get((ticket.tracker, "ticket", ticket.key)) for gate, ticket in wanted}
        return {gate: fact for gate, fact in found.items() if fact is not None}

    def talk(self, release: str) -> Fact | None:
        """What is said on the summary issue; None where there is none yet, or where it was never tried."""
        where = self.summaries.get(release)
        return self.known.get((where[0], "talk", where[1])) if where else None

    def ticket_talks(self, release: str) -> dict[str, Fact]:
        """Gate id → what is said on its sign-off ticket, where that was ever tried."""
        wanted = questions.sign_off_tickets(self.config, release).items()
        found = {gate: self.known.get((ticket.tracker, "talk", ticket.key)) for gate, ticket in wanted}
        return {gate: fact for gate, fact in found.items() if fact is not None}

    def talks_at(self, tracker: str) -> dict[str, str]:
        """Issue id → the name of its talk here, as far as ids are known."""
        tickets = {
            it.content.item.id: name
            for (where, kind, name), it in self.known.items()
            if where == tracker and kind == "ticket" and isinstance(it.content, Ticket)
        }
        return tickets | {id_: id_ for where, id_ in self.summaries.values() if where == tracker}

    def healths(self, release: str) -> dict[str, tuple[Health, ...]]:
        """Gate id → what is said of its projects, as it was last read."""
        found = {
            gate: [self._content(tracker, "health", project) for tracker, project in pairs]
            for gate, pairs in questions.projects(self.config, release).items()
        }
        return {gate: tuple(it for it in told if isinstance(it, Health)) for gate, told in found.items()}

    def strangers(self, release: str, tracker: str) -> frozenset[str]:
        """The e-mails that this tracker knows nobody by."""
        asked = {name: self.known.get((tracker, "person", name)) for name in self._emails(release)}
        return frozenset(name for name, fact in asked.items() if fact and fact.read_at and fact.content is None)

    def accounts(self, release: str) -> dict[str, list[Account]]:
        """E-mail → the accounts that trackers know by it, as far as anybody had to ask."""
        asked = self._emails(release)
        found: dict[str, list[Account]] = {}
        for (_, kind, name), fact in sorted(self.known.items()):
            if kind == "person" and name in asked and isinstance(fact.content, Account):
                found.setdefault(name, []).append(fact.content)
        return found

    def wanted(self, tracker: str, releases: Iterable[str]) -> dict[FactId, frozenset[str]]:
        """What this tracker should tell → the releases that rest on it."""
        found: dict[FactId, set[str]] = {}
        for release in releases:
            for kind, name in self._rests_on(release, tracker):
                found.setdefault((kind, name), set()).add(release)
        return {fact: frozenset(rest) for fact, rest in found.items()}

    def is_due(self, fact: Fact | None, changed: Collection[str] | None, now: datetime) -> bool:
        """Whether it is to be asked for anew; ``changed`` as in ``refresh``."""
        if fact is None:
            return True
        if fact.problem:
            by_hand = fact.kind == "talk" and fact.refused and changed is not None
            return not by_hand or not _within(_BY_HAND, fact.tried_at, now)
        if fact.kind in _LASTS:
            return not _within(_LASTS[fact.kind], fact.read_at, now)
        return changed is None or self._is_among(fact, changed)

    def _is_among(self, fact: Fact, ids: Collection[str]) -> bool:
        """Whether it tells of one of these issues."""
        if fact.kind == "talk":
            return any(name == fact.name and id_ in ids for id_, name in self.talks_at(fact.tracker).items())
        told = fact.content
        return (told.item.id if isinstance(told, Ticket) else told.id if isinstance(told, Launch) else "") in ids

    def of(self, tracker: str) -> dict[FactId, Fact]:
        return {(kind, name): fact for (whose, kind, name), fact in self.known.items() if whose == tracker}

    def _rests_on(self, release: str, tracker: str) -> Iterable[FactId]:
        launch = launch_address(self.config, release)
        tickets = questions.sign_off_tickets(self.config, release).values()
        yield from [("launch", launch[1])] if launch[0] == tracker else []
        yield from (("lead", it[1]) for it in questions.leads_wanted(self.config, release).values() if it[0] == tracker)
        yield from ((kind, it.key) for it in tickets if it.tracker == tracker for kind in ("ticket", "talk"))
        pairs = (pair for found in questions.projects(self.config, release).values() for pair in found)
        yield from (("health", project) for place, project in pairs if place == tracker)
        where = self.summaries.get(release)
        if where is not None and where[0] == tracker:
            yield "talk", where[1]
        if questions.summary_tracker(self.config, release) == tracker or self._hides_people(release, tracker):
            yield from (("person", email) for email in self._emails(release))

    def _emails(self, release: str) -> frozenset[str]:
        return emails(self.config, release) | self.named.get(release, frozenset())

    def _hides_people(self, release: str, tracker: str) -> bool:
        """Whether a sign-off ticket there was moved, or spoken on, by an account that hides its e-mail."""
        tickets = [fact.content for fact in self.tickets(release).values() if fact.tracker == tracker]
        talks = [fact.content for fact in self.ticket_talks(release).values() if fact.tracker == tracker]
        people = [move.by for it in tickets if isinstance(it, Ticket) for move in it.moves]
        people += [comment.by for it in talks if isinstance(it, Talk) for comment in it.comments]
        return any(who is not None and who.email is None for who in people)

    def _content(self, tracker: str, kind: str, name: str) -> Told:
        fact = self.known.get((tracker, kind, name))
        return fact.content if fact else None


def _within(span: timedelta, at: datetime | None, now: datetime) -> bool:
    """Whether that was so lately; a time that lies ahead was told by a clock that was wrong."""
    return at is not None and timedelta(0) <= now - at < span


def facts_of(config: Config, store: Store) -> Facts:
    facts = Facts(config, store.facts(*KINDS))
    ours = [it for it in store.summaries() if it.ref and _is_here(it.mark, facts)]
    known = {it.mark.release: (it.mark.tracker, it.ref.id) for it in ours if it.ref}
    return replace(facts, summaries=known, named=store.owners_named())


def _is_here(mark: Mark, facts: Facts) -> bool:
    """Not a number that was stored for another address, where it may be anybody's issue."""
    if mark.release not in facts.config.releases or mark.tracker not in facts.config.trackers:
        return False
    launch = facts.launch(mark.release)
    return launch is None or questions.mark(facts.config, mark.release, launch) == mark.text


def refresh(
    visit: Visit, releases: Collection[str], facts: Facts, store: Store, now: datetime, changed: Collection[str] | None
) -> Facts:
    """Read what this tracker should tell anew and keep it; the facts as they are then.

    ``changed``: the ids that changed there; what was read well before and is none of them stands. None: all is read.
    Raises StoreError only: what cannot be read now is kept with that problem.
    """
    for people in (False, True):  # whom to ask for, the tickets tell
        wanted, known = facts.wanted(visit.name, releases), facts.of(visit.name)
        asked = [it for it in wanted if (it[0] == "person") is people and facts.is_due(known.get(it), changed, now)]
        read = {it: _read(visit, it, known.get(it), now) for it in asked}
        news = [it for it, fact in read.items() if _said(fact) != _said(known.get(it))]
        if read:
            store.keep_facts(read.values(), {release for it in news for release in wanted[it]})
        facts = replace(facts, known={**facts.known, **{(visit.name, *it): fact for it, fact in read.items()}})
    return facts


def _read(visit: Visit, asked: FactId, known: Fact | None, now: datetime) -> Fact:
    """What the tracker tells now; what it told last, with the problem, when it cannot be asked."""
    kind, name = asked
    fact = known or Fact(tracker=visit.name, kind=kind, name=name)
    try:
        content = visit.ask(lambda source: _ask(source, kind, name))
        if isinstance(content, Talk):
            content = _commands_of(content, visit.account)
    except TrackerError as error:
        return replace(fact, problem=sentence(error), refused=refused(error), tried_at=now)
    title = fact.title or (content.title.strip() if isinstance(content, Launch) else "")
    return replace(fact, content=content, title=title, read_at=now, problem="", refused=False, tried_at=now)


def _ask(source: Source, kind: str, name: str) -> Told:
    ask: dict[str, Callable[[str], Told]] = {
        "launch": source.launch,
        "lead": source.lead,
        "ticket": source.ticket,
        "person": source.person,
        "talk": source.comments,
        "health": lambda project: source.healths([project]).get(project),
    }
    return ask[kind](name)


def _commands_of(talk: Talk, ours: Account) -> Talk:
    """Without the lines that are no command: what people say to one another is none of our business. What we said
    ourselves is nobody's word, though the account may be a person's own.
    """
    return replace(talk, comments=tuple(_spoken(it, ours) for it in talk.comments))


def _spoken(comment: Comment, ours: Account) -> Comment:
    lines = tuple(line for line in comment.lines if may_speak(line))
    if comment.by.id == ours.id and any(line.startswith(OURS) for line in comment.lines[:1]):
        return replace(comment, lines=lines, by=replace(comment.by, id="", email=None))
    return replace(comment, lines=lines)


def _said(fact: Fact | None) -> tuple[object, ...] | None:
    return (fact.content, fact.problem, fact.refused) if fact else None
