"""An issue is a member by ``matching`` if the server would say so, and never else."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Convention, Selector
from tests.connectors.contract import read
from tests.connectors.jira.site import JiraSite
from tests.simulation.within import within

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
            return [*found[:2], self.launch]
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
    changed = source.changed(site.clock(), site.clock())
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
