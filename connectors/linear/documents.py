"""The GraphQL documents, by name: ``documents/NAME.graphql``, one operation each.

Two doors, so that a reader cannot load a mutation by mistake. Called by the client and the writer only.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from graphql import OperationDefinitionNode, OperationType, parse

if TYPE_CHECKING:
    from graphql import DocumentNode


@cache
def query(name: str) -> DocumentNode:
    """A document that reads. Raises ValueError for one that writes."""
    return _load(name, OperationType.QUERY)


@cache
def mutation(name: str) -> DocumentNode:
    """A document that writes. Raises ValueError for one that only reads."""
    return _load(name, OperationType.MUTATION)


def operation_name(document: DocumentNode) -> str:
    """The name of its operation: Linear's logs and the sandbox tell requests apart by it."""
    found = [
        node.name.value for node in document.definitions if isinstance(node, OperationDefinitionNode) and node.name
    ]
    return found[0]


def _load(name: str, wanted: OperationType) -> DocumentNode:
    text = files(__package__).joinpath("documents", f"{name}.graphql").read_text(encoding="utf-8")
    document = parse(text, no_location=True)
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if [operation.operation for operation in operations] != [wanted]:
        raise ValueError(f"{name}.graphql must hold one {wanted.value} and no other operation")
    return document
