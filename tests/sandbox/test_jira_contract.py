"""What the sandbox answers against Atlassian's own OpenAPI, where the site has a copy of it."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

from syncd.sandbox.jira import JiraSandbox
from syncd.sandbox.jira.call import ROUTES
from syncd.sandbox.jira.document import of_text
from tests.sandbox.jira_sites import Plain, plain, site

_HERE = Path(__file__).parents[2]
CONTRACTS = Path(os.environ.get("SYNCD_CONTRACTS", _HERE.parent / "shared" / "contracts"))
SPEC = CONTRACTS / "jira-cloud" / "jira-platform-v3.2026-07-21.json"
pytestmark = pytest.mark.skipif(not SPEC.is_file(), reason=f"no OpenAPI of Jira at {SPEC}")

_NOT_CHECKED = {"additionalProperties", "format", "readOnly", "writeOnly", "xml", "nullable"}


@cache
def spec() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(SPEC.read_text(encoding="utf-8"))
    return loaded


@cache
def registry() -> Registry[Any]:
    empty: Registry[Any] = Registry()
    filled: Registry[Any] = empty.with_resource("urn:spec", Resource.from_contents(_plain(spec()), DRAFT7))
    return filled


def _plain(node: Any) -> Any:
    """The spec as JSON schema: without words of OpenAPI, references made absolute."""
    if isinstance(node, list):
        return [_plain(one) for one in node]
    if not isinstance(node, dict):
        return node
    kept = {name: _plain(value) for name, value in node.items() if name not in _NOT_CHECKED}
    if isinstance(kept.get("$ref"), str):
        kept["$ref"] = f"urn:spec{kept['$ref']}"
    return kept


def operation(method: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = spec()["paths"][f"/rest/api/3/{path}"][method.lower()]
    return found


def faults(method: str, path: str, status: int, answer: object) -> list[str]:
    """Where an answer differs from the schema of its status."""
    content = operation(method, path)["responses"][str(status)].get("content", {})
    schema = content.get("application/json", {}).get("schema")
    if not schema:
        return []
    validator = Draft7Validator(_plain(schema), registry=registry())
    return [f"{list(error.path)}: {error.message[:200]}" for error in validator.iter_errors(_filled(answer))]


def _filled(node: Any) -> Any:
    """An answer without its nulls: recorded answers have them where the OpenAPI says "string"."""
    if isinstance(node, list):
        return [_filled(one) for one in node]
    return {name: _filled(one) for name, one in node.items() if one is not None} if isinstance(node, dict) else node


def filled() -> JiraSandbox:
    world = site()
    world.add("ENG", "Epic", type="Epic")
    world.add("ENG", "Child", parent="ENG-1", fix_versions=["Atlas 2.0"], components=["Core"], labels=["a"])
    world.add("REL", "Launch", assignee="maya@acme.example", due="2026-12-15")
    world.link("Blocks", "ENG-2", "REL-1")
    world.move("ENG-2", "Done")
    world.say("ENG-2", "@[maya@acme.example] hello", by="")
    return JiraSandbox(world)


# parameters of Data Center, which clients also send to Cloud
SERVERS_OWN = {"username", "doHealthCheck", "includeActive", "includeInactive"}
JQL = {"jql": "project = ENG", "fields": ["*all"], "maxResults": 1}
NEW = {"fields": {"project": {"key": "REL"}, "issuetype": {"name": "Task"}, "summary": "S"}}
REMOTE = {"globalId": "g", "object": {"url": "https://example.com", "title": "T"}}
LINK = {"type": {"name": "Blocks"}, "inwardIssue": {"key": "ENG-1"}, "outwardIssue": {"key": "REL-1"}}
NAMED = {"properties": [{"key": "p", "value": 1}], "visibility": {"type": "role", "value": "Administrators"}}
ISSUE = "issue/{issueIdOrKey}"
ASKED: list[tuple[str, str, dict[str, str], object]] = [
    ("GET", "serverInfo", {}, None),
    ("GET", "myself", {}, None),
    ("GET", "field", {}, None),
    ("GET", "status", {}, None),
    ("GET", "statuscategory", {}, None),
    ("GET", "issuetype", {}, None),
    ("GET", "issueLinkType", {}, None),
    ("GET", "mypermissions?permissions=BROWSE_PROJECTS", {}, None),
    ("GET", "project/search", {}, None),
    ("GET", "project/{projectIdOrKey}", {"projectIdOrKey": "ENG"}, None),
    ("GET", "project/{projectIdOrKey}", {"projectIdOrKey": "NOPE"}, None),
    ("GET", "project/{projectIdOrKey}/statuses", {"projectIdOrKey": "ENG"}, None),
    ("GET", "project/{projectIdOrKey}/versions", {"projectIdOrKey": "ENG"}, None),
    ("GET", "issue/createmeta/{projectIdOrKey}/issuetypes", {"projectIdOrKey": "ENG"}, None),
    (
        "GET",
        "issue/createmeta/{projectIdOrKey}/issuetypes/{issueTypeId}",
        {"projectIdOrKey": "ENG", "issueTypeId": "90013"},
        None,
    ),
    ("GET", "user/search?query=maya", {}, None),
    ("POST", "search/jql", {}, JQL),
    ("POST", "search/jql", {}, {"jql": "project = NOPE"}),
    ("GET", "search/jql?jql=project=ENG", {}, None),
    ("POST", "search/approximate-count", {}, {"jql": "project = ENG"}),
    ("POST", "jql/match", {}, {"issueIds": [10001], "jqls": ["project = ENG", "nonsense"]}),
    ("POST", "jql/parse", {}, {"queries": ["project = ENG", "nonsense"]}),
    ("POST", "issue/bulkfetch", {}, {"issueIdsOrKeys": ["ENG-1", "ENG-2", "ENG-99"]}),
    ("POST", "changelog/bulkfetch", {}, {"issueIdsOrKeys": ["ENG-2"]}),
    ("POST", "issue", {}, NEW),
    ("POST", "issue", {}, {"fields": {**NEW["fields"], "summary": ""}}),
    ("GET", ISSUE, {"issueIdOrKey": "ENG-2"}, None),
    ("GET", f"{ISSUE}?expand=changelog", {"issueIdOrKey": "ENG-2"}, None),
    ("GET", ISSUE, {"issueIdOrKey": "ENG-99"}, None),
    ("PUT", ISSUE, {"issueIdOrKey": "ENG-2"}, {"fields": {"summary": "T"}}),
    ("GET", f"{ISSUE}/changelog", {"issueIdOrKey": "ENG-2"}, None),
    ("GET", f"{ISSUE}/transitions", {"issueIdOrKey": "ENG-2"}, None),
    ("POST", f"{ISSUE}/comment", {"issueIdOrKey": "ENG-2"}, {"body": of_text("x")}),
    ("POST", f"{ISSUE}/comment", {"issueIdOrKey": "ENG-2"}, {"body": of_text("x"), **NAMED}),
    ("GET", f"{ISSUE}/comment", {"issueIdOrKey": "ENG-2"}, None),
    ("GET", f"{ISSUE}/comment?expand=properties&orderBy=-created", {"issueIdOrKey": "ENG-2"}, None),
    ("GET", f"{ISSUE}/comment", {"issueIdOrKey": "ENG-99"}, None),
    ("GET", f"{ISSUE}/properties", {"issueIdOrKey": "ENG-2"}, None),
    ("PUT", f"{ISSUE}/properties/{{propertyKey}}", {"issueIdOrKey": "ENG-2", "propertyKey": "p"}, {"x": 1}),
    ("GET", f"{ISSUE}/properties/{{propertyKey}}", {"issueIdOrKey": "ENG-2", "propertyKey": "q"}, None),
    ("POST", f"{ISSUE}/remotelink", {"issueIdOrKey": "ENG-2"}, REMOTE),
    ("GET", f"{ISSUE}/remotelink", {"issueIdOrKey": "ENG-2"}, None),
    ("POST", "issueLink", {}, LINK),
    ("GET", "label", {}, None),
    ("GET", "priority/search", {}, None),
    ("GET", "field/search?type=custom", {}, None),
    ("GET", "user/bulk?accountId=x", {}, None),
    ("GET", "version/{id}", {"id": "1"}, None),
    ("GET", f"{ISSUE}/editmeta", {"issueIdOrKey": "ENG-2"}, None),
    ("PUT", f"{ISSUE}/assignee", {"issueIdOrKey": "ENG-2"}, {"accountId": None}),
    ("DELETE", ISSUE, {"issueIdOrKey": "ENG-2"}, None),
]


def ask(http: Plain, method: str, path: str, words: dict[str, str], body: object) -> tuple[int, Any]:
    return http.ask(method, path.format(**words), body)


def test_every_answer_has_a_status_and_a_shape_of_the_openapi() -> None:
    wrong: list[str] = []
    sandbox = filled()
    with plain(sandbox) as http:
        for method, path, words, body in ASKED:
            status, answer = ask(http, method, path, words, body)
            rule = path.partition("?")[0]
            known = operation(method, rule)["responses"]
            if str(status) not in known:
                wrong.append(f"{method} {rule}: {status} is none of {list(known)}: {answer}")
                continue
            wrong += [f"{method} {rule} {status} {fault}" for fault in faults(method, rule, status, answer)]
    assert wrong == [], "\n".join(wrong)
    assert sandbox.refused == []


def test_every_route_and_parameter_of_cloud_is_one_of_the_openapi() -> None:
    paths = {_shape(path.removeprefix("/rest/api/3/")): item for path, item in spec()["paths"].items()}
    strange: list[str] = []
    for row in ROUTES:
        if row.where == "dc":
            continue
        item = paths.get(_shape(row.rule), {})
        if row.method.lower() not in item:
            strange.append(f"{row.method} {row.rule}")
            continue
        known = {one["name"] for one in item[row.method.lower()].get("parameters", []) if "name" in one}
        strange += [f"{row.method} {row.rule}?{name}" for name in row.query - known - SERVERS_OWN]
    assert strange == []


def _shape(rule: str) -> str:
    return "/".join("{}" if part[0] in "{<" else part for part in rule.split("/") if part)
