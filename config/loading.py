"""Reads a configuration file whole: either a valid configuration or all its problems at once.

Called through ``config.load``. Whatever is wrong is a ConfigError, never another exception, and no message shows a
secret. What one part of the file cannot be validated with is left out and the rest is looked at all the same, so that
nobody mends a file one problem a time.
"""

from __future__ import annotations

import copy
import os
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from config import tree
from config.error import ConfigError, Problem
from config.invalid import problems_of, steps
from config.references import findings
from config.schema import Config
from config.wording import dotted, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pydantic_core import ErrorDetails

    from config.secret import Secret

LARGEST: Final = 1024 * 1024
_PASSES: Final = 50


def load(path: Path, environ: Mapping[str, str] = os.environ, *, secrets: bool = True) -> Config:
    """The configuration in this file. With ``secrets`` each reference is resolved, from ``environ`` or its file.

    Raises ConfigError with every problem of the file.
    """
    grown = tree.plant(_text(path))
    if grown.problems:
        raise ConfigError(path, grown.problems)
    config, problems = _validated(grown)
    if config is not None:
        told = [_problem(grown, *finding) for finding in findings(config, grown.plain)]
        if secrets:
            told += [_problem(grown, *finding) for finding in _unresolved(config, environ, path.parent)]
        # what was left out may be what another rule misses: each place is told about once
        problems += [problem for problem in told if not _told(problem, problems)]
    if problems or config is None:
        raise ConfigError(path, problems)
    return config


def _text(path: Path) -> str:
    try:
        with path.open("rb") as opened:
            raw = opened.read(LARGEST + 1)
    except FileNotFoundError:
        raise _whole(path, "there is no such file", "write one: syncd init, or name another with --config") from None
    except IsADirectoryError:
        raise _whole(path, "this is a folder", f"name the file in it: {path / 'syncd.yaml'}") from None
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) and error.strerror else "its name is not valid"
        raise _whole(path, f"the file cannot be read: {said}", "check its name and permissions") from None
    if len(raw) > LARGEST:
        raise _whole(path, "the file is larger than 1 MiB", "a configuration is a few pages: is this the right file?")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - (raw.rfind(b"\n", 0, error.start) + 1) + 1
        message = "a character here is not UTF-8"
        raise ConfigError(
            path, [Problem(line=line, column=column, where="", message=message, remedy="save the file as UTF-8")]
        ) from None


def _whole(path: Path, message: str, remedy: str) -> ConfigError:
    return ConfigError(path, [Problem(line=0, column=0, where="", message=message, remedy=remedy)])


def _validated(grown: tree.Tree) -> tuple[Config | None, list[Problem]]:
    """The configuration without the parts that are wrong, None where nothing is left; and what is wrong."""
    plain, problems, cut = copy.deepcopy(grown.plain), list[Problem](), set[tree.Path]()
    for _ in range(_PASSES):
        try:
            return Config.model_validate(plain), problems
        except ValidationError as invalid:
            errors = invalid.errors(include_url=False, include_input=False)
        if not isinstance(plain, dict):
            return None, list(problems_of(errors[0], (), grown))
        placed = [(error, steps(plain, error["loc"])) for error in errors]
        for error, at in placed:
            if not _caused(error, at, cut):
                problems += problems_of(error, at, grown)
        new = set[tree.Path]().union(*(_cuts(error, at) for error, at in placed))
        for path in new:
            _cut(plain, path)
        cut |= new
    return None, problems


def _caused(error: ErrorDetails, at: tree.Path, cut: set[tree.Path]) -> bool:
    """Whether something is missing only because it was left out, or stands there misspelt, as was told already."""
    if error["type"] == "too_short":
        return any(path[: len(at)] == at for path in cut)
    if error["type"] != "missing":
        return False
    key = str(error["loc"][-1])
    return any(path[:-1] == at and nearest(str(path[-1]), [key]) for path in cut if path)


def _cuts(error: ErrorDetails, at: tree.Path) -> set[tree.Path]:
    """What to leave out because of an error: the unknown keys, else the nearest entry of a mapping."""
    if error["type"] == "unknown":
        return {(*at, key) for key in error["ctx"]["unknown"]}
    if error["type"] == "missing" and not at:
        return {(str(error["loc"][-1]),)}
    while at and isinstance(at[-1], int):
        at = at[:-1]
    return {at}


def _cut(plain: Any, path: tree.Path) -> None:  # noqa: ANN401 - the file's shapes
    if path in (("trackers",), ("releases",)):
        plain[path[0]] = {}  # nothing can be validated without them
        return
    for step in path[:-1]:
        try:
            plain = plain[step]
        except (KeyError, IndexError):
            return  # something above it was left out already
    plain.pop(path[-1], None)


def _problem(grown: tree.Tree, path: tree.Path, message: str, remedy: str) -> Problem:
    line, column = grown.at(path)
    return Problem(line=line, column=column, where=dotted(path), message=message, remedy=remedy)


def _told(problem: Problem, problems: list[Problem]) -> bool:
    return any(known.where == problem.where or known.where.startswith(f"{problem.where}.") for known in problems)


def _unresolved(config: Config, environ: Mapping[str, str], folder: Path) -> Iterator[tuple[tree.Path, str, str]]:
    for path, secret in secrets_of(config):
        failure = secret.resolve(environ, folder)
        if failure:
            yield path, *failure


def secrets_of(config: Config) -> Iterator[tuple[tree.Path, Secret]]:
    for name, tracker in config.trackers.items():
        yield ("trackers", name, "token"), tracker.token
        if tracker.webhook_secret:
            yield ("trackers", name, "webhook_secret"), tracker.webhook_secret
    if config.http and config.http.token:
        yield ("http", "token"), config.http.token
    for index, notice in enumerate(config.notify):
        yield ("notify", index, "url"), notice.url
    if not isinstance(config.database, str):
        yield ("database",), config.database
