"""What hinders the summary's writer in Jira, asked beforehand for ``check``: rights, the issue type, statuses.

Called by ``write``. Each answer is sentences with a remedy, none where nothing is lacking or Jira does not tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from connectors.jira.parse import identity, mapping, sequence, text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from connectors.base import SummarySettings
    from connectors.jira.client import Client

_NEEDED = ("BROWSE_PROJECTS", "CREATE_ISSUES", "EDIT_ISSUES", "LINK_ISSUES", "TRANSITION_ISSUES", "ADD_COMMENTS")
_QUIET = ("ADMINISTER", "ADMINISTER_PROJECTS")
"""Either of them lets an edit tell nobody (trackers.md §1.6)."""


def permissions(client: Client, name: str, summary: SummarySettings) -> list[str]:
    granted = _granted(client, summary, _NEEDED)
    lacking = [each for each in _NEEDED if granted.get(each) is False]
    if not lacking:
        return []
    words = ", ".join(each.replace("_", " ").lower() for each in lacking)
    where = summary.project
    return [f"{name}: the account may not in {where}: {words} (grant it in the project's permissions)"]


def may_be_quiet(client: Client, summary: SummarySettings) -> bool:
    """Whether an edit may tell nobody. Jira that does not say is given the benefit of the doubt: a write will show."""
    granted = _granted(client, summary, _QUIET)
    return any(granted.get(each) is not False for each in _QUIET)


def issue_type(client: Client, name: str, summary: SummarySettings) -> list[str]:
    raw = mapping(client.get(f"project/{quote(summary.project, safe='')}"))
    kinds = [mapping(kind) for kind in sequence(raw.get("issueTypes"))]
    if not kinds or any(is_named(kind, summary.type) for kind in kinds):
        return []
    there = ", ".join(text(kind.get("name")) for kind in kinds)
    said = f'{name}: {summary.project} has no issue type "{summary.type}"; there are: {there}'
    return [f"{said} (set summary: {{type: …}})"]


def statuses(client: Client, name: str, summary: SummarySettings, wanted: Collection[str]) -> list[str]:
    """The statuses that no workflow of the summary's project and type has. Of an issue that was named only the project
    is known.
    """
    where = summary.issue.rpartition("-")[0] if summary.issue else summary.project
    if not wanted or not where:
        return []
    told = client.get(f"project/{quote(where, safe='')}/statuses")
    kinds = [mapping(kind) for kind in sequence(told)]
    kinds = [kind for kind in kinds if summary.issue or is_named(kind, summary.type)]
    there = [mapping(status) for kind in kinds for status in sequence(kind.get("statuses"))]
    if not there:
        return []
    names = ", ".join(sorted({text(status.get("name")) for status in there}))
    return [
        f'{name}: {where} has no status "{word}" for the summary; there are: {names} (set summary: {{statuses: …}})'
        for word in wanted
        if not any(is_named(status, word) for status in there)
    ]


def _granted(client: Client, summary: SummarySettings, names: Iterable[str]) -> Mapping[str, object]:
    asked = {"projectKey": summary.project, "permissions": ",".join(names)}
    told = mapping(mapping(client.get("mypermissions", **asked)).get("permissions"))
    return {each: mapping(said).get("havePermission") for each, said in told.items()}


def is_named(thing: Mapping[str, object], wanted: str) -> bool:
    """By name, whatever its case, or by id."""
    return text(thing.get("name")).casefold() == wanted.casefold() or identity(thing.get("id")) == wanted
