"""Writes the golden files anew: ``make golden``, after a rule was changed on purpose. See test_golden.py."""

from __future__ import annotations

import json
from pathlib import Path

from mapping.exhibit import text_of
from tests.golden.situations import SITUATIONS, exhibit_of

FOLDER = Path(__file__).parent


def build(folder: Path = FOLDER) -> None:
    """One file for each situation, laid out for people to compare; those of situations that are no more are deleted."""
    for path in folder.glob("*.json"):
        if path.stem not in SITUATIONS:
            path.unlink()
    for name, situation in SITUATIONS.items():
        told = json.loads(text_of(exhibit_of(situation())))
        (folder / f"{name}.json").write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", "ascii")


if __name__ == "__main__":
    build()
