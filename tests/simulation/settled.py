"""What must have come about some time after the faults stopped: syncd knows and says what is so, and is at rest.

Called by the simulation at its end. The measure is a fresh database, read whole at the same moment.
"""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mapping.digest import digest
from mapping.item import Progress
from mapping.readiness import State
from syncd import app
from syncd.departures import SECOND_LOOK
from syncd.reconcile import complete_pass
from tests.simulation.breach import BreachError, CostlyError
from tests.simulation.mishaps import NOTE
from tests.simulation.settled_words import SettledWords
from tests.simulation.shelf import lay, quick_store
from tests.simulation.watch import SLACK, body_of, is_summary, release_of
from tests.simulation.words import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mapping.item import Item
    from tests.simulation.run import Simulation
    from tests.simulation.town import Gate

QUIET = timedelta(minutes=12)
DONE = (Progress.DONE, Progress.DROPPED)


class Settled:
    def __init__(self, simulation: Simulation) -> None:
        self.it = simulation
        self.store = simulation.outside.store
        self.fresh_path = simulation.folder / "fresh.db"

    def check(self) -> None:
        self._knows_what_a_fresh_reading_knows()
        for gate in self.it.town.gates:
            if not self._is_lost(gate):
                self._has_all_items(gate)
                self._has_risen(gate)
        for release in self.it.config.releases:
            self._is_written(release)
        if self.it.words:
            SettledWords(self.it, self.it.words, self.store, self.fresh_path).check()
        self._kept_the_notes()
        self._told_no_secret()
        self._writes_no_more()
        self._asks_no_more()

    def _is_lost(self, gate: Gate) -> bool:
        """Whether it cannot be told any more, and says so: what was known of it stays."""
        seen = self.store.sights(gate.release).get(gate.id, ())
        return self.it.town.has_lost_its_epic(gate) and any(it.refused for it in seen)

    def _asks_no_more(self) -> None:
        """Nothing changes: a poll costs a request and perhaps the account check. Not where a gate is lost, for it is
        tried again with each; nor right after a write, for what it touched is looked at twice, at once and by the first
        poll that comes five minutes later.
        """
        lost = {gate.tracker for gate in self.it.town.gates if self._is_lost(gate)}
        written = max((at for at, *_ in self.it.watch.writes), default=self.it.at - QUIET)
        looks = 2 if self.it.town.poll > SECOND_LOOK else 3
        since = max(self.it.at - QUIET, written + looks * self.it.town.poll + SLACK)
        for tracker in self.it.town.trackers.keys() - lost:
            has_items = any(gate.tracker == tracker for gate in self.it.town.gates)
            polls = [row for row in self.it.counted if row[0] >= since and row[1:3] == ("poll", tracker)]
            costs = sorted(asked for _, _, _, asked in polls)
            launches = f" launch: {tracker}/"  # where there are no items each of them is asked for, and what is said
            talks = sum(where == tracker for where in self.it.town.summary_in.values())
            gone = any(where == tracker for where, _ in self.it.mishaps.touched)  # is asked for every ten minutes
            most = 2 if has_items else 1 + self.it.town.text.count(launches) + 2 * talks
            # what people say of a release's project is asked for once an hour, perhaps in just this poll
            hourly = len(self.it.config.releases) if len(costs) == 1 else 0
            if polls and costs[(len(costs) - 1) // 2] > most + gone + hourly:
                raise CostlyError(f"a poll of {tracker} in which nothing changed costs {costs} requests")

    def _writes_no_more(self) -> None:
        """Only leases."""
        since = self.it.at - QUIET
        written = [what for at, _, what in self.it.watch.writes if at >= since]
        if len(written) > 2 * len(self.it.config.releases):
            raise BreachError(f"nothing changes, and yet it writes: {written}")

    def _knows_what_a_fresh_reading_knows(self) -> None:
        fresh = self._fresh()
        for release in self.it.config.releases:
            ours, theirs = self._facts(self.store.items(release)), fresh[release]
            lost = {it.id for it in self.it.town.gates if it.release == release and self._is_lost(it)}
            for gate in {it.id for it in self.it.town.gates if it.release == release}:
                known, read = ours.get(gate, {}), theirs.get(gate, {})
                if known != read and gate not in lost:
                    differ = {id_ for id_ in known.keys() | read.keys() if known.get(id_) != read.get(id_)}
                    said = [(id_, known.get(id_), read.get(id_)) for id_ in sorted(differ)][:3]
                    raise BreachError(f"{gate} of {release}: what is kept is not what a fresh reading gives: {said}")

    def _facts(self, items: Mapping[str, list[Item]]) -> dict[str, dict[str, Any]]:
        return {gate: {it.id: self._fact(it) for it in found} for gate, found in items.items()}

    def _fact(self, it: Item) -> tuple[Any, ...]:
        labels = None if it.tracker in self.it.mishaps.relabelled else it.labels
        return it.key, it.progress, it.title, it.status, it.assignee, labels

    def _fresh(self) -> dict[str, dict[str, Any]]:
        lay(self.it.template, self.fresh_path)
        with closing(quick_store(f"sqlite:///{self.fresh_path}")) as store:
            for known in self.store.summaries() if self.it.words else ():  # what is said there is read, too
                if known.ref:
                    store.created(known.mark, known.ref)
            outside = app.outside(self.it.config, store, self.it.now, self.it.wait)
            list(complete_pass(self.it.config, list(self.it.config.releases), outside, write=False))
            return {release: self._facts(store.items(release)) for release in self.it.config.releases}

    def _has_all_items(self, gate: Gate) -> None:
        """As the naive truth has it, without asking any connector."""
        truth = {id_: finished for id_, _, finished in self.it.town.work_of(gate)}
        known = {it.id: it.progress in DONE for it in self.store.items(gate.release).get(gate.id, ())}
        if truth != known:
            raise BreachError(f"{gate.id} of {gate.release} has {known}, and in truth it is {truth}")

    def _has_risen(self, gate: Gate) -> None:
        """A gate that nothing holds back is READY; what was deleted or signed away may rightly hold one back."""
        items = self.store.items(gate.release).get(gate.id, [])
        live = [it for it in items if it.progress is not Progress.DROPPED]
        gone = any(name == gate.tracker for name, _ in self.it.mishaps.removed)
        if (
            gone
            or gate.signs
            or gate.by_word
            or self._is_spoken_of(gate)
            or len(live) < gate.expect
            or not all(it.finished for it in items)
        ):
            return
        judged = self.store.judgement(gate.release)
        gates = judged.readiness.gates if judged and judged.readiness else ()
        told = next((it for it in gates if it.id == gate.id), None)
        if told is None or told.state is not State.READY:
            said = f"{told.state}: {told.reason}" if told else "unknown"
            raise BreachError(f"nothing holds {gate.id} of {gate.release} back, and it is {said}")

    def _is_spoken_of(self, gate: Gate) -> bool:
        return self.it.words is not None and next(self.it.words.spoken(gate.id, gate.release, *KINDS), None) is not None

    def _is_written(self, release: str) -> None:
        tracker = self.it.town.trackers[self.it.town.summary_in[release]]
        rows = [it for it in tracker.world.issues.values() if is_summary(tracker, it)]
        rows = [it for it in rows if release_of(it["fields"]["summary"] if "fields" in it else it["title"]) == release]
        touched = {id_ for name, id_ in self.it.mishaps.touched if name == tracker.name}
        if touched:
            return
        if len(rows) != 1:
            raise BreachError(f"{release} has {len(rows)} summary issues")
        judged, summary = self.store.judgement(release), self.store.summary(release)
        if judged is None or judged.readiness is None or summary is None or summary.accepted is None:
            raise BreachError(f"{release} was never written")
        if summary.accepted.digest != digest(judged.readiness):
            raise BreachError(f"the summary of {release} does not say what was judged")

    def _kept_the_notes(self) -> None:
        for name, id_ in self.it.mishaps.noted:
            tracker = self.it.town.trackers[name]
            if NOTE not in body_of(tracker, tracker.world.issues[id_]):
                raise BreachError(f"Maya's note in {id_} of {name} is gone")

    def _told_no_secret(self) -> None:
        kept = b"".join(path.read_bytes() for path in self.it.folder.glob("syncd.db*"))
        said = repr(self.it.logged)
        for tracker in self.it.town.trackers.values():
            if tracker.secret.encode() in kept or tracker.secret in said:
                raise BreachError(f"the token of {tracker.name} is kept or logged")
