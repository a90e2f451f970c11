"""Which issue is our summary: what it is known by, and where it may be found when nothing is known of it.

Called by ``write``. An issue is ours by the release's mark in its property, which nobody copies; Jira's clone copies
labels, so a label counts less. It decides nothing about writing and sends reading requests only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from connectors.errors import MalformedError, MissingError, PermanentError
from connectors.jira import search
from connectors.jira.client import RefusedError
from connectors.jira.parse import identity, mapping, sequence, text
from connectors.jira.select import one_of, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from connectors.base import SummarySettings
    from connectors.jira.client import Client

    Raw = Mapping[str, object]

PROPERTY = "syncd"
"""The entity property that holds the machine copy."""

_FIELDS = "summary,description,status,updated,labels,issuelinks"
_LATELY = "-2d"
_MOST_LATELY = 50


def read(client: Client, release: str, key: str, shown: str = "") -> Raw:
    """One issue by id or key, with its property. Raises MissingError where it is gone or hidden."""
    try:
        raw = mapping(client.get(f"issue/{quote(key, safe='')}", fields=_FIELDS, properties=PROPERTY))
    except MissingError as error:
        said = f"the summary issue {shown or key} is gone or hidden"
        hint = f"restore it, run `syncd recreate {release}`, or name another with summary: {{issue: KEY}}"
        raise MissingError(client.name, said, hint) from error
    if not identity(raw.get("id")) or not text(raw.get("key")) or not isinstance(raw.get("fields"), dict):
        raise MalformedError(client.name, f"what Jira tells of {key} is no issue", "is url right?")
    return raw


def field(raw: object, name: str) -> object:
    return mapping(mapping(raw).get("fields")).get(name)


def copy(raw: Raw) -> Raw:
    """The machine copy, empty where there is none."""
    return mapping(mapping(raw.get("properties")).get(PROPERTY))


def is_marked(raw: Raw, mark: str) -> bool:
    """Whether an issue that we know by its id carries the mark, in either place."""
    return copy(raw).get("mark") == mark or mark in sequence(field(raw, "labels"))


def find(client: Client, place: SummarySettings, marks: Sequence[str]) -> tuple[Raw, str] | None:
    """The issue with the last of these marks (one a generation) that any issue has, and that mark.

    Looked for where the label leads, before the launch issue (no index delays what that tells) and among what we made
    lately (whose project may take no labels). Raises PermanentError when several are ours, or when one has our label
    alone and another account made it.
    """
    launch, blocking = _before_launch(client, place)
    labelled, lately = _candidates(client, place.project, marks)
    rows = _readable(client, place.release, [*labelled, *blocking], launch)
    found = _latest(rows, marks, by_label=False)
    if not found and (bare := _latest(rows, marks, by_label=True)):
        return _made_by_us(client, bare[0], bare[1]), bare[1]
    if not found:
        found = _latest(_readable(client, place.release, lately(), launch), marks, by_label=False)
    if not found:
        return None
    ours, mark = found
    if len(ours) > 1:
        said = f"{_keys(ours)} all carry the mark {mark}, and there can be one summary issue only"
        raise PermanentError(client.name, said, "delete the copies, or name the one with summary: {issue: KEY}")
    return ours[0], mark


def _latest(rows: Sequence[Raw], marks: Sequence[str], *, by_label: bool) -> tuple[list[Raw], str] | None:
    """The issues with the last mark that any of them has: in the property, or in either place."""
    for mark in reversed(marks):
        found = [raw for raw in rows if (is_marked(raw, mark) if by_label else copy(raw).get("mark") == mark)]
        if found:
            return found, mark
    return None


def _before_launch(client: Client, place: SummarySettings) -> tuple[str, list[str]]:
    """(id, ids of what blocks it) of the launch issue; nothing where it is another tracker's or cannot be read."""
    if place.launch_key is None:
        return "", []
    try:
        raw = mapping(client.get(f"issue/{quote(place.launch_key, safe='')}", fields="issuelinks"))
    except MissingError:
        return "", []
    links = [mapping(link) for link in sequence(field(raw, "issuelinks"))]
    ends = (identity(mapping(link.get("inwardIssue")).get("id")) for link in links)
    return identity(raw.get("id")), [number for number in ends if number]


def _candidates(client: Client, project: str, marks: Sequence[str]) -> tuple[list[str], Callable[[], list[str]]]:
    """(what has one of the labels, what else we made lately), by one question if Jira takes both parts of it."""
    by_label = one_of("labels", marks)
    lately = f"project = {quoted(project)} AND creator = currentUser() AND created >= {_LATELY}"
    try:
        labels = search.held(client, f"{by_label} OR ({lately})", "labels")
    except (RefusedError, MalformedError):  # a project that is not there says nothing of the label
        return search.find(client, by_label), lambda: _newest(search.find(client, lately))
    ours = {mark.casefold() for mark in marks}
    labelled = [number for number, told in labels.items() if any(text(it).casefold() in ours for it in sequence(told))]
    return labelled, lambda: _newest(labels.keys() - set(labelled))


def _newest(numbers: Iterable[str]) -> list[str]:
    """What was just lost is among them, however many issues the account makes."""
    return sorted(numbers, key=int)[-_MOST_LATELY:]


def _readable(client: Client, release: str, numbers: Sequence[str], launch: str) -> list[Raw]:
    """The issues, each once, without the launch issue and without what only an index still shows."""
    rows = []
    for number in dict.fromkeys(numbers):
        if number == launch:
            continue
        try:
            rows.append(read(client, release, number))
        except MissingError:
            continue
    return rows


def _made_by_us(client: Client, bare: Sequence[Raw], mark: str) -> Raw:
    """The one issue that has the label and no property, if our own account made it: some sites take no property."""
    mine = search.find(client, f"{one_of('labels', [mark])} AND creator = currentUser()")
    if len(bare) == 1 and identity(bare[0].get("id")) in mine and not copy(bare[0]):
        return bare[0]
    carry = "carries" if len(bare) == 1 else "all carry"
    said = f'{_keys(bare)} {carry} the label "{mark}", and nothing shows that syncd made it'
    first = text(bare[0].get("key"))
    hint = f"take the label off what is a copy, or name the summary with summary: {{issue: {first}}}"
    raise PermanentError(client.name, said, hint)


def _keys(rows: Sequence[Raw]) -> str:
    return " and ".join(sorted(text(raw.get("key")) for raw in rows))
