"""What became of waivers that are over for good, as records: a memory can be lost, and what is over must not come back.

``judge`` reads the endings among the records; whoever keeps what was judged adds those that only the memory knows.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from mapping.calendar import utc
from mapping.readiness import WaiverState
from mapping.record import Ending, Waiver
from mapping.said import name_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from mapping.memory import Memory
    from mapping.record import Record


def endings_known(records: Iterable[Record], now: datetime) -> Mapping[str, Mapping[str, tuple[WaiverState, datetime]]]:
    """Gate id → the waivers that are over for good by ``name_of``, what became of each, and since when."""
    found: dict[str, dict[str, tuple[WaiverState, datetime]]] = defaultdict(dict)
    said = (record for record in records if isinstance(record, Ending))
    for it in sorted(said, key=lambda it: (utc(it.at), it.fulfilled)):
        how = WaiverState.FULFILLED if it.fulfilled else WaiverState.SUPERSEDED
        found[it.gate].setdefault(it.waiver, (how, min(utc(it.at), now)))
    return found


def endings_unkept(records: Sequence[Record], memory: Memory) -> tuple[Ending, ...]:
    """For each waiver that the memory knows to be over and no record, the record."""
    kept = {record.waiver for record in records if isinstance(record, Ending)}
    found = {name_of(record): record for record in records if isinstance(record, Waiver)}
    return tuple(
        _ending(waiver, name, memory)
        for name, waiver in found.items()
        if name not in kept and waiver.gate in memory.gates and name in memory.gates[waiver.gate].spent
    )


def _ending(waiver: Waiver, name: str, memory: Memory) -> Ending:
    """Of what an older memory knows no more than that it is over: at once."""
    how, at = memory.gates[waiver.gate].ended.get(name, (WaiverState.SUPERSEDED, waiver.at))
    return Ending(
        id=f"over {name}",
        gate=waiver.gate,
        at=at,
        waiver=name,
        fulfilled=how is WaiverState.FULFILLED,
        label=waiver.label,
        key=waiver.key,
    )
