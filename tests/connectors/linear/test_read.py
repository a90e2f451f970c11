from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.wrappers import Request, Response

from connectors.base import Convention, Selector
from connectors.errors import MalformedError, MissingError, TemporaryError
from connectors.linear.client import SMALLEST_PAGE
from connectors.linear.related import MAX_LEVELS
from mapping.item import Progress
from tests.connectors.linear.whole import whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.base import Source
    from syncd.sandbox.linear import LinearSandbox, LinearWorld
    from tests.connectors.linear.conftest import Clock

DOCS = Selector(terms={"team": "DOC"})
CONVENTION = Convention(project="DOC", release_id="atlas-2", release_name="Atlas 2.0", launch_key="REL-1")


def fill(world: LinearWorld, count: int) -> set[str]:
    return {world.find_issue(world.add("DOC", f"Page {number}"))["id"] for number in range(count)}


def pages(*made: dict[str, Any]) -> Callable[[Request], Response | None]:
    """Answers each request for issues with the next of these pages, the last one for ever."""
    left = list(made)

    def before(request: Request) -> Response | None:
        if request.get_json()["operationName"] == "WorkflowStates":
            return None
        page = left.pop(0) if len(left) > 1 else left[0]
        return Response(json.dumps({"data": {"issues": page}}), content_type="application/json")

    return before


def page(cursor: Any, *, nodes: Any = (), more: Any = True) -> dict[str, Any]:
    return {
        "nodes": list(nodes) if isinstance(nodes, tuple) else nodes,
        "pageInfo": {"hasNextPage": more, "endCursor": cursor},
    }


@pytest.mark.parametrize("count", [0, 1, 249, 250, 251, 600])
def test_f7_every_issue_is_read_however_many_pages_they_fill(count: int, world: LinearWorld, source: Source) -> None:
    ids = fill(world, count)
    found = whole(source, {"docs": DOCS})
    assert set(found.members["docs"]) == ids == set(found.items)


def test_f11_a_query_that_is_too_complex_shrinks_and_completes(
    world: LinearWorld, sandbox: LinearSandbox, source: Source
) -> None:
    ids = fill(world, 90)
    sandbox.complexity_limit = 1500
    assert whole(source, {"docs": DOCS}).members["docs"] == ids
    assert len(sandbox.requests) < 15


def test_f11_a_query_that_is_too_complex_at_any_size_says_so(sandbox: LinearSandbox, source: Source) -> None:
    sandbox.complexity_limit = 20  # enough to tell the states
    found = whole(source, {"docs": DOCS})
    assert "too complex" in str(found.failed["docs"])
    asked = {seen.body["variables"]["first"] for seen in sandbox.requests if "filter" in str(seen.body["variables"])}
    assert asked >= {250, 125, SMALLEST_PAGE}


@pytest.mark.parametrize(
    "answers",
    [
        [page("c1", nodes=({"id": "a"},)), page("c1", nodes=({"id": "b"},))],
        [page("c1")],
        [page(None, nodes=({"id": "a"},))],
        [page("", nodes=({"id": "a"},))],
        [page(7, nodes=({"id": "a"},))],
        [page("c1", more="yes")],
        [page("c1", nodes=None, more=False)],
        [page("c1", nodes=({"title": "no id"},), more=False)],
        [page("c1", nodes=("no object",), more=False)],
        [{"nodes": []}],
        [{}],
    ],
    ids=str,
)
def test_pages_that_cannot_be_trusted_make_the_query_failed_never_short(
    answers: list[dict[str, Any]], sandbox: LinearSandbox, source: Source
) -> None:
    sandbox.before = pages(*answers)
    found = whole(source, {"docs": DOCS})
    assert isinstance(found.failed["docs"], MalformedError)
    assert found.members == {}
    with pytest.raises(MalformedError):
        source.changed(sandbox.world.clock(), sandbox.world.clock())


