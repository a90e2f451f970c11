"""Webhooks in: is it the tracker's, is it news, and then only a hint is passed on. Nothing here waits for anything.

Called by the application with the raw body. A webhook says "look now" and nothing more, so one that is refused or lost
costs no truth: the next poll finds what it was about.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING, Final

from connectors import registry
from connectors.errors import DeniedError, MalformedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from config.schema import TrackerSettings
    from connectors.base import Connector, Hint
    from syncd.web.ports import Ports

AHEAD: Final = timedelta(seconds=60)
"""How far a tracker's clock may be ahead of ours."""

REMEMBERED: Final = 40_000
"""How many deliveries are known again. At 500 a second that is more than the minute for which Linear's are fresh."""

ANSWERS: Final = {
    "accepted": (HTTPStatus.ACCEPTED, "We will look at once."),
    "late": (HTTPStatus.ACCEPTED, "It was sent long ago; we look at what changed."),
    "replayed": (HTTPStatus.ACCEPTED, "We know this one already."),
    "unsigned": (HTTPStatus.UNAUTHORIZED, "The signature is missing or wrong."),
    "unconfigured": (HTTPStatus.FORBIDDEN, "This tracker has no webhook_secret in the configuration."),
    "malformed": (HTTPStatus.BAD_REQUEST, "This is no webhook of this kind of tracker."),
    "stale": (HTTPStatus.BAD_REQUEST, "The webhook is too old, or from the future; is a clock wrong?"),
    "undated": (HTTPStatus.BAD_REQUEST, "The webhook does not say when it was sent."),
}
"""Outcome, as it is counted → status and sentence. A tracker that is told 400 or 401 does not help by trying again."""


class Seen:
    """The names of the last deliveries. Thread-safe."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._names: OrderedDict[bytes, None] = OrderedDict()
        self._lock = Lock()

    def knows(self, *names: bytes) -> bool:
        with self._lock:
            return any(name in self._names for name in names)

    def add(self, *names: bytes) -> None:
        with self._lock:
            self._names.update(dict.fromkeys(names))
            while len(self._names) > self._most:
                self._names.popitem(last=False)


class Hooks:
    """One for the process: it knows what was delivered before."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._seen = Seen()
        self._connectors: dict[str, Connector] = {}
        for settings in ports.config().trackers.values():
            if settings.webhook_secret is not None:
                self._connector(settings.kind)

    def receive(self, tracker: str, settings: TrackerSettings, headers: Mapping[str, str], body: bytes) -> str:
        """What came of a webhook: an outcome of ``ANSWERS``."""
        outcome = self._received(tracker, settings, headers, body)
        self._ports.meter.hooked(tracker, outcome)
        return outcome

    def _received(self, tracker: str, settings: TrackerSettings, headers: Mapping[str, str], body: bytes) -> str:
        if settings.webhook_secret is None:
            return "unconfigured"
        connector = self._connector(settings.kind)
        try:
            hint = connector.hint(headers, body, settings.webhook_secret.value)
        except DeniedError:
            return "unsigned"
        except MalformedError:
            return "malformed"
        outcome = _aged(hint, self._ports.outside.now(), connector)
        if outcome == "late":
            hint = replace(hint, ids=frozenset(), deleted=frozenset())
        if outcome in ("accepted", "late") and not self._taken(tracker, hint, body):
            return "replayed"
        return outcome

    def _taken(self, tracker: str, hint: Hint, body: bytes) -> bool:
        """Whether it is news. The delivery's name stands in a header that nobody signed, so the body itself is known
        again, too. It is noted last: if the hint was not taken, the tracker's next try must be.
        """
        names = [_name(tracker, body)]
        if hint.delivery:
            names.append(_name(tracker, b"", hint.delivery))
        if self._seen.knows(*names):
            return False
        self._ports.hinted(tracker, hint)
        self._seen.add(*names)
        return True

    def _connector(self, kind: str) -> Connector:
        """Found once, at the start: to load it takes longer than a webhook may."""
        if kind not in self._connectors:
            self._connectors[kind] = registry.connector(kind)
        return self._connectors[kind]


def _aged(hint: Hint, now: datetime, connector: Connector) -> str:
    """What its age makes of a webhook that is signed."""
    if hint.at is None:
        return "undated"
    if now - hint.at < -AHEAD:
        return "stale"
    if now - hint.at <= timedelta(seconds=connector.hint_fresh_s):
        return "accepted"
    return "late" if connector.delivers_late else "stale"


def _name(tracker: str, body: bytes, delivery: str = "") -> bytes:
    told = hashlib.sha256(f"{tracker}\0{delivery}\0".encode(errors="replace"))
    told.update(body)
    return told.digest()
