"""Cassettes: recorded traffic, played back without a tracker. docs/recording.md tells how to make them anew.

``SYNCD_RECORD`` says what a run does: nothing plays them back; ``sandbox`` records them from the sandbox; ``site``
records them from a real site, which each tracker's tests read from their own variables. A cassette says in its
metadata where it was recorded and what stands there under which name.
"""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import vcr  # type: ignore[import-untyped]  # vcrpy ships no types
from vcr.record_mode import RecordMode  # type: ignore[import-untyped]  # the same

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RECORDING = os.environ.get("SYNCD_RECORD", "")
PLAYED_AT = "https://tracker.example"
"""The address in every cassette, whatever was recorded."""

_KEPT_HEADERS = ("content-type", "date", "retry-after")
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_SHOWN_NAME = re.compile(r'("displayName" ?: ?")((?:[^"\\]|\\.){1,200})"')


@contextmanager
def cassette(file: Path, base: str, about: dict[str, str]) -> Iterator[dict[str, str]]:
    """Plays or records ``file``; yields what it is about: the names that stand in it.

    ``base`` is the address of what is recorded; ``about`` is kept when recording and not looked at otherwise.
    """
    if RECORDING:
        file.unlink(missing_ok=True)
    with _recorder(base).use_cassette(str(file)) as played:
        told: dict[str, str] = played.get_metadata("about", about)
        played.get_metadata("recorded_from", "syncd sandbox, no real site" if RECORDING == "sandbox" else "a real site")
        yield told


def _recorder(base: str) -> vcr.VCR:
    def ask(request: Any) -> Any:
        request.uri = request.uri.replace(base, PLAYED_AT, 1)
        request.body = _without_people(request.body)
        return request

    def answer(response: dict[str, Any]) -> dict[str, Any]:
        headers = {name: told for name, told in response["headers"].items() if name.lower() in _KEPT_HEADERS}
        text = _without_people(response["body"]["string"].replace(base.encode(), PLAYED_AT.encode()))
        return {**response, "headers": headers, "body": {"string": text}}

    return vcr.VCR(
        record_mode=RecordMode.ALL if RECORDING else RecordMode.NONE,
        serializer="json",
        match_on=("method", "uri", "body"),
        filter_headers=["Authorization", "User-Agent", "Cookie"],
        before_record_request=ask,
        before_record_response=answer,
        decode_compressed_response=True,
    )


def _without_people(body: Any) -> Any:
    """The body with every e-mail address and every person's shown name replaced by one that says nothing, the same
    each time.
    """
    if body is None:
        return None
    text = body if isinstance(body, str) else bytes(body).decode("utf-8", "replace")
    text = _SHOWN_NAME.sub(lambda found: f'{found[1]}Person {_short(found[2])}"', text)
    return _EMAIL.sub(lambda found: f"user-{_short(found.group())}@example.com", text).encode()


def _short(address: str) -> str:
    known = re.fullmatch(r"(?:user-|Person )([0-9a-f]{8})(?:@example\.com)?", address)
    return known[1] if known else hashlib.sha256(address.lower().encode()).hexdigest()[:8]
