"""The comments of a release held against those that were heard: which are new or edited, and which are gone.

Called by ``hearing``. It asks no tracker, for what is said is a fact like others, and reads no command.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mapping.calendar import utc
from mapping.talk import Comment, Talk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from syncd.facts import Facts

Place = tuple[str, str, str]
"""(tracker, issue, comment)."""
Spoken = tuple[str, str, str | None, Talk]
"""(tracker, issue, the gate where it is a sign-off ticket, what is said there)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unheard:
    """One comment where it stands; ``ticket`` is the gate of a sign-off ticket. ``old`` is the name under which it was
    heard before an edit.
    """

    place: Place
    comment: Comment
    ticket: str | None
    old: str | None

    @property
    def at(self) -> datetime:
        return utc(self.comment.edited_at or self.comment.at)

    @property
    def name(self) -> str:
        return _name_of(self.place[0], self.comment, self.ticket)

    @property
    def issue(self) -> Place:
        """The place under which it is kept since when its issue is listened to."""
        return (*self.place[:2], "")

    @property
    def is_anothers(self) -> bool:
        """Whether somebody else wrote it anew: what stands there now is nobody's word."""
        editor = self.comment.edited_by
        return editor is not None and editor.id != self.comment.by.id


def _name_of(tracker: str, comment: Comment, ticket: str | None) -> str:
    """The comment as it is worded now: an edit makes another name, and so does another comment of the same id, as a
    tracker that was restored from a copy may have it. A ticket that signs two gates is heard for each.
    """
    times = [int(utc(at).timestamp() * 1000) for at in (comment.at, comment.edited_at) if at is not None]
    return f"{tracker}#{comment.id}@{'-'.join(map(str, times))}" + (f"~{ticket}" if ticket else "")


def talks_of(release: str, facts: Facts) -> Iterator[Spoken]:
    """Everything that is said, as it was last read whole."""
    summary, tickets = facts.talk(release), sorted(facts.ticket_talks(release).items())
    for gate, fact in [(None, summary), *tickets]:
        if fact is not None and isinstance(fact.content, Talk):
            yield fact.tracker, fact.name if gate is None else f"{fact.name} {gate}", gate, fact.content


def unheard(talks: Iterable[Spoken], heard: Mapping[Place, str]) -> Iterator[Unheard]:
    for tracker, issue, gate, talk in talks:
        for comment in talk.comments:
            place = (tracker, issue, comment.id)
            if heard.get(place) != _name_of(tracker, comment, gate):
                yield Unheard(place=place, comment=comment, ticket=gate, old=heard.get(place))


def gone(talks: Iterable[Spoken], heard: Mapping[Place, str]) -> Iterator[Place]:
    """Of issues whose comments were read: what cannot be read is not gone."""
    present = {(tracker, issue): {comment.id for comment in talk.comments} for tracker, issue, _, talk in talks}
    for place in heard:
        here = present.get(place[:2])
        if here is not None and place[2] and place[2] not in here:
            yield place
