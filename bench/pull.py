"""A cold pull by syncd: everything read, stored and judged, into a store that was empty; nothing written.

``python -m bench.pull LAYOUT TOLD COUNT``, both as JSON. It prints the seconds of each of COUNT pulls, the peak of
memory and how many items the store holds.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import syncd_file
from bench.layout import Layout
from bench.stopwatch import Lap, peak_bytes, timed
from syncd import app
from syncd.reconcile import complete_pass


def pull(layout: Layout, told: dict[str, dict[str, str]], folder: Path) -> tuple[Lap, int]:
    """Making the empty store is not timed: it is done once in a store's life. Raises the first problem."""
    config = syncd_file.loaded(layout, told, folder)
    with app.opened(config) as outside, timed() as lap:
        for passed in complete_pass(config, list(config.releases), outside, write=False):
            for problem in passed.problems:
                raise problem
    with sqlite3.connect(folder / "syncd.db") as connection:
        (count,) = connection.execute("SELECT count(*) FROM item").fetchone()
    connection.close()
    return lap, int(count)


def main() -> None:
    layout, told, count = Layout(**json.loads(sys.argv[1])), json.loads(sys.argv[2]), int(sys.argv[3])
    laps = []
    for _ in range(count):
        with TemporaryDirectory(prefix="bench-") as folder:
            lap, items = pull(layout, told, Path(folder))
        laps.append(lap)
    found = {"wall_s": [lap.wall_s for lap in laps], "own_s": [lap.own_s for lap in laps]}
    print(json.dumps(found | {"items": items, "peak_bytes": peak_bytes()}))


if __name__ == "__main__":
    main()
