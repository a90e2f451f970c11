"""What Linear's refusals mean: GraphQL errors and HTTP codes in, one ``TrackerError`` out. Pure.

The HTTP status is no sign of success at Linear: ``extensions.code`` decides, the words come next, the status last
(trackers.md §5.1). Called by the client only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from connectors.errors import (
    DeniedError,
    LostAnswerError,
    MalformedError,
    MissingError,
    PermanentError,
    TemporaryError,
    TrackerError,
)
from connectors.limit import Limit

_WORDS = 400
"""How much of Linear's own words a message quotes, in characters."""

_ID = re.compile(r"\b(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16,64})\b", re.IGNORECASE)
"""Ids of requests, traces and rows: UUIDs and long hexadecimal numbers."""

_NUMBER = re.compile(r"\d+")
_THEIRS = re.compile("INTERNAL|TIMEOUT|TIMED_OUT|UNAVAILABLE|NETWORK|GATEWAY")
"""Codes of what failed inside Linear, whatever the HTTP status: the request itself may be right, and a change may have
been carried out."""

_UNAUTHORISED, _FORBIDDEN, _NOT_FOUND, _TOO_LARGE, _TOO_MANY, _BROKEN = 401, 403, 404, 413, 429, 500


class TooComplexError(PermanentError):
    """The query costs more points than one request may: ask for a smaller page."""


class ConflictError(PermanentError):
    """The id that we made exists already: read it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was heard beside the body: ``limit`` is what it says about rate limits.

    ``secret`` is what we sent: no error repeats it, should it come back.
    """

    status: int = 0
    limit: Limit | None = None
    secret: str = field(default="", repr=False)


def refused(source: str, errors: Any, answer: Answer, *, partial: bool = False) -> TrackerError:  # noqa: ANN401  # whatever stood in "errors"
    """The error of an answer with ``errors``; ``partial`` when some of the data came all the same."""
    listed = errors if isinstance(errors, list) else [errors]
    told = [_told(error, answer.secret) for error in listed[:20]] or [(frozenset(), "")]
    for codes, words in told:
        if (error := _known(source, codes, words, answer)) is not None:
            return error
    words = told[0][1] or "no reason given"
    if answer.status >= _BROKEN:
        return _failed(source, words)
    how = "Linear answered only in part" if partial else "Linear refuses the request"
    return PermanentError(source, f"{how}: {words}", "check the selector's filter, the names in it and the token")


def unanswered(source: str, answer: Answer) -> TrackerError:
    """The error of an answer that is no GraphQL: a proxy's page, an HTTP error without a reason."""
    status = answer.status
    if status in (_UNAUTHORISED, _FORBIDDEN):
        return _denied(source, f"HTTP {status}")
    if status == _TOO_MANY:
        return _limited(source, answer)
    if status >= _BROKEN:
        pause_s = answer.limit.pause_s if answer.limit else None
        hint = "it is tried again; see linearstatus.com"
        return TemporaryError(source, f"Linear answers HTTP {status}", hint, retry_after_s=pause_s)
    if status == _TOO_LARGE:
        return PermanentError(source, "Linear finds the request too large (HTTP 413)", "narrow the selector's filter")
    if status >= 400:  # noqa: PLR2004  # where HTTP's errors begin (RFC 9110 §15.5)
        hint = "check url; Linear's own is https://api.linear.app/graphql"
        return PermanentError(source, f"there is no Linear at this address: HTTP {status}", hint)
    return MalformedError(
        source, f"HTTP {status} with an answer that is no GraphQL", "check url; is a proxy in between?"
    )


def lost(error: TrackerError, answer: Answer, *, partial: bool = False) -> TrackerError:
    """The same for a mutation: where nobody can say whether it was carried out, that is the error."""
    limited = answer.limit is not None and answer.limit.refused
    if partial or (isinstance(error, TemporaryError | MalformedError) and not limited):
        return LostAnswerError(
            error.source, error.message, "it may have been written or not; the next pass looks first"
        )
    return error


def _known(source: str, codes: frozenset[str], words: str, answer: Answer) -> TrackerError | None:
    low = words.lower()
    if "RATELIMITED" in codes or answer.status == _TOO_MANY:
        return _limited(source, answer)
    if codes & {"AUTHENTICATION_ERROR", "UNAUTHENTICATED"} or answer.status == _UNAUTHORISED:
        return _denied(source, words)
    if "FORBIDDEN" in codes or "invalid scope" in low:
        return DeniedError(source, f"Linear refuses access: {words}", "give the token that scope, or use another token")
    if any(_THEIRS.search(code) for code in codes):
        return _failed(source, words)
    return _worded(source, low, words)


def _worded(source: str, low: str, words: str) -> TrackerError | None:
    """Linear has no code of its own for these: ``INPUT_ERROR`` covers them all."""
    if "too complex" in low or "complexity" in low:
        return TooComplexError(source, f"Linear finds the query too complex: {words}", "narrow the selector")
    if "conflict on insert" in low or "already exists" in low:
        return _conflict(source, low, words)
    if "not found" in low or "could not find" in low:
        return MissingError(source, words, "check the key, and that this token may see it")
    return None


def _conflict(source: str, low: str, words: str) -> TrackerError:
    """Writing a description is sometimes refused so for no fault of ours (trackers.md §5.4): it may be tried again."""
    if "documentcontent" in low:
        return TemporaryError(source, f"Linear stumbled over the description: {words}", "it is tried again")
    return ConflictError(source, words, "it is read back")


def _denied(source: str, words: str) -> DeniedError:
    return DeniedError(
        source,
        f"Linear does not accept the token: {words}",
        "make a key under Linear's Settings, Security & access, and check the variable or file that holds it",
    )


def _failed(source: str, words: str) -> TemporaryError:
    same = _NUMBER.sub("…", words) or "no reason given"
    return TemporaryError(source, f"Linear failed: {same}", "it is tried again; see linearstatus.com")


def _limited(source: str, answer: Answer) -> TemporaryError:
    pause_s = answer.limit.pause_s if answer.limit else None
    return TemporaryError(
        source, "Linear's rate limit is used up", "all keys of one user share it", retry_after_s=pause_s
    )


def codes(error: Any) -> frozenset[str]:  # noqa: ANN401  # whatever stood in "errors"
    """What one GraphQL error calls itself: its ``code`` and its ``type``, which comes alone at times, as A_NAME."""
    extensions = error.get("extensions") if isinstance(error, dict) else None
    more = extensions if isinstance(extensions, dict) else {}
    named = [more.get(name) for name in ("code", "type")]
    return frozenset("_".join(name.upper().split()) for name in named if isinstance(name, str) and name.strip())


def _told(error: Any, secret: str) -> tuple[frozenset[str], str]:  # noqa: ANN401  # the same
    """(codes, words) of one GraphQL error; Linear's sentence for users first, then the technical one."""
    if not isinstance(error, dict):
        return frozenset(), _line(error, secret)
    extensions = error.get("extensions")
    more = extensions if isinstance(extensions, dict) else {}
    said = [
        text for text in (error.get("message"), more.get("userPresentableMessage")) if isinstance(text, str) and text
    ]
    return codes(error), _line(": ".join(dict.fromkeys(said)), secret)


def _line(text: object, secret: str) -> str:
    """One printable line of bounded length: what a server says is text, not terminal codes. Ids are left out, so that
    the same trouble has the same words: a new sentence would be written to the summary at each pass.
    """
    told = str(text).replace(secret, "…") if secret else str(text)
    flat = _ID.sub("…", " ".join(told[: 4 * _WORDS].split()))
    return "".join(char for char in flat if char.isprintable())[:_WORDS]
