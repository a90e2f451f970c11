"""The configuration's JSON Schema, for editors: ``syncd schema``.

Made from the models of ``config.schema``; says what can be said of a file without its references.
"""

from __future__ import annotations

from typing import Any

from config.schema import Config


def json_schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12, of the whole file."""
    schema = Config.model_json_schema(mode="validation")
    _close(schema)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "syncd configuration",
        "description": "Trackers, people and releases of syncd. Secrets are references, never the secrets themselves.",
    }


def _close(node: Any) -> None:  # noqa: ANN401 - any part of a schema
    """Names that fit no pattern are wrong, and the titles that pydantic makes of keys say nothing."""
    if isinstance(node, dict):
        if "patternProperties" in node:
            node["additionalProperties"] = False
        if isinstance(node.get("title"), str):
            del node["title"]
        for child in node.values():
            _close(child)
    elif isinstance(node, list):
        for child in node:
            _close(child)
