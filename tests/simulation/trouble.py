"""How much trouble the seeds have in which a mistake is planted: what would show it is made frequent.

Called by the plants.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest import mock

from syncd.sandbox.faults import FAULTS
from tests.simulation import run


def severely(**given: Any) -> Any:
    """All seeds with this much trouble."""
    drawn = run._severity  # noqa: SLF001 - the plants are part of the simulation
    short = {"storm": timedelta(minutes=40), **given}
    return mock.patch.object(run, "_severity", lambda chance: replace(drawn(chance), **short))


def weather(**rates: float) -> Any:
    named = {name.replace("_", " "): rate for name, rate in rates.items()}
    return mock.patch.object(run, "plan", lambda _chance, kind: {n: r for n, r in named.items() if n in FAULTS[kind]})


def calm(**given: Any) -> Any:
    return severely(**{"weather": False, "mishaps": 0.0, "dies": 0.0, "fate": False, **given})
