"""What a Jira has that queries rest on: projects with their versions and kinds, epics by name, issues by key.

Called by the source's modules. Read when it is first needed and kept until ``forget``, so that a look at a few
changed issues costs no more than these.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from connectors.base import Convention
from connectors.errors import DeniedError, MalformedError, MissingError, PermanentError, TrackerError
from connectors.jira import search
from connectors.jira.client import RefusedError
from connectors.jira.parse import identity, is_epic, mapping, text
from connectors.jira.select import Project, Way, epics_named, keys_of, of_convention, of_selector

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from connectors.base import Query
    from connectors.jira.client import Client
    from connectors.jira.pool import Pool

_HINT = "correct the key in the file"
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*|[0-9]+")
"""A project's key or id. What else JQL takes is a name, which no path of the API does."""

_EPIC_LINK = "com.pyxis.greenhopper.jira:gh-epic-link"
_EPIC_NAME = "com.pyxis.greenhopper.jira:gh-epic-label"


class Projects:
    """Of one Jira. Raises ``TrackerError`` for what is not there or not told.

    ``taken`` are the ways whose words the server has taken since the last ``forget``: it refuses a name that it does
    not know, which an issue's own fields cannot show.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool, self._client = pool, pool.client
        self.taken: set[Way] = set()
        self._read: dict[str, Mapping[str, object] | MissingError] = {}
        self._epics_read: dict[str, dict[str, str] | TrackerError] = {}
        self._numbers: dict[str, str] = {}
        self._issues: dict[str, tuple[str, str]] = {}
        self._fields: dict[str, str] | None = None

    def forget(self) -> None:
        self.taken.clear()
        self._read.clear()
        self._epics_read.clear()
        self._numbers.clear()
        self._issues.clear()
        self._fields = None

    def look_again(self, titles: Mapping[str, str], names: Iterable[str]) -> None:
        """Forgets the epics if one of these issues (id → title, "" for what is no epic) got one of the names or lost it
        since they were read.
        """
        wanted = {_folded(name) for name in names}
        held = {number: title for told in self._epics_read.values() for number, title in _read_whole(told)}
        for number, title in titles.items():
            before, now = _folded(held.get(number, "")), _folded(title)
            if before != now and not wanted.isdisjoint({before, now}):
                self._epics_read.clear()
                return

    def number(self, word: str) -> str:
        """The id of the project with this (present or former) key or id, "" where the word is neither or Jira does not
        tell: a word may be a project's name, and no word of one query may fail the others.
        """
        if word not in self._numbers:
            self._numbers[word] = self._number(word) if _KEY.fullmatch(word) else ""
        return self._numbers[word]

    def issues(self, keys: Collection[str]) -> Mapping[str, tuple[str, str]]:
        """Those of the (present or former) keys that lead to an issue: → (id, present key)."""
        unread = sorted(set(keys) - self._issues.keys())
        told = {text(mapping(raw).get("key")): number for number, raw in self._read_at_once(unread).items()}
        for key in unread:
            found = (told[key], key) if key in told else self._moved(key)
            if found:
                self._issues[key] = found
        return {key: self._issues[key] for key in keys if key in self._issues}

    def epic_link(self) -> str:
        """The field in which Data Center keeps an issue's epic, found by its kind, for its name is translated
        (trackers.md §1.4); "" on Cloud, whose ``parent`` tells it.
        """
        return self._field(_EPIC_LINK)

    def epic_name(self) -> str:
        """The field that every epic of a Data Center has, found in the same way; "" on Cloud."""
        return self._field(_EPIC_NAME)

    def read_ahead(self, queries: Iterable[Query]) -> None:
        """Reads side by side what these queries rest on, for they may be many."""
        queries = list(queries)
        self.issues({key for query in queries for key in keys_of(query)})
        bare = [query for query in queries if isinstance(query, Convention)]
        self._read_projects({query.project for query in bare})
        jqls = set()
        for query in bare:
            if isinstance(self._read[query.project], Mapping):
                with suppress(PermanentError, MalformedError):  # told where the query itself is resolved
                    jqls.add(epics_named(query.release_name, self._standing(query.project)))
        self._read_epics(jqls - {""})

    def project(self, key: str) -> Mapping[str, object]:
        self._read_projects({key})
        told = self._read[key]
        if isinstance(told, MissingError):
            raise told
        return told

    def ways(self, query: Query) -> tuple[Way, ...]:
        """The ways into a query, as the project stands; roots as ids, for one may stand below another."""
        if not isinstance(query, Convention):
            way = of_selector(self._client.name, query.terms)
            way = replace(way, roots=tuple(self._known(root) for root in way.roots))
            self._refuse_unlinked(way.roots)
            return (way,)
        project = self._standing(query.project)
        epics = self._epics(query.release_name, project)
        self._refuse_unlinked([*epics, *keys_of(query)])
        ways = of_convention(query, project, epics)
        if not ways:
            said = f"nothing tells what of {project.key} belongs to it"
            raise PermanentError(self._client.name, said, "write a selector")
        return ways

    def _field(self, kind: str) -> str:
        self._client.open()
        if self._fields is None:
            told = [] if self._client.cloud else self._client.get("field")
            if not isinstance(told, list):
                raise MalformedError(self._client.name, "Jira does not tell its fields", "try again")
            rows = [mapping(row) for row in told]
            self._fields = {text(mapping(row.get("schema")).get("custom")): identity(row.get("id")) for row in rows}
        return self._fields.get(kind, "")

    def _refuse_unlinked(self, roots: Collection[str]) -> None:
        """Raises PermanentError for an epic of a Data Center that does not show in which field its children name it."""
        if self._client.cloud or not roots or self.epic_link():
            return
        for raw in search.look_up(self._client, roots, ["issuetype", *filter(None, (self.epic_name(),))]).values():
            fields = mapping(mapping(raw).get("fields"))
            if is_epic(fields.get("issuetype"), fields.get(self.epic_name())):
                said = f"{text(mapping(raw).get('key'))} is an epic, and Jira shows this account no field Epic Link"
                hint = "nobody can tell what belongs to it; show the field, or select by fix version or label"
                raise PermanentError(self._client.name, said, hint)

    def _number(self, word: str) -> str:
        try:
            return identity(self.project(word).get("id"))
        except DeniedError:
            raise
        except (PermanentError, MalformedError):
            return ""

    def _known(self, word: str) -> str:
        """The id of an issue by its id or key."""
        if word.isdigit():
            return word
        told = self.issues([word])
        if word not in told:
            raise MissingError(self._client.name, f"there is no issue {word}, or this account may not see it", _HINT)
        return told[word][0]

    def _read_at_once(self, keys: list[str]) -> search.Rows:
        try:
            return search.look_up(self._client, keys, ["key"])
        except RefusedError:
            return {}  # a word that is no key; each is asked for by itself

    def _moved(self, key: str) -> tuple[str, str] | None:
        """An issue by a key that it may no longer have."""
        try:
            raw = mapping(self._client.get(f"issue/{quote(key, safe='')}", fields="summary"))
        except (MissingError, RefusedError):
            return None
        number, now = identity(raw.get("id")), text(raw.get("key"))
        return (number, now) if number and now else None

    def _standing(self, key: str) -> Project:
        raw = self.project(key)
        of_project = f"project/{quote(key, safe='')}/versions"
        versions = (text(each.get("name")).casefold() for each in self._listed(raw, "versions", of_project))
        kinds = self._listed(raw, "issueTypes", "issuetype")
        return Project(
            key=text(raw.get("key")) or key,
            versions=frozenset(versions),
            epic_types=tuple(identity(kind.get("id")) for kind in kinds if is_epic(kind)),
            epic_name=self.epic_name(),
            epic_link=self.epic_link(),
        )

    def _epics(self, name: str, project: Project) -> tuple[str, ...]:
        jql = epics_named(name, project)
        if not jql:
            return ()
        self._read_epics({jql})
        titles = self._epics_read[jql]
        if isinstance(titles, TrackerError):
            raise titles
        return tuple(number for number, title in titles.items() if _folded(title) == _folded(name))

    def _read_projects(self, keys: Collection[str]) -> None:
        self._pool.each(sorted(set(keys) - self._read.keys()), _project, self._read.update)

    def _read_epics(self, jqls: Collection[str]) -> None:
        self._pool.each(sorted(set(jqls) - self._epics_read.keys()), _titles, self._epics_read.update)

    def _listed(self, project: Mapping[str, object], name: str, resource: str) -> list[Mapping[str, object]]:
        """What a project has of these. A list that is not there is asked for: what is unknown would match nothing."""
        told = project.get(name)
        if not isinstance(told, list):
            told = self._client.get(resource)
        if not isinstance(told, list):
            said = f"Jira does not tell the {name} of {text(project.get('key'))}"
            raise MalformedError(self._client.name, said, "try again")
        return [mapping(each) for each in told]


def _project(client: Client, key: str) -> dict[str, Mapping[str, object] | MissingError]:
    try:
        told = mapping(client.get(f"project/{quote(key, safe='')}"))
    except MissingError as error:
        return {key: MissingError(client.name, f"there is no project {key!r}", error.hint)}
    if not identity(told.get("id")):
        raise MalformedError(client.name, f"Jira does not tell the project {key!r}", "try again")
    return {key: told}


def _titles(client: Client, jql: str) -> dict[str, dict[str, str] | TrackerError]:
    """What the epics of a search are called, by their ids."""
    try:
        found = search.find(client, jql)
        rows = search.look_up(client, found)
        rows |= search.look_up(client, [each for each in found if each not in rows])
    except (RefusedError, MalformedError) as error:
        return {jql: error}
    titles = {number: text(mapping(mapping(rows.get(number)).get("fields")).get("summary")) for number in found}
    if not all(titles.values()):
        return {jql: MalformedError(client.name, "Jira does not tell what an epic is called", "try again")}
    return {jql: titles}


def _read_whole(told: dict[str, str] | TrackerError) -> Iterable[tuple[str, str]]:
    return () if isinstance(told, TrackerError) else told.items()


def _folded(name: str) -> str:
    return name.strip().casefold()