def test_a_partial_answer_fails_its_query_and_no_other(
    world: LinearWorld, sandbox: LinearSandbox, source: Source
) -> None:
    ids = fill(world, 3)

    def before(request: Request) -> Response | None:
        if "gated" not in request.get_data(as_text=True):
            return None
        data = {"issues": page(None, nodes=(), more=False)}
        return Response(json.dumps({"data": data, "errors": [{"message": "Not on your plan"}]}))

    sandbox.before = before
    found = whole(source, {"gated": Selector(terms={"label": "gated"}), "docs": DOCS})
    assert found.members == {"docs": ids}
    assert "Not on your plan" in str(found.failed["gated"])


def test_a_tracker_that_is_down_is_an_error_of_the_whole_reading(sandbox: LinearSandbox, source: Source) -> None:
    sandbox.before = lambda _: Response("<html>down</html>", 503)
    with pytest.raises(TemporaryError):
        whole(source, {"docs": DOCS})


@pytest.mark.parametrize("key", ["team", "project", "milestone", "initiative", "release", "label"])
def test_a_selector_that_names_what_is_not_there_fails(key: str, source: Source) -> None:
    found = whole(source, {"typo": Selector(terms={key: "Atals"})})
    assert isinstance(found.failed["typo"], MissingError)
    assert f'{key} "Atals"' in str(found.failed["typo"])


def test_a_selector_that_names_what_is_there_may_be_empty(world: LinearWorld, source: Source) -> None:
    world.project("Atlas docs", "DOC")
    found = whole(source, {"empty": Selector(terms={"team": "doc", "project": "atlas DOCS"})})
    assert found.members == {"empty": frozenset()}


def test_a_filter_that_linear_refuses_fails_in_its_words(source: Source) -> None:
    found = whole(source, {"raw": Selector(terms={"filter": {"colour": {"eq": "red"}}})})
    assert "colour" in str(found.failed["raw"])


def test_every_selector_finds_its_issues(world: LinearWorld, source: Source) -> None:
    project = world.project("Atlas docs", "DOC")
    world.milestone("Atlas docs", "Beta")
    world.initiative("Atlas", ["Atlas docs"])
    world.release("Atlas 2.0", "2.0.0")
    label = world.label("atlas-2")
    keys = {
        "project": world.add("DOC", "in the project", project="Atlas docs"),
        "milestone": world.add("DOC", "in the milestone", project="Atlas docs", milestone="Beta"),
        "release": world.add("DOC", "in the release", releases=["Atlas 2.0"]),
        "label": world.add("DOC", "labelled", labels=["atlas-2"]),
    }
    ids = {name: world.find_issue(key)["id"] for name, key in keys.items()}
    terms: dict[str, dict[str, Any]] = {
        "project": {"project": project},
        "milestone": {"milestone": "beta"},
        "initiative": {"initiative": "ATLAS"},
        "release": {"release": "2.0.0"},
        "label": {"label": label},
        "filter": {"filter": {"title": {"startsWith": "in the r"}}},
        "both": {"team": "DOC", "label": "atlas-2"},
        "narrow": {"label": "atlas-2", "project": "Atlas docs"},
    }
    found = whole(source, {name: Selector(terms=term) for name, term in terms.items()})
    assert found.failed == {}
    assert found.members == {
        "project": {ids["project"], ids["milestone"]},
        "milestone": {ids["milestone"]},
        "initiative": {ids["project"], ids["milestone"]},
        "release": {ids["release"]},
        "label": {ids["label"]},
        "filter": {ids["release"]},
        "both": {ids["label"]},
        "narrow": set(),
    }


@pytest.fixture
def launched(world: LinearWorld) -> dict[str, str]:
    """A team whose issues carry the release in every way, and one that does not."""
    launch = world.add("REL", "Atlas 2.0")
    world.label("Atlas-2")
    world.project("atlas 2.0", "DOC")
    world.release("Atlas 2.0")
    keys = {
        "label": world.add("DOC", "labelled", labels=["Atlas-2"]),
        "project": world.add("DOC", "in the project", project="atlas 2.0"),
        "release": world.add("DOC", "in the release", releases=["Atlas 2.0"]),
        "child": world.add("DOC", "a child", parent=launch),
        "linked": world.add("DOC", "linked to it"),
        "linking": world.add("DOC", "linked from it"),
        "none": world.add("DOC", "something else"),
        "elsewhere": world.add("REL", "of another team", labels=["Atlas-2"]),
    }
    world.relate(keys["linked"], launch)
    world.relate(launch, keys["linking"], "related")
    return {name: world.find_issue(key)["id"] for name, key in keys.items()}


