"""Whether an issue is in by a way, decided from its own fields. Pure; called by ``matching``.

Each answer is what Jira's search would say: names are compared without case, an id fits too. Where the fields leave
that open the answer is None, and the server is asked; it must never guess.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connectors.jira.parse import identity, mapping, sequence, text

if TYPE_CHECKING:
    from connectors.jira.select import Way

Fields = Mapping[str, object]
Answer = bool | None


@dataclass(frozen=True, slots=True)
class Known:
    """What words stand for. ``projects``: a word of the file → the project's id, "" where the word is no key or id.
    ``issues``: a word of the file → (id, present key).

    ``epic_link`` is the field in which Data Center keeps an issue's epic, "" where it has none. ``above``: id → the ids
    of what it stands under, at any height.
    """

    projects: Mapping[str, str] = field(default_factory=dict)
    issues: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    epic_link: str = ""
    above: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def named(self, word: str) -> tuple[str, str]:
        return self.issues.get(word, (word, word))


def stands(way: Way, raw: object, known: Known) -> bool:
    """Whether the search can find this issue at all where the way looks: what is archived, it does not show."""
    number = identity(mapping(raw).get("id"))
    if mapping(mapping(raw).get("fields")).get("archiveddate"):
        return False
    if not way.roots:
        return True
    return number not in way.roots and not known.above.get(number, frozenset()).isdisjoint(way.roots)


def fits(way: Way, raw: object, known: Known) -> Answer:
    """Whether this issue fits the way's terms; None where only the server can tell."""
    fields = mapping(mapping(raw).get("fields"))
    answers = {_TERMS[term](values, fields, known) for term, values in way.terms}
    if False in answers:
        return False
    return None if way.raw or None in answers else True


def parent_of(raw: object, epic_link: str) -> str:
    """What an issue stands under: an id, or a key where an epic link tells no more; "" for nothing."""
    fields = mapping(mapping(raw).get("fields"))
    return identity(mapping(fields.get("parent")).get("id")) or text(fields.get(epic_link))


def _project(values: tuple[str, ...], fields: Fields, known: Known) -> Answer:
    project = mapping(fields.get("project"))
    if not project:
        return None
    number, name = identity(project.get("id")), text(project.get("name")).lower()
    ids = [known.projects.get(word, "") for word in values]
    if any(told == number if told else word.lower() == name for word, told in zip(values, ids, strict=True)):
        return True
    return False if all(ids) else None


def _named_in(name: str) -> Callable[[tuple[str, ...], Fields, Known], Answer]:
    """A term over a list of things with id and name; what the answer lacks is not told."""

    def answer(values: tuple[str, ...], fields: Fields, _: Known) -> Answer:
        listed = fields.get(name)
        return _among(values, sequence(listed)) if isinstance(listed, list) else None

    return answer


def _among(values: tuple[str, ...], rows: list[object]) -> Answer:
    names = {text(mapping(row).get("name")).lower() for row in rows}
    if any(word.lower() in names for word in values):
        return True
    # a number is a name first: only the server knows whether another thing is so named
    ids = {identity(mapping(row).get("id")) for row in rows}
    return None if any(word in ids for word in values) else False


def _type(values: tuple[str, ...], fields: Fields, _: Known) -> Answer:
    """An account sees the types in its own language, so that another name says nothing."""
    kind = mapping(fields.get("issuetype"))
    return _among(values, [kind]) or None if kind else None


def _label(values: tuple[str, ...], fields: Fields, _: Known) -> Answer:
    labels = fields.get("labels")
    if not isinstance(labels, list):
        return None
    if any(word in labels for word in values):
        return True
    # whether the search minds the case of a label differs between Jiras
    folded = {text(label).lower() for label in labels}
    return None if any(word.lower() in folded for word in values) else False


def _child(values: tuple[str, ...], fields: Fields, known: Known) -> Answer:
    parent = parent_of({"fields": fields}, known.epic_link)
    return bool(parent) and any(parent in known.named(word) for word in values)


def _linked(values: tuple[str, ...], fields: Fields, known: Known) -> Answer:
    links = fields.get("issuelinks")
    if not isinstance(links, list):
        return None
    ends = [mapping(link).get(side) for link in links for side in ("inwardIssue", "outwardIssue")]
    numbers = {identity(mapping(end).get("id")) for end in ends}
    return any(known.named(word)[0] in numbers for word in values)


_TERMS: Mapping[str, Callable[[tuple[str, ...], Fields, Known], Answer]] = {
    "project": _project,
    "fix_version": _named_in("fixVersions"),
    "component": _named_in("components"),
    "label": _label,
    "type": _type,
    "child_of": _child,
    "linked_to": _linked,
}
