"""The configuration: one YAML file → validated settings, and with the launch issue → what the rules read.

Cheap to import: pydantic, the YAML parser and the holiday calendars are loaded when something is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from config.error import ConfigError, Problem

if TYPE_CHECKING:
    from config.loading import load
    from config.schema import Config
    from config.schema_json import json_schema
    from config.starter import init_text

_HOMES: Final = {
    "Config": "config.schema",
    "init_text": "config.starter",
    "json_schema": "config.schema_json",
    "load": "config.loading",
}

__all__ = ["Config", "ConfigError", "Problem", "init_text", "json_schema", "load"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the module holds
    if name not in _HOMES:
        raise AttributeError(f"module 'config' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
