"""What must have come of all that was said, some time after the faults stopped; see ``settled``, which calls this.

The measures are what was said, and a fresh database in which the comments that stand were heard one after the other.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from mapping.readiness import State
from mapping.record import Hold, Signature, Waiver
from mapping.standing import helps, standing
from tests.simulation.breach import BreachError
from tests.simulation.shelf import quick_store
from tests.simulation.speech import called
from tests.simulation.words import QUOTED, Words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from mapping.record import Record
    from syncd.store.store import Store
    from tests.simulation.run import Simulation
    from tests.simulation.speech import Version

PLAIN = frozenset({"hold", "ready", "not-ready"})
"""What comes to the same whatever was heard before."""


class SettledWords:
    def __init__(self, simulation: Simulation, words: Words, store: Store, fresh_path: Path) -> None:
        self.it = simulation
        self.words = words
        self.store = store
        self.fresh_path = fresh_path

    def check(self) -> None:
        with closing(quick_store(f"sqlite:///{self.fresh_path}")) as fresh:
            for release in self.words.speech.pages():
                self._has_heard_all(release)
                self._has_answered(release)
                self._keeps_what_a_fresh_reading_keeps(release, fresh)
                self._shows_what_stands(release)

    def _standing(self, release: str) -> Iterable[Version]:
        speech = self.words.speech
        return [it for it in speech.said.values() if it.release == release and it.stands and speech.is_open(it)]

    def _has_heard_all(self, release: str) -> None:
        heard = {called(name) for (_, _, comment), name in self.store.heard(release).items() if comment}
        for version in self._standing(release):
            if version.name not in heard:
                raise BreachError(f"{version} was never heard")
        for name in heard & self.words.speech.said.keys():
            if not self.words.speech.said[name].stands:
                raise BreachError(f"{name} is still taken for what stands there")

    def _has_answered(self, release: str) -> None:
        if self.store.unposted(release):
            raise BreachError(f"{release} has something to say still: {self.store.unposted(release)}")
        for version in self._standing(release):
            for line in version.commands:
                wrong = line.right is False and line.text.startswith("/") and QUOTED.search(f"“{line.text}”")
                if wrong and line.token not in self.words.answered:
                    raise BreachError(f"{version.by}'s {line.text!r} ({version.name}) was never answered")

    def _keeps_what_a_fresh_reading_keeps(self, release: str, fresh: Store) -> None:
        ours, theirs = self.store.records(release), fresh.records(release)
        kept, read = _by_line(ours), _by_line(theirs)
        for version in self._standing(release):
            for number, line in enumerate(version.commands):
                known, found = kept.get((version.name, number)), read.get((version.name, number))
                if line.command in PLAIN and known != found:
                    raise BreachError(f"{line.text!r}: {known} is kept, a fresh reading gives {found}")
        for record in standing(ours):
            said = self.words.speech.said.get(_named(record))
            if (
                said and not said.stands and helps(record) and not isinstance(record, Waiver)
            ):  # a waiver is kept, revoked
                raise BreachError(f"{record} stands, and its comment does not")

    def _shows_what_stands(self, release: str) -> None:
        judged = self.store.judgement(release)
        assert judged
        assert judged.readiness
        shown = {gate.id: gate.state for gate in judged.readiness.gates}
        held = {gate.id: bool(self.words.holds(release, gate.id)) for gate in self._gates(release)}
        for gate in self._gates(release):
            state, ever = shown[gate.id], any(self.words.spoken(gate.id, release, "hold"))
            if (held[gate.id] and state is not State.ON_HOLD) or (state is State.ON_HOLD and not ever):
                raise BreachError(f"{gate.id} of {release} is {state.value}; held: {held[gate.id]}")
            if self.words.votes(gate) and state in (State.READY, State.EXCEPTION):
                raise BreachError(f"{gate.id} of {release} is {state.value} against a vote")
        whole = self.words.holds(release, None)
        required = [gate.id for gate in self._gates(release) if gate.required and held[gate.id]]
        if (whole or required) and judged.readiness.verdict.value != "on_hold":
            raise BreachError(f"{release} is {judged.readiness.shown}, and held: {whole[:1]} {required}")

    def _gates(self, release: str) -> list[Any]:
        return [gate for gate in self.it.town.gates if gate.release == release]


def _named(record: Record) -> str:
    return called(record.id.rpartition(".")[0])


def _by_line(records: Iterable[Record]) -> dict[tuple[str, int], Any]:
    """What was taken of each line, but for its times: what was said before anybody listened signs nothing any more."""
    return {
        (_named(it), int(it.id[-4:])): (type(it), it.gate, it.by, it.reason, getattr(it, "ready", None))
        for it in records
        if isinstance(it, Hold | Signature) and it.id[-5:-4] == "."
    }
