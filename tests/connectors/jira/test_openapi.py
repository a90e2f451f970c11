"""Every request that the connector sends is one that Atlassian's own description of the API knows."""

from __future__ import annotations

import json
import os
import re
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from connectors.base import Convention, Selector
from connectors.errors import TrackerError
from mapping.document import Mention, Text
from tests.connectors.contract import START, read, report, settings
from tests.connectors.jira.site import JiraSite, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syncd.sandbox.server import Seen

ROOT = Path(__file__).resolve().parents[3]
CONTRACTS = Path(os.environ.get("SYNCD_CONTRACTS", ROOT.parent / "shared" / "contracts"))
SPEC = CONTRACTS / "jira-cloud" / "jira-platform-v3.2026-07-21.json"

pytestmark = pytest.mark.skipif(not SPEC.is_file(), reason=f"Atlassian's OpenAPI is not at {SPEC}")


@cache
def spec() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(SPEC.read_text(encoding="utf-8"))
    return loaded


@cache
def paths() -> list[tuple[re.Pattern[str], str]]:
    """Patterns of all paths, those with fewer parameters first: ``search/jql`` before ``search/{x}``."""
    ordered = sorted(spec()["paths"], key=lambda path: path.count("{"))
    return [(re.compile(re.sub(r"\\{[^/]+\\}", "[^/]+", re.escape(path))), path) for path in ordered]


def faults(seen: Seen) -> list[str]:
    """What of a request the description does not know. Version 2 of Cloud is the same but for texts."""
    wanted = seen.path.replace("/rest/api/2/", "/rest/api/3/")
    path = next((path for pattern, path in paths() if pattern.fullmatch(wanted)), None)
    operation = spec()["paths"][path].get(seen.method.lower()) if path else None
    if operation is None:
        return [f"{seen.method} {seen.path} is unknown"]
    if operation.get("deprecated"):
        return [f"{seen.method} {seen.path} is deprecated"]
    known = {each["name"]: each for each in operation.get("parameters", []) if each["in"] == "query"}
    found = [f"{seen.path}: no parameter {name}" for name in seen.query if name not in known]
    needed = [name for name, each in known.items() if each.get("required") and name not in seen.query]
    found += [f"{seen.path}: {name} is required" for name in needed]
    for name, values in seen.query.items():
        kind = known.get(name, {}).get("schema", {}).get("type")
        pattern = {"integer": r"\d+", "boolean": r"true|false"}.get(kind, r".*")
        found += [f"{seen.path}: {name}={value}" for value in values if not re.fullmatch(pattern, value)]
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if seen.body is not None and content is None:
        return [*found, f"{seen.path} takes no body"]
    if content is not None:
        schema = {**content["schema"], "components": spec()["components"]}
        errors = Draft202012Validator(schema).iter_errors(seen.body)
        found += [f"{seen.path}: {error.message[:200]} at {list(error.path)}" for error in errors]
    return found


@pytest.fixture
def site() -> Iterator[JiraSite]:
    with running() as site:
        yield site


def read_everything(site: JiraSite) -> None:
    site.world.version("HOME", "Atlas 2.0")
    epic = site.add("Atlas 2.0", epic=True)
    launch = site.add("Launch", assignee="Dana")
    for number in range(120):
        site.add(f"Ticket {number}", under=epic)
    source = site.source()
    source.identify()
    source.lead("HOME")
    source.person("dana@acme.example")
    source.launch(launch)
    source.ticket(launch)
    source.comments(launch)
    convention = Convention(project="HOME", release_id="atlas-2", release_name="Atlas 2.0", launch_key=launch)
    fields = {"project": "HOME", "fix_version": "Atlas 2.0", "label": ["a", "b"], "type": "Task"}
    queries = {
        "convention": convention,
        "jql": site.labelled("x"),
        "epic": Selector(terms={"epic": epic, "type": "Task"}),
        "fields": Selector(terms=fields),
    }
    assert read(source, queries).failed == {}
    assert source.matching(queries, set(source.changed(START, site.clock()))).failed == {}
    assert source.census(queries).failed == {}
    source.words()
    source.explain(convention)
    source.lookup(["1"])
    source.close()


def write_everything(site: JiraSite) -> None:
    launch = site.add("Launch")
    summary = site.summary(settings(launch_key=launch))
    assert summary.obstacles() == ()
    summary.find()
    ref = summary.create([report(labels=("readiness-blocked",))]).ref
    summary.update(summary.read(ref), [report("x", "d2", ("readiness-at-risk",))], quiet=True)
    summary.block(ref, launch)
    summary.move(ref, "Blocked")
    lines = [(Text("Two lines"),), (Text("of text to "), Mention("Dana", site.world.me))]
    summary.comment(ref, lines, "first", tried=timedelta())
    summary.comment(ref, lines, "first", tried=timedelta())
    assert len(site.comments(ref.key)) == 1
    summary.close()


def test_every_request_is_one_that_the_official_description_knows(site: JiraSite) -> None:
    read_everything(site)
    write_everything(site)
    kinds = {(seen.method, re.sub(r"\d+", "N", seen.path)) for seen in site.app.requests}
    assert len(kinds) > 15, "the round above must use all of the connector"
    assert [fault for seen in site.app.requests for fault in faults(seen)] == []


def test_the_check_itself_finds_what_is_wrong(site: JiraSite) -> None:
    client = site.source()
    with pytest.raises(TrackerError):
        client._client.get("issue/HOME-1", colour="red")  # type: ignore[attr-defined]  # noqa: SLF001  # a wrong request on purpose
    client.close()
    assert "no parameter colour" in " ".join(fault for seen in site.app.requests for fault in faults(seen))
    site.app.refused.clear()
