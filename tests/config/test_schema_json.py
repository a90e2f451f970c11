"""The JSON Schema that editors use agrees with what is loaded."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

import config
from config.tree import plant
from tests.config.test_example import EXAMPLE
from tests.config.texts import FIVE_LINES, gates

VALIDATOR = Draft202012Validator(config.json_schema())


def wrong(text: str) -> list[str]:
    return [".".join(map(str, error.absolute_path)) for error in VALIDATOR.iter_errors(plant(text).plain)]


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(config.json_schema())


@pytest.mark.parametrize(
    "text",
    [
        FIVE_LINES,
        EXAMPLE.read_text(encoding="utf-8"),
        config.init_text("jira"),
        config.init_text("linear"),
        gates(
            "docs: {items: gtm/DOC}", "qa: {items: [eng/QA, {tracker: eng, label: x}], sign_off: true}", "sales: null"
        ),
        FIVE_LINES + "http: null\ndatabase: {env: DATABASE}\n",
    ],
)
def test_good_files_are_valid(text: str) -> None:
    assert wrong(text) == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (FIVE_LINES + "databse: x\n", ""),
        (FIVE_LINES + "http: {bind: here}\n", "http"),
        (FIVE_LINES + "retention: 30\n", "retention"),
        (FIVE_LINES.replace("{env: JIRA_TOKEN}", "hunter2"), "trackers.jira.token"),
        (FIVE_LINES.replace("kind: jira", "kind: jria"), "trackers.jira.kind"),
        (FIVE_LINES.replace("jira/ENG", "{items: [{labl: x}]}"), "releases.atlas-2.gates.engineering"),
        (FIVE_LINES.replace("jira/ENG", "{items: []}"), "releases.atlas-2.gates.engineering"),
        (FIVE_LINES.replace("jira/ENG", "'a b'"), "releases.atlas-2.gates.engineering"),
        (FIVE_LINES.replace("atlas-2", "'atlas 2'"), "releases"),
        ("trackers: {}\nreleases: {}\n", "trackers"),
    ],
)
def test_wrong_files_are_not(text: str, place: str) -> None:
    assert place in wrong(text)


def test_every_key_has_a_description() -> None:
    schema: dict[str, Any] = config.json_schema()
    for name, model in (*schema["$defs"].items(), ("the file", schema)):
        for key, described in model["properties"].items():
            assert described.get("description"), f"{name}.{key}"
