"""What must hold at every moment of what people said: each command has its one record, each answer stands once, nobody
else's issue is spoken on, and what was heard shows until it is lifted.

Called by the simulation and by ``watch``. It knows what was said (``speech``), looks at what syncd keeps and shows, and
shares no rule with the product.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mapping import record as kinds
from mapping.record import Record
from tests.simulation.breach import BreachError
from tests.simulation.speech import MANAGER, Line, Speech, Version, called, comments_of
from tests.simulation.town import Tracker

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.simulation.town import Gate

KINDS: dict[str, type[Any]] = {
    "hold": kinds.Hold,
    "unhold": kinds.Unhold,
    "ready": kinds.Signature,
    "not-ready": kinds.Signature,
    "not-needed": kinds.NotNeeded,
    "attest": kinds.Attestation,
    "waive": kinds.Waiver,
    "approve": kinds.Approval,
    "deny": kinds.Denial,
    "ask": kinds.Question,
    "away": kinds.Absence,
    "go": kinds.Decision,
    "no-go": kinds.Decision,
}
SURE = frozenset({"hold", "not-ready", "ready", "no-go"})
"""What is taken even when it was said before anybody listened."""
GOOD = ("ready", "exception")
QUOTED = re.compile(r"“[^”]*?\b(n\d+x)\b[^”]*”")
Said = tuple[Version, Line]


@dataclass(kw_only=True)
class Words:
    """``seen``: when a version's name was first found among those that were heard, by release and name; what a lost
    database knew is none of them. ``answered``: which comment of syncd quotes a line. ``records``: of each release.
    """

    speech: Speech
    now: Callable[[], datetime]
    is_summary: Callable[[Tracker, Any], bool]
    seen: dict[tuple[str, str], datetime] = field(default_factory=dict)
    answered: dict[str, str] = field(default_factory=dict)
    records: dict[str, list[Record]] = field(default_factory=dict)

    def forgotten(self) -> None:
        self.seen.clear()
        self.records.clear()

    # What is kept

    def kept(self, release: str, records: Sequence[Record], heard: Mapping[tuple[str, str, str], str]) -> None:
        """After each job: every record is somebody's command, and what was heard has its records."""
        waived = {it.id for it in records if isinstance(it, kinds.Waiver)}
        over = [it for it in records if isinstance(it, kinds.Ending)]
        ended = Counter(it.waiver.partition(" ")[0] for it in over)
        if ended - Counter(waived):
            raise BreachError(f"{over}: not each is the one end of one of {waived}")
        said = [it for it in records if it not in over and not (isinstance(it, kinds.Signature) and it.key)]
        self.records[release] = said
        count: Counter[tuple[str, int]] = Counter()
        for record in said:
            whole, _, last = record.id.rpartition(".")
            name = called(whole)
            version = self.speech.said.get(name)
            if version is None or version.release != release:
                raise BreachError(f"{record} is nobody's word")
            if last.isdigit() or "-" in last:
                number = int(last[:4])
                self._check_record(record, version, version.commands[number])
                count[name, number] += 1
            elif last == "withdrawn" and version.stands:
                raise BreachError(f"{name} was withdrawn, and it stands there")
        for (_, _, comment), name in heard.items():
            version = self.speech.said.get(called(name)) if comment else None
            if version is not None:
                self.seen.setdefault((release, version.name), self.now())
                self._check_heard(version, count)

    def _check_record(self, record: Record, version: Version, line: Line) -> None:
        by = getattr(record, "by", "")
        fits = isinstance(record, KINDS.get(line.command, ())) and by == version.by
        if not fits or line.right is False:
            raise BreachError(f"{version.by} said {line.text!r}, and what was taken is {record}")
        if isinstance(record, kinds.Signature) and record.ready is not (line.command == "ready"):
            raise BreachError(f"{line.text!r} became {record}")

    def _check_heard(self, version: Version, count: Counter[tuple[str, int]]) -> None:
        for number, line in enumerate(version.commands):
            found = count[version.name, number]
            if (line.right and line.command in SURE and not found) or (found > 1 and line.command != "waive"):
                raise BreachError(f"{version.by}'s {line.text!r} was heard ({version.name}) and has {found} records")

    # What is said on the trackers

    def posted(self, tracker: Tracker) -> None:
        """After each request that writes there."""
        ours = {it.comment for it in self.speech.said.values() if it.tracker == tracker.name}
        for issue, comment, body in comments_of(tracker):
            if comment in ours:
                continue
            if not self.is_summary(tracker, tracker.world.issues[issue]):
                raise BreachError(f"syncd spoke on {issue} of {tracker.name}, which is not its own: {body}")
            for token in set(QUOTED.findall(body)) if "not taken" in body else ():
                if self.answered.setdefault(token, comment) != comment:
                    raise BreachError(f"{token} was answered twice")

    # What stands

    def spoken(self, gate: str | None, release: str, *commands: str) -> Iterator[Said]:
        """The lines that anybody might have had the right to say of this gate, None for the release."""
        for version in self.speech.said.values():
            if version.release == release:
                for line in version.commands:
                    if line.command in commands and line.gate == gate and line.right is not False:
                        yield version, line

    def holds(self, release: str, gate: str | None, *, heard: bool = False) -> list[Said]:
        """Those that nobody has lifted since; with ``heard`` only what syncd knows of."""
        lifts = list(self.spoken(gate, release, "unhold"))
        said = self.spoken(gate, release, "hold")
        return [it for it in said if self._counts(it[0], heard=heard) and not any(_later(up, it) for up in lifts)]

    def votes(self, gate: Gate, *, heard: bool = False) -> list[Said]:
        """Not-ready votes that their author has not taken back; a sign-off ticket may do that, too."""
        if gate.signs:
            return []
        ready = list(self.spoken(gate.id, gate.release, "ready"))
        said = self.spoken(gate.id, gate.release, "not-ready")
        return [
            it
            for it in said
            if self._counts(it[0], heard=heard) and not any(_later(yes, it) and yes[0].by == it[0].by for yes in ready)
        ]

    def hindrances(self, gate: Gate) -> Iterator[tuple[str, str, str]]:
        """(release, gate or "", name of the fact): what keeps it from being READY."""
        for _, line in (*self.holds(gate.release, gate.id), *self.votes(gate)):
            yield gate.release, gate.id, f"said {line.token}"
        for _, line in self.holds(gate.release, None):
            yield gate.release, "", f"said {line.token}"

    def _counts(self, version: Version, *, heard: bool) -> bool:
        known = (version.release, version.name) in self.seen
        return known or (not heard and version.stands and self.speech.is_open(version))

    def excused(self, gate: Gate) -> frozenset[str] | None:
        """The unfinished items that an EXCEPTION may pass over; None for all, which somebody vouched for."""
        if next(self.spoken(gate.id, gate.release, "attest"), None):
            return None
        records = self.records.get(gate.release, [])
        agreed = [it for it in records if isinstance(it, kinds.Approval)]
        return frozenset(
            waiver.item[1]
            for waiver in records
            if isinstance(waiver, kinds.Waiver)
            and any(
                it.subject == waiver.label and it.by != waiver.by and MANAGER in (it.by, waiver.by) for it in agreed
            )
        )

    def is_unneeded(self, gate: Gate) -> bool:
        """Whether an owner said so and the manager agreed, at any time."""
        records = self.records.get(gate.release, [])
        said = any(isinstance(it, kinds.NotNeeded) and it.gate == gate.id for it in records)
        agreed = (it for it in records if isinstance(it, kinds.Approval) and it.by == MANAGER)
        return said and any(it.subject == gate.id for it in agreed)

    # What is shown

    def shown(self, release: str, document: Mapping[str, Any]) -> None:
        """The status document, once it was judged on what was heard."""
        computed = datetime.fromisoformat(document["computed_at"])
        for gate in document["gates"]:
            held = self._known(self.holds(release, gate["id"], heard=True), computed)
            if held and gate["state"] != "on_hold":
                raise BreachError(f"{gate['id']} of {release} is {gate['state']}, and {held} holds it")
        held = self._known(self.holds(release, None, heard=True), computed)
        if held and document["verdict"] not in ("on_hold", "unknown"):
            raise BreachError(f"{release} is {document['verdict']}, and {held} holds it")
        for gate in (it for it in self.speech.town.gates if it.release == release):
            self._check_good(gate, next((it["state"] for it in document["gates"] if it["id"] == gate.id), ""), computed)

    def _check_good(self, gate: Gate, state: str, computed: datetime) -> None:
        if state not in GOOD:
            return
        against = self._known(self.votes(gate, heard=True), computed)
        if against:
            raise BreachError(f"{gate.id} of {gate.release} is {state} against {against}")
        if gate.by_word and not next(self.spoken(gate.id, gate.release, "ready"), None):
            raise BreachError(f"{gate.id} of {gate.release} is {state}, and nobody has signed")

    def _known(self, said: Sequence[Said], computed: datetime) -> str:
        """One that had been kept before that was judged."""
        known = [it for it in said if self.seen[it[0].release, it[0].name] < computed]
        return f"{known[0][0].by}'s {known[0][1].text!r}" if known else ""


def _later(one: Said, other: Said) -> bool:
    """By the trackers' clocks or by the world's: where they differ nobody can ask for more."""
    return one[0].at > other[0].at or one[0].since > other[0].since or (one[0] is other[0] and one is not other)
