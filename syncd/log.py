"""Logs: to stderr, readable on a terminal, JSON lines otherwise. Configured once by the composition root.

Events are snake_case facts with key-values. No registered secret and no credential leaves through here, whoever
logs it and wherever in the event it stands. Text of trackers may be logged: it cannot steer a terminal.
"""

from __future__ import annotations

import base64
import logging
import os
import re
import sys
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from structlog.stdlib import BoundLogger
    from structlog.typing import EventDict, WrappedLogger

Format = Literal["auto", "console", "json"]

HIDDEN = "***"
_NAMES = re.compile(r"authorization|cookie|token|secret|password|passwd|api[-_]?key|credential", re.IGNORECASE)
_SCHEMES = re.compile(r"\b(basic|bearer)(\s+)[A-Za-z0-9+/=._~-]{6,}", re.IGNORECASE)
_HEADERS = re.compile(r"(authorization['\"]?\s*[:=]\s*['\"]?)(?!basic\b|bearer\b)[^\s'\",}]+", re.IGNORECASE)
_PASSWORDS = re.compile(r"(://[^/\s:@]*:)[^/\s@]+@")
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if code not in (9, 10)}


def logger(name: str) -> BoundLogger:
    """A logger under ``syncd``; its level is the one that was configured."""
    import structlog  # noqa: PLC0415 - not paid for by those who only import this module

    ours = name == "syncd" or name.startswith("syncd.")
    bound: BoundLogger = structlog.stdlib.get_logger(name if ours else f"syncd.{name}")
    return bound


def configure(format: Format = "auto", level: str = "info", secrets: Iterable[str] = ()) -> None:  # noqa: A002 - as `--log-format` says
    """Sends all logs to stderr: ours from ``level`` on, those of the libraries from WARNING on. May be called again.

    ``secrets`` are values that must never be shown. Raises ValueError for an unknown level.
    """
    import structlog  # noqa: PLC0415 - as above

    hide = hiding(secrets)
    number = _number(level)
    shared: list[Any] = [structlog.stdlib.add_log_level, structlog.processors.TimeStamper(fmt="iso", utc=True)]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    sink = logging.StreamHandler(sys.stderr)
    sink.name = "syncd"
    sink.setFormatter(_formatter(format, hide, shared))
    root = logging.getLogger()
    root.handlers[:] = [*(kept for kept in root.handlers if kept.name != sink.name), sink]
    root.setLevel(max(number, logging.WARNING))
    logging.getLogger("syncd").setLevel(number)


def hiding(secrets: Iterable[str]) -> Callable[[Any], Any]:
    """A function that gives any value back with every secret in it replaced, in plain, quoted or base64 form."""
    forms = {form for secret in secrets if secret for form in _forms(secret)}
    known = re.compile("|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))) if forms else None

    def text(value: str) -> str:
        value = known.sub(HIDDEN, value) if known else value
        value = _SCHEMES.sub(rf"\1\2{HIDDEN}", value)
        return _PASSWORDS.sub(rf"\1{HIDDEN}@", _HEADERS.sub(rf"\1{HIDDEN}", value))

    def hide(value: Any) -> Any:  # noqa: ANN401 - an event holds anything
        if value is None or isinstance(value, bool | int | float):
            return value if known is None or not known.search(str(value)) else HIDDEN
        if isinstance(value, dict):
            return {text(str(key)): HIDDEN if _NAMES.search(str(key)) else hide(it) for key, it in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [hide(it) for it in value]
        return text(value if isinstance(value, str) else str(value))

    return hide


def _forms(secret: str) -> Iterable[str]:
    """How a secret may stand in a text: as it is, in a URL, in a repr or JSON, and in base64."""
    yield secret
    yield quote(secret, safe="", errors="replace")
    yield repr(secret)[1:-1]
    yield base64.b64encode(secret.encode(errors="replace")).decode().rstrip("=")


def _number(level: str) -> int:
    names = logging.getLevelNamesMapping()
    if level.upper() not in names:
        raise ValueError(f"unknown log level {level!r}: use debug, info, warning or error")
    return names[level.upper()]


def _formatter(format: Format, hide: Callable[[Any], Any], foreign: list[Any]) -> logging.Formatter:  # noqa: A002 - as above
    import structlog  # noqa: PLC0415 - as above

    def hidden(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        clean: EventDict = hide(event)
        return clean

    terminal = format == "console" or (format == "auto" and sys.stderr.isatty())
    last: list[Any] = [_tame, _console()] if terminal else [structlog.processors.JSONRenderer(default=str)]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=foreign,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info,  # plain text, so that it can be searched for secrets
            hidden,
            *last,
        ],
    )


def _console() -> Any:  # noqa: ANN401 - structlog's own type
    import structlog  # noqa: PLC0415 - as above

    colours = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    return structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=structlog.dev.plain_traceback)


def _tame(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Control characters become visible; only the lines of a traceback stay lines."""
    line = {**_CONTROLS, ord("\n"): "\\n"}
    tables = {"exception": _CONTROLS, "stack": _CONTROLS}
    return {
        key: value.translate(tables.get(key, line)) if isinstance(value, str) else value for key, value in event.items()
    }
