"""``python -m bench [ROW ...]``: measures all rows, or those named, and prints one table."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

from bench.rows import ROWS
from bench.table import Row, table
from syncd import clock


def machine() -> str:
    return f"{clock.now():%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, Python {platform.python_version()}"


def measured(name: str) -> list[Row]:
    """A row that could not be measured says so and holds up none of the others."""
    try:
        return list(ROWS[name]())
    except (RuntimeError, OSError, ImportError, subprocess.SubprocessError) as error:
        last = (str(error).strip() or type(error).__name__).splitlines()[-1]
        return [Row(what=name, must="", measured=f"could not be measured: {last[:200]}", good=False)]


def main() -> None:
    rows: list[Row] = []
    for name in sys.argv[1:] or ROWS:
        print(f"measuring {name} ...", file=sys.stderr)
        found = measured(name)
        print(*(f"  {row.what}: {row.measured}" for row in found), sep="\n", file=sys.stderr)
        rows += found
    print(machine(), table(rows), sep="\n\n")


if __name__ == "__main__":
    main()
