"""What changed is decided from fields, ancestors and links; it must be what a complete reading finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.base import Convention, Selector
from connectors.linear import connector
from syncd.sandbox.linear import LinearSandbox, LinearWorld
from tests.connectors.linear.conftest import Clock, Front
from tests.connectors.linear.whole import whole

if TYPE_CHECKING:
    from connectors.base import Query
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
    asked = [*(Selector(terms=term) for term in terms), *bare, other]
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


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    issues=st.lists(ISSUE, max_size=5),
    links=LINKS,
    changes=st.lists(st.lists(CHANGE, min_size=1, max_size=3), max_size=3),
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