def test_a_bare_team_is_narrowed_to_what_carries_the_release(launched: dict[str, str], source: Source) -> None:
    carried = {id_ for name, id_ in launched.items() if name not in {"none", "elsewhere"}}
    assert whole(source, {"docs": CONVENTION}).members["docs"] == carried


def test_check_tells_by_which_convention_what_matched(launched: dict[str, str], source: Source) -> None:
    told = {explained.how: explained.count for explained in source.explain(CONVENTION)}
    assert launched
    assert told["label = Atlas 2.0 or atlas-2"] == 1
    assert told["project = Atlas 2.0 or atlas-2"] == 1
    assert told["release = Atlas 2.0 or atlas-2"] == 1
    assert told["under REL-1"] == 1
    assert told["linked to REL-1"] == 2


@pytest.fixture
def deep(world: LinearWorld) -> dict[str, str]:
    """Trees below the launch issue and below an issue named like the release, across teams."""
    launch = world.add("REL", "Atlas 2.0 launch")
    named = world.add("REL", "atlas-2")
    keys = {"child": world.add("DOC", "a child", parent=launch, state="Done")}
    keys["grandchild"] = world.add("DOC", "a grandchild", parent=keys["child"])
    keys["deeper"] = world.add("DOC", "its child", parent=keys["grandchild"])
    elsewhere = world.add("REL", "of another team", parent=named)
    keys["across"] = world.add("DOC", "below another team", parent=elsewhere)
    beside = world.add("DOC", "beside")
    world.add("DOC", "below what is beside", parent=beside)
    return {name: world.find_issue(key)["id"] for name, key in keys.items()}


def test_what_stands_below_counts_at_any_depth_and_in_increments_too(deep: dict[str, str], source: Source) -> None:
    everything = whole(source, {"docs": DOCS}).members["docs"]
    assert len(everything) == len(deep) + 2
    read = whole(source, {"docs": CONVENTION})
    again = source.matching({"docs": CONVENTION}, everything)
    assert read.members["docs"] == again.members["docs"] == set(deep.values())
    told = {explained.how: explained.count for explained in source.explain(CONVENTION)}
    assert told["under REL-1"] == 3
    assert told["under an issue named Atlas 2.0 or atlas-2"] == 1


def test_an_issue_that_is_added_deep_below_is_seen_by_the_next_increment(
    deep: dict[str, str], world: LinearWorld, source: Source, clock: Clock
) -> None:
    clock.pass_by(hours=1)
    since = clock()
    added = world.find_issue(world.add("DOC", "late", parent=deep["deeper"]))["id"]
    changed = set(source.changed(since, since))
    assert source.matching({"docs": CONVENTION}, changed).members["docs"] >= {added}


def test_more_parents_than_a_request_takes_are_asked_for_in_parts(world: LinearWorld, source: Source) -> None:
    launch = world.add("REL", "Atlas 2.0")
    children = [world.add("DOC", f"Part {number}", parent=launch) for number in range(260)]
    keys = children + [world.add("DOC", f"Step {number}", parent=key) for number, key in enumerate(children)]
    found = whole(source, {"docs": CONVENTION})
    assert found.members["docs"] == {world.find_issue(key)["id"] for key in keys}


def test_a_tree_that_goes_round_in_a_circle_ends(world: LinearWorld, source: Source) -> None:
    world.add("REL", "launch")
    named = world.add("DOC", "Atlas 2.0")
    child = world.add("DOC", "child", parent=named)
    grandchild = world.add("DOC", "grandchild", parent=child)
    world.edit(named, parent=grandchild)
    found = whole(source, {"docs": CONVENTION})
    assert found.members["docs"] == {world.find_issue(key)["id"] for key in (named, child, grandchild)}


