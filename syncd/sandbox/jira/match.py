"""What JQL means: a ``Condition`` → a function that tells whether a raw issue fulfils it.

Called by the search. As in Jira, ``!=``, ``not in`` and ``!~`` drop issues whose field is EMPTY, NOT is pushed down
to the clauses, and an unknown field, project, version, person or issue is refused.
https://support.atlassian.com/jira-software-cloud/docs/jql-fields/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncd.sandbox.jira import dates, values
from syncd.sandbox.jira.jql import Both, Clause, Empty, Function, JqlError, Negated, Value
from syncd.sandbox.jira.words import text_matches
from syncd.sandbox.jira.world import JiraWorld

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from syncd.sandbox.jira.index import Idents
    from syncd.sandbox.jira.jql import Condition
    from syncd.sandbox.jira.shapes import Json

    Test = Callable[[Json], bool]

_OPPOSITE = {
    "=": "!=",
    "!=": "=",
    "in": "not in",
    "not in": "in",
    "is": "is not",
    "is not": "is",
    "~": "!~",
    "!~": "~",
    "<": ">=",
    ">=": "<",
    ">": "<=",
    "<=": ">",
}
_EQUAL = {"=", "!=", "in", "not in", "is", "is not"}
_TEXT = {"~", "!~", "is", "is not"}
_DATE = {*_EQUAL, "<", "<=", ">", ">="}


@dataclass(frozen=True)
class Matcher:
    """Compiles conditions for one world; ``now`` is read once, so that a query means one thing from end to end."""

    world: JiraWorld

    def compile(self, node: Condition, *, negated: bool = False) -> Test:
        """Raises JqlError, in Jira's words, where the condition names what does not exist."""
        match node:
            case Negated(part):
                return self.compile(part, negated=not negated)
            case Clause():
                return self._clause(node if not negated else _opposite(node))
        tests = [self.compile(part, negated=negated) for part in node.parts]
        if isinstance(node, Both) is not negated:
            return lambda issue: all(test(issue) for test in tests)
        return lambda issue: any(test(issue) for test in tests)

    def _clause(self, clause: Clause) -> Test:
        name = clause.field.lower()
        if name in values.FIELDS:
            return self._equals(clause, values.FIELDS[name])
        if name in dates.FIELDS:
            _allow(clause, _DATE)
            return dates.test(self.world, clause, dates.FIELDS[name])
        if name in values.TEXTS:
            return self._text(clause, values.TEXTS[name])
        custom = values.custom(self.world, name)
        if custom is not None:
            return self._equals(clause, custom)
        raise JqlError(f"Field '{clause.field}' does not exist or you do not have permission to view it.")

    def _equals(self, clause: Clause, field: values.Field) -> Test:
        _allow(clause, _EQUAL)
        read = field.read
        empty, wanted = self._wanted(clause, field)
        if clause.operator in {"=", "in", "is"}:
            return lambda issue: bool(empty and not (got := read(issue))) or not wanted.isdisjoint(read(issue))
        if clause.operator == "is not" or (empty and not wanted):
            return lambda issue: bool(read(issue))
        return lambda issue: bool(got := read(issue)) and wanted.isdisjoint(got)

    def _wanted(self, clause: Clause, field: values.Field) -> tuple[bool, set[str]]:
        """Whether EMPTY is among the operands, and the tokens of the others."""
        empty, wanted = False, set[str]()
        for operand in clause.operands:
            match operand:
                case Empty():
                    empty = True
                case Value(text) if text.lower() in field.empty_words:
                    empty = True
                case Value(text):
                    wanted |= field.resolve(self.world, text, clause.field)
                case Function(name, arguments):
                    wanted |= values.call(self.world, field, name, arguments)
        return empty, wanted

    def _text(self, clause: Clause, names: tuple[str, ...]) -> Test:
        _allow(clause, _TEXT)
        operand = clause.operands[0]
        if isinstance(operand, Empty):
            filled = clause.operator in {"is not", "!~"}
            return lambda issue: bool(values.text_of(issue, names)) is filled
        if not isinstance(operand, Value):
            raise JqlError(f"A function cannot be used with the field '{clause.field}'.")
        fits = text_matches(operand.text)
        if clause.operator == "~":
            return lambda issue: fits(values.text_of(issue, names))
        return lambda issue: bool(text := values.text_of(issue, names)) and not fits(text)


def _opposite(clause: Clause) -> Clause:
    return Clause(clause.field, _OPPOSITE[clause.operator], clause.operands)


def _allow(clause: Clause, operators: set[str]) -> None:
    if clause.operator not in operators:
        raise JqlError(f"The operator '{clause.operator}' is not supported by the '{clause.field}' field.")


def candidates(world: JiraWorld, node: Condition | None) -> Collection[str] | None:
    """A superset of the ids that can match, where an index knows one; None where all issues must be looked at."""
    parts = node.parts if isinstance(node, Both) else (node,)
    found = [_indexed(world, part) for part in parts if isinstance(part, Clause)]
    known = sorted((idents for idents in found if idents is not None), key=len)
    if not known:
        return None
    return [ident for ident in known[0] if all(ident in other for other in known[1:])]


def _indexed(world: JiraWorld, clause: Clause) -> Idents | None:
    name = clause.field.lower()
    if clause.operator in {">", ">="} and dates.FIELDS.get(name) == "updated":
        moment = dates.limit(world, clause)
        return None if moment is None else world.index.changed_since(moment)
    texts = [operand.text for operand in clause.operands if isinstance(operand, Value)]
    if clause.operator not in {"=", "in"} or len(texts) != len(clause.operands):
        return None
    return _equal(world, name, texts)


def _equal(world: JiraWorld, name: str, texts: list[str]) -> Idents | None:
    index = world.index
    if name == "project":
        return _union([index.project.get(key, {}) for text in texts for key in values.project_keys(world, text)])
    if name == "fixversion":
        return _union([index.version.get(text.lower(), {}) for text in texts])
    found = [ident for text in texts if (ident := world.find(text))]
    if name in {"key", "issuekey", "id", "issue"}:
        return dict.fromkeys(found)
    return _union([index.parent.get(ident, {}) for ident in found]) if name == "parent" else None


def _union(several: list[Idents]) -> Idents:
    return several[0] if len(several) == 1 else {ident: None for idents in several for ident in idents}
