"""``init`` and ``schema``: what a stranger needs to write a configuration."""

from __future__ import annotations

import json
from pathlib import Path

import config as configuration
from connectors import registry
from syncd.commands.output import Exit, say, warn


def init(tracker: str, named: Path | None) -> Exit:
    """Write a commented configuration for one tracker; never overwrites."""
    if tracker not in registry.kinds():
        warn(f"there is no tracker of kind {tracker!r}; there are: {', '.join(registry.kinds())}")
        return Exit.USAGE
    path = named or Path("syncd.yaml")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(configuration.init_text(tracker))
    except FileExistsError:
        warn(f"{path} exists already and is left as it is; name another with --config")
        return Exit.FAILED
    except OSError as error:
        warn(f"{path} cannot be written: {error.strerror}")
        return Exit.FAILED
    say(f"Wrote {path}. Fill it in, export the token that it names, then: syncd check")
    return Exit.DONE


def schema() -> Exit:
    print(json.dumps(configuration.json_schema(), indent=2, ensure_ascii=False))  # noqa: T201 - the one document
    return Exit.DONE
