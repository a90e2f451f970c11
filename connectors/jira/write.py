"""The writer of ONE release's summary issue in Jira.

Called by the pass. What is written comes whole as reports; here it becomes ADF (Cloud) or wiki markup (Data Center),
and the manager's notes stay as they came. All writing goes through ``pen``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from connectors.base import LATER, Held, Ref, Written
from connectors.errors import DeniedError, FullError, PermanentError
from connectors.jira import adf, lacking, whose, wiki
from connectors.jira.lacking import is_named
from connectors.jira.parse import identity, mapping, sequence, text
from connectors.jira.pen import Pen
from connectors.jira.saying import Voice
from mapping.document import NOTES_HEADING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import timedelta

    from connectors.base import Settings, SummarySettings
    from mapping.document import Line, Report

_LONGEST_TITLE = 250
_OURS = "readiness-"
_EXTRAS = {"labels": "label", "properties": "propert"}
"""What may be left out when Jira refuses it, and the word by which its refusal is known."""
_TOO_LONG = ("CONTENT_LIMIT_EXCEEDED", "exceeds the allowed limit")


class JiraSummary:
    """``connectors.base.Summary`` for Jira."""

    def __init__(self, settings: Settings, summary: SummarySettings) -> None:
        self.name = settings.name
        self._settings = summary
        self.generation = summary.generation
        self._pen = Pen(settings)
        self._voice = Voice(self._pen)
        self._loud = False

    def find(self) -> Ref | None:
        if self._settings.issue is not None:
            return self._owned(self._raw(self._settings.issue))
        marks = [self._mark_of(self._settings.generation + later) for later in range(LATER)]
        found = whose.find(self._pen.client, self._settings, marks)
        if found is None:
            return None
        raw, mark = found
        self.generation = self._settings.generation + marks.index(mark)
        return self._owned(raw)

    def create(self, reports: Sequence[Report]) -> Written:
        if self._settings.issue is not None:
            raise PermanentError(self.name, f"the summary is to be {self._settings.issue}, not a new issue")
        self._pen.client.open()
        kind = self._settings.type
        fixed = {
            "project": {"key": self._settings.project},
            "issuetype": {"id": kind} if kind.isdigit() else {"name": kind},
        }
        made: list[tuple[str, str]] = []

        def send(report: Report, body: object, extras: frozenset[str]) -> None:
            if not extras:
                said = f"{self._settings.project} takes neither labels nor properties, so the issue could not be known"
                raise PermanentError(self.name, said, "put Labels on the project's create screen")
            fields = {**fixed, "summary": _title(report), "description": body}
            if "labels" in extras:
                fields["labels"] = [self._mark, *report.labels]
            made.append(self._pen.create({"fields": fields, **self._copy(report, extras)}))

        place, remarks = self._shrinking(reports, self._no_notes, send)
        number, key = made[0]
        return Written(ref=Ref(id=number, key=key, url=self._url(key)), remarks=remarks, shrunk=place)

    def read(self, ref: Ref) -> Held:
        return self._held(self._own(ref))

    def update(self, held: Held, reports: Sequence[Report], *, quiet: bool = False) -> Written:
        """Reads the issue once more right before the write: its notes as they are now are carried over."""
        raw = self._own(held.ref)
        fresh = self._held(raw)
        if fresh.notes is None:
            raise PermanentError(
                self.name,
                f"the notes in {fresh.ref.key} cannot be told apart from the report, so its body is left alone",
                f'let the heading "{NOTES_HEADING}" stand there once, with the notes below it',
            )
        present = [text(label) for label in sequence(whose.field(raw, "labels"))]

        def send(report: Report, body: object, extras: frozenset[str]) -> None:
            details: dict[str, object] = {"fields": {"summary": _title(report), "description": body}}
            changes = self._label_changes(present, report.labels)
            if "labels" in extras and changes:
                details["update"] = {"labels": changes}
            self._edit({**details, **self._copy(report, extras)}, quiet=quiet)

        place, remarks = self._shrinking(reports, fresh.notes, send)
        return Written(ref=fresh.ref, remarks=remarks, shrunk=place, loud=self._loud)

    def block(self, ref: Ref, launch_key: str) -> None:
        raw = self._own(ref)
        if launch_key not in self._held(raw).blocks:
            self._pen.block(self._link_type(), launch_key)

    def move(self, ref: Ref, status: str) -> None:
        if not is_named(mapping(whose.field(self._own(ref), "status")), status):
            self._pen.transition(self._way(ref, status))

    def _way(self, ref: Ref, status: str) -> str:
        """The id of the transition there. Raises PermanentError where none leads there in one step."""
        told = mapping(self._pen.client.get(f"issue/{self._pen.own}/transitions"))
        ways = [mapping(way) for way in sequence(told.get("transitions"))]
        for way in ways:
            if is_named(mapping(way.get("to")), status):
                return identity(way.get("id"))
        targets = ", ".join(sorted({text(mapping(way.get("to")).get("name")) for way in ways})) or "nothing at all"
        said = f'no transition leads from where {ref.key} stands to "{status}"; from there lead: {targets}'
        raise PermanentError(self.name, said, "set summary: {statuses: …}, or grant the permission to transition")

    def comment(self, ref: Ref, lines: Sequence[Line], name: str, *, tried: timedelta | None = None) -> None:
        self._own(ref)
        self._voice.say(lines, name, tried)

    def obstacles(self, statuses: Collection[str] = ()) -> tuple[str, ...]:
        """What the account lacks in the summary's project, its issue type, statuses and link, as far as Jira tells. Of
        the transitions it tells those of an issue that is there, from where it stands: the next step only.
        """
        client, here = self._pen.client, self._settings
        try:
            found = [*lacking.permissions(client, self.name, here), *lacking.issue_type(client, self.name, here)]
            found += lacking.statuses(client, self.name, here, statuses)
        except PermanentError as error:
            return (str(error),)
        there = () if found else statuses
        for asked in (self._link_type, lambda: self._next_step(there)):
            try:
                asked()
            except PermanentError as error:
                found.append(str(error))
        return tuple(found)

    def _next_step(self, statuses: Collection[str]) -> None:
        """Raises PermanentError where no transition leads to the first of these in which the summary is not."""
        ref = self.find() if statuses else None
        if ref is None:
            return
        now = mapping(whose.field(self._own(ref), "status"))
        for status in [word for word in statuses if not is_named(now, word)][:1]:
            self._way(ref, status)

    def is_loud(self) -> bool:
        return not lacking.may_be_quiet(self._pen.client, self._settings)

    def close(self) -> None:
        self._pen.client.close()

    @property
    def _mark(self) -> str:
        return self._mark_of(self.generation)

    def _mark_of(self, generation: int) -> str:
        return self._settings.mark + (f"-{generation}" if generation else "")

    def _shrinking(self, reports: Sequence[Report], notes: Any, send: Any) -> tuple[int, tuple[str, ...]]:  # noqa: ANN401  # notes are opaque, send is ours
        """Sends the first report that fits our budget, the next smaller one when Jira counts otherwise, and without
        the extras that it refuses: which report was taken, and what was refused.
        """
        dialect = adf if self._pen.client.cloud else wiki
        extras, start, remarks = frozenset(_EXTRAS), 0, list[str]()
        while True:
            body, place = dialect.fitted(reports[start:], notes)
            place += start
            try:
                send(reports[place], body, extras)
            except DeniedError:
                raise
            except PermanentError as error:
                refused = next((extra for extra in sorted(extras) if _EXTRAS[extra] in error.message.lower()), "")
                if isinstance(error, FullError) or any(words in error.message for words in _TOO_LONG):
                    if place + 1 == len(reports):
                        raise self._no_room(error) if notes else error from None
                    start = place + 1
                elif refused:
                    extras -= {refused}
                    remarks.append(f"Jira did not take the {refused} of the summary issue: {error.message}.")
                else:
                    raise
            else:
                return place, tuple(remarks)

    def _no_room(self, error: PermanentError) -> PermanentError:
        said = f"the notes leave no room for the shortest report, and the body is left as it is: {error.message}"
        return PermanentError(self.name, said, f'shorten what stands below "{NOTES_HEADING}"')

    @property
    def _no_notes(self) -> Any:  # noqa: ANN401  # opaque: each dialect its own
        return [] if self._pen.client.cloud else ""

    def _edit(self, details: Mapping[str, object], *, quiet: bool) -> None:
        """Quietly where that is wanted and allowed: ``notifyUsers=false`` needs an administrator (trackers.md §1.6)."""
        if quiet and not self._loud:
            try:
                self._pen.edit(details, quiet=True)
            except DeniedError:
                self._loud = True
            else:
                return
        self._pen.edit(details, quiet=False)

    def _copy(self, report: Report, extras: frozenset[str]) -> dict[str, object]:
        """The machine copy, in the same call as the body: read back equal, the write counts as accepted."""
        if "properties" not in extras:
            return {}
        value = {**report.facts, "digest": report.digest, "mark": self._mark}
        return {"properties": [{"key": whose.PROPERTY, "value": value}]}

    def _label_changes(self, present: Sequence[str], wanted: Sequence[str]) -> list[dict[str, str]]:
        """Our own labels only: what a person put there stays."""
        keep = {self._mark, *wanted}
        added = [{"add": label} for label in sorted(keep.difference(present))]
        return added + [{"remove": label} for label in present if label.startswith(_OURS) and label not in keep]

    def _raw(self, key: str, shown: str = "") -> Mapping[str, object]:
        return whose.read(self._pen.client, self._settings.release, key, shown)

    def _own(self, ref: Ref) -> Mapping[str, object]:
        """The issue as it is now, if it is ours. A stored id may be a team's ticket: of another site, since ``url``
        changed.
        """
        raw = self._raw(ref.id, ref.key)
        if not whose.is_marked(raw, self._mark) and not self._is_configured(raw):
            key = text(raw.get("key"))
            said = f"{key} carries no mark of ours: it is somebody else's issue"
            hint = f"was url changed? if {key} is the summary, name it with summary: {{issue: {key}}}"
            raise PermanentError(self.name, said, hint)
        self._claim(raw)
        return raw

    def _is_configured(self, raw: Mapping[str, object]) -> bool:
        issue = self._settings.issue
        return issue is not None and identity(raw.get("id")) == identity(self._raw(issue).get("id"))

    def _claim(self, raw: Mapping[str, object]) -> None:
        if text(raw.get("key")) == self._settings.launch_key:
            said = f"{self._settings.launch_key} is the launch issue and cannot be its own summary"
            raise PermanentError(self.name, said, "name another with summary: {issue: KEY}, or none")
        self._pen.claim(identity(raw.get("id")))

    def _owned(self, raw: Mapping[str, object]) -> Ref:
        self._claim(raw)
        return self._ref(raw)

    def _ref(self, raw: Mapping[str, object]) -> Ref:
        key = text(raw.get("key"))
        return Ref(id=identity(raw.get("id")), key=key, url=self._url(key))

    def _url(self, key: str) -> str:
        return f"{self._pen.client.browse}/browse/{quote(key, safe='')}"

    def _held(self, raw: Mapping[str, object]) -> Held:
        copy = whose.copy(raw)
        links = [mapping(link) for link in sequence(whose.field(raw, "issuelinks"))]
        ours = [link for link in links if is_named(mapping(link.get("type")), self._settings.link)]
        blocked = (text(mapping(link.get("outwardIssue")).get("key")) for link in ours)
        return Held(
            ref=self._ref(raw),
            digest=text(copy.get("digest")) or None,
            notes=self._notes(raw),
            status=text(mapping(whose.field(raw, "status")).get("name")),
            blocks=frozenset(key for key in blocked if key),
            title=text(whose.field(raw, "summary")),
            empty=self._is_empty(whose.field(raw, "description")),
        )

    def _notes(self, raw: Mapping[str, object]) -> Any:  # noqa: ANN401  # opaque: each dialect its own
        """The manager's part of the body. In an issue that we never wrote, which somebody named as the summary, that is
        all of it; in one that we did, None when it cannot be told apart. None too for a body that Jira did not tell.
        """
        if "description" not in mapping(raw.get("fields")):
            return None
        body, cloud = whose.field(raw, "description"), self._pen.client.cloud
        parts = adf.split_notes(body) if cloud else wiki.split_notes(body)
        if parts is not None:
            return parts[1]
        ours = bool(whose.copy(raw)) or whose.is_marked(raw, self._mark)
        whole = mapping(body).get("content") if cloud else body
        return None if ours or not isinstance(whole, list if cloud else str) else whole

    def _is_empty(self, body: object) -> bool:
        """Whether our part is gone, but for the heading with which it ends."""
        if self._pen.client.cloud:
            nodes = adf.split_notes(body)
            return nodes is None or len(nodes[0]["content"]) <= 1
        parts = wiki.split_notes(body)
        return parts is None or "\n" not in parts[0].strip()

    def _link_type(self) -> str:
        told = mapping(self._pen.client.get("issueLinkType"))
        kinds = [mapping(kind) for kind in sequence(told.get("issueLinkTypes"))]
        for kind in kinds:
            if is_named(kind, self._settings.link):
                return identity(kind.get("id"))
        there = ", ".join(sorted(text(kind.get("name")) for kind in kinds)) or "none"
        said = f'there is no link type "{self._settings.link}"; there are: {there}'
        raise PermanentError(self.name, said, "set summary: {link: …} to the one that means blocking")


def _title(report: Report) -> str:
    """One line that Jira's summary field holds."""
    return " ".join(report.title.split())[:_LONGEST_TITLE]
