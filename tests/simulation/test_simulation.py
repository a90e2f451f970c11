"""Whatever a seed does to the trackers and to the daemon: nothing false is ever said, and in the end all is right.

Each batch runs in a process of its own whose hashes are fixed, so that a seed that fails here fails again by itself.
``make simulate SEEDS=10000`` runs more.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.plants import FIRST, PLANTS

ROOT = Path(__file__).parent.parent.parent
SEEDS = int(os.environ.get("SYNCD_SEEDS", "300"))
BATCH = 15
ENOUGH_TO_CATCH = 40
LONGEST_S = 1200

REGRESSIONS: dict[int, str] = {}
"""Seeds beyond the first ones that once showed a fault, and which."""


def simulated(*arguments: object) -> tuple[int, str]:
    command = [sys.executable, "-m", "tests.simulation.simulate", *(str(it) for it in arguments), "--processes", "1"]
    environ = {**os.environ, "PYTHONHASHSEED": "0"}
    done = subprocess.run(  # noqa: S603 - our own module
        command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=LONGEST_S, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("first", range(0, SEEDS, BATCH))
def test_no_seed_makes_it_say_what_is_not_so_nor_leaves_it_wrong(first: int) -> None:
    code, told = simulated(first, min(first + BATCH, SEEDS))
    assert code == 0, told


@pytest.mark.parametrize("seed", REGRESSIONS)
def test_a_seed_that_once_showed_a_fault_does_not_any_more(seed: int) -> None:
    code, told = simulated(seed, seed + 1)
    assert code == 0, f"{REGRESSIONS[seed]}: {told}"


@pytest.mark.parametrize("plant", PLANTS)
def test_a_known_mistake_is_caught(plant: str) -> None:
    first = FIRST.get(plant, 0)
    code, told = simulated(first, first + ENOUGH_TO_CATCH, "--plant", plant)
    assert code == 0, told
