"""What every connector must do, whatever its tracker: subclass ``SourceContract``, and
``SummaryContract`` of the module beside it, and give them a ``site``.

A ``Site`` is a tracker that runs on loopback, with verbs that every tracker has. The tests say what the world must
look like afterwards; which requests a connector makes is its own business, counted only where people pay for them.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from connectors.base import Convention, Reading, SummarySettings
from connectors.errors import (
    DeniedError,
    MalformedError,
    MissingError,
    PermanentError,
    TemporaryError,
    TrackerError,
)
from mapping.document import NOTES_HEADING, Heading, Paragraph, Report, Text
from mapping.item import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from connectors.base import Query, Source, Summary
    from mapping.item import Item

START = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
MARK = "syncd-atlas-2-7f3a91"
SENTENCE = 20


@dataclass
class Clock:
    """The site's time; it stands still until a test moves it."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class Site(ABC):
    """One tracker with a project (team) ``HOME``, another ``AWAY``, and Dana (dana@acme.example), who leads HOME.

    ``add`` returns a key. Progress words are those of ``Progress``.
    """

    clock: Clock = field(default_factory=Clock)

    @abstractmethod
    def source(self, *, token: str | None = None) -> Source: ...
    @abstractmethod
    def summary(self, settings: SummarySettings) -> Summary: ...
    @abstractmethod
    def add(self, title: str, **fields: Any) -> str:
        """``progress``, ``labels``, ``under`` (a key), ``assignee`` (a name), ``project`` (HOME or AWAY), ``epic``."""

    @abstractmethod
    def move(self, key: str, progress: Progress, by: str | None = None) -> None: ...
    @abstractmethod
    def relabel(self, key: str, *labels: str) -> None: ...
    @abstractmethod
    def transfer(self, key: str) -> str:
        """To AWAY; returns the new key."""

    @abstractmethod
    def delete(self, key: str) -> None: ...
    @abstractmethod
    def identity(self, key: str) -> str: ...
    @abstractmethod
    def everything(self) -> Query:
        """All of HOME."""

    @abstractmethod
    def labelled(self, label: str) -> Query: ...
    @abstractmethod
    def below(self, key: str) -> Query | None:
        """Everything under this item at any depth; None where the tracker has no such selector."""

    @abstractmethod
    def refused(self) -> Query:
        """A query that the tracker refuses or whose names it does not know."""

    @abstractmethod
    def fail(self, status: int, body: str = "", *, kind: str = "application/json", **headers: str) -> None:
        """From now on every request is answered so."""

    @abstractmethod
    def lose_answers(self, *, to_writes: bool = True) -> None:
        """From now on writes are carried out and their answers never arrive."""

    @abstractmethod
    def heal(self) -> None: ...
    @abstractmethod
    def writes(self) -> int:
        """How many writing requests arrived."""

    @abstractmethod
    def count(self) -> int:
        """How many items there are, whatever project."""

    @abstractmethod
    def body(self, key: str) -> str:
        """An item's description as a person reads it, at least all of its words."""

    @abstractmethod
    def write_below(self, key: str, words: str) -> None:
        """A person writes a paragraph at the very end of the description."""

    @abstractmethod
    def spoil(self, key: str, words: str) -> None:
        """A person replaces the whole description."""

    @abstractmethod
    def title(self, key: str) -> str: ...
    @abstractmethod
    def comments(self, key: str) -> list[str]: ...
    @abstractmethod
    def blocked_by(self, key: str) -> list[str]:
        """Keys of what blocks this item, once for each link."""

    @abstractmethod
    def status(self, key: str) -> str: ...

    waiting: str = "In Progress"
    """A status that an item can be moved to."""


def report(words: str = "Two of nine are open.", digest: str = "d1", labels: tuple[str, ...] = ()) -> Report:
    blocks = (Paragraph((Text(words),)), Heading(NOTES_HEADING))
    return Report(
        title=f"Atlas: {words}"[:200], blocks=blocks, digest=digest, labels=labels, facts={"verdict": "blocked"}
    )


