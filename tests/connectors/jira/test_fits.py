"""What an issue's own fields tell of a selector, and what they leave to the server."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.jira.fits import Known, fits, stands
from connectors.jira.select import Way, of_selector

KNOWN = Known(projects={"HOME": "1", "OLD": "1", "AWAY": "2"}, above={"7": frozenset({"5", "3"})})
ISSUE: dict[str, Any] = {
    "id": "7",
    "key": "HOME-7",
    "fields": {
        "project": {"id": "1", "key": "HOME", "name": "The Home"},
        "fixVersions": [{"id": "10", "name": "Atlas 2.0"}],
        "components": [],
        "labels": ["launch"],
        "issuetype": {"id": "90", "name": "Fehler"},
    },
}


def told(terms: dict[str, Any], **fields: Any) -> bool | None:
    return fits(of_selector("eng", terms), {**ISSUE, "fields": {**ISSUE["fields"], **fields}}, KNOWN)


@pytest.mark.parametrize(
    ("terms", "answer"),
    [
        ({"project": "HOME"}, True),
        ({"project": "OLD"}, True),  # a project's former key
        ({"project": "AWAY"}, False),
        ({"project": ["AWAY", "HOME"]}, True),
        ({"project": "the home"}, True),
        ({"project": "Another name"}, None),
        ({"fix_version": "ATLAS 2.0"}, True),
        ({"fix_version": "Atlas 3"}, False),
        ({"fix_version": "10"}, None),  # an id, unless some version is called so
        ({"fix_version": "11"}, False),
        ({"component": "Docs"}, False),
        ({"label": "launch"}, True),
        ({"label": "Launch"}, None),
        ({"label": ["other", "launch"]}, True),
        ({"label": "other"}, False),
        ({"type": "fehler"}, True),
        ({"type": "Bug"}, None),
        ({"type": "Bug", "label": "other"}, False),
        ({"project": "HOME", "jql": "priority = High"}, None),
        ({"project": "AWAY", "jql": "priority = High"}, False),
    ],
)
def test_a_term_is_decided_where_the_fields_tell_and_left_open_where_they_do_not(
    terms: dict[str, Any],
    answer: bool | None,  # noqa: FBT001  # one row of a table
) -> None:
    assert told(terms) is answer


@pytest.mark.parametrize("term", ["project", "fix_version", "component", "label", "type"])
@pytest.mark.parametrize("value", [None, 7, "text"])
def test_f23_a_field_that_is_not_told_decides_nothing(term: str, value: object) -> None:
    names = {"project": "project", "fix_version": "fixVersions", "component": "components", "label": "labels"}
    assert told({term: "HOME"}, **{names.get(term, "issuetype"): value}) is None


def test_a_root_is_not_below_itself_and_what_is_archived_is_nowhere() -> None:
    def below(*roots: str, **fields: Any) -> bool:
        return stands(Way(how="", roots=roots), {**ISSUE, "fields": fields}, KNOWN)

    assert below("3")
    assert below("9", "5")
    assert not below("9")
    assert not below("3", "7")
    assert not below("3", archiveddate="2026-12-01T09:00:00.000+0000")
