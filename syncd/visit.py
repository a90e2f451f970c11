"""One tracker during one pass: who we are there, or why it cannot be asked. Opened once, asked by every step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from connectors.base import Identity, Source
from connectors.errors import DeniedError, TemporaryError, TrackerError
from syncd import clock

if TYPE_CHECKING:
    from datetime import datetime

    from mapping.item import Account

T = TypeVar("T")

TRIES = 3
PATIENCE_S = 60.0
"""A longer pause than this is the next pass's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """``error`` is set when the tracker cannot be asked in this pass; then nothing of it is asked any more."""

    name: str
    source: Source | None = None
    identity: Identity | None = None
    error: TrackerError | None = None
    wait: Callable[[float], None] = clock.wait

    @property
    def account(self) -> Account:
        return self._known.account

    @property
    def tracker_now(self) -> datetime:
        """The tracker's own clock when this pass began."""
        return self._known.now

    @property
    def _known(self) -> Identity:
        if self.identity is None:
            raise self.error or TrackerError(self.name, "it was not asked")
        return self.identity

    def ask(self, question: Callable[[Source], T]) -> T:
        """The tracker's answer. Raises TrackerError: the visit's own, or that of the question.

        A tracker that asks for patience gets it, within bounds: one 429 must not make a whole reading worthless.
        """
        if self.source is None:
            raise self.error or TrackerError(self.name, "it was not asked")
        for _ in range(TRIES - 1):
            try:
                return question(self.source)
            except TemporaryError as busy:
                if busy.retry_after_s is None or busy.retry_after_s > PATIENCE_S:
                    raise
                self.wait(max(busy.retry_after_s, 1.0))
        return question(self.source)


def visit(
    name: str,
    open_source: Callable[[str], Source],
    known_account: tuple[str, str] | None,
    wait: Callable[[float], None] = clock.wait,
) -> Visit:
    """Ask the tracker who we are. ``known_account`` is the (id, name) that we read as before, None at first.

    Another account sees other items, so that what it does not see would look like gone: it stops the pass.
    """
    try:
        source = open_source(name)
        identity = Visit(name=name, source=source, wait=wait).ask(lambda asked: asked.identify())
    except TrackerError as error:
        return Visit(name=name, error=error)
    account = identity.account
    if known_account and known_account[0] != account.id:
        said = f"it answers as {account.name}, another account than before ({known_account[1]})"
        hint = "put the old token back, or run `syncd check`, which accepts the new account"
        return Visit(name=name, error=DeniedError(name, said, hint))
    return Visit(name=name, source=source, identity=identity, wait=wait)


def refused(error: Exception) -> bool:
    """Whether waiting will not help: the gates concerned read CAN'T TELL at once."""
    return not isinstance(error, TemporaryError)


def sentence(error: TrackerError) -> str:
    """What a gate's readers are told: the tracker's name stands beside it already."""
    return f"{error.message} ({error.hint})" if error.hint else error.message
