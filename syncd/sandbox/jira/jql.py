"""Reads JQL: text → ``Query``. Pure; called by the search. What a field means is not its business (see match.py)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedInput, UnexpectedToken, v_args

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_LONGEST = 200_000
_DEEPEST = 200


class JqlError(Exception):
    """JQL that Jira would refuse. ``messages`` is what its ``errorMessages`` would say."""

    def __init__(self, *messages: str) -> None:
        super().__init__("; ".join(messages))
        self.messages = list(messages)


@dataclass(frozen=True, slots=True)
class Value:
    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    name: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Empty:
    """EMPTY or NULL."""


Operand = Value | Function | Empty


@dataclass(frozen=True, slots=True)
class Clause:
    """``operator`` is one of = != in "not in" is "is not" < <= > >= ~ !~."""

    field: str
    operator: str
    operands: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Both:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Either:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Negated:
    part: Condition


Condition = Clause | Both | Either | Negated


@dataclass(frozen=True, slots=True)
class Sort:
    field: str
    descending: bool | None


@dataclass(frozen=True, slots=True)
class Query:
    """``where`` is None for JQL without any restriction."""

    where: Condition | None
    order: tuple[Sort, ...] = ()


@lru_cache(maxsize=1024)
def parse(text: str) -> Query:
    """Raises JqlError, in Jira's words, where the text is no JQL."""
    if len(text) > _LONGEST or text.count("(") > _DEEPEST:
        raise JqlError("Error in the JQL Query: The query is too long or nested too deeply.")
    try:
        query: Query = _Read().transform(_grammar().parse(text))
    except UnexpectedInput as error:
        raise JqlError(_complaint(error, text)) from None
    return query


@cache
def _grammar() -> Lark:
    grammar = (Path(__file__).parent / "jql.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", maybe_placeholders=True)


def _complaint(error: UnexpectedInput, text: str) -> str:
    place = f"(line {max(error.line, 1)}, character {max(error.column, 1)})"
    if isinstance(error, UnexpectedCharacters):
        letter = text[error.pos_in_stream or 0]
        return f"Error in the JQL Query: The character '{letter}' is a reserved JQL character. {place}"
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return "Error in the JQL Query: Unexpected end of the query, more was expected after its last word."
    got = error.token if isinstance(error, UnexpectedToken) else "?"
    if isinstance(error, UnexpectedToken) and "COMPARE" in error.expected:
        valid = "'=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS' and 'IS NOT'"
        return f"Error in the JQL Query: Expecting operator but got '{got}'. The valid operators are {valid}. {place}"
    return f"Error in the JQL Query: Expecting either a value, list or function but got '{got}'. {place}"


class _Read(Transformer[Token, Query]):
    """Tree → values. Methods are named by the grammar's rules."""

    def start(self, parts: list[Any]) -> Query:
        return Query(parts[0], parts[1] or ())

    def any_of(self, parts: list[Condition]) -> Either:
        return Either(tuple(parts))

    def all_of(self, parts: list[Condition]) -> Both:
        return Both(tuple(parts))

    def negated(self, parts: list[Condition]) -> Negated:
        return Negated(parts[0])

    @v_args(inline=True)
    def compare(self, field: str, operator: Token, operand: Operand) -> Clause:
        return Clause(field, str(operator), (operand,))

    @v_args(inline=True)
    def within(self, field: str, operands: tuple[Operand, ...]) -> Clause:
        return Clause(field, "in", operands)

    @v_args(inline=True)
    def not_within(self, field: str, operands: tuple[Operand, ...]) -> Clause:
        return Clause(field, "not in", operands)

    @v_args(inline=True)
    def is_empty(self, field: str, _empty: Token) -> Clause:
        return Clause(field, "is", (Empty(),))

    @v_args(inline=True)
    def is_not_empty(self, field: str, _empty: Token) -> Clause:
        return Clause(field, "is not", (Empty(),))

    def empty(self, _parts: list[Token]) -> Empty:
        return Empty()

    def group(self, parts: list[Operand]) -> tuple[Operand, ...]:
        return tuple(parts)

    def field(self, parts: list[Token]) -> str:
        return _plain(parts[0])

    def value(self, parts: list[Token]) -> Value:
        return Value(_plain(parts[0]), quoted=parts[0].type == "QUOTED")

    def function(self, parts: list[Any]) -> Function:
        return Function(str(parts[0]), tuple(part for part in parts[1:] if part is not None))

    def argument(self, parts: list[Token]) -> str:
        return _plain(parts[0])

    def order(self, parts: list[Sort]) -> tuple[Sort, ...]:
        return tuple(parts)

    @v_args(inline=True)
    def sort(self, field: str, direction: Token | None) -> Sort:
        return Sort(field, None if direction is None else direction.lower() == "desc")


def _plain(token: Token) -> str:
    if token.type != "QUOTED":
        return str(token)
    return _ESCAPE.sub(lambda found: {"n": "\n", "t": "\t", "r": "\r"}.get(found[1], found[1]), token[1:-1])
