"""The composition root: the only place that constructs and wires. Called by the commands; decides nothing."""

from __future__ import annotations

import gc
import os
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import config as configuration
from config import questions
from config.error import Problem
from connectors import registry
from connectors.pace import Pace
from syncd import clock
from syncd.outside import Outside
from syncd.store.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from config.schema import Config
    from connectors.base import Settings, Source, Summary, SummarySettings
    from syncd.store.store import Store

_FEW_CYCLES = (50_000, 20, 100)
"""How often Python looks for cycles: hardly any are made here, and it would walk over all items again and again."""
CONFIG_VARIABLE = "SYNCD_CONFIG"
CONFIG_PLACES = (Path("syncd.yaml"), Path("/etc/syncd/syncd.yaml"))


def config_path(named: Path | None) -> Path:
    """``--config``, else $SYNCD_CONFIG, else ./syncd.yaml, else /etc/syncd/syncd.yaml (the first two as named)."""
    variable = os.environ.get(CONFIG_VARIABLE)
    if named or variable:
        return named or Path(variable or "")
    return next((place for place in CONFIG_PLACES if place.exists()), CONFIG_PLACES[0])


def load(named: Path | None, *, secrets: bool = True, database: bool = True) -> Config:
    """The configuration. Without ``secrets`` none is read but the ``database``'s URL. Raises ConfigError."""
    path = config_path(named)
    config = configuration.load(path, os.environ, secrets=secrets)
    if database and not secrets and not isinstance(config.database, str):
        failure = config.database.resolve(os.environ, path.parent)
        if failure:
            message, remedy = failure
            problem = Problem(line=0, column=0, where="database", message=message, remedy=remedy)
            raise configuration.ConfigError(path, [problem])
    return config


def secrets_of(config: Config, *, all_read: bool = True) -> list[str]:
    """The configuration's secrets that were read, resolved: what no log line may hold."""
    from config.loading import secrets_of as references  # noqa: PLC0415 - loaded already with the configuration

    return [secret.value for path, secret in references(config) if all_read or path == ("database",)]


def unresolved(config: Config, named: Path | None) -> list[str]:
    """What keeps references to secrets from being followed here: a sentence each. The file itself may be in order."""
    from config.loading import secrets_of as references  # noqa: PLC0415 - loaded already with the configuration

    folder = config_path(named).parent
    failures = [secret.resolve(os.environ, folder) for _, secret in references(config)]
    return [failure[0] for failure in failures if failure]


@contextmanager
def opened(config: Config) -> Iterator[Outside]:
    """Everything that a pass can have an effect with, closed at the end. Raises StoreError."""
    with open_store(config.database_url) as store:
        yield outside(config, store)


def outside(
    config: Config,
    store: Store,
    now: Callable[[], datetime] = clock.now,
    wait: Callable[[float], None] = clock.wait,
    paces: dict[str, Pace] | None = None,
) -> Outside:
    """``paces`` are those that are known from before: a tracker's limits do not change with our configuration. Whoever
    reads has this made first, so how Python collects is set here.
    """
    gc.set_threshold(*_FEW_CYCLES)

    def kind(tracker: str) -> str:
        return config.trackers[tracker].kind

    paces = {} if paces is None else paces
    for tracker in config.trackers:
        paces.setdefault(tracker, _pace(tracker, now, wait))

    @cache
    def said(tracker: str) -> Settings:
        return questions.settings(config, tracker, paces[tracker])

    def open_source(tracker: str) -> Source:
        return registry.connector(kind(tracker)).open_source(said(tracker))

    def open_summary(tracker: str, settings: SummarySettings) -> Summary:
        return registry.connector(kind(tracker)).open_summary(said(tracker), settings)

    return Outside(
        store=store,
        open_source=open_source,
        open_summary=open_summary,
        settles_s=lambda tracker: registry.connector(kind(tracker)).settles_s,
        now=now,
        wait=wait,
        paces=paces,
    )


def _pace(tracker: str, now: Callable[[], datetime], wait: Callable[[float], None]) -> Pace:
    """The tracker's one pace. Its jitter is drawn from the tracker's name: only one process reads a tracker."""
    chance = Random(tracker).random  # noqa: S311  # no secret: it spreads the threads of this process over a pause
    return Pace(now=lambda: now().timestamp(), wait=wait, chance=chance)
