"""Every key of the configuration, by the mapping it stands in, as the JSON Schema tells it."""

from __future__ import annotations

from typing import Any

import config

NAMED = {"trackers": "TRACKER", "people": "PERSON", "releases": "RELEASE", "gates": "GATE"}
SECRET = "#/$defs/Secret"


def sections() -> dict[str, set[str]]:
    """Dotted path of a mapping ("" for the file) → its keys. Secrets are one section of their own."""
    schema = config.json_schema()
    found: dict[str, set[str]] = {"Secrets": set(schema["$defs"]["Secret"]["properties"])}
    _walk(schema, "", schema["$defs"], found)
    return found


def _walk(node: dict[str, Any], path: str, defs: dict[str, Any], found: dict[str, set[str]]) -> None:
    if node.get("$ref") == SECRET:
        return
    if "$ref" in node:
        _walk(defs[node["$ref"].rpartition("/")[2]], path, defs, found)
    for part in (*node.get("anyOf", ()), *node.get("oneOf", ())):
        _walk(part, path, defs, found)
    for key, child in node.get("properties", {}).items():
        found.setdefault(path, set()).add(key)
        _walk(child, f"{path}.{key}".lstrip("."), defs, found)
    for child in node.get("patternProperties", {}).values():
        _walk(child, f"{path}.{NAMED[path.rpartition('.')[2]]}", defs, found)
    if isinstance(node.get("items"), dict):
        _walk(node["items"], path if path.endswith("[]") else f"{path}[]", defs, found)