def test_a_tree_without_end_fails_its_query_and_no_other(world: LinearWorld, source: Source) -> None:
    last = world.add("REL", "Atlas 2.0")
    for number in range(MAX_LEVELS + 1):
        last = world.add("DOC", f"Level {number}", parent=last)
    found = whole(source, {"docs": CONVENTION, "all": DOCS})
    assert f"{MAX_LEVELS} levels" in str(found.failed["docs"])
    assert len(found.members["all"]) == MAX_LEVELS + 1


def test_a_flat_release_costs_one_request_for_its_depth_however_many_gates_it_has(
    launched: dict[str, str], source: Source, sandbox: LinearSandbox
) -> None:
    assert launched
    gates = [replace(CONVENTION, project=team) for team in ("DOC", "REL", "DOC")]
    whole(source, {str(number): gate for number, gate in enumerate(gates)})
    asked = Counter(seen.body["operationName"] for seen in sandbox.requests)
    assert asked == {"WorkflowStates": 1, "Launches": 1, "Below": 1, "SeveralItems": 1, "Existing": 1}


def test_the_ways_of_a_convention_that_exist_are_told(
    launched: dict[str, str], world: LinearWorld, source: Source
) -> None:
    assert launched
    gates = {"docs": CONVENTION, "empty": replace(CONVENTION, project="REL", release_name="Zeus", release_id="zeus")}
    found = whole(source, {**gates, "plain": DOCS})
    assert found.ways == {"docs": {"label", "project", "release"}, "empty": frozenset()}
    next(iter(world.projects.values()))["name"] = "Atlas 3.0"
    parent = world.add("REL", "atlas-2")
    found = whole(source, gates)
    assert found.ways["docs"] == {"label", "release", "issue of this name"}
    world.trash(parent)
    assert whole(source, gates).ways["docs"] == {"label", "release"}


def test_the_ways_of_all_gates_of_a_release_cost_one_request_and_those_of_selectors_none(
    launched: dict[str, str], source: Source, sandbox: LinearSandbox
) -> None:
    assert launched
    whole(source, {"docs": CONVENTION, "releases": replace(CONVENTION, project="REL"), "plain": DOCS})
    assert [seen.body["operationName"] for seen in sandbox.requests].count("Existing") == 1
    sandbox.requests.clear()
    whole(source, {"plain": DOCS})
    source.matching({"docs": CONVENTION}, launched.values())
    assert [seen.body["operationName"] for seen in sandbox.requests].count("Existing") == 0


def test_where_linear_refuses_to_tell_the_ways_the_items_count_all_the_same(
    launched: dict[str, str], source: Source, sandbox: LinearSandbox
) -> None:
    said = {"errors": [{"message": "Invalid scope: `release:read` required", "extensions": {"code": "FORBIDDEN"}}]}
    sandbox.before = lambda request: (
        Response(json.dumps(said)) if "query Existing" in request.get_data(as_text=True) else None
    )
    found = whole(source, {"docs": CONVENTION})
    assert launched["label"] in found.members["docs"]
    assert found.ways == {"docs": frozenset()}


def test_a_convention_needs_its_team_and_its_launch_issue(world: LinearWorld, source: Source) -> None:
    world.add("REL", "Atlas 2.0")
    nowhere = Convention(project="DCO", release_id="a", release_name="b")
    unlaunched = Convention(project="DOC", release_id="a", release_name="b", launch_key="REL-99")
    found = whole(source, {"nowhere": nowhere, "unlaunched": unlaunched, "empty": CONVENTION})
    assert 'team "DCO"' in str(found.failed["nowhere"])
    assert 'issue "REL-99"' in str(found.failed["unlaunched"])
    assert found.members == {"empty": frozenset()}


