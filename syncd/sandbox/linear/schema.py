"""The schema with its resolvers, and documents held against it: made once in a process, for all worlds.

Called by ``app``. Which world a resolver reads and writes stands in the request's ``Call``.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from graphql import DocumentNode, GraphQLError, build_schema, parse, validate

from syncd.sandbox.linear import mutations, resolvers

if TYPE_CHECKING:
    from graphql import GraphQLSchema

_TOKENS_LIMIT = 20_000


@cache
def served() -> GraphQLSchema:
    """The part of Linear's schema that the sandbox serves."""
    schema = build_schema(files(__package__).joinpath("schema.graphql").read_text("utf-8"))
    resolvers.bind(schema)
    mutations.bind(schema)
    return schema


@lru_cache(maxsize=256)
def checked(query: str) -> DocumentNode | tuple[str, list[str]]:
    """The document, or why it is none: the error's code and all messages."""
    try:
        document = parse(query, max_tokens=_TOKENS_LIMIT)
        wrongs = validate(served(), document)
    except GraphQLError as wrong:
        return "GRAPHQL_PARSE_FAILED", [wrong.message]
    except RecursionError:
        return "GRAPHQL_PARSE_FAILED", ["The document is nested too deeply."]
    return ("GRAPHQL_VALIDATION_FAILED", [wrong.message for wrong in wrongs]) if wrongs else document
