"""The comments of one issue, all of them or an error, as Cloud (ADF) and Data Center (wiki markup) tell them.

Called by ``read``, and by ``saying`` for what was said lately. A page that is short or a total that moves means that
somebody wrote or deleted meanwhile: then all is read again. It sends nothing but GET and makes no sense of the words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from connectors.errors import DeniedError, MalformedError, MissingError, PermanentError, TemporaryError
from connectors.jira import adf_lines, wiki_lines
from connectors.jira.parse import account, identity, mapping, sequence, text, time
from mapping.item import Account
from mapping.talk import LONGEST, Comment, Talk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from connectors.jira.client import Client

    Raw = Mapping[str, object]

PAGE = 100
"""What Cloud gives at most; Data Center gives as much as it is asked for."""

_MOST = 5000
_MOST_RUNS = 3
_MOST_NAMES = 50
"""Persons of whom one reading asks, where a Data Center mentions them by their login names."""


class People:
    """Account ids by login name: a Data Center's markup mentions a person by the name, and accounts are known by their
    key. What was learnt is kept; whom nobody knows keeps the name.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._keys: dict[str, str] = {}
        self._asked = 0

    def forget(self) -> None:
        self._keys.clear()

    def learn(self, rows: list[Raw]) -> None:
        """Who wrote here is known without asking."""
        self._asked = 0
        for row in rows:
            for role in ("author", "updateAuthor"):
                user = mapping(row.get(role))
                name, key = text(user.get("name")), identity(user.get("key"))
                if name and key:
                    self._keys[name.casefold()] = key

    def account(self, name: str) -> str:
        if self._client.cloud:
            return name
        known = self._keys.get(name.casefold())
        if known is None and self._asked < _MOST_NAMES:
            self._asked += 1
            known = self._keys[name.casefold()] = self._key(name)
        return known or name

    def _key(self, name: str) -> str:
        try:
            user = mapping(self._client.get("user", username=name))
        except (MissingError, DeniedError):
            return name
        return identity(user.get("key")) or name


def read(client: Client, people: People, key: str) -> Talk:
    """Raises MissingError; PermanentError where there is more than is read; TemporaryError where it never stands still;
    MalformedError where Jira does not tell all.
    """
    of_issue = f"issue/{quote(key, safe='')}"
    raw = mapping(client.get(of_issue, fields="updated"))
    number, now_key = identity(raw.get("id")), text(raw.get("key"))
    if not number or not now_key:
        raise MalformedError(client.name, f"what Jira tells of {key} is no issue", "is url right?")
    rows = _all(client, f"issue/{number}/comment", now_key)
    people.learn(rows)
    at = f"{client.browse}/browse/{quote(now_key, safe='')}"
    found = (comment(row, client.name, at, people.account) for row in rows)
    whole = [_checked(client, told, now_key) for told in found]
    whole.sort(key=lambda one: (one.at, len(one.id), one.id))
    return Talk(issue=number, comments=tuple(whole))


def comment(raw: object, tracker: str, at: str, account_of: Callable[[str], str]) -> Comment | None:
    """One comment of the API; None for what has no id or no time. Who cannot be told is an account without an id."""
    row = mapping(raw)
    number = identity(row.get("id"))
    made, changed = time(row.get("created")), time(row.get("updated"))
    if not number or not (made or changed):
        return None
    when = made or changed
    assert when is not None  # noqa: S101  # one of them is, as was just looked at
    edited = changed if made and changed != made else None
    return Comment(
        id=number,
        by=account(row.get("author"), tracker) or Account(tracker=tracker, id="", name=_nobody(row.get("author"))),
        at=when,
        lines=lines(row.get("body"), account_of),
        edited_at=edited,
        edited_by=account(row.get("updateAuthor"), tracker) if edited else None,
        url=f"{at}?focusedCommentId={quote(number, safe='')}",
    )


def lines(body: object, account_of: Callable[[str], str]) -> tuple[str, ...]:
    """What a body says, in whichever of the two dialects it is written."""
    told = wiki_lines.lines(body, account_of) if isinstance(body, str) else adf_lines.lines(body)
    return tuple(line.replace("\0", "\ufffd").encode("utf-8", "replace").decode() for line in told)


def lately(client: Client, number: str) -> Iterator[Raw]:
    """The comments of an issue with their properties, where Jira tells these, the newest first. Whoever looks for what
    was just said stops where it gets too old.
    """
    start = 0
    while start < _MOST:
        asked = {"startAt": start, "maxResults": PAGE, "orderBy": "-created", "expand": "properties"}
        page = client.get(f"issue/{number}/comment", **asked)
        rows, total = _rows(client, page), mapping(page).get("total")
        yield from rows
        start += len(rows)
        if not rows or (isinstance(total, int) and start >= total):
            return


def _all(client: Client, resource: str, key: str) -> list[Raw]:
    for _ in range(_MOST_RUNS):
        rows = _run(client, resource, key)
        if rows is not None:
            return rows
    said = f"the comments of {key} change faster than they can be read"
    raise TemporaryError(client.name, said, "the next pass tries again")


def _run(client: Client, resource: str, key: str) -> list[Raw] | None:
    """One run over the pages, which overlap by a row; None when rows moved under it: then there are more or fewer than
    Jira counts.
    """
    found: dict[str, Raw] = {}
    start, total = 0, None
    while True:
        page = client.get(resource, startAt=start, maxResults=PAGE, orderBy="created")
        rows, told = _rows(client, page), mapping(page).get("total")
        if not isinstance(told, int):
            raise MalformedError(client.name, f"Jira does not tell how many comments {key} has", "try again")
        if told > _MOST:
            said = f"{key} has {told} comments, and no more than {_MOST} are read"
            raise PermanentError(client.name, said, "delete old ones")
        numbers = [identity(row.get("id")) for row in rows]
        if "" in numbers:
            raise MalformedError(client.name, f"a comment of {key} has no id", "try again")
        if total not in {None, told}:
            return None
        before = len(found)
        found.update(zip(numbers, rows, strict=True))
        if start + len(rows) >= told:
            return list(found.values()) if len(found) == told else None
        if len(found) == before:
            return None
        start, total = start + len(rows) - 1, told


def _rows(client: Client, page: object) -> list[Raw]:
    listed = mapping(page).get("comments")
    if not isinstance(listed, list):
        raise MalformedError(client.name, "Jira answered without a list of comments", "is url right?")
    return [mapping(row) for row in sequence(listed)]


def _checked(client: Client, told: Comment | None, key: str) -> Comment:
    if told is None:
        raise MalformedError(client.name, f"Jira does not tell when a comment of {key} was written", "try again")
    if sum(map(len, told.lines)) > LONGEST:
        said = f"a comment of {key} by {told.by.name} is longer than {LONGEST} characters"
        raise PermanentError(client.name, said, f"shorten or delete it: {told.url}")
    return told


def _nobody(author: object) -> str:
    return text(mapping(author).get("displayName")) or "somebody whom Jira does not name"
