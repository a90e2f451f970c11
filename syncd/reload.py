"""The configuration in force: a changed file or SIGHUP brings a new one; an invalid one is refused and the old stays.

Called by ``commands.run``, which gives it a thread of its own. It must not decide what a new configuration means for
the daemon.
"""

from __future__ import annotations

import hashlib
from threading import Event
from typing import TYPE_CHECKING

from config.error import ConfigError, Problem
from config.loading import LARGEST
from syncd import app, log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from config.schema import Config

LOOK_S = 2.0
"""How often the file is looked at. It must read the same twice, for an editor may be half way through it."""


class Reload:
    """``take`` puts a configuration into force; ``hide`` tells the log which secrets must not leave through it."""

    def __init__(
        self, path: Path, config: Config, *, take: Callable[[Config], None], hide: Callable[[list[str]], None]
    ) -> None:
        self._path = path
        self._config = config
        self._take = take
        self._hide = hide
        self._secrets = app.secrets_of(config)
        self._known = self._last = self._digest()
        self._asked = Event()
        self._refused: tuple[Problem, ...] = ()

    @property
    def config(self) -> Config:
        """The configuration in force."""
        return self._config

    @property
    def refusals(self) -> tuple[str, ...]:
        """Why the file as it stands is not in force, a sentence each; empty when it is."""
        return tuple(f"{self._path}: {_place(it)}{it.message}: {it.remedy}" for it in self._refused)

    def ask(self) -> None:
        """Load the file now, changed or not: the secrets that it refers to may be others."""
        self._asked.set()

    def watch(self) -> None:
        """Never returns; for a thread that ends with the process."""
        while True:
            asked = self._asked.wait(LOOK_S)
            self._asked.clear()
            if asked or self._changed():
                self.load()

    def load(self) -> None:
        """Put the file into force, or say why not."""
        self._known = self._last = self._digest()
        try:
            config = app.load(self._path)
        except ConfigError as error:
            self._refuse(error.problems)
            return
        self._secrets += [it for it in app.secrets_of(config) if it not in self._secrets]
        self._hide(self._secrets)
        fixed = _fixed(self._config, config)
        if fixed:
            self._refuse(fixed)
            return
        self._take(config)
        self._config, self._refused = config, ()
        log.logger("reload").info("config_reloaded", path=str(self._path), **told(config))

    def _changed(self) -> bool:
        last, self._last = self._last, self._digest()
        return self._last == last != self._known

    def _digest(self) -> bytes:
        try:
            with self._path.open("rb") as file:
                return hashlib.sha256(file.read(LARGEST + 1)).digest()
        except OSError:
            return b""

    def _refuse(self, problems: Iterable[Problem]) -> None:
        self._refused = tuple(problems)
        for it in self._refused:
            log.logger("reload").error(
                "config_refused",
                path=str(self._path),
                line=it.line,
                where=it.where,
                message=it.message,
                remedy=it.remedy,
            )


def told(config: Config) -> dict[str, list[str]]:
    """What a log line tells of a configuration."""
    return {"trackers": list(config.trackers), "releases": list(config.releases)}


def _fixed(old: Config, new: Config) -> list[Problem]:
    """What cannot change while we run."""
    changed = {"database": old.database_url != new.database_url, "http": _bind(old) != _bind(new)}
    message, remedy = "it changed, which takes a restart", "restart syncd; until then the old file stays in force"
    return [Problem(line=0, column=0, where=key, message=message, remedy=remedy) for key in changed if changed[key]]


def _bind(config: Config) -> str | None:
    return config.http.bind if config.http else None


def _place(problem: Problem) -> str:
    line = f"line {problem.line}: " if problem.line else ""
    return f"{line}{problem.where}: " if problem.where else line
