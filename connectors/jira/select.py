"""Queries → JQL. Pure: it decides what to ask; ``read`` asks. It must not send anything.

Every value is quoted here and nowhere else, so that no name in a file or in Jira can end its own clause.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.base import Convention
from connectors.errors import PermanentError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from connectors.base import Query

SELECTOR_KEYS = frozenset({"jql", "project", "fix_version", "epic", "label", "component", "type"})
_FIELDS = {
    "project": "project",
    "fix_version": "fixVersion",
    "label": "labels",
    "component": "component",
    "type": "issuetype",
}
_TOKEN = re.compile(
    r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|["'()]|\border\s+by\b|[^"'()\s]+|\s+""", re.IGNORECASE | re.DOTALL
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way into a query: whatever ``jql`` matches, or what is below ``roots`` (issue keys or ids) at any depth and
    fits ``narrow``. ``how`` says it to people. ``rests_on`` is what the project must have for it and may lose: "fix
    version", "epic".

    ``terms`` says the same in terms that an issue's own fields can answer, each with the values of which one must fit;
    ``raw``: there is a person's JQL beside them, which only the server understands.
    """

    how: str
    jql: str = ""
    roots: tuple[str, ...] = ()
    narrow: str = ""
    rests_on: str = ""
    terms: tuple[tuple[str, tuple[str, ...]], ...] = ()
    raw: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """What a convention needs to know of its project. ``epic_types`` are ids of issue types above the standard ones,
    ``epic_name`` and ``epic_link`` the fields of a Data Center that make an issue an epic and name an issue's epic.
    """

    key: str
    versions: frozenset[str]
    epic_types: tuple[str, ...]
    epic_name: str = ""
    epic_link: str = ""


def quoted(value: object) -> str:
    """A value as JQL's string: backslash and quote escaped, line breaks and tabs written as such."""
    plain = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + plain.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + '"'


def one_of(field: str, values: Iterable[object]) -> str:
    return f"{field} in ({', '.join(quoted(value) for value in values)})"


def numbered(field: str, ids: Iterable[str]) -> str:
    """``field in (10001, 10002)``; only ids of digits are let through, for these are not quoted."""
    return f"{field} in ({', '.join(each for each in ids if each.isascii() and each.isdigit())})"


def issues(field: str, values: Iterable[str]) -> str:
    """``field in (10001, "HOME-1")``: ids are numbers and keys are strings, and Jira takes neither for the other."""
    return f"{field} in ({', '.join(each if each.isascii() and each.isdigit() else quoted(each) for each in values)})"


def custom(field: str) -> str:
    """``customfield_10014`` as JQL names it whatever the field is called."""
    return f"cf[{field.removeprefix('customfield_')}]"


def wrapped(source: str, jql: str) -> str:
    """A person's JQL, fit to be narrowed: in parentheses, without its own ORDER BY. Raises PermanentError."""
    kept, depth = [], 0
    for token in _TOKEN.findall(jql):
        if token[:5].casefold() == "order" and depth == 0 and len(token) > len("order"):
            break
        depth += {"(": 1, ")": -1}.get(token, 0)
        if token in {'"', "'"} or depth < 0:
            break
        kept.append(token)
    else:
        token = ""
    body = "".join(kept).strip()
    if depth or token in {'"', "'"} or not body:
        why = "is empty" if not body else "has a quote or a parenthesis without its partner"
        raise PermanentError(source, f"the JQL {quoted(jql[:200])} {why}", "correct it in the file")
    return f"({body})"


def of_selector(source: str, terms: Mapping[str, Any]) -> Way:
    """The way of one selector; several terms narrow. Raises PermanentError for a term that Jira has not."""
    parts = []
    for term, value in terms.items():
        if term == "jql":
            parts.append(wrapped(source, str(value)))
        elif term in _FIELDS:
            parts.append(_clause(_FIELDS[term], value))
        elif term != "epic":
            raise PermanentError(
                source, f"a Jira selector has no {term!r}", f"it has {', '.join(sorted(SELECTOR_KEYS))}"
            )
    how = ", ".join(f"{term.replace('_', ' ')} = {_shown(value)}" for term, value in terms.items())
    narrow = " AND ".join(parts)
    plain = tuple((term, _texts(value)) for term, value in terms.items() if term in _FIELDS)
    if "epic" in terms:
        return Way(how=how, roots=_texts(terms["epic"]), narrow=narrow, terms=plain, raw="jql" in terms)
    if not parts:
        raise PermanentError(source, "a Jira selector without any term would match everything", "name a project")
    return Way(how=how, jql=narrow, terms=plain, raw="jql" in terms)


