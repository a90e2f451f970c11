"""What Jira's changelog says about a change of fields. Pure; called by the world."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from syncd.sandbox.jira.shapes import Json

_SHOWN_AS = {"fixVersions": "Fix Version", "components": "Component", "versions": "Version", "parent": "Parent"}
_SILENT = {"updated", "created", "statuscategorychangedate", "resolutiondate", "issuelinks", "subtasks"}


def items(old: Json, new: Json) -> list[Json]:
    """One entry for each field whose value changed; lists of named values give one for each that came or went."""
    rows: list[Json] = []
    for field, value in new.items():
        before = old.get(field)
        if field in _SILENT or before == value:
            continue
        if field in {"fixVersions", "components", "versions"}:
            rows += _came_and_went(field, before or [], value or [])
        else:
            rows.append(_row(field, _word(before), _word(value)))
    return rows


def link_item(description: str, other: str) -> Json:
    """The entry that a new link leaves in both issues."""
    return _row("Link", (None, None), (other, f"This issue {description} {other}"))


def _came_and_went(field: str, old: list[Json], new: list[Json]) -> list[Json]:
    before, after = ({row["id"]: row["name"] for row in rows} for rows in (old, new))
    gone = [_row(field, (ident, name), (None, None)) for ident, name in before.items() if ident not in after]
    come = [_row(field, (None, None), (ident, name)) for ident, name in after.items() if ident not in before]
    return gone + come


def _row(field: str, old: tuple[str | None, str | None], new: tuple[str | None, str | None]) -> Json:
    return {
        "field": _SHOWN_AS.get(field, field),
        "fieldtype": "custom" if field.startswith("customfield_") else "jira",
        "fieldId": field,
        "from": old[0],
        "fromString": old[1],
        "to": new[0],
        "toString": new[1],
    }


def _word(value: object) -> tuple[str | None, str | None]:
    """A field's value as the changelog tells it: (id, words)."""
    if isinstance(value, dict):
        ident = value.get("accountId") or value.get("id") or value.get("key")
        shown = value.get("displayName") or value.get("name") or value.get("key") or value.get("type")
        return None if ident is None else str(ident), str(shown)
    if isinstance(value, list):
        return None, " ".join(str(part) for part in value)
    return None, None if value is None else str(value)
