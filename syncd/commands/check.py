"""``check``: the file first, then each tracker, from who we are to what becomes visible to whom. Writes to no tracker.

It is an operator's own word: an account that changed is accepted here and nowhere else.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from config import questions
from config.resolve import emails
from config.resolve import release as resolved
from config.schema import Config
from connectors.errors import TrackerError
from mapping.person import told_apart
from syncd import app
from syncd.commands import reach, visible
from syncd.commands.held import held_summary
from syncd.commands.output import Exit, say, tell, warn
from syncd.commands.paces import too_slow
from syncd.commands.reach import Reach
from syncd.commands.visible import Seen
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
    from mapping.gate import Gate, Release
    from mapping.item import Item, Progress, Ticket

SAMPLE = 3


def check_file(named: Path | None) -> Exit:
    """The file alone, where its secrets need not be: what they lack here is told and is no fault of the file."""
    config = app.load(named, secrets=False, database=False)
    _in_order(config)
    for sentence in app.unresolved(config, named):
        warn(f"not yet: {sentence}")
    slow = tuple(too_slow(config))
    tell(slow)
    return Exit.FAILED if slow else Exit.DONE


def check(config: Config) -> Exit:
    _in_order(config)
    with app.opened(config) as outside:
        checked = _Check(config, outside, obstacles=list(too_slow(config)))
        checked.run()
    for line in visible.page(config):
        say(f"\n{line}")
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
        found = Reach(self._here(name))
        release = self._resolved(name, launch, facts, found)
        say(f"\n{name}: {release.name}")
        if launch is None:
            told = facts.launch_fact(name)
            self._problem(TrackerError(told.tracker, told.problem), f"  launch issue {release.launch_key}")
            self.lost.append(release.launch_key)
        else:
            self._launch(release)
        asked = questions.queries(self.config, name, launch)
        signing = questions.sign_off_tickets(self.config, name)
        gates = [gate for gate in release.gates if not gate.asked]
        seen = [self._gate(gate, asked.get(gate.id, []), signing.get(gate.id), found) for gate in gates]
        self._unasked(release)
        self._people(release, found, frozenset(signing))
        self._summary(release, launch, seen)

    def _resolved(self, name: str, launch: Launch | None, facts: Facts, found: Reach) -> Release:
        """As a pass sees it, but that every tracker is asked for everybody's account."""
        now = self.outside.now()
        years = range(now.year, now.year + 2)
        accounts = {email: found.accounts(sorted(found.visits), email) for email in emails(self.config, name)}
        leads, untold = facts.leads(name), facts.untold(name)
        said = resolved(self.config, name, launch=launch, leads=leads, accounts=accounts, years=years)
        gates = tuple(replace(gate, owner_untold=gate.id in untold) for gate in said.gates)
        return told_apart(replace(said, gates=gates), ())

    def _people(self, release: Release, found: Reach, ticketed: frozenset[str]) -> None:
        where = questions.summary_tracker(self.config, release.id)
        for line in (*reach.lines(release, found, sorted(found.visits), where), *reach.lone(release)):
            say(line)
        self.obstacles += reach.gaps(release, found, where, ticketed)

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

    def _gate(self, gate: Gate, pairs: list[tuple[str, Query]], signing: SignOffTicket | None, found: Reach) -> Seen:
        owners = ", ".join(person.name for person in gate.owners)
        nobody = "it cannot be told" if gate.owner_untold else "nobody owns it"
        say(f"  {gate.name} ({'required' if gate.required else 'advisory'}), owner: {owners or nobody}")
        if gate.ticketless:
            say("    no items: signature only")
        read = [self._query(tracker, query, confidential=gate.confidential) for tracker, query in pairs]
        if read and not any(items is None or items for items in read):
            self._without_items(gate)
        if signing:
            self._signing(gate, signing, found)
        return Seen(
            gate=gate,
            trackers=tuple(dict.fromkeys(tracker for tracker, _ in pairs)),
            restricted=len({item.ref for items in read for item in items or () if item.restricted}),
            whole=None not in read,
        )

    def _without_items(self, gate: Gate) -> None:
        said = "this gate will read CAN'T TELL; narrow it otherwise, or write items: none"
        say(f"    0 items: {said}")
        self.obstacles.append(f"{gate.name} has 0 items: {said}")

    def _signing(self, gate: Gate, wanted: SignOffTicket, found: Reach) -> None:
        try:
            ticket = self.visits[wanted.tracker].ask(lambda source: source.ticket(wanted.key))
        except TrackerError as error:
            self._problem(error, f"    signed by moving {wanted.key}, which")
            return
        item = ticket.item
        say(f"    signed by moving {item.key} [{item.status}] to {wanted.status or 'done'}")
        if wanted.status and not _was_ever(ticket, wanted.status):
            say(f"    nobody has moved {item.key} to {wanted.status} yet: is that a status of its workflow?")
        strangers = [person for person in gate.owners if found.knows(wanted.tracker, person) is False]
        theirs = "" if len(strangers) == len(gate.owners) else " of theirs"
        for person in strangers:
            who = person.email or person.name
            said = f"{who} is not known in {wanted.tracker}, so no move{theirs} of {item.key} can sign {gate.name}"
            self.obstacles.append(said)

    def _query(self, tracker: str, query: Query, *, confidential: bool) -> list[Item] | None:
        """Its items; None when they cannot be told."""
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
        return items

    def _unasked(self, release: Release) -> None:
        names = ", ".join(gate.name for gate in release.gates if gate.asked)
        if names:
            say(f"  not mentioned, so the summary asks who speaks for: {names} (write null to leave one out)")

    def _summary(self, release: Release, launch: Launch | None, seen: list[Seen]) -> None:
        known = self.outside.store.summary(release.id)
        settings = settings_of(self.config, release.id, launch, known)
        if settings is None:
            return
        tracker = questions.summary_tracker(self.config, release.id)
        where = settings.issue or settings.project
        say(f"  summary: {tracker} {where}")
        try:
            obstacles, loud = self._hindered(tracker, settings)
            held_summary(self.config, release.id, launch, self.outside)
        except TrackerError as error:
            self._problem(error, "    its place")
        else:
            self.obstacles += obstacles
            say(
                "    it cannot be written yet; the problem is told at the end" if obstacles else "    it can be written"
            )
            if loud or (known and known.accepted and known.accepted.loud):
                say(f"    {tracker} tells the watchers of every renewal{_rarely(release)}")
        link = f" and its link to {settings.launch_key}" if settings.launch_key else ""
        say(f"    nothing else is ever written there but comments{link}")
        for line in visible.lines(seen, where):
            say(line)

    def _hindered(self, tracker: str, settings: SummarySettings) -> tuple[tuple[str, ...], bool]:
        """What is in the way of writing it, and whether every renewal will be heard."""
        said = self.config.releases[settings.release].summary.statuses
        writer = self.outside.open_summary(tracker, settings)
        try:
            return writer.obstacles([word for word in (said.blocked, said.ready) if word]), writer.is_loud()
        finally:
            writer.close()

    def _problem(self, error: TrackerError, what: str) -> None:
        """Said where it stands in the way; at the end stands why. That the launch issue is missing is told once."""
        say(f"{what} cannot be read; the problem is told at the end")
        if not any(key in str(error) for key in self.lost):
            self.problems.append(error)


def _by(how: str) -> str:
    """A way in words: "by label = x", but "under an epic named x"."""
    return how if how.startswith(("under ", "child of ", "linked to ")) else f"by {how}"


def _rarely(release: Release) -> str:
    """What follows from that, unless the file says for how long a page is trusted."""
    return "" if release.timing.lease else ", so the page is trusted for 24 h, at the end 4 h"


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
