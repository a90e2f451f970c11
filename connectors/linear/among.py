"""Which of some issues are in which query now: from their own fields where those decide, else as Linear answers.

Called by the source for what changed. What stands below a changed issue is looked at too, and what is linked to a
changed launch issue: such issues come and go without a change of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.base import Reading
from connectors.errors import PermanentError, TemporaryError, TrackerError
from connectors.linear import belonging, kin, parse, related, select
from connectors.linear.client import in_pages
from connectors.linear.related import Related
from connectors.linear.rest import complete
from connectors.linear.together import IDS, Pages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from connectors.base import Query
    from connectors.linear.client import Client
    from connectors.linear.related import Family, Launched
    from mapping.item import Item

_KINDS = ("release", "initiative")


def read(
    client: Client,
    queries: Mapping[str, Query],
    ids: Iterable[str],
    launches: Iterable[Launched],
    item: Callable[[Any], Item],
) -> tuple[Reading, Mapping[str, Launched]]:
    """The reading of these issues and those that may come or go with them, and the launch issues by their keys as they
    are now; ``launches`` are those that we knew before. Raises TrackerError.
    """
    if not (wanted := frozenset(ids)):
        return Reading(items={}, members=dict.fromkeys(queries, wanted), failed={}), {}
    look = _Look(client, queries)
    look.at(wanted)
    kindred = look.kindred(launches)
    members, failed = dict[str, frozenset[str]](), dict[str, TrackerError](kindred.failed)
    asked = {name: query for name, query in queries.items() if name not in failed}
    plain = {name: query for name, query in asked.items() if look.decides(query)}
    for name, query in plain.items():
        near = kindred.ids.get(name, frozenset())
        members[name] = frozenset(id_ for id_, raw in look.raws.items() if belonging.belongs(query, raw, near))
    others = {name: query for name, query in asked.items() if name not in plain}
    told, refused = _asked(client, others, sorted(look.raws), kindred)
    items = {id_: item(raw) for id_, raw in look.raws.items()}
    return Reading(items=items, members=members | told, failed=failed | refused), kindred.launches


class _Look:
    """The issues that are looked at, by id, without what is in the trash; and their family, where a convention asks."""

    def __init__(self, client: Client, queries: Mapping[str, Query]) -> None:
        self.raws: dict[str, Any] = {}
        self._client = client
        self._conventions = related.conventions(queries)
        self._family: Family = {}
        self._told = {kind: any(belonging.needs(query, kind) for query in queries.values()) for kind in _KINDS}

    def at(self, ids: Iterable[str]) -> None:
        """Reads these issues and all that stands below them."""
        raws = self._read(ids)
        tops = sorted(id_ for id_, raw in raws.items() if self._conventions and parse.has_children(raw))
        if tops:
            family, _ = related.down(self._client, [select.these(part) for part in in_pages(tops)])
            self._family |= family
            self._read(family.keys() - self.raws.keys())

    def kindred(self, linked_before: Iterable[Launched]) -> Related:
        """What the conventions find by relations, with what is and was linked to a launch issue that is looked at."""
        if not self._conventions:
            return Related()
        try:
            launches = related.launched(self._client, related.keys(self._conventions))
            seen = [one for one in (*launches.values(), *linked_before) if one.id in self.raws]
            self.at({id_ for one in seen for id_ in one.linked} - self.raws.keys())
            related.up(self._client, self._family, list(self.raws))
        except TemporaryError:
            raise
        except TrackerError as error:
            return Related(failed=dict.fromkeys(self._conventions, error))
        return related.weigh(self._client, self._conventions, launches, self._family)

    def decides(self, query: Query) -> bool:
        """Whether the fields that were read decide about this query."""
        untold = [kind for kind, told in self._told.items() if not told]
        return belonging.is_plain(query) and not any(belonging.needs(query, kind) for kind in untold)

    def _read(self, ids: Iterable[str]) -> dict[str, Any]:
        found = {}
        for part in in_pages(sorted(set(ids))):
            for raw in self._details(part):
                if not parse.identity(raw):
                    raise self._client.malformed("an issue without an id")
                self._family |= kin.ancestry(raw)
                if not parse.is_trashed(raw):
                    found[parse.identity(raw)] = raw
        self.raws |= found
        return found

    def _details(self, ids: list[str]) -> list[Any]:
        """Releases or initiatives that Linear refuses to tell are left out from then on: it is asked what they
        decide.
        """
        flags = {f"{kind}s": told for kind, told in self._told.items()} | {"kin": bool(self._conventions)}
        variables = {"filter": select.these(ids), **flags}
        try:
            raws = list(self._client.nodes("details", ("issues",), variables, first=len(ids)))
        except PermanentError:
            if not any(self._told.values()):
                raise
            self._told = dict.fromkeys(_KINDS, False)
            return self._details(ids)
        return complete(self._client, raws, releases=self._told["release"], initiatives=self._told["initiative"])


def _asked(
    client: Client, asked: Mapping[str, Query], ids: list[str], kindred: Related
) -> tuple[dict[str, frozenset[str]], dict[str, TrackerError]]:
    """Who of these issues is in which query, by Linear's own answer."""
    found: dict[str, set[str]] = {name: set() for name in asked}
    failed: dict[str, TrackerError] = {}
    for part in in_pages(ids):
        near = {name: sorted(kindred.ids.get(name, frozenset()) & set(part)) for name in asked}
        asking = {name: select.issue_filter(query, near[name]) for name, query in asked.items()}
        filters = {(name, 0): select.among(part, each) for name, each in asking.items()}
        pages = Pages(client, IDS, filters, most=len(part))
        for (name, _), raws in pages:
            found[name].update(parse.identity(raw) for raw in raws)
        failed |= {name: error for (name, _), error in pages.failed.items()}
    return {name: frozenset(found[name]) & set(ids) for name in asked if name not in failed}, failed
