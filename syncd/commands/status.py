"""``status``: the verdict and the gates from the store, the lease applied. Asks no tracker."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from mapping.evidence import digest
from syncd import app
from syncd.commands.output import Exit, chosen, console, say, warn
from syncd.status import document

if TYPE_CHECKING:
    from config.schema import Config
    from syncd.reconcile import Outside


def status(config: Config, release: str | None, *, as_json: bool, require_ready: bool) -> Exit:
    releases = chosen(release, config.releases)
    with app.opened(config) as outside:
        documents = {name: _document(name, outside) for name in releases}
    if as_json:
        _print_json(documents, release)
    else:
        _print(documents)
    missing = [name for name, told in documents.items() if told is None]
    if require_ready:
        return Exit.DONE if all(told and told["launchable"] for told in documents.values()) else Exit.NOT_READY
    return Exit.FAILED if missing and release else Exit.DONE


def _document(release: str, outside: Outside) -> dict[str, Any] | None:
    """None when the release was never judged, or by another version whose words we cannot read."""
    known = outside.store.judgement(release)
    if known is None or known.readiness is None:
        return None
    return document(known.readiness, digest(known.readiness), outside.store.summary(release), outside.now())


def _print_json(documents: dict[str, dict[str, Any] | None], release: str | None) -> None:
    told = [it for it in documents.values() if it is not None]
    found: Any = (told[0] if told else None) if release else told
    print(json.dumps(found, indent=2, ensure_ascii=False))  # noqa: T201 - the one document on standard output
    _warn_of_missing(documents)


def _print(documents: dict[str, dict[str, Any] | None]) -> None:
    for told in documents.values():
        if told is not None:
            _print_one(told)
    _warn_of_missing(documents)


def _warn_of_missing(documents: dict[str, dict[str, Any] | None]) -> None:
    for name, told in documents.items():
        if told is None:
            warn(f"{name}: CAN'T TELL. It was never read: run `syncd once {name}`.")


def _print_one(told: dict[str, Any]) -> None:
    say(f"{told['name']}: {told['shown']}. {told['reason']}")
    if told["summary"]:
        say(f"  {told['summary']['key']} {told['summary']['url']}")
    say(f"  computed {told['computed_at']}, to be trusted until {told['valid_until'] or 'nobody knows'}")
    table = Table("Gate", "State", "Done", "Why", "Who", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for gate in told["gates"]:
        done = f"{gate['done']} of {gate['total']}"
        cells = (gate["name"], gate["shown"], done, gate["reason"], gate["actor"])
        table.add_row(*(Text(cell) for cell in cells))
    console().print(table)
