"""What the soak found, as Markdown. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.soak.life import Said
from bench.table import Row, table

_MIB = 2**20
_SHOWN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """``asked`` and ``written``: requests by tracker while the faults lasted; ``rest``: requests in each poll's time
    afterwards; ``struck``: faults by tracker; ``wrong``: promise → what broke it, "" when it was kept.
    """

    minutes: float
    items: int
    asked: Mapping[str, int]
    written: Mapping[str, int]
    rest: Mapping[str, Sequence[int]]
    struck: Mapping[str, Mapping[str, int]]
    steps: int
    hooks: Mapping[str, int]
    notes: int
    kills: int
    memory: Sequence[Sequence[tuple[float, int]]]
    slope: float | None
    said: Said
    settled_s: float
    wrong: Mapping[str, str]


def report(found: Found, machine: str) -> str:
    promises = [
        Row(what=what, must="", measured=wrong or "kept", good=not wrong) for what, wrong in found.wrong.items()
    ]
    numbers = [Row(what=what, must="", measured=measured, good=None) for what, measured in _numbers(found)]
    parts = [f"{found.minutes:g} minutes, {machine}", _lean(promises, "promise"), _lean(numbers, "what")]
    troubles = [f"- {count} × {words}" for words, count in found.said.troubles.most_common(_SHOWN)]
    parts += ["What it complained of most, while the faults lasted:", "\n".join(troubles)] if troubles else []
    faults = [f"    {line[:500]}" for line in found.said.faults[:_SHOWN]]
    parts += ["Lines that are no plain log lines:", "\n".join(faults)] if faults else []
    return "\n\n".join(parts)


def _lean(rows: list[Row], name: str) -> str:
    return table(
        [Row(what=it.what, must=it.measured, measured=_word(it.good), good=None) for it in rows],
        (name, "measured", "", ""),
    )


def _word(good: bool | None) -> str:  # noqa: FBT001 - the row's own field
    return "" if good is None else "ok" if good else "BROKEN"


def _numbers(found: Found) -> list[tuple[str, str]]:
    lives = [[held for _, held in life] for life in found.memory if life]
    peaks = ", ".join(f"{max(life) / _MIB:.0f}" for life in lives)
    slope = "not measured" if found.slope is None else f"{found.slope:+.3f} MiB a minute"
    looks = ", ".join(f"{tracker} {way} {count}" for (tracker, way), count in sorted(found.said.looks.items()))
    return [
        ("tickets in the two trackers at the end", str(found.items)),
        ("things that people did", f"{found.steps}, and {found.notes} notes in summaries"),
        ("webhooks, by answer", _counts(found.hooks)),
        ("kills (kill -9), each with a restart", str(found.kills)),
        *((f"requests to {tracker}", _asked(found, tracker)) for tracker in found.asked),
        ("looks at trackers", looks),
        ("settlings of releases, by what they wrote", _counts(found.said.settled)),
        ("all is right after the faults stopped", f"after {found.settled_s:.0f} s, two fresh readings included"),
        *((f"requests to {it} in each poll at rest", _resting(counts)) for it, counts in found.rest.items()),
        ("memory: peak of each life", f"{peaks} MiB"),
        ("memory: slope in the second half of the last life", slope),
    ]


def _asked(found: Found, tracker: str) -> str:
    struck = found.struck[tracker]
    down = struck.get("down", 0)
    faulty = sum(struck.values()) - down
    share = faulty / max(1, found.asked[tracker] + faulty)
    kinds = _counts({name: count for name, count in struck.items() if name != "down"})
    return (
        f"{found.asked[tracker]} arrived, {found.written[tracker]} of them wrote; "
        f"{faulty} answers faulty ({share:.1%}: {kinds}); {down} while it was away"
    )


def _resting(counts: Sequence[int]) -> str:
    return f"median {median(counts):g}, at most {max(counts)}"


def _counts(found: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(found.items())) or "none"
