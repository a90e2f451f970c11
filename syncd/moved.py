"""What moved between two pieces of evidence of one release, as sentences for people, in one order.

Pure; printed by ``syncd diff``, and by ``syncd explain`` where a replay comes to something else. Items are told by key
and status only, and what was said without the words given for it where those are nobody's business.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING

from mapping.canonical import written
from mapping.exhibit import Exhibit
from mapping.item import Progress
from mapping.record_words import sayer, saying
from mapping.sight import STRAYS
from mapping.standing import in_order
from mapping.wording import deadline, moment
from syncd.explanation import Basis, basis_of, is_hidden

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from mapping.item import Item
    from mapping.readiness import GateReadiness
    from mapping.record import Record

Sections = dict[str, list[str]]
"""Heading → sentences; those without any are left out."""


@dataclass(frozen=True)
class _Pair:
    """The two, and how times and gates are told of them."""

    before: Exhibit
    after: Exhibit

    @cached_property
    def bases(self) -> tuple[Basis, Basis]:
        return basis_of(self.before), basis_of(self.after)

    def moment(self, at: datetime) -> str:
        return moment(at, self.after.given.configuration.zone, self.after.given.now)

    def deadline(self, at: datetime | None) -> str:
        return deadline(at, self.after.given.configuration.zone, self.after.given.now) if at else "none"

    def gate_name(self, gate: str) -> str:
        named = (*self.after.given.configuration.gates, *self.before.given.configuration.gates)
        return next((it.name for it in named if it.id == gate), gate)


def moved(before: Exhibit, after: Exhibit) -> Sections:
    """Empty when nothing that a reader would be told differs."""
    pair = _Pair(before, after)
    sections = {
        "Verdict": _verdict(pair),
        "Gates": _gates(pair),
        "Items": _items(pair),
        "Said": _said(pair),
        "Signatures": _signatures(pair),
        "Waivers": _waivers(pair),
        "Target and freeze": _dates(pair),
        "Sources": _sources(pair),
        "Judged by": _judged_by(pair),
    }
    found = {heading: list(lines) for heading, lines in sections.items()}
    return {heading: lines for heading, lines in found.items() if lines}


def _verdict(pair: _Pair) -> Iterator[str]:
    was, now = pair.before.readiness, pair.after.readiness
    if (was.verdict, was.shown) != (now.verdict, now.shown):
        yield f"{was.shown} → {now.shown}: {now.reason}"
    elif was.reason != now.reason:
        yield f"still {now.shown}, now because {now.reason}"


def _gates(pair: _Pair) -> Iterator[str]:
    was, now = _by_id(pair.before), _by_id(pair.after)
    for name in sorted(was.keys() | now.keys(), key=lambda it: (pair.gate_name(it), it)):
        if name not in now:
            yield f"{was[name].name} is no gate any more; it was {was[name].shown}"
        elif name not in was:
            yield f"{now[name].name} is a gate now: {_state(now[name])}"
        elif was[name].shown != now[name].shown or was[name].unknown != now[name].unknown:
            yield f"{now[name].name}: {was[name].shown} → {_state(now[name])}"
        elif was[name].reason != now[name].reason:
            yield f"{now[name].name}: still {_state(now[name])}"


def _by_id(exhibit: Exhibit) -> dict[str, GateReadiness]:
    return {gate.id: gate for gate in exhibit.readiness.gates}


def _state(gate: GateReadiness) -> str:
    return f"{gate.shown}: {gate.reason}" if gate.reason else gate.shown


def _items(pair: _Pair) -> Iterator[str]:
    """By gate, then by tracker and id. One that is in several gates is told for each."""
    was, now = pair.before.given.items, pair.after.given.items
    for gate in sorted((was.keys() | now.keys()) - {STRAYS}):  # those moved no verdict
        old = {item.ref: item for item in was.get(gate, ())}
        new = {item.ref: item for item in now.get(gate, ())}
        lost = {item.ref for sight in pair.after.given.health.get(gate, ()) for item in sight.vanished}
        for ref in sorted(old.keys() | new.keys()):
            told = _item(old.get(ref), new.get(ref), vanished=ref in lost)
            if told:
                yield f"{pair.gate_name(gate)}: {told}"


def _item(old: Item | None, new: Item | None, *, vanished: bool) -> str:
    if new is None:
        what = "cannot be found any more" if vanished else "left"
        return f"{_key(old)} {what}; it was {old.status}" if old else ""
    if old is None:
        return f"{_key(new)} was added: {new.status}"
    if old.progress is new.progress:
        return f"{_key(new)} moved: {old.status} → {new.status}" if old.status != new.status else ""
    return f"{_key(new)} {_turn(old, new)}: {old.status} → {new.status}"


def _turn(old: Item, new: Item) -> str:
    if new.progress is None:
        return "cannot be told any more"
    if old.finished and not new.finished:
        return "was opened again"
    ended = {Progress.DONE: "was finished", Progress.DROPPED: "was dropped"}
    return ended.get(new.progress, "moved")


def _key(item: Item | None) -> str:
    return "" if item is None else item.key or item.id


def _said(pair: _Pair) -> Iterator[str]:
    was, now = _named(pair.before.given.records), _named(pair.after.given.records)
    before, after = pair.bases
    for record in in_order(record for name, record in now.items() if name not in was):
        who = f"{sayer(record)} " if sayer(record) else ""
        yield f"{pair.moment(record.at)}: {who}{_words(after, record)}{_about(pair, record)}"
    for record in in_order(record for name, record in was.items() if name not in now):
        yield f"taken back: {sayer(record)} {_words(before, record)}{_about(pair, record)}"


def _named(records: Iterable[Record]) -> Mapping[tuple[str, str], Record]:
    return {(type(record).__name__, record.id): record for record in records}


def _words(basis: Basis, record: Record) -> str:
    return saying(record, basis.zone, basis.readiness.target, hidden=is_hidden(basis, record))


def _about(pair: _Pair, record: Record) -> str:
    gate = getattr(record, "gate", None)
    return f" ({pair.gate_name(gate)})" if gate else ""


def _signatures(pair: _Pair) -> Iterator[str]:
    was, now = _by_id(pair.before), _by_id(pair.after)
    for name in sorted(was.keys() & now.keys()):
        old, new = was[name].signed, now[name].signed
        if old is not None and new is None:
            yield f"{now[name].name}: the signature of {old.by} no longer stands"
        elif new is not None and (old is None or (old.id, old.by, old.at) != (new.id, new.by, new.at)):
            yield f"{now[name].name}: signed by {new.by}, {pair.moment(new.at)}"


def _waivers(pair: _Pair) -> Iterator[str]:
    was = {it.waiver.id: it for it in pair.before.readiness.all_waivers}
    for it in pair.after.readiness.all_waivers:
        old = was.get(it.waiver.id)
        if old is None or old.state is not it.state:
            before = f"{old.state.value} → " if old else ""
            label, item = it.waiver.label or it.waiver.id, it.waiver.key or it.waiver.item[1]
            yield f"{label} of {item}: {before}{it.state.value}, until {pair.moment(it.until)}"


def _dates(pair: _Pair) -> Iterator[str]:
    was, now = pair.before.readiness, pair.after.readiness
    if was.target != now.target:
        yield f"target: {pair.deadline(was.target)} → {pair.deadline(now.target)}"
    if was.scope.frozen_at != now.scope.frozen_at and now.scope.frozen_at:
        yield f"the scope was frozen {pair.moment(now.scope.frozen_at)}"
    if now.closed and not was.closed:
        yield f"it is over since {pair.moment(now.closed.at)}: {'launched' if now.closed.launched else 'cancelled'}"


def _sources(pair: _Pair) -> Iterator[str]:
    was = {source.tracker: source.error for source in pair.before.readiness.sources}
    for source in sorted(pair.after.readiness.sources, key=lambda it: it.tracker):
        before = was.get(source.tracker, "")
        if source.error and source.error != before:
            yield f"{source.tracker} cannot be read: {source.error}"
        elif before and not source.error:
            yield f"{source.tracker} can be read again"


def _judged_by(pair: _Pair) -> Iterator[str]:
    if pair.before.version != pair.after.version:
        yield f"syncd {pair.before.version} → {pair.after.version}"
    if pair.before.configuration_hash != pair.after.configuration_hash:
        yield "the configuration was changed"
    was, now = pair.before.given.configuration, pair.after.given.configuration
    other = [it.name for it in fields(was) if written(getattr(was, it.name)) != written(getattr(now, it.name))]
    told = [name.replace("_", " ") for name in other if name not in _OUR_OWN]
    if told:
        yield f"what is configured, or told by trackers, is another: {', '.join(told)}"


_OUR_OWN = ("never_items", "quiet")
"""What the summary issue alone decides."""
