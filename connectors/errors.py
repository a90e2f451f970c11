"""Tracker errors, named by what the reader must do. Never holds a secret."""

from __future__ import annotations


class TrackerError(Exception):
    """Something went wrong at a tracker. ``hint`` is the remedy; both are sentences for a person."""

    def __init__(self, source: str, message: str, hint: str = "") -> None:
        super().__init__(source, message, hint)
        self.source = source
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.source}: {self.message}" + (f" ({self.hint})" if self.hint else "")


class TemporaryError(TrackerError):
    """Wait and try again. ``retry_after_s`` is what the tracker asked for, None when it did not say."""

    def __init__(self, source: str, message: str, hint: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(source, message, hint)
        self.retry_after_s = retry_after_s


class LostAnswerError(TemporaryError):
    """The request may have been carried out, or not: nobody knows until somebody reads."""


class PermanentError(TrackerError):
    """A person must act; ``hint`` says what."""


class DeniedError(PermanentError):
    """401, 403, or an account that became another or anonymous."""


class MissingError(PermanentError):
    """404: an unknown project or issue, or one that this account may not see."""


class FullError(PermanentError):
    """413: too long a text, or an issue that holds as many comments or links as its tracker allows."""


class MalformedError(TrackerError):
    """The tracker said what we do not understand."""
