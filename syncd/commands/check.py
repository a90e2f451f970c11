"""``check``: the file first, then each tracker, from who we are to what becomes visible to whom. Writes to no tracker.

It is an operator's own word: an account that changed is accepted here and nowhere else.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from config import questions
from config.resolve import release as resolved
from config.schema import Config
from connectors.errors import TrackerError
from syncd import app
from syncd.commands.output import Exit, say, tell, warn
from syncd.commands.standing import standing
from syncd.facts import Facts, facts_of, refresh
from syncd.outside import Outside
from syncd.visit import Visit, visit
from syncd.wanted import trackers_of
from syncd.write import settings_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from config.questions import SignOffTicket
    from connectors.base import Launch, Query, SummarySettings
    from mapping.gate import Gate, Person, Release
    from mapping.item import Item, Progress, Ticket

SAMPLE = 3


def check_file(named: Path | None) -> Exit:
    """The file alone, where its secrets need not be: what they lack here is told and is no fault of the file."""
    config = app.load(named, secrets=False, database=False)
    _in_order(config)
    for sentence in app.unresolved(config, named):
        warn(f"not yet: {sentence}")
    return Exit.DONE


def check(config: Config) -> Exit:
    _in_order(config)
    with app.opened(config) as outside:
        checked = _Check(config, outside)
        checked.run()
    tell((*checked.problems, *checked.obstacles))
    if checked.problems or checked.obstacles:
        return Exit.FAILED
    say("\nAll is in order. What the summary would say: syncd plan")
    return Exit.DONE


def _in_order(config: Config) -> None:
    say(f"The file is in order: {_counted(config.trackers, 'tracker')}, {_counted(config.releases, 'release')}.")


def _counted(things: Iterable[object], word: str) -> str:
    number = len(list(things))
    return f"{number} {word}" + ("" if number == 1 else "s")


@dataclass(slots=True)
class _Check:
    """``lost``: the launch issues that cannot be read, by key."""

    config: Config
    outside: Outside
    visits: dict[str, Visit] = field(default_factory=dict)
    problems: list[TrackerError] = field(default_factory=list)
    obstacles: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def run(self) -> None:
        try:
            for name in self.config.trackers:
                self._tracker(name)
            for release in self.config.releases:
                self._release(release)
        finally:
            for each in self.visits.values():
                if each.source is not None:
                    each.source.close()

    def _tracker(self, name: str) -> None:
        self.visits[name] = here = visit(name, self.outside.open_source, None)
        say(f"\n{name} ({self.config.trackers[name].kind}) at {questions.tracker_url(self.config, name)}")
        if here.error is not None:
            self._problem(here.error, "  it")
            return
        account = here.account
        say(f"  reads as {account.name}" + (f" <{account.email}>" if account.email else ""))
        known = self.outside.store.tracker(name)
        if known and known.account_id not in ("", account.id):
            say(f"  this is another account than before ({known.account_name}); it is accepted from now on")
        self.outside.store.meet(name, self.config.trackers[name].kind, account)

    def _release(self, name: str) -> None:
        now = self.outside.now()
        facts = self._facts(name, now)
        launch = None if facts.launch_fact(name).problem else facts.launch(name)
        years = range(now.year, now.year + 2)
        release = resolved(self.config, name, launch=launch, leads=facts.leads(name), accounts={}, years=years)
        say(f"\n{name}: {release.name}")
        if launch is None:
            told = facts.launch_fact(name)
            self._problem(TrackerError(told.tracker, told.problem), f"  launch issue {release.launch_key}")
            self.lost.append(release.launch_key)
        else:
            self._launch(release)
        asked = questions.queries(self.config, name, launch)
        signing = questions.sign_off_tickets(self.config, name)
        for gate in release.gates:
            if not gate.asked:
                self._gate(gate, asked.get(gate.id, []), signing.get(gate.id))
        self._unasked(release)
        self._summary(release, launch)

    def _facts(self, release: str, now: datetime) -> Facts:
        facts = facts_of(self.config, self.outside.store)
        for here in self._here(release).values():
            facts = refresh(here, [release], facts, self.outside.store, now, None)
        return facts

    def _here(self, release: str) -> dict[str, Visit]:
        return {name: self.visits[name] for name in trackers_of(self.config, [release])}

    def _launch(self, release: Release) -> None:
        target = release.target.astimezone(release.zone) if release.target else None
        say(f"  launch issue {release.launch_key} {release.launch_url}")
        say(f"  target {target:%a %d %b %Y %H:%M %Z}" if target else "  target: none; set a due date or target:")
        managers = ", ".join(person.name for person in release.managers)
        say(f"  manager {managers}" if managers else "  manager: nobody; assign the launch issue or set manager:")
        if len({person.name for gate in release.gates for person in gate.owners} | {managers}) == 1:
            say("  one person owns everything: waivers need a second one")

    def _gate(self, gate: Gate, pairs: list[tuple[str, Query]], signing: SignOffTicket | None) -> None:
        owners = ", ".join(person.name for person in gate.owners) or "nobody owns it"
        say(f"  {gate.name} ({'required' if gate.required else 'advisory'}), owner: {owners}")
        if gate.ticketless:
            say("    no items: signature only")
        counts = [self._query(tracker, query, confidential=gate.confidential) for tracker, query in pairs]
        if counts and not any(count != 0 for count in counts):
            self._without_items(gate)
        if signing:
            self._signing(gate, signing)

    def _without_items(self, gate: Gate) -> None:
        said = "this gate will read CAN'T TELL; narrow it otherwise, or write items: none"
        say(f"    0 items: {said}")
        self.obstacles.append(f"{gate.name} has 0 items: {said}")

    def _signing(self, gate: Gate, wanted: SignOffTicket) -> None:
        try:
            ticket = self.visits[wanted.tracker].ask(lambda source: source.ticket(wanted.key))
        except TrackerError as error:
            self._problem(error, f"    signed by moving {wanted.key}, which")
            return
        item = ticket.item
        say(f"    signed by moving {item.key} [{item.status}] to {wanted.status or 'done'}")
        if wanted.status and not _was_ever(ticket, wanted.status):
            say(f"    nobody has moved {item.key} to {wanted.status} yet: is that a status of its workflow?")
        strangers = [person for person in gate.owners if self._is_stranger(wanted.tracker, person)]
        theirs = "" if len(strangers) == len(gate.owners) else " of theirs"
        for person in strangers:
            who = person.email or person.name
            said = f"{who} is not known in {wanted.tracker}, so no move{theirs} of {item.key} can sign {gate.name}"
            self.obstacles.append(said)

    def _is_stranger(self, tracker: str, person: Person) -> bool:
        """Whether the tracker says that it knows no such person; one that does not answer says nothing."""
        if any(where == tracker for where, _ in person.accounts):
            return False
        email = person.email
        try:
            return not email or self.visits[tracker].ask(lambda source: source.person(email)) is None
        except TrackerError:
            return False

    def _query(self, tracker: str, query: Query, *, confidential: bool) -> int | None:
        """How many items it has; None when that cannot be told."""
        try:
            how = self.visits[tracker].ask(lambda source: source.explain(query))
            items: list[Item] = []
            reading = self.visits[tracker].ask(lambda source: source.read({"it": query}, items.extend))
        except TrackerError as error:
            self._problem(error, f"    {tracker}:")
            return None
        failure = reading.failed.get("it")
        if isinstance(failure, TrackerError):
            self._problem(failure, f"    {tracker}:")
            return None
        items.sort(key=lambda item: item.id)
        say(f"    {tracker}: {_counted(items, 'item')}")
        for way in how:
            say(f"      {way.count} {_by(way.how)}")
        _describe(items, confidential=confidential)
        return len(items)

    def _unasked(self, release: Release) -> None:
        names = ", ".join(gate.name for gate in release.gates if gate.asked)
        if names:
            say(f"  not mentioned, so the summary asks who speaks for: {names} (write null to leave one out)")

    def _summary(self, release: Release, launch: Launch | None) -> None:
        known = self.outside.store.summary(release.id)
        settings = settings_of(self.config, release.id, launch, known)
        if settings is None:
            return
        tracker = questions.summary_tracker(self.config, release.id)
        where = settings.issue or settings.project
        say(f"  summary: {tracker} {where}")
        try:
            obstacles = self._obstacles(tracker, settings)
            standing(self.config, release.id, launch, self.outside)
        except TrackerError as error:
            self._problem(error, "    its place")
        else:
            self.obstacles += obstacles
            say(
                "    it cannot be written yet; the problem is told at the end" if obstacles else "    it can be written"
            )
        say(f"    nothing else is ever written there but its link to {release.launch_key}")
        if known and known.accepted and known.accepted.loud:
            say(f"  {tracker} tells the watchers of every renewal, so the page is trusted for 24 h, at the end 4 h")
        sources = ", ".join(sorted({name for name in self._here(release.id) if name != tracker}))
        if sources:
            say(f"    whoever can read {where} will see keys, titles, states and assignees of items of {sources}")
        self._reach(release, tracker)

    def _obstacles(self, tracker: str, settings: SummarySettings) -> tuple[str, ...]:
        writer = self.outside.open_summary(tracker, settings)
        try:
            return writer.obstacles()
        finally:
            writer.close()

    def _reach(self, release: Release, tracker: str) -> None:
        """Which owners the summary's tracker knows: the others cannot be reached there."""
        unknown = []
        for person in {person for gate in release.gates for person in gate.owners}:
            if any(where == tracker for where, _ in person.accounts):
                continue
            email = person.email
            if not email or not self._knows(tracker, email):
                unknown.append(person.name)
        if unknown:
            say(f"    not known in {tracker}, so the summary cannot reach them there: {', '.join(sorted(unknown))}")

    def _knows(self, tracker: str, email: str) -> bool:
        try:
            return self.visits[tracker].ask(lambda source: source.person(email)) is not None
        except (TrackerError, KeyError):
            return False

    def _problem(self, error: TrackerError, what: str) -> None:
        """Said where it stands in the way; at the end stands why. That the launch issue is missing is told once."""
        say(f"{what} cannot be read; the problem is told at the end")
        if not any(key in str(error) for key in self.lost):
            self.problems.append(error)