def keys_of(query: Query) -> frozenset[str]:
    """The issues that a query names by their keys."""
    named = (query.launch_key or "",) if isinstance(query, Convention) else _texts(query.terms.get("epic", ()))
    return frozenset(word for word in named if word and not word.isdigit())


def of_convention(convention: Convention, project: Project, epics: tuple[str, ...]) -> tuple[Way, ...]:
    """The ways by which something in a project carries a release. An unknown fix version is left out: JQL that names
    one is refused as a whole. Data Center keeps an epic's children in a field of their own.
    """
    here = f"project = {quoted(project.key)}"
    at = ("project", (project.key,))
    name, key = convention.release_name, convention.launch_key
    ways = []
    if name.casefold() in project.versions:
        jql = f"{here} AND fixVersion = {quoted(name)}"
        terms = (at, ("fix_version", (name,)))
        ways.append(Way(how=f"fix version = {name}", jql=jql, rests_on="fix version", terms=terms))
    labels = _labels(convention)
    if labels:
        jql = f"{here} AND {one_of('labels', labels)}"
        ways.append(Way(how=f"label = {' or '.join(labels)}", jql=jql, terms=(at, ("label", labels))))
    if epics:
        how = f"under an epic named {name}"
        ways.append(Way(how=how, roots=epics, narrow=here, rests_on="epic", terms=(at,)))
    if key:
        child = _child_of(key, project.epic_link)
        ways.append(Way(how=f"child of {key}", jql=f"{here} AND {child}", terms=(at, ("child_of", (key,)))))
        linked = f"{here} AND issue in linkedIssues({quoted(key)})"
        ways.append(Way(how=f"linked to {key}", jql=linked, terms=(at, ("linked_to", (key,)))))
    return tuple(ways)


def anywhere(convention: Convention, epic_link: str) -> tuple[str, str]:
    """JQL for what carries a release in any project, and the same without the fix version, "" for nothing: where no
    project has that version, Jira refuses the first.
    """
    name, key = convention.release_name, convention.launch_key
    parts = [one_of("labels", labels)] if (labels := _labels(convention)) else []
    if key:
        parts += [_child_of(key, epic_link), f"issue in linkedIssues({quoted(key)})"]
    return " OR ".join([*parts, f"fixVersion = {quoted(name)}"]), " OR ".join(parts)


def epics_named(name: str, project: Project) -> str:
    """JQL for epics whose summary holds this phrase; the caller keeps those that are exactly so named. "" for none."""
    kinds = [numbered("issuetype", project.epic_types)] if project.epic_types else []
    kinds += [f"{custom(project.epic_name)} is not EMPTY"] if project.epic_name else []
    if not kinds or not name.strip():
        return ""
    kind = f"({' OR '.join(kinds)})" if len(kinds) > 1 else kinds[0]
    phrase = name.replace("\\", "\\\\").replace('"', '\\"')
    return f"{kind} AND summary ~ {quoted(chr(34) + phrase + chr(34))}"


def joined(ways: Iterable[Way]) -> tuple[Way, ...]:
    """Ways that ask the same kind of question put into one question each: fewer requests, the same members."""
    ways = tuple(ways)
    plain = [way.jql for way in ways if way.jql]
    below: dict[str, list[str]] = {}
    for way in ways:
        if way.roots:
            below.setdefault(way.narrow, []).extend(way.roots)
    merged = [Way(how="", jql=" OR ".join(f"({jql})" for jql in plain))] if plain else []
    return (
        *merged,
        *(Way(how="", roots=tuple(dict.fromkeys(roots)), narrow=narrow) for narrow, roots in below.items()),
    )


def _labels(convention: Convention) -> tuple[str, ...]:
    """A label holds no space."""
    names = {convention.release_id, convention.release_name}
    return tuple(sorted(label for label in names if label and not re.search(r"\s", label)))


def _child_of(key: str, epic_link: str) -> str:
    child = f"parent = {quoted(key)}"
    return f"({issues(custom(epic_link), [key])} OR {child})" if epic_link else child


def _clause(field: str, value: object) -> str:
    values = _several(value)
    return f"{field} = {quoted(values[0])}" if len(values) == 1 else one_of(field, values)


def _several(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple | set | frozenset) else [value]


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(each) for each in _several(value))


def _shown(value: object) -> str:
    return " or ".join(str(each) for each in _several(value))
