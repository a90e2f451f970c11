"""The sandbox's schema is a part of Linear's own: what a client may ask here it may ask there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    is_required_argument,
    is_required_input_field,
)

if TYPE_CHECKING:
    from collections.abc import Container

HOUSE = Path(__file__).parents[2]
OURS = HOUSE / "syncd" / "sandbox" / "linear" / "schema.graphql"
OFFICIAL = Path(os.environ.get("SYNCD_CONTRACTS", HOUSE.parent / "shared" / "contracts")) / "linear" / "schema.graphql"


def differences(ours: GraphQLSchema, theirs: GraphQLSchema) -> list[str]:
    """What stands in the first schema and not, or otherwise, in the second."""
    found = []
    for name, kind in ours.type_map.items():
        if not name.startswith("__"):
            other = theirs.type_map.get(name)
            found += [f"{name}: {wrong}" for wrong in type_differences(kind, other)]
    return found


def type_differences(kind: GraphQLNamedType, other: GraphQLNamedType | None) -> list[str]:
    if type(kind) is not type(other):
        return [f"is a {type(kind).__name__} here and a {type(other).__name__} there"]
    if isinstance(kind, GraphQLEnumType) and isinstance(other, GraphQLEnumType):
        return [f"value {value} is not there" for value in kind.values if value not in other.values]
    mine, official = members(kind), members(other)
    wrong = [f"{member} is {official.get(member)} there" for member in mine if mine[member] != official.get(member)]
    return wrong + [f"lacks {member}" for member in required(other, mine) if member not in mine]


def members(kind: GraphQLNamedType | None) -> dict[str, str]:
    """Fields, arguments and interfaces of a type, each with the type that it refers to."""
    told: dict[str, str] = {}
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        told |= {f"interface {one.name}": "implemented" for one in kind.interfaces}
        for name, field in kind.fields.items():
            told[name] = str(field.type)
            told |= {f"{name}({arg}": f"{value.type} = {value.default_value!r}" for arg, value in field.args.items()}
    if isinstance(kind, GraphQLInputObjectType):
        told |= {name: f"{field.type} = {field.default_value!r}" for name, field in kind.fields.items()}
    return told


def required(kind: GraphQLNamedType | None, mine: Container[str]) -> list[str]:
    """What a client must give: input fields, and arguments of the fields that are there."""
    if isinstance(kind, GraphQLInputObjectType):
        return [name for name, field in kind.fields.items() if is_required_input_field(field)]
    if isinstance(kind, GraphQLObjectType):
        fields = {name: field for name, field in kind.fields.items() if name in mine}
        return [f"{name}({arg}" for name, field in fields.items() for arg, value in field.args.items()
                if is_required_argument(value)]  # fmt: skip
    return []


@pytest.mark.skipif(not OFFICIAL.exists(), reason="the official schema is not here: set SYNCD_CONTRACTS")
def test_every_type_field_and_argument_of_the_sandbox_stands_identically_in_linears_own_schema() -> None:
    ours, theirs = build_schema(OURS.read_text("utf-8")), build_schema(OFFICIAL.read_text("utf-8"), assume_valid=True)
    assert differences(ours, theirs) == []


OFFICIAL_TOY = """
    enum Colour { red blue }
    input Wanted { id: ID! name: String }
    type Query { thing(id: ID!, colour: Colour, wanted: Wanted): String }
"""


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (
            "red blue",
            "red green",
        ),
        ("id: ID! name: String", "id: ID! name: Int"),
        ("id: ID! name", "name"),
        ("thing(id: ID!, colour", "thing(id: ID, colour"),
        ("wanted: Wanted): String", "wanted: Wanted): String!"),
        ("thing(id: ID!, ", "thing("),
    ],
)
def test_a_schema_that_differs_is_told_apart(changed: str, told: str) -> None:
    theirs = build_schema(OFFICIAL_TOY)
    assert differences(build_schema(OFFICIAL_TOY), theirs) == []
    assert differences(build_schema(OFFICIAL_TOY.replace(changed, told)), theirs) != []
