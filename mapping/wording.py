"""Times, numbers and states in words: absolute, in one zone, the same on every machine (no locale).

Called by the rules for their reasons and by the report's modules. Must not read a clock.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo

from mapping.calendar import local
from mapping.document import Tone
from mapping.readiness import GateReadiness, State, Verdict

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LAST_MINUTE = (23, 59)

WORST_FIRST = (
    State.ON_HOLD,
    State.BLOCKED,
    State.UNKNOWN,
    State.AT_RISK,
    State.NOT_STARTED,
    State.WAITING,
    State.SIGN_OFF_DUE,
    State.ON_TRACK,
    State.EXCEPTION,
    State.READY,
    State.NOT_NEEDED,
)
"""How bad a state is to look at; the order of ``State`` is that of matching."""

STATE_TONES = {
    State.ON_HOLD: Tone.BAD,
    State.BLOCKED: Tone.BAD,
    State.UNKNOWN: Tone.UNKNOWN,
    State.AT_RISK: Tone.WARN,
    State.SIGN_OFF_DUE: Tone.WARN,
    State.EXCEPTION: Tone.WARN,
    State.READY: Tone.GOOD,
}
"""The rest is neutral."""

VERDICT_TONES = {
    Verdict.ON_HOLD: Tone.BAD,
    Verdict.BLOCKED: Tone.BAD,
    Verdict.UNKNOWN: Tone.UNKNOWN,
    Verdict.AT_RISK: Tone.WARN,
    Verdict.ON_TRACK: Tone.NEUTRAL,
    Verdict.READY_WITH_EXCEPTIONS: Tone.WARN,
    Verdict.READY: Tone.GOOD,
}

_VERDICT_WORDS = {
    Verdict.UNKNOWN: "CAN'T TELL",
    Verdict.AT_RISK: "NOT READY, at risk",
    Verdict.ON_TRACK: "NOT READY, on track",
}
_STATE_WORDS = {State.UNKNOWN: "CAN'T TELL", State.SIGN_OFF_DUE: "SIGN-OFF DUE"}


def worst_first(gate: GateReadiness) -> tuple[int, bool, str, str]:
    """The order in which gates are shown, everywhere; readiness.md §10."""
    return WORST_FIRST.index(gate.state), not gate.required, gate.name, gate.id


def state_words(state: State) -> str:
    """The state as it is shown: "ON TRACK"."""
    return _STATE_WORDS.get(state, state.value.replace("_", " ").upper())


def verdict_words(verdict: Verdict) -> str:
    """The verdict as it is shown, but for how many exceptions: "NOT READY, at risk"."""
    return _VERDICT_WORDS.get(verdict, verdict.value.replace("_", " ").upper())


def day(at: datetime, zone: tzinfo, near: datetime | None) -> str:
    """A date as "Thu 17 Dec", with the year unless ``near`` is in it. Midnight is the end of the day before."""
    return _date(_day_of(at, zone), near)


def day_begun(at: datetime, zone: tzinfo, near: datetime) -> str:
    """The same for an instant that begins its day."""
    return _date(local(at, zone), near)


def moment(at: datetime, zone: tzinfo, near: datetime | None) -> str:
    """A time as "Thu 17 Dec, 10:02 EST"."""
    there = local(at, zone)
    return f"{_date(there, near)}, {there.hour:02}:{there.minute:02} {there.tzname() or ''}".rstrip()


def deadline(at: datetime, zone: tzinfo, near: datetime | None) -> str:
    """A day where the time is the end of it, else a moment."""
    return day(at, zone, near) if _ends_a_day(at, zone) else moment(at, zone, near)


def days_between(start: datetime, end: datetime, zone: tzinfo) -> int:
    """Calendar days in the zone; negative when ``end`` is past."""
    return (_day_of(end, zone).date() - local(start, zone).date()).days


def days_left(days: int) -> str:
    """Said of a date: "9 days", "tomorrow", "today", "yesterday", "3 days ago"."""
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}
    return near.get(days) or (f"{days} days" if days > 0 else f"{-days} days ago")


def span(length: timedelta) -> str:
    """A length to read at a glance: "40 min", "12 h", "3 days"."""
    minutes = max(0, round(length.total_seconds() / 60))
    if minutes < 120:  # noqa: PLR2004  under two hours minutes say more
        return f"{minutes} min" if minutes else "under 1 min"
    hours = round(minutes / 60)
    return f"{hours} h" if hours < 72 else f"{round(hours / 24)} days"  # noqa: PLR2004  three days and more


def counted(count: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 item", "3 items"."""
    return f"{count} {one}" if count == 1 else f"{count} {many or one + 's'}"


def _date(there: datetime, near: datetime | None) -> str:
    year = "" if near is not None and there.year == local(near, there.tzinfo or UTC).year else f" {there.year}"
    return f"{_DAYS[there.weekday()]} {there.day} {_MONTHS[there.month - 1]}{year}"


def _ends_a_day(at: datetime, zone: tzinfo) -> bool:
    there = local(at, zone)
    return (there.hour, there.minute) == _LAST_MINUTE or (there.hour, there.minute, there.second) == (0, 0, 0)


def _day_of(at: datetime, zone: tzinfo) -> datetime:
    there = local(at, zone)
    midnight = (there.hour, there.minute, there.second) == (0, 0, 0)
    return there - timedelta(seconds=1) if midnight and there.date() > date.min else there
