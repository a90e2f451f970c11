"""Queries → JQL: every value stays a value, and a person's JQL stays in its parentheses."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Convention
from connectors.errors import PermanentError
from connectors.jira.select import Project, epics_named, joined, of_convention, of_selector, quoted, wrapped
from syncd.sandbox.jira.jql import Both, Clause, Either, Value, parse

HOME = Project(key="HOME", versions=frozenset({"atlas 2.0"}), epic_types=("10000",))


def convention(**changed: str) -> Convention:
    return Convention(**{"project": "HOME", "release_id": "atlas-2", "release_name": "Atlas 2.0", **changed})


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_whatever_a_name_holds_it_stays_one_value(name: str) -> None:
    assert parse(f"fixVersion = {quoted(name)}").where == Clause("fixVersion", "=", (Value(name, quoted=True),))


@pytest.mark.parametrize(
    ("jql", "kept"),
    [
        ("project = A", "(project = A)"),
        ("project = A OR project = B", "(project = A OR project = B)"),
        ("project = A ORDER BY created DESC, key", "(project = A)"),
        ("project = A order  by rank", "(project = A)"),
        ('summary ~ "order by me" ORDER BY key', '(summary ~ "order by me")'),
        ("summary ~ 'it\\'s (open' AND (a = 1)", "(summary ~ 'it\\'s (open' AND (a = 1))"),
        ("reorder = 1", "(reorder = 1)"),
    ],
)
def test_a_persons_jql_is_wrapped_and_loses_its_own_order(jql: str, kept: str) -> None:
    assert wrapped("eng", jql) == kept


@pytest.mark.parametrize("jql", ["", "  ", "ORDER BY key", "a = 1) OR (b = 2", "(a = 1", 'a = "b', "a = 'b"])
def test_jql_that_would_break_out_of_its_parentheses_is_refused(jql: str) -> None:
    with pytest.raises(PermanentError, match="the JQL"):
        wrapped("eng", jql)


def test_several_terms_narrow_and_several_values_widen() -> None:
    way = of_selector("eng", {"project": "HOME", "label": ["a", 'b"'], "jql": "x = 1 OR y = 2"})
    assert way.jql == 'project = "HOME" AND labels in ("a", "b\\"") AND (x = 1 OR y = 2)'
    where = parse(way.jql).where
    assert isinstance(where, Both)
    assert isinstance(where.parts[2], Either)


def test_an_epic_is_the_root_and_the_other_terms_narrow_what_is_below() -> None:
    way = of_selector("eng", {"epic": "HOME-1", "type": "Bug"})
    assert (way.jql, way.roots, way.narrow) == ("", ("HOME-1",), 'issuetype = "Bug"')
    assert way.how == "epic = HOME-1, type = Bug"


@pytest.mark.parametrize("terms", [{}, {"team": "X"}])
def test_a_selector_that_would_match_everything_or_is_not_jiras_is_refused(terms: dict[str, str]) -> None:
    with pytest.raises(PermanentError):
        of_selector("eng", terms)


def test_a_convention_asks_for_a_fix_version_only_where_there_is_one() -> None:
    hows = [way.how for way in of_convention(convention(), HOME, ())]
    assert hows == ["fix version = Atlas 2.0", "label = atlas-2"]
    bare = Project(key="HOME", versions=frozenset(), epic_types=())
    assert [way.how for way in of_convention(convention(), bare, ())] == ["label = atlas-2"]


def test_a_convention_with_everything_is_two_questions() -> None:
    said = convention(release_name="Atlas", launch_key="REL-1")
    ways = of_convention(said, HOME, ("10077",))
    assert [way.how for way in ways] == [
        "label = Atlas or atlas-2",
        "under an epic named Atlas",
        "child of REL-1",
        "linked to REL-1",
    ]
    plain, below = joined(ways)
    assert below.roots == ("10077",)
    assert isinstance(parse(plain.jql).where, Either)
    assert 'parent = "REL-1"' in plain.jql
    server, _ = joined(of_convention(said, replace(HOME, epic_link="customfield_10014"), ("10077",)))
    assert '(cf[10014] in ("REL-1") OR parent = "REL-1")' in server.jql


def test_epics_are_asked_for_by_phrase_and_by_the_ids_of_their_types() -> None:
    assert epics_named('The "big" one', HOME) == 'issuetype in (10000) AND summary ~ "\\"The \\\\\\"big\\\\\\" one\\""'
    assert epics_named("Atlas", Project(key="X", versions=frozenset(), epic_types=())) == ""
