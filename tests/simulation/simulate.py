"""Runs seeds of the simulation, any number, on all cores: ``python -m tests.simulation.simulate 0 10000``.

Called by ``make simulate`` and by the tests, with PYTHONHASHSEED=0, so that a seed does the same each time. Prints each
failing seed and the command that repeats it; ``--story`` prints what happened in it.
"""

from __future__ import annotations

import argparse
import atexit
import gc
import os
import shutil
import sys
import tempfile
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from syncd.daemon import Daemon
from syncd.store.store import open_store
from tests.simulation.breach import BreachError
from tests.simulation.planting import UnfitError, unused
from tests.simulation.plants import PLANTS
from tests.simulation.run import Simulation

if TYPE_CHECKING:
    from collections.abc import Iterator


def simulate(seed: int, plant: str = "") -> tuple[int, str]:
    """(the seed, what broke with its story, "" when all was well)."""
    with PLANTS[plant]() if plant else nullcontext():
        try:
            Simulation(seed, _folder(), _folder() / "template.db", Daemon).run()
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to this seed
            return seed, str(error)
    return seed, ""


@cache
def _folder() -> Path:
    """One for all seeds of this process, with an empty database."""
    folder = tempfile.mkdtemp(prefix="syncd-simulation-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with open_store(f"sqlite:///{folder}/template.db"):
        pass
    gc.freeze()  # what was imported stays
    gc.set_threshold(500_000, 20, 100)
    return Path(folder)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("first", type=int)
    parser.add_argument("beyond", type=int)
    parser.add_argument("--plant", choices=[*PLANTS], default="", help="a mistake to be caught")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--story", action="store_true")
    said = parser.parse_args()
    seeds = range(said.first, said.beyond)
    if said.plant:
        return _caught(seeds, said.plant, story=said.story)
    with ProcessPoolExecutor(said.processes) as pool:
        done = _counted(as_completed([pool.submit(simulate, seed) for seed in seeds]), len(seeds))
        failed = [_shown(*it.result(), story=said.story) for it in done if it.result()[1]]
    sys.stdout.write(f"{len(seeds) - len(failed)} of {len(seeds)} seeds are well\n")
    return 1 if failed else 0


def _counted(done: Iterator[Future[tuple[int, str]]], seeds: int) -> Iterator[Future[tuple[int, str]]]:
    """What is done, one by one; every 500 a line on stderr, for a long run shall not look like one that hangs."""
    for number, it in enumerate(done, 1):
        if number % 500 == 0:
            sys.stderr.write(f"{number} of {seeds} seeds are done\n")
        yield it


def _caught(seeds: range, plant: str, *, story: bool) -> int:
    """Whether one of the seeds catches the mistake; the first that does ends it."""
    try:
        for seed in seeds:
            _, broke = simulate(seed, plant)
            if f" {BreachError.__name__}:" in broke.partition("\n")[0]:
                _shown(seed, broke, story=story)
                return 0
    except UnfitError as unfit:
        sys.stdout.write(f"{plant} does not fit any more: {unfit}\n")
        return 1
    idle = "".join(f"; nobody called {place}" for place in unused())
    sys.stdout.write(f"{plant}: not caught by {len(seeds)} seeds{idle}\n")
    return 1


def _shown(seed: int, broke: str, *, story: bool) -> int:
    sys.stdout.write(f"{broke if story else broke.splitlines()[0]}\n")
    sys.stdout.write(f"  repeat: PYTHONHASHSEED=0 python -m tests.simulation.simulate {seed} {seed + 1} --story\n")
    sys.stdout.flush()
    return seed


if __name__ == "__main__":
    sys.exit(main())
