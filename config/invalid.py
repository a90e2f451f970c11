"""pydantic's errors → problems in plain words, at the place in the file.

Called by ``config.loading``. Input values are taken from the file's tree, and only where no secret belongs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from config.error import Problem
from config.wording import dotted, got, meant, named, secretive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic_core import ErrorDetails

    from config.tree import Path, Tree

_ADD: Final = {
    "kind": "add kind: jira or kind: linear",
    "token": "put it in an environment variable and add token: {env: NAME}",
    "launch": "add launch: KEY, the issue that the launch is tracked in",
    "gates": "add gates, each a department: engineering: tracker/PROJECT",
    "items": "add items: tracker/PROJECT, a list of selectors, or none for a gate without tickets",
    "trackers": "add trackers, each with kind, url and token",
    "releases": "add releases, each with launch and gates",
    "cron": 'add cron: "0 10 * * TUE"',
    "url": "add url: {env: SYNCD_SLACK_URL}",
    "item": "add item: tracker/KEY, the ticket that says ready",
    "dropped": 'add dropped: ["Won\'t Do"]',
}
_FORMS: Final = {
    "string": "write a text",
    "bool": "write true or false",
    "int": "write a whole number",
    "list": "write a list: [first, second]",
    "dict": "write a mapping: keys with values, indented below",
    "model": "write a mapping: keys with values, indented below",
}
_NAME_FORM: Final = "use letters, digits, - _ and ., beginning with a letter or digit; 64 are the most"
_ADDRESS_FORM: Final = "write tracker/KEY, such as eng/REL-12"


def steps(plain: Any, loc: tuple[int | str, ...]) -> Path:  # noqa: ANN401 - the file's shapes
    """The part of pydantic's place that exists in the file; marks of unions and of keys are passed over."""
    path: list[int | str] = []
    for step in loc:
        within = isinstance(plain, list) and isinstance(step, int) and step < len(plain)
        if within or (isinstance(plain, dict) and step in plain):
            path.append(step)
            plain = plain[step]
    return tuple(path)


def problems_of(error: ErrorDetails, at: Path, tree: Tree) -> Iterator[Problem]:
    """One error as problems: several only for unknown keys. ``at`` is its path in the file."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "unknown":
        for key in context["unknown"]:
            shown = key.partition(":")[0]  # what follows may be a secret that lacks its space
            yield _problem((*at, shown), tree.place((*at, key)).key, *_unknown(key, context["known"]))
    elif kind == "missing":
        key = str(error["loc"][-1])
        yield _problem((*at, key), tree.place(at).key, f"{key} is missing", _ADD.get(key, f"add {key}"))
    else:
        in_key = error["loc"][-1:] == ("[key]",)
        place = tree.place(at).key if in_key else tree.at(at)
        yield _problem(at, place, *_said(error, at[-1] if in_key and at else tree.value(at)))


def _problem(path: Path, at: tuple[int, int], message: str, remedy: str) -> Problem:
    return Problem(line=at[0], column=at[1], where=dotted(path), message=message, remedy=remedy)


def _unknown(key: str, known: list[str]) -> tuple[str, str]:
    word, colon, _ = key.partition(":")
    if colon:
        return "a space is missing after the colon", f"write {named(word).strip(chr(39))}: and the value after a space"
    return ("a key is unknown" if secretive(key) else f"unknown key {named(key)}"), meant(key, known, "take it out")


def _said(error: ErrorDetails, value: object) -> tuple[str, str]:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "syncd":
        return context["message"], context["remedy"]
    shown = f"got {got(value)}"
    if kind == "literal_error":
        return shown, _choice(value, str(context["expected"]))
    if kind == "string_type" and isinstance(value, int | float):
        return shown, "put it in quotes, so that it is a text"
    if kind == "string_pattern_mismatch":
        return shown, _ADDRESS_FORM if "/" in str(context["pattern"]) else _NAME_FORM
    form = _FORMS.get(kind.partition("_")[0]) if kind.endswith("_type") else None
    return shown, form or _bound(kind, context) or error["msg"]


def _choice(value: object, expected: str) -> str:
    words = expected.replace("'", "").replace(" or ", ", ").split(", ")
    return meant(value, words, "") if isinstance(value, str) else f"write one of {', '.join(words)}"


def _bound(kind: str, context: dict[str, Any]) -> str | None:
    match kind:
        case "greater_than_equal":
            return f"write {context['ge']} or more"
        case "less_than_equal":
            return f"write {context['le']} or less"
        case "too_long":
            return f"{context['max_length']} entries are the most"
        case "too_short" | "string_too_short":
            return "write at least one" if kind == "too_short" else "write something, or take the key out"
        case "string_too_long":
            return f"{context['max_length']} characters are the most"
    return None
