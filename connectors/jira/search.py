"""Reads lists of issues whole, or says that they are not: paging with its guards, bulk reads, matching.

Called by ``read`` and ``write``. Cloud pages by tokens and gives ids only, the contents follow in bulk; Data Center
pages by offsets and gives the contents at once (trackers.md §1.1, §1.3, §2). It parses nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from connectors.errors import MalformedError, MissingError, PermanentError, TemporaryError
from connectors.jira.client import RefusedError
from connectors.jira.parse import FIELDS, identity, mapping, sequence, text
from connectors.jira.select import custom, issues, numbered

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from connectors.errors import TrackerError
    from connectors.jira.client import Client

_ID_PAGE = 5000
_CONTENT_PAGE = 1000
BULK = 100
_FEWER = 10
_IDS_IN_JQL = 500
_MOST_ROWS = 1_000_000
_DEEPEST = 200
_MOST_RESTARTS = 3

_WORD = re.compile(r"[\w-]+")

Rows = dict[str, Any]
"""Issues by id as the wire shows them."""


def find(client: Client, jql: str) -> list[str]:
    """The id of every issue that this JQL matches, in the order of their keys. Raises MalformedError when the answer
    is not whole.
    """
    client.open()
    return list(_by_token(client, jql, ["id"]) if client.cloud else _by_offset(client, jql, ["id"]))


def stamped(client: Client, jql: str) -> dict[str, str]:
    """The same ids, each with the time of its last update as Jira writes it, "" where it does not say."""
    return {number: text(told) for number, told in held(client, jql, "updated").items()}


def held(client: Client, jql: str, field: str) -> dict[str, object]:
    """The same ids, each with what it holds in this field."""
    client.open()
    read = _by_token if client.cloud else _by_offset
    return {
        number: mapping(mapping(row).get("fields")).get(field) for number, row in read(client, jql, [field]).items()
    }


def look_up(client: Client, ids: Iterable[str], fields: Sequence[str] = FIELDS) -> Rows:
    """Issues by id or present key, with these fields; those that are not found, or may not be seen, are absent.

    Raises TemporaryError where Jira names issues and does not hand them over: these are not absent.
    """
    client.open()
    asked = dict.fromkeys(sorted(ids, key=lambda each: (len(each), each)))  # the same question for the same ids
    found: Rows = {}
    for some in chunks(list(asked), BULK if client.cloud else _IDS_IN_JQL):
        if client.cloud:
            found.update(_fetched(client, some, fields))
        else:
            found.update(_present(client, some, fields))
    return {number: raw for number, raw in found.items() if number in asked or text(mapping(raw).get("key")) in asked}


def matches(
    client: Client, jqls: Sequence[str], ids: Sequence[str], *, taken: Collection[str] = ()
) -> list[frozenset[str] | TrackerError]:
    """For each JQL which of the ids it matches now, or why that cannot be told; on Cloud in one request.

    ``taken``: queries that Data Center need not be asked by themselves, for it took them before.
    """
    client.open()
    numbers = [each for each in ids if each.isascii() and each.isdigit()]
    if not jqls or not numbers:
        return [frozenset() for _ in jqls]
    if client.cloud:
        return _matched_by_server(client, jqls, numbers)
    return [_matched_by_search(client, jql, numbers, is_taken=jql in taken) for jql in jqls]


def below(client: Client, roots: Sequence[str], epic_link: str, epics: Sequence[str] | None = None) -> set[str]:
    """What stands below these issues at any depth, the roots left out: level by level, each id once.

    Data Center knows the children of an epic by its field ``epic_link`` only ("": there is none), and by ``parent``
    those of everything else; ``epics`` are the roots that may be one, None for all.
    """
    client.open()
    found: set[str] = set()
    level, linked = list(roots), set((roots if epics is None else epics) if epic_link else ())
    for _ in range(_DEEPEST):
        children: set[str] = set()
        for some in chunks(level, _IDS_IN_JQL):
            jql, of_epics = issues("parent", some), [each for each in some if each in linked]
            jql = f"{issues(custom(epic_link), of_epics)} OR {jql}" if of_epics else jql
            children.update(find(client, jql))
        children -= found
        if not children:
            return found.difference(roots)
        found |= children
        level, linked = sorted(children), set()
    raise MalformedError(client.name, f"no end below {', '.join(roots)}", "is an issue its own parent?")


def chunks(values: Sequence[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(values), size):
        yield list(values[start : start + size])


def _by_token(client: Client, jql: str, fields: Sequence[str]) -> Rows:
    found: Rows = {}
    seen: set[str] = set()
    token = None
    while len(found) <= _MOST_ROWS:
        body: dict[str, object] = {"jql": f"{jql} ORDER BY key ASC", "maxResults": _ID_PAGE, "fields": list(fields)}
        page = client.ask("search/jql", body | ({"nextPageToken": token} if token else {}))
        rows = _keyed(client, page)
        _refuse_warnings(client, page.get("warnings"))
        is_new = not rows.keys() <= found.keys()
        found.update(rows if fields != ["id"] else dict.fromkeys(rows))
        token = page.get("nextPageToken")
        if not token:
            if page.get("isLast") is False:
                raise _incomplete(client, "it goes on, and Jira does not say where")
            return found
        if not isinstance(token, str) or token in seen or not is_new:
            raise _incomplete(client, "its pages repeat themselves or are empty before the last")
        seen.add(token)
    raise _endless(client)


def _fetched(client: Client, ids: list[str], fields: Sequence[str]) -> Rows:
    """Cloud: those of the ids that there are. Of an issue that there is, and that it cannot hand over ("a retriable
    error or payload constraint"), Jira tells an error; smaller batches may get it.
    """
    found, is_whole = _bulk(client, ids, fields)
    if is_whole:
        return found
    lost: list[str] = []
    for some in chunks(_absent(ids, found), _FEWER):
        rows, is_whole = _bulk(client, some, fields)
        found |= rows
        lost += [] if is_whole else _absent(some, rows)
    if lost:
        said = f"Jira does not hand over {len(lost)} of {len(ids)} issues that it was asked for ({lost[0]})"
        raise TemporaryError(client.name, said, "the next pass asks again")
    return found


def _bulk(client: Client, ids: list[str], fields: Sequence[str]) -> tuple[Rows, bool]:
    """(issues, whether no error was told beside them)."""
    try:
        told = client.ask("issue/bulkfetch", {"issueIdsOrKeys": ids, "fields": list(fields)})
    except MissingError as error:
        said = "this Jira is too old: it does not know issue/bulkfetch"
        raise PermanentError(client.name, said, "see docs/trackers.md for what syncd needs") from error
    return _keyed(client, told), mapping(told).get("issueErrors") in (None, [])


def _absent(ids: Iterable[str], rows: Rows) -> list[str]:
    keys = {text(mapping(raw).get("key")) for raw in rows.values()}
    return [each for each in ids if each not in rows and each not in keys]


def _present(client: Client, ids: list[str], fields: Sequence[str]) -> Rows:
    """Data Center: those of the ids that there are. Where unchecked JQL is refused too because one of them is gone,
    the halves are asked, so that the others are found. A refusal that does not name the one id says nothing of it.
    """
    try:
        return _by_offset(client, issues("issue", ids), fields, ids)
    except RefusedError as refusal:
        half = len(ids) // 2
        if half:
            return {**_present(client, ids[:half], fields), **_present(client, ids[half:], fields)}
        if ids[0] not in refusal.message.partition(": ")[2]:
            raise
        return {}


def _by_offset(client: Client, jql: str, fields: Sequence[str], among: Collection[str] | None = None) -> Rows:
    """The issues with these fields; None for each of them where only the id was asked for.

    ``among``: the ids and keys that the JQL names, of which some may be gone. Checked, it would be refused for them.
    """
    for _ in range(_MOST_RESTARTS):
        found = _offset_run(client, jql, fields, among)
        if found is not None:
            return found
    raise TemporaryError(
        client.name, "the list of issues changes faster than it can be read", "the next pass tries again"
    )


def _offset_run(client: Client, jql: str, fields: Sequence[str], among: Collection[str] | None) -> Rows | None:
    """One run over the pages, which overlap by a row; None when rows moved under it."""
    found: Rows = {}
    start, total, last = 0, None, ""
    while start <= _MOST_ROWS:
        body = {
            "jql": f"{jql} ORDER BY key ASC",
            "startAt": start,
            "maxResults": _CONTENT_PAGE,
            "fields": list(fields),
            "validateQuery": among is None,
        }
        page = client.ask("search", body)
        rows, told = _keyed(client, page), page.get("total")
        _refuse_warnings(client, page.get("warningMessages"), among or ())
        if not isinstance(told, int) or (not rows and told > start):
            raise _incomplete(client, "a page is empty before the last")
        if total not in {None, told} or (last and last != next(iter(rows), "")):
            return None
        found.update(rows if fields != ["id"] else dict.fromkeys(rows))
        if start + len(rows) >= told:
            return found if len(found) == told else None
        overlap = 1 if len(rows) > 1 else 0
        last = next(reversed(rows)) if overlap else ""
        start, total = start + len(rows) - overlap, told
    raise _endless(client)


def _matched_by_server(
    client: Client, jqls: Sequence[str], numbers: Sequence[str]
) -> list[frozenset[str] | TrackerError]:
    found: list[set[str]] = [set() for _ in jqls]
    problems: list[TrackerError | None] = [None for _ in jqls]
    for some in chunks(numbers, _CONTENT_PAGE):
        body = {"issueIds": [int(each) for each in some], "jqls": list(jqls)}
        told = sequence(mapping(client.ask("jql/match", body)).get("matches"))
        if len(told) != len(jqls):
            raise MalformedError(client.name, "Jira answered another number of queries than it was asked", "try again")
        for place, match in enumerate(told):
            answer = _matched(client, match)
            if isinstance(answer, PermanentError):
                problems[place] = answer
            else:
                found[place] |= answer & set(some)
    return [problem or frozenset(ids) for problem, ids in zip(problems, found, strict=True)]


def _matched(client: Client, match: object) -> frozenset[str] | PermanentError:
    """What one query of ``jql/match`` matched, or its refusal. Raises MalformedError for what says neither: that is
    not "nothing".
    """
    errors, listed = mapping(match).get("errors"), mapping(match).get("matchedIssues")
    errors = [] if errors is None else errors
    if isinstance(errors, list) and errors:
        words = " ".join(text(word) for word in errors).strip()[:300] or "without a word"
        return PermanentError(client.name, f"Jira refuses a query: {words}", "correct the selector")
    ids = frozenset(identity(each) for each in sequence(listed))
    if not isinstance(errors, list) or not isinstance(listed, list) or "" in ids:
        raise MalformedError(client.name, "Jira does not say which issues a query matches", "try again")
    return ids


def _matched_by_search(
    client: Client, jql: str, numbers: Sequence[str], *, is_taken: bool
) -> frozenset[str] | TrackerError:
    """Beside ids that may be gone the query cannot be checked, and unchecked a word that Jira does not know finds
    nothing; so it is first asked by itself.
    """
    try:
        if not is_taken:
            _check(client, jql)
        found: set[str] = set()
        for some in chunks(numbers, _IDS_IN_JQL):
            narrowed = f"({jql}) AND {numbered('id', some)}"
            found |= set(_by_offset(client, narrowed, ["id"], some)) & set(some)
        return frozenset(found)
    except (RefusedError, MalformedError) as error:
        return error


def _check(client: Client, jql: str) -> None:
    """Raises RefusedError for a query that Data Center does not understand."""
    page = client.ask("search", {"jql": jql, "startAt": 0, "maxResults": 0, "fields": ["id"], "validateQuery": True})
    _keyed(client, page)
    _refuse_warnings(client, page.get("warningMessages"))


def _keyed(client: Client, page: object) -> Rows:
    """The issues of a page by id; a page or an issue in another shape is no page at all."""
    listed = mapping(page).get("issues")
    if not isinstance(listed, list):
        raise MalformedError(client.name, "Jira answered a search without a list of issues", "is url right?")
    rows = {identity(mapping(issue).get("id")): issue for issue in listed}
    if "" in rows:
        raise _incomplete(client, "an issue has no id")
    return rows


def _refuse_warnings(client: Client, warnings: object, gone: Collection[str] = ()) -> None:
    """Jira warns when a clause had too many arguments, the result was cut or a word means nothing to it (trackers.md
    §1.1). That one of the issues that were asked for is not there is no warning to us.
    """
    if warnings in (None, []):
        return
    for warning in warnings if isinstance(warnings, list) else [warnings]:
        told = mapping(warning)
        words = next((text(told.get(name)) for name in ("message", "text", "type") if text(told.get(name))), "")
        words = words or text(warning)
        if not any(word in gone for word in _WORD.findall(words)):
            raise _incomplete(client, f"Jira warns: {words[:300] or 'without a word'}")


def _endless(client: Client) -> MalformedError:
    return _incomplete(client, f"it has more than {_MOST_ROWS} issues, or none of its pages is the last")


def _incomplete(client: Client, why: str) -> MalformedError:
    return MalformedError(client.name, f"the list of issues is not whole: {why}", "narrow the selector, or try again")
