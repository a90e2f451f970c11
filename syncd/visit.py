"""One tracker during one pass: who we are there, or why it cannot be asked. Opened once, asked by every step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from connectors.base import Identity, Source
from connectors.errors import DeniedError, TemporaryError, TrackerError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from mapping.item import Account

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """``error`` is set when the tracker cannot be asked in this pass; then nothing of it is asked any more."""

    name: str
    source: Source | None = None
    identity: Identity | None = None
    error: TrackerError | None = None

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
        """The tracker's answer. Raises TrackerError: the visit's own, or that of the question."""
        if self.source is None:
            raise self.error or TrackerError(self.name, "it was not asked")
        return question(self.source)


def visit(name: str, open_source: Callable[[str], Source], known_account: tuple[str, str] | None) -> Visit:
    """Ask the tracker who we are. ``known_account`` is the (id, name) that we read as before, None at first.

    Another account sees other items, so that what it does not see would look like gone: it stops the pass.
    """
    try:
        source = open_source(name)
        identity = source.identify()
    except TrackerError as error:
        return Visit(name=name, error=error)
    account = identity.account
    if known_account and known_account[0] != account.id:
        said = f"it answers as {account.name}, another account than before ({known_account[1]})"
        hint = "put the old token back, or run `syncd check`, which accepts the new account"
        return Visit(name=name, error=DeniedError(name, said, hint))
    return Visit(name=name, source=source, identity=identity)


def refused(error: Exception) -> bool:
    """Whether waiting will not help: the gates concerned read CAN'T TELL at once."""
    return not isinstance(error, TemporaryError)


def sentence(error: TrackerError) -> str:
    """What a gate's readers are told: the tracker's name stands beside it already."""
    return f"{error.message} ({error.hint})" if error.hint else error.message