def settings(**changed: Any) -> SummarySettings:
    return SummarySettings(**{"release": "atlas-2", "mark": MARK, "project": "HOME", **changed})


def read(source: Source, queries: Mapping[str, Query]) -> Reading:
    """A complete reading with the items that it kept in ``items``; each must have been kept once."""
    kept: dict[str, Item] = {}

    def keep(items: Sequence[Item]) -> None:
        assert not kept.keys() & {item.id for item in items}
        kept.update({item.id: item for item in items})

    told = source.read(queries, keep)
    assert told.items == {}
    return replace(told, items=kept)


def keys_of(source: Source, ids: object) -> list[str]:
    assert isinstance(ids, frozenset)
    return sorted(it.key for it in source.lookup(ids).values())


class SourceContract:
    """Subclass it and give a fixture ``site``."""

    @pytest.fixture
    def source(self, site: Site) -> Any:
        opened = site.source()
        yield opened
        opened.close()

    def test_a_source_tells_who_we_are_and_the_trackers_own_time(self, site: Site, source: Source) -> None:
        site.clock.pass_by(days=400)
        told = source.identify()
        assert told.account.id
        assert abs(told.now - site.clock()) < timedelta(seconds=2)

    def test_a_wrong_token_is_denied_with_a_remedy(self, site: Site) -> None:
        source = site.source(token="wrong-and-secret")
        with pytest.raises(DeniedError) as caught:
            source.identify()
        assert caught.value.hint
        assert "wrong-and-secret" not in str(caught.value)
        source.close()

    @pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 251])
    def test_f7_a_reading_is_whole_whatever_the_size_of_a_page(self, site: Site, source: Source, count: int) -> None:
        keys = [site.add(f"Ticket {number}") for number in range(count)]
        reading = read(source, {"all": site.everything()})
        assert reading.failed == {}
        assert reading.members["all"] == {site.identity(key) for key in keys}
        assert {item.key for item in reading.items.values()} == set(keys)
        assert not [item for item in reading.items.values() if item.problem]

    @pytest.mark.parametrize("progress", list(Progress))
    def test_progress_is_read_as_the_tracker_means_it(self, site: Site, source: Source, progress: Progress) -> None:
        key = site.add("Ticket", progress=progress)
        item = read(source, {"all": site.everything()}).items[site.identity(key)]
        assert (item.progress, item.problem) == (progress, "")
        assert item.status

    def test_an_item_keeps_what_the_rules_use(self, site: Site, source: Source) -> None:
        key = site.add("Write the *guide*", labels=["launch"], assignee="Dana")
        item = read(source, {"all": site.everything()}).items[site.identity(key)]
        assert (item.key, item.title, item.labels, item.assignee) == (key, "Write the *guide*", ("launch",), "Dana")
        assert item.tracker == source.name
        assert item.created is not None
        assert abs(item.created - site.clock()) < timedelta(seconds=2)
        assert item.url.startswith("http")
        assert key in item.url

    def test_each_query_has_its_own_members(self, site: Site, source: Source) -> None:
        plain, marked = site.add("Plain"), site.add("Marked", labels=["launch"])
        reading = read(source, {"all": site.everything(), "launch": site.labelled("launch")})
        assert reading.members["all"] == {site.identity(plain), site.identity(marked)}
        assert reading.members["launch"] == {site.identity(marked)}

    def test_a_census_tells_the_members_of_a_reading_and_no_items(self, site: Site, source: Source) -> None:
        for number in range(5):
            site.add(f"Ticket {number}", labels=["launch"] if number % 2 else [])
        queries = {"all": site.everything(), "launch": site.labelled("launch"), "bad": site.refused()}
        whole = read(source, queries)
        site.add("New", labels=["launch"])
        counted = source.census(queries)
        assert counted.items == {}
        assert counted.failed.keys() == {"bad"}
        assert {name: len(ids) for name, ids in counted.members.items()} == {"all": 6, "launch": 3}
        assert all(whole.members[name] < counted.members[name] for name in ("all", "launch"))

    def test_what_carries_a_release_is_found_in_any_project(self, site: Site, source: Source) -> None:
        launch = site.add("Launch of Atlas")
        kin = [site.add("Part", under=launch), site.add("Marked", labels=["atlas-2"], project="AWAY")]
        other = site.add("Something else", labels=["other"])
        convention = Convention(project="", release_id="atlas-2", release_name="Atlas 9", launch_key=launch)
        told = source.carriers({"one": convention, "other": replace(convention, release_id="other", launch_key=None)})()
        assert keys_of(source, told["one"]) == sorted(kin)
        assert keys_of(source, told["other"]) == [other]

    def test_what_carries_a_release_without_a_launch_issue_here_is_found_too(self, site: Site, source: Source) -> None:
        marked = site.add("Marked", labels=["atlas-2"])
        told = source.carriers({"one": Convention(project="", release_id="atlas-2", release_name="Atlas 9")})()
        assert keys_of(source, told["one"]) == [marked]

    def test_items_are_handed_over_in_the_callers_own_thread(self, site: Site, source: Source) -> None:
        for number in range(250):
            site.add(f"Ticket {number}")
        threads: set[int] = set()
        batches: list[int] = []

        def keep(items: Sequence[Item]) -> None:
            threads.add(threading.get_ident())
            batches.append(len(items))

        source.read({"all": site.everything()}, keep)
        assert threads == {threading.get_ident()}
        assert sum(batches) == 250

    def test_whoever_cannot_keep_an_item_hears_of_it_himself(self, site: Site, source: Source) -> None:
        for number in range(250):
            site.add(f"Ticket {number}")

        def keep(_: Sequence[Item]) -> None:
            raise OSError("the disk is full")

        with pytest.raises(OSError, match="the disk is full"):
            source.read({"all": site.everything()}, keep)
        assert len(read(source, {"all": site.everything()}).items) == 250

    def test_what_the_statuses_mean_is_the_same_until_somebody_changes_it(self, site: Site, source: Source) -> None:
        site.add("Ticket")
        before = source.words()
        site.add("Another", progress=Progress.DONE)
        assert before
        assert source.words() == before

    def test_f10_a_refused_query_fails_alone_and_says_why(self, site: Site, source: Source) -> None:
        key = site.add("Ticket")
        reading = read(source, {"bad": site.refused(), "all": site.everything()})
        assert reading.members == {"all": frozenset({site.identity(key)})}
        assert isinstance(reading.failed["bad"], TrackerError)
        assert len(str(reading.failed["bad"])) > SENTENCE

    def test_what_stands_below_is_found_at_any_depth_without_its_top(self, site: Site, source: Source) -> None:
        top = site.add("Top", epic=True)
        query = site.below(top)
        if query is None:
            pytest.skip("this tracker has no such selector")
        child = site.add("Child", under=top)
        grandchild = site.add("Grandchild", under=child)
        site.add("Beside")
        reading = read(source, {"epic": query})
        assert reading.failed == {}
        assert reading.members["epic"] == {site.identity(child), site.identity(grandchild)}
        asked = {site.identity(top), site.identity(grandchild)}
        again = source.matching({"epic": query}, asked)
        assert again.members["epic"] & asked == {site.identity(grandchild)}
        assert again.members["epic"] | asked <= again.items.keys()

    def test_f16_a_moved_item_is_the_same_item_under_a_new_key(self, site: Site, source: Source) -> None:
        old = site.add("Ticket")
        number = site.identity(old)
        new = site.transfer(old)
        assert new != old
        assert source.lookup([number])[number].key == new
        assert number not in read(source, {"all": site.everything()}).members["all"]

    def test_what_is_gone_is_absent_and_the_rest_is_found(self, site: Site, source: Source) -> None:
        here, gone = site.add("Here"), site.add("Gone")
        ids = [site.identity(here), site.identity(gone)]
        site.delete(gone)
        assert set(source.lookup(ids)) == {ids[0]}
        assert read(source, {"all": site.everything()}).members["all"] == {ids[0]}

    def test_matching_tells_what_left_a_query(self, site: Site, source: Source) -> None:
        stays, leaves = site.add("Stays", labels=["launch"]), site.add("Leaves", labels=["launch"])
        ids = [site.identity(stays), site.identity(leaves)]
        site.relabel(leaves)
        queries = {"launch": site.labelled("launch"), "bad": site.refused()}
        reading = source.matching(queries, ids)
        assert reading.members == {"launch": frozenset({ids[0]})}
        assert set(reading.failed) == {"bad"}
        assert set(reading.items) == set(ids)

    def test_matching_nothing_is_nothing(self, site: Site, source: Source) -> None:
        reading = source.matching({"all": site.everything()}, [])
        assert (reading.members, reading.items) == ({"all": frozenset()}, {})

    def test_f1_the_probe_shows_what_changed_and_the_overlap_before_it(self, site: Site, source: Source) -> None:
        old = site.add("Old")
        site.clock.pass_by(hours=5)
        late = site.add("In the overlap")
        site.clock.pass_by(minutes=5)
        since = site.clock()
        site.clock.pass_by(minutes=30)
        new = site.add("New")
        changed = set(source.changed(since, site.clock()))
        assert {site.identity(late), site.identity(new)} <= changed
        assert site.identity(old) not in changed

    def test_the_launch_issue_tells_what_the_file_leaves_out(self, site: Site, source: Source) -> None:
        key = site.add("Atlas 2.0", assignee="Dana")
        launch = source.launch(key)
        assert (launch.key, launch.title, launch.project) == (key, "Atlas 2.0", "HOME")
        assert launch.id == site.identity(key)
        assert launch.assignee is not None
        assert launch.assignee.name == "Dana"

    def test_an_unknown_launch_issue_is_missing(self, site: Site, source: Source) -> None:
        site.add("Ticket")
        with pytest.raises(MissingError, match="HOME-999"):
            source.launch("HOME-999")

    def test_people_are_found_by_their_address_and_nobody_else_is(self, source: Source) -> None:
        found = source.person("dana@acme.example")
        assert found is not None
        assert found.name == "Dana"
        assert source.person("nobody@acme.example") is None

    def test_a_project_has_its_lead_and_an_unknown_one_is_missing_by_name(self, source: Source) -> None:
        lead = source.lead("HOME")
        assert lead is not None
        assert lead.name == "Dana"
        with pytest.raises(MissingError, match="NOWHERE"):
            source.lead("NOWHERE")

    def test_a_sign_off_ticket_tells_who_moved_it_when_and_where(self, site: Site, source: Source) -> None:
        key = site.add("Sign-off")
        site.clock.pass_by(hours=1)
        site.move(key, Progress.DOING, by="Dana")
        site.clock.pass_by(hours=1)
        site.move(key, Progress.DONE, by="Dana")
        ticket = source.ticket(key)
        assert ticket.item.progress is Progress.DONE
        assert [move.at for move in ticket.moves] == [START + timedelta(hours=1), START + timedelta(hours=2)]
        assert [move.by.name for move in ticket.moves if move.by] == ["Dana", "Dana"]
        assert ticket.moves[-1].status == ticket.item.status
        assert ticket.moves[-1].status_id == ticket.item.status_id

    def test_a_missing_sign_off_ticket_is_missing(self, site: Site, source: Source) -> None:
        site.add("Ticket")
        with pytest.raises(MissingError):
            source.ticket("HOME-999")

    def test_a_bare_project_is_narrowed_to_what_carries_the_release(self, site: Site, source: Source) -> None:
        labelled = site.add("By label", labels=["atlas-2"])
        launch = site.add("Launch")
        child = site.add("By parent", under=launch)
        site.add("Something else", labels=["other"])
        query = Convention(project="HOME", release_id="atlas-2", release_name="Atlas 2.0", launch_key=launch)
        reading = read(source, {"gate": query})
        assert reading.failed == {}
        assert reading.members["gate"] == {site.identity(labelled), site.identity(child)}
        explained = {told.how: told.count for told in source.explain(query)}
        assert sum(explained.values()) == 2
        assert all(explained)

    def test_a_project_that_is_unknown_fails_its_query_by_name(self, site: Site, source: Source) -> None:
        query = Convention(project="NOWHERE", release_id="a", release_name="A")
        reading = read(source, {"gate": query, "all": site.everything()})
        assert "NOWHERE" in str(reading.failed["gate"])
        assert set(reading.members) == {"all"}

    def test_reading_writes_nothing(self, site: Site, source: Source) -> None:
        key = site.add("Ticket")
        source.identify()
        read(source, {"all": site.everything()})
        source.matching({"all": site.everything()}, set(source.changed(START, site.clock())))
        source.ticket(key)
        source.launch(key)
        assert site.writes() == 0

    FAULTS: tuple[tuple[int, str, Mapping[str, str], type[TrackerError]], ...] = (
        (401, "{}", {}, DeniedError),
        (403, "{}", {}, DeniedError),
        (429, "{}", {"Retry-After": "7"}, TemporaryError),
        (500, "{}", {}, TemporaryError),
        (502, "<html>Bad gateway</html>", {}, TemporaryError),
        (503, "", {}, TemporaryError),
        (200, "<html>Log in</html>", {}, MalformedError),
        (200, '{"half": ', {}, MalformedError),
        (200, "[]", {}, MalformedError),
        (200, "null", {}, MalformedError),
        (200, '{"data": 7, "issues": {"a": 1}}', {}, MalformedError),
        (302, "", {"Location": "https://login.example/"}, PermanentError),
    )

    @pytest.mark.parametrize("number", range(len(FAULTS)))
    def test_whatever_a_tracker_answers_is_one_of_our_errors(self, site: Site, source: Source, number: int) -> None:
        status, body, headers, expected = self.FAULTS[number]
        query = site.everything()
        source.identify()
        site.fail(status, body, kind="text/html" if "<" in body else "application/json", **headers)
        acts: list[Callable[[], object]] = [
            source.identify,
            lambda: set(source.changed(START, START)),
            lambda: source.ticket("HOME-1"),
            lambda: source.launch("HOME-1"),
            lambda: source.lookup(["10001"]),
        ]
        for act in acts:
            with pytest.raises(TrackerError) as caught:
                act()
            assert isinstance(caught.value, expected), caught.value
            assert len(caught.value.message) > SENTENCE
        with suppress(expected):
            assert source.words() == "", "not told"
        try:
            reading = read(source, {"all": query})
        except TrackerError as error:
            assert isinstance(error, expected)  # noqa: PT017  # raised or kept, both are right
        else:
            assert isinstance(reading.failed["all"], expected)
            assert reading.members == {}

    @pytest.mark.parametrize(
        ("asked", "seconds"), [("7", 7), ("9223372036854775807", 3600), ("Tue, 01 Dec 2026 09:00:30 GMT", 30)]
    )
    def test_f13_a_tracker_that_asks_for_patience_is_understood(
        self, site: Site, source: Source, asked: str, seconds: float
    ) -> None:
        site.fail(429, "{}", **{"Retry-After": asked, "Date": "Tue, 01 Dec 2026 09:00:00 GMT"})
        with pytest.raises(TemporaryError) as caught:
            source.identify()
        assert caught.value.retry_after_s == seconds
