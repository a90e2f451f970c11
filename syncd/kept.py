"""What the pass keeps of one release between two passes, as the one text that the store holds for it.

The rules' memory, and what start-up reads told that must outlive a tracker that is down: the launch issue's facts and
the signatures of the sign-off tickets. A text that cannot be read is as good as none: rises start again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from connectors.base import Launch
from mapping.item import Account
from mapping.memory import Memory
from mapping.record import Signature


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """``launch`` as last read, at ``launch_at``. ``leads`` and ``signatures`` by gate id."""

    memory: Memory = field(default_factory=Memory)
    launch: Launch | None = None
    launch_at: datetime | None = None
    leads: dict[str, Account] = field(default_factory=dict)
    signatures: dict[str, Signature] = field(default_factory=dict)


_KEPT = TypeAdapter(Kept)


def kept_from(text: str | None) -> Kept:
    try:
        return _KEPT.validate_json(text) if text else Kept()
    except ValidationError:
        return Kept()


def kept_text(kept: Kept) -> str:
    return _KEPT.dump_json(kept).decode()
