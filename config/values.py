"""The kinds of values that stand in a configuration file: durations, days, zones, addresses, names.

Each kind is a pydantic annotation with its JSON form, so that ``syncd schema`` can tell an editor about it.
Every text is bounded.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, PlainSerializer, PlainValidator, StringConstraints

from config.cron import crontab
from config.days_off import calendar_code
from config.wording import got, meant, wrong

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400, "y": 365 * 86_400}
_DURATION: Final = r"^[0-9]{1,8}[smhdwy]$"
_CENTURY: Final = timedelta(days=36_500)
_MOMENT: Final = r"^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?$"
_ADDRESS: Final = r"^([A-Za-z0-9][A-Za-z0-9._-]{0,63}/)?[A-Za-z0-9][A-Za-z0-9_-]{0,99}$"
_BIND: Final = re.compile(r"(\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9._-]{1,253}):(\d{1,5})")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_EMAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")
_LONGEST_URL: Final = 2000
_LAST_PORT: Final = 65_535
_YEARS: Final = range(1900, 3000)  # far from the ends of the calendar, so that no rule computes over them


def email_like(text: str) -> bool:
    return _EMAIL.fullmatch(text) is not None


def duration(value: object) -> timedelta:
    text = value if isinstance(value, str) else ""
    if value == 0 and not isinstance(value, bool):
        return timedelta(0)
    found = re.fullmatch(_DURATION, text)
    length = timedelta(seconds=int(text[:-1]) * _UNITS[text[-1]]) if found else None
    if length is None or length > _CENTURY:
        raise wrong(f"got {got(value)}, which is no duration", "write a number and one of s m h d w y: 30s, 12h, 14d")
    return length


def longer_than_nothing(value: timedelta) -> timedelta:
    if not value:
        raise wrong("got a duration of nothing", "write one that is longer")
    return value


def spelled(length: timedelta) -> str:
    """A duration as one would write it: ``90m``, ``2h``."""
    seconds = int(length.total_seconds())
    unit = next(unit for unit in "ydhms" if seconds % _UNITS[unit] == 0)
    return f"{seconds // _UNITS[unit]}{unit}" if seconds else "0s"


def moment(value: object) -> date | datetime:
    """A day, or a time; a time without an offset is meant in the release's zone."""
    text = value if isinstance(value, str) else ""
    try:
        if re.fullmatch(_MOMENT, text, re.ASCII):
            read = date.fromisoformat(text) if len(text) == len("2026-12-15") else datetime.fromisoformat(text)
            if read.year in _YEARS:
                return read
    except ValueError:
        pass
    raise wrong(f"got {got(value)}, which is no day", "write 2026-12-15, or 2026-12-15T10:00 for a time of that day")


def zone(value: object) -> ZoneInfo:
    names = available_timezones()
    if not isinstance(value, str) or value not in names:
        close = meant(value if isinstance(value, str) else "", names, "") if isinstance(value, str) else ""
        remedy = close if close.startswith("did") else "write a name such as UTC or America/New_York"
        raise wrong(f"got {got(value)}, which is no time zone", remedy)
    return ZoneInfo(value)


def web_address(value: object) -> str:
    """An http(s) address without a final slash. One with a password in it is refused unshown."""
    text = value if isinstance(value, str) else ""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    plain = text.isascii() and text.isprintable() and " " not in text and len(text) <= _LONGEST_URL
    if not plain or parts.scheme not in ("http", "https") or not host:
        raise wrong(f"got {got(value)}, which is no web address", "write one that begins with https://")
    if parts.username is not None:
        raise wrong("the address holds a user or a password", "take it out: the token says who we are")
    return text.rstrip("/")


def bind(value: object) -> str:
    found = _BIND.fullmatch(value) if isinstance(value, str) else None
    if found is None or int(found[2]) > _LAST_PORT:
        raise wrong(
            f"got {got(value)}, which is no address to listen at", "write host:port, for example 127.0.0.1:8321"
        )
    return found.string


def plain_text(value: str) -> str:
    if _CONTROL.search(value):
        raise wrong("the text holds a line break or a control character", "write it in one line")
    return value


def email(value: object) -> str:
    if not isinstance(value, str) or not email_like(value):
        raise wrong(f"got {got(value)}, which is no e-mail", "write one such as maya@acme.example")
    return value


Duration = Annotated[
    timedelta,
    PlainValidator(duration, json_schema_input_type=Annotated[str, Field(pattern=_DURATION)]),
    AfterValidator(longer_than_nothing),
    PlainSerializer(spelled),
]
Wait = Annotated[  # as Duration, but may be nothing
    timedelta,
    PlainValidator(duration, json_schema_input_type=Annotated[str, Field(pattern=_DURATION)] | Literal[0]),
    PlainSerializer(spelled),
]
Moment = Annotated[
    date | datetime,
    PlainValidator(moment, json_schema_input_type=Annotated[str, Field(pattern=_MOMENT)]),
]
Zone = Annotated[ZoneInfo, PlainValidator(zone, json_schema_input_type=str), PlainSerializer(str)]
Holidays = Annotated[str, PlainValidator(calendar_code, json_schema_input_type=str)]
Cron = Annotated[str, PlainValidator(crontab, json_schema_input_type=str)]
Url = Annotated[
    str,
    PlainValidator(web_address, json_schema_input_type=Annotated[str, Field(pattern="^https?://", max_length=2000)]),
]
Email = Annotated[str, PlainValidator(email, json_schema_input_type=Annotated[str, Field(pattern="@")])]
Bind = Annotated[str, PlainValidator(bind, json_schema_input_type=Annotated[str, Field(pattern=":[0-9]{1,5}$")])]
Text = Annotated[
    str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True), AfterValidator(plain_text)
]
LongText = Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
Texts = Annotated[list[Text], Field(max_length=200)]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Address = Annotated[str, StringConstraints(pattern=_ADDRESS)]  # KEY, or tracker/KEY


def one_or_more(value: Any) -> Any:  # noqa: ANN401 - what is no text is judged by the list's own rules
    """A text stands for a list of one."""
    return [value] if isinstance(value, str) else value


def instant(value: date | datetime | None, zone: ZoneInfo, *, end_of_day: bool = True) -> datetime | None:
    """The time that is meant, aware, in UTC: of a day its last second (or its first) in the zone."""
    if value is None:
        return None
    if not isinstance(value, datetime):
        value = datetime.combine(value, time(23, 59, 59) if end_of_day else time(0))
    return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)
