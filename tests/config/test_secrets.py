"""Secrets are references; what they stand for is shown nowhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import config
from config.questions import settings
from tests.config.texts import FIVE_LINES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.config.conftest import Load, Told


def test_a_secret_is_nowhere_but_in_its_own_value(load: Load) -> None:
    loaded = load(FIVE_LINES)
    token = loaded.trackers["jira"].token
    shown = [repr(loaded), str(loaded), repr(loaded.model_dump()), loaded.model_dump_json(), repr(token), str(token)]
    shown.append(repr(settings(loaded, "jira")))
    assert all("s3cret" not in text for text in shown)
    assert token.value == "j1ra-s3cret"
    assert settings(loaded, "jira").token == "j1ra-s3cret"


def test_a_secret_file_is_read_from_the_folder_of_the_configuration(load: Load, tmp_path: Path) -> None:
    (tmp_path / "jira").write_text("from-a-file\n")
    loaded = load(FIVE_LINES.replace("{env: JIRA_TOKEN}", "{file: jira}"))
    assert loaded.trackers["jira"].token.value == "from-a-file"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "the file 'jira' cannot be read"),
        (b" \n", "the file 'jira' is empty"),
        (b"one\ntwo\n", "the file 'jira' holds no secret: more than one line, odd characters, or too long"),
        (b"\xff\xfe", "the file 'jira' cannot be read"),
        (b"x" * 20_000, "the file 'jira' holds no secret: more than one line, odd characters, or too long"),
    ],
)
def test_a_secret_file_that_holds_no_secret_is_a_problem(
    told: Told, tmp_path: Path, content: bytes | None, message: str
) -> None:
    if content is not None:
        (tmp_path / "jira").write_bytes(content)
    assert message in told(FIVE_LINES.replace("{env: JIRA_TOKEN}", "{file: jira}"))


@pytest.mark.parametrize(
    "written",
    [
        "{env: lin_api_hunter2}",
        "{env: hunter2-hunter2}",
        "{token: hunter2}",
        "{env: A, file: hunter2}",
        "{hunter2: null}",
        "[hunter2]",
        "{env: [hunter2]}",
        "{file: ATATT3xhunter2}",
        "{hunter2: 1, hunter2: 2}",
        "!hunter2 x",
        "*hunter2",
        '"hunter2',
        "{env: hunter2: x}",
    ],
)
def test_a_secret_in_the_wrong_form_is_refused_unshown(told: Told, written: str) -> None:
    said = told(FIVE_LINES.replace("{env: JIRA_TOKEN}", written))
    assert "hunter2" not in said


@pytest.mark.parametrize(
    "written", ["{hunter2: x}", "{env: A, hunter2: x}", "[hunter2]", "hunter2:hunter2", "{file: 5}"]
)
def test_a_database_in_the_wrong_form_is_refused_unshown(told: Told, written: str) -> None:
    said = told(f"database: {written}\n{FIVE_LINES}")
    assert "line 1, column 11: database\n" in said or "line 1, column 1: database\n" in said
    assert "hunter2" not in said


@pytest.mark.parametrize("database", ["syncd:hunter2@db/syncd", "db/syncd?password=hunter2"])
def test_passwords_within_addresses_are_refused_unshown(told: Told, database: str) -> None:
    text = f"database: postgresql://{database}\n" + FIVE_LINES.replace("https://", "https://me:hunter2@")
    said = told(text)
    assert "the database's password stands in the file" in said
    assert "the address holds a user or a password" in said
    assert "hunter2" not in said


def test_a_database_with_a_password_comes_by_reference(load: Load, tmp_path: Path) -> None:
    (tmp_path / "db").write_text("postgresql://syncd:hunter2@db/syncd")
    loaded = load("database: {file: db}\n" + FIVE_LINES)
    assert loaded.database_url == "postgresql://syncd:hunter2@db/syncd"
    assert "hunter2" not in repr(loaded)
    assert load(FIVE_LINES).database_url == "sqlite:///syncd.db"


def test_without_secrets_a_file_is_checked_and_no_secret_can_be_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "syncd.yaml"
    path.write_text(FIVE_LINES)
    loaded = config.load(path, {}, secrets=False)
    with pytest.raises(RuntimeError, match="the environment variable JIRA_TOKEN was not read"):
        settings(loaded, "jira")


def test_the_schema_offers_references_only() -> None:
    token = config.json_schema()["$defs"]["TrackerSettings"]["properties"]["token"]
    assert token["$ref"] == "#/$defs/Secret"
    assert "string" not in json.dumps(token)