def test_f21_an_archived_issue_counts_and_a_trashed_one_is_not_there(world: LinearWorld, source: Source) -> None:
    kept, gone = world.add("DOC", "kept", state="Done"), world.add("DOC", "gone")
    ids = [world.find_issue(key)["id"] for key in (kept, gone)]
    world.archive(kept)
    world.trash(gone)
    found = whole(source, {"docs": DOCS})
    assert found.members["docs"] == {ids[0]}
    assert found.items[ids[0]].progress is Progress.DONE
    assert set(source.lookup(ids)) == {ids[0]}


def test_the_probe_shows_what_was_edited_archived_or_trashed_since(
    world: LinearWorld, source: Source, clock: Clock
) -> None:
    keys = [world.add("DOC", name) for name in ("same", "edited", "archived", "trashed")]
    ids = [world.find_issue(key)["id"] for key in keys]
    clock.pass_by(hours=1)
    since = clock()
    world.edit(keys[1], title="Edited")
    world.archive(keys[2])
    world.trash(keys[3])
    assert set(source.changed(since, since)) == set(ids[1:])


def test_f3_the_probe_looks_ten_minutes_further_back_and_has_no_upper_bound(
    world: LinearWorld, source: Source, clock: Clock
) -> None:
    early = world.find_issue(world.add("DOC", "early"))["id"]
    clock.pass_by(minutes=9)
    since = clock()
    clock.pass_by(minutes=30)
    late = world.find_issue(world.add("DOC", "late"))["id"]
    assert set(source.changed(since, since)) == {early, late}
    assert len(set(source.changed(since, since))) == 2


def test_the_probe_is_one_request(world: LinearWorld, source: Source, sandbox: LinearSandbox, clock: Clock) -> None:
    fill(world, 5)
    source.changed(clock(), clock())
    assert len(sandbox.requests) == 1


def test_membership_is_asked_anew_for_ids_and_unknown_ids_are_absent(world: LinearWorld, source: Source) -> None:
    stays, leaves = (world.add("DOC", name, labels=["atlas-2"]) for name in ("stays", "leaves"))
    ids = [world.find_issue(key)["id"] for key in (stays, leaves)]
    labelled = Selector(terms={"label": "atlas-2"})
    assert whole(source, {"q": labelled}).members["q"] == set(ids)
    world.edit(leaves, labels=[])
    found = source.matching({"q": labelled, "team": DOCS}, [*ids, "00000000-0000-4000-8000-000000000000"])
    assert found.members == {"q": {ids[0]}, "team": set(ids)}
    assert set(found.items) == set(ids)
    assert source.matching({"q": labelled}, ids).items.keys() == set(ids)
    assert source.matching({"q": labelled}, []).members == {"q": frozenset()}


def test_many_ids_are_asked_for_in_parts(world: LinearWorld, source: Source) -> None:
    ids = fill(world, 260)
    assert set(source.lookup(ids)) == ids


def test_an_issue_with_many_labels_is_read_with_all_of_them(world: LinearWorld, source: Source) -> None:
    names = sorted(f"label-{number:03}" for number in range(45))
    item = world.find_issue(world.add("DOC", "much labelled", labels=names))["id"]
    assert whole(source, {"docs": DOCS}).items[item].labels == tuple(names)


def test_an_issue_that_moved_to_another_team_is_the_same_item(world: LinearWorld, source: Source) -> None:
    key = world.add("DOC", "moves")
    item = world.find_issue(key)["id"]
    world.transfer(key, "REL")
    assert source.lookup([item])[item].key.startswith("REL-")


def test_a_sign_off_ticket_comes_with_who_moved_it_when(world: LinearWorld, source: Source, clock: Clock) -> None:
    world.user("Dana Berg", "dana@acme.example")
    key = world.add("DOC", "Sign off the docs")
    for state in ("In Progress", "Done"):
        clock.pass_by(hours=1)
        world.move(key, state, by="dana@acme.example")
    world.edit(key, title="Sign off all docs")
    found = source.ticket(key)
    assert [move.status for move in found.moves] == ["In Progress", "Done"]
    assert [move.by.email for move in found.moves if move.by] == ["dana@acme.example"] * 2
    assert found.moves[0].at < found.moves[1].at == clock()
    assert found.item.progress is Progress.DONE


