"""Trackers that answer JSON of wrong types: understood, or one of our errors, and never "there is nothing"."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from werkzeug.wrappers import Request, Response

from connectors.errors import TrackerError
from syncd.sandbox.server import serving
from tests.connectors.abused import PLACE, TRACKERS, Abused, assert_discreet, error_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIEnvironment

    from connectors.base import Source, Summary

SENTENCE = 15
SCALARS = st.none() | st.booleans() | st.integers(-1, 3) | st.floats(allow_nan=False) | st.text(max_size=5)
STRANGE = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=8,
)
WORDS = ["", "10001", "HOME-1", "HOME", "done", "jira.permission", "2026-11-22T10:00:00.000+0000", "Blocks", "assignee"]
NAMES = [
    "id", "key", "name", "accountId", "displayName", "emailAddress", "fields", "issues", "values", "isLast", "total",
    "startAt", "maxResults", "nextPageToken", "matches", "matchedIssues", "errors", "status", "statusCategory", "lead",
    "resolution", "labels", "fixVersions", "issuetype", "parent", "issuelinks", "assignee", "created", "updated",
    "duedate", "changelog", "histories", "items", "author", "to", "summary", "project", "subtask", "warningMessages",
]  # fmt: skip
NEAR = st.recursive(
    SCALARS | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=8),
    max_leaves=25,
)


class Says:
    """Answers the same JSON to everything but a Jira's name."""

    def __init__(self, abused: Abused) -> None:
        self.name = abused.name()
        self.value: Any = None
        self.url = ""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        named = Request(environ).path.endswith("serverInfo")
        answer = Response(self.name if named else json.dumps(self.value), content_type="application/json")
        return answer(environ, start_response)


@pytest.fixture(scope="module", params=TRACKERS)
def asked(request: pytest.FixtureRequest) -> Iterator[tuple[Abused, Says, Source, Summary]]:
    abused = TRACKERS[request.param]
    says = Says(abused)
    with serving(says) as url:
        source = abused.connector.open_source(abused.settings(url))
        summary = abused.connector.open_summary(abused.settings(url), PLACE)
        yield abused, says, source, summary
        source.close()
        summary.close()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=STRANGE)
@example(value=None)
@example(value={})
@example(value=[])
@example(value=[None])
@example(value={"data": None})
@example(value={"data": {}})
@example(value={"data": {"issues": None, "viewer": [], "teams": {}}})
@example(value={"issues": None})
@example(value={"issues": {}, "values": {}, "matches": {}})
@example(value={"issues": [[]], "values": [[]], "matches": [[]]})
def test_f9_json_that_says_nothing_is_never_taken_for_nothing(
    asked: tuple[Abused, Says, Source, Summary], value: Any
) -> None:
    abused, says, source, _ = asked
    says.value = value
    for name, act in abused.reads(source).items():
        if name == "person" and isinstance(value, list):
            continue  # a list of persons
        assert len(error_of(f"{name} of {value}", act).message) > SENTENCE


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=NEAR | st.fixed_dictionaries({"data": NEAR}))
def test_f23_any_json_is_understood_or_one_of_our_errors(
    asked: tuple[Abused, Says, Source, Summary], value: Any
) -> None:
    abused, says, source, summary = asked
    says.value = value
    for act in (*abused.reads(source).values(), *abused.writes(summary).values()):
        error = raised(act)
        assert error is None or len(error.message) > SENTENCE


def raised(act: Callable[[], object]) -> TrackerError | None:
    try:
        act()
    except TrackerError as error:
        assert_discreet(error)
        return error
    return None
