"""``status``: the verdict and the gates from the store, the lease applied. Asks no tracker."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from mapping.headline import decided
from mapping.plain import clean
from mapping.readiness import GateReadiness, State
from mapping.wording import moment
from syncd import app
from syncd.commands.output import Exit, chosen, print_table, say, warn
from syncd.told import told

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import tzinfo

    from config.schema import Config
    from syncd.told import Told


def status(config: Config, release: str | None, *, as_json: bool, require_ready: bool) -> Exit:
    releases = chosen(release, config.releases)
    with app.opened(config) as outside:
        now = outside.now()
        found = {name: told(config, name, outside, now) for name in releases}
    if as_json:
        _print_json([it.document for it in found.values() if it], one=release is not None)
    for name, it in found.items():
        if it is None:
            warn(f"{name}: CAN'T TELL. It was never read: run `syncd once {name}`.")
        elif not as_json:
            _print(it, config.releases[name].timezone, now)
    if require_ready:
        return Exit.DONE if all(it and it.readiness.launchable for it in found.values()) else Exit.NOT_READY
    return Exit.FAILED if release and found[release] is None else Exit.DONE


def _print_json(documents: list[dict[str, Any]], *, one: bool) -> None:
    """A list, or of one release its document: null when there is none."""
    found: Any = next(iter(documents), None) if one else documents
    print(json.dumps(found, indent=2, ensure_ascii=False))  # noqa: T201 - the one document on standard output


def _print(told: Told, zone: tzinfo, now: datetime) -> None:
    readiness = told.readiness
    for line in head(told, zone, now):
        say(line)
    print_table(_table(sorted((gate for gate in readiness.gates if not gate.asked), key=lambda it: not it.required)))
    silent = [gate.name for gate in readiness.gates if gate.asked]
    if silent:
        say(f"Nobody speaks yet for: {', '.join(sorted(silent))}.")


def head(told: Told, zone: tzinfo, now: datetime) -> Iterator[str]:
    """The verdict, or how the release ended; the summary issue; what was decided; until when to trust it."""
    readiness, summary = told.readiness, told.document["summary"]
    verdict = f"{readiness.shown}. {readiness.reason}"
    if readiness.closed is not None:
        ended = "LAUNCHED" if readiness.closed.launched else "CANCELLED"
        at = moment(readiness.closed.at, zone, now)
        verdict = f"{ended} by {readiness.closed.by}, {at}. The last verdict was {verdict}"
    yield clean(f"{readiness.name}: {verdict}")
    if summary:
        yield f"  {summary['key']} {summary['url']}"
    if readiness.decisions:
        last = readiness.decisions[-1]
        yield clean(f"  decided: {decided(last).text} by {last.by}, {moment(last.at, zone, now)}")
    until = told.document["valid_until"]
    trusted = f"trust it until {moment(datetime.fromisoformat(until), zone, now)}" if until else "never written"
    if readiness.closed is not None:
        trusted = "not confirmed any more"
    yield f"  computed {moment(readiness.computed_at, zone, now)}, {trusted}"


def _table(gates: Iterable[GateReadiness]) -> Table:
    table = Table("State", "Gate", "Done", "Why", "Who acts", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for gate in gates:
        name = gate.name if gate.required else f"{gate.name} (advisory)"
        cells = (short_state(gate), name, f"{gate.done} of {gate.total}", gate.reason, gate.actor)
        table.add_row(*(Text(clean(cell)) for cell in cells))
    return table


def short_state(gate: GateReadiness) -> str:
    """In a word or two: for whom a gate waits stands in its reason."""
    state = "WAITING" if gate.state is State.WAITING else gate.shown
    return f"{state}, CAN'T TELL" if gate.unknown and gate.state is not State.UNKNOWN else state
