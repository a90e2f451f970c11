"""What syncd says on the summary issue, and whether an earlier try has said it already.

Called by ``write``, by one writer for all that it says. Posts through ``pen``, reads through its client. Jira has no
name for a comment that its author may choose; so the name travels as a property, and where Jira does not tell
properties, the words are compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from connectors.errors import DeniedError, FullError, MissingError, PermanentError
from connectors.jira import adf, talk, wiki
from connectors.jira.parse import account, mapping, sequence, text, time
from mapping.document import Mention

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from connectors.jira.client import Client
    from connectors.jira.pen import Pen
    from connectors.jira.talk import Raw
    from mapping.document import Line

PROPERTY = "syncd"
"""The comment property that holds its name."""

_SLACK = timedelta(minutes=5)
"""How much earlier than by its age a try may be dated where only its words tell it."""
_FAR = timedelta(days=1)
"""The same where its name does: whose clock told the age may be wrong by hours, and no two comments have one name."""


@dataclass(frozen=True, slots=True)
class _Said:
    """One comment of ours. ``made`` is None where it was just posted, ``names`` are empty where Jira does not tell."""

    made: datetime | None
    names: frozenset[str]
    letters: str


class Voice:
    """Says things on the pen's own issue. What stands there is read once for a run of them, and again once a comment
    did not surely get through.
    """

    def __init__(self, pen: Pen) -> None:
        self._pen = pen
        self._said: list[_Said] = []
        self._since: datetime | None = None
        self._login = cache(partial(_login, pen.client))

    def say(self, lines: Sequence[Line], name: str, tried: timedelta | None) -> None:
        """Posts the lines, unless an earlier try got through, so long ago."""
        body = self._body(lines)
        if tried is not None and self._stands(body, name, tried):
            return
        known, self._since = self._since, None
        _post(self._pen, body, name)
        self._said.append(_Said(None, frozenset({name}), _letters(body)))
        self._since = known

    def _body(self, lines: Sequence[Line]) -> Any:  # noqa: ANN401  # ADF is a tree, wiki markup a string
        self._pen.client.open()
        if self._pen.client.cloud:
            return adf.spoken(lines)
        mentioned = {span.account for line in lines for span in line if isinstance(span, Mention) and span.account}
        return wiki.spoken(lines, {each: self._login(each) for each in sorted(mentioned)})

    def _stands(self, body: object, name: str, tried: timedelta) -> bool:
        now = self._pen.client.now or self._pen.client.identify().now
        since, far = now - tried - _SLACK, now - tried - _FAR
        if self._since is None or far < self._since:
            self._said, self._since = list(_ours(self._pen, far)), far
        letters = _letters(body)
        if any(name in said.names for said in self._said):
            return True
        late = (said for said in self._said if said.made is None or said.made >= since)
        return any(said.letters == letters for said in late if not said.names)


def _post(pen: Pen, body: object, name: str) -> None:
    try:
        pen.comment(body, {PROPERTY: {"name": name}})
    except (DeniedError, FullError, MissingError):
        raise
    except PermanentError as error:
        if "propert" not in error.message.lower():
            raise
        pen.comment(body, {})


def _login(client: Client, key: str) -> str:
    """By which a Data Center mentions the account with this key; "" where it tells nobody."""
    try:
        return text(mapping(client.get("user", key=key)).get("name"))
    except (DeniedError, MissingError):
        return ""


def _ours(pen: Pen, since: datetime) -> Iterator[_Said]:
    """What we said there since then."""
    us = pen.client.identify().account.id
    for row in talk.lately(pen.client, pen.own):
        made = time(row.get("created"))
        if made is not None and made < since:
            return
        author = account(row.get("author"), pen.name)
        if author is not None and author.id == us:
            yield _Said(made, frozenset(_names(row)), _letters(row.get("body")))


def _names(row: Raw) -> Iterator[str]:
    told = [mapping(each) for each in sequence(row.get("properties"))]
    return (text(mapping(each.get("value")).get("name")) for each in told if each.get("key") == PROPERTY)


def _letters(body: object) -> str:
    return "".join(filter(str.isalnum, "".join(talk.lines(body, str))))