def test_a_long_history_is_read_whole(world: LinearWorld, source: Source, clock: Clock) -> None:
    key = world.add("DOC", "Restless")
    for number in range(260):
        clock.pass_by(minutes=1)
        world.move(key, ("In Progress", "Todo")[number % 2])
    moves = source.ticket(key).moves
    assert len(moves) == 260
    assert list(moves) == sorted(moves, key=lambda move: move.at)


@pytest.mark.parametrize("put_away", ["trash", "delete"])
def test_a_ticket_or_launch_issue_that_is_gone_is_missing(put_away: str, world: LinearWorld, source: Source) -> None:
    key = world.add("DOC", "gone")
    getattr(world, put_away)(key)
    with pytest.raises(MissingError, match=key):
        source.ticket(key)
    with pytest.raises(MissingError, match=key):
        source.launch(key)


def test_a_team_has_a_lead_when_it_has_one_owner(world: LinearWorld, source: Source) -> None:
    world.user("Lee Wong", "lee@acme.example")
    world.team("MKT", "Marketing", lead="lee@acme.example")
    lead = source.lead("MKT")
    assert lead is not None
    assert lead.email == "lee@acme.example"
    assert source.lead("DOC") is None
    with pytest.raises(MissingError, match="NOPE"):
        source.lead("NOPE")


def test_a_person_is_found_by_e_mail_and_a_disabled_one_is_told(world: LinearWorld, source: Source) -> None:
    world.user("Lee Wong", "lee@acme.example")
    world.user("Kim Gone", "kim@acme.example", active=False)
    lee, kim = source.person("Lee@Acme.example"), source.person("kim@acme.example")
    assert lee is not None
    assert lee.active
    assert kim is not None
    assert not kim.active
    assert source.person("nobody@acme.example") is None


def test_we_are_told_who_we_are_and_what_time_it_is_there(source: Source, clock: Clock, world: LinearWorld) -> None:
    clock.pass_by(days=400)
    found = source.identify()
    assert (found.account.id, found.now) == (world.viewer["id"], clock())


def test_f21_a_census_tells_who_is_in_each_query_archived_ones_included(world: LinearWorld, source: Source) -> None:
    ids = fill(world, 260)
    archived, trashed = world.add("DOC", "archived", labels=["atlas-2"]), world.add("DOC", "trashed")
    ids |= {world.find_issue(archived)["id"]}
    world.archive(archived)
    world.trash(trashed)
    queries = {"docs": DOCS, "labelled": Selector(terms={"label": "atlas-2"}), "typo": Selector(terms={"team": "DCO"})}
    found = source.census(queries)
    assert found.members == {"docs": ids, "labelled": {world.find_issue(archived)["id"]}}
    assert found.items == {}
    assert isinstance(found.failed["typo"], MissingError)


def test_a_census_and_a_reading_find_the_same_by_convention(launched: dict[str, str], source: Source) -> None:
    assert launched
    counted, read = source.census({"docs": CONVENTION}), whole(source, {"docs": CONVENTION})
    assert counted.members == read.members
    assert counted.ways == read.ways


def test_words_change_when_a_state_is_renamed_or_means_something_else_and_not_otherwise(
    world: LinearWorld, source: Source
) -> None:
    told = [source.words(), source.words()]
    world.add("DOC", "Page")
    told.append(source.words())
    assert len(set(told)) == 1
    state = next(state for state in world.states.values() if state["name"] == "In Review")
    for field, value in (("name", "Looked at"), ("type", "completed")):
        state[field] = value
        world.version += 1
        told.append(source.words())
    world.state("DOC", "Shipped", "completed")
    assert len({*told, source.words()}) == 4


def test_the_words_of_a_reading_are_those_of_before_its_first_item(world: LinearWorld, source: Source) -> None:
    """Of a state that got another meaning in the middle, the next census must hear."""
    world.add("DOC", "Page")
    before = source.words()

    def change(_: object) -> None:
        next(state for state in world.states.values() if state["name"] == "In Review")["type"] = "completed"
        world.version += 1

    assert source.read({"docs": DOCS}, change).words == before != source.words()