def _by(how: str) -> str:
    """A way in words: "by label = x", but "under an epic named x"."""
    return how if how.startswith(("under ", "child of ", "linked to ")) else f"by {how}"


def _was_ever(ticket: Ticket, status: str) -> bool:
    """Whether the ticket is in the status of this name or id, or was, as far as its history tells."""
    words = {ticket.item.status, ticket.item.status_id}
    words |= {word for move in ticket.moves for word in (move.status, move.status_id)}
    return status.casefold() in {word.casefold() for word in words}


def _describe(items: list[Item], *, confidential: bool) -> None:
    """A sample, how each status is read, and what cannot be read."""
    for item in items[:SAMPLE]:
        title = "(confidential)" if confidential or item.restricted else item.title
        say(f"      {item.key} [{item.status}] {title}")
    if len(items) > SAMPLE:
        say(f"      and {len(items) - SAMPLE} more")
    for (status, progress), number in sorted(Counter((item.status, _word(item.progress)) for item in items).items()):
        say(f"      status {status} counts as {progress}: {number}")
    for sentence, number in sorted(Counter(it.problem or it.remark for it in items if it.problem or it.remark).items()):
        say(f"      {number}: {sentence}")


def _word(progress: Progress | None) -> str:
    return "nothing we know" if progress is None else progress.value
