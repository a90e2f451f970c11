"""What the gates of one release say of trackers, people and one another.

Called by ``config.references``; yields findings of (path, message, remedy).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from config import addresses
from config.values import email_like
from config.wording import meant, named
from connectors import registry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.release import GateSettings, Selector
    from config.schema import Config
    from config.tree import Path

    Gates = Mapping[str, GateSettings | None]


@dataclass(frozen=True, slots=True)
class Names:
    """What exists in the file. ``kinds``: tracker → kind, where it says one. ``signers``: keys of people who have an
    e-mail or an account, or whose entry is itself in error.
    """

    trackers: frozenset[str]
    kinds: Mapping[str, str]
    people: frozenset[str]
    signers: frozenset[str]

    @classmethod
    def of(cls, config: Config, plain: Mapping[str, Any]) -> Names:
        trackers, people = _mapping(plain.get("trackers")), _mapping(plain.get("people"))
        kinds = {name: said["kind"] for name, said in trackers.items() if isinstance(said, dict) and "kind" in said}
        nameless = {name for name, person in config.people.items() if not (person.email or person.accounts)}
        return cls(
            trackers=frozenset(trackers),
            kinds={name: kind for name, kind in kinds.items() if isinstance(kind, str)},
            people=frozenset(people),
            signers=frozenset(people.keys() - nameless),
        )

    def split(self, address: str) -> tuple[str | None, str]:
        return addresses.split(address, self.trackers)


def _mapping(plain: object) -> dict[str, Any]:
    return plain if isinstance(plain, dict) else {}


def tracker_findings(path: Path, address: str, names: Names) -> Iterator[tuple[Path, str, str]]:
    """An address whose tracker does not exist or is not said."""
    tracker, key = names.split(address)
    if tracker is None:
        remedy = "write " + " or ".join(f"{name}/{key}" for name in sorted(names.trackers)[:3])
        yield path, f"{named(key)} does not say which tracker it is in", remedy
    elif tracker not in names.trackers:
        yield path, f"there is no tracker {named(tracker)}", meant(tracker, names.trackers, "add it to trackers")


def gate_findings(path: Path, gates: Gates, plain: Mapping[str, Any], names: Names) -> Iterator[tuple[Path, str, str]]:
    for name, gate in gates.items():
        if gate is not None:
            here = (*path, name)
            yield from _sources(here, gate, plain[name], names)
            yield from _owners(here, gate, plain[name], names)
            yield from _contradictions(here, gate)
            yield from _upstream((*here, "after"), gate, plain)
    yield from _cycles(path, gates)


def _sources(path: Path, gate: GateSettings, plain: object, names: Names) -> Iterator[tuple[Path, str, str]]:
    listed = isinstance(plain, dict) and isinstance(plain["items"], list)
    items = (*path, "items") if isinstance(plain, dict) else path
    for index, entry in enumerate(gate.items):
        here = (*items, index) if listed else items
        if isinstance(entry, str):
            yield from tracker_findings(here, entry, names)
        else:
            yield from _selector(here, entry, names)
    if not isinstance(gate.sign_off, bool):
        yield from tracker_findings((*path, "sign_off", "item"), gate.sign_off.item, names)


def _selector(path: Path, selector: Selector, names: Names) -> Iterator[tuple[Path, str, str]]:
    tracker = addresses.tracker_of(selector, names.trackers)
    if tracker is None:
        yield (
            path,
            "the selector does not say which tracker it asks",
            f"add tracker: {'|'.join(sorted(names.trackers))}",
        )
        return
    if tracker not in names.trackers:
        yield from tracker_findings((*path, "tracker"), f"{tracker}/", names)
    kind = names.kinds.get(tracker)
    if kind is not None and kind in registry.kinds():
        yield from _terms(path, selector, tracker, kind)


def _terms(path: Path, selector: Selector, tracker: str, kind: str) -> Iterator[tuple[Path, str, str]]:
    facts = registry.kind(kind)
    for key, value in selector.terms.items():
        if key not in facts.selector_keys:
            remedy = meant(key, facts.selector_keys, "")
            yield (*path, key), f"{named(key)} is no selector of {tracker}, which is {kind}", remedy
        elif value in (None, {}):
            yield (*path, key), "got nothing", f"write what {key} must be, or take it out"
        elif key in facts.alone and len(selector.terms) > 1:
            yield (*path, key), f"{key} stands alone in its selector", "say all of it there, or write two selectors"
    if not selector.terms:
        yield path, "the selector asks for everything", f"narrow it by {', '.join(sorted(facts.selector_keys))}"


def _owners(path: Path, gate: GateSettings, plain: object, names: Names) -> Iterator[tuple[Path, str, str]]:
    if gate.mode != "required" or gate.sign_off is False:
        return
    listed = isinstance(plain, dict) and isinstance(plain.get("owner"), list)
    for index, owner in enumerate(gate.owner or []):
        here = (*path, "owner", index) if listed else (*path, "owner")
        if owner in names.people - names.signers:
            message = f"{named(owner)} has neither an e-mail nor an account in people, and a signature is needed"
            yield here, message, f"add email to people.{owner}"
        elif owner not in names.people and not email_like(owner):
            message = f"{named(owner)} is neither in people nor an e-mail, and a signature is needed"
            remedy = meant(owner, names.people, "")
            yield here, message, remedy if remedy.startswith("did") else "write an e-mail, or add this person to people"


def _contradictions(path: Path, gate: GateSettings) -> Iterator[tuple[Path, str, str]]:
    if gate.items:
        return
    if gate.sign_off is False:
        yield (
            (*path, "sign_off"),
            "a gate without items and without a signature would ask for nothing",
            "name items, or take sign_off out",
        )
    for key in ("expect", "blockers"):
        if key in gate.model_fields_set:
            yield (*path, key), f"{key} is about items, and items is none", f"take {key} out, or name items"


def _upstream(path: Path, gate: GateSettings, plain: Mapping[str, Any]) -> Iterator[tuple[Path, str, str]]:
    for index, name in enumerate(gate.after):
        if name not in plain:
            there = {known for known, value in plain.items() if value is not None}
            yield (*path, index), f"there is no gate {named(name)} in this release", meant(name, there, "add the gate")
        elif plain[name] is None:
            yield (*path, index), f"the gate {named(name)} is null, so not in this release", "take it out of after"


def _cycles(path: Path, gates: Gates) -> Iterator[tuple[Path, str, str]]:
    """Each ring of hand-offs once, told at its first gate in the file."""
    edges = {name: [up for up in gate.after if gates.get(up)] for name, gate in gates.items() if gate}
    done: set[str] = set()
    for start in edges:
        ring = _ring(start, edges) if start not in done else []
        if ring:
            done.update(ring)
            spelled = " after ".join([*ring, start])
            yield (*path, start, "after"), f"the gates wait for one another: {spelled}", "take one of these out"


def _ring(start: str, edges: Mapping[str, list[str]]) -> list[str]:
    """The shortest way from a gate back to itself, without the return."""
    ways, seen = [[start]], set[str]()
    for way in ways:  # grows while it is walked: breadth first
        for up in edges.get(way[-1], []):
            if up == start:
                return way
            if up not in seen:
                seen.add(up)
                ways.append([*way, up])
    return []
