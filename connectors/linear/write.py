"""The writer of ONE release's summary issue in Linear.

Called by the pass. The issue's id is made here, out of the release's mark, so that a repeated create is refused by
Linear and read back. It decides nothing about what is written: the report comes whole, the notes stay as they came.
"""

from __future__ import annotations

import re
from contextlib import suppress
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from connectors.base import Held, Ref, Written
from connectors.body import WHOLE
from connectors.errors import MissingError, PermanentError, TrackerError
from connectors.linear import markdown, parse, select, whose
from connectors.linear.pen import Pen
from connectors.linear.refusal import ConflictError
from mapping.document import NOTES_HEADING, Mention

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import timedelta

    from connectors.base import Settings, SummarySettings
    from mapping.document import Line, Report


_TOO_LONG = re.compile(r"too (?:long|large)|shorter than|(?:limit|maximum|at most|exceed)[^.]*\d", re.IGNORECASE)
"""Linear documents no limit of a description, so that its refusal is known by words of any of these kinds."""


def open_summary(settings: Settings, summary: SummarySettings) -> LinearSummary:
    return LinearSummary(settings, summary)


class LinearSummary:
    """``connectors.base.Summary`` for Linear."""

    def __init__(self, settings: Settings, summary: SummarySettings) -> None:
        self.name = settings.name
        self._settings = summary
        self.generation = summary.generation
        self._pen = Pen(settings)
        self._profiles = cache(partial(whose.profiles, self._pen))  # for a run of comments that mention the same people

    def find(self) -> Ref | None:
        """Asked for by its own id in the end, so that no index can lag. Raises MissingError for a configured issue that
        is not there.
        """
        if self._settings.issue is not None:
            ref = _ref(self._issue(self._settings.issue))
            self._pen.claim(ref.id)
            return ref
        marks = whose.ids(self._settings)
        found, mark = whose.find(self._pen, marks) or (marks[0], marks[0])
        self.generation = self._settings.generation + marks.index(mark)
        try:
            ref = _ref(self._issue(found))
        except MissingError:
            return None
        self._pen.claim(ref.id)
        return ref

    def create(self, reports: Sequence[Report]) -> Written:
        if self._settings.issue is not None:
            raise PermanentError(self.name, f"the summary is to be {self._settings.issue}, not a new issue")
        fixed, made = self._team_fields(), list[Ref]()

        def send(text: Mapping[str, str]) -> None:
            made.append(_ref(self._pen.create(whose.client_id(self._seed), {**fixed, **text})))

        try:
            place = _shrinking(reports, "", send)
        except ConflictError:
            return self._settled(reports)
        if made[0].id != self._pen.own:
            return self._settled(reports)
        return Written(ref=made[0], remarks=self._attach(reports[place]), shrunk=place, loud=True)

    def read(self, ref: Ref) -> Held:
        raw = self._issue(self._own(ref))
        body = raw.get("description")
        digest = markdown.digest_in(body)
        return Held(
            ref=_ref(raw),
            digest=digest,
            notes=self._notes(body, ours=digest is not None or self._settings.issue is None),
            status=parse.state_name(raw),
            blocks=parse.blocked_keys(raw),
            title=parse.text(raw.get("title")),
            empty=_is_empty(body),
        )

    def _notes(self, body: object, *, ours: bool) -> str | None:
        """The manager's part of the body, whole; None when it cannot be told apart. In an issue that we never wrote,
        which somebody named as the summary, all of it is theirs, also what stands above a heading like ours.
        """
        parts = markdown.split_notes(body)
        if parts is not None:
            return parts[1] if ours or "\n" not in parts[0].strip() else None
        return body if isinstance(body, str) and not ours else None

    def update(self, held: Held, reports: Sequence[Report], *, quiet: bool = False) -> Written:  # noqa: ARG002  # Linear knows no quiet write
        """Reads the issue once more right before the write: its notes as they are now are carried over."""
        fresh = self.read(held.ref)
        if fresh.notes is None:
            raise PermanentError(
                self.name,
                f"the notes in {fresh.ref.key} cannot be told apart from the report, so its body is left alone",
                f'let the heading "{NOTES_HEADING}" stand there once, with the notes below it, or rename it where it is'
                " not ours",
            )
        if markdown.size(markdown.fitted(reports, fresh.notes)[0]) > WHOLE:
            said = f"the text of {fresh.ref.key} leaves no room for the report, so its body is left alone"
            raise PermanentError(self.name, said, f"shorten it: with the report it may have {WHOLE} characters")
        place = _shrinking(reports, fresh.notes, self._pen.update)
        return Written(ref=fresh.ref, remarks=self._attach(reports[place]), shrunk=place, loud=True)

    def block(self, ref: Ref, launch_key: str) -> None:
        """Refuses any key but the launch issue's in this workspace: elsewhere the same key is somebody else's issue."""
        self._own(ref)
        if launch_key != self._settings.launch_key:
            said = f"{launch_key} is not the launch issue of {self._settings.release} here, so it is not linked"
            raise PermanentError(self.name, said, "link the summary and the launch issue by hand")
        launch = parse.text(self._issue(launch_key, "launch").get("id"))
        if self._blocks(launch):
            return
        try:
            self._pen.block(launch, {"id": whose.client_id(f"{self._seed}:blocks:{launch}")})
        except ConflictError:
            # made by a lost call before, or made and since removed by a person: then its id is used up
            if not self._blocks(launch):
                self._pen.block(launch, {})

    def move(self, ref: Ref, status: str) -> None:
        raw = self._issue(self._own(ref))
        states = self._states(parse.team_id(raw))
        wanted = [state for state in states if status.casefold() in parse.state_words(state)]
        if not wanted:
            names = ", ".join(f'"{parse.text(state.get("name"))}"' for state in states)
            said = f'the team of {parse.text(raw.get("identifier"))} has no status "{status}"'
            raise PermanentError(self.name, said, f"its statuses are {names}")
        if parse.state_id(raw) != wanted[0].get("id"):
            self._pen.update({"stateId": wanted[0].get("id")})

    def comment(self, ref: Ref, lines: Sequence[Line], name: str, *, tried: timedelta | None = None) -> None:  # noqa: ARG002  # the id says whether it was posted
        """A mention is the bare address of a profile: whom Linear does not show stays a name."""
        issue = self._own(ref)
        accounts = frozenset(span.account for line in lines for span in line if isinstance(span, Mention))
        body = markdown.spoken(lines, self._profiles(accounts))
        with suppress(ConflictError):
            self._pen.comment({"id": whose.client_id(f"{self._seed}:says:{issue}:{name}"), "body": body})

    def obstacles(self, statuses: Collection[str] = ()) -> tuple[str, ...]:
        """Linear does not tell what a token may write, so only what can be read is looked at."""
        try:
            ref = self.find()
            if ref is None:
                return tuple(self._missing(self._team_fields()["teamId"], statuses))
            return tuple(self._missing(parse.team_id(self._issue(ref.id)), statuses)) if statuses else ()
        except PermanentError as error:
            return (str(error),)

    def is_loud(self) -> bool:
        return True

    def _missing(self, team: str, statuses: Collection[str]) -> Iterator[str]:
        there = self._states(team) if statuses else []
        names = ", ".join(f'"{parse.text(state.get("name"))}"' for state in there)
        for word in statuses:
            if not any(word.casefold() in parse.state_words(state) for state in there):
                said = f'the summary\'s team has no status "{word}"; its statuses are {names}'
                yield f"{self.name}: {said} (set summary: {{statuses: …}})"

    def close(self) -> None:
        self._pen.close()

    def _own(self, ref: Ref) -> str:
        """The id of the reference, if it is our issue's. Raises PermanentError for any other."""
        made = self._settings.issue is None and ref.id == whose.client_id(self._seed)
        if not self._pen.own and not made and self.find() is None:
            said = f"{ref.key} carries no mark of ours: it is somebody else's issue, and nothing is written to it"
            raise PermanentError(self.name, said, f"if it is the summary, name it with summary: {{issue: {ref.key}}}")
        return self._pen.claim(ref.id)

    @property
    def _seed(self) -> str:
        return whose.seed(self._settings, self.generation)

    def _settled(self, reports: Sequence[Report]) -> Written:
        """The issue is there, by an earlier call too: the same digest means that the very same report was taken."""
        ref = self.find()
        if ref is None:
            said = "the summary issue exists, and this token may not see it"
            raise MissingError(self.name, said, "let the token see the team that it was moved to")
        held = self.read(ref)
        if held.digest != reports[0].digest:
            return self.update(held, reports)
        return Written(ref=ref, remarks=self._attach(reports[0]), loud=True)

    def _attach(self, report: Report) -> tuple[str, ...]:
        """Writes the machine copy; a refusal is a remark, never a failure."""
        fields = {
            "title": "Readiness for machines",
            "subtitle": str(report.facts.get("verdict", "")),
            "url": f"https://linear.app/issue/{self._pen.own}{whose.anchor(whose.client_id(self._seed))}",
            "metadata": dict(report.facts),
        }
        try:
            self._pen.attach(fields)
        except TrackerError as error:
            return (f"Linear did not take the machine copy: {error.message}.",)
        return ()

    def _issue(self, key: str, document: str = "summary") -> dict[str, Any]:
        """One issue by key or id. Raises MissingError, PermanentError when it is put away."""
        try:
            raw = self._pen.ask(document, {"id": key}).get("issue")
        except MissingError:
            raw = None
        if not isinstance(raw, dict) or not parse.text(raw.get("id")):
            hint = "check the key, and that this token may see it"
            raise MissingError(self.name, f'Linear shows this token no issue "{key}"', hint)
        if parse.is_trashed(raw) or raw.get("archivedAt") is not None:
            place = "in the trash" if parse.is_trashed(raw) else "archived"
            shown = parse.text(raw.get("identifier"))
            raise PermanentError(
                self.name, f"the issue {shown} is {place}, so it cannot be written", "restore it in Linear"
            )
        return raw

    def _team_fields(self) -> dict[str, str]:
        """The team of a new issue. Where it has a triage, also a status: else the issue would land in that."""
        answer = self._pen.ask("team", {"filter": select.named("team", self._settings.project)})
        team: Mapping[str, object] = next(iter(self._pen.listed(answer, "teams")), {})
        found = parse.text(team.get("id"))
        if not found:
            said = f'Linear shows this token no team "{self._settings.project}"'
            raise MissingError(
                self.name, said, "put the team's key, as in the identifiers of its issues, under `summary`"
            )
        if team.get("triageEnabled") is not True:
            return {"teamId": found}
        waiting = [state for state in self._states(found) if state.get("type") == "unstarted"]
        return {"teamId": found} | ({"stateId": waiting[0]["id"]} if waiting else {})

    def _states(self, team: str) -> list[dict[str, Any]]:
        """The team's statuses in the order of its workflow."""
        found = self._pen.nodes("states", ("team", "states"), {"team": team})
        states = [state for state in found if isinstance(state, dict) and parse.text(state.get("id"))]
        return sorted(states, key=lambda state: (parse.number(state.get("position")), str(state.get("id"))))

    def _blocks(self, launch: str) -> bool:
        links = self._pen.nodes("relations", ("issue", "relations"), {"id": self._pen.own})
        return any(parse.blocks(link, launch) for link in links)


def _shrinking(reports: Sequence[Report], notes: str, send: Callable[[Mapping[str, str]], None]) -> int:
    """Sends the first report that fits our budget, the next smaller one when Linear finds it too long: which it was."""
    start = 0
    while True:
        body, place = markdown.fitted(reports[start:], notes)
        place += start
        try:
            send({"title": reports[place].title, "description": body})
        except PermanentError as error:
            if not _TOO_LONG.search(error.message) or place + 1 == len(reports):
                raise
            start = place + 1
        else:
            return place


def _is_empty(body: object) -> bool:
    """Whether our part is gone, but for the heading with which it ends."""
    parts = markdown.split_notes(body)
    return parts is None or "\n" not in parts[0].strip()


def _ref(raw: dict[str, Any]) -> Ref:
    return Ref(id=parse.text(raw.get("id")), key=parse.text(raw.get("identifier")), url=parse.text(raw.get("url")))
