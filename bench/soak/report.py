"""What the soak found, as Markdown. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.soak.life import Said

_MIB = 2**20
_SHOWN = 12
_NOT_CARRIED_OUT = ("busy", "limited", "limited by Linear", "lost before", "page")
"""Faults that the tracker itself never saw; "broken" is carried out now and then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """``asked`` (in each quarter of the time) and ``written``: requests by tracker while the faults lasted; ``rest``:
    requests in each poll's time afterwards; ``struck``: faults by tracker; ``wrong``: promise → what broke it, "" when
    it was kept.
    """

    minutes: float
    items: int
    asked: Mapping[str, Sequence[int]]
    written: Mapping[str, int]
    rest: Mapping[str, Sequence[int]]
    struck: Mapping[str, Mapping[str, int]]
    steps: int
    hooks: Mapping[str, int]
    notes: int
    crossed: int
    kills: int
    memory: Sequence[Sequence[tuple[float, int]]]
    slope: float | None
    said: Said
    settled_s: float
    wrong: Mapping[str, str]


def report(found: Found, machine: str) -> str:
    promises = [
        ("promise", "measured", ""),
        *((it, wrong or "kept", _word(wrong)) for it, wrong in found.wrong.items()),
    ]
    parts = [
        f"{found.minutes:g} minutes, {machine}",
        _table(promises),
        _table([("what", "measured"), *_numbers(found)]),
    ]
    troubles = [f"- {count} × {words}" for words, count in found.said.troubles.most_common(_SHOWN)]
    parts += ["What it complained of most:", "\n".join(troubles)] if troubles else []
    faults = [f"    {line[:500]}" for line in found.said.faults[:_SHOWN]]
    parts += ["Lines that are no plain log lines:", "\n".join(faults)] if faults else []
    return "\n\n".join(parts)


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(cells) + " |" for cells in rows]
    return "\n".join([lines[0], "|---" * len(rows[0]) + "|", *lines[1:]])


def _word(wrong: str) -> str:
    return "BROKEN" if wrong else "ok"


def _numbers(found: Found) -> list[tuple[str, str]]:
    lives = [[held for _, held in life] for life in found.memory if life]
    peaks = ", ".join(f"{max(life) / _MIB:.0f}" for life in lives)
    slope = "not measured" if found.slope is None else f"{found.slope:+.3f} MiB a minute"
    looks = ", ".join(f"{tracker} {way} {count}" for (tracker, way), count in sorted(found.said.looks.items()))
    return [
        ("tickets in the two trackers at the end", str(found.items)),
        ("things that people did", f"{found.steps}, and {found.notes} notes in summaries"),
        ("notes written between a look at the page and the write that followed", str(found.crossed)),
        ("webhooks, by answer", _counts(found.hooks)),
        ("kills (kill -9), each with a restart", str(found.kills)),
        *((f"requests to {tracker}", _asked(found, tracker)) for tracker in found.asked),
        ("looks at trackers", looks),
        ("settlings of releases, by what they wrote", _counts(found.said.settled)),
        ("all is right after the faults stopped", f"after {found.settled_s:.0f} s, fresh readings included"),
        *((f"requests to {it} in each poll at rest", _resting(counts)) for it, counts in found.rest.items()),
        ("memory: peak of each life", f"{peaks} MiB"),
        ("memory: the last life in ten steps", f"{', '.join(_steps(lives))} MiB"),
        ("memory: slope in the second half of the last life", slope),
    ]


def _steps(lives: list[list[int]]) -> list[str]:
    last = lives[-1] if lives else []
    return [f"{held / _MIB:.0f}" for held in last[:: max(1, len(last) // 10)]]


def _asked(found: Found, tracker: str) -> str:
    struck = found.struck[tracker]
    down = struck.get("down", 0)
    faulty = sum(struck.values()) - down
    arrived = sum(found.asked[tracker])
    quarters = ", ".join(str(it) for it in found.asked[tracker])
    unseen = sum(count for name, count in struck.items() if name in _NOT_CARRIED_OUT)
    share = faulty / max(1, arrived + unseen)
    kinds = _counts({name: count for name, count in struck.items() if name != "down"})
    return (
        f"{arrived} arrived ({quarters} in the quarters of the time), {found.written[tracker]} of them wrote; "
        f"{faulty} answers faulty ({share:.1%}: {kinds}); {down} while it was away"
    )


def _resting(counts: Sequence[int]) -> str:
    return f"median {median(counts):g}, at most {max(counts)}"


def _counts(found: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(found.items())) or "none"