def test_gates_with_the_same_selector_and_items_in_several_queries_are_given_once_and_cheaply(
    world: LinearWorld, sandbox: LinearSandbox, source: Source
) -> None:
    ids = {world.find_issue(world.add("DOC", f"Page {number}", labels=["a"]))["id"] for number in range(30)}
    asked = {f"{number}": Selector(terms={"team": "DOC"}) for number in range(200)}
    found = whole(source, asked | {"label": Selector(terms={"label": "a"})})
    assert found.members == dict.fromkeys([*asked, "label"], frozenset(ids))
    assert len(sandbox.requests) == 2, "one for all items, one for what the states mean"


def test_many_selectors_are_read_in_few_requests(world: LinearWorld, sandbox: LinearSandbox, source: Source) -> None:
    for number in range(100):
        world.add("DOC", f"Page {number}", labels=[f"l{number}"])
    asked = {f"{number}": Selector(terms={"label": f"l{number}"}) for number in range(100)}
    assert {len(ids) for ids in whole(source, asked).members.values()} == {1}
    assert len(sandbox.requests) <= 11
    sandbox.requests.clear()
    assert {len(ids) for ids in source.census(asked).members.values()} == {1}
    assert len(sandbox.requests) <= 3


def test_fifty_releases_by_convention_cost_a_census_a_handful_of_requests(
    world: LinearWorld, sandbox: LinearSandbox, source: Source
) -> None:
    asked = {}
    for number in range(50):
        launch = world.add("REL", f"Release {number}")
        child = world.add("DOC", "child", parent=launch)
        world.add("DOC", "grandchild", parent=child)
        asked[f"{number}"] = Convention(
            project="DOC", release_id=f"r{number}", release_name=f"Release {number}", launch_key=launch
        )
    found = source.census(asked)
    assert {len(ids) for ids in found.members.values()} == {2}
    assert len(sandbox.requests) <= 12


def test_a_sign_off_ticket_with_many_labels_is_no_problem(world: LinearWorld, source: Source) -> None:
    key = world.add("DOC", "Sign-off", labels=[f"l{number}" for number in range(30)])
    item = source.ticket(key).item
    assert (item.problem, len(item.labels or ())) == ("", 30)


@pytest.mark.parametrize("counts", [(0, 45, 300), (250, 251, 1), (2, 500, 499)])
def test_f7_queries_of_any_sizes_are_read_whole_together(
    counts: tuple[int, ...], world: LinearWorld, source: Source
) -> None:
    for label, count in enumerate(counts):
        world.label(f"l{label}")
        for number in range(count):
            world.add("DOC", f"Page {number}", labels=[f"l{label}"])
    asked = {f"l{label}": Selector(terms={"label": f"l{label}"}) for label in range(len(counts))}
    read, counted = whole(source, asked), source.census(asked)
    assert read.failed == counted.failed == {}
    assert tuple(len(read.members[name]) for name in asked) == counts
    assert read.members == counted.members


@pytest.mark.parametrize(
    "wrong", [page("c0", nodes=({"id": "a"},)), page("c1", nodes=()), {"nodes": []}, None], ids=str
)
def test_one_of_several_queries_whose_pages_cannot_be_trusted_fails_alone(
    wrong: Any, sandbox: LinearSandbox, source: Source
) -> None:
    good = page(None, nodes=({"id": "b"},), more=False)

    def before(request: Request) -> Response:
        several = "q1" in json.loads(request.get_data())["query"]
        told = {"q0": wrong, "q1": good} if several else {"issues": wrong}
        return Response(json.dumps({"data": told}), content_type="application/json")

    sandbox.before = before
    found = source.census({"bad": DOCS, "good": Selector(terms={"label": "a"})})
    assert found.members == {"good": {"b"}}
    assert isinstance(found.failed["bad"], MalformedError)
