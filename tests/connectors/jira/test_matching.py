"""An issue is a member by ``matching`` if the server would say so, and never else."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.wrappers import Response

from connectors.base import Convention, Selector
from connectors.errors import PermanentError
from connectors.jira import connector
from connectors.pace import Pace
from mapping.item import Progress
from tests.connectors.contract import read
from tests.connectors.jira.site import JiraSite, running
from tests.simulation.within import within

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from werkzeug.wrappers import Request

    from connectors.base import Query, Source

LABELS: list[list[str]] = [[], ["launch"], ["Launch"], ["atlas-2"], ["other", "launch"]]
VERSIONS: list[list[str]] = [[], ["Atlas 2.0"], ["atlas 3"], ["Atlas 2.0", "atlas 3"]]
COMPONENTS: list[list[str]] = [[], ["Docs"], ["api"]]
SIZE = 14
"""Two epics, then six standard issues, then six sub-tasks."""


class World:
    """A small site that is worked in: everything is chosen by number."""

    def __init__(self, site: JiraSite) -> None:
        self.site = site
        for project in ("HOME", "AWAY"):
            for name in ("Atlas 2.0", "atlas 3"):
                site.world.version(project, name)
            for name in ("Docs", "api"):
                site.world.component(project, name)
        self.launch = site.add("The launch", project="AWAY")
        self.keys = [self._add(number) for number in range(SIZE)]

    def _add(self, number: int) -> str:
        project = "AWAY" if number % 5 == 4 else "HOME"
        if number < 2:
            return self.site.add(("Atlas 2.0", "Something else")[number], epic=True, project=project)
        kind = "Sub-task" if number >= 8 else ("Bug", "Story")[number % 2]
        under = {"under": self.keys_of_parents(number)[0]} if number >= 8 else {}
        return self.site.add(f"Ticket {number}", type=kind, project=project, labels=LABELS[number % 5], **under)

    def keys_of_parents(self, number: int) -> list[str]:
        """What this issue can stand under."""
        found = getattr(self, "keys", [])
        if number < 2:
            return []
        if number < 8:
            # a Data Center has sub-tasks and issues of an epic, and no other parents
            return [*found[:2], *([] if self.site.data_center else [self.launch])]
        return [issue["key"] for issue in self.site.world.issues.values() if _kind(issue) in {"Bug", "Story"}]

    def queries(self) -> dict[str, Query]:
        one, two = self.keys[:2]
        story = self.keys[2]
        selectors: dict[str, dict[str, Any]] = {
            "project": {"project": "home"},
            "project by name": {"project": ["Away", "HOME"]},
            "version": {"fix_version": "ATLAS 2.0", "project": "HOME"},
            "label": {"label": ["launch", "atlas-2"]},
            "component and type": {"component": "docs", "type": ["Bug", "Sub-task"]},
            "epic": {"epic": one},
            "below a story": {"epic": [story, two]},
            "epic, narrowed": {"epic": [one, two], "label": "launch", "project": "HOME"},
            "raw": {"jql": "labels = launch OR status = Done ORDER BY created"},
            "raw below": {"epic": one, "jql": "issuetype != Bug"},
            "raw and plain": {"project": "HOME", "jql": "fixVersion is not EMPTY"},
        }
        bare = Convention(project="HOME", release_id="atlas-2", release_name="Atlas 2.0", launch_key=self.launch)
        return {"bare": bare, **{name: Selector(terms=terms) for name, terms in selectors.items()}}

    def act(self, verb: int, number: int, choice: int) -> None:
        world, key = self.site.world, self.keys[number]
        if verb == 0:
            world.edit(key, labels=LABELS[choice % len(LABELS)])
        elif verb == 1:
            world.edit(key, fix_versions=VERSIONS[choice % len(VERSIONS)], components=COMPONENTS[choice % 3])
        elif verb == 2:
            self._put(number, choice)
        elif verb == 3:
            world.move(key, ("To Do", "Done")[choice % 2])
        elif verb == 4 and number < 2:
            world.edit(key, summary=("Atlas 2.0", "Something else", "atlas 2.0 ")[choice % 3])
        elif verb == 5:
            world.link("Relates", key, self.launch)
        elif verb == 6 and number >= 2:
            there = "AWAY" if key.startswith("HOME") else "HOME"
            self.keys[number] = world.transfer(key, there)

    def _put(self, number: int, choice: int) -> None:
        parents = self.keys_of_parents(number)
        if parents:
            orphan = number < 8 and choice % 4 == 3
            self.site.world.edit(self.keys[number], parent=None if orphan else parents[choice % len(parents)])


@contextmanager
def inside(*, data_center: bool) -> Iterator[JiraSite]:
    """A site that is reached without a socket: there are many requests here."""
    site = JiraSite(data_center=data_center, url="http://jira.example")
    with within({"jira.example": site.app}):
        yield site


def _kind(issue: Mapping[str, Any]) -> str:
    return str(issue["fields"]["issuetype"]["name"])


ACTS = st.lists(
    st.tuples(st.sampled_from([0, 1, 2, 2, 2, 3, 4, 5, 6]), st.integers(0, SIZE - 1), st.integers(0, 11)), max_size=12
)


def census(site: JiraSite, queries: Mapping[str, Query]) -> dict[str, frozenset[str]]:
    source = site.source()
    told = source.census(queries)
    source.close()
    assert told.failed == {}
    return dict(told.members)


def follow(source: Source, site: JiraSite, world: World, members: dict[str, frozenset[str]]) -> None:
    """What the pull does with a probe: whatever was looked at is in or out as ``matching`` says."""
    changed = set(source.changed(site.clock(), site.clock()))
    told = source.matching(world.queries(), changed)
    assert told.failed == {}
    looked = changed | told.items.keys()
    for name, ids in told.members.items():
        assert ids <= told.items.keys()
        members[name] = (members[name] - looked) | ids


@pytest.mark.parametrize("data_center", [False, True])
@settings(max_examples=12, deadline=None)
@given(acts=ACTS)
def test_matching_all_ids_is_reading_and_following_what_changed_is_too(
    *, data_center: bool, acts: list[tuple[int, int, int]]
) -> None:
    with inside(data_center=data_center) as site:
        world = World(site)
        source = site.source()
        members = dict(read(source, world.queries()).members)
        for act in acts:
            site.clock.pass_by(minutes=20)
            world.act(*act)
            follow(source, site, world, members)
        expected = census(site, world.queries())
        assert members == expected
        fresh = site.source()
        for one in (source, fresh):
            told = one.matching(world.queries(), site.world.issues)
            assert (told.members, told.failed) == (expected, {})
            one.close()
        fresh.close()


BARE = Convention(project="HOME", release_id="atlas-2", release_name="Atlas 2.0")


def asked(site: JiraSite, source: Source, queries: Mapping[str, Query], ids: list[str]) -> list[str]:
    """The last words of the addresses that ``matching`` asks, after a complete reading."""
    assert read(source, queries).failed == {}
    before = len(site.app.requests)
    assert source.matching(queries, ids).failed == {}
    return [seen.path.rpartition("/")[2] for seen in site.app.requests[before:]]


def test_what_changed_is_decided_with_few_requests() -> None:
    with running() as site:
        ids = [site.identity(site.add("One", labels=["launch"])), site.identity(site.add("Two", project="AWAY"))]
        story = site.identity(site.add("Story", under=site.add("Atlas 2.0", epic=True)))
        plain: dict[str, Query] = {
            f"{number}": Selector(terms={"project": "HOME", "label": f"l{number}"}) for number in range(50)
        }
        raw: dict[str, Query] = {
            f"r{n}": Selector(terms={"jql": f"labels = l{n} OR labels = launch"}) for n in range(9)
        }
        source = site.source()
        assert asked(site, source, plain, ids) == ["bulkfetch", "HOME"]
        source.matching(plain, ids)
        assert [seen.path.rpartition("/")[2] for seen in site.app.requests[-1:]] == ["bulkfetch"]
        assert asked(site, source, raw, ids) == ["bulkfetch", "match"]
        assert asked(site, source, {"bare": BARE}, [story]) == ["bulkfetch", "jql", "bulkfetch"]
        source.close()


@pytest.mark.parametrize("data_center", [False, True])
def test_what_stands_below_moves_with_its_parent(*, data_center: bool) -> None:
    with running(data_center=data_center) as site:
        epic, story = site.add("Atlas 2.0", epic=True), site.add("Story")
        part = site.identity(site.add("Part", under=story, type="Sub-task"))
        number = site.identity(story)
        source = site.source()
        assert read(source, {"bare": BARE}).members["bare"] == frozenset()
        site.world.edit(story, parent=epic)
        told = source.matching({"bare": BARE}, [number])
        assert told.members["bare"] == told.items.keys() == {number, part}
        site.world.edit(story, parent=None)
        told = source.matching({"bare": BARE}, [number])
        assert told.members["bare"] == frozenset()
        assert told.items.keys() == {number, part}
        source.close()


@pytest.mark.parametrize("data_center", [False, True])
def test_an_epic_that_gets_or_loses_the_releases_name_takes_what_is_below_along(*, data_center: bool) -> None:
    with running(data_center=data_center) as site:
        epic = site.add("Something", epic=True)
        story = site.identity(site.add("Story", under=epic))
        source = site.source()
        assert read(source, {"bare": BARE}).ways == {"bare": frozenset()}
        site.world.edit(epic, summary="Atlas 2.0")
        told = source.matching({"bare": BARE}, [site.identity(epic)])
        assert told.members["bare"] == {story}
        assert told.ways["bare"] == {"epic"}
        site.world.edit(epic, summary="Something else")
        told = source.matching({"bare": BARE}, [site.identity(epic)])
        assert (told.members["bare"], told.ways["bare"]) == (frozenset(), frozenset())
        assert story in told.items
        source.close()


def test_f24_a_type_is_known_whatever_language_the_account_speaks() -> None:
    with running() as site:
        bug, story = (site.identity(site.add(kind, type=kind)) for kind in ("Bug", "Story"))

        def translated(request: Request, response: Response) -> Response | None:
            if not request.path.endswith("/bulkfetch"):
                return None
            return Response(response.get_data().replace(b'"Bug"', b'"Fehler"'), content_type="application/json")

        site.app.after = translated
        queries = {"bugs": Selector(terms={"project": "HOME", "type": "Bug"})}
        source = site.source()
        assert read(source, queries).members["bugs"] == {bug}
        assert source.matching(queries, [bug, story]).members["bugs"] == {bug}
        source.close()


@pytest.mark.parametrize("terms", [{"project": "NOWHERE"}, {"fix_version": "never was"}, {"epic": "HOME-999"}])
def test_f10_a_word_that_the_server_refuses_is_not_taken_for_no(terms: dict[str, str]) -> None:
    with running() as site:
        number = site.identity(site.add("Ticket"))
        source = site.source()
        told = source.matching({"odd": Selector(terms=terms)}, [number])
        assert told.members == {}
        assert isinstance(told.failed["odd"], PermanentError)
        source.close()


@pytest.mark.parametrize("data_center", [False, True])
def test_f21_what_is_archived_is_found_by_its_id_and_is_in_no_query(*, data_center: bool) -> None:
    with running(data_center=data_center) as site:
        number = site.identity(site.add("Ticket", progress=Progress.DONE))
        site.world.change(number, {"archiveddate": "2026-12-01T09:00:00.000+0000"})
        source = site.source()
        item = source.lookup([number])[number]
        assert item.progress is Progress.DONE
        queries = {"all": site.everything()}
        source.census(queries)
        assert source.matching(queries, [number]).members["all"] == frozenset()
        source.close()


@pytest.mark.parametrize("most", [1, 20])
def test_the_words_of_a_reading_are_those_of_before_its_first_content(most: int) -> None:
    """Of a status that got another meaning in the middle, the next census must hear."""
    with running() as site:
        site.add("Ticket", progress=Progress.DOING)
        source = connector.open_source(site.settings(pace=Pace(most=most)))
        source.identify()
        before = source.words()
        ident, _ = site.world.statuses["In Review"]

        def change(request: Request) -> None:
            if request.path.endswith("/issue/bulkfetch"):
                site.world.status("In Review", "done", ident)

        site.app.before = change
        told = source.read({"all": site.everything()}, lambda _: None)
        assert told.words == before != source.words()
        source.close()


@pytest.mark.parametrize("data_center", [False, True])
def test_a_status_that_is_renamed_or_moved_to_another_category_shows(*, data_center: bool) -> None:
    with running(data_center=data_center) as site:
        source = site.source()
        told = [source.words()]
        ident, _ = site.world.statuses["In Review"]
        for name, category in (("In Review", "done"), ("Checked", "done"), ("Checked", "new")):
            site.world.status(name, category, ident)
            told.append(source.words())
        assert len(set(told)) == 4
        source.close()


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_project_by_its_name_fails_neither_its_query_nor_the_others(status: int) -> None:
    with running() as site:
        site.world.project("RD", "R&D / Ops")
        site.world.project("OPS", "Ops")
        expected = {
            "slash": {site.identity(two := site.add("Two", project="RD"))},
            "name": {site.identity(three := site.add("Three", project="OPS"))},
            "label": {site.identity(one := site.add("One", labels=["x"]))},
        }
        refused = Response("<!doctype html><title>HTTP Status 400</title>", status=status, content_type="text/html")
        site.app.before = lambda request: refused if "/project/R" in request.path else None
        queries: dict[str, Query] = {
            "slash": Selector(terms={"project": "R&D / Ops"}),
            "name": Selector(terms={"project": "Ops"}),
            "label": Selector(terms={"label": "x"}),
        }
        source = site.source()
        reading = source.matching(queries, [site.identity(key) for key in (one, two, three)])
        assert reading.failed == {}
        assert reading.members == expected
        source.close()


@pytest.mark.parametrize("status", [403, 404])
def test_statuses_that_nobody_may_list_are_not_told(status: int) -> None:
    with running() as site:
        source = site.source()
        source.identify()
        assert source.words() != ""
        site.app.before = lambda request: (
            Response("{}", status=status, content_type="application/json") if request.path.endswith("/status") else None
        )
        assert source.words() == ""
        source.close()
