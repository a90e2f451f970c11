"""What syncd says on the summary issue by itself: a changed verdict, asks of people, waivers that end; sync.md §2.

Called once the page that says the same was accepted. Pure. What was said is kept as reminders, by which it is said
once: of judging again, and of a crash, comes no second comment. No line of it is a command, whoever reads it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from mapping.calendar import at_work, shift, shift_working_hours, utc
from mapping.digest import sha256
from mapping.document import Text
from mapping.end_notices import endings
from mapping.finding import told_by
from mapping.gate import Person, Release
from mapping.person import everybody
from mapping.plain import cut
from mapping.readiness import Verdict
from mapping.reminder import LONGEST_NAME, OURS, Comment, Page, Reminder, ended, known_as
from mapping.said import name_of
from mapping.waiving import label_of
from mapping.wording import verdict_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mapping.readiness import Ask, Readiness, WaiverStanding
    from mapping.timing import Timeline

MOST_PEOPLE = 10
LONGEST = 2000
"""Characters of one comment."""
_A_WORKING_DAY = timedelta(hours=8)
_REST = timedelta(hours=1)
"""Between two comments that ask: what comes up meanwhile is asked together."""
_MOST_ASKS = 3
_AROUND = LONGEST_NAME + 20
"""Characters for who is asked and what stands around that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notices:
    """The comments that are due, and the reminders to be kept with them: new ones, and those that changed."""

    comments: tuple[Comment, ...] = ()
    reminders: tuple[Reminder, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What one person is to be told about one thing; ``names`` are those of its asks."""

    person: Person
    gate: str
    names: frozenset[str]
    words: tuple[str, ...]

    def reminders(self, release: str) -> Iterator[tuple[str, str, str, str]]:
        for name in sorted(self.names):
            yield release, known_as(self.person), self.gate, name


def changed_verdict(before: str, readiness: Readiness) -> Comment | None:
    """What to say once a page is accepted, where ``before`` is the id of the verdict of the one before; None for
    nothing.
    """
    was = next((it for it in Verdict if it.value == before), None)
    if was is None or was is readiness.verdict:
        return None
    now, why = cut(readiness.shown, 60), cut(readiness.reason, 600)
    name = f"verdict {was.value}>{readiness.verdict.value} {utc(readiness.computed_at).isoformat()}"
    said = f"{OURS}the verdict of {cut(readiness.name, 120)} went from {verdict_words(was)} to {now}: {ended(why)}"
    return name, ((Text(said),),)


def people_of(page: Page) -> frozenset[str]:
    """As whom those are known whom the page asks for something."""
    return frozenset(known_as(wish.person) for wish in _wishes(page))


def notices(page: Page, said: Sequence[Reminder], timeline: Timeline) -> Notices:
    """What is due now. ``said``: all that was said of this release, and to ``people_of`` it of any. What waits for
    working hours, for the end of a cooldown or for its turn asks ``timeline`` about that.
    """
    release = page.release.id
    own = [it for it in said if it.release == release]
    wishes = list(_wishes(page))
    wanted = {each for wish in wishes for each in wish.reminders(release)}
    over = {it for it in own if it.open and (it.release, it.person, it.gate, it.name) not in wanted}
    known = [replace(it, open=False) if it in over else it for it in said]
    due = [wish for wish in wishes if _is_due(wish, known, page.release, timeline)]
    turn = _whose_turn(due, own, page.release, timeline)
    asks, asked = _asks(turn, page, timeline.now)
    warnings, warned = endings(page, {it.name for it in own}, timeline.now)
    closed = tuple(replace(it, open=False) for it in sorted(over, key=lambda it: (it.person, it.gate, it.name)))
    return Notices(comments=(*warnings, *asks), reminders=(*closed, *warned, *asked))


def _wishes(page: Page) -> Iterator[_Wish]:
    """What there is to ask of people who can be reached, in the page's order. Who holds the release knows it."""
    people = {person.name: person for person in everybody(page.release) if person.active and person.reachable}
    soon = [it for it in page.readiness.all_waivers if it.ends_soon]
    asks: dict[tuple[str, str], list[Ask]] = {}
    for ask in page.readiness.asks:
        knows = any(_tells_of(it, ask) for it in soon) or (ask.unblocks == (page.readiness.name,) and not ask.before)
        if ask.who in people and not knows:
            asks.setdefault((ask.who, ask.gate or ""), []).append(ask)
    for (who, gate), found in asks.items():
        words = tuple(_words(ask, page) for ask in found)
        yield _Wish(person=people[who], gate=gate, names=_names(found, page.asked, soon), words=words)
    for question in page.readiness.questions if page.readiness.closed is None else ():
        if question.whom in people:
            words = (f"{cut(question.by, 80)} asks you something; whatever you comment here answers it",)
            yield _Wish(person=people[question.whom], gate=question.id, names=frozenset({"question"}), words=words)


def _names(asks: Sequence[Ask], asked: Mapping[str, datetime], soon: Sequence[WaiverStanding]) -> frozenset[str]:
    """The asks of one person and gate by the names that the memory has for them; one that was passed on by whose it
    was.
    """
    who, about = asks[0].who, f"{asks[0].gate} " if asks[0].gate else "#"
    own = {name for name in asked if name.startswith(about) and name.endswith(f" {who}")}
    warned = {name for name in own for it in soon if f" follow up {name_of(it.waiver)} " in name}
    passed_on = {f"{about}{ask.before}" for ask in asks if ask.before}
    return frozenset(own - warned | passed_on)


def _tells_of(standing: WaiverStanding, ask: Ask) -> bool:
    """Whether the ask is to finish before a waiver ends, which its warning says."""
    return ask.gate == standing.waiver.gate and ask.what.startswith(f"{label_of(standing.waiver)} ends ")


def _words(ask: Ask, page: Page) -> str:
    gate = next((gate.name for gate in page.release.gates if gate.id == ask.gate), "")
    where = f" ({cut(gate, 60)})" if gate and gate not in ask.what else ""
    by = f", due {told_by(ask.by, page.release)}" if ask.by else ""
    before = f" ({cut(ask.before, 160)})" if ask.before else ""
    return f"{cut(ask.what, 160)}{where}{by}{before}"


def _is_due(wish: _Wish, said: Sequence[Reminder], release: Release, timeline: Timeline) -> bool:
    """Whether nothing that was asked of this person about this gate stands, in any release, and a working day has gone
    since. About a release itself each ask counts.
    """
    who = known_as(wish.person)
    before = [it for it in said if (it.person, it.gate) == (who, wish.gate) and (wish.gate or it.release == release.id)]
    standing = {it.name for it in before if it.open}
    waits = standing if wish.gate else wish.names <= standing
    if waits:
        return False
    last = max((utc(it.at) for it in before), default=None)
    return last is None or timeline.passed(_rested(last, release))


def _rested(at: datetime, release: Release) -> datetime:
    return shift_working_hours(at, _A_WORKING_DAY, release.zone, release.holidays)


def _whose_turn(
    due: Sequence[_Wish], own: Sequence[Reminder], release: Release, timeline: Timeline
) -> list[list[_Wish]]:
    """Who is asked now, each with all that is due; nobody out of hours, or right after others were asked."""
    if not due or not timeline.passed(at_work(timeline.now, release.zone, release.holidays)):
        return []
    last = max((utc(it.at) for it in own if it.person), default=None)
    if last is not None and not timeline.passed(shift(last, _REST)):
        return []
    people: dict[str, list[_Wish]] = {}
    for wish in due:
        people.setdefault(known_as(wish.person), []).append(wish)
    turn: list[list[_Wish]] = []
    size = 0
    for wishes in people.values():
        size += _AROUND + sum(len(words) for words in _shown(wishes))
        if turn and (len(turn) == MOST_PEOPLE or size > LONGEST):
            timeline.passed(shift(timeline.now, _REST))  # the rest then
            break
        turn.append(wishes)
    return turn


def _shown(wishes: Sequence[_Wish]) -> list[str]:
    words = list(dict.fromkeys(words for wish in wishes for words in wish.words))
    more = len(words) - _MOST_ASKS
    return words[:_MOST_ASKS] + ([f"and {more} more on this page"] if more > 0 else [])


def _asks(turn: Sequence[Sequence[_Wish]], page: Page, now: datetime) -> tuple[tuple[Comment, ...], list[Reminder]]:
    """One comment, a paragraph for each person."""
    asked = [each for wishes in turn for wish in wishes for each in wish.reminders(page.release.id)]
    if not turn:
        return (), []
    lines = [
        (
            Text("For " if number else f"{OURS}for "),
            page.called(wishes[0].person.name),
            Text(f": {ended('; '.join(_shown(wishes)))}"),
        )
        for number, wishes in enumerate(turn)
    ]
    made = [
        Reminder(release=release, person=person, gate=gate, name=name, at=now, open=True)
        for release, person, gate, name in asked
    ]
    return ((f"asks {sha256(sorted(asked))[:16]} {now.isoformat()}", tuple(lines)),), made
