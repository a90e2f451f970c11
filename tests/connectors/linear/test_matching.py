"""What changed is decided from fields, ancestors and links; it must be what a complete reading finds."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from werkzeug.wrappers import Response

from connectors.base import Convention, Selector
from connectors.linear import connector
from connectors.linear.rest import AT_ONCE
from syncd.sandbox.linear import LinearSandbox, LinearWorld
from tests.connectors.linear.conftest import Clock, Front
from tests.connectors.linear.whole import whole

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from connectors.base import Query, Source
    from connectors.base import Settings as TrackerSettings

TEAMS = ("DOC", "MKT")
LABELS = ("atlas-2", "ATLAS 2.0", "other")
PROJECTS = ("Atlas 2.0", "Docs")
RELEASES = ("Atlas 2.0", "Zeus")
STATES = ("Todo", "Done", "Canceled")
TITLES = ("Page", "atlas 2.0", "Zeus", "launch")
KEYS = st.integers(0, 6)

ISSUE = st.fixed_dictionaries(
    {"team": st.sampled_from(TEAMS), "title": st.sampled_from(TITLES)},
    optional={
        "labels": st.lists(st.sampled_from(LABELS), max_size=2, unique=True),
        "project": st.sampled_from(PROJECTS),
        "releases": st.lists(st.sampled_from(RELEASES), max_size=2, unique=True),
        "parent": KEYS,
        "state": st.sampled_from(STATES),
    },
)
CHANGE = st.one_of(
    st.tuples(st.just("parent"), KEYS, st.none() | KEYS),
    st.tuples(st.just("title"), KEYS, st.sampled_from(TITLES)),
    st.tuples(st.just("labels"), KEYS, st.lists(st.sampled_from(LABELS), max_size=2, unique=True)),
    st.tuples(st.just("project"), KEYS, st.none() | st.sampled_from(PROJECTS)),
    st.tuples(st.just("releases"), KEYS, st.lists(st.sampled_from(RELEASES), max_size=1)),
    st.tuples(st.just("team"), KEYS, st.sampled_from(TEAMS)),
    st.tuples(st.just("archive"), KEYS, st.none()),
)
LINKS = st.lists(st.tuples(KEYS, KEYS), max_size=3)


def queries(world: LinearWorld) -> dict[str, Query]:
    """One of each kind that there is, and some together."""
    terms: list[dict[str, Any]] = [
        {"team": "doc"},
        {"team": ["Docs", "MKT"], "label": "ATLAS-2"},
        {"label": next(iter(world.labels))},
        {"label": ["other", "atlas 2.0"]},
        {"project": "atlas 2.0"},
        {"project": next(iter(world.projects))},
        {"milestone": "beta"},
        {"initiative": "ATLAS"},
        {"release": "2.0.0"},
        {"release": "zeus", "team": "MKT"},
        {"filter": {"title": {"startsWith": "P"}}},
        {"filter": {"state": {"type": {"eq": "completed"}}}, "team": "DOC"},
    ]
    bare = [
        Convention(project=team, release_id="atlas-2", release_name="Atlas 2.0", launch_key=launch)
        for team in ("DOC", "marketing")
        for launch in (None, "REL-1")
    ]
    other = Convention(project="DOC", release_id="zeus", release_name="Zeus", launch_key="REL-2")
    asked: list[Query] = [*(Selector(terms=term) for term in terms), *bare, other]
    return {f"{number} {query}": query for number, query in enumerate(asked)}


def build(issues: list[dict[str, Any]], links: list[tuple[int, int]]) -> tuple[LinearWorld, list[str]]:
    """A workspace with these issues after the two launch issues; and the keys of all."""
    world = LinearWorld(clock=Clock())
    for key, name in (("REL", "Releases"), ("DOC", "Docs"), ("MKT", "Marketing")):
        world.team(key, name)
    for name in LABELS:
        world.label(name)
    for name in PROJECTS:
        world.project(name, "DOC")
    world.milestone("Docs", "Beta")
    world.initiative("Atlas", ["Docs"])
    world.release("Atlas 2.0", "2.0.0")
    world.release("Zeus")
    keys = [world.add("REL", "The launch"), world.add("REL", "launch")]
    for fields in issues:
        said = dict(fields)
        parent = said.pop("parent", None)
        said["parent"] = keys[parent] if parent is not None and parent < len(keys) else None
        if said.get("project") == "Docs":
            said["milestone"] = "Beta"
        keys.append(world.add(said.pop("team"), said.pop("title"), **said))
    for one, other in links:
        if one != other and max(one, other) < len(keys):
            world.relate(keys[one], keys[other])
    return world, keys


def change(world: LinearWorld, keys: list[str], what: str, number: int, value: Any) -> str | None:
    """Does it, and tells the id of what a probe would show; None where it cannot be done."""
    if number >= len(keys) or (what == "parent" and value is not None and value >= len(keys)):
        return None
    issue = world.find_issue(keys[number])
    if what == "archive":
        world.archive(keys[number])
    elif what == "team":
        if issue["team"]["key"] in ("REL", value):
            return None
        world.transfer(keys[number], value)
    elif what == "parent":
        world.edit(keys[number], parent=None if value in (None, number) else keys[value])
    else:
        world.edit(keys[number], **{what: value})
    return str(issue["id"])


BARE: list[dict[str, Any]] = [{"team": "DOC", "title": "Page"}, {"team": "DOC", "title": "Page", "parent": 2}]


@example(issues=BARE, links=[], changes=[[("parent", 2, 0)], [("parent", 2, None)]])
@example(issues=BARE, links=[], changes=[[("title", 2, "Zeus")], [("title", 2, "Page")]])
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    issues=st.lists(ISSUE, min_size=2, max_size=5),
    links=LINKS,
    changes=st.lists(st.lists(CHANGE, min_size=1, max_size=3), min_size=1, max_size=3),
)
def test_increments_end_where_a_complete_reading_does_whatever_the_world_and_its_changes(
    issues: list[dict[str, Any]],
    links: list[tuple[int, int]],
    changes: list[list[tuple[str, int, Any]]],
    front: Front,
    settings: TrackerSettings,
) -> None:
    world, keys = build(issues, links)
    front.app = LinearSandbox(world)
    source, fresh = connector.open_source(settings), connector.open_source(settings)
    asked = queries(world)
    known = whole(source, asked)
    ids = {row["id"] for row in world.issues.values()}
    again = fresh.matching(asked, ids)
    assert (again.members, again.items) == (known.members, {id_: again.items[id_] for id_ in ids})
    assert again.items.items() >= known.items.items()
    members = {name: set(found) for name, found in known.members.items()}
    for batch in changes:
        changed = {id_ for each in batch if (id_ := change(world, keys, *each)) is not None}
        seen = source.matching(asked, changed)
        for name, found in seen.members.items():
            members[name] = (members[name] - changed - seen.items.keys()) | found
        truth = whole(fresh, asked)
        assert members == truth.members
        assert fresh.census(asked).members == truth.members
        assert {id_: truth.items[id_] for id_ in seen.items if id_ in truth.items} == {
            id_: item for id_, item in seen.items.items() if id_ in truth.items
        }
    source.close()
    fresh.close()


def ids_of(world: LinearWorld, *keys: str) -> list[str]:
    return [world.find_issue(key)["id"] for key in keys]


BARE_DOCS = Convention(project="DOC", release_id="atlas-2", release_name="Atlas 2.0", launch_key="REL-1")


def test_a_parent_that_moves_takes_all_below_it_along_though_they_do_not_change(
    world: LinearWorld, source: Source
) -> None:
    launch = world.add("REL", "launch")
    parent = world.add("DOC", "parent")
    chain = [parent]
    for level in range(12):
        chain.append(world.add("DOC", f"level {level}", parent=chain[-1]))
    ids = ids_of(world, *chain)
    asked: dict[str, Query] = {"docs": BARE_DOCS, "plain": Selector(terms={"team": "DOC"})}
    assert source.matching(asked, ids[:1]).members == {"docs": frozenset(), "plain": set(ids)}
    world.edit(parent, parent=launch)
    found = source.matching(asked, ids[:1])
    assert found.members["docs"] == set(ids) == set(found.items)
    assert source.matching(asked, ids[-1:]).members["docs"] == {ids[-1]}
    world.edit(parent, parent=None)
    found = source.matching(asked, ids[:1])
    assert (found.members["docs"], set(found.items)) == (frozenset(), set(ids))


def test_a_link_comes_and_goes_with_the_launch_issue_alone(world: LinearWorld, source: Source) -> None:
    launch, linked, beside = (world.add(team, "one") for team in ("REL", "DOC", "DOC"))
    ids = ids_of(world, launch, linked, beside)
    assert source.matching({"docs": BARE_DOCS}, ids[:1]).members == {"docs": frozenset()}
    relation = world.relate(linked, launch)
    found = source.matching({"docs": BARE_DOCS}, ids[:1])
    assert (set(found.members["docs"]), set(found.items)) == ({ids[1]}, set(ids[:2]))
    assert source.matching({"docs": BARE_DOCS}, ids[1:]).members["docs"] == {ids[1]}
    world.find_issue(linked)["relations"].remove(relation)
    world.find_issue(launch)["inverseRelations"].remove(relation)
    world.version += 1
    found = source.matching({"docs": BARE_DOCS}, ids[:1])
    assert (found.members["docs"], set(found.items)) == (frozenset(), set(ids[:2]))


def test_one_changed_ticket_costs_a_handful_of_requests_whatever_the_number_of_selectors(
    world: LinearWorld, source: Source, sandbox: LinearSandbox
) -> None:
    launches = [world.add("REL", f"Release {number}") for number in range(30)]
    item = ids_of(world, world.add("DOC", "Page", labels=["l7"], parent=launches[3]))
    asked: dict[str, Query] = {f"label {number}": Selector(terms={"label": f"l{number}"}) for number in range(200)}
    for number, launch in enumerate(launches):
        asked[f"bare {number}"] = Convention(
            project="DOC", release_id=f"r{number}", release_name=f"Release {number}", launch_key=launch
        )
    for number in range(170):
        terms = {"filter": {"priority": {"eq": number}}}
        asked[f"filter {number}"] = Selector(terms=terms)
    sandbox.requests.clear()
    found = source.matching(asked, item)
    assert {name for name, ids in found.members.items() if ids} == {"label 7", "bare 3", "filter 0"}
    asked_for = Counter(seen.body["operationName"] for seen in sandbox.requests)
    assert asked_for == {"Details": 1, "Launches": 1, "SeveralIds": 2}


def test_plain_selectors_cost_one_request_for_250_ids(
    world: LinearWorld, source: Source, sandbox: LinearSandbox
) -> None:
    ids = ids_of(world, *(world.add("DOC", f"Page {number}") for number in range(251)))
    sandbox.requests.clear()
    found = source.matching({f"{number}": Selector(terms={"team": "DOC"}) for number in range(400)}, ids)
    assert set(found.members) == {f"{number}" for number in range(400)}
    assert set(map(frozenset, found.members.values())) == {frozenset(ids)}
    assert len(sandbox.requests) == 2


def test_a_launch_issue_with_many_links_shows_them_all(world: LinearWorld, source: Source) -> None:
    launch = world.add("REL", "launch")
    keys = [world.add("DOC", f"Page {number}") for number in range(120)]
    for number, key in enumerate(keys):
        world.relate(*((key, launch) if number % 2 else (launch, key)))
    assert whole(source, {"docs": BARE_DOCS}).members["docs"] == set(ids_of(world, *keys))


def test_f16_a_launch_issue_that_moved_to_another_team_is_known_by_its_old_key(
    world: LinearWorld, source: Source
) -> None:
    launch = world.add("REL", "launch")
    child = world.add("DOC", "child", parent=launch)
    world.transfer(launch, "DOC")
    ids = ids_of(world, child)
    assert whole(source, {"docs": BARE_DOCS}).members["docs"] == set(ids)
    assert source.matching({"docs": BARE_DOCS}, ids).members["docs"] == set(ids)


def test_a_trashed_launch_issue_is_missing_for_the_gates_that_go_by_it_and_for_no_other(
    world: LinearWorld, source: Source
) -> None:
    launch = world.add("REL", "launch")
    page = ids_of(world, world.add("DOC", "Page", parent=launch))
    world.trash(launch)
    asked: dict[str, Query] = {"docs": BARE_DOCS, "plain": Selector(terms={"team": "DOC"})}
    for found in (whole(source, asked), source.census(asked), source.matching(asked, page)):
        assert found.members == {"plain": set(page)}
        assert "REL-1" in str(found.failed["docs"])


def test_a_trashed_or_deleted_item_is_absent_and_an_archived_one_is_there(world: LinearWorld, source: Source) -> None:
    keys = [world.add("DOC", name) for name in ("trashed", "deleted", "archived")]
    ids = ids_of(world, *keys)
    world.trash(keys[0])
    world.delete(keys[1])
    world.archive(keys[2])
    asked = {"docs": Selector(terms={"team": "DOC"}), "raw": Selector(terms={"filter": {}})}
    found = source.matching(asked, ids)
    assert found.members == {name: {ids[2]} for name in asked}
    assert set(found.items) == {ids[2]}


def test_an_issue_with_many_labels_releases_and_initiatives_is_decided_by_all_of_them(
    world: LinearWorld, source: Source, sandbox: LinearSandbox
) -> None:
    world.project("Docs", "DOC")
    for number in range(15):
        world.initiative(f"Initiative {number}", ["Docs"])
        world.release(f"Release {number}")
    labels, releases = [f"l{number}" for number in range(15)], [f"Release {number}" for number in range(15)]
    keys = [
        world.add("DOC", f"Page {number}", labels=labels, releases=releases, project="Docs")
        for number in range(AT_ONCE + 1)
    ]
    ids = ids_of(world, *keys)
    asked: dict[str, Query] = {f"label {label}": Selector(terms={"label": label}) for label in labels}
    asked |= {f"release {name}": Selector(terms={"release": name}) for name in releases}
    asked |= {f"{number}": Selector(terms={"initiative": f"Initiative {number}"}) for number in range(15)}
    sandbox.requests.clear()
    found = source.matching(asked, ids)
    assert found.members == {name: set(ids) for name in asked}
    assert {item.labels for item in found.items.values()} == {tuple(sorted(labels))}
    assert len(sandbox.requests) == 3


def test_where_linear_refuses_to_tell_releases_it_is_asked_what_they_decide(
    world: LinearWorld, source: Source, sandbox: LinearSandbox
) -> None:
    world.release("Atlas 2.0")
    ids = ids_of(world, world.add("DOC", "Page", releases=["Atlas 2.0"], labels=["a"]))
    said = {"errors": [{"message": "Invalid scope: `release:read` required", "extensions": {"code": "FORBIDDEN"}}]}

    def before(request: Request) -> Response | None:
        body = json.loads(request.get_data(as_text=True))
        return Response(json.dumps(said)) if body["variables"].get("releases") else None

    sandbox.before = before
    asked = {"release": Selector(terms={"release": "Atlas 2.0"}), "label": Selector(terms={"label": "a"})}
    assert source.matching(asked, ids).members == {name: set(ids) for name in asked}


@pytest.mark.parametrize("limit", [250, 1500, 9000])
def test_f11_what_is_too_complex_together_is_asked_apart(
    limit: int, world: LinearWorld, source: Source, sandbox: LinearSandbox
) -> None:
    ids = ids_of(world, *(world.add("DOC", f"Page {number}", labels=[f"l{number % 20}"]) for number in range(60)))
    asked = {f"{number}": Selector(terms={"label": f"l{number}"}) for number in range(20)}
    sandbox.complexity_limit = limit
    read, counted = whole(source, asked), source.census(asked)
    assert read.failed == counted.failed == {}
    assert read.members == counted.members == {f"{n}": {ids[n], ids[n + 20], ids[n + 40]} for n in range(20)}


def test_a_selector_that_linear_refuses_is_found_out_among_many_and_fails_alone(
    world: LinearWorld, source: Source, sandbox: LinearSandbox
) -> None:
    ids = ids_of(world, world.add("DOC", "Page"))
    asked = {f"{number}": Selector(terms={"filter": {"title": {"eq": "Page"}}}) for number in range(60)}
    asked["37"] = Selector(terms={"filter": {"colour": {"eq": "red"}}})
    for found in (whole(source, asked), source.census(asked), source.matching(asked, ids)):
        assert set(found.failed) == {"37"}
        assert found.members == {name: set(ids) for name in asked if name != "37"}
    assert len(sandbox.requests) < 90
