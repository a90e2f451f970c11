"""The GraphQL documents, by name: ``documents/NAME.graphql``, one operation each, and those made of several of them.

Two doors, so that a reader cannot load a mutation by mistake. Called by the client and the writer only. Each is parsed
and printed once; nothing is held against a schema here, the tests do that.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from graphql import DocumentNode, FieldNode, OperationDefinitionNode, OperationType, parse, print_ast

if TYPE_CHECKING:
    from collections.abc import Sequence

LISTS = {
    "team": ("teams", "TeamFilter"),
    "project": ("projects", "ProjectFilter"),
    "milestone": ("projectMilestones", "ProjectMilestoneFilter"),
    "initiative": ("initiatives", "InitiativeFilter"),
    "release": ("releases", "ReleaseFilter"),
    "label": ("issueLabels", "IssueLabelFilter"),
    "issue": ("issues", "IssueFilter"),
}
"""Where what a selector names is listed: the field of ``Query``, and its filter's type."""


@dataclass(frozen=True, slots=True)
class Document:
    """``name`` is its operation's: Linear's logs and the sandbox tell requests apart by it."""

    name: str
    text: str
    node: DocumentNode


@cache
def query(name: str) -> Document:
    """A document that reads. Raises ValueError for one that writes."""
    return _load(name, OperationType.QUERY)


@cache
def mutation(name: str) -> Document:
    """A document that writes. Raises ValueError for one that only reads."""
    return _load(name, OperationType.MUTATION)


@lru_cache(maxsize=64)
def several(name: str, count: int) -> Document:
    """The one list of issues that this document asks for, asked ``count`` times: its parts are named q0, q1, …, each
    with a filter and a place of its own ($filter0, $after0, …) and all with one $first.
    """
    single = query(name)
    operation, *fragments = single.node.definitions
    issues = operation.selection_set.selections[0] if isinstance(operation, OperationDefinitionNode) else None
    if not isinstance(issues, FieldNode) or issues.selection_set is None:
        raise ValueError(f"{name}.graphql must ask for one list of issues")
    variables = " ".join(f"$filter{number}: IssueFilter!, $after{number}: String," for number in range(count))
    asked = "filter: $filter{0}, first: $first, after: $after{0}, includeArchived: true"
    fields = "\n".join(f"q{number}: issues({asked.format(number)}) {{ ...Page }}" for number in range(count))
    page = f"fragment Page on IssueConnection {print_ast(issues.selection_set)}"
    parts = [f"query Several{single.name}({variables} $first: Int!) {{ {fields} }}", page]
    return _parsed("\n".join([*parts, *map(print_ast, fragments)]), OperationType.QUERY)


@lru_cache(maxsize=16)
def existing(kinds: Sequence[str]) -> Document:
    """Whether what is named exists: a part q0, q1, … for each of ``kinds`` (keys of ``LISTS``), its filter $q0, …."""
    variables = " ".join(f"$q{number}: {LISTS[kind][1]}" for number, kind in enumerate(kinds))
    fields = "\n".join(f"q{number}: {_listed(kind, number)}" for number, kind in enumerate(kinds))
    return _parsed(f"query Existing({variables}) {{ {fields} }}", OperationType.QUERY)


def _listed(kind: str, number: int) -> str:
    """Issues in the trash are listed too, so that more than one is asked for; teams have no archive worth asking."""
    first, more = (50, " trashed") if kind == "issue" else (1, "")
    archived = "" if kind == "team" else ", includeArchived: true"
    return f"{LISTS[kind][0]}(filter: $q{number}, first: {first}{archived}) {{ nodes {{ id{more} }} }}"


def _load(name: str, wanted: OperationType) -> Document:
    text = files(__package__).joinpath("documents", f"{name}.graphql").read_text(encoding="utf-8")
    try:
        return _parsed(text, wanted)
    except ValueError as wrong:
        raise ValueError(f"{name}.graphql {wrong}") from None


def _parsed(text: str, wanted: OperationType) -> Document:
    node = parse(text, no_location=True)
    operations = [one for one in node.definitions if isinstance(one, OperationDefinitionNode)]
    if [operation.operation for operation in operations] != [wanted] or operations[0].name is None:
        raise ValueError(f"must hold one {wanted.value} with a name, and no other operation")
    return Document(operations[0].name.value, print_ast(node), node)
