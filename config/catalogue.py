"""The eight gates that syncd knows by itself: their names and the question that each owner answers by signing.

A configuration may rename, drop and add gates and questions freely; those of the eight that a release does not
mention are asked about once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Known:
    name: str
    questions: tuple[str, ...]


CATALOGUE: Final[dict[str, Known]] = {
    "engineering": Known("Engineering", ("Is the code complete and releasable?",)),
    "qa": Known("Quality Assurance", ("Has it been flown in bad weather, and are its limits known?",)),
    "docs": Known("Technical Documentation & Learning", ("What do people learn it from?",)),
    "training": Known("Internal Training", ("Who here can operate it?",)),
    "product_marketing": Known(
        "Product Marketing", ("What is it called?", "What does it cost?", "Which packages are there?")
    ),
    "marketing": Known("Marketing", ("Who are the buyers, and why do they need it?",)),
    "sales": Known("Sales Playbook", ("How do the field teams sell it?",)),
    "support": Known("Support", ("Who is called when it breaks?", "For how long?", "May it be customised?")),
}


def known(gate: str) -> Known:
    """The catalogue's name and questions of a gate; a name made from its id where the catalogue has none."""
    readable = gate.replace("_", " ").replace("-", " ").strip() or gate
    return CATALOGUE.get(gate, Known(readable[:1].upper() + readable[1:], ()))
