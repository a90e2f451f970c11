"""``history``: the verdicts of a release over time, from its evidence, and whether the chain of that is whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from mapping.occasion import in_words
from mapping.plain import clean
from mapping.wording import moment
from syncd import app
from syncd.chain import Link, faults, links
from syncd.commands.named import SHOWN
from syncd.commands.output import Exit, chosen, print_table, say, warn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from config.schema import Config


def history(config: Config, release: str, *, as_json: bool) -> Exit:
    """FAILED when the chain is not whole, or there is none."""
    chosen(release, config.releases)
    with app.opened(config) as outside:
        found = links(outside.store, release)
    broken = faults(found)
    if as_json:
        document = {
            "release": release,
            "whole": not broken,
            "faults": broken,
            "evidence": [_document(it) for it in found],
        }
        print(json.dumps(document, indent=2, ensure_ascii=False))  # noqa: T201 - the one document on standard output
    elif found:
        print_table(_table(found, config.releases[release].timezone))
        say(f"The chain is {'broken' if broken else 'whole'}: {len(found)} in a row, oldest first.")
    else:
        warn(f"{release}: nothing was judged yet: run `syncd once {release}`.")
    for fault in broken:
        warn(f"problem: {fault}")
    return Exit.DONE if found and not broken else Exit.FAILED


def _document(it: Link) -> dict[str, Any]:
    row = it.evidence
    return {
        "sha": row.sha,
        "previous": row.previous or None,
        "at": row.at.isoformat(),
        "verdict": it.verdict or None,
        "shown": it.shown or None,
        "why": list(row.why),
        "decided": it.decided or None,
        "version": row.version,
        "problem": it.problem or None,
    }


def _table(found: Sequence[Link], zone: tzinfo) -> Table:
    table = Table(
        "At", "Verdict", "Why it was taken", "Who decided", "Evidence", box=None, pad_edge=False, padding=(0, 2, 0, 0)
    )
    for it in found:
        row = it.evidence
        shown = it.shown or "cannot be read"
        cells = (moment(row.at, zone, found[-1].evidence.at), shown, in_words(row.why), it.decided, row.sha[:SHOWN])
        table.add_row(*(Text(clean(cell)) for cell in cells))
    return table
