"""The report as ADF is valid by the official schema, and text in it is nothing but text."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.jira import adf
from mapping.document import Link, Paragraph, Report, Table, Text
from mapping.plain import clean
from mapping.report import reports
from tests.report import situations
from tests.report.situations import SITUATIONS
from tests.report.world import EDITION

CONTRACTS = Path(os.environ.get("SYNCD_CONTRACTS", Path(__file__).parents[3] / "shared" / "contracts"))
SCHEMA = CONTRACTS / "adf" / "adf-schema-full.v1.json"


@cache
def validator() -> Any:
    if not SCHEMA.exists():
        pytest.skip(f"the official ADF schema is not at {SCHEMA}; SYNCD_CONTRACTS names its folder")
    return jsonschema.Draft4Validator(json.loads(SCHEMA.read_text()))


def nodes(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [node for part in value for node in nodes(part)]
    if not isinstance(value, dict):
        return []
    return [value, *(node for part in value.values() for node in nodes(part))]


@pytest.mark.parametrize("situation", SITUATIONS)
def test_every_report_is_valid(situation: str) -> None:
    steps = reports(SITUATIONS[situation](), EDITION)
    rich = situation in {
        "blocked",
        "unknown",
        "on_hold",
        "hostile",
        "everything",
    }  # these hold every kind of block; validating is slow
    validator().validate(adf.render(steps[0] if rich else steps[-1]))


def test_a_document_with_a_broken_panel_is_not_valid() -> None:
    body = adf.render(reports(situations.blocked(), EDITION)[0])
    body["content"][0]["attrs"]["panelType"] = "danger"
    assert not validator().is_valid(body)


@pytest.mark.parametrize("build", [situations.hostile, situations.everything])
def test_nothing_can_mention_anybody_or_embed_anything(build: Any) -> None:
    kinds = {node.get("type") for node in nodes(adf.render(reports(build(), EDITION)[0]))}
    known = {"doc", "panel", "paragraph", "text", "status", "heading", "bulletList", "listItem", "table", "tableRow"}
    assert kinds - {None} <= known | {"tableHeader", "tableCell", "expand", "link", "strong", "subsup", "sub"}


def test_links_lead_to_the_web_only() -> None:
    found = nodes(adf.render(reports(situations.hostile(), EDITION)[0]))
    targets = [node["attrs"]["href"] for node in found if node.get("type") == "link"]
    assert targets
    assert all(target.startswith("https://") for target in targets)


@settings(max_examples=100)
@given(st.text(), st.text(), st.text())
def test_any_text_is_one_text_node_as_it_is(title: str, key: str, url: str) -> None:
    body = adf.render(Report("", (Paragraph((Text(title), Link(key, url))), Table((), (((Text(title),),),))), ""))
    told = [node["text"] for node in nodes(body) if node.get("type") == "text"]
    assert told == [part for part in (clean(title), clean(key), clean(title)) if part]


@settings(max_examples=50)
@given(st.lists(st.sampled_from(["", "a", "{x}", "\u202e|", "🚀"]), max_size=4))
def test_any_lines_make_a_valid_document(lines: list[str]) -> None:
    validator().validate(adf.spoken([(Text(line),) for line in lines]))
