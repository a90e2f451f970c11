"""YAML text → plain values, with the line and column of every key and value.

Called by ``config.loading``. Reads YAML 1.2, so ``on`` is a word. Values are null, true or false, numbers, text,
lists and mappings with text keys; dates stay text. Aliases are expanded within a bound. No message quotes the file,
except names of keys outside the places of secrets: ruamel's own messages would show lines of it.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from config.error import Problem
from config.wording import dotted, secret

Path = tuple[str | int, ...]

MAX_VALUES: Final = 50_000
MAX_DEPTH: Final = 40
MERGE_TAG: Final = "tag:yaml.org,2002:merge"
OWN_TAGS: Final = "tag:yaml.org,2002:"
_READ: Final = {"map", "seq", "str", "null", "bool", "int", "float", "timestamp", "value", "merge"}


@dataclass(frozen=True, slots=True)
class Place:
    """Counted from 1. ``key`` is where the value's key stands; in a list it is the value's own place."""

    key: tuple[int, int]
    value: tuple[int, int]


@dataclass(slots=True)
class Tree:
    plain: Any = None
    places: dict[Path, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, path: Path, at: tuple[int, int], message: str, remedy: str) -> None:
        where = dotted(path)
        self.problems.append(Problem(line=at[0], column=at[1], where=where, message=message, remedy=remedy))

    def value(self, path: Path) -> Any:  # noqa: ANN401 - the shape is the file's
        """What stands at this path, None where nothing does."""
        found = self.plain
        for step in path:
            try:
                found = found[step]
            except (KeyError, IndexError, TypeError):
                return None
        return found

    def at(self, path: Path) -> tuple[int, int]:
        """Where to point for this path: at a value, but at the key of a whole list or mapping."""
        place = self.place(path)
        return place.key if isinstance(self.value(path), list | dict) else place.value

    def place(self, path: Path) -> Place:
        """Where this path stands, or the nearest thing above it that does."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Place((1, 1), (1, 1)))


def plant(text: str) -> Tree:
    """The tree of one document. Problems of the YAML itself are in ``problems``; then ``plain`` may be partial."""
    tree = Tree()
    try:
        with warnings.catch_warnings():  # ruamel's warnings show lines of the file
            warnings.simplefilter("ignore")
            root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        line, column = _mark(error)
        said = "${" if "${" in "".join(text.splitlines()[line - 1 : line]) else f"{error.context} {error.problem}"
        tree.problem((), (line, column), *_plainly(said))
    except (YAMLError, ValueError, AttributeError, TypeError, IndexError):  # ruamel slips on odd directives and escapes
        tree.problem((), (1, 1), "this cannot be read as YAML", "look for control characters and % directives")
    except RecursionError:
        tree.problem((), (1, 1), "lists or mappings are nested too deep", f"{MAX_DEPTH} levels are the most")
    else:
        _Growth(tree).run(root)
    return tree


class _Growth:
    """One walk over the composed nodes, counting values so that aliases cannot blow up."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.count = 0

    def run(self, root: Node | None) -> None:
        if root is None:
            self.tree.problem((), (0, 0), "the file is empty", "write one: syncd init --tracker jira")
            return
        at = _start(root)
        self.tree.places[()] = Place(at, at)
        self.tree.plain = self.value(root, ())
        if self.count > MAX_VALUES:
            message = f"more than {MAX_VALUES} values, aliases counted"
            self.tree.problem((), at, message, "write less, or fewer aliases")

    def value(self, node: Node, path: Path) -> Any:  # noqa: ANN401 - the shape is the file's
        self.count += 1
        if self.count > MAX_VALUES:
            return None
        if len(path) > MAX_DEPTH:
            self.tree.problem((), _start(node), "nested too deep", f"{MAX_DEPTH} levels are the most")
            return None
        if str(node.tag).removeprefix(OWN_TAGS) not in _READ:
            message = "the value begins with !, which marks a YAML tag, and tags are not read"
            self.tree.problem(path, _start(node), message, "put the value in quotes")
            return None
        if isinstance(node, MappingNode):
            return self.mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.element(child, (*path, index)) for index, child in enumerate(node.value)]
        return _scalar(node)

    def element(self, node: Node, path: Path) -> Any:  # noqa: ANN401 - the shape is the file's
        self.tree.places[path] = Place(_start(node), _start(node))
        return self.value(node, path)

    def mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        grown: dict[str, Any] = {}
        for key, child in node.value:
            name = self.key(key, path, grown)
            if name is not None:
                self.tree.places[*path, name] = Place(_start(key), _start(child))
                grown[name] = self.value(child, (*path, name))
        return grown

    def key(self, node: Node, path: Path, grown: dict[str, Any]) -> str | None:
        if not isinstance(node, ScalarNode):
            self.tree.problem(path, _start(node), "a key is a list or a mapping", "write a word as key")
        elif node.tag == MERGE_TAG:
            self.tree.problem(path, _start(node), "merge keys (<<) are not read", "write the keys out")
        elif str(node.value) in grown:
            first = self.tree.places[*path, str(node.value)].key[0]
            whole = path if secret(path) else (*path, str(node.value))
            self.tree.problem(whole, _start(node), "a key stands here for the second time", f"see line {first}")
        else:
            return str(node.value)
        return None


def _scalar(node: Node) -> Any:  # noqa: ANN401 - a scalar of any kind
    text, kind = str(node.value), str(node.tag).removeprefix(OWN_TAGS)
    if kind == "null":
        return None
    if kind == "bool" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    number = {"int": int, "float": float}.get(kind)
    try:
        return number(text) if number else text
    except ValueError:
        return text


def _start(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _mark(error: MarkedYAMLError) -> tuple[int, int]:
    mark = error.problem_mark or error.context_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


_PLAIN: Final = (
    ("${", "a value is written ${…}, which YAML cannot read here", "a secret from the environment is {env: NAME}"),
    ("'\\t'", "a tab stands here, and YAML indents with spaces", "replace the tab with spaces"),
    ("undefined alias", "a value begins with *, which YAML takes as an alias", "put the value in quotes"),
    ("scanning an alias", "a value begins with *, which YAML takes as an alias", "put the value in quotes"),
    ("scanning an anchor", "a value begins with &, which YAML takes as an anchor", "put the value in quotes"),
    ("tag", "a value begins with !, which YAML takes as a tag", "put the value in quotes"),
    ("another document", "a second document begins here", "keep one document: remove the line ---"),
    ("mapping values", "a colon or an indentation is out of place", "indent keys of one level alike; quote ': '"),
    ("expected ':'", "a key without a colon and a space after it", "write key: value"),
    ("flow sequence", "a list in [ ] is not closed, or lacks a comma", "close it with ]"),
    ("flow mapping", "a mapping in { } is not closed, or lacks a comma", "close it with }"),
    ("quoted scalar", "a quoted text is not closed, or holds a wrong \\ escape", "close it, or use single quotes"),
    ("cannot start any token", "a value begins with a character that YAML keeps to itself", "put it in quotes"),
    ("block mapping", "the indentation does not fit the lines above", "indent keys of one level alike"),
    ("block collection", "the indentation does not fit the lines above", "indent list entries of one level alike"),
)


def _plainly(said: str) -> tuple[str, str]:
    for words, message, remedy in _PLAIN:
        if words in said:
            return message, remedy
    return "this is not YAML", "compare the line with `syncd init`'s file; quotes around a value often help"
