"""What a query costs before it runs: 0.1 a property, 1 an object, a connection's members times its ``first`` (50 when
it says nothing), rounded up. Source: linear.app/developers/rate-limiting. Introspection is free here, so that any
client's tools work.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    VariableNode,
    get_named_type,
)

from syncd.sandbox.linear.paging import PAGE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from graphql import GraphQLSchema, SelectionNode

PROPERTY = 0.1
OBJECT = 1.0


def points(schema: GraphQLSchema, document: DocumentNode, operation: str | None, variables: Mapping[str, Any]) -> int:
    """The points of the operation of this name (the only one, if None)."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode) and operation in (None, node.name and node.name.value):
            root = schema.get_root_type(node.operation)
            known = _defaults(node) | dict(variables)
            return math.ceil(_Count(schema, fragments, known).of(node.selection_set.selections, root, 1))
    return 0


def _defaults(node: OperationDefinitionNode) -> dict[str, Any]:
    defaults = {one.variable.name.value: one.default_value for one in node.variable_definitions or ()}
    return {name: int(value.value) for name, value in defaults.items() if isinstance(value, IntValueNode)}


class _Count:
    def __init__(
        self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode], variables: Mapping[str, Any]
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables

    def of(self, selections: Iterable[SelectionNode], on: Any, members: int) -> float:  # noqa: ANN401 - a type or None
        """``members`` is how many nodes to reckon with below the connection that these selections belong to."""
        total = 0.0
        for node in selections:
            if isinstance(node, FieldNode):
                total += self._field(node, on, members)
            elif isinstance(node, InlineFragmentNode):
                total += self.of(node.selection_set.selections, on, members)
            elif isinstance(node, FragmentSpreadNode):
                total += self.of(self._fragments[node.name.value].selection_set.selections, on, members)
        return total

    def _field(self, node: FieldNode, on: Any, members: int) -> float:  # noqa: ANN401 - a type or None
        if node.name.value.startswith("__") or not isinstance(on, GraphQLObjectType):
            return 0.0
        if node.selection_set is None:
            return PROPERTY
        kind = get_named_type(on.fields[node.name.value].type)
        if kind.name.endswith("Connection"):
            return self.of(node.selection_set.selections, kind, self._first(node))
        inner = OBJECT + self.of(node.selection_set.selections, kind, 1)
        return inner * (members if node.name.value in ("nodes", "edges") else 1)

    def _first(self, node: FieldNode) -> int:
        for argument in node.arguments or ():
            if argument.name.value in ("first", "last"):
                if isinstance(argument.value, IntValueNode):
                    return int(argument.value.value)
                if isinstance(argument.value, VariableNode):
                    given = self._variables.get(argument.value.name.value)
                    return given if isinstance(given, int) else PAGE
        return PAGE
